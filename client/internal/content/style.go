package content

import "unicode/utf8"

// Look is how a part of a text is shown.
type Look uint8

// The looks. A span may stand for a person instead (Mention).
const (
	Bold    Look = 1
	Italic  Look = 2
	Strike  Look = 3
	Mono    Look = 4
	Spoiler Look = 5 // hidden until it is touched
	Mention Look = 6 // Who is meant; the text is the name as the sender has it
)

// Span is a part of a text that looks otherwise: Length bytes from byte Start.
// Spans may overlap; they stand in the order of Start, Length and Look.
type Span struct {
	_      struct{} `cbor:",toarray"`
	Start  uint32
	Length uint32
	Look   Look
	Who    []byte // of a Mention: the account, 16 bytes; else empty
}

// MaxSpans bounds the style of one text.
const MaxSpans = 200

// words checks a text and its style.
func words(text string, style []Span) error {
	if text == "" || len(text) > MaxText || !utf8.ValidString(text) {
		return bad("a text has 1 to %d bytes of UTF-8", MaxText)
	}
	if len(style) > MaxSpans || (style != nil && len(style) == 0) {
		return bad("a text has no style or 1 to %d styled parts", MaxSpans)
	}
	for i, s := range style {
		if err := s.check(text); err != nil {
			return err
		}
		if i > 0 && !style[i-1].before(s) {
			return bad("styled parts are not in order")
		}
	}
	return nil
}

func (s Span) check(text string) error {
	end := uint64(s.Start) + uint64(s.Length)
	switch {
	case s.Look < Bold || s.Look > Mention:
		return bad("a look that does not exist")
	case (s.Look == Mention) != (len(s.Who) == 16) || (s.Look != Mention && s.Who != nil):
		return bad("a mention, and nothing else, names an account")
	case s.Length == 0 || end > uint64(len(text)):
		return bad("a styled part is outside the text")
	case !boundary(text, int(s.Start)) || !boundary(text, int(end)):
		return bad("a styled part cuts a character")
	}
	return nil
}

func boundary(text string, at int) bool { return at == len(text) || utf8.RuneStart(text[at]) }

func (s Span) before(o Span) bool {
	switch {
	case s.Start != o.Start:
		return s.Start < o.Start
	case s.Length != o.Length:
		return s.Length < o.Length
	}
	return s.Look < o.Look
}
