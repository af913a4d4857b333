package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Offline is one round of envelopes for people who are away and come later.
type Offline struct {
	Carrier       string
	Count         int
	Enqueue       float64 // a second, each confirmed after it is durable
	EnqueueMicros float64 // of the server's processors (and the database's) for each
	Disk          float64 // bytes of all files for each that waits, after all were taken
	Drain         float64 // a second, from the first connection to the last envelope
	DrainMicros   float64 // for each, deletion and erasure included
	Readable      int     // places in the files, after delivery, where a payload can be read
	Sealed        int     // of the sampled sealed rows, those still found in the files
	Sampled       int
	Foreign       float64
}

const (
	// rest is after a phase: group commits, deletion and erasure (every half
	// second) happen in it, and their cost counts.
	rest    = 2 * time.Second
	samples = 16
)

func runOffline(ctx context.Context, o Options, c *carrier, run string) (Offline, error) {
	wait(ctx, rest/2) // the recipients have left
	out := Offline{Carrier: c.name}
	empty := size(c.dirs)
	if err := out.enqueue(ctx, o, c, run); err != nil {
		return out, err
	}
	wait(ctx, rest)
	out.Disk = float64(size(c.dirs)-empty) / float64(out.Count)
	rows, err := out.drain(ctx, o, c)
	if err != nil {
		return out, err
	}
	wait(ctx, rest)
	needles := [][]byte{marker(run)}
	for i := range min(samples, len(rows)) {
		row := rows[i*len(rows)/samples]
		needles = append(needles, row[len(row)/2:len(row)/2+32])
	}
	found, err := search(c.dirs, needles)
	if err != nil {
		return out, err
	}
	out.Readable = found[0]
	for _, n := range found[1:] {
		out.Sampled++
		out.Sealed += min(n, 1)
	}
	return out, nil
}

func (out *Offline) enqueue(ctx context.Context, o Options, c *carrier, run string) error {
	l := &loop{}
	pairs := make([]*pair, o.Pairs)
	lines := make([]line, o.Pairs)
	defer closeAll(lines)
	if err := each(ctx, o.Pairs, 8, func(i int) (err error) {
		p := &pair{run: l, who: i, to: o.Pairs + i, need: 1, most: o.Offline / o.Pairs, w: newWriter(run)}
		pairs[i] = p
		p.line, err = c.dial(ctx, i, heard{broken: l.fail, sent: func(ref uint64) { p.event(int(ref)) },
			got: func(uint64, []byte) {}, row: func([]byte) {}})
		lines[i] = p.line
		return err
	}); err != nil {
		return err
	}
	a := look(c.pids, false)
	for range 16 {
		for _, p := range pairs {
			p.push()
		}
	}
	out.Count = o.Offline / o.Pairs * o.Pairs
	done := func() int { return int(count(pairs, func(p *pair) int64 { return p.done.Load() })) }
	for end := time.Now().Add(2 * time.Minute); done() < out.Count && l.err() == nil; wait(ctx, time.Millisecond) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(end) {
			return fmt.Errorf("only %d of %d envelopes were confirmed", done(), out.Count)
		}
	}
	s := between(a, look(c.pids, false))
	out.Enqueue, out.EnqueueMicros, out.Foreign = float64(out.Count)/s.seconds, s.perItem(out.Count), s.foreign
	l.stopped.Store(true)
	return l.err()
}

// arrivals is what one recipient got, looked at when the clock has stopped.
type arrivals struct {
	mu     sync.Mutex
	rows   [][]byte
	bodies [][]byte
}

// drain lets all recipients come at once.
func (out *Offline) drain(ctx context.Context, o Options, c *carrier) (rows [][]byte, err error) {
	l := &loop{}
	boxes := make([]arrivals, o.Pairs)
	lines := make([]line, o.Pairs)
	defer closeAll(lines)
	var n, last atomic.Int64
	tick := func() {
		n.Add(1)
		last.Store(time.Now().UnixNano())
	}
	a := look(c.pids, false)
	if err := each(ctx, o.Pairs, o.Pairs, func(i int) (err error) {
		b := &boxes[i]
		lines[i], err = c.dial(ctx, o.Pairs+i, heard{broken: l.fail, sent: func(uint64) {},
			row: func(r []byte) { b.mu.Lock(); b.rows = append(b.rows, r); b.mu.Unlock(); tick() },
			got: func(_ uint64, p []byte) {
				b.mu.Lock()
				b.bodies = append(b.bodies, bytes.Clone(p))
				b.mu.Unlock()
				tick()
			}})
		return err
	}); err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); int(n.Load()) < out.Count && l.err() == nil && ctx.Err() == nil; wait(ctx, time.Millisecond) {
		if time.Now().After(end) {
			break // counted below
		}
	}
	took := time.Duration(last.Load() - a.at.UnixNano()).Seconds()
	wait(ctx, rest)
	s := between(a, look(c.pids, false))
	out.Drain, out.DrainMicros = float64(out.Count)/took, s.perItem(out.Count)
	out.Foreign = max(out.Foreign, s.foreign)
	rows, err = out.check(o, c, boxes)
	return rows, errors.Join(l.err(), err, ctx.Err())
}

// check opens everything: each envelope arrived, whole, once, at its recipient.
func (out *Offline) check(o Options, c *carrier, boxes []arrivals) (rows [][]byte, err error) {
	total := 0
	for i := range boxes {
		b := &boxes[i]
		b.mu.Lock()
		bodies := b.bodies
		for _, r := range b.rows {
			l, err := c.house.people[o.Pairs+i].opener.OpenRow(r)
			if err != nil {
				return nil, err
			}
			bodies = append(bodies, l.Body)
		}
		rows = append(rows, b.rows...)
		b.mu.Unlock()
		seen := map[uint32]bool{}
		for _, body := range bodies {
			p, err := readPayload(body)
			if err != nil {
				return nil, err
			}
			if int(p.sender) != i || seen[p.number] {
				return nil, fmt.Errorf("envelope %d of sender %d arrived twice or at somebody else", p.number, p.sender)
			}
			seen[p.number] = true
		}
		total += len(seen)
	}
	if total != out.Count {
		return nil, fmt.Errorf("%d of %d confirmed envelopes arrived", total, out.Count)
	}
	return rows, nil
}

// files walks over all files of the folders; those that vanish meanwhile are
// none.
func files(dirs []string, each func(path string, i fs.FileInfo) error) error {
	for _, d := range dirs {
		err := filepath.WalkDir(d, func(path string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			i, err := e.Info()
			if err != nil {
				return nil
			}
			return each(path, i)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func size(dirs []string) (n int64) {
	files(dirs, func(_ string, i fs.FileInfo) error { n += i.Size(); return nil })
	return n
}

// search counts each needle in all files.
func search(dirs []string, needles [][]byte) ([]int, error) {
	found := make([]int, len(needles))
	err := files(dirs, func(path string, _ fs.FileInfo) error {
		f, err := os.Open(path)
		if err != nil {
			return nil
		}
		defer f.Close()
		return searchIn(f, needles, found)
	})
	return found, err
}

func searchIn(f io.Reader, needles [][]byte, found []int) error {
	const overlap = 64 // at least the longest needle
	buf := make([]byte, 256<<10)
	kept := 0
	for {
		n, err := io.ReadFull(f, buf[kept:])
		for i, needle := range needles {
			found[i] += bytes.Count(buf[max(0, kept-len(needle)+1):kept+n], needle)
		}
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return nil
			}
			return err
		}
		kept = copy(buf, buf[len(buf)-overlap:])
	}
}
