package console

import (
	"net/http"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/web/kit"
)

// section is a page of the navigation and what it takes to open it.
type section struct {
	need casefile.Permission
	link kit.Link
}

var sections = []section{
	{casefile.SeeCases, kit.Link{Text: "Queue", URL: "/"}},
	{casefile.SeeLent, kit.Link{Text: "Lent to you", URL: "/lent"}},
	{casefile.ReviewAgain, kit.Link{Text: "Second reviews", URL: "/second"}},
	{casefile.EnterPapers, kit.Link{Text: "Enter a paper", URL: "/papers"}},
	{casefile.AgreePapers, kit.Link{Text: "Document room", URL: roomURL}},
	{casefile.Certify, kit.Link{Text: "Certificates", URL: "/certificates"}},
	{casefile.SeeDirectory, kit.Link{Text: "Agencies", URL: "/agencies"}},
	{casefile.SeeTeam, kit.Link{Text: "Team", URL: "/team"}},
	{casefile.TakeCourses, kit.Link{Text: "Training", URL: "/training"}},
	{casefile.RecordCourses, kit.Link{Text: "Exercises", URL: "/drills"}},
	{casefile.SeeFigures, kit.Link{Text: "Figures", URL: "/figures"}},
	{casefile.SeeActs, kit.Link{Text: "Acts", URL: "/acts"}},
	{casefile.SeeOpenings, kit.Link{Text: "Openings", URL: openingsURL}},
	{casefile.SeeLaw, kit.Link{Text: "Law", URL: "/law"}},
	{casefile.SeeHealth, kit.Link{Text: "Health", URL: "/clock"}},
}

// nav is what the member's roles may open. A page that is not here is refused
// by its route as well.
func nav(m staff.Member, held int) []kit.Link {
	var out []kit.Link
	for _, x := range sections {
		if !m.May(x.need) {
			continue
		}
		if x.link.URL == "/clock" {
			x.link.Count = held
		}
		out = append(out, x.link)
		if x.link.URL == "/" && m.Cleared {
			out = append(out, kit.Link{Text: "Sealed matters", URL: "/sealed"})
		}
	}
	return out
}

// home is where a member begins: the first page that they may open.
func (s *console) home(r *http.Request, id casefile.MemberID) (string, error) {
	m, err := s.Desk.Staff.Active(r.Context(), id)
	if err != nil {
		return "", err
	}
	if l := nav(m, 0); len(l) > 0 {
		return l[0].URL, nil
	}
	return "/", nil
}
