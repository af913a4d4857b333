// Package keystoretest says what a key store of the client must do: a suite
// that every implementation passes, and the smallest store that does, which
// keeps everything in memory. It knows no database.
package keystoretest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"letterlock/client"
)

// Memory is a key store that ends with the program.
type Memory struct {
	mu     sync.Mutex
	shelf  shelves
	closed bool
}

// shelves are the entries of each bucket, in the order of their keys.
type shelves map[client.Bucket]*shelf

type shelf struct {
	keys   []string
	values map[string][]byte // nil: deleted, on a shelf of changes
}

func (s shelves) of(b client.Bucket) *shelf {
	if s[b] == nil {
		s[b] = &shelf{values: map[string][]byte{}}
	}
	return s[b]
}

func (s *shelf) put(key string, value []byte) {
	if _, found := s.values[key]; !found {
		at, _ := slices.BinarySearch(s.keys, key)
		s.keys = slices.Insert(s.keys, at, key)
	}
	s.values[key] = value
}

func (s *shelf) remove(key string) {
	if at, found := slices.BinarySearch(s.keys, key); found {
		s.keys = slices.Delete(s.keys, at, at+1)
		delete(s.values, key)
	}
}

// within are the keys that a range may choose, without its limit.
func (s *shelf) within(r client.Range) []string {
	from, _ := slices.BinarySearch(s.keys, string(r.Prefix))
	to, _ := slices.BinarySearchFunc(s.keys, string(r.Prefix), func(key, prefix string) int {
		if strings.HasPrefix(key, prefix) || key < prefix {
			return -1
		}
		return 1
	})
	if r.After != nil {
		after, found := slices.BinarySearch(s.keys, string(r.After))
		switch {
		case r.Reverse:
			to = min(to, after)
		case found:
			after++
			fallthrough
		default:
			from = max(from, after)
		}
	}
	return s.keys[from:max(from, to)]
}

// NewMemory makes an empty store.
func NewMemory() *Memory { return &Memory{shelf: shelves{}} }

var errClosed = errors.New("the key store is closed")

// Update collects the changes and makes them only on success.
func (m *Memory) Update(ctx context.Context, f func(client.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return err
	}
	t := &memoryTx{m.shelf, shelves{}}
	if err := f(t); err != nil {
		return err
	}
	for b, changes := range t.changes {
		for key, v := range changes.values {
			if v == nil {
				m.shelf.of(b).remove(key)
			} else {
				m.shelf.of(b).put(key, v)
			}
		}
	}
	return nil
}

// View collects changes and drops them.
func (m *Memory) View(ctx context.Context, f func(client.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return err
	}
	return f(&memoryTx{m.shelf, shelves{}})
}

func (m *Memory) usable(ctx context.Context) error {
	if m.closed {
		return errClosed
	}
	return ctx.Err()
}

// Erase has nothing to do: there are no files.
func (m *Memory) Erase(context.Context) error { return nil }

// Close ends the store.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed, m.shelf = true, nil
	return nil
}

// memoryTx lays its changes over the entries.
type memoryTx struct{ entries, changes shelves }

func (t *memoryTx) Get(b client.Bucket, key []byte) ([]byte, error) {
	v, found := t.changes.of(b).values[string(key)]
	if !found {
		v = t.entries.of(b).values[string(key)]
	}
	return bytes.Clone(v), nil
}

func (t *memoryTx) Put(b client.Bucket, key, value []byte) error {
	if len(key) == 0 || len(key) > 200 {
		return errors.New("a key has 1 to 200 bytes")
	}
	t.changes.of(b).put(string(key), append([]byte{}, value...))
	return nil
}

func (t *memoryTx) Delete(b client.Bucket, key []byte) error {
	t.changes.of(b).put(string(key), nil)
	return nil
}

func (t *memoryTx) List(b client.Bucket, r client.Range) (out []client.Pair, err error) {
	have, changed := t.entries.of(b), t.changes.of(b)
	old, fresh := have.within(r), changed.within(r)
	first := func(of []string) string { return of[0] }
	drop := func(of []string) []string { return of[1:] }
	before := func(x, y string) bool { return x < y }
	if r.Reverse {
		first = func(of []string) string { return of[len(of)-1] }
		drop = func(of []string) []string { return of[:len(of)-1] }
		before = func(x, y string) bool { return x > y }
	}
	for (r.Limit == 0 || len(out) < r.Limit) && len(old)+len(fresh) > 0 {
		var key string
		var value []byte
		if len(fresh) == 0 || (len(old) > 0 && before(first(old), first(fresh))) {
			key = first(old)
			old, value = drop(old), have.values[key]
		} else {
			key = first(fresh)
			if len(old) > 0 && first(old) == key {
				old = drop(old)
			}
			fresh, value = drop(fresh), changed.values[key]
		}
		if value != nil {
			out = append(out, client.Pair{Key: []byte(key), Value: append([]byte{}, value...)})
		}
	}
	return out, nil
}
