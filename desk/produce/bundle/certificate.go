package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// CertificateFormat is the name and version of a certificate, and of a package
// that carries one around a sealed package.
const CertificateFormat = "letterlock certificate 1"

// The files of a certified package, in their order: the certificate, the
// provider's signature over it, the same to read, and the sealed package.
const (
	CertificateName = "certificate.json"
	CertificateSig  = "certificate.sig"
	CertificatePDF  = "certificate.pdf"
	SealedName      = "package.tar.age"
)

// maxCertificate bounds certificate.json and certificate.pdf.
const maxCertificate = 4 << 20

// Certificate is certificate.json: who signed which text, and all that it takes
// to check the signature.
type Certificate struct {
	Format        string    `json:"format"`
	Statement     Statement `json:"statement"`
	Text          string    `json:"text"`
	Signer        Holder    `json:"signer"`
	Authenticator []byte    `json:"authenticator_data"`
	ClientData    []byte    `json:"client_data_json"`
	Signature     []byte    `json:"signature"`
	Enrolled      []byte    `json:"enrolled,omitempty"` // ledger proof that the passkey is the signer's
	Key           PublicKey `json:"production_key"`     // whose signature certificate.sig is
	PDF           Entry     `json:"pdf"`
}

// Encode writes a certificate in its one form.
func (c Certificate) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(c); err != nil {
		return nil, fmt.Errorf("write certificate: %w", err)
	}
	return b.Bytes(), nil
}

// ParseCertificate reads a certificate. Its bytes must be exactly what Encode
// writes for it.
func ParseCertificate(b []byte) (*Certificate, error) {
	if len(b) > maxCertificate {
		return nil, errors.New("it is larger than any certificate")
	}
	var c Certificate
	if err := strict(b, &c); err != nil {
		return nil, err
	}
	c.Statement.Collected, c.Statement.Signed = c.Statement.Collected.UTC(), c.Statement.Signed.UTC()
	again, err := c.Encode()
	switch {
	case err != nil || !bytes.Equal(again, b):
		return nil, errors.New("it is not written in its one form")
	case c.Format != CertificateFormat:
		return nil, fmt.Errorf("its format is %q, and this program reads %q", c.Format, CertificateFormat)
	case c.PDF.Name != CertificatePDF || c.PDF.Size < 0 || c.PDF.Size > maxCertificate || c.Statement.Size < 0 || c.Statement.Size > MaxFile:
		return nil, errors.New("a size in it is out of bounds")
	}
	return &c, nil
}

// CertificateFiles are the files of a certificate as they lie somewhere.
type CertificateFiles struct{ JSON, Sig, PDF []byte }

// open reads a certificate whose files are the ones that the provider signed.
func (f CertificateFiles) open() (*Certificate, error) {
	c, err := ParseCertificate(f.JSON)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be accepted: %w", CertificateName, err)
	case !c.Key.Verify(f.JSON, f.Sig):
		return nil, errors.New("the provider's signature does not fit it: it was changed after signing, or never signed")
	case int64(len(f.PDF)) != c.PDF.Size || sha256.Sum256(f.PDF) != c.PDF.SHA256:
		return nil, fmt.Errorf("%s is not the one that belongs to it", CertificatePDF)
	}
	return c, nil
}

// judgeCertificate says who signed what about this package, and what that does
// not show. It comes after the package itself has been judged.
func judgeCertificate(report *Report, f *CertificateFiles, trust Trust) {
	if f == nil {
		if report.Manifest.Certified {
			report.fails("certificate", "The custodian's certificate is missing: the manifest says that this package left the provider only with one around it. Somebody took it out of its certificate, or this is not the file that was downloaded. Ask for the whole file.")
			return
		}
		if report.Manifest.Records > 0 {
			report.note("certificate", "The package carries no certificate of a custodian of records.")
		}
		return
	}
	c, err := f.open()
	if err == nil {
		err = c.about(report.Manifest, report.manifest)
	}
	if err == nil {
		err = c.signed(trust)
	}
	if err != nil {
		report.fails("certificate", fmt.Sprintf("The custodian's certificate does not hold: %s.", err))
		return
	}
	c.holds(report, trust)
}

// about: each particular is the package's own, and the text says these
// particulars.
func (c *Certificate) about(m *Manifest, manifest Digest) error {
	s := c.Statement
	switch {
	case c.Key != m.Key:
		return errors.New("another production key put it together than the package")
	case s.Manifest != manifest || s.Package != m.Package || s.Case != m.Case:
		return fmt.Errorf("it is about package %s of case %s, not about this one", s.Package, s.Case)
	case s.Provider != m.Provider || s.Reference != m.Reference || s.Records != m.Records || !slices.Equal(s.Files, RecordFiles(m.Files)):
		return errors.New("what it says about the package is not what the manifest says")
	case s.Signed.Before(m.Created):
		return errors.New("it says that it was signed before the package was made")
	case c.Text != s.Text():
		return errors.New("its text is not the one that its particulars make")
	case c.Signer.Holder != s.Custodian:
		return fmt.Errorf("it names %s as the custodian, and the passkey of %s", s.Custodian, c.Signer.Holder)
	}
	return nil
}

// signed checks the passkey's signature over the text, and whose key it is.
func (c *Certificate) signed(trust Trust) error {
	h := CertificateHash(c.Text)
	_, err := passkey.VerifyAssertion(c.Signer.Public, c.Signer.RPID, c.Signer.Origin, h[:], passkey.Assertion{
		KeyID: c.Signer.ID, AuthenticatorData: c.Authenticator, ClientData: c.ClientData, Signature: c.Signature})
	if err != nil {
		return fmt.Errorf("the signature of %s over its text does not hold: %s", c.Signer.Holder, strings.TrimSuffix(fault.Say(err), "."))
	}
	if len(trust.Custodians) > 0 && !slices.ContainsFunc(trust.Custodians, c.Signer.same) {
		return fmt.Errorf("this passkey is not one that the key file names for a custodian called %s", c.Signer.Holder)
	}
	return nil
}

func (c *Certificate) holds(report *Report, trust Trust) {
	s, demo := c.Statement, ""
	if c.Signer.Demo {
		demo = " (DEMO key)"
	}
	report.holds("certificate", fmt.Sprintf("%s, %s at %s, signed the certificate of records with a passkey%s at %s on %s. The passkey checked who used it. What was signed is the exact text in %s: it names this package, its records and its manifest by their hashes, under Federal Rules of Evidence 902(11) and 902(13).",
		s.Custodian, s.Title, s.Provider, demo, c.Signer.Origin, day(s.Signed), CertificatePDF))
	if len(trust.Custodians) > 0 {
		report.holds("custodian", "The key file given names this passkey for this custodian.")
	} else {
		report.note("custodian", "That this is the passkey of a custodian of the provider rests on the package: the key file given does not name any.")
	}
	c.enrolment(report, trust)
	report.note("certificate-limits", "What this does not show: that the custodian's statements are true, which is their own word under penalty of perjury; that the moment is right, which is by the provider's clock; and whether a court accepts the certificate. By its own text the custodian has not read the records.")
}

// made is the time that the files of a certified package bear.
func (c *Certificate) made() time.Time { return c.Statement.Signed }
