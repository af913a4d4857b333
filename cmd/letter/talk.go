//go:build !js

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// errLater marks a message that is kept and not sent.
var errLater = errors.New("not sent yet")

type sendCmd struct {
	To    string        `xor:"to" required:"" placeholder:"+E164" help:"The number to write to."`
	Group string        `xor:"to" required:"" placeholder:"NAME" help:"The group to write to."`
	Reply uint64        `placeholder:"N" help:"The number of the message that this answers, as shown after #."`
	Plain bool          `help:"Take marks such as *this* as text."`
	Wait  time.Duration `default:"20s" help:"How long to try; after that the message waits for the next command."`
	File  string        `type:"existingfile" placeholder:"PATH" help:"A file to send; the text is its caption. It is sealed on this computer; a send that was interrupted goes on with the next command."`
	Voice bool          `help:"The file is a voice message."`

	KeepMetadata bool `help:"Leave in the file what says where, when, with what and by whom it was made. Without this it is taken out of photos and films, and you are asked about files of which it cannot be."`

	Text []string `arg:"" optional:"" help:"What to write. *bold*, _italic_, ~struck~, ||hidden|| and code between backticks are styled; @ with a name or number of somebody in the conversation mentions them."`
}

// Run is the command.
func (s *sendCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		what := words(strings.Join(s.Text, " "), s.Plain)
		what.Reply = s.Reply
		what, err := s.mentions(ctx, d, what)
		if err != nil {
			return err
		}
		if s.File != "" {
			return s.carry(ctx, d, what)
		}
		e, err := s.write(ctx, d, what)
		if err != nil {
			return err
		}
		if e, err = d.await(ctx, e, s.Wait); err != nil {
			return err
		}
		return t.report(e)
	})
}

// mentions finds who is meant by @ and a name.
func (s *sendCmd) mentions(ctx context.Context, d *device, what client.Words) (client.Words, error) {
	if s.Plain || !strings.Contains(what.Text, "@") {
		return what, nil
	}
	if s.Group != "" {
		g, err := d.which(ctx, s.Group)
		if err != nil {
			return what, err
		}
		return d.WithMentions(ctx, g.ID, what)
	}
	who, err := d.Find(ctx, s.To)
	if err != nil {
		return what, err
	}
	return d.WithMentions(ctx, who.Account, what)
}

func (s *sendCmd) carry(ctx context.Context, d *device, what client.Words) error {
	e, err := s.sendFile(ctx, d, what)
	if err != nil {
		return err
	}
	if e, err = d.awaitFile(ctx, e, s.Wait); err != nil {
		return err
	}
	return d.t.report(e)
}

func (s *sendCmd) write(ctx context.Context, d *device, what client.Words) (client.Entry, error) {
	if s.Group == "" {
		return d.Write(ctx, s.To, what)
	}
	g, err := d.which(ctx, s.Group)
	if err != nil {
		return client.Entry{}, err
	}
	return d.WriteGroup(ctx, g.ID, what)
}

// await stays connected until the message has an outcome.
func (d *device) await(ctx context.Context, e client.Entry, most time.Duration) (client.Entry, error) {
	limited, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	settled := func(client.Progress) bool {
		now, _, err := d.Entry(ctx, e.Seq)
		return err != nil || now.State != client.Waiting
	}
	err := d.Client.Run(limited, client.Run{Until: settled, Patience: 3})
	if err != nil && !fault.Is(err, fault.Unavailable) {
		return e, err
	}
	now, _, err := d.Entry(ctx, e.Seq)
	return now, err
}

// report says what became of a message.
func (t *terminal) report(e client.Entry) error {
	switch e.State {
	case client.Sent:
		fmt.Fprintln(t.out, "Sent.")
		return nil
	case client.Held:
		return fault.New(fault.Conflict, "send", "the safety number with %s changed, so the message waits: compare 'letter safety --with %s' with what they see, then accept it with --accept", e.Phone, e.Phone)
	case client.Failed:
		return fault.New(fault.Conflict, "send", "not sent: %s", e.Why)
	}
	if e.Why != "" {
		return errors.Join(errLater, fault.New(fault.Unavailable, "send", "not sent yet: %s", e.Why))
	}
	return errors.Join(errLater, fault.New(fault.Unavailable, "send", "the server cannot be reached or cannot take it now: the message is kept and goes out with your next 'letter send' or 'letter receive'"))
}

type receiveCmd struct {
	Wait time.Duration `default:"0s" help:"How long to wait for something new if there is nothing; ends as soon as there is."`
	JSON bool          `name:"json" help:"One JSON object on each line."`
}

// connectTime is how long receive tries to reach the server and to take in
// what waits there, whatever --wait says.
const connectTime = 30 * time.Second

// Run is the command.
func (r *receiveCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		err := d.collect(ctx, r.Wait)
		// What is in the store is shown even if the server is away.
		if shown := d.showNew(ctx, r.JSON); shown != nil || err != nil {
			return errors.Join(shown, err)
		}
		return d.bringRest(ctx)
	})
}

// collect takes in what waits, and then waits for the first new thing. It also
// sends what waits in the outbox.
func (d *device) collect(ctx context.Context, wait time.Duration) error {
	end := time.Now().Add(max(wait, time.Second))
	limited, cancel := context.WithTimeout(ctx, connectTime+wait)
	defer cancel()
	caught := false
	err := d.Client.Run(limited, client.Run{Patience: 4, Until: func(p client.Progress) bool {
		if !p.Caught {
			return false
		}
		if !caught && wait > 0 { // nothing comes by itself when the time is over: this ends the run
			time.AfterFunc(time.Until(end), cancel)
		}
		caught = true
		if wait == 0 {
			return p.Waiting == p.PutOff && p.Photos == 0
		}
		unread, err := d.Unread(ctx, wire.AccountID{})
		return err != nil || len(unread) > 0
	}})
	if err == nil && !caught && ctx.Err() == nil {
		return fault.New(fault.Unavailable, "receive", "the server cannot be reached: what it holds for you stays there, try again")
	}
	return err
}

// showNew prints and then marks as shown: if the program ends in between, a
// thing is printed again rather than never.
func (d *device) showNew(ctx context.Context, asJSON bool) error {
	unread, err := d.Unread(ctx, wire.AccountID{})
	if err != nil {
		return err
	}
	for _, e := range unread {
		if err := d.show(ctx, e, asJSON); err != nil {
			return err
		}
		if err := d.Shown(ctx, e); err != nil {
			return err
		}
	}
	if len(unread) == 0 {
		if !asJSON {
			fmt.Fprintln(d.t.out, "Nothing new.")
		}
		return nil
	}
	return d.receipts(ctx)
}

func (d *device) show(ctx context.Context, e client.Entry, asJSON bool) error {
	if asJSON {
		r, err := d.record(ctx, e)
		if err != nil {
			return err
		}
		return d.t.json(r)
	}
	_, err := fmt.Fprintln(d.t.out, d.say(ctx, e))
	return err
}
