package console

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/risk"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

func (s *console) ruleRoutes(in router) {
	in("GET /rules", casefile.SeeDirectory, s.rules)
	in("POST /rules", casefile.ProposeRules, s.ruleProposed)
	in("POST /rules/{id}", casefile.AgreeRules, s.ruleAgreed)
}

func (s *console) rules(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.rulesPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

// openRule is a proposed limit that waits for the second person.
type openRule struct {
	ID, Text, Why string
	Mine          bool
	Said          kit.Field
}

func (s *console) rulesPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	v, err := s.Desk.Risk.Values(r.Context())
	if err != nil {
		return err
	}
	all, err := s.Desk.Risk.Proposals(r.Context())
	if err != nil {
		return err
	}
	var open []openRule
	past := kit.Table{Caption: "Changes", Columns: kit.Columns("Limit", "Change", "Proposed by", "Why", "Second person", "Why they did"), Empty: "No limit was ever changed."}
	for _, p := range all {
		text := fmt.Sprintf("%s, %s: %d, to be %d", p.Rule, p.Limit, p.From, p.To)
		if p.Ended.IsZero() {
			open = append(open, openRule{p.ID, text, p.Why + " (" + p.By.Name + ", " + kit.Day(p.At) + ")", p.By.ID == string(m.ID), f.Text("why-"+p.ID, "Why you agree or refuse", "It stands in the record with your name.").Require().AtMost(maxWhy)})
			continue
		}
		said := kit.Badge{Tone: kit.Good, Text: "agreed"}
		if !p.Agreed {
			said = kit.Badge{Tone: kit.Plain, Text: "refused"}
		}
		past.Rows = append(past.Rows, []any{string(p.Rule) + ", " + p.Limit, fmt.Sprintf("%d, now %d", p.From, p.To), p.By.Name, p.Why, kit.Group{said, p.Second.Name}, p.Said})
	}
	var limits []kit.Option
	rules := v.Rules()
	for _, x := range rules {
		for _, l := range x.Limits {
			limits = append(limits, kit.Option{Value: string(x.ID) + "." + l.Name, Text: fmt.Sprintf("%s: %s (%d to %d)", x.ID, l.Words, l.Min, l.Max)})
		}
	}
	set := s.Desk.Law.Settings()
	return s.show(w, r, m, status, "rules.html", kit.Page{Title: "What holds a request", Here: "/agencies", Form: f, Wide: true, Trail: []kit.Link{{Text: "Agencies and officers", URL: "/agencies"}},
		Lead: "These rules look at how a request comes, not at what it asks. They hold it until a person has answered with a reason; they refuse and drop nothing.",
		Data: struct {
			Rules, Past kit.Table
			Floor       kit.Facts
			Open        []openRule
			Lead        bool
			Fields      []kit.Field
		}{ruleTable(rules), past, kit.Facts{{Label: "New account", Value: kit.Plural(set.NewAccountDays, "day", "days") + ", and everybody's first request"}, {Label: "Requests of one officer in a day", Value: set.RequestsADay}, {Label: "Emergencies of one officer in a day", Value: set.EmergenciesADay}},
			open, m.May(casefile.ProposeRules), []kit.Field{f.Select("limit", "Limit", "", limits).Require(), f.Number("to", "New value", "").Require(), f.Text("why", "Why", "").Require().AtMost(500)}}})
}

// ruleName is a rule's name as a person reads it: many-emergencies is Many
// emergencies.
func ruleName(id string) string {
	s := strings.ReplaceAll(id, "-", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

func ruleTable(all []risk.Rule) kit.Table {
	t := kit.Table{Caption: "Rules", Columns: kit.Columns("Rule", "Holds when", "Limits", "Finding", "Basis")}
	for _, x := range all {
		basis := x.Basis
		if strings.HasPrefix(basis, "[") {
			basis = "no source is named " + basis
		}
		var limits []string
		for _, l := range x.Limits {
			limits = append(limits, l.Words+": "+strconv.Itoa(l.Value))
		}
		t.Rows = append(t.Rows, []any{ruleName(string(x.ID)), x.Sentence, orDash(strings.Join(limits, "; ")), findingName(string(x.Finding)), basis})
	}
	return t
}

func (s *console) ruleProposed(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	limit, to, why := f.Need("limit", "Choose the limit."), f.Need("to", "Give the new value."), f.Need("why", "Say why.")
	n, err := strconv.Atoi(to)
	if err != nil && to != "" {
		f.Bad("to", "The value is a whole number.")
	}
	status := http.StatusBadRequest
	if f.OK() {
		rule, name, _ := strings.Cut(limit, ".")
		err := s.Desk.Risk.Propose(r.Context(), m.ID, risk.RuleID(rule), name, n, why)
		if err == nil {
			return s.kit.Done(w, r, "/rules", kit.Good, "Proposed. It changes when another lead, or counsel, agrees.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad("to", fault.Say(err))
		status = fault.KindOf(err).Status()
	}
	return s.rulesPage(w, r, m, status, f)
}

func (s *console) ruleAgreed(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	id, yes := r.PathValue("id"), f.Get("agree") == "yes"
	why := f.Need("why-"+id, "Say why you agree or refuse.")
	if !f.OK() {
		return s.rulesPage(w, r, m, http.StatusBadRequest, f)
	}
	if err := s.Desk.Risk.Agree(r.Context(), m.ID, id, yes, why); err != nil {
		return err
	}
	if yes {
		return s.kit.Done(w, r, "/rules", kit.Good, "The limit is changed. It holds for requests from now on.")
	}
	return s.kit.Done(w, r, "/rules", kit.Info, "The proposal is refused.")
}
