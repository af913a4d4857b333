package desk_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/desktest"
	"letterlock/desk/figures"
	"letterlock/desk/intake"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
)

// unlocked is what a row unlocks, as the law page tells a member.
func (w *world) unlocked(who casefile.MemberID, id law.ProcessID) bool {
	w.Helper()
	for _, r := range must(w.desk.LawRows(w.ctx, who))(w) {
		if r.Row.ID == id {
			return r.Unlock.OK
		}
	}
	w.Fatalf("no row %s", id)
	return false
}

// TestWhatIsApprovedForASealedMatterLiesWithTheSealedCases: that somebody needed
// a row of sealed matters would tell of one.
func TestWhatIsApprovedForASealedMatterLiesWithTheSealedCases(t *testing.T) {
	w := newWorld(t)
	cleared := w.clearedCounsel()
	const id = law.ProcessID("us.fisa.t3")
	row, _ := law.Default().Row(id, w.clock.Now())
	before := records(w)
	w.ok(w.desk.ApproveRow(w.ctx, cleared.ID, id, row.Hash(), "read against the official text"))
	if n := records(w) - before; n != 0 {
		t.Errorf("the public ledger has %d records of it", n)
	}
	if b, err := w.conf.Marks.Mark(w.ctx, "law-approvals"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the open database has it: %q, %v", b, err)
	}
	if !w.unlocked(cleared.ID, id) {
		t.Error("counsel who approved it does not see it")
	}
	for _, m := range []staff.Member{w.counsel, w.analyst, w.second} {
		if w.unlocked(m.ID, id) {
			t.Errorf("%s, who is not on the list, sees it on the law page", m.Name)
		}
		if a := must(w.desk.LawApprovals(w.ctx, m.ID))(w); slices.ContainsFunc(a.Counsel, func(x law.Approval) bool { return x.Row == id }) {
			t.Errorf("%s reads who approved it", m.Name)
		}
	}
	// It opens a case of that process.
	d := w.letter(1)
	d.Process, d.Wanted = id, []casefile.Item{"name"}
	n := w.file(d)
	if o := must(w.desk.Review.Case(w.ctx, cleared.ID, n))(w); !o.Unlock.OK {
		t.Errorf("the row unlocks nothing: %s", o.Unlock.Why)
	}
	// Counsel who is not on the list approves the table as everybody sees it.
	w.ok(w.desk.ApproveRow(w.ctx, w.counsel.ID, id, row.Hash(), "read against the official text"))
	if records(w) != before+1 || !w.unlocked(w.analyst.ID, id) {
		t.Error("an approval that is about no matter is not for all to see")
	}
	// Of an ordinary row nothing is secret, whoever approves it.
	w.approveAs(cleared, "us.consent", before+1)
}

func (w *world) approveAs(m staff.Member, id law.ProcessID, before int) {
	w.Helper()
	for _, row := range law.Default().Rows() {
		if row.Certainty == law.Known && !casefile.SealedRow(row) && row.InForce(w.clock.Now()) {
			w.ok(w.desk.ApproveRow(w.ctx, m.ID, row.ID, row.Hash(), "read against the official text"))
			if records(w) != before+1 || !w.unlocked(w.analyst.ID, row.ID) {
				w.Errorf("the approval of %s is hidden", row.ID)
			}
			return
		}
	}
	w.Fatal("there is no row to approve")
}

// written is a request as it stands before it is sent.
func (w *world) written(by casefile.Actor, d casefile.Demand) casefile.DraftID {
	w.Helper()
	dr := must(w.desk.Intake.Start(w.ctx, by.OfficerID(), d.Process))(w)
	must(w.desk.Intake.Save(w.ctx, by, dr.ID, d))(w)
	must(w.desk.Intake.AddPaper(w.ctx, by, dr.ID, "l.pdf", "", bytes.NewReader(pdf(d.Reference))))(w)
	return dr.ID
}

// TestAColleagueIsNotToldOfTheSameSealedDemand: the very same letter, sent by
// another officer of the agency, is a duplicate for the team and for nobody else.
func TestAColleagueIsNotToldOfTheSameSealedDemand(t *testing.T) {
	w := newWorld(t)
	kim := w.colleague("Kim Ito", "kim@sheriff.harbor.example", casefile.Supervisor)
	d := w.letter(1)
	must(w.desk.Intake.File(w.ctx, w.reyes.Actor(), w.written(w.reyes.Actor(), d)))(t)

	again := must(w.desk.Intake.Preview(w.ctx, w.reyes.Actor(), w.written(w.reyes.Actor(), d)))(t)
	if !again.Same {
		t.Fatal("the officer themselves are not told that they sent it before: this test sees nothing")
	}
	id := w.written(kim.Actor(), d)
	p := must(w.desk.Intake.Preview(w.ctx, kim.Actor(), id))(t)
	if p.Same || len(p.Twins) > 0 {
		t.Errorf("a colleague learns before sending that the letter is here: %v %v", p.Same, p.Twins)
	}
	n := must(w.desk.Intake.File(w.ctx, kim.Actor(), id))(t)
	v := must(w.desk.Intake.Case(w.ctx, kim.Actor(), n))(t)
	for _, f := range v.Findings {
		if f.ID == "FORM.DUPLICATE" {
			t.Error("a colleague learns by the findings of their request that the letter is here")
		}
	}
	if c := w.load(n); len(c.Twins) == 0 {
		t.Error("the team is not told of the duplicate")
	}
}

// TestNoNumberThatARequestNamesFindsASealedMatter: a request may name an earlier
// preservation by its number; with a sealed one it reads as if there were none.
func TestNoNumberThatARequestNamesFindsASealedMatter(t *testing.T) {
	w := newWorld(t)
	kim := w.colleague("Kim Ito", "kim@sheriff.harbor.example", casefile.Supervisor)
	real, ghost := w.file(w.letter(1)), casefile.Number("LL-2026-987654321098")
	say := func(err error) string {
		if err == nil {
			return "fine "
		}
		return fmt.Sprint(fault.KindOf(err).Status(), fault.Say(err))
	}
	_, a := w.desk.Intake.Renew(w.ctx, kim.ID, real)
	_, b := w.desk.Intake.Renew(w.ctx, kim.ID, ghost)
	if a == nil || say(a) != say(b) {
		t.Errorf("renewing a colleague's sealed matter: %v, one that never was: %v", a, b)
	}
	seen := map[casefile.Number]string{}
	for i, n := range []casefile.Number{real, ghost} {
		d := w.order()
		d.Reference, d.CaseRef, d.Preserved = fmt.Sprint("HC-P", i), fmt.Sprint("1:26-", i), n
		p, err := w.desk.Intake.Preview(w.ctx, kim.Actor(), w.written(kim.Actor(), d))
		seen[n] = fmt.Sprint(say(err), len(p.Findings), p.Same)
		x := must(w.desk.Intake.File(w.ctx, kim.Actor(), w.written(kim.Actor(), d)))(t)
		o, err := w.desk.Review.Case(w.ctx, w.analyst.ID, x)
		seen[n] += fmt.Sprint(say(err), o.Snapshots, len(o.Case.Findings))
		if err != nil {
			t.Errorf("a case that names %s cannot be opened: %v", n, err)
		}
	}
	if seen[real] != seen[ghost] {
		t.Errorf("a request that names a sealed matter: %s, one that never was: %s", seen[real], seen[ghost])
	}
}

// TestSealedRequestsCountForNoRuleOfOthers: velocity, limits and duplicates of
// ordinary requests are what they would be without the sealed ones.
func TestSealedRequestsCountForNoRuleOfOthers(t *testing.T) {
	run := func(sealed bool) string {
		w := newWorld(t)
		w.desk.Intake.PerHour = 3
		if sealed {
			for i := range 3 {
				w.file(w.letter(i))
			}
			id := w.written(w.reyes.Actor(), w.letter(4))
			_, err := w.desk.Intake.File(w.ctx, w.reyes.Actor(), id)
			w.refused(err, fault.Exhausted, "a fourth letter within the hour")
		}
		var out []string
		for i := range 3 {
			d := w.order()
			d.Reference = fmt.Sprint("HC-", i)
			c := w.load(w.file(d))
			var found []string
			for _, f := range c.Findings {
				found = append(found, string(f.ID))
			}
			out = append(out, fmt.Sprint(c.Number, c.Due.Sub(c.Filed), c.Lane, found, c.Twins, c.Same))
		}
		h := must(w.desk.Intake.AgencyCases(w.ctx, w.colleague("Kim Ito", "kim@sheriff.harbor.example", casefile.Supervisor).ID))(w)
		return strings.Join(append(out, fmt.Sprint(len(h))), "\n")
	}
	if a, b := run(false), run(true); a != b {
		t.Errorf("without sealed requests\n%s\nwith\n%s", a, b)
	}
}

// TestTheLoadOfAClearedMemberIsTheirOrdinaryOne: who has much to do with sealed
// matters has no more to do for those who may not know, and the draw for second
// reviews is made for them like any other without a public act.
func TestTheLoadOfAClearedMemberIsTheirOrdinaryOne(t *testing.T) {
	w := newWorld(t)
	w.always()
	cleared := w.clearedCounsel()
	chief := must(w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: "Ada Moor", Mailbox: "ada@letterlock.example", Roles: []staff.Role{staff.Lead}}))(w)
	must(w.desk.Staff.RegisterKey(w.ctx, w.mail.token(w, "ada@letterlock.example"), "", w.key()))(w)
	span := casefile.Span{From: "2026-11", Until: "2026-11"}
	look := func() string {
		p := must(w.desk.Figures.Page(w.ctx, chief.ID, span, false))(w)
		q := must(w.desk.Review.Queue(w.ctx, chief.ID, casefile.Filter{Assigned: cleared.ID}))(w)
		var again []review.AgainRow
		for _, m := range []casefile.MemberID{w.analyst.ID, w.second.ID, w.counsel.ID} {
			again = append(again, must(w.desk.Review.Again(w.ctx, m))(w)...)
		}
		return fmt.Sprintf("%+v %v %v %+v", p, len(q.Heads), must(w.desk.Review.Counts(w.ctx, chief.ID))(w), again)
	}
	w.pass(5 * time.Minute) // the day's draw is committed to, whether or not anything is decided
	before, acts := look(), records(w)
	for i := range 3 {
		n := w.file(w.letter(i))
		w.study(n, cleared)
		w.ok(w.desk.Review.Decide(w.ctx, cleared.ID, n, append(yield("name", "service_start"), decline("last_ip")...)))
		if c := w.load(n); len(c.Seconds) != 1 {
			t.Fatalf("not drawn although all are: %+v", c.Seconds)
		}
	}
	w.tick()
	if got := look(); got != before {
		t.Errorf("seen by those who may not know:\n%s\nbefore\n%s", got, before)
	}
	if n := records(w) - acts; n != 0 {
		t.Errorf("%d acts on the public ledger", n)
	}
	if p, err := w.desk.Figures.Page(w.ctx, chief.ID, span, true); !fault.Is(err, fault.Withheld) {
		t.Errorf("the figures of sealed matters are shown: %+v %v", figures.Page(p), err)
	}
}

// TestACallForASealedMatterIsRememberedWithIt: what an agency's system may
// repeat is remembered by key; of a sealed request not in the open database.
func TestACallForASealedMatterIsRememberedWithIt(t *testing.T) {
	w := newWorld(t)
	o := intake.Once{System: "system", Key: "key-1", Body: []byte("body")}
	_, err := w.desk.Intake.StartOnce(w.ctx, w.reyes.Actor(), w.letter(1), o)
	w.ok(err)
	id := sha256.Sum256([]byte("letterlock call v1\x00system\x00key-1"))
	if _, err := w.conf.Public.Store.Call(w.ctx, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("the open database remembers the call: %v", err)
	}
	if _, err := w.conf.Sealed.Store.Call(w.ctx, id); err != nil {
		t.Errorf("nothing remembers the call: %v", err)
	}
	other := o
	other.System = "another"
	if _, err := w.desk.Intake.StartOnce(w.ctx, w.reyes.Actor(), w.order(), other); err != nil {
		t.Errorf("another system cannot use the same key: %v", err)
	}
}

// broken sets no letter.
type broken struct{}

func (broken) Reciprocal(context.Context, casefile.Case, law.Row, io.Writer) (string, error) {
	return "", errors.New("no ink")
}

// TestWhatFailsInASealedMatterIsAside: the caller, who logs, learns nothing; those
// on the list read it, once however often it is tried.
func TestWhatFailsInASealedMatterIsAside(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.certified(1))
	w.desk.Sealed.Letters = broken{}
	for range 3 {
		w.pass(9 * time.Minute)
		w.tick()
	}
	all := must(w.desk.Troubles(w.ctx, w.lead.ID))(w)
	if len(all) != 1 || !strings.Contains(all[0].What, string(n)) || !strings.Contains(all[0].What, "no ink") || !all[0].Last.After(all[0].First) {
		t.Errorf("those on the list read: %+v", all)
	}
	if _, err := w.desk.Troubles(w.ctx, w.counsel.ID); !fault.Is(err, fault.Withheld) {
		t.Errorf("who is not on the list reads it: %v", err)
	}
	for path, sealed := range map[string]bool{"/requests/" + string(n): true, "/sealed": true, "/sealed/list": true, "/api/v1/requests/" + string(n) + "/packages": true,
		"/requests/LL-2026-000001": false, "/": false, "/sealedness": false} {
		if got := w.desk.Aside(w.ctx, path, errors.New("x")); got != sealed {
			t.Errorf("%s is of a sealed matter: %v", path, got)
		}
	}
	letter, order := w.written(w.reyes.Actor(), w.letter(2)), w.written(w.reyes.Actor(), w.order())
	if !w.desk.Aside(w.ctx, "/drafts/"+string(letter)+"/papers", errors.New("x")) || w.desk.Aside(w.ctx, "/drafts/"+string(order)+"/papers", errors.New("x")) {
		t.Error("the drafts of sealed requests are not told from others")
	}
}

// shy is a carrier that is away for a while, and counts the grants taken back of
// which it never knew: the real one refuses them in its ordinary ledger.
type shy struct {
	*desktest.Door
	away    bool
	unknown int
}

func (s *shy) Propose(ctx context.Context, b []byte) (door.Proposal, error) {
	if s.away {
		return door.Proposal{}, fault.New(fault.Unavailable, "propose", "away")
	}
	return s.Door.Propose(ctx, b)
}

func (s *shy) Withdraw(ctx context.Context, h disclosable.Hash) error {
	if _, err := s.Door.Proposal(ctx, h); err != nil {
		s.unknown++
	}
	return s.Door.Withdraw(ctx, h)
}

// TestASealedGrantIsNotTakenBackFromACarrierThatNeverSawIt: it was away when the
// grant was proposed, and back when the request was withdrawn.
func TestASealedGrantIsNotTakenBackFromACarrierThatNeverSawIt(t *testing.T) {
	w := newWorld(t)
	cleared := w.clearedCounsel()
	d := &shy{Door: w.door, away: true}
	w.desk.Review.Door = d
	n := w.file(w.letter(1))
	w.study(n, cleared)
	w.ok(w.desk.Review.Decide(w.ctx, cleared.ID, n, append(yield("name", "service_start"), decline("last_ip")...)))
	if err := w.desk.Review.Propose(w.ctx, cleared.ID, n, "what was decided is carried out"); err != nil && !fault.Is(err, fault.Unavailable) {
		t.Fatal(err)
	}
	if len(w.load(n).Grants) == 0 {
		t.Fatal("nothing was composed")
	}
	w.ok(w.desk.Intake.Withdraw(w.ctx, w.reyes.Actor(), n, "wrong provider"))
	d.away = false
	w.tick()
	w.tick()
	for _, g := range w.load(n).Grants {
		if !g.Phase.Dead() {
			t.Errorf("a grant is still %s", g.Phase)
		}
		if p, err := w.door.Proposal(w.ctx, g.Hash); err != nil || !p.Withdrawn {
			t.Errorf("at the carrier: %+v, %v", p, err)
		}
	}
	if d.unknown > 0 {
		t.Errorf("%d grants were taken back of which the carrier never knew", d.unknown)
	}
}
