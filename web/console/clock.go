package console

import (
	"net/http"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/notice"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// hold is what stands on the queue while the clock is in doubt.
func (s *console) hold(r *http.Request, m staff.Member) *kit.Callout {
	h, held := s.Desk.Watch.State(r.Context())
	if !held {
		return nil
	}
	text := "The clock jumped " + jumpWords(h) + ". Nothing is destroyed and nobody is told until two people have looked at it, on the page Health."
	if h.First.By.ID != "" {
		who := "One person"
		if m.May(casefile.SeeTeam) {
			who = h.First.By.Name
		}
		text = "The clock jumped. " + who + " has confirmed that it is right; a second person is needed, on the page Health. Until then nothing is destroyed and nobody is told."
	}
	return &kit.Callout{Tone: kit.Bad, Title: "The clock is held", Text: text}
}

// clock is the page on which two people look at a jump of the clock.
func (s *console) clock(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.clockPage(w, r, m, http.StatusOK, kit.NewForm(nil), nil)
}

func (s *console) clockPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form, wrong error) error {
	h, held := s.Desk.Watch.State(r.Context())
	past, err := s.clockWords(r, m)
	if err != nil {
		return err
	}
	return s.show(w, r, m, status, "clock.html", kit.Page{Title: "Clock and ledger", Here: "/clock", Form: f, Err: wrong, Data: struct {
		Held    bool
		Facts   kit.Facts
		Why     kit.Field
		Past    kit.Table
		Ledger  kit.Facts
		MeFirst bool
	}{held, s.clockFacts(m, h, held), f.Text("why", "What you compared it with", "Such as: my telephone and the broadcast at 14:00 UTC agree with it within a second. It stands in the record with your name.").Require().AtMost(maxWhy),
		past, s.ledgerFacts(), held && h.First.By.ID == string(m.ID)}})
}

// clockWords is every confirmation there was; who gave it and their words, to
// those who may see persons.
func (s *console) clockWords(r *http.Request, m staff.Member) (kit.Table, error) {
	t := kit.Table{Caption: "Confirmed so far", Columns: kit.Columns("When", "The ledger’s last time", "By", "Compared with"), Empty: "The clock never had to be confirmed."}
	all, err := s.Desk.Watch.Confirmed(r.Context())
	for _, c := range all {
		by, why := c.By.Name, c.Why
		if !m.May(casefile.SeeTeam) {
			by, why = "one of two", "–"
		}
		t.Rows = append(t.Rows, []any{c.At, time.Unix(c.From, 0), by, why})
	}
	return t, err
}

func jumpWords(h notice.Hold) string {
	way := "ahead"
	if h.Jump.To.Before(h.Jump.From) {
		way = "back"
	}
	return way + " by " + kit.Span(h.Jump.By())
}

func (s *console) clockFacts(m staff.Member, h notice.Hold, held bool) kit.Facts {
	f := kit.Facts{{Label: "This machine says", Value: kit.Stamp(s.Clock.Now())}}
	if !held {
		return append(f, kit.Fact{Label: "State", Value: kit.Badge{Tone: kit.Good, Text: "in order"}})
	}
	f = append(f, kit.Fact{Label: "State", Value: kit.Badge{Tone: kit.Bad, Text: "held"}}, kit.Fact{Label: "The ledger's last time", Value: kit.Stamp(h.Jump.From)},
		kit.Fact{Label: "Jump", Value: jumpWords(h)})
	if h.First.By.ID != "" {
		by := "one of two"
		if m.May(casefile.SeeTeam) {
			by = h.First.By.Name + " (one of two): " + h.First.Why
		}
		f = append(f, kit.Fact{Label: "Confirmed by", Value: by})
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
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	if _, held := s.Desk.Watch.State(r.Context()); held {
		f.Need("why", "Say what you compared the clock with.")
	}
	if !f.OK() {
		return s.clockPage(w, r, m, http.StatusBadRequest, f, nil)
	}
	err = s.Desk.Watch.Confirm(r.Context(), m.ID, f.Get("why"))
	if err != nil && !sayable(err) {
		return err
	}
	if err != nil {
		return s.clockPage(w, r, m, fault.KindOf(err).Status(), f, err)
	}
	text := "Confirmed by two people. Notices and destruction go on."
	if s.Desk.Watch.Held(r.Context()) {
		text = "Recorded. A second person has to look at the clock too."
	}
	return s.kit.Done(w, r, "/clock", kit.Good, text)
}
