package desk_test

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"letterlock/desk/casefile"
	"letterlock/desk/produce/bundle"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/law"
	"letterlock/ledger"
)

var consoleSite = passkey.Site{ID: "desk.example.org", Origin: "https://desk.example.org", Name: "Desk"}

// joinsWith is a member who enrols with a real authenticator, trained and free.
func (w *world) joinsWith(a *soft.Authenticator, name, box string, roles ...staff.Role) staff.Member {
	w.Helper()
	d, ctx := w.desk, w.ctx
	must(d.Staff.Invite(ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: name, Mailbox: box, Roles: roles}))(w)
	m := must(d.Staff.RegisterKey(ctx, w.mail.token(w, box), "", must(a.Enrol(consoleSite, name))(w)))(w)
	w.ok(d.Staff.Train(ctx, w.lead.ID, m.ID, "2026-1", 90, "taught in the house"))
	w.ok(d.Staff.DeclareAll(ctx, m.ID, "went through family and earlier employers"))
	return m
}

// certifies has the custodian sign whatever waits, and the desk go on.
func (w *world) certifies() {
	w.Helper()
	waiting := must(w.desk.Review.ToCertify(w.ctx, w.custodian.ID))(w)
	for _, x := range waiting {
		w.ok(w.certify(w.custodian, w.pen, x.Number))
	}
	if len(waiting) > 0 {
		w.tick()
	}
}

// certify has somebody read and sign the certificate of a case.
func (w *world) certify(m staff.Member, pen *soft.Authenticator, n casefile.Number) error {
	x, err := w.desk.Review.ReadCertificate(w.ctx, m.ID, n, w.clock.Now())
	if err != nil {
		return err
	}
	return w.desk.Review.Certify(w.ctx, m.ID, n, x.At, w.answer(pen, x.Hash))
}

func (w *world) answer(pen *soft.Authenticator, challenge [32]byte) []byte {
	w.Helper()
	return must(pen.Get(consoleSite.Origin, consoleSite.Get(challenge[:])))(w)
}

// sealedUp is a case whose package waits for its certificate.
func (w *world) sealedUp() casefile.Number {
	w.Helper()
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	w.pass(time.Minute)
	w.pass(7 * 24 * time.Hour)
	for range 3 {
		w.pass(5 * time.Minute)
	}
	if c := w.load(n); !c.Uncertified() {
		w.Fatalf("no package waits for a certificate: %s, alarms %+v", c.Phase(), c.Alarms)
	}
	return n
}

func lazyWorld(t *testing.T) *world {
	w := newWorld(t)
	w.idle = true
	w.approve("us.order.2703d")
	return w
}

func TestNoPackageLeavesWithoutItsCertificate(t *testing.T) {
	w := lazyWorld(t)
	n := w.sealedUp()
	c := w.load(n)
	if len(c.Packages) != 0 || c.Phase() != casefile.Packing {
		t.Fatalf("%d packages, %s", len(c.Packages), c.Phase())
	}
	id := c.Sealing.Package.ID
	_, _, err := w.desk.Intake.Collect(w.ctx, w.reyes.Actor(), n, id)
	w.refused(err, fault.NotFound, "collecting a package that nobody certified")
	if _, err := w.desk.Intake.Passphrase(w.ctx, w.reyes.Actor(), n, id); err == nil {
		t.Fatal("the passphrase of a package that waits was shown")
	}
	for _, g := range c.Grants {
		if _, err := w.conf.Public.Store.Stash(w.ctx, n, review.StashKey(g.Hash)); !fault.Is(err, fault.NotFound) {
			t.Errorf("records lie at the desk while the package waits: %v", err)
		}
	}
	first := c.Sealing.Package.Sum
	w.ok(w.certify(w.custodian, w.pen, n))
	w.tick()
	c = w.load(n)
	if c.Phase() != casefile.Answered || len(c.Packages) != 1 || c.Packages[0].Sum == first || c.Packages[0].Records != 4 {
		t.Fatalf("%s %+v", c.Phase(), c.Packages)
	}
	if r, err := w.conf.Public.Blobs.Open(w.ctx, first); err == nil {
		r.Close()
		t.Error("the package without its certificate is still there")
	}
	if !slices.ContainsFunc(c.Events, func(e casefile.Event) bool { return e.Kind == casefile.KCertified && e.By.ID == string(w.custodian.ID) }) {
		t.Error("no event says who certified")
	}
	if !slices.ContainsFunc(w.ledger.told, func(r ledger.Record) bool { return r.Kind == "case.package.certified" && r.Case == string(n) }) {
		t.Error("the ledger does not hold the certificate")
	}
	w.collects(n, id)
	w.ends(n)
}

// TestWhoMayNotCertify: each refusal leaves the package where it is.
func TestWhoMayNotCertify(t *testing.T) {
	w := lazyWorld(t)
	n := w.sealedUp()
	other := soft.New()
	friend := w.joinsWith(other, "Nadia Haddad", "nadia@letterlock.example", staff.Custodian)
	now := w.clock.Now()
	x := must(w.desk.Review.ReadCertificate(w.ctx, w.custodian.ID, n, now))(w)
	mine := must(w.desk.Review.ReadCertificate(w.ctx, friend.ID, n, now))(w)
	if x.Text == mine.Text {
		t.Fatal("two custodians read the same text")
	}
	answers := func(m staff.Member, shown time.Time, answer []byte) error {
		return w.desk.Review.Certify(w.ctx, m.ID, n, shown, answer)
	}
	unverified := func() []byte {
		w.pen.Unverified = true
		defer func() { w.pen.Unverified = false }()
		return w.answer(w.pen, x.Hash)
	}
	elsewhere := func() []byte {
		w.pen.Origin = portalSite.Origin
		defer func() { w.pen.Origin = "" }()
		return w.answer(w.pen, x.Hash)
	}
	for what, a := range map[string]struct {
		err  error
		want fault.Kind
	}{
		"a signature of another text":       {answers(w.custodian, x.At, w.answer(w.pen, bundle.CertificateHash("I sign anything."))), fault.Conflict},
		"the text of another minute":        {answers(w.custodian, x.At.Add(-time.Minute), w.answer(w.pen, x.Hash)), fault.Conflict},
		"another custodian's text":          {answers(w.custodian, x.At, w.answer(w.pen, mine.Hash)), fault.Conflict},
		"another custodian's key":           {answers(w.custodian, x.At, w.answer(other, x.Hash)), fault.Unauthenticated},
		"a passkey that did not check who":  {answers(w.custodian, x.At, unverified()), fault.Unauthenticated},
		"a signature given on another site": {answers(w.custodian, x.At, elsewhere()), fault.Unauthenticated},
		"a page open for too long":          {answers(w.custodian, x.At.Add(-time.Hour), w.answer(w.pen, x.Hash)), fault.Expired},
		"an analyst":                        {w.certify(w.analyst, w.pen, n), fault.Forbidden},
		"the lead":                          {w.certify(w.lead, w.pen, n), fault.Forbidden},
		"a case that waits for nothing":     {w.certify(w.custodian, w.pen, casefile.Ordinary(2026, 7)), fault.Withheld},
	} {
		w.refused(a.err, a.want, what)
	}
	w.ok(w.desk.Staff.Declare(w.ctx, friend.ID, staff.Conflict{Agency: w.agency.ID, Reason: "my brother works there"}))
	w.refused(w.certify(friend, other, n), fault.Forbidden, "a custodian with a conflict of interest")
	if c := w.load(n); !c.Uncertified() {
		t.Fatal("one of them counted")
	}
}

func TestACustodianWithLapsedTrainingDoesNotCertify(t *testing.T) {
	w := lazyWorld(t)
	n := w.sealedUp()
	w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, w.custodian.ID, "2025-9", 90, "taught in the house")) // a policy that is not in force adds nothing
	m := must(w.desk.Staff.Member(w.ctx, w.custodian.ID))(w)
	for i := range m.Trainings {
		m.Trainings[i].Expires = w.clock.Now().Add(-time.Hour)
	}
	w.ok(w.conf.Staff.PutMember(w.ctx, m))
	w.refused(w.certify(w.custodian, w.pen, n), fault.Forbidden, "a custodian whose training lapsed")
	w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, w.custodian.ID, "2026-1", 90, "taught in the house"))
	w.ok(w.certify(w.custodian, w.pen, n))
}

// TestASignatureFromAnotherCase: the same custodian, the same key, a true
// signature, and another package.
func TestASignatureFromAnotherCase(t *testing.T) {
	w := lazyWorld(t)
	one, two := w.sealedUp(), w.sealedUp()
	at := w.clock.Now()
	x := must(w.desk.Review.ReadCertificate(w.ctx, w.custodian.ID, one, at))(w)
	w.refused(w.desk.Review.Certify(w.ctx, w.custodian.ID, two, x.At, w.answer(w.pen, x.Hash)), fault.Conflict, "a signature from another case")
	w.ok(w.certify(w.custodian, w.pen, one))
	w.ok(w.certify(w.custodian, w.pen, two))
	w.refused(w.certify(w.custodian, w.pen, two), fault.Withheld, "certifying twice")
}

// TestWhatNobodyCertifies: the team is alarmed every day; at its end the package
// is destroyed, and the records can be signed for again.
func TestWhatNobodyCertifies(t *testing.T) {
	w := lazyWorld(t)
	n := w.sealedUp()
	sum := w.load(n).Sealing.Package.Sum
	w.pass(25 * time.Hour)
	if c := w.load(n); len(c.Alarms) != 1 || !strings.Contains(c.Alarms[0].Text, "custodian") {
		t.Fatalf("alarms %+v", c.Alarms)
	}
	w.pass(31 * 24 * time.Hour)
	c := w.load(n)
	if c.Sealing != nil || len(c.Packages) != 0 || c.Disclosed() {
		t.Fatalf("sealing %v, packages %v, disclosed %v", c.Sealing, c.Packages, c.Disclosed())
	}
	if r, err := w.conf.Public.Blobs.Open(w.ctx, sum); err == nil {
		r.Close()
		t.Error("the bytes are still there")
	}
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
}

// TestWhichPackagesLeaveWithout: what no court of the United States compels.
func TestWhichPackagesLeaveWithout(t *testing.T) {
	want := map[law.ProcessID]bool{"us.order.2703d": true, "us.subpoena.gj": true, "us.subpoena.trial": true, "us.warrant.search": true,
		"us.emergency": false, "us.nsl": false, "us.fisa.t3": false, "us.order.pentrap": false, "us.preservation": false, "us.eo12333": false, "eu.epoc.sub": false, "de.stpo.100j": false}
	for id, certified := range want {
		row, ok := law.Default().Row(id, start)
		if !ok || row.Certified() != certified {
			t.Errorf("%s: certified %v (there: %v)", id, row.Certified(), ok)
		}
	}
}

// TestACertificateBindsWhatTheDeskPacked opens a certified package and changes
// it in every way that its own checks must find.
func TestACertificateBindsWhatTheDeskPacked(t *testing.T) {
	w := lazyWorld(t)
	n := w.sealedUp()
	w.ok(w.certify(w.custodian, w.pen, n))
	w.tick()
	c := w.load(n)
	r, _, err := w.desk.Intake.Collect(w.ctx, w.reyes.Actor(), n, c.Packages[0].ID)
	w.ok(err)
	sealed := must(io.ReadAll(r))(w)
	r.Close()
	secret := must(w.desk.Intake.Passphrase(w.ctx, w.reyes.Actor(), n, c.Packages[0].ID))(w)
	id := must(age.NewScryptIdentity(secret.Reveal()))(w)
	opened := must(io.ReadAll(must(age.Decrypt(bytes.NewReader(sealed), id))(w)))(w)
	trust := w.trusts()
	report := func(b []byte, t bundle.Trust) *bundle.Report {
		return bundle.Verify(bytes.NewReader(b), bundle.Options{Trust: t, Now: w.clock.Now(), Identities: []age.Identity{id}})
	}
	good := report(opened, trust)
	if !good.OK() || !says(good, bundle.Holds, "Ravi Menon, a custodian of records at Letterlock, signed") || !says(good, bundle.Holds, "The key file given names this passkey") {
		t.Fatalf("%+v", good.Lines)
	}
	if !says(good, bundle.Note, "What this does not show") {
		t.Error("it does not say what is not shown")
	}
	trust.Custodians[0].Holder = "Somebody Else"
	if r := report(opened, trust); r.OK() || !says(r, bundle.Fails, "this passkey is not one that the key file names") {
		t.Errorf("a custodian whom the key file does not name: %+v", r.Lines)
	}
	trust.Custodians = nil
	if r := report(opened, trust); !r.OK() || !says(r, bundle.Note, "rests on the package") {
		t.Errorf("a key file without custodians: %+v", r.Lines)
	}
	if r := bundle.Verify(bytes.NewReader(opened), bundle.Options{Trust: trust}); r.OK() || !says(r, bundle.Fails, "its key or passphrase is needed") {
		t.Errorf("without the key: %+v", r.Lines)
	}
	step := max(1, len(opened)/25)
	for i := 0; i < len(opened); i += step {
		b := bytes.Clone(opened)
		b[i] ^= 1
		if report(b, trust).OK() {
			t.Fatalf("byte %d of %d does not count", i, len(opened))
		}
	}
	if report(append(bytes.Clone(opened), 0), trust).OK() || report(opened[:len(opened)-1], trust).OK() {
		t.Error("a longer or shorter package holds")
	}
}

func says(r *bundle.Report, s bundle.State, text string) bool {
	return slices.ContainsFunc(r.Lines, func(l bundle.Line) bool { return l.State == s && strings.Contains(l.Text, text) })
}

// trusts is the provider's key file.
func (w *world) trusts() bundle.Trust {
	w.Helper()
	trust := bundle.Trust{Provider: "Letterlock", Keys: []bundle.PublicKey{w.conf.Produce.Key.Public()}, Ledgers: w.conf.LedgerKeys()}
	for _, k := range w.door.Keys() {
		trust.Holders = append(trust.Holders, bundle.Holder{Holder: k.Holder, ID: k.ID, Public: k.Public, RPID: k.RPID, Origin: k.Origin, Counsel: k.Counsel})
	}
	for _, k := range must(staff.CustodianKeys(w.ctx, w.conf.Staff))(w) {
		trust.Custodians = append(trust.Custodians, bundle.Holder{Holder: k.Name, ID: k.Key.ID, Public: k.Key.Public, RPID: consoleSite.ID, Origin: consoleSite.Origin})
	}
	b := must(json.Marshal(trust))(w)
	return must(bundle.ParseTrust(b))(w)
}
