// Package produce packs what was released into one file that stands on its
// own: the letter, the records, what they mean, who allowed it, the proof that
// it is in the ledger, all named in a manifest that is signed, and the whole
// sealed to the officer. It decides nothing: whatever it is handed has been
// released already. It must not know how a request was decided, where records
// come from, or any database.
package produce

import (
	"iter"
	"time"

	"letterlock/desk/produce/bundle"
	"letterlock/disclosable"
	"letterlock/internal/lang"
)

// Input is all that a production says. The same input always gives the same
// bytes before sealing; every time is written in UTC.
type Input struct {
	Package   string    // random, unique, given by the desk; appears in the manifest and file name
	Created   time.Time // when it was packed
	Collected time.Time // when the records were read
	Expires   time.Time // when the download ends and the provider's copy is destroyed

	Case           string // the provider's number
	TheirReference string
	Agency         Agency
	Process        Process
	Received       time.Time
	Period         Period

	Provider Provider
	Signer   Signer
	// Certified: a custodian signs a certificate before the package leaves.
	Certified bool
	Tongue    *lang.Tongue // of the letter: the officer's; nil is English

	Targets []Target
	// Records is ranged over exactly once and never held in memory whole. A
	// record that no grant covers stops the packing.
	Records iter.Seq2[disclosable.Record, error]

	Kept    []Kept // of a preservation: what is kept, and nothing of it
	Refused []Refusal
	NotHeld []Missing // what was asked for and does not exist here
	Content *Content  // set when content was asked for: adds the sheet that says why there is none
	Notice  string    // sentences: was the account holder told, when, or why not yet

	Grants []Grant
	Trace  *Trace // a batch of a trace: then there are no records
	Proofs []Proof
	// Receipt is the proof, also among Proofs, that the request was filed: the
	// file with which anyone sees that it was counted. Nil: there is none.
	Receipt    []byte
	LedgerKeys []string // note verifier keys, "name+hash+key"
}

// Agency is whom the letter is written to.
type Agency struct {
	Name    string
	Officer string
	Unit    string
	Address []string
}

// Process is the legal process the records are released under.
type Process struct {
	ID       string // row of the law table, "us.2703d"
	Name     string
	Citation string
}

// Period is the time the request covers; a zero end is open.
type Period struct{ From, To time.Time }

// Provider is who answers.
type Provider struct {
	Name    string
	Address []string
	Contact string // mailbox or page where the agency reaches the team
}

// Signer is the custodian who answers for the records in the letter.
type Signer struct{ Name, Title string }

// Target is an identifier as the agency gave it and what it led to.
type Target struct {
	Asked   string
	Account disclosable.Account // zero: no such account
	Note    lang.Text           // what else there is to say; without an account, why not
}

// Refusal is a field asked for and not produced.
type Refusal struct {
	Field     disclosable.FieldID // or empty, when What names no field
	What      lang.Text           // what was asked for, in words; empty: the field's title
	FindingID string
	Reason    string      // a sentence of the law table, or what a reviewer typed
	More      []lang.Text // what is said besides, such as where to send it instead
}

// Missing is something asked for that does not exist here, and why.
type Missing struct{ What, Why lang.Text }

// MissingOf is entries of the published list of what is not held.
func MissingOf(list ...disclosable.Absent) (out []Missing) {
	for _, a := range list {
		out = append(out, Missing{lang.Say(a.What), lang.Say(a.Why)})
	}
	return out
}

// Content is what the sheet about content states.
type Content struct {
	Asked string    // what was asked for, in the request's own words
	About lang.Text // or, without such words, what it was about
	Build Build     // the running program
}

// Grant is what two reviewers signed, byte for byte, and who they are.
type Grant struct {
	Signed  disclosable.SignedGrant
	Holders []bundle.Holder
	LawName string // the name of the process, for the plain words
}

// Proof is the evidence that an act is in a ledger.
type Proof struct {
	About lang.Text // what the record is
	Bytes []byte    // as ledger/proof encodes it
}

// Receipt is what the desk keeps about a package it made.
type Receipt struct {
	Package  string
	Manifest bundle.Digest // SHA-256 of manifest.json
	Opened   bundle.Digest // SHA-256 of the package before sealing
	Sealed   bundle.Digest // SHA-256 of the sealed file
	Size     int64         // bytes of the sealed file
	Records  int
	Files    []bundle.Entry
}
