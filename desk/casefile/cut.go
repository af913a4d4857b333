package casefile

import "time"

// CutID names one use of the compromise switch.
type CutID string

// CutKind says what a cut ends.
type CutKind string

// The kinds.
const (
	CutDomain  CutKind = "domain"  // every mailbox of a mail domain
	CutAgency  CutKind = "agency"  // an agency with all of its domains
	CutOfficer CutKind = "officer" // one person
)

// Cut is one use of the compromise switch: who may no longer ask, since when
// it may have been somebody else who asked, and how far the looking back is.
type Cut struct {
	ID     CutID     `cbor:"id"`
	Kind   CutKind   `cbor:"kind"`
	What   string    `cbor:"what"`   // the domain, or an id
	Name   string    `cbor:"name"`   // as people read it
	Agency AgencyID  `cbor:"agency"` // whose cases are looked at
	By     Actor     `cbor:"by"`
	At     time.Time `cbor:"at"` // also when we became aware: the clock of a breach runs from it
	Why    string    `cbor:"why"`
	From   time.Time `cbor:"from"` // cases filed since are looked at again, and older ones that are pending
	// Officers are those whose access it ended.
	Officers []OfficerID `cbor:"officers"`
	// Worked is when the last case was held; zero: some may be left.
	Worked time.Time `cbor:"worked"`
	// Restore is who agreed to give the access back: two people.
	Restore  []CutWord `cbor:"restore"`
	Restored time.Time `cbor:"restored"`
}

// CutWord is one person's word for giving access back.
type CutWord struct {
	By  Actor     `cbor:"by"`
	At  time.Time `cbor:"at"`
	Why string    `cbor:"why"`
}

// LookBack is how far back the requests of a compromised sender are looked at
// again. An older one is, too, as long as something may still leave under it.
const LookBack = 90 * day

// Open reports a cut that still holds.
func (c Cut) Open() bool { return c.Restored.IsZero() }

// Concerns reports whether a case may have come from who was cut. A paper that
// no enrolled officer filed may have come from anybody there; a case that was
// handed to a colleague is still who filed it.
func (c Cut) Concerns(x Case) bool {
	filed := x.Demand
	if len(x.Events) > 0 && x.Events[0].Demand != nil {
		filed = *x.Events[0].Demand
	}
	switch {
	case x.Demand.Agency != c.Agency:
		return false
	case c.Kind == CutAgency:
		return true
	case c.Kind == CutDomain:
		return filed.Officer == "" || DomainOf(filed.Mailbox) == c.What || DomainOf(x.Demand.Mailbox) == c.What
	}
	return string(filed.Officer) == c.What || string(x.Demand.Officer) == c.What
}
