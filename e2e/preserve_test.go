package e2e_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"letterlock/e2e/story"
)

// toPreserve is a letter under 18 USC 2703(f).
func toPreserve(o *story.Order) {
	o.Process, o.Basis, o.Role, o.Court, o.Fields = "us.preservation", "18 USC 2703(f)", "police", agencyName, []string{"act:PRESERVE_ONLY"}
}

// fromSnapshot names the case in which the records were preserved.
func fromSnapshot(number string, more ...func(*story.Order)) func(*story.Order) {
	return func(o *story.Order) {
		for _, f := range append(more, secret) {
			f(o)
		}
		o.Preserved = number
	}
}

// warrant is a search warrant for what a preservation keeps.
func warrant(o *story.Order) {
	o.Process, o.Basis, o.ExecuteBy = "us.warrant.search", "Fed. R. Crim. P. 41", o.Issued.AddDate(0, 0, 10)
	o.Shows, o.Fields = []string{"probable_cause"}, []string{"BSI:name", "ACC_W:about", "ACC_NC:devices"}
}

const (
	nameThen, aboutThen = "Ana Ruiz", "At sea until May"
	nameNow, aboutNow   = "Anna Neumann", "Ashore again"
)

// TestAPreservation: a letter, a snapshot of which the person sees nothing, a
// name that changes, an order that reaches both records, an account that goes,
// one renewal, a warrant that gets the snapshot and not today's record, and
// the end by the clock.
func TestAPreservation(t *testing.T) {
	h := home(t, 190*aDay)
	h.letter("profile", "--about", aboutThen)
	before := h.shown()
	n := h.preserve(h.file(toPreserve))
	if after := h.shown(); after != before {
		t.Errorf("what the person is shown was\n%s\nand is\n%s", before, after)
	}
	h.letter("profile", "--name", nameNow, "--about", aboutNow)
	h.bothAnswer(n)
	h.letter("delete", "--yes")
	h.renewedOnce(n)
	h.snapshotAnswers(n)
	h.ended(n)
}

// letter runs a command of Ana's client.
func (h *house) letter(args ...string) (said string) {
	h.Helper()
	said, err := story.Run(h.Context(), "", story.Program(h.w.Bin, "letter"), append([]string{"--dir", h.ana.Dir}, args...)...)
	h.ok(err)
	return said
}

var moments = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?( UTC|Z)?`)

// shown is all that Ana's client shows of her record: the export, what could
// be handed over today, and notices; without the times of day.
func (h *house) shown() string {
	h.Helper()
	return moments.ReplaceAllString(h.letter("export")+h.letter("reach")+h.letter("notices"), "(then)")
}

// preserve has a request decided and signed, and its answer collected: a letter
// that says until when, and no record.
func (h *house) preserve(number, findings string) string {
	h.Helper()
	h.says("the page before sending", findings, "2703(f)")
	h.ok(h.w.Review(h.analyst, number))
	h.says("the signing page", h.sign(), h.ana.Phone, "Kept until", "then destroyed")
	h.ok(h.w.Until(h.analyst, number, "is kept until", 30*time.Second))
	p := h.collect(number)
	if p.has("records.csv") {
		h.silent("the answer's records", p.text("records.csv"), nameThen, nameNow, aboutThen)
	}
	return number
}

// answered has a decided request signed, and returns its records.
func (h *house) answered(number, button string) string {
	h.Helper()
	h.ok(h.w.Study(h.analyst, number))
	h.ok(h.w.AnswerFrom(h.analyst, number, button))
	h.ok(h.w.Decide(h.analyst, number))
	h.sign()
	p := h.collect(number)
	h.says("the verifier", p.said, "signed")
	return p.text("records.csv")
}

// bothAnswer: one package, opened and verified, with the snapshot's record and
// today's; what was not preserved for this order's reach is in neither.
func (h *house) bothAnswer(n string) {
	h.Helper()
	number, _ := h.file(fromSnapshot(n, func(o *story.Order) { o.Fields = []string{"BSI:name"} }))
	csv := h.answered(number, "From both")
	h.says("the records", csv, nameThen, nameNow)
	h.silent("the records", csv, aboutThen, aboutNow)
}

// renewedOnce: the account is gone, and the snapshot outlives its first end.
func (h *house) renewedOnce(n string) {
	h.Helper()
	h.leap(105 * aDay)
	h.renewable(n, true)
	h.preserve(h.renews(n))
	h.leap(95 * aDay) // five days after the first end
	p, err := h.w.CasePage(h.analyst, n)
	h.ok(err)
	h.says("the case's page", p.Text(), "is kept until", "It was renewed by case")
	h.renewable(n, false)
}

func (h *house) renews(n string) (number, findings string) {
	h.Helper()
	number, findings, err := h.w.Renew(h.officer, n, h.order(toPreserve))
	h.ok(err)
	return number, findings
}

func (h *house) renewable(n string, want bool) {
	h.Helper()
	if got, err := h.w.Renewable(h.officer, n); err != nil || got != want {
		h.Errorf("a renewal is offered: %v (%v), not %v", got, err, want)
	}
}

// snapshotAnswers: there is no account any more; the warrant gets what was
// preserved, and nothing of what came after.
func (h *house) snapshotAnswers(n string) {
	h.Helper()
	h.leap(12 * aDay)
	number, _ := h.file(fromSnapshot(n, warrant))
	csv := h.answered(number, "Answer from the snapshot")
	h.says("the records", csv, nameThen, aboutThen)
	h.silent("the records", csv, nameNow, aboutNow)
}

// ended: the clock destroys it, once, with a record, and nothing of it is left
// to answer a later order.
func (h *house) ended(n string) {
	h.Helper()
	h.leap(9 * aDay)
	h.ok(h.w.Until(h.analyst, n, "was destroyed on", 20*time.Second))
	late, _ := h.file(fromSnapshot(n, warrant))
	h.ok(h.w.Study(h.analyst, late))
	if err := h.w.AnswerFrom(h.analyst, late, "Answer from the snapshot"); err == nil || !strings.Contains(err.Error(), "offers 0 snapshots") {
		h.Errorf("a snapshot that is gone answers: %v", err)
	}
	h.ok(h.w.Stop()) // the carrier looks at its own clock each minute, and at its start
	start(h.T, h.w)
	db := engine{name: "sqlite"}.database(h.T, filepath.Join(h.w.Dir, "data"), "carrier")
	for end := time.Now().Add(20 * time.Second); len(dump(h.T, db, "snapshots")) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			h.Fatal("the carrier keeps a snapshot after its end")
		}
	}
	h.ok(h.w.Stop())
	h.checked()
	if k := h.kinds(); k["snapshot.done"] != 2 || k["snapshot.destroyed"] != 1 {
		h.Errorf("the carrier's ledger: %v", k)
	}
}
