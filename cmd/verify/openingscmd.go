//go:build !js

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

type openingsCmd struct {
	File  string   `arg:"" type:"existingfile" help:"The file of openings, as the provider gave it."`
	Trust []string `sep:"none" placeholder:"FILE" help:"The provider's key file; may be given again. Without it the one pinned at CONFIG/letterlock/provider.json is used."`
	Rows  string   `placeholder:"FILE" help:"Write what is shown of each act as a line of JSON; the file is kept only if everything holds."`
	JSON  bool     `name:"json" help:"Print the report as JSON."`
}

// Run checks every row.
func (c *openingsCmd) Run(out io.Writer) error {
	known, err := trust(c.Trust)
	if err != nil {
		return err
	}
	in, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("cannot open the openings: %w", err)
	}
	defer in.Close()
	if c.Rows == "" {
		r, err := openings(in, known, nil)
		if err != nil {
			return err
		}
		return printReport(out, r, c.JSON)
	}
	rows, err := os.OpenFile(c.Rows, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("refusing to write over %s, or it cannot be made: %w", c.Rows, err)
	}
	r, err := openings(in, known, rows)
	if err = errors.Join(err, rows.Close()); err != nil || !r.OK() {
		err = errors.Join(err, os.Remove(c.Rows))
	}
	if err != nil {
		return err
	}
	return printReport(out, r, c.JSON)
}
