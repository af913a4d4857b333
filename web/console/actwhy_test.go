package console_test

import (
	"strconv"
	"testing"
	"time"

	"letterlock/desk/risk"
)

// askedWhy is an act outside a case as its page has it.
type askedWhy struct {
	by         *member
	page, open string   // where it is done, and the button's words
	field      string   // where the reason is typed
	with       []string // what else is typed
	refused    string   // what the page says without a reason
	shown      string   // the page on which the reason is read afterwards
}

// whyPages are the acts on law, lists, limits, the clock, training, ties and
// agencies.
func (w *world) whyPages() []askedWhy {
	w.Helper()
	w.ok(w.desk.Risk.Propose(w.Context(), w.lead.id, risk.Burst, "requests", 3, "a wave of forged orders"))
	proposal := must(w.desk.Risk.Proposals(w.Context()))(w)[0].ID
	course := w.desk.Staff.Courses[0]
	var right []string
	for i, q := range course.Questions {
		right = append(right, "q"+strconv.Itoa(i), strconv.Itoa(q.Answer))
	}
	member, row := "/team/"+string(w.analyst.id), "/law/row/us.order.2703d"
	return []askedWhy{
		{w.counsel, row, "Approve this row", "why", nil, "Say what you read the row against.", row},
		{w.counsel, "/law/lists", "Approve the list “Offences that punish expression”", "why-expression", nil, "Say why you approve the list.", "/law/lists"},
		{w.counsel, "/rules", "Agree", "why-" + proposal, nil, "Say why you agree or refuse.", "/rules"},
		{w.lead, member, "Record it", "why", []string{"policy", policy, "score", "91"}, "Say why you record it.", member},
		{w.analyst, "/training/course/" + course.ID, "Hand in the answers", "why", right, "Say why you take the course now.", "/training"},
		{w.analyst, "/training", "What is declared is all there is", "why", nil, "Say how you looked.", "/training"},
		{w.lead, "/agencies", "Add the agency", "sponsor", []string{"name", "Port Police", "country", "US", "domains", "port.example", "switchboard", "+1 202 555 0111", "source", "state register"},
			"Say why you vouch for this agency.", "/agencies/"},
		{w.analyst, "/clock", "I confirm", "why", nil, "Say what you compared the clock with.", "/clock"},
	}
}

// TestEachActOutsideACaseAsksForItsReasonOnItsPage: the field is there and
// required, without a reason the page says so and nothing is done, and with one
// it is done and the reason is read where it belongs.
func TestEachActOutsideACaseAsksForItsReasonOnItsPage(t *testing.T) {
	w := newWorld(t)
	for _, x := range w.whyPages() {
		if x.page == "/clock" {
			w.clock.Advance(50 * time.Minute)
		}
		said := "the reason typed on " + x.page
		p := x.by.press(x.by.get(x.page), x.open, append([]string{x.field, "  "}, x.with...)...)
		says(t, p, 400, x.refused)
		p = x.by.press(p, x.open, append([]string{x.field, said}, x.with...)...)
		if x.shown == "/agencies/" { // its own page, to which it leads
			says(t, p, 200, said)
			continue
		}
		says(t, p, 200)
		p = x.by.get(x.shown)
		says(t, p, 200, said)
	}
}
