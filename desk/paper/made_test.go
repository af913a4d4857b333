package paper_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"letterlock/internal/testkit/papers"
)

// now is the day on which the papers of these tests come.
var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// signer signs papers.
type signer struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newSigner(t testing.TB, name string, by *signer) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		IsCA: by == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	parent, signing := c, crypto.Signer(key)
	if by != nil {
		parent, signing = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signing)
	if err != nil {
		t.Fatal(err)
	}
	got, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return signer{got, key}
}

// message is a detached CMS signature.
func (s signer) message(t testing.TB, content []byte, digest asn1.ObjectIdentifier) []byte {
	t.Helper()
	d, err := pkcs7.NewSignedData(content)
	if err != nil {
		t.Fatal(err)
	}
	d.SetDigestAlgorithm(digest)
	if err := d.AddSigner(s.cert, s.key, pkcs7.SignerInfoConfig{}); err != nil {
		t.Fatal(err)
	}
	d.Detach()
	b, err := d.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// room is how many bytes a signature's place has.
const room = 4096

const fields = "/AcroForm << /SigFlags 3 /Fields [%s] >>"

// place is an object for a signature that is not made yet.
func place(filter string) string {
	return "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /" + filter + " /ByteRange [0 0000000001 0000000002 0000000003] /Contents <" + strings.Repeat("0", 2*room) + "> >>"
}

func field(value int) string {
	return fmt.Sprintf("<< /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /F 132 /FT /Sig /T (Signature %d) /V %d 0 R >>", value, value)
}

// unsigned is a paper with an empty place for a signature.
func unsigned(pages int, filter string) []byte {
	m, sig := papers.Order(pages).Plus(place(filter))
	m, f := m.Plus(field(sig))
	return m.With(1, fmt.Sprintf(fields, fmt.Sprintf("%d 0 R", f))).Bytes()
}

// hole is the last empty place in a paper.
func hole(b []byte) (from, to int) {
	i := bytes.LastIndex(b, []byte("/Contents <"))
	return i + len("/Contents "), i + len("/Contents ") + 2*room + 2
}

// ranged writes the range of the last place.
func ranged(b []byte, r [4]int) []byte {
	b = bytes.Clone(b)
	i := bytes.LastIndex(b, []byte("/ByteRange ["))
	end := i + bytes.IndexByte(b[i:], ']')
	text := fmt.Sprintf("/ByteRange [%d %d %d %d", r[0], r[1], r[2], r[3])
	copy(b[i:end], text+strings.Repeat(" ", end-i-len(text)))
	return b
}

// fill puts a message into the last place.
func fill(b, message []byte) []byte {
	from, _ := hole(b)
	b = bytes.Clone(b)
	copy(b[from+1:], hex.EncodeToString(message))
	return b
}

// sign fills the last place with a right signature over everything else.
func (s signer) sign(t testing.TB, b []byte) []byte {
	t.Helper()
	from, to := hole(b)
	b = ranged(b, [4]int{0, from, to, len(b) - to})
	return fill(b, s.message(t, append(bytes.Clone(b[:from]), b[to:]...), pkcs7.OIDDigestAlgorithmSHA256))
}
