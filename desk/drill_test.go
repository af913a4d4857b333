package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/ledger"
)

// spy counts every word that reaches the carrier about a case.
type spy struct {
	door.Door
	calls []string
}

func (s *spy) Resolve(ctx context.Context, q door.Lookup) (door.Resolution, error) {
	s.calls = append(s.calls, "resolve "+q.Case)
	return s.Door.Resolve(ctx, q)
}

func (s *spy) Propose(ctx context.Context, b []byte) (door.Proposal, error) {
	s.calls = append(s.calls, "propose")
	return s.Door.Propose(ctx, b)
}

func (s *spy) Proposal(ctx context.Context, h disclosable.Hash) (door.Proposal, error) {
	s.calls = append(s.calls, "proposal")
	return s.Door.Proposal(ctx, h)
}

func (s *spy) Withdraw(ctx context.Context, h disclosable.Hash) error {
	s.calls = append(s.calls, "withdraw")
	return s.Door.Withdraw(ctx, h)
}

func (s *spy) Redeem(ctx context.Context, h disclosable.Hash) (door.Release, error) {
	s.calls = append(s.calls, "redeem")
	return s.Door.Redeem(ctx, h)
}

func (s *spy) Tell(ctx context.Context, t door.Telling) (door.Told, error) {
	s.calls = append(s.calls, "tell")
	return s.Door.Tell(ctx, t)
}

// exercise is one in the queue, and all that it could reach under watch.
type exercise struct {
	*world
	n     casefile.Number
	spy   *spy
	mails int
}

func newExercise(t *testing.T, scenario string) *exercise {
	w := newWorld(t)
	x := &exercise{world: w, spy: &spy{Door: w.door}}
	w.desk.Review.Door, w.desk.Notice.Door = x.spy, x.spy
	x.n = must(w.desk.Drills.Begin(w.ctx, w.lead.ID, scenario, "+1 202 555 0199", "practice"))(t)
	x.mails = len(w.mail.sent)
	w.assign(x.n, w.analyst.ID)
	w.free(x.n, w.second)
	return x
}

// careless does whatever it takes to have it released, as far as the desk lets
// it: no question asked, a call that never took place.
func (x *exercise) careless() {
	x.Helper()
	d, ctx := x.desk, x.ctx
	c := x.load(x.n)
	for _, p := range c.Unread() {
		_, err := d.Review.ReadPaper(ctx, x.analyst.ID, x.n, p.ID)
		x.ok(err)
	}
	num := must(d.Urgent.Number(ctx, c))(x)
	call := called(casefile.CallConfirmed)
	call.Number, call.Supervisor = num.Number, true
	_ = d.Urgent.Call(ctx, x.second.ID, x.n, call)
	_ = d.Urgent.StandIn(ctx, x.second.ID, x.n, "in a hurry")
	_ = d.Urgent.StandIn(ctx, x.counsel.ID, x.n, "in a hurry")
	for _, f := range x.load(x.n).Findings {
		_ = d.Review.AnswerFinding(ctx, x.analyst.ID, x.n, f.ID, false, "looks fine")
	}
	for i := range c.Demand.Targets {
		_, _ = d.Review.Resolve(ctx, x.analyst.ID, x.n, i, "the request asks about it")
	}
	var all []review.Choice
	for _, i := range c.Demand.Wanted {
		all = append(all, review.Choice{Item: i, Verdict: casefile.Produce, Reason: "a life is in danger"})
	}
	_ = d.Review.Decide(ctx, x.analyst.ID, x.n, all)
	_ = d.Review.Propose(ctx, x.second.ID, x.n, "what was decided is carried out")
	_ = d.Review.Answer(ctx, x.analyst.ID, x.n, "nothing is produced")
	x.ok(x.door.SignAll("Ines Okafor", "Sefa Yilmaz"))
	x.pass(48 * time.Hour)
}

// An exercise driven all the way by a careless team never reaches the carrier,
// a mailbox or a person, and is in no count.
func TestAnExerciseReachesNobody(t *testing.T) {
	for _, sc := range scenarioIDs(newWorld(t)) {
		x := newExercise(t, sc)
		x.careless()
		if len(x.spy.calls) != 0 || len(x.door.Lookups) != 0 || len(x.door.Tellers) != 0 {
			t.Errorf("%s: the carrier heard of it: %v", sc, x.spy.calls)
		}
		if got := x.mail.sent[x.mails:]; len(got) != 0 {
			t.Errorf("%s: mail left the house: %+v", sc, got)
		}
		for _, r := range x.records() {
			if strings.HasPrefix(r.Kind, "case.") || r.Case != "" && strings.HasPrefix(r.Case, "LL-") {
				t.Errorf("%s: counted as a request: %s %s", sc, r.Kind, r.Case)
			}
		}
		got := must(x.desk.Drills.Results(x.ctx, x.lead.ID))(t)
		if len(got) != 1 || got[0].End == nil {
			t.Fatalf("%s: it has no end: %+v", sc, got)
		}
		if got[0].Scenario.Genuine != (got[0].End.Outcome == casefile.DrillAnswered) || got[0].End.Outcome == casefile.DrillCaught {
			t.Errorf("%s: a careless team is scored as %s", sc, got[0].End.Outcome)
		}
	}
}

func scenarioIDs(w *world) (out []string) {
	for _, s := range w.desk.Drills.Scenarios() {
		out = append(out, s.ID)
	}
	return out
}

// records are what the desk's ledger was told.
func (w *world) records() []ledger.Record { return w.ledger.told }

// Each fraud can be caught, at the barrier that was built for it, and the
// genuine one is answered within the hour.
func TestEachScenarioIsStoppedByItsBarrier(t *testing.T) {
	deny := func(x *exercise) error {
		call := called(casefile.CallDenied)
		call.Number = must(x.desk.Urgent.Number(x.ctx, x.load(x.n)))(x).Number
		return x.desk.Urgent.Call(x.ctx, x.second.ID, x.n, call)
	}
	holds := func(id string) func(*exercise) error {
		return func(x *exercise) error {
			for _, f := range x.load(x.n).Findings {
				if strings.HasPrefix(string(f.ID), id) {
					return x.desk.Review.AnswerFinding(x.ctx, x.analyst.ID, x.n, f.ID, true, "it does")
				}
			}
			return fault.New(fault.NotFound, "test", "no finding %s on %s", id, x.load(x.n).Drill.Scenario)
		}
	}
	declines := func(x *exercise) error {
		return x.desk.Review.Decide(x.ctx, x.analyst.ID, x.n, decline("name", "last_seen", "last_ip"))
	}
	for _, s := range []struct {
		scenario string
		catch    func(*exercise) error
		barrier  casefile.BarrierID
	}{
		{"compromised_mailbox", deny, casefile.BarrierCallBack},
		{"compromised_mailbox", holds("SND.SUPERVISOR"), casefile.CaughtFinding},
		{"cloned_domain", holds("SND.DOMAIN"), casefile.CaughtFinding},
		{"cloned_domain", deny, casefile.BarrierCallBack},
		{"forged_order", holds("SND.DOC_FORGED"), casefile.CaughtFinding},
		{"stolen_session", holds("EMG.NO_ATTESTATION"), casefile.CaughtFinding},
		{"stolen_session", deny, casefile.BarrierCallBack},
		{"no_facts", declines, casefile.CaughtDecision},
	} {
		x := newExercise(t, s.scenario)
		x.clock.Advance(7 * time.Minute)
		x.ok(s.catch(x))
		c := x.load(x.n)
		if c.DrillEnd == nil || c.DrillEnd.Outcome != casefile.DrillCaught || c.DrillEnd.Barrier != s.barrier || c.DrillEnd.Minutes != 7 || c.DrillEnd.Score != 100 {
			t.Errorf("%s: %+v", s.scenario, c.DrillEnd)
		}
		x.refused(declines(x), fault.Conflict, "acting on an exercise that is over")
	}
	x := newExercise(t, "genuine")
	x.clock.Advance(20 * time.Minute)
	x.careless() // here nothing has to be overcome
	got := must(x.desk.Drills.Results(x.ctx, x.lead.ID))(t)
	if got[0].End.Outcome != casefile.DrillAnswered || got[0].End.Minutes != 20 || got[0].End.Score != 100 {
		t.Errorf("the genuine one: %+v", got[0].End)
	}
	x = newExercise(t, "genuine")
	x.ok(deny(x))
	if c := x.load(x.n); c.DrillEnd == nil || c.DrillEnd.Outcome != casefile.DrillRefused || c.DrillEnd.Score != 0 {
		t.Errorf("refusing a life in danger: %+v", c.DrillEnd)
	}
}

// What a barrier of the desk stops is not what a person caught.
func TestABarrierThatHadToStopAPersonIsNoCatch(t *testing.T) {
	x := newExercise(t, "no_facts")
	d := x.desk
	call := called(casefile.CallConfirmed)
	call.Number = must(d.Urgent.Number(x.ctx, x.load(x.n)))(t).Number
	x.ok(d.Urgent.Call(x.ctx, x.second.ID, x.n, call))
	for _, f := range x.load(x.n).Findings {
		if f.Blocks() {
			x.ok(d.Review.AnswerFinding(x.ctx, x.analyst.ID, x.n, f.ID, false, "urgent"))
		}
	}
	must(d.Review.Resolve(x.ctx, x.analyst.ID, x.n, 0, "the request asks about it"))(t)
	x.ok(d.Review.Decide(x.ctx, x.analyst.ID, x.n, yield("name", "last_seen", "last_ip")))
	x.ok(d.Review.Propose(x.ctx, x.analyst.ID, x.n, "what was decided is carried out")) // alone
	if c := x.load(x.n); c.DrillEnd == nil || c.DrillEnd.Outcome != casefile.DrillStopped || c.DrillEnd.Barrier != casefile.BarrierTwoPeople || c.DrillEnd.Score != 40 {
		t.Fatalf("%+v", c.DrillEnd)
	}
	r := must(d.Drills.Rates(x.ctx, time.Time{}))(t)
	if r.Frauds != 1 || r.Caught != 0 || r.ByWhom["Ines Okafor"] != [2]int{0, 1} {
		t.Fatalf("%+v", r)
	}
}

// An exercise leaves no gap: its number goes to a real request a day later, and
// until then nobody else has it.
func TestAnExerciseGivesItsNumberBack(t *testing.T) {
	x := newExercise(t, "compromised_mailbox")
	first := x.n
	after := x.file(x.order())
	if first != casefile.Ordinary(2026, 1) || after != casefile.Ordinary(2026, 2) {
		t.Fatalf("exercise %s, request %s", first, after)
	}
	x.ok(x.desk.Review.Decide(x.ctx, x.analyst.ID, first, decline("name", "last_seen", "last_ip")))
	x.pass(23 * time.Hour)
	if n := x.file(x.order()); n != casefile.Ordinary(2026, 3) {
		t.Fatalf("the number of an exercise that can still be on a screen was given to %s", n)
	}
	x.pass(2 * time.Hour)
	_, err := x.desk.Files.Load(x.ctx, first)
	x.refused(err, fault.Withheld, "the exercise under its old number")
	if n := x.file(x.order()); n != first {
		t.Fatalf("the next request is %s: %s is left out", n, first)
	}
	if n := x.file(x.order()); n != casefile.Ordinary(2026, 4) {
		t.Fatalf("then came %s", n)
	}
	got := must(x.desk.Drills.Results(x.ctx, x.lead.ID))(t)
	if len(got) != 1 || !strings.HasPrefix(string(got[0].Number), "LL-2026-X") || got[0].End.Outcome != casefile.DrillCaught {
		t.Fatalf("%+v", got)
	}
	if c := x.load(got[0].Number); c.Drill == nil || len(c.Events) < 5 {
		t.Fatalf("what happened in it is gone: %+v", c.Events)
	}
	heads := must(x.conf.Public.Store.Queue(x.ctx, casefile.Filter{Limit: 500}))(t)
	if slices.ContainsFunc(heads, func(h casefile.Head) bool { return h.Drill != nil }) {
		t.Error("an exercise that is over is in the queue")
	}
}

func TestOnlyTrainersAndLeadsBeginExercises(t *testing.T) {
	w := newWorld(t)
	for _, m := range []staff.Member{w.analyst, w.counsel} {
		_, err := w.desk.Drills.Begin(w.ctx, m.ID, "genuine", "+1 202 555 0199", "practice")
		w.refused(err, fault.Forbidden, "an exercise by "+m.Name)
	}
	_, err := w.desk.Drills.Begin(w.ctx, w.lead.ID, "genuine", "", "practice")
	w.refused(err, fault.Invalid, "an exercise without a number to call")
	_, err = w.desk.Drills.Begin(w.ctx, w.lead.ID, "nonsense", "+1 202 555 0199", "practice")
	w.refused(err, fault.Invalid, "an unknown scenario")
	n := must(w.desk.Drills.Begin(w.ctx, w.lead.ID, "genuine", "+1 202 555 0199", "practice"))(t)
	if got := must(w.desk.Drills.Results(w.ctx, w.analyst.ID))(t); len(got) != 0 {
		t.Fatalf("an analyst is told of an exercise that runs: %+v", got)
	}
	if o := must(w.desk.Review.Case(w.ctx, w.analyst.ID, n))(t); strings.Contains(strings.ToLower(o.Case.Phase().InWords()), "exercise") {
		t.Fatal("the page tells")
	}
	w.ok(w.desk.Intake.Withdraw(w.ctx, w.reyes.Actor(), w.file(w.order()), "x"))
	w.refused(w.desk.Intake.Withdraw(w.ctx, w.reyes.Actor(), n, "x"), fault.Withheld, "an officer reaching an exercise")
	_, err = w.desk.Urgent.Read(w.ctx, w.reyes.ID, n, w.clock.Now())
	w.refused(err, fault.Withheld, "an officer signing an exercise")
	w.pass(25 * time.Hour)
	if r := must(w.desk.Drills.Rates(w.ctx, time.Time{}))(t); r.Genuine != 1 || r.Answered != 0 {
		t.Fatalf("one that nobody answered: %+v", r)
	}
}
