package console

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/sealed"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/kit"
)

// The pages of sealed matters. For a member who is not on the list they are
// addresses like any other that leads nowhere.
func (s *console) sealedRoutes(in router) {
	in("GET /sealed", casefile.SeeCases, s.sealedPage)
	in("POST /sealed/list", casefile.KeepTeam, s.clearedList)
	in("GET /sealed/matters/{n}", casefile.OpenCases, s.sealedMatter)
	in("GET /sealed/matters/{n}/letters/{id}", casefile.ReadPapers, s.sealedLetter)
	in("POST /sealed/matters/{n}/letters/{id}/sent", casefile.DecideCounsel, s.letterSent)
	in("POST /sealed/matters/{n}/step", casefile.DecideCounsel, s.gagStep)
	in("POST /sealed/matters/{n}/known", casefile.DecideCounsel, s.gagKnown)
}

func (s *console) sealedPage(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.sealedList(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) sealedList(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	all, err := s.Desk.Sealed.Matters(r.Context(), m.ID)
	if err != nil {
		return err
	}
	list, err := s.Desk.Staff.Cleared(r.Context(), m.ID)
	if err != nil {
		return err
	}
	team, err := s.Desk.Staff.Members(r.Context())
	if err != nil {
		return err
	}
	troubles, err := s.Desk.Troubles(r.Context(), m.ID)
	if err != nil {
		return err
	}
	var on, off []kit.Option
	for _, x := range team {
		o := kit.Option{Value: string(x.ID), Text: x.Name + ", " + roleList(x)}
		switch {
		case x.Cleared:
			on = append(on, o)
		case x.State == staff.Active:
			off = append(off, o)
		}
	}
	return s.show(w, r, m, status, "sealed.html", kit.Page{Title: "Sealed matters", Here: "/sealed", Form: f, Wide: true,
		Lead: "National-security matters, for those on the list. For everybody else there is no such page, case, number or count.",
		Data: struct {
			Matters, List, Troubles kit.Table
			Keep                    bool
			On, Off                 []kit.Field
		}{s.mattersTable(all), s.clearedTable(list), troubleTable(troubles), m.May(casefile.KeepTeam),
			[]kit.Field{f.Select("add", "Member", "", off).Require(), f.Text("add-why", "Why they are cleared", "Who cleared them, and when.").Require().AtMost(500)},
			[]kit.Field{f.Select("remove", "Member", "", on).Require(), f.Text("remove-why", "Why", "").Require().AtMost(500)}}})
}

func (s *console) mattersTable(all []sealed.Matter) kit.Table {
	t := kit.Table{Caption: "Matters", Columns: kit.Columns("Case", "Process", "Agency", "Stands at", "Secrecy", "Notice to the Government", "Next days"), Empty: "There is none."}
	for _, x := range all {
		t.Rows = append(t.Rows, []any{kit.Link{Text: string(x.Case.Number), URL: sealedURL(x.Case.Number)}, x.Row.Name, x.Case.Demand.AgencyName, phaseBadge(x.Case.Phase()),
			gagBadge(x), letterBadge(x), orDash(strings.Join(days(x.Duties, 3), "; "))})
	}
	return t
}

func sealedURL(n casefile.Number) string { return "/sealed/matters/" + string(n) }

func gagBadge(x sealed.Matter) kit.Badge {
	y := x.Case.Secrecy
	switch {
	case !y.Ended().IsZero():
		return kit.Badge{Tone: kit.Good, Text: "ended " + kit.Day(y.Ended())}
	case !x.Case.Demand.Gagged():
		return kit.Badge{Tone: kit.Plain, Text: "not asked for"}
	case y.Took(casefile.GagExtended):
		return kit.Badge{Tone: kit.Warn, Text: "kept by a court"}
	case y.Took(casefile.GagApplied):
		return kit.Badge{Tone: kit.Info, Text: "before a court"}
	case !y.Sent().IsZero():
		return kit.Badge{Tone: kit.Info, Text: "review asked for"}
	}
	return kit.Badge{Tone: kit.Warn, Text: "stands"}
}

func letterBadge(x sealed.Matter) kit.Badge {
	switch y := x.Case.Secrecy; {
	case !y.Sent().IsZero():
		return kit.Badge{Tone: kit.Good, Text: "sent " + kit.Day(y.Sent())}
	case len(y.Letters) > 0:
		return kit.Badge{Tone: kit.Bad, Text: "ready, not sent"}
	case casefile.Reciprocal(x.Row) && x.Case.Demand.Gagged():
		return kit.Badge{Tone: kit.Warn, Text: "being made"}
	}
	return kit.Badge{Tone: kit.Plain, Text: "none"}
}

var gagDuties = map[string]string{casefile.GagNotice: "notice to the Government", casefile.GagGovernment: "the Government must have applied to a court",
	casefile.GagThreeYears: "secrecy looked at again after three years", casefile.GagClosed: "secrecy looked at again: the investigation is closed"}

// days are the next days in words.
func days(all []casefile.Duty, most int) []string {
	var out []string
	for _, d := range all {
		what := gagDuties[d.Key]
		if d.Kind != casefile.DutyGag {
			what = map[casefile.DutyKind]string{casefile.DutyReview: "silence looked at again", casefile.DutyDestroy: "our copy of the package destroyed"}[d.Kind]
		}
		if what != "" && len(out) < most {
			out = append(out, kit.Day(d.Due)+": "+what)
		}
	}
	return out
}

func (s *console) clearedTable(list []staff.Member) kit.Table {
	t := kit.Table{Caption: "The list", Columns: kit.Columns("Name", "Roles", "State", "Training")}
	for _, m := range list {
		t.Rows = append(t.Rows, []any{kit.Link{Text: m.Name, URL: "/team/" + string(m.ID)}, roleList(m), memberBadge(m.State), s.training(m)})
	}
	return t
}

// troubleTable lists what failed, the latest first: it stands in no log.
func troubleTable(all []desk.Trouble) kit.Table {
	t := kit.Table{Caption: "What failed", Columns: kit.Columns("Last", "Since", "What"), Empty: "Nothing failed."}
	for _, x := range slices.Backward(all) {
		t.Rows = append(t.Rows, []any{kit.Stamp(x.Last), kit.Stamp(x.First), x.What})
	}
	return t
}

// clearedList puts a member on the list, or takes one off it.
func (s *console) clearedList(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	if may, err := s.Desk.Staff.MaySeal(r.Context(), m.ID); err != nil || !may {
		return casefile.NoCase()
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	on, field := f.Get("off") == "", "add"
	if !on {
		field = "remove"
	}
	who, why := f.Need(field, "Choose the member."), f.Need(field+"-why", "Give the reason.")
	status := http.StatusBadRequest
	if f.OK() {
		if err = s.Desk.Staff.Clear(r.Context(), m.ID, casefile.MemberID(who), on, why); err == nil {
			return s.kit.Done(w, r, s.afterClear(r, m), kit.Good, "The list is changed.")
		}
		if !sayable(err) {
			return err
		}
		f.Bad(field, fault.Say(err))
		status = fault.KindOf(err).Status()
	}
	return s.sealedList(w, r, m, status, f)
}

// afterClear leads away whoever took themselves off.
func (s *console) afterClear(r *http.Request, m staff.Member) string {
	if may, err := s.Desk.Staff.MaySeal(r.Context(), m.ID); err != nil || !may {
		return "/"
	}
	return "/sealed"
}

func (s *console) sealedMatter(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.matterPage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

type letterView struct {
	Name, Open, Send, Sent string
	How                    string
	Made                   kit.Stamp
	Day, By                kit.Field
}

func (s *console) matterPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	x, err := s.Desk.Sealed.Matter(r.Context(), m.ID, n)
	if err != nil {
		return err
	}
	today := s.Clock.Now().UTC().Format(time.DateOnly)
	var letters []letterView
	for _, l := range x.Case.Secrecy.Letters {
		at := sealedURL(n) + "/letters/" + string(l.ID)
		v := letterView{Name: l.Name, Made: kit.Stamp(l.Made), Open: at, Send: at + "/sent", How: l.How,
			Day: f.Date("sent", "Day on which it left", "The Government's time runs from it.").Require().Fill(today),
			By:  f.Text("how", "How, and to whom", "Such as: by registered mail to the agent named in the letter.").Require().AtMost(500)}
		if !l.Sent.IsZero() {
			v.Sent = kit.Day(l.Sent) + " by " + l.By.Name
		}
		letters = append(letters, v)
	}
	var moves []kit.Option
	for _, g := range casefile.GagMoves {
		moves = append(moves, kit.Option{Value: string(g), Text: moveWords[g]})
	}
	return s.show(w, r, m, status, "sealedmatter.html", kit.Page{Title: string(n), Here: "/sealed", Form: f, Trail: []kit.Link{{Text: "Sealed matters", URL: "/sealed"}},
		Lead: x.Row.Name + ", " + x.Case.Demand.AgencyName + ".",
		Data: struct {
			At, Case string
			Facts    kit.Facts
			Clocks   kit.Table
			Letters  []letterView
			Steps    kit.Timeline
			Ended    bool
			Step     []kit.Field
			Known    []kit.Field
			Counsel  bool
		}{sealedURL(n), caseURL(n), matterFacts(x), lawClocks(x), letters, gagSteps(x.Case.Secrecy), !x.Case.Secrecy.Ended().IsZero(),
			[]kit.Field{f.Select("move", "What happened", "", moves).Require(), f.Date("day", "On", "").Require().Fill(today), f.Text("why", "Where it stands", "Docket, letter or order.").Require().AtMost(500)},
			[]kit.Field{f.Date("begun", "The full investigation began", "Empty if nobody told us."), f.Date("closed", "It was closed", "Empty if nobody told us."), f.Text("from", "From what we know it", "").Require().AtMost(500)},
			m.May(casefile.DecideCounsel)}})
}

var moveWords = map[casefile.GagMove]string{casefile.GagApplied: "The Government applied to a court", casefile.GagExtended: "A court ordered that the secrecy goes on",
	casefile.GagContinued: "The agency looked again and kept it", casefile.GagTerminated: "The secrecy ended"}

func matterFacts(x sealed.Matter) kit.Facts {
	c := x.Case
	f := kit.Facts{{Label: "Stands at", Value: phaseBadge(c.Phase())}, {Label: "Secrecy", Value: gagBadge(x)}, {Label: "Notice to the Government", Value: letterBadge(x)},
		{Label: "Received", Value: kit.Stamp(c.Filed)}}
	if !c.Demand.Issued.IsZero() {
		f = append(f, kit.Fact{Label: "Issued", Value: kit.Day(c.Demand.Issued)})
	}
	begun, closed := "not known: the days count from the letter", "not known"
	if !c.Secrecy.Start.IsZero() {
		begun = kit.Day(c.Secrecy.Start)
	}
	if !c.Secrecy.Close.IsZero() {
		closed = kit.Day(c.Secrecy.Close)
	}
	f = append(f, kit.Fact{Label: "The investigation began", Value: begun}, kit.Fact{Label: "It was closed", Value: closed})
	for _, d := range days(x.Duties, 10) {
		f = append(f, kit.Fact{Label: "To come", Value: d})
	}
	return f
}

// lawClocks are the clocks of the row, with how sure we are of each.
func lawClocks(x sealed.Matter) kit.Table {
	t := kit.Table{Caption: "What the law counts", Columns: kit.Columns("Text", "What", "Certainty"), Empty: "The row has no clock."}
	for _, c := range x.Row.Clocks {
		t.Rows = append(t.Rows, []any{string(c.Citation), c.Text, certainty(c.Certainty)})
	}
	return t
}

func certainty(c law.Certainty) kit.Badge {
	switch c {
	case law.Seen:
		return kit.Badge{Tone: kit.Good, Text: "S: the text was read"}
	case law.Known:
		return kit.Badge{Tone: kit.Warn, Text: "K: from knowledge"}
	}
	return kit.Badge{Tone: kit.Bad, Text: "U: not confirmed"}
}

func gagSteps(y casefile.Secrecy) kit.Timeline {
	var t kit.Timeline
	for _, x := range slices.Backward(y.Steps) {
		t = append(t, kit.Event{At: x.Day, Who: x.By.Name, What: moveWords[x.Move], Why: x.Why})
	}
	return t
}

func (s *console) sealedLetter(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	body, l, err := s.Desk.Sealed.Letter(r.Context(), m.ID, n, casefile.PaperID(r.PathValue("id")))
	if err != nil {
		return err
	}
	defer body.Close()
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'") // a file to keep, whatever is in it
	hand(w, "attachment", l.Name, "application/pdf", l.Size)
	return s.copy(w, r, body)
}

func (s *console) letterSent(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.matterAct(w, r, m, "sent", "Recorded. The Government's time runs from that day.", func(f *kit.Form, n casefile.Number) error {
		day, how := dayOf(f, "sent", true), f.Need("how", "Say how it left and to whom.")
		if !f.OK() {
			return nil
		}
		return s.Desk.Sealed.Sent(r.Context(), m.ID, n, casefile.PaperID(r.PathValue("id")), day, how)
	})
}

func (s *console) gagStep(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.matterAct(w, r, m, "move", "Recorded.", func(f *kit.Form, n casefile.Number) error {
		move, day, why := f.Need("move", "Choose what happened."), dayOf(f, "day", true), f.Need("why", "Say where it stands.")
		if !f.OK() {
			return nil
		}
		return s.Desk.Sealed.Step(r.Context(), m.ID, n, casefile.GagMove(move), day, why)
	})
}

func (s *console) gagKnown(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.matterAct(w, r, m, "begun", "Recorded. The days are counted from it.", func(f *kit.Form, n casefile.Number) error {
		begun, closed, from := dayOf(f, "begun", false), dayOf(f, "closed", false), f.Need("from", "Say from what we know it.")
		if !f.OK() {
			return nil
		}
		return s.Desk.Sealed.Known(r.Context(), m.ID, n, begun, closed, from)
	})
}

// dayOf reads a day.
func dayOf(f *kit.Form, name string, need bool) time.Time {
	text := f.Get(name)
	if text == "" && !need {
		return time.Time{}
	}
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		f.Bad(name, "Give the day, such as 2026-11-23.")
	}
	return d
}

func (s *console) matterAct(w http.ResponseWriter, r *http.Request, m staff.Member, field, said string, do func(*kit.Form, casefile.Number) error) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	if _, err := s.Desk.Sealed.Matter(r.Context(), m.ID, n); err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	err = do(f, n)
	status := http.StatusBadRequest
	switch {
	case err == nil && f.OK():
		return s.kit.Done(w, r, sealedURL(n), kit.Good, said)
	case err != nil && !sayable(err):
		return err
	case err != nil:
		f.Bad(field, fault.Say(err))
		status = fault.KindOf(err).Status()
	}
	return s.matterPage(w, r, m, status, f)
}
