//go:build !js

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

type chatCmd struct {
	To    string `xor:"to" required:"" placeholder:"+E164" help:"The number to talk with."`
	Group string `xor:"to" required:"" placeholder:"NAME" help:"The group to talk in."`
}

const (
	history   = 10               // entries of the conversation with which a chat begins
	lastWords = 10 * time.Second // for what was typed just before the end
	signTime  = 10 * time.Second // for which a sign is shown
)

// Run is the command.
func (c *chatCmd) Run(ctx context.Context, t *terminal) (err error) {
	news := make(chan struct{}, 1)
	signs := make(chan client.Sign, 16)
	d, err := t.open(ctx, func(client.Entry) {
		select {
		case news <- struct{}{}:
		default:
		}
	}, func(g client.Sign) {
		select {
		case signs <- g:
		default:
		}
	})
	if err != nil {
		return err
	}
	defer d.close(&err)
	with, name, err := (&historyCmd{With: c.To, Group: c.Group}).talk(ctx, d)
	if err != nil {
		return err
	}
	k := &talk{device: d, with: with, name: name, group: c.Group != "", news: news, signs: signs, pending: map[uint64]bool{}}
	if k.screen, err = newScreen(t, k.key); err != nil {
		return err
	}
	defer k.screen.restore()
	return k.run(ctx)
}

// talk is an open chat. The store is the truth: news only say that there is
// something to look for.
type talk struct {
	*device
	screen  screen
	with    [16]byte
	name    string // the number, or the group's name
	group   bool
	news    chan struct{}
	signs   chan client.Sign
	writing atomic.Int64    // when it was last shown that this person writes (Unix ms)
	pending map[uint64]bool // own messages without an outcome
	others  bool            // it was said that others wrote
}

func (k *talk) run(ctx context.Context) error {
	if err := k.begin(ctx); err != nil {
		return err
	}
	line, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- k.Client.Run(line, client.Run{}) }()
	typed := make(chan string)
	go k.read(line, typed)
	err := k.serve(ctx, typed, ended)
	away, done := context.WithTimeout(ctx, time.Second)
	k.Away(away)
	done()
	cancel()
	if err == nil {
		err = <-ended
	}
	return err
}

// begin shows the end of the conversation and what is new in it.
func (k *talk) begin(ctx context.Context) error {
	k.screen.print(fmt.Sprintf("Chat with %s. Type and press Enter; Ctrl-D ends.", plain(k.name)))
	past, err := k.Talk(ctx, k.with, history)
	if err != nil {
		return err
	}
	for _, e := range past {
		k.screen.print(k.say(ctx, e))
	}
	return k.Shown(ctx, past...)
}

func (k *talk) read(ctx context.Context, typed chan<- string) {
	defer close(typed)
	for {
		text, err := k.screen.readLine()
		if err != nil {
			return
		}
		select {
		case typed <- text:
		case <-ctx.Done():
			return
		}
	}
}

func (k *talk) serve(ctx context.Context, typed <-chan string, ended chan error) error {
	var over, faded <-chan time.Time
	for {
		select {
		case g := <-k.signs:
			if k.hears(g) {
				k.screen.state(map[client.SignKind]string{client.IsWriting: "(writing)", client.IsHere: "(here)"}[g.What])
				faded = time.After(signTime)
			}
		case <-faded:
			k.screen.state("")
		case text, open := <-typed:
			if !open {
				typed, over = nil, time.After(lastWords)
			} else if err := k.write(ctx, text); err != nil {
				return err
			}
		case <-k.news:
			if err := k.look(ctx); err != nil {
				return err
			}
		case err := <-ended:
			ended <- err
			return err
		case <-over:
			return errors.Join(errLater, fault.New(fault.Unavailable, "chat", "some messages are not sent yet: they are kept and go out with your next command"))
		case <-ctx.Done():
			return nil
		}
		if typed == nil && len(k.pending) == 0 {
			return nil
		}
	}
}

// key shows the other person that this one is writing, now and again.
func (k *talk) key() {
	if now := time.Now().UnixMilli(); now-k.writing.Load() > (signTime / 2).Milliseconds() {
		k.writing.Store(now)
		k.Writing(k.with, true)
	}
}

// hears reports whether a sign is of this conversation.
func (k *talk) hears(g client.Sign) bool {
	if k.group {
		return g.Group == client.GroupID(k.with)
	}
	return g.Group.IsZero() && g.Peer == wire.AccountID(k.with)
}

// here reports whether an entry is of this conversation, or a word of the
// service.
func (k *talk) here(e client.Entry) bool {
	if e.Kind == client.StatusUpdate {
		return false
	}
	if !e.Group.IsZero() {
		return e.Group == client.GroupID(k.with)
	}
	return e.Peer.IsZero() || e.Peer == wire.AccountID(k.with)
}

func (k *talk) send(ctx context.Context, text string) (client.Entry, error) {
	if k.group {
		return k.WriteGroup(ctx, k.with, client.Markup(text))
	}
	return k.Write(ctx, k.name, client.Markup(text))
}

// write sends a line. What is wrong with one line does not end the chat.
func (k *talk) write(ctx context.Context, text string) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	k.writing.Store(0)
	e, err := k.send(ctx, text)
	if err != nil {
		if fault.KindOf(err) == fault.Internal {
			return err
		}
		k.screen.print("! " + plain(fault.Say(err)))
		return nil
	}
	k.pending[e.Seq] = true
	return k.look(ctx)
}

// look shows what is new of this conversation and of the service, and mentions
// once that others wrote.
func (k *talk) look(ctx context.Context) error {
	unread, err := k.Unread(ctx, wire.AccountID{})
	if err != nil {
		return err
	}
	for _, e := range unread {
		if !k.here(e) {
			if !k.others {
				k.others = true
				k.screen.print("(Others wrote too: 'letter receive' shows it.)")
			}
			continue
		}
		k.screen.print(k.say(ctx, e))
		if err := k.Shown(ctx, e); err != nil {
			return err
		}
	}
	return k.outcomes(ctx)
}

// outcomes says which own messages will not arrive as they are.
func (k *talk) outcomes(ctx context.Context) error {
	for seq := range k.pending {
		e, _, err := k.Entry(ctx, seq)
		if err != nil {
			return err
		}
		if e.State == client.Waiting {
			continue
		}
		delete(k.pending, seq)
		if e.State != client.Sent {
			k.screen.print("! " + plain(e.Text) + outcome(e))
		}
	}
	return nil
}
