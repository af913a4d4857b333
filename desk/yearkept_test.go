package desk_test

import (
	"fmt"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/law"
)

// keeping is a preservation that is granted.
func (x *year) keeping(l *life, s *sender) {
	x.study(l.n, x.counsel)
	var all []review.Choice
	for _, i := range x.load(l.n).Demand.Wanted {
		all = append(all, review.Choice{Item: i, Verdict: casefile.Keep, Reason: "the request is in form"})
	}
	x.ok(x.desk.Review.Decide(x.ctx, x.counsel.ID, l.n, all))
	x.proposes(l, x.counsel)
	l.owes(casefile.KKept, l.filed)
	x.answers(l, s, l.filed, "refused")
}

func (x *year) preservation(i int, s *sender, row law.ProcessID) *life {
	d := x.letterToPreserve()
	d.Process, d.Reference, d.Targets = row, fmt.Sprint("P-", i), []casefile.Target{{Kind: law.TargetPhone, Identifier: x.person(i)}}
	if row == "eu.epocpr" {
		d.IssuerRole, d.LegalBasis = law.RoleProsecutor, "Reg. (EU) 2023/1543"
	}
	return x.begins(string(row), s, d)
}

// ends: fourteen days before the end the officer is reminded; on it all is gone.
func (x *year) ends(l *life, until time.Time) {
	x.reminds(l, until.Add(-14*day))
	x.destroys(l, until)
}

func (x *year) reminds(l *life, at time.Time) {
	l.owes(casefile.KKeepSoon, at)
	x.around(at)
}

func (x *year) destroys(l *life, until time.Time) {
	l.owes(casefile.KKeepEnded, until)
	x.around(until)
	x.at(l.filed.Add(time.Hour), func() {
		for _, k := range x.load(l.n).Kept {
			l.kept = append(l.kept, keep{k.Taken, until})
		}
	})
}

// ofDays is how long the law keeps: so many days of the calendar, where the law
// is.
func (x *year) ofDays(l *life, from time.Time, days int) time.Time {
	zone := must(time.LoadLocation(l.row.Zone))(x)
	return from.In(zone).AddDate(0, 0, days).UTC()
}

// law: 18 USC 2703(f)(2)
func (x *year) preserved(i int) {
	l := x.preservation(i, x.senders["US"], "us.preservation")
	x.keeping(l, x.senders["US"])
	x.ends(l, x.ofDays(l, l.filed, 90))
}

// law: Reg. (EU) 2023/1543 art. 11
func (x *year) european(i int) {
	s := x.senders[[]law.Jurisdiction{"DE", "FR"}[i/7%2]]
	l := x.preservation(i, s, "eu.epocpr")
	x.keeping(l, s)
	x.ends(l, x.ofDays(l, l.filed, 60))
}

// preservedTwice: renewed on day 70, for another 90 days from the first end.
func (x *year) preservedTwice(i int) {
	s := x.senders["US"]
	l := x.preservation(i, s, "us.preservation")
	l.story = "renewed"
	x.keeping(l, s)
	first := x.ofDays(l, l.filed, 90)
	last := x.ofDays(l, first, 90)
	x.at(l.filed.AddDate(0, 0, 70), func() {
		dr := must(x.desk.Intake.Renew(x.ctx, s.ID, l.n))(x)
		dr.Demand.Issued, dr.Demand.Reference = x.clock.Now(), fmt.Sprint("PR-", i)
		again := x.begins("renewal", s, dr.Demand)
		x.keeping(again, s)
		x.reminds(again, last.Add(-14*day)) // once for the one snapshot
		again.owes(casefile.KKeepEnded, last)
	})
	l.owes(casefile.KProlonged, l.filed.AddDate(0, 0, 70))
	x.around(first) // and it is kept
	x.destroys(l, last)
}
