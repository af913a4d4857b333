package keystoretest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"letterlock/client"
)

const (
	left  client.Bucket = "session"
	right client.Bucket = "peer"
)

// Run tries a store. Open gives a new empty one; reopen gives the same one as
// a next start of the program would find it, after the value before was closed
// or abandoned, and is nil for stores that end with the program.
func Run(t *testing.T, open func(t *testing.T) client.KeyStore, reopen func(t *testing.T) client.KeyStore) {
	for name, test := range map[string]func(*testing.T, client.KeyStore){
		"put, get and delete":               entries,
		"empty is not absent":               empty,
		"a failed update changes nothing":   atomic,
		"lists are ordered and bounded":     lists,
		"bytes belong to their side":        owned,
		"updates do not overlap":            alone,
		"a view sees one state":             view,
		"bad keys are refused":              badKeys,
		"an ended context changes nothing":  ended,
		"erase keeps what was not deleted":  erase,
		"large values come back":            large,
		"a closed store says so":            closed,
		"reads in an update see its writes": ownWrites,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			defer s.Close()
			test(t, s)
		})
	}
	if reopen != nil {
		t.Run("what was committed is there at the next start", func(t *testing.T) { durable(t, open(t), reopen) })
	}
}

func update(t *testing.T, s client.KeyStore, f func(client.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, s client.KeyStore, b client.Bucket, key, value string) {
	t.Helper()
	update(t, s, func(tx client.Tx) error { return tx.Put(b, []byte(key), []byte(value)) })
}

func want(t *testing.T, s client.KeyStore, b client.Bucket, key, value string) {
	t.Helper()
	err := s.View(context.Background(), func(tx client.Tx) error {
		got, err := tx.Get(b, []byte(key))
		if err != nil {
			return err
		}
		if (got == nil) != (value == absent) || (got != nil && string(got) != value) {
			return fmt.Errorf("%s/%q is %q, want %q", b, key, got, value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

const absent = "(absent)"

func entries(t *testing.T, s client.KeyStore) {
	put(t, s, left, "k", "one")
	put(t, s, right, "k", "other bucket")
	put(t, s, left, "k", "two")
	put(t, s, left, "\x00\xff", "\x00binary\xff")
	want(t, s, left, "k", "two")
	want(t, s, right, "k", "other bucket")
	want(t, s, left, "\x00\xff", "\x00binary\xff")
	update(t, s, func(tx client.Tx) error {
		return errors.Join(tx.Delete(left, []byte("k")), tx.Delete(left, []byte("never there")))
	})
	want(t, s, left, "k", absent)
	want(t, s, right, "k", "other bucket")
}

func empty(t *testing.T, s client.KeyStore) {
	update(t, s, func(tx client.Tx) error {
		return errors.Join(tx.Put(left, []byte("nil"), nil), tx.Put(left, []byte("none"), []byte{}))
	})
	want(t, s, left, "nil", "")
	want(t, s, left, "none", "")
	want(t, s, left, "no", absent)
}

func atomic(t *testing.T, s client.KeyStore) {
	put(t, s, left, "stays", "before")
	mine := errors.New("mine")
	err := s.Update(context.Background(), func(tx client.Tx) error {
		if err := errors.Join(tx.Put(left, []byte("stays"), []byte("after")), tx.Put(right, []byte("new"), nil), tx.Delete(left, []byte("stays"))); err != nil {
			return err
		}
		return mine
	})
	if !errors.Is(err, mine) {
		t.Fatalf("the caller's error became %v", err)
	}
	want(t, s, left, "stays", "before")
	want(t, s, right, "new", absent)
	func() {
		defer func() { recover() }()
		s.Update(context.Background(), func(tx client.Tx) error {
			if err := tx.Put(left, []byte("stays"), []byte("panicked")); err != nil {
				t.Error(err)
			}
			panic("in the middle")
		})
	}()
	want(t, s, left, "stays", "before")
}

func ownWrites(t *testing.T, s client.KeyStore) {
	update(t, s, func(tx client.Tx) error {
		if err := tx.Put(left, []byte("a1"), []byte("x")); err != nil {
			return err
		}
		got, err := tx.Get(left, []byte("a1"))
		pairs, lerr := tx.List(left, client.Range{Prefix: []byte("a")})
		if err != nil || lerr != nil || string(got) != "x" || len(pairs) != 1 {
			t.Errorf("its own write reads %q, %d entries, %v, %v", got, len(pairs), err, lerr)
		}
		return nil
	})
}

func lists(t *testing.T, s client.KeyStore) {
	keys := []string{"a", "a\x00", "a\x01", "a\xff", "a\xff\xff", "b", "\xff", "\xff\xff"}
	update(t, s, func(tx client.Tx) error {
		for i := range keys {
			k := keys[(i*5)%len(keys)]
			if err := tx.Put(left, []byte(k), []byte("="+k)); err != nil {
				return err
			}
		}
		return tx.Put(right, []byte("a"), nil)
	})
	for _, c := range []struct {
		r    client.Range
		want []string
	}{
		{client.Range{}, keys},
		{client.Range{Prefix: []byte("a")}, keys[:5]},
		{client.Range{Prefix: []byte("a\xff")}, keys[3:5]},
		{client.Range{Prefix: []byte("\xff")}, keys[6:]},
		{client.Range{Prefix: []byte("\xff\xff\xff")}, nil},
		{client.Range{Prefix: []byte("a"), Limit: 2}, keys[:2]},
		{client.Range{Prefix: []byte("a"), After: []byte("a\x00")}, keys[2:5]},
		{client.Range{After: []byte("a\x00"), Limit: 3}, keys[2:5]},
		{client.Range{After: []byte("aa")}, keys[3:]},
		{client.Range{Prefix: []byte("a"), Reverse: true, Limit: 2}, []string{"a\xff\xff", "a\xff"}},
		{client.Range{Reverse: true, After: []byte("a\x01")}, []string{"a\x00", "a"}},
		{client.Range{Prefix: []byte("c")}, nil},
	} {
		var got []string
		err := s.View(context.Background(), func(tx client.Tx) error {
			pairs, err := tx.List(left, c.r)
			for _, p := range pairs {
				got = append(got, string(p.Key))
				if string(p.Value) != "="+string(p.Key) {
					t.Errorf("%q has %q", p.Key, p.Value)
				}
			}
			return err
		})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %q, %v, want %q", c.r, got, err, c.want)
		}
	}
}

func owned(t *testing.T, s client.KeyStore) {
	key, value := []byte("k"), []byte("value")
	update(t, s, func(tx client.Tx) error {
		err := tx.Put(left, key, value)
		key[0], value[0] = 'x', 'x'
		return err
	})
	want(t, s, left, "k", "value")
	update(t, s, func(tx client.Tx) error {
		got, err := tx.Get(left, []byte("k"))
		pairs, lerr := tx.List(left, client.Range{})
		clear(got)
		clear(pairs[0].Value)
		clear(pairs[0].Key)
		return errors.Join(err, lerr)
	})
	want(t, s, left, "k", "value")
}

func alone(t *testing.T, s client.KeyStore) {
	const goroutines, rounds = 8, 20
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range rounds {
				err := s.Update(context.Background(), func(tx client.Tx) error {
					v, err := tx.Get(left, []byte("n"))
					if err != nil {
						return err
					}
					return tx.Put(left, []byte("n"), append(v, '.'))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want(t, s, left, "n", strings.Repeat(".", goroutines*rounds))
}

func view(t *testing.T, s client.KeyStore) {
	put(t, s, left, "k", "v")
	mine := errors.New("mine")
	if err := s.View(context.Background(), func(client.Tx) error { return mine }); !errors.Is(err, mine) {
		t.Fatalf("the caller's error became %v", err)
	}
	want(t, s, left, "k", "v")
}

func badKeys(t *testing.T, s client.KeyStore) {
	for _, key := range [][]byte{nil, {}, bytes.Repeat([]byte{1}, 201)} {
		if s.Update(context.Background(), func(tx client.Tx) error { return tx.Put(left, key, nil) }) == nil {
			t.Errorf("a key of %d bytes was taken", len(key))
		}
	}
	put(t, s, left, strings.Repeat("k", 200), "longest")
	want(t, s, left, strings.Repeat("k", 200), "longest")
}

func ended(t *testing.T, s client.KeyStore) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if s.Update(ctx, func(tx client.Tx) error { return tx.Put(left, []byte("k"), nil) }) == nil {
		t.Error("an update ran although its context had ended")
	}
	want(t, s, left, "k", absent)
}

func erase(t *testing.T, s client.KeyStore) {
	put(t, s, left, "stays", "v")
	put(t, s, left, "goes", "v")
	update(t, s, func(tx client.Tx) error { return tx.Delete(left, []byte("goes")) })
	if err := s.Erase(context.Background()); err != nil {
		t.Fatal(err)
	}
	want(t, s, left, "stays", "v")
	want(t, s, left, "goes", absent)
}

func large(t *testing.T, s client.KeyStore) {
	big := strings.Repeat("0123456789abcdef", 1<<15) // half a mebibyte, twice an envelope
	put(t, s, left, "big", big)
	want(t, s, left, "big", big)
}

func closed(t *testing.T, s client.KeyStore) {
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s.Update(context.Background(), func(client.Tx) error { return nil }) == nil {
		t.Error("a closed store was updated")
	}
	if s.View(context.Background(), func(client.Tx) error { return nil }) == nil {
		t.Error("a closed store was read")
	}
}

func durable(t *testing.T, s client.KeyStore, reopen func(t *testing.T) client.KeyStore) {
	for i := range 20 {
		put(t, s, left, fmt.Sprint(i), fmt.Sprint("value ", i))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := reopen(t)
	defer again.Close()
	for i := range 20 {
		want(t, again, left, fmt.Sprint(i), fmt.Sprint("value ", i))
	}
}
