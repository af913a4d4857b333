package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
)

// custodianTitle is what a custodian is in the text that they sign.
const custodianTitle = "a custodian of records"

// statementOf is what can be certified of a package that was just sealed: all
// but by whom and when.
func statementOf(in produce.Input, got produce.Receipt) ([]byte, error) {
	collected := in.Collected
	if collected.IsZero() {
		collected = in.Created
	}
	process := in.Process.Name
	if in.Process.Citation != "" {
		process += ", " + in.Process.Citation
	}
	b, err := json.Marshal(bundle.Statement{Provider: in.Provider.Name, Title: custodianTitle, Case: in.Case, Reference: in.TheirReference, Process: process,
		Package: in.Package, Collected: collected.UTC().Truncate(time.Second), Records: got.Records, Files: bundle.RecordFiles(got.Files),
		Manifest: got.Manifest, Sealed: got.Sealed, Size: got.Size})
	if err != nil {
		return nil, fmt.Errorf("state what is to be certified: %w", err)
	}
	return b, nil
}

// certifier joins the review's certificates with desk/produce.
type certifier struct {
	conf     Config
	enrolled *enrolments
}

// Enrolled is review.Certifier's.
func (x certifier) Enrolled(ctx context.Context) error { return x.enrolled.Now(ctx) }

func statement(raw []byte, name string, at time.Time) (bundle.Statement, error) {
	var s bundle.Statement
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("read what is to be certified: %w", err)
	}
	s.Custodian, s.Signed = strings.TrimSpace(name), at.UTC()
	return s, nil
}

// Text is review.Certifier's.
func (certifier) Text(raw []byte, name string, at time.Time) (string, [32]byte, error) {
	s, err := statement(raw, name, at)
	if err != nil {
		return "", [32]byte{}, err
	}
	text := s.Text()
	return text, bundle.CertificateHash(text), nil
}

// Certify is review.Certifier's. It refuses to put a certificate around a
// package that it is not about.
func (x certifier) Certify(ctx context.Context, w io.Writer, sealing casefile.Sealing, c casefile.Certificate, pass casefile.Secret, sealed func(io.Writer) error) error {
	s, err := statement(sealing.Statement, c.Name, c.At)
	if err != nil {
		return err
	}
	if s.Text() != c.Text || bundle.CertificateHash(c.Text) != c.Hash || s.Package != string(sealing.Package.ID) || s.Sealed.String() != string(sealing.Package.Sum) {
		return errors.New("refusing to certify: the certificate is not about this package")
	}
	to, err := produce.SealAgain(sealing.Package.SealedTo, pass.Reveal())
	if err != nil {
		return err
	}
	a := c.Assertion
	signer := bundle.Holder{Holder: s.Custodian, ID: a.KeyID, Public: c.Public, RPID: c.RPID, Origin: c.Origin, Demo: c.Demo}
	enrolled, err := x.enrolled.proof(ctx, signer)
	if err != nil {
		return err
	}
	_, err = x.conf.Produce.Certify(w, bundle.Certificate{Statement: s, Text: c.Text, Enrolled: enrolled, Signer: signer,
		Authenticator: a.AuthenticatorData, ClientData: a.ClientData, Signature: a.Signature}, sealed, to)
	return err
}
