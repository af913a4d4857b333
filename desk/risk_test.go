package desk_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/risk"
	"letterlock/internal/fault"
	"letterlock/law"
)

func (w *world) finding(n casefile.Number, id law.FindingID) (casefile.FindingState, bool) {
	w.Helper()
	all := w.load(n).Findings
	i := slices.IndexFunc(all, func(f casefile.FindingState) bool { return f.ID == id })
	if i < 0 {
		return casefile.FindingState{}, false
	}
	return all[i], true
}

// settle makes the cast old and known, so that nothing is unusual about them.
func (w *world) settle() {
	w.Helper()
	w.file(w.order())
	w.pass(35 * 24 * time.Hour)
}

func TestWhatIsUnusualHoldsUntilSomebodyAnswers(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	w.settle()
	if _, ok := w.finding(w.file(w.order()), "SND.ANOMALY"); ok {
		t.Fatal("the control: a calm sender is held")
	}
	w.pass(time.Hour)
	must(w.desk.Agencies.AddKey(w.ctx, w.reyes.ID, w.key()))(t)
	n := w.file(w.gagged())
	f, ok := w.finding(n, "SND.ANOMALY")
	if !ok || !f.Blocks() || !strings.Contains(f.Note, "a passkey was added") {
		t.Fatalf("%+v", f)
	}
	v := must(w.desk.Intake.Case(w.ctx, w.reyes.Actor(), n))(t)
	if slices.ContainsFunc(v.Findings, func(f casefile.FindingState) bool { return f.ID == "SND.ANOMALY" }) {
		t.Error("the officer is told what was unusual about them")
	}
	w.assign(n, w.analyst.ID)
	w.reads(n)
	choice := w.produceChoices(n)
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, choice), fault.Conflict, "producing before anybody answered the hold")
	w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, "SND.ANOMALY", true, "nobody there knows of a new device"))
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, choice), fault.Forbidden, "producing against a hold that stands")
	w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, "SND.ANOMALY", false, "called the switchboard: she has a new telephone"))
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, choice))
}

func TestTheSameAccountAskedForByTwoAgencies(t *testing.T) {
	w := newWorld(t)
	w.settle()
	must(w.desk.Agencies.AddAgency(w.ctx, w.lead.Actor(), agency.Agency{Name: "Port Police", Country: "US", Domains: []string{"port.example"}, Switchboard: "+12025550111", Source: "state register", Sponsor: agency.Word{Why: "it is in the state register"}}))(t)
	vera := w.colleague("Vera Port", "vera@port.example", casefile.Requester)
	sealed := w.order()
	sealed.Process, sealed.Wanted = law.NSL, []casefile.Item{"name"}
	w.file(sealed)
	n := must(w.desk.Intake.File(w.ctx, vera.Actor(), w.draft(vera)))(t)
	if f, ok := w.finding(n, "SND.ANOMALY"); ok && strings.Contains(f.Note, "another agency") {
		t.Fatalf("an ordinary case tells of a sealed one, or of one that is old: %s", f.Note)
	}
	w.file(w.order())
	n = must(w.desk.Intake.File(w.ctx, vera.Actor(), w.draft(vera)))(t)
	if f, ok := w.finding(n, "SND.ANOMALY"); !ok || !strings.Contains(f.Note, "another agency asked about the same account") {
		t.Fatalf("%+v", f)
	}
}

func TestANewNetworkHolds(t *testing.T) {
	w := newWorld(t)
	w.settle()
	d := w.desk.Agencies
	use := func(peer string) {
		o := must(d.Officer(w.ctx, w.reyes.ID))(t)
		w.ok(d.KeyUsed(w.ctx, o.ID, o.Keys[0], peer))
	}
	use("192.0.2.10")
	use("192.0.2.200") // the same /24
	if o := must(d.Officer(w.ctx, w.reyes.ID))(t); !o.Strange.IsZero() || len(o.Networks) != 1 {
		t.Fatalf("%+v", o)
	}
	use("198.51.100.7")
	if f, ok := w.finding(w.file(w.order()), "SND.ANOMALY"); !ok || !strings.Contains(f.Note, "a network never seen") {
		t.Fatalf("%+v", f)
	}
	for i := range 20 {
		use("203.0." + string(rune('0'+i%10)) + ".1")
	}
	if o := must(d.Officer(w.ctx, w.reyes.ID))(t); len(o.Networks) > 8 {
		t.Fatalf("%d networks are kept", len(o.Networks))
	}
}

func TestAPaperOfACutSenderIsHeld(t *testing.T) {
	w := newWorld(t)
	must(w.desk.Cut(w.ctx, w.analyst.ID, casefile.CutAgency, string(w.agency.ID), "taken over"))(t)
	dr := must(w.desk.Intake.StartPaper(w.ctx, w.second.ID, w.agency.ID, law.ChannelMail, "us.order.2703d"))(t)
	must(w.desk.Intake.Save(w.ctx, w.second.Actor(), dr.ID, w.order()))(t)
	must(w.desk.Intake.AddPaper(w.ctx, w.second.Actor(), dr.ID, "order.pdf", "order", strings.NewReader(string(pdf("x")))))(t)
	n := must(w.desk.Intake.File(w.ctx, w.second.Actor(), dr.ID))(t)
	if f, ok := w.finding(n, "SND.COMPROMISED"); !ok || !f.Blocks() {
		t.Fatalf("%+v", f)
	}
}

func TestALimitIsChangedByTwoPeople(t *testing.T) {
	w := newWorld(t)
	r := w.desk.Risk
	w.refused(r.Propose(w.ctx, w.analyst.ID, risk.Burst, "requests", 2, "x"), fault.Forbidden, "an analyst proposing")
	w.refused(r.Propose(w.ctx, w.lead.ID, risk.Burst, "requests", 0, "x"), fault.Invalid, "switching a rule off")
	w.ok(r.Propose(w.ctx, w.lead.ID, risk.Burst, "requests", 2, "a wave of forged orders"))
	p := must(r.Proposals(w.ctx))(t)[0]
	w.refused(r.Agree(w.ctx, w.lead.ID, p.ID, true, "the figures bear it out"), fault.Forbidden, "agreeing to one's own proposal")
	w.refused(r.Agree(w.ctx, w.analyst.ID, p.ID, true, "the figures bear it out"), fault.Forbidden, "an analyst agreeing")
	if v := must(r.Values(w.ctx))(t); len(v) != 0 {
		t.Fatalf("%v before the second word", v)
	}
	w.ledger.broken = true
	w.refused(r.Agree(w.ctx, w.counsel.ID, p.ID, true, "the figures bear it out"), fault.Unavailable, "without a record")
	w.ledger.broken = false
	w.ok(r.Agree(w.ctx, w.counsel.ID, p.ID, true, "the figures bear it out"))
	w.refused(r.Agree(w.ctx, w.counsel.ID, p.ID, true, "the figures bear it out"), fault.NotFound, "agreeing twice")
	w.settle()
	w.file(w.order())
	w.file(w.order())
	if f, ok := w.finding(w.file(w.order()), "SND.VELOCITY"); !ok || !strings.Contains(f.Note, "3 requests within 10 minutes") {
		t.Fatalf("%+v", f)
	}
}

func TestTheLawTablesOwnNumbersHoldOnTheirSide(t *testing.T) {
	w := newWorld(t)
	set := law.Default().Settings()
	w.file(w.order()) // the first one is held as that
	young := time.Duration(set.NewAccountDays)*24*time.Hour - w.clock.Now().Sub(w.reyes.Since)
	w.pass(young - time.Second)
	if _, ok := w.finding(w.file(w.order()), "SND.NEW_ACCOUNT"); !ok {
		t.Error("a second before the account is old enough")
	}
	w.clock.Advance(time.Second)
	if _, ok := w.finding(w.file(w.order()), "SND.NEW_ACCOUNT"); ok {
		t.Error("an account that is old enough")
	}
	for range set.EmergenciesADay {
		if f, ok := w.finding(w.emergency(), "SND.VELOCITY"); ok && !strings.Contains(f.Note, "90 days before") {
			t.Errorf("within the day's number: %+v", f)
		}
	}
	if _, ok := w.finding(w.emergency(), "SND.VELOCITY"); !ok {
		t.Error("one more than the day's number")
	}
}

// emergency sends one.
func (w *world) emergency() casefile.Number {
	w.Helper()
	dr := must(w.desk.Intake.Start(w.ctx, w.reyes.ID, law.Emergency))(w)
	d := w.order()
	d.Process, d.Emergency = law.Emergency, casefile.Emergency{Supervisor: casefile.Person{Name: "Lt. Kay"}, Follows: true}
	must(w.desk.Intake.Save(w.ctx, w.reyes.Actor(), dr.ID, d))(w)
	return must(w.desk.Intake.File(w.ctx, w.reyes.Actor(), dr.ID))(w)
}

// Whatever the rules see, a request that was sent is a case that waits for a
// person.
func TestNoRuleEverLosesARequest(t *testing.T) {
	w := newWorld(t)
	w.desk.Intake.PerHour = 1000
	must(w.desk.Agencies.AddAgency(w.ctx, w.lead.Actor(), agency.Agency{Name: "Port Police", Country: "DE", Domains: []string{"port.example"}, Switchboard: "+12025550111", Source: "state register", Sponsor: agency.Word{Why: "it is in the state register"}}))(t)
	who := []agency.Officer{w.reyes, w.colleague("Vera Port", "vera@port.example", casefile.Requester)}
	r := rand.New(rand.NewPCG(1, 2))
	rules := (risk.Values)(nil).Rules()
	var sent []casefile.Number
	for range 60 {
		o := who[r.IntN(len(who))]
		switch r.IntN(6) {
		case 0:
			w.pass(time.Duration(r.IntN(48)) * time.Hour)
		case 1:
			x := must(w.desk.Agencies.Officer(w.ctx, o.ID))(t)
			w.ok(w.desk.Agencies.KeyUsed(w.ctx, o.ID, x.Keys[0], "203.0.113."+string(rune('0'+r.IntN(10)))))
		case 2:
			rule := rules[r.IntN(len(rules))]
			if len(rule.Limits) > 0 {
				l := rule.Limits[r.IntN(len(rule.Limits))]
				if w.desk.Risk.Propose(w.ctx, w.lead.ID, rule.ID, l.Name, l.Min+r.IntN(l.Max-l.Min+1), "try") == nil {
					w.ok(w.desk.Risk.Agree(w.ctx, w.counsel.ID, must(w.desk.Risk.Proposals(w.ctx))(t)[0].ID, true, "the figures bear it out"))
				}
			}
		default:
			dr := must(w.desk.Intake.Start(w.ctx, o.ID, law.Emergency))(t)
			d := w.order()
			d.Process, d.Emergency = law.Emergency, casefile.Emergency{Supervisor: casefile.Person{Name: "Lt. Kay"}, Follows: true}
			must(w.desk.Intake.Save(w.ctx, o.Actor(), dr.ID, d))(t)
			n, err := w.desk.Intake.File(w.ctx, o.Actor(), dr.ID)
			if err != nil {
				t.Fatalf("a request was refused: %v", err)
			}
			sent = append(sent, n)
		}
	}
	heads := must(w.desk.Review.Queue(w.ctx, w.analyst.ID, casefile.Filter{Open: true, Limit: 500}))(t).Heads
	for _, n := range sent {
		if !slices.ContainsFunc(heads, func(h casefile.Head) bool { return h.Number == n }) {
			t.Errorf("%s is not in the queue", n)
		}
	}
	if len(sent) < 20 {
		t.Fatalf("only %d were sent", len(sent))
	}
}
