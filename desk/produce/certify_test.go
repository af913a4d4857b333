package produce_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"filippo.io/age"

	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
	"letterlock/internal/passkey"
	soft "letterlock/internal/testkit/passkey"
)

var deskSite = passkey.Site{ID: "desk.localhost", Origin: "https://desk.localhost:8443", Name: "Desk"}

// custody is a sealed package and a custodian who may certify it.
type custody struct {
	*cast
	t      *testing.T
	id     *age.X25519Identity
	seal   produce.Seal
	sealed []byte
	packed produce.Receipt
	in     produce.Input
	pen    *soft.Authenticator
	key    passkey.Key
}

const custodian = "Ravi Menon"

func newCustody(t *testing.T) *custody {
	t.Helper()
	c := &custody{cast: newCast(t), t: t, pen: soft.New()}
	var err error
	c.id, err = age.GenerateX25519Identity()
	must(t, err)
	c.seal, err = produce.SealTo(c.id.Recipient().String())
	must(t, err)
	c.in = c.input(t)
	c.in.Certified = true
	var b bytes.Buffer
	c.packed, err = (&produce.Packer{Key: c.cast.key}).Pack(context.Background(), &b, c.in, c.seal)
	must(t, err)
	c.sealed = b.Bytes()
	c.key, err = c.pen.Enrol(deskSite, custodian)
	must(t, err)
	return c
}

func (c *custody) statement() bundle.Statement {
	return bundle.Statement{Provider: c.in.Provider.Name, Custodian: custodian, Title: "a custodian of records", Case: c.in.Case, Reference: c.in.TheirReference,
		Process: "Court order, 18 USC 2703(d)", Package: c.in.Package, Collected: c.in.Collected, Records: c.packed.Records, Files: bundle.RecordFiles(c.packed.Files),
		Manifest: c.packed.Manifest, Sealed: c.packed.Sealed, Size: c.packed.Size, Signed: now.Add(time.Hour)}
}

// signed is a certificate as an honest desk has it signed.
func (c *custody) signed(s bundle.Statement) bundle.Certificate { return c.signedBy(c.pen, c.key, s) }

func (c *custody) signedBy(pen *soft.Authenticator, key passkey.Key, s bundle.Statement) bundle.Certificate {
	c.t.Helper()
	text := s.Text()
	h := bundle.CertificateHash(text)
	a, err := pen.Sign(deskSite, h[:])
	must(c.t, err)
	return bundle.Certificate{Statement: s, Text: text, Signer: bundle.Holder{Holder: s.Custodian, ID: key.ID, Public: key.Public, RPID: deskSite.ID, Origin: deskSite.Origin},
		Authenticator: a.AuthenticatorData, ClientData: a.ClientData, Signature: a.Signature}
}

// opened is the certified package with its outer seal open. The provider's
// own key signs it, whatever it says: the forger here is the provider.
func (c *custody) opened(x bundle.Certificate) []byte {
	c.t.Helper()
	var b bytes.Buffer
	_, err := (&produce.Packer{Key: c.cast.key}).Certify(&b, x, func(w io.Writer) error { _, err := w.Write(c.sealed); return err }, c.seal)
	must(c.t, err)
	in, err := age.Decrypt(&b, c.id)
	must(c.t, err)
	out, err := io.ReadAll(in)
	must(c.t, err)
	return out
}

func (c *custody) trusts() bundle.Trust {
	t := c.trust()
	t.Custodians = []bundle.Holder{{Holder: custodian, ID: c.key.ID, Public: c.key.Public, RPID: deskSite.ID, Origin: deskSite.Origin}}
	return t
}

func (c *custody) check(b []byte) *bundle.Report {
	return bundle.Verify(bytes.NewReader(b), bundle.Options{Trust: c.trusts(), Now: now.Add(2 * time.Hour), Identities: []age.Identity{c.id}})
}

func line(r *bundle.Report, check string) (bundle.State, string) {
	for _, l := range r.Lines {
		if l.Check == check {
			return l.State, l.Text
		}
	}
	return "", ""
}

func TestACertifiedPackageHolds(t *testing.T) {
	c := newCustody(t)
	var b bytes.Buffer
	got, err := (&produce.Packer{Key: c.cast.key}).Certify(&b, c.signed(c.statement()), func(w io.Writer) error { _, err := w.Write(c.sealed); return err }, c.seal)
	must(t, err)
	if got.Size != int64(b.Len()) {
		t.Errorf("%d bytes instead of %d", got.Size, b.Len())
	}
	files := kept{}
	r := bundle.VerifySealed(bytes.NewReader(b.Bytes()), []age.Identity{c.id}, bundle.Options{Trust: c.trusts(), Now: now.Add(2 * time.Hour), Sink: files})
	if !r.OK() {
		t.Fatalf("a good package does not hold:\n%s", text(r))
	}
	for check, want := range map[string]string{"certificate": custodian + ", a custodian of records at " + providerName + ", signed", "custodian": "The key file given names this passkey", "certificate-limits": "What this does not show"} {
		if _, said := line(r, check); !strings.Contains(said, want) {
			t.Errorf("%s says %q", check, said)
		}
	}
	for _, name := range []string{bundle.CertificateName, bundle.CertificateSig, bundle.CertificatePDF, bundle.RecordsCSV, bundle.LetterName} {
		if files[name] == nil || files[name].Len() == 0 {
			t.Errorf("the package holds no %s", name)
		}
	}
	if files[bundle.SealedName] != nil {
		t.Error("the sealed package inside is extracted beside what it holds")
	}
	c.folder(files)
}

// folder: what was extracted still checks, and what is changed there is found.
func (c *custody) folder(files kept) {
	c.t.Helper()
	all := fstest.MapFS{}
	for name, f := range files {
		all[name] = &fstest.MapFile{Data: slices.Clone(f.Bytes())}
	}
	check := func() *bundle.Report {
		in, strangers, err := bundle.Folder(all)
		must(c.t, err)
		defer in.Close()
		if len(strangers) > 0 {
			c.t.Errorf("strangers %q", strangers)
		}
		cert, err := bundle.FolderCertificate(all)
		must(c.t, err)
		return bundle.Verify(in, bundle.Options{Trust: c.trusts(), Now: now.Add(2 * time.Hour), Certificate: cert})
	}
	if r := check(); !r.OK() {
		c.t.Fatalf("the folder does not hold:\n%s", text(r))
	}
	for _, name := range []string{bundle.CertificateName, bundle.CertificateSig, bundle.CertificatePDF} {
		whole := all[name]
		for i := 0; i < len(whole.Data); i += 1 + len(whole.Data)/200 {
			whole.Data[i] ^= 1
			if state, _ := line(check(), "certificate"); state != bundle.Fails {
				c.t.Fatalf("byte %d of %s in the folder does not count", i, name)
			}
			whole.Data[i] ^= 1
		}
		delete(all, name)
		if state, _ := line(check(), "certificate"); state != bundle.Fails {
			c.t.Errorf("a folder without %s holds", name)
		}
		all[name] = whole
	}
}

// TestAFlippedByteOfACertifiedPackageIsFound tries every byte of the
// certificate and of what stands between, and many of the sealed package.
func TestAFlippedByteOfACertifiedPackageIsFound(t *testing.T) {
	c := newCustody(t)
	b := c.opened(c.signed(c.statement()))
	if r := c.check(b); !r.OK() {
		t.Fatalf("not good to begin with:\n%s", text(r))
	}
	inner := bytes.Index(b, c.sealed)
	tried := 0
	for i := 0; i < len(b); i++ {
		switch {
		case i > inner+400 && i < inner+len(c.sealed)-64:
			i += 1009 // age's own chunks: each is sealed as a whole
		case i > 8_000 && i < inner-1024:
			i += 61 // the page to read: one hash covers it
		}
		b[i] ^= 0x20
		if c.check(b).OK() {
			t.Fatalf("byte %d of %d was flipped and everything holds", i, len(b))
		}
		b[i] ^= 0x20
		tried++
	}
	t.Logf("%d positions of %d bytes", tried, len(b))
	for _, cut := range []int{1, inner - 1, inner + 1000, len(b) - 1} {
		if c.check(b[:cut]).OK() {
			t.Errorf("cut to %d bytes and everything holds", cut)
		}
	}
	if c.check(append(slices.Clone(b), 0)).OK() {
		t.Error("a byte was appended and everything holds")
	}
}

// TestForgedCertificates: the provider's own key signs each of these, so that
// only the custodian's passkey stands against it.
func TestForgedCertificates(t *testing.T) {
	c := newCustody(t)
	stranger := soft.New()
	strangers, err := stranger.Enrol(deskSite, custodian)
	must(t, err)
	another := func() bundle.Certificate { // a true certificate of another case
		s := c.statement()
		s.Case, s.Package, s.Manifest[0] = "LL-2026-000099", "P-OTHER", s.Manifest[0]^1
		return c.signed(s)
	}
	unverified := func() bundle.Certificate {
		c.pen.Unverified = true
		defer func() { c.pen.Unverified = false }()
		return c.signed(c.statement())
	}
	elsewhere := func() bundle.Certificate {
		c.pen.Origin = "https://evil.localhost"
		defer func() { c.pen.Origin = "" }()
		return c.signed(c.statement())
	}
	change := func(f func(*bundle.Certificate)) bundle.Certificate {
		x := c.signed(c.statement())
		f(&x)
		return x
	}
	for what, a := range map[string]struct {
		cert bundle.Certificate
		says string
	}{
		"the text swapped after signing":        {change(func(x *bundle.Certificate) { x.Text = strings.Replace(x.Text, "I have not read", "I have read", 1) }), "its text is not the one"},
		"particulars and text swapped together": {change(func(x *bundle.Certificate) { x.Statement.Process = "Search warrant"; x.Text = x.Statement.Text() }), "the passkey signed something else"},
		"the day swapped": {change(func(x *bundle.Certificate) {
			x.Statement.Signed = x.Statement.Signed.Add(time.Minute)
			x.Text = x.Statement.Text()
		}), "the passkey signed something else"},
		"a signature of another text": {change(func(x *bundle.Certificate) {
			o := another()
			x.Authenticator, x.ClientData, x.Signature = o.Authenticator, o.ClientData, o.Signature
		}), "the passkey signed something else"},
		"another key under the same name":  {c.signedBy(stranger, strangers, c.statement()), "not one that the key file names"},
		"another custodian's name":         {change(func(x *bundle.Certificate) { x.Signer.Holder = "Nadia Haddad" }), "names Ravi Menon as the custodian, and the passkey of Nadia Haddad"},
		"a replay from another case":       {another(), "it is about package P-OTHER of case LL-2026-000099"},
		"a passkey that did not check who": {unverified(), "did not check who you are"},
		"another site":                     {elsewhere(), "used on another site"},
		"signed before the package was made": {func() bundle.Certificate {
			s := c.statement()
			s.Signed = now.Add(-time.Hour)
			return c.signed(s)
		}(), "signed before the package was made"},
		"other records than the manifest's": {func() bundle.Certificate { s := c.statement(); s.Records++; return c.signed(s) }(), "not what the manifest says"},
	} {
		r := c.check(c.opened(a.cert))
		state, said := line(r, "certificate")
		if r.OK() || state != bundle.Fails || !strings.Contains(said, a.says) {
			t.Errorf("%s: %s %q", what, state, said)
		}
	}
}

// TestTheCertificateOfAnotherPackage: a true certificate around a package that
// it is not about.
func TestTheCertificateOfAnotherPackage(t *testing.T) {
	c := newCustody(t)
	x := c.signed(c.statement())
	c.in.Package = "P-2"
	var b bytes.Buffer
	got, err := (&produce.Packer{Key: c.cast.key}).Pack(context.Background(), &b, c.in, c.seal)
	must(t, err)
	c.sealed = b.Bytes()
	x.Statement.Size = got.Size // so that the archive closes
	if r := c.check(c.opened(x)); r.OK() {
		t.Errorf("everything holds:\n%s", text(r))
	}
}
