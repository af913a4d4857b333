package console

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/room"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// One paper on its way to the public: its text, or its pages one by one.

// roomPaperView is one paper: its text, or one page of it.
type roomPaperView struct {
	At, Room, Title   string
	May, Read         bool
	Words             string
	Total, Page       int
	Picture, Alt      string
	Ruled             string // the other view of the picture
	IsRuled           bool
	Said              kit.Badge
	Boxes             []boxView
	Previous, Next    string
	Word              kit.Badge
	Reason            kit.Field
	PageURL           string
	Left, Top         string
	Right, Bottom     string
	Publish, Attached bool
	PageWords         kit.Field
}

type boxView struct {
	Number int
	Says   string
}

func (s *console) roomPaper(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.roomPaperForm(w, r, m, http.StatusOK, kit.NewForm(nil), nil)
}

func (s *console) roomPaperForm(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form, wrong error) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	x, err := s.Desk.Room.See(r.Context(), m.ID, n)
	if err != nil {
		return err
	}
	v, err := s.roomPaperView(r, f, m, x)
	if err != nil {
		return err
	}
	return s.show(w, r, m, status, "roompaper.html", kit.Page{Title: v.Title, Here: roomURL, Err: wrong, Form: f, Scripts: drawing(v),
		Trail: []kit.Link{{Text: "Document room", URL: roomURL}, {Text: string(n), URL: v.Room}}, Data: v})
}

// drawing is the script by which boxes are drawn, where they may be.
func drawing(v roomPaperView) []string {
	if v.May && v.Read && v.Attached {
		return []string{"draw.js"}
	}
	return nil
}

func (s *console) roomPaperView(r *http.Request, f *kit.Form, m staff.Member, x room.Sight) (v roomPaperView, err error) {
	n := x.Case.Number
	p, ok := x.Plan.Choice(r.PathValue("p"))
	if !ok {
		return v, fault.New(fault.NotFound, "open paper", "the case has no such paper")
	}
	v = roomPaperView{At: roomPaperURL(n, p.Paper), Room: roomCaseURL(n), Title: s.Desk.Room.Title(x.Case, p), Word: roomWord(x, p), Attached: p.Attached, Publish: p.Publish,
		May:    x.Case.Room.Open() && !x.Put && m.May(casefile.SetPapers) && x.Withheld == "",
		Reason: f.Long("reason", "Why you object", "In writing. It stands on record; the public is told the number of objections, and no reason.").Lines(3).Fill(p.Reason)}
	if !p.Attached {
		v.Words, err = s.Desk.Room.Text(x.Case, x.Row, x.Plan, p.Paper)
		return v, err
	}
	paper, _ := x.Case.Paper(casefile.PaperID(p.Paper))
	v.Read, v.Total = x.Case.ReadBy(paper.ID, m.ID), paper.Pages
	if v.Page, err = pageAsked(r, paper.Pages); err != nil {
		return v, err
	}
	s.roomPageView(r, n, p, &v)
	said, _ := p.Page(v.Page)
	v.PageWords = pageWords(f, v, said)
	return v, nil
}

// pageAsked is the page that an address asks for, or that a form is about.
func pageAsked(r *http.Request, pages int) (int, error) {
	t := r.PathValue("page")
	if t == "" {
		t = strings.TrimSpace(r.URL.Query().Get("page"))
	}
	if t == "" {
		return 1, nil
	}
	page, err := strconv.Atoi(t)
	if err != nil || page < 1 || page > pages {
		return 0, fault.New(fault.NotFound, "open page", "the paper has %s, and %q is none of them", kit.Plural(pages, "page", "pages"), t)
	}
	return page, nil
}

func (s *console) roomPageView(r *http.Request, n casefile.Number, p casefile.RoomChoice, v *roomPaperView) {
	said, looked := p.Page(v.Page)
	v.IsRuled = r.URL.Query().Get("ruled") != ""
	v.PageURL = fmt.Sprintf("%s/pages/%d", v.At, v.Page)
	v.Picture, v.Ruled = fmt.Sprintf("%s/%d.png", v.At, v.Page), roomPageURL(n, p.Paper, v.Page)+"&ruled=yes"
	if v.IsRuled {
		v.Picture, v.Ruled = v.Picture+"?ruled=yes", roomPageURL(n, p.Paper, v.Page)
	}
	v.Alt = fmt.Sprintf("Page %d of %d of %s", v.Page, v.Total, v.Title)
	switch {
	case !looked:
		v.Said = kit.Badge{Tone: kit.Warn, Text: "withheld: nobody has said anything yet"}
	case said.Keep:
		v.Said = kit.Badge{Tone: kit.Good, Text: "kept"}
	default:
		v.Said = kit.Badge{Tone: kit.Bad, Text: "withheld"}
	}
	for i, b := range said.Boxes {
		v.Boxes = append(v.Boxes, boxView{i, fmt.Sprintf("from %s to %s across, from %s to %s down", percent(b.Left), percent(b.Right), percent(b.Top), percent(b.Bottom))})
	}
	if v.Page > 1 {
		v.Previous = roomPageURL(n, p.Paper, v.Page-1)
	}
	if v.Page < v.Total {
		v.Next = roomPageURL(n, p.Paper, v.Page+1)
	}
}

// pageWords is what counsel writes of a page. What is offered is made of the
// page's number and of nothing in the file.
func pageWords(f *kit.Form, v roomPaperView, said casefile.RoomPage) kit.Field {
	hint := "For those who do not see the page: what stands on it, as far as it is not blacked out. The file's own text is not used: it may hold what is under a box. Published with the page."
	words := said.Words
	switch {
	case words == "":
		words = fmt.Sprintf("Page %d of %d of %s.", v.Page, v.Total, v.Title)
		if n := len(said.Boxes); n > 0 {
			words += " " + kit.Plural(n, "part is", "parts are") + " blacked out."
		}
	case !said.Heard:
		hint += " A box was changed since: read the words again, and confirm them."
	}
	x := f.Long("words", "The page in words", hint).Lines(5).AtMost(casefile.MaxWords).Require()
	if len(f.Values) == 0 || f.Get("do") != "words" {
		x.Value = words
	}
	return x
}

func percent(part int) string {
	return strings.TrimSuffix(fmt.Sprintf("%d.%d", part/10, part%10), ".0") + " %"
}

// roomRead records that a member looks at a paper's pages.
func (s *console) roomRead(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	p, err := s.Desk.Review.ReadPaper(r.Context(), m.ID, n, casefile.PaperID(r.PathValue("p")))
	if err != nil {
		return err
	}
	to := roomPaperURL(n, string(p.ID))
	if r.FormValue("back") == "preview" {
		to = roomCaseURL(n) + "/preview"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// roomPicture is a page as the public would see it.
func (s *console) roomPicture(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	text, ok := strings.CutSuffix(r.PathValue("picture"), ".png")
	page, err := strconv.Atoi(text)
	if !ok || err != nil {
		return fault.New(fault.NotFound, "show page", "the paper has no such page")
	}
	b, err := s.Desk.Room.Picture(r.Context(), m.ID, n, r.PathValue("p"), page, r.URL.Query().Get("ruled") != "")
	if err != nil {
		return err
	}
	hand(w, "inline", fmt.Sprintf("page-%d.png", page), "image/png", int64(len(b)))
	return s.copy(w, r, bytes.NewReader(b))
}

// roomSaid is counsel's word on a paper.
func (s *console) roomSaid(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	if err := s.Desk.Room.SayPaper(r.Context(), m.ID, n, r.PathValue("p"), f.Get("word") == "publish", f.Get("reason")); err != nil {
		return s.roomPaperWrong(w, r, m, f, err)
	}
	return s.kit.Done(w, r, roomCaseURL(n), kit.Good, "Kept. Nothing is published before a second person agrees.")
}

func (s *console) roomPaperWrong(w http.ResponseWriter, r *http.Request, m staff.Member, f *kit.Form, err error) error {
	if !sayable(err) {
		return err
	}
	return s.roomPaperForm(w, r, m, fault.KindOf(err).Status(), f, err)
}

// roomPage is counsel's word on a page: keep it, withhold it, black out a part
// of it, or take a box away.
func (s *console) roomPage(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	paper := r.PathValue("p")
	page, err := strconv.Atoi(r.PathValue("page"))
	if err != nil {
		return fault.New(fault.NotFound, "open page", "the paper has no such page")
	}
	to, says := roomPageURL(n, paper, page), "Kept."
	switch do := f.Get("do"); {
	case do == "keep" || do == "withhold":
		err = s.Desk.Room.SayPage(r.Context(), m.ID, n, paper, page, do == "keep")
		to, says = s.afterPage(r, m, n, paper, page), fmt.Sprintf("Page %d is %s.", page, map[bool]string{true: "kept", false: "withheld"}[do == "keep"])
	case do == "box":
		to, says = to+"&ruled=yes", "Blacked out."
		var b casefile.Box
		if b, err = boxOf(f); err == nil {
			err = s.Desk.Room.AddBox(r.Context(), m.ID, n, paper, page, b)
		}
	case do == "words":
		says = "These words are published with the page."
		err = s.Desk.Room.SayWords(r.Context(), m.ID, n, paper, page, f.Get("words"))
	case strings.HasPrefix(do, "drop-"):
		var box int
		if box, err = strconv.Atoi(strings.TrimPrefix(do, "drop-")); err == nil {
			err = s.Desk.Room.DropBox(r.Context(), m.ID, n, paper, page, box)
		}
		says = "The box is gone."
	default:
		err = fault.New(fault.Invalid, "publish papers", "say what becomes of the page: keep it or withhold it")
	}
	if err != nil {
		return s.roomPaperWrong(w, r, m, f, err)
	}
	return s.kit.Done(w, r, to, kit.Good, says)
}

// afterPage is where one goes on: at the next page, or at the paper's word.
func (s *console) afterPage(r *http.Request, m staff.Member, n casefile.Number, paper string, page int) string {
	x, err := s.Desk.Room.See(r.Context(), m.ID, n)
	if p, ok := x.Case.Paper(casefile.PaperID(paper)); err == nil && ok && page < p.Pages {
		return roomPageURL(n, paper, page+1)
	}
	return roomPageURL(n, paper, page)
}

// boxOf reads a box in percent of the page.
func boxOf(f *kit.Form) (b casefile.Box, err error) {
	for _, x := range []struct {
		name string
		into *int
	}{{"left", &b.Left}, {"top", &b.Top}, {"right", &b.Right}, {"bottom", &b.Bottom}} {
		v, err := strconv.ParseFloat(strings.ReplaceAll(f.Get(x.name), ",", "."), 64)
		if err != nil || !(v >= 0 && v <= 100) {
			return b, fault.New(fault.Invalid, "publish papers", "give each side of the box as a number from 0 to 100, in percent of the page")
		}
		*x.into = int(math.Round(v * casefile.RoomScale / 100))
	}
	return b, nil
}
