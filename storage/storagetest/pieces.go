package storagetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"testing"

	"letterlock/messenger/media"
	"letterlock/wire"
)

// Pieces is what every store of people's sealed files must do.
func Pieces(t *testing.T, b media.Blobs) {
	ctx, id, other := context.Background(), wire.NewMediaID(), wire.NewMediaID()
	body := make([]byte, 300_000)
	rand.Read(body)
	put := func(id wire.MediaID, n int, p []byte) {
		t.Helper()
		if err := b.Put(ctx, id, n, bytes.NewReader(p), int64(len(p))); err != nil {
			t.Fatal(err)
		}
	}
	read := func(id wire.MediaID, n int, from int64) ([]byte, error) {
		r, err := b.Open(ctx, id, n, from)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(r)
	}
	put(id, 0, body[:1000])
	put(id, 0, body) // again: the answer to the first was lost
	put(id, 1, body[:7])
	put(id, 11, body[:11])
	put(other, 0, body[5:])
	for _, c := range []struct {
		n    int
		from int64
		want []byte
	}{{0, 0, body}, {0, 299_999, body[299_999:]}, {0, 4096, body[4096:]}, {1, 3, body[3:7]}, {11, 0, body[:11]}} {
		if got, err := read(id, c.n, c.from); err != nil || !bytes.Equal(got, c.want) {
			t.Fatalf("piece %d from %d: %d bytes, %v", c.n, c.from, len(got), err)
		}
	}
	if err := b.Put(ctx, id, 2, bytes.NewReader(body[:10]), 11); err == nil {
		t.Error("a piece that ended early was taken")
	}
	if got, err := read(id, 2, 0); err == nil {
		t.Errorf("half a piece is there: %d bytes", len(got))
	}
	seen := map[wire.MediaID]int{}
	each := func() {
		t.Helper()
		clear(seen)
		if err := b.Each(ctx, func(id wire.MediaID) error { seen[id]++; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if each(); len(seen) != 2 || seen[id] != 1 || seen[other] != 1 {
		t.Fatalf("%v", seen)
	}
	stop := errors.New("stop")
	if err := b.Each(ctx, func(wire.MediaID) error { return stop }); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	for range 2 {
		if err := b.Remove(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []int{0, 1, 11} {
		if _, err := read(id, n, 0); err == nil {
			t.Errorf("piece %d is still there", n)
		}
	}
	if each(); len(seen) != 1 || seen[other] != 1 {
		t.Fatalf("%v", seen)
	}
	if got, err := read(other, 0, 0); err != nil || !bytes.Equal(got, body[5:]) {
		t.Fatal("another blob was touched")
	}
}
