package casefile

import (
	"time"

	"letterlock/disclosable"
	"letterlock/law"
)

// PlanNotice is when the person is told if the case were released now, by the
// row's rule, the secrecy order and the recorded exception. It is false when
// nothing may be disclosed under the row at all.
func PlanNotice(r law.Row, c Case, now time.Time) (plan disclosable.NoticePlan, lead time.Duration, ok bool) {
	f := law.NoticeFacts{Decided: now, GagOrder: c.Demand.Gag.Asked && c.Demand.Gag.Order, GagEnd: c.Demand.Gag.End}
	if c.NoticePlan != nil {
		f.Exception, f.Review = c.NoticePlan.Exception, c.NoticePlan.Review
	}
	if !f.GagEnd.IsZero() && !f.GagEnd.After(now) { // an order that has ended forbids nothing
		f.GagOrder = false
	}
	p := r.Notice(f)
	plan = disclosable.NoticePlan{Basis: string(p.Basis), Asker: true}
	if p.Reason != "" {
		plan.Basis = p.Reason
		if p.Basis != "" {
			plan.Basis += ", " + string(p.Basis)
		}
	}
	switch p.When {
	case law.TimingBefore:
		plan.Timing, plan.Day = disclosable.ToldBefore, now.Unix()
	case law.TimingAfter:
		plan.Timing, plan.Day = disclosable.ToldAfter, firstOf(p.Until, p.Review, now).Unix()
	case law.TimingWithheld:
		plan.Timing, plan.Day = disclosable.ToldWithheld, firstOf(p.Review, now.AddDate(0, 0, 90)).Unix()
		if !p.Until.IsZero() {
			plan.Timing, plan.Day = disclosable.ToldAfter, p.Until.Unix()
		}
	case law.TimingAuthority:
		plan.Timing, plan.Day = disclosable.ToldAuthority, firstOf(p.Review, now.AddDate(0, 0, 90)).Unix()
	default:
		return disclosable.NoticePlan{}, 0, false
	}
	return plan, p.Lead, true
}

func firstOf(t ...time.Time) time.Time {
	for _, x := range t {
		if !x.IsZero() {
			return x
		}
	}
	return time.Time{}
}

// Ask is what a grant of the case says, besides its kind, target and notice.
type Ask struct {
	Row     law.Row
	Now     time.Time
	NotYet  time.Time // zero: at once
	Expires time.Time
	Plan    disclosable.NoticePlan
}

// Compose makes a grant for one target: exactly the fields decided for it.
func (c Case) Compose(k disclosable.GrantKind, target int, a Ask) ([]byte, error) {
	return c.grantFor(k, target, a).Bytes()
}

func (c Case) grantFor(k disclosable.GrantKind, target int, a Ask) disclosable.Grant {
	g := disclosable.Grant{Version: disclosable.GrantVersion, Kind: k, Nonce: disclosable.NewNonce(), Case: string(c.Number),
		Process: string(a.Row.ID), LawRow: disclosable.Hash(a.Row.Hash()), Agency: c.Demand.AgencyName, Officer: c.Demand.OfficerName,
		Ref: c.Demand.Reference, Asked: c.Demand.Targets[target].Identifier, Account: c.Resolutions[target].Account, Fields: c.Fields(target),
		Issued: a.Now.Unix(), Expires: a.Expires.Unix(), Notice: a.Plan, Sealed: c.Number.Sealed()}
	from, until := c.Span()
	if !from.IsZero() {
		g.From = from.Unix()
	}
	if !until.IsZero() {
		g.Until = until.Unix()
	}
	if !a.NotYet.IsZero() && a.NotYet.After(a.Now) {
		g.NotYet = a.NotYet.Unix()
	}
	return g
}

// NoticeSlack is how long a notice grant stays good after its day: the carrier
// may be away, or an unread paper may hold it.
const NoticeSlack = 366 * day

// NotifyAsk is the ask of a notice grant under a plan.
func NotifyAsk(r law.Row, plan disclosable.NoticePlan, now time.Time) Ask {
	a := Ask{Row: r, Now: now, Plan: plan, Expires: now.Add(NoticeSlack)}
	if plan.Timing == disclosable.ToldAfter {
		if tell := time.Unix(plan.Day, 0); tell.After(now) {
			a.NotYet, a.Expires = tell, tell.Add(NoticeSlack)
		}
	}
	return a
}
