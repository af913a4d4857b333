package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/kit"
)

func (s *console) trainingRoutes(in router) {
	in("GET /training", casefile.TakeCourses, s.courses)
	in("GET /training/law", casefile.TakeCourses, s.lawCourse)
	in("POST /training/law", casefile.TakeCourses, s.lawLearned)
	in("GET /training/course/{id}", casefile.TakeCourses, s.course)
	in("POST /training/course/{id}", casefile.TakeCourses, s.courseTaken)
	in("POST /training/conflicts", casefile.TakeCourses, s.conflictsReviewed)
}

// noTraining is said of whoever decides nothing.
const noTraining = "no training needed"

// training says in a few words whether the member may decide.
func (s *console) training(m staff.Member) string {
	x, err := s.Desk.Staff.Standing(context.Background(), m)
	switch {
	case err != nil:
		return "training cannot be read just now"
	case len(x.Lacks) > 0:
		return "no current training"
	case len(x.Law) > 0:
		return "the law has changed"
	case x.Until.IsZero():
		return noTraining
	}
	return "trained until " + kit.Day(x.Until)
}

func (s *console) courses(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.coursesPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) coursesPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	x, err := s.Desk.Staff.Standing(r.Context(), m)
	if err != nil {
		return err
	}
	t := kit.Table{Caption: "Courses", Columns: kit.Columns("Course", "Version", "Pass mark", "Yours"), Empty: "Your role needs no course."}
	for _, c := range s.Desk.Staff.Courses {
		state := any(kit.Badge{Tone: kit.Plain, Text: "not needed for your role"})
		if held, ok := s.Desk.Staff.Held(m, c); ok {
			state = kit.Badge{Tone: kit.Good, Text: "holds until " + kit.Day(held.Expires)}
		} else if c.Needs(m.Roles) {
			state = kit.Badge{Tone: kit.Warn, Text: "to be taken"}
		}
		t.Rows = append(t.Rows, []any{kit.Link{Text: c.Title, URL: "/training/course/" + c.ID}, c.Version, strconv.Itoa(c.Pass) + " of 100", state})
	}
	return s.show(w, r, m, status, "training.html", kit.Page{Title: "Training", Here: "/training", Form: f, Lead: "Nobody decides without training that holds, and nobody who has not said what ties they have.",
		Data: struct {
			Courses   kit.Table
			Law       *kit.Callout
			Again     *kit.Callout
			Mine      kit.Table
			Conflicts kit.Facts
			How       kit.Field
			Words     kit.Table
		}{t, lawCall(x), againCall(x), trainingTable(m, !m.Is(staff.Auditor)), conflictFacts(m, s),
			f.Text("why", "How you looked", "Such as: went through family, earlier employers and every agency that asked this year.").Require().AtMost(maxWhy), wordTable(m)}})
}

func lawCall(x staff.Standing) *kit.Callout {
	if len(x.Law) == 0 {
		return nil
	}
	return &kit.Callout{Tone: kit.Warn, Title: "The law table has changed", Text: kit.Plural(len(x.Law), "row has", "rows have") + " changed since you learned it. Under those you decide nothing before you have read them; under the others until " + kit.Day(x.Grace) + "."}
}

// againCall says what an exercise that went wrong asks for.
func againCall(x staff.Standing) *kit.Callout {
	if x.Again == nil {
		return nil
	}
	return &kit.Callout{Tone: kit.Warn, Title: "An exercise went wrong: " + x.Again.Title, Text: "It ended as “" + string(x.Again.Outcome) + "” on " + kit.Day(x.Again.Ended) + ". You decide no emergency before you have passed the course on forged emergencies again; everything else goes on."}
}

func conflictFacts(m staff.Member, s *console) kit.Facts {
	due := m.ConflictsDue()
	state := any(kit.Badge{Tone: kit.Good, Text: "declared; to be looked through again by " + kit.Day(due)})
	switch {
	case !s.Clock.Now().Before(due):
		state = kit.Badge{Tone: kit.Bad, Text: "overdue since " + kit.Day(due) + ": you decide nothing before"}
	case m.Reviewed.IsZero():
		state = kit.Badge{Tone: kit.Warn, Text: "not declared yet; due by " + kit.Day(due)}
	}
	return kit.Facts{{Label: "Conflicts of interest", Value: kit.Group{state, kit.Plural(len(m.Conflicts), "conflict declared", "conflicts declared")}}}
}

// trainingTable is what is recorded of a member, the latest first; named says
// who recorded it and why.
func trainingTable(m staff.Member, named bool) kit.Table {
	t := kit.Table{Caption: "What is recorded", Columns: kit.Columns("What", "Score", "Day", "Expires"), Empty: "None is recorded."}
	if named {
		t.Columns = append(t.Columns, kit.Columns("By", "Why")...)
	}
	for _, x := range slices.Backward(m.Trainings) {
		score := kit.Badge{Tone: kit.Good, Text: strconv.Itoa(x.Score) + " of 100"}
		if x.Failed {
			score = kit.Badge{Tone: kit.Bad, Text: strconv.Itoa(x.Score) + " of 100, not passed"}
		}
		what := "Held outside, on policy " + x.Policy
		if e := x.Exercise; e != nil {
			what = "Exercise: " + e.Title + ", " + string(e.Outcome)
		}
		if x.Course != "" {
			what = x.Course + ", version " + x.Version
		}
		expires := kit.Day(x.Expires)
		if x.Failed || x.Exercise != nil {
			expires = "–"
		}
		row := []any{what, score, kit.Day(x.Passed), expires}
		if named {
			row = append(row, x.Trainer.Name, orDash(x.Why))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s *console) courseOf(r *http.Request) (staff.Course, error) {
	i := slices.IndexFunc(s.Desk.Staff.Courses, func(c staff.Course) bool { return c.ID == r.PathValue("id") })
	if i < 0 {
		return staff.Course{}, fault.New(fault.NotFound, "show course", "there is no such course")
	}
	return s.Desk.Staff.Courses[i], nil
}

func (s *console) course(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.coursePage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

// chapter is a page of a course as the template shows it.
type chapter struct {
	Title  string
	Blocks []block
}

// block is a paragraph or a list.
type block struct {
	Text  string
	Items []string
}

// blocks reads the Markdown of a course: paragraphs, and lists of "- ".
func blocks(text string) (out []block) {
	for _, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		var b block
		for _, l := range strings.Split(p, "\n") {
			if item, ok := strings.CutPrefix(l, "- "); ok {
				b.Items = append(b.Items, item)
			} else {
				b.Text = strings.TrimSpace(b.Text + " " + l)
			}
		}
		out = append(out, b)
	}
	return out
}

func (s *console) coursePage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	c, err := s.courseOf(r)
	if err != nil {
		return err
	}
	var text []chapter
	for _, p := range c.Pages {
		text = append(text, chapter{p.Title, blocks(p.Text)})
	}
	var ask []kit.Field
	for i, q := range c.Questions {
		var o []kit.Option
		for j, x := range q.Choices {
			o = append(o, kit.Option{Value: strconv.Itoa(j), Text: x})
		}
		ask = append(ask, f.Radio("q"+strconv.Itoa(i), strconv.Itoa(i+1)+". "+q.Text, "", o).Require())
	}
	var why []string
	_, held := s.Desk.Staff.Held(m, c)
	if held {
		for i, q := range c.Questions {
			why = append(why, strconv.Itoa(i+1)+". "+q.Choices[q.Answer]+". "+q.Why)
		}
	}
	return s.show(w, r, m, status, "course.html", kit.Page{Title: c.Title, Here: "/training", Form: f, Trail: []kit.Link{{Text: "Training", URL: "/training"}},
		Lead: "Version " + c.Version + ". Read, then answer; " + strconv.Itoa(c.Pass) + " of 100 passes, and holds for " + kit.Plural(c.Days, "day", "days") + ".",
		Data: struct {
			At, Version string
			Text        []chapter
			Ask         []kit.Field
			Reason      kit.Field
			Why         []string
		}{"/training/course/" + c.ID, c.Version, text, ask, f.Text("why", "Why you take it now", "Such as: the first time, the yearly refresher, a new version, after an exercise.").Require().AtMost(maxWhy), why}})
}

func (s *console) courseTaken(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	c, err := s.courseOf(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	var answers []int
	for i := range c.Questions {
		name := "q" + strconv.Itoa(i)
		n, err := strconv.Atoi(f.Need(name, "Choose an answer to question "+strconv.Itoa(i+1)+"."))
		if err != nil && f.Get(name) != "" {
			f.Bad(name, "Choose one of the answers.")
		}
		answers = append(answers, n)
	}
	why := f.Need("why", "Say why you take the course now.")
	if !f.OK() {
		return s.coursePage(w, r, m, http.StatusBadRequest, f)
	}
	got, err := s.Desk.Staff.Take(r.Context(), m.ID, c.ID, f.Get("version"), answers, why)
	switch {
	case err != nil && !sayable(err):
		return err
	case err != nil:
		f.Bad("", fault.Say(err))
		return s.coursePage(w, r, m, fault.KindOf(err).Status(), f)
	case !got.Passed:
		return s.kit.Done(w, r, "/training", kit.Bad, "Not passed: "+strconv.Itoa(got.Score)+" of 100. Read again the parts that the questions were about; after two tries in a row the next is a day later.")
	}
	return s.kit.Done(w, r, "/training/course/"+c.ID, kit.Good, "Passed with "+strconv.Itoa(got.Score)+" of 100.")
}

// changed is a law row that changed since the member learned the table.
type changed struct {
	Row   law.Row
	Gone  bool
	ID    string
	Facts kit.Facts
	Read  kit.Field
}

func (s *console) lawCourse(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.lawCoursePage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) lawCoursePage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	x, err := s.Desk.Staff.Standing(r.Context(), m)
	if err != nil {
		return err
	}
	var rows []changed
	for _, id := range x.Law {
		row, ok := s.Desk.Law.Row(law.ProcessID(id), s.Clock.Now())
		c := changed{Row: row, Gone: !ok, ID: id, Read: f.Check("read-"+id, "I have read it", "").Require()}
		if ok {
			c.Facts = kit.Facts{{Label: "Reaches", Value: reachWords(row)}, {Label: "What the desk does", Value: stanceWords(row.Stance)}, {Label: "Telling the person", Value: row.NoticeRule.Text}}
		}
		rows = append(rows, c)
	}
	why := f.Text("why", "Why you learn it now", "Such as: a case of mine is under one of these rows; the time for it ends this week.").Require().AtMost(maxWhy)
	return s.show(w, r, m, status, "lawcourse.html", kit.Page{Title: "What changed in the law table", Here: "/training", Form: f, Trail: []kit.Link{{Text: "Training", URL: "/training"}},
		Lead: "Each row that is new, gone or different since you learned the table.", Data: struct {
			Rows []changed
			Why  kit.Field
		}{rows, why}})
}

func (s *console) lawLearned(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	var read []string
	for name := range f.Values {
		if id, ok := strings.CutPrefix(name, "read-"); ok {
			read = append(read, id)
		}
	}
	why := f.Need("why", "Say why you learn it now.")
	if !f.OK() {
		return s.lawCoursePage(w, r, m, http.StatusBadRequest, f)
	}
	err = s.Desk.Staff.LearnLaw(r.Context(), m.ID, read, why)
	switch {
	case err == nil:
		return s.kit.Done(w, r, "/training", kit.Good, "Recorded: you know the law table as it stands.")
	case !sayable(err):
		return err
	}
	f.Bad("", fault.Say(err))
	return s.lawCoursePage(w, r, m, fault.KindOf(err).Status(), f)
}

func (s *console) conflictsReviewed(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	why := f.Need("why", "Say how you looked.")
	if !f.OK() {
		return s.coursesPage(w, r, m, http.StatusBadRequest, f)
	}
	if err := s.Desk.Staff.DeclareAll(r.Context(), m.ID, why); err != nil {
		return err
	}
	return s.kit.Done(w, r, "/training", kit.Good, "Declared. You are asked again in a year; declare at once whatever comes between.")
}
