package e2e_test

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"testing"

	"letterlock/client"
	"letterlock/disclosable"
	"letterlock/e2e/story"
	"letterlock/messenger/trace"
)

// TestANegativeDayWithTraces is the negative day while an order traces one of
// the people who write. For everybody else all holds that held without it, and
// of the traced account's own events nothing is in clear on any disk.
func TestANegativeDayWithTraces(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) { negativeDay(t, e, true) })
}

// traceOfADay is the order, and who it is about.
type traceOfADay struct {
	*house
	number         string
	target, friend *witness
}

// beginTrace has the office file, decide and sign an order to trace a witness.
func (d *day) beginTrace() {
	o := &traceOfADay{house: &house{T: d.t, w: d.w}, target: d.witnesses[3], friend: d.witnesses[4]}
	o.staff()
	o.ana = story.Person{Phone: o.target.Phone}
	o.number = o.house.trace(10)
	d.order = o
}

// inClear are the needles of a trace's event about any of these accounts, as it
// lies in the memory of whoever saw it, and as it is encoded before it is sealed.
func inClear(t testing.TB, accounts ...client.Self) *needles {
	t.Helper()
	n := newNeedles()
	for _, a := range accounts {
		for _, sent := range []bool{false, true} {
			e := disclosable.TraceEvent{Seq: 1, At: 1, Kind: disclosable.TracedMessage, Sent: sent, Other: disclosable.Account(a.Account)}
			b, err := disclosable.Marshal(e)
			must(t, err)
			from, to := bytes.Index(b, []byte(e.Kind)), bytes.Index(b, a.Account[:])
			if from < 0 || to < from {
				t.Fatalf("an event is encoded as %x", b)
			}
			n.put("an encoded event", b[from:to+len(a.Account)])
			state := binary.LittleEndian.AppendUint64(nil, uint64(len(e.Kind))) // of its text, then who sent, then with whom
			if state = append(state, 0); sent {
				state[8] = 1
			}
			n.put("an event in memory", append(state, a.Account[:]...))
		}
	}
	planted := disclosable.TraceEvent{Seq: 7, At: 8, Kind: disclosable.TracedMessage, Other: disclosable.Account(accounts[0].Account), IP: "192.0.2.1"}
	b, err := disclosable.Marshal(planted)
	must(t, err)
	some(t, "an event that was planted", haystack{{"planted", b}}.search(n))
	return n
}

// others are all the accounts but the traced one's counterparty.
func (d *day) others() (out []client.Self) {
	for _, p := range d.people {
		out = append(out, readSelf(d.t, p.Dir))
	}
	for _, w := range d.witnesses {
		if w != d.order.friend {
			out = append(out, w.me)
		}
	}
	return out
}

// tracedMemory: memory has events of the traced account's last second, and of
// nobody else, ever; the engine's has none.
func (d *day) tracedMemory(name string, m haystack) {
	if d.order == nil {
		return
	}
	none(d.t, name+"'s memory holds no event of people who are not traced", m.search(inClear(d.t, d.others()...)))
	own := m.search(inClear(d.t, d.order.friend.me))
	if name == "carrier" {
		some(d.t, "the traced account's last events in memory", own)
		return
	}
	none(d.t, name+"'s memory holds no event in clear", own)
}

// tracedDisk: no disk holds an event in clear, and the carrier's holds as many
// sealed ones as there is traffic of the traced account.
func (d *day) tracedDisk(when string, h haystack) {
	if d.order == nil {
		return
	}
	none(d.t, "the disk "+when+" holds no event in clear", h.search(inClear(d.t, append(d.others(), d.order.friend.me)...)))
	db := d.e.database(d.t, filepath.Join(d.w.Dir, "data"), "carrier")
	defer db.Close()
	rows := cells(d.t, db, "trace_events")
	for _, row := range rows {
		if n := len(row[2]); n != disclosable.SealedEventSize {
			d.t.Errorf("an event of %d bytes lies on the disk", n)
		}
	}
	if when == "at noon" && len(rows) < 10 {
		d.t.Errorf("the search is blind: %d events lie sealed on the disk", len(rows))
	}
	if when == "at night" && len(rows) > 0 {
		d.t.Errorf("%d events outlive their trace", len(rows))
	}
}

// endTrace: one person ends it, and the agency's parts have what the devices
// themselves say they sent, no more and no less.
func (d *day) endTrace() {
	if d.order == nil {
		return
	}
	o := d.order
	o.ok(o.w.SignIn(o.analyst))
	o.ok(o.w.SignInOfficer(o.Context(), o.officer))
	o.ok(o.w.EndTrace(o.analyst, o.number, "The day is over."))
	sent, received := len(o.target.net.sent()), len(o.friend.net.sent())
	got := map[string]int{}
	for _, b := range o.batches(o.number, 1+(sent+received)/trace.Batch) {
		for _, e := range b.Events {
			if e.Kind != string(disclosable.TracedGap) && e.Counterparty != disclosable.Account(o.friend.me.Account) {
				d.t.Errorf("event %d names %s, to whom the traced account never wrote", e.Number, e.Counterparty)
			}
			got[e.Kind+" "+e.Direction]++
		}
	}
	if got["message sent"] != sent || got["message received"] != received || got["gap "] < 1 || got["gap "] > 2 || sent < 10 || received < 10 {
		d.t.Errorf("the agency has %v; the devices sent %d and %d, and the server was started twice more, once after a kill", got, sent, received)
	}
	d.t.Logf("the agency has %v", got)
}
