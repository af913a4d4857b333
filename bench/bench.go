// Package bench measures the real programs: it starts `letterlock serve` on
// loopback, drives it as devices do, and reads the server's own processor time,
// memory and files from outside. Beside it runs the floor: the least server
// that could do the same work. It knows the wire as a client knows it and the
// marks the house has set itself; no rule of the house depends on it, and every
// figure it writes was measured in the run that wrote it.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"
)

// Options bound a run.
type Options struct {
	Dir    string // scratch folder, emptied by the caller
	Server string // letterlock program; empty: built from this module
	Floord string // a floor server that speaks the floor's protocol; empty: our own

	Rounds  int           // each figure is the median of so many alternating rounds
	Pairs   int           // senders, and as many recipients
	Warm    time.Duration // not measured, before each online round
	Span    time.Duration // measured
	Offline int           // envelopes for recipients who are away
	Idle    int           // connections that say nothing
	Hold    time.Duration // how long they say nothing before memory is read

	// Quiet is how long, over the whole run, to wait and to measure again when
	// others use more than a quarter of the machine.
	Quiet time.Duration

	Only  string // messages, idle, parts, queue (all sections of the desk) or one of its sections; empty: all
	Queue string // SQLite file in which the desk's queue is kept for the next run; empty: made anew
	Parts bool   // packages, ledger and protocol as well: compiles and runs their benchmarks
	Quick bool   // parts once each, to see that they work

	Postgres bool // measure on PostgreSQL too, if its programs are installed
	Say      io.Writer
}

// Full is the measurement that is written down.
func Full() Options {
	return Options{Rounds: 3, Pairs: 100, Warm: time.Second, Span: 4 * time.Second, Offline: 20_000, Idle: 5000, Hold: 5 * time.Second,
		Quiet: 4 * time.Minute, Parts: true, Postgres: true}
}

// Quick shows within a minute that everything works; its figures say nothing.
func Quick() Options {
	return Options{Rounds: 1, Pairs: 10, Warm: 100 * time.Millisecond, Span: 400 * time.Millisecond, Offline: 1000, Idle: 100,
		Hold: 300 * time.Millisecond, Parts: true, Quick: true, Postgres: true}
}

// desk reports whether only sections of the desk are measured.
func (o Options) desk() bool {
	return o.Only == "queue" || slices.ContainsFunc(sections, func(s section) bool { return s.name == o.Only })
}

// Results is all that a run found.
type Results struct {
	Machine Machine
	Options Options
	Online  []Online
	Offline []Offline
	Idle    []Idle
	Parts   []Part
	Desk    []Desk
	Disk    map[string]float64 // bytes for each that waits, by carrier; the most of all tries: later ones fill freed space
	Missing []string           // what could not be measured here, and why
	Again   int                // measurements repeated because others were busy

	patience time.Duration // left of Options.Quiet
}

// Run measures everything.
func Run(ctx context.Context, o Options) (*Results, error) {
	if o.Say == nil {
		o.Say = io.Discard
	}
	m, err := ThisMachine()
	if err != nil {
		return nil, err
	}
	raiseFiles()
	if o.Server == "" && o.Only != "parts" && !o.desk() {
		if o.Server, err = build(ctx, o.Dir); err != nil {
			return nil, err
		}
	}
	r := &Results{Machine: m, Options: o, patience: o.Quiet, Disk: map[string]float64{}}
	for _, s := range []struct {
		name string
		run  func(context.Context) error
	}{{"messages", r.messages}, {"idle", r.idle}, {"parts", r.parts}, {"queue", r.queue}} {
		asked := o.Only == "" || o.Only == s.name || s.name == "queue" && o.desk()
		if asked && (o.Parts || s.name == "messages" || s.name == "idle" || o.desk()) {
			if err := s.run(ctx); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

func (r *Results) say(format string, a ...any) { fmt.Fprintf(r.Options.Say, format+"\n", a...) }

// messages measures every carrier in turn, round by round, so that a busy
// minute of the machine hits all of them.
func (r *Results) messages(ctx context.Context) (err error) {
	carriers, missing, err := openCarriers(ctx, r.Options)
	r.Missing = append(r.Missing, missing...)
	defer func() {
		for _, c := range carriers {
			err = errors.Join(err, c.stop())
		}
	}()
	if err != nil {
		return err
	}
	for round := range r.Options.Rounds {
		for _, c := range carriers {
			if err := r.round(ctx, round, c); err != nil {
				return fmt.Errorf("%s, round %d: %w", c.name, round+1, err)
			}
		}
	}
	return nil
}

func (r *Results) round(ctx context.Context, round int, c *carrier) error {
	for _, window := range []int{1, 16} {
		on, err := quietest(ctx, r, func() (Online, float64, error) {
			on, err := runOnline(ctx, r.Options, c, window)
			return on, on.Foreign, err
		})
		if err != nil {
			return err
		}
		r.say("%d %s online, window %d: %.0f msg/s, %.1f us of server, p50 %.2f ms, p99 %.2f ms; others used %.0f%% of the machine",
			round+1, c.name, window, on.Rate, on.ServerMicros, on.P50, on.P99, 100*on.Foreign)
		r.Online = append(r.Online, on)
	}
	try := 0
	off, err := quietest(ctx, r, func() (Offline, float64, error) {
		try++
		off, err := runOffline(ctx, r.Options, c, fmt.Sprintf("round-%d-%d", round+1, try))
		r.Disk[c.name] = max(r.Disk[c.name], off.Disk)
		return off, off.Foreign, err
	})
	if err != nil {
		return err
	}
	r.say("%d %s offline: enqueue %.0f/s (%.1f us), drain %.0f/s (%.1f us), %.0f bytes on disk each, residue %d/%d; others used %.0f%%",
		round+1, c.name, off.Enqueue, off.EnqueueMicros, off.Drain, off.DrainMicros, off.Disk, off.Readable, off.Sealed, 100*off.Foreign)
	r.Offline = append(r.Offline, off)
	return nil
}

// busyShare is how much of the machine others may use before a measurement is
// put off or made again.
const busyShare = 0.25

// quietest measures, and again when others were busy, up to three times while
// the run has patience. It keeps the try that was disturbed least, whatever it
// measured.
func quietest[T any](ctx context.Context, r *Results, measure func() (T, float64, error)) (best T, err error) {
	least := 2.0
	for try := range 3 {
		r.awaitQuiet(ctx)
		start := time.Now()
		got, foreign, err := measure()
		if err != nil {
			return got, err
		}
		if try > 0 {
			r.Again++
			r.patience -= time.Since(start)
		}
		if foreign < least {
			best, least = got, foreign
		}
		if least <= busyShare || r.patience <= 0 {
			break
		}
	}
	return best, ctx.Err()
}

// awaitQuiet waits, at most some seconds, until the machine is idle.
func (r *Results) awaitQuiet(ctx context.Context) {
	const look, most = 250 * time.Millisecond, 5 * time.Second
	for waited := time.Duration(0); waited < most && r.patience > 0 && ctx.Err() == nil; waited += look {
		before := busy()
		wait(ctx, look)
		r.patience -= look
		if (busy()-before)/(look.Seconds()*float64(runtime.NumCPU())) < busyShare {
			return
		}
	}
}

// folder makes a folder of the run.
func folder(path string) (string, error) { return path, os.MkdirAll(path, 0o700) }
