package console

import (
	"fmt"
	"net/http"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/web/kit"
)

// shownTargets is how many accounts of a request the page shows by themselves.
const shownTargets = 50

// listView is what the page says of a request for many accounts.
type listView struct {
	LookUp   bool // something is left to be looked up, and this member may
	More     int  // accounts that are not shown by themselves
	Progress []kit.Progress
}

func listOf(v view) listView {
	n := len(v.Case.Demand.Targets)
	x := listView{More: max(0, n-shownTargets)}
	x.LookUp = n > 1 && v.may() && !v.over() && !v.proposed() && !v.Case.LookingUp && len(v.Case.LookUps(1)) > 0
	x.Progress = progressOf(v.Case)
	return x
}

// progressOf is how far the look-ups of a list are, and its grants.
func progressOf(c casefile.Case) (out []kit.Progress) {
	if n := len(c.Demand.Targets); c.LookingUp {
		left := len(c.LookUps(n))
		out = append(out, kit.Progress{Done: n - left, Of: n, Text: fmt.Sprintf("%d of %d accounts looked up", n-left, n)})
	}
	for _, g := range c.Grants {
		if !g.IsList() || g.Phase.Dead() || g.Phase == casefile.GrantSigning {
			continue
		}
		what := "handed out"
		if g.Grant.Kind == disclosable.Notify {
			what = "told"
		}
		all := len(g.List.Came)
		out = append(out, kit.Progress{Done: g.List.Done(), Of: all, Text: fmt.Sprintf("%d of %d accounts %s", g.List.Done(), all, what)})
	}
	return out
}

func (s *console) lookupAll(d doing) (string, string, error) {
	why, field := d.why("lookup-all")
	if !d.form.OK() {
		return "", "", nil
	}
	later, err := s.Desk.Review.LookUpAll(d.Context(), d.by.ID, d.n, why)
	if later {
		return "They are being looked up; this page says how far it is.", field, err
	}
	return "All were looked up.", field, err
}

// progressData is how far a list is, on a page that loads itself again while
// something goes on. It has no form in which anything could be lost.
type progressData struct {
	At       string
	Progress []kit.Progress
	Going    bool
}

func (s *console) progress(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	v, err := s.view(r.Context(), m, n)
	if err != nil {
		return err
	}
	x := progressData{At: caseURL(n), Progress: progressOf(v.Case)}
	for _, p := range x.Progress {
		x.Going = x.Going || p.Done < p.Of
	}
	if x.Going {
		w.Header().Set("Refresh", "5")
	}
	return s.show(w, r, m, http.StatusOK, "progress.html", kit.Page{Title: "How far " + string(n) + " is", Here: begins(m).URL, Trail: []kit.Link{begins(m), {Text: string(n), URL: caseURL(n)}}, Data: x})
}
