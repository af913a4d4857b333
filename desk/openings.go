package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/casefile/opened"
	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// Openings choose what an auditor is shown: some cases, or those filed in a
// period, and which groups of parts are redacted.
type Openings struct {
	Cases       []casefile.Number
	From, Until time.Time // days, both included
	Hidden      []casefile.Group
	Why         string
}

// Bounds of what is given at once.
const (
	MaxOpened      = 2_000 // cases
	MaxOpenedNamed = 100   // cases that are named one by one
	maxGiven       = 200   // that are listed; of older ones the ledger alone says that they were given
)

// Given are openings that were given.
type Given struct {
	Manifest opened.Manifest  `cbor:"manifest"`
	By       casefile.Actor   `cbor:"by"`
	Why      string           `cbor:"why"`
	Act      casefile.KeptAct `cbor:"act"`
}

// Size is the size of the tree that the rows are leaves of.
func (g Given) size() (int64, error) {
	lines := strings.Split(string(g.Manifest.Checkpoint), "\n")
	var n int64
	if len(lines) < 2 {
		return 0, errors.New("the checkpoint of openings cannot be read")
	}
	_, err := fmt.Sscan(lines[1], &n)
	return n, err
}

// markOpenings is where they are kept. Only choices and sums are: the rows are
// read from the ledger and the cases each time a file is written.
const markOpenings = "openings"

// OpenedFrom is what a file of openings is written from; a ledger that is kept,
// or one that is only read (letterlock ledger open).
type OpenedFrom struct {
	Records func(from, to uint64) iter.Seq2[ledger.Opened, error]
	Path    func(index, size int64) ([]proof.Hash, error)
	Events  func(ctx context.Context, n casefile.Number) ([]casefile.Event, error)
	Proof   func(receipt []byte) ([]byte, error)
}

// OpenedFromLedger reads a ledger that is kept, and the ordinary cases.
func OpenedFromLedger(l Ledger, s interface {
	Events(ctx context.Context, n casefile.Number) ([]casefile.Event, error)
}) OpenedFrom {
	return OpenedFrom{l.Openings, l.Path, s.Events, func(b []byte) ([]byte, error) { return proofOf(l, b) }}
}

// Opener gives openings. Who may ask it is the desk's to say.
type Opener struct {
	From  OpenedFrom
	Marks casefile.Marks
	Acts  casefile.Acts
	Head  func() []byte // the newest signed checkpoint

	one sync.Mutex
}

func newOpener(c Config, acts casefile.Acts) *Opener {
	return &Opener{From: OpenedFromLedger(c.Ledger, c.Public.Store), Marks: c.Marks, Acts: acts, Head: c.Ledger.Head}
}

// ProofFrom is the proof by a receipt that the desk kept.
func ProofFrom(v *ledger.View) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) {
		r, err := parseReceipt(b)
		if err != nil {
			return nil, err
		}
		p, err := v.Proof(r.Seq)
		if err != nil {
			return nil, err
		}
		return p.Bytes(), nil
	}
}

// GiveOpenings gives openings for an auditor.
func (d *Desk) GiveOpenings(ctx context.Context, by casefile.MemberID, o Openings) (Given, error) {
	me, err := d.Staff.May(ctx, by, casefile.GiveOpenings, "")
	if err != nil {
		return Given{}, err
	}
	return d.opener.Give(ctx, me, o)
}

// Give counts what is chosen, records it, and keeps the choice. The file can be
// had once the record is in the signed tree.
func (x *Opener) Give(ctx context.Context, by casefile.Actor, o Openings) (Given, error) {
	if err := o.check(); err != nil {
		return Given{}, err
	}
	g := Given{Manifest: o.manifest(), By: by, Why: o.Why}
	m := &g.Manifest
	m.ID, m.Made, m.Checkpoint = casefile.NewID(), x.Acts.Clock.Now().UTC().Truncate(time.Second), x.Head()
	w := opened.NewWriter(io.Discard)
	var err error
	if m.Held, err = x.From.rows(ctx, g, w); err != nil {
		return Given{}, err
	}
	m.Sum, m.Rows = w.Sum()
	x.one.Lock()
	defer x.one.Unlock()
	all, err := givenOpenings(ctx, x.Marks)
	if err != nil {
		return Given{}, err
	}
	if g.Act, err = x.Acts.KeepProof(ctx, opened.ActKind, by, m.ID, o.Why, *m); err != nil {
		return Given{}, err
	}
	b, err := casefile.Encode(append([]Given{g}, all[:min(len(all), maxGiven-1)]...))
	if err != nil {
		return Given{}, err
	}
	return g, x.Marks.SetMark(ctx, markOpenings, b)
}

// manifest is what was chosen.
func (o Openings) manifest() opened.Manifest {
	m := opened.Manifest{Hidden: []string{}}
	for _, g := range o.Hidden {
		m.Hidden = append(m.Hidden, string(g))
	}
	slices.Sort(m.Hidden)
	for _, n := range o.Cases {
		m.Cases = append(m.Cases, string(n))
	}
	if len(o.Cases) == 0 {
		m.From, m.Until = o.From.Format(time.DateOnly), o.Until.Format(time.DateOnly)
	}
	return m
}

func (o Openings) check() error {
	bad := func(text string, args ...any) error {
		return fault.New(fault.Invalid, "give openings", text, args...)
	}
	switch {
	case len(o.Cases) > MaxOpenedNamed:
		return bad("name at most %d cases, or choose a period", MaxOpenedNamed)
	case len(o.Cases) == 0 && (o.From.IsZero() || o.Until.IsZero()):
		return bad("name the cases, or give the first and the last day of a period")
	case len(o.Cases) > 0 && (!o.From.IsZero() || !o.Until.IsZero()):
		return bad("name cases, or give a period, not both")
	case len(o.Cases) == 0 && o.Until.Before(o.From):
		return bad("the last day lies before the first")
	}
	for _, g := range o.Hidden {
		if !slices.Contains(casefile.Groups, g) {
			return bad("there is no group %q of parts", g)
		}
	}
	for i, n := range o.Cases {
		if x, err := casefile.ParseNumber(string(n)); err != nil || x.Sealed() {
			return casefile.NoCase() // a sealed matter is opened to no auditor, and is said of none
		}
		if slices.Contains(o.Cases[:i], n) {
			return bad("%s is named twice", n)
		}
	}
	return nil
}

// givenOpenings are those that were given, the newest first.
func givenOpenings(ctx context.Context, m casefile.Marks) (all []Given, err error) {
	b, err := m.Mark(ctx, markOpenings)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read openings: %w", err)
	}
	return all, casefile.Decode(b, &all)
}

// FindOpenings are the openings of this id as they were given; an empty id: all.
func FindOpenings(ctx context.Context, m casefile.Marks, id string) ([]Given, error) {
	all, err := givenOpenings(ctx, m)
	if err != nil || id == "" {
		return all, err
	}
	for _, g := range all {
		if g.Manifest.ID == id {
			return []Given{g}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "find openings", "no such openings were given")
}

// GivenOpenings are the openings that were given, the newest first.
func (d *Desk) GivenOpenings(ctx context.Context, by casefile.MemberID) ([]Given, error) {
	if _, err := d.Staff.May(ctx, by, casefile.SeeOpenings, ""); err != nil {
		return nil, err
	}
	return givenOpenings(ctx, d.conf.Marks)
}

// HandOpenings records that somebody takes a file of openings. What is
// returned writes it.
func (d *Desk) HandOpenings(ctx context.Context, by casefile.MemberID, id string) (func(io.Writer) error, error) {
	me, err := d.Staff.May(ctx, by, casefile.SeeOpenings, "")
	if err != nil {
		return nil, err
	}
	g, err := FindOpenings(ctx, d.conf.Marks, id)
	if err != nil {
		return nil, err
	}
	from := d.opener.From
	if err := from.Same(ctx, g[0]); err != nil {
		return nil, err
	}
	if err := d.Acts.Keep(ctx, "openings.handed", me, id, "", nil); err != nil {
		return nil, err
	}
	return func(w io.Writer) error { return from.Write(ctx, g[0], w) }, nil
}

// Same reports whether the file would still be the one that was given.
func (x OpenedFrom) Same(ctx context.Context, g Given) error {
	if _, err := x.Proof(g.Act.Receipt); err != nil {
		return err
	}
	w := opened.NewWriter(io.Discard)
	if _, err := x.rows(ctx, g, w); err != nil {
		return err
	}
	if sum, _ := w.Sum(); !slices.Equal(sum, g.Manifest.Sum) {
		return fault.New(fault.Expired, "write openings", "the persons' data of one of these cases have left since, and what was given can no longer be shown: give new openings")
	}
	return nil
}

// Write writes the file.
func (x OpenedFrom) Write(ctx context.Context, g Given, out io.Writer) error {
	p, err := x.Proof(g.Act.Receipt)
	if err != nil {
		return err
	}
	if err := opened.Begin(out, opened.Statement{Act: g.Act.Body, Proof: p}); err != nil {
		return err
	}
	_, err = x.rows(ctx, g, opened.NewWriter(out))
	return err
}

// ofCase are the records of a case, by their numbers in the ledger.
type ofCase struct {
	number  casefile.Number
	records []uint64
}

// rows writes what is chosen, case after case in the order of their numbers.
func (x OpenedFrom) rows(ctx context.Context, g Given, w *opened.Writer) (cases int, err error) {
	size, err := g.size()
	if err != nil {
		return 0, err
	}
	all, err := x.chosen(g.Manifest, size)
	if err != nil {
		return 0, err
	}
	hidden := make([]casefile.Group, len(g.Manifest.Hidden))
	for i, h := range g.Manifest.Hidden {
		hidden[i] = casefile.Group(h)
	}
	for _, c := range all {
		if err := x.rowsOf(ctx, c, size, hidden, w); err != nil {
			return 0, fmt.Errorf("open a case: %w", err)
		}
	}
	return len(all), nil
}

// chosen looks through the ledger: not the desk's database, but what was
// recorded says which cases were filed in a period.
func (x OpenedFrom) chosen(m opened.Manifest, size int64) ([]ofCase, error) {
	found := map[string]*ofCase{}
	for o, err := range x.Records(1, 0) {
		if err != nil {
			return nil, err
		}
		n := o.Entry.Case
		if n == "" || o.Index < 0 || o.Index >= size {
			continue
		}
		c := found[n]
		if c == nil {
			if !wanted(m, o.Entry) {
				continue
			}
			if len(found) == MaxOpened {
				return nil, fault.New(fault.TooLarge, "give openings", "more than %d cases were filed in this period: choose a shorter one", MaxOpened)
			}
			c = &ofCase{number: casefile.Number(n)}
			found[n] = c
		}
		c.records = append(c.records, o.Seq)
	}
	for _, n := range m.Cases {
		if found[n] == nil {
			return nil, fault.New(fault.NotFound, "give openings", "there is no record of case %s in the signed tree", n)
		}
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "give openings", "no case was filed in this period, or none is in the signed tree yet")
	}
	out := make([]ofCase, 0, len(found))
	for _, c := range found {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b ofCase) int { return cmp.Compare(a.number, b.number) })
	return out, nil
}

func wanted(m opened.Manifest, e proof.Entry) bool {
	if len(m.Cases) > 0 {
		return slices.Contains(m.Cases, e.Case)
	}
	day := e.Happened.UTC().Format(time.DateOnly)
	return e.Kind == "case."+string(casefile.KFiled) && m.From <= day && day <= m.Until
}

func (x OpenedFrom) rowsOf(ctx context.Context, c ofCase, size int64, hidden []casefile.Group, w *opened.Writer) error {
	events, err := x.Events(ctx, c.number)
	if err != nil && !fault.Is(err, fault.NotFound) { // a filing that was recorded and did not come about
		return err
	}
	marks := map[[32]byte]opened.Event{}
	for _, e := range events {
		o, err := e.Opened(hidden)
		if err != nil {
			return err
		}
		m, err := o.Mark()
		if err != nil {
			return err
		}
		marks[m] = o
	}
	for _, seq := range c.records {
		if err := x.row(seq, size, marks, w); err != nil {
			return err
		}
	}
	return nil
}

func (x OpenedFrom) row(seq uint64, size int64, marks map[[32]byte]opened.Event, w *opened.Writer) error {
	for o, err := range x.Records(seq, seq) {
		if err != nil {
			return err
		}
		path, err := x.Path(o.Index, size)
		if err != nil {
			return err
		}
		var n casefile.Counted
		if err := casefile.Decode(o.Entry.Body, &n); err != nil {
			return err
		}
		r := opened.Row{Salt: o.Opening.Salt[:], Entry: o.Opening.Entry, Index: o.Index, Path: make([][]byte, len(path))}
		for i, h := range path {
			r.Path[i] = h[:]
		}
		if e, ok := marks[n.Event]; ok {
			r.Event = &e
		}
		if err := w.Row(r); err != nil {
			return err
		}
	}
	return nil
}
