package casefile

import (
	"time"

	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// The events of a custodian's certificate.
const (
	KSealedUp    Kind = "package.sealed"      // the package is sealed and waits for its certificate
	KCertified   Kind = "package.certified"   // a custodian signed it
	KUncertified Kind = "package.uncertified" // nobody did in time: it is destroyed
)

// DutyCertify looks after a package that waits for a custodian's signature.
const DutyCertify DutyKind = "certify"

// Sealing is a package that is sealed to whom it is for and waits for its
// certificate. What it was made from is gone.
type Sealing struct {
	Package   Package `cbor:"package"`
	Statement []byte  `cbor:"statement"` // what is to be certified, but for who and when
}

// Certificate is the text that a custodian read and signed.
type Certificate struct {
	Package PackageID `cbor:"package"`
	Member  MemberID  `cbor:"member"`
	Name    string    `cbor:"name"`
	Text    string    `cbor:"text"`
	Hash    [32]byte  `cbor:"hash"` // the challenge that the text makes
	At      time.Time `cbor:"at"`   // when the text was shown
	passkey.Signature
}

// CertifyAct is what an event of a certificate carries.
type CertifyAct struct {
	Sealing     *Sealing     `cbor:"sealing,omitempty"`
	Certificate *Certificate `cbor:"certificate,omitempty"`
}

func init() {
	folds[KSealedUp], folds[KCertified], folds[KUncertified] = foldSealedUp, foldCertified, foldUncertified
	saysOf[KSealedUp] = func(Case, Event) string {
		return "sealed the package to the agency; it waits for a custodian's certificate"
	}
	saysOf[KCertified] = func(Case, Event) string { return "certified the records of the package, with their passkey" }
	saysOf[KUncertified] = func(Case, Event) string { return "destroyed the package, which nobody had certified" }
}

// Uncertified reports a package that waits for a custodian.
func (c Case) Uncertified() bool { return c.Sealing != nil && c.Certificate == nil }

func foldSealedUp(c *Case, e Event) error {
	switch {
	case e.Certify == nil || e.Certify.Sealing == nil || len(e.Certify.Sealing.Statement) == 0:
		return errParticulars
	case c.Sealing != nil || len(c.Packages) > 0:
		return conflict("this case has a package already")
	}
	c.Sealing = e.Certify.Sealing
	return nil
}

// foldCertified takes the signature of the member who gives it, over a text
// about the package that waits.
func foldCertified(c *Case, e Event) error {
	if e.Certify == nil || e.Certify.Certificate == nil {
		return errParticulars
	}
	x := e.Certify.Certificate
	switch {
	case c.Sealing == nil || c.Sealing.Package.ID != x.Package:
		return conflict("this package does not wait for a certificate")
	case c.Certificate != nil:
		return conflict("this package is certified already")
	case x.Member == "" || e.By.MemberID() != x.Member:
		return conflict("whoever certifies does it themselves")
	}
	if err := x.Over(x.Hash); err != nil {
		return err
	}
	c.Certificate = x
	return nil
}

// foldUncertified gives up what nobody certified: its grants are spent, and new
// ones have to be signed for the same records.
func foldUncertified(c *Case, e Event) error {
	if !c.Uncertified() {
		return conflict("no package waits for a certificate")
	}
	for i := range c.Grants {
		if g := &c.Grants[i]; g.Phase == GrantUsed && g.Grant.Kind == disclosable.Produce {
			g.Phase, g.Why, g.Used = GrantLost, e.Why, time.Time{} // nothing left the house
		}
	}
	c.Sealing = nil
	return nil
}

// readFor is how long a text may be read before it is signed: the moment it
// names is the moment it was shown.
const readFor = 30 * time.Minute

// StillShown refuses a signature under a text that was shown too long ago, or
// in the future.
func StillShown(now, shown time.Time) error {
	if shown.After(now.Add(time.Second)) || now.Sub(shown) > readFor {
		return fault.New(fault.Expired, "sign text", "the page was open for too long; read it again and sign")
	}
	return nil
}
