package law

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Overrides are an operator's own rows and approvals, read from a file of
// their own. Every row in it is complete: it replaces the row of the same id
// and valid_from, or is added.
type Overrides struct {
	ApprovedBy string     `toml:"approved_by"`
	ApprovedOn Date       `toml:"approved_on"`
	Rows       []Row      `toml:"row"`
	Approvals  []Approval `toml:"approval"` // counsel's, for rows of certainty K

	Lists         []RightsList   `toml:"list"`          // of rights; replace those of the same id
	ListApprovals []ListApproval `toml:"list_approval"` // of lists as they read, the embedded ones too
	Channels      []MLATChannel  `toml:"channel"`       // of mutual legal assistance

	hash RowHash // of the bytes that were read
}

// maxOverrides bounds what is read: the whole embedded table is a tenth of it.
const maxOverrides = 2 << 20

// LoadOverrides reads an operator's file. Unknown keys, incomplete rows and a
// file without an approver are errors, and then nothing is returned.
func LoadOverrides(r io.Reader) (*Overrides, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxOverrides+1))
	if err != nil {
		return nil, fmt.Errorf("read the operator's law file: %w", err)
	}
	if len(b) > maxOverrides {
		return nil, fmt.Errorf("the operator's law file is larger than %d bytes", maxOverrides)
	}
	var o Overrides
	if err := decodeStrict(b, &o); err != nil {
		return nil, fmt.Errorf("the operator's law file: %w", err)
	}
	if err := o.check(Default()); err != nil {
		return nil, fmt.Errorf("the operator's law file: %w", err)
	}
	o.hash = sha256.Sum256(b)
	return &o, nil
}

func (o *Overrides) check(t *Table) error {
	if strings.TrimSpace(o.ApprovedBy) == "" || o.ApprovedOn == "" {
		return fmt.Errorf("approved_by and approved_on are required")
	}
	if err := o.ApprovedOn.check(); err != nil {
		return fmt.Errorf("approved_on: %w", err)
	}
	for _, r := range o.Rows {
		if err := t.checkRow(r); err != nil {
			return fmt.Errorf("row %q: %w", r.ID, err)
		}
	}
	for _, a := range o.Approvals {
		if err := a.check(); err != nil {
			return fmt.Errorf("approval of %q: %w", a.Row, err)
		}
	}
	for _, l := range o.Lists {
		if err := t.checkList(l); err != nil {
			return fmt.Errorf("list %q: %w", l.ID, err)
		}
	}
	for _, a := range o.ListApprovals {
		if a.List == "" || strings.TrimSpace(a.By) == "" || a.On == "" || a.Hash == (RowHash{}) {
			return fmt.Errorf("approval of list %q: list, hash, by and on are required", a.List)
		}
		if err := a.On.check(); err != nil {
			return fmt.Errorf("approval of list %q: %w", a.List, err)
		}
	}
	for _, c := range o.Channels {
		if err := c.check(); err != nil {
			return fmt.Errorf("channel %q: %w", c.Country, err)
		}
	}
	return nil
}

func (a Approval) check() error {
	if a.Row == "" || strings.TrimSpace(a.By) == "" || a.On == "" || a.Hash == (RowHash{}) {
		return fmt.Errorf("row, hash, by and on are required")
	}
	return a.On.check()
}

// Origin says whether a row is the embedded one or an operator's, who
// approved it, and in what it is wider than the embedded one.
type Origin struct {
	Operator   bool
	ApprovedBy string
	ApprovedOn Date
	Wider      []string // one line for each way in which it is wider; empty: it only narrows
	Challenged bool     // the embedded row must be challenged
}

// Widens reports whether an operator's row reaches further, lasts longer or
// asks less than the embedded one. A row with no embedded counterpart widens.
func (o Origin) Widens() bool { return len(o.Wider) > 0 }

// With returns a new table with the operator's rows in it. Each such row
// carries its Origin; one that widens never unlocks (see Row.Unlocks). The receiver does not change.
func (t *Table) With(o *Overrides) (*Table, error) {
	out := *t
	out.rows = slices.Clone(t.rows)
	out.withLists(o)
	out.file = o.Edition()
	for _, r := range o.Rows {
		r = r.clone()
		r.origin = Origin{Operator: true, ApprovedBy: o.ApprovedBy, ApprovedOn: o.ApprovedOn}
		out.rows = placeRow(out.rows, r)
	}
	if err := checkRows(out.rows); err != nil {
		return nil, fmt.Errorf("the operator's rows: %w", err)
	}
	for i := range out.rows {
		if out.rows[i].origin.Operator {
			out.rows[i].origin.Wider = widerThanAll(t.base, out.rows[i])
			out.rows[i].origin.Challenged = challengedIn(t.base, out.rows[i])
		}
	}
	out.hash = hashOf(out.rows)
	return &out, nil
}

// placeRow puts r in the place of the row of the same id and valid_from, or
// adds it, and keeps the order.
func placeRow(rows []Row, r Row) []Row {
	for i, old := range rows {
		if old.ID == r.ID && old.ValidFrom == r.ValidFrom {
			rows[i] = r
			return rows
		}
	}
	rows = append(rows, r)
	sortRows(rows)
	return rows
}
