package desk_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"letterlock/desk/casefile"
	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/ledger"
)

// opened is the k-th package of a case as its officer opens it: the archive
// within the outer seal.
func (w *world) opened(n casefile.Number, k int) ([]byte, age.Identity) {
	w.Helper()
	p := w.load(n).Packages[k]
	f, _, err := w.desk.Intake.Collect(w.ctx, w.reyes.Actor(), n, p.ID)
	w.ok(err)
	sealed := must(io.ReadAll(f))(w)
	w.ok(f.Close())
	secret := must(w.desk.Intake.Passphrase(w.ctx, w.reyes.Actor(), n, p.ID))(w)
	id := must(age.NewScryptIdentity(secret.Reveal()))(w)
	return must(io.ReadAll(must(age.Decrypt(bytes.NewReader(sealed), id))(w)))(w), id
}

// certifiedBy wants the k-th package to hold, with the custodian's signature.
func (w *world) certifiedBy(n casefile.Number, k int) {
	w.Helper()
	b, id := w.opened(n, k)
	r := bundle.Verify(bytes.NewReader(b), bundle.Options{Trust: w.trusts(), Now: w.clock.Now(), Identities: []age.Identity{id}})
	if !r.OK() || !says(r, bundle.Holds, "Ravi Menon, a custodian of records at Letterlock, signed") {
		w.Errorf("package %d: %+v", k+1, r.Lines)
	}
}

// oneObjects is a case of three accounts of which one was objected to before
// its day, and whose custodian is away: two accounts wait for the certificate.
func oneObjects(w *world) casefile.Number {
	w.Helper()
	d := w.crowd(3, 0)
	d.Gag = casefile.Gag{}
	n := w.file(d)
	w.studies(n)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "the request asks for it"))
	w.sign()
	w.pass(5 * time.Minute)
	w.pass(6 * 24 * time.Hour)
	w.door.ObjectTo(string(n), w.load(n).GrantsOf(disclosable.Notify)[0].Hash, 1, "it is not my number")
	w.pass(26 * time.Hour)
	w.settles()
	if c := w.load(n); !c.Uncertified() || c.Sealing.Package.Records != 4 || len(c.Packages) != 0 {
		w.Fatalf("a list left without its certificate: %d packages, %s, alarms %+v", len(c.Packages), c.Phase(), c.Alarms)
	}
	w.free(n, w.counsel)
	return n
}

// settles lets the ledgers take in what was done, and the desk go on.
func (w *world) settles() {
	w.Helper()
	for range 3 {
		w.pass(5 * time.Minute)
	}
}

func TestEveryPackageOfAListHasItsCertificate(t *testing.T) {
	w := lazyWorld(t)
	n := oneObjects(w)
	w.ok(w.desk.Notice.CloseObjection(w.ctx, w.counsel.ID, n, 1, false, "the paper names it"))
	w.settles() // the third account comes while the first two wait
	w.ok(w.certify(w.custodian, w.pen, n))
	w.settles()
	c := w.load(n)
	if len(c.Packages) != 1 || !c.Uncertified() || c.Sealing.Package.Records != 2 {
		t.Fatalf("%d packages, waiting: %v, alarms %+v", len(c.Packages), c.Uncertified(), c.Alarms)
	}
	first, second := c.SealedFor(c.Packages[0].ID)[0].Package.Sum, c.Sealing.Package.Sum
	w.ok(w.certify(w.custodian, w.pen, n))
	w.settles()
	c = w.load(n)
	if len(c.Packages) != 2 || c.Packages[1].Records != 2 || c.Phase() != casefile.Answered {
		t.Fatalf("%+v, %s, alarms %+v", c.Packages, c.Phase(), c.Alarms)
	}
	w.certifiedBy(n, 0)
	w.certifiedBy(n, 1)
	for _, s := range []casefile.Sum{first, second} {
		if f, err := w.conf.Public.Blobs.Open(w.ctx, s); err == nil {
			f.Close()
			t.Error("a package without its certificate is still there")
		}
	}
	w.pass(31 * 24 * time.Hour)
	if c = w.load(n); c.Packages[0].Destroyed.IsZero() || c.Packages[1].Destroyed.IsZero() {
		t.Error("our copies were not destroyed")
	}
	w.keepsNothing(n)
}

// keepsNothing: no key, no batch and no duty of a case is left.
func (w *world) keepsNothing(n casefile.Number) {
	w.Helper()
	for _, g := range w.load(n).Grants {
		h := g.Hash.String()
		for _, key := range []string{"list-half:" + h, "list-next:" + h, "list:" + h + ":1", "list:" + h + ":2"} {
			if _, err := w.conf.Public.Store.Stash(w.ctx, n, key); err == nil {
				w.Errorf("%s is left over", key[:9])
			}
		}
	}
	for _, d := range must(w.desk.Files.Shelf(false).Store.DutiesOf(w.ctx, n))(w) {
		if d.Done.IsZero() {
			w.Errorf("the duty %s is left over", d.Kind)
		}
	}
}

// TestALaterPackageThatNobodyCertifies: what left stays, what did not is lost
// and said.
func TestALaterPackageThatNobodyCertifies(t *testing.T) {
	w := lazyWorld(t)
	n := oneObjects(w)
	w.ok(w.certify(w.custodian, w.pen, n))
	w.settles()
	w.ok(w.desk.Notice.CloseObjection(w.ctx, w.counsel.ID, n, 1, false, "the paper names it"))
	w.settles()
	if c := w.load(n); len(c.Packages) != 1 || !c.Uncertified() {
		t.Fatalf("%d packages, alarms %+v", len(c.Packages), c.Alarms)
	}
	w.pass(31 * 24 * time.Hour)
	c := w.load(n)
	g := lists(c)[0]
	if len(c.Packages) != 1 || c.Sealing != nil || !c.Disclosed() || g.List.Came[1] != casefile.CameLost || g.List.Given() != 2 {
		t.Fatalf("%d packages, came %v, alarms %+v", len(c.Packages), g.List.Came, c.Alarms)
	}
	if !slices.ContainsFunc(c.Alarms, func(a casefile.Alarm) bool { return strings.Contains(a.Text, "needs a request of its own") }) {
		t.Errorf("alarms %+v", c.Alarms)
	}
	w.keepsNothing(n)
}

// TestAListThatNobodyCertifies: nothing left, so all of it can be signed for
// again, and nothing more comes under the old signatures.
func TestAListThatNobodyCertifies(t *testing.T) {
	w := lazyWorld(t)
	n := oneObjects(w)
	old := lists(w.load(n))[0]
	w.pass(31 * 24 * time.Hour)
	w.settles()
	c := w.load(n)
	if g, _ := c.Grant(old.Hash); len(c.Packages) != 0 || c.Disclosed() || g.Phase != casefile.GrantLost {
		t.Fatalf("%d packages, disclosed %v, %s", len(c.Packages), c.Disclosed(), g.Phase)
	}
	if p := must(w.door.Proposal(w.ctx, old.Hash))(t); !p.Withdrawn {
		t.Error("the list is still open at the carrier")
	}
	w.ok(w.desk.Notice.CloseObjection(w.ctx, w.counsel.ID, n, 1, false, "the paper names it"))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "the request asks for it"))
	w.sign()
	w.pass(8 * 24 * time.Hour)
	w.settles()
	w.ok(w.certify(w.custodian, w.pen, n))
	w.settles()
	if c = w.load(n); len(c.Packages) != 1 || c.Packages[0].Records != 6 {
		t.Fatalf("%+v, %s, alarms %+v", c.Packages, c.Phase(), c.Alarms)
	}
	w.certifiedBy(n, 0)
	w.pass(31 * 24 * time.Hour)
	w.keepsNothing(n)
}

// TestAPackageTakenOutOfItsCertificateIsFound: who has the key can take the
// inner package and hand it on by itself; its manifest says what is missing.
func TestAPackageTakenOutOfItsCertificateIsFound(t *testing.T) {
	w := lazyWorld(t)
	n := w.sealedUp()
	w.ok(w.certify(w.custodian, w.pen, n))
	w.tick()
	b, id := w.opened(n, 0)
	inner := within(t, b, bundle.SealedName)
	r := bundle.VerifySealed(bytes.NewReader(inner), []age.Identity{id}, bundle.Options{Trust: w.trusts(), Now: w.clock.Now()})
	if r.OK() || !says(r, bundle.Fails, "The custodian's certificate is missing") {
		t.Errorf("%+v", r.Lines)
	}
}

// within reads one file of an archive.
func within(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	for a := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := a.Next()
		if errors.Is(err, io.EOF) {
			t.Fatalf("there is no %s", name)
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Name == name {
			return must(io.ReadAll(a))(t)
		}
	}
}

// TestACertificateCarriesTheProofOfItsPasskey: the ledger shows that the passkey
// was the custodian's before they signed. A proof of another passkey, and one
// that was recorded afterwards, do not hold.
func TestACertificateCarriesTheProofOfItsPasskey(t *testing.T) {
	w := lazyWorld(t)
	n := w.sealedUp()
	w.ok(w.certify(w.custodian, w.pen, n))
	w.settles()
	b, id := w.opened(n, 0)
	trust := w.trusts()
	check := func(b []byte, trust bundle.Trust) *bundle.Report {
		return bundle.Verify(bytes.NewReader(b), bundle.Options{Trust: trust, Now: w.clock.Now(), Identities: []age.Identity{id}})
	}
	const shown = "shows that this passkey was enrolled for Ravi Menon on 23 November 2026"
	if r := check(b, trust); !r.OK() || !says(r, bundle.Holds, shown) {
		t.Fatalf("%+v", r.Lines)
	}
	if r := check(b, bundle.Trust{Provider: trust.Provider, Keys: trust.Keys}); !says(r, bundle.Holds, "rests on the package") { // without the provider's key file
		t.Errorf("%+v", r.Lines)
	}
	c := must(bundle.ParseCertificate(within(t, b, bundle.CertificateName)))(t)
	late, keys := w.enrolledLate(c.Signer)
	trust.Ledgers = append(trust.Ledgers, keys...)
	pen := soft.New()
	nadia := w.joinsWith(pen, "Nadia Haddad", "nadia@letterlock.example", staff.Custodian)
	n2 := w.sealedUp()
	w.ok(w.certify(nadia, pen, n2))
	w.settles()
	b2, _ := w.opened(n2, 0)
	other := must(bundle.ParseCertificate(within(t, b2, bundle.CertificateName)))(t).Enrolled
	forged := func(enrolled []byte) *bundle.Report { // the provider itself puts it in
		x, mine := *c, must(age.GenerateX25519Identity())(t)
		x.Enrolled = enrolled
		var out bytes.Buffer
		_, err := w.conf.Produce.Certify(&out, x, func(o io.Writer) error { _, err := o.Write(within(t, b, bundle.SealedName)); return err }, must(produce.SealTo(mine.Recipient().String()))(t))
		w.ok(err)
		return check(must(io.ReadAll(must(age.Decrypt(&out, mine))(t)))(t), trust)
	}
	for what, x := range map[string]struct {
		enrolled []byte
		state    bundle.State
		says     string
	}{
		"its own":            {c.Enrolled, bundle.Holds, shown},
		"of another passkey": {other, bundle.Fails, "it is about something else than this passkey"},
		"recorded later":     {late, bundle.Fails, "after the certificate was signed"},
		"cut short":          {c.Enrolled[:len(c.Enrolled)-1], bundle.Fails, "The ledger proof of the custodian's passkey does not hold"},
		"left out":           {nil, bundle.Note, "No ledger proof shows"},
	} {
		if r := forged(x.enrolled); !says(r, x.state, x.says) || r.OK() != (x.state != bundle.Fails) {
			t.Errorf("%s: %+v", what, r.Lines)
		}
	}
}

// enrolledLate is a proof from a ledger in which a passkey is put on record now,
// and that ledger's keys.
func (w *world) enrolledLate(h bundle.Holder) (enrolled []byte, keys []string) {
	w.Helper()
	l := w.openLedger("late", false, nil)
	hash := bundle.EnrolHash(h)
	r := must(l.Append(w.ctx, ledger.Record{Kind: bundle.EnrolKind, Time: w.clock.Now(), Body: hash[:]}))(w)
	w.clock.Advance(5 * time.Minute)
	w.ok(l.Tick(w.ctx))
	return must(l.Proof(r))(w).Bytes(), l.Keys()
}
