package lang

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Trouble is one thing wrong with a catalogue.
type Trouble struct {
	Language string
	Key      string
	What     string // "missing", "unused", "empty", "placeholders", "plural forms"
	Detail   string
}

func (t Trouble) String() string {
	s := fmt.Sprintf("%s: %s: %q", t.Language, t.What, t.Key)
	if t.Detail != "" {
		s += ": " + t.Detail
	}
	return s
}

// Keys are all messages that some language of the program has: what a further
// language is asked for. A test keeps them equal to what pages, errors and the
// law table say. The value tells whether the message has forms by number.
func Keys() map[string]bool {
	out := map[string]bool{}
	for _, t := range Default().tongues {
		for k, m := range t.messages {
			out[k] = out[k] || m.forms != nil
		}
	}
	return out
}

// Check compares every language with what there is to say. English needs
// nothing; what it has overrides a text.
func (b *Book) Check(keys map[string]bool) []Trouble {
	var out []Trouble
	for _, t := range b.tongues {
		out = append(out, t.check(keys)...)
	}
	return out
}

func (t *Tongue) check(keys map[string]bool) []Trouble {
	var out []Trouble
	add := func(key, what, detail string) { out = append(out, Trouble{t.code, key, what, detail}) }
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		m, ok := t.messages[k]
		switch {
		case !ok && t.code != English:
			add(k, "missing", "")
		case ok && keys[k] && m.forms == nil:
			add(k, "plural forms", "it counts something and needs the forms "+strings.Join(t.Forms(), ", "))
		case ok && !keys[k] && m.forms != nil:
			add(k, "plural forms", "it counts nothing and needs one text")
		case ok:
			t.checkOne(k, m, add)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(t.messages)) {
		if _, ok := keys[k]; !ok {
			add(k, "unused", "")
		}
	}
	return out
}

func (t *Tongue) checkOne(k string, m message, add func(key, what, detail string)) {
	if m.forms == nil {
		if blank(m.text) && !blank(Written(k)) {
			add(k, "empty", "")
		}
		if want, got := verbs(Written(k)), verbs(m.text); !maps.Equal(want, got) {
			add(k, "placeholders", fmt.Sprintf("English has %v, the translation %v", list(want), list(got)))
		}
		return
	}
	need := t.Forms()
	for _, f := range need {
		if blank(m.forms[f]) {
			add(k, "plural forms", "the form "+f+" is missing")
		}
	}
	for _, f := range slices.Sorted(maps.Keys(m.forms)) {
		if !slices.Contains(need, f) {
			add(k, "plural forms", "this language has no form "+f)
		}
		want, got := verbs(Written(k)), verbs(m.forms[f])
		if f == "zero" || f == "one" || f == "two" { // may say the number in a word
			delete(want, 1)
			delete(got, 1)
		}
		if !maps.Equal(want, got) {
			add(k, "placeholders", fmt.Sprintf("form %s: English has %v, the translation %v", f, list(want), list(got)))
		}
	}
}

func blank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || r == '%' }) < 0
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[+#]?[a-zA-Z%]`)

// verbs are the arguments that a format takes: by place, the verb.
func verbs(s string) map[int]string {
	out := map[int]string{}
	next := 1
	for _, m := range verb.FindAllStringSubmatch(s, -1) {
		if strings.HasSuffix(m[0], "%") {
			continue
		}
		if m[1] != "" {
			fmt.Sscan(m[1], &next)
		}
		out[next] = m[0][len(m[0])-1:]
		next++
	}
	return out
}

func list(m map[int]string) []string {
	var out []string
	for _, i := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%%[%d]%s", i, m[i]))
	}
	return out
}

// Blank writes every message as a catalogue in which the English stands where
// a translation goes.
func Blank(w io.Writer) error {
	keys := Keys()
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		text := fmt.Sprintf("%q = %q\n", k, Written(k))
		if keys[k] {
			text = fmt.Sprintf("%q = { one = %q, other = %q }\n", k, Written(k), Written(k))
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}
