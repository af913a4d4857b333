package vault

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"letterlock/client"
)

// shelf is a bucket in memory: its keys in order, and its values.
type shelf struct {
	keys   []string
	values map[string][]byte
}

// add is set for many, before one sort.
func (h *shelf) add(key string, v []byte) {
	h.keys = append(h.keys, key)
	h.values[key] = v
}

func (h *shelf) sort() { slices.Sort(h.keys) }

// set puts a value, or with nil removes it.
func (h *shelf) set(key string, v []byte) {
	at, found := slices.BinarySearch(h.keys, key)
	switch {
	case v == nil && found:
		h.keys = slices.Delete(h.keys, at, at+1)
		delete(h.values, key)
	case v != nil && !found:
		h.keys = slices.Insert(h.keys, at, key)
		h.values[key] = v
	case v != nil:
		h.values[key] = v
	}
}

// between are the positions of the keys in a range.
func (h *shelf) between(r client.Range) (from, to int) {
	prefix := string(r.Prefix)
	from, _ = slices.BinarySearch(h.keys, prefix)
	to = from + lead(h.keys[from:], prefix)
	if r.After == nil {
		return from, to
	}
	at, found := slices.BinarySearch(h.keys, string(r.After))
	if r.Reverse {
		return from, max(from, min(to, at))
	}
	if found {
		at++
	}
	return min(to, max(from, at)), to
}

// lead is how many of the first keys, in order, have the prefix.
func lead(keys []string, prefix string) int {
	n, _ := slices.BinarySearchFunc(keys, prefix, func(k, p string) int {
		if strings.HasPrefix(k, p) {
			return -1
		}
		return 1
	})
	return n
}

// tx lays its changes over the store; nil is a removed one.
type tx struct {
	s       *Store
	changes map[client.Bucket]map[string][]byte
}

func (t *tx) Get(b client.Bucket, key []byte) ([]byte, error) {
	if v, changed := t.changes[b][string(key)]; changed {
		return bytes.Clone(v), nil
	}
	if h := t.s.shelves[b]; h != nil {
		return bytes.Clone(h.values[string(key)]), nil
	}
	return nil, nil
}

func (t *tx) Put(b client.Bucket, key, value []byte) error {
	if len(key) == 0 || len(key) > 200 {
		return errors.New("a key has 1 to 200 bytes")
	}
	t.change(b, key, append([]byte{}, value...))
	return nil
}

func (t *tx) Delete(b client.Bucket, key []byte) error {
	t.change(b, key, nil)
	return nil
}

func (t *tx) change(b client.Bucket, key, v []byte) {
	if t.changes[b] == nil {
		t.changes[b] = map[string][]byte{}
	}
	t.changes[b][string(key)] = v
}

func (t *tx) List(b client.Bucket, r client.Range) ([]client.Pair, error) {
	out := t.stored(b, r)
	changed := t.changes[b]
	if len(changed) == 0 {
		return out, nil
	}
	for key, v := range changed {
		if v != nil && inRange(key, r) {
			out = append(out, client.Pair{Key: []byte(key), Value: bytes.Clone(v)})
		}
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

// stored are the first entries of a range that this transaction did not change.
func (t *tx) stored(b client.Bucket, r client.Range) (out []client.Pair) {
	h := t.s.shelves[b]
	if h == nil {
		return nil
	}
	from, to := h.between(r)
	for n := range to - from {
		at := from + n
		if r.Reverse {
			at = to - 1 - n
		}
		key := h.keys[at]
		if _, changed := t.changes[b][key]; changed {
			continue
		}
		if out = append(out, client.Pair{Key: []byte(key), Value: bytes.Clone(h.values[key])}); len(out) == r.Limit {
			break
		}
	}
	return out
}

func inRange(key string, r client.Range) bool {
	if !strings.HasPrefix(key, string(r.Prefix)) {
		return false
	}
	if r.After == nil {
		return true
	}
	c := strings.Compare(key, string(r.After))
	return c > 0 != r.Reverse && c != 0
}

// records seals what changed.
func (t *tx) records() (put [][]byte, remove [][16]byte) {
	for b, changed := range t.changes {
		h := t.s.shelves[b]
		for key, v := range changed {
			switch {
			case v != nil:
				put = append(put, t.s.keys.seal(b, []byte(key), v))
			case h != nil && h.values[key] != nil:
				remove = append(remove, t.s.keys.id(b, []byte(key)))
			}
		}
	}
	return put, remove
}
