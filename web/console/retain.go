package console

import (
	"net/http"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/retain"
	"letterlock/desk/staff"
	"letterlock/law"
	"letterlock/web/kit"
)

// stayData is how long the persons' data of a case stay, on its page.
type stayData struct {
	Says    kit.Callout
	Holds   []holdData
	Counsel bool
	Fields  []kit.Field // of a new hold
}

type holdData struct {
	casefile.LegalHold
	Fields []kit.Field // of a hold that goes on
}

func (s *console) stay(f *kit.Form, v view) stayData {
	st := s.Desk.Retain.Of(v.Case, v.Duties)
	d := stayData{Counsel: v.counsel && v.cannot == nil, Says: kit.Callout{Tone: kit.Info, Title: "Persons’ data stay here for now",
		Text: "They leave " + st.Rule + ". What keeps them: " + strings.Join(st.Why, "; ") + "."}}
	if !st.Day.IsZero() {
		d.Says.Title = "Persons’ data leave on " + kit.Day(st.Day)
		d.Says.Text = "Then identifiers, papers, letters, questions, reasons and names are erased for good. The number, the process, the country, the days, the outcome and salted hashes stay. Rule: " + st.Rule + "."
	}
	for _, h := range v.Case.LegalHolds {
		x := holdData{LegalHold: h}
		if h.Open() && d.Counsel {
			x.Fields = holdFields(f, h.ID)
		}
		d.Holds = append(d.Holds, x)
	}
	if d.Counsel {
		d.Fields = holdFields(f, "")
	}
	return d
}

// holdFields are those of a hold; the id keeps those of several apart.
func holdFields(f *kit.Form, id string) []kit.Field {
	return []kit.Field{f.Long("hold-why"+id, "Reason", "Which proceedings need the case. It stands in the file.").Lines(2).Require(),
		f.Date("hold-day"+id, "Day", "At most three years from now.").Require(),
		f.Check("hold-ends"+id, "The hold ends by itself on that day; otherwise counsel is asked to look at it again.", "")}
}

func orderOf(d doing, id string) retain.Order {
	o := retain.Order{Why: d.form.Need("hold-why"+id, "Give the reason."), Day: day(d.form, "hold-day"+id), Ends: d.form.Get("hold-ends"+id) != ""}
	if o.Day.IsZero() {
		d.form.Bad("hold-day"+id, "Give the day.")
	}
	return o
}

func (s *console) setHold(d doing) (string, string, error) {
	o := orderOf(d, "")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The persons’ data of this case stay while the hold lasts.", "hold-day", s.Desk.Retain.Hold(d.Context(), d.by.ID, d.n, o)
}

func (s *console) renewHold(d doing) (string, string, error) {
	id := d.PathValue("h")
	if d.form.Get("end") != "" {
		why := d.form.Need("hold-why"+id, "Give the reason.")
		if !d.form.OK() {
			return "", "", nil
		}
		return "The hold is ended.", "hold-why" + id, s.Desk.Retain.End(d.Context(), d.by.ID, d.n, id, why)
	}
	o := orderOf(d, id)
	if !d.form.OK() {
		return "", "", nil
	}
	return "The hold goes on.", "hold-day" + id, s.Desk.Retain.Renew(d.Context(), d.by.ID, d.n, id, o)
}

// leftPage is a case whose persons' data have left.
func (s *console) leftPage(w http.ResponseWriter, r *http.Request, m staff.Member, v view, status int, f *kit.Form) error {
	c := v.Case
	row, ok := s.Desk.Law.Row(c.Left.Process, c.Filed)
	if !ok {
		return casefile.NoRow()
	}
	facts := kit.Facts{{Label: "Process", Value: row.Name}, {Label: "Country", Value: s.Desk.Law.PlaceName(law.Jurisdiction(c.Left.Country))}, {Label: "Filed", Value: kit.Stamp(c.Filed)}}
	if !c.Left.Answered.IsZero() {
		facts = append(facts, kit.Fact{Label: "Answered", Value: kit.Stamp(c.Left.Answered)})
	}
	facts = append(facts, kit.Fact{Label: "Outcome", Value: c.Left.Outcome}, kit.Fact{Label: "Accounts asked about", Value: c.Left.Accounts}, kit.Fact{Label: "Records given", Value: c.Left.Records},
		kit.Fact{Label: "Ended", Value: kit.Stamp(c.Left.Ended)})
	said := kit.Callout{Tone: kit.Info, Title: "Persons’ data left on " + kit.Day(c.LeftAt), Text: "Under the rule: " + c.Left.Rule + ". What stays is below. Each hash is the beginning of the one that the ledger recorded when the thing was done."}
	return s.show(w, r, m, status, "left.html", kit.Page{Title: string(c.Number), Lead: row.Name, Form: f, Here: begins(m).URL, Trail: []kit.Link{begins(m)},
		Data: struct {
			Says     kit.Callout
			Facts    kit.Facts
			Timeline kit.Timeline
		}{said, facts, timeline(v)}})
}
