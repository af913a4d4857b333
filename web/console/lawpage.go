package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// law lists the rows, those that somebody must look at first.
func (s *console) law(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	rows, err := s.Desk.LawRows(r.Context())
	if err != nil {
		return err
	}
	groups := []lawGroup{{Title: "Waits for counsel", Why: "Written from knowledge. They unlock nothing until counsel has read and approved them as they stand."},
		{Title: "Uncertain", Why: "They inform and never unlock: their text has to be checked first."}, {Title: "Not checked for 90 days", Why: "Somebody reads the text again."}, {Title: "In order"}}
	for _, x := range rows {
		i := urgency(x)
		groups[i].Rows = append(groups[i].Rows, lawView{x.Row, reachWords(x.Row), kit.Group{words.Certainty(x.Row.Certainty, x.Row.CheckedOn), checkedBadge(x), unlockBadge(x.Unlock)}})
	}
	return s.show(w, r, m, http.StatusOK, "law.html", kit.Page{Title: "Law", Here: "/law", Lead: "What each process reaches, by which text, and how sure we are. What somebody must look at comes first.",
		Data: struct {
			Hash   kit.Code
			Groups []lawGroup
		}{kit.Code(s.Desk.Law.Hash().String()), groups}})
}

type lawGroup struct {
	Title, Why string
	Rows       []lawView
}

type lawView struct {
	Row     law.Row
	Reaches string
	State   kit.Group
}

// urgency puts first what waits for counsel, then what is uncertain, then what
// was checked too long ago.
func urgency(x desk.LawRow) int {
	switch {
	case x.Row.Certainty == law.Known && !x.Unlock.OK:
		return 0
	case !x.Unlock.OK:
		return 1
	case x.Stale:
		return 2
	}
	return 3
}

func checkedBadge(x desk.LawRow) kit.Badge {
	switch {
	case !x.Row.Checked():
		return kit.Badge{Tone: kit.Warn, Text: "never checked against the text"}
	case x.Stale:
		return kit.Badge{Tone: kit.Warn, Text: "checked " + string(x.Row.CheckedOn) + ", over 90 days ago"}
	}
	return kit.Badge{Tone: kit.Good, Text: "checked " + string(x.Row.CheckedOn)}
}

func unlockBadge(u law.Unlock) kit.Badge {
	if u.OK {
		return kit.Badge{Tone: kit.Good, Text: "unlocks"}
	}
	return kit.Badge{Tone: kit.Warn, Text: "unlocks nothing"}
}

func (s *console) lawRow(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.lawRowPage(w, r, m, http.StatusOK, nil)
}

func (s *console) lawRowPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, wrong error) error {
	all, err := s.Desk.LawRows(r.Context())
	if err != nil {
		return err
	}
	row, ok := s.Desk.Law.Row(law.ProcessID(r.PathValue("id")), s.Clock.Now())
	i := slices.IndexFunc(all, func(x desk.LawRow) bool { return x.Row.ID == row.ID && x.Row.ValidFrom == row.ValidFrom })
	if !ok || i < 0 {
		return fault.New(fault.NotFound, "show law row", "there is no row of that name in force")
	}
	x := all[i]
	facts := append(rowFacts(row, x.Unlock), kit.Fact{Label: "Checked", Value: checkedBadge(x)}, kit.Fact{Label: "Source", Value: orDash(row.Source)}, kit.Fact{Label: "Hash of this row", Value: kit.Code(row.Hash().String())})
	if o := row.Origin(); o.Operator {
		facts = append(facts, kit.Fact{Label: "Origin", Value: "the operator's own, approved by " + o.ApprovedBy})
	}
	clocks := kit.Table{Caption: "Clocks", Columns: kit.Columns("Clock", "When", "Rule", "Certainty"), Empty: "None."}
	for _, c := range row.Clocks {
		clocks.Rows = append(clocks.Rows, []any{string(c.Kind), string(c.When), c.Text, words.Certainty(c.Certainty, row.CheckedOn)})
	}
	return s.show(w, r, m, status, "lawrow.html", kit.Page{Title: row.Name, Here: "/law", Err: wrong, Trail: []kit.Link{{Text: "Law", URL: "/law"}},
		Data: struct {
			At      string
			Facts   kit.Facts
			Clocks  kit.Table
			Needs   []law.ParticularRow
			Issuers []law.Issuer
			Note    string
			Hash    string
			Approve bool
			Lines   string
			InFile  bool
		}{"/law/row/" + string(row.ID), facts, clocks, s.Desk.Law.ParticularsOf(row), row.Issuers, row.Note, row.Hash().String(),
			m.May(casefile.ApproveLaw) && row.Certainty == law.Known && !x.Unlock.OK, s.fileLines(r, row), s.Desk.InLawFile(row)}})
}

// fileLines are what the operator's law file needs for the carrier to release
// under a row of certainty K, by whoever approved it here.
func (s *console) fileLines(r *http.Request, row law.Row) string {
	if row.Certainty != law.Known {
		return ""
	}
	by, on := "NAME OF COUNSEL", s.Clock.Now().Format("2006-01-02")
	if a, err := s.Desk.Review.Approvals.LawApprovals(r.Context()); err == nil {
		for _, x := range a.Counsel {
			if x.Row == row.ID && x.Hash == row.Hash() {
				by, on = x.By, string(x.On)
			}
		}
	}
	return "[[approval]]\nrow = " + strconv.Quote(string(row.ID)) + "\nhash = " + strconv.Quote(row.Hash().String()) + "\nby = " + strconv.Quote(by) + "\non = " + strconv.Quote(on)
}

// lawLists shows the lists behind the findings on rights, who approved them,
// and the channels of mutual legal assistance.
func (s *console) lawLists(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	lists := kit.Table{Caption: "Lists behind the findings on rights", Columns: kit.Columns("List", "Finding", "Words and countries", "Source", "Approved by", "What a hit does", "Hash")}
	for _, l := range s.Desk.Law.RightsLists() {
		by, does := any(kit.Badge{Tone: kit.Warn, Text: "nobody"}), "informs only"
		var names []string
		for _, a := range l.Approved() {
			names = append(names, a.By+", "+string(a.On))
		}
		if len(names) > 0 {
			by = strings.Join(names, "; ")
			if l.Certainty != law.Uncertain {
				does = "waits for counsel"
			}
		}
		lists.Rows = append(lists.Rows, []any{kit.Group{l.Title, words.Certainty(l.Certainty, "")}, string(l.Finding), orDash(strings.Join(append(slices.Clone(l.Words), l.Countries...), ", ")), l.Source, by, does, kit.Code(l.Hash().String())})
	}
	ch := kit.Table{Caption: "Channels of mutual legal assistance", Columns: kit.Columns("Country", "Central authority", "Source", "How sure we are")}
	for _, c := range s.Desk.Law.MLATChannels() {
		ch.Rows = append(ch.Rows, []any{s.Desk.Law.PlaceName(c.Country), c.Authority, c.Source, words.Certainty(c.Certainty, "")})
	}
	return s.show(w, r, m, http.StatusOK, "lists.html", kit.Page{Title: "Lists and channels", Here: "/law", Wide: true, Trail: []kit.Link{{Text: "Law", URL: "/law"}}, Lead: "What makes the machine point at a right that may be at stake, and where a request goes that needs a treaty.",
		Data: struct{ Lists, Channels kit.Table }{lists, ch}})
}

func (s *console) approved(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	h, err := law.ParseRowHash(f.Get("hash"))
	if err != nil {
		return fault.New(fault.Invalid, "approve row", "the form was not read right; reload the page")
	}
	id := law.ProcessID(r.PathValue("id"))
	err = s.Desk.ApproveRow(r.Context(), m.ID, id, h)
	switch {
	case err == nil:
		return s.kit.Done(w, r, "/law/row/"+string(id), kit.Good, "Approved as it reads now, at the desk. The carrier needs the lines below in its law file; a changed row needs a new approval.")
	case !sayable(err):
		return err
	}
	return s.lawRowPage(w, r, m, fault.KindOf(err).Status(), err)
}

func (s *console) lawFindings(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	t := kit.Table{Caption: "Findings", Columns: kit.Columns("Finding", "Who decides", "Level", "Rule", "Basis")}
	degree := map[law.Degree]string{law.Auto: "the machine", law.Assist: "a person, on the machine's proposal", law.Human: "a person alone"}
	for _, x := range s.Desk.Law.Findings() {
		t.Rows = append(t.Rows, []any{kit.Group{x.Title, kit.Code(x.ID)}, degree[x.Degree], string(x.Level), x.Rule, x.Basis})
	}
	return s.show(w, r, m, http.StatusOK, "findings.html", kit.Page{Title: "Findings", Here: "/law", Wide: true, Trail: []kit.Link{{Text: "Law", URL: "/law"}}, Data: t})
}
