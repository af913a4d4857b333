//go:build !js

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"letterlock/ledger/proof"
	"letterlock/transparency/room"
)

type documentCmd struct {
	Folder string   `arg:"" type:"existingdir" help:"The folder with the files of a document of the public document room, its list and its proof."`
	Trust  []string `sep:"none" placeholder:"FILE" help:"The provider's key file; may be given again."`
	JSON   bool     `name:"json" help:"Print the findings as JSON."`
}

// Run checks that a document is the one that was published.
func (c *documentCmd) Run(out io.Writer) error {
	known, err := trust(c.Trust)
	if err != nil {
		return err
	}
	keys, err := proof.ParseKeys(known.Ledgers...)
	if err != nil {
		return err
	}
	lines := room.Check(os.DirFS(c.Folder), keys)
	if c.JSON {
		e := json.NewEncoder(out)
		e.SetIndent("", " ")
		if err := e.Encode(struct {
			OK    bool        `json:"ok"`
			Lines []room.Line `json:"lines"`
		}{room.Holds(lines), lines}); err != nil {
			return err
		}
	} else {
		for _, l := range lines {
			fmt.Fprintf(out, "%-6s %s\n", map[bool]string{true: "HOLDS", false: "FAILS"}[l.Holds], l.Text)
		}
	}
	if !room.Holds(lines) {
		return errFails
	}
	return nil
}
