package e2e_test

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"letterlock/desk/produce/bundle"
	"letterlock/disclosable"
	"letterlock/e2e/story"
)

// penRegister asks for the signalling of an account from today on. It is
// secret by law.
func penRegister(days int) func(*story.Order) {
	return func(o *story.Order) {
		o.Process, o.Basis, o.Fields = "us.order.pentrap", "18 USC 3123", []string{"act:DRAS"}
		o.From, o.Until = o.Issued, o.Issued.AddDate(0, 0, days)
		o.Shows = []string{"certification", "person_leasing_if_known", "subject_if_known", "identifier_attributes", "offence_statement"}
	}
}

// trace files an order to trace Ana and has it decided and signed by two.
func (h *house) trace(days int) (number string) {
	h.Helper()
	number, findings := h.file(penRegister(days))
	h.says("the page before sending", findings, "3123")
	h.ok(h.w.Review(h.analyst, number))
	read := h.sign()
	h.says("the signing page", read, h.ana.Phone, "sealed to the case's key at once", "content, sizes", "until")
	h.ok(h.w.Until(h.analyst, number, "Ends by itself", 20*time.Second))
	return number
}

// tell sends a text and has it received: one envelope, and one receipt back.
func (h *house) tell(from, to story.Person, text string) {
	h.Helper()
	h.ok(from.Send(h.Context(), to, text))
	h.ok(to.Expect(h.Context(), text, 20*time.Second))
}

// batches opens all parts of a trace that were packed.
func (h *house) batches(number string, want int) (all []bundle.Trace) {
	h.Helper()
	folders, err := h.w.CollectAll(h.Context(), h.officer, number, want, 30*time.Second)
	h.ok(err)
	for _, dir := range folders {
		var b bundle.Trace
		h.ok(json.Unmarshal([]byte(opened{h, "", dir}.text(bundle.TraceJSON)), &b))
		all = append(all, b)
	}
	return all
}

func (h *house) id(p story.Person) disclosable.Account {
	return disclosable.Account(readSelf(h.T, p.Dir).Account)
}

// lines are the events of a trace, in the order of their numbers, as the
// agency reads them.
func lines(all []bundle.Trace, names map[disclosable.Account]string) (out []string) {
	for _, b := range all {
		for _, e := range b.Events {
			switch {
			case e.Kind == "gap":
				out = append(out, "gap: "+e.Why)
			default:
				out = append(out, e.Direction+" "+names[e.Counterparty])
			}
		}
	}
	return out
}

// traced is a house with a third person, and what only they know.
type traced struct {
	*house
	cleo  story.Person
	texts []string
	names map[disclosable.Account]string
}

func (h *traced) said(from, to story.Person, text string) {
	h.Helper()
	h.tell(from, to, text)
	h.texts = append(h.texts, text)
}

// TestATrace: an order that two people signed, traffic of the person and of
// others, a restart in the middle, a part for each day, the end by the clock;
// and a second order, of its own, that one person ends. The agency has exactly
// the account's own traffic, and nobody has a word of it.
func TestATrace(t *testing.T) {
	h := &traced{house: home(t, 20*aDay), names: map[disclosable.Account]string{}}
	h.cleo = h.w.Person("Cleo Marsh", "+12025550188")
	h.ok(h.cleo.Register(t.Context()))
	for who, p := range map[string]story.Person{"Ana": h.ana, "Ben": h.ben, "Cleo": h.cleo} {
		h.names[h.id(p)] = who
	}
	h.said(h.ana, h.ben, "The door was open before the order came")
	h.untilItsEnd(h.trace(10))
	h.untilSomebodyEndsIt(h.trace(10))
	h.ok(h.w.Stop())
	h.checked()
	h.ends("carrier", "trace.stopped", "its end has come", "stopped by the desk")
	h.ends("desk", "case.trace.stopped", "", "")
	db := engine{name: "sqlite"}.database(t, filepath.Join(h.w.Dir, "data"), "carrier")
	if n := len(dump(t, db, "trace_events")); n > 0 {
		t.Errorf("the carrier still has %d events", n)
	}
	for _, text := range h.texts {
		h.ok(h.w.Unseen(text))
	}
}

// untilItsEnd: a receipt goes only to people to whom its sender has written,
// so that each line here is one envelope that somebody sent.
func (h *traced) untilItsEnd(n string) {
	h.said(h.ana, h.ben, "The keys are under the third pot")
	h.said(h.ben, h.ana, "Which of the pots is the third")
	h.said(h.ben, h.cleo, "She never learns where the pots are")
	want := []string{"sent Ben", "received Ben", "sent Ben", "sent Ben", // two texts; hers that his was delivered, and read
		"gap: the service was started again", "sent Cleo"}
	h.ok(h.w.Stop())
	start(h.T, h.w)
	h.said(h.ana, h.cleo, "Cleo, bring the ladder to the yard")
	h.leap(19*aDay - time.Hour)
	h.agencyHas(n, 1, want, "")
	h.said(h.cleo, h.ben, "No word about ladders to anybody")
	h.said(h.ana, h.ben, "The ladder is too short by a rung")
	want = append(want, "sent Ben", "received Ben", "received Ben")
	h.leap(18*aDay - 2*time.Hour)
	h.agencyHas(n, 2, want, "")
	h.leap(9 * aDay) // a day past the order's end
	h.agencyHas(n, 3, want, "its end has come")
	h.said(h.ana, h.ben, "After the end of the first order")
	h.leap(8*aDay + time.Hour)
	time.Sleep(3 * time.Second) // the desk looks at what is due each second
	h.agencyHas(n, 3, want, "its end has come")
}

func (h *traced) untilSomebodyEndsIt(n string) {
	h.said(h.ben, h.ana, "Is it quiet at your end of the yard")
	want := []string{"received Ben", "sent Ben", "sent Ben"}
	if err := h.w.EndTrace(h.analyst, n, " "); err == nil {
		h.Error("ended without a reason")
	}
	h.ok(h.w.EndTrace(h.analyst, n, "The court quashed the order."))
	h.said(h.ana, h.ben, "Quiet as a pond since this morning")
	h.agencyHas(n, 1, want, "stopped by the desk")
	p, err := h.w.CasePage(h.analyst, n)
	h.ok(err)
	h.says("the case's page", p.Text(), "has ended", h.analyst.Name+": The court quashed the order.")
	h.leap(6 * aDay)
	time.Sleep(3 * time.Second)
	h.agencyHas(n, 1, want, "stopped by the desk")
}

// agencyHas opens all parts anew: their numbers follow each other without a
// gap, and their lines are those wanted.
func (h *traced) agencyHas(n string, parts int, want []string, ended string) {
	h.Helper()
	all := h.batches(n, parts)
	slices.SortFunc(all, func(a, b bundle.Trace) int { return cmp.Compare(a.First, b.First) })
	next := uint64(1)
	for i, b := range all {
		if b.Account != h.id(h.ana) || b.First != next || b.Last+1 != b.First+uint64(len(b.Events)) {
			h.Errorf("part %d has numbers %d to %d, %d events, of %s", i+1, b.First, b.Last, len(b.Events), h.names[b.Account])
		}
		next = b.Last + 1
		if last := i == len(all)-1; last && !strings.HasSuffix(b.Ended, ended) || (!last || ended == "") && b.Ended != "" {
			h.Errorf("part %d says of the end %q, not %q", i+1, b.Ended, ended)
		}
		for _, e := range b.Events {
			if own := e.Direction == "sent"; (e.OwnIP != "") != own {
				h.Errorf("event %d, %s, has the address %q", e.Number, e.Direction, e.OwnIP)
			}
		}
	}
	if got := lines(all, h.names); !slices.Equal(got, want) {
		h.Errorf("the agency has %q, not %q", got, want)
	}
}

// ends wants one record of an end for each reason, in a ledger that verifies.
func (h *traced) ends(half, kind string, why ...string) {
	h.Helper()
	var got []string
	for _, o := range entriesOf(h.T, filepath.Join(h.w.Dir, "data", half, "ledger")) {
		var b struct {
			Say string `cbor:"say"`
		}
		if o.Entry.Kind == kind {
			h.ok(cbor.Unmarshal(o.Entry.Body, &b))
			got = append(got, b.Say)
		}
	}
	if !slices.Equal(got, why) {
		h.Errorf("the %s's ledger has the ends %q, not %q", half, got, why)
	}
}
