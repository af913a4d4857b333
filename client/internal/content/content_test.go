package content_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"letterlock/client/internal/content"
)

const alice = "+15550100001"

func seal(t testing.TB, c content.Content) []byte {
	t.Helper()
	b, err := content.Seal(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatIsSealedOpensTheSame(t *testing.T) {
	for _, c := range []content.Content{
		content.NewText(content.ID{1}, 1764000000000, "hello", alice),
		content.NewText(content.ID{2}, 0, strings.Repeat("é", content.MaxText/2), "+999"),
		content.NewText(content.ID{3}, 1, "ends in a mark \x00", alice),
		content.NewRepair(content.ID{4}, 9, [][]byte{bytes.Repeat([]byte{7}, 16)}),
	} {
		got, err := content.Open(seal(t, c))
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("got %+v, %v, want %+v", got, err, c)
		}
	}
}

func TestTextsOf1To160BytesHaveOneLength(t *testing.T) {
	longest := "+123456789012345"
	for _, phone := range []string{"+999", alice, longest} {
		for n := 1; n <= 160; n++ {
			got := len(seal(t, content.NewText(content.ID{1}, 1764000000000, strings.Repeat("x", n), phone)))
			if got != content.Block-1 {
				t.Fatalf("a text of %d bytes makes %d bytes, want %d", n, got, content.Block-1)
			}
		}
	}
}

func TestNoTextGrowsByMoreThanHalfBeyondTheFirstBlocks(t *testing.T) {
	lengths := map[int]bool{}
	for n := 161; n <= content.MaxText; n += 13 {
		got := len(seal(t, content.NewText(content.ID{1}, 1, strings.Repeat("x", n), alice)))
		lengths[got] = true
		if n > 400 && got > n+n/2+content.Block {
			t.Fatalf("a text of %d bytes makes %d", n, got)
		}
		if (got+1)%16 != 0 {
			t.Fatalf("%d bytes do not fill the cipher's blocks", got)
		}
	}
	if len(lengths) > 17 {
		t.Fatalf("%d lengths tell more than the scheme says", len(lengths))
	}
}

func TestTheFutureIsUnknownButHasItsPlace(t *testing.T) {
	b := seal(t, content.NewText(content.ID{9}, 77, "later", alice))
	for name, at := range map[string]int{"version": 0, "type": 1} {
		later := bytes.Clone(b)
		later[at] = 200
		c, err := content.Open(later)
		if err != nil || c.Known() || c.ID != (content.ID{9}) || c.Sent != 77 {
			t.Errorf("another %s: %+v, %v", name, c, err)
		}
	}
}

func TestBadContentIsRefused(t *testing.T) {
	good := seal(t, content.NewText(content.ID{1}, 1, "hello", alice))
	change := func(f func(b []byte)) []byte { b := bytes.Clone(good); f(b); return b }
	for name, b := range map[string][]byte{
		"empty":            nil,
		"only zeros":       make([]byte, len(good)),
		"no mark":          bytes.TrimRight(good, "\x00")[:40],
		"other length":     good[:len(good)-1],
		"longer than pad":  append(bytes.Clone(good), 0),
		"next block":       append(bytes.Clone(good), make([]byte, content.Block)...),
		"version zero":     change(func(b []byte) { b[0] = 0 }),
		"zero id":          change(func(b []byte) { clear(b[2:18]) }),
		"negative time":    change(func(b []byte) { b[18] = 0x80 }),
		"body cut":         change(func(b []byte) { b[26] = 0x81 }),
		"not text":         change(func(b []byte) { b[28] = 0xff }),
		"header only":      change(func(b []byte) { clear(b[26:]); b[26] = 0x80 }),
		"less than header": change(func(b []byte) { clear(b[5:]); b[5] = 0x80 }),
	} {
		if c, err := content.Open(b); !errors.Is(err, content.ErrContent) || !reflect.DeepEqual(c, content.Content{}) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	for name, c := range map[string]content.Content{
		"empty text":    content.NewText(content.ID{1}, 1, "", alice),
		"too long":      content.NewText(content.ID{1}, 1, strings.Repeat("x", content.MaxText+1), alice),
		"not utf-8":     content.NewText(content.ID{1}, 1, "\xff", alice),
		"no number":     content.NewText(content.ID{1}, 1, "x", ""),
		"letters":       content.NewText(content.ID{1}, 1, "x", "+1555CALLNOW"),
		"no id":         content.NewText(content.ID{}, 1, "x", alice),
		"no digests":    content.NewRepair(content.ID{1}, 1, nil),
		"short digest":  content.NewRepair(content.ID{1}, 1, [][]byte{{1}}),
		"many digests":  content.NewRepair(content.ID{1}, 1, make([][]byte, content.MaxRepair+1)),
		"no body":       {Header: content.Header{Version: 1, Type: content.TypeText, ID: content.ID{1}}},
		"body of other": {Header: content.Header{Version: 1, Type: content.TypeText, ID: content.ID{1}}, Repair: &content.Repair{}},
	} {
		if b, err := content.Seal(c); !errors.Is(err, content.ErrContent) || b != nil {
			t.Errorf("%s was sealed: %v", name, err)
		}
	}
}

// What opens and is known seals to the very same bytes; on an error nothing is
// returned.
func FuzzOpen(f *testing.F) {
	f.Add(seal(f, content.NewText(content.ID{1}, 5, "hello", alice)))
	f.Add(seal(f, content.NewText(content.ID{1}, 5, strings.Repeat("long ", 100), alice)))
	f.Add(seal(f, content.NewRepair(content.ID{2}, 5, [][]byte{make([]byte, 16)})))
	f.Add([]byte{1, 1, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := content.Open(b)
		if err != nil {
			if !reflect.DeepEqual(c, content.Content{}) {
				t.Fatal("content came with an error")
			}
			return
		}
		if !c.Known() {
			return
		}
		again, err := content.Seal(c)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("opened %x and sealed %x, %v", b, again, err)
		}
	})
}
