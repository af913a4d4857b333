package produce_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/desk/produce/bundle"
	"letterlock/internal/lang"
)

// TestTheLetterIsInTheOfficersLanguage reads the letter as the officer's
// program would: its words in their language, names and numbers as they are.
// LETTERS names a folder that gets the letters, to be looked at.
func TestTheLetterIsInTheOfficersLanguage(t *testing.T) {
	c := newCast(t)
	for code, want := range map[string][]string{
		"en": {"Answer to your request", "What is produced"},
		"es": {"Respuesta a su solicitud", "Lo que se entrega", "Instrumento jurídico", "Rige el texto en inglés"},
		"ar": {"الرد على طلبكم", "النص الإنجليزي هو المرجع"},
	} {
		in := c.input(t)
		in.Tongue = lang.Default().Tongue(code)
		if dir := os.Getenv("LETTERS"); dir != "" {
			files := kept{}
			if r := bundle.Verify(bytes.NewReader(c.opened(t, in)), bundle.Options{Trust: c.trust(), Now: now, Sink: files}); r.OK() {
				must(t, os.WriteFile(filepath.Join(dir, code+".pdf"), files[bundle.LetterName].Bytes(), 0o600))
			}
		}
		got := strings.Join(strings.Fields(c.page(t, in, bundle.LetterName)), " ")
		for _, w := range append(want, in.Case, in.TheirReference) {
			if !strings.Contains(got, w) {
				t.Errorf("%s: the letter does not say %q:\n%s", code, w, got)
			}
		}
		if code != "en" && strings.Contains(got, "Answer to your request") {
			t.Errorf("%s: the letter is in English too", code)
		}
	}
}
