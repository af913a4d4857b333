package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

func (s *console) team(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.teamPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) teamPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	all, err := s.Desk.Staff.Members(r.Context())
	if err != nil {
		return err
	}
	return s.show(w, r, m, status, "team.html", kit.Page{Title: "Team", Here: "/team", Form: f, Wide: true, Lead: "Who may do what. Nobody decides without training that is a year old at most, and nobody where they have a tie.",
		Data: struct {
			Members kit.Table
			Lead    bool
			Invite  []kit.Field
		}{s.memberTable(all), m.May(casefile.KeepTeam), inviteFields(f, m)}})
}

func (s *console) ties(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.tiesPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

// tiesPage is where a member declares their conflicts of interest.
func (s *console) tiesPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	agencies, err := s.Desk.Agencies.Agencies(r.Context())
	if err != nil {
		return err
	}
	who := []kit.Option{{Text: "No agency as a whole"}}
	for _, a := range agencies {
		who = append(who, kit.Option{Value: string(a.ID), Text: a.Name})
	}
	return s.show(w, r, m, status, "conflict.html", kit.Page{Title: "Your conflicts of interest", Here: "/training", Form: f, Trail: []kit.Link{{Text: "Training", URL: "/training"}},
		Data: struct {
			Mine     kit.Table
			Conflict []kit.Field
		}{conflictTable(m, agencies), []kit.Field{f.Select("agency", "Agency", "One that you or your family work or worked for.", who), f.Text("country", "Country", "Two letters, if the tie is with a country. Its states are within it.").AtMost(6),
			f.Text("target", "Account", "A telephone number or account id of somebody you know.").AtMost(200), f.Text("tie", "Why", "Your colleagues read it when a case is refused to you.").Require().AtMost(500)}}})
}

func inviteFields(f *kit.Form, m staff.Member) []kit.Field {
	out := []kit.Field{f.Text("name", "Name", "").Require().AtMost(120), f.Email("mailbox", "Mailbox", "The invitation goes there: a link that works once.").Require(),
		f.Checks("roles", "Roles", "Somebody may have several. An auditor and outside counsel are nothing else.", staffRoles()).Require(),
		f.Text("why", "Why they join", "It stands with their name.").Require().AtMost(500)}
	if m.Cleared {
		out = append(out, f.Check("cleared", "On the list for sealed matters", ""))
	}
	return out
}

// staffRoles are the roles with what each is for.
func staffRoles() []kit.Option {
	is := map[staff.Role]string{staff.Intake: "Takes requests in, enters papers, hands cases on.", staff.Analyst: "Reviews and decides.", staff.Counsel: "Decides what was escalated, closes objections, approves law rows.",
		staff.Outside: "A lawyer of another house: sees the cases that are lent to them, under their name.", staff.Lead: "Keeps the team, sees the figures.", staff.Auditor: "Sees acts and hashes, never persons.", staff.Trainer: "Records training.", staff.Custodian: "Certifies the records of packages with a passkey, and reads no records."}
	var out []kit.Option
	for _, r := range staff.Roles {
		out = append(out, kit.Option{Value: string(r), Text: roleName(r), Hint: is[r]})
	}
	return out
}

func (s *console) memberTable(all []staff.Member) kit.Table {
	t := kit.Table{Caption: "Members", Columns: kit.Columns("Name", "Roles", "State", "Training")}
	for _, m := range all {
		training := kit.Badge{Tone: kit.Warn, Text: s.training(m)}
		if strings.HasPrefix(training.Text, "trained until") {
			training.Tone = kit.Good
		}
		if training.Text == noTraining {
			training.Tone = kit.Plain
		}
		row := []any{kit.Link{Text: m.Name, URL: "/team/" + string(m.ID)}, roleList(m), memberBadge(m.State), training}
		if m.State == staff.Left {
			row[3] = "–"
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func memberBadge(x staff.State) kit.Badge {
	switch x {
	case staff.Invited:
		return kit.Badge{Tone: kit.Info, Text: "invited"}
	case staff.Active:
		return kit.Badge{Tone: kit.Good, Text: "active"}
	}
	return kit.Badge{Tone: kit.Plain, Text: "left"}
}

func conflictTable(m staff.Member, agencies []agency.Agency) kit.Table {
	t := kit.Table{Caption: "Declared", Columns: kit.Columns("With", "Why", "Declared"), Empty: "None is declared."}
	for _, c := range m.Conflicts {
		with := demand.NonEmpty(string(c.Country), c.Target)
		for _, a := range agencies {
			if a.ID == c.Agency {
				with = append(with, a.Name)
			}
		}
		t.Rows = append(t.Rows, []any{strings.Join(with, ", "), c.Reason, kit.Day(c.Declared)})
	}
	return t
}

// wordTable is each yearly word on ties, the latest first.
func wordTable(m staff.Member) kit.Table {
	t := kit.Table{Caption: "Yearly word that what is declared is all there is", Columns: kit.Columns("Given", "How they looked"), Empty: "None was given yet."}
	for _, x := range slices.Backward(m.Words) {
		t.Rows = append(t.Rows, []any{kit.Day(x.At), x.Why})
	}
	return t
}

func (s *console) invited(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	i := staff.Invitation{Name: f.Need("name", "Give the name."), Mailbox: f.Need("mailbox", "Give the mailbox."), Cleared: f.Get("cleared") != "", Why: f.Need("why", "Say why they join.")}
	for _, x := range f.All("roles") {
		i.Roles = append(i.Roles, staff.Role(x))
	}
	status := http.StatusBadRequest
	if f.OK() {
		if _, err = s.Desk.Staff.Invite(r.Context(), m.ID, i); err == nil {
			return s.kit.Done(w, r, "/team", kit.Good, "The invitation is on its way to "+i.Mailbox+". Its link works once, for two days.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad("", fault.Say(err))
		status = fault.KindOf(err).Status()
	}
	return s.teamPage(w, r, m, status, f)
}

func (s *console) declared(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	c := staff.Conflict{Agency: casefile.AgencyID(f.Get("agency")), Country: law.Jurisdiction(strings.ToUpper(f.Get("country"))), Target: f.Get("target"), Reason: f.Need("tie", "Say why.")}
	if f.OK() {
		if err = s.Desk.Staff.Declare(r.Context(), m.ID, c); err == nil {
			return s.kit.Done(w, r, "/training", kit.Good, "Declared. Cases of that kind are refused to you from now on.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad("tie", fault.Say(err))
	}
	return s.tiesPage(w, r, m, http.StatusBadRequest, f)
}

func (s *console) memberPage(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.someMember(w, r, m, http.StatusOK, kit.NewForm(nil))
}

// someMember is one member's page. Conflicts of interest are private: they are
// shown to the member and to leads. That somebody is on the list for sealed
// matters is shown to those on it.
func (s *console) someMember(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	x, err := s.Desk.Staff.Member(r.Context(), casefile.MemberID(r.PathValue("id")))
	if err != nil {
		return err
	}
	agencies, err := s.Desk.Agencies.Agencies(r.Context())
	if err != nil {
		return err
	}
	facts := kit.Facts{{Label: "State", Value: memberBadge(x.State)}, {Label: "Roles", Value: roleList(x)}, {Label: "Mailbox", Value: orDash(x.Mailbox)}, {Label: "Since", Value: kit.Stamp(x.Since)}}
	if x.Why != "" {
		facts = append(facts, kit.Fact{Label: "Invited", Value: "by " + x.InvitedBy.Name + ": " + x.Why})
	}
	if m.Cleared && x.Cleared {
		facts = append(facts, kit.Fact{Label: "Sealed matters", Value: "on the list"})
	}
	if x.State == staff.Left {
		facts = append(facts, kit.Fact{Label: "Left", Value: kit.Stamp(x.Ended)})
	}
	lead, trainer := m.May(casefile.KeepTeam) && x.State != staff.Left, m.May(casefile.RecordCourses) && x.State != staff.Left
	return s.show(w, r, m, status, "member.html", kit.Page{Title: x.Name, Here: "/team", Form: f, Trail: []kit.Link{{Text: "Team", URL: "/team"}},
		Data: struct {
			At        string
			Facts     kit.Facts
			Trainings kit.Table
			Private   bool
			Conflicts kit.Table
			Words     kit.Table
			Lead      bool
			Trainer   bool
			Train     []kit.Field
			Leave     kit.Field
		}{"/team/" + string(x.ID), facts, trainingTable(x, true), m.ID == x.ID || m.May(casefile.KeepTeam), conflictTable(x, agencies), wordTable(x), lead, trainer,
			[]kit.Field{f.Text("policy", "Version of the policy taught", "").Require().AtMost(80).Fill(s.Desk.Staff.Policy), f.Number("score", "Score of 100", "The mark is "+strconv.Itoa(staff.PassMark)+". It counts for a year.").Require(),
				f.Text("why", "Why you record it", "Where it was held, who taught it and how the answers were marked.").Require().AtMost(maxWhy)},
			f.Text("leaving", "Reason", "").Require().AtMost(500)}})
}

func (s *console) trained(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.memberAct(w, r, m, "score", "The training is recorded.", func(f *kit.Form, id casefile.MemberID) error {
		policy, score, why := f.Need("policy", "Give the version of the policy."), f.Need("score", "Give the score."), f.Need("why", "Say why you record it.")
		n, err := strconv.Atoi(score)
		if err != nil && score != "" {
			f.Bad("score", "The score is a whole number of 0 to 100.")
		}
		if !f.OK() {
			return nil
		}
		return s.Desk.Staff.Train(r.Context(), m.ID, id, policy, n, why)
	})
}

func (s *console) leave(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.memberAct(w, r, m, "leaving", "Their membership has ended: passkeys and sessions are gone.", func(f *kit.Form, id casefile.MemberID) error {
		why := f.Need("leaving", "Give the reason.")
		if !f.OK() {
			return nil
		}
		return s.Desk.Staff.Leave(r.Context(), m.ID, id, why)
	})
}

func (s *console) memberAct(w http.ResponseWriter, r *http.Request, m staff.Member, field, said string, do func(*kit.Form, casefile.MemberID) error) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	id, status := r.PathValue("id"), http.StatusBadRequest
	err = do(f, casefile.MemberID(id))
	switch {
	case err == nil && f.OK():
		return s.kit.Done(w, r, "/team/"+id, kit.Good, said)
	case err != nil && !sayable(err):
		return err
	case err != nil:
		f.Bad(field, fault.Say(err))
		status = fault.KindOf(err).Status()
	}
	return s.someMember(w, r, m, status, f)
}
