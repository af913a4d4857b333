package desktest

import (
	"context"
	"slices"
	"time"

	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

func (d *Door) pages() string {
	if d.Pages == "" {
		return Site.Origin
	}
	return d.Pages
}

// Signers are key holders who enrol and sign in a browser, on the pages that
// the carrier serves them; it is what those pages ask of a carrier.
type Signers struct {
	Door  *Door
	Site  passkey.Site
	Links map[string]string // one-time links, by token, and whose they are

	keys map[string]passkey.Key
}

// Waiting are the grants that can still be signed.
func (s *Signers) Waiting(context.Context) ([]door.Paper, error) { return s.papers(false), nil }

// History are those that ended.
func (s *Signers) History(context.Context) ([]door.Paper, error) { return s.papers(true), nil }

func (s *Signers) papers(ended bool) (out []door.Paper) {
	s.Door.mu.Lock()
	defer s.Door.mu.Unlock()
	for _, x := range s.Door.grants {
		if p := x.proposal; ended == (p.Used || p.Withdrawn || p.Refused != "") {
			out = append(out, s.paper(x))
		}
	}
	slices.SortFunc(out, func(a, b door.Paper) int { return slices.Compare(a.Hash[:], b.Hash[:]) })
	return out
}

func (s *Signers) paper(x *state) door.Paper {
	p := door.Paper{Proposal: x.proposal, Grant: x.bytes, Proposed: s.Door.Clock.Now()}
	for _, name := range x.proposal.Signed {
		p.Marks = append(p.Marks, door.Mark{Holder: name, At: p.Proposed})
	}
	return p
}

// Paper is one of them.
func (s *Signers) Paper(_ context.Context, h disclosable.Hash) (door.Paper, error) {
	s.Door.mu.Lock()
	defer s.Door.mu.Unlock()
	if x := s.Door.grants[h]; x != nil {
		return s.paper(x), nil
	}
	return door.Paper{}, refused(fault.NotFound, "no such grant")
}

// Holders are those who have enrolled.
func (s *Signers) Holders(context.Context) (out []door.Holder, err error) {
	for name, k := range s.keys {
		out = append(out, door.Holder{Name: name, ID: k.ID, Active: s.Door.Clock.Now()})
	}
	return out, nil
}

// Knows reports whether a passkey is one of theirs.
func (s *Signers) Knows(_ context.Context, id []byte) (bool, error) {
	for _, k := range s.keys {
		if slices.Equal(k.ID, id) {
			return true, nil
		}
	}
	return false, nil
}

// SignIn tells whose key answered.
func (s *Signers) SignIn(_ context.Context, challenge []byte, a passkey.Assertion) (string, error) {
	for name, k := range s.keys {
		if slices.Equal(k.ID, a.KeyID) {
			after, err := s.Site.Verify(k, challenge, a)
			if err == nil {
				s.keys[name] = after
			}
			return name, err
		}
	}
	return "", refused(fault.Unauthenticated, "this passkey is not a release key")
}

// Sign takes a signature over the grant's hash.
func (s *Signers) Sign(ctx context.Context, h disclosable.Hash, w door.Word, a passkey.Assertion) (door.Proposal, error) {
	if !w.NoTie {
		return door.Proposal{}, refused(fault.Forbidden, "say first that you have no tie")
	}
	name, err := s.SignIn(ctx, h[:], a)
	if err != nil {
		return door.Proposal{}, err
	}
	s.Door.mu.Lock()
	defer s.Door.mu.Unlock()
	x := s.Door.grants[h]
	switch {
	case x == nil:
		return door.Proposal{}, refused(fault.NotFound, "no such grant")
	case slices.Contains(x.proposal.Signed, name):
		return door.Proposal{}, refused(fault.Forbidden, "one person signs once")
	}
	x.sign(name, s.keys[name], s.Site, a)
	return x.proposal, nil
}

// sign puts a holder's signature on a grant.
func (x *state) sign(name string, k passkey.Key, at passkey.Site, a passkey.Assertion) {
	x.sigs = append(x.sigs, disclosable.Signature{KeyID: a.KeyID, AuthenticatorData: a.AuthenticatorData, ClientData: a.ClientData, Signature: a.Signature})
	x.keys = append(x.keys, door.ReleaseKey{Holder: name, ID: k.ID, Public: k.Public, RPID: at.ID, Origin: at.Origin})
	x.proposal.Signed = append(slices.Clone(x.proposal.Signed), name)
}

// Refuse ends a grant.
func (s *Signers) Refuse(_ context.Context, _ string, h disclosable.Hash, why string) error {
	s.Door.Refuse(h, why)
	return nil
}

// Link is whose link a token is.
func (s *Signers) Link(_ context.Context, token string) (string, error) {
	if name := s.Links[token]; name != "" {
		return name, nil
	}
	return "", refused(fault.Expired, "this link was used")
}

// Enrol registers a key.
func (s *Signers) Enrol(_ context.Context, token string, challenge, answer []byte) (at time.Time, err error) {
	k, err := s.Site.Register(challenge, answer)
	if err != nil {
		return at, err
	}
	if s.keys == nil {
		s.keys = map[string]passkey.Key{}
	}
	s.keys[s.Links[token]] = k
	delete(s.Links, token)
	return s.Door.Clock.Now(), nil
}

// Invite and Retire are not for these key holders.
func (s *Signers) Invite(context.Context, string, string, bool) (string, error) {
	return "", refused(fault.Forbidden, "no further key holders")
}

// Retire is like Invite.
func (s *Signers) Retire(context.Context, string, []byte) (disclosable.Hash, error) {
	return disclosable.Hash{}, refused(fault.Forbidden, "the key holders stay")
}

// Trained is until when anybody's training counts: here everybody is trained.
func (s *Signers) Trained(context.Context, string) (time.Time, error) {
	return s.Door.Clock.Now().AddDate(0, 6, 0), nil
}

// Statement is nothing to sign.
func (s *Signers) Statement(context.Context, string, time.Time, time.Time) (door.Statement, error) {
	return door.Statement{}, refused(fault.Conflict, "everybody is trained here")
}

// Train takes none.
func (s *Signers) Train(context.Context, string, time.Time, time.Time, passkey.Assertion) error {
	return refused(fault.Conflict, "everybody is trained here")
}

// DeclareTie ends the grant: a story that needs more asks the real carrier.
func (s *Signers) DeclareTie(_ context.Context, _ string, h disclosable.Hash, why string) error {
	s.Door.Refuse(h, why)
	return nil
}
