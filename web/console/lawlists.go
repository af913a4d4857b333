package console

import (
	"net/http"
	"slices"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// approvable is a list that waits for counsel's approval.
type approvable struct {
	ID, Title, Hash string
	Why             kit.Field
}

// lawLists shows the lists behind the findings on rights, who approved them,
// and the channels of mutual legal assistance.
func (s *console) lawLists(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.lawListsPage(w, r, m, http.StatusOK, kit.NewForm(nil), nil)
}

func (s *console) lawListsPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form, wrong error) error {
	all, err := s.Desk.RightsLists(r.Context())
	if err != nil {
		return err
	}
	lists := kit.Table{Caption: "Lists behind the findings on rights", Columns: kit.Columns("List", "Finding", "Words and countries", "Source", "Approved by", "What a hit does", "Hash")}
	var open []approvable
	for _, l := range all {
		lists.Rows = append(lists.Rows, listRow(l, m.May(casefile.SeeTeam)))
		if m.May(casefile.ApproveLaw) && len(l.Approved()) == 0 && l.Certainty != law.Uncertain {
			open = append(open, approvable{l.ID, l.Title, l.Hash().String(), f.Text("why-"+l.ID, "Why you approve it", "What you read it against, and why its words are worth your look.").Require().AtMost(maxWhy)})
		}
	}
	ch := kit.Table{Caption: "Channels of mutual legal assistance", Columns: kit.Columns("Country", "Central authority", "How sure we are", "Source")}
	for _, c := range s.Desk.Law.MLATChannels() {
		ch.Rows = append(ch.Rows, []any{s.Desk.Law.PlaceName(c.Country), strings.TrimSpace(c.Authority + ". " + c.Note), words.Certainty(c.Certainty, c.CheckedOn), kit.Code(c.Source)})
	}
	var without []string
	for _, j := range s.Desk.Law.Unchanneled() {
		without = append(without, s.Desk.Law.PlaceName(j))
	}
	return s.show(w, r, m, status, "lists.html", kit.Page{Title: "Lists and channels", Here: "/law", Wide: true, Form: f, Err: wrong, Trail: []kit.Link{{Text: "Law", URL: "/law"}}, Lead: "What makes the machine point at a right that may be at stake, and where a request goes that needs a treaty.",
		Data: struct {
			Lists, Channels kit.Table
			Without         string
			Open            []approvable
		}{lists, ch, strings.Join(without, ", "), open}})
}

// listRow is a list as the page shows it; who approved it, to those who may see
// persons.
func listRow(l law.RightsList, persons bool) []any {
	by, does := any(kit.Badge{Tone: kit.Warn, Text: "nobody"}), "informs only"
	var names []string
	for _, a := range l.Approved() {
		who := "counsel, " + string(a.On)
		if persons {
			who = withWhy(a.By+", "+string(a.On), a.Why)
		}
		names = append(names, who)
	}
	if len(names) > 0 {
		by = strings.Join(names, "; ")
		if l.Certainty != law.Uncertain {
			does = "waits for counsel"
		}
	}
	title := kit.Group{l.Title, words.Certainty(l.Certainty, "")}
	if o := l.Origin(); o.Operator {
		who := "the operator’s own"
		if persons {
			who += ", by the file of " + o.ApprovedBy + ", " + string(o.ApprovedOn)
		}
		title = append(title, who)
	}
	return []any{title, string(l.Finding), orDash(strings.Join(append(slices.Clone(l.Words), l.Countries...), ", ")), l.Source, by, does, kit.Code(l.Hash().String())}
}

func (s *console) listApproved(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	h, err := law.ParseRowHash(f.Get("hash"))
	if err != nil {
		return fault.New(fault.Invalid, "approve list", "the form was not read right; reload the page")
	}
	why := f.Need("why-"+r.PathValue("id"), "Say why you approve the list.")
	if !f.OK() {
		return s.lawListsPage(w, r, m, http.StatusBadRequest, f, nil)
	}
	err = s.Desk.ApproveList(r.Context(), m.ID, r.PathValue("id"), h, why)
	switch {
	case err == nil:
		return s.kit.Done(w, r, "/law/lists", kit.Good, "Approved as it reads now. What the list finds from now on waits for counsel; a changed list needs a new approval.")
	case !sayable(err):
		return err
	}
	return s.lawListsPage(w, r, m, fault.KindOf(err).Status(), f, err)
}

// lawFiles are the editions of the operator's law file that the desk took over.
func (s *console) lawFiles(r *http.Request, m staff.Member) (kit.Table, error) {
	t := kit.Table{Caption: "The operator’s law file, by the day on which it was taken over", Columns: kit.Columns("In use since", "Approved, by its own words", "What changed", "Hash of the file"), Empty: "There is none, and there was none."}
	all, err := s.Desk.LawFiles(r.Context())
	for _, f := range all {
		by := "counsel, " + string(f.ApprovedOn)
		switch {
		case f.Gone():
			by = "there is no law file any more"
		case m.May(casefile.SeeTeam):
			by = f.ApprovedBy + ", " + string(f.ApprovedOn)
		}
		changed := f.Changed
		if !m.May(casefile.SeeTeam) { // not persons
			changed = slices.Clone(changed)
			for i, c := range changed {
				if what, _, named := strings.Cut(c, " by "); named {
					changed[i] = what + c[strings.LastIndex(c, ":"):]
				}
			}
		}
		t.Rows = append(t.Rows, []any{f.Since, by, orDash(strings.Join(changed, "; ")), kit.Code(f.Hash.String())})
	}
	return t, err
}
