package mailbox_test

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/testkit/pg"
	"letterlock/messenger"
	"letterlock/messenger/account"
	"letterlock/messenger/mailbox"
	"letterlock/routing/inproc"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func TestMain(m *testing.M) { pg.Main(m) }

// post is a running set of mailboxes on a real engine.
type post struct {
	t     testing.TB
	db    storagetest.Carrier
	clock *clock.Manual
	conf  mailbox.Config
	*mailbox.Mailboxes
	stop func()
	n    int
}

func newPost(t testing.TB, db storagetest.Carrier, set ...func(*mailbox.Config)) *post {
	t.Helper()
	p := &post{t: t, db: db, clock: clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))}
	p.conf = mailbox.Config{Store: db, Clock: p.clock, Elide: time.Hour, Log: slog.New(slog.NewTextHandler(testLog{t}, nil))}
	for _, s := range set {
		s(&p.conf)
	}
	p.start()
	t.Cleanup(func() { p.stop() })
	return p
}

func (p *post) start() {
	c := p.conf
	c.Router = inproc.New[*mailbox.Letter]()
	p.Mailboxes = mailbox.New(c)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	m := p.Mailboxes
	go func() { m.Run(ctx); close(done) }()
	p.stop = sync.OnceFunc(func() { cancel(); <-done })
}

type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) { l.t.Logf("%s", b); return len(b), nil }

// device is a registered device and, while connected, its end of the session.
type device struct {
	p      *post
	addr   wire.Address
	box    int64
	opener *wire.Opener
	key    *ecdh.PrivateKey

	sess messenger.Session
	out  *outlet
}

// outlet collects frames like a socket would.
type outlet struct {
	wake   chan struct{}
	closed chan string
}

func (o *outlet) Ready() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outlet) Close(say string) {
	select {
	case o.closed <- say:
	default:
	}
}

func (p *post) device() *device {
	p.t.Helper()
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	p.n++
	d := &device{p: p, addr: wire.At(wire.NewAccountID(), 1), key: key, box: int64(p.n)<<32 + 12345}
	if d.opener, err = wire.NewOpener(d.addr, key); err != nil {
		p.t.Fatal(err)
	}
	n := account.NewAccount{Phone: fmt.Sprintf("+1415555%04d", p.n), Created: "2026-11-23", Subject: account.Subject{byte(p.n), byte(p.n >> 8)},
		Device: account.Device{Address: d.addr, Type: "test", Added: "2026-11-23", IdentityKey: []byte{5}, MailboxKey: key.PublicKey().Bytes(), Mailbox: d.box}}
	n.Device.Token[0], n.Device.Token[1] = byte(p.n), byte(p.n>>8)
	if err := p.db.PutCode(context.Background(), n.Subject, nil, account.CodeRow{Tries: 1}); err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.db.Create(context.Background(), n); err != nil {
		p.t.Fatal(err)
	}
	return d
}

func (d *device) connect() *device {
	d.p.t.Helper()
	d.out = &outlet{make(chan struct{}, 1), make(chan string, 8)}
	var err error
	if d.sess, err = d.p.Connect(context.Background(), d.addr, d.out); err != nil {
		d.p.t.Fatalf("connect: %v", err)
	}
	return d
}

// online connects and expects nothing to wait.
func (d *device) online() *device {
	d.p.t.Helper()
	d.connect()
	d.want(wire.Hello{})
	d.want(wire.Empty{})
	return d
}

// some waits for frames.
func (d *device) some() []wire.Frame {
	d.p.t.Helper()
	fs, ok := d.poll(15 * time.Second)
	if !ok {
		d.p.t.Fatalf("no frame came")
	}
	return fs
}

func (d *device) poll(wait time.Duration) (fs []wire.Frame, ok bool) {
	d.p.t.Helper()
	end := time.NewTimer(wait)
	defer end.Stop()
	for {
		b, ends := d.sess.Next(nil, nil, 1)
		if len(ends) > 0 {
			f, err := wire.ParseFrame(b)
			if err != nil {
				d.p.t.Fatalf("a frame of the server: %v", err)
			}
			return []wire.Frame{f}, true
		}
		select {
		case <-d.out.wake:
		case <-end.C:
			return nil, false
		}
	}
}

func (d *device) next() wire.Frame { d.p.t.Helper(); return d.some()[0] }

// want expects a frame of this type and returns it.
func (d *device) want(like wire.Frame) wire.Frame {
	d.p.t.Helper()
	f := d.next()
	if f.Type() != like.Type() {
		d.p.t.Fatalf("got %T %v, want %T", f, f, like)
	}
	return f
}

// letter expects an envelope.
func (d *device) letter() (l wire.Letter, seq uint64, sealed bool) {
	d.p.t.Helper()
	f := d.next()
	l, seq, sealed, ok := d.open(f)
	if !ok {
		d.p.t.Fatalf("got %T %v, want an envelope", f, f)
	}
	return l, seq, sealed
}

func (d *device) open(f wire.Frame) (l wire.Letter, seq uint64, sealed, ok bool) {
	switch f := f.(type) {
	case wire.Deliver:
		return wire.Letter{From: f.From, At: f.At, Kind: f.Kind, Body: f.Body}, f.Seq, false, true
	case wire.Sealed:
		l, err := d.opener.OpenRow(f.Row)
		if err != nil {
			d.p.t.Errorf("open row: %v", err)
		}
		return l, f.Seq, true, true
	}
	return wire.Letter{}, 0, false, false
}

func (d *device) send(ref uint64, to *device, body string) {
	d.sess.Send(wire.Send{Ref: ref, To: to.addr, Kind: wire.KindMessage, Body: []byte(body)})
}

func (p *post) rows(d *device) (n int) {
	p.t.Helper()
	f, err := p.db.Box(context.Background(), d.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	return f.Rows
}

// eventually waits for what another goroutine does; there is no clock to move.
func (p *post) eventually(what string, f func() bool) {
	p.t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if f() {
			return
		}
	}
	p.t.Fatalf("never: %s", what)
}
