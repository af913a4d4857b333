package console

import (
	"net/http"
	"strconv"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/drill"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// Exercises: a trainer or lead begins them and reads how they went.

func (s *console) drillRoutes(in router) {
	in("GET /drills", casefile.RecordCourses, s.drills)
	in("POST /drills", casefile.RecordCourses, s.drillBegun)
}

func (s *console) scenario(id string) drill.Scenario { x, _ := drill.ScenarioByID(id); return x }

// outcomeWords say how an exercise ended, and where.
func outcomeWords(e casefile.DrillEnd) string {
	after := ", after " + kit.Plural(e.Minutes, "minute", "minutes") + "."
	switch e.Outcome {
	case casefile.DrillCaught:
		return "Caught at the " + string(e.Barrier) + after
	case casefile.DrillStopped:
		return "Nobody caught it; the desk itself stopped it at the barrier “" + string(e.Barrier) + "”" + after
	case casefile.DrillMissed:
		return "Missed: it would have gone before the key holders" + after
	case casefile.DrillAnswered:
		return "A genuine emergency, answered" + after
	case casefile.DrillRefused:
		return "A genuine emergency, refused at the " + string(e.Barrier) + after
	}
	return "Nobody brought it to an end."
}

func (s *console) drills(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.drillsPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) drillsPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	all, err := s.Desk.Drills.Results(r.Context(), m.ID)
	if err != nil {
		return err
	}
	rates, err := s.Desk.Drills.Rates(r.Context(), s.Clock.Now().AddDate(-1, 0, 0))
	if err != nil {
		return err
	}
	t := kit.Table{Caption: "Exercises", Columns: append(kit.Columns("Exercise", "Begun", "By", "Stands at", "Whose"), kit.Column{Title: "Score", Right: true}), Empty: "There was none yet."}
	for _, x := range all {
		var state, score any = kit.Badge{Tone: kit.Info, Text: "runs"}, "–"
		who := "–"
		if x.End != nil {
			tone := kit.Bad
			if x.End.Score == 100 {
				tone = kit.Good
			}
			state, score, who = kit.Group{kit.Badge{Tone: tone, Text: string(x.End.Outcome)}, outcomeWords(*x.End)}, strconv.Itoa(x.End.Score), orDash(x.End.Who.Name)
		}
		var title any = x.Scenario.Title
		if m.May(casefile.OpenCases) {
			title = kit.Link{Text: x.Scenario.Title, URL: caseURL(x.Number)}
		}
		t.Rows = append(t.Rows, []any{title, kit.Stamp(x.Begun), kit.Group{x.By.Name, x.Why}, state, who, score})
	}
	var o []kit.Option
	for _, x := range drill.Scenarios() {
		o = append(o, kit.Option{Value: x.ID, Text: x.Title, Hint: x.Tells + " As the switchboard you say: “" + x.Answers + "”"})
	}
	return s.show(w, r, m, status, "drills.html", kit.Page{Title: "Exercises", Here: "/drills", Form: f, Lead: "Emergencies modelled on real frauds, in the live queue. Whoever works on one sees what they would see of a request.", Data: struct {
		Rates kit.Facts
		List  kit.Table
		Begin []kit.Field
	}{rateFacts(rates), t, []kit.Field{f.Radio("scenario", "Scenario", "", o).Require(),
		f.Tel("phone", "Number at which you answer", "You play the agency's switchboard: the case shows this as the directory's number.").Require().AtMost(40), f.Text("why", "Why now", "It stands with the exercise; who works on it never sees it.").Require().AtMost(500).Fill("the team is to stay in practice")}}})
}

func rateFacts(r drill.Rates) kit.Facts {
	of := func(n, all int) string {
		if all == 0 {
			return "none in the last year"
		}
		return strconv.Itoa(n) + " of " + strconv.Itoa(all)
	}
	return kit.Facts{{Label: "Frauds caught by a person", Value: of(r.Caught, r.Frauds)}, {Label: "Median time to catch", Value: minutes(r.MinutesToCatch, r.Caught)},
		{Label: "Genuine ones answered", Value: of(r.Answered, r.Genuine)}, {Label: "Median time to answer", Value: minutes(r.MinutesToAnswer, r.Answered)}}
}

func minutes(m, of int) string {
	if of == 0 {
		return "–"
	}
	return kit.Span(time.Duration(m) * time.Minute)
}

func (s *console) drillBegun(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	id, phone, why := f.Need("scenario", "Choose a scenario."), f.Need("phone", "Give the number at which you answer."), f.Need("why", "Say why now.")
	if f.OK() {
		n, err := s.Desk.Drills.Begin(r.Context(), m.ID, id, phone, why)
		if err == nil {
			return s.kit.Done(w, r, "/drills", kit.Good, "The exercise is in the queue as "+string(n)+". Be at your telephone.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad("", fault.Say(err))
	}
	return s.drillsPage(w, r, m, http.StatusBadRequest, f)
}
