package door

import "time"

// What the carrier's own release pages show to the key holders. The desk never
// sees these.

// Paper is a grant before the key holders, with everything that happened to it.
type Paper struct {
	Proposal
	Grant     []byte // canonical bytes: the pages render these and nothing else
	Proposed  time.Time
	Marks     []Mark    // signatures, in order
	RefusedBy string    // with Proposal.Refused
	Ended     time.Time // when it was used, refused or withdrawn
	// Problem says why the carrier would not act on the grant even when signed;
	// empty if it would.
	Problem string
}

// Word is what a holder says with a signature: that they have no tie with the
// agency, the officer or anybody whom the grant is about.
type Word struct {
	NoTie bool
}

// Statement is what a holder signs about their yearly training.
type Statement struct {
	Holder string
	Day    time.Time // of the training
	At     time.Time // it was shown
	Text   string
	Hash   [32]byte // the challenge that their passkey answers
}

// Mark is one person's signature on a grant.
type Mark struct {
	Holder string
	At     time.Time
	Demo   bool
}

// Holder is a key and whose it is.
type Holder struct {
	Name    string
	ID      []byte
	Active  time.Time // not before; zero: not approved yet
	Retired time.Time // zero: not
	Demo    bool
	Counsel bool
}

// Usable reports whether the key counts at a time.
func (h Holder) Usable(at time.Time) bool {
	return !h.Active.IsZero() && !at.Before(h.Active) && (h.Retired.IsZero() || at.Before(h.Retired))
}
