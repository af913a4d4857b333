package wire_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"letterlock/wire"
)

func frames() []wire.Frame {
	a := wire.At(wire.NewAccountID(), 1)
	return []wire.Frame{
		wire.Send{Ref: 1 << 60, To: a, Kind: wire.KindMessage, Body: []byte("opaque")},
		wire.Ack{Seqs: []uint64{1, 2, 1 << 40}}, wire.Hello{Time: 1_800_000_000_000},
		wire.Deliver{Seq: 9, From: a, At: 17, Kind: wire.KindPreKeyMessage, Body: bytes.Repeat([]byte{7}, 1000)},
		wire.Sealed{Seq: 3, Row: []byte{1, 2, 3}}, wire.Sent{Ref: 4},
		wire.Refused{Ref: 5, Code: wire.CodeGone, Say: "look the number up again", RetryAfter: 3},
		wire.Empty{}, wire.KeysLow{Left: 4}, wire.Goodbye{Say: "restarting"},
		wire.Hint{To: a, Kind: wire.KindMessage, Body: []byte("writing")}, wire.Hinted{From: a, Kind: wire.KindMessage, Body: []byte("writing")},
	}
}

func TestFramesPrintAndParseToTheSameBytes(t *testing.T) {
	for _, f := range frames() {
		b, err := wire.AppendFrame(nil, f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := wire.ParseFrame(b)
		if err != nil || !reflect.DeepEqual(got, f) {
			t.Fatalf("%T: %v, %v", f, got, err)
		}
		for _, bad := range [][]byte{b[:len(b)-1], append(bytes.Clone(b), 0), b[:2], append([]byte{2}, b[1:]...), append([]byte{1, 40}, b[2:]...)} {
			if got, err := wire.ParseFrame(bad); err == nil || got != nil || !errors.Is(err, wire.ErrFrame) {
				t.Errorf("%T: %x accepted as %v (%v)", f, bad[:min(len(bad), 20)], got, err)
			}
		}
	}
}

func FuzzParseFrame(f *testing.F) {
	for _, fr := range frames() {
		b, _ := wire.AppendFrame(nil, fr)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, err := wire.ParseFrame(b)
		if err != nil {
			if fr != nil {
				t.Fatal("a frame came with an error")
			}
			return
		}
		again, err := wire.AppendFrame(nil, fr)
		if err != nil {
			t.Fatal(err)
		}
		fr2, err := wire.ParseFrame(again)
		if err != nil || !reflect.DeepEqual(fr, fr2) {
			t.Fatalf("%v became %v (%v)", fr, fr2, err)
		}
	})
}

func mailbox(t testing.TB) (wire.Address, *wire.Sealer, *wire.Opener) {
	t.Helper()
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := wire.At(wire.NewAccountID(), 1)
	s, err := wire.NewSealer(a, k.PublicKey().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	o, err := wire.NewOpener(a, k)
	if err != nil {
		t.Fatal(err)
	}
	return a, s, o
}

func letter(i int) wire.Letter {
	return wire.Letter{From: wire.At(wire.NewAccountID(), 2), At: int64(i), Kind: wire.KindMessage, Body: fmt.Appendf(nil, "envelope %d", i)}
}

func TestRowsOpenInAnyOrderAndOnlyForTheirDevice(t *testing.T) {
	_, s, o := mailbox(t)
	_, _, stranger := mailbox(t)
	var rows [][]byte
	var want []wire.Letter
	for i := range wire.MaxChain + 5 { // past one chain
		l := letter(i)
		row, err := s.Seal(l)
		if err != nil {
			t.Fatal(err)
		}
		rows, want = append(rows, row), append(want, l)
	}
	for _, i := range []int{wire.MaxChain + 4, 0, wire.MaxChain - 1, wire.MaxChain, 3, 2} {
		got, err := o.OpenRow(rows[i])
		if err != nil || !reflect.DeepEqual(got, want[i]) {
			t.Fatalf("row %d: %v, %v", i, got, err)
		}
		if _, err := stranger.OpenRow(rows[i]); !errors.Is(err, wire.ErrRow) {
			t.Fatalf("another device opened row %d: %v", i, err)
		}
	}
	for i := range rows[0] {
		bad := bytes.Clone(rows[0])
		bad[i] ^= 1
		if _, err := o.OpenRow(bad); err == nil {
			t.Fatalf("byte %d flipped and nobody noticed", i)
		}
	}
}

func FuzzOpenRow(f *testing.F) {
	_, s, o := mailbox(f)
	row, _ := s.Seal(letter(1))
	f.Add(row)
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := o.OpenRow(b); err != nil && !l.From.Account.IsZero() {
			t.Fatal("a letter came with an error")
		}
	})
}

func TestCredentialsReadBackAndNeverPrint(t *testing.T) {
	tok := make([]byte, 32)
	rand.Read(tok)
	c, err := wire.NewCredential(wire.At(wire.NewAccountID(), 3), tok)
	if err != nil {
		t.Fatal(err)
	}
	got, err := wire.ParseCredential(c.Header())
	if err != nil || got != c {
		t.Fatalf("%v, %v", got, err)
	}
	j, _ := json.Marshal(c)
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s %x %q", c, c, c, c, c, c), string(j)} {
		if strings.Contains(s, fmt.Sprintf("%x", tok[:4])) || strings.Contains(s, fmt.Sprint(tok[:4])) || !strings.Contains(s, "[credential]") {
			t.Errorf("printed: %s", s)
		}
	}
	for _, bad := range []string{"", "Bearer", "Bearer " + strings.Repeat("A", 66), c.Header() + "A", "Basic" + c.Header()[6:]} {
		if _, err := wire.ParseCredential(bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}

func TestAccountIDHasOneForm(t *testing.T) {
	id := wire.NewAccountID()
	if got, err := wire.ParseAccountID(id.String()); err != nil || got != id {
		t.Fatal(got, err)
	}
	for _, bad := range []string{"", strings.ToUpper(id.String()), strings.ReplaceAll(id.String(), "-", ""), id.String() + "0"} {
		if _, err := wire.ParseAccountID(bad); err == nil && bad != id.String() {
			t.Errorf("%q accepted", bad)
		}
	}
}

func TestNoticeIsTheOperatorsOrNothing(t *testing.T) {
	pub, priv, _ := ed25519.GenerateKey(rand.Reader)
	other, _, _ := ed25519.GenerateKey(rand.Reader)
	n := wire.Notice{ID: [16]byte{1}, Account: wire.NewAccountID(), Case: "LL-1", Fields: []string{"Name"}, Text: "told"}
	b, err := wire.SignNotice(n, priv)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := wire.OpenNotice(b, pub); err != nil || !reflect.DeepEqual(got, n) {
		t.Fatal(got, err)
	}
	if _, err := wire.OpenNotice(b, other); err == nil {
		t.Fatal("another key's notice was shown")
	}
	for i := range b {
		bad := bytes.Clone(b)
		bad[i] ^= 1
		if got, err := wire.OpenNotice(bad, pub); err == nil && reflect.DeepEqual(got, n) == false {
			t.Fatalf("byte %d changed the notice to %v", i, got)
		}
	}
}

func BenchmarkSealRow(b *testing.B) {
	_, s, _ := mailbox(b)
	l := letter(0)
	l.Body = make([]byte, 1024)
	for b.Loop() {
		if _, err := s.Seal(l); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	f := wire.Deliver{Seq: 9, From: wire.At(wire.NewAccountID(), 1), At: 17, Kind: 2, Body: make([]byte, 1024)}
	var buf []byte
	for b.Loop() {
		buf, _ = wire.AppendFrame(buf[:0], f)
		if _, err := wire.ParseFrame(buf); err != nil {
			b.Fatal(err)
		}
	}
}
