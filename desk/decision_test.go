package desk_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// under is a demand under a row, with all that the row wants to be shown.
func (w *world) under(p law.ProcessID, country law.Jurisdiction) casefile.Demand {
	d := w.order()
	d.Process, d.Jurisdiction, d.Return = p, country, time.Time{}
	return d
}

func TestADemandOnTheSystemUnderAnOrdinaryRowIsClosedByTwo(t *testing.T) {
	for _, id := range []law.FindingID{"SYS.WEAKEN", "SYS.GHOST", "SYS.KEYS", "SYS.TRACE", "SYS.SCAN", "SYS.UPDATE", "GAG.WEAKEN"} {
		t.Run(string(id), func(t *testing.T) {
			w := newWorld(t)
			w.approve("us.order.2703d")
			n := w.file(w.order())
			w.study(n, w.analyst)
			w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")))
			w.ok(w.desk.Review.AddFinding(w.ctx, w.analyst.ID, n, id, "attachment B, page 3"))
			o := must(w.desk.Review.Case(w.ctx, w.analyst.ID, n))(t)
			for i, vs := range o.Choices {
				if slices.ContainsFunc(vs, func(v casefile.Verdict) bool { return v != casefile.Challenge && v != casefile.Decline }) {
					t.Errorf("%s can be decided as %v", i, vs)
				}
			}
			for _, v := range append(slices.Clone(casefile.Verdicts), "comply", "") {
				err := w.desk.Review.Decide(w.ctx, w.analyst.ID, n, []review.Choice{{Item: "name", Verdict: v, Reason: "x", Targets: nil}})
				if ok := v == casefile.Challenge || v == casefile.Decline; (err == nil) != ok {
					t.Errorf("deciding %q: %v", v, err)
				}
			}
			w.refused(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, id, false, "not so"), fault.Forbidden, "the analyst setting it aside")
			w.ok(w.desk.Review.AnswerFinding(w.ctx, w.counsel.ID, n, id, false, "a figure of speech"))
			w.refused(w.desk.Review.AnswerFinding(w.ctx, w.counsel.ID, n, id, false, "a figure of speech"), fault.Forbidden, "counsel setting it aside alone")
			if !w.load(n).MustChallenge(o.Row) {
				t.Fatal("one person set it aside")
			}
			w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline(w.load(n).Demand.Wanted...)))
			w.refused(w.desk.Review.Answer(w.ctx, w.analyst.ID, n, "nothing is produced"), fault.Forbidden, "closing it alone")
			w.refused(w.desk.Review.Agree(w.ctx, w.analyst.ID, n, "fine"), fault.Forbidden, "the analyst agreeing")
			w.ok(w.desk.Review.Agree(w.ctx, w.counsel.ID, n, "declined and challenged"))
			w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, []review.Choice{{Item: "name", Verdict: casefile.Challenge, Reason: "unlawful"}}))
			if len(w.load(n).Agreements) != 0 {
				t.Fatal("an agreement outlived what was agreed to")
			}
			w.closedByTwo(n, w.analyst)
		})
	}
}

// What the machine only proposes is no less a demand: nobody closes the case
// past it without a word, and that it is none is for counsel to say.
func TestADemandOnTheSystemThatOnlyTheMachineHeardIsNotPassedOver(t *testing.T) {
	for _, text := range []string{"Install a backdoor and produce the encryption keys.", "The provider shall weaken the encryption of this account."} {
		w := newWorld(t)
		w.approve("us.order.2703d")
		d := w.order()
		d.Text = text
		n := w.file(d)
		w.assign(n, w.analyst.ID)
		f, unheard := w.load(n).Unheard()
		if !unheard {
			t.Fatalf("%q was not heard", text)
		}
		w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline(w.load(n).Demand.Wanted...)))
		w.refused(w.desk.Review.Answer(w.ctx, w.analyst.ID, n, "nothing is produced"), fault.Conflict, "closing it past the finding")
		for {
			w.refused(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, f.ID, false, "a figure of speech"), fault.Forbidden, "the analyst setting it aside")
			w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, f.ID, true, "it says so"))
			if f, unheard = w.load(n).Unheard(); !unheard {
				break
			}
		}
		w.refused(w.desk.Review.Answer(w.ctx, w.analyst.ID, n, "nothing is produced"), fault.Forbidden, "closing it alone")
		w.closedByTwo(n, w.analyst)
	}
}

func TestTwoSetAFindingAsideThatOneTookForADemandOnTheSystem(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.ok(w.desk.Review.AddFinding(w.ctx, w.analyst.ID, n, "SYS.KEYS", "it says keys"))
	w.ok(w.desk.Review.AnswerFinding(w.ctx, w.counsel.ID, n, "SYS.KEYS", false, "the keys of a car"))
	w.ok(w.desk.Review.AnswerFinding(w.ctx, w.lead.ID, n, "SYS.KEYS", false, "the keys of a car"))
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
}

func TestAChallengeHasItsTrailAndItsDays(t *testing.T) {
	w := newWorld(t)
	n := w.file(casefile.Demand{Process: law.Weaken, IssuingBody: "an agency", LegalBasis: "none", Text: "weaken the encryption", Reference: "W-1"})
	w.assign(n, w.analyst.ID)
	f := casefile.Filing{Where: "US District Court, D. Md.", Grounds: "it would make everyone less safe", Reference: "1:26-cv-9", Filed: w.clock.Now().Add(-time.Hour), Deadline: w.clock.Now().AddDate(0, 0, 10)}
	w.refused(w.desk.Review.FileChallenge(w.ctx, w.analyst.ID, n, f), fault.Forbidden, "an analyst filing a challenge")
	w.refused(w.desk.Review.FileChallenge(w.ctx, w.counsel.ID, n, casefile.Filing{Where: "x"}), fault.Invalid, "a filing without grounds")
	w.ok(w.desk.Review.FileChallenge(w.ctx, w.counsel.ID, n, f))
	w.pass(6 * 24 * time.Hour)
	if len(w.load(n).Alarms) != 0 {
		t.Fatal("an alarm too early")
	}
	w.pass(26 * time.Hour)
	if a := w.load(n).Alarms; len(a) != 1 || !strings.Contains(a[0].Text, "must not be missed") {
		t.Fatalf("alarms %+v", a)
	}
	id := w.load(n).Filings[0].ID
	w.refused(w.desk.Review.EndChallenge(w.ctx, w.counsel.ID, n, id, "complied", "x"), fault.Invalid, "an outcome that complies")
	w.ok(w.desk.Review.EndChallenge(w.ctx, w.counsel.ID, n, id, casefile.OutcomeWon, "set aside on 1 December"))
	w.refused(w.desk.Review.EndChallenge(w.ctx, w.counsel.ID, n, id, casefile.OutcomeLost, "no"), fault.Conflict, "an outcome twice")
}

func TestWhatObligesNobodyIsDeclinedByOneLetter(t *testing.T) {
	for _, p := range []law.ProcessID{law.EO12333, "au.tola.tar", law.Informal} {
		w := newWorld(t)
		d := w.order()
		d.Process, d.LegalBasis = p, ""
		if row, _ := law.Default().Row(p, w.clock.Now()); casefile.SealedRow(row) {
			continue
		}
		n := w.file(d)
		w.assign(n, w.analyst.ID)
		w.ok(w.desk.Review.DeclineAll(w.ctx, w.analyst.ID, n))
		w.pass(5 * time.Minute)
		c := w.load(n)
		if c.Phase() != casefile.Answered || c.Disclosed() || len(c.Packages) != 1 {
			t.Fatalf("%s: %s, %d packages", p, c.Phase(), len(c.Packages))
		}
		for _, x := range c.Decided() {
			row, _ := law.Default().Finding(x.Finding)
			if x.Verdict != casefile.Decline || row.Sentence == "" || x.Reason != row.Sentence {
				t.Errorf("%s: %+v", p, x)
			}
		}
	}
	w := newWorld(t)
	n := w.file(w.order())
	w.assign(n, w.analyst.ID)
	w.refused(w.desk.Review.DeclineAll(w.ctx, w.analyst.ID, n), fault.Conflict, "declining an order as a whole")
}

func TestADayOnThePaperDoesNotMoveForAQuestion(t *testing.T) {
	w := newWorld(t)
	d := w.order()
	d.Return = w.clock.Now().AddDate(0, 0, 10)
	n := w.file(d)
	w.study(n, w.analyst)
	w.ok(w.desk.Review.Ask(w.ctx, w.analyst.ID, n, "Which court?"))
	if c := w.load(n); !c.Paused.IsZero() || c.Questions[0].Stops {
		t.Fatal("a question stopped a day that a court has set")
	}
	w.pass(24 * time.Hour)
	w.ok(w.desk.Intake.Answer(w.ctx, w.reyes.Actor(), n, w.load(n).Questions[0].ID, "the district court"))
	if got := w.load(n).Due; !got.Equal(d.Return) {
		t.Fatalf("due %v, the paper says %v", got, d.Return)
	}
}

func TestTheClocksOfTheUnionWaitForWhatTheyWaitFor(t *testing.T) {
	for _, c := range []struct {
		p                  law.ProcessID
		question, notified bool
	}{{"eu.epoc.sub", true, false}, {"eu.epoc.traffic", true, true}} {
		w := newWorld(t)
		n := w.file(w.under(c.p, "DE"))
		w.study(n, w.analyst)
		due := w.load(n).Due
		w.ok(w.desk.Review.Ask(w.ctx, w.analyst.ID, n, "Please send the Annex III form."))
		if stops := !w.load(n).Paused.IsZero(); stops != c.question {
			t.Fatalf("%s: a question stops the clock: %v", c.p, stops)
		}
		w.pass(48 * time.Hour)
		w.ok(w.desk.Intake.Answer(w.ctx, w.reyes.Actor(), n, w.load(n).Questions[0].ID, "attached"))
		if got := w.load(n).Due; got.Sub(due) != 48*time.Hour {
			t.Errorf("%s: due moved by %v: two days, to the end of a day", c.p, got.Sub(due))
		}
		due = w.load(n).Due
		w.ok(w.desk.Review.Notified(w.ctx, w.analyst.ID, n, "Generalstaatsanwaltschaft Hamburg", "the regulation asks for it"))
		if stops := !w.load(n).Paused.IsZero(); stops != c.notified {
			t.Fatalf("%s: a notification stops the clock: %v", c.p, stops)
		}
		w.refused(w.desk.Review.Notified(w.ctx, w.analyst.ID, n, "another", "the regulation asks for it"), fault.Conflict, "waiting for two")
		w.pass(72 * time.Hour)
		w.ok(w.desk.Review.Cleared(w.ctx, w.analyst.ID, n, "no objection"))
		want := map[bool]time.Duration{true: 72 * time.Hour}[c.notified]
		if got := w.load(n).Due; got.Sub(due) != want || !w.load(n).Paused.IsZero() {
			t.Errorf("%s: due moved by %v, want %v", c.p, got.Sub(due), want)
		}
		w.refused(w.desk.Review.Cleared(w.ctx, w.analyst.ID, n, "again"), fault.Conflict, "ending a wait twice")
	}
}

func TestSeveralQuestionsAreRemindedOfAndLapse(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	w.study(n, w.analyst)
	due := w.load(n).Due
	w.refused(w.desk.Review.Query(w.ctx, w.analyst.ID, n, review.Query{Text: "x", Items: []casefile.Item{"about"}}), fault.Invalid, "a question about what was not asked for")
	w.refused(w.desk.Review.Query(w.ctx, w.analyst.ID, n, review.Query{Text: "x", Until: w.clock.Now().AddDate(1, 0, 0)}), fault.Invalid, "a year to answer")
	w.ok(w.desk.Review.Query(w.ctx, w.analyst.ID, n, review.Query{Text: "Which court?", Items: []casefile.Item{"name"}, Until: w.clock.Now().AddDate(0, 0, 8)}))
	w.ok(w.desk.Review.Query(w.ctx, w.analyst.ID, n, review.Query{Text: "Which offence?", Until: w.clock.Now().AddDate(0, 0, 4)}))
	w.pass(3*24*time.Hour + time.Hour)
	mails := len(w.mail.sent)
	if q := w.load(n).Questions; q[1].Reminded.IsZero() || !q[0].Reminded.IsZero() {
		t.Fatalf("reminded: %+v", q)
	}
	if m := w.mail.sent[mails-1]; m.To != "reyes@sheriff.harbor.example" || strings.Contains(m.Text+m.Subject, string(n)) || strings.Contains(m.Text, "offence") {
		t.Fatalf("the reminder says %+v", m)
	}
	p := must(w.desk.Intake.AddCasePaper(w.ctx, w.reyes.Actor(), n, "docket.pdf", "answer", bytes.NewReader(pdf("docket"))))(t)
	w.refused(w.desk.Intake.Answer(w.ctx, w.reyes.Actor(), n, w.load(n).Questions[0].ID, "see there", "nosuch"), fault.Conflict, "a paper that is not with the case")
	w.ok(w.desk.Intake.Answer(w.ctx, w.reyes.Actor(), n, w.load(n).Questions[0].ID, "see the docket", p.ID))
	if c := w.load(n); c.Paused.IsZero() || len(c.Questions[0].Papers) != 1 {
		t.Fatal("the clock runs while a question is open")
	}
	w.pass(24 * time.Hour)
	c := w.load(n)
	if !c.Questions[1].Lapsed || !c.Paused.IsZero() || len(c.Alarms) != 1 {
		t.Fatalf("lapsed %v, paused %v, alarms %+v", c.Questions[1].Lapsed, c.Paused, c.Alarms)
	}
	if moved := c.Due.Sub(due); moved < 4*24*time.Hour || moved > 97*time.Hour+20*time.Minute {
		t.Errorf("due moved by %v: the two waits overlap and count once", moved)
	}
	w.refused(w.desk.Intake.Answer(w.ctx, w.reyes.Actor(), n, c.Questions[1].ID, "theft"), fault.Conflict, "answering what has lapsed")
}

func TestEscalatedItemsComeBackWithAdvice(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, []review.Choice{{Item: "last_ip", Verdict: casefile.Escalate, Reason: "is this within the order?", Outside: true}}))
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("last_ip")), fault.Forbidden, "deciding what is with counsel")
	if h := w.load(n).Head(); !h.Counsel || !w.load(n).Decisions["last_ip"].Outside {
		t.Fatal("the queue does not say that it waits for counsel")
	}
	w.refused(w.desk.Review.Advise(w.ctx, w.analyst.ID, n, "last_ip", "yes"), fault.Forbidden, "an analyst advising")
	w.ok(w.desk.Review.Advise(w.ctx, w.counsel.ID, n, "last_ip", "it is: page 2"))
	w.refused(w.desk.Review.Advise(w.ctx, w.counsel.ID, n, "last_ip", "it is"), fault.Conflict, "advising twice")
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("last_ip")))
	if c := w.load(n); len(c.Advice) != 1 || c.Head().Counsel {
		t.Fatalf("advice %+v", c.Advice)
	}
}

func TestAShorterPeriodIsAllThatTheGrantReaches(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	d := w.order()
	n := w.file(d)
	w.study(n, w.analyst)
	short := casefile.Shorter{From: d.Until.AddDate(0, 0, -7), Until: d.Until, Why: "the facts cover one week", Finding: "SCOPE.RANGE_WIDE"}
	wide := short
	wide.From = d.From.AddDate(0, 0, -1)
	w.refused(w.desk.Review.NarrowPeriod(w.ctx, w.analyst.ID, n, wide), fault.Conflict, "a longer period than asked")
	w.refused(w.desk.Review.NarrowPeriod(w.ctx, w.second.ID, n, short), fault.Forbidden, "narrowing the case of somebody else")
	w.ok(w.desk.Review.NarrowPeriod(w.ctx, w.analyst.ID, n, short))
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	for _, g := range w.load(n).GrantsOf(disclosable.Produce) {
		if g.Grant.From != short.From.Unix() || g.Grant.Until != short.Until.Unix() {
			t.Errorf("the grant reaches from %d to %d", g.Grant.From, g.Grant.Until)
		}
	}
	w.refused(w.desk.Review.NarrowPeriod(w.ctx, w.analyst.ID, n, short), fault.Conflict, "narrowing under grants that are out")
}

func TestReferringNamesTheChannelThatIsKnownAndNoOther(t *testing.T) {
	for country, want := range map[law.Jurisdiction]string{"DE": "as far as we know, the Bundesamt für Justiz", "US": "Office of International Affairs", "MT": "your own central authority for mutual legal assistance."} {
		got := law.Default().ByTreaty(country)
		if !strings.Contains(got, want) || country == "MT" && strings.Contains(got, "that is") {
			t.Errorf("%s: %q", country, got)
		}
	}
	w := newWorld(t)
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, []review.Choice{{Item: "name", Verdict: casefile.ReferMLAT, Reason: "This needs a treaty request."}}))
	if d := w.load(n).Decisions["name"]; d.Channel != law.Default().ByTreaty(w.load(n).Demand.Jurisdiction) {
		t.Errorf("channel %q", d.Channel)
	}
}

func TestAnAlarmAboutASilenceEndsOnlyWithANewPlan(t *testing.T) {
	f := func(k casefile.Kind, seq int, e casefile.Event) casefile.Event {
		e.Kind, e.Seq, e.At = k, seq, start
		return e
	}
	d := casefile.Demand{Process: "us.order.2703d"}
	c, err := casefile.Fold("LL-2026-000001", []casefile.Event{f(casefile.KFiled, 1, casefile.Event{Demand: &d}), f(casefile.KAlarm, 2, casefile.Event{Alarm: casefile.AlarmReview})})
	if err != nil {
		t.Fatal(err)
	}
	seen := f(casefile.KAlarmSeen, 3, casefile.Event{Alarm: casefile.AlarmReview})
	if _, err := c.Apply(seen); !fault.Is(err, fault.Conflict) {
		t.Fatalf("put aside: %v", err)
	}
	c, err = c.Apply(f(casefile.KNoticeChosen, 3, casefile.Event{Notice: &casefile.NoticeChoice{}}))
	if err != nil {
		t.Fatal(err)
	}
	seen.Seq = 4
	if c, err = c.Apply(seen); err != nil || c.Alarms[0].Seen.IsZero() {
		t.Fatalf("with a new plan: %v", err)
	}
}
