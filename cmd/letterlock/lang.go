package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"

	"letterlock/internal/fault"
	"letterlock/internal/lang"
)

type langCmd struct {
	Check langCheckCmd `cmd:"" help:"Check catalogues of messages: what is missing, unused, empty, or has wrong placeholders or plural forms."`
	Keys  langKeysCmd  `cmd:"" help:"Print every message that a language needs, with its English: an empty catalogue to begin from."`
}

type langCheckCmd struct {
	Dir string `arg:"" optional:"" type:"existingdir" help:"Folder with catalogues of your own (lang_dir)."`
}

// Run lists what is wrong, one line each; with anything wrong it fails.
func (c *langCheckCmd) Run(out io.Writer) error {
	b, err := book(c.Dir)
	if err != nil {
		return err
	}
	found := b.Check(lang.Keys())
	for _, t := range found {
		fmt.Fprintln(out, t)
	}
	if len(found) > 0 {
		return fault.New(fault.Invalid, "check catalogues", "%d messages are not as they should be", len(found))
	}
	fmt.Fprintf(out, "%d languages, nothing missing.\n", len(b.Tongues()))
	return nil
}

type langKeysCmd struct{}

// Run prints a catalogue with English where the translations go.
func (langKeysCmd) Run(out io.Writer) error { return lang.Blank(out) }

// book is the program's languages and those of a folder.
func book(dir string) (*lang.Book, error) {
	var extra fs.FS
	if dir != "" {
		extra = os.DirFS(dir)
	}
	b, err := lang.Load(extra)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read catalogues", err, "%v", err)
	}
	return b, nil
}
