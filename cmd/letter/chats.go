//go:build !js

package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"letterlock/client"
	"letterlock/cmd/letter/say"
)

type chatsCmd struct {
	JSON bool `name:"json" help:"One JSON object on each line."`
}

// Run is the command.
func (c *chatsCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		all, err := d.chats(ctx)
		if err != nil {
			return err
		}
		for _, h := range all {
			if c.JSON {
				if err := t.json(h); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintln(t.out, h.line())
		}
		if len(all) == 0 && !c.JSON {
			fmt.Fprintln(t.out, "No chats yet: letter send --to +E164 TEXT")
		}
		return nil
	})
}

// chatRecord is a conversation as --json prints it. docs/protocol/client.md
// lists it.
type chatRecord struct {
	Account  string    `json:"account,omitempty"`
	Group    string    `json:"group,omitempty"`
	Phone    string    `json:"phone,omitempty"`
	Name     string    `json:"name,omitempty"` // of the group
	Unread   int       `json:"unread"`
	Timer    uint32    `json:"timer,omitempty"`
	Verified bool      `json:"verified"`
	Changed  bool      `json:"changed"` // the safety number, and it is not accepted
	At       time.Time `json:"at"`
	Last     record    `json:"last"`
	shown    string
}

func (h chatRecord) line() string {
	marks := ""
	if h.Unread > 0 {
		marks += fmt.Sprintf(", %d unread", h.Unread)
	}
	if h.Timer > 0 {
		marks += ", new messages " + timer(h.Timer)
	}
	if h.Verified {
		marks += ", verified"
	}
	if h.Changed {
		marks += ", the safety number CHANGED"
	}
	return fmt.Sprintf("%s%s. %s", h.shown, marks, say.Stamp(h.At.UnixMilli()))
}

// chats are the conversations, as the client lists them.
func (d *device) chats(ctx context.Context) (out []chatRecord, err error) {
	talks, err := d.Talks(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range talks {
		h, err := d.chat(ctx, t)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	slices.SortStableFunc(out, func(a, b chatRecord) int { return b.At.Compare(a.At) })
	return out, nil
}

func (d *device) chat(ctx context.Context, h client.TalkHead) (c chatRecord, err error) {
	c = chatRecord{Unread: h.Unread, At: time.UnixMilli(h.Last.At).UTC()}
	if c.Last, err = d.record(ctx, h.Last); err != nil {
		return c, err
	}
	if c.Timer, err = d.Timer(ctx, h.With); err != nil {
		return c, err
	}
	if !h.Last.Group.IsZero() {
		g, err := d.GroupOf(ctx, h.With)
		c.Group, c.Name = hex.EncodeToString(h.With[:]), g.Name
		c.shown = "group " + plain(g.Name)
		return c, err
	}
	c.Account, c.Phone, c.shown = hex.EncodeToString(h.With[:]), c.Last.From, d.name(ctx, h.With)
	p, err := d.Person(ctx, h.With)
	if err != nil {
		return c, err
	}
	c.Phone = p.Phone
	trust, err := d.TrustOf(ctx, h.With)
	c.Verified, c.Changed = trust.Verified, trust.Changed
	return c, err
}
