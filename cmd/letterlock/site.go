package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"letterlock/internal/fault"
	"letterlock/web/center"
)

type siteCmd struct {
	From  string `required:"" placeholder:"URL" help:"Address of the running public site."`
	Out   string `required:"" placeholder:"DIR" help:"Folder for the files; it must not exist, or be empty."`
	Since string `placeholder:"DIR" type:"existingdir" help:"The export that is published now: the new one then proves that each ledger continues it and those before."`
}

// Run writes the public site as files.
func (s *siteCmd) Run(ctx context.Context, out io.Writer) error {
	if there, err := os.ReadDir(s.Out); err == nil && len(there) > 0 {
		return fault.New(fault.Conflict, "export site", "refusing to write into %s: it is not empty", s.Out)
	}
	client := &http.Client{Timeout: time.Minute}
	files, err := center.Export(ctx, client, s.From, s.Out)
	if err != nil {
		return err
	}
	if s.Since != "" {
		proofs, err := center.Since(ctx, client, s.From, s.Since, s.Out)
		if err != nil {
			return err
		}
		files = append(files, proofs...)
	}
	fmt.Fprintf(out, "%d files, written to %s\n", len(files), s.Out)
	return nil
}
