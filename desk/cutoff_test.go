package desk_test

import (
	"context"
	"testing"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
)

// between runs something once, in the middle of a change: between the reading
// and the writing of a person. It does not wait for what has to wait itself.
func between(do func() error) func() error {
	over := make(chan error, 1)
	began := false
	return func() error {
		if began {
			return <-over // the outcome, for the test
		}
		began = true
		done := make(chan struct{})
		go func() {
			defer close(done)
			over <- do()
		}()
		select {
		case <-done:
		case <-time.After(300 * time.Millisecond):
		}
		return nil
	}
}

type slowTeam struct {
	staff.Store
	meanwhile func() error
}

func (s slowTeam) PutMember(ctx context.Context, m staff.Member) error {
	if m.State == staff.Active {
		s.meanwhile()
	}
	return s.Store.PutMember(ctx, m)
}

type slowDirectory struct {
	agency.Store
	meanwhile func() error
}

func (s slowDirectory) PutOfficer(ctx context.Context, o agency.Officer) error {
	if o.State == agency.Active {
		s.meanwhile()
	}
	return s.Store.PutOfficer(ctx, o)
}

// Whoever signs in at the very moment in which they are cut off stays cut off.
func TestSigningInDoesNotUndoTheEndOfAMember(t *testing.T) {
	w := newWorld(t)
	m, k, err := w.desk.Staff.ByKey(w.ctx, w.analyst.Keys[0].ID)
	w.ok(err)
	end := between(func() error { return w.desk.Staff.Leave(w.ctx, w.lead.ID, m.ID, "left the house") })
	w.desk.Staff.Store = slowTeam{w.desk.Staff.Store, end}
	w.ok(w.desk.Staff.KeyUsed(w.ctx, m.ID, k))
	w.ok(end())
	if m, err = w.desk.Staff.Member(w.ctx, m.ID); err != nil || m.State != staff.Left || len(m.Keys) != 0 {
		t.Fatalf("cut off, and %q with %d keys (%v)", m.State, len(m.Keys), err)
	}
}

func TestSigningInDoesNotUndoTheEndOfAnOfficer(t *testing.T) {
	w := newWorld(t)
	o, k, err := w.desk.Agencies.ByKey(w.ctx, w.reyes.Keys[0].ID)
	w.ok(err)
	end := between(func() error {
		return w.desk.Agencies.Disable(w.ctx, casefile.Member(w.lead.ID, w.lead.Name), o.ID, "the mailbox was stolen")
	})
	w.desk.Agencies.Store = slowDirectory{w.desk.Agencies.Store, end}
	w.ok(w.desk.Agencies.KeyUsed(w.ctx, o.ID, k, "192.0.2.1"))
	w.ok(end())
	if o, err = w.desk.Agencies.Officer(w.ctx, o.ID); err != nil || o.State != agency.Disabled || len(o.Keys) != 0 {
		t.Fatalf("cut off, and %q with %d keys (%v)", o.State, len(o.Keys), err)
	}
}
