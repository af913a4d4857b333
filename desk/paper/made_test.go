package paper_test

import (
	"bytes"
	"compress/zlib"
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
)

// now is the day on which the papers of these tests come.
var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// made is a PDF made by hand: objects from 1, the first of them the catalogue.
type made struct {
	objects []string
	trailer string
}

// order is a paper of so many pages with a line of text on each.
func order(pages int) made {
	var kids []string
	m := made{objects: []string{"", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}}
	for i := range pages {
		n := len(m.objects) + 1
		text := fmt.Sprintf("BT /F1 24 Tf 72 700 Td (Order, page %d) Tj ET", i+1)
		m.objects = append(m.objects, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> >>", n+1),
			fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text))
		kids = append(kids, fmt.Sprintf("%d 0 R", n))
	}
	m.objects[0] = "<< /Type /Catalog /Pages 2 0 R >>"
	m.objects[1] = fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", pages, strings.Join(kids, " "))
	return m
}

// with adds keys to an object, from 1.
func (m made) with(object int, keys string) made {
	m.objects = append([]string(nil), m.objects...)
	m.objects[object-1] = strings.Replace(m.objects[object-1], "<<", "<< "+keys, 1)
	return m
}

// plus adds an object and returns its number.
func (m made) plus(object string) (made, int) {
	m.objects = append(append([]string(nil), m.objects...), object)
	return m, len(m.objects)
}

func (m made) bytes() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	at := make([]int, len(m.objects))
	for i, o := range m.objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	begin := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, x := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", x)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, m.trailer, begin)
	return b.Bytes()
}

// update appends a revision that replaces or adds objects.
func update(old []byte, objects map[int]string) []byte {
	b := bytes.NewBuffer(bytes.Clone(old))
	i := bytes.LastIndex(old, []byte("startxref\n"))
	var prev int
	fmt.Sscan(string(old[i+len("startxref\n"):]), &prev)
	at, most := map[int]int{}, 0
	for n, o := range objects {
		at[n], most = b.Len(), max(most, n)
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", n, o)
	}
	begin := b.Len()
	b.WriteString("xref\n")
	for n, x := range at {
		fmt.Fprintf(b, "%d 1\n%010d 00000 n \n", n, x)
	}
	fmt.Fprintf(b, "trailer\n<< /Size %d /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n", max(most+1, 40), prev, begin)
	return b.Bytes()
}

// bomb is a content stream that is small here and large when it is unpacked.
func bomb(size int) []byte {
	var b bytes.Buffer
	z, _ := zlib.NewWriterLevel(&b, 9)
	line := bytes.Repeat([]byte("q 1 0 0 1 0 0 cm "), 1<<12)
	for n := 0; n < size; n += len(line) {
		z.Write(line)
	}
	z.Close()
	return b.Bytes()
}

func stream(keys string, body []byte) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", keys, len(body), body)
}

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
	m, sig := order(pages).plus(place(filter))
	m, f := m.plus(field(sig))
	return m.with(1, fmt.Sprintf(fields, fmt.Sprintf("%d 0 R", f))).bytes()
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
