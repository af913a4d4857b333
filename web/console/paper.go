package console

import (
	"context"
	"io"
	"net/http"

	"letterlock/desk/staff"
	"letterlock/web/kit"
)

// casePaper adds a paper that reached the team to a case.
func (s *console) casePaper(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	if _, err := s.Desk.Staff.MayTouch(r.Context(), m.ID, n); err != nil {
		return err
	}
	took, f, err := kit.Upload(w, r, func(ctx context.Context, name, what string, b io.Reader) error {
		_, err := s.Desk.Intake.AddCasePaper(ctx, m.Actor(), n, name, what, b)
		return err
	})
	if err != nil {
		return err
	}
	if !f.OK() {
		return s.casePage(w, r, m, n, http.StatusBadRequest, f)
	}
	return s.kit.Done(w, r, caseURL(n), kit.Good, kit.Plural(took, "paper is", "papers are")+" with the case, unread.")
}
