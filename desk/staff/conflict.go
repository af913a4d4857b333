package staff

import (
	"context"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/law"
)

// Conflict is a declared conflict of interest.
type Conflict struct {
	Agency   casefile.AgencyID `cbor:"agency,omitempty"`  // a former or family member's agency
	Country  law.Jurisdiction  `cbor:"country,omitempty"` //
	Target   string            `cbor:"target,omitempty"`  // an identifier: a personal tie
	Reason   string            `cbor:"reason"`
	Declared time.Time         `cbor:"declared"`
}

// Conflicts are looked through once a year; a new member has a month.
const (
	ConflictLife  = 365 * 24 * time.Hour
	ConflictFirst = 30 * 24 * time.Hour
)

// Word is a member's yearly word that what they declared is all there is.
type Word struct {
	At  time.Time `cbor:"at"`
	Why string    `cbor:"why"` // how they looked
}

// ConflictWith is the declared conflict with a case, if there is one.
func (m Member) ConflictWith(x casefile.Case) (Conflict, bool) {
	i := slices.IndexFunc(m.Conflicts, func(c Conflict) bool { return c.with(x) })
	if i < 0 {
		return Conflict{}, false
	}
	return m.Conflicts[i], true
}

// with: a tie with a country is one with its parts too, and a tie with an
// account holds however the request names it, from the look-up on.
func (c Conflict) with(x casefile.Case) bool {
	d := x.Demand
	country := c.Country != "" && (c.Country == d.Jurisdiction || strings.HasPrefix(string(d.Jurisdiction), string(c.Country)+"-"))
	switch {
	case c.Agency != "" && c.Agency == d.Agency, country:
		return true
	case c.Target == "":
		return false
	}
	for i, t := range d.Targets {
		if casefile.SameIdentifier(c.Target, t.Identifier) || x.Resolutions[i].Exists && casefile.SameIdentifier(c.Target, x.Resolutions[i].Account.String()) {
			return true
		}
	}
	return false
}

// ConflictsDue is when the member has to look through their conflicts again.
func (m Member) ConflictsDue() time.Time {
	if m.Reviewed.IsZero() {
		return m.Since.Add(ConflictFirst)
	}
	return m.Reviewed.Add(ConflictLife)
}

// Declare records a member's conflict of interest.
func (s *Service) Declare(ctx context.Context, who casefile.MemberID, c Conflict) error {
	if strings.TrimSpace(c.Reason) == "" || c.Agency == "" && c.Country == "" && c.Target == "" {
		return invalid("say with whom the conflict is, and why")
	}
	if country, _, _ := strings.Cut(string(c.Country), "-"); c.Country != "" && !slices.Contains(law.Countries(), law.Jurisdiction(country)) {
		return invalid("“%s” is no country here: write its two letters, with the state if the tie is with that alone: US, US-CA, DE", c.Country)
	}
	if c.Target = strings.TrimSpace(c.Target); c.Target != "" { // in the one form in which requests name it
		t, err := casefile.NewTarget(c.Target)
		if err != nil {
			return err
		}
		c.Target = t.Identifier
	}
	return s.declare(ctx, who, c.Reason, func(m *Member) {
		c.Declared = s.Acts.Clock.Now()
		m.Conflicts = append(slices.Clone(m.Conflicts), c)
	})
}

// DeclareAll records the yearly word that what is declared is all there is.
// That there is none is a declaration too.
func (s *Service) DeclareAll(ctx context.Context, who casefile.MemberID, why string) error {
	return s.declare(ctx, who, why, func(m *Member) {
		m.Reviewed = s.Acts.Clock.Now()
		m.Words = append(slices.Clone(m.Words), Word{m.Reviewed, strings.TrimSpace(why)})
	})
}

func (s *Service) declare(ctx context.Context, who casefile.MemberID, why string, f func(*Member)) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	m, err := s.Active(ctx, who)
	if err != nil {
		return err
	}
	f(&m)
	if err := s.Acts.Keep(ctx, "member.conflict", m.Actor(), string(who), why, m); err != nil {
		return err
	}
	return s.Store.PutMember(ctx, m)
}

// free refuses a member with a conflict of interest in the case, or whose
// yearly declaration is overdue.
func (s *Service) free(m Member, c casefile.Case) error {
	if k, ok := m.ConflictWith(c); ok {
		return forbidden("%s declared a conflict of interest here (%s)", m.Name, k.Reason)
	}
	if !s.Acts.Clock.Now().Before(m.ConflictsDue()) {
		return forbidden("%s has not looked through their conflicts of interest for a year: that is done on the page Training", m.Name)
	}
	return nil
}
