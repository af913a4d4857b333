package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// texts are of what people send: words, emoji, other scripts, control
// characters.
func texts() *rapid.Generator[string] {
	return rapid.Map(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]string{"hello", " ", "  ", "👨‍👩‍👧‍👦", "❤️", "שלום", "日本語", "a\u0301", "\x1b[2J", "\x07", "\u202e", "\n",
		"averylongwordthatfitsnoline", "🇵🇹", "\u200d"}), rapid.StringN(0, 6, -1)), 0, 12), func(s []string) string { return strings.Join(s, "") })
}

// Whatever is written, no line is wider than the screen, nothing gets lost
// between the lines but spaces, and no control character comes out.
func TestLinesFitTheScreen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, wide := texts().Draw(t, "text"), rapid.IntRange(10, 60).Draw(t, "wide")
		var all strings.Builder
		for _, r := range block(text, pen{bold: true}, wide) {
			if r.width() > wide {
				t.Fatalf("a line of %d columns in %d: %q", r.width(), wide, r.text())
			}
			if cut := r.cut(wide / 2); cut.width() > wide/2 {
				t.Fatalf("cut to %d columns: %q", wide/2, cut.text())
			}
			if filled := r.fill(wide); filled.width() != wide {
				t.Fatalf("filled to %d columns: %q has %d", wide, filled.text(), filled.width())
			}
			all.WriteString(r.text())
			if bare := ansi.Strip(r.String()); strings.ContainsFunc(bare, func(c rune) bool { return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x202e }) {
				t.Fatalf("a control character comes out: %q", bare)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		var want strings.Builder
		for _, r := range block(text, pen{}, 1_000_000) {
			want.WriteString(r.text())
		}
		if squeeze(all.String()) != squeeze(want.String()) {
			t.Fatalf("%q became %q", want.String(), all.String())
		}
	})
}

// What is typed and removed leaves whole characters, and the cursor stands
// between two of them.
func TestTheEditorKeepsCharactersWhole(t *testing.T) {
	keys := map[string]tea.KeyPressMsg{"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "backspace": {Code: tea.KeyBackspace}, "delete": {Code: tea.KeyDelete},
		"home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd}, "word": {Code: tea.KeyLeft, Mod: tea.ModCtrl}, "ctrl+w": {Code: 'w', Mod: tea.ModCtrl}, "ctrl+k": {Code: 'k', Mod: tea.ModCtrl}}
	rapid.Check(t, func(t *rapid.T) {
		e := &editor{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "types") {
				e.insert(texts().Draw(t, "text"))
			} else {
				e.key(keys[rapid.SampledFrom([]string{"left", "right", "backspace", "delete", "home", "end", "word", "ctrl+w", "ctrl+k"}).Draw(t, "key")])
			}
			if rapid.Bool().Draw(t, "up") {
				e.vertical(20, -1)
			}
			if e.at < 0 || e.at > len(e.text) || strings.ToValidUTF8(e.text[:e.at], "!") != strings.ToValidUTF8(e.text, "!")[:len(strings.ToValidUTF8(e.text[:e.at], "!"))] {
				t.Fatalf("the cursor cuts a character: %q at %d", e.text, e.at)
			}
			lines := e.folded(20)
			if y, x := e.cursor(lines); y >= len(lines) || x > 20 {
				t.Fatalf("the cursor is outside: line %d of %d, column %d", y, len(lines), x)
			}
			if strings.ContainsFunc(e.text, func(c rune) bool { return c == 0x1b || c == 7 }) {
				t.Fatalf("a control character was taken in: %q", e.text)
			}
		}
	})
}

// A text that goes from right to left is kept apart from what stands beside it.
func TestRightToLeftIsKeptApart(t *testing.T) {
	got := row{{"name ", pen{}}, {"שלום \u202eעולם", pen{bold: true}}, {" 12:00", pen{}}}.String()
	if want := "name \x1b[1m\u2068שלום עולם\u2069\x1b[m 12:00"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
