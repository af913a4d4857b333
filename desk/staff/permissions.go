package staff

import (
	"context"
	"slices"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Role is what a member is.
type Role string

// The roles.
const (
	Intake  Role = "intake"  // takes requests in and hands them on
	Analyst Role = "analyst" // reviews and decides
	Counsel Role = "counsel" // decides what needs a lawyer, approves law rows
	Outside Role = "outside" // outside counsel: the cases lent to them, watermarked
	Lead    Role = "lead"    // keeps the team, sees the figures
	Auditor Role = "auditor" // acts and hashes, never persons
	Trainer Role = "trainer" // records training

	Custodian Role = "custodian" // certifies records, and reads none
)

// Roles is all of them, in the order of the pages.
var Roles = []Role{Intake, Analyst, Counsel, Outside, Lead, Auditor, Trainer, Custodian}

// Table says which role may do what. It is the only place: the services ask
// it, the pages ask it, and a test walks both against it.
var Table = map[casefile.Permission][]Role{
	casefile.SeeCases:      {Intake, Analyst, Counsel, Lead},
	casefile.OpenCases:     {Intake, Analyst, Counsel, Outside, Lead},
	casefile.SeeLent:       {Outside},
	casefile.ReadPapers:    {Intake, Analyst, Counsel, Outside, Lead}, // for outside counsel each page carries their name and the time
	casefile.EnterPapers:   {Intake, Analyst, Counsel, Lead},
	casefile.AssignCases:   {Intake, Analyst, Counsel, Lead},
	casefile.NoteAlarms:    {Intake, Analyst, Counsel, Lead},
	casefile.DecideCases:   {Analyst, Counsel, Lead},
	casefile.DecideCounsel: {Counsel},
	casefile.CloseAsLead:   {Lead},
	casefile.ReviewAgain:   {Analyst, Counsel, Lead},
	casefile.Advise:        {Counsel, Outside},
	casefile.LendCases:     {Counsel, Lead},
	casefile.HandPackages:  {Intake, Analyst, Counsel, Lead},
	casefile.SeeDirectory:  {Intake, Analyst, Counsel, Lead},
	casefile.KeepDirectory: {Intake, Analyst, Counsel, Lead},
	casefile.CutAccess:     {Intake, Analyst, Counsel, Lead},
	casefile.RestoreAccess: {Analyst, Counsel, Lead},
	casefile.ProposeRules:  {Lead},
	casefile.AgreeRules:    {Counsel, Lead},
	casefile.SeeLaw:        {Intake, Analyst, Counsel, Outside, Lead, Auditor, Trainer, Custodian},
	casefile.ApproveLaw:    {Counsel},
	casefile.ConfirmClock:  {Analyst, Counsel, Lead},
	casefile.SeeHealth:     {Intake, Analyst, Counsel, Lead, Auditor},
	casefile.SeeTeam:       {Intake, Analyst, Counsel, Lead, Trainer},
	casefile.KeepTeam:      {Lead},
	casefile.RecordCourses: {Lead, Trainer},
	casefile.TakeCourses:   {Intake, Analyst, Counsel, Outside, Lead, Auditor, Trainer, Custodian},
	casefile.SeeFigures:    {Lead},
	casefile.SeeActs:       {Auditor},
	casefile.GiveOpenings:  {Counsel, Lead},
	casefile.SeeOpenings:   {Counsel, Lead, Auditor},
	casefile.Certify:       {Custodian},
	casefile.SetPapers:     {Counsel},
	casefile.AgreePapers:   {Counsel, Lead},
}

// May reports whether a role has a permission.
func (r Role) May(p casefile.Permission) bool { return slices.Contains(Table[p], r) }

// May reports whether any of the member's roles has the permission. It says
// nothing about training, conflicts or a particular case.
func (m Member) May(p casefile.Permission) bool {
	return slices.ContainsFunc(m.Roles, func(r Role) bool { return r.May(p) })
}

// forbiddenPairs: who looks on never acts, and who is of another house is of
// no other role in this one.
func forbiddenPairs(roles []Role) error {
	for _, alone := range []Role{Auditor, Outside} {
		if !slices.Contains(roles, alone) {
			continue
		}
		for _, r := range roles {
			if r != alone && !(alone == Auditor && r == Trainer) {
				return invalid("%s and %s are never the same person", alone, r)
			}
		}
	}
	return nil
}

// checkRoles refuses what is no role, none at all, and forbidden pairs.
func checkRoles(roles []Role) error {
	if len(roles) == 0 || slices.ContainsFunc(roles, func(r Role) bool { return !slices.Contains(Roles, r) }) {
		return invalid("give at least one role: %s", join(Roles, "or"))
	}
	return forbiddenPairs(roles)
}

// Require is an active member with the permission.
func (s *Service) Require(ctx context.Context, id casefile.MemberID, p casefile.Permission) (Member, error) {
	m, err := s.Active(ctx, id)
	if err != nil {
		return Member{}, err
	}
	if !m.May(p) {
		return Member{}, lacks(p)
	}
	return m, nil
}

func lacks(p casefile.Permission) error {
	return forbidden("your role may not %s; that is for %s", p.InWords(), join(Table[p], "or"))
}

func join(roles []Role, word string) string {
	var s []string
	for _, r := range roles {
		s = append(s, string(r))
	}
	if len(s) < 2 {
		return strings.Join(s, "")
	}
	return strings.Join(s[:len(s)-1], ", ") + " " + word + " " + s[len(s)-1]
}

// May is an active member with the permission, on a case that exists for them:
// a sealed one only for those on its list, any one for outside counsel only
// while it is lent to them. An empty number is no case in particular.
func (s *Service) May(ctx context.Context, id casefile.MemberID, p casefile.Permission, n casefile.Number) (casefile.Actor, error) {
	m, err := s.Active(ctx, id)
	if err != nil {
		return casefile.Actor{}, err
	}
	if n != "" {
		if err := s.exists(ctx, m, n); err != nil {
			return casefile.Actor{}, err
		}
	}
	if !m.May(p) {
		return casefile.Actor{}, lacks(p)
	}
	return m.Actor(), nil
}

// exists reports no case to whom it must not exist for.
func (s *Service) exists(ctx context.Context, m Member, n casefile.Number) error {
	switch {
	case n.Sealed() && !m.Cleared:
		return casefile.NoCase()
	case m.May(casefile.SeeCases):
		return nil
	case !m.May(casefile.SeeLent) || s.Lent == nil:
		return casefile.NoCase()
	}
	lent, err := s.Lent(ctx, n, m.ID)
	if err == nil && !lent || fault.Is(err, fault.NotFound) {
		err = casefile.NoCase()
	}
	return err
}

// MayTouch is an active member for whom the case exists. Without a number it
// is one who works on cases at all.
func (s *Service) MayTouch(ctx context.Context, id casefile.MemberID, n casefile.Number) (casefile.Actor, error) {
	m, err := s.Active(ctx, id)
	switch {
	case err != nil:
		return casefile.Actor{}, err
	case n != "":
		err = s.exists(ctx, m, n)
	case !m.May(casefile.SeeCases):
		err = lacks(casefile.SeeCases)
	}
	if err != nil {
		return casefile.Actor{}, err
	}
	return m.Actor(), nil
}

// MaySeal reports whether a member who sees cases is on the list for sealed
// matters.
func (s *Service) MaySeal(ctx context.Context, id casefile.MemberID) (bool, error) {
	m, err := s.Require(ctx, id, casefile.SeeCases)
	return err == nil && m.Cleared, err
}
