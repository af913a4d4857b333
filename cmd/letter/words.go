//go:build !js

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
)

// The commands that change a message name it by the number that `letter
// receive` and `letter history` show before it.

type editCmd struct {
	Number uint64   `arg:"" help:"The message's number, as shown after #."`
	Plain  bool     `help:"Take marks such as *this* as text."`
	Text   []string `arg:"" help:"What it is to say."`
}

// Run is the command.
func (e *editCmd) Run(ctx context.Context, t *terminal) error {
	return t.altering(ctx, "Edited.", func(d *device) (client.Entry, error) {
		return d.Edit(ctx, e.Number, words(strings.Join(e.Text, " "), e.Plain))
	})
}

func words(text string, plain bool) client.Words {
	if plain {
		return client.Words{Text: text}
	}
	return client.Markup(text)
}

type unsendCmd struct {
	Number uint64 `arg:"" help:"The message's number, as shown after #."`
}

// Run is the command.
func (u *unsendCmd) Run(ctx context.Context, t *terminal) error {
	return t.altering(ctx, "Taken back. Who has read it has read it.", func(d *device) (client.Entry, error) {
		return d.Unsend(ctx, u.Number)
	})
}

type reactCmd struct {
	Number uint64 `arg:"" help:"The message's number, as shown after #."`
	Emoji  string `arg:"" optional:"" help:"One emoji; without it, the reaction is taken back."`
}

// Run is the command.
func (r *reactCmd) Run(ctx context.Context, t *terminal) error {
	done := "Done."
	if r.Emoji == "" {
		done = "Taken back."
	}
	return t.altering(ctx, done, func(d *device) (client.Entry, error) { return d.React(ctx, r.Number, r.Emoji) })
}

// altering changes a message and sends the change.
func (t *terminal) altering(ctx context.Context, done string, f func(*device) (client.Entry, error)) error {
	return t.with(ctx, func(d *device) error {
		if _, err := f(d); err != nil {
			return err
		}
		if err := d.sendHeld(ctx); err != nil {
			return err
		}
		fmt.Fprintln(t.out, done)
		return nil
	})
}

type timerCmd struct {
	With  string  `required:"" placeholder:"+E164" help:"Whose conversation."`
	After *string `placeholder:"TIME" help:"Messages disappear so long after they were shown: 30s, 5m, 8h, 7d, 4w; or 'never'."`
	JSON  bool    `name:"json" help:"One JSON object."`
}

// Run is the command.
func (c *timerCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if c.After != nil {
			seconds, err := lasting(*c.After)
			if err != nil {
				return err
			}
			if err := d.SetTimer(ctx, c.With, seconds); err != nil {
				return err
			}
			if err := d.sendHeld(ctx); err != nil {
				return err
			}
		}
		who, err := d.Find(ctx, c.With)
		if err != nil {
			return err
		}
		seconds, err := d.Timer(ctx, who.Account)
		if err != nil {
			return err
		}
		if c.JSON {
			return t.json(timerRecord{who.Account.String(), who.Phone, seconds})
		}
		fmt.Fprintf(t.out, "New messages with %s %s.\n", who.Phone, timer(seconds))
		return nil
	})
}

// timerRecord is when messages of a conversation disappear, as --json prints it.
type timerRecord struct {
	Account string `json:"account"`
	Phone   string `json:"phone"`
	Timer   uint32 `json:"timer"` // seconds after they were shown; 0: they stay
}

type historyCmd struct {
	With  string `xor:"with" required:"" placeholder:"+E164" help:"Whose conversation."`
	Group string `xor:"with" required:"" placeholder:"NAME" help:"Or a group's."`
	Last  int    `default:"50" help:"So many of the newest; 0: all."`
	JSON  bool   `name:"json" help:"One JSON object on each line."`
	Clear bool   `help:"Take the conversation away from this device, after asking; others keep theirs."`
	Yes   bool   `help:"Do not ask."`
}

// Run is the command.
func (h *historyCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		talk, name, err := h.talk(ctx, d)
		if err != nil {
			return err
		}
		if h.Clear {
			return d.clear(ctx, talk, name, h.Yes)
		}
		past, err := d.Talk(ctx, talk, h.Last)
		if err != nil {
			return err
		}
		return d.showAll(ctx, past, h.JSON, "Nothing yet.")
	})
}

// talk finds the conversation.
func (h *historyCmd) talk(ctx context.Context, d *device) (id [16]byte, name string, err error) {
	if h.Group != "" {
		g, err := d.which(ctx, h.Group)
		return g.ID, plain(g.Name), err
	}
	who, err := d.Find(ctx, h.With)
	return who.Account, who.Phone, err
}

func (d *device) clear(ctx context.Context, talk [16]byte, name string, yes bool) error {
	if !yes && !d.t.asked("This takes the conversation with "+name+" away from this device. It cannot be undone.\nType 'clear' to go on: ", "clear") {
		return fault.New(fault.Invalid, "clear", "nothing was cleared")
	}
	if err := d.Clear(ctx, talk); err != nil {
		return err
	}
	fmt.Fprintln(d.t.out, "Cleared here.")
	return nil
}

func (d *device) showAll(ctx context.Context, all []client.Entry, asJSON bool, none string) error {
	for _, e := range all {
		if err := d.show(ctx, e, asJSON); err != nil {
			return err
		}
	}
	if len(all) == 0 && !asJSON {
		fmt.Fprintln(d.t.out, none)
	}
	return nil
}

type searchCmd struct {
	Most  int      `default:"50" help:"So many at most."`
	JSON  bool     `name:"json" help:"One JSON object on each line."`
	Words []string `arg:"" help:"Words that the message has, all of them."`
}

// Run is the command.
func (s *searchCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		found, err := d.Search(ctx, strings.Join(s.Words, " "), s.Most)
		if err != nil {
			return err
		}
		return d.showAll(ctx, found, s.JSON, "Nothing found on this device.")
	})
}

type privacyCmd struct {
	Delivered string `enum:"show,hide," default:"" help:"Whether people to whom you wrote see that a message reached you: show or hide. Who hides it does not see it of others."`
	Read      string `enum:"show,hide," default:"" help:"The same for messages that you have read."`
	InGroups  string `enum:"show,hide," default:"" help:"Whether members of your groups see either: show or hide. It is never told in a group of more than 128 members."`
	Writing   string `enum:"show,hide," default:"" help:"Whether people with whom you are in touch see that you are writing."`
	Online    string `enum:"show,hide," default:"" help:"Whether people to whom you wrote see that you are here. Hidden unless you show it."`
	JSON      bool   `name:"json" help:"One JSON object."`
}

// Run is the command.
func (p *privacyCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		c, err := d.Choices(ctx)
		if err != nil {
			return err
		}
		choose(&c.HideDelivered, p.Delivered)
		choose(&c.HideRead, p.Read)
		choose(&c.HideInGroups, p.InGroups)
		choose(&c.HideWriting, p.Writing)
		hidden := !c.ShowOnline
		choose(&hidden, p.Online)
		c.ShowOnline = !hidden
		if err := d.Choose(ctx, c); err != nil {
			return err
		}
		if p.JSON {
			return t.json(c)
		}
		say := map[bool]string{false: "shown to people to whom you wrote", true: "hidden"}
		groups := map[bool]string{false: "shown to members of groups in which you wrote", true: "hidden"}
		fmt.Fprintf(t.out, "That a message reached you: %s\nThat you have read it:      %s\nBoth of them in groups:     %s\nThat you are writing:       %s\nThat you are here:          %s\n",
			say[c.HideDelivered], say[c.HideRead], groups[c.HideInGroups], say[c.HideWriting], say[!c.ShowOnline])
		return nil
	})
}

func choose(hide *bool, word string) {
	if word != "" {
		*hide = word == "hide"
	}
}

// receipts sends what the reading of messages owes their authors. It does not
// try long: they go with the next command.
func (d *device) receipts(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := d.Client.Run(limited, client.Run{Patience: 1, Until: func(p client.Progress) bool { return p.Waiting == p.PutOff }})
	if fault.Is(err, fault.Unavailable) || (limited.Err() != nil && ctx.Err() == nil) {
		return nil
	}
	return err
}
