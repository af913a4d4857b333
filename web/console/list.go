package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

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
	Several  bool // one reason stands for the buttons of all
	Shown    string
	Turns    []kit.Link // to those before, and those after
	Progress []kit.Progress
}

// part is which accounts of a request the page shows: those from the number in
// the address on.
func part(r *http.Request, n int) (from, until int) {
	from, _ = strconv.Atoi(r.URL.Query().Get("accounts"))
	from = max(0, min(from, n)-1) / shownTargets * shownTargets
	return from, min(n, from+shownTargets)
}

func listOf(v view) listView {
	n := len(v.Case.Demand.Targets)
	x := listView{}
	if n > shownTargets {
		x.Shown = fmt.Sprintf("Accounts %d to %d of %d are shown.", v.from+1, v.until, n)
		turn := func(text string, at int) {
			x.Turns = append(x.Turns, kit.Link{Text: text, URL: fmt.Sprintf("%s?accounts=%d#accounts", v.at(), at+1)})
		}
		if v.from > 0 {
			turn("Those before", v.from-shownTargets)
		}
		if v.until < n {
			turn("Those after", v.until)
		}
	}
	x.LookUp = n > 1 && v.may() && !v.over() && !v.proposed() && !v.Case.LookingUp && len(v.Case.LookUps(1)) > 0
	x.Several = n > 1 && resolvable(v) && slices.ContainsFunc(v.Case.Demand.Targets, findsAccount)
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

// pastedField takes the accounts of a long list that an item is narrowed to.
func pastedField(f *kit.Form, v view, i casefile.Item, d casefile.Decision) kit.Field {
	var before []string
	for _, n := range d.Targets {
		before = append(before, v.Case.Demand.Targets[n].Identifier)
	}
	return f.Long("only-"+string(i), "If narrowed: produced for", "Identifiers of the request, one on each line or as CSV. Left empty: cut as too broad.").Lines(6).Fill(strings.Join(before, "\n"))
}

// narrowedTo reads for which accounts an item is produced: ticked ones of a
// short list, pasted ones of a long one.
func narrowedTo(f *kit.Form, asked []casefile.Target, i casefile.Item) (out []int) {
	name := "only-" + string(i)
	if len(asked) <= shownTargets {
		for _, t := range f.All(name) {
			if n, err := strconv.Atoi(t); err == nil {
				out = append(out, n)
			}
		}
		return out
	}
	pasted, bad, err := casefile.ReadTargets(f.Get(name))
	if err != nil {
		f.Fault(name, err)
		return nil
	}
	for _, b := range bad {
		f.Bad(name, "Line %d of the accounts for “%s”: %s", b.Line, i.Title(), b.Say)
	}
	place := map[casefile.Target]int{}
	for n, t := range asked {
		place[t] = n
	}
	for _, t := range pasted {
		n, ok := place[t]
		if !ok {
			f.Bad(name, "“%s”: %s is not asked about in this request.", i.Title(), t.Identifier)
			return nil
		}
		out = append(out, n)
	}
	slices.Sort(out)
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
