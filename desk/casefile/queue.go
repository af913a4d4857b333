package casefile

import (
	"strings"
	"time"
	"unicode"

	"letterlock/law"
)

// Sort is an order of the queue.
type Sort string

// The orders.
const (
	ByDue    Sort = ""       // the least time left first
	ByNewest Sort = "newest" // the latest arrival first
	ByOldest Sort = "oldest" // the longest waiting first
)

// Sorts is all of them.
var Sorts = []Sort{ByDue, ByNewest, ByOldest}

// Filter narrows the queue. Zero values mean any.
type Filter struct {
	Lane       Lane
	Phase      Phase
	Process    law.ProcessID
	Country    law.Jurisdiction
	Open       bool // only phases in which somebody must still act
	Assigned   MemberID
	Unassigned bool // with nobody yet
	Officer    OfficerID
	Agency     AgencyID
	Counsel    bool      // waits for counsel
	Overdue    time.Time // open and due before this moment; zero: any
	Text       string    // begins the number, the agency's reference or the docket
	Sort       Sort
	After      Head // the last head of the page before
	Limit      int  // 1 to 500; 0 is 50
}

// OnlyOpen reports whether the filter is met by open cases alone.
func (f Filter) OnlyOpen() bool { return f.Open || f.Counsel || !f.Overdue.IsZero() }

// Page is a page of the queue.
type Page struct {
	Heads []Head
	// Next is where the following page begins; nil at the end. A page that is
	// not full and has a Next looked through as many cases as one look may: few
	// of them fit, and the search goes on from there.
	Next *Head
}

// Fits reports whether a head passes the filter; where a page begins is not
// part of it.
func (f Filter) Fits(h Head) bool {
	over := h.Phase.Over()
	switch {
	case f.Lane != "" && h.Lane != f.Lane, f.Phase != "" && h.Phase != f.Phase, f.Process != "" && h.Process != f.Process,
		f.Country != "" && h.Country != f.Country, f.Assigned != "" && h.Assigned != f.Assigned, f.Officer != "" && h.Officer != f.Officer,
		f.Agency != "" && h.Agency != f.Agency:
		return false
	case f.OnlyOpen() && over, f.Unassigned && h.Assigned != "", f.Counsel && !h.Counsel:
		return false
	case !f.Overdue.IsZero() && (h.Due.IsZero() || !h.Due.Before(f.Overdue)):
		return false
	}
	if f.Text == "" {
		return true
	}
	for _, k := range h.Keys() {
		if strings.HasPrefix(k, KeyOf(f.Text)) {
			return true
		}
	}
	return false
}

// Before is the order of the filter: whether a comes before b.
func (f Filter) Before(a, b Head) bool {
	switch f.Sort {
	case ByNewest:
		if !a.Filed.Equal(b.Filed) {
			return a.Filed.After(b.Filed)
		}
		return a.Number > b.Number
	case ByOldest:
		if !a.Filed.Equal(b.Filed) {
			return a.Filed.Before(b.Filed)
		}
		return a.Number < b.Number
	}
	switch {
	case a.Due.IsZero() != b.Due.IsZero():
		return b.Due.IsZero()
	case !a.Due.Equal(b.Due):
		return a.Due.Before(b.Due)
	}
	return a.Number < b.Number
}

// Keys are what a case is searched by.
func (h Head) Keys() []string {
	var out []string
	for _, s := range []string{string(h.Number), h.Reference, h.Docket} {
		if k := KeyOf(s); k != "" && !contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// maxKey bounds a key: longer references are found by their beginning.
const maxKey = 64

// KeyOf is a text as it is searched by: lower-case letters and digits.
func KeyOf(s string) string {
	k := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
	if len(k) > maxKey {
		k = strings.ToValidUTF8(k[:maxKey], "")
	}
	return k
}

// Counts is what the first page shows beside each lane. A count that has
// reached MaxCount means "so many or more": to count further would cost more
// than it tells.
type Counts struct {
	Lanes                              map[Lane]int
	Overdue, Counsel, Mine, Unassigned int
}

// MaxCount is where counting stops.
const MaxCount = 1000
