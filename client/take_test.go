package client

import (
	"testing"
	"time"

	"letterlock/client/internal/content"
	"letterlock/internal/clock"
	"letterlock/wire"
)

// one is a store that holds one transaction's worth of entries.
type one map[string][]byte

func (o one) Get(b Bucket, key []byte) ([]byte, error) { return o[string(b)+string(key)], nil }
func (o one) Put(b Bucket, key, value []byte) error {
	o[string(b)+string(key)] = append([]byte{}, value...)
	return nil
}
func (o one) Delete(b Bucket, key []byte) error  { delete(o, string(b)+string(key)); return nil }
func (o one) List(Bucket, Range) ([]Pair, error) { return nil, nil }

// alone is the transaction of somebody's only device.
func alone(t *testing.T) (one, *state) {
	t.Helper()
	tx := one{}
	s := &state{Tx: tx, c: &Client{clock: clock.NewManual(time.Unix(1e9, 0)), wake: make(chan struct{}, 1)}}
	if err := save(s, BucketSelf, selfKey, self{Account: wire.NewAccountID(), Device: wire.Primary}); err != nil {
		t.Fatal(err)
	}
	return tx, s
}

func TestContentOfTheFutureIsShownOnceAsSuch(t *testing.T) {
	plain, err := content.Seal(content.New(content.ID{5}, 1, &content.Text{Text: "hello", Phone: "+441632960001"}))
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]int{"version": 0, "type": 1} {
		later := append([]byte{}, plain...)
		later[at] = 99
		_, s := alone(t)
		e := envelope{From: wire.At(wire.NewAccountID(), 1), At: 3}
		for range 2 {
			if err := s.take(nil, e, append([]byte{}, later...)); err != nil {
				t.Fatal(err)
			}
		}
		if len(s.changed) != 1 || s.changed[0].Kind != Unknown || s.changed[0].Why == "" || s.changed[0].Text != "" {
			t.Errorf("another %s: %+v", name, s.changed)
		}
	}
}

func TestAuthenticContentThatCannotBeReadIsSaid(t *testing.T) {
	s := &state{Tx: one{}, c: &Client{clock: clock.NewManual(time.Unix(1e9, 0))}}
	if err := s.take(nil, envelope{From: wire.At(wire.NewAccountID(), 1)}, []byte("not padded")); err != nil {
		t.Fatal(err)
	}
	if len(s.changed) != 1 || s.changed[0].Kind != Unopened {
		t.Fatalf("%+v", s.changed)
	}
}

// Whoever asks for the same envelope again and again, or for one that was sent
// to somebody else, gets it once or not at all.
func TestARequestIsAnsweredOnce(t *testing.T) {
	tx, s := alone(t)
	asker, other := wire.At(wire.NewAccountID(), 1), wire.At(wire.NewAccountID(), 1)
	e, err := s.add(Entry{Kind: Outgoing, Peer: asker.Account, State: Sent, Text: "x"})
	if err != nil {
		t.Fatal(err)
	}
	d := make([]byte, content.DigestSize)
	n, err := s.keep(&content.Text{Text: "x", Phone: "+441632960001"}, GroupID{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := save(s, BucketSent, d, sentMark{Said: n, Entry: e.Seq, To: asker}); err != nil {
		t.Fatal(err)
	}
	for _, from := range []wire.Address{other, wire.At(asker.Account, 2), asker, asker, asker} {
		if err := s.repairFor(from, [][]byte{d, make([]byte, 3)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := parseNumber(tx[string(BucketCounter)+"ref"]); n != 1 {
		t.Fatalf("%d envelopes were queued", n)
	}
}
