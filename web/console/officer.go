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
	"letterlock/web/kit"
)

func (s *console) officerRoutes(in router) {
	in("GET /officers/{id}", casefile.SeeDirectory, s.officer)
	in("POST /officers/{id}/confirm", casefile.KeepDirectory, s.officerConfirmed)
	in("POST /officers/{id}/lost", casefile.KeepDirectory, s.officerLost)
	in("POST /officers/{id}/role", casefile.KeepDirectory, s.officerRole)
	in("POST /officers/{id}/disable", casefile.KeepDirectory, s.officerDisabled)
	in("POST /officers/{id}/hand-over", casefile.KeepDirectory, s.officerHandedOver)
}

func officerName(o agency.Officer) string { return strings.TrimSpace(o.Rank + " " + o.Name) }

func (s *console) waiting(all []agency.Officer) (n int) {
	for _, o := range all {
		if o.ConfirmDue(s.Clock.Now()) {
			n++
		}
	}
	return n
}

func (s *console) pickOfficers(all []agency.Officer, agencies []agency.Agency, q url.Values) []agency.Officer {
	countries := map[casefile.AgencyID]agency.Agency{}
	for _, a := range agencies {
		countries[a.ID] = a
	}
	return slices.DeleteFunc(slices.Clone(all), func(o agency.Officer) bool {
		switch q.Get("state") {
		case onlyOpen:
			if o.State != agency.Active {
				return true
			}
		case onlyClosed:
			if o.State != agency.Disabled {
				return true
			}
		case onlyWait:
			if !o.ConfirmDue(s.Clock.Now()) {
				return true
			}
		case onlyDue:
			return true
		}
		in := strings.ToLower(officerName(o) + " " + o.Mailbox + " " + o.Phone + " " + countries[o.Agency].Name)
		for _, w := range strings.Fields(strings.ToLower(q.Get("find"))) {
			if !strings.Contains(in, w) {
				return true
			}
		}
		a := countries[o.Agency]
		return !a.Find("", law.Jurisdiction(q.Get("in")))
	})
}

// officerTable lists officers, with their agency if those are given.
func (s *console) officerTable(all []agency.Officer, agencies []agency.Agency) kit.Table {
	names := map[casefile.AgencyID]string{}
	for _, a := range agencies {
		names[a.ID] = a.Name
	}
	t := kit.Table{Caption: "Officers, those who wait for confirmation first", Columns: kit.Columns("Officer", "Agency", "Mailbox", "Role", "State", "Since"), Empty: "No officer is here."}
	for _, o := range all {
		t.Rows = append(t.Rows, []any{kit.Link{Text: officerName(o), URL: "/officers/" + string(o.ID)}, names[o.Agency], o.Mailbox, o.Role.InWords(), s.officerBadge(o), kit.Day(o.Since)})
	}
	if agencies == nil { // all of one
		t.Columns = slices.Delete(t.Columns, 1, 2)
		for i := range t.Rows {
			t.Rows[i] = slices.Delete(t.Rows[i], 1, 2)
		}
	}
	return t
}

func (s *console) officerBadge(o agency.Officer) any {
	b := kit.Badge{Tone: kit.Bad, Text: "ended"}
	switch o.State {
	case agency.Invited:
		b = kit.Badge{Tone: kit.Plain, Text: "link sent"}
	case agency.Keyed:
		b = kit.Badge{Tone: kit.Warn, Text: "waits for confirmation"}
	case agency.Lost:
		b = kit.Badge{Tone: kit.Warn, Text: "lost every passkey"}
	case agency.Active:
		b = kit.Badge{Tone: kit.Good, Text: "active"}
	}
	if len(o.Begun) > 0 {
		return kit.Group{b, kit.Badge{Tone: kit.Info, Text: "one of two has confirmed"}}
	}
	if o.State == agency.Active && o.ConfirmDue(s.Clock.Now()) {
		return kit.Group{b, kit.Badge{Tone: kit.Warn, Text: "confirm again"}}
	}
	return b
}

// confirmations says who confirmed and how.
func confirmations(all []agency.Word) string {
	var out []string
	for _, w := range all {
		out = append(out, w.Why+" ("+w.By.Name+", "+kit.Day(w.At)+")")
	}
	if len(out) == 0 {
		return "nobody has confirmed this person"
	}
	return strings.Join(out, "; ")
}

func (s *console) officer(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.officerPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

// officerData is the page of one officer.
type officerData struct {
	At                      string
	Facts                   kit.Facts
	Confirm, Mine, Live     bool
	Lost                    bool
	Why                     string // what the confirmation is for
	How, Role, Reason, Gone kit.Field
	RoleWhy                 kit.Field
	Cut, What               kit.Field
	To, HandWhy             kit.Field
	Hand                    bool
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
	colleagues, err := s.Desk.Agencies.Colleagues(r.Context(), o.Agency)
	if err != nil {
		return err
	}
	to := []kit.Option{}
	for _, c := range colleagues {
		if c.ID != o.ID {
			to = append(to, kit.Option{Value: string(c.ID), Text: officerName(c) + ", " + c.Role.InWords()})
		}
	}
	d := officerData{At: "/officers/" + string(o.ID), Facts: s.officerFacts(o, a, m), Confirm: o.ConfirmDue(s.Clock.Now()), Why: confirmWhy(o),
		Mine: slices.ContainsFunc(o.Begun, func(x agency.Word) bool { return x.By.ID == string(m.ID) }), Live: o.State != agency.Disabled, Lost: o.State == agency.Active || o.State == agency.Keyed,
		How:  f.Text("how", "How you established who this is", "Such as: called the switchboard, was put through, they named the code.").Require().AtMost(500),
		Role: f.Select("role", "Role within the agency", "What they may do with their colleagues' cases.", roleOptions(o.Role)), RoleWhy: f.Text("role-why", "Why this role", "").Require().AtMost(500), Reason: f.Text("reason", "Reason", "").Require().AtMost(500),
		Gone: f.Text("gone", "What they told you, and how they reached you", "").Require().AtMost(500), Cut: f.Text("cut", "What happened", "In one line; it stands in the ledger.").Require().AtMost(500),
		To: f.Select("to", "To whom", "An active officer of the same agency.", to), Hand: len(to) > 0,
		HandWhy: f.Text("hand", "Reason", "").Require().AtMost(500), What: f.Hidden("what", string(casefile.CutOfficer)+":"+string(o.ID))}
	return s.show(w, r, m, status, "officer.html", kit.Page{Title: officerName(o), Here: "/agencies", Form: f,
		Trail: []kit.Link{{Text: "Agencies and officers", URL: "/agencies"}, {Text: a.Name, URL: agencyURL(a.ID)}}, Data: d})
}

func roleOptions(is casefile.AgencyRole) []kit.Option {
	var out []kit.Option
	for _, r := range casefile.AgencyRoles {
		may := []string{}
		for _, x := range casefile.Shares {
			if r.May(x) {
				may = append(may, string(x))
			}
		}
		text := r.InWords() + ": own cases only"
		if len(may) > 0 {
			text = r.InWords() + ": may " + strings.Join(may, ", ")
		}
		out = append(out, kit.Option{Value: string(r), Text: text, Chosen: r == is})
	}
	return out
}

func confirmWhy(o agency.Officer) string {
	switch o.State {
	case agency.Keyed:
		return "They registered from their official mailbox. Once two of the team have confirmed them they can send requests."
	case agency.Lost:
		return "They lost every passkey. Once two of the team have called back, a new link goes to their mailbox."
	}
	return "Their confirmation is a year old, or was taken back. Until two of the team confirm them anew they send nothing once it has lapsed."
}

func (s *console) officerFacts(o agency.Officer, a agency.Agency, m staff.Member) kit.Facts {
	facts := kit.Facts{{Label: "State", Value: s.officerBadge(o)}, {Label: "Agency", Value: kit.Link{Text: a.Name, URL: agencyURL(a.ID)}}, {Label: "Role", Value: o.Role.InWords()}, {Label: "Mailbox", Value: o.Mailbox},
		{Label: "Telephone they gave", Value: orDash(o.Phone)}, {Label: "Switchboard", Value: orDash(a.Switchboard) + " (found: " + orDash(a.Source) + ")"}, {Label: "Number looked up", Value: s.checked(a)},
		{Label: "Passkeys", Value: s.keyWords(o)}, {Label: "Since", Value: kit.Stamp(o.Since)}, {Label: "Established by", Value: confirmations(o.Confirmed)}}
	if until := o.ConfirmedUntil(); !until.IsZero() {
		facts = append(facts, kit.Fact{Label: "Confirmed until", Value: kit.Day(until)})
	}
	if o.Given.Why != "" {
		facts = append(facts, kit.Fact{Label: "Role given", Value: confirmations([]agency.Word{o.Given})})
	}
	if len(o.Begun) > 0 {
		facts = append(facts, kit.Fact{Label: "First of two", Value: confirmations(o.Begun)})
	}
	if !o.Strange.IsZero() {
		facts = append(facts, kit.Fact{Label: "Signed in from a new network", Value: kit.Stamp(o.Strange)})
	}
	if o.State == agency.Lost {
		facts = append(facts, kit.Fact{Label: "Lost", Value: o.Reason})
	}
	if o.State == agency.Disabled {
		facts = append(facts, kit.Fact{Label: "Ended", Value: kit.Stamp(o.Ended)}, kit.Fact{Label: "By", Value: o.EndedBy.Name}, kit.Fact{Label: "Reason", Value: o.Reason})
	}
	return facts
}

func (s *console) keyWords(o agency.Officer) any {
	text := kit.Plural(len(o.Keys), "passkey", "passkeys")
	if !o.KeyAdded.IsZero() {
		text += ", the newest of " + kit.Day(o.KeyAdded)
	}
	if o.State == agency.Active && len(o.Keys) < agency.MinKeys {
		return kit.Group{text, kit.Badge{Tone: kit.Warn, Text: "sends nothing before the second"}}
	}
	return text
}

func (s *console) officerConfirmed(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.officerAct(w, r, m, "how", "Say how you established who this is.", "Recorded. Two different people make a confirmation.", func(id casefile.OfficerID, how string) error {
		return s.Desk.Agencies.Confirm(r.Context(), m.Actor(), id, how)
	})
}

func (s *console) officerLost(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.officerAct(w, r, m, "gone", "Say what they told you.", "Locked: sessions, links and passkeys have ended. Two of the team call back before a new link is sent.", func(id casefile.OfficerID, why string) error {
		return s.Desk.Agencies.LostKeys(r.Context(), m.Actor(), id, why)
	})
}

func (s *console) officerRole(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.officerAct(w, r, m, "role-why", "Say why this role.", "The role is set.", func(id casefile.OfficerID, why string) error {
		return s.Desk.Agencies.SetRole(r.Context(), m.Actor(), id, casefile.AgencyRole(r.PostFormValue("role")), why)
	})
}

func (s *console) officerDisabled(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.officerAct(w, r, m, "reason", "Give the reason.", "Disabled: sessions, links and passkeys are gone.", func(id casefile.OfficerID, why string) error {
		return s.Desk.Agencies.Disable(r.Context(), m.Actor(), id, why)
	})
}

func (s *console) officerHandedOver(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.officerAct(w, r, m, "hand", "Give the reason.", "Handed over. Each case says so in its history.", func(id casefile.OfficerID, why string) error {
		_, err := s.Desk.Intake.HandOverAll(r.Context(), m.Actor(), id, casefile.OfficerID(r.PostFormValue("to")), why)
		return err
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
