package casefile

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// docketWords are written before a number and are no part of it.
var docketWords = []string{"no", "nr", "nos", "num", "numb", "number", "numero", "case", "docket", "cause", "file", "ref", "reference", "az", "aktenzeichen", "the", "of"}

// Docket is a docket number in the one form by which it is found again: however
// two people space it, capitalise it, or write "No." before it.
func Docket(s string) string {
	s = strings.NewReplacer("№", " ", "n°", " ", "N°", " ", "nº", " ", "Nº", " ").Replace(s)
	words := strings.FieldsFunc(strings.ToLower(norm.NFKC.String(s)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	all := strings.Join(words, "")
	kept := strings.Join(slices.DeleteFunc(words, func(w string) bool { return slices.Contains(docketWords, w) }), "")
	if kept == "" {
		return all
	}
	return kept
}
