package casefile

import (
	"time"

	"letterlock/law"
)

// SignatureState is what became of checking a paper's electronic signatures.
type SignatureState string

// The three states. A paper that was changed after it was signed is Broken and
// never Whole, whatever was signed before.
const (
	Unsigned SignatureState = ""
	Whole    SignatureState = "whole"  // every signature is right and the last byte of the file is signed
	Broken   SignatureState = "broken" // there is one, and the file as it is now is not what was signed, or that cannot be known
)

// Law is the state as a fact for the law's findings.
func (s SignatureState) Law() law.SignatureState {
	switch s {
	case Whole:
		return law.SignatureValid
	case Broken:
		return law.SignatureInvalid
	}
	return law.SignatureNone
}

// Trust says what is known of a signer's certificate.
type Trust string

// What can be known.
const (
	TrustUnknown Trust = ""        // issued by an authority that the operator has not named
	TrustSelf    Trust = "self"    // the signer vouches for themself
	TrustRoot    Trust = "root"    // an authority that the operator named vouches
	TrustExpired Trust = "expired" // the certificate was past its time when the paper came
)

// Signature is one electronic signature on a paper.
type Signature struct {
	Signer string    `cbor:"signer,omitempty"` // as the certificate names them; empty: not known
	Issuer string    `cbor:"issuer,omitempty"`
	At     time.Time `cbor:"at,omitempty"` // as the signer's own clock had it
	Trust  Trust     `cbor:"trust,omitempty"`
	Wrong  string    `cbor:"wrong,omitempty"` // what is wrong with it; empty: it is right and covers the whole file
}

// Looked is what looking into a paper found.
type Looked struct {
	Pages      int            `cbor:"pages"`
	Signed     SignatureState `cbor:"signed,omitempty"`
	Signatures []Signature    `cbor:"signatures,omitempty"`
}

// Zoom is one of the sizes in which a page is drawn.
type Zoom string

// The sizes.
const (
	ZoomPage  Zoom = "page"  // to read on a screen
	ZoomClose Zoom = "close" // for small print and stamps
)

// ReadOutside marks a reading by outside counsel: it is on record, and the team
// still has to read the paper itself.
const ReadOutside = "outside"

// ReadBy reports that a member's reading of a paper is on record.
func (c Case) ReadBy(id PaperID, m MemberID) bool {
	for _, e := range c.Events {
		if e.Kind == KPaperRead && e.PaperID == id && e.By.MemberID() == m {
			return true
		}
	}
	return false
}
