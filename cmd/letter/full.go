//go:build !js

package main

import (
	"context"
	"errors"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"

	"letterlock/client"
	"letterlock/cmd/letter/tui"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/storage/clientdb"
	"letterlock/wire"
)

type openCmd struct {
	Plain bool `help:"Line by line, without drawing: for screen readers."`
}

// Run is the command.
func (o *openCmd) Run(ctx context.Context, t *terminal) (err error) {
	if o.Plain {
		return t.linear(ctx)
	}
	in, out, ok := t.screenFiles()
	if !ok {
		return errors.Join(errUsage, fault.New(fault.Invalid, "open", "the full-screen client needs a terminal: use 'letter open --plain', or the commands of 'letter --help', which print for people and with --json for scripts"))
	}
	feed := tui.NewFeed()
	t.watch = feed.Line
	d, err := t.open(ctx, feed.Entry, feed.Sign)
	if err != nil {
		return err
	}
	defer d.close(&err)
	return d.full(ctx, feed, in, out)
}

// screenFiles are both sides of the terminal, if there is one.
func (t *terminal) screenFiles() (in, out *os.File, ok bool) {
	in, fromTerminal := t.in.(*os.File)
	out, toTerminal := t.out.(*os.File)
	return in, out, fromTerminal && toTerminal && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd()))
}

// full runs the screen and, beside it, the connection.
func (d *device) full(ctx context.Context, feed *tui.Feed, in, out *os.File) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m, err := tui.New(ctx, tui.Config{Client: d.Client, Feed: feed, Clock: clock.System, Zone: time.Local,
		Names: kept{d.store}, Memory: kept{d.store}, Save: d.save, Home: downloads()})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- feed.Run(ctx, d.Client) }()
	_, err = tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler()).Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		err = nil
	}
	away, done := context.WithTimeout(ctx, time.Second)
	if m.Err() == nil {
		d.Away(away)
	}
	done()
	cancel()
	return errors.Join(err, <-ended)
}

// downloads is where files are saved unless the person says otherwise.
func downloads() string {
	if home, err := os.UserHomeDir(); err == nil {
		if dir := home + "/Downloads"; isFolder(dir) {
			return dir
		}
	}
	return "."
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// What the screen remembers stands in the folder's store, beside what the
// client keeps.
const (
	bucketName   client.Bucket = "name"   // account -> what they call themselves
	bucketScreen client.Bucket = "screen" // what the person set about the screen
)

// kept is the screen's memory.
type kept struct{ store *clientdb.Store }

// Name is what somebody calls themselves; "" if it was never learnt.
func (k kept) Name(id [16]byte) string { return k.get(bucketName, id[:]) }

// Learn remembers it.
func (k kept) Learn(id [16]byte, name string) error { return k.put(bucketName, id[:], name) }

// Language is the one that the person chose.
func (k kept) Language() string { return k.get(bucketScreen, []byte("language")) }

// Speak remembers it.
func (k kept) Speak(code string) error { return k.put(bucketScreen, []byte("language"), code) }

func (k kept) get(b client.Bucket, key []byte) (s string) {
	err := k.store.View(context.Background(), func(tx client.Tx) error {
		raw, err := tx.Get(b, key)
		s = string(raw)
		return err
	})
	if err != nil {
		return "" // it is shown as not known; whatever is wrong, the client says
	}
	return s
}

func (k kept) put(b client.Bucket, key []byte, s string) error {
	return k.store.Update(context.Background(), func(tx client.Tx) error { return tx.Put(b, key, []byte(s)) })
}

// watched tells of the connection as it comes and goes.
type watched struct {
	client.Transport
	tell func(tui.LineState)
}

// Dial is part of client.Transport.
func (w watched) Dial(ctx context.Context, as wire.Credential) (client.Socket, error) {
	s, err := w.Transport.Dial(ctx, as)
	if err != nil {
		w.tell(tui.Offline)
		return nil, err
	}
	w.tell(tui.Catching)
	return &watchedSocket{s, w.tell}, nil
}

type watchedSocket struct {
	client.Socket
	tell func(tui.LineState)
}

// Read is part of client.Socket.
func (s *watchedSocket) Read(ctx context.Context) ([]byte, error) {
	b, err := s.Socket.Read(ctx)
	if err != nil {
		s.tell(tui.Offline)
	}
	return b, err
}
