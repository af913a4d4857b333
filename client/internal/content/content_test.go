package content_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"letterlock/client/internal/content"
)

const alice = "+15550100001"

func text(id content.ID, sent int64, text, phone string) content.Content {
	return content.New(id, sent, &content.Text{Text: text, Phone: phone})
}

func repair(id content.ID, sent int64, digests [][]byte) content.Content {
	return content.New(id, sent, &content.Repair{Digests: digests})
}

// every is one content of each type, as short and as long as it may be.
func every() []content.Content {
	ref := content.Ref{Author: [16]byte{1}, ID: content.ID{2}}
	who := bytes.Repeat([]byte{3}, 16)
	var bodies []content.Body
	for _, style := range [][]content.Span{nil, {{Start: 0, Length: 2, Look: content.Bold}, {Start: 0, Length: 5, Look: content.Mention, Who: who}, {Start: 3, Length: 2, Look: content.Spoiler}}} {
		bodies = append(bodies,
			&content.Text{Text: "hello", Phone: alice, Style: style},
			&content.Text{Text: "hello", Phone: alice, Style: style, Reply: &ref, Timer: content.MaxTimer},
			&content.Edit{Target: content.ID{4}, Text: "hello", Style: style})
	}
	bodies = append(bodies, &content.Delete{Target: content.ID{4}}, &content.Typing{}, &content.Typing{Started: true},
		&content.Timer{}, &content.Timer{Seconds: content.MaxTimer}, &content.Repair{Digests: [][]byte{who}},
		&content.Receipt{IDs: []content.ID{{1}}}, &content.Receipt{Read: true, IDs: ids(content.MaxReceipt)})
	bodies = append(bodies, &content.Keys{Distribution: bytes.Repeat([]byte{7}, 100)}, &content.Change{Change: []byte{1}, Signature: make([]byte, 64)},
		&content.Welcome{State: []byte{1}, Change: []byte{1}, Signature: make([]byte, 64), Phone: alice}, &content.Removed{},
		&content.Knock{Secret: who, Phone: alice}, &content.Behind{Seq: 1 << 40})
	for _, emoji := range []string{"", "👍", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "❤️"} {
		bodies = append(bodies, &content.Reaction{Target: ref, Emoji: emoji})
	}
	var out []content.Content
	for _, b := range bodies {
		out = append(out, content.New(content.ID{9}, 1764000000000, b))
	}
	for _, c := range slices.Clone(out) {
		if _, text := c.Body.(*content.Text); !text {
			out = append(out, c.In([16]byte{7}))
		}
	}
	return out
}

func ids(n int) (out []content.ID) {
	for i := range n {
		out = append(out, content.ID{byte(i + 1)})
	}
	return out
}

func TestEveryTypeOpensAsItWasSealed(t *testing.T) {
	for _, c := range every() {
		got, err := content.Open(seal(t, c))
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%T: got %+v, %v, want %+v", c.Body, got.Body, err, c.Body)
		}
	}
}

// What is no text is as long as a short text: an observer does not learn who
// reads, reacts, deletes or types.
func TestWhatIsNoTextHasTheLengthOfAShortText(t *testing.T) {
	short := len(seal(t, text(content.ID{1}, 1, "x", alice)))
	for _, c := range every() {
		if _, ok := c.Body.(*content.Repair); ok {
			continue
		}
		if got := len(seal(t, c)); got != short {
			t.Errorf("%+v has %d bytes, a short text %d", c.Body, got, short)
		}
	}
	longest := content.New(content.ID{1}, 1, &content.Reaction{Target: content.Ref{Author: [16]byte{1}, ID: content.ID{2}}, Emoji: strings.Repeat("☃", 10)})
	reply := content.New(content.ID{1}, 1, &content.Text{Text: strings.Repeat("x", 120), Phone: "+123456789012345", Timer: content.MaxTimer,
		Reply: &content.Ref{Author: [16]byte{1}, ID: content.ID{2}}})
	for _, c := range []content.Content{longest, reply} {
		if got := len(seal(t, c)); got != short {
			t.Errorf("%T has %d bytes, a short text %d", c.Body, got, short)
		}
	}
}

func TestBadBodiesAreRefused(t *testing.T) {
	who := bytes.Repeat([]byte{3}, 16)
	ref := content.Ref{Author: [16]byte{1}, ID: content.ID{2}}
	styled := func(spans ...content.Span) content.Body {
		return &content.Text{Text: "héllo", Phone: alice, Style: spans}
	}
	for name, b := range map[string]content.Body{
		"style outside":          styled(content.Span{Start: 5, Length: 2, Look: content.Bold}),
		"style of nothing":       styled(content.Span{Start: 1, Look: content.Bold}),
		"style that overflows":   styled(content.Span{Start: 1 << 31, Length: 1 << 31, Look: content.Bold}),
		"style cuts a character": styled(content.Span{Start: 0, Length: 2, Look: content.Bold}),
		"style starts within":    styled(content.Span{Start: 2, Length: 1, Look: content.Bold}),
		"unknown look":           styled(content.Span{Length: 1, Look: 99}),
		"no look":                styled(content.Span{Length: 1}),
		"mention of nobody":      styled(content.Span{Length: 1, Look: content.Mention}),
		"bold of somebody":       styled(content.Span{Length: 1, Look: content.Bold, Who: who}),
		"bold of empty":          styled(content.Span{Length: 1, Look: content.Bold, Who: []byte{}}),
		"out of order":           styled(content.Span{Start: 3, Length: 1, Look: content.Bold}, content.Span{Length: 1, Look: content.Bold}),
		"twice":                  styled(content.Span{Length: 1, Look: content.Bold}, content.Span{Length: 1, Look: content.Bold}),
		"empty style":            styled([]content.Span{}...),
		"many styles":            styled(make([]content.Span, content.MaxSpans+1)...),
		"reply to nothing":       &content.Text{Text: "x", Phone: alice, Reply: &content.Ref{Author: [16]byte{1}}},
		"reply to nobody":        &content.Text{Text: "x", Phone: alice, Reply: &content.Ref{ID: content.ID{1}}},
		"endless timer":          &content.Text{Text: "x", Phone: alice, Timer: content.MaxTimer + 1},
		"timer too long":         &content.Timer{Seconds: content.MaxTimer + 1},
		"edit of nothing":        &content.Edit{Text: "x"},
		"edit to nothing":        &content.Edit{Target: content.ID{1}},
		"delete of nothing":      &content.Delete{},
		"reaction to nothing":    &content.Reaction{Emoji: "👍"},
		"reaction of words":      &content.Reaction{Target: ref, Emoji: "ok"},
		"reaction of spaces":     &content.Reaction{Target: ref, Emoji: "👍 👍"},
		"reaction not utf-8":     &content.Reaction{Target: ref, Emoji: "\xff"},
		"reaction that moves":    &content.Reaction{Target: ref, Emoji: "\x1b"},
		"long reaction":          &content.Reaction{Target: ref, Emoji: strings.Repeat("👍", 9)},
		"receipt for nothing":    &content.Receipt{},
		"receipt for zero":       &content.Receipt{IDs: []content.ID{{}}},
		"long receipt":           &content.Receipt{IDs: ids(content.MaxReceipt + 1)},
	} {
		raw, err := content.Seal(content.New(content.ID{1}, 1, b))
		if !errors.Is(err, content.ErrContent) || raw != nil {
			t.Errorf("%s was sealed: %v", name, err)
		}
	}
}

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
		text(content.ID{1}, 1764000000000, "hello", alice),
		text(content.ID{2}, 0, strings.Repeat("é", content.MaxText/2), "+999"),
		text(content.ID{3}, 1, "ends in a mark \x00", alice),
		repair(content.ID{4}, 9, [][]byte{bytes.Repeat([]byte{7}, 16)}),
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
			got := len(seal(t, text(content.ID{1}, 1764000000000, strings.Repeat("x", n), phone)))
			if got != content.Block-1 {
				t.Fatalf("a text of %d bytes makes %d bytes, want %d", n, got, content.Block-1)
			}
		}
	}
}

func TestNoTextGrowsByMoreThanHalfBeyondTheFirstBlocks(t *testing.T) {
	lengths := map[int]bool{}
	for n := 161; n <= content.MaxText; n += 13 {
		got := len(seal(t, text(content.ID{1}, 1, strings.Repeat("x", n), alice)))
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
	b := seal(t, text(content.ID{9}, 77, "later", alice))
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
	good := seal(t, text(content.ID{1}, 1, "hello", alice))
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
		"body cut":         change(func(b []byte) { b[27] = 0x81 }),
		"not text":         change(func(b []byte) { b[29] = 0xff }),
		"header only":      change(func(b []byte) { clear(b[27:]); b[27] = 0x80 }),
		"no such place":    change(func(b []byte) { b[26] = 2 }),
		"group of nobody":  change(func(b []byte) { b[26] = 1; clear(b[27:43]) }),
		"less than header": change(func(b []byte) { clear(b[5:]); b[5] = 0x80 }),
	} {
		if c, err := content.Open(b); !errors.Is(err, content.ErrContent) || !reflect.DeepEqual(c, content.Content{}) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	for name, c := range map[string]content.Content{
		"empty text":    text(content.ID{1}, 1, "", alice),
		"too long":      text(content.ID{1}, 1, strings.Repeat("x", content.MaxText+1), alice),
		"not utf-8":     text(content.ID{1}, 1, "\xff", alice),
		"no number":     text(content.ID{1}, 1, "x", ""),
		"letters":       text(content.ID{1}, 1, "x", "+1555CALLNOW"),
		"no id":         text(content.ID{}, 1, "x", alice),
		"no digests":    repair(content.ID{1}, 1, nil),
		"short digest":  repair(content.ID{1}, 1, [][]byte{{1}}),
		"many digests":  repair(content.ID{1}, 1, make([][]byte, content.MaxRepair+1)),
		"no body":       {Header: content.Header{Version: 1, Type: content.TypeText, ID: content.ID{1}}},
		"body of other": {Header: content.Header{Version: 1, Type: content.TypeText, ID: content.ID{1}}, Body: &content.Delete{Target: content.ID{1}}},
	} {
		if b, err := content.Seal(c); !errors.Is(err, content.ErrContent) || b != nil {
			t.Errorf("%s was sealed: %v", name, err)
		}
	}
}

// What opens and is known seals to the very same bytes; on an error nothing is
// returned.
func FuzzOpen(f *testing.F) {
	f.Add(seal(f, text(content.ID{1}, 5, "hello", alice)))
	f.Add(seal(f, text(content.ID{1}, 5, strings.Repeat("long ", 100), alice)))
	f.Add(seal(f, repair(content.ID{2}, 5, [][]byte{make([]byte, 16)})))
	for _, c := range every() {
		f.Add(seal(f, c))
	}
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
