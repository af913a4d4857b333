package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
	"letterlock/web/words"
)

func caseURL(n casefile.Number) string { return "/cases/" + string(n) }

func (s *console) rowName(id law.ProcessID) string {
	if row, ok := s.Desk.Law.Row(id, s.Clock.Now()); ok {
		return row.Name
	}
	return string(id)
}

// number reads a case's number. One that is none is as unknown as one that the
// member may not know of.
func number(r *http.Request) (casefile.Number, error) {
	n, err := casefile.ParseNumber(r.PathValue("n"))
	if err != nil {
		return "", casefile.NoCase()
	}
	return n, nil
}

// view is a case as the page shows it to one member.
type view struct {
	review.Open
	member  staff.Member
	now     time.Time
	cannot  error // why this member may not decide it
	counsel bool  // this member decides as counsel
	signing []review.Signing
	plan    disclosable.NoticePlan
	noPlan  error
	officer *agency.Officer
	agency  agency.Agency
	team    []staff.Member

	from, until int // which accounts the page shows
}

func (v view) at() string    { return caseURL(v.Case.Number) }
func (v view) may() bool     { return v.cannot == nil && !v.Case.Withdrawn }
func (v view) mine() bool    { return v.Case.Assigned.MemberID() == v.member.ID }
func (v view) over() bool    { return v.Case.Phase().Over() }
func (v view) onPaper() bool { return v.Case.Demand.Officer == "" }
func (v view) proposed() bool {
	return len(v.Case.GrantsOf(disclosable.Produce))+len(v.Case.GrantsOf(disclosable.Trace)) > 0
}
func (v view) answering() bool { return v.Case.Answering || len(v.Case.Packages) > 0 }

func (s *console) view(ctx context.Context, m staff.Member, n casefile.Number) (v view, err error) {
	if v.Open, err = s.Desk.Review.Case(ctx, m.ID, n); err != nil {
		return v, err
	}
	v.member, v.now = m, s.Clock.Now()
	if v.Case.Left != nil {
		return v, nil
	}
	_, v.cannot = s.Desk.Staff.MayDecide(ctx, m.ID, v.Case)
	_, notCounsel := s.Desk.Staff.IsCounsel(ctx, m.ID, v.Case)
	v.counsel = notCounsel == nil
	if v.signing, err = s.Desk.Review.Signing(ctx, m.ID, n); err != nil {
		return v, err
	}
	v.plan, v.noPlan = s.Desk.Notice.Plan(ctx, m.ID, n)
	if v.team, err = s.Desk.Staff.Members(ctx); err != nil {
		return v, err
	}
	return v, s.sender(ctx, &v)
}

// sender finds who asks; an agency that left the directory is still the name
// on the request.
func (s *console) sender(ctx context.Context, v *view) error {
	a, err := s.Desk.Agencies.Agency(ctx, v.Case.Demand.Agency)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	v.agency = a
	if invented(v) {
		return nil
	}
	if v.onPaper() {
		return nil
	}
	o, err := s.Desk.Agencies.Officer(ctx, v.Case.Demand.Officer)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	v.officer = &o
	return err
}

func (s *console) theCase(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	return s.casePage(w, r, m, n, http.StatusOK, kit.NewForm(nil))
}

// caseData is the page of a case, in the order in which one reads it.
type caseData struct {
	At         string
	Held       bool          // for a second review
	Calls      []kit.Callout // what to know before anything else
	Steps      kit.Steps
	Strip      kit.Group
	Facts      kit.Facts
	Paper      kit.Facts
	Row        kit.Facts
	Papers     []paperView
	Email      *emailData
	Upload     []kit.Field
	Targets    []targetView
	List       listView
	Findings   []findingView
	Add        []kit.Field
	Items      []itemView
	Common     kit.Field
	Decide     bool
	Decided    kit.Table
	Notice     noticeView
	Grants     []grantView
	Next       nextView
	Questions  []questionView
	Ask        kit.Field
	Objections []objectionView
	Packages   []packageView
	Alarms     []alarmView
	Assign     kit.Field
	Assigned   string
	May, Open  bool
	MayAssign  bool
	MayEnter   bool // papers that reached us
	Withdraw   *kit.Field
	Duties     kit.Table
	Taps       []tapView
	Timeline   kit.Timeline
	Why        whys
	Silence    bool         // its day has come
	NoTie      *kit.Callout // asks for the word that there is no tie
	Again      *kit.Field   // asks for a second review
	Lend       bool         // may lend it to outside counsel
	Room       string       // where its papers stand on their way to the public; empty: nowhere
	Opine      bool         // may write an opinion
	More       decisionView
	Correct    bool // this member may correct what was entered
	Urgent     *urgentView
	Stay       stayData
}

func (s *console) casePage(w http.ResponseWriter, r *http.Request, m staff.Member, n casefile.Number, status int, f *kit.Form) error {
	v, err := s.view(r.Context(), m, n)
	if err != nil {
		return err
	}
	if v.Case.Left != nil {
		return s.leftPage(w, r, m, v, status, f)
	}
	v.from, v.until = part(r, len(v.Case.Demand.Targets))
	d := caseData{Stay: s.stay(f, v), At: v.at(), Held: v.Case.Held.Cut != "", Calls: s.calls(r, v), Steps: steps(v), Strip: strip(v), Facts: s.facts(v), Paper: paperFacts(v.Case.Demand, s.Desk.Law, v.Row), Row: rowFacts(v.Row, v.Unlock),
		Papers: papers(v), Email: emailOf(v.Case), Upload: uploadFields(f), Targets: targets(v), List: listOf(v), Findings: s.findings(f, v), Add: s.addFinding(f, v), Items: s.items(f, v),
		Common: f.Long("reason", "Reason for every item whose own is left empty", "It stands in the file and, once the answer is final, in the letter.").Lines(2),
		Decide: v.may() && !v.proposed() && !v.answering() && (v.mine() || v.counsel) && v.Case.NoTie(m.ID), Decided: decidedTable(v), Notice: noticeOf(f, v), Grants: s.grants(v), Next: next(f, v),
		Questions: questions(f, v), Ask: f.Long("question", "Question to the agency", "The clock that waits for it stands still until they answer.").Lines(3).Require(),
		Objections: objections(f, v), Packages: packages(v), Alarms: alarms(f, v), Assign: assignField(f, v), Assigned: orDash(v.Case.Assigned.Name), May: v.may(), Open: !v.over(),
		Correct: m.May(casefile.EnterPapers) && correctable(v.Case), Withdraw: withdrawField(f, v), Duties: duties(v), Taps: taps(f, v), More: s.decision(f, v), Timeline: timeline(v)}
	if d.Urgent, err = s.urgent(r, f, v); err != nil {
		return err
	}
	d.NoTie, d.Again, d.Why = noTieCall(v), againField(f, v), whys{f, v}
	d.Room = toRoom(v)
	d.Silence = slices.ContainsFunc(d.Alarms, func(a alarmView) bool { return a.Silence })
	d.Lend, d.Opine, d.MayAssign, d.MayEnter = m.May(casefile.LendCases), m.May(casefile.Advise), d.Open && m.May(casefile.AssignCases), d.Open && m.May(casefile.EnterPapers)
	lead := v.Row.Name
	if v.Case.Number.Sealed() {
		lead += ". Sealed matter: for those on its list only."
	}
	return s.show(w, r, m, status, "case.html", kit.Page{Title: string(n), Lead: lead, Form: f, Here: begins(m).URL, Trail: []kit.Link{begins(m)}, Data: d})
}

// begins is where a member comes from to a case: the queue, or what was lent.
func begins(m staff.Member) kit.Link {
	if m.May(casefile.SeeCases) {
		return kit.Link{Text: "Queue", URL: "/"}
	}
	return kit.Link{Text: "Lent to you", URL: "/lent"}
}

// calls are what a member must know before they read on.
func (s *console) calls(r *http.Request, v view) []kit.Callout {
	out := s.exerciseCall(v)
	if h := s.hold(r, v.member); h != nil {
		out = append(out, *h)
	}
	out = append(out, heldCall(v.Case)...)
	if err := v.Case.HeldBack(); err != nil {
		out = append(out, kit.Callout{Tone: kit.Warn, Title: "The release is held", Text: "No grant is used: " + fault.Say(err) + ". Deal with that, or take the grants back."})
	}
	if err := v.Case.PackageHeld(v.now); err != nil {
		out = append(out, kit.Callout{Tone: kit.Warn, Title: "The package is held", Text: "Nobody can download it: " + fault.Say(err) + "."})
	}
	if v.Case.Withdrawn {
		out = append(out, kit.Callout{Tone: kit.Info, Title: "Withdrawn", Text: "The agency took this request back. Nothing more is done under it."})
	}
	if v.cannot != nil {
		out = append(out, kit.Callout{Tone: kit.Warn, Title: "You do not decide this case", Text: "You can read it, and no more: " + fault.Say(v.cannot) + "."})
	}
	switch refuses := len(v.Choices) > 0 && onlyRefuses(v); {
	case refuses:
		out = append(out, kit.Callout{Tone: kit.Info, Title: "There is no verdict that complies", Text: stanceWords(v.Row.Stance)})
	case !v.Unlock.OK && v.Row.Certainty == law.Known && !v.Row.Origin().Widens():
		out = append(out, kit.Callout{Tone: kit.Warn, Title: "Nothing can be produced under this row yet", Text: "Counsel reads and approves it on the page Law: " + v.Unlock.Why + "."})
	case !v.Unlock.OK:
		out = append(out, kit.Callout{Tone: kit.Warn, Title: "This row informs and does not unlock", Text: v.Unlock.Why + "."})
	}
	if v.Case.Same != "" && v.member.May(casefile.SeeCases) && (!v.Case.Same.Sealed() || v.member.Cleared) {
		out = append(out, kit.Callout{Tone: kit.Info, Title: "The same demand is here already", Text: "See case " + string(v.Case.Same) + "."})
	}
	return out
}

func onlyRefuses(v view) bool {
	for _, c := range v.Choices {
		if slices.ContainsFunc(c, func(x casefile.Verdict) bool { return x != casefile.Decline && x != casefile.Challenge }) {
			return false
		}
	}
	return true
}

// steps is the way of a case as the team goes it.
func steps(v view) kit.Steps {
	if v.Case.Withdrawn {
		return nil
	}
	at := map[casefile.Phase]int{casefile.Waiting: 0, casefile.InReview: 1, casefile.Asked: 1, casefile.Decided: 2, casefile.Signing: 2, casefile.Notice: 3, casefile.Packing: 4, casefile.Tracing: 4,
		casefile.Answered: 5, casefile.Closed: 6}[v.Case.Phase()]
	var s kit.Steps
	for i, t := range []string{"Assign", "Decide", "Two people sign", "Its day comes", "Pack", "Answered"} {
		s = append(s, kit.Step{Text: t, Done: i < at, Current: i == at})
	}
	return s
}

// strip is what one looks for first: how far, with whom, how long.
func strip(v view) kit.Group {
	with := "with nobody yet"
	if v.Case.Assigned.ID != "" {
		with = "with " + v.Case.Assigned.Name
	}
	out := kit.Group{phaseBadge(v.Case.Phase()), kit.Badge{Tone: kit.Plain, Text: laneName(v.Case.Lane)}, kit.Badge{Tone: kit.Plain, Text: with}}
	if v.Case.Assigned.ID == "" && v.Case.Phase() == casefile.Waiting {
		out = out[:2]
	}
	if due := v.Case.DueAt(v.now); !due.IsZero() && !v.over() {
		out = append(out, kit.TimeLeft{Now: v.now, Due: due, Start: v.Case.Filed})
	}
	return out
}

func (s *console) facts(v view) kit.Facts {
	c := v.Case
	out := kit.Facts{{Label: "With", Value: orDash(c.Assigned.Name)}, {Label: "Received", Value: kit.Stamp(c.Filed)}}
	if !c.Paused.IsZero() {
		out = append(out, kit.Fact{Label: "Clock", Value: "stands still since " + kit.UTC(c.Paused) + ", until the agency answers"})
	}
	from := c.Demand.AgencyName
	if v.agency.Switchboard != "" {
		from += ", switchboard " + v.agency.Switchboard + " (found: " + v.agency.Source + ")"
	}
	out = append(out, kit.Fact{Label: "Agency", Value: from}, kit.Fact{Label: "Officer", Value: who(v)}, kit.Fact{Label: "Established by", Value: established(v)},
		kit.Fact{Label: "Came", Value: cameBy(c.Demand)}, kit.Fact{Label: "Their reference", Value: orDash(c.Demand.Reference)})
	return append(out, twinFact(v)...)
}

func who(v view) string {
	d := v.Case.Demand
	if v.officer == nil {
		return strings.Join(demand.NonEmpty(orDash(d.OfficerName), d.Mailbox, d.Phone), ", ")
	}
	return strings.Join(demand.NonEmpty(strings.TrimSpace(v.officer.Rank+" "+v.officer.Name), v.officer.Mailbox, d.Phone), ", ")
}

// established says how the team knows who asks.
func established(v view) any {
	switch {
	case v.onPaper():
		return "entered by " + v.Case.FiledBy.Name + " from a paper; the directory knows the agency, nobody was enrolled"
	case v.officer == nil:
		return kit.Badge{Tone: kit.Bad, Text: "this officer is no longer in the directory"}
	case v.officer.State != agency.Active:
		return kit.Group{kit.Badge{Tone: kit.Bad, Text: "officer " + string(v.officer.State)}, v.officer.Reason}
	}
	return confirmations(v.officer.Confirmed) + "; official mailbox since " + kit.Day(v.officer.Since)
}

func rowFacts(row law.Row, u law.Unlock) kit.Facts {
	unlocks := any(kit.Badge{Tone: kit.Good, Text: "unlocks what it reaches"})
	if !u.OK {
		unlocks = kit.Group{kit.Badge{Tone: kit.Warn, Text: "unlocks nothing"}, u.Why}
	}
	return kit.Facts{{Label: "Process", Value: row.Name}, {Label: "Text of the law", Value: words.Citations(row.Citations)}, {Label: "How sure we are", Value: words.Certainty(row.Certainty, row.CheckedOn)},
		{Label: "Reaches", Value: reachWords(row)}, {Label: "Now", Value: unlocks}, {Label: "What the desk does", Value: stanceWords(row.Stance)}, {Label: "Telling the person", Value: row.NoticeRule.Text}}
}

// paperFacts is the demand as it stands on the paper.
func paperFacts(d casefile.Demand, t *law.Table, row law.Row) kit.Facts {
	var out kit.Facts
	add := func(label, v string) {
		if strings.TrimSpace(v) != "" {
			out = append(out, kit.Fact{Label: label, Value: v})
		}
	}
	day := func(label string, x time.Time) {
		if !x.IsZero() {
			add(label, kit.Day(x))
		}
	}
	add("Case or docket", d.CaseRef)
	court := d.Court
	if court == d.IssuingBody {
		court = ""
	}
	add("Issued by", strings.Join(demand.NonEmpty(d.IssuingBody, words.Role(d.IssuerRole), court), ", "))
	add("Validated by", strings.Join(demand.NonEmpty(d.Validator, words.Role(d.ValidRole)), ", "))
	add("Legal provision", d.LegalBasis)
	add("Addressed to", d.Addressee)
	day("Issued", d.Issued)
	day("Return date", d.Return)
	day("Execute by", d.ExecuteBy)
	if !d.From.IsZero() || !d.Until.IsZero() {
		add("Period", dayOrOpen(d.From)+" to "+dayOrOpen(d.Until))
	}
	day("Keep until", d.KeepUntil)
	add("Signed", map[bool]string{true: "yes", false: "no"}[d.Signed])
	add("Offence", d.Offence.Text)
	add("Of the law's list", listedAs(row.Threshold, d.Offence.Entry))
	if d.Offence.MaxPenaltyYears > 0 {
		add("Highest penalty", strconv.Itoa(d.Offence.MaxPenaltyYears)+" years")
	}
	if row.ID == law.Emergency {
		for _, l := range d.EmergencyLines() {
			add(l.Label, l.Value)
		}
	}
	add("Secrecy", secrecy(d.Gag))
	for _, p := range t.ParticularsOf(row) {
		add(p.Label, d.Answers[string(p.ID)])
	}
	add("Words of the demand", d.Text)
	return out
}

func dayOrOpen(t time.Time) string {
	if t.IsZero() {
		return "open"
	}
	return kit.Day(t)
}

func secrecy(g casefile.Gag) string {
	if !g.Asked {
		return "not asked"
	}
	s := "asked by letter"
	if g.Order {
		s = "by order"
	}
	end := ", no end stated"
	if !g.End.IsZero() {
		end = ", until " + kit.Day(g.End)
	}
	return strings.Join(demand.NonEmpty(s+end, g.Basis, strings.Join(g.Grounds, ", ")), "; ")
}

func assignField(f *kit.Form, v view) kit.Field {
	o := []kit.Option{{Text: "Choose"}}
	for _, m := range v.team {
		if m.State == staff.Active && (!v.Case.Number.Sealed() || m.Cleared) {
			o = append(o, kit.Option{Value: string(m.ID), Text: m.Name + " (" + roleList(m) + ")", Chosen: m.ID == v.member.ID && v.Case.Assigned.ID == ""})
		}
	}
	return f.Select("to", "Assign to", "Refused if their training has lapsed or they declared a conflict of interest here.", o).Require()
}

func withdrawField(f *kit.Form, v view) *kit.Field {
	if !v.onPaper() || v.over() || v.cannot != nil {
		return nil
	}
	x := f.Text("withdrawn", "Why the agency takes it back", "As they wrote or said it, and how it reached us.").Require().AtMost(500)
	return &x
}

func duties(v view) kit.Table {
	t := kit.Table{Caption: "What the clock will do", Columns: kit.Columns("What", "When"), Empty: "Nothing is due."}
	names := map[casefile.DutyKind]string{casefile.DutySign: "look for two signatures", casefile.DutyTell: "have the person told", casefile.DutyRelease: "redeem the grant",
		casefile.DutyPack: "make the package", casefile.DutyCertify: "look for the custodian’s certificate, then alarm the team", casefile.DutyTrace: "begin the trace, or look after it", casefile.DutyDestroy: "destroy our copy of the package", casefile.DutyAsked: "remind the agency of a question, then let it lapse", casefile.DutyWord: "send word to the officer's mailbox", casefile.DutyFiling: "warn of a day of the challenge",
		casefile.DutyReview: "remind a person to look again at the silence", casefile.DutyLookUp: "look up the accounts", casefile.DutyChase: "ask for the legal process that was promised",
		casefile.DutySecond: "wait for the second review", casefile.DutyLent: "end what is lent to outside counsel", casefile.DutyKeep: "look for the snapshot", casefile.DutyKeepSoon: "remind the officer that the snapshot ends soon", casefile.DutyKeepEnd: "destroy the snapshot",
		casefile.DutyLegalHold: "end the litigation hold, or ask counsel to look at it again", casefile.DutyGag: "look again at the secrecy", casefile.DutyRoom: "look whether the papers may be public, then wait for counsel", casefile.DutyShow: "set the papers for the public document room"}
	for _, d := range v.Duties {
		if d.Done.IsZero() && d.Kind != casefile.DutyDrill {
			t.Rows = append(t.Rows, []any{strings.Join(demand.NonEmpty(names[d.Kind], d.Note), ": "), kit.Stamp(d.Due)})
		}
	}
	return t
}

func timeline(v view) kit.Timeline {
	var t kit.Timeline
	for _, l := range v.Timeline {
		tone := kit.Plain
		if strings.HasPrefix(l.What, "ALARM") {
			tone = kit.Bad
		}
		t = append(t, kit.Event{At: l.At, Who: l.Who, What: l.What, Why: l.Why, Tone: tone})
	}
	return t
}
