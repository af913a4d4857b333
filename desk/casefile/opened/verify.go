package opened

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// Line is one finding.
type Line struct {
	Check string `json:"check"`
	Holds bool   `json:"holds"`
	Text  string `json:"text"`
}

// Report is what a file was shown to say.
type Report struct {
	Lines    []Line
	Manifest *Manifest // nil: nothing is shown
	By, Why  string
}

// OK reports that everything holds.
func (r *Report) OK() bool {
	return r.Manifest != nil && !slices.ContainsFunc(r.Lines, func(l Line) bool { return !l.Holds })
}

func (r *Report) add(holds bool, check, format string, args ...any) {
	r.Lines = append(r.Lines, Line{check, holds, fmt.Sprintf(format, args...)})
}

// Checked is a row that holds.
type Checked struct {
	Case     string
	Seq      int
	Kind     string
	Happened time.Time
	Recorded time.Time
	Leaf     int64
	Parts    []Shown
	Hidden   int
	Done     bool // false: recorded, and it did not come about
}

// counted is what a checker must know of a record's particulars.
type counted struct {
	Event []byte `cbor:"event"`
	Seq   int    `cbor:"seq"`
}

// Verify checks a file against keys known from elsewhere, row after row, in
// constant memory; each row that holds is given to see (nil: nobody).
func Verify(in io.Reader, trusted proof.Keys, see func(Checked) error) *Report {
	r := &Report{}
	x, err := read(in)
	if err != nil {
		r.add(false, "file", "%s.", fault.Say(sentence(err)))
		return r
	}
	s, _, err := next[Statement](x)
	if err != nil {
		r.add(false, "statement", "The statement at the beginning cannot be read.")
		return r
	}
	m, tree, err := r.statement(s, trusted)
	if err != nil {
		r.add(false, "statement", "%s", fault.Say(sentence(err)))
		return r
	}
	r.Manifest = &m
	c := &check{r: r, m: m, tree: tree, trusted: trusted, sum: sha256.New(), see: see, seen: map[int64]bool{}}
	c.rows(x)
	return r
}

// sentence makes any failure one that is said.
func sentence(err error) error {
	if fault.Is(err, fault.Internal) {
		return fault.Wrap(fault.Invalid, "verify openings", err, "%v", err)
	}
	return err
}

// statement checks the act by which the openings were given, and the checkpoint.
func (r *Report) statement(s Statement, trusted proof.Keys) (m Manifest, tree proof.Signed, err error) {
	p, err := proof.Parse(s.Proof)
	if err != nil {
		return m, tree, err
	}
	v, err := p.Verify(trusted)
	if err != nil {
		return m, tree, err
	}
	var a act
	mark := sha256.Sum256(append([]byte(actDomain), s.Act...))
	switch {
	case v.Entry.Kind != ActKind || !bytes.Equal(v.Entry.Body, mark[:]):
		return m, tree, errors.New("the statement is not the one that the ledger recorded")
	case decode(s.Act, &a) != nil || decode(a.State, &m) != nil:
		return m, tree, errors.New("the statement cannot be read")
	}
	if tree, err = proof.OpenCheckpoint(m.Checkpoint, trusted); err != nil {
		return m, tree, err
	}
	if tree.Origin != v.Checkpoint.Origin {
		return m, tree, errors.New("the rows are of another ledger than the statement")
	}
	r.By, r.Why = a.By.Name, a.Why
	r.add(true, "statement", "%s gave these openings on %s; it stands in the ledger %s. Why: %s", a.By.Name, at(m.Made), tree.Origin, a.Why)
	r.add(true, "checkpoint", "The rows are of the tree of %d leaves that was signed at %s, co-signed by %d known.", tree.Size, at(tree.Time), len(tree.Cosigners))
	return m, tree, nil
}

func at(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// check is the state between rows.
type check struct {
	r       *Report
	m       Manifest
	tree    proof.Signed
	trusted proof.Keys
	sum     io.Writer
	see     func(Checked) error
	seen    map[int64]bool

	rows_, cases, undone, hidden int
	of                           string // the case, and its numbers so far
	seqs                         []int
	bad                          int
}

// maxSaid bounds how many failures are named one by one.
const maxSaid = 20

func (c *check) fail(format string, args ...any) {
	if c.bad++; c.bad <= maxSaid {
		c.r.add(false, "row", format, args...)
	}
}

func (c *check) rows(x *items) {
	for {
		row, raw, err := next[Row](x)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			c.fail("After row %d the file cannot be read on.", c.rows_)
			break
		}
		c.rows_++
		c.sum.Write(raw)
		if err := c.row(row); err != nil {
			c.fail("Row %d: %s", c.rows_, fault.Say(sentence(err)))
		}
	}
	c.closeCase()
	c.end()
}

// row checks one, and hands it on.
func (c *check) row(row Row) error {
	p, err := row.proof(c.m.Checkpoint)
	if err != nil {
		return err
	}
	v, err := p.Verify(c.trusted)
	if err != nil {
		return err
	}
	var n counted
	switch {
	case c.seen[row.Index]:
		return errors.New("the record stands in the file twice")
	case v.Entry.Case == "" || decode(v.Entry.Body, &n) != nil || len(n.Event) != sha256.Size:
		return errors.New("the record is of no case")
	}
	c.seen[row.Index] = true
	if v.Entry.Case != c.of {
		c.closeCase()
		c.of, c.cases = v.Entry.Case, c.cases+1
	}
	out := Checked{Case: v.Entry.Case, Seq: n.Seq, Kind: v.Entry.Kind, Happened: v.Entry.Happened, Recorded: v.Entry.Recorded, Leaf: row.Index}
	if row.Event == nil {
		c.undone++
	} else {
		if err := matches(*row.Event, n, v.Entry.Kind); err != nil {
			return fmt.Errorf("act %d of case %s: %w", n.Seq, v.Entry.Case, err)
		}
		c.seqs = append(c.seqs, n.Seq)
		c.hidden += len(row.Event.Hidden)
		out.Parts, out.Hidden, out.Done = row.Event.Shown, len(row.Event.Hidden), true
	}
	if c.see == nil {
		return nil
	}
	return c.see(out)
}

// matches checks what is shown against the record.
func matches(o Event, n counted, kind string) error {
	mark, err := o.Mark()
	if err != nil {
		return err
	}
	var seq int
	var what string
	switch {
	case !bytes.Equal(mark[:], n.Event):
		return errors.New("what is shown is not what the ledger recorded: a part was changed, taken out or filled in")
	case !o.Part("seq", &seq) || seq != n.Seq || !o.Part("kind", &what) || "case."+what != kind:
		return errors.New("what is shown is of another record")
	}
	return nil
}

// closeCase looks for acts that are missing between the first and the last.
func (c *check) closeCase() {
	slices.Sort(c.seqs)
	for i, seq := range c.seqs {
		if seq != i+1 {
			c.fail("Case %s: act %d is missing.", c.of, i+1)
			break
		}
	}
	c.seqs = nil
}

func (c *check) end() {
	if c.bad > maxSaid {
		c.r.add(false, "row", "And %d more rows that do not hold.", c.bad-maxSaid)
	}
	sum := c.sum.(interface{ Sum([]byte) []byte }).Sum(nil)
	switch {
	case c.rows_ != c.m.Rows || c.cases != c.m.Held:
		c.r.add(false, "complete", "The file holds %d rows of %d cases; %d rows of %d cases were given. Something was taken out or put in.", c.rows_, c.cases, c.m.Rows, c.m.Held)
	case !bytes.Equal(sum, c.m.Sum):
		c.r.add(false, "complete", "The rows are not the ones that were given: something was changed.")
	default:
		c.r.add(true, "complete", "All %d rows of %d cases that were given are here, unchanged.", c.rows_, c.cases)
	}
	if c.bad == 0 {
		c.r.add(true, "rows", "Each row is a leaf of that tree, and what is shown of it is what was recorded. Of the acts, %d parts are redacted.", c.hidden)
	}
	if c.undone > 0 {
		c.r.add(true, "undone", "%d records are of acts that did not come about after they were recorded.", c.undone)
	}
}
