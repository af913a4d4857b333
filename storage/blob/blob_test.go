package blob_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/storage/blob"
)

func TestABlobComesBackWholeOrNotAtAll(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	f, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	body := bytes.Repeat([]byte("order "), 1000)
	for range 2 { // the same bytes twice are one file
		sum, n, err := f.Put(ctx, bytes.NewReader(body), 1<<20)
		if err != nil || n != int64(len(body)) || sum != casefile.SumOf(body) {
			t.Fatal(sum, n, err)
		}
	}
	sum := casefile.SumOf(body)
	if got := read(t, f, sum); !bytes.Equal(got, body) {
		t.Fatal("other bytes")
	}
	path := filepath.Join(dir, string(sum[:2]), string(sum[2:]))
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	raw, _ := os.ReadFile(path)
	raw[7] ^= 1
	os.WriteFile(path, raw, 0o600)
	r, err := f.Open(ctx, sum)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); err == nil {
		t.Fatal("a damaged file read as whole")
	}
}

func read(t *testing.T, f *blob.Folder, s casefile.Sum) []byte {
	t.Helper()
	r, err := f.Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatIsTooLargeOrCutOffLeavesNothing(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	f, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Put(ctx, strings.NewReader("123456"), 5); !fault.Is(err, fault.TooLarge) {
		t.Fatal(err)
	}
	if _, _, err := f.Put(ctx, io.MultiReader(strings.NewReader("12"), broken{}), 5); err == nil {
		t.Fatal("half a file was kept")
	}
	os.WriteFile(filepath.Join(dir, "incoming", "put-left"), []byte("left by a crash"), 0o600)
	if _, err := blob.Open(dir); err != nil {
		t.Fatal(err)
	}
	filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			t.Errorf("left behind: %s", p)
		}
		return nil
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestRemovedIsGone(t *testing.T) {
	ctx := context.Background()
	f, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sum, _, err := f.Put(ctx, strings.NewReader("x"), 5)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Remove(ctx, sum); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Open(ctx, sum); !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	for _, bad := range []casefile.Sum{"", "../../etc/passwd", casefile.Sum(strings.Repeat("A", 64))} {
		if _, err := f.Open(ctx, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
