package paper_test

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"letterlock/desk/casefile"
	"letterlock/desk/paper"
	"letterlock/internal/testkit/papers"
	"letterlock/law"
)

const detached = "adbe.pkcs7.detached"

func look(t testing.TB, b []byte, roots paper.Roots) casefile.Looked {
	t.Helper()
	got, err := paper.Check(b, roots, now)
	if err != nil {
		t.Fatalf("the paper is refused: %v", err)
	}
	return got
}

func TestAPaperWithoutASignature(t *testing.T) {
	got := look(t, papers.Order(3).Bytes(), nil)
	if got.Pages != 3 || got.Signed != casefile.Unsigned || len(got.Signatures) != 0 || got.Signed.Law() != law.SignatureNone {
		t.Errorf("%+v", got)
	}
}

func TestASignatureThatCoversTheWholeFile(t *testing.T) {
	judge := newSigner(t, "Judge A. Alvarez", nil)
	for _, filter := range []string{detached, "ETSI.CAdES.detached"} {
		got := look(t, judge.sign(t, unsigned(2, filter)), nil)
		if got.Signed != casefile.Whole || len(got.Signatures) != 1 || got.Signed.Law() != law.SignatureValid {
			t.Fatalf("%s: %+v", filter, got)
		}
		s := got.Signatures[0]
		if s.Signer != "Judge A. Alvarez" || s.Wrong != "" || s.Trust != casefile.TrustSelf || s.At.IsZero() {
			t.Errorf("%s: %+v", filter, s)
		}
	}
}

func TestWhatIsKnownOfTheSigner(t *testing.T) {
	state := newSigner(t, "State of Harbor, signing", nil)
	judge := newSigner(t, "Judge A. Alvarez", &state)
	b := judge.sign(t, unsigned(1, detached))
	known, others := x509.NewCertPool(), x509.NewCertPool()
	known.AddCert(state.cert)
	others.AddCert(newSigner(t, "Somebody else", nil).cert)
	for _, x := range []struct {
		roots paper.Roots
		when  time.Time
		want  casefile.Trust
	}{{nil, now, casefile.TrustUnknown}, {known, now, casefile.TrustRoot}, {others, now, casefile.TrustUnknown}, {known, now.AddDate(2, 0, 0), casefile.TrustExpired}} {
		got, err := paper.Check(b, x.roots, x.when)
		if err != nil || got.Signed != casefile.Whole || got.Signatures[0].Trust != x.want || got.Signatures[0].Issuer != "State of Harbor, signing" {
			t.Errorf("%+v %v, want trust %q", got, err, x.want)
		}
	}
}

// After each of these a signed paper is not what was signed.
func TestAPaperThatWasChangedIsNeverShownAsSigned(t *testing.T) {
	judge, mallory := newSigner(t, "Judge A. Alvarez", nil), newSigner(t, "Mallory", nil)
	blank := unsigned(2, detached)
	good := judge.sign(t, blank)
	from, to := hole(good)
	page := "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
	other := "BT /F1 24 Tf 72 700 Td (Another order) Tj ET"
	content := func(b []byte) []byte { return append(bytes.Clone(b[:from]), b[to:]...) }
	flip := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 1
		return b
	}
	again := func(by signer) []byte { // a second signature in a revision of its own
		next := papers.Update(good, map[int]string{10: place(detached), 11: field(10), 1: "<< /Type /Catalog /Pages 2 0 R " + fmt.Sprintf(fields, "9 0 R 11 0 R") + " >>"})
		return by.sign(t, next)
	}
	moved := func(r [4]int, over func([]byte) []byte) []byte {
		b := ranged(blank, r)
		return fill(b, judge.message(t, over(b), pkcs7.OIDDigestAlgorithmSHA256))
	}
	tail := len(blank) - to
	for name, b := range map[string][]byte{
		"a letter on a page":                      flip(bytes.Index(good, []byte("page 2"))),
		"a letter after the signature":            flip(bytes.LastIndex(good, []byte("/Size")) + 1),
		"a page replaced by an update":            papers.Update(good, map[int]string{7: papers.Stream("", []byte(other))}),
		"a page added by an update":               papers.Update(good, map[int]string{10: page, 2: "<< /Type /Pages /Count 3 /Kids [4 0 R 6 0 R 10 0 R] >>"}),
		"an empty update":                         papers.Update(good, map[int]string{12: "<< /A 1 >>"}),
		"a note added by an update":               papers.Update(good, map[int]string{4: strings.Replace(page, "/Contents", "/Annots [<< /Type /Annot /Subtype /FreeText /Rect [10 10 90 90] /Contents (new) /DA (/F1 9 Tf) >>] /Contents", 1)}),
		"updated, and signed by somebody else":    mallory.sign(t, papers.Update(papers.Update(good, map[int]string{7: papers.Stream("", []byte(other))}), map[int]string{10: place(detached), 11: field(10), 1: "<< /Type /Catalog /Pages 2 0 R " + fmt.Sprintf(fields, "9 0 R 11 0 R") + " >>"})),
		"countersigned: the first covers less":    again(judge),
		"the signature removed by an update":      papers.Update(good, map[int]string{8: "<< /Nothing true >>", 9: "<< /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /FT /Sig /T (Signature) >>"}),
		"the range stops before the end":          moved([4]int{0, from, to, tail - 20}, func(b []byte) []byte { return append(bytes.Clone(b[:from]), b[to:len(b)-20]...) }),
		"the range begins late":                   moved([4]int{9, from - 9, to, tail}, func(b []byte) []byte { return append(bytes.Clone(b[9:from]), b[to:]...) }),
		"the gap is wider than the signature":     moved([4]int{0, from - 40, to, tail}, func(b []byte) []byte { return append(bytes.Clone(b[:from-40]), b[to:]...) }),
		"the gap reaches behind the signature":    moved([4]int{0, from, to + 8, tail - 8}, func(b []byte) []byte { return append(bytes.Clone(b[:from]), b[to+8:]...) }),
		"overlapping ranges":                      moved([4]int{0, to, from, len(blank) - from}, func(b []byte) []byte { return append(bytes.Clone(b[:to]), b[from:]...) }),
		"a range beyond the file":                 ranged(good, [4]int{0, from, to, tail + 1000}),
		"a range of two numbers":                  bytes.Replace(good, []byte("/ByteRange [0 "), []byte("/ByteRange [0]"), 1),
		"words hidden behind the signature's end": hidden(good, "an order to give everything"),
		"another paper's signature":               fill(ranged(blank, [4]int{0, from, to, tail}), judge.message(t, []byte("another paper"), pkcs7.OIDDigestAlgorithmSHA256)),
		"a signature with SHA-1":                  fill(ranged(blank, [4]int{0, from, to, tail}), judge.message(t, content(ranged(blank, [4]int{0, from, to, tail})), pkcs7.OIDDigestAlgorithmSHA1)),
		"a place that nobody filled":              ranged(blank, [4]int{0, from, to, tail}),
		"a message that is none":                  fill(ranged(blank, [4]int{0, from, to, tail}), []byte("0\x05hello")),
		"a kind of signature that is not checked": judge.sign(t, unsigned(2, "adbe.pkcs7.sha1")),
		"a time stamp":                            judge.sign(t, unsigned(2, "ETSI.RFC3161")),
		"the key's name escaped":                  bytes.Replace(good, []byte("/ByteRange "), []byte("/Byt#65Range"), 1)[:len(good)],
		"bytes of the signature":                  flip(from + len(bytes.TrimRight(good[from:to-1], "0")) - 12),
		"bytes of the certificate":                flip(bytes.Index(good, []byte(hex.EncodeToString(judge.cert.Signature)))),
		"a certificate swapped for one like it":   swapped(t, blank, judge, newSigner(t, "Judge A. Alvarez", nil)),
		"a signer's name in a form that lies":     judge.sign(t, signable(papers.Order(1).With(1, "/Names << /ByteRange [0 1 2 3] >> "))),
	} {
		got, err := paper.Check(b, nil, now)
		if err != nil {
			if name != "a letter after the signature" { // it takes the file's end with it
				t.Errorf("%s: refused altogether, which tests nothing: %v", name, err)
			}
			continue
		}
		if got.Signed != casefile.Broken || got.Signed.Law() != law.SignatureInvalid {
			t.Errorf("%s: shown as %q: %+v", name, got.Signed, got.Signatures)
		}
		for _, s := range got.Signatures {
			if s.Wrong == "" && name != "countersigned: the first covers less" && name != "updated, and signed by somebody else" && !strings.HasPrefix(name, "a signer's name") {
				t.Errorf("%s: a signature is shown as right: %+v", name, s)
			}
		}
	}
	if got := look(t, good, nil); got.Signed != casefile.Whole {
		t.Fatalf("the paper before all these changes: %+v", got)
	}
}

// hidden puts text where the signature's place has zeros.
func hidden(b []byte, text string) []byte {
	_, to := hole(b)
	b = bytes.Clone(b)
	copy(b[to-400:], hex.EncodeToString([]byte(text)))
	return b
}

// swapped carries one judge's signature with another's certificate.
func swapped(t *testing.T, blank []byte, judge, other signer) []byte {
	from, to := hole(blank)
	b := ranged(blank, [4]int{0, from, to, len(blank) - to})
	m := judge.message(t, append(bytes.Clone(b[:from]), b[to:]...), pkcs7.OIDDigestAlgorithmSHA256)
	a, c := judge.cert.Raw, other.cert.Raw
	if len(a) == len(c) {
		return fill(b, bytes.Replace(m, a, c, 1))
	}
	return fill(b, bytes.Replace(m, judge.cert.RawSubjectPublicKeyInfo, other.cert.RawSubjectPublicKeyInfo, 1))
}

func signable(m papers.Made) []byte {
	m, sig := m.Plus(place(detached))
	m, f := m.Plus(field(sig))
	return m.With(1, fmt.Sprintf(fields, fmt.Sprintf("%d 0 R", f))).Bytes()
}

// FuzzSignature: whatever becomes of a signed paper, it is signed only if it is
// the very paper that was signed.
func FuzzSignature(f *testing.F) {
	good := newSigner(f, "Judge A. Alvarez", nil).sign(f, unsigned(1, detached))
	f.Add(uint32(100), byte(1))
	f.Add(uint32(len(good)-3), byte(255))
	f.Fuzz(func(t *testing.T, at uint32, bits byte) {
		b := bytes.Clone(good)
		b[int(at)%len(b)] ^= bits
		got, err := paper.Check(b, nil, now)
		if err != nil || got.Signed != casefile.Whole || bytes.Equal(b, good) {
			return
		}
		from, to := hole(good)
		if i := int(at) % len(b); i <= from || i >= to { // within its own place, hex may be written in capitals
			t.Errorf("byte %d changed by %#x, and still signed", i, bits)
		}
	})
}
