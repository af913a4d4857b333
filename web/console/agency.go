package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

func (s *console) agencyRoutes(in router) {
	in("GET /agencies", casefile.SeeDirectory, s.agencies)
	in("POST /agencies", casefile.KeepDirectory, s.agencyAdded)
	in("GET /agencies/{id}", casefile.SeeDirectory, s.agency)
	in("GET /agencies/{id}/edit", casefile.KeepDirectory, s.agencyEdit)
	in("POST /agencies/{id}/edit", casefile.KeepDirectory, s.agencyEdited)
	in("POST /agencies/{id}/check", casefile.KeepDirectory, s.agencyChecked)
	in("POST /agencies/{id}/close", casefile.KeepDirectory, s.agencyClosed)
	in("POST /agencies/{id}/reopen", casefile.KeepDirectory, s.agencyReopened)
}

func agencyURL(id casefile.AgencyID) string { return "/agencies/" + string(id) }

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
	cuts, err := s.Desk.Agencies.Cuts(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	return s.show(w, r, m, status, "agencies.html", kit.Page{Title: "Agencies and officers", Here: "/agencies", Form: f, Wide: true,
		Lead: "An officer can send a request once two people here have established who they are.",
		Data: struct {
			Waiting, Stale, Cut int
			Filter              []kit.Field
			Officers, Agencies  kit.Table
			Add                 []kit.Field
		}{s.waiting(officers), s.stale(all), openCuts(cuts), s.directoryFilter(kit.NewForm(q), all), s.officerTable(s.pickOfficers(officers, all, q), all),
			s.agencyTable(s.pickAgencies(all, q)), agencyFields(f)}})
}

func openCuts(all []casefile.Cut) (n int) {
	for _, c := range all {
		if c.Open() {
			n++
		}
	}
	return n
}

func (s *console) stale(all []agency.Agency) (n int) {
	for _, a := range all {
		if a.NumberDue(s.Clock.Now()) {
			n++
		}
	}
	return n
}

// What the list can be narrowed to.
const (
	onlyOpen   = "open"
	onlyClosed = "closed"
	onlyDue    = "check"
	onlyWait   = "waiting"
)

func (s *console) directoryFilter(f *kit.Form, all []agency.Agency) []kit.Field {
	var countries []string
	for _, a := range all {
		c, _, _ := strings.Cut(string(a.Country), "-")
		countries = append(countries, c)
	}
	slices.Sort(countries)
	o := []kit.Option{{Text: "Any"}}
	for _, c := range slices.Compact(countries) {
		o = append(o, kit.Option{Value: c, Text: s.Desk.Law.PlaceName(law.Jurisdiction(c))})
	}
	return []kit.Field{f.Search("find", "Words", "In names, mailboxes, domains, numbers."), f.Select("in", "Country", "", o),
		f.Select("state", "Which", "", []kit.Option{{Text: "All"}, {Value: onlyOpen, Text: "Open agencies, active officers"}, {Value: onlyClosed, Text: "Closed and ended"},
			{Value: onlyDue, Text: "Numbers to look up again"}, {Value: onlyWait, Text: "Officers who wait for confirmation"}})}
}

func (s *console) pickAgencies(all []agency.Agency, q url.Values) []agency.Agency {
	return slices.DeleteFunc(slices.Clone(all), func(a agency.Agency) bool {
		switch q.Get("state") {
		case onlyOpen:
			if a.Closed != "" {
				return true
			}
		case onlyClosed:
			if a.Closed == "" {
				return true
			}
		case onlyDue:
			if !a.NumberDue(s.Clock.Now()) {
				return true
			}
		case onlyWait:
			return true
		}
		return !a.Find(q.Get("find"), law.Jurisdiction(q.Get("in")))
	})
}

func agencyFields(f *kit.Form) []kit.Field {
	return []kit.Field{f.Text("name", "Name", "The full name, as it signs its papers.").Require().AtMost(200),
		f.Text("country", "Country", "Two letters, with the state if it is one: US, US-CA, DE.").Require().AtMost(6),
		f.Long("domains", "Official mail domains", "One on each line, such as sheriff.harbor.example. Officers are found by them.").Lines(2).Require(),
		f.Tel("switchboard", "Switchboard", "The published number that is called back.").Require(),
		f.Text("source", "Where the number was found", "A public source; never the request itself.").Require().AtMost(200),
		f.Text("sponsor", "Why you vouch for this agency", "You become its sponsor. How you know that it exists, has the power to ask, and that the domains are its own.").Require().AtMost(200),
		f.Text("number", "Agency id", "An ORI or another official number, if it has one.").AtMost(60),
		f.Text("zone", "Time zone", "Such as America/New_York. Needed where a country keeps several; requests at odd hours are found by it.").AtMost(60),
		f.Text("contact_name", "Single point of contact", "An office or a person.").AtMost(120), f.Email("contact_mailbox", "Its mailbox", ""), f.Tel("contact_phone", "Its telephone", ""),
		f.Long("address", "Address", "Street and postal address, for letters.").Lines(3)}
}

// readAgency reads the form that agencyFields is.
func readAgency(f *kit.Form) agency.Agency {
	return agency.Agency{Name: f.Need("name", "Give the agency's name."), Country: law.Jurisdiction(strings.ToUpper(f.Need("country", "Give the country."))), Domains: lines(f.Need("domains", "Give its mail domains.")),
		Switchboard: f.Need("switchboard", "Give the published number of its switchboard."), Source: f.Need("source", "Say where the number was found."), Number: f.Get("number"), Zone: f.Get("zone"),
		Sponsor: agency.Word{Why: f.Need("sponsor", "Say why you vouch for this agency.")}, Contact: agency.Contact{Name: f.Get("contact_name"), Mailbox: f.Get("contact_mailbox"), Phone: f.Get("contact_phone")}, Address: lines(f.Get("address"))}
}

func agencyValues(a agency.Agency) url.Values {
	v := url.Values{}
	for k, x := range map[string]string{"name": a.Name, "country": string(a.Country), "domains": strings.Join(a.Domains, "\n"), "switchboard": a.Switchboard, "source": a.Source, "sponsor": a.Sponsor.Why,
		"number": a.Number, "zone": a.Zone, "contact_name": a.Contact.Name, "contact_mailbox": a.Contact.Mailbox, "contact_phone": a.Contact.Phone, "address": strings.Join(a.Address, "\n")} {
		v.Set(k, x)
	}
	return v
}

func (s *console) agencyTable(all []agency.Agency) kit.Table {
	t := kit.Table{Caption: "Agencies", Columns: kit.Columns("Agency", "Country", "Mail domains", "Switchboard", "Looked up"), Empty: "No agency is here."}
	for _, a := range all {
		name := kit.Group{kit.Link{Text: a.Name, URL: agencyURL(a.ID)}}
		if a.Closed != "" {
			name = append(name, kit.Badge{Tone: kit.Bad, Text: "closed"})
		}
		t.Rows = append(t.Rows, []any{name, string(a.Country), strings.Join(a.Domains, ", "), orDash(a.Switchboard), s.checked(a)})
	}
	return t
}

// checked says when the switchboard number was last looked up.
func (s *console) checked(a agency.Agency) any {
	switch {
	case a.Checked.At.IsZero():
		return kit.Badge{Tone: kit.Warn, Text: "not since it was changed"}
	case a.NumberDue(s.Clock.Now()):
		return kit.Group{kit.Badge{Tone: kit.Warn, Text: "look it up again"}, kit.Day(a.Checked.At)}
	}
	return kit.Day(a.Checked.At) + ", " + a.Checked.By.Name
}

func (s *console) agencyAdded(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	a := readAgency(f)
	if f.OK() {
		a, err = s.Desk.Agencies.AddAgency(r.Context(), m.Actor(), a)
		if err == nil {
			return s.kit.Done(w, r, agencyURL(a.ID), kit.Good, a.Name+" is in the directory.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad("", fault.Say(err))
	}
	return s.agenciesPage(w, r, m, http.StatusBadRequest, f)
}

func (s *console) agency(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.agencyPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) agencyPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	a, err := s.Desk.Agencies.Agency(r.Context(), casefile.AgencyID(r.PathValue("id")))
	if err != nil {
		return err
	}
	officers, err := s.Desk.Agencies.Officers(r.Context())
	if err != nil {
		return err
	}
	officers = slices.DeleteFunc(officers, func(o agency.Officer) bool { return o.Agency != a.ID })
	return s.show(w, r, m, status, "agency.html", kit.Page{Title: a.Name, Here: "/agencies", Form: f, Trail: []kit.Link{{Text: "Agencies and officers", URL: "/agencies"}},
		Data: struct {
			At, Cases    string
			Facts        kit.Facts
			Closed, Due  bool
			Officers     kit.Table
			History      kit.Timeline
			Check        kit.Field
			Close, Cause kit.Field
			What         kit.Field
		}{agencyURL(a.ID), "/?list=1&agency=" + string(a.ID), s.agencyFacts(a), a.Closed != "", a.NumberDue(s.Clock.Now()), s.officerTable(officers, nil), agencyHistory(a),
			f.Text("where", "Where you found the number again", "A source of our own choosing, such as the county's web site. Never a request, a mail or an officer.").Require().AtMost(200),
			f.Text("why", "Reason", "").Require().AtMost(200), f.Text("cut", "What happened", "In one line; it stands in the ledger.").Require().AtMost(500), cutChoice(f, a)}})
}

// cutChoice is what of an agency can be cut.
func cutChoice(f *kit.Form, a agency.Agency) kit.Field {
	var o []kit.Option
	for _, d := range a.Domains {
		o = append(o, kit.Option{Value: string(casefile.CutDomain) + ":" + d, Text: "Every mailbox of " + d})
	}
	o = append(o, kit.Option{Value: string(casefile.CutAgency) + ":" + string(a.ID), Text: "The whole agency"})
	return f.Radio("what", "What is compromised", "", o).Require()
}

func (s *console) agencyFacts(a agency.Agency) kit.Facts {
	hours := "not known: odd hours are not watched"
	if z := a.Location(); z != nil {
		hours = z.String() + ", now " + s.Clock.Now().In(z).Format("15:04")
	}
	out := kit.Facts{{Label: "Country", Value: s.Desk.Law.PlaceName(a.Country)}, {Label: "Mail domains", Value: strings.Join(a.Domains, ", ")}, {Label: "Switchboard", Value: orDash(a.Switchboard)},
		{Label: "Found in", Value: orDash(a.Source)}, {Label: "Looked up", Value: s.checked(a)}, {Label: "Sponsor", Value: a.Sponsor.By.Name + ": " + a.Sponsor.Why + " (" + kit.Day(a.Sponsor.At) + ")"},
		{Label: "Single point of contact", Value: orDash(strings.Join(demand.NonEmpty(a.Contact.Name, a.Contact.Mailbox, a.Contact.Phone), ", "))}, {Label: "Agency id", Value: orDash(a.Number)},
		{Label: "Time zone", Value: hours}, {Label: "Address", Value: orDash(strings.Join(a.Address, ", "))}, {Label: "Added", Value: a.AddedBy.Name + ", " + kit.Day(a.Added)}}
	if a.Closed != "" {
		out = append(kit.Facts{{Label: "State", Value: kit.Badge{Tone: kit.Bad, Text: "closed: " + a.Closed}}}, out...)
	}
	return out
}

func agencyHistory(a agency.Agency) kit.Timeline { return changes(a.Changes) }

func changes(all []agency.Change) kit.Timeline {
	var out kit.Timeline
	for _, c := range slices.Backward(all) {
		out = append(out, kit.Event{At: c.At, Who: c.By.Name, What: strings.Join(c.What, "; "), Why: c.Why, Tone: kit.Plain})
	}
	return out
}

func (s *console) agencyEdit(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	a, err := s.Desk.Agencies.Agency(r.Context(), casefile.AgencyID(r.PathValue("id")))
	if err != nil {
		return err
	}
	return s.agencyEditPage(w, r, m, http.StatusOK, a, kit.NewForm(agencyValues(a)))
}

func (s *console) agencyEditPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, a agency.Agency, f *kit.Form) error {
	return s.show(w, r, m, status, "agencyedit.html", kit.Page{Title: "Change " + a.Name, Here: "/agencies", Form: f,
		Lead:  "Every changed line stays in the agency's history, with your name. A new number counts only after somebody else has looked it up.",
		Trail: []kit.Link{{Text: "Agencies and officers", URL: "/agencies"}, {Text: a.Name, URL: agencyURL(a.ID)}},
		Data: struct {
			At     string
			Fields []kit.Field
		}{agencyURL(a.ID), append(agencyFields(f), f.Text("why", "Why you change it", "").Require().AtMost(200))}})
}

func (s *console) agencyEdited(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	a, err := s.Desk.Agencies.Agency(r.Context(), casefile.AgencyID(r.PathValue("id")))
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	to, status := readAgency(f), http.StatusBadRequest
	if why := f.Need("why", "Say why you change it."); f.OK() {
		_, err := s.Desk.Agencies.Edit(r.Context(), m.Actor(), a.ID, to, why)
		if err == nil {
			return s.kit.Done(w, r, agencyURL(a.ID), kit.Good, "Changed. The history says what and why.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad("", fault.Say(err))
		status = fault.KindOf(err).Status()
	}
	return s.agencyEditPage(w, r, m, status, a, f)
}

func (s *console) agencyChecked(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.agencyAct(w, r, m, "where", "Say where you found the number.", "Recorded. It is asked for again in half a year.", func(id casefile.AgencyID, text string) error {
		_, err := s.Desk.Agencies.Check(r.Context(), m.Actor(), id, text)
		return err
	})
}

func (s *console) agencyClosed(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.agencyAct(w, r, m, "why", "Give the reason.", "Closed: none of its officers can act, and they are signed out.", func(id casefile.AgencyID, why string) error {
		return s.Desk.Agencies.Close(r.Context(), m.Actor(), id, why)
	})
}

func (s *console) agencyReopened(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.agencyAct(w, r, m, "why", "Give the reason.", "Open again.", func(id casefile.AgencyID, why string) error {
		return s.Desk.Agencies.Reopen(r.Context(), m.Actor(), id, why)
	})
}

func (s *console) agencyAct(w http.ResponseWriter, r *http.Request, m staff.Member, field, need, said string, do func(casefile.AgencyID, string) error) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	id, status := casefile.AgencyID(r.PathValue("id")), http.StatusBadRequest
	if text := f.Need(field, need); f.OK() {
		err := do(id, text)
		if err == nil {
			return s.kit.Done(w, r, agencyURL(id), kit.Good, said)
		}
		if !sayable(err) {
			return err
		}
		f.Bad(field, fault.Say(err))
		status = fault.KindOf(err).Status()
	}
	return s.agencyPage(w, r, m, status, f)
}
