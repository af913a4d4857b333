package console

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// Openings for auditors: counsel or a lead chooses cases and what is redacted,
// an auditor takes the file.

const openingsURL = "/openings"

func (s *console) openingRoutes(in router) {
	in("GET "+openingsURL, casefile.SeeOpenings, s.openings)
	in("POST "+openingsURL, casefile.GiveOpenings, s.openingsGiven)
	in("POST "+openingsURL+"/{id}", casefile.SeeOpenings, s.openingsTaken)
}

func (s *console) openings(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.openingsPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

// givenOpenings are openings on the page.
type givenOpenings struct {
	Title, File string
	Facts       kit.Facts
}

func (s *console) openingsPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	all, err := s.Desk.GivenOpenings(r.Context(), m.ID)
	if err != nil {
		return err
	}
	var given []givenOpenings
	for _, g := range all {
		given = append(given, shownOpenings(g))
	}
	var fields []kit.Field
	if m.May(casefile.GiveOpenings) {
		fields = openingFields(f)
	}
	return s.show(w, r, m, status, "openings.html", kit.Page{Title: "Openings for auditors", Here: openingsURL, Form: f,
		Lead: "Acts of cases, each proved by the ledger, with parts redacted. The auditor checks the file offline with the program “verify”, or its page.",
		Data: struct {
			Fields []kit.Field
			Given  []givenOpenings
		}{fields, given}})
}

func shownOpenings(g desk.Given) givenOpenings {
	m := g.Manifest
	which := "Cases filed from " + m.From + " to " + m.Until
	if len(m.Cases) > 0 {
		which = strings.Join(m.Cases, ", ")
	}
	hidden := kit.Group{}
	for _, h := range m.Hidden {
		hidden = append(hidden, kit.Badge{Tone: kit.Plain, Text: casefile.Group(h).InWords()})
	}
	if len(hidden) == 0 {
		hidden = append(hidden, "nothing beside what is never opened")
	}
	return givenOpenings{"Given on " + kit.UTC(m.Made), openingsURL + "/" + m.ID, kit.Facts{
		{Label: "Which", Value: which}, {Label: "How much", Value: kit.Plural(m.Rows, "record", "records") + " of " + kit.Plural(m.Held, "case", "cases")},
		{Label: "Redacted", Value: hidden}, {Label: "Given by", Value: g.By.Name}, {Label: "Why", Value: g.Why}}}
}

func openingFields(f *kit.Form) []kit.Field {
	var groups []kit.Option
	for _, g := range casefile.Groups {
		groups = append(groups, kit.Option{Value: string(g), Text: g.InWords()})
	}
	hide := f.Checks("hide", "Redact", "Words of the team can name a person: leave them redacted unless you have read them. Whom a request is about, who asked, papers, texts, grants and packages are never opened.", groups)
	if len(f.Values) == 0 {
		for i := range hide.Options {
			hide.Options[i].Chosen = hide.Options[i].Value != string(casefile.GroupRequest)
		}
	}
	return []kit.Field{f.Long("cases", "Cases", fmt.Sprintf("Their numbers, at most %d, or leave this empty and give a period.", desk.MaxOpenedNamed)).Lines(2),
		f.Date("from", "Filed from day", ""), f.Date("until", "Filed until day", fmt.Sprintf("At most %d cases.", desk.MaxOpened)), hide,
		f.Long("why", "Why, and for whom", "It is recorded with your name, and the auditor reads it.").Lines(2).Require()}
}

func (s *console) openingsGiven(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	o := desk.Openings{From: day(f, "from"), Until: day(f, "until"), Why: f.Need("why", "Say why.")}
	for _, n := range strings.FieldsFunc(f.Get("cases"), func(r rune) bool { return strings.ContainsRune(" ,;\r\n\t", r) }) {
		o.Cases = append(o.Cases, casefile.Number(strings.ToUpper(n)))
	}
	for _, g := range f.All("hide") {
		o.Hidden = append(o.Hidden, casefile.Group(g))
	}
	status := http.StatusBadRequest
	if f.OK() {
		g, err := s.Desk.GiveOpenings(r.Context(), m.ID, o)
		if err == nil {
			return s.kit.Done(w, r, openingsURL, kit.Good, "Recorded: %s. The file can be had as soon as the record stands in the signed ledger.", kit.Plural(g.Manifest.Held, "case", "cases"))
		}
		if !sayable(err) && !slices.Contains([]fault.Kind{fault.NotFound, fault.Withheld}, fault.KindOf(err)) {
			return err
		}
		f.Bad("cases", "%s", openingsWrong(err))
		status = fault.KindOf(err).Status()
	}
	return s.openingsPage(w, r, m, status, f)
}

func openingsWrong(err error) string {
	if fault.Is(err, fault.Withheld) {
		return "One of these is no number of a case."
	}
	return fault.Say(err)
}

func (s *console) openingsTaken(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	write, err := s.Desk.HandOpenings(r.Context(), m.ID, r.PathValue("id"))
	if err != nil {
		if !sayable(err) {
			return err
		}
		f := kit.NewForm(nil)
		f.Bad("file", "%s", fault.Say(err))
		return s.openingsPage(w, r, m, fault.KindOf(err).Status(), f)
	}
	hand(w, "attachment", r.PathValue("id")+".openings", "application/octet-stream", -1)
	if err := write(w); err != nil {
		return s.copy(w, r, broken{err})
	}
	return nil
}

// broken is a file that breaks off.
type broken struct{ error }

func (b broken) Read([]byte) (int, error) { return 0, b.error }
