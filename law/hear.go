package law

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// heardWords are the words of a text as phrases are compared: accents, vowel
// signs and marks that nobody sees are gone, and what Arabic writes in several
// ways (alef, alef maqsura, taa marbuta) is written in one.
func heardWords(text string) []string { return wordsOf(strings.Map(plainRune, norm.NFKD.String(text))) }

func plainRune(r rune) rune {
	switch {
	case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), r == 'ـ':
		return -1
	case r == 'ة':
		return 'ه'
	case r == 'ى', r == 'ی':
		return 'ي'
	case r == 'ٱ':
		return 'ا'
	case r == 'ک':
		return 'ك'
	}
	return r
}

// What Arabic writes as one with a word: "and", "by", "to", "the" before it,
// and "your", "their", "its" after it.
var (
	arabicBefore = []string{
		"", "ال", "ب", "بال", "ك", "كال", "ل", "لل", "و", "وال", "وب", "وبال", "وك", "وكال", "ول", "ولل",
		"ف", "فال", "فب", "فبال", "فل", "فلل",
	}
	arabicAfter = []string{"", "ه", "ها", "هم", "هما", "هن", "كم", "نا"}
)

// isWord reports whether a word of a text is the word of a phrase, in Arabic
// also with what is written as one with it.
func isWord(said, word string) bool {
	if said == word || !isArabic(said) || !isArabic(word) {
		return said == word
	}
	before, after, ok := strings.Cut(said, word)
	return ok && slices.Contains(arabicBefore, before) && slices.Contains(arabicAfter, after)
}

// isArabic looks at the first byte: U+0600 to U+06FF begin with D8 to DB.
func isArabic(word string) bool { return word != "" && word[0] >= 0xD8 && word[0] <= 0xDB }
