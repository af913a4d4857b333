package casefile

import (
	"slices"
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

// Uncertified reports a package that waits for a custodian. One case has one at
// a time: what comes meanwhile is packed when that has left.
func (c Case) Uncertified() bool { return c.Sealing != nil && c.Certificate == nil }

// ToJoin reports a package that is certified and has not left yet.
func (c Case) ToJoin() bool {
	return c.Sealing != nil && c.Certificate != nil && !c.left(c.Sealing.Package.ID)
}

func (c Case) left(id PackageID) bool {
	return slices.ContainsFunc(c.Packages, func(p Package) bool { return p.ID == id })
}

// SealedFor is what was sealed for a package before its certificate came.
func (c Case) SealedFor(id PackageID) (out []Sealing) {
	for _, x := range c.SealedBefore {
		if x.Package.ID == id {
			out = append(out, x)
		}
	}
	if c.Sealing != nil && c.Sealing.Package.ID == id {
		out = append(out, *c.Sealing)
	}
	return out
}

func foldSealedUp(c *Case, e Event) error {
	switch {
	case e.Certify == nil || e.Certify.Sealing == nil || len(e.Certify.Sealing.Statement) == 0:
		return errParticulars
	case c.Uncertified() || c.ToJoin() || c.left(e.Certify.Sealing.Package.ID):
		return conflict("a package of this case is on its way already")
	}
	if c.Sealing != nil {
		c.SealedBefore = append(slices.Clone(c.SealedBefore), *c.Sealing)
	}
	c.Sealing, c.Certificate = e.Certify.Sealing, nil
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

// foldUncertified gives up what nobody certified: its grants are spent. Where
// nothing had left before, new ones can be signed for the same records; else the
// accounts of the package are lost to this case, and its answer stands.
func foldUncertified(c *Case, e Event) error {
	if !c.Uncertified() {
		return conflict("no package waits for a certificate")
	}
	if served := c.Sealing.Package.Served; len(c.Packages) > 0 {
		for _, x := range served {
			if i := c.grant(x.Grant); i >= 0 {
				c.Grants[i].List = c.Grants[i].List.lose(x.Seq)
			}
		}
		c.Sealing = nil
		return nil
	}
	for i := range c.Grants {
		if g := &c.Grants[i]; (g.Phase == GrantUsed || g.Begun()) && g.Grant.Kind == disclosable.Produce {
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
