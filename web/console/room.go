package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/room"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// The public document room, as counsel and the second person see it: what
// waits, each paper and each page of it, and what is public.

func (s *console) roomRoutes(in router) {
	in("GET /room", casefile.AgreePapers, s.rooms)
	in("GET /cases/{n}/room", casefile.AgreePapers, s.roomCase)
	in("POST /cases/{n}/room/names", casefile.SetPapers, s.roomNames)
	in("POST /cases/{n}/room/put", casefile.SetPapers, s.roomPut)
	in("GET /cases/{n}/room/preview", casefile.AgreePapers, s.roomPreview)
	in("POST /cases/{n}/room/agree", casefile.AgreePapers, s.roomAgreed)
	in("POST /cases/{n}/room/return", casefile.AgreePapers, s.roomReturned)
	in("POST /cases/{n}/room/withdraw", casefile.SetPapers, s.roomTaken)
	in("GET /cases/{n}/room/papers/{p}", casefile.AgreePapers, s.roomPaper)
	in("POST /cases/{n}/room/papers/{p}", casefile.SetPapers, s.roomSaid)
	in("POST /cases/{n}/room/papers/{p}/read", casefile.AgreePapers, s.roomRead)
	in("GET /cases/{n}/room/papers/{p}/{picture}", casefile.AgreePapers, s.roomPicture)
	in("POST /cases/{n}/room/papers/{p}/pages/{page}", casefile.SetPapers, s.roomPage)
}

const roomURL = "/room"

func roomCaseURL(n casefile.Number) string { return caseURL(n) + "/room" }

func roomPaperURL(n casefile.Number, paper string) string {
	return roomCaseURL(n) + "/papers/" + url.PathEscape(paper)
}

func roomPageURL(n casefile.Number, paper string, page int) string {
	return fmt.Sprintf("%s?page=%d", roomPaperURL(n, paper), page)
}

// toRoom leads from a case to its papers for the public.
func toRoom(v view) string {
	if v.Case.Room.Due.IsZero() || !v.member.May(casefile.AgreePapers) {
		return ""
	}
	return roomCaseURL(v.Case.Number)
}

// rooms lists what waits and what is public.
func (s *console) rooms(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	shown, err := s.Desk.Room.Published(r.Context(), m.ID)
	if fault.Is(err, fault.NotFound) { // no room, and nothing to wait for
		return s.show(w, r, m, http.StatusOK, "room.html", kit.Page{Title: "Document room", Here: roomURL, Lead: "This house keeps no public document room: the operator has set document_room to off."})
	}
	if err != nil {
		return err
	}
	waiting, err := s.Desk.Room.Waiting(r.Context(), m.ID)
	if err != nil {
		return err
	}
	t := kit.Table{Caption: "Papers that wait", Columns: kit.Columns("Case", "Legal process", "Agency", "Where it stands", "By"), Empty: "No papers wait."}
	now := s.Clock.Now()
	for _, x := range waiting {
		t.Rows = append(t.Rows, []any{kit.Link{Text: string(x.Case.Number), URL: roomCaseURL(x.Case.Number)}, x.Row.Name, x.Case.Demand.AgencyName, roomState(x.Case), kit.TimeLeft{Now: now, Due: x.Case.Room.Due, What: "to decide"}})
	}
	p := kit.Table{Caption: "Documents", Columns: kit.Columns("Document", "Case", "Legal process", "Published", "State"), Empty: "Nothing has been published yet."}
	for _, d := range shown {
		var of any = "–"
		if d.Case != "" {
			of = kit.Link{Text: string(d.Case), URL: roomCaseURL(d.Case)}
		}
		state := kit.Badge{Tone: kit.Good, Text: "public"}
		if d.Gone != nil {
			state = kit.Badge{Tone: kit.Plain, Text: "taken out on " + kit.Day(d.Gone.Withdrawn.Time())}
		}
		p.Rows = append(p.Rows, []any{s.documentLink(string(d.ID)), of, orDash(d.Process), kit.Day(d.Published.Time()), state})
	}
	return s.show(w, r, m, http.StatusOK, "room.html", kit.Page{Title: "Document room", Here: roomURL, Lead: "What the public reads of requests, once everybody has been told and nothing withholds them any more.",
		Data: struct{ Waiting, Shown kit.Table }{t, p}})
}

func (s *console) documentLink(id string) any {
	if s.Center == "" {
		return kit.Code(id)
	}
	return kit.Link{Text: id, URL: strings.TrimSuffix(s.Center, "/") + "/documents/" + id + "/"}
}

func roomState(c casefile.Case) kit.Badge {
	switch {
	case c.Room.Plan != nil:
		return kit.Badge{Tone: kit.Info, Text: "waits for a second person"}
	case c.Room.Done:
		return kit.Badge{Tone: kit.Good, Text: "decided"}
	}
	return kit.Badge{Tone: kit.Warn, Text: "waits for counsel"}
}

// roomView is a case's papers for the public.
type roomView struct {
	At, Case    string
	Preview     string
	Facts       kit.Facts
	Withheld    string
	Papers      kit.Table
	Names       []kit.Field // nil: not to be changed
	Put         *kit.Field
	Waits       bool // for a second person
	Mine        bool // this member decided on it
	Current     kit.Facts
	Taken       []kit.Field
	TakenBefore []kit.Facts
}

func (s *console) roomCase(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.roomForm(w, r, m, http.StatusOK, kit.NewForm(nil), nil)
}

func (s *console) roomForm(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form, wrong error) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	x, err := s.Desk.Room.See(r.Context(), m.ID, n)
	if err != nil {
		return err
	}
	return s.show(w, r, m, status, "roomcase.html", kit.Page{Title: "Papers of " + string(n) + " for the public", Here: roomURL, Err: wrong, Form: f,
		Trail: []kit.Link{{Text: "Document room", URL: roomURL}}, Lead: x.Row.Name + ", " + x.Case.Demand.AgencyName, Data: s.roomView(f, m, x)})
}

func (s *console) roomView(f *kit.Form, m staff.Member, x room.Sight) roomView {
	n := x.Case.Number
	v := roomView{At: roomCaseURL(n), Case: caseURL(n), Preview: roomCaseURL(n) + "/preview", Withheld: x.Withheld, Waits: x.Put, Mine: x.Put && x.Plan.By.MemberID() == m.ID,
		Facts: kit.Facts{{Label: "State", Value: roomState(x.Case)}}}
	if due := x.Case.Room.Due; !due.IsZero() && !x.Case.Room.Done {
		v.Facts = append(v.Facts, kit.Fact{Label: "Counsel has until", Value: kit.TimeLeft{Now: s.Clock.Now(), Due: due, What: "to decide"}})
	}
	v.Papers = kit.Table{Caption: "Each paper", Columns: kit.Columns("Paper", "Pages", "What becomes of it"), Empty: "The case has no paper."}
	for _, p := range x.Plan.Choices {
		v.Papers.Rows = append(v.Papers.Rows, []any{kit.Link{Text: s.Desk.Room.Title(x.Case, p), URL: roomPaperURL(n, p.Paper)}, roomPages(x.Case, p), roomWord(x, p)})
	}
	open := x.Case.Room.Open() && !x.Put && m.May(casefile.SetPapers) && x.Withheld == ""
	if open {
		v.Names = []kit.Field{f.Check("agency", "Name the agency", "An agency of few people may tell who is meant."),
			f.Check("typed", "Show what the agency typed of court, office and legal basis", "Known persons, numbers and mailboxes are left out of it. A name that nobody here knows is not: read the preview first.")}
		if len(f.Values) == 0 {
			v.Names[0].Checked, v.Names[1].Checked = x.Plan.Agency, x.Plan.Typed
		}
		why := f.Long("why", "Why this is right for this case", "It stands in the history and is not published.").Lines(2).Require()
		v.Put = &why
	}
	s.roomIssues(f, m, x, &v)
	return v
}

func roomPages(c casefile.Case, p casefile.RoomChoice) string {
	if !p.Attached {
		return "a text"
	}
	paper, _ := c.Paper(casefile.PaperID(p.Paper))
	return fmt.Sprintf("%d of %d kept, %d looked at", len(p.Kept()), paper.Pages, len(p.Pages))
}

func roomWord(x room.Sight, p casefile.RoomChoice) kit.Badge {
	switch {
	case !p.Said && !x.Put:
		return kit.Badge{Tone: kit.Warn, Text: "not decided"}
	case p.Publish:
		return kit.Badge{Tone: kit.Good, Text: "published"}
	}
	return kit.Badge{Tone: kit.Bad, Text: "objected to: " + p.Reason}
}

func (s *console) roomIssues(f *kit.Form, m staff.Member, x room.Sight, v *roomView) {
	for _, i := range x.Case.Room.Issues {
		facts := kit.Facts{{Label: "Document", Value: s.documentLink(i.ID)}, {Label: "Decided by", Value: i.Plan.By.Name}, {Label: "Agreed by", Value: i.Agreed.Name + ", " + kit.UTC(i.At)}}
		if i.Shown.IsZero() {
			facts = append(facts, kit.Fact{Label: "State", Value: kit.Badge{Tone: kit.Info, Text: "is being set, or waits for the ledger"}})
		} else {
			facts = append(facts, kit.Fact{Label: "Public since", Value: kit.Stamp(i.Shown)})
		}
		if !i.Taken.IsZero() {
			facts = append(facts, kit.Fact{Label: "Taken out", Value: i.TakenBy.Name + ", " + kit.UTC(i.Taken) + ": " + i.Words})
			v.TakenBefore = append(v.TakenBefore, facts)
			continue
		}
		v.Current = facts
		if m.May(casefile.SetPapers) {
			v.Taken = []kit.Field{f.Select("reason", "Why it is taken out", "", takenFor()).Require(),
				f.Long("words", "In words that the public reads", "Say what happened. Name nobody.").Lines(3).Require()}
		}
	}
}

func takenFor() (out []kit.Option) {
	for _, w := range room.Whys() {
		out = append(out, kit.Option{Value: string(w), Text: w.InWords()})
	}
	return out
}

// roomAct does what a form of the case's page asks for, and shows the page again
// with the reason if it is refused.
func (s *console) roomAct(w http.ResponseWriter, r *http.Request, m staff.Member, done string, act func(casefile.Number, *kit.Form) error) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	if err := act(n, f); err != nil {
		if !sayable(err) {
			return err
		}
		return s.roomForm(w, r, m, fault.KindOf(err).Status(), f, err)
	}
	return s.kit.Done(w, r, roomCaseURL(n), kit.Good, done)
}

func (s *console) roomNames(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.roomAct(w, r, m, "Kept.", func(n casefile.Number, f *kit.Form) error {
		return s.Desk.Room.SayNames(r.Context(), m.ID, n, f.Get("agency") != "", f.Get("typed") != "")
	})
}

func (s *console) roomPut(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.roomAct(w, r, m, "Recorded. What is published waits for a second person.", func(n casefile.Number, f *kit.Form) error {
		return s.Desk.Room.Put(r.Context(), m.ID, n, f.Get("why"))
	})
}

func (s *console) roomTaken(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.roomAct(w, r, m, "Taken out. The ledger keeps its hash.", func(n casefile.Number, f *kit.Form) error {
		return s.Desk.Room.Withdraw(r.Context(), m.ID, n, room.Why(f.Get("reason")), f.Get("words"))
	})
}

func (s *console) roomReturned(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.roomAct(w, r, m, "Given back to counsel.", func(n casefile.Number, f *kit.Form) error {
		return s.Desk.Room.Return(r.Context(), m.ID, n, f.Get("return"))
	})
}

func (s *console) roomAgreed(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.roomAct(w, r, m, "Agreed. It is set now, and public as soon as the ledger holds its hash.", func(n casefile.Number, f *kit.Form) error {
		return s.Desk.Room.Agree(r.Context(), m.ID, n, casefile.Sum(f.Get("sum")), f.Get("why"))
	})
}

// previewPaper is a paper as the public will see it.
type previewPaper struct {
	Title    string
	Words    string
	Total    int
	Withheld int
	Pages    []previewPage
	Read     bool
	At       string
}

type previewPage struct {
	Number, Boxes int
	URL, Alt      string
	Words         string
}

// roomPreview is all that the public will see, on one page.
func (s *console) roomPreview(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	x, err := s.Desk.Room.See(r.Context(), m.ID, n)
	if err != nil {
		return err
	}
	papers := []previewPaper{}
	for _, p := range x.Plan.Publishes() {
		v, err := s.preview(m, x, p)
		if err != nil {
			return err
		}
		papers = append(papers, v)
	}
	f := kit.NewForm(nil)
	return s.show(w, r, m, http.StatusOK, "roompreview.html", kit.Page{Title: "As the public will see it", Here: roomURL, Form: f,
		Trail: []kit.Link{{Text: "Document room", URL: roomURL}, {Text: string(n), URL: roomCaseURL(n)}}, Lead: x.Row.Name + ", " + x.Case.Demand.AgencyName, Data: struct {
			At           string
			Papers       []previewPaper
			Objected     int
			Agree        bool
			Sum          kit.Field
			Why, Return  kit.Field
			Mine, Unread bool
		}{roomCaseURL(n), papers, x.Plan.Objected(), x.Put && x.Plan.By.MemberID() != m.ID, f.Hidden("sum", string(x.Plan.Sum())),
			f.Long("why", "What you looked at, and why it may be public", "It stands in the history and is not published.").Lines(2).Require(), f.Long("return", "What should be otherwise", "").Lines(2).Require(),
			x.Put && x.Plan.By.MemberID() == m.ID, slices.ContainsFunc(papers, func(p previewPaper) bool { return !p.Read })}})
}

// heard are the words of a page, once counsel has confirmed them as it is now.
func heard(p casefile.RoomPage) string {
	if !p.Heard {
		return ""
	}
	return p.Words
}

func (s *console) preview(m staff.Member, x room.Sight, p casefile.RoomChoice) (previewPaper, error) {
	v := previewPaper{Title: s.Desk.Room.Title(x.Case, p), At: roomPaperURL(x.Case.Number, p.Paper), Read: true}
	if !p.Attached {
		text, err := s.Desk.Room.Text(x.Case, x.Row, x.Plan, p.Paper)
		v.Words = text
		return v, err
	}
	paper, _ := x.Case.Paper(casefile.PaperID(p.Paper))
	v.Read, v.Total, v.Withheld = x.Case.ReadBy(paper.ID, m.ID), paper.Pages, paper.Pages-len(p.Kept())
	for _, k := range p.Kept() {
		v.Pages = append(v.Pages, previewPage{k.Page, len(k.Boxes), fmt.Sprintf("%s/%d.png", v.At, k.Page), fmt.Sprintf("Page %d of %d of %s", k.Page, paper.Pages, v.Title), heard(k)})
	}
	return v, nil
}
