package desk_test

import (
	"fmt"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/notice"
	"letterlock/disclosable"
	"letterlock/law"

	"filippo.io/age"
)

// many are accounts of their own for one request: two to nine, and of every
// fourth list so many that counsel signs too.
func (x *year) many(i int) (out []casefile.Target) {
	n := 2 + x.r.IntN(8)
	if x.r.IntN(4) == 0 {
		n = disclosable.MaxOfTwo + 1 + x.r.IntN(10)
	}
	for k := range n {
		out = append(out, casefile.Target{Kind: law.TargetPhone, Identifier: x.person(2_000_000 + 40*i + k)})
	}
	return out
}

// lists has a list decided and signed.
func (x *year) lists(l *life) {
	x.Helper()
	who := x.analyst
	if casefile.ForCounsel(l.accounts) {
		who = x.counsel
	}
	x.assign(l.n, who.ID)
	c := x.load(l.n)
	for _, p := range c.Unread() {
		must(x.desk.Review.ReadPaper(x.ctx, who.ID, l.n, p.ID))(x)
	}
	for _, f := range c.Findings {
		if f.Blocks() {
			x.ok(x.desk.Review.AnswerFinding(x.ctx, who.ID, l.n, f.ID, false, "checked against the paper: met"))
		}
	}
	x.ok(x.desk.Review.ResolveAll(x.ctx, who.ID, l.n, "the request asks about them"))
	x.produceAll(l.n, who)
	x.proposes(l, who)
	if casefile.ForCounsel(l.accounts) {
		x.ok(x.door.SignAll("Miriam Adler"))
	}
}

// listed: an order for many accounts. Either its secrecy holds all notices, or
// everybody is told and one of them objects: the others go out on their day, and
// that account follows in a package of its own, or never.
func (x *year) listed(i int) {
	d := x.asks(i, x.usRow())
	d.Targets = x.many(i)
	if x.r.IntN(2) == 0 {
		until := x.ending(x.clock.Now())
		x.silenced(&d, until)
		days := int(until.Sub(d.Issued) / day)
		l := x.begins("a list", x.senders["US"], d)
		l.gag = &days
		x.lists(l)
		x.releases(l, x.senders["US"], l.filed, "all")
		x.tells(l, until, "after")
		return
	}
	l := x.begins("a list, one objects", x.senders["US"], d)
	x.lists(l)
	x.tells(l, l.filed, "before")
	heard := l.filed.AddDate(0, 0, 2)
	x.at(heard, func() {
		x.door.ObjectTo(string(l.n), x.load(l.n).GrantsOf(disclosable.Notify)[0].Hash, 1, "this is my colleague's number")
	})
	x.warns(l, heard, notice.AlarmObject)
	x.answers(l, x.senders["US"], l.filed.AddDate(0, 0, 7), "part")
	closed, uphold := l.filed.AddDate(0, 0, 9), x.r.IntN(2) == 0
	x.at(closed, func() {
		x.ok(x.desk.Notice.CloseObjection(x.ctx, x.counsel.ID, l.n, x.load(l.n).Objections[0].Number, uphold, "the paper names it"))
	})
	l.owes(casefile.KReleased, closed)
	x.around(closed)
	if !uphold {
		l.outcome = "all"
		l.due = append(l.due, due{kind: casefile.KPacked, from: closed, until: closed.Add(20 * time.Minute)})
		x.at(closed.Add(time.Hour), func() { x.collectsAll(l, x.senders["US"], 2) })
	}
}

// upheld: the person objects, counsel agrees, and the agency gets nothing.
func (x *year) upheld(i int) {
	l := x.begins("upheld", x.senders["US"], x.asks(i, x.usRow()))
	x.study(l.n, x.analyst)
	x.produceAll(l.n, x.analyst)
	x.proposes(l, x.analyst)
	x.tells(l, l.filed, "before")
	heard := l.filed.AddDate(0, 0, 3)
	x.at(heard, func() { x.door.Object(string(l.n), "the court has quashed it") })
	x.warns(l, heard, notice.AlarmObject)
	x.around(l.filed.AddDate(0, 0, 7)) // and nothing goes
	closed := l.filed.AddDate(0, 0, 8)
	x.at(closed, func() {
		x.ok(x.desk.Notice.CloseObjection(x.ctx, x.counsel.ID, l.n, x.load(l.n).Objections[0].Number, true, "it was quashed"))
	})
	x.at(closed.Add(time.Hour), func() { x.ok(x.desk.Review.Answer(x.ctx, x.analyst.ID, l.n, "counsel upheld the objection")) })
	x.answers(l, x.senders["US"], closed.Add(time.Hour), "refused")
}

// breached: three weeks after an agency has asked twice, its mailboxes turn out
// to be taken over. What it got was forged: our copy goes, and the person is
// told, once, and not again when the forged order's secrecy ends. What waited is
// given up.
func (x *year) breached(i int) {
	s := x.another(i)
	d := x.asks(i, "us.order.2703d")
	x.silenced(&d, x.clock.Now().AddDate(0, 0, 60))
	days := int(d.Gag.End.Sub(d.Issued) / day)
	got := x.begins("forged", s, d)
	got.gag = &days
	x.study(got.n, x.analyst)
	x.produceAll(got.n, x.analyst)
	x.proposes(got, x.analyst)
	got.outcome = "all"
	got.owes(casefile.KReleased, got.filed)
	got.due = append(got.due, due{kind: casefile.KPacked, from: got.filed, until: got.filed.Add(20 * time.Minute)})
	cut := got.filed.AddDate(0, 0, 21)
	x.at(cut.Add(-2*day), func() {
		d := x.asks(3_900_000+i, "us.order.2703d")
		d.Reference = fmt.Sprint("W-", i)
		waits := x.begins("waits, forged", s, d)
		waits.withdrawn = true
	})
	x.at(cut, func() {
		must(x.desk.Cut(x.ctx, x.analyst.ID, casefile.CutOfficer, string(s.ID), "mailboxes were taken over"))(x)
	})
	looked := cut.Add(2 * time.Hour)
	x.at(got.filed.Add(time.Hour), func() { got.packages = []pack{{x.load(got.n).Packages[0].Sum, looked}} }) // nobody fetches it
	x.at(looked, func() { x.foundForged(got) })
	got.owes(casefile.KDestroyed, looked)
	x.around(looked)
	told := looked.Add(3 * time.Hour)
	x.at(told, func() {
		x.ok(x.desk.Breach.Release(x.ctx, x.counsel.ID, got.n, x.load(got.n).Held.Draft))
		x.look()
		x.sign()
	})
	x.tells(got, told, "after")
	x.around(d.Gag.End) // and nobody is told twice
}

// foundForged: somebody who had not decided looks at both requests again.
func (x *year) foundForged(got *life) {
	x.Helper()
	for _, l := range x.lives {
		if l.filed.After(got.filed) && l.story == "waits, forged" && x.load(l.n).Demand.Officer == x.load(got.n).Demand.Officer {
			x.ok(x.desk.Breach.Review(x.ctx, x.second.ID, l.n, casefile.Fraudulent, "nobody there knows of it"))
		}
	}
	x.ok(x.desk.Breach.Review(x.ctx, x.second.ID, got.n, casefile.Fraudulent, "the judge never signed it"))
}

// another is an agency that has asked for nothing before, with an officer.
func (x *year) another(i int) *sender {
	x.Helper()
	domain := fmt.Sprintf("county-%d.example", i)
	must(x.desk.Agencies.AddAgency(x.ctx, x.lead.Actor(), agency.Agency{Name: fmt.Sprintf("County %d Police", i), Country: "US", Domains: []string{domain}, Switchboard: "+12025550188", Source: "directory", Sponsor: agency.Word{Why: "it is in the state register"}}))(x)
	x.ok(x.desk.Agencies.Enrol(x.ctx, agency.Enrolment{Name: "Officer of County", Mailbox: "o@" + domain}))
	o := must(x.desk.Agencies.RegisterKey(x.ctx, x.mail.token(x, "o@"+domain), x.key()))(x)
	x.confirm(o.ID)
	s := &sender{country: "US", key: must(age.GenerateX25519Identity())(x)}
	x.ok(x.desk.Agencies.SetRecipient(x.ctx, o.ID, s.key.Recipient().String()))
	s.Officer = must(x.desk.Agencies.Active(x.ctx, o.ID))(x)
	return s
}

// taps files a pen register, has it decided and signed.
func (x *year) taps(story string, d casefile.Demand) *life {
	x.Helper()
	l := x.begins(story, x.senders["US"], d)
	x.study(l.n, x.analyst)
	x.ok(x.desk.Review.Decide(x.ctx, x.analyst.ID, l.n, x.produceChoices(l.n)))
	x.proposes(l, x.analyst)
	return l
}

// tracedOn: a trace of ten days that a second order, with findings and
// signatures of its own, takes up where it ends; the second one is stopped on
// its fifth day, after its secrecy has ended, and the person hears of it then.
func (x *year) tracedOn(i int) {
	d := x.penRegister()
	d.Reference, d.CaseRef = fmt.Sprint("R-", i), fmt.Sprint("1:27-pr-", i)
	d.Targets = []casefile.Target{{Kind: law.TargetPhone, Identifier: x.person(i)}}
	first := x.taps("traced, goes on", d)
	first.owes(casefile.KTraced, first.filed)
	first.tapped = first.filed.AddDate(0, 0, 10)
	x.tapEnds(first, first.tapped)
	x.warns(first, first.filed.AddDate(0, 0, first.row.NoticeRule.ReviewDays), notice.AlarmReview)
	x.at(first.filed.AddDate(0, 0, 8), func() { x.tracedAgain(i, first) })
}

func (x *year) tracedAgain(i int, first *life) {
	d := x.penRegister()
	d.Reference, d.CaseRef = fmt.Sprint("RR-", i), fmt.Sprint("1:27-prr-", i)
	d.Targets = x.load(first.n).Demand.Targets
	d.From, d.Until = first.tapped, first.tapped.AddDate(0, 0, 10)
	free := first.tapped.AddDate(0, 0, 3)
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: free, Basis: "18 USC 3123(d)"}
	days := int(free.Sub(d.Issued) / day)
	l := x.taps("traced again", d)
	l.gag = &days
	l.owes(casefile.KTraced, first.tapped)
	x.around(first.tapped)
	stop := first.tapped.AddDate(0, 0, 5).Add(30 * time.Minute)
	l.tapped = stop
	x.at(stop, func() {
		x.ok(x.desk.Review.StopTrace(x.ctx, x.analyst.ID, l.n, x.load(l.n).Taps[0].Grant, "the court quashed the order"))
	})
	x.tapEnds(l, stop)
	told := stop.Add(30 * time.Minute)
	x.at(told, x.sign)
	x.tells(l, told, "after")
}

// tapEnds: the trace ends then; an hour later its officer has all parts.
func (x *year) tapEnds(l *life, end time.Time) {
	l.outcome = "no data"
	x.at(end.AddDate(0, 0, -3), func() { x.spot(x.load(l.n).Taps[0].Grant, 2) })
	x.stopsBy(l, end)
}

// stopsBy: the trace, which saw something two times, ends then.
func (x *year) stopsBy(l *life, end time.Time) {
	x.at(end.Add(-time.Hour), func() { l.outcome = "all" })
	l.due = append(l.due, due{kind: casefile.KTraceEnded, from: end, until: end.Add(10 * time.Minute)})
	x.around(end)
	x.at(end.Add(time.Hour), func() {
		c := x.load(l.n)
		if len(c.Taps) != 1 || c.Taps[0].Events() != 2 {
			x.Errorf("%s, %s: %+v", l.n, l.story, c.Taps)
		}
		x.collectsAll(l, x.senders["US"], len(c.Packages))
	})
}
