// Package staff is the response team: members, roles, training, conflicts of
// interest. It answers one question for everybody else, who may do what now,
// and knows no case.
package staff

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/law"
)

// State is how far a member's enrolment is.
type State string

// The states.
const (
	Invited State = "invited"
	Active  State = "active"
	Left    State = "left"
)

// Member is a person of the team.
type Member struct {
	ID        casefile.MemberID `cbor:"id"`
	Name      string            `cbor:"name"`
	Mailbox   string            `cbor:"mailbox"`
	Roles     []Role            `cbor:"roles"`
	Cleared   bool              `cbor:"cleared"` // on the list for sealed matters
	State     State             `cbor:"state"`
	Keys      []passkey.Key     `cbor:"keys"`
	Retired   []passkey.Key     `cbor:"retired,omitempty"` // of a membership that ended: what they signed stays signed
	Trainings []Training        `cbor:"trainings"`
	Conflicts []Conflict        `cbor:"conflicts"`
	Reviewed  time.Time         `cbor:"reviewed"`        // when they last said that these conflicts are all
	Words     []Word            `cbor:"words,omitempty"` // each time, oldest first
	LawSeen   string            `cbor:"law_seen"`        // the law table that they learned, by its hash
	Since     time.Time         `cbor:"since"`
	Ended     time.Time         `cbor:"ended"`
	InvitedBy casefile.Actor    `cbor:"invited_by"`
	Why       string            `cbor:"why,omitempty"` // they were invited
}

// Is reports whether the member has the role.
func (m Member) Is(r Role) bool { return slices.Contains(m.Roles, r) }

// Actor is the member as the doer of something.
func (m Member) Actor() casefile.Actor { return casefile.Member(m.ID, m.Name) }

// Subject is how a session names the member.
func (m Member) Subject() string { return string(m.ID) }

// Limits of an enrolment.
const (
	LinkLife = 48 * time.Hour
	MaxKeys  = 4
)

// Store keeps the team. A missing member is NotFound; a mailbox and each
// passkey are unique (Conflict).
type Store interface {
	PutMember(ctx context.Context, m Member) error
	Member(ctx context.Context, id casefile.MemberID) (Member, error)
	MemberByKey(ctx context.Context, key []byte) (Member, error)
	Members(ctx context.Context) ([]Member, error)
}

// Service keeps the team's rules.
type Service struct {
	Store    Store
	Links    casefile.Links
	Mail     casefile.Mailer
	Sessions casefile.Sessions // of the console
	Acts     casefile.Acts
	URL      func(token string) string
	Policy   string // version of the policy in force; training on another does not count
	Demo     bool
	// Lent says whether a case is lent to a member now.
	Lent func(ctx context.Context, n casefile.Number, to casefile.MemberID) (bool, error)

	Courses []Course
	Law     *law.Table
	Marks   casefile.Marks

	reading sync.Mutex
	law     book // read once

	writing sync.Mutex // a member is read, changed and written by one at a time
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "keep team", format, args...)
}

func forbidden(format string, args ...any) error {
	return fault.New(fault.Forbidden, "check member", format, args...)
}

// FirstLink is the one-time link of the first lead, printed at first start.
// Once anybody has registered a passkey there is none: NotFound.
func (s *Service) FirstLink(ctx context.Context) (url string, err error) {
	all, err := s.Store.Members(ctx)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(all, func(m Member) bool { return m.State != Invited }) {
		return "", fault.New(fault.NotFound, "first link", "the team exists already")
	}
	var first Member
	if len(all) > 0 {
		first = all[0]
	} else {
		first = Member{ID: casefile.MemberID(casefile.NewID()), Name: "First lead", Roles: []Role{Lead}, Cleared: true, State: Invited, Since: s.Acts.Clock.Now()}
		if err := s.Acts.Keep(ctx, "member.first", casefile.TheClock, string(first.ID), "first start", first); err != nil {
			return "", err
		}
		if err := s.Store.PutMember(ctx, first); err != nil {
			return "", err
		}
	}
	token, err := s.Links.New(ctx, string(first.ID))
	if err != nil {
		return "", err
	}
	return s.URL(token), nil
}

// Invitation is whom a lead invites.
type Invitation struct {
	Name, Mailbox string
	Roles         []Role
	Cleared       bool
	Why           string // they are invited; it stands with their name
}

// Invite sends a one-time link to a new member.
func (s *Service) Invite(ctx context.Context, by casefile.MemberID, i Invitation) (Member, error) {
	lead, err := s.Require(ctx, by, casefile.KeepTeam)
	if err != nil {
		return Member{}, err
	}
	i.Name, i.Mailbox = strings.TrimSpace(i.Name), strings.ToLower(strings.TrimSpace(i.Mailbox))
	switch {
	case i.Name == "" || len(i.Name) > 120 || !strings.Contains(i.Mailbox, "@") || strings.ContainsAny(i.Mailbox, " \r\n"):
		return Member{}, invalid("a member has a name and a mailbox")
	case i.Cleared && !lead.Cleared:
		return Member{}, invalid("that cannot be set by you") // says nothing about what it is
	case strings.TrimSpace(i.Why) == "" || !casefile.Plain(i.Why, 500):
		return Member{}, invalid("say in one line why they are invited")
	}
	if err := checkRoles(i.Roles); err != nil {
		return Member{}, err
	}
	m := Member{ID: casefile.MemberID(casefile.NewID()), Name: i.Name, Mailbox: i.Mailbox, Roles: i.Roles, Cleared: i.Cleared, State: Invited, Since: s.Acts.Clock.Now(), InvitedBy: lead.Actor(), Why: strings.TrimSpace(i.Why)}
	if err := s.Acts.Keep(ctx, "member.invited", lead.Actor(), string(m.ID), m.Why, m); err != nil {
		return Member{}, err
	}
	if err := s.Store.PutMember(ctx, m); err != nil {
		return Member{}, err
	}
	return m, s.send(ctx, m)
}

func (s *Service) send(ctx context.Context, m Member) error {
	token, err := s.Links.New(ctx, string(m.ID))
	if err != nil {
		return err
	}
	return s.Mail.Send(ctx, casefile.Mail{To: m.Mailbox, Subject: "You are invited to the response team",
		Text: "Open this link within 48 hours, on the device whose passkey you will use:\n\n" + s.URL(token) + "\n"})
}

// Open says whose link it is, without using it up.
func (s *Service) Open(ctx context.Context, token string) (Member, error) {
	id, err := s.Links.Look(ctx, token)
	if err != nil {
		return Member{}, err
	}
	return s.Store.Member(ctx, casefile.MemberID(id))
}

// RegisterKey uses the link up and gives the member the passkey that the page
// has verified. The first lead also gives their name.
func (s *Service) RegisterKey(ctx context.Context, token, name string, k passkey.Key) (Member, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	m, err := s.Open(ctx, token)
	if err != nil {
		return Member{}, err
	}
	switch {
	case m.State == Left:
		return Member{}, forbidden("this membership has ended")
	case len(k.ID) == 0 || len(k.Public) == 0:
		return Member{}, invalid("the passkey is incomplete")
	case k.Demo && !s.Demo:
		return Member{}, forbidden("this is the demo's software key; use a passkey of your own")
	case len(m.Keys) >= MaxKeys:
		return Member{}, fault.New(fault.Exhausted, "register key", "you have %d passkeys already", MaxKeys)
	}
	if name = strings.TrimSpace(name); name != "" && len(name) <= 120 && m.State == Invited {
		m.Name = name
	}
	m.State, m.Keys = Active, append(slices.Clone(m.Keys), k)
	if err := s.Acts.Keep(ctx, "member.keyed", m.Actor(), string(m.ID), "", m); err != nil {
		return Member{}, err
	}
	if _, err := s.Links.Take(ctx, token); err != nil {
		return Member{}, err
	}
	return m, s.Store.PutMember(ctx, m)
}

func (s *Service) onlyLead(ctx context.Context, me casefile.MemberID) error {
	all, err := s.Store.Members(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.ID != me && m.State == Active && m.Is(Lead) {
			return forbidden("nobody records their own training; %s is a lead too", m.Name)
		}
	}
	return nil
}

// Leave cuts a member off at once. It never waits for the ledger.
func (s *Service) Leave(ctx context.Context, by, who casefile.MemberID, reason string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	lead, err := s.Require(ctx, by, casefile.KeepTeam)
	if err != nil {
		return err
	}
	m, err := s.Store.Member(ctx, who)
	if err != nil {
		return err
	}
	if strings.TrimSpace(reason) == "" {
		return invalid("give the reason")
	}
	if m.Is(Lead) {
		if err := s.onlyLead(ctx, who); err == nil {
			return fault.New(fault.Conflict, "end membership", "this is the only lead: make another one first")
		}
	}
	m.State, m.Ended, m.Retired, m.Keys = Left, s.Acts.Clock.Now(), slices.Concat(m.Retired, m.Keys), nil
	s.Acts.Journal("member.left", lead.Actor(), string(who), reason, m)
	if err := s.Store.PutMember(ctx, m); err != nil {
		return err
	}
	if err := s.Links.Store.DropLinks(ctx, s.Links.Kind, string(who)); err != nil {
		return err
	}
	return s.Sessions.DropSessions(ctx, m.Subject())
}

// Active is a member who may act now; anyone else is Unauthenticated.
func (s *Service) Active(ctx context.Context, id casefile.MemberID) (Member, error) {
	m, err := s.Store.Member(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && m.State != Active {
		return Member{}, fault.New(fault.Unauthenticated, "find member", "sign in as a member of the team")
	}
	return m, err
}

// MayDecide is a member who may review the case now: visible to them, training
// current on the policy in force, no conflict of interest (duties D2, D4).
func (s *Service) MayDecide(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error) {
	a, err := s.May(ctx, id, casefile.DecideCases, c.Number)
	if err != nil {
		return casefile.Actor{}, err
	}
	m, err := s.Active(ctx, id)
	if err != nil {
		return casefile.Actor{}, err
	}
	if err := s.trained(ctx, m, c); err != nil {
		return casefile.Actor{}, err
	}
	if err := s.free(m, c); err != nil {
		return casefile.Actor{}, err
	}
	return a, nil
}

// IsCounsel is MayDecide for counsel.
func (s *Service) IsCounsel(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error) {
	if _, err := s.Require(ctx, id, casefile.DecideCounsel); err != nil {
		return casefile.Actor{}, err
	}
	return s.MayDecide(ctx, id, c)
}

// ByKey finds the member and the passkey of a sign-in.
func (s *Service) ByKey(ctx context.Context, keyID []byte) (Member, passkey.Key, error) {
	m, err := s.Store.MemberByKey(ctx, keyID)
	if err == nil && m.State == Active {
		for _, k := range m.Keys {
			if string(k.ID) == string(keyID) {
				return m, k, nil
			}
		}
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Member{}, passkey.Key{}, err
	}
	return Member{}, passkey.Key{}, fault.New(fault.Unauthenticated, "find passkey", "this passkey is not enrolled here")
}

// KeyUsed stores a passkey's new counter after a sign-in.
func (s *Service) KeyUsed(ctx context.Context, id casefile.MemberID, k passkey.Key) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	m, err := s.Store.Member(ctx, id)
	if err != nil {
		return err
	}
	m.Keys = slices.Clone(m.Keys)
	for i := range m.Keys {
		if string(m.Keys[i].ID) == string(k.ID) {
			m.Keys[i] = k
			return s.Store.PutMember(ctx, m)
		}
	}
	return fault.New(fault.Unauthenticated, "use passkey", "this passkey is not enrolled here")
}

// Member finds a member in any state.
func (s *Service) Member(ctx context.Context, id casefile.MemberID) (Member, error) {
	return s.Store.Member(ctx, id)
}

// Members is the team, by name.
func (s *Service) Members(ctx context.Context) ([]Member, error) {
	all, err := s.Store.Members(ctx)
	slices.SortFunc(all, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}
