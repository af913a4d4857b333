// Package english is for tests: it finds English of the catalogues where a reader
// of another language was promised their own. It knows no page and no letter.
package english

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"letterlock/internal/lang"
)

// In are the texts of the catalogues, in English, that stand in a text:
// what a reader of another language ought to have read in theirs. It looks at
// what stands between the arguments, of two words and eight letters at least,
// and passes over spaces and line ends. What a language has no other word for
// is not English.
//
// What is in English for a reason, such as a name or the text of a rule, is
// given as but.
func In(text string, reads *lang.Tongue, but ...string) []string {
	whole := " " + spaced(text) + " "
	for _, b := range but {
		whole = strings.ReplaceAll(whole, " "+spaced(b)+" ", " | ")
	}
	var out []string
	for key, counts := range lang.Keys() {
		if !counts && lang.Bare(reads.T(key)) == lang.Written(key) {
			continue
		}
		own := ""
		if !counts {
			own = " " + spaced(reads.T(key)) + " "
		}
		for _, part := range verbs.Split(lang.Written(key), -1) {
			part = spaced(part)
			if strings.Count(part, " ") < 1 || len(part) < 9 || strings.Contains(own, " "+part+" ") {
				continue
			}
			if strings.Contains(whole, " "+part+" ") {
				out = append(out, key)
				break
			}
		}
	}
	slices.Sort(out)
	return out
}

var verbs = regexp.MustCompile(`%(?:\[\d+\])?[a-zA-Z]`)

// spaced is the words of a text with one space between them.
func spaced(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) }), " ")
}

var latin = regexp.MustCompile(`[A-Za-z][A-Za-z’']{2,}`)

// Latin are the words in Latin script that stand in a text of a language that
// has another, but for those given: names, citations, and what a person typed.
// It finds also what no catalogue knows.
func Latin(text string, but ...string) []string {
	known := map[string]bool{}
	for _, b := range but {
		for _, w := range latin.FindAllString(b, -1) {
			known[w] = true
		}
	}
	var out []string
	for _, w := range latin.FindAllString(text, -1) {
		if !known[w] {
			out, known[w] = append(out, w), true
		}
	}
	return out
}
