package client_test

import (
	"fmt"
	"strings"
	"testing"

	"letterlock/client"
	"letterlock/client/keystoretest"
	"letterlock/wire"
)

// envelopes sends a text of each length from the very same state of the
// sender's store and returns the lengths of what travelled.
func envelopes(t *testing.T, established bool, lengths []int) map[int]int {
	t.Helper()
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	if established {
		a.send(b, "x")
		a.flush()
		b.send(a, "y")
		b.flush()
		settle(a, b)
	} else {
		digits(a, bob) // the session is begun
	}
	before := copyOf(a.store)
	out := map[int]int{}
	for _, n := range lengths {
		a.store = copyOf(before)
		a.start()
		a.send(b, strings.Repeat("x", n))
		a.flush()
		sent := w.carrier.Taken()
		out[n] = len(sent[len(sent)-1].Body)
	}
	return out
}

func copyOf(s client.KeyStore) client.KeyStore {
	out := keystoretest.NewMemory()
	type entry struct {
		b client.Bucket
		client.Pair
	}
	var all []entry
	err := s.View(bg, func(tx client.Tx) error {
		for _, b := range []client.Bucket{client.BucketSelf, client.BucketCounter, client.BucketPreKey, client.BucketSession, client.BucketPeer, client.BucketContact, client.BucketKnown} {
			pairs, err := tx.List(b, client.Range{})
			if err != nil {
				return err
			}
			for _, p := range pairs {
				all = append(all, entry{b, p})
			}
		}
		return nil
	})
	if err == nil {
		err = out.Update(bg, func(tx client.Tx) error {
			for _, e := range all {
				if err := tx.Put(e.b, e.Key, e.Value); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		panic(err) // stores in memory
	}
	return out
}

func TestPaddingTable(t *testing.T) {
	var short []int
	for n := 1; n <= 160; n++ {
		short = append(short, n)
	}
	long := []int{161, 178, 179, 400, 401, 600, 627, 850, 851, 1300, 1750, 2600, 3500, 7000, 14000, 30000, 65536}
	t.Log("text bytes -> envelope bytes, established session | first message of a session")
	established, first := envelopes(t, true, append(short, long...)), envelopes(t, false, append(short, long...))
	for _, n := range short {
		if established[n] != established[1] || first[n] != first[1] {
			t.Fatalf("a text of %d bytes makes %d and %d bytes, one of 1 makes %d and %d", n, established[n], first[n], established[1], first[1])
		}
	}
	t.Logf("%11s -> %6d | %6d", "1 to 160", established[1], first[1])
	lengths := map[int]bool{established[1]: true}
	for _, n := range long {
		t.Logf("%11d -> %6d | %6d", n, established[n], first[n])
		lengths[established[n]] = true
		if established[n] > wire.MaxEnvelope || first[n] > wire.MaxEnvelope {
			t.Errorf("a text of %d bytes does not fit an envelope", n)
		}
	}
	if fmt.Sprint(established[161]) == fmt.Sprint(established[65536]) || len(lengths) < 10 {
		t.Error("every text has one length: the table shows nothing")
	}
}
