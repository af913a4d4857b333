package console_test

import (
	"strconv"
	"testing"
	"time"

	"letterlock/desk/staff"
)

// hands in the answers that choose picks, question by question.
func (h *hands) answersCourse(c staff.Course, choose func(staff.Question) int, says string) {
	h.Helper()
	for i, q := range c.Questions {
		h.Chooses("q"+strconv.Itoa(i), strconv.Itoa(choose(q)))
	}
	h.Types("why", "I am new here")
	h.Presses("Hand in the answers", says)
}

func right(q staff.Question) int { return q.Answer }
func wrong(q staff.Question) int { return (q.Answer + 1) % len(q.Choices) }

// TestACourseByKeyboardAlone: whoever is new reads a course, fails it, takes it
// again and passes, is told the answers only then, and may decide after the
// courses of their role and not before.
func TestACourseByKeyboardAlone(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	rosa := w.keyboard("Rosa Keller", staff.Analyst)
	rosa.Says("no current training")
	rosa.Enters("Training", "Training")
	rosa.Says("to be taken")
	for i, c := range w.desk.Staff.Courses {
		rosa.Open("/training")
		rosa.Enters(c.Title, c.Title)
		rosa.Says(strconv.Itoa(c.Pass) + " of 100 passes")
		for _, p := range c.Pages {
			rosa.Says(p.Title)
		}
		if i == 0 {
			rosa.answersCourse(c, wrong, "Not passed: 0 of 100")
			rosa.Says("0 of 100, not passed")
			rosa.Enters(c.Title, c.Title)
			rosa.silent("The answers, now that you have passed")
		}
		rosa.answersCourse(c, right, "Passed with 100 of 100.")
		rosa.Opens("The answers, now that you have passed")
		rosa.Says(c.Questions[0].Why)
	}
	rosa.Says("trained until")
	m := must(w.desk.Staff.Active(t.Context(), rosa.id))(w)
	if x := must(w.desk.Staff.Standing(t.Context(), m))(w); len(x.Lacks) > 0 || len(m.Trainings) != len(w.desk.Staff.Courses)+1 || !m.Trainings[0].Failed {
		t.Errorf("lacks %v, recorded %+v", x.Lacks, m.Trainings)
	}
	rosa.finds(n, "ordinary")
	rosa.takes(n)
}

// TestACourseThatWasFailedTwiceWaitsADay: the third try is refused with the
// time at which it may be, and the answers are not lost.
func TestACourseThatWasFailedTwiceWaitsADay(t *testing.T) {
	w := newWorld(t)
	c := w.desk.Staff.Courses[0]
	take := func(choose func(staff.Question) int) (int, string) {
		pairs := []string{"version", c.Version, "why", "the yearly refresher"}
		for i, q := range c.Questions {
			pairs = append(pairs, "q"+strconv.Itoa(i), strconv.Itoa(choose(q)))
		}
		p := w.untrained.press(w.untrained.get("/training/course/"+c.ID), "Hand in the answers", pairs...)
		return p.Status, p.Text()
	}
	take(wrong)
	take(wrong)
	p := w.untrained.post("/training/course/"+c.ID, "version", c.Version)
	says(t, p, 400, "Choose an answer to question 1.")
	if status, text := take(right); status != 429 {
		t.Errorf("a third try in a row: %d %s", status, text)
	}
	w.clock.Advance(25 * time.Hour)
	w.untrained.signIn()
	if status, text := take(right); status != 200 {
		t.Errorf("a day later: %d %s", status, text)
	}
}
