package desk_test

import (
	"fmt"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/notice"
	"letterlock/law"
)

// sealedRows are the rows of sealed matters but the letters', which have a story
// of their own.
func (x *year) sealedRows() (out []law.Row) {
	for _, r := range law.Default().Rows() {
		if casefile.SealedRow(r) && r.ID != law.NSL && r.InForce(x.clock.Now()) {
			out = append(out, r)
		}
	}
	return out
}

// anySealed: a demand under one sealed row after the other, decided by those on
// the list. A demand on the system two of them close.
func (x *year) anySealed(i int) {
	rows := x.sealedRows()
	row := rows[x.veiled%len(rows)]
	x.veiled++
	s := x.senders[row.Jurisdiction]
	d := x.asks(i, row.ID)
	d.Wanted, d.IssuerRole, d.LegalBasis = []casefile.Item{"name"}, row.Issuers[0].Role, "as the paper says"
	l := x.begins(string(row.ID), s, d)
	x.study(l.n, x.cleared)
	if x.desk.Review.Decide(x.ctx, x.cleared.ID, l.n, yield("name")) == nil && x.desk.Review.Propose(x.ctx, x.cleared.ID, l.n, "what was decided is carried out") == nil {
		x.sign()
		x.releases(l, s, l.filed, "all")
		x.warns(l, l.filed.AddDate(0, 0, row.NoticeRule.ReviewDays), notice.AlarmReview)
		return
	}
	x.declines(l, x.cleared, x.veil)
	x.answers(l, s, l.filed, "refused")
}

// tapped48 is a pen register in an emergency: it asks for ten days, and ends
// after 48 hours, because no order came.
// law: 18 USC 3125
func (x *year) tapped48(i int) {
	d := x.penRegister()
	d.Process, d.IssuerRole, d.LegalBasis = "us.order.pentrap.emerg", law.RoleProsecutor, "18 USC 3125"
	d.Reference, d.CaseRef = fmt.Sprint("U-", i), fmt.Sprint("1:27-pru-", i)
	d.Answers["emergency_ground"] = "danger of death"
	d.Targets = []casefile.Target{{Kind: law.TargetPhone, Identifier: x.person(i)}}
	l := x.begins("traced in an emergency", x.senders["US"], d)
	x.study(l.n, x.counsel)
	x.ok(x.desk.Review.Decide(x.ctx, x.counsel.ID, l.n, x.produceChoices(l.n)))
	x.proposes(l, x.counsel)
	l.owes(casefile.KTraced, l.filed)
	end := l.filed.Add(48 * time.Hour)
	l.tapped = end
	x.at(l.filed.Add(30*time.Hour), func() { x.spot(x.load(l.n).Taps[0].Grant, 2) })
	x.stopsBy(l, end)
	x.warns(l, l.filed.AddDate(0, 0, l.row.NoticeRule.ReviewDays), notice.AlarmReview)
}

// everyLaw: a year of this many requests had one under every row of the table.
func (x *year) everyLaw() {
	x.Helper()
	const enough = 400 // for each row's turn to come
	seen := map[law.ProcessID]int{}
	for _, l := range x.lives {
		seen[l.row.ID]++
	}
	for _, r := range law.Default().Rows() {
		if seen[r.ID] == 0 && len(x.lives) >= enough {
			x.Errorf("%s: in the whole year there was no such request", r.ID)
		}
	}
	x.Logf("requests under %d of %d rows of the law table", len(seen), len(law.Default().Rows()))
}
