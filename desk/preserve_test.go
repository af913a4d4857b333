package desk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/figures"
	"letterlock/desk/review"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// letterToPreserve is a request under 18 USC 2703(f) in which nothing is wrong.
func (w *world) letterToPreserve() casefile.Demand {
	d := w.order()
	d.Process, d.IssuingBody, d.IssuerRole, d.Court, d.LegalBasis = "us.preservation", "Harbor County Sheriff's Office", law.RolePolice, "", "18 USC 2703(f)"
	d.Wanted, d.Answers, d.From, d.Until, d.Issued = []casefile.Item{casefile.Item(law.PreserveOnly)}, nil, time.Time{}, time.Time{}, w.clock.Now()
	return d
}

// decidesAll has everything decided one way.
func (w *world) decidesAll(n casefile.Number, v casefile.Verdict) {
	w.Helper()
	var all []review.Choice
	for _, i := range w.load(n).Demand.Wanted {
		all = append(all, review.Choice{Item: i, Verdict: v, Reason: "the request is in form"})
	}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, all))
}

// preserves carries a preservation through.
func (w *world) preserves(d casefile.Demand) casefile.Number {
	w.Helper()
	n := w.file(d)
	w.study(n, w.analyst)
	w.decidesAll(n, casefile.Keep)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	w.pass(2 * time.Minute)
	w.pass(5 * time.Minute)
	if c := w.load(n); c.Phase() != casefile.Answered || len(c.Kept) != 1 {
		w.Fatalf("phase %s, kept %+v, alarms %+v", c.Phase(), c.Kept, c.Alarms)
	}
	return n
}

// warrant is a search warrant for what a preservation keeps.
func (w *world) warrant(preserved casefile.Number) casefile.Demand {
	d := w.order()
	d.Process, d.LegalBasis, d.Reference, d.CaseRef = "us.warrant.search", "18 USC 2703; Fed. R. Crim. P. 41", "HC-26-119", "1:26-sw-00119"
	d.Wanted, d.Preserved, d.From, d.Until = []casefile.Item{"about", "name"}, preserved, time.Time{}, time.Time{}
	d.ExecuteBy = w.clock.Now().AddDate(0, 0, 10)
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 60), Grounds: []string{"2705(b)(1)"}, Basis: "18 USC 2705(b)"}
	return d
}

func TestAPreservationIsAnsweredKeptAndDestroyed(t *testing.T) {
	w := newWorld(t)
	n := w.preserves(w.letterToPreserve())
	c := w.load(n)
	if c.Lane != casefile.LanePreservation || c.Disclosed() || c.Packages[0].Records != 0 {
		t.Fatalf("lane %s, disclosed %v, %d records", c.Lane, c.Disclosed(), c.Packages[0].Records)
	}
	if p := w.page(w.lead, false); len(p.Outcomes) != 1 || p.Outcomes[0] != (figures.Count{Key: "kept", N: 1}) {
		t.Errorf("a preservation is counted as %+v", p.Outcomes)
	}
	k := c.Kept[0]
	if last, _ := law.Longest(must(mustRow(w, "us.preservation"))(t), time.Unix(c.Filed.Unix(), 0)); !k.Until.Equal(last) {
		t.Errorf("kept until %v, the law says %v", k.Until, last)
	}
	if len(w.door.Tellers) > 0 || w.door.Used(disclosable.Produce) > 0 || w.door.Snapshots() != 1 {
		t.Errorf("told %d, %d snapshots", len(w.door.Tellers), w.door.Snapshots())
	}
	w.pass(k.Until.Add(-casefile.KeepReminder).Sub(w.clock.Now()) + time.Minute)
	if !slices.ContainsFunc(w.mail.sent, func(m casefile.Mail) bool {
		return m.To == w.reyes.Mailbox && strings.Contains(m.Subject, "ends soon") && !strings.Contains(m.Text, string(n))
	}) {
		t.Error("the officer was not reminded")
	}
	w.pass(k.Until.Sub(w.clock.Now()) - time.Minute)
	if c = w.load(n); !c.Kept[0].Ended.IsZero() {
		t.Fatal("ended early")
	}
	if _, err := w.conf.Public.Store.Stash(w.ctx, n, casefile.HalfKey(k.Taken)); err != nil {
		t.Fatal(err)
	}
	w.pass(2 * time.Minute)
	if c = w.load(n); c.Kept[0].Ended.IsZero() || w.door.Snapshots() != 0 {
		t.Fatal("not ended by the clock")
	}
	_, err := w.conf.Public.Store.Stash(w.ctx, n, casefile.HalfKey(k.Taken))
	w.refused(err, fault.NotFound, "the half key after the end")
	w.pass(48 * time.Hour)
	ended := 0
	for _, e := range w.load(n).Events {
		if e.Kind == casefile.KKeepEnded {
			ended++
		}
	}
	if ended != 1 {
		t.Errorf("ended %d times", ended)
	}
}

func mustRow(w *world, p law.ProcessID) (law.Row, error) {
	row, ok := law.Default().Row(p, w.clock.Now())
	if !ok {
		return row, errors.New("no such row")
	}
	return row, nil
}

func TestAWarrantReleasesTheSnapshotOfADeletedAccount(t *testing.T) {
	w := newWorld(t)
	n := w.preserves(w.letterToPreserve())
	at := w.load(n).Kept[0].At
	delete(w.door.Accounts, "+12025550142") // Ana deletes her account
	w.approve("us.warrant.search")
	later := w.file(w.warrant(n))
	w.study(later, w.analyst)
	w.produceAll(later, w.analyst)
	w.refused(w.desk.Review.Propose(w.ctx, w.analyst.ID, later, "what was decided is carried out"), fault.Conflict, "proposing while nobody chose the record")
	all := must(w.desk.Review.Snapshots(w.ctx, w.load(later)))(t)
	if len(all) != 1 || all[0].Case != n || !all[0].At.Equal(at) {
		t.Fatalf("%+v", all)
	}
	w.ok(w.desk.Review.ChooseSnapshot(w.ctx, w.analyst.ID, later, 0, all[0].Taken, false, "the request names it"))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, later, "what was decided is carried out"))
	w.sign()
	w.pass(2 * time.Minute)
	w.pass(5 * time.Minute)
	c := w.load(later)
	if c.Phase() != casefile.Answered || c.Packages[0].Records != 2 || len(c.GrantsOf(disclosable.Notify)) != 0 {
		t.Fatalf("phase %s, packages %+v, alarms %+v", c.Phase(), c.Packages, c.Alarms)
	}
	w.collects(later, c.Packages[0].ID)
	if w.load(n).Kept[0].Ended.IsZero() == false {
		t.Error("the release ended the preservation")
	}
}

// TestASnapshotIsNotShownToAnotherAgency: not by the same identifier; only by
// the number of the preservation, under process that reaches it.
func TestASnapshotIsNotShownToAnotherAgency(t *testing.T) {
	w := newWorld(t)
	n := w.preserves(w.letterToPreserve())
	c := w.load(w.file(w.warrant("")))
	if all := must(w.desk.Review.Snapshots(w.ctx, c))(t); len(all) != 1 {
		t.Errorf("its own agency sees %d", len(all))
	}
	c.Demand.Agency = "another"
	if all := must(w.desk.Review.Snapshots(w.ctx, c))(t); len(all) != 0 {
		t.Errorf("another agency sees %+v", all)
	}
	c.Demand.Preserved = n
	if all := must(w.desk.Review.Snapshots(w.ctx, c))(t); len(all) != 1 {
		t.Errorf("by the number: %d", len(all))
	}
	c.Demand.Targets[0].Identifier = "+12025550167"
	if all := must(w.desk.Review.Snapshots(w.ctx, c))(t); len(all) != 0 {
		t.Errorf("for another account: %+v", all)
	}
}

func TestARenewalIsARequestOfItsOwnAndOnlyOnce(t *testing.T) {
	w := newWorld(t)
	n := w.preserves(w.letterToPreserve())
	first := w.load(n).Kept[0]
	w.pass(60 * 24 * time.Hour)
	renew := func() casefile.Number {
		w.Helper()
		dr := must(w.desk.Intake.Renew(w.ctx, w.reyes.ID, n))(w)
		dr.Demand.Issued = w.clock.Now()
		return w.file(dr.Demand)
	}
	second := renew()
	if fs := w.load(second).Findings; slices.ContainsFunc(fs, func(f casefile.FindingState) bool { return f.ID == "SCOPE.DURATION_EXCEEDED" }) {
		t.Fatalf("findings %+v", fs)
	}
	w.study(second, w.analyst)
	w.decidesAll(second, casefile.Keep)
	delete(w.door.Accounts, "+12025550142")
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, second, "what was decided is carried out"))
	w.sign()
	w.door.Fail = func(point string) error {
		if point == "after:preserve" {
			return fault.New(fault.Unavailable, "carrier", "the answer was lost")
		}
		return nil
	}
	if w.desk.Tick(w.ctx); len(w.load(second).Kept) != 0 {
		t.Fatal("kept without an answer")
	}
	_ = w.desk.Tick(w.ctx)
	w.door.Fail = func(string) error { return nil }
	w.pass(2 * time.Minute)
	w.pass(5 * time.Minute)
	old, c := w.load(n).Kept[0], w.load(second)
	if c.Phase() != casefile.Answered || old.RenewedBy != second || !c.Kept[0].Until.Equal(old.Until) || !c.Kept[0].At.Equal(first.At) || old.Until.Sub(first.Until) < 89*24*time.Hour {
		t.Fatalf("phase %s, first %+v, renewed %+v, alarms %+v", c.Phase(), old, c.Kept, c.Alarms)
	}
	third := renew()
	if fs := w.load(third).Findings; !slices.ContainsFunc(fs, func(f casefile.FindingState) bool { return f.ID == "SCOPE.DURATION_EXCEEDED" && f.Blocks() }) {
		t.Errorf("a second renewal is filed without its finding: %+v", fs)
	}
	w.study(third, w.analyst)
	w.decidesAll(third, casefile.Keep)
	w.refused(w.desk.Review.Propose(w.ctx, w.analyst.ID, third, "what was decided is carried out"), fault.Forbidden, "a second renewal")
	w.pass(first.Until.Sub(w.clock.Now()) + time.Hour)
	if !w.load(n).Kept[0].Ended.IsZero() || w.door.Snapshots() != 1 {
		t.Fatal("ended at its first end although it was renewed")
	}
	w.pass(old.Until.Sub(w.clock.Now()) + time.Minute)
	if w.load(n).Kept[0].Ended.IsZero() || w.load(second).Kept[0].Ended.IsZero() || w.door.Snapshots() != 0 {
		t.Error("not ended")
	}
}

func TestNothingIsDisclosedUnderAPreservation(t *testing.T) {
	w := newWorld(t)
	d := w.letterToPreserve()
	d.Wanted = []casefile.Item{"name", casefile.Item(law.Content)}
	n := w.file(d)
	w.study(n, w.analyst)
	for _, i := range d.Wanted {
		err := w.desk.Review.Decide(w.ctx, w.analyst.ID, n, []review.Choice{{Item: i, Verdict: casefile.Produce, Reason: "forged"}})
		w.refused(err, fault.Forbidden, "producing under a preservation")
	}
	err := w.desk.Review.Decide(w.ctx, w.analyst.ID, n, []review.Choice{{Item: casefile.Item(law.Content), Verdict: casefile.Keep, Reason: "forged"}})
	w.refused(err, fault.Forbidden, "preserving content")
	o := w.file(w.order())
	w.study(o, w.analyst)
	err = w.desk.Review.Decide(w.ctx, w.analyst.ID, o, []review.Choice{{Item: "name", Verdict: casefile.Keep, Reason: "forged"}})
	w.refused(err, fault.Forbidden, "preserving under a process that discloses")
}
