//go:build !js

package main

import (
	"context"
	"fmt"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
)

type infoCmd struct {
	Number uint64 `arg:"" help:"The message's number, as shown after #."`
	JSON   bool   `name:"json" help:"One JSON object on each line, one for each person."`
}

// Run is the command.
func (i *infoCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		e, found, err := d.Entry(ctx, i.Number)
		if err == nil && !found {
			err = fault.New(fault.NotFound, "show a message", "#%d is not here any more", i.Number)
		}
		if err != nil {
			return err
		}
		marks, err := d.Marks(ctx, i.Number)
		if err != nil {
			return err
		}
		if i.JSON {
			for _, m := range marks {
				if err := t.json(markRecord(m)); err != nil {
					return err
				}
			}
			return nil
		}
		fmt.Fprintf(t.out, "%s\n", d.say(ctx, e))
		for _, m := range marks {
			fmt.Fprintf(t.out, "    %-24s %s\n", d.name(ctx, m.By), said(m))
		}
		return nil
	})
}

// said is what a person told of a message.
func said(m client.Mark) string {
	switch {
	case m.Read != 0:
		return "read " + stamp(m.Read)
	case m.Delivered != 0:
		return "delivered " + stamp(m.Delivered)
	}
	return "says nothing (not there yet, or hidden)"
}

// marked counts who has a message to a group.
func marked(e client.Entry) string {
	have, saw := e.MarkedBy()
	of := ""
	if e.Recipients > 0 {
		of = fmt.Sprintf(" of %d", e.Recipients)
	}
	if saw > 0 {
		return fmt.Sprintf(" (read by %d%s)", saw, of)
	}
	return fmt.Sprintf(" (delivered to %d%s)", have, of)
}

type markJSON struct {
	Account   string     `json:"account"`
	Delivered *time.Time `json:"delivered,omitempty"`
	Read      *time.Time `json:"read,omitempty"`
}

func markRecord(m client.Mark) markJSON {
	return markJSON{m.By.String(), moment(m.Delivered), moment(m.Read)}
}

func markRecords(marks []client.Mark) (out []markJSON) {
	for _, m := range marks {
		out = append(out, markRecord(m))
	}
	return out
}
