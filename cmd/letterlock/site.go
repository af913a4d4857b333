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
	From string `required:"" placeholder:"URL" help:"Address of the running public site."`
	Out  string `required:"" placeholder:"DIR" help:"Folder for the files; it must not exist, or be empty."`
}

// Run writes the public site as files.
func (s *siteCmd) Run(ctx context.Context, out io.Writer) error {
	if there, err := os.ReadDir(s.Out); err == nil && len(there) > 0 {
		return fault.New(fault.Conflict, "export site", "refusing to write into %s: it is not empty", s.Out)
	}
	files, err := center.Export(ctx, &http.Client{Timeout: time.Minute}, s.From, s.Out)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d files, written to %s\n", len(files), s.Out)
	return nil
}
