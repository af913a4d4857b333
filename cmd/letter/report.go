//go:build !js

package main

import (
	"context"
	"fmt"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

type reportCmd struct {
	About   string   `placeholder:"+E164" help:"Whom to report, by their number."`
	Message []uint64 `placeholder:"N" help:"A message to put into the report, by its number as shown after #, again for each; without --about it also says whom you report."`
	Note    string   `help:"What happened, in your words."`
	Block   bool     `help:"Block them as well."`
	Yes     bool     `help:"Do not ask."`
	JSON    bool     `name:"json" help:"Show the report as it is sent and nothing else; it is sent only with --yes."`
}

// Run is the command.
func (r *reportCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		about, err := r.who(ctx, d)
		if err != nil {
			return err
		}
		draft, err := d.DraftReport(ctx, about, r.Message, r.Note)
		if err != nil {
			return err
		}
		if !r.JSON {
			fmt.Fprintln(t.out, "This, and nothing else, is sealed and sent to whoever runs the server:")
		}
		fmt.Fprintln(t.out, lines(string(draft.Text()), ""))
		if !r.Yes && (r.JSON || !t.asked("Type 'report' to send it: ", "report")) {
			if r.JSON {
				return nil
			}
			return fault.New(fault.Invalid, "report", "nothing was sent")
		}
		if err := d.SendReport(ctx, draft, r.Block); err != nil {
			return err
		}
		if !r.JSON {
			fmt.Fprintln(t.out, map[bool]string{false: "Reported.", true: "Reported and blocked."}[r.Block])
		}
		return nil
	})
}

// who is the person whom the report is about.
func (r *reportCmd) who(ctx context.Context, d *device) (id wire.AccountID, err error) {
	if r.About != "" {
		who, err := d.Find(ctx, r.About)
		return who.Account, err
	}
	if len(r.Message) == 0 {
		return id, fault.New(fault.Invalid, "report", "say with --about whom you report, or with --message what they wrote")
	}
	e, found, err := d.Entry(ctx, r.Message[0])
	if err == nil && (!found || e.Kind != client.Incoming) {
		err = fault.New(fault.Invalid, "report", "#%d is nobody's message to you: say with --about whom you report", r.Message[0])
	}
	return e.Peer, err
}
