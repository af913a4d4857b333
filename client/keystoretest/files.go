package keystoretest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"sync"
	"testing"

	"letterlock/client"
	"letterlock/wire"
)

// MemoryFiles is a place for sealed files that ends with the program.
type MemoryFiles struct {
	mu  sync.Mutex
	all map[wire.MediaID][]byte
}

var _ client.Files = (*MemoryFiles)(nil)

// NewMemoryFiles makes an empty place.
func NewMemoryFiles() *MemoryFiles { return &MemoryFiles{all: map[wire.MediaID][]byte{}} }

// Put writes over or behind what there is.
func (m *MemoryFiles) Put(_ context.Context, id wire.MediaID, b []byte, at int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	have := m.all[id]
	if at > int64(len(have)) {
		return errors.New("a gap in a file")
	}
	m.all[id] = append(have[:at:at], b...)
	return nil
}

// Read is io.ReaderAt of one file.
func (m *MemoryFiles) Read(_ context.Context, id wire.MediaID, b []byte, at int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.NewReader(m.all[id]).ReadAt(b, at)
}

// Size is the length that there is.
func (m *MemoryFiles) Size(_ context.Context, id wire.MediaID) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return int64(len(m.all[id])), nil
}

// Remove takes a file away.
func (m *MemoryFiles) Remove(_ context.Context, id wire.MediaID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, id)
	return nil
}

// Each names every file.
func (m *MemoryFiles) Each(_ context.Context, f func(wire.MediaID) error) error {
	m.mu.Lock()
	var ids []wire.MediaID
	for id := range m.all {
		ids = append(ids, id)
	}
	m.mu.Unlock()
	for _, id := range ids {
		if err := f(id); err != nil {
			return err
		}
	}
	return nil
}

// Len is how many files there are.
func (m *MemoryFiles) Len() int { m.mu.Lock(); defer m.mu.Unlock(); return len(m.all) }

// Files is what every place for sealed files must do.
func Files(t *testing.T, f client.Files) {
	ctx, id, other := context.Background(), wire.NewMediaID(), wire.NewMediaID()
	body := make([]byte, 3_000_000)
	rand.Read(body)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	size := func(want int) {
		t.Helper()
		if n, err := f.Size(ctx, id); err != nil || n != int64(want) {
			t.Fatalf("%d bytes, %v; want %d", n, err, want)
		}
	}
	size(0)
	must(f.Remove(ctx, id))
	must(f.Put(ctx, id, body[:1000], 0))
	must(f.Put(ctx, id, body[1000:2_000_000], 1000))
	must(f.Put(ctx, other, body[:5], 0))
	size(2_000_000)
	must(f.Put(ctx, id, body[1_500_000:], 1_500_000)) // over and behind
	size(len(body))
	got := make([]byte, 700)
	for _, at := range []int{0, 999, 1_499_900, len(body) - 700} {
		if n, err := f.Read(ctx, id, got, int64(at)); n != 700 || (err != nil && err != io.EOF) || !bytes.Equal(got, body[at:at+700]) {
			t.Fatalf("at %d: %d, %v", at, n, err)
		}
	}
	if n, err := f.Read(ctx, id, got, int64(len(body)-7)); n != 7 || err != io.EOF {
		t.Errorf("behind the end: %d, %v", n, err)
	}
	if err := f.Put(ctx, id, body[:1], int64(len(body)+1)); err == nil {
		t.Error("a gap was taken")
	}
	seen := map[wire.MediaID]bool{}
	must(f.Each(ctx, func(id wire.MediaID) error { seen[id] = true; return nil }))
	if len(seen) != 2 || !seen[id] || !seen[other] {
		t.Errorf("%v", seen)
	}
	must(f.Remove(ctx, id))
	size(0)
	if n, err := f.Read(ctx, id, got, 0); n != 0 || err == nil {
		t.Errorf("removed, and %d bytes are read", n)
	}
	if n, err := f.Size(ctx, other); n != 5 || err != nil {
		t.Error("another file was touched")
	}
}
