package produce_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/lang"
	"letterlock/ledger/proof"
)

func (c *cast) opened(t testing.TB, in produce.Input) []byte {
	t.Helper()
	var b bytes.Buffer
	receipt, err := (&produce.Packer{Key: c.key, Spool: t.TempDir()}).Open(context.Background(), &b, in, "test")
	must(t, err)
	if receipt.Opened != sha256.Sum256(b.Bytes()) {
		t.Fatal("the receipt names another hash of the opened package")
	}
	return b.Bytes()
}

func (c *cast) verify(b []byte) *bundle.Report {
	return bundle.Verify(bytes.NewReader(b), bundle.Options{Trust: c.trust(), Now: now})
}

func text(r *bundle.Report) string {
	var b strings.Builder
	for _, l := range r.Lines {
		b.WriteString(string(l.State) + " " + l.Check + ": " + l.Text + "\n")
	}
	return b.String()
}

// fails wants a report that does not hold, with a failing line of that check.
func fails(t *testing.T, r *bundle.Report, check, part string) {
	t.Helper()
	if r.OK() {
		t.Errorf("everything holds:\n%s", text(r))
	}
	for _, l := range r.Lines {
		if l.State == bundle.Fails && l.Check == check && strings.Contains(l.Text, part) {
			return
		}
	}
	t.Errorf("no line fails %q with %q:\n%s", check, part, text(r))
}

type kept map[string]*keptFile

type keptFile struct{ bytes.Buffer }

func (*keptFile) Close() error { return nil }

func (k kept) Create(name string, _ int64) (io.WriteCloser, error) {
	k[name] = &keptFile{}
	return k[name], nil
}

func TestRoundTripToAnOfficersKey(t *testing.T) {
	c := newCast(t)
	id, err := age.GenerateX25519Identity()
	must(t, err)
	seal, err := produce.SealTo(id.Recipient().String())
	must(t, err)
	var b bytes.Buffer
	receipt, err := (&produce.Packer{Key: c.key}).Pack(context.Background(), &b, c.input(t), seal)
	must(t, err)
	if receipt.Sealed != sha256.Sum256(b.Bytes()) || receipt.Size != int64(b.Len()) || receipt.Records != 7 {
		t.Errorf("receipt %+v does not describe the package", receipt)
	}
	files := kept{}
	r := bundle.VerifySealed(bytes.NewReader(b.Bytes()), []age.Identity{id}, bundle.Options{Trust: c.trust(), Now: now, Sink: files})
	if !r.OK() {
		t.Fatalf("a good package does not hold:\n%s", text(r))
	}
	for _, check := range []string{"seal", "signature", "provider", "files", "grants", "records", "ledger"} {
		if !slices.ContainsFunc(r.Lines, func(l bundle.Line) bool { return l.Check == check && l.State == bundle.Holds }) {
			t.Errorf("nothing says that %q holds:\n%s", check, text(r))
		}
	}
	for _, want := range []string{bundle.LetterName, bundle.RecordsCSV, bundle.RecordsJSON, bundle.DictionaryCSV, bundle.DictionaryJSN, "grant.cbor",
		"grant-signatures.cbor", bundle.GrantsText, bundle.ProofName, bundle.ManifestName, bundle.SignatureName, bundle.SheetPDF, bundle.SheetText, bundle.TargetsCSV, bundle.SumsName} {
		if files[want] == nil || files[want].Len() == 0 {
			t.Errorf("the package holds no %s", want)
		}
	}
	if r.Manifest.SealedTo != id.Recipient().String() || r.Manifest.TimeZone != "UTC" {
		t.Errorf("manifest %+v", r.Manifest)
	}
}

func TestRoundTripToAPassphrase(t *testing.T) {
	c := newCast(t)
	seal, pass, err := produce.SealWithPassphrase()
	must(t, err)
	var b bytes.Buffer
	_, err = (&produce.Packer{Key: c.key}).Pack(context.Background(), &b, c.input(t), seal)
	must(t, err)
	id, err := age.NewScryptIdentity(pass.Reveal())
	must(t, err)
	if r := bundle.VerifySealed(bytes.NewReader(b.Bytes()), []age.Identity{id}, bundle.Options{Trust: c.trust(), Now: now}); !r.OK() {
		t.Errorf("a good package does not hold:\n%s", text(r))
	}
	wrong, err := age.NewScryptIdentity("another passphrase")
	must(t, err)
	fails(t, bundle.VerifySealed(bytes.NewReader(b.Bytes()), []age.Identity{wrong}, bundle.Options{Trust: c.trust()}), "seal", "does not open")
}

func TestSameInputSameBytes(t *testing.T) {
	c := newCast(t)
	in := c.input(t)
	a := c.opened(t, in)
	zone := time.FixedZone("elsewhere", 5*3600)
	in.Created, in.Expires, in.Received = in.Created.In(zone), in.Expires.In(zone), in.Received.In(zone)
	if b := c.opened(t, in); !bytes.Equal(a, b) {
		t.Error("the same input gave other bytes")
	}
	in.Notice += " "
	in.Package = "P-OTHER"
	if b := c.opened(t, in); bytes.Equal(a, b) {
		t.Error("another input gave the same bytes")
	}
}

// spots are the positions to damage: every byte outside the bodies of PDFs,
// and there every step-th.
func spots(b []byte, files []bundle.Entry, step int) (at []int) {
	pos := 0
	skip := map[int]int{}
	pos = bundle.Block + int(manifestSize(b)) + bundle.Padding(manifestSize(b)) + 2*bundle.Block
	for _, f := range files {
		pos += bundle.Block
		if strings.HasSuffix(f.Name, ".pdf") {
			skip[pos] = pos + int(f.Size)
		}
		pos += int(f.Size) + bundle.Padding(f.Size)
	}
	for i := 0; i < len(b); i++ {
		if end, ok := skip[i]; ok {
			for ; i < end-step; i += step {
				at = append(at, i)
			}
		}
		at = append(at, i)
	}
	return at
}

func manifestSize(b []byte) int64 {
	n := int64(0)
	for _, d := range b[124:135] {
		n = n*8 + int64(d-'0')
	}
	return n
}

func TestAFlippedByteAnywhereIsFound(t *testing.T) {
	c := newCast(t)
	in := c.input(t)
	b := c.opened(t, in)
	good := c.verify(b)
	if !good.OK() {
		t.Fatalf("the package is not good to begin with:\n%s", text(good))
	}
	step := 397
	if testing.Short() {
		step = 4999
	}
	at := spots(b, good.Manifest.Files, step)
	if len(at) < 10_000 {
		t.Fatalf("only %d positions would be tried", len(at))
	}
	if testing.Short() {
		at = slices.Collect(func(yield func(int) bool) {
			for i := 0; i < len(at) && yield(at[i]); i += 7 {
			}
		})
	}
	for _, i := range at {
		b[i] ^= 0x20
		if r := c.verify(b); r.OK() {
			t.Errorf("byte %d of the opened package was flipped and everything holds", i)
		}
		b[i] ^= 0x20
	}
	t.Logf("%d positions of %d bytes", len(at), len(b))
}

func TestAFlippedByteOfTheSealedFileIsFound(t *testing.T) {
	c := newCast(t)
	id, err := age.GenerateX25519Identity()
	must(t, err)
	seal, err := produce.SealTo(id.Recipient().String())
	must(t, err)
	var sealed bytes.Buffer
	_, err = (&produce.Packer{Key: c.key}).Pack(context.Background(), &sealed, c.input(t), seal)
	must(t, err)
	b := sealed.Bytes()
	check := func() *bundle.Report {
		return bundle.VerifySealed(bytes.NewReader(b), []age.Identity{id}, bundle.Options{Trust: c.trust(), Now: now})
	}
	if r := check(); !r.OK() {
		t.Fatalf("not good to begin with:\n%s", text(r))
	}
	header := bytes.Index(b, []byte("\n--- ")) + 80
	for i := 0; i < len(b); i++ {
		if i > header && i < len(b)-64 {
			i += 211
			if i >= len(b) {
				break
			}
		}
		b[i] ^= 0x01
		if check().OK() {
			t.Errorf("byte %d of the sealed file was flipped and everything holds", i)
		}
		b[i] ^= 0x01
	}
	for _, cut := range []int{0, 1, 100, header, len(b) / 2, len(b) - 1} {
		r := bundle.VerifySealed(bytes.NewReader(b[:cut]), []age.Identity{id}, bundle.Options{Trust: c.trust(), Now: now})
		if r.OK() {
			t.Errorf("cut to %d bytes and everything holds", cut)
		}
	}
	more := append(slices.Clone(b), 0)
	if bundle.VerifySealed(bytes.NewReader(more), []age.Identity{id}, bundle.Options{Trust: c.trust(), Now: now}).OK() {
		t.Error("a byte was appended and everything holds")
	}
	other, err := age.GenerateX25519Identity()
	must(t, err)
	fails(t, bundle.VerifySealed(bytes.NewReader(b), []age.Identity{other}, bundle.Options{Trust: c.trust()}), "seal", "does not open")
}

func TestTruncatedAndExtended(t *testing.T) {
	c := newCast(t)
	b := c.opened(t, c.input(t))
	for cut := 0; cut < len(b); cut += 97 {
		if c.verify(b[:cut]).OK() {
			t.Fatalf("cut to %d of %d bytes and everything holds", cut, len(b))
		}
	}
	fails(t, c.verify(append(slices.Clone(b), 0)), "files", "more after its end")
	fails(t, c.verify(nil), "format", "too early")
}

func TestWhoSigned(t *testing.T) {
	c, other := newCast(t), newCast(t)
	b := c.opened(t, c.input(t))
	at := func(trust bundle.Trust, unknown bool) *bundle.Report {
		return bundle.Verify(bytes.NewReader(b), bundle.Options{Trust: trust, Unknown: unknown, Now: now})
	}
	fails(t, at(other.trust(), false), "provider", "is not one of")
	fails(t, at(bundle.Trust{}, false), "provider", "is not shown")
	if r := at(bundle.Trust{}, true); !r.OK() || !strings.Contains(text(r), "note provider") {
		t.Errorf("going on without a key file:\n%s", text(r))
	}
	trust := c.trust()
	trust.Provider = "Somebody Else"
	fails(t, at(trust, false), "provider", "belongs to")
	trust = c.trust()
	trust.Ledgers = other.ledgerKeys()
	fails(t, at(trust, false), "ledger", "no valid signature")
	trust = c.trust()
	trust.Holders = trust.Holders[:1]
	fails(t, at(trust, false), "grants", "Tomasz Wolski is not one of the reviewers")
}

func TestExpiryIsANote(t *testing.T) {
	c := newCast(t)
	b := c.opened(t, c.input(t))
	r := bundle.Verify(bytes.NewReader(b), bundle.Options{Trust: c.trust(), Now: now.AddDate(10, 0, 0)})
	if !r.OK() || !strings.Contains(text(r), "note expiry: The download expired on 20 December 2026") {
		t.Errorf("ten years later:\n%s", text(r))
	}
	fails(t, bundle.Verify(bytes.NewReader(b), bundle.Options{Trust: c.trust(), Now: now.AddDate(-1, 0, 0)}), "time", "still to come")
}

// A provider that signs a package of its own making is still caught when it
// hands out what nobody signed for.
func TestWhatTheGrantsDoNotCover(t *testing.T) {
	c := newCast(t)
	pack := func(change func(*produce.Input)) error {
		in := c.input(t)
		change(&in)
		_, err := (&produce.Packer{Key: c.key}).Open(context.Background(), io.Discard, in, "test")
		return err
	}
	about := disclosable.Record{Account: account(1), Field: "about", Value: "hello"}
	for name, change := range map[string]func(*produce.Input){
		"a field no grant names":    func(in *produce.Input) { in.Records = list(about) },
		"another account":           func(in *produce.Input) { in.Records = list(disclosable.Record{Account: account(2), Field: "name"}) },
		"a field that is not there": func(in *produce.Input) { in.Records = list(disclosable.Record{Account: account(1), Field: "content"}) },
		"a grant of another case":   func(in *produce.Input) { in.Case = "LL-OTHER" },
		"a grant cut short":         func(in *produce.Input) { in.Grants[0].Signed.Grant = in.Grants[0].Signed.Grant[:100] },
		"no expiry":                 func(in *produce.Input) { in.Expires = time.Time{} },
		"no number":                 func(in *produce.Input) { in.Package = "" },
		"a number that is a path":   func(in *produce.Input) { in.Package = "../up" },
		"no records at all":         func(in *produce.Input) { in.Records = nil },
		"a proof that is none":      func(in *produce.Input) { in.Proofs[0].Bytes = []byte("{}") },
		"records that break off": func(in *produce.Input) {
			in.Records = func(y func(disclosable.Record, error) bool) {
				y(disclosable.Record{}, errors.New("the carrier went away"))
			}
		},
	} {
		if err := pack(change); err == nil {
			t.Errorf("%s: it was packed", name)
		}
	}
}

func TestReviewersAreChecked(t *testing.T) {
	c := newCast(t)
	for name, change := range map[string]func(g *produce.Grant){
		"one signature": func(g *produce.Grant) { g.Signed.Signatures = g.Signed.Signatures[:1] },
		"one person twice": func(g *produce.Grant) {
			g.Signed.Signatures = []disclosable.Signature{g.Signed.Signatures[0], c.reviewers[0].sign(t, g.Signed.Grant)}
		},
		"one person with two keys": func(g *produce.Grant) {
			second := newReviewer(t, c.reviewers[0].Holder.Holder)
			g.Holders[1], g.Signed.Signatures[1] = second.Holder, second.sign(t, g.Signed.Grant)
		},
		"a stranger": func(g *produce.Grant) {
			s := newReviewer(t, "Mallory")
			g.Holders[1], g.Signed.Signatures[1] = s.Holder, s.sign(t, g.Signed.Grant)
		},
		"a signature over another grant": func(g *produce.Grant) {
			g.Signed.Signatures[1] = c.reviewers[1].sign(t, c.grant(t, 1, "about").Signed.Grant)
		},
		"another page": func(g *produce.Grant) {
			r := c.reviewers[1]
			r.Origin = "https://desk.localhost:8443"
			g.Signed.Signatures[1] = r.sign(t, g.Signed.Grant)
		},
		"an altered grant": func(g *produce.Grant) {
			g.Signed.Grant = bytes.Replace(g.Signed.Grant, []byte("Okafor"), []byte("Okafox"), 1)
		},
		"a damaged signature": func(g *produce.Grant) { g.Signed.Signatures[0].Signature[10] ^= 1 },
	} {
		in := c.input(t)
		change(&in.Grants[0])
		r := c.verify(c.opened(t, in))
		if r.OK() {
			t.Errorf("%s: everything holds", name)
			continue
		}
		fails(t, r, "grants", "")
	}
}

func TestTheLedgerIsChecked(t *testing.T) {
	c := newCast(t)
	in := c.input(t)
	grant := in.Grants[0].Signed.Grant
	with := func(caseRef string, body []byte) *bundle.Report {
		in.Proofs = []produce.Proof{{About: lang.Say("the release by the carrier"), Bytes: c.proofOf(t, caseRef, body)}}
		return c.verify(c.opened(t, in))
	}
	var handed []disclosable.Record
	for r := range in.Records {
		handed = append(handed, r)
	}
	if r := with(caseNumber, release(t, grant, handed)); !r.OK() {
		t.Errorf("a good proof:\n%s", text(r))
	}
	if r := with("", release(t, grant, handed)); !r.OK() {
		t.Errorf("a record that names the grant and no case:\n%s", text(r))
	}
	fails(t, with("LL-2026-000001", release(t, grant, handed)), "ledger", "another case")
	fails(t, with(caseNumber, release(t, c.grant(t, 1, "name").Signed.Grant, handed)), "ledger", "which is not in the package")
	fails(t, with(caseNumber, release(t, grant, handed[:3])), "ledger", "not the ones that the carrier released")
	fails(t, with(caseNumber, nil), "ledger", "cannot be read")
	in.Proofs = nil
	fails(t, c.verify(c.opened(t, in)), "ledger", "nothing shows")
	// A value changed between carrier and package, by whoever packs and signs.
	in = c.input(t)
	handed[1].Value = "Somebody Else"
	in.Records = list(handed...)
	fails(t, c.verify(c.opened(t, in)), "ledger", "not the ones that the carrier released")
	// The same, with a proof from the desk's own ledger, whose key is published too.
	_, own, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	const desk = "letterlock.example/desk"
	in.Proofs = []produce.Proof{{About: lang.Say("the release by the carrier"), Bytes: proofIn(t, desk, own, c.witness, caseNumber, release(t, grantOf(in), handed))}}
	trust := c.trust()
	trust.Ledgers = append(trust.Ledgers, proof.LogKey(desk, own.Public().(ed25519.PublicKey)))
	fails(t, bundle.Verify(bytes.NewReader(c.opened(t, in)), bundle.Options{Trust: trust, Now: now}), "ledger", "is not its ledger")
	// One of two releases without a proof.
	in = c.many(t, 2)
	in = proven(t, c, in)
	in.Proofs = in.Proofs[:1]
	fails(t, c.verify(c.opened(t, in)), "ledger", "Nothing shows that the release under grant")
}

func grantOf(in produce.Input) []byte { return in.Grants[0].Signed.Grant }

func TestNothingToProduce(t *testing.T) {
	c := newCast(t)
	in := c.input(t)
	in.Records, in.Grants, in.Proofs = list(), nil, nil
	r := c.verify(c.opened(t, in))
	if !r.OK() || !strings.Contains(text(r), "It holds no record") {
		t.Errorf("an answer without records:\n%s", text(r))
	}
}

func TestFormulasStayText(t *testing.T) {
	c := newCast(t)
	in := c.input(t)
	evil := `=HYPERLINK("http://evil.example","click")`
	in.Records = list(disclosable.Record{Account: account(1), Field: "name", Value: evil})
	in = proven(t, c, in)
	files := kept{}
	r := bundle.Verify(bytes.NewReader(c.opened(t, in)), bundle.Options{Trust: c.trust(), Now: now, Sink: files})
	if !r.OK() {
		t.Fatal(text(r))
	}
	if csv := files[bundle.RecordsCSV].String(); !strings.Contains(csv, `"'=HYPERLINK(`) {
		t.Errorf("the CSV would run as a formula:\n%s", csv)
	}
	if js := files[bundle.RecordsJSON].String(); !strings.Contains(js, `"=HYPERLINK(\"http://evil.example\",\"click\")"`) {
		t.Errorf("the JSON does not hold the value as it is:\n%s", js)
	}
}

func TestWhatFontsCannotShow(t *testing.T) {
	c := newCast(t)
	in := c.input(t)
	in.Records = list(disclosable.Record{Account: account(1), Field: "name", Value: "आशा"})
	_, err := (&produce.Packer{Key: c.key}).Open(context.Background(), io.Discard, in, "test")
	if say := fault.Say(err); !fault.Is(err, fault.Invalid) || !strings.Contains(say, "Devanagari") || !strings.Contains(say, "Noto Sans Devanagari") {
		t.Errorf("error %v; people read %q", err, fault.Say(err))
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	c := newCast(t)
	_, pass, err := produce.SealWithPassphrase()
	must(t, err)
	pem, err := c.key.PEM()
	must(t, err)
	again, err := produce.ParseSigningKey(pem)
	must(t, err)
	if again.Public() != c.key.Public() {
		t.Error("the key changed on the way through its file")
	}
	for _, secret := range []any{c.key, &c.key, pass, &pass} {
		for _, form := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if s := sprintf(form, secret); !strings.Contains(s, "(secret)") || strings.Contains(s, pass.Reveal()) {
				t.Errorf("%s prints %q", form, s)
			}
		}
		if _, err := marshalJSON(secret); err == nil {
			t.Errorf("%T was marshalled", secret)
		}
	}
}
