package paper

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"github.com/smallstep/pkcs7"

	"letterlock/desk/casefile"
)

const maxSignatures = 20

// Roots are the authorities that the operator believes when they vouch for a
// signer; nil is none.
type Roots = *x509.CertPool

// The things that are wrong with a signature, as the team reads them.
var (
	errCoverage    = errors.New("it does not cover the whole file: something was added or changed after it, or was never signed")
	errGap         = errors.New("what it leaves out of the file is more than itself")
	errDigest      = errors.New("the file, or the signature, was changed after signing")
	errAlgorithm   = errors.New("it uses a method that is too old or not known here, and cannot be checked")
	errForm        = errors.New("it cannot be read, and so cannot be checked")
	errTimestamp   = errors.New("it is a time stamp and no person’s signature; time stamps are not checked here")
	errCertificate = errors.New("the signer’s certificate was changed, or cannot be checked")
	errMany        = errors.New("there are more signatures than any paper carries; they were not checked")
	errHidden      = errors.New("the file holds a signature that is not in use any more, or is hidden")
)

// signatures checks every signature of the paper. The paper is whole only if
// nothing at all is wrong: with an earlier signature under a later one, too,
// something was added after the earlier.
func (d *document) signatures(b []byte, roots Roots, now time.Time) (casefile.SignatureState, []casefile.Signature) {
	var out []casefile.Signature
	state := casefile.Whole
	for _, x := range d.dicts {
		if !d.isSignature(x) {
			continue
		}
		if len(out) == maxSignatures-1 {
			return casefile.Broken, append(out, casefile.Signature{Wrong: errMany.Error()})
		}
		s := d.signature(x, b, roots, now)
		if s.Wrong != "" {
			state = casefile.Broken
		}
		out = append(out, s)
	}
	if bytes.Count(b, []byte("/ByteRange")) > len(out) {
		state, out = casefile.Broken, append(out, casefile.Signature{Wrong: errHidden.Error()})
	}
	if len(out) == 0 {
		return casefile.Unsigned, nil
	}
	return state, out
}

func (d *document) isSignature(x types.Dict) bool {
	t := d.name(x, "Type")
	return d.has(x, "ByteRange") || t == "Sig" || t == "DocTimeStamp"
}

func (d *document) signature(x types.Dict, b []byte, roots Roots, now time.Time) casefile.Signature {
	wrong := func(s casefile.Signature, err error) casefile.Signature {
		s.Wrong = err.Error()
		return s
	}
	message, coverage := d.covers(x, b)
	if message == nil {
		return wrong(casefile.Signature{}, coverage)
	}
	if d.name(x, "Type") == "DocTimeStamp" || d.name(x, "SubFilter") == "ETSI.RFC3161" {
		return wrong(casefile.Signature{}, errTimestamp)
	}
	s, p, err := who(message, roots, now)
	switch {
	case coverage != nil:
		return wrong(s, coverage)
	case err != nil:
		return wrong(s, err)
	}
	if f := d.name(x, "SubFilter"); f != "adbe.pkcs7.detached" && f != "ETSI.CAdES.detached" {
		return wrong(s, errAlgorithm)
	}
	r := d.ranges(x)
	p.Content = append(bytes.Clone(b[:r[1]]), b[r[2]:]...)
	if err := verify(p); err != nil {
		return wrong(s, err)
	}
	return s
}

// ranges are the four numbers of a signature's ByteRange, nil if it has not
// just these.
func (d *document) ranges(x types.Dict) []int {
	o, _ := x.Find("ByteRange")
	a, err := d.DereferenceArray(o)
	if err != nil || len(a) != 4 {
		return nil
	}
	var out []int
	for _, e := range a {
		n, ok := e.(types.Integer)
		if !ok || n < 0 {
			return nil
		}
		out = append(out, int(n))
	}
	return out
}

// covers demands that the signed ranges are the whole file but for one gap, and
// that the gap is the signature itself and nothing else. It returns the
// signature's message as the gap, or else the dictionary, has it.
func (d *document) covers(x types.Dict, b []byte) ([]byte, error) {
	message, err := d.contents(x)
	if err != nil {
		return nil, errForm
	}
	r := d.ranges(x)
	if r == nil || r[0] != 0 || r[1] > r[2] || r[2] > len(b) || r[3] != len(b)-r[2] {
		return message, errCoverage
	}
	gap := b[r[1]:r[2]]
	if len(gap) < 2 || gap[0] != '<' || gap[len(gap)-1] != '>' || !bytes.HasSuffix(bytes.TrimRight(b[:r[1]], " \r\n\t"), []byte("/Contents")) {
		return message, errGap
	}
	left, err := hex.DecodeString(string(gap[1 : len(gap)-1]))
	if err != nil || !bytes.HasPrefix(left, message) || len(bytes.Trim(left[len(message):], "\x00")) > 0 {
		return message, errGap
	}
	return message, nil
}

// contents is the signature's message without the zeros that fill its place.
func (d *document) contents(x types.Dict) ([]byte, error) {
	o, _ := x.Find("Contents")
	o, _ = d.Dereference(o)
	h, ok := o.(types.HexLiteral)
	if !ok {
		return nil, errForm
	}
	b, err := h.Bytes()
	if err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	var whole asn1.RawValue
	if _, err := asn1.Unmarshal(b, &whole); err != nil {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	return whole.FullBytes, nil
}

// who reads the message and names the signer as the certificate does. It is
// not checked yet.
func who(message []byte, roots Roots, now time.Time) (casefile.Signature, *pkcs7.PKCS7, error) {
	p, err := parse(message)
	if err != nil || len(p.Signers) != 1 || len(p.Content) > 0 {
		return casefile.Signature{}, nil, errForm
	}
	c := p.GetOnlySigner()
	if c == nil {
		return casefile.Signature{}, nil, errForm
	}
	s := casefile.Signature{Signer: plain(c.Subject.CommonName, c.Subject.String()), Issuer: plain(c.Issuer.CommonName, c.Issuer.String()), Trust: trust(c, p.Certificates, roots, now)}
	var at time.Time
	if p.UnmarshalSignedAttribute(pkcs7.OIDAttributeSigningTime, &at) == nil {
		s.At = at.UTC()
	}
	return s, p, nil
}

// parse shields from the panics of a parser of what strangers send.
func parse(message []byte) (p *pkcs7.PKCS7, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("the signature's parser panicked: %v", r)
		}
	}()
	return pkcs7.Parse(message)
}

var goodDigests = []asn1.ObjectIdentifier{pkcs7.OIDDigestAlgorithmSHA256, pkcs7.OIDDigestAlgorithmSHA384, pkcs7.OIDDigestAlgorithmSHA512}

// verify checks the one signature over the content.
func verify(p *pkcs7.PKCS7) error {
	var good bool
	for _, oid := range goodDigests {
		good = good || p.Signers[0].DigestAlgorithm.Algorithm.Equal(oid)
	}
	if !good {
		return errAlgorithm
	}
	if err := genuine(p); err != nil {
		return err
	}
	err := p.Verify()
	var early *pkcs7.SigningTimeNotValidError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &early):
		return errors.New("it was made outside the time for which the signer’s certificate is valid")
	case strings.Contains(err.Error(), "unsupported"):
		return errAlgorithm
	}
	return errDigest
}

// genuine demands of the signer's certificate, which the signature does not
// cover, that its own issuer's signature holds, if the issuer came along.
func genuine(p *pkcs7.PKCS7) error {
	c := p.GetOnlySigner()
	for _, by := range p.Certificates {
		if bytes.Equal(by.RawSubject, c.RawIssuer) && by.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil {
			return nil
		} else if bytes.Equal(by.RawSubject, c.RawIssuer) {
			return errCertificate
		}
	}
	return nil
}

func trust(c *x509.Certificate, sent []*x509.Certificate, roots Roots, now time.Time) casefile.Trust {
	if now.After(c.NotAfter) || now.Before(c.NotBefore) {
		return casefile.TrustExpired
	}
	if roots != nil {
		between := x509.NewCertPool()
		for _, x := range sent {
			between.AddCert(x)
		}
		if _, err := c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err == nil {
			return casefile.TrustRoot
		}
	}
	if bytes.Equal(c.RawIssuer, c.RawSubject) {
		return casefile.TrustSelf
	}
	return casefile.TrustUnknown
}

// plain is a name from a stranger's certificate that can be shown.
func plain(name, instead string) string {
	if name == "" {
		name = instead
	}
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if r := []rune(name); len(r) > 120 {
		name = string(r[:120]) + "…"
	}
	return name
}
