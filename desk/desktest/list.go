package desktest

import (
	"context"
	"crypto/sha256"
	"slices"

	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/ledger"
)

// drawn is how far a list is at the fake carrier.
type drawn struct {
	seq   int
	last  door.Drawn
	half  [32]byte
	spent map[int]bool
}

// ResolveAll is door.Door's.
func (d *Door) ResolveAll(ctx context.Context, q door.Lookups) (out []door.Resolution, err error) {
	if err := d.Fail("before:resolve-all"); err != nil {
		return nil, err
	}
	for _, id := range q.Identifiers {
		r, err := d.Resolve(ctx, door.Lookup{Case: q.Case, Process: q.Process, Identifier: id, Sealed: q.Sealed})
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// listed checks all that the real carrier checks of a signed list.
func (d *Door) listed(h disclosable.Hash, k disclosable.GrantKind) (*state, *drawn, error) {
	s, now := d.grants[h], d.Clock.Now().Unix()
	switch {
	case s == nil:
		return nil, nil, refused(fault.NotFound, "no such grant")
	case s.grant.Kind != k || len(s.grant.List) == 0:
		return nil, nil, refused(fault.Forbidden, "not this kind of grant")
	case s.proposal.Used || s.proposal.Withdrawn || s.proposal.Refused != "":
		return nil, nil, refused(fault.Conflict, "this grant is used or ended")
	case !s.proposal.Ready():
		return nil, nil, refused(fault.Forbidden, "those who must have not all signed")
	case now >= s.grant.Expires:
		return nil, nil, refused(fault.Expired, "this grant has expired")
	case s.grant.NotYet != 0 && now < s.grant.NotYet:
		return nil, nil, refused(fault.Forbidden, "its day has not come")
	}
	if s.drawn == nil {
		s.drawn = &drawn{spent: map[int]bool{}}
	}
	return s, s.drawn, nil
}

// part is one account in the ledger's record of a batch.
type part struct {
	_       struct{} `cbor:",toarray"`
	Place   int
	Outcome door.Outcome
	Records disclosable.Hash
}

// Draw is door.Door's.
func (d *Door) Draw(ctx context.Context, q door.Draw) (door.Drawn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:draw"); err != nil {
		return door.Drawn{}, err
	}
	s, x, err := d.listed(q.Grant, disclosable.Produce)
	switch {
	case err != nil:
		return door.Drawn{}, err
	case q.Seq == x.seq && q.Half == x.half && len(q.Places) > 0:
		return x.last, d.Fail("after:draw")
	case q.Seq != x.seq+1 || slices.ContainsFunc(q.Places, func(p int) bool { return x.spent[p] }):
		return door.Drawn{}, refused(fault.Conflict, "given before")
	case len(q.Places) == 0:
		s.proposal.Used = true
		return door.Drawn{Seq: q.Seq, At: d.Clock.Now()}, d.Fail("after:draw")
	}
	out := door.Drawn{Seq: q.Seq, At: d.Clock.Now(), Signatures: s.sigs, Keys: s.keys}
	var parts []part
	for _, p := range q.Places[:min(len(q.Places), d.batch())] {
		g := d.given(s.grant.At(p))
		g.Place = p
		out.Given = append(out.Given, g)
		parts = append(parts, part{Place: p, Outcome: g.Outcome, Records: sumOf(g.Records)})
	}
	body, err := disclosable.Marshal(struct {
		Grant disclosable.Hash `cbor:"grant"`
		Seq   int              `cbor:"seq"`
		List  []part           `cbor:"list"`
	}{q.Grant, q.Seq, parts})
	if err != nil {
		return door.Drawn{}, err
	}
	r, err := d.Ledger.Append(ctx, ledger.Record{Kind: "release.done", Case: s.grant.Case, Body: body})
	if err != nil {
		return door.Drawn{}, err
	}
	out.Entry = entryOf(r)
	x.seq, x.half, x.last = q.Seq, q.Half, out
	for _, g := range out.Given {
		x.spent[g.Place] = true
	}
	s.proposal.Done = len(x.spent)
	return out, d.Fail("after:draw")
}

// batch is how many accounts a batch holds: fewer than were asked for shows
// that the desk goes by the answer.
func (d *Door) batch() int {
	if d.Batch > 0 {
		return d.Batch
	}
	return door.MaxBatch
}

func (d *Door) given(one disclosable.Grant) door.Given {
	switch a, ok := d.Accounts[one.Asked]; {
	case one.Account.IsZero():
		return door.Given{Outcome: door.OutcomeNone}
	case !ok || a.ID != one.Account:
		return door.Given{Outcome: door.OutcomeMoved}
	}
	return door.Given{Outcome: door.OutcomeGiven, Records: d.records(one)}
}

// TellSome is door.Door's.
func (d *Door) TellSome(_ context.Context, q door.Places) (door.ToldSome, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:tell"); err != nil {
		return door.ToldSome{}, err
	}
	s, x, err := d.listed(q.Grant, disclosable.Notify)
	if err != nil {
		return door.ToldSome{}, err
	}
	out := door.ToldSome{At: d.Clock.Now()}
	for _, p := range q.Places {
		one := door.ToldOne{Place: p, Outcome: door.OutcomeGiven, Notice: NoticeOf(q.Grant, p), Queued: 1}
		if s.grant.List[p].Account.IsZero() {
			one = door.ToldOne{Place: p, Outcome: door.OutcomeNone}
		} else if !x.spent[p] {
			d.Tellers = append(d.Tellers, q.Grant)
		}
		x.spent[p] = true
		out.Told = append(out.Told, one)
	}
	s.proposal.Done = len(x.spent)
	return out, d.Fail("after:tell")
}

// NoticeOf is the notice to the person at a place of a list.
func NoticeOf(h disclosable.Hash, place int) [16]byte {
	sum := sha256.Sum256(append(h[:], byte(place), byte(place>>8)))
	return [16]byte(sum[:16])
}

// ObjectTo has the person at a place of a list answer their notice.
func (d *Door) ObjectTo(caseNumber string, h disclosable.Hash, place int, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.objections = append(d.objections, door.Objection{Number: int64(len(d.objections) + 1), Notice: NoticeOf(h, place), Case: caseNumber, Text: text, At: d.Clock.Now()})
}

// counsel says whether counsel has to sign: the fake carrier looks at one
// grant, the real one at all of a case.
func (s *state) counsel() {
	s.proposal.Counsel = s.grant.Accounts() > disclosable.MaxOfTwo
	s.proposal.Lacks = s.proposal.Counsel && !slices.ContainsFunc(s.keys, func(k door.ReleaseKey) bool { return k.Counsel })
}
