package desk_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/produce/bundle"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/testkit"
	"letterlock/law"
)

// pages keeps what a package holds.
type pages map[string]*bytes.Buffer

func (p pages) Create(name string, _ int64) (io.WriteCloser, error) {
	p[name] = &bytes.Buffer{}
	return closing{p[name]}, nil
}

type closing struct{ io.Writer }

func (closing) Close() error { return nil }

var spaces = regexp.MustCompile(`[\s\x{200e}\x{200f}\x{202a}-\x{202e}]+`)

// letter is what the officer reads in the letter of the case's first package.
func (w *world) letterText(n casefile.Number) string {
	w.Helper()
	id := w.load(n).Packages[0].ID
	r, _, err := w.desk.Intake.Collect(w.ctx, w.reyes.Actor(), n, id)
	w.ok(err)
	defer r.Close()
	secret := must(w.desk.Intake.Passphrase(w.ctx, w.reyes.Actor(), n, id))(w)
	who := must(age.NewScryptIdentity(secret.Reveal()))(w)
	files := pages{}
	trust := bundle.Trust{Provider: "Letterlock", Keys: []bundle.PublicKey{w.conf.Produce.Key.Public()}, Ledgers: w.conf.LedgerKeys()}
	for _, k := range w.door.Keys() {
		trust.Holders = append(trust.Holders, bundle.Holder{Holder: k.Holder, ID: k.ID, Public: k.Public, RPID: k.RPID, Origin: k.Origin, Counsel: k.Counsel})
	}
	bundle.VerifySealed(r, []age.Identity{who}, bundle.Options{Trust: trust, Now: w.clock.Now(), Sink: files})
	if files[bundle.LetterName] == nil {
		w.Fatal("the package holds no letter")
	}
	tool := testkit.Program(w, "pdftotext")
	file := filepath.Join(w.TempDir(), "letter.pdf")
	w.ok(os.WriteFile(file, files[bundle.LetterName].Bytes(), 0o600))
	out := must(exec.Command(tool, "-enc", "UTF-8", file, "-").Output())(w)
	return squeeze(string(out))
}

// squeeze takes out where lines end: a sentence is a sentence.
func squeeze(s string) string { return strings.TrimSpace(spaces.ReplaceAllString(s, " ")) }

func (w *world) letterSays(n casefile.Number, want string) {
	w.Helper()
	if got := w.letterText(n); !strings.Contains(got, squeeze(want)) {
		w.Errorf("the letter lacks %q:\n%s", want, got)
	}
}

// changing is a table in which the 2703(d) row changes with a day: the second
// version reaches less, has another name and asks for one thing more.
func changing(t *testing.T, last law.Date, next law.Date) *law.Table {
	t.Helper()
	old, ok := law.Default().Row("us.order.2703d", start)
	if !ok {
		t.Fatal("no such row")
	}
	now := old
	old.ValidTo, now.ValidFrom = last, next
	now.Name = "Court order as amended"
	now.Reach = []law.Reach{{Class: law.NameLOS, Extent: law.Full}}
	now.Required = append(append([]law.Particular{}, old.Required...), "probable_cause")
	// The embedded row has no first day, so the first of the two takes its place.
	out, err := law.Default().With(&law.Overrides{ApprovedBy: "Miriam Adler", ApprovedOn: "2026-11-20", Rows: []law.Row{old, now}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A request is judged, decided and answered by the row in force on its date:
// what came the day before the law changed reaches what the old row reached,
// and what came the day after does not.
func TestARequestIsJudgedByTheRowsInForceOnItsDate(t *testing.T) {
	w := newWorld(t)
	last := start.Format(time.DateOnly)
	next := start.AddDate(0, 0, 1).Format(time.DateOnly)
	table := changing(t, law.Date(last), law.Date(next))
	w.conf.Law = table
	w.desk = desk.New(w.conf)
	was, _ := table.Row("us.order.2703d", start)
	w.ok(w.desk.ApproveRow(w.ctx, w.counsel.ID, was.ID, was.Hash(), "read against the official text"))
	before := w.file(w.order())
	w.pass(30 * time.Hour)
	is, _ := table.Row("us.order.2703d", w.clock.Now())
	if is.Hash() == was.Hash() || was.InForce(w.clock.Now()) {
		t.Fatal("the law has not changed")
	}
	for _, m := range []staff.Member{w.analyst, w.custodian} {
		w.ok(w.desk.Staff.LearnLaw(w.ctx, m.ID, []string{"us.order.2703d"}, "a case of mine is under it"))
	}
	after := w.file(w.order())
	raised := func(n casefile.Number, id law.FindingID) bool {
		for _, f := range w.load(n).Findings {
			if f.ID == id {
				return true
			}
		}
		return false
	}
	p, _ := table.Particular("probable_cause")
	if raised(before, p.Finding) || !raised(after, p.Finding) {
		t.Errorf("the particular of the new row: before %v, after %v", raised(before, p.Finding), raised(after, p.Finding))
	}
	// A correction does not move a request into another law.
	d := w.load(before).Demand
	d.Reference = "HC-26-118b"
	w.ok(w.desk.Intake.Correct(w.ctx, w.reyes.Actor(), before, d, "a slip"))
	if raised(before, p.Finding) {
		t.Error("a corrected request is judged by the law of the correction")
	}
	w.study(before, w.analyst)
	w.study(after, w.analyst)
	yields := []review.Choice{{Item: "blocks", Verdict: casefile.Produce, Reason: "The order reaches it."}}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, before, yields))
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, after, yields), fault.Forbidden, "producing by a row that has ended")
	o := must(w.desk.Review.Case(w.ctx, w.analyst.ID, before))(t)
	if o.Row.Hash() != was.Hash() || !o.Unlock.OK {
		t.Errorf("opened by %q, unlock %+v", o.Row.Name, o.Unlock)
	}
	w.produceAll(before, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, before, "what was decided is carried out"))
	for _, g := range w.load(before).GrantsOf(disclosable.Produce) {
		if g.Grant.LawRow != disclosable.Hash(was.Hash()) {
			t.Error("the grant cites another text than that of its day")
		}
	}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, after, []review.Choice{{Item: "name", Verdict: casefile.Decline, Reason: "This is not reached."}, {Item: "last_ip", Verdict: casefile.Decline, Reason: "This is not reached."},
		{Item: "service_start", Verdict: casefile.Decline, Reason: "This is not reached."}, {Item: "blocks", Verdict: casefile.Decline, Reason: "This is not reached."}}))
	w.ok(w.desk.Review.Answer(w.ctx, w.analyst.ID, after, "nothing is produced"))
	w.pass(5 * time.Minute)
	w.letterSays(after, is.Name)
	w.sign()
	w.pass(time.Minute)
	w.pass(8 * 24 * time.Hour)
	w.pass(10 * time.Minute)
	w.pass(5 * time.Minute)
	if len(w.load(before).Packages) != 1 {
		t.Fatalf("phase %s, alarms %+v", w.load(before).Phase(), w.load(before).Alarms)
	}
	w.letterSays(before, was.Name)
}

// After a while a row that has ended unlocks nothing any more.
func TestARowThatEndedLongAgoIsNotActedOn(t *testing.T) {
	w := newWorld(t)
	w.conf.Law = changing(t, law.Date(start.Format(time.DateOnly)), law.Date(start.AddDate(0, 0, 1).Format(time.DateOnly)))
	w.desk = desk.New(w.conf)
	was, _ := w.conf.Law.Row("us.order.2703d", start)
	w.ok(w.desk.ApproveRow(w.ctx, w.counsel.ID, was.ID, was.Hash(), "read against the official text"))
	n := w.file(w.order())
	if o := must(w.desk.Review.Case(w.ctx, w.analyst.ID, n))(t); !o.Unlock.OK {
		t.Fatalf("on its day: %+v", o.Unlock)
	}
	w.clock.Advance(law.Outlast + 48*time.Hour)
	if o := must(w.desk.Review.Case(w.ctx, w.analyst.ID, n))(t); o.Unlock.OK || !strings.Contains(o.Unlock.Why, "too long ago") {
		t.Fatalf("half a year later: %+v", o.Unlock)
	}
}
