package desk_test

import (
	"slices"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/ledger"
)

func (w *world) member(id casefile.MemberID) staff.Member {
	w.Helper()
	return must(w.desk.Staff.Active(w.ctx, id))(w)
}

// right are the right answers to the course on forged emergencies.
func (w *world) right() (staff.Course, []int) {
	w.Helper()
	i := slices.IndexFunc(w.desk.Staff.Courses, func(c staff.Course) bool { return c.ID == staff.FraudCourse })
	if i < 0 {
		w.Fatal("the course on forged emergencies is not there")
	}
	var out []int
	for _, q := range w.desk.Staff.Courses[i].Questions {
		out = append(out, q.Answer)
	}
	return w.desk.Staff.Courses[i], out
}

// An exercise that went wrong stands in the record of the member whose it was,
// once, and they decide no emergency before they have passed the course on
// forged emergencies again. Nothing else is taken from them.
func TestAnExerciseThatWentWrongIsLearnedFrom(t *testing.T) {
	x := newExercise(t, "no_facts")
	x.careless()
	end := must(x.desk.Drills.Results(x.ctx, x.lead.ID))(t)[0].End
	if end == nil || end.Outcome == casefile.DrillCaught {
		t.Fatalf("the careless team is scored as %+v", end)
	}
	whose := end.Who.MemberID()
	m := x.member(whose)
	got := m.Trainings[len(m.Trainings)-1]
	if got.Exercise == nil || !got.Failed || got.Exercise.Outcome != end.Outcome || got.Score != end.Score || got.Trainer.ID != x.lead.Actor().ID {
		t.Fatalf("the record: %+v", got)
	}
	x.tick()
	x.tick()
	if again := x.member(whose); len(again.Trainings) != len(m.Trainings) {
		t.Errorf("it stands there %d times", len(again.Trainings)-len(m.Trainings)+1)
	}
	if !slices.ContainsFunc(x.records(), func(r ledger.Record) bool { return r.Kind == "member.drilled" }) {
		t.Error("the ledger was not told")
	}
	siren, order := casefile.Case{Demand: casefile.Demand{Process: law.Emergency}}, casefile.Case{Demand: casefile.Demand{Process: "us.order.2703d"}}
	_, err := x.desk.Staff.MayDecide(x.ctx, whose, siren)
	x.refused(err, fault.Forbidden, "deciding an emergency after a missed exercise")
	if !strings.Contains(fault.Say(err), "course") {
		t.Errorf("it does not say what to do: %s", fault.Say(err))
	}
	_, err = x.desk.Staff.MayDecide(x.ctx, whose, order)
	x.ok(err)
	c, right := x.right()
	must(x.desk.Staff.Take(x.ctx, whose, c.ID, c.Version, right, "the yearly refresher"))(t)
	_, err = x.desk.Staff.MayDecide(x.ctx, whose, siren)
	x.ok(err)
	x.tick() // the outcome is not noted anew after the course
	_, err = x.desk.Staff.MayDecide(x.ctx, whose, siren)
	x.ok(err)
}

// A catch is on record too, and takes nothing away; it is no course either.
func TestACatchIsOnRecordAndCoversNoCourse(t *testing.T) {
	x := newExercise(t, "no_facts")
	before := must(x.desk.Staff.Standing(x.ctx, x.member(x.analyst.ID)))(t)
	x.ok(x.desk.Review.Decide(x.ctx, x.analyst.ID, x.n, decline("name", "last_seen", "last_ip")))
	x.tick()
	m := x.member(x.analyst.ID)
	got := m.Trainings[len(m.Trainings)-1]
	if got.Exercise == nil || got.Failed || got.Exercise.Outcome != casefile.DrillCaught || got.Score != 100 {
		t.Fatalf("%+v", got)
	}
	if after := must(x.desk.Staff.Standing(x.ctx, m))(t); after.Again != nil || !after.Until.Equal(before.Until) {
		t.Errorf("standing %+v, was %+v", after, before)
	}
}

// An agency that owes legal process has lost the fast lane: its next emergency
// waits for a person who answers for that, with a reason.
func TestAnAgencyThatOwesProcessIsHeldAtItsNextEmergency(t *testing.T) {
	s := newScene(t)
	s.meet()
	s.release()
	s.pass(casefile.Promised + casefile.Reminded)
	d := s.siren()
	d.Reference, d.Targets = "HC-26-E7", []casefile.Target{{Kind: law.TargetPhone, Identifier: "+12025550167"}}
	s.n = s.fileBare(d)
	s.assign(s.n, s.analyst.ID)
	s.free(s.n, s.second, s.counsel)
	s.meet()
	s.answerRest(s.analyst)
	s.produceAll(s.n, s.analyst)
	s.refused(s.propose(), fault.Conflict, "the next emergency of an agency that owes process")
	if b, ok := s.load(s.n).Unmet(s.second.Actor()); !ok || b.ID != casefile.BarrierOwed {
		t.Fatalf("held at %q (%v)", b.ID, ok)
	}
	s.ok(s.desk.Review.AnswerFinding(s.ctx, s.counsel.ID, s.n, "EMG.FOLLOWUP_OVERDUE", false, "the sergeant sends the warrant today; a life is in danger"))
	s.ok(s.propose())
}

func (s *scene) propose() error {
	return s.desk.Review.Propose(s.ctx, s.second.ID, s.n, "what was decided is carried out")
}

// The supervisor whom the officer chooses is one of their agency, now.
func TestOnlyASupervisorOfTheAgencyIsChosenToSign(t *testing.T) {
	s := newScene(t)
	plain := s.colleague("Ada Boyd", "boyd@sheriff.harbor.example", casefile.Requester)
	try := func(id casefile.OfficerID) error {
		d := s.siren()
		d.Reference, d.Emergency.CoSigner = "HC-26-"+casefile.NewID()[:4], id
		dr := must(s.desk.Intake.Start(s.ctx, s.reyes.ID, d.Process))(t)
		must(s.desk.Intake.Save(s.ctx, s.reyes.Actor(), dr.ID, d))(t)
		n, err := s.desk.Intake.File(s.ctx, s.reyes.Actor(), dr.ID)
		if err == nil {
			s.n = n
		}
		return err
	}
	for _, id := range []casefile.OfficerID{plain.ID, s.reyes.ID, "nobody"} {
		s.refused(try(id), fault.Invalid, "choosing "+string(id))
	}
	other := s.colleague("Tom Lind", "lind@sheriff.harbor.example", casefile.Supervisor)
	s.ok(try(s.boss.ID))
	s.ok(s.attests(s.reyes, s.key, s.n))
	_, err := s.desk.Urgent.Read(s.ctx, other.ID, s.n, s.clock.Now())
	s.refused(err, fault.Withheld, "another supervisor than the chosen one")
	s.ok(s.attests(s.boss, s.bossKey, s.n))
}
