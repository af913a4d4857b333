package console

import (
	"strings"

	"letterlock/desk/casefile"
)

func (s *console) teamRoutes(in router) {
	s.agencyRoutes(in)
	s.officerRoutes(in)
	s.cutRoutes(in)
	s.ruleRoutes(in)
	in("GET /team", casefile.SeeTeam, s.team)
	in("POST /team", casefile.KeepTeam, s.invited)
	in("GET /team/conflict", casefile.TakeCourses, s.ties)
	in("POST /team/conflict", casefile.TakeCourses, s.declared)
	in("GET /team/{id}", casefile.SeeTeam, s.memberPage)
	in("POST /team/{id}/train", casefile.RecordCourses, s.trained)
	in("POST /team/{id}/leave", casefile.KeepTeam, s.leave)
	in("GET /law", casefile.SeeLaw, s.law)
	in("GET /law/findings", casefile.SeeLaw, s.lawFindings)
	in("GET /law/lists", casefile.SeeLaw, s.lawLists)
	in("POST /law/lists/{id}/approve", casefile.ApproveLaw, s.listApproved)
	in("GET /law/row/{id}", casefile.SeeLaw, s.lawRow)
	in("POST /law/row/{id}/approve", casefile.ApproveLaw, s.approved)
	s.paperRoutes(in)
}

// lines are the lines of a text that say something.
func lines(text string) []string {
	var out []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
