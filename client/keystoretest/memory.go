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
	mu      sync.Mutex
	entries map[string][]byte // bucket, zero, key
	closed  bool
}

// NewMemory makes an empty store.
func NewMemory() *Memory { return &Memory{entries: map[string][]byte{}} }

var errClosed = errors.New("the key store is closed")

// Update collects the changes and makes them only on success.
func (m *Memory) Update(ctx context.Context, f func(client.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return err
	}
	t := &memoryTx{m.entries, map[string][]byte{}}
	if err := f(t); err != nil {
		return err
	}
	for name, v := range t.changes {
		if v == nil {
			delete(m.entries, name)
		} else {
			m.entries[name] = v
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
	return f(&memoryTx{m.entries, map[string][]byte{}})
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
	m.closed, m.entries = true, nil
	return nil
}

// memoryTx lays its changes over the entries; nil is a deleted one.
type memoryTx struct{ entries, changes map[string][]byte }

func name(b client.Bucket, key []byte) string { return string(b) + "\x00" + string(key) }

func (t *memoryTx) Get(b client.Bucket, key []byte) ([]byte, error) {
	v, found := t.changes[name(b, key)]
	if !found {
		v = t.entries[name(b, key)]
	}
	return bytes.Clone(v), nil
}

func (t *memoryTx) Put(b client.Bucket, key, value []byte) error {
	if len(key) == 0 || len(key) > 200 {
		return errors.New("a key has 1 to 200 bytes")
	}
	t.changes[name(b, key)] = append([]byte{}, value...)
	return nil
}

func (t *memoryTx) Delete(b client.Bucket, key []byte) error {
	t.changes[name(b, key)] = nil
	return nil
}

func (t *memoryTx) List(b client.Bucket, r client.Range) ([]client.Pair, error) {
	var out []client.Pair
	add := func(full string, v []byte) {
		key, found := strings.CutPrefix(full, string(b)+"\x00")
		if found && v != nil && inRange([]byte(key), r) {
			out = append(out, client.Pair{Key: []byte(key), Value: bytes.Clone(v)})
		}
	}
	for full, v := range t.entries {
		if _, changed := t.changes[full]; !changed {
			add(full, v)
		}
	}
	for full, v := range t.changes {
		add(full, v)
	}
	slices.SortFunc(out, func(x, y client.Pair) int {
		if r.Reverse {
			x, y = y, x
		}
		return bytes.Compare(x.Key, y.Key)
	})
	if r.Limit > 0 && len(out) > r.Limit {
		out = out[:r.Limit]
	}
	return out, nil
}

func inRange(key []byte, r client.Range) bool {
	if !bytes.HasPrefix(key, r.Prefix) {
		return false
	}
	if r.After == nil {
		return true
	}
	c := bytes.Compare(key, r.After)
	return c > 0 != r.Reverse && c != 0
}
