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

// ConflictWith is the declared conflict with a demand, if there is one.
func (m Member) ConflictWith(d casefile.Demand) (Conflict, bool) {
	for _, c := range m.Conflicts {
		if c.Agency != "" && c.Agency == d.Agency || c.Country != "" && c.Country == d.Jurisdiction {
			return c, true
		}
		for _, t := range d.Targets {
			if c.Target != "" && strings.EqualFold(c.Target, t.Identifier) {
				return c, true
			}
		}
	}
	return Conflict{}, false
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
	return s.declare(ctx, who, func(m *Member) {
		c.Declared = s.Acts.Clock.Now()
		m.Conflicts = append(slices.Clone(m.Conflicts), c)
	})
}

// DeclareAll records the yearly word that what is declared is all there is.
// That there is none is a declaration too.
func (s *Service) DeclareAll(ctx context.Context, who casefile.MemberID) error {
	return s.declare(ctx, who, func(m *Member) { m.Reviewed = s.Acts.Clock.Now() })
}

func (s *Service) declare(ctx context.Context, who casefile.MemberID, f func(*Member)) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	m, err := s.Active(ctx, who)
	if err != nil {
		return err
	}
	f(&m)
	if err := s.Acts.Keep(ctx, "member.conflict", m.Actor(), string(who), "", m); err != nil {
		return err
	}
	return s.Store.PutMember(ctx, m)
}

// free refuses a member with a conflict of interest in the case, or whose
// yearly declaration is overdue.
func (s *Service) free(m Member, c casefile.Case) error {
	if k, ok := m.ConflictWith(c.Demand); ok {
		return forbidden("%s declared a conflict of interest here (%s)", m.Name, k.Reason)
	}
	if !s.Acts.Clock.Now().Before(m.ConflictsDue()) {
		return forbidden("%s has not looked through their conflicts of interest for a year: that is done on the page Training", m.Name)
	}
	return nil
}
