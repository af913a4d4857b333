package casefile

import (
	"slices"
	"time"

	"letterlock/internal/fault"
)

// KSent: what a download handed to the officer's connection. That a download
// begins is recorded before its first byte (KDownloaded); how far it came, after.
const KSent Kind = "package.sent"

// MaxParts is how many requests one download may take: a connection that breaks
// now and then, not one that asks byte by byte and fills the ledger.
const MaxParts = 200

// Part is a piece of a package: from a byte on, so many.
type Part struct {
	From int64 `cbor:"from"`
	Size int64 `cbor:"size"`
}

// Download is one collection of a package, in one request or in several that
// take up where the one before broke off.
type Download struct {
	By    Actor     `cbor:"by"`
	At    time.Time `cbor:"at"`
	Parts int       `cbor:"parts"`          // requests
	Got   []Part    `cbor:"got,omitempty"`  // what was handed over, sorted, without overlap
	Done  time.Time `cbor:"done,omitempty"` // when the last missing byte was
}

// Sent is how many different bytes were handed over.
func (d Download) Sent() (n int64) {
	for _, p := range d.Got {
		n += p.Size
	}
	return n
}

// Whole counts the downloads that came to their end.
func (p Package) Whole() (n int) {
	for _, d := range p.Downloads {
		if !d.Done.IsZero() {
			n++
		}
	}
	return n
}

// running is the download that a request of this person continues, or -1.
func (p *Package) running(by Actor) int {
	for i := len(p.Downloads) - 1; i >= 0; i-- {
		if d := p.Downloads[i]; d.By == by {
			if d.Done.IsZero() {
				return i
			}
			return -1
		}
	}
	return -1
}

// TooManyParts refuses one more request for a download that took very many.
func (p Package) TooManyParts(by Actor, from int64) error {
	if i := p.running(by); from > 0 && i >= 0 && p.Downloads[i].Parts >= MaxParts {
		return fault.New(fault.Exhausted, "collect package", "this download broke off %d times: begin it anew", MaxParts)
	}
	return nil
}

// foldDownloaded begins a download, or goes on with the one that broke off.
func foldDownloaded(c *Case, e Event) error {
	p, err := c.pack(e.PackageID)
	if err != nil {
		return err
	}
	i := p.running(e.By)
	if from := e.part().From; from == 0 || i < 0 {
		p.Downloads = append(p.Downloads, Download{By: e.By, At: e.At, Parts: 1})
		return nil
	}
	p.Downloads[i].Parts++
	return nil
}

func (e Event) part() Part {
	if e.Part == nil {
		return Part{}
	}
	return *e.Part
}

// foldSent notes how far it came, also of a package that is gone by now.
func foldSent(c *Case, e Event) error {
	i := slices.IndexFunc(c.Packages, func(p Package) bool { return p.ID == e.PackageID })
	if i < 0 {
		return fault.New(fault.NotFound, "find package", "there is no such package")
	}
	p := &c.Packages[i]
	if i = p.running(e.By); i < 0 {
		return nil // another request brought the last byte
	}
	d := &p.Downloads[i]
	d.Got = join(d.Got, e.part())
	if len(d.Got) == 1 && d.Got[0] == (Part{0, p.Size}) {
		d.Done = e.At
	}
	return nil
}

// join adds a part to parts that are sorted and do not touch.
func join(got []Part, x Part) []Part {
	if x.Size <= 0 {
		return got
	}
	all := append(slices.Clone(got), x)
	slices.SortFunc(all, func(a, b Part) int { return int(min(1, max(-1, a.From-b.From))) })
	out := all[:1]
	for _, p := range all[1:] {
		last := &out[len(out)-1]
		if end := last.From + last.Size; p.From <= end {
			last.Size = max(end, p.From+p.Size) - last.From
			continue
		}
		out = append(out, p)
	}
	return out
}
