package console

import (
	"net/http"
	"strings"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/kit"
)

func (s *console) teamRoutes(in func(string, page)) {
	in("GET /agencies", s.agencies)
	in("POST /agencies", s.agencyAdded)
	in("GET /officers/{id}", s.officer)
	in("POST /officers/{id}/confirm", s.officerConfirmed)
	in("POST /officers/{id}/disable", s.officerDisabled)
	in("GET /team", s.team)
	in("POST /team", s.invited)
	in("POST /team/conflict", s.declared)
	in("GET /team/{id}", s.memberPage)
	in("POST /team/{id}/train", s.trained)
	in("POST /team/{id}/leave", s.leave)
	in("GET /law", s.law)
	in("GET /law/findings", s.lawFindings)
	in("GET /law/row/{id}", s.lawRow)
	in("POST /law/row/{id}/approve", s.approved)
	s.paperRoutes(in)
}

func (s *console) agencies(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.agenciesPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) agenciesPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	all, err := s.Desk.Agencies.Agencies(r.Context())
	if err != nil {
		return err
	}
	officers, err := s.Desk.Agencies.Officers(r.Context())
	if err != nil {
		return err
	}
	return s.show(w, r, m, status, "agencies.html", kit.Page{Title: "Agencies and officers", Here: "/agencies", Form: f, Wide: true,
		Lead: "An officer can send a request once somebody here has established who they are.",
		Data: struct {
			Waiting            int
			Officers, Agencies kit.Table
			Add                []kit.Field
		}{waiting(officers), officerTable(officers, all), agencyTable(all), agencyFields(f)}})
}

func waiting(all []agency.Officer) (n int) {
	for _, o := range all {
		if o.State == agency.Keyed {
			n++
		}
	}
	return n
}

func agencyFields(f *kit.Form) []kit.Field {
	return []kit.Field{f.Text("name", "Name", "The full name, as it signs its papers.").Require().AtMost(200),
		f.Text("country", "Country", "Two letters, with the state if it is one: US, US-CA, DE.").Require().AtMost(6),
		f.Long("domains", "Official mail domains", "One on each line, such as sheriff.harbor.example. Officers are found by them.").Lines(2).Require(),
		f.Tel("switchboard", "Switchboard", "The published number that is called back.").Require(),
		f.Text("source", "Where the number was found", "A public source; never the request itself.").Require().AtMost(200),
		f.Long("address", "Postal address", "For letters.").Lines(3)}
}

func officerTable(all []agency.Officer, agencies []agency.Agency) kit.Table {
	names := map[casefile.AgencyID]string{}
	for _, a := range agencies {
		names[a.ID] = a.Name
	}
	t := kit.Table{Caption: "Officers, those who wait for confirmation first", Columns: kit.Columns("Officer", "Agency", "Mailbox", "State", "Since"), Empty: "No officer has enrolled yet."}
	for _, o := range all {
		t.Rows = append(t.Rows, []any{kit.Link{Text: strings.TrimSpace(o.Rank + " " + o.Name), URL: "/officers/" + string(o.ID)}, names[o.Agency], o.Mailbox, officerBadge(o.State), kit.Day(o.Since)})
	}
	return t
}

func officerBadge(s agency.State) kit.Badge {
	switch s {
	case agency.Invited:
		return kit.Badge{Tone: kit.Plain, Text: "link sent"}
	case agency.Keyed:
		return kit.Badge{Tone: kit.Warn, Text: "waits for confirmation"}
	case agency.Active:
		return kit.Badge{Tone: kit.Good, Text: "active"}
	}
	return kit.Badge{Tone: kit.Bad, Text: "disabled"}
}

func agencyTable(all []agency.Agency) kit.Table {
	t := kit.Table{Caption: "Agencies", Columns: kit.Columns("Agency", "Country", "Mail domains", "Switchboard", "Found in", "Added"), Empty: "No agency is in the directory yet."}
	for _, a := range all {
		name := any(a.Name)
		if a.Closed != "" {
			name = kit.Group{a.Name, kit.Badge{Tone: kit.Bad, Text: "closed: " + a.Closed}}
		}
		t.Rows = append(t.Rows, []any{name, string(a.Country), strings.Join(a.Domains, ", "), orDash(a.Switchboard), orDash(a.Source), a.AddedBy.Name + ", " + kit.Day(a.Added)})
	}
	return t
}

func (s *console) agencyAdded(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	a := agency.Agency{Name: f.Need("name", "Give the agency's name."), Country: law.Jurisdiction(strings.ToUpper(f.Need("country", "Give the country."))), Domains: lines(f.Need("domains", "Give its mail domains.")),
		Switchboard: f.Need("switchboard", "Give the published number of its switchboard."), Source: f.Need("source", "Say where the number was found."), Address: lines(f.Get("address"))}
	if f.OK() {
		a, err = s.Desk.Agencies.AddAgency(r.Context(), m.Actor(), a)
		if err == nil {
			return s.kit.Done(w, r, "/agencies", kit.Good, a.Name+" is in the directory.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad("", fault.Say(err))
	}
	return s.agenciesPage(w, r, m, http.StatusBadRequest, f)
}

// lines are the lines of a text that say something.
func lines(text string) []string {
	var out []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func (s *console) officer(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.officerPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) officerPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	o, err := s.Desk.Agencies.Officer(r.Context(), casefile.OfficerID(r.PathValue("id")))
	if err != nil {
		return err
	}
	a, err := s.Desk.Agencies.Agency(r.Context(), o.Agency)
	if err != nil {
		return err
	}
	facts := kit.Facts{{Label: "State", Value: officerBadge(o.State)}, {Label: "Agency", Value: a.Name}, {Label: "Mailbox", Value: o.Mailbox}, {Label: "Telephone they gave", Value: orDash(o.Phone)},
		{Label: "Switchboard", Value: orDash(a.Switchboard) + " (found: " + orDash(a.Source) + ")"}, {Label: "Passkeys", Value: len(o.Keys)}, {Label: "Since", Value: kit.Stamp(o.Since)}}
	if o.How != "" {
		facts = append(facts, kit.Fact{Label: "Established by", Value: o.How + " (" + o.Confirmed.Name + ")"})
	}
	if o.State == agency.Disabled {
		facts = append(facts, kit.Fact{Label: "Ended", Value: kit.Stamp(o.Ended)}, kit.Fact{Label: "Reason", Value: o.Reason})
	}
	return s.show(w, r, m, status, "officer.html", kit.Page{Title: strings.TrimSpace(o.Rank + " " + o.Name), Here: "/agencies", Form: f, Trail: []kit.Link{{Text: "Agencies and officers", URL: "/agencies"}},
		Data: struct {
			At               string
			Facts            kit.Facts
			Confirm, Disable bool
			How, Reason      kit.Field
		}{"/officers/" + string(o.ID), facts, o.State == agency.Keyed, o.State != agency.Disabled,
			f.Text("how", "How you established who this is", "Such as: called the switchboard, was put through, they named the code.").Require().AtMost(500), f.Text("reason", "Reason", "").Require().AtMost(500)}})
}

func (s *console) officerConfirmed(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.officerAct(w, r, m, "how", "Say how you established who this is.", "Confirmed. They can send requests now.", func(id casefile.OfficerID, how string) error {
		return s.Desk.Agencies.Confirm(r.Context(), m.Actor(), id, how)
	})
}

func (s *console) officerDisabled(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.officerAct(w, r, m, "reason", "Give the reason.", "Disabled: sessions, links and passkeys have ended.", func(id casefile.OfficerID, why string) error {
		return s.Desk.Agencies.Disable(r.Context(), m.Actor(), id, why)
	})
}

func (s *console) officerAct(w http.ResponseWriter, r *http.Request, m staff.Member, field, need, said string, do func(casefile.OfficerID, string) error) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	id, status := r.PathValue("id"), http.StatusBadRequest
	if text := f.Need(field, need); f.OK() {
		err := do(casefile.OfficerID(id), text)
		if err == nil {
			return s.kit.Done(w, r, "/officers/"+id, kit.Good, said)
		}
		if !sayable(err) {
			return err
		}
		f.Bad(field, fault.Say(err))
		status = fault.KindOf(err).Status()
	}
	return s.officerPage(w, r, m, status, f)
}
