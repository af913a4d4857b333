package console

import (
	"net/http"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/kit"
)

func (s *console) secondRoutes(in router) {
	in("GET /second", casefile.ReviewAgain, s.again)
	in("POST /second/{n}/{id}/take", casefile.ReviewAgain, s.againTaken)
	in("GET /second/{n}/{id}", casefile.ReviewAgain, s.againPage)
	in("POST /second/{n}/{id}", casefile.ReviewAgain, s.againGiven)
	in("GET /lent", casefile.SeeLent, s.lent)
	in("GET /cases/{n}/lend", casefile.LendCases, s.lending)
	in("POST /cases/{n}/lend", casefile.LendCases, s.lentNow)
	in("POST /cases/{n}/lend/{to}/end", casefile.LendCases, s.lentBack)
	in("POST /cases/{n}/second/{id}/close", casefile.DecideCounsel, s.againClosed)
	in("POST /cases/{n}/opinion", casefile.Advise, s.opinion)
}

// noTieCall asks whoever may decide a case for their word, for this one case.
func noTieCall(v view) *kit.Callout {
	if !v.may() || v.over() || v.Case.NoTie(v.member.ID) {
		return nil
	}
	d := v.Case.Demand
	from := "the officer " + d.OfficerName
	if d.OfficerName == "" {
		from = "its officer"
	}
	return &kit.Callout{Tone: kit.Info, Title: "Have you a tie with this case?", Text: "You decide nothing and propose no grants here before you have said that you have none with " + d.AgencyName + ", with " + from + ", or with anybody who is asked about. Your word is recorded."}
}

// againField asks somebody else to look again.
func againField(f *kit.Form, v view) *kit.Field {
	if !v.may() || v.over() || len(v.Case.Decided()) == 0 {
		return nil
	}
	x := f.Long("second", "Why somebody should look again", "Another trained person gives their own verdicts without seeing these. The statutory clock goes on.").Lines(2).Require()
	return &x
}

// again lists the second reviews that wait for a person.
func (s *console) again(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	all, err := s.Desk.Review.Again(r.Context(), m.ID)
	if err != nil {
		return err
	}
	for i := range all {
		all[i].Process = law.ProcessID(s.rowName(all[i].Process)) // as people call it
	}
	return s.show(w, r, m, http.StatusOK, "second.html", kit.Page{Title: "Second reviews", Here: "/second",
		Lead: "Decisions drawn by lot, and cases that somebody asked to have looked at again. You give your own verdicts before you see the first's.", Data: all})
}

func (s *console) againTaken(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	if err := s.Desk.Review.TakeAgain(r.Context(), m.ID, n, r.PathValue("id"), f.Get("why")); err != nil {
		return err
	}
	return s.kit.Done(w, r, "/second/"+string(n)+"/"+r.PathValue("id"), kit.Good, "Taken. The first decision is hidden from you until you have given yours.")
}

func (s *console) againPage(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.againForm(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) againForm(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	o, err := s.Desk.Review.Sight(r.Context(), m.ID, n, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := view{Open: o, member: m, now: s.Clock.Now()}
	about := append(kit.Facts{{Label: "Agency", Value: o.Case.Demand.AgencyName}, {Label: "Received", Value: kit.Stamp(o.Case.Filed)}}, paperFacts(o.Case.Demand, s.Desk.Law, o.Row)...)
	found := kit.Table{Caption: "Findings", Columns: kit.Columns("Finding", "What it says"), Empty: "The machine found nothing."}
	for _, x := range o.Case.Findings {
		found.Rows = append(found.Rows, []any{x.Row().Title, x.Row().Sentence})
	}
	return s.show(w, r, m, status, "again.html", kit.Page{Title: "Second review of " + string(n), Here: "/second", Form: f, Wide: true, Trail: []kit.Link{{Text: "Second reviews", URL: "/second"}},
		Lead: o.Row.Name, Data: struct {
			At       string
			Case     string
			Paper    kit.Facts
			Papers   []casefile.Paper
			Findings kit.Table
			Items    []itemView
		}{"/second/" + string(n) + "/" + r.PathValue("id"), caseURL(n), about, o.Case.Demand.Papers, found, s.items(f, v)}})
}

func (s *console) againGiven(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	o, err := s.Desk.Review.Sight(r.Context(), m.ID, n, r.PathValue("id"))
	if err != nil {
		return err
	}
	var all []review.Choice
	for _, i := range o.Case.Demand.Wanted {
		if c, ok := chosen(f, o.Case.Demand.Targets, i); ok {
			all = append(all, c)
		}
	}
	if f.OK() {
		err := s.Desk.Review.GiveAgain(r.Context(), m.ID, n, r.PathValue("id"), all)
		if err == nil {
			return s.kit.Done(w, r, caseURL(n), kit.Good, "Given. Now you see the first decision; where the two differ, counsel is told.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad("", fault.Say(err))
	}
	return s.againForm(w, r, m, http.StatusBadRequest, f)
}

func (s *console) againClosed(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.lendAct(w, r, "Closed. The release goes on when its day has come.", func(f *kit.Form, n casefile.Number) error {
		return s.Desk.Review.CloseAgain(r.Context(), m.ID, n, r.PathValue("id"), f.Get("why"))
	})
}

// lent is where outside counsel begins: the cases lent to them, by name.
func (s *console) lent(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	all, err := s.Desk.Review.Lent(r.Context(), m.ID)
	if err != nil {
		return err
	}
	t := kit.Table{Caption: "Lent to you, until the day that stands beside it", Columns: kit.Columns("Case", "Process", "Agency", "What you are asked", "Until"), Empty: "No case is lent to you now. Whoever lends you one names the day until which you see it."}
	for _, d := range all {
		t.Rows = append(t.Rows, []any{kit.Link{Text: string(d.Case), URL: caseURL(d.Case)}, s.rowName(d.Process), d.Agency, d.Why, kit.Stamp(d.Until)})
	}
	return s.show(w, r, m, http.StatusOK, "lent.html", kit.Page{Title: "Cases lent to you", Here: "/lent", Data: t})
}

// lending is where a case is lent to outside counsel, opinions are written, and
// counsel closes a second review that disagrees.
func (s *console) lending(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	o, err := s.Desk.Review.Case(r.Context(), m.ID, n)
	if err != nil {
		return err
	}
	all, err := s.Desk.Staff.Members(r.Context())
	if err != nil {
		return err
	}
	f := kit.NewForm(nil)
	to := []kit.Option{{Text: "Choose"}}
	for _, x := range all {
		if x.State == staff.Active && x.May(casefile.SeeLent) {
			to = append(to, kit.Option{Value: string(x.ID), Text: x.Name})
		}
	}
	return s.show(w, r, m, http.StatusOK, "lend.html", kit.Page{Title: "Lend " + string(n), Here: "/", Trail: []kit.Link{{Text: "Queue", URL: "/"}, {Text: string(n), URL: caseURL(n)}},
		Lead: "Outside counsel sees this case, and no other, until its day or until it is taken back.", Data: struct {
			At      string
			Loans   []casefile.Loan
			Seconds []casefile.Second
			Counsel bool
			Fields  []kit.Field
		}{caseURL(n), o.Case.Lent, o.Case.Seconds, m.May(casefile.DecideCounsel), []kit.Field{f.Select("to", "To", "", to).Require(), f.Date("until", "Until", "Within 90 days, in UTC.").Require(), f.Text("why", "What they are asked", "").Require().AtMost(2000)}}})
}

func (s *console) lentNow(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.lendAct(w, r, "Lent. They see the case until that day.", func(f *kit.Form, n casefile.Number) error {
		until := day(f, "until")
		if err := f.Err(); err != nil {
			return err
		}
		return s.Desk.Review.Lend(r.Context(), m.ID, n, casefile.MemberID(f.Get("to")), until, f.Get("why"))
	})
}

func (s *console) lentBack(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.lendAct(w, r, "Taken back. The case does not exist for them any more.", func(f *kit.Form, n casefile.Number) error {
		return s.Desk.Review.TakeBackLoan(r.Context(), m.ID, n, casefile.MemberID(r.PathValue("to")), f.Get("why"))
	})
}

func (s *console) opinion(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.lendAct(w, r, "Your opinion is on the case.", func(f *kit.Form, n casefile.Number) error {
		return s.Desk.Review.Opine(r.Context(), m.ID, n, f.Get("opinion"))
	})
}

// lendAct does a small posted act about a case and leads back to it.
func (s *console) lendAct(w http.ResponseWriter, r *http.Request, said string, do func(*kit.Form, casefile.Number) error) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	if err := do(f, n); err != nil {
		return err
	}
	return s.kit.Done(w, r, caseURL(n), kit.Good, said)
}
