//go:build !js

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"letterlock/client"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/note"
	"letterlock/storage/clientdb"
)

// device is an open folder with somebody registered in it.
type device struct {
	*client.Client
	t     *terminal
	me    client.Self
	store *clientdb.Store
}

// open opens the folder of a registered person. onEntry and onSign may be nil.
func (t *terminal) open(ctx context.Context, onEntry func(client.Entry), onSign func(client.Sign)) (*device, error) {
	if !clientdb.Exists(t.dir) {
		return nil, t.nobody()
	}
	store, err := clientdb.Open(ctx, t.dir)
	if err != nil {
		return nil, err
	}
	me, found, err := client.ReadSelf(ctx, store)
	if err == nil && !found {
		err = whyNot(ctx, store, t)
	}
	var c *client.Client
	if err == nil {
		c, err = t.client(store, me.Server, onEntry, onSign)
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	if _, err := c.Expire(ctx); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &device{c, t, me, store}, nil
}

// whyNot says why nobody is registered in a store.
func whyNot(ctx context.Context, store client.KeyStore, t *terminal) error {
	u, found, err := client.ReadUnlinked(ctx, store)
	if err != nil {
		return err
	}
	if !found {
		return t.nobody()
	}
	return fault.New(fault.Unauthenticated, "open folder",
		"this device was unlinked from %s (noticed on %s): its keys and messages were erased. Link it again with 'letter device join', or register a number", u.Phone, stamp(u.At)[:10])
}

func (t *terminal) nobody() error {
	return fault.New(fault.Unauthenticated, "open folder",
		"nobody is registered in %s: start with 'letter register --server URL --phone NUMBER', or name another folder with --dir", t.dir)
}

func (t *terminal) client(store client.KeyStore, server string, onEntry func(client.Entry), onSign func(client.Sign)) (*client.Client, error) {
	n, err := newNetwork(server)
	if err != nil {
		return nil, err
	}
	log := note.Discard()
	if t.verbose {
		log = note.New(t.err, slog.LevelInfo)
	}
	var way client.Transport = n
	if t.watch != nil {
		way = watched{n, t.watch}
	}
	return client.New(client.Config{Store: store, Transport: way, Files: clientdb.OpenFiles(t.dir), Freight: newBlobs(n), Clock: clock.System, Log: log, OnEntry: onEntry, OnSign: onSign})
}

func (d *device) close(err *error) { *err = errors.Join(*err, d.store.Close()) }

// with opens, does and closes.
func (t *terminal) with(ctx context.Context, f func(*device) error) (err error) {
	d, err := t.open(ctx, nil, nil)
	if err != nil {
		return err
	}
	defer d.close(&err)
	return f(d)
}

type registerCmd struct {
	Server string `required:"" placeholder:"URL" help:"The server's address, https://..."`
	Phone  string `required:"" placeholder:"+E164" help:"Your number in international form."`
	Code   string `placeholder:"N" help:"The code that you got by text message."`
	PIN    string `name:"pin" placeholder:"N" help:"The PIN of the number's registration lock, if it has one."`
	Name   string `help:"The name that others see."`
}

// Run is the command.
func (r *registerCmd) Run(ctx context.Context, t *terminal) (err error) {
	if _, err := serverURL(r.Server); err != nil {
		return err
	}
	phone, err := client.Phone(r.Phone)
	if err != nil {
		return err
	}
	store, err := clientdb.Open(ctx, t.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if me, found, err := client.ReadSelf(ctx, store); err != nil {
		return err
	} else if found {
		return fault.New(fault.Conflict, "register", "%s is already registered in %s: use another --dir for another number", me.Phone, t.dir)
	}
	c, err := t.client(store, r.Server, nil, nil)
	if err != nil {
		return err
	}
	if r.Code == "" {
		if r.Code, err = t.askCode(ctx, c, phone); err != nil {
			return err
		}
	}
	me, err := c.Register(ctx, client.Registration{Server: r.Server, Phone: phone, Code: r.Code, PIN: r.PIN, Name: r.Name, DeviceType: "terminal"})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "Registered %s. Keys and messages are in %s.\n", me.Phone, t.dir)
	return nil
}

func (t *terminal) askCode(ctx context.Context, c *client.Client, phone string) (string, error) {
	if err := c.RequestCode(ctx, phone); err != nil {
		return "", err
	}
	if line := t.ask("A code was sent to " + phone + " by text message.\nCode: "); line != "" {
		return line, nil
	}
	fmt.Fprintln(t.out)
	return "", fault.New(fault.Invalid, "register", "a code was sent to %s: run the same command again with --code and the code", phone)
}

// ask asks and reads a line; at the end of the input it is empty.
func (t *terminal) ask(question string) string {
	fmt.Fprint(t.out, question)
	line, _ := t.reader().ReadString('\n')
	return strings.TrimSpace(line)
}

// reader is the one reader of lines: what one question left is for the next.
func (t *terminal) reader() *bufio.Reader {
	if t.lines == nil {
		t.lines = bufio.NewReader(t.in)
	}
	return t.lines
}

func (t *terminal) asked(question, word string) bool { return t.ask(question) == word }

type blockCmd struct {
	Phone string `arg:"" name:"phone" help:"The number to block."`
}

// Run is the command.
func (b *blockCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if err := d.Block(ctx, b.Phone, false); err != nil {
			return err
		}
		fmt.Fprintln(t.out, "Blocked. 'letter unblock' takes it back.")
		return nil
	})
}

type unblockCmd struct {
	Phone string `arg:"" name:"phone" help:"The number to unblock."`
}

// Run is the command.
func (b *unblockCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if err := d.Block(ctx, b.Phone, true); err != nil {
			return err
		}
		fmt.Fprintln(t.out, "Unblocked.")
		return nil
	})
}

type exportCmd struct {
	JSON bool `name:"json" help:"One JSON object."`
}

// Run is the command.
func (e *exportCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		x, err := d.Export(ctx)
		if err != nil {
			return err
		}
		if e.JSON {
			return t.json(x)
		}
		fmt.Fprintf(t.out, "What the service keeps about %s, %s:\n", d.me.Phone, stamp(x.Time))
		for _, f := range x.Facts {
			fmt.Fprintf(t.out, "  %-28s %s\n", plain(f.Title)+":", plain(f.Value))
		}
		fmt.Fprintln(t.out, "What you write is not among it: it cannot read that.")
		return nil
	})
}

type deleteCmd struct {
	Yes bool `help:"Do not ask."`
}

// Run is the command.
func (x *deleteCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if !x.Yes {
			line := t.ask("This closes the account of " + d.me.Phone + " and erases its keys and messages here. It cannot be undone.\nType the number to go on: ")
			if typed, err := client.Phone(line); err != nil || typed != d.me.Phone {
				return fault.New(fault.Invalid, "delete", "nothing was deleted")
			}
		}
		if err := d.Delete(ctx); err != nil {
			return err
		}
		fmt.Fprintln(t.out, "The account is closed. Keys and messages are erased.")
		return nil
	})
}
