package console

import (
	"fmt"

	"letterlock/desk/casefile"
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
	x.LookUp = n > 1 && v.may() && !v.over() && !v.proposed() && len(v.Case.LookUps(1)) > 0
	for _, g := range v.Case.Grants {
		if !g.IsList() || g.Phase.Dead() || g.Phase == casefile.GrantSigning {
			continue
		}
		what := "handed out"
		if g.Grant.Kind == disclosable.Notify {
			what = "told"
		}
		all := len(g.List.Came)
		x.Progress = append(x.Progress, kit.Progress{Done: g.List.Done(), Of: all, Text: fmt.Sprintf("%d of %d accounts %s", g.List.Done(), all, what)})
	}
	return x
}

func (s *console) lookupAll(d doing) (string, string, error) {
	return "All were looked up.", "", s.Desk.Review.ResolveAll(d.Context(), d.by.ID, d.n)
}
