package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// law lists the rows, those that somebody must look at first.
func (s *console) law(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	rows, err := s.Desk.LawRows(r.Context(), m.ID)
	if err != nil {
		return err
	}
	groups := []lawGroup{{Title: "Waits for counsel", Why: "Written from knowledge. They unlock nothing until counsel has read and approved them as they stand."},
		{Title: "Wider than the program’s own", Why: "Rows of the operator’s law file. They inform and never unlock, whoever approves them."},
		{Title: "Uncertain", Why: "They inform and never unlock: their text has to be checked first."}, {Title: "Not checked for 90 days", Why: "Somebody reads the text again."}, {Title: "In order"},
		{Title: "Not in force today", Why: "They unlock nothing for what comes today. What they say of their own days stays here to be read."}}
	all := make([]law.Row, len(rows))
	for i, x := range rows {
		all[i] = x.Row
	}
	there, away := s.Desk.CarrierLaw(r.Context(), m.ID, all...)
	for n, x := range rows {
		i := urgency(x, s.Clock.Now())
		groups[i].Rows = append(groups[i].Rows, lawView{x.Row, reachWords(x.Row), kit.Group{words.Certainty(x.Row.Certainty, x.Row.CheckedOn), checkedBadge(x), unlockBadge(x.Unlock), carrierBadge(there, n, away)}, rowURL(x.Row), s.Desk.Law.PlaceName(x.Row.Jurisdiction)})
	}
	files, err := s.lawFiles(r, m)
	if err != nil {
		return err
	}
	return s.show(w, r, m, http.StatusOK, "law.html", kit.Page{Title: "Law", Here: "/law", Lead: "What each process reaches, by which text, and how sure we are. What somebody must look at comes first.",
		Data: struct {
			Hash   kit.Code
			Groups []lawGroup
			Files  kit.Table
		}{kit.Code(s.Desk.Law.Hash().String()), groups, files}})
}

type lawGroup struct {
	Title, Why string
	Rows       []lawView
}

type lawView struct {
	Row     law.Row
	Reaches string
	State   kit.Group
	URL     string
	Place   string
}

// urgency puts first what waits for counsel, then what is wider or uncertain,
// then what was checked too long ago, and last what is not in force.
func urgency(x desk.LawRow, now time.Time) int {
	switch {
	case !x.Row.InForce(now):
		return 5
	case waits(x, now):
		return 0
	case x.Row.Origin().Widens():
		return 1
	case !x.Unlock.OK:
		return 2
	case x.Stale:
		return 3
	}
	return 4
}

// waits reports whether counsel's approval is all that a row lacks.
func waits(x desk.LawRow, now time.Time) bool {
	return x.Row.InForce(now) && x.Row.Certainty == law.Known && !x.Row.Origin().Widens() && !x.Unlock.OK
}

// originFacts say of an operator's row whose it is and in what it is wider.
func originFacts(o law.Origin) kit.Facts {
	if !o.Operator {
		return nil
	}
	out := kit.Facts{{Label: "Origin", Value: "the operator's own, approved by " + o.ApprovedBy + " on " + string(o.ApprovedOn)}}
	if o.Widens() {
		out = append(out, kit.Fact{Label: "Wider than the program’s own", Value: strings.Join(o.Wider, "; ")})
	}
	return out
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

// carrierBadge says what the carrier has of a row.
func carrierBadge(there []door.LawState, n int, away error) kit.Badge {
	switch {
	case away != nil:
		return kit.Badge{Tone: kit.Warn, Text: "carrier: cannot be asked now"}
	case there[n].Unlocks:
		return kit.Badge{Tone: kit.Good, Text: "carrier: has it, and releases under it"}
	case there[n].Has:
		return kit.Badge{Tone: kit.Plain, Text: "carrier: has it, and releases nothing under it"}
	}
	return kit.Badge{Tone: kit.Warn, Text: "carrier: has not this text"}
}

func (s *console) lawRow(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.lawRowPage(w, r, m, http.StatusOK, kit.NewForm(nil), nil)
}

func (s *console) lawRowPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form, wrong error) error {
	all, err := s.Desk.LawRows(r.Context(), m.ID)
	if err != nil {
		return err
	}
	i := s.versionOf(r, all)
	if i < 0 {
		return fault.New(fault.NotFound, "show law row", "there is no row of that name in force")
	}
	x := all[i]
	row := x.Row
	there, away := s.Desk.CarrierLaw(r.Context(), m.ID, row)
	facts := append(kit.Facts{{Label: "Of", Value: s.Desk.Law.PlaceName(row.Jurisdiction)}}, rowFacts(row, x.Unlock)...)
	facts = append(facts, kit.Fact{Label: "Checked", Value: checkedBadge(x)}, kit.Fact{Label: "Source", Value: orDash(row.Source)}, kit.Fact{Label: "At the carrier", Value: carrierBadge(there, 0, away)}, kit.Fact{Label: "Hash of this row", Value: kit.Code(row.Hash().String())})
	facts = append(facts, kit.Fact{Label: "Counted in reports", Value: publicationWords(row.Publication)}, kit.Fact{Label: "In force", Value: inForceWords(row)}, kit.Fact{Label: "The offence", Value: gravity(row.Threshold)}, kit.Fact{Label: "Approved by", Value: s.approvers(r, m, row)})
	facts = append(facts, originFacts(row.Origin())...)
	var issuers []string
	for _, i := range row.Issuers {
		issuers = append(issuers, issuerWords(i))
	}
	clocks := kit.Table{Caption: "Clocks", Columns: kit.Columns("Clock", "When", "Rule", "Certainty"), Empty: "None."}
	for _, c := range row.Clocks {
		clocks.Rows = append(clocks.Rows, []any{string(c.Kind), string(c.When), demand.Clock(nil, c), words.Certainty(c.Certainty, row.CheckedOn)})
	}
	return s.show(w, r, m, status, "lawrow.html", kit.Page{Title: row.Name, Here: "/law", Form: f, Err: wrong, Trail: []kit.Link{{Text: "Law", URL: "/law"}},
		Data: struct {
			At      string
			Action  string
			Facts   kit.Facts
			Clocks  kit.Table
			Offends kit.Table
			Needs   []law.ParticularRow
			Issuers []string
			Note    string
			Hash    string
			Approve bool
			Why     kit.Field
			Lines   string
			InFile  bool

			FileName string
		}{rowURL(row), "/law/row/" + string(row.ID) + "/approve", facts, clocks, offences(row.Threshold), s.Desk.Law.ParticularsOf(row), issuers, row.Note, row.Hash().String(),
			m.May(casefile.ApproveLaw) && waits(x, s.Clock.Now()),
			f.Text("why", "Why it is the law as it stands", "What you read it against, and when: the gazette, the consolidated text, a judgment.").Require().AtMost(maxWhy), s.fileLines(r, m, row), s.Desk.InLawFile(r.Context(), m.ID, row), s.lawFile(r, m, row)}})
}

func publicationWords(p law.Publication) string {
	how := map[law.PublicationKind]string{law.Exact: "exactly", law.Banded: "in bands only", law.Barred: "not at all: its number may not be published"}[p.Kind]
	if p.Text != "" {
		how += "; " + p.Text
	}
	return how
}

func inForceWords(r law.Row) string {
	from, to := "before all records here", "no end known"
	if r.ValidFrom != "" {
		from = "from " + string(r.ValidFrom)
	}
	if r.ValidTo != "" {
		to = "until the end of " + string(r.ValidTo)
	}
	return from + ", " + to
}

// issuerWords says who may issue what of a row, and who validates it.
func issuerWords(i law.Issuer) string {
	out := i.Text
	if out == "" {
		out = words.Role(i.Role)
	}
	if len(i.Classes) > 0 {
		var c []string
		for _, x := range i.Classes {
			c = append(c, words.Lower(words.Class(x)))
		}
		out += ", for " + strings.Join(c, ", ") + " only"
	}
	if len(i.ValidatedBy) > 0 {
		var v []string
		for _, x := range i.ValidatedBy {
			v = append(v, words.Lower(words.Role(x)))
		}
		out += "; validated by " + strings.Join(v, " or ")
	}
	if i.ExPostHours > 0 {
		out += ", in an emergency within " + strconv.Itoa(i.ExPostHours) + " hours after"
	}
	return out
}

// approvers are those who approved the row as it reads now.
func (s *console) approvers(r *http.Request, m staff.Member, row law.Row) string {
	if row.Origin().Widens() {
		return "no approval opens it"
	}
	if !m.May(casefile.SeeTeam) { // not persons
		return "counsel, if it unlocks"
	}
	a, err := s.Desk.LawApprovals(r.Context(), m.ID)
	if err != nil {
		return "the approvals cannot be read now"
	}
	var out []string
	for _, x := range a.Counsel {
		if x.Row == row.ID && x.Hash == row.Hash() {
			out = append(out, withWhy(x.By+" as counsel, "+string(x.On), x.Why))
		}
	}
	if len(out) == 0 && row.Certainty == law.Seen {
		return "needs none: its text was read"
	}
	return orDash(strings.Join(out, "; "))
}

// withWhy is who approved something, with their reason if they said one.
func withWhy(who, why string) string {
	if why == "" {
		return who
	}
	return who + ": " + why
}

// rowURL is the page of one version of a row.
func rowURL(r law.Row) string {
	if r.ValidFrom == "" {
		return "/law/row/" + string(r.ID)
	}
	return "/law/row/" + string(r.ID) + "?from=" + string(r.ValidFrom)
}

// versionOf is the version that a request names by its first day, or else the
// one in force today.
func (s *console) versionOf(r *http.Request, all []desk.LawRow) int {
	id, from := law.ProcessID(r.PathValue("id")), r.URL.Query().Get("from")
	return slices.IndexFunc(all, func(x desk.LawRow) bool {
		return x.Row.ID == id && (from != "" && string(x.Row.ValidFrom) == from || from == "" && x.Row.InForce(s.Clock.Now()))
	})
}

// lawFile is the file that takes an approval by this member of this row: of a
// process of sealed matters, for those on the list, one that only they read.
func (s *console) lawFile(r *http.Request, m staff.Member, row law.Row) string {
	if may, err := s.Desk.Staff.MaySeal(r.Context(), m.ID); err == nil && may && casefile.SealedRow(row) {
		return "sealed law file"
	}
	return "law file"
}

// fileLines are what the operator's law file needs for the carrier to release
// under a row of certainty K, by whoever approved it here.
func (s *console) fileLines(r *http.Request, m staff.Member, row law.Row) string {
	if row.Certainty != law.Known || row.Origin().Widens() {
		return ""
	}
	by, on, why := "NAME OF COUNSEL", s.Clock.Now().Format("2006-01-02"), "WHAT IT WAS READ AGAINST"
	if a, err := s.Desk.LawApprovals(r.Context(), m.ID); err == nil && m.May(casefile.SeeTeam) {
		for _, x := range a.Counsel {
			if x.Row == row.ID && x.Hash == row.Hash() {
				by, on, why = x.By, string(x.On), x.Why
			}
		}
	}
	return "[[approval]]\nrow = " + strconv.Quote(string(row.ID)) + "\nhash = " + strconv.Quote(row.Hash().String()) + "\nby = " + strconv.Quote(by) + "\non = " + strconv.Quote(on) + "\nwhy = " + strconv.Quote(why)
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
	why := f.Need("why", "Say what you read the row against.")
	if !f.OK() {
		return s.lawRowPage(w, r, m, http.StatusBadRequest, f, nil)
	}
	err = s.Desk.ApproveRow(r.Context(), m.ID, id, h, why)
	switch {
	case err == nil:
		return s.kit.Done(w, r, "/law/row/"+string(id), kit.Good, "Approved as it reads now, at the desk. The carrier needs the lines below; a changed row needs a new approval.")
	case !sayable(err):
		return err
	}
	return s.lawRowPage(w, r, m, fault.KindOf(err).Status(), f, err)
}

// officerReads is the sentence of a finding. Some are for the team alone.
func officerReads(x law.FindingRow) any {
	if x.TeamOnly {
		return kit.Group{kit.Badge{Tone: kit.Plain, Text: "for the team alone"}, x.Sentence}
	}
	return x.Sentence
}

func (s *console) lawFindings(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	t := kit.Table{Caption: "Findings", Columns: kit.Columns("Finding", "Who decides", "Level", "Rule", "What the officer reads", "Basis")}
	degree := map[law.Degree]string{law.Auto: "the machine", law.Assist: "a person, on the machine's proposal", law.Human: "a person alone"}
	for _, x := range s.Desk.Law.Findings() {
		t.Rows = append(t.Rows, []any{kit.Group{x.Title, kit.Code(x.ID)}, degree[x.Degree], string(x.Level), x.Rule, officerReads(x), x.Basis})
	}
	return s.show(w, r, m, http.StatusOK, "findings.html", kit.Page{Title: "Findings", Here: "/law", Wide: true, Trail: []kit.Link{{Text: "Law", URL: "/law"}}, Data: t})
}
