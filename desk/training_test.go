package desk_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
)

// newcomer is a member who has not been trained.
func (w *world) newcomer(name string, roles ...staff.Role) staff.Member {
	w.Helper()
	box := strings.ToLower(strings.Fields(name)[0]) + "@new.example"
	must(w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: name, Mailbox: box, Roles: roles}))(w)
	return must(w.desk.Staff.RegisterKey(w.ctx, w.mail.token(w, box), "", w.key()))(w)
}

// answers are right for all questions but the first n.
func answers(c staff.Course, wrong int) []int {
	var out []int
	for i, q := range c.Questions {
		a := q.Answer
		if i < wrong {
			a = (a + 1) % len(q.Choices)
		}
		out = append(out, a)
	}
	return out
}

// learn has a member take every course that their role needs.
func (w *world) learn(m staff.Member) {
	w.Helper()
	for _, c := range w.desk.Staff.Required(m) {
		r, err := w.desk.Staff.Take(w.ctx, m.ID, c.ID, c.Version, answers(c, 1), "the yearly refresher")
		w.ok(err)
		if !r.Passed {
			w.Fatalf("%s not passed with one mistake: %+v", c.ID, r)
		}
	}
}

func TestTheShippedCoursesAreWhole(t *testing.T) {
	all := staff.Shipped()
	if len(all) < 2 {
		t.Fatal(len(all))
	}
	for _, c := range all {
		if len(c.Questions) < 10 {
			t.Errorf("%s has %d questions", c.ID, len(c.Questions))
		}
		places := map[int]int{}
		for i, q := range c.Questions {
			places[q.Answer]++
			if q.Why == "" {
				t.Errorf("%s, question %d: no reason", c.ID, i+1)
			}
		}
		for p, n := range places {
			if n*100/len(c.Questions) >= c.Pass {
				t.Errorf("%s is passed by always choosing answer %d", c.ID, p+1)
			}
		}
	}
	for what, body := range map[string]string{"no mark": `id="x"`, "a key that is none": "id=\"x\"\nmark=3", "an answer that is none": `id="x"
title="x"
version="1"
pass=80
days=365
roles=["analyst"]
[[page]]
title="a"
text="b"` + strings.Repeat("\n[[question]]\ntext=\"a\"\nchoices=[\"a\",\"b\"]\nanswer=2", 5)} {
		if _, err := staff.ReadCourses(fstest.MapFS{"x.toml": {Data: []byte(body)}}); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

func TestACourseIsPassedInTheConsoleAndLapses(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	m := w.newcomer("Rosa Keller", staff.Analyst)
	w.refused(w.desk.Review.Assign(w.ctx, w.lead.ID, n, m.ID, "it is theirs to decide"), fault.Forbidden, "assigning the untrained")
	c := w.desk.Staff.Courses[slices.IndexFunc(w.desk.Staff.Courses, func(c staff.Course) bool { return slices.Contains(c.Roles, staff.Analyst) })]
	for range staff.Tries {
		if r, err := w.desk.Staff.Take(w.ctx, m.ID, c.ID, c.Version, answers(c, 5), "the yearly refresher"); err != nil || r.Passed || len(r.Wrong) != 5 {
			t.Fatal(r, err)
		}
	}
	_, err := w.desk.Staff.Take(w.ctx, m.ID, c.ID, c.Version, answers(c, 0), "the yearly refresher")
	w.refused(err, fault.Exhausted, "a third try at once")
	_, err = w.desk.Staff.Take(w.ctx, m.ID, c.ID, "1999-1", answers(c, 0), "the yearly refresher")
	w.refused(err, fault.Conflict, "an old version")
	w.clock.Advance(staff.Pause)
	w.learn(m)
	w.study(n, must(w.desk.Staff.Member(w.ctx, m.ID))(t))
	w.ok(w.desk.Review.Decide(w.ctx, m.ID, n, yield("name")))
	w.clock.Advance(staff.TrainingLife)
	w.ok(w.desk.Staff.DeclareAll(w.ctx, m.ID, "went through family and earlier employers"))
	w.refused(w.desk.Review.Decide(w.ctx, m.ID, n, decline("name")), fault.Forbidden, "deciding with lapsed courses")
	w.refused(w.desk.Review.Propose(w.ctx, m.ID, n, "what was decided is carried out"), fault.Forbidden, "proposing with lapsed courses")
	w.learn(m)
	w.ok(w.desk.Review.Decide(w.ctx, m.ID, n, decline("name")))
	conf := w.conf
	conf.Courses = []staff.Course{func() staff.Course { c.Version = "2027-1"; return c }()}
	later := desk.New(conf)
	if err := later.Review.Decide(w.ctx, m.ID, n, decline("name")); !fault.Is(err, fault.Forbidden) {
		t.Errorf("deciding on an older version of a course: %v", err)
	}
}

// TestWhoDoesNotKnowTheLawDoesNotDecide: a row that changed has no grace, the
// others have a fortnight.
func TestWhoDoesNotKnowTheLawDoesNotDecide(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	other := w.order()
	other.Process, other.Reference = "us.subpoena.gj", "GJ-1"
	o := w.file(other)
	conf := w.conf
	conf.Law = otherLaw(t, "us.order.2703d")
	d := desk.New(conf)
	w.ok(d.Tick(w.ctx))
	w.refused(d.Review.Assign(w.ctx, w.lead.ID, n, w.analyst.ID, "it is theirs to decide"), fault.Forbidden, "a case whose row changed")
	w.ok(d.Review.Assign(w.ctx, w.lead.ID, o, w.analyst.ID, "it is theirs to decide"))
	w.clock.Advance(staff.LawGrace)
	w.refused(d.Review.Assign(w.ctx, w.lead.ID, o, w.analyst.ID, "it is theirs to decide"), fault.Forbidden, "after the grace")
	w.refused(d.Staff.LearnLaw(w.ctx, w.analyst.ID, nil, "a case of mine is under it"), fault.Invalid, "saying it without reading")
	x := must(d.Staff.Standing(w.ctx, must(d.Staff.Member(w.ctx, w.analyst.ID))(t)))(t)
	if len(x.Law) != 1 || x.Law[0] != "us.order.2703d" {
		t.Fatalf("%v changed", x.Law)
	}
	w.refused(d.Staff.LearnLaw(w.ctx, w.analyst.ID, x.Law, "  "), fault.Invalid, "learning it without a reason")
	w.ok(d.Staff.LearnLaw(w.ctx, w.analyst.ID, x.Law, "a case of mine is under it"))
	w.ok(d.Review.Assign(w.ctx, w.lead.ID, n, w.analyst.ID, "it is theirs to decide"))
	w.ok(d.Review.Assign(w.ctx, w.lead.ID, o, w.analyst.ID, "it is theirs to decide"))
	again := must(w.desk.Staff.Member(w.ctx, w.analyst.ID))(t)
	if last := again.Trainings[len(again.Trainings)-1]; last.Course != staff.LawCourse || last.Version == "" || last.Why != "a case of mine is under it" {
		t.Errorf("it is recorded as %+v", last)
	}
}

// otherLaw is the law table with one row changed by an operator.
func otherLaw(t *testing.T, p law.ProcessID) *law.Table {
	t.Helper()
	row, ok := law.Default().Row(p, start)
	if !ok {
		t.Fatal("no row")
	}
	row.Note = "the operator reads it more narrowly"
	out, err := law.Default().With(&law.Overrides{ApprovedBy: "Miriam Adler", ApprovedOn: "2026-11-20", Rows: []law.Row{row}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestConflictsAreLookedThroughOnceAYear(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	m := w.newcomer("Rosa Keller", staff.Analyst)
	w.learn(m)
	w.assign(n, m.ID)
	w.clock.Advance(staff.ConflictFirst)
	w.refused(w.desk.Review.AddFinding(w.ctx, m.ID, n, "SCOPE.NO_NEXUS", "x"), fault.Forbidden, "a month without any declaration")
	w.ok(w.desk.Staff.DeclareAll(w.ctx, m.ID, "went through family and earlier employers"))
	w.ok(w.desk.Review.AddFinding(w.ctx, m.ID, n, "SCOPE.NO_NEXUS", "x"))
	w.clock.Advance(200 * 24 * time.Hour)
	w.ok(w.desk.Staff.Declare(w.ctx, m.ID, staff.Conflict{Target: "+12025550142", Reason: "a neighbour"}))
	if _, err := w.desk.Staff.MayDecide(w.ctx, m.ID, w.load(n)); !fault.Is(err, fault.Forbidden) || !strings.Contains(fault.Say(err), "neighbour") {
		t.Errorf("a personal tie: %v", err)
	}
	if _, err := w.desk.Staff.MayDecide(w.ctx, m.ID, casefile.Case{}); err != nil {
		t.Errorf("it refuses more than its case: %v", err)
	}
}
