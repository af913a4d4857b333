package desk

import (
	"context"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/risk"
	"letterlock/desk/staff"
	"letterlock/internal/clock"
	"letterlock/law"
)

// watch states what the directory and the files know of a sender, and has the
// rules look at it.
type watch struct {
	agencies *agency.Service
	rules    *risk.Service
	clock    clock.Clock
}

// Signals is intake.Watch's.
func (w watch) Signals(ctx context.Context, shelf casefile.Shelf, d casefile.Demand, self casefile.Number) ([]law.Signal, error) {
	v, err := w.rules.Values(ctx)
	if err != nil {
		return nil, err
	}
	f := risk.Facts{Now: w.clock.Now(), Emergency: d.Process == law.Emergency}
	for _, step := range []func() error{
		func() error { return w.officer(ctx, d, &f) },
		func() error { return w.agency(ctx, d, &f) },
		func() error { return counts(ctx, shelf, d, self, &f) },
		func() error { return sought(ctx, shelf, d, &f) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return v.Judge(f), nil
}

func (w watch) officer(ctx context.Context, d casefile.Demand, f *risk.Facts) error {
	if d.Officer == "" {
		return nil
	}
	o, err := w.agencies.Officer(ctx, d.Officer)
	f.Since, f.Strange, f.KeyAdded = o.Since, o.Strange, o.KeyAdded
	return err
}

func (w watch) agency(ctx context.Context, d casefile.Demand, f *risk.Facts) error {
	all, err := w.agencies.Agencies(ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.ID == d.Agency && d.Channel == law.ChannelPortal { // a paper has no hour of its own
			f.Zone = a.Location()
		}
		if a.Closed == "" {
			f.Official = append(f.Official, a.Domains...)
		}
	}
	f.Domain = casefile.DomainOf(d.Mailbox)
	f.Compromised, err = w.agencies.Compromised(ctx, d.Agency, d.Mailbox)
	return err
}

// counts looks at the agency's cases of the last 90 days, on this shelf alone.
func counts(ctx context.Context, shelf casefile.Shelf, d casefile.Demand, self casefile.Number, f *risk.Facts) error {
	const day = 24 * time.Hour
	heads, err := shelf.Store.FiledBy(ctx, d.Agency, f.Now.Add(-risk.History-day))
	if err != nil {
		return err
	}
	if f.Emergency {
		f.Officer.Today, f.Agency.Today = 1, 1 // this one
	}
	for _, h := range heads {
		if h.Number == self {
			continue
		}
		mine := d.Officer != "" && h.Officer == d.Officer
		if mine {
			f.Sent = append(f.Sent, h.Filed)
		}
		if h.Process != law.Emergency {
			continue
		}
		recent := f.Now.Sub(h.Filed) < day
		f.Agency.Add(recent)
		if mine {
			f.Officer.Add(recent)
		}
	}
	return nil
}

func sought(ctx context.Context, shelf casefile.Shelf, d casefile.Demand, f *risk.Facts) error {
	for _, t := range d.TargetSums() {
		at, err := shelf.Store.Sought(ctx, t, d.Agency)
		if err != nil {
			return err
		}
		if at.After(f.Elsewhere) {
			f.Elsewhere = at
		}
	}
	return nil
}

// leads says who may change a rule's limit.
type leads struct{ *staff.Service }

// Lead is risk.Team's.
func (l leads) Lead(ctx context.Context, id casefile.MemberID) (casefile.Actor, error) {
	return l.May(ctx, id, casefile.ProposeRules, "")
}

// Second is risk.Team's.
func (l leads) Second(ctx context.Context, id casefile.MemberID) (casefile.Actor, error) {
	return l.May(ctx, id, casefile.AgreeRules, "")
}
