package console

import (
	"fmt"
	"net/http"
	"strings"

	"letterlock/desk/breach"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

func (s *console) cutRoutes(in router) {
	in("GET /cuts", casefile.SeeDirectory, s.cuts)
	in("POST /cuts", casefile.CutAccess, s.cutNow)
	in("GET /cuts/{id}", casefile.SeeDirectory, s.cut)
	in("POST /cuts/{id}/restore", casefile.RestoreAccess, s.restored)
	in("GET /cuts/{id}/letter", casefile.SeeDirectory, s.cutLetter)
	in("GET /cases/{n}/compromise", casefile.OpenCases, s.held)
	in("POST /cases/{n}/second-review", casefile.DecideCases, s.lookedAgain)
	in("POST /cases/{n}/breach-notice", casefile.DecideCounsel, s.breachReleased)
}

func cutURL(id casefile.CutID) string { return "/cuts/" + string(id) }

func (s *console) cuts(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	all, err := s.Desk.Agencies.Cuts(r.Context())
	if err != nil {
		return err
	}
	t := kit.Table{Caption: "Uses of the compromise switch", Columns: kit.Columns("What", "State", "When", "By", "What happened"), Empty: "The switch was never used."}
	for _, c := range all {
		t.Rows = append(t.Rows, []any{kit.Link{Text: c.Name, URL: cutURL(c.ID)}, cutBadge(c), kit.Stamp(c.At), c.By.Name, c.Why})
	}
	return s.show(w, r, m, http.StatusOK, "cuts.html", kit.Page{Title: "Compromises", Here: "/agencies", Trail: []kit.Link{{Text: "Agencies and officers", URL: "/agencies"}},
		Lead: "Where somebody else may have been using an agency's access. A cut is made on the page of the agency or the officer, at once and by one person.", Data: t})
}

func cutBadge(c casefile.Cut) kit.Badge {
	if c.Open() {
		return kit.Badge{Tone: kit.Bad, Text: "access is cut"}
	}
	return kit.Badge{Tone: kit.Good, Text: "access was given back"}
}

// cutNow is the switch. Nothing about it waits: not for a second person, and
// not for the ledger.
func (s *console) cutNow(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	kind, what, ok := strings.Cut(f.Get("what"), ":")
	if !ok {
		return fault.New(fault.Invalid, "cut access", "choose what is compromised")
	}
	if f.Get("cut") == "" {
		return fault.New(fault.Invalid, "cut access", "say in one line what happened")
	}
	c, err := s.Desk.Cut(r.Context(), m.ID, casefile.CutKind(kind), what, f.Get("cut"))
	if err != nil {
		return err
	}
	return s.kit.Done(w, r, cutURL(c.ID), kit.Warn, "Access is cut. Every case of the last 90 days, and every older one under which something may still leave, is listed here and has to be looked at again.")
}

func (s *console) cut(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.cutPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) cutPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	p, err := s.Desk.Breach.Progress(r.Context(), m.ID, casefile.CutID(r.PathValue("id")))
	if err != nil {
		return err
	}
	c := p.Cut
	var agreed kit.Timeline
	for _, x := range c.Restore {
		agreed = append(agreed, kit.Event{At: x.At, Who: x.By.Name, What: "agreed to give the access back", Why: x.Why, Tone: kit.Plain})
	}
	mine := false
	for _, x := range c.Restore {
		mine = mine || x.By.ID == string(m.ID)
	}
	return s.show(w, r, m, status, "cut.html", kit.Page{Title: "Compromise: " + c.Name, Here: "/agencies", Form: f, Wide: true, Trail: []kit.Link{{Text: "Compromises", URL: "/cuts"}},
		Data: struct {
			At         string
			Facts      kit.Facts
			Progress   kit.Progress
			Left       kit.Facts
			Clock      kit.TimeLeft
			Cases      kit.Table
			Open, Mine bool
			Restore    kit.Field
			Agreed     kit.Timeline
		}{cutURL(c.ID), s.cutFacts(p), kit.Progress{Done: len(p.Items) - p.Left, Of: len(p.Items), Text: fmt.Sprintf("%d of %s looked at again", len(p.Items)-p.Left, kit.Plural(len(p.Items), "case", "cases"))}, leftFacts(p),
			kit.TimeLeft{Now: s.Clock.Now(), Due: p.Deadline(), Start: c.At, What: "to tell the authority for data protection"}, s.cutCases(p), c.Open(), mine,
			f.Text("restore", "Why it is safe again, and how you know", "").Require().AtMost(500), agreed}})
}

func (s *console) cutFacts(p breach.Progress) kit.Facts {
	c := p.Cut
	kinds := map[casefile.CutKind]string{casefile.CutDomain: "every mailbox of a domain", casefile.CutAgency: "a whole agency", casefile.CutOfficer: "one officer"}
	worked := any(kit.Group{kit.Badge{Tone: kit.Warn, Text: "being done"}, "what was on its way is looked for again"})
	if !c.Worked.IsZero() {
		worked = kit.Stamp(c.Worked)
	}
	out := kit.Facts{{Label: "State", Value: cutBadge(c)}, {Label: "Cut", Value: c.Name + ", " + kinds[c.Kind]}, {Label: "By", Value: c.By.Name}, {Label: "When", Value: kit.Stamp(c.At)}, {Label: "What happened", Value: c.Why},
		{Label: "Officers signed out", Value: len(c.Officers)}, {Label: "Cases since", Value: kit.Stamp(c.From)}, {Label: "All of them held", Value: worked}}
	if !c.Open() {
		out = append(out, kit.Fact{Label: "Given back", Value: kit.Stamp(c.Restored)})
	}
	return out
}

// leftFacts is what is left to do, and what was found.
func leftFacts(p breach.Progress) kit.Facts {
	return kit.Facts{{Label: "Not looked at again", Value: p.Left}, {Label: "Nobody can tell yet", Value: p.Unclear}, {Label: "Found genuine", Value: p.Reviewed[casefile.Genuine]},
		{Label: "Found fraudulent", Value: p.Reviewed[casefile.Fraudulent]}, {Label: "Accounts whose records left", Value: p.Accounts}, {Label: "Notices that wait for counsel", Value: p.Drafted}, {Label: "Notices released", Value: p.Released}}
}

func (s *console) cutCases(p breach.Progress) kit.Table {
	t := kit.Table{Caption: "Cases of the window", Columns: kit.Columns("Case", "Filed", "By", "State", "Records left", "Second review", "Notice"), Empty: "No case was filed in the window."}
	for _, i := range p.Items {
		gone := "none"
		if i.Accounts > 0 {
			gone = kit.Plural(i.Accounts, "account", "accounts") + ", " + kit.Plural(i.Fetched, "download", "downloads")
		}
		t.Rows = append(t.Rows, []any{kit.Link{Text: string(i.Number), URL: caseURL(i.Number) + "/compromise"}, kit.Stamp(i.Filed), i.Officer, phaseBadge(i.Phase), gone, outcomeBadge(i.Hold), noticeState(i)})
	}
	return t
}

func outcomeBadge(h casefile.Hold) any {
	b := kit.Badge{Tone: kit.Warn, Text: "open"}
	switch h.Outcome {
	case casefile.Genuine:
		b = kit.Badge{Tone: kit.Good, Text: "genuine"}
	case casefile.Fraudulent:
		b = kit.Badge{Tone: kit.Bad, Text: "fraudulent"}
	case casefile.Unclear:
		b = kit.Badge{Tone: kit.Warn, Text: "cannot tell"}
	}
	if h.By.Name == "" {
		return b
	}
	return kit.Group{b, h.By.Name}
}

func noticeState(i breach.Item) any {
	switch {
	case i.Hold.Draft == "" || i.Hold.Outcome == casefile.Genuine && i.Hold.Released.IsZero():
		return "–"
	case i.Hold.Released.IsZero():
		return kit.Badge{Tone: kit.Warn, Text: "waits for counsel"}
	case i.Told >= i.Accounts:
		return kit.Badge{Tone: kit.Good, Text: "told"}
	}
	return kit.Badge{Tone: kit.Info, Text: "released, waits for signatures or delivery"}
}

func (s *console) restored(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	id, status := casefile.CutID(r.PathValue("id")), http.StatusBadRequest
	if why := f.Need("restore", "Say why it is safe again."); f.OK() {
		err := s.Desk.Restore(r.Context(), m.ID, id, why)
		if err == nil {
			return s.kit.Done(w, r, cutURL(id), kit.Good, "Recorded. Two different people give access back, and every officer is confirmed anew.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad("restore", fault.Say(err))
		status = fault.KindOf(err).Status()
	}
	return s.cutPage(w, r, m, status, f)
}

// cutLetter is what the lead and the officer for data protection need for the
// authority.
func (s *console) cutLetter(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	l, err := s.Desk.Breach.Letter(r.Context(), m.ID, casefile.CutID(r.PathValue("id")))
	if err != nil {
		return err
	}
	var kinds []string
	for _, f := range l.Fields {
		if x, ok := disclosable.FieldByID(f); ok {
			kinds = append(kinds, x.Title)
		}
	}
	return s.show(w, r, m, http.StatusOK, "cutletter.html", kit.Page{Title: "Report of a breach: " + l.Cut.Name, Here: "/agencies", Trail: []kit.Link{{Text: "Compromises", URL: "/cuts"}, {Text: l.Cut.Name, URL: cutURL(l.Cut.ID)}},
		Data: struct {
			breach.Letter
			Owner string
			Kinds []string
			Found string
			Clock kit.TimeLeft
		}{l, s.Owner, kinds, fmt.Sprintf("%d found genuine, %d fraudulent, %d unclear", l.Reviewed[casefile.Genuine], l.Reviewed[casefile.Fraudulent], l.Reviewed[casefile.Unclear]), kit.TimeLeft{Now: s.Clock.Now(), Due: l.Deadline(), Start: l.Cut.At}}})
}

func (s *console) held(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.heldPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) heldPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	c, cut, err := s.Desk.Breach.Hold(r.Context(), m.ID, n)
	if err != nil {
		return err
	}
	h := c.Held
	facts := kit.Facts{{Label: "Held since", Value: kit.Stamp(h.At)}, {Label: "Because of", Value: kit.Link{Text: cut.Name, URL: cutURL(cut.ID)}}, {Label: "What happened", Value: cut.Why}, {Label: "Case", Value: kit.Link{Text: string(n), URL: caseURL(n)}},
		{Label: "Second review", Value: outcomeBadge(h)}}
	if h.Why != "" {
		facts = append(facts, kit.Fact{Label: "Found", Value: h.Why})
	}
	var outcomes []kit.Option
	for _, o := range casefile.Outcomes {
		outcomes = append(outcomes, kit.Option{Value: string(o), Text: string(o), Hint: map[casefile.Outcome]string{casefile.Genuine: "The case goes on from where it stood; grants are proposed anew.",
			casefile.Fraudulent: "The case is over; our copy of its package is destroyed.", casefile.Unclear: "It stays held until somebody finds out."}[o]})
	}
	_, notCounsel := s.Desk.Staff.IsCounsel(r.Context(), m.ID, c)
	return s.show(w, r, m, status, "held.html", kit.Page{Title: "Second review of " + string(n), Here: "/", Form: f, Trail: []kit.Link{{Text: string(n), URL: caseURL(n)}},
		Data: struct {
			At                  string
			Facts               kit.Facts
			Review, Took        bool
			Outcome, Why, Draft kit.Field
			Notice, Counsel     bool
			Released            bool
			Hold                casefile.Hold
			Accounts            int
		}{caseURL(n), facts, h.Outcome == "" || h.Outcome == casefile.Unclear, c.Reviewers()[m.ID], f.Radio("outcome", "What you found", "", outcomes).Require(),
			f.Long("why", "How you established it", "Whom you called, by which number, and what they said.").Lines(4).Require(), f.Text("draft", "Why the person is told, in their notice", "The key holders and the person read it.").Require().AtMost(breach.MaxNotice).Fill(h.Draft),
			h.Draft != "" && h.Outcome != casefile.Genuine, notCounsel == nil, !h.Released.IsZero(), h, len(h.Targets)}})
}

func (s *console) lookedAgain(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.heldAct(w, r, m, "why", "Recorded.", func(f *kit.Form, n casefile.Number) error {
		o, why := f.Need("outcome", "Choose what you found."), f.Need("why", "Say how you established it.")
		if !f.OK() {
			return nil
		}
		return s.Desk.Breach.Review(r.Context(), m.ID, n, casefile.Outcome(o), why)
	})
}

func (s *console) breachReleased(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.heldAct(w, r, m, "draft", "The notice is before the key holders. The person is told once two have signed.", func(f *kit.Form, n casefile.Number) error {
		text := f.Need("draft", "Write the reason that the person reads.")
		if !f.OK() {
			return nil
		}
		return s.Desk.Breach.Release(r.Context(), m.ID, n, text)
	})
}

func (s *console) heldAct(w http.ResponseWriter, r *http.Request, m staff.Member, field, said string, do func(*kit.Form, casefile.Number) error) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	status := http.StatusBadRequest
	err = do(f, n)
	switch {
	case err == nil && f.OK():
		return s.kit.Done(w, r, caseURL(n)+"/compromise", kit.Good, said)
	case err != nil && !sayable(err):
		return err
	case err != nil:
		f.Bad(field, fault.Say(err))
		status = fault.KindOf(err).Status()
	}
	return s.heldPage(w, r, m, status, f)
}

// heldCall is said first on the page of a held case.
func heldCall(c casefile.Case) []kit.Callout {
	if !c.OnHold() {
		return nil
	}
	return []kit.Callout{{Tone: kit.Bad, Title: "Held: the sender may have been somebody else", Text: "Nothing is decided, released or handed out until somebody who had no part in it has looked again."}}
}
