//go:build !js

package main

import (
	"context"
	"fmt"

	"letterlock/internal/fault"
)

// linear is the client line by line: the chats as a numbered list, a chat as
// lines that follow each other. Nothing is drawn over, so that a screen reader
// reads everything once and in order.
func (t *terminal) linear(ctx context.Context) error {
	t.aloud = true
	for {
		heads, err := t.listChats(ctx)
		if err != nil {
			return err
		}
		line := t.ask("Number of a chat, a phone number to write to, or q to quit: ")
		switch {
		case line == "" || line == "q":
			return nil
		case line[0] == '+':
			err = (&chatCmd{To: line}).Run(ctx, t)
		default:
			err = t.openChat(ctx, heads, line)
		}
		if err != nil && fault.KindOf(err) == fault.Internal {
			return err
		}
		if err != nil {
			fmt.Fprintln(t.out, "! "+plain(sentence(err)))
		}
	}
}

// listChats takes in what is new and lists the conversations.
func (t *terminal) listChats(ctx context.Context) (heads []chatRecord, err error) {
	return heads, t.with(ctx, func(d *device) error {
		if away := d.collect(ctx, 0); away != nil {
			fmt.Fprintln(t.out, "! "+plain(sentence(away)))
		}
		if heads, err = d.chats(ctx); err != nil {
			return err
		}
		for i, h := range heads {
			fmt.Fprintf(t.out, "%d. %s\n", i+1, h.line())
		}
		if len(heads) == 0 {
			fmt.Fprintln(t.out, "No chats yet.")
		}
		return nil
	})
}

func (t *terminal) openChat(ctx context.Context, heads []chatRecord, line string) error {
	n := 0
	if _, err := fmt.Sscanf(line, "%d", &n); err != nil || n < 1 || n > len(heads) {
		return fault.New(fault.Invalid, "open a chat", "give the number that stands before a chat, 1 to %d", len(heads))
	}
	if h := heads[n-1]; h.Group != "" {
		return (&chatCmd{Group: h.Group}).Run(ctx, t)
	}
	return (&chatCmd{To: heads[n-1].Phone}).Run(ctx, t)
}
