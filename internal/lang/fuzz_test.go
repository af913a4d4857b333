package lang_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"letterlock/internal/lang"
)

// FuzzLoad: whatever a translator's file says, it is refused with its name, or
// its messages are spoken without breaking, also where they take other values
// than the English ones.
func FuzzLoad(f *testing.F) {
	f.Add("x.es.toml", "\"Sign in\" = \"Entrar\"\n[\"%d requests\"]\none = \"%d petición\"\nother = \"%d peticiones\"\n")
	f.Add("language.fr.toml", "name = \"Français\"\ndirection = \"ltr\"\nday = \"{day} {month} {year}\"\nmonths = [\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\"]\n")
	f.Add("x.ar.toml", "\"Sign in\" = \"%d%s%[9]d%!\"\n")
	f.Add("x.toml", "=")
	f.Add("language.en.toml", "name = \"\"\n")
	f.Fuzz(func(t *testing.T, name, text string) {
		b, err := lang.Load(fstest.MapFS{name: {Data: []byte(text)}})
		if err != nil {
			if b != nil || !strings.Contains(err.Error(), "lang: ") {
				t.Fatalf("%v %v", b, err)
			}
			return
		}
		for _, x := range b.Tongues() {
			x.T("Sign in", "a", 1)
			x.N(2, "%d request", "%d requests")
			x.Day(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
		}
		b.Check(lang.Keys())
	})
}
