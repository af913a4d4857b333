//go:build !js

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
)

type statusCmd struct {
	Show     statusShowCmd `cmd:"" default:"withargs" help:"Show the status updates of today, yours and those that others show you."`
	Post     statusPostCmd `cmd:"" help:"Show a text to chosen people for a day."`
	TakeBack statusTakeCmd `cmd:"" help:"Take a status of yours back."`
}

type statusShowCmd struct {
	JSON bool `name:"json" help:"One JSON object on each line."`
}

// Run is the command.
func (s *statusShowCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		all, err := d.Statuses(ctx)
		if err != nil {
			return err
		}
		if err := d.showAll(ctx, all, s.JSON, "Nobody shows a status today."); err != nil {
			return err
		}
		return d.Shown(ctx, all...)
	})
}

type statusPostCmd struct {
	To    []string      `placeholder:"+E164" help:"Who may see it, again for each number; without it, whoever was shown your last one."`
	Plain bool          `help:"Take marks such as *this* as text."`
	Wait  time.Duration `default:"20s" help:"How long to try; after that it waits for the next command."`
	File  string        `type:"existingfile" placeholder:"PATH" help:"A photo or film to show; the text stands below it."`
	Text  []string      `arg:"" optional:"" help:"What to show."`
}

// Run is the command.
func (s *statusPostCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		e, err := s.post(ctx, d)
		if err != nil {
			return err
		}
		if err := d.leave(ctx, s.Wait); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Shown to %d until %s.\n", len(e.To), stamp(e.Ends))
		return nil
	})
}

func (s *statusPostCmd) post(ctx context.Context, d *device) (e client.Entry, err error) {
	what := words(strings.Join(s.Text, " "), s.Plain)
	if s.File == "" {
		return d.PostStatus(ctx, s.To, what)
	}
	f, err := os.Open(s.File)
	if err != nil {
		return e, fault.Wrap(fault.Invalid, "post a status", err, "%s cannot be read: %v", s.File, cause(err))
	}
	defer f.Close()
	return d.PostStatusFile(ctx, s.To, client.Attachment{Body: f, Name: filepath.Base(s.File), Words: what})
}

// leave lets out what waits, or keeps it for the next command.
func (d *device) leave(ctx context.Context, most time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return d.Client.Run(limited, client.Run{Patience: 3, Until: func(p client.Progress) bool { return p.Waiting == p.PutOff && p.Files == 0 }})
}

type statusTakeCmd struct {
	Number uint64        `arg:"" help:"The status's number, as shown after #."`
	Wait   time.Duration `default:"20s" help:"How long to try; after that it waits for the next command."`
}

// Run is the command.
func (s *statusTakeCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if err := d.TakeBackStatus(ctx, s.Number); err != nil {
			return err
		}
		if err := d.leave(ctx, s.Wait); err != nil {
			return err
		}
		fmt.Fprintln(t.out, "Taken back. Who has read it has read it.")
		return nil
	})
}
