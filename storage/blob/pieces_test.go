package blob_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/internal/fault"
	"letterlock/internal/testkit/s3"
	"letterlock/storage/blob"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func TestPiecesInAFolder(t *testing.T) {
	dir := t.TempDir()
	p, err := blob.OpenPieces(dir)
	if err != nil {
		t.Fatal(err)
	}
	storagetest.Pieces(t, p)
	files(t, dir, func(path string, info os.FileInfo) {
		if info.Mode().Perm() != 0o600 || info.ModTime().Unix() != 0 {
			t.Errorf("%s: %v, %v", path, info.Mode(), info.ModTime())
		}
	})
}

func files(t *testing.T, dir string, f func(string, os.FileInfo)) {
	t.Helper()
	n := 0
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n++
				f(path, info)
			}
		}
		return nil
	})
	if n == 0 {
		t.Error("no file was looked at")
	}
}

func TestPiecesInABucket(t *testing.T) {
	s := s3.Start(t)
	b, err := blob.OpenBucket(context.Background(), s.Address)
	if err != nil {
		t.Fatal(err)
	}
	storagetest.Pieces(t, b)
	body := make([]byte, wire.MediaPiece)
	rand.Read(body)
	id := wire.NewMediaID()
	s.Stop()
	if err := b.Put(context.Background(), id, 0, bytes.NewReader(body), wire.MediaPiece); err == nil {
		t.Error("a piece was taken while the server was away")
	}
	s.Go()
	if err := b.Put(context.Background(), id, 0, bytes.NewReader(body), wire.MediaPiece); err != nil {
		t.Fatal(err)
	}
}

func TestABucketThatCannotBeUsedIsSaid(t *testing.T) {
	s := s3.Start(t)
	ctx := context.Background()
	for _, c := range []struct{ address, says string }{
		{"s3://key@host/", "not named"},
		{"http://key:secret@host/bucket", "no address of a bucket"},
		{"s3://host/bucket", "no address of a bucket"},
		{strings.Replace(s.Address, "/letters/", "/others/", 1), "no bucket others"},
		{strings.Replace(s.Address, "testkey", "otherkey", 1), "that this key may see"},
	} {
		_, err := blob.OpenBucket(ctx, c.address)
		if err == nil || !strings.Contains(fault.Say(err), c.says) || strings.Contains(fault.Say(err), "secret%") {
			t.Errorf("%s: %v", c.address, err)
		}
	}
}
