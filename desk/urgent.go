package desk

import (
	"context"
	"slices"
	"strings"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/drill"
	"letterlock/desk/emergency"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// Signers is the directory as the emergencies see it.
func Signers(a *agency.Service) emergency.Directory { return signers{a} }

// signers shows the emergencies who is who at the agencies.
type signers struct{ *agency.Service }

func signer(o agency.Officer) emergency.Officer {
	return emergency.Officer{ID: o.ID, Agency: o.Agency, Name: strings.TrimSpace(o.Rank + " " + o.Name), Mailbox: o.Mailbox, Keys: o.Keys}
}

func (s signers) Officer(ctx context.Context, id casefile.OfficerID) (emergency.Officer, error) {
	o, err := s.Active(ctx, id)
	return signer(o), err
}

func (s signers) Colleagues(ctx context.Context, a casefile.AgencyID) ([]emergency.Officer, error) {
	all, err := s.Officers(ctx)
	var out []emergency.Officer
	for _, o := range all {
		if o.Agency == a && o.State == agency.Active {
			out = append(out, signer(o))
		}
	}
	return out, err
}

// MayCoSign lets only those sign whom the team has recorded as supervisors of
// their agency, with two passkeys as for any request.
func (s signers) MayCoSign(ctx context.Context, id casefile.OfficerID) error {
	o, err := s.Active(ctx, id)
	if err != nil {
		return err
	}
	if o.Role != casefile.Supervisor {
		return fault.New(fault.Forbidden, "sign as supervisor", "only an officer whom we know as a supervisor of your agency signs as one; we record that when your agency's contact says so")
	}
	return o.MaySend(s.Acts.Clock.Now())
}

func (s signers) KeyUsed(ctx context.Context, id casefile.OfficerID, k passkey.Key) error {
	return s.Service.KeyUsed(ctx, id, k, "")
}

// Switchboard is the directory's number with the day on which it last changed.
func (s signers) Switchboard(ctx context.Context, id casefile.AgencyID) (emergency.Number, error) {
	a, err := s.Agency(ctx, id)
	if err != nil {
		return emergency.Number{}, err
	}
	if a.Switchboard == "" || a.Source == "" {
		return emergency.Number{}, fault.New(fault.NotFound, "find switchboard", "the directory has no number for this agency")
	}
	n := emergency.Number{Number: a.Switchboard, Source: a.Source, By: a.NumberBy, At: a.Added}
	if n.By == (casefile.Actor{}) {
		n.By = a.AddedBy
	}
	for _, c := range a.Changes {
		if slices.ContainsFunc(c.What, func(w string) bool { return strings.HasPrefix(w, "switchboard: ") }) {
			n.At = c.At
		}
	}
	return n, nil
}

func (s signers) Mailboxes(ctx context.Context, id casefile.AgencyID, o casefile.OfficerID) ([]string, error) {
	a, err := s.Agency(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []string
	if o != "" {
		if who, err := s.Active(ctx, o); err == nil {
			out = append(out, who.Mailbox)
		}
	}
	if a.Contact.Mailbox != "" && a.Closed == "" && !slices.Contains(out, a.Contact.Mailbox) {
		out = append(out, a.Contact.Mailbox)
	}
	return out, nil
}

// ranks shows the emergencies and exercises who of the team is what.
type ranks struct{ *staff.Service }

func (r ranks) IsLead(ctx context.Context, id casefile.MemberID) (casefile.Actor, error) {
	m, err := r.Require(ctx, id, casefile.KeepTeam)
	return m.Actor(), err
}

func (r ranks) MayDrill(ctx context.Context, id casefile.MemberID) (casefile.Actor, error) {
	m, err := r.Require(ctx, id, casefile.RecordCourses)
	return m.Actor(), err
}

// learned is drill.Service's: the outcome stands in the member's record.
func (d *Desk) learned(ctx context.Context, r drill.Result) error {
	return d.Staff.Drilled(ctx, r.End.Who.MemberID(), staff.Exercise{Title: r.Scenario.Title, Outcome: r.End.Outcome, Score: r.End.Score, Begun: r.Begun, Ended: r.Ended, By: r.By})
}
