//go:build !js

package main

import (
	"context"
	"fmt"
	"strings"

	"letterlock/client"
	"letterlock/internal/fault"
)

type safetyCmd struct {
	With     string `required:"" placeholder:"+E164" help:"Whose safety number."`
	Verified bool   `help:"You compared it with them and it is the same: mark it so."`
	Accept   bool   `help:"It changed, and you accept the new one: what waits is sent."`
	JSON     bool   `name:"json" help:"One JSON object."`
}

// Run is the command.
func (s *safetyCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if s.Verified || s.Accept {
			if err := d.AcceptShown(ctx, s.With, s.Verified); err != nil {
				return err
			}
			if err := d.sendHeld(ctx); err != nil {
				return err
			}
		}
		n, err := d.Safety(ctx, s.With)
		if err != nil {
			return err
		}
		if s.JSON {
			return t.json(safetyRecord{n.With.Account.String(), n.With.Phone, n.Digits, n.Code, n.Verified, n.Changed})
		}
		t.safety(n)
		return nil
	})
}

// safetyRecord is a safety number as --json prints it.
type safetyRecord struct {
	Account  string `json:"account"`
	Phone    string `json:"phone"`
	Digits   string `json:"digits"`
	Code     []byte `json:"code"` // of the QR code, base64
	Verified bool   `json:"verified"`
	Changed  bool   `json:"changed"`
}

// sendHeld sends what waited for the person's word; if the server is away, it
// goes with the next command.
func (d *device) sendHeld(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	err := d.Client.Run(limited, client.Run{Patience: 2, Until: func(p client.Progress) bool { return p.Waiting == 0 }})
	if fault.Is(err, fault.Unavailable) {
		fmt.Fprintln(d.t.err, "letter: the server cannot be reached; what waited goes out with your next command")
		return nil
	}
	return err
}

func (t *terminal) safety(n client.Safety) {
	fmt.Fprintf(t.out, "Safety number with %s:\n", n.With.Phone)
	groups := strings.Fields(n.Groups())
	for i := 0; i+4 <= len(groups); i += 4 {
		fmt.Fprintln(t.out, "   ", strings.Join(groups[i:i+4], " "))
	}
	switch {
	case n.Changed:
		fmt.Fprintln(t.out, "It CHANGED and you have not accepted it. Compare it with theirs over another channel; then use --accept, or --verified.")
	case n.Verified:
		fmt.Fprintln(t.out, "You marked it as verified.")
	default:
		fmt.Fprintln(t.out, "Not verified. If they see the same digits nobody is between you; mark it with --verified.")
	}
}

type noticesCmd struct {
	JSON bool   `name:"json" help:"One JSON object on each line."`
	Save string `type:"existingdir" placeholder:"DIR" help:"Also write the receipt of each notice into DIR, as CASE.proof. 'letterlock report verify --receipt' sees by it that the published report counts your case."`
}

// Run is the command. It shows what the store has after asking the server.
func (n *noticesCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		away := d.collect(ctx, 0)
		all, err := d.Notices(ctx)
		if err != nil {
			return err
		}
		for _, e := range all {
			if err := d.show(ctx, e, n.JSON); err != nil {
				return err
			}
		}
		if n.Save != "" {
			if err := t.saveReceipts(n.Save, all, n.JSON); err != nil {
				return err
			}
		}
		if err := d.Shown(ctx, all...); err != nil {
			return err
		}
		if len(all) == 0 && !n.JSON {
			fmt.Fprintln(t.out, "The service has told you nothing so far.")
		}
		return away
	})
}

type objectCmd struct {
	Notice string   `required:"" placeholder:"ID" help:"The notice's number, as 'letter notices' shows it."`
	Text   []string `arg:"" help:"Why the disclosure should not happen. The service's counsel reads it."`
}

// Run is the command.
func (o *objectCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if err := d.Object(ctx, o.Notice, strings.Join(o.Text, " ")); err != nil {
			return err
		}
		fmt.Fprintln(t.out, "Your objection is with the service's counsel. The disclosure is held until they decide.")
		return nil
	})
}
