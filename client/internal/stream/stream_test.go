package stream_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"testing"

	"filippo.io/age"

	"letterlock/client/internal/stream"
	"letterlock/wire"
)

const chunk, sealed = wire.MediaChunk, wire.MediaChunk + wire.MediaTag

func random(n int) []byte { b := make([]byte, n); rand.Read(b); return b }

func seal(t testing.TB, k stream.Key, plain []byte, step int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := stream.NewWriter(k, &out)
	for len(plain) > 0 {
		n := min(step, len(plain))
		if _, err := w.Write(plain[:n]); err != nil {
			t.Fatal(err)
		}
		plain = plain[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Fatal("a sealed file goes on")
	}
	return out.Bytes()
}

func open(k stream.Key, b []byte) ([]byte, error) {
	r, err := stream.NewReader(k, bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(r, 0, r.Size()))
}

func TestWhatIsSealedOpens(t *testing.T) {
	k := stream.Key(random(32))
	for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 3*chunk + 77} {
		plain := random(n)
		for _, step := range []int{1000, chunk, 1 << 20} {
			b := seal(t, k, plain, step)
			got, err := open(k, b)
			if err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("%d bytes in steps of %d: %v", n, step, err)
			}
		}
	}
	plain := random(3*chunk + 77)
	b := seal(t, k, plain, 7777)
	r, err := stream.NewReader(k, bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{2 * chunk, 5, chunk - 3, 3*chunk + 70} {
		p := make([]byte, 7)
		if _, err := r.ReadAt(p, int64(at)); err != nil || !bytes.Equal(p, plain[at:at+7]) {
			t.Fatalf("at %d: %v", at, err)
		}
	}
}

// Whatever is done to the chunks, no wrong byte comes out, and it is said.
func TestEveryChangeIsNoticed(t *testing.T) {
	k, other := stream.Key(random(32)), stream.Key(random(32))
	plain := random(4*chunk + 100)
	b := seal(t, k, plain, 1<<20)
	part := func(n int) []byte { return b[n*sealed : min((n+1)*sealed, len(b))] }
	foreign := seal(t, other, plain, 1<<20)
	for name, bad := range map[string][]byte{
		"cut at a chunk":          b[:3*sealed],
		"cut in a chunk":          b[:3*sealed+999],
		"cut in the last tag":     b[:len(b)-1],
		"only the last chunk":     part(4),
		"two chunks exchanged":    bytes.Join([][]byte{part(1), part(0), part(2), part(3), part(4)}, nil),
		"a chunk left out":        bytes.Join([][]byte{part(0), part(2), part(3), part(4)}, nil),
		"a chunk twice":           bytes.Join([][]byte{part(0), part(1), part(1), part(2), part(3), part(4)}, nil),
		"a chunk of another file": bytes.Join([][]byte{part(0), foreign[sealed : 2*sealed], part(2), part(3), part(4)}, nil),
		"something behind it":     append(bytes.Clone(b), 0),
		"a chunk behind it":       append(bytes.Clone(b), part(4)...),
		"one bit":                 append(append(bytes.Clone(b[:2*sealed+9]), b[2*sealed+9]^1), b[2*sealed+10:]...),
		"another key":             foreign,
		"nothing":                 nil,
		"a tag":                   b[:16],
	} {
		got, err := open(k, bad)
		if err == nil || !bytes.HasPrefix(plain, got) {
			t.Errorf("%s: %v, %d bytes", name, err, len(got))
		}
		if name == "another key" && !errors.Is(err, stream.ErrSealed) {
			t.Error(err)
		}
	}
}

// The payload of a file that age made opens, and age opens ours: an
// implementation by others reads the same bytes.
func TestTheBytesAreThoseOfAge(t *testing.T) {
	plain := random(2*chunk + 5)
	for _, ours := range []bool{false, true} {
		w := &wrap{}
		var file bytes.Buffer
		out, err := age.Encrypt(&file, w)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		i := bytes.Index(file.Bytes(), []byte("\n--- "))
		i += 1 + bytes.IndexByte(file.Bytes()[i+1:], '\n') + 1
		salt, payload := file.Bytes()[i:i+16], file.Bytes()[i+16:]
		raw, err := hkdf.Key(sha256.New, w.key, salt, "payload", 32)
		if err != nil {
			t.Fatal(err)
		}
		if !ours {
			if got, err := open(stream.Key(raw), payload); err != nil || !bytes.Equal(got, plain) {
				t.Fatal(err)
			}
			continue
		}
		mine := append(bytes.Clone(file.Bytes()[:i+16]), seal(t, stream.Key(raw), plain, 333)...)
		r, err := age.Decrypt(bytes.NewReader(mine), w)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
			t.Fatal(err)
		}
	}
}

// wrap is a recipient of age that keeps the file's key.
type wrap struct{ key []byte }

func (w *wrap) Wrap(key []byte) ([]*age.Stanza, error) {
	w.key = bytes.Clone(key)
	return []*age.Stanza{{Type: "kept"}}, nil
}

func (w *wrap) Unwrap([]*age.Stanza) ([]byte, error) { return w.key, nil }

func FuzzReader(f *testing.F) {
	k := stream.Key{7}
	f.Add(seal(f, k, []byte("short"), 10))
	f.Add(seal(f, k, make([]byte, chunk+1), 1000))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := open(k, b)
		if err == nil && !bytes.Equal(seal(t, k, got, 1<<20), b) {
			t.Error("two files for one content")
		}
	})
}
