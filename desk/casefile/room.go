package casefile

import (
	"slices"
	"strings"
	"time"

	"letterlock/disclosable"
)

// The events of the public document room.
const (
	KRoomDue      Kind = "room.due"       // nothing withholds any more: counsel has until a day
	KRoomPut      Kind = "room.proposed"  // counsel's word on each paper
	KRoomReturned Kind = "room.returned"  // the second person gave it back
	KRoomAgreed   Kind = "room.agreed"    // the second person agreed
	KRoomBound    Kind = "room.bound"     // it is set, and its hash is in the public ledger
	KRoomShown    Kind = "room.shown"     // the public can read it
	KRoomTaken    Kind = "room.withdrawn" // it was taken out again
)

// The duties of the room.
const (
	DutyRoom DutyKind = "room" // wait until nothing withholds, then for counsel's word
	DutyShow DutyKind = "show" // set and show what two people agreed to, or prove a withdrawal
)

// Alarms of papers that stay out for want of somebody's act.
const (
	AlarmRoomUnread = "an unread paper holds the papers of this case from the public: read it, it may renew the secrecy"
	AlarmRoomUntold = "the papers of this case stay out of the document room: somebody whom they are about was not told, and no notice is on its way"
)

// AlarmRoom is raised when the papers of a case have waited past their day.
const AlarmRoom = "the papers of this case wait for counsel: publish them, or object in writing"

// The papers that the desk writes itself. Any other key is a PaperID.
const (
	RoomDemand     = "demand"
	RoomAnswer     = "answer"
	RoomObjections = "objections"
)

// Bounds of what counsel decides.
const (
	MaxBoxes  = 200  // on one page
	MaxWords  = 8000 // bytes of a page's words
	RoomScale = 1000 // a side of a page, for boxes
)

// Box is a rectangle of a page that is blacked out, in thousandths of the page
// from its upper left corner.
type Box struct {
	Left   int `cbor:"l"`
	Top    int `cbor:"t"`
	Right  int `cbor:"r"`
	Bottom int `cbor:"b"`
}

// Valid reports a box that lies on the page and covers something.
func (b Box) Valid() bool {
	return 0 <= b.Left && b.Left < b.Right && b.Right <= RoomScale && 0 <= b.Top && b.Top < b.Bottom && b.Bottom <= RoomScale
}

// RoomPage is counsel's word on one page that they looked at. A page without
// one is withheld.
type RoomPage struct {
	Page  int   `cbor:"page"` // from 1
	Keep  bool  `cbor:"keep"`
	Boxes []Box `cbor:"boxes,omitempty"`
	// Words say what the page shows, for those who do not see it. Counsel writes
	// them; they are never read out of the file, whose hidden text knows what is
	// under a box.
	Words string `cbor:"words,omitempty"`
	Heard bool   `cbor:"heard,omitempty"` // counsel's words are of the page with the boxes that it has now
}

// RoomChoice is counsel's word on one paper.
type RoomChoice struct {
	Paper    string     `cbor:"paper"`
	Said     bool       `cbor:"said"`               // of a draft: decided
	Publish  bool       `cbor:"publish"`            // false: counsel objects
	Reason   string     `cbor:"reason,omitempty"`   // of an objection, in writing
	Attached bool       `cbor:"attached,omitempty"` // it came with the request: pages, else a text of ours
	Pages    []RoomPage `cbor:"pages,omitempty"`
}

// Page is the word on one page; false if counsel has not looked at it.
func (r RoomChoice) Page(n int) (RoomPage, bool) {
	i := slices.IndexFunc(r.Pages, func(p RoomPage) bool { return p.Page == n })
	if i < 0 {
		return RoomPage{Page: n}, false
	}
	return r.Pages[i], true
}

// Kept are the pages that are shown.
func (r RoomChoice) Kept() (out []RoomPage) {
	for _, p := range r.Pages {
		if p.Keep {
			out = append(out, p)
		}
	}
	return out
}

// Unheard is the first page that is shown and has no words yet.
func (r RoomChoice) Unheard() (page int, ok bool) {
	for _, p := range r.Kept() {
		if !p.Heard || p.Words == "" {
			return p.Page, true
		}
	}
	return 0, false
}

// RoomPlan is counsel's word on all papers of a case.
type RoomPlan struct {
	By      Actor        `cbor:"by"`
	Agency  bool         `cbor:"agency"` // the agency is named
	Typed   bool         `cbor:"typed"`  // what the agency typed of court, office and legal basis is shown: counsel has read it
	Choices []RoomChoice `cbor:"choices"`
}

// Publishes are the papers that are shown.
func (p RoomPlan) Publishes() (out []RoomChoice) {
	for _, c := range p.Choices {
		if c.Publish {
			out = append(out, c)
		}
	}
	return out
}

// Objected is how many papers counsel objects to.
func (p RoomPlan) Objected() int { return len(p.Choices) - len(p.Publishes()) }

// Choice is the word on one paper.
func (p RoomPlan) Choice(paper string) (RoomChoice, bool) {
	i := slices.IndexFunc(p.Choices, func(c RoomChoice) bool { return c.Paper == paper })
	if i < 0 {
		return RoomChoice{Paper: paper}, false
	}
	return p.Choices[i], true
}

// Sum binds a second person's word to exactly this plan.
func (p RoomPlan) Sum() Sum {
	b, err := Encode(p)
	if err != nil {
		return ""
	}
	return SumOf(b)
}

// RoomIssue is one publication of a case's papers.
type RoomIssue struct {
	ID      string    `cbor:"id"`
	Plan    RoomPlan  `cbor:"plan"`
	Agreed  Actor     `cbor:"agreed"`
	At      time.Time `cbor:"at"`              // agreed
	Sum     Sum       `cbor:"sum,omitempty"`   // of its list; empty: not set yet
	Shown   time.Time `cbor:"shown,omitempty"` // zero: not yet
	Taken   time.Time `cbor:"taken,omitempty"` // zero: it stands
	TakenBy Actor     `cbor:"taken_by"`
	Why     string    `cbor:"why,omitempty"`
	Words   string    `cbor:"words,omitempty"`
}

// Room is where the papers of a case stand on their way to the public.
type Room struct {
	Due    time.Time   // counsel has until then; zero: something still withholds them
	Plan   *RoomPlan   // counsel's word, before a second person's
	Done   bool        // counsel has said all that is to be said
	Issues []RoomIssue // the last one is the one that stands, or stood
	// KeptBack is how many papers counsel objects to, once that is final: with a
	// second person's word on the others, or at once where there are none.
	KeptBack int
}

// RoomAct is what an event of the room carries.
type RoomAct struct {
	Plan  *RoomPlan `cbor:"plan,omitempty"`
	Issue string    `cbor:"issue,omitempty"`
	Sum   Sum       `cbor:"sum,omitempty"`
	Why   string    `cbor:"why,omitempty"`
	Words string    `cbor:"words,omitempty"`
}

// Current is the publication that is being made or stands; false if there is none.
func (r Room) Current() (RoomIssue, bool) {
	if n := len(r.Issues); n > 0 && r.Issues[n-1].Taken.IsZero() {
		return r.Issues[n-1], true
	}
	return RoomIssue{}, false
}

// Open reports that counsel may say what becomes of the papers.
func (r Room) Open() bool {
	_, standing := r.Current()
	return !r.Due.IsZero() && !standing
}

// Overdue reports that the papers have waited past their day.
func (r Room) Overdue(now time.Time) bool { return !r.Due.IsZero() && !r.Done && !now.Before(r.Due) }

// RoomPapers are the papers of the case, by their keys: what was demanded, what
// we answered, objections if there were any, and each paper that came.
func (c Case) RoomPapers() []RoomChoice {
	out := []RoomChoice{{Paper: RoomDemand}, {Paper: RoomAnswer}}
	if len(c.Objections) > 0 {
		out = append(out, RoomChoice{Paper: RoomObjections})
	}
	for _, p := range c.Demand.Papers {
		out = append(out, RoomChoice{Paper: string(p.ID), Attached: true})
	}
	return out
}

// RoomWithheld says why the papers of a case may not be public now; empty:
// nothing withholds them. The law row's rule is the caller's.
func (c Case) RoomWithheld(now time.Time) string {
	switch {
	case !c.everybodyTold():
		return NotTold
	case c.Demand.Gag.Order && c.Demand.Gag.End.After(now):
		return "the secrecy order runs until " + disclosable.Day(c.Demand.Gag.End.Unix())
	case c.tracing():
		return "a trace runs"
	case !c.Phase().Over():
		return "the request is not answered yet"
	case len(c.Unread()) > 0:
		return NotRead
	case slices.ContainsFunc(c.Objections, Objection.Open):
		return "an objection is open"
	case c.OnHold():
		return "the case is held: its sender may have been somebody else"
	}
	return ""
}

// Two reasons that somebody of the team can end.
const (
	NotTold = "not everybody whom it is about has been told"
	NotRead = "a paper was not read: it may renew the secrecy"
)

// ToldLast is when somebody was last told; zero: nobody was.
func (c Case) ToldLast() (last time.Time) {
	for _, g := range c.GrantsOf(disclosable.Notify) {
		if g.Phase == GrantUsed && g.Used.After(last) {
			last = g.Used
		}
	}
	return last
}

// NoticeWaits reports a notice that may still go out.
func (c Case) NoticeWaits() bool {
	return slices.ContainsFunc(c.GrantsOf(disclosable.Notify), func(g GrantState) bool { return g.Phase != GrantUsed })
}

// everybodyTold: somebody was, nobody whose records left was not, and no notice
// waits.
func (c Case) everybodyTold() bool {
	if c.NoticeWaits() {
		return false
	}
	told, left := map[int]bool{}, map[int]bool{}
	for _, g := range c.Grants {
		switch {
		case g.Used.IsZero():
		case g.Grant.Kind == disclosable.Notify && g.Phase == GrantUsed:
			g.Reached(told)
		case g.Grant.Kind == disclosable.Produce || g.Grant.Kind == disclosable.Trace:
			g.Reached(left)
		}
	}
	for t := range left {
		if !told[t] {
			return false
		}
	}
	return len(told) > 0
}

// Reached marks the targets that a grant was carried out for.
func (g GrantState) Reached(out map[int]bool) {
	if !g.IsList() {
		out[g.Target] = true
		return
	}
	for i, t := range g.List.Targets {
		if g.List.Came[i] == CameGiven {
			out[t] = true
		}
	}
}

func init() {
	folds[KRoomDue], folds[KRoomPut], folds[KRoomReturned], folds[KRoomAgreed] = foldRoomDue, foldRoomPut, foldRoomReturned, foldRoomAgreed
	folds[KRoomBound], folds[KRoomShown], folds[KRoomTaken] = foldRoomBound, foldRoomShown, foldRoomTaken
	saysOf[KRoomDue] = func(_ Case, e Event) string {
		return "nothing withholds the papers from the public any more: counsel decides by " + disclosable.Day(e.Due.Unix())
	}
	saysOf[KRoomPut] = func(_ Case, e Event) string { return saysRoom(*e.Room.Plan) }
	saysOf[KRoomReturned] = func(Case, Event) string { return "gave the papers for the public document room back" }
	saysOf[KRoomAgreed] = func(Case, Event) string { return "agreed to what goes to the public document room" }
	saysOf[KRoomBound] = func(_ Case, e Event) string {
		return "set document " + e.Room.Issue + "; its hash is in the public ledger"
	}
	saysOf[KRoomShown] = func(_ Case, e Event) string { return "published document " + e.Room.Issue }
	saysOf[KRoomTaken] = func(_ Case, e Event) string {
		return "took document " + e.Room.Issue + " out of the public document room: " + e.Room.Words
	}
}

func saysRoom(p RoomPlan) string {
	var s []string
	for _, c := range p.Choices {
		what := "objects to " + c.Paper + " (" + c.Reason + ")"
		if c.Publish {
			what = "publishes " + c.Paper
		}
		s = append(s, what)
	}
	return "for the public document room: " + strings.Join(s, "; ")
}

func foldRoomDue(c *Case, e Event) error {
	switch {
	case e.Due.IsZero():
		return errParticulars
	case c.Number.Sealed():
		return conflict("a sealed matter has no papers for the public")
	case !c.Room.Due.IsZero():
		return conflict("the papers wait for counsel already")
	}
	c.Room.Due = e.Due
	return nil
}

// foldRoomPut takes counsel's word on every paper. If counsel objects to all of
// them nothing is shown, and no second person is asked.
func foldRoomPut(c *Case, e Event) error {
	if e.Room == nil || e.Room.Plan == nil {
		return errParticulars
	}
	if !c.Room.Open() {
		return conflict("the papers of this case do not wait for counsel")
	}
	if err := c.checkPlan(*e.Room.Plan); err != nil {
		return err
	}
	c.Room.Plan, c.Room.Done = e.Room.Plan, false
	if len(e.Room.Plan.Publishes()) == 0 {
		c.Room.KeptBack, c.Room.Plan, c.Room.Done = c.Room.Plan.Objected(), nil, true
	}
	return nil
}

func (c Case) checkPlan(p RoomPlan) error {
	papers := c.RoomPapers()
	if len(p.Choices) != len(papers) {
		return conflict("say of each paper what becomes of it: a paper has come, or gone")
	}
	for i, x := range p.Choices {
		switch {
		case x.Paper != papers[i].Paper || x.Attached != papers[i].Attached:
			return conflict("say of each paper what becomes of it: a paper has come, or gone")
		case !x.Publish && strings.TrimSpace(x.Reason) == "":
			return conflict("an objection needs its reason, in writing")
		case x.Publish && x.Attached:
			if err := c.checkPages(x); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c Case) checkPages(x RoomChoice) error {
	p, _ := c.Paper(PaperID(x.Paper))
	last := 0
	for _, page := range x.Pages {
		if page.Page <= last || page.Page > p.Pages || len(page.Boxes) > MaxBoxes || slices.ContainsFunc(page.Boxes, func(b Box) bool { return !b.Valid() }) {
			return conflict("the pages of a paper are not what they were: look at them again")
		}
		if page.Keep && (!page.Heard || strings.TrimSpace(page.Words) == "" || len(page.Words) > MaxWords) {
			return conflict("page %d has no words for those who do not see it, or was changed after they were written", page.Page)
		}
		last = page.Page
	}
	return nil
}

func foldRoomReturned(c *Case, e Event) error {
	if c.Room.Plan == nil {
		return conflict("no papers wait for a second person")
	}
	c.Room.Plan = nil
	return nil
}

// foldRoomAgreed: what is public cannot be called back, so that two people say
// so, and one person is never two.
func foldRoomAgreed(c *Case, e Event) error {
	switch {
	case e.Room == nil || e.Room.Issue == "":
		return errParticulars
	case c.Room.Plan == nil || c.Room.Plan.Sum() != e.Room.Sum:
		return conflict("the papers are not what you looked at: look at them again")
	case e.By.MemberID() == "" || e.By.ID == c.Room.Plan.By.ID:
		return conflict("a second person has to look: you decided on these papers yourself")
	}
	c.Room.Issues = append(slices.Clip(c.Room.Issues), RoomIssue{ID: e.Room.Issue, Plan: *c.Room.Plan, Agreed: e.By, At: e.At})
	c.Room.KeptBack, c.Room.Plan, c.Room.Done = c.Room.Plan.Objected(), nil, true
	return nil
}

// issue is the publication that an event names, to be changed.
func (c *Case) issue(e Event) (*RoomIssue, error) {
	if e.Room == nil {
		return nil, errParticulars
	}
	n := len(c.Room.Issues) - 1
	if n < 0 || c.Room.Issues[n].ID != e.Room.Issue || !c.Room.Issues[n].Taken.IsZero() {
		return nil, conflict("there is no such publication of this case, or it was taken out again")
	}
	c.Room.Issues = slices.Clone(c.Room.Issues)
	return &c.Room.Issues[n], nil
}

func foldRoomBound(c *Case, e Event) error {
	x, err := c.issue(e)
	switch {
	case err != nil:
		return err
	case !e.Room.Sum.Valid():
		return errParticulars
	case x.Sum != "":
		return conflict("this publication is set already")
	}
	x.Sum = e.Room.Sum
	return nil
}

func foldRoomShown(c *Case, e Event) error {
	x, err := c.issue(e)
	switch {
	case err != nil:
		return err
	case x.Sum == "" || !x.Shown.IsZero():
		return conflict("this publication is not set, or is shown already")
	}
	x.Shown = e.At
	return nil
}

func foldRoomTaken(c *Case, e Event) error {
	x, err := c.issue(e)
	switch {
	case err != nil:
		return err
	case e.Room.Why == "" || strings.TrimSpace(e.Room.Words) == "":
		return errParticulars
	}
	x.Taken, x.TakenBy, x.Why, x.Words = e.At, e.By, e.Room.Why, e.Room.Words
	return nil
}

// RoomDuty is the duty that begins when somebody has been told: from then on the
// clock looks whether anything still withholds the papers from the public. A
// sealed matter and an exercise never have it, and a case has it once.
func (c Case) RoomDuty(now time.Time) []Duty {
	if c.Number.Sealed() || c.Drill != nil || !c.Room.Due.IsZero() {
		return nil
	}
	return []Duty{{Case: c.Number, Kind: DutyRoom, Due: now}}
}
