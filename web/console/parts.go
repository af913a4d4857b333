package console

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/kit"
)

// The parts of the case page, each made of the view.

type paperView struct {
	casefile.Paper
	What string
	Read string // by whom first; empty: nobody
	Sign signedView
}

func papers(v view) []paperView {
	var out []paperView
	for _, p := range v.Case.Demand.Papers {
		x := paperView{Paper: p, What: strings.ReplaceAll(p.What, "_", " "), Sign: signed(p)}
		if a, ok := v.Case.ReadPapers[p.ID]; ok {
			x.Read = a.Name
		}
		out = append(out, x)
	}
	return out
}

func uploadFields(f *kit.Form) []kit.Field {
	return []kit.Field{f.Text("what", "What it is", "Such as: order, renewal of the secrecy, legal process after an emergency.").Require().AtMost(80),
		f.File("file", "PDF files", "Up to "+kit.Bytes(casefile.MaxPaper)+" each. Every file is looked into before it is kept.", "application/pdf").Several().Require()}
}

type targetView struct {
	Number     int
	Index      int
	Identifier string
	State      any
	At         time.Time
	Resolve    bool
	Source     string         // which record was chosen to answer
	Snapshots  []snapshotView // that could
	Kept       []string       // of a preservation
}

func targets(v view) []targetView {
	var out []targetView
	for i := v.from; i < v.until; i++ {
		t := v.Case.Demand.Targets[i]
		x := targetView{Number: i + 1, Index: i, Identifier: t.Identifier}
		found, asked := v.Case.Resolutions[i]
		account := findsAccount(t)
		switch {
		case asked && found.Exists:
			x.State, x.At = kit.Badge{Tone: kit.Good, Text: "has an account"}, found.At
		case asked:
			x.State, x.At = kit.Badge{Tone: kit.Plain, Text: "has no account"}, found.At
		case !account:
			x.State = kit.Badge{Tone: kit.Warn, Text: "finds no account: only a telephone number or account id does"}
		default:
			x.State = kit.Badge{Tone: kit.Plain, Text: "not looked up"}
		}
		x.Resolve = account && resolvable(v)
		x.snapshots(v, i)
		out = append(out, x)
	}
	return out
}

func findsAccount(t casefile.Target) bool {
	return t.Kind == law.TargetPhone || t.Kind == law.TargetAccount
}

// resolvable reports whether this member may look the accounts up now.
func resolvable(v view) bool { return v.may() && !v.over() && !v.proposed() }

type findingView struct {
	casefile.FindingState
	Row      law.FindingRow
	Badge    kit.Badge
	By       string
	Missing  []string
	Answered string
	Answer   kit.Field
	Open     bool // may be answered by this member
	Counsels bool // only counsel sets it aside, and this member does not decide as counsel
	Lifts    bool // no reason lifts it: its record does
}

func (s *console) findings(f *kit.Form, v view) []findingView {
	var out []findingView
	for _, x := range v.Case.Findings {
		y := findingView{FindingState: x, Row: x.Row(), Badge: levelBadge(x), By: "found by the machine", Open: v.may() && !v.over(),
			Counsels: x.Row().ForCounsel() && !x.Informs && !v.counsel}
		switch {
		case x.ByPerson.Name != "":
			y.By = "added by " + x.ByPerson.Name
		case !x.Decided:
			y.By = "proposed by the machine; a person decides"
		}
		for _, m := range x.Missing {
			if row, ok := s.Desk.Law.Particular(m); ok {
				y.Missing = append(y.Missing, row.Label)
			}
		}
		if x.Answer != nil {
			y.Answered = x.Answer.By.Name + ", " + kit.UTC(x.Answer.At) + ": " + x.Answer.Reason
		}
		if casefile.ByRecord(x.ID) {
			y.Open, y.Lifts = false, x.Blocks()
		}
		if x.ID == "SCOPE.CATEGORY_UNREACHABLE" {
			y.Note = classesIn(x.Note)
		}
		y.Answer = f.Text("finding-"+string(x.ID), "Reason", "").Require().AtMost(2000)
		out = append(out, y)
	}
	slices.SortStableFunc(out, func(a, b findingView) int { return rank(a) - rank(b) })
	return out
}

// rank puts what blocks first and what is answered last.
func rank(f findingView) int {
	switch {
	case f.FindingState.Answer != nil:
		return 3
	case f.Row.Level == law.Block:
		return 0
	case f.Row.Level == law.Warn:
		return 1
	}
	return 2
}

// addFinding offers the findings that are not on the case yet, those that only
// a person can make first.
func (s *console) addFinding(f *kit.Form, v view) []kit.Field {
	if !v.may() || v.over() {
		return nil
	}
	o := []kit.Option{{Text: "Choose"}}
	for _, human := range []bool{true, false} {
		for _, x := range s.Desk.Law.Findings() {
			have := slices.ContainsFunc(v.Case.Findings, func(y casefile.FindingState) bool { return y.ID == x.ID })
			if (x.Degree == law.Human) == human && !have {
				o = append(o, kit.Option{Value: string(x.ID), Text: x.Title + " (" + string(x.ID) + ")"})
			}
		}
	}
	return []kit.Field{f.Select("add", "Finding", "", o).Require(), f.Text("note", "What you saw", "").Require().AtMost(2000)}
}

// undecided is the choice that leaves an item as it is.
const undecided = "later"

type noticeView struct {
	Plan   kit.Facts
	Fields []kit.Field // exceptional circumstances, before the grants
	Later  []kit.Field // after disclosure
	Now    *kit.Field
}

func noticeOf(f *kit.Form, v view) noticeView {
	var n noticeView
	if v.noPlan != nil {
		n.Plan = kit.Facts{{Label: "The person", Value: "is told nothing: " + fault.Say(v.noPlan)}}
		return n
	}
	n.Plan = kit.Facts{{Label: "The person", Value: v.plan.InWords()}, {Label: "Rule", Value: v.Row.NoticeRule.Text}}
	if c := v.Case.NoticePlan; c != nil && c.Exception != law.NoException {
		n.Plan = append(n.Plan, kit.Fact{Label: "Exceptional circumstances", Value: exceptionName(c.Exception) + ": " + c.Reason + " (" + c.By.Name + "; looked at again on " + kit.Day(c.Review) + ")"})
	}
	for i, t := range v.Case.Demand.Targets {
		if at := v.Case.Told(i); !at.IsZero() {
			n.Plan = append(n.Plan, kit.Fact{Label: "Told", Value: t.Identifier + ", " + kit.UTC(at)})
		}
	}
	if !v.may() {
		return n
	}
	if v.Case.Disclosed() {
		n.Later = []kit.Field{f.Date("until", "Tell on this day, or look again", "In UTC.").Require(), f.Check("renewed", "A renewed order of secrecy says so", "Without one, somebody looks again within 90 days."),
			f.Text("later", "Reason", "").Require().AtMost(2000)}
		x := f.Text("tell", "Reason to tell the person now", "").Require().AtMost(2000)
		n.Now = &x
	} else if !v.proposed() && !v.answering() {
		n.Fields = []kit.Field{f.Radio("exception", "Exceptional circumstances", "The only two there are. They must be recorded before the key holders sign.", []kit.Option{
			{Value: "none", Text: "None: the person is told as the rule says", Chosen: v.Case.NoticePlan == nil || v.Case.NoticePlan.Exception == ""},
			{Value: string(law.ChildExploitation), Text: "Child exploitation", Chosen: excepted(v, law.ChildExploitation)},
			{Value: string(law.ThreatToLife), Text: "Threat to life", Chosen: excepted(v, law.ThreatToLife)}}).Require(),
			f.Text("except", "Reason", "The key holders read it, and one day the person.").Require().AtMost(2000), f.Date("review", "Look again on", "Within 90 days; only with exceptional circumstances.")}
	}
	return n
}

func excepted(v view, x law.Exception) bool {
	return v.Case.NoticePlan != nil && v.Case.NoticePlan.Exception == x
}

func exceptionName(x law.Exception) string {
	return map[law.Exception]string{law.ChildExploitation: "child exploitation", law.ThreatToLife: "threat to life"}[x]
}

type grantView struct {
	Title, URL string
	Facts      kit.Facts
	Signed     kit.Progress
	Waits      bool
}

// grants shows each grant with who has signed. The signatures are given on the
// carrier's pages, never here.
func (s *console) grants(v view) []grantView {
	var out []grantView
	for _, x := range v.signing {
		g := x.Grant
		kind := "Release of records"
		if g.Grant.Kind == disclosable.Notify {
			kind = "Notice to the person"
		}
		if g.Grant.Kind == disclosable.Trace {
			kind = "Trace"
		}
		signed := g.Signed
		if len(x.Proposal.Signed) > len(signed) {
			signed = x.Proposal.Signed
		}
		y := grantView{Title: kind + ", " + g.Grant.Asked, URL: x.Proposal.URL, Waits: g.Phase == casefile.GrantSigning,
			Signed: kit.Progress{Done: min(len(signed), 2), Of: 2, Text: signedWords(signed)},
			Facts: kit.Facts{{Label: "State", Value: grantBadge(g.Phase)}, {Label: "Fields", Value: strings.Join(g.Grant.Titles(), ", ")},
				{Label: "Good until", Value: kit.UTC(time.Unix(g.Grant.Expires, 0))}, {Label: "Hash", Value: kit.Code(g.Hash.String())}}}
		if y.URL == "" && s.Release != "" {
			y.URL = s.Release + "/grants/" + g.Hash.String()
		}
		if x.Away && y.Waits {
			y.Facts = append(y.Facts, kit.Fact{Label: "Carrier", Value: "cannot be asked just now; the desk tries again by itself"})
		}
		if g.Why != "" {
			y.Facts = append(y.Facts, kit.Fact{Label: "Why", Value: g.Why})
		}
		if !g.Used.IsZero() {
			y.Facts = append(y.Facts, kit.Fact{Label: "Carried out", Value: kit.Stamp(g.Used)})
		}
		out = append(out, y)
	}
	return out
}

func signedWords(s []string) string {
	switch len(s) {
	case 0:
		return "nobody has signed; two people must"
	case 1:
		return s[0] + " has signed; a second person must"
	}
	return "signed by " + strings.Join(s, " and ")
}

type nextView struct {
	Propose, Answer bool
	Why             string // what stands before either
	Withdraw        *kit.Field
}

// next says what follows the decisions: grants, or an answer without records.
func next(f *kit.Form, v view) nextView {
	var n nextView
	if !v.may() || v.over() {
		return n
	}
	for _, g := range v.Case.Grants {
		if g.Phase == casefile.GrantSigning || g.Phase == casefile.GrantReady {
			x := f.Text("withdraw", "Reason to take the grants back", "The case can then be decided anew.").Require().AtMost(2000)
			n.Withdraw = &x
		}
	}
	if v.proposed() || v.answering() {
		return n
	}
	if left := v.Case.Undecided(); len(left) > 0 {
		n.Why = kit.Plural(len(left), "item is", "items are") + " not decided yet."
		return n
	}
	produces := v.Case.Produces() || v.Case.Keeps()
	n.Propose = produces && v.Case.NoTie(v.member.ID)
	n.Answer = !produces || slices.ContainsFunc(v.Case.Objections, func(o casefile.Objection) bool { return o.Upheld })
	for i, t := range v.Case.Demand.Targets {
		if _, ok := v.Case.Resolutions[i]; !ok && len(v.Case.Fields(i))+len(v.Case.KeepFields()) > 0 && (t.Kind == law.TargetPhone || t.Kind == law.TargetAccount) {
			return nextView{Withdraw: n.Withdraw, Why: "Look up " + t.Identifier + " first."}
		}
	}
	return n
}

type questionView struct {
	casefile.Question
	About string
	Reply *kit.Field // for an answer that came by letter or telephone
}

func questions(f *kit.Form, v view) []questionView {
	var out []questionView
	for _, q := range v.Case.Questions {
		x := questionView{Question: q, About: aboutOf(q)}
		if q.Open() && v.onPaper() && !v.over() && v.member.May(casefile.EnterPapers) {
			y := f.Long("reply-"+string(q.ID), "What the agency answered, and how it reached us", "").Lines(3).Require()
			x.Reply = &y
		}
		out = append(out, x)
	}
	return out
}

// aboutOf says what a question is about, until when, and what the clock does.
func aboutOf(q casefile.Question) string {
	about := "about the request as a whole"
	if len(q.Items) > 0 {
		var names []string
		for _, i := range q.Items {
			names = append(names, i.Title())
		}
		about = "about " + strings.Join(names, ", ")
	}
	if !q.Until.IsZero() {
		about += "; to be answered by " + kit.UTC(q.Until)
	}
	if q.Stops {
		return about + "; the clock stands still for it"
	}
	return about + "; the clock goes on: this limit does not wait for a question"
}

type objectionView struct {
	casefile.Objection
	Why *kit.Field // for counsel
}

func objections(f *kit.Form, v view) []objectionView {
	var out []objectionView
	for _, o := range v.Case.Objections {
		x := objectionView{Objection: o}
		if o.Open() && v.counsel {
			y := f.Long("objection-"+strconv.FormatInt(o.Number, 10), "Reason", "The person may ask for it.").Lines(3).Require()
			x.Why = &y
		}
		out = append(out, x)
	}
	return out
}

type packageView struct {
	ID         casefile.PackageID
	Facts      kit.Facts
	Downloads  []casefile.Download
	Post       bool // goes the way the paper came: nobody enrolled filed it
	Collect    bool // by this member
	Passphrase bool
}

func packages(v view) []packageView {
	var out []packageView
	for _, p := range v.Case.Packages {
		there := p.There(v.now)
		held := there && (v.Case.OnHold() || v.Case.PackageHeld(v.now) != nil)
		collects := there && !held && v.onPaper() && v.member.May(casefile.HandPackages)
		state := any(kit.Badge{Tone: kit.Good, Text: "can be downloaded"})
		switch {
		case !p.Destroyed.IsZero():
			state = "our copy was destroyed on " + kit.UTC(p.Destroyed)
		case held:
			state = kit.Badge{Tone: kit.Warn, Text: "held"}
		case !there:
			state = kit.Badge{Tone: kit.Plain, Text: "its time is over"}
		}
		x := packageView{ID: p.ID, Downloads: p.Downloads, Post: v.onPaper(), Collect: collects, Passphrase: collects && p.SealedTo == "passphrase",
			Facts: kit.Facts{{Label: "File", Value: p.Name}, {Label: "State", Value: state}, {Label: "Records", Value: p.Records}, {Label: "Size", Value: kit.Bytes(p.Size)}, {Label: "SHA-256", Value: kit.Code(p.Sum)},
				{Label: "Sealed to", Value: sealedTo(p)}, {Label: "Made", Value: kit.Stamp(p.Made)}, {Label: "Until", Value: kit.Stamp(p.Expires)}, {Label: "Downloads", Value: p.Whole()}}}
		out = append(out, x)
	}
	return out
}

func sealedTo(p casefile.Package) string {
	if p.SealedTo == "passphrase" {
		return "a passphrase, shown once to whoever collects it"
	}
	return "the officer's own key"
}

type alarmView struct {
	casefile.Alarm
	Number  int
	Why     *kit.Field // nil: this member only reads it
	Silence bool       // about one: it ends with a new plan
}

func alarms(f *kit.Form, v view) []alarmView {
	var out []alarmView
	for i, a := range v.Case.Alarms {
		if a.Seen.IsZero() {
			x := alarmView{Alarm: a, Number: i}
			x.Silence = a.Text == casefile.AlarmReview
			if v.member.May(casefile.NoteAlarms) && !x.Silence {
				y := f.Text("alarm-"+strconv.Itoa(i), "What you did about it", "").Require().AtMost(2000)
				x.Why = &y
			}
			out = append(out, x)
		}
	}
	return out
}
