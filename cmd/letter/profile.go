//go:build !js

package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

type profileCmd struct {
	Name      *string  `help:"Your name."`
	About     *string  `help:"A line about you."`
	Photo     string   `type:"existingfile" placeholder:"PATH" help:"Your photo: a JPEG or PNG. It goes sealed to who may see it, small and without place and time, and is never with the service."`
	NoPhoto   bool     `help:"Remove your photo, from here and from those who see it."`
	NameFor   string   `enum:"everyone,written,contacts,chosen,nobody," default:"" help:"Who sees your name: everyone (it stands in the service's record), people to whom you wrote, those of them in your contacts, those whom you choose, or nobody."`
	AboutFor  string   `enum:"everyone,written,contacts,chosen,nobody," default:"" help:"The same for the line about you."`
	PhotoFor  string   `enum:"written,contacts,chosen,nobody," default:"" help:"The same for your photo."`
	Choose    []string `placeholder:"+E164" help:"Whom you choose, again for each number; replaces whom you chose before."`
	Email     *string  `help:"Where service notices are sent as well; empty removes it. Others do not see it."`
	Of        string   `xor:"of" placeholder:"+E164" help:"Show what somebody shows you instead."`
	SavePhoto string   `placeholder:"PATH" help:"Save the photo that is shown."`
	JSON      bool     `name:"json" help:"One JSON object."`
}

// Run is the command.
func (p *profileCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if p.Email != nil {
			if err := d.Profile(ctx, wire.ProfileUpdate{Email: p.Email}); err != nil {
				return err
			}
		}
		if err := p.change(ctx, d); err != nil {
			return err
		}
		who, err := p.who(ctx, d)
		if err != nil {
			return err
		}
		if p.SavePhoto != "" {
			return p.save(ctx, d, who)
		}
		return p.show(ctx, d, who)
	})
}

func (p *profileCmd) change(ctx context.Context, d *device) error {
	n := client.CardChange{Name: p.Name, About: p.About, NoPhoto: p.NoPhoto,
		NameTo: client.Audience(p.NameFor), AboutTo: client.Audience(p.AboutFor), PhotoTo: client.Audience(p.PhotoFor)}
	if len(p.Choose) > 0 {
		n.Chosen = &p.Choose
	}
	if p.Photo != "" {
		f, err := os.Open(p.Photo)
		if err != nil {
			return fault.Wrap(fault.Invalid, "profile", err, "%s cannot be read: %v", p.Photo, cause(err))
		}
		defer f.Close()
		n.Photo = io.Reader(f)
	}
	if n == (client.CardChange{}) {
		return nil
	}
	if err := d.ChangeCard(ctx, n); err != nil {
		return err
	}
	return d.leave(ctx, connectTime)
}

func (p *profileCmd) who(ctx context.Context, d *device) (client.Person, error) {
	if p.Of == "" {
		return client.Person{Account: d.me.Account, Phone: d.me.Phone}, nil
	}
	return d.Find(ctx, p.Of)
}

type profileJSON struct {
	Account  string          `json:"account"`
	Name     string          `json:"name"`
	About    string          `json:"about"`
	Photo    []byte          `json:"photo,omitempty"` // JPEG
	NameFor  client.Audience `json:"name_for,omitempty"`
	AboutFor client.Audience `json:"about_for,omitempty"`
	PhotoFor client.Audience `json:"photo_for,omitempty"`
}

func (p *profileCmd) show(ctx context.Context, d *device, who client.Person) error {
	shown, err := d.ProfileOf(ctx, who.Account)
	if err != nil {
		return err
	}
	photo, err := d.Portrait(ctx, who.Account)
	if err != nil {
		return err
	}
	out := profileJSON{Account: who.Account.String(), Name: shown.Name, About: shown.About, Photo: photo}
	if who.Account == d.me.Account {
		k, err := d.Card(ctx)
		if err != nil {
			return err
		}
		out.NameFor, out.AboutFor, out.PhotoFor = k.NameTo, k.AboutTo, k.PhotoTo
	}
	if p.JSON {
		return d.t.json(out)
	}
	has := map[bool]string{false: "none", true: "yes; --save-photo PATH saves it"}
	fmt.Fprintf(d.t.out, "%s\n  name:  %s%s\n  about: %s%s\n  photo: %s%s\n", plain(who.Phone), plain(out.Name), audience(out.NameFor),
		plain(out.About), audience(out.AboutFor), has[photo != nil], audience(out.PhotoFor))
	return nil
}

// audience says who sees a part of one's own profile.
func audience(a client.Audience) string {
	say := map[client.Audience]string{client.ToEveryone: "everyone", client.ToWritten: "people to whom you wrote",
		client.ToContacts: "those of your contacts to whom you wrote", client.ToChosen: "those whom you chose", client.ToNobody: "nobody"}[a]
	if say == "" {
		return ""
	}
	return "  (seen by " + say + ")"
}

func (p *profileCmd) save(ctx context.Context, d *device, who client.Person) error {
	photo, err := d.Portrait(ctx, who.Account)
	if err != nil {
		return err
	}
	if photo == nil {
		return fault.New(fault.NotFound, "profile", "there is no photo to save")
	}
	f, err := create(p.SavePhoto, "photo.jpg")
	if err == nil {
		_, err = f.Write(photo)
		if e := f.Close(); err == nil {
			err = e
		}
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, "save", err, "the photo cannot be saved under %s: %v", p.SavePhoto, cause(err))
	}
	fmt.Fprintf(d.t.out, "Saved as %s.\n", plain(f.Name()))
	return nil
}
