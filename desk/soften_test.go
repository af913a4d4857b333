package desk_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

var nested = regexp.MustCompile(`(?m)^(\[+)(reach|issuer|clock|notice|publication|threshold)`)

// softLaw is an operator's law file that has every row which must be challenged
// take another stance, and reach what an ordinary order reaches.
func (w *world) softLaw(stance law.Stance) (file string, ids []law.ProcessID) {
	w.Helper()
	text := "approved_by = \"L. Lead\"\napproved_on = \"2026-11-01\"\n"
	for _, r := range law.Default().Rows() {
		if r.Stance != law.StanceChallenge {
			continue
		}
		b, err := os.ReadFile(filepath.Join("..", "law", "processes", string(r.ID)+".toml"))
		w.ok(err)
		row := nested.ReplaceAllString(string(b), "${1}row.$2")
		soft := strings.NewReplacer(`stance = "must_challenge"`, `stance = "`+string(stance)+`"`, `class = "NONE"`, `class = "BSI"`).Replace(row)
		if strings.Count(soft, string(stance)) == 0 || strings.Contains(soft, "must_challenge") {
			w.Fatalf("%s was not softened", r.ID)
		}
		text, ids = text+"\n[[row]]\n"+soft, append(ids, r.ID)
	}
	file = filepath.Join(w.dir, "law.toml")
	w.ok(os.WriteFile(file, []byte(text), 0o600))
	return file, ids
}

// restarts the desk under an operator's law file, which everybody then learns.
func (w *world) restarts(file string) {
	w.Helper()
	f, err := os.Open(file)
	w.ok(err)
	defer f.Close()
	w.conf.Law = must(law.Default().With(must(law.LoadOverrides(f))(w)))(w)
	w.desk = newDesk(w.conf)
	w.tick()
	for _, m := range must(w.desk.Staff.Members(w.ctx))(w) {
		if x := must(w.desk.Staff.Standing(w.ctx, m))(w); len(x.Law) > 0 {
			w.ok(w.desk.Staff.LearnLaw(w.ctx, m.ID, x.Law, "the operator changed the table"))
		}
	}
}

// challenged are the people who may have to do with such a case.
type challenged struct {
	*world
	n                          casefile.Number
	analyst, counsel, lead, us staff.Member // us: counsel and lead in one person
}

// challengedUnder files a request under a row and gives it to an analyst who may.
func (w *world) challengedUnder(p law.ProcessID) challenged {
	w.Helper()
	row, ok := w.conf.Law.Row(p, w.clock.Now())
	if !ok || row.Stance == law.StanceChallenge || !row.MustChallenge() {
		w.Fatalf("%s: in force %v, stance %s, must be challenged %v", p, ok, row.Stance, row.MustChallenge())
	}
	d := w.under(p, row.Jurisdiction)
	if d.Jurisdiction == "*" {
		d.Jurisdiction = ""
	}
	d.Reference, d.Text = string(p), "the records of this account" // nothing that the machine hears
	x := challenged{world: w, n: w.file(d), lead: w.lead}
	x.analyst, x.counsel, x.us = w.hired("analyst", staff.Analyst), w.hired("counsel", staff.Counsel), w.hired("us", staff.Counsel, staff.Lead)
	if attackedBy(w.load(x.n)) {
		w.Fatalf("%s: it is challenged for what it says and not for its row", p)
	}
	w.assign(x.n, x.analyst.ID)
	w.free(x.n, x.counsel, x.lead, x.us)
	return x
}

// hired is somebody with these roles, on the list for sealed matters.
func (w *world) hired(name string, roles ...staff.Role) staff.Member {
	w.Helper()
	box := name + "@letterlock.example"
	for _, m := range must(w.desk.Staff.Members(w.ctx))(w) {
		if m.Mailbox == box {
			return m
		}
	}
	must(w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: name, Mailbox: box, Roles: roles, Cleared: true}))(w)
	m := must(w.desk.Staff.RegisterKey(w.ctx, w.mail.token(w, box), "", w.key()))(w)
	w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, m.ID, "2026-1", 90, "taught in the house"))
	w.ok(w.desk.Staff.DeclareAll(w.ctx, m.ID, "went through family and earlier employers"))
	return m
}

// over reports a case that is answered, or about to be.
func (x challenged) over() bool {
	c := x.load(x.n)
	return c.Answering || len(c.Packages) > 0 || c.Withdrawn || c.Phase().Over()
}

// all decides every item one way.
func (x challenged) all(v casefile.Verdict) (out []review.Choice) {
	for _, i := range x.load(x.n).Demand.Wanted {
		out = append(out, review.Choice{Item: i, Verdict: v, Reason: "no law obliges us to it"})
	}
	return out
}

// alone has somebody try every way out that one person has.
func (x challenged) alone(m staff.Member) {
	x.Helper()
	v := x.desk.Review
	for _, verdict := range append(slices.Clone(casefile.Verdicts), "comply") {
		if verdict == casefile.Decline || verdict == casefile.Challenge {
			continue
		}
		if err := v.Decide(x.ctx, m.ID, x.n, x.all(verdict)); err == nil {
			x.Fatalf("%s decided %q", m.Name, verdict)
		}
	}
	_ = v.Decide(x.ctx, m.ID, x.n, x.all(casefile.Decline)) // whoever has the case may
	for what, err := range map[string]error{
		"declining it all":          v.DeclineAll(x.ctx, m.ID, x.n),
		"answering without records": v.Answer(x.ctx, m.ID, x.n, "nothing is produced"),
		"proposing a grant":         v.Propose(x.ctx, m.ID, x.n, "what was decided is carried out"),
	} {
		if err == nil {
			x.Fatalf("%s alone: %s", m.Name, what)
		}
	}
	x.stands(m.Name)
}

// stands checks that nothing went out and nothing is open at the carrier.
func (x challenged) stands(who string) {
	x.Helper()
	x.pass(5 * 60e9)
	if x.over() {
		x.Fatalf("%s closed it", who)
	}
	if c := x.load(x.n); len(c.Grants) > 0 || len(x.door.Open(disclosable.Produce)) > 0 || x.door.Used(disclosable.Produce) > 0 {
		x.Fatalf("%s reached a grant: %+v", who, c.Grants)
	}
}

// setAside takes findings on the system up and has them set aside again: the row
// is challenged all the same.
func (x challenged) setAside() {
	x.Helper()
	v := x.desk.Review
	x.ok(v.AddFinding(x.ctx, x.analyst.ID, x.n, "SYS.KEYS", "page 3"))
	x.refused(v.AnswerFinding(x.ctx, x.analyst.ID, x.n, "SYS.KEYS", false, "not so"), fault.Forbidden, "the analyst withdrawing the finding")
	x.ok(v.AnswerFinding(x.ctx, x.counsel.ID, x.n, "SYS.KEYS", false, "the keys of a car"))
	x.alone(x.counsel)
	x.ok(v.AnswerFinding(x.ctx, x.lead.ID, x.n, "SYS.KEYS", false, "the keys of a car"))
	if attackedBy(x.load(x.n)) {
		x.Fatal("the finding stands although two set it aside")
	}
	x.alone(x.analyst)
}

// corrected: the agency says it in other words, and nothing changes.
func (x challenged) corrected() {
	x.Helper()
	d := x.load(x.n).Demand
	d.Text, d.Wanted = "only the name, please", []casefile.Item{"name"}
	x.ok(x.desk.Intake.Correct(x.ctx, x.reyes.Actor(), x.n, d, "we ask for less"))
	x.free(x.n, x.analyst, x.counsel, x.lead, x.us) // what is new is looked at anew
	x.alone(x.analyst)
	d.Process = "us.order.2703d"
	x.refused(x.desk.Intake.Correct(x.ctx, x.reyes.Actor(), x.n, d, "it is another order"), fault.Invalid, "making it another process")
}

// byTwo: counsel and a lead, each alone and one person as both, close nothing;
// both together do, and nothing is produced.
func (x challenged) byTwo() {
	x.Helper()
	v := x.desk.Review
	x.refused(v.Agree(x.ctx, x.analyst.ID, x.n, "fine"), fault.Forbidden, "the analyst agreeing")
	for _, first := range []staff.Member{x.us, x.counsel, x.lead} {
		x.ok(v.Decide(x.ctx, x.analyst.ID, x.n, x.all(casefile.Challenge))) // anew: earlier words are gone
		if len(x.load(x.n).Agreements) > 0 {
			x.Fatal("an agreement outlived what was agreed to")
		}
		x.ok(v.Agree(x.ctx, first.ID, x.n, "as it is"))
		x.refused(v.Agree(x.ctx, first.ID, x.n, "and in my other office"), fault.Conflict, first.Name+" agreeing twice")
		x.refused(v.Answer(x.ctx, x.analyst.ID, x.n, "nothing is produced"), fault.Forbidden, "answering with one of the two")
		x.stands(first.Name)
	}
	x.ok(v.Agree(x.ctx, x.counsel.ID, x.n, "no law obliges us to weaken the system"))
	x.ok(v.Answer(x.ctx, x.analyst.ID, x.n, "nothing is produced"))
	x.pass(10 * 60e9)
	if c := x.load(x.n); !x.over() || len(c.Grants) > 0 || x.door.Used(disclosable.Produce) > 0 {
		x.Fatalf("closed by two: over %v, %d grants", x.over(), len(c.Grants))
	}
}

// TestASoftenedRowIsStillClosedByCounselAndLead loads an operator's law file in
// which no row must be challenged any more, and tries everything that one
// person has to close a request under each.
func TestASoftenedRowIsStillClosedByCounselAndLead(t *testing.T) {
	for _, stance := range []law.Stance{law.StanceDecline, law.StanceVoluntaryDecline, law.StanceReview, law.StanceVoluntary, law.StanceSnapshot, law.StanceReject} {
		t.Run(string(stance), func(t *testing.T) {
			w := newWorld(t)
			file, ids := w.softLaw(stance)
			if len(ids) < 8 {
				t.Fatalf("only %v must be challenged", ids)
			}
			w.restarts(file)
			for _, id := range ids {
				x := w.challengedUnder(id)
				for _, m := range []staff.Member{x.analyst, x.counsel, x.lead, x.us} {
					x.alone(m)
				}
				x.corrected()
				x.setAside()
				x.byTwo()
			}
		})
	}
}

// attackedBy reports a finding on the system that stands.
func attackedBy(c casefile.Case) bool {
	return slices.ContainsFunc(c.Findings, casefile.FindingState.Stands)
}
