package client_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/client/keystoretest"
	"letterlock/internal/fault"
	"letterlock/internal/note"
	"letterlock/wire"
)

func TestSafetyNumbersAreAlikeOnBothSides(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	sa, err := a.Safety(bg, bob) // before any message
	a.must(err)
	sb, err := b.Safety(bg, alice)
	b.must(err)
	if sa.Digits != sb.Digits || len(sa.Digits) != 60 || len(strings.Fields(sa.Groups())) != 12 || sa.Verified || sa.Changed {
		t.Fatalf("%+v\n%+v", sa, sb)
	}
	if bytes.Equal(sa.Code, sb.Code) {
		t.Fatal("both sides show the same code: a scan would prove nothing")
	}
	a.must(a.Accept(bg, bob, sa.Groups(), true))
	a.start()
	if sa, err = a.Safety(bg, bob); err != nil || !sa.Verified {
		t.Fatalf("%+v, %v", sa, err)
	}
	if err := a.Accept(bg, bob, strings.Repeat("0", 60), true); !fault.Is(err, fault.Conflict) {
		t.Fatalf("other digits were accepted: %v", err)
	}
}

// The number is registered anew: what was sealed for the former phone is not
// sealed for the next by itself, and nothing is lost either.
func TestANumberThatChangesHands(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "to the first phone")
	a.flush()
	b.drain()
	former, err := a.Safety(bg, bob)
	a.must(err)
	a.must(a.Accept(bg, bob, former.Digits, true))

	next := w.person(bob)
	a.send(b, "to whom?")
	a.flush()
	next.drain()
	next.got()
	e := a.journal(client.Outgoing)[1]
	changes := a.journal(client.KeyChanged)
	if e.State != client.Held || len(changes) != 1 || changes[0].Phone != bob {
		t.Fatalf("%+v, %+v", e, changes)
	}
	a.send(b, "a second one")
	a.flush()
	next.drain()
	next.got()

	if err := a.AcceptShown(bg, bob, true); !fault.Is(err, fault.Conflict) {
		t.Fatalf("a number that nobody saw was accepted: %v", err)
	}
	now, err := a.Safety(bg, bob)
	a.must(err)
	if !now.Changed || now.Verified || now.Digits == former.Digits {
		t.Fatalf("%+v", now)
	}
	if err := a.Accept(bg, bob, former.Digits, false); !fault.Is(err, fault.Conflict) {
		t.Fatalf("the former digits were accepted: %v", err)
	}
	a.must(a.AcceptShown(bg, bob, false))
	a.flush()
	next.drain()
	next.got("to whom?", "a second one")
	next.send(a, "it is me")
	next.flush()
	settle(a, next)
	a.got("it is me")
	if now, err = a.Safety(bg, bob); err != nil || now.Changed || now.Verified {
		t.Fatalf("%+v, %v", now, err)
	}
	if n := len(a.journal(client.KeyChanged)); n != 1 {
		t.Fatalf("warned %d times", n)
	}
	for _, e := range a.journal(client.Outgoing) {
		if e.State != client.Sent {
			t.Fatalf("%+v", e)
		}
	}
}

// Somebody who writes from a new account under a known number is not taken for
// the one who had it.
func TestAKnownNumberWritesFromAnotherAccount(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	b.send(a, "before")
	b.flush()
	a.drain()
	next := w.person(bob)
	next.send(a, "after")
	next.flush()
	a.drain()
	a.got("before", "after")
	changes := a.journal(client.KeyChanged)
	if len(changes) != 1 || changes[0].Phone != bob {
		t.Fatalf("no warning: %+v", a.journal())
	}
}

// A claim is believed only if the carrier leads the number to the account.
func TestAClaimedNumberIsNotBelieved(t *testing.T) {
	w := newWorld(t)
	b, m := w.person(bob), w.person(carol)
	w.person(alice)
	m.Transport().claim(alice)
	m.send(b, "I am Alice")
	m.flush()
	b.drain()
	in := b.journal(client.Incoming)
	if len(in) != 1 {
		t.Fatalf("%+v", b.journal())
	}
	who, err := b.Person(bg, in[0].Peer)
	b.must(err)
	if who.Phone != alice || who.Confirmed {
		t.Fatalf("%+v", who)
	}
}

// claimer changes the number that a device says to have, in its own store.
type claimer struct{ p *person }

func (p *person) Transport() claimer { return claimer{p} }

func (c claimer) claim(phone string) {
	c.p.must(c.p.store.Update(bg, func(tx client.Tx) error {
		raw, err := tx.Get(client.BucketSelf, []byte("self"))
		if err != nil {
			return err
		}
		return tx.Put(client.BucketSelf, []byte("self"), bytes.Replace(raw, []byte(c.p.phone), []byte(phone), 1))
	}))
	c.p.start()
}

// A carrier that puts another identity in a device's place is found out in
// either direction, and what came meanwhile is opened only on the person's word.
func TestAReplacedIdentityIsHeldAndSaid(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	w.person(carol)
	before, err := a.Safety(bg, bob)
	a.must(err)
	w.carrier.Replace(bob, carol)
	drop(a.store, client.BucketSession) // the session is lost: the next message needs a bundle
	e := a.send(b, "for Bob only")
	a.flush()
	if e, _, _ = a.Entry(bg, e.Seq); e.State != client.Held {
		t.Fatalf("%+v", e)
	}
	if len(w.carrier.Taken()) != 0 || len(a.journal(client.KeyChanged)) != 1 {
		t.Fatalf("sealed to a key that nobody accepted: %s", joined(a.journal()))
	}
	now, err := a.Safety(bg, bob)
	a.must(err)
	if !now.Changed || now.Digits == before.Digits {
		t.Fatalf("%+v", now)
	}
}

func TestAMessageUnderAnotherIdentityIsKeptUntilAccepted(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.person(alice), w.person(bob), w.person(carol)
	b.send(a, "from Bob")
	b.flush()
	a.drain()
	a.must(a.Block(bg, carol, false)) // so that only the false copy comes
	c.pose(accountOf(b))
	c.send(a, "from Carol's key")
	c.flush()
	sent := w.carrier.Taken()
	last := sent[len(sent)-1]
	w.carrier.Inject(alice, wire.Letter{From: wire.At(accountOf(b), 1), At: 1, Kind: last.Kind, Body: last.Body})
	a.drain()
	a.got("from Bob")
	changes := a.journal(client.KeyChanged)
	if len(changes) != 1 || changes[0].Peer != accountOf(b) || w.carrier.Waiting(alice) != 0 {
		t.Fatalf("%s", joined(a.journal()))
	}
	held := a.send(b, "who are you?")
	if held.State != client.Held {
		t.Fatalf("%+v", held)
	}
	a.must(a.Accept(bg, bob, digits(a, bob), false))
	a.got("from Bob", "from Carol's key")
}

// pose makes a device believe that it is another account's, while the carrier
// knows it as before.
func (p *person) pose(as wire.AccountID) {
	me := accountOf(p)
	r := &recorder{Transport: p.carrier.Transport()}
	c, err := client.New(client.Config{Store: p.store, Transport: r, Clock: p.clock})
	p.must(err)
	if _, err := c.Export(bg); err != nil { // shows the credential
		p.t.Fatal(err)
	}
	p.must(p.store.Update(bg, func(tx client.Tx) error {
		raw, err := tx.Get(client.BucketSelf, []byte("self"))
		if err != nil {
			return err
		}
		return tx.Put(client.BucketSelf, []byte("self"), bytes.Replace(raw, me[:], as[:], 1))
	}))
	r.fixed = true
	p.Client, err = client.New(client.Config{Store: p.store, Transport: r, Clock: p.clock})
	p.must(err)
}

// recorder keeps the first credential it sees and then always shows that one.
type recorder struct {
	client.Transport
	as    wire.Credential
	fixed bool
}

func (r *recorder) Call(ctx context.Context, as wire.Credential, path string, body []byte) (int, []byte, error) {
	if !r.fixed {
		r.as = as
	}
	return r.Transport.Call(ctx, r.as, path, body)
}

func (r *recorder) Dial(ctx context.Context, _ wire.Credential) (client.Socket, error) {
	return r.Transport.Dial(ctx, r.as)
}

func digits(p *person, phone string) string {
	s, err := p.Safety(bg, phone)
	p.must(err)
	return s.Digits
}

func drop(s client.KeyStore, b client.Bucket) {
	err := s.Update(bg, func(tx client.Tx) error {
		all, err := tx.List(b, client.Range{})
		for _, p := range all {
			if err := tx.Delete(b, p.Key); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		panic(err) // a store in memory
	}
}

func TestNoticesAreTheServicesOrNeverShown(t *testing.T) {
	w := newWorld(t)
	a := w.person(alice)
	n := wire.Notice{ID: [16]byte{1, 2}, Case: "LL-7", Asker: "An agency", Before: true, Text: "told in plain words", Fields: []string{"Name"}}
	l := w.carrier.Notice(alice, n)
	a.drain()
	w.carrier.Inject(alice, l) // again
	a.drain()
	got, err := a.Notices(bg)
	a.must(err)
	if len(got) != 1 || got[0].Notice.Text != n.Text || got[0].ID != n.ID {
		t.Fatalf("%+v", got)
	}

	_, forger, _ := ed25519.GenerateKey(rand.Reader)
	forged, err := wire.SignNotice(wire.Notice{ID: [16]byte{9}, Account: accountOf(a), Text: "call this number"}, forger)
	a.must(err)
	flipped := bytes.Clone(l.Body)
	flipped[len(flipped)-1] ^= 1
	other := w.person(bob)
	foreign := w.carrier.Notice(bob, wire.Notice{ID: [16]byte{7}, Text: "for somebody else"})
	for _, body := range [][]byte{forged, flipped, foreign.Body, nil, []byte("x")} {
		w.carrier.Inject(alice, wire.Letter{Kind: wire.KindNotice, Body: body})
	}
	// A device that sends the kind of a notice gets nowhere either.
	w.carrier.Inject(alice, wire.Letter{From: wire.At(accountOf(other), 1), Kind: wire.KindNotice, Body: forged})
	a.drain()
	if got, _ = a.Notices(bg); len(got) != 1 {
		t.Fatalf("shown: %+v", got)
	}
	if out := a.journal(client.NoticeRejected); len(out) != 6 || strings.Contains(joined(out), "call this number") {
		t.Fatalf("%s", joined(out))
	}
	if w.carrier.Waiting(alice) != 0 {
		t.Fatal("a forged notice blocks the queue")
	}

	a.must(a.Object(bg, hexID(n.ID), "I have privileged correspondence"))
	if o := w.carrier.Objections(); len(o) != 1 || o[0].Notice != n.ID {
		t.Fatalf("%+v", o)
	}
	for _, bad := range []struct{ id, text string }{{"zz", "x"}, {hexID([16]byte{9}), "x"}, {hexID(n.ID), ""}, {hexID(n.ID), strings.Repeat("x", wire.MaxObjection+1)}} {
		if err := a.Object(bg, bad.id, bad.text); err == nil {
			t.Errorf("%+v was filed", bad)
		}
	}
	w.carrier.Notice(alice, wire.Notice{ID: [16]byte{3}, Text: "afterwards"})
	a.drain()
	if err := a.Object(bg, hexID([16]byte{3}), "too late"); !fault.Is(err, fault.Conflict) {
		t.Errorf("%v", err)
	}
}

func TestProfileBlockExportDelete(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	name, about, long := "Alice", "at work", strings.Repeat("x", wire.MaxName+1)
	a.must(a.Profile(bg, wire.ProfileUpdate{Name: &name, About: &about}))
	if err := a.Profile(bg, wire.ProfileUpdate{Name: &long}); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
	if p, err := b.ProfileOf(bg, accountOf(a)); err != nil || p.Name != name || p.About != about {
		t.Errorf("%+v, %v", p, err)
	}
	if e, err := a.Export(bg); err != nil || len(e.Facts) == 0 {
		t.Errorf("%+v, %v", e, err)
	}
	a.must(a.Block(bg, bob, false))
	b.send(a, "unwanted")
	b.flush()
	a.drain()
	a.got()
	b.whole() // the block does not show
	a.must(a.Block(bg, bob, true))
	b.send(a, "wanted again")
	b.flush()
	a.drain()
	a.got("wanted again")

	a.must(a.Delete(bg))
	if _, found, err := client.ReadSelf(bg, a.store); found || err != nil {
		t.Errorf("still registered: %v", err)
	}
	a.must(a.store.View(bg, func(tx client.Tx) error {
		for _, bucket := range []client.Bucket{client.BucketJournal, client.BucketSession, client.BucketPreKey, client.BucketPeer} {
			if all, err := tx.List(bucket, client.Range{}); err != nil || len(all) != 0 {
				return fmt.Errorf("%s still has %d entries, %v", bucket, len(all), err)
			}
		}
		return nil
	}))
	if err := a.Drain(limit(t)); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("%v", err)
	}
	e := b.send(a, "to nobody")
	b.flush()
	if e, _, _ = b.Entry(bg, e.Seq); e.State != client.Failed || !strings.Contains(e.Why, "nobody is registered") {
		t.Errorf("%+v", e)
	}
}

func TestADeviceThatWasReplacedIsTold(t *testing.T) {
	w := newWorld(t)
	a := w.person(alice)
	w.person(alice)
	if err := a.Drain(limit(t)); !fault.Is(err, fault.Unauthenticated) || !strings.Contains(fault.Say(err), "register again") {
		t.Fatalf("%v", err)
	}
}

func TestRegisteringTwiceOrWithAWrongCode(t *testing.T) {
	w := newWorld(t)
	a := w.person(alice)
	if _, err := a.Register(bg, client.Registration{Phone: alice, Code: "271828"}); !fault.Is(err, fault.Conflict) {
		t.Fatalf("%v", err)
	}
	store := keystoretest.NewMemory()
	c, err := client.New(client.Config{Store: store, Transport: w.carrier.Transport(), Clock: w.clock})
	a.must(err)
	a.must(c.RequestCode(bg, bob))
	if _, err := c.Register(bg, client.Registration{Phone: bob, Code: "000000"}); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("%v", err)
	}
	if _, found, _ := client.ReadSelf(bg, store); found {
		t.Fatal("registered with a wrong code")
	}
}

// The log of a day, at its most talkative, has no word that anybody wrote, no
// number, and no byte of any key in the stores.
func TestTheLogSaysNothing(t *testing.T) {
	var log lockedBuffer
	w := newWorld(t)
	w.log = note.New(&log, slog.LevelDebug)
	a, b := w.person(alice), w.person(bob)
	w.carrier.Spend(bob, 3)
	a.send(b, "plainly secret")
	a.flush()
	w.carrier.Tamper(bob)
	w.carrier.Inject(bob, wire.Letter{From: wire.At(accountOf(a), 1), Kind: wire.KindMessage, Body: []byte("garbage")})
	w.clock.Advance(time.Hour)
	settle(b, a)
	w.carrier.Cut(alice)
	w.person(alice)
	if err := a.Drain(limit(t)); err == nil {
		t.Fatal("a closed account connected")
	} else {
		fmt.Fprintln(&log, err)
	}
	c, _ := client.New(client.Config{Store: b.store, Transport: deadTransport{}, Clock: w.clock, Log: w.log, Wait: func(context.Context, time.Duration) error { return nil }})
	fmt.Fprintln(&log, c.Run(bg, client.Run{Patience: 2}))
	out := log.String()
	if !strings.Contains(out, "connection lost") {
		t.Fatalf("nothing was logged: the test does not test: %s", out)
	}
	for _, s := range []string{"plainly", alice, bob, accountOf(b).String()} {
		if strings.Contains(out, s) {
			t.Errorf("%q is in the log: %s", s, out)
		}
	}
	for _, p := range []*person{a, b} {
		for _, bucket := range []client.Bucket{client.BucketSelf, client.BucketPreKey, client.BucketSession} {
			searchKeys(t, p.store, bucket, out)
		}
	}
}

// searchKeys looks for any eight bytes of secret entries, as they are, as hex,
// base64 and as fmt prints slices.
func searchKeys(t *testing.T, s client.KeyStore, b client.Bucket, log string) {
	t.Helper()
	err := s.View(bg, func(tx client.Tx) error {
		all, err := tx.List(b, client.Range{Limit: 12})
		for _, p := range all {
			for i := 0; i+8 <= len(p.Value); i += 8 {
				part := p.Value[i : i+8]
				for _, form := range []string{string(part), fmt.Sprintf("%x", part), strings.Trim(fmt.Sprint(part), "[]"), base64.StdEncoding.EncodeToString(part[:6])} {
					if strings.Contains(log, form) {
						t.Errorf("bytes of %s are in the log as %q", b, form)
					}
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
func (l *lockedBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }
