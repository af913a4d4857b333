package console

import (
	"context"
	"io"
	"net/http"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// casePaper adds a paper that reached the team to a case.
func (s *console) casePaper(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	if _, err := s.Desk.Staff.MayTouch(r.Context(), m.ID, n); err != nil {
		return err
	}
	took, f, err := kit.Upload(w, r, func(ctx context.Context, name, what string, b io.Reader) error {
		_, err := s.Desk.Intake.AddCasePaper(ctx, m.Actor(), n, name, what, b)
		return err
	})
	if err != nil {
		return err
	}
	if !f.OK() {
		return s.casePage(w, r, m, n, http.StatusBadRequest, f)
	}
	return s.kit.Done(w, r, caseURL(n), kit.Good, kit.Plural(took, "paper is", "papers are")+" with the case, unread.")
}

func (s *console) paperRoutes(in router) {
	s.emailRoutes(in)
	in("GET /papers", casefile.EnterPapers, s.choose)
	in("POST /papers", casefile.EnterPapers, s.chosen)
	in("GET /drafts/{id}", casefile.EnterPapers, s.details)
	in("POST /drafts/{id}", casefile.EnterPapers, s.detailed)
	in("GET /drafts/{id}/papers", casefile.EnterPapers, s.draftPapers)
	in("POST /drafts/{id}/papers", casefile.EnterPapers, s.paperSent)
	in("POST /drafts/{id}/drop-paper/{paper}", casefile.EnterPapers, s.paperDropped)
	in("GET /drafts/{id}/review", casefile.EnterPapers, s.review)
	in("POST /drafts/{id}/file", casefile.EnterPapers, s.filed)
	in("POST /drafts/{id}/delete", casefile.EnterPapers, s.deleted)
}

func wizard(at int) kit.Steps {
	var out kit.Steps
	for i, t := range []string{"From whom, and what", "Details", "Papers", "Check and file"} {
		out = append(out, kit.Step{Text: t, Done: i < at, Current: i == at})
	}
	return out
}

func (s *console) choose(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.choosePage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) choosePage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	all, err := s.Desk.Agencies.Agencies(r.Context())
	if err != nil {
		return err
	}
	drafts, err := s.Desk.Intake.PaperDrafts(r.Context(), m.ID)
	if err != nil {
		return err
	}
	var begun []kit.Link
	for _, d := range drafts {
		begun = append(begun, kit.Link{Text: d.Demand.AgencyName + ", " + s.rowName(d.Demand.Process) + ", begun or changed " + kit.UTC(d.Touched), URL: draftURL(d.ID)})
	}
	from := []kit.Option{{Text: "Choose"}}
	for _, a := range all {
		if a.Closed == "" {
			from = append(from, kit.Option{Value: string(a.ID), Text: a.Name})
		}
	}
	how := []kit.Option{{Text: "Choose"}}
	for _, c := range []law.Channel{law.ChannelMail, law.ChannelAgent, law.ChannelMailbox, law.ChannelPhone, law.ChannelSocial} {
		how = append(how, kit.Option{Value: string(c), Text: channelName(c)})
	}
	return s.show(w, r, m, status, "choose.html", kit.Page{Title: "Enter a paper", Here: "/papers", Form: f, Lead: "For a request that did not come through the portal. It is judged by the same rules; whoever enters it does not decide it.",
		Data: struct {
			Steps  kit.Steps
			Drafts []kit.Link
			Fields []kit.Field
		}{wizard(0), begun, []kit.Field{f.Select("agency", "From which agency", "It must be in the directory, found there by a public source.", from).Require(), f.Select("channel", "How it came", "", how).Require(),
			f.Select("process", "Kind of paper", "Not in the list: choose “Process not in the catalogue”.", s.processes(m)).Require()}}})
}

// processes are the rows in force. Those of sealed matters are there for the
// members on their list.
func (s *console) processes(m staff.Member) []kit.Option {
	out := []kit.Option{{Text: "Choose"}}
	for _, row := range s.Desk.Law.Rows() {
		if row.InForce(s.Clock.Now()) && (m.Cleared || !casefile.SealedRow(row)) {
			out = append(out, kit.Option{Value: string(row.ID), Text: s.Desk.Law.PlaceName(row.Jurisdiction) + ": " + row.Name})
		}
	}
	return out
}

func (s *console) chosen(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	a, ch, p := f.Need("agency", "Choose the agency."), f.Need("channel", "Say how the paper came."), f.Need("process", "Choose the kind of paper.")
	if f.OK() {
		d, err := s.Desk.Intake.StartPaper(r.Context(), m.ID, casefile.AgencyID(a), law.Channel(ch), law.ProcessID(p))
		if err == nil {
			http.Redirect(w, r, draftURL(d.ID), http.StatusSeeOther)
			return nil
		}
		if !sayable(err) {
			return err
		}
		f.Bad("process", fault.Say(err))
	}
	return s.choosePage(w, r, m, http.StatusBadRequest, f)
}

func draftURL(id casefile.DraftID) string { return "/drafts/" + string(id) }

func (s *console) draft(r *http.Request, m staff.Member) (casefile.Draft, law.Row, error) {
	d, err := s.Desk.Intake.Draft(r.Context(), m.Actor(), casefile.DraftID(r.PathValue("id")))
	if err != nil {
		return d, law.Row{}, err
	}
	row, ok := s.Desk.Law.Row(d.Demand.Process, s.Clock.Now())
	if !ok {
		return d, row, fault.New(fault.Expired, "find process", "this kind of process is no longer in force; begin anew")
	}
	return d, row, nil
}

func (s *console) details(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	d, row, err := s.draft(r, m)
	if err != nil {
		return err
	}
	v := demand.Values(d.Demand, row)
	v.Set("officer_name", d.Demand.OfficerName)
	return s.detailsPage(w, r, m, http.StatusOK, d, row, kit.NewForm(v))
}

func (s *console) detailsPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, d casefile.Draft, row law.Row, f *kit.Form) error {
	return s.show(w, r, m, status, "details.html", kit.Page{Title: "Enter a paper: details", Here: "/papers", Form: f, Data: struct {
		Steps    kit.Steps
		At       string
		Row      kit.Facts
		Officer  kit.Field
		Sections []demand.Section
	}{wizard(1), draftURL(d.ID), kit.Facts{{Label: "From", Value: d.Demand.AgencyName + ", " + cameBy(d.Demand)}, {Label: "Process", Value: row.Name}, {Label: "Text of the law", Value: words.Citations(row.Citations)}, {Label: "Reaches", Value: reachWords(row)}},
		f.Text("officer_name", "Officer named on the paper", "").AtMost(casefile.MaxReference), demand.ForTeam(demand.Sections(f, row, s.Desk.Law, s.Desk.Intake.House))}})
}

func (s *console) detailed(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	d, row, err := s.draft(r, m)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	x := demand.Read(f, d.Demand, row, s.Desk.Law)
	x.OfficerName = f.Get("officer_name")
	if f.OK() {
		_, err := s.Desk.Intake.Save(r.Context(), m.Actor(), d.ID, x)
		if err == nil {
			http.Redirect(w, r, draftURL(d.ID)+"/papers", http.StatusSeeOther)
			return nil
		}
		if !sayable(err) {
			return err
		}
		f.Bad(demand.FieldOf(f, err), fault.Say(err))
	}
	return s.detailsPage(w, r, m, http.StatusBadRequest, d, row, f)
}

func (s *console) draftPapers(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.draftPapersPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) draftPapersPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	d, row, err := s.draft(r, m)
	if err != nil {
		return err
	}
	return s.show(w, r, m, status, "papers.html", kit.Page{Title: "Enter a paper: scans", Here: "/papers", Form: f, Data: struct {
		Steps  kit.Steps
		At     string
		Papers []casefile.Paper
		Names  map[string]string
		Upload []kit.Field
	}{wizard(2), draftURL(d.ID), d.Demand.Papers, demand.PaperNames(s.Desk.Law, row), []kit.Field{f.Select("what", "What it is", "", demand.Papers(s.Desk.Law, row)).Require(),
		f.File("file", "PDF files", "Up to "+kit.Bytes(casefile.MaxPaper)+" each. Every file is looked into before it is kept.", "application/pdf").Several().Require()}}})
}

func (s *console) paperSent(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	id := casefile.DraftID(r.PathValue("id"))
	n, f, err := kit.Upload(w, r, func(ctx context.Context, name, what string, b io.Reader) error {
		_, err := s.Desk.Intake.AddPaper(ctx, m.Actor(), id, name, what, b)
		return err
	})
	if err != nil {
		return err
	}
	if !f.OK() {
		return s.draftPapersPage(w, r, m, http.StatusBadRequest, f)
	}
	return s.kit.Done(w, r, draftURL(id)+"/papers", kit.Good, kit.Plural(n, "paper is", "papers are")+" with the draft.")
}

func (s *console) paperDropped(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	id := casefile.DraftID(r.PathValue("id"))
	if err := s.Desk.Intake.RemovePaper(r.Context(), m.Actor(), id, casefile.PaperID(r.PathValue("paper"))); err != nil {
		return err
	}
	return s.kit.Done(w, r, draftURL(id)+"/papers", kit.Good, "The paper is removed.")
}

func (s *console) review(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.reviewPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

type foundView struct {
	Badge           kit.Badge
	Title, Sentence string
	Note            string
}

func (s *console) reviewPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	d, row, err := s.draft(r, m)
	if err != nil {
		return err
	}
	seen, err := s.Desk.Intake.Preview(r.Context(), m.Actor(), d.ID)
	if err != nil {
		return err
	}
	var found []foundView
	for _, x := range seen.Findings {
		found = append(found, foundView{levelBadge(casefile.FindingState{ID: x.ID}), x.Title, x.Sentence, x.Note})
	}
	wanted := kit.Table{Caption: "Asked for", Columns: kit.Columns("Item", "Reach"), Empty: "Nothing is asked for yet."}
	for _, i := range d.Demand.Wanted {
		wanted.Rows = append(wanted.Rows, []any{i.Title(), reachOf(row, i)})
	}
	return s.show(w, r, m, status, "check.html", kit.Page{Title: "Enter a paper: check and file", Here: "/papers", Form: f, Data: struct {
		Steps   kit.Steps
		At      string
		Same    bool
		Twins   kit.Group
		Found   []foundView
		Wanted  kit.Table
		Summary kit.Facts
		Papers  []casefile.Paper
		Due     kit.TimeLeft
	}{wizard(3), draftURL(d.ID), seen.Same, twinLinks(seen.Twins), found, wanted, append(kit.Facts{{Label: "From", Value: d.Demand.AgencyName + ", " + cameBy(d.Demand)}, {Label: "Officer named", Value: orDash(d.Demand.OfficerName)}}, demand.Summary(nil, d.Demand, row)...), d.Demand.Papers, kit.TimeLeft{Now: s.Clock.Now(), Due: seen.Due}}})
}

func (s *console) filed(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := s.Desk.Intake.File(r.Context(), m.Actor(), casefile.DraftID(r.PathValue("id")))
	if err == nil {
		return s.kit.Done(w, r, caseURL(n), kit.Good, "Filed as "+string(n)+". Somebody else decides it.")
	}
	if !sayable(err) {
		return err
	}
	f := kit.NewForm(nil)
	f.Bad("", fault.Say(err))
	return s.reviewPage(w, r, m, fault.KindOf(err).Status(), f)
}

func (s *console) deleted(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	if err := s.Desk.Intake.Drop(r.Context(), m.Actor(), casefile.DraftID(r.PathValue("id"))); err != nil {
		return err
	}
	return s.kit.Done(w, r, "/papers", kit.Good, "The draft and its papers are deleted.")
}
