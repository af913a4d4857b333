package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/notice"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/web/kit"
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
	f := filterOf(q, m)
	rows := pageRows
	if n, err := strconv.Atoi(q.Get("rows")); err == nil && n > 0 && n < rows {
		rows = n
	}
	f.Limit = rows + 1
	heads, err := s.Desk.Review.Queue(r.Context(), m.ID, f)
	if err != nil {
		return err
	}
	next := ""
	if len(heads) > rows {
		heads = heads[:rows]
		next = "/?" + after(q, heads[rows-1]).Encode()
	}
	return s.queuePage(w, r, m, q, func(d *queueData) { d.Listed, d.List, d.Next = true, s.table(heads), next })
}

// board shows each lane that the member may know of. A sealed lane is there
// only for those on its list.
func (s *console) board(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	var b kit.Board
	for _, lane := range casefile.Lanes {
		if lane == casefile.LaneSealed && !m.Cleared {
			continue
		}
		heads, err := s.Desk.Review.Queue(r.Context(), m.ID, casefile.Filter{Lane: lane, Open: true, Limit: laneCards + 1})
		if err != nil {
			return err
		}
		l := kit.Lane{Title: laneName(lane), Empty: "Nothing waits here."}
		for i, h := range heads {
			if i == laneCards {
				l.Cards = append(l.Cards, kit.Card{Title: "All of this lane", URL: "/?list=1&open=yes&lane=" + string(lane)})
				break
			}
			l.Cards = append(l.Cards, s.card(h))
		}
		b = append(b, l)
	}
	return s.queuePage(w, r, m, url.Values{"open": {"yes"}}, func(d *queueData) { d.Board = b })
}

type queueData struct {
	Board  kit.Board
	Listed bool
	List   kit.Table
	Next   string
	Filter []kit.Field
	Hold   *kit.Callout
	Notes  []kit.Callout
}

func (s *console) queuePage(w http.ResponseWriter, r *http.Request, m staff.Member, q url.Values, fill func(*queueData)) error {
	agencies, err := s.Desk.Agencies.Agencies(r.Context())
	if err != nil {
		return err
	}
	d := queueData{Filter: filters(kit.NewForm(q), m, agencies), Hold: s.hold(r), Notes: s.notes(m)}
	fill(&d)
	return s.show(w, r, m, http.StatusOK, "queue.html", kit.Page{Title: "Queue", Lead: "What waits for the team, the least time left first.", Here: "/", Wide: true, Data: d})
}

// notes tell a member why they cannot decide, before they try.
func (s *console) notes(m staff.Member) []kit.Callout {
	if !strings.HasPrefix(s.training(m), "trained until") {
		return []kit.Callout{{Tone: kit.Warn, Title: "You cannot decide yet", Text: "Nobody decides without current training. You can read; a lead records your training when you have passed."}}
	}
	return nil
}

// hold is what stands on the queue while the clock is in doubt.
func (s *console) hold(r *http.Request) *kit.Callout {
	h, held := s.Desk.Watch.State(r.Context())
	if !held {
		return nil
	}
	text := "The clock jumped " + jumpWords(h) + ". Nothing is destroyed and nobody is told until two people have looked at it, on the page Health."
	if h.First.ID != "" {
		text = "The clock jumped. " + h.First.Name + " has confirmed that it is right; a second person is needed, on the page Health. Until then nothing is destroyed and nobody is told."
	}
	return &kit.Callout{Tone: kit.Bad, Title: "The clock is held", Text: text}
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
	} else {
		c.Facts = append(c.Facts, "With nobody yet")
	}
	return c
}

// marks are what a row of the queue shows besides its phase.
func marks(h casefile.Head) []kit.Badge {
	var b []kit.Badge
	if h.Alarms > 0 {
		b = append(b, kit.Badge{Tone: kit.Bad, Text: kit.Plural(h.Alarms, "alarm", "alarms")})
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

func (s *console) table(heads []casefile.Head) kit.Table {
	t := kit.Table{Caption: "Cases, the least time left first", Columns: kit.Columns("Case", "Time left", "Lane", "Agency", "Process", "Accounts", "Stands at", "With"), Empty: "No case fits."}
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

func filterOf(q url.Values, m staff.Member) casefile.Filter {
	get := func(name string) string {
		if v := q.Get(name); v != anyOf {
			return v
		}
		return ""
	}
	f := casefile.Filter{Lane: casefile.Lane(get("lane")), Phase: casefile.Phase(get("phase")), Agency: casefile.AgencyID(get("agency")),
		Open: q.Get("open") != "", Counsel: q.Get("counsel") != ""}
	if q.Get("mine") != "" {
		f.Assigned = m.ID
	}
	if n, err := casefile.ParseNumber(q.Get("after")); err == nil {
		f.After = casefile.Head{Number: n}
		if us, err := strconv.ParseInt(q.Get("due"), 10, 64); err == nil && us > 0 {
			f.After.Due = time.UnixMicro(us).UTC()
		}
	}
	return f
}

// after is the address of the page that follows a head.
func after(q url.Values, h casefile.Head) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = v
	}
	out.Set("after", string(h.Number))
	out.Del("due")
	if !h.Due.IsZero() {
		out.Set("due", strconv.FormatInt(h.Due.UnixMicro(), 10))
	}
	return out
}

func filters(f *kit.Form, m staff.Member, agencies []agency.Agency) []kit.Field {
	lanes := []kit.Option{{Value: anyOf, Text: "All lanes"}}
	for _, l := range casefile.Lanes {
		if l != casefile.LaneSealed || m.Cleared {
			lanes = append(lanes, kit.Option{Value: string(l), Text: laneName(l)})
		}
	}
	phases := []kit.Option{{Value: anyOf, Text: "Any"}}
	for _, p := range []casefile.Phase{casefile.Waiting, casefile.InReview, casefile.Asked, casefile.Decided, casefile.Signing, casefile.Notice, casefile.Packing, casefile.Answered, casefile.Closed, casefile.Withdrawn} {
		phases = append(phases, kit.Option{Value: string(p), Text: phaseName(p)})
	}
	all := []kit.Option{{Value: anyOf, Text: "All agencies"}}
	for _, a := range agencies {
		all = append(all, kit.Option{Value: string(a.ID), Text: a.Name})
	}
	return []kit.Field{f.Select("lane", "Lane", "", lanes).Require(), f.Select("phase", "Stands at", "", phases).Require(), f.Select("agency", "Agency", "", all).Require(),
		f.Check("mine", "Mine only", ""), f.Check("open", "Open only", ""), f.Check("counsel", "For counsel", "")}
}

// clock is the page on which two people look at a jump of the clock.
func (s *console) clock(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.clockPage(w, r, m, http.StatusOK, nil)
}

func (s *console) clockPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, wrong error) error {
	h, held := s.Desk.Watch.State(r.Context())
	return s.show(w, r, m, status, "clock.html", kit.Page{Title: "Clock and ledger", Here: "/clock", Err: wrong, Data: struct {
		Held    bool
		Hold    notice.Hold
		Facts   kit.Facts
		Ledger  kit.Facts
		MeFirst bool
	}{held, h, clockFacts(s.Clock.Now(), h, held), s.ledgerFacts(), held && h.First.ID == string(m.ID)}})
}

func jumpWords(h notice.Hold) string {
	way := "ahead"
	if h.Jump.To.Before(h.Jump.From) {
		way = "back"
	}
	return way + " by " + kit.Span(h.Jump.By())
}

func clockFacts(now time.Time, h notice.Hold, held bool) kit.Facts {
	f := kit.Facts{{Label: "This machine says", Value: kit.Stamp(now)}}
	if !held {
		return append(f, kit.Fact{Label: "State", Value: kit.Badge{Tone: kit.Good, Text: "in order"}})
	}
	f = append(f, kit.Fact{Label: "State", Value: kit.Badge{Tone: kit.Bad, Text: "held"}}, kit.Fact{Label: "The ledger's last time", Value: kit.Stamp(h.Jump.From)},
		kit.Fact{Label: "Jump", Value: jumpWords(h)})
	if h.First.ID != "" {
		f = append(f, kit.Fact{Label: "Confirmed by", Value: h.First.Name + " (one of two)"})
	}
	return f
}

// ledgerFacts say whether acts can be recorded: without a record nothing is
// done, and whoever wonders why looks here.
func (s *console) ledgerFacts() kit.Facts {
	x := s.Desk.LedgerState()
	state := kit.Badge{Tone: kit.Good, Text: "can be written"}
	if !x.Writable {
		state = kit.Badge{Tone: kit.Bad, Text: "cannot be written: only stops and lock-outs go on"}
	}
	f := kit.Facts{{Label: "State", Value: state}, {Label: "Leaves in the tree", Value: x.Size}, {Label: "Co-signed by the carrier up to", Value: kit.Plural(int(x.Cosigned), "leaf", "leaves")},
		{Label: "Waiting for the next batch", Value: kit.Plural(x.Pending, "record", "records")}, {Label: "Last batch", Value: kit.Stamp(x.Last)}}
	if x.Aside > 0 {
		f = append(f, kit.Fact{Label: "Kept aside", Value: kit.Badge{Tone: kit.Warn, Text: kit.Plural(x.Aside, "record waits", "records wait") + " to enter it"}})
	}
	return f
}

func (s *console) clockConfirmed(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	err := s.Desk.Watch.Confirm(r.Context(), m.ID)
	if err != nil && !sayable(err) {
		return err
	}
	if err != nil {
		return s.clockPage(w, r, m, fault.KindOf(err).Status(), err)
	}
	text := "Confirmed by two people. Notices and destruction go on."
	if s.Desk.Watch.Held(r.Context()) {
		text = "Recorded. A second person has to look at the clock too."
	}
	return s.kit.Done(w, r, "/clock", kit.Good, text)
}
