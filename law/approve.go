package law

import (
	"slices"
	"strings"
	"time"
)

// Approval is a person's recorded yes to one row as it reads: it names the
// row's hash, so a changed row needs a new one.
type Approval struct {
	Row  ProcessID `toml:"row" json:"row"`
	Hash RowHash   `toml:"hash" json:"hash"`
	By   string    `toml:"by" json:"by"`
	On   Date      `toml:"on" json:"on"`
	Why  string    `toml:"why" json:"why,omitempty"` // what they read it against
}

// Approvals are what people have approved.
type Approvals struct {
	Counsel []Approval // opens rows of certainty K
}

// Unlock says whether a row may be used to disclose, and if not, why.
type Unlock struct {
	OK  bool
	Why string // empty when OK
}

// Unlocks reports whether the row, in force on the given day, may unlock
// anything; the day is that on which the demand came. An uncertain row informs
// and never unlocks, and neither does a row that an operator made wider; a row
// written from knowledge unlocks after counsel approved this very text.
func (r Row) Unlocks(a Approvals, on time.Time) Unlock {
	switch {
	case !r.InForce(on):
		return Unlock{Why: "this row is not in force on that day"}
	case r.Certainty == Uncertain:
		return Unlock{Why: "this row is uncertain: it informs, it does not unlock"}
	case r.origin.Widens():
		return Unlock{Why: "this row is the operator's and wider than the program's own: it informs, it does not unlock"}
	case r.Certainty == Known && !approvedIn(a.Counsel, r):
		return Unlock{Why: "counsel has not approved this row as it reads now"}
	}
	return Unlock{OK: true}
}

// approvedIn reports whether somebody approved the row as it reads.
func approvedIn(list []Approval, r Row) bool {
	h := r.Hash()
	return slices.ContainsFunc(list, func(a Approval) bool { return a.Row == r.ID && a.Hash == h && strings.TrimSpace(a.By) != "" })
}

// Approve records that one person approved the named rows as they read now;
// without names, every row of certainty K. Unknown names are left out.
func (t *Table) Approve(by string, on Date, ids ...ProcessID) []Approval {
	var out []Approval
	for _, r := range t.rows {
		if r.Certainty == Uncertain || !named(r, ids) {
			continue
		}
		out = append(out, Approval{Row: r.ID, Hash: r.Hash(), By: by, On: on})
	}
	return out
}

func named(r Row, ids []ProcessID) bool {
	if len(ids) == 0 {
		return r.Certainty == Known
	}
	for _, id := range ids {
		if id == r.ID {
			return true
		}
	}
	return false
}
