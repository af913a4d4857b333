package lang

import (
	"strings"
	"sync"
	"time"
	"unicode"
)

// Text is a text with what fills it, to be said once its reader's language is
// known. Among the arguments a Text is said in the same language, a Day as a
// day and a time.Time to the minute; all else stays as it is.
type Text struct {
	Key  string
	Args []any
}

// Day is a date among the arguments of a Text.
type Day time.Time

// Say is a text with its arguments.
func Say(key string, args ...any) Text { return Text{key, args} }

// In says the text in a language.
func (x Text) In(t *Tongue) string {
	if x.Key == "" {
		return ""
	}
	args := make([]any, len(x.Args))
	for i, a := range x.Args {
		switch v := a.(type) {
		case Text:
			args[i] = v.In(t)
		case Day:
			args[i] = t.Day(time.Time(v))
		case time.Time:
			args[i] = t.Moment(v)
		default:
			args[i] = a
		}
	}
	return t.T(x.Key, args...)
}

// Bare is a text without the marks that set its parts apart: for files that
// programs read.
func Bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
}

// Within is "in English", said in this language.
func (t *Tongue) Within(code string) string {
	switch code {
	case English:
		return t.T("in English")
	case "es":
		return t.T("in Spanish")
	case "ar":
		return t.T("in Arabic")
	}
	if other := t.Book().Tongue(code); other != nil {
		return t.T("in the language %s", other.Name())
	}
	return ""
}

// Quote is a text as it was given, for a reader who may read another language.
type Quote struct {
	Text     string
	Language string // BCP 47; empty: the reader's, or not known
	Note     string // for the reader, that it stands as somebody typed it
}

// Quote is what somebody of the team wrote. A text of the house is said in this
// language. What a person typed has no translation: it stays, and the note says
// so, with its language where that can be told.
func (t *Tongue) Quote(text string) Quote {
	if t.Code() != English && t.Knows(text) || text == "" {
		return Quote{Text: t.T(text)}
	}
	code := t.Book().Guess(text)
	q := Quote{Text: text, Language: code}
	switch {
	case code == t.Code(), code == "" && t.Code() == English:
		q.Language = ""
	case code == "":
		q.Note = t.T("(in the reviewer’s own words)")
	default:
		q.Note = t.T("(in the reviewer’s own words, %s)", t.Within(code))
	}
	return q
}

// vocabulary is the words that each language of a book uses.
type vocabulary struct {
	once  sync.Once
	words map[string]map[string]bool // by code
}

func (v *vocabulary) read(b *Book) {
	v.words = map[string]map[string]bool{}
	for _, t := range b.tongues {
		v.words[t.code] = map[string]bool{}
	}
	take := func(code, text string) {
		for _, w := range wordsIn(text) {
			v.words[code][w] = true
		}
	}
	for _, t := range b.tongues {
		for k, m := range t.messages {
			take(English, Written(k))
			take(t.code, m.text)
			for _, f := range m.forms {
				take(t.code, f)
			}
		}
	}
}

func wordsIn(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
}

// Guess is the language that somebody typed a text in, as far as the words of
// the catalogues tell: most of them must be words of one language, and clearly
// more than of any other. Empty: it cannot be told, and is not made up.
func (b *Book) Guess(text string) string {
	b.vocabulary.once.Do(func() { b.vocabulary.read(b) })
	words := wordsIn(text)
	best, first, second := "", 0, 0
	for _, t := range b.tongues {
		n := 0
		for _, w := range words {
			if b.vocabulary.words[t.code][w] {
				n++
			}
		}
		switch {
		case n > first:
			best, first, second = t.code, n, first
		case n > second:
			second = n
		}
	}
	if first < 2 || 2*first < len(words) || 2*first < 3*second {
		return ""
	}
	return best
}
