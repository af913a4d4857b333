package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"

	"letterlock/messenger/account"
	"letterlock/messenger/gateway"
	"letterlock/messenger/mailbox"
	"letterlock/storage"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func TestAnEnvelopeForWhoIsAwayWaits(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w := newWorld(t, db)
		ann, bob := w.join(number(1)), w.join(number(2))
		a, _, _ := ann.connect()
		for i := range 10 {
			a.send(uint64(i), bob, fmt.Sprintf("letter %d", i))
			if f, ok := a.answer().(wire.Sent); !ok || f.Ref != uint64(i) {
				t.Fatalf("answer %v", f)
			}
		}
		b, got, seqs := bob.connect()
		if len(got) != 10 {
			t.Fatalf("%d letters waited, want 10", len(got))
		}
		for i, l := range got {
			if string(l.Body) != fmt.Sprintf("letter %d", i) || l.From != ann.addr {
				t.Fatalf("letter %d is %q from %v", i, l.Body, l.From)
			}
		}
		b.write(wire.Ack{Seqs: seqs})
		a.send(99, bob, "now")
		if l, seq, _ := b.letter(b.next()); string(l.Body) != "now" {
			t.Fatalf("then came %q", l.Body)
		} else {
			b.write(wire.Ack{Seqs: []uint64{seq}})
		}
		if _, ok := a.answer().(wire.Sent); !ok {
			t.Fatal("not sent")
		}
	})
}

func TestASocketThatBreaksTheRulesIsToldWhy(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann := w.join(number(1))
	good, _ := wire.AppendFrame(nil, wire.Ack{Seqs: []uint64{1}})
	hello, _ := wire.AppendFrame(nil, wire.Hello{Time: 1})
	for name, c := range map[string]struct {
		kind websocket.MessageType
		body []byte
		say  string
	}{
		"another version": {websocket.MessageBinary, append([]byte{9}, good[1:]...), "version"},
		"cut short":       {websocket.MessageBinary, good[:len(good)-1], "cannot be read"},
		"empty":           {websocket.MessageBinary, nil, "cannot be read"},
		"the server's":    {websocket.MessageBinary, hello, "does not go to the server"},
		"text":            {websocket.MessageText, good, "binary"},
		"too long":        {websocket.MessageBinary, make([]byte, wire.MaxFrame+1), "over the limit"},
	} {
		l, _, _ := ann.connect()
		l.ws.Write(context.Background(), c.kind, c.body)
		f, ok := l.next().(wire.Goodbye)
		if !ok || !strings.Contains(f.Say, c.say) {
			t.Errorf("%s: told %v", name, f)
		}
		if _, err := l.read(); err == nil {
			t.Errorf("%s: the socket stayed open", name)
		}
	}
	l, _, _ := ann.connect()
	l.send(1, ann, "still here")
	if got, _, ok := l.letter(l.next()); !ok || string(got.Body) != "still here" {
		t.Fatalf("afterwards: %v", got)
	}
}

func TestTheLargestEnvelopePassesAndALargerOneIsRefused(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann, bob := w.join(number(1)), w.join(number(2))
	a, _, _ := ann.connect()
	big := strings.Repeat("b", wire.MaxEnvelope)
	a.send(1, bob, big)
	if f, ok := a.answer().(wire.Sent); !ok {
		t.Fatalf("256 KiB: %v", f)
	}
	a.send(2, bob, big+"b")
	if f, ok := a.answer().(wire.Refused); !ok || f.Code != wire.CodeTooLarge {
		t.Fatalf("one byte more: %v", f)
	}
	if _, got, _ := bob.connect(); len(got) != 1 || string(got[0].Body) != big {
		t.Fatalf("%d letters came", len(got))
	}
}

func TestOverTLSEverySizePasses(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	w.stop()
	w.tls = true
	w.start()
	ann, bob := w.join(number(1)), w.join(number(2))
	a, _, _ := ann.connect()
	b, _, _ := bob.connect()
	for i, size := range []int{1, 100, 1 << 10, 16 << 10, 17 << 10, 100_000, wire.MaxEnvelope} {
		body := strings.Repeat("t", size)
		a.send(uint64(i), bob, body)
		l, seq, ok := b.letter(b.next())
		if !ok || string(l.Body) != body {
			t.Fatalf("%d bytes came as %d", size, len(l.Body))
		}
		b.write(wire.Ack{Seqs: []uint64{seq}})
		if f, ok := a.answer().(wire.Sent); !ok {
			t.Fatalf("%d bytes: %v", size, f)
		}
	}
}

// TestPartsOfAMessage: RFC 6455 lets a client cut a message and put a ping
// between the parts.
func TestPartsOfAMessage(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann := w.join(number(1))
	c := ann.cheap(t)
	frame := must(wire.AppendFrame(nil, wire.Send{Ref: 5, To: ann.addr, Kind: wire.KindMessage, Body: []byte("in three parts")}))
	var out bytes.Buffer
	part := func(op ws.OpCode, fin bool, b []byte) {
		ws.WriteHeader(&out, ws.Header{Fin: fin, OpCode: op, Masked: true, Length: int64(len(b))})
		out.Write(b)
	}
	part(ws.OpBinary, false, frame[:5])
	part(ws.OpPing, true, []byte("?"))
	part(ws.OpContinuation, false, nil)
	part(ws.OpContinuation, true, frame[5:])
	for _, b := range out.Bytes() { // and byte by byte
		if _, err := c.nc.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	c.take(func(f wire.Frame) bool {
		d, ok := f.(wire.Deliver)
		if ok && string(d.Body) != "in three parts" {
			t.Errorf("came %q", d.Body)
		}
		return !ok
	})
}

func TestASilentSocketIsAskedAndADeadOneClosed(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), func(_ *account.Config, _ *mailbox.Config, g *gateway.Config) { g.Limits.Ping = 20 * time.Millisecond })
	ann, bob := w.join(number(1)), w.join(number(2))
	dead := ann.cheap(t) // answers no ping
	alive, _, _ := bob.connect()
	heard := make(chan wire.Frame, 1)
	go func() { // reading answers pings
		if f, err := alive.read(); err == nil {
			heard <- f
		}
	}()
	asked := false
	dead.nc.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		h, err := ws.ReadHeader(dead.r)
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal("a dead socket stays open")
			}
			break
		}
		asked = asked || h.OpCode == ws.OpPing
		io.CopyN(io.Discard, dead.r, h.Length)
	}
	if !asked {
		t.Fatal("it was never asked")
	}
	other, _, _ := ann.connect()
	other.send(1, bob, "alive?")
	if d, ok := (<-heard).(wire.Deliver); !ok || string(d.Body) != "alive?" {
		t.Fatal("the living socket was closed")
	}
}

// TestASocketThatNobodyReadsHarmsNobody: what its device does not take goes to
// disk, and others are served meanwhile.
func TestASocketThatNobodyReadsHarmsNobody(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann, slow, bob := w.join(number(1)), w.join(number(2)), w.join(number(3))
	a, _, _ := ann.connect()
	b, _, _ := bob.connect()
	slow.dial() // and never reads
	body := strings.Repeat("s", 64<<10)
	const n = 250 // 16 MB: more than the sockets' buffers hold
	for i := range uint64(n) {
		a.send(i, slow, body)
		if f, ok := a.answer().(wire.Sent); !ok {
			t.Fatalf("envelope %d: %v", i, f)
		}
	}
	a.send(9999, bob, "quick")
	l, seq, _ := b.letter(b.next())
	if string(l.Body) != "quick" {
		t.Fatalf("bob got %q", l.Body)
	}
	b.write(wire.Ack{Seqs: []uint64{seq}})
	a.answer()
	again := slow.dial() // it comes back and reads
	for got := 0; got < n; {
		if _, seq, ok := again.letter(again.next()); ok {
			got++
			again.write(wire.Ack{Seqs: []uint64{seq}})
		}
	}
}

func TestOneSocketForEachDevice(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann := w.join(number(1))
	first, _, _ := ann.connect()
	second, _, _ := ann.connect()
	if f, ok := first.next().(wire.Goodbye); !ok || !strings.Contains(f.Say, "elsewhere") {
		t.Fatalf("the first one got %v", f)
	}
	second.send(1, ann, "x")
	if _, _, ok := second.letter(second.next()); !ok {
		t.Fatal("the second one does not work")
	}
}

func TestADeviceIsAskedForMoreKeys(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann, bob := w.join(number(1)), w.join(number(2))
	b, _, _ := bob.connect()
	for range 10 {
		if status, p := w.call(&ann.cred, wire.PathBundle, wire.BundleRequest{Account: bob.addr.Account}, nil); status != 200 {
			t.Fatalf("bundle: %d %v", status, p)
		}
	}
	if status, _ := w.call(&ann.cred, wire.PathBundle, wire.BundleRequest{Account: bob.addr.Account}, nil); status != 429 {
		t.Fatalf("an eleventh bundle in an hour: %d", status)
	}
	cyd := w.join(number(3))
	if status, _ := w.call(&cyd.cred, wire.PathBundle, wire.BundleRequest{Account: bob.addr.Account}, nil); status != 200 {
		t.Fatalf("somebody else: %d", status)
	}
	if f, ok := b.next().(wire.KeysLow); !ok || f.Left != 9 {
		t.Fatalf("bob was told %v", f)
	}
	b.ws.CloseNow()
	again := bob.dial()
	for {
		f := again.next()
		if k, ok := f.(wire.KeysLow); ok {
			if k.Left != 9 {
				t.Fatalf("after connecting: %v", k)
			}
			return
		}
	}
}

func TestARestartSaysGoodbyeAndKeepsWhatWasNotAcknowledged(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), func(_ *account.Config, m *mailbox.Config, _ *gateway.Config) { m.Elide = time.Hour })
	ann, bob := w.join(number(1)), w.join(number(2))
	a, _, _ := ann.connect()
	b, _, _ := bob.connect()
	a.send(1, bob, "in memory only")
	b.next()
	w.stop()
	if f, ok := b.next().(wire.Goodbye); !ok || !strings.Contains(f.Say, "restarting") {
		t.Fatalf("bob got %v", f)
	}
	w.start()
	if _, got, _ := bob.connect(); len(got) != 1 || string(got[0].Body) != "in memory only" {
		t.Fatalf("after the restart came %v", got)
	}
}

// TestAfterDeliveryNothingIsLeft searches the engine's files, while an envelope
// waits and after it was delivered.
func TestAfterDeliveryNothingIsLeft(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w := newWorld(t, db)
		ann, bob := w.join(number(41)), w.join(number(42))
		a, _, _ := ann.connect()
		marker := "ENVELOPE-MARKER-" + strings.Repeat("z", 2000)
		for i := range uint64(100) {
			a.send(i, bob, fmt.Sprintf("%s%d", marker, i))
			a.answer()
		}
		rows, err := db.Page(context.Background(), mailboxOf(t, db, bob), 0, 200, 1<<30)
		if err != nil || len(rows) != 100 {
			t.Fatal(len(rows), err)
		}
		if n := db.Find(t, rows[50].Sealed[40:140]); n == 0 {
			t.Fatal("a waiting row is not found: the search cannot fail")
		}
		if n := db.Find(t, []byte("ENVELOPE-MARKER")); n != 0 {
			t.Fatalf("a waiting envelope is readable %d times", n)
		}
		b, got, seqs := bob.connect()
		if len(got) != 100 {
			t.Fatalf("%d came", len(got))
		}
		b.write(wire.Ack{Seqs: seqs})
		w.eventually("no row waits", func() bool {
			rows, err := db.Page(context.Background(), mailboxOf(t, db, bob), 0, 200, 1<<30)
			return err == nil && len(rows) == 0
		})
		w.stop()
		if n := db.Find(t, []byte("ENVELOPE-MARKER")); n != 0 {
			t.Errorf("after delivery the envelope is readable %d times", n)
		}
		if db.Engine == storage.SQLite { // PostgreSQL may keep the sealed bytes; nothing opens them
			for i, r := range rows {
				if n := db.Find(t, r.Sealed[40:140]); n != 0 {
					t.Errorf("after delivery row %d is in the files %d times", i, n)
				}
			}
		}
		pair := string(ann.addr.Account[:]) + string(bob.addr.Account[:])
		for _, p := range []string{pair, string(bob.addr.Account[:]) + string(ann.addr.Account[:])} {
			if n := db.Find(t, []byte(p)); n != 0 {
				t.Errorf("the pair of people is %d times in the files", n)
			}
		}
	})
}

func mailboxOf(t testing.TB, db storagetest.Carrier, p *person) int64 {
	t.Helper()
	f, err := db.Box(context.Background(), p.addr)
	if err != nil {
		t.Fatal(err)
	}
	return f.Mailbox
}

func (w *world) eventually(what string, f func() bool) {
	w.t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if f() {
			return
		}
	}
	w.t.Fatalf("never: %s", what)
}

// FuzzSocket throws bytes at a socket, inside and outside of frames. Whatever
// comes, the server goes on serving others.
func FuzzSocket(f *testing.F) {
	db := storagetest.SQLite(f)
	w := newWorld(f, db)
	f.Cleanup(func() { w.t = f })
	ann, bob := w.join(number(1)), w.join(number(2))
	send, _ := wire.AppendFrame(nil, wire.Send{Ref: 1, To: ann.addr, Kind: wire.KindMessage, Body: []byte("x")})
	ack, _ := wire.AppendFrame(nil, wire.Ack{Seqs: []uint64{1, 1 << 63}})
	f.Add(send, true)
	f.Add(ack, true)
	f.Add([]byte{0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, false)
	f.Add([]byte{0x82, 0x05, 1, 2, 3, 4, 5}, false)
	f.Add([]byte{0x00, 0x80, 0, 0, 0, 0, 0x89, 0xff}, false)
	f.Fuzz(func(t *testing.T, b []byte, framed bool) {
		w.t = t
		l := ann.dial()
		if framed {
			l.ws.Write(context.Background(), websocket.MessageBinary, b)
		} else {
			raw(t, w, ann, b)
		}
		l.ws.CloseNow()
		o := bob.dial()
		if _, ok := o.next().(wire.Hello); !ok {
			t.Fatal("another device is not served")
		}
		o.ws.CloseNow()
	})
}

// raw writes bytes below WebSocket and waits for the end of the connection.
func raw(t *testing.T, w *world, p *person, b []byte) {
	c, err := net.Dial("tcp", w.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: %s\r\n\r\n", wire.PathSocket, p.cred.Header())
	c.Write(b)
	c.(*net.TCPConn).CloseWrite()
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.Copy(io.Discard, c); err != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the connection was not closed")
	}
}
