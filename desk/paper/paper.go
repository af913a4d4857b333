// Package paper looks into the files that come with a request: what they are,
// whether they hide something, whether they were changed after signing, and
// draws their pages. It runs the dangerous part in a cell and knows no case, no
// officer and no page of the site.
package paper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/paper/cell"
	"letterlock/internal/fault"
)

// Limits of one paper.
const (
	MaxPages  = 1000
	MaxSide   = 14_400      // points: the longest side that the format itself allows, 5 m
	MaxPixels = 200_000_000 // of one picture inside a paper
	MaxWidth  = 4096        // pixels of a side of a drawn page
	maxSays   = 1 << 20     // bytes of a look's answer
	maxPNG    = 48 << 20    // bytes of a drawn page
)

// Wall is the longest that one look, or the drawing of one page, may take.
const Wall = 10 * time.Second

// DPI is how finely a page is drawn.
func DPI(z casefile.Zoom) int {
	if z == casefile.ZoomClose {
		return 200
	}
	return 105
}

// Bench runs the looks and drawings in cells: processes of Program, which
// answers to "inspect" and "picture".
type Bench struct {
	Program string
	Cache   string // folder of the compiled drawing program; empty: compiled anew each time
	Roots   string // file with the authorities for signers' certificates; empty: none is known
	slots   chan struct{}
	making  sync.Mutex // the drawing program is compiled once
	made    bool
}

// AtOnce is how many cells run at the same time; whoever comes later waits.
const AtOnce = 4

// NewBench makes a bench.
func NewBench(program, cache, roots string) *Bench {
	return &Bench{Program: program, Cache: cache, Roots: roots, slots: make(chan struct{}, AtOnce)}
}

func (b *Bench) run(ctx context.Context, in io.Reader, out int64, args ...string) ([]byte, error) {
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return cell.Run(ctx, cell.Job{Program: b.Program, Args: args, Wall: Wall, Out: out}, in)
}

// broke tells a file that its reader could not take from a cell that could not
// be started.
func broke(err error) bool {
	return errors.Is(err, cell.ErrEnded) || errors.Is(err, cell.ErrTime) || errors.Is(err, cell.ErrOut)
}

// Inspect looks into a PDF and draws its first page, for a trial. Invalid and
// TooLarge say what the sender does about it.
func (b *Bench) Inspect(ctx context.Context, pdf []byte) (casefile.Looked, error) {
	got, err := b.run(ctx, bytes.NewReader(pdf), maxSays, "inspect", "--roots="+b.Roots)
	if broke(err) {
		return casefile.Looked{}, fault.Wrap(fault.Invalid, "inspect paper", err, "this PDF cannot be read within the limits; print it to a new PDF and try again")
	}
	if err != nil {
		return casefile.Looked{}, fault.Wrap(fault.Unavailable, "inspect paper", err, "the file cannot be checked now; nothing was changed; try again")
	}
	seen, err := readAnswer(got)
	if err != nil || !cell.Whole {
		return seen, err
	}
	if _, err := b.Page(ctx, bytes.NewReader(pdf), 1, casefile.ZoomPage); fault.Is(err, fault.Invalid) {
		return casefile.Looked{}, fault.Wrap(fault.Invalid, "inspect paper", err, "the first page of this PDF cannot be drawn within the limits; print it to a new PDF and try again")
	} else if err != nil {
		return casefile.Looked{}, err
	}
	return seen, nil
}

// Page draws one page, from 1. What comes back is a PNG that was made here from
// nothing but the colours of the cell's PNG.
func (b *Bench) Page(ctx context.Context, pdf io.Reader, page int, z casefile.Zoom) ([]byte, error) {
	if !cell.Whole {
		return nil, fault.New(fault.Unavailable, "draw page", "papers are drawn on Linux (amd64, arm64) only, where the drawing can be locked in; run the desk there")
	}
	if err := b.Warm(ctx); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "draw page", err, "the page cannot be drawn now; try again")
	}
	got, err := b.run(ctx, pdf, maxPNG, "picture", "--page="+strconv.Itoa(page), "--dpi="+strconv.Itoa(DPI(z)), "--cache="+b.Cache)
	if broke(err) {
		return nil, cannotDraw(err)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "draw page", err, "the page cannot be drawn now; try again")
	}
	out, err := Repaint(got)
	if err != nil {
		return nil, cannotDraw(err)
	}
	return out, nil
}

func cannotDraw(err error) error {
	return fault.Wrap(fault.Invalid, "draw page", err, "this page cannot be drawn within the limits (%d seconds, and a fixed amount of memory); ask the agency for a plainer copy", int(Wall.Seconds()))
}

// Warm makes the drawing program ready, once; whoever draws before waits for
// it, and that wait is no page's time.
func (b *Bench) Warm(ctx context.Context) error {
	if !cell.Whole || b.Cache == "" {
		return nil
	}
	b.making.Lock()
	defer b.making.Unlock()
	if b.made {
		return nil
	}
	_, err := cell.Run(ctx, cell.Job{Program: b.Program, Args: []string{"picture", "--warm", "--cache=" + b.Cache}, Wall: 2 * time.Minute, Out: maxSays}, strings.NewReader(""))
	if err != nil {
		return fmt.Errorf("make the drawing program ready: %w", err)
	}
	b.made = true
	return nil
}

// Repaint takes a PNG of a bounded size, all of it and nothing else, and makes
// another of its colours.
func Repaint(b []byte) ([]byte, error) {
	c, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("the cell's answer is no PNG: %w", err)
	}
	if c.Width > MaxWidth || c.Height > MaxWidth {
		return nil, fmt.Errorf("the cell's PNG is %d by %d", c.Width, c.Height)
	}
	r := bytes.NewReader(b)
	m, err := png.Decode(r)
	if err != nil {
		return nil, fmt.Errorf("the cell's PNG is damaged: %w", err)
	}
	if r.Len() > 0 {
		return nil, fmt.Errorf("%d bytes stand behind the cell's PNG", r.Len())
	}
	var out bytes.Buffer
	err = EncodePNG(&out, m)
	return out.Bytes(), err
}

// EncodePNG writes a page's picture.
func EncodePNG(w io.Writer, m image.Image) error {
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(w, m); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	return nil
}

// answer is what a look says, on its standard output.
type answer struct {
	Kind fault.Kind `cbor:"kind,omitempty"`
	Says string     `cbor:"says,omitempty"` // what the sender is told; empty: it passes
	Seen casefile.Looked
}

// Serve is the inside of a look: it enters a cell, reads a PDF and answers.
func Serve(in io.Reader, out io.Writer, roots Roots, now time.Time) error {
	if err := cell.Enter(cell.Paper); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(in, casefile.MaxPaper+1))
	if err != nil {
		return fmt.Errorf("read paper: %w", err)
	}
	var a answer
	a.Seen, err = Check(b, roots, now)
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.TooLarge) {
		a = answer{Kind: k, Says: fault.Say(err)}
	} else if err != nil {
		return err
	}
	say, err := casefile.Encode(a)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	_, err = out.Write(say)
	return err
}

// readAnswer believes little of what a cell says: its reader may have been
// taken over.
func readAnswer(b []byte) (casefile.Looked, error) {
	var a answer
	if err := casefile.Decode(b, &a); err != nil {
		return casefile.Looked{}, fault.Wrap(fault.Invalid, "inspect paper", err, "this PDF cannot be read within the limits; print it to a new PDF and try again")
	}
	if a.Says != "" {
		if a.Kind != fault.TooLarge {
			a.Kind = fault.Invalid
		}
		return casefile.Looked{}, fault.New(a.Kind, "inspect paper", "%s", a.Says)
	}
	if a.Seen.Pages < 1 || a.Seen.Pages > MaxPages || len(a.Seen.Signatures) > maxSignatures {
		return casefile.Looked{}, fault.New(fault.Invalid, "inspect paper", "this PDF cannot be read within the limits; print it to a new PDF and try again")
	}
	return a.Seen, nil
}
