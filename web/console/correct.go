package console

import (
	"net/http"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/web/demand"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// correctable reports a case that came on paper and of which nothing is out
// yet: whoever entered it wrong enters it right.
func correctable(c casefile.Case) bool {
	return c.Demand.Officer == "" && !c.Withdrawn && !c.Answering && len(c.GrantsOf(disclosable.Produce)) == 0 && len(c.Packages) == 0
}

func (s *console) correctable(r *http.Request, m staff.Member) (view, error) {
	n, err := number(r)
	if err != nil {
		return view{}, err
	}
	v, err := s.view(r.Context(), m, n)
	if err != nil {
		return v, err
	}
	if v.Case.Demand.Officer != "" {
		return v, fault.New(fault.Forbidden, "correct case", "the officer who filed it corrects it on the portal; ask them")
	}
	if !correctable(v.Case) {
		return v, fault.New(fault.Conflict, "correct case", "this case is answered, withdrawn or before the key holders and cannot be corrected any more; take the grants back first, or enter the paper anew")
	}
	return v, nil
}

func (s *console) correct(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	v, err := s.correctable(r, m)
	if err != nil {
		return err
	}
	x := demand.Values(v.Case.Demand, v.Row)
	x.Set("officer_name", v.Case.Demand.OfficerName)
	return s.correctPage(w, r, m, http.StatusOK, v, kit.NewForm(x))
}

func (s *console) correctPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, v view, f *kit.Form) error {
	d := v.Case.Demand
	return s.show(w, r, m, status, "correct.html", kit.Page{Title: "Correct " + string(v.Case.Number), Here: "/", Form: f, Trail: []kit.Link{{Text: "Queue", URL: "/"}, {Text: string(v.Case.Number), URL: v.at()}}, Data: struct {
		At       string
		Row      kit.Facts
		Officer  kit.Field
		Sections []demand.Section
		Why      kit.Field
	}{v.at(), kit.Facts{{Label: "From", Value: d.AgencyName + ", " + cameBy(d)}, {Label: "Process", Value: v.Row.Name}, {Label: "Text of the law", Value: words.Citations(v.Row.Citations)}},
		f.Text("officer_name", "Officer named on the paper", "").AtMost(casefile.MaxReference), demand.ForTeam(demand.Sections(f, v.Row, s.Desk.Law, s.Desk.Intake.House)),
		f.Text("why", "What you corrected, and why", "It stands in the history of the case.").Require().AtMost(2000)}})
}

func (s *console) corrected(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	v, err := s.correctable(r, m)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	x := demand.Read(f, v.Case.Demand, v.Row, s.Desk.Law)
	x.OfficerName = f.Get("officer_name")
	if why := f.Need("why", "Say in a few words what you corrected."); f.OK() {
		err := s.Desk.Intake.Correct(r.Context(), m.Actor(), v.Case.Number, x, why)
		if err == nil {
			return s.kit.Done(w, r, v.at(), kit.Good, "Corrected. The findings are those of the corrected request.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad(demand.FieldOf(f, err), fault.Say(err))
	}
	return s.correctPage(w, r, m, http.StatusBadRequest, v, f)
}
