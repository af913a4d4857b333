// Package vault is the key store of the browser: entries that lie sealed on a
// disk of which nothing is known but that it keeps records, and in the clear in
// memory for as long as the store is open. It knows the passphrase's keys and
// no rule of the client; the disk (IndexedDB) is given to it.
package vault

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"unicode/utf8"

	"letterlock/client"
	"letterlock/internal/fault"
)

// Disk keeps records. Record and id are opaque to it.
type Disk interface {
	// Meta is what Replace stored last; nil: nothing.
	Meta(ctx context.Context) ([]byte, error)
	// Replace stores a meta and records in the place of all that there was, all of
	// it or nothing.
	Replace(ctx context.Context, meta []byte, records [][]byte) error
	// Load returns every record.
	Load(ctx context.Context) ([][]byte, error)
	// Commit stores and removes, all of it or nothing, and is durable. A record
	// replaces one with the same first 16 bytes, its id.
	Commit(ctx context.Context, put [][]byte, remove [][16]byte) error
	// Drop removes everything.
	Drop(ctx context.Context) error
}

// Store is an open store.
type Store struct {
	disk Disk
	keys keys

	writing sync.Mutex // one Update at a time, also while the disk commits

	mu      sync.RWMutex // guards what follows
	shelves map[client.Bucket]*shelf
	closed  bool
}

var _ client.KeyStore = (*Store)(nil)

var errClosed = errors.New("the key store is closed")

// Create begins a new store under a passphrase; what was on the disk is gone.
func Create(ctx context.Context, d Disk, passphrase string, c Cost) (*Store, error) {
	if utf8.RuneCountInString(passphrase) < MinPassphrase {
		return nil, errShortPassphrase()
	}
	meta, raw, err := newMeta(passphrase, c)
	if err != nil {
		return nil, err
	}
	if err := d.Replace(ctx, meta, nil); err != nil {
		return nil, err
	}
	k, err := makeKeys(raw)
	return &Store{disk: d, keys: k, shelves: map[client.Bucket]*shelf{}}, err
}

// Open opens the store that is on the disk.
func Open(ctx context.Context, d Disk, passphrase string) (*Store, error) {
	meta, err := d.Meta(ctx)
	if err != nil {
		return nil, err
	}
	if meta == nil {
		return nil, fault.New(fault.NotFound, "open store", "there is nothing stored in this browser")
	}
	raw, err := openMeta(passphrase, meta)
	if err != nil {
		return nil, err
	}
	k, err := makeKeys(raw)
	if err != nil {
		return nil, err
	}
	s := &Store{disk: d, keys: k, shelves: map[client.Bucket]*shelf{}}
	return s, s.load(ctx)
}

func (s *Store) load(ctx context.Context) error {
	records, err := s.disk.Load(ctx)
	if err != nil {
		return err
	}
	for _, r := range records {
		b, key, value, err := s.keys.open(r)
		if err != nil {
			return err
		}
		s.shelf(b).add(string(key), value)
	}
	for _, h := range s.shelves {
		h.sort()
	}
	return nil
}

// shelf is the shelf of a bucket, made if there is none.
func (s *Store) shelf(b client.Bucket) *shelf {
	h := s.shelves[b]
	if h == nil {
		h = &shelf{values: map[string][]byte{}}
		s.shelves[b] = h
	}
	return h
}

// Update collects changes, makes them durable and then lets them be seen.
func (s *Store) Update(ctx context.Context, f func(client.Tx) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	t := &tx{s: s, changes: map[client.Bucket]map[string][]byte{}}
	if err := s.read(ctx, t, f); err != nil {
		return err
	}
	put, remove := t.records()
	if len(put)+len(remove) == 0 {
		return nil
	}
	if err := s.disk.Commit(ctx, put, remove); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for b, changed := range t.changes {
		h := s.shelf(b)
		for key, v := range changed {
			h.set(key, v)
		}
	}
	return nil
}

// View reads what is committed; what f changes is dropped.
func (s *Store) View(ctx context.Context, f func(client.Tx) error) error {
	return s.read(ctx, &tx{s: s, changes: map[client.Bucket]map[string][]byte{}}, f)
}

func (s *Store) read(ctx context.Context, t *tx, f func(client.Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return errClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return f(t)
}

// Erase has nothing to do beyond what Update did: a browser offers no way to
// overwrite. What it may keep of removed records is sealed (decision 53).
func (s *Store) Erase(context.Context) error { return nil }

// Close forgets the keys and what lay in memory.
func (s *Store) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.keys.name)
	s.closed, s.shelves, s.keys = true, nil, keys{}
	return nil
}

// Drop closes the store and removes everything from the disk.
func (s *Store) Drop(ctx context.Context) error {
	return errors.Join(s.Close(), s.disk.Drop(ctx))
}

// Rekey puts the store under another passphrase, with new keys: what the
// browser may still hold under the former ones opens with neither.
func (s *Store) Rekey(ctx context.Context, former, passphrase string) error {
	if utf8.RuneCountInString(passphrase) < MinPassphrase {
		return errShortPassphrase()
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	meta, err := s.disk.Meta(ctx)
	if err != nil {
		return err
	}
	if _, err := openMeta(former, meta); err != nil {
		return err
	}
	next, raw, err := newMeta(passphrase, Cost{Passes: meta[1], KiB: binary.BigEndian.Uint32(meta[2:6])})
	if err != nil {
		return err
	}
	k, err := makeKeys(raw)
	if err != nil {
		return err
	}
	var all [][]byte
	s.mu.RLock()
	closed := s.closed
	for b, h := range s.shelves {
		for key, v := range h.values {
			all = append(all, k.seal(b, []byte(key), v))
		}
	}
	s.mu.RUnlock()
	if closed {
		return errClosed
	}
	if err := s.disk.Replace(ctx, next, all); err != nil {
		return err
	}
	s.keys = k
	return nil
}

func errShortPassphrase() error {
	return fault.New(fault.Invalid, "choose a passphrase", "a passphrase has at least %d characters: several words are better than one", MinPassphrase)
}
