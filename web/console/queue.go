package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/kit"
	"letterlock/web/words"
)

const (
	laneCards = 30 // of a lane on the board
	pageRows  = 50 // of the list
)

// queue is the first page: every lane by time left, or a list that was asked
// for.
func (s *console) queue(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	q := r.URL.Query()
	if q.Get("list") == "" {
		return s.board(w, r, m)
	}
	f := s.filterOf(q, m)
	if n, err := casefile.ParseNumber(strings.ToUpper(f.Text)); err == nil { // a whole number leads straight there
		if _, err := s.Desk.Staff.MayTouch(r.Context(), m.ID, n); err == nil {
			if _, err := s.Desk.Files.Load(r.Context(), n); err == nil {
				http.Redirect(w, r, caseURL(n), http.StatusSeeOther)
				return nil
			}
		}
	}
	f.Limit = pageRows
	if n, err := strconv.Atoi(q.Get("rows")); err == nil && n > 0 && n < pageRows {
		f.Limit = n
	}
	page, err := s.Desk.Review.Queue(r.Context(), m.ID, f)
	if err != nil && !sayable(err) {
		return err
	}
	return s.queuePage(w, r, m, q, func(d *queueData) {
		d.Listed, d.List, d.Wrong = true, s.table(page.Heads, f.Sort), err
		if err != nil {
			d.List.Empty = "Nothing was looked for."
		}
		if page.Next != nil {
			d.Next, d.Searching = "/?"+after(q, f.Sort, *page.Next).Encode(), len(page.Heads) < f.Limit
		}
	})
}

// takeNext gives the member the most urgent case that they may take.
func (s *console) takeNext(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := s.Desk.Review.TakeNext(r.Context(), m.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		return s.kit.Done(w, r, "/", kit.Info, "Nothing waits that you may take now.")
	case err != nil:
		return err
	}
	return s.kit.Done(w, r, caseURL(n), kit.Good, "This is the most urgent case that you may take. It is yours.")
}

// board shows each lane that the member may know of. A sealed lane is there
// only for those on its list.
func (s *console) board(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	var b kit.Board
	counts, err := s.Desk.Review.Counts(r.Context(), m.ID)
	if err != nil {
		return err
	}
	for _, lane := range casefile.Lanes {
		if lane == casefile.LaneSealed && !m.Cleared {
			continue
		}
		page, err := s.Desk.Review.Queue(r.Context(), m.ID, casefile.Filter{Lane: lane, Open: true, Limit: laneCards})
		if err != nil {
			return err
		}
		l := kit.Lane{Title: laneName(lane), Count: atMost(counts.Lanes[lane]), Empty: "Nothing waits here."}
		for _, h := range page.Heads {
			l.Cards = append(l.Cards, s.card(h))
		}
		if page.Next != nil {
			l.Cards = append(l.Cards, kit.Card{Title: "All of this lane", URL: "/?list=1&open=yes&lane=" + string(lane)})
		}
		b = append(b, l)
	}
	return s.queuePage(w, r, m, url.Values{"open": {"yes"}}, func(d *queueData) { d.Board, d.Shortcuts = b, shortcuts(counts) })
}

// atMost is a count that stops at a thousand.
func atMost(n int) string {
	if n >= casefile.MaxCount {
		return strconv.Itoa(casefile.MaxCount) + "+"
	}
	return strconv.Itoa(n)
}

// shortcuts are the lists that people ask for most, with how many are in each.
func shortcuts(c casefile.Counts) []kit.Link {
	return []kit.Link{{Text: "Mine: " + atMost(c.Mine), URL: "/?list=1&mine=yes&open=yes"}, {Text: "With nobody yet: " + atMost(c.Unassigned), URL: "/?list=1&with=nobody&open=yes"},
		{Text: "For counsel: " + atMost(c.Counsel), URL: "/?list=1&counsel=yes&open=yes"}, {Text: "Overdue: " + atMost(c.Overdue), URL: "/?list=1&overdue=yes&open=yes"},
		{Text: "All open cases as a list", URL: "/?list=1&open=yes"}}
}

type queueData struct {
	Board     kit.Board
	Shortcuts []kit.Link
	Take      bool // the member may ask for the next case
	Listed    bool
	List      kit.Table
	Next      string
	Searching bool // the look ended before the page was full
	Wrong     error
	Filter    []kit.Field
	Hold      *kit.Callout
	Notes     []kit.Callout
}

func (s *console) queuePage(w http.ResponseWriter, r *http.Request, m staff.Member, q url.Values, fill func(*queueData)) error {
	agencies, err := s.Desk.Agencies.Agencies(r.Context())
	if err != nil {
		return err
	}
	members, err := s.Desk.Staff.Members(r.Context())
	if err != nil {
		return err
	}
	d := queueData{Filter: s.filters(kit.NewForm(q), m, agencies, members), Hold: s.hold(r, m), Notes: s.notes(m)}
	d.Take = len(d.Notes) == 0 && m.May(casefile.DecideCases)
	fill(&d)
	return s.show(w, r, m, http.StatusOK, "queue.html", kit.Page{Title: "Queue", Lead: "What waits for the team, the least time left first.", Here: "/", Wide: true, Data: d})
}

// notes tell a member why they cannot decide, before they try.
func (s *console) notes(m staff.Member) []kit.Callout {
	if m.May(casefile.DecideCases) && !strings.HasPrefix(s.training(m), "trained until") {
		return []kit.Callout{{Tone: kit.Warn, Title: "You cannot decide yet", Text: "Nobody decides without current training. You can read; what is missing is on the page Training, and counts from the moment you have passed it."}}
	}
	return nil
}

func (s *console) left(h casefile.Head) *kit.TimeLeft {
	if h.Due.IsZero() || h.Phase.Over() {
		return nil
	}
	return &kit.TimeLeft{Now: s.Clock.Now(), Due: h.Due, Start: h.Filed}
}

func (s *console) card(h casefile.Head) kit.Card {
	c := kit.Card{Title: string(h.Number), URL: caseURL(h.Number), Facts: []string{h.AgencyName, s.rowName(h.Process)}, Badges: append([]kit.Badge{phaseBadge(h.Phase)}, marks(h)...), Left: s.left(h)}
	if h.AssignedTo != "" {
		c.Facts = append(c.Facts, "With "+h.AssignedTo)
	}
	return c
}

// marks are what a row of the queue shows besides its phase.
func marks(h casefile.Head) []kit.Badge {
	var b []kit.Badge
	if h.Alarms > 0 {
		b = append(b, kit.Badge{Tone: kit.Bad, Text: kit.Plural(h.Alarms, "alarm", "alarms")})
	}
	if h.Held {
		b = append(b, kit.Badge{Tone: kit.Bad, Text: "held: second review"})
	}
	if h.Counsel {
		b = append(b, kit.Badge{Tone: kit.Warn, Text: "for counsel"})
	}
	if h.Blocking > 0 {
		b = append(b, kit.Badge{Tone: kit.Warn, Text: kit.Plural(h.Blocking, "finding blocks", "findings block")})
	}
	if h.Paused {
		b = append(b, kit.Badge{Tone: kit.Plain, Text: "clock stopped"})
	}
	return b
}

func (s *console) table(heads []casefile.Head, by casefile.Sort) kit.Table {
	t := kit.Table{Caption: "Cases, " + words.Lower(sortName(by)), Columns: kit.Columns("Case", "Time left", "Lane", "Agency", "Process", "Accounts", "Stands at", "With"), Empty: "No case fits."}
	for _, h := range heads {
		var left any = "–"
		if l := s.left(h); l != nil {
			left = l
		}
		state := kit.Group{phaseBadge(h.Phase)}
		for _, b := range marks(h) {
			state = append(state, b)
		}
		t.Rows = append(t.Rows, []any{kit.Link{Text: string(h.Number), URL: caseURL(h.Number)}, left, laneName(h.Lane), h.AgencyName, s.rowName(h.Process), h.Targets, state, orDash(h.AssignedTo)})
	}
	return t
}

// anyOf is the choice that does not filter.
const anyOf = "any"

func (s *console) filterOf(q url.Values, m staff.Member) casefile.Filter {
	get := func(name string) string {
		if v := q.Get(name); v != anyOf {
			return strings.TrimSpace(v)
		}
		return ""
	}
	f := casefile.Filter{Lane: casefile.Lane(get("lane")), Phase: casefile.Phase(get("phase")), Agency: casefile.AgencyID(get("agency")), Process: law.ProcessID(get("process")),
		Country: law.Jurisdiction(get("country")), Open: q.Get("open") != "", Counsel: q.Get("counsel") != "", Text: get("text"), Sort: casefile.Sort(get("sort"))}
	if !slices.Contains(casefile.Sorts, f.Sort) {
		f.Sort = casefile.ByDue
	}
	switch with := get("with"); {
	case q.Get("mine") != "":
		f.Assigned = m.ID
	case with == "nobody":
		f.Unassigned = true
	default:
		f.Assigned = casefile.MemberID(with)
	}
	if q.Get("overdue") != "" {
		f.Overdue = s.Clock.Now()
	}
	if n, err := casefile.ParseNumber(q.Get("after")); err == nil {
		f.After = casefile.Head{Number: n}
		if us, err := strconv.ParseInt(q.Get("at"), 10, 64); err == nil && us > 0 {
			f.After.Due, f.After.Filed = time.UnixMicro(us).UTC(), time.UnixMicro(us).UTC()
		}
	}
	return f
}

// after is the address of the page that follows a head.
func after(q url.Values, by casefile.Sort, h casefile.Head) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = v
	}
	out.Set("after", string(h.Number))
	out.Del("at")
	at := h.Filed
	if by == casefile.ByDue {
		at = h.Due
	}
	if !at.IsZero() {
		out.Set("at", strconv.FormatInt(at.UnixMicro(), 10))
	}
	return out
}

func sortName(by casefile.Sort) string {
	return map[casefile.Sort]string{casefile.ByDue: "The least time left first", casefile.ByNewest: "The latest arrival first", casefile.ByOldest: "The longest here first"}[by]
}

func (s *console) filters(f *kit.Form, m staff.Member, agencies []agency.Agency, members []staff.Member) []kit.Field {
	lanes := []kit.Option{{Value: anyOf, Text: "All lanes"}}
	for _, l := range casefile.Lanes {
		if l != casefile.LaneSealed || m.Cleared {
			lanes = append(lanes, kit.Option{Value: string(l), Text: laneName(l)})
		}
	}
	phases := []kit.Option{{Value: anyOf, Text: "Any"}}
	for _, p := range []casefile.Phase{casefile.Waiting, casefile.InReview, casefile.Asked, casefile.Decided, casefile.Signing, casefile.Notice, casefile.Packing, casefile.Tracing, casefile.Answered, casefile.Closed, casefile.Withdrawn} {
		phases = append(phases, kit.Option{Value: string(p), Text: phaseName(p)})
	}
	all := []kit.Option{{Value: anyOf, Text: "All agencies"}}
	for _, a := range agencies {
		all = append(all, kit.Option{Value: string(a.ID), Text: a.Name})
	}
	with := []kit.Option{{Value: anyOf, Text: "Anybody"}, {Value: "nobody", Text: "Nobody yet"}}
	for _, x := range members {
		with = append(with, kit.Option{Value: string(x.ID), Text: x.Name})
	}
	sorts := make([]kit.Option, 0, len(casefile.Sorts))
	for _, by := range casefile.Sorts {
		v := string(by)
		if by == casefile.ByDue {
			v = "due"
		}
		sorts = append(sorts, kit.Option{Value: v, Text: sortName(by)})
	}
	return []kit.Field{f.Search("text", "Number, reference or docket", "Or its beginning. An agency is chosen below."), f.Select("lane", "Lane", "", lanes).Require(),
		f.Select("phase", "Stands at", "", phases).Require(), f.Select("process", "Process", "", s.processOptions(m)).Require(), f.Select("country", "Country", "", s.countryOptions(agencies)).Require(),
		f.Select("agency", "Agency", "", all).Require(), f.Select("with", "With", "", with).Require(), f.Select("sort", "Order", "", sorts).Require(),
		f.Check("mine", "Mine only", ""), f.Check("open", "Open only", ""), f.Check("overdue", "Overdue", ""), f.Check("counsel", "For counsel", "")}
}

func (s *console) processOptions(m staff.Member) []kit.Option {
	out := []kit.Option{{Value: anyOf, Text: "All processes"}}
	for _, r := range s.Desk.Law.Rows() {
		if r.InForce(s.Clock.Now()) && (m.Cleared || !casefile.SealedRow(r)) {
			out = append(out, kit.Option{Value: string(r.ID), Text: r.Name})
		}
	}
	return out
}

// countryOptions are the countries that an agency of the directory comes from.
func (s *console) countryOptions(agencies []agency.Agency) []kit.Option {
	out := []kit.Option{{Value: anyOf, Text: "All countries"}}
	for _, a := range agencies {
		o := kit.Option{Value: string(a.Country), Text: s.Desk.Law.PlaceName(a.Country)}
		if a.Country != "" && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}
