//go:build !js

package main

import (
	"context"
	"fmt"
	"os"

	"letterlock/client"
	"letterlock/internal/fault"
)

type contactsCmd struct {
	Show   contactsShowCmd   `cmd:"" default:"withargs" help:"Show the list."`
	Add    contactsAddCmd    `cmd:"" help:"Add somebody, or give them another name."`
	Import contactsImportCmd `cmd:"" help:"Add people from a vCard file, or a text with a name and a number on each line. Nothing leaves your devices."`
	Find   contactsFindCmd   `cmd:"" help:"Turn on or off that the server is asked who of your contacts is here."`
	Forget contactsForgetCmd `cmd:"" help:"Take somebody, or the whole list, away from all your devices."`
}

type contactsShowCmd struct {
	JSON bool `name:"json" help:"One JSON object on each line."`
}

type contactJSON struct {
	Phone   string `json:"phone"`
	Name    string `json:"name,omitempty"`
	Account string `json:"account,omitempty"`
	Asked   bool   `json:"asked"`
}

// Run is the command.
func (s *contactsShowCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		all, err := d.Contacts(ctx)
		if err != nil {
			return err
		}
		for _, k := range all {
			out, here := contactJSON{Phone: k.Phone, Name: k.Name, Asked: k.Asked != 0}, ""
			if !k.Account.IsZero() {
				out.Account, here = k.Account.String(), "  here"
			}
			if s.JSON {
				if err := t.json(out); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(t.out, "%-16s %s%s\n", k.Phone, plain(k.Name), here)
		}
		if len(all) == 0 && !s.JSON {
			fmt.Fprintln(t.out, "No contacts yet: 'letter contacts add' or 'letter contacts import' puts some here. They stay on your devices.")
		}
		return nil
	})
}

type contactsAddCmd struct {
	Phone string `arg:"" name:"phone" help:"Their number."`
	Name  string `arg:"" optional:"" help:"Their name, as you know them."`
}

// Run is the command.
func (a *contactsAddCmd) Run(ctx context.Context, t *terminal) error {
	return t.contacts(ctx, "Added.", func(d *device) error {
		return d.AddContacts(ctx, client.Contact{Phone: a.Phone, Name: a.Name})
	})
}

type contactsImportCmd struct {
	File string `arg:"" type:"existingfile" help:"The file."`
}

// Run is the command.
func (i *contactsImportCmd) Run(ctx context.Context, t *terminal) error {
	f, err := os.Open(i.File)
	if err != nil {
		return fault.Wrap(fault.Invalid, "import contacts", err, "%s cannot be read: %v", i.File, cause(err))
	}
	defer f.Close()
	people, skipped, err := client.ReadContacts(f)
	if err != nil {
		return err
	}
	say := fmt.Sprintf("Added %d numbers; nothing of it left your devices.", len(people))
	if skipped > 0 {
		say += fmt.Sprintf(" %d are not in international form (+44...) and were left out.", skipped)
	}
	return t.contacts(ctx, say, func(d *device) error { return d.AddContacts(ctx, people...) })
}

type contactsFindCmd struct {
	Switch string `arg:"" enum:"on,off" help:"on or off."`
}

// Run is the command.
func (c *contactsFindCmd) Run(ctx context.Context, t *terminal) error {
	say := map[string]string{"off": "The server is asked for nobody.",
		"on": "From now on the server is asked who of your contacts is here, eight numbers a day. It sees each number in the moment it is asked, and keeps how many you asked for today, not which."}[c.Switch]
	return t.contacts(ctx, say, func(d *device) error {
		k, err := d.Choices(ctx)
		if err != nil {
			return err
		}
		k.AskContacts = c.Switch == "on"
		return d.Choose(ctx, k)
	})
}

type contactsForgetCmd struct {
	Phones []string `arg:"" optional:"" name:"phone" help:"Whom; nobody: the whole list, and the server is asked for nobody any more."`
	Yes    bool     `help:"Do not ask."`
}

// Run is the command.
func (f *contactsForgetCmd) Run(ctx context.Context, t *terminal) error {
	if len(f.Phones) == 0 && !f.Yes && !t.asked("This takes the whole list away from all your devices.\nType 'forget' to go on: ", "forget") {
		return fault.New(fault.Invalid, "forget contacts", "nothing was forgotten")
	}
	for i, p := range f.Phones {
		phone, err := client.Phone(p)
		if err != nil {
			return err
		}
		f.Phones[i] = phone
	}
	return t.contacts(ctx, "Forgotten.", func(d *device) error { return d.ForgetContacts(ctx, f.Phones...) })
}

// contacts changes the list and tells the person's other devices.
func (t *terminal) contacts(ctx context.Context, say string, f func(*device) error) error {
	return t.with(ctx, func(d *device) error {
		if err := f(d); err != nil {
			return err
		}
		if err := d.leave(ctx, connectTime); err != nil && !fault.Is(err, fault.Unavailable) {
			return err
		}
		fmt.Fprintln(t.out, say)
		return nil
	})
}
