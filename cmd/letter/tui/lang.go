package tui

import (
	"embed"
	"io/fs"
	"os"
	"strings"

	"letterlock/internal/lang"
)

// The catalogues of what this screen says. The English stands where it is used.
//
//go:embed words
var words embed.FS

var book = func() *lang.Book {
	f, err := fs.Sub(words, "words")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	b, err := lang.Load(f)
	if err != nil {
		panic(err) // the catalogues are part of the program, and tested
	}
	return b
}()

// tongue is the language that the person chose, or else the terminal's.
func tongue(chosen string) *lang.Tongue {
	for _, code := range []string{chosen, fromEnvironment()} {
		for _, t := range book.Tongues() {
			if t.Code() == code {
				return t
			}
		}
	}
	return nil
}

// fromEnvironment is "es" of LANG=es_ES.UTF-8.
func fromEnvironment() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			code, _, _ := strings.Cut(strings.ReplaceAll(v, ".", "_"), "_")
			return code
		}
	}
	return ""
}
