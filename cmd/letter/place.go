//go:build !js

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
)

type placeCmd struct {
	To     string        `xor:"to" required:"" placeholder:"+E164" help:"The number to tell."`
	Group  string        `xor:"to" required:"" placeholder:"NAME" help:"The group to tell."`
	Live   time.Duration `placeholder:"15m" help:"Follow you for so long, 8h at most: each line read, latitude and longitude, is where you have come to. Ctrl-D or Ctrl-C ends it before."`
	Within uint32        `placeholder:"M" help:"How sure the place is, in metres."`
	Wait   time.Duration `default:"20s" help:"How long to try; after that the message waits for the next command."`
	At     string        `arg:"" placeholder:"LAT,LON" help:"Latitude and longitude in degrees, such as 38.7223,-9.1393."`
	Text   []string      `arg:"" optional:"" help:"What to write below it."`
}

// Run is the command.
func (p *placeCmd) Run(ctx context.Context, t *terminal) error {
	at, err := spot(p.At, p.Within)
	if err != nil {
		return err
	}
	return t.with(ctx, func(d *device) error {
		e, err := p.send(ctx, d, at)
		if err != nil {
			return err
		}
		if p.Live == 0 {
			if e, err = d.await(ctx, e, p.Wait); err != nil {
				return err
			}
			return t.report(e)
		}
		return p.follow(ctx, d, e)
	})
}

func (p *placeCmd) send(ctx context.Context, d *device, at client.Spot) (client.Entry, error) {
	what := words(strings.Join(p.Text, " "), false)
	if p.Group == "" {
		return d.SendPlace(ctx, p.To, at, p.Live, what)
	}
	g, err := d.which(ctx, p.Group)
	if err != nil {
		return client.Entry{}, err
	}
	return d.SendPlaceGroup(ctx, g.ID, at, p.Live, what)
}

// follow reads places until the time is over or the person ends it, and says in
// any case that it has ended.
func (p *placeCmd) follow(ctx context.Context, d *device, e client.Entry) error {
	fmt.Fprintf(d.t.out, "They see where you are until %s. Each line, latitude and longitude, moves it; Ctrl-D ends it.\n", stamp(e.Place.Until))
	line, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- d.Client.Run(line, client.Run{}) }()
	err := p.read(ctx, d, e)
	if now, found, e2 := d.Entry(line, e.Seq); e2 == nil && found && now.Place.Live(time.Now().UnixMilli()) {
		err = errors.Join(err, d.EndPlace(line, e.Seq))
	}
	cancel()
	err = errors.Join(err, <-ended)
	if err != nil {
		return err
	}
	limited, done := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer done()
	if err := d.Flush(limited); err != nil {
		return err
	}
	fmt.Fprintln(d.t.out, "They no longer see where you are.")
	return nil
}

func (p *placeCmd) read(ctx context.Context, d *device, e client.Entry) error {
	over := time.NewTimer(p.Live)
	defer over.Stop()
	typed := make(chan string)
	go func() {
		defer close(typed)
		for r := bufio.NewScanner(d.t.in); r.Scan(); {
			select {
			case typed <- r.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case text, open := <-typed:
			if !open {
				return nil
			}
			to, err := spot(text, p.Within)
			if err == nil {
				err = d.MovePlace(ctx, e.Seq, to)
			}
			if err != nil && fault.KindOf(err) == fault.Internal {
				return err
			}
			if err != nil {
				fmt.Fprintln(d.t.err, "! "+plain(fault.Say(err)))
			}
		case <-over.C:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// place is where a message says that its author is, as an address of RFC 5870
// that a map can open.
func (d *device) place(e client.Entry) string {
	p := e.Place
	if p == nil {
		return ""
	}
	say := "(" + geo(p.Spot)
	switch {
	case p.Live(time.Now().UnixMilli()):
		say += ", as of " + stamp(p.At) + ", live until " + stamp(p.Until)
	case p.Until != 0:
		say += ", the last of a place that followed them, " + stamp(p.At)
	}
	return say + ") "
}

// placeJSON is a place as --json prints it.
type placeJSON struct {
	Geo   string     `json:"geo"`
	At    time.Time  `json:"at"`
	Until *time.Time `json:"until,omitempty"`
	Live  bool       `json:"live"`
}

func placeRecord(p *client.Place) *placeJSON {
	if p == nil {
		return nil
	}
	return &placeJSON{geo(p.Spot), time.UnixMilli(p.At).UTC(), moment(p.Until), p.Live(time.Now().UnixMilli())}
}
