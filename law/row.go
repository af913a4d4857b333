package law

import (
	"slices"
	"time"
)

// Row is one process as the table states it. A Row from a Table is a copy:
// changing it changes nothing else.
type Row struct {
	ID           ProcessID      `toml:"id" json:"id"`
	Jurisdiction Jurisdiction   `toml:"jurisdiction" json:"jurisdiction"`
	Except       []Jurisdiction `toml:"except" json:"except,omitempty"` // members of the jurisdiction outside the process
	Name         string         `toml:"name" json:"name"`
	Citations    []Citation     `toml:"citations" json:"citations"`
	Basis        []string       `toml:"basis" json:"basis,omitempty"` // a cited legal basis should contain one of these
	Issuers      []Issuer       `toml:"issuer" json:"issuer"`
	Reach        []Reach        `toml:"reach" json:"reach"`
	Absent       []Class        `toml:"absent" json:"absent,omitempty"` // may be lawfully demanded; does not exist
	Required     []Particular   `toml:"required" json:"required"`
	Clocks       []Clock        `toml:"clock" json:"clock,omitempty"`
	Zone         string         `toml:"zone" json:"zone"`
	Calendar     CalendarID     `toml:"calendar" json:"calendar"`
	Prospective  bool           `toml:"prospective" json:"prospective,omitempty"` // reaches only what happens from the order on
	AutoStop     bool           `toml:"auto_stop" json:"auto_stop,omitempty"`     // collection stops by itself at the end
	AutoDelete   bool           `toml:"auto_delete" json:"auto_delete,omitempty"` // a snapshot is destroyed at the end
	NoticeRule   NoticeRule     `toml:"notice" json:"notice"`
	Publication  Publication    `toml:"publication" json:"publication"`
	Stance       Stance         `toml:"stance" json:"stance"`
	Threshold    Threshold      `toml:"threshold" json:"threshold"`
	MaxAccounts  int            `toml:"max_accounts" json:"max_accounts"` // 0: no limit of its own
	ValidFrom    Date           `toml:"valid_from" json:"valid_from,omitempty"`
	ValidTo      Date           `toml:"valid_to" json:"valid_to,omitempty"` // the last day in force
	CheckedOn    Date           `toml:"checked_on" json:"checked_on,omitempty"`
	Source       string         `toml:"source" json:"source"`
	Certainty    Certainty      `toml:"certainty" json:"certainty"`
	Note         string         `toml:"note" json:"note,omitempty"`

	origin Origin
}

// Issuer says who may issue the process, and for which classes.
type Issuer struct {
	Role        Role    `toml:"role" json:"role"`
	Classes     []Class `toml:"classes" json:"classes,omitempty"`             // empty: every class of the row
	ValidatedBy []Role  `toml:"validated_by" json:"validated_by,omitempty"`   // empty: needs no validation
	ExPostHours int     `toml:"ex_post_hours" json:"ex_post_hours,omitempty"` // in an emergency validation may follow within these hours
	Text        string  `toml:"text" json:"text"`
}

// Extent is how far a process reaches into a class.
type Extent string

const (
	Full     Extent = "full"     // every field of the class
	Part     Extent = "part"     // the part that Limit describes; a reviewer says why each field is in it
	Snapshot Extent = "snapshot" // may be preserved, not disclosed
)

// Reach is one class that a process reaches, and how far.
type Reach struct {
	Class  Class  `toml:"class" json:"class"`
	Extent Extent `toml:"extent" json:"extent"`
	Limit  string `toml:"limit" json:"limit,omitempty"` // required when Extent is part
}

// Publication says how a process may be counted in public.
type Publication struct {
	Kind   PublicationKind `toml:"kind" json:"kind"`
	Bucket string          `toml:"bucket" json:"bucket"` // the row of the report it is counted in
	Text   string          `toml:"text" json:"text"`
}

// PublicationKind is exact, banded or barred.
type PublicationKind string

const (
	Exact  PublicationKind = "exact"
	Banded PublicationKind = "banded" // only in the bands of 50 USC 1874
	Barred PublicationKind = "barred"
)

// Reaches reports whether the row lets data of the class be disclosed at all.
// A class reached in part counts; ReachOf gives its limit. Content and traffic
// are never reached by any row, and a snapshot is not a disclosure.
func (r Row) Reaches(c Class) bool {
	got, ok := r.ReachOf(c)
	return ok && got.Extent != Snapshot
}

// Preserves reports whether the row lets data of the class be kept as a
// snapshot.
func (r Row) Preserves(c Class) bool {
	got, ok := r.ReachOf(c)
	return ok && got.Extent == Snapshot
}

// ReachOf returns how far the row reaches into a class. Name and length of
// service are part of basic subscriber information, so whoever reaches the
// latter reaches the former.
func (r Row) ReachOf(c Class) (Reach, bool) {
	for _, x := range r.Reach {
		if x.Class == c {
			return x, c != None
		}
	}
	if c == NameLOS {
		return r.ReachOf(BSI)
	}
	return Reach{}, false
}

// InForce reports whether the row is law on the given day.
func (r Row) InForce(on time.Time) bool {
	day := Date(on.UTC().Format(time.DateOnly))
	return (r.ValidFrom == "" || r.ValidFrom <= day) && (r.ValidTo == "" || day <= r.ValidTo)
}

// Checked reports whether somebody read the text of the row, as opposed to
// writing it from knowledge.
func (r Row) Checked() bool { return r.CheckedOn != "" }

// Stale reports whether the row's text was never checked or was checked
// longer ago than max.
func (r Row) Stale(now time.Time, max time.Duration) bool {
	return !r.Checked() || now.Sub(r.CheckedOn.Time()) > max
}

// Origin says where the row in use comes from.
func (r Row) Origin() Origin { return r.origin }

// Needs reports whether the row asks for the particular.
func (r Row) Needs(p Particular) bool { return slices.Contains(r.Required, p) }

func (r Row) clone() Row {
	r.Except = slices.Clone(r.Except)
	r.Citations = slices.Clone(r.Citations)
	r.Basis = slices.Clone(r.Basis)
	r.Issuers = slices.Clone(r.Issuers)
	for i := range r.Issuers {
		r.Issuers[i].Classes = slices.Clone(r.Issuers[i].Classes)
		r.Issuers[i].ValidatedBy = slices.Clone(r.Issuers[i].ValidatedBy)
	}
	r.Reach = slices.Clone(r.Reach)
	r.Absent = slices.Clone(r.Absent)
	r.Required = slices.Clone(r.Required)
	r.Clocks = slices.Clone(r.Clocks)
	for i := range r.Clocks {
		r.Clocks[i].Pauses = slices.Clone(r.Clocks[i].Pauses)
	}
	r.Threshold.Listed = slices.Clone(r.Threshold.Listed)
	r.origin.Wider = slices.Clone(r.origin.Wider)
	return r
}
