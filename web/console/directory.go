package console

import "strings"

func (s *console) teamRoutes(in func(string, page)) {
	s.agencyRoutes(in)
	s.officerRoutes(in)
	s.cutRoutes(in)
	in("GET /team", s.team)
	in("POST /team", s.invited)
	in("POST /team/conflict", s.declared)
	in("GET /team/{id}", s.memberPage)
	in("POST /team/{id}/train", s.trained)
	in("POST /team/{id}/leave", s.leave)
	in("GET /law", s.law)
	in("GET /law/findings", s.lawFindings)
	in("GET /law/row/{id}", s.lawRow)
	in("POST /law/row/{id}/approve", s.approved)
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
