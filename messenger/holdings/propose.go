package holdings

import (
	"context"
	"fmt"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Resolve is the door's, within this set.
func (h *Set) Resolve(ctx context.Context, q door.Lookup) (door.Resolution, error) {
	s := subject{op: "resolve", sealed: q.Sealed, caseRef: clip(q.Case), act: act{Op: "resolve", Process: clip(q.Process)}}
	row, ok := h.Law.LastRow(law.ProcessID(q.Process), h.Clock.Now())
	switch {
	case q.Case == "" || len(q.Case) > maxText:
		return door.Resolution{}, h.refuse(s, fault.New(fault.Invalid, "resolve", "a look-up needs the case that it is for"))
	case !ok:
		return door.Resolution{}, h.refuse(s, forbid("no law row of that name is in force today"))
	case q.Sealed != special(row):
		s.sealed = true
		return door.Resolution{}, h.refuse(s, forbid("only national-security matters are sealed, and they always are"))
	case len(q.Identifier) > 64:
		return door.Resolution{}, h.refuse(s, fault.New(fault.Invalid, "resolve", "that is no telephone number and no account id"))
	}
	s.priority = isEmergency(row)
	// A set has a budget of its own: the ordinary one must not tell how many
	// sealed look-ups there were.
	ok, err := h.Store.Spend(ctx, h.Clock.Now().Format(time.DateOnly), 1, h.Resolves)
	if err != nil {
		return door.Resolution{}, fmt.Errorf("spend look-up budget: %w", err)
	}
	if !ok {
		return door.Resolution{}, h.refuse(s, fault.New(fault.Exhausted, "resolve", "the day's %d look-ups are spent; more from midnight UTC", h.Resolves))
	}
	if _, err := h.append(ctx, kindResolve, s); err != nil {
		return door.Resolution{}, err
	}
	a, found, err := h.find(ctx, q.Identifier)
	if err != nil {
		return door.Resolution{}, err
	}
	return door.Resolution{Exists: found, Account: a}, nil
}

// Propose is the door's, within this set.
func (h *Set) Propose(ctx context.Context, grant []byte) (door.Proposal, error) {
	g, err := d.ParseGrant(grant)
	hash := d.GrantHash(grant)
	if err != nil {
		return door.Proposal{}, h.refuse(subject{op: "propose", act: act{Op: "propose", Grant: hash}}, err)
	}
	s := h.of("propose", hash, g)
	if g.Kind == d.KeyChange {
		return door.Proposal{}, h.refuse(s, forbid("release keys are changed on the release pages, never from the desk"))
	}
	if had, err := h.Store.Sheet(ctx, hash); err == nil {
		return h.proposal(ctx, had, g)
	} else if !fault.Is(err, fault.NotFound) {
		return door.Proposal{}, err
	}
	if err := h.examine(ctx, g); err != nil {
		return door.Proposal{}, h.refuse(s, err)
	}
	if _, err := h.append(ctx, kindPropose, s); err != nil {
		return door.Proposal{}, err
	}
	kept, err := h.keep(ctx, hash, grant, g)
	if err != nil {
		return door.Proposal{}, h.refuse(s, err)
	}
	return h.proposal(ctx, kept, g)
}

func (h *Set) sheet(hash d.Hash, grant []byte, g d.Grant) Sheet {
	s := Sheet{Hash: hash, Grant: grant, Proposed: h.now(), Expires: unix(g.Expires), State: Open}
	if g.Kind == d.Produce {
		s.Case, s.Accounts = g.Case, g.Accounts()
	}
	return s
}

func (h *Set) keep(ctx context.Context, hash d.Hash, grant []byte, g d.Grant) (Sheet, error) {
	return h.Store.Keep(ctx, h.sheet(hash, grant, g), MaxWaiting)
}

func (h *Set) proposal(ctx context.Context, s Sheet, g d.Grant) (p door.Proposal, err error) {
	p = h.told(s)
	if p.Counsel, err = h.forCounsel(ctx, s.Hash, g); err != nil {
		return p, err
	}
	if p.Counsel {
		if p.Lacks, err = h.lacksCounsel(ctx, s); err != nil {
			return p, err
		}
	}
	if len(g.List) > 0 {
		x, err := h.Store.Draws(ctx, s.Hash)
		p.Done = x.Count()
		return p, err
	}
	return p, nil
}

// told is what a sheet says by itself.
func (h *Set) told(s Sheet) door.Proposal {
	p := door.Proposal{Hash: s.Hash, Used: s.State == Used, Withdrawn: s.State == Withdrawn, Expires: s.Expires.Unix(), URL: h.Site.Origin + "/grants/" + s.Hash.String()}
	for _, m := range s.Marks {
		p.Signed = append(p.Signed, m.Holder)
	}
	if s.State == Refused {
		p.Refused = s.Reason
	}
	return p
}

// Proposal is the door's, within this set.
func (h *Set) Proposal(ctx context.Context, hash d.Hash) (door.Proposal, error) {
	s, g, err := h.load(ctx, hash)
	if err == nil && g.Kind == d.KeyChange {
		err = unknown()
	}
	if err != nil {
		return door.Proposal{}, h.refuse(subject{op: "proposal", sealed: h.vault, act: act{Op: "proposal", Grant: hash}}, err)
	}
	return h.proposal(ctx, s, g)
}

// load reads a sheet and trusts only its hash: what lies in the database under
// another hash, or not in canonical form, is no grant.
func (h *Set) load(ctx context.Context, hash d.Hash) (Sheet, d.Grant, error) {
	s, err := h.Store.Sheet(ctx, hash)
	if fault.Is(err, fault.NotFound) {
		return Sheet{}, d.Grant{}, unknown()
	}
	if err != nil {
		return Sheet{}, d.Grant{}, err
	}
	g, err := d.ParseGrant(s.Grant)
	if err != nil || d.GrantHash(s.Grant) != hash {
		return Sheet{}, d.Grant{}, forbid("the stored grant is not the one of this hash")
	}
	if g.Sealed != h.vault {
		return Sheet{}, d.Grant{}, forbid("a grant of the other kind of matter does not lie here")
	}
	return s, g, nil
}

func unknown() error {
	return fault.New(fault.NotFound, "find grant", "no such grant was proposed here")
}

// Withdraw is the door's, within this set. It takes effect first and is recorded after.
func (h *Set) Withdraw(ctx context.Context, hash d.Hash) error {
	s, g, err := h.load(ctx, hash)
	if err == nil && g.Kind == d.KeyChange {
		err = unknown()
	}
	if err != nil {
		return h.refuse(subject{op: "withdraw", sealed: h.vault, act: act{Op: "withdraw", Grant: hash}}, err)
	}
	about := h.of("withdraw", hash, g)
	if s.State == Withdrawn {
		return nil
	}
	if err := h.Store.End(ctx, hash, Withdrawn, "", "", h.now()); err != nil {
		return h.refuse(about, err)
	}
	h.journal(kindTaken, about)
	return nil
}
