package law

import (
	"fmt"
	"strings"
	"unicode"
)

// phraseRule proposes a finding when the words of a demand contain one of its
// phrases. "*" in a phrase stands for up to three words.
type phraseRule struct {
	Finding   FindingID `toml:"finding"`
	Untargets bool      `toml:"only_without_target"` // only when no account is named
	Phrases   []string  `toml:"phrases"`

	words [][]string
}

// maxGap is how many words "*" may stand for.
const maxGap = 3

// maxWords bounds the reading of a hostile text.
const maxWords = 50_000

func (t *Table) checkPhrases() error {
	for i := range t.phrases {
		p := &t.phrases[i]
		if _, ok := t.Finding(p.Finding); !ok {
			return fmt.Errorf("phrases.toml: no finding %q", p.Finding)
		}
		if len(p.Phrases) == 0 {
			return fmt.Errorf("phrases.toml: %s has no phrases", p.Finding)
		}
		for _, text := range p.Phrases {
			w := phraseWords(text)
			if len(w) == 0 || w[0] == "*" || w[len(w)-1] == "*" {
				return fmt.Errorf("phrases.toml: %s: phrase %q", p.Finding, text)
			}
			p.words = append(p.words, w)
		}
	}
	return nil
}

// wordsOf splits a text into lower-case words, dropping all punctuation.
func wordsOf(text string) []string {
	w := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return w[:min(len(w), maxWords)]
}

func phraseWords(text string) []string {
	var out []string
	for _, part := range strings.Fields(text) {
		if part == "*" {
			out = append(out, part)
			continue
		}
		out = append(out, heardWords(part)...)
	}
	return out
}

// met returns the first phrase of the rule that the text contains.
func (p phraseRule) met(text []string) (string, bool) {
	for i, w := range p.words {
		for at := range text {
			if matchAt(text[at:], w) {
				return p.Phrases[i], true
			}
		}
	}
	return "", false
}

func matchAt(text, phrase []string) bool {
	if len(phrase) == 0 {
		return true
	}
	if phrase[0] != "*" {
		return len(text) > 0 && isWord(text[0], phrase[0]) && matchAt(text[1:], phrase[1:])
	}
	for gap := 0; gap <= maxGap && gap <= len(text); gap++ {
		if matchAt(text[gap:], phrase[1:]) {
			return true
		}
	}
	return false
}
