package console

import (
	"slices"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/law"
	"letterlock/web/kit"
)

// The parts of the case page about what stands beside the verdicts: demands on
// the system, advice, the period, the clock and who it waits for.

func (s *console) decisionRoutes(do func(string, casefile.Permission, act)) {
	do("decide-many", casefile.DecideCases, s.decideMany)
	do("decline-all", casefile.DecideCases, s.declineAll)
	do("agree", casefile.DecideCases, s.agree)
	do("challenge", casefile.DecideCounsel, s.challenged)
	do("challenge/{c}", casefile.DecideCounsel, s.challengeEnded)
	do("advice", casefile.DecideCounsel, s.advised)
	do("period", casefile.DecideCases, s.narrowedPeriod)
	do("notified", casefile.DecideCases, s.notified)
	do("cleared", casefile.DecideCases, s.cleared)
}

type decisionView struct {
	Attack    *kit.Callout
	Agreed    []casefile.Agreement
	Agree     *kit.Field
	Filings   []filingView
	File      []kit.Field
	NoDuty    bool
	Many      []kit.Field
	Advice    []casefile.Advice
	Advise    []kit.Field
	Period    []kit.Field
	Narrowed  string
	Clock     kit.Table
	Stopped   string
	Notified  *kit.Field
	Cleared   *kit.Field
	AskUntil  kit.Field
	AskAbout  kit.Field
	LeftToSay string
}

type filingView struct {
	casefile.Filing
	Facts kit.Facts
	End   []kit.Field
}

func (s *console) decision(f *kit.Form, v view) decisionView {
	c := v.Case
	open := v.may() && !v.proposed() && !v.answering()
	d := decisionView{Agreed: c.Agreements, Advice: c.Advice, Clock: clockHistory(v), NoDuty: v.NoDuty && open && (v.mine() || v.counsel) && len(c.Undecided()) > 0,
		AskUntil: f.Date("answer-by", "To be answered by", "Within 60 days, in UTC; empty: ten days. Then the question lapses and the clock runs again."),
		AskAbout: f.Checks("about", "About", "None ticked: the request as a whole.", itemOptions(c.Demand.Wanted))}
	if left := c.Undecided(); len(left) > 0 {
		var names []string
		for _, i := range left {
			names = append(names, i.Title())
		}
		d.LeftToSay = "Left to decide: " + strings.Join(names, ", ") + "."
	}
	if v.Challenge {
		d.Attack = &kit.Callout{Tone: kit.Bad, Title: "A demand on the system itself", Text: "It is challenged or declined, and nothing is produced under this case. It is closed by counsel and a lead together: two different people."}
		if open && len(v.Closers) > 0 && len(c.Undecided()) == 0 && !slices.ContainsFunc(c.Agreements, func(a casefile.Agreement) bool { return a.By.ID == string(v.member.ID) }) {
			x := f.Text("agree", "Reason to close it as it is decided", "Another decision makes this agreement void.").Require().AtMost(2000)
			d.Agree = &x
		}
	}
	if open && (v.mine() || v.counsel) {
		d.Many = manyFields(f, v)
		d.Period = []kit.Field{f.Date("period-from", "First day", "In UTC.").Require(), f.Date("period-to", "Last day", "The whole day is in it.").Require(), f.Text("period", "Why shorter", "It stands in the letter.").Require().AtMost(2000)}
	}
	if c.Narrowed != nil {
		d.Narrowed = kit.Day(c.Narrowed.From) + " to " + kit.Day(c.Narrowed.Until) + ": " + c.Narrowed.Why + " (" + c.Narrowed.By.Name + ")"
	}
	s.filings(f, v, &d)
	escalated(f, v, &d)
	waiting(f, v, &d)
	return d
}

func itemOptions(items []casefile.Item) []kit.Option {
	var o []kit.Option
	for _, i := range items {
		o = append(o, kit.Option{Value: string(i), Text: i.Title()})
	}
	return o
}

// manyFields decide several items in one way.
func manyFields(f *kit.Form, v view) []kit.Field {
	if len(v.Case.Demand.Wanted) < 2 {
		return nil
	}
	var verdicts []kit.Option
	for _, x := range casefile.Verdicts {
		if slices.ContainsFunc(v.Case.Demand.Wanted, func(i casefile.Item) bool { return slices.Contains(v.Choices[i], x) }) {
			verdicts = append(verdicts, kit.Option{Value: string(x), Text: verdictName(x)})
		}
	}
	reasons := []kit.Option{{Text: "None"}}
	for _, y := range v.Case.Findings {
		reasons = append(reasons, kit.Option{Value: string(y.ID), Text: y.Row().Title})
	}
	return []kit.Field{f.Checks("items", "Items", "", itemOptions(v.Case.Demand.Wanted)), f.Select("many-verdict", "Verdict", "", append([]kit.Option{{Text: "Choose"}}, verdicts...)).Require(),
		f.Select("many-because", "Because of the finding", "Its sentence is taken as the reason where none is written.", reasons), f.Long("many-reason", "Reason", "").Lines(2)}
}

func (s *console) filings(f *kit.Form, v view, d *decisionView) {
	for _, x := range v.Case.Filings {
		y := filingView{Filing: x, Facts: kit.Facts{{Label: "Filed with", Value: x.Where}, {Label: "On", Value: kit.Day(x.Filed)}, {Label: "Reference", Value: orDash(x.Reference)}, {Label: "Grounds", Value: x.Grounds}, {Label: "By", Value: x.By.Name}}}
		if p, ok := v.Case.Paper(x.Paper); ok {
			y.Facts = append(y.Facts, kit.Fact{Label: "Paper", Value: kit.Link{Text: p.Name, URL: "#papers"}})
		}
		if !x.Deadline.IsZero() {
			y.Facts = append(y.Facts, kit.Fact{Label: "Next day not to be missed", Value: kit.Day(x.Deadline)})
		}
		if !x.Open() {
			y.Facts = append(y.Facts, kit.Fact{Label: "Outcome", Value: outcomeName(x.Outcome) + ": " + x.Result})
		} else if v.counsel {
			o := []kit.Option{{Text: "Choose"}}
			for _, how := range casefile.ChallengeOutcomes {
				o = append(o, kit.Option{Value: string(how), Text: outcomeName(how)})
			}
			y.End = []kit.Field{f.Select("outcome-"+x.ID, "How it ended", "", o).Require(), f.Text("result-"+x.ID, "What was decided", "").Require().AtMost(2000)}
		}
		d.Filings = append(d.Filings, y)
	}
	challenged := v.Challenge || slices.ContainsFunc(v.Case.Decided(), func(x casefile.Decision) bool { return x.Verdict == casefile.Challenge })
	if v.counsel && challenged {
		d.File = []kit.Field{f.Text("where", "Filed with", "The court or authority.").Require().AtMost(casefile.MaxReference), f.Date("filed", "Filed on", "In UTC.").Require(),
			f.Text("court-reference", "Its reference", "").AtMost(casefile.MaxReference), f.Date("deadline", "Next day that must not be missed", "An alarm comes three days before."), f.Long("grounds", "Grounds", "").Lines(3).Require(),
			f.Select("filed-paper", "The paper that was filed", "Add it to the case first, under Papers.", paperOptions(v.Case.Demand.Papers))}
	}
}

// paperOptions are the papers of a case to choose one of.
func paperOptions(all []casefile.Paper) []kit.Option {
	o := []kit.Option{{Text: "None"}}
	for _, p := range all {
		o = append(o, kit.Option{Value: string(p.ID), Text: p.Name})
	}
	return o
}

func outcomeName(o casefile.ChallengeOutcome) string {
	return map[casefile.ChallengeOutcome]string{casefile.OutcomeWon: "set aside", casefile.OutcomeNarrowed: "narrowed", casefile.OutcomeWithdrawn: "withdrawn by the issuer",
		casefile.OutcomeLost: "upheld: appealed; it is not carried out", casefile.OutcomeMoot: "moot"}[o]
}

func escalated(f *kit.Form, v view, d *decisionView) {
	var with []kit.Option
	for _, x := range v.Case.Decided() {
		if x.Verdict == casefile.Escalate {
			with = append(with, kit.Option{Value: string(x.Item), Text: x.Item.Title()})
		}
	}
	if len(with) > 0 && v.counsel && !v.over() {
		d.Advise = []kit.Field{f.Select("advised", "Item", "", append([]kit.Option{{Text: "Choose"}}, with...)).Require(), f.Long("advice", "Advice", "Whoever decides goes by it.").Lines(3).Require()}
	}
}

// waiting says what the clock waits for, and offers to begin or end a wait.
func waiting(f *kit.Form, v view, d *decisionView) {
	if !v.Case.Paused.IsZero() {
		d.Stopped = "The clock to answer has stood still since " + kit.UTC(v.Case.Paused) + "."
	}
	if !v.may() || v.over() {
		return
	}
	for _, x := range v.Case.Stands {
		if x.Reason == casefile.WaitNotification && x.Open() {
			y := f.Long("cleared", "What the notified authority answered", "").Lines(2).Require()
			d.Cleared = &y
			return
		}
	}
	hint := "The limit of this process does not wait for it; the wait is on record all the same."
	if v.Case.Stops(v.Row, casefile.WaitNotification) {
		hint = "The clock of this process stands still until it has answered."
	}
	y := f.Text("notified", "Which authority was notified", hint).Require().AtMost(casefile.MaxReference)
	d.Notified = &y
}

func clockHistory(v view) kit.Table {
	t := kit.Table{Caption: "What the case waited for", Columns: kit.Columns("Waited for", "From", "To", "The clock"), Empty: "It has waited for nobody."}
	for _, x := range v.Case.Stands {
		what := "the authority notified: " + x.What
		if x.Reason == casefile.WaitClarification {
			what = "an answer of the agency"
		}
		to, clock := any("still waits"), "went on"
		if !x.Open() {
			to = kit.Stamp(x.To)
		}
		if x.Stops {
			clock = "stood still"
		}
		t.Rows = append(t.Rows, []any{what, kit.Stamp(x.From), to, clock})
	}
	return t
}

func (s *console) decideMany(d doing) (string, string, error) {
	open, err := s.Desk.Review.Case(d.Context(), d.by.ID, d.n)
	if err != nil {
		return "", "", err
	}
	verdict, because, reason := casefile.Verdict(d.form.Need("many-verdict", "Choose the verdict.")), law.FindingID(d.form.Get("many-because")), d.form.Get("many-reason")
	if reason == "" {
		reason = sentenceOf(because)
	}
	if reason == "" {
		d.form.Bad("many-reason", "Write the reason, or choose a finding that gives one.")
	}
	var choices []review.Choice
	for _, i := range open.Case.Demand.Wanted {
		if slices.Contains(d.form.All("items"), string(i)) {
			choices = append(choices, review.Choice{Item: i, Verdict: verdict, Reason: reason, Finding: because})
		}
	}
	if len(choices) == 0 {
		d.form.Bad("items", "Tick at least one item.")
	}
	if !d.form.OK() {
		return "", "", nil
	}
	return "Decided: " + kit.Plural(len(choices), "item", "items") + ".", "items", s.Desk.Review.Decide(d.Context(), d.by.ID, d.n, choices)
}

// sentenceOf is the sentence of a finding, as the reason of a decision begins.
func sentenceOf(id law.FindingID) string {
	row, _ := law.Default().Finding(id)
	return row.Sentence
}

func (s *console) declineAll(d doing) (string, string, error) {
	return "Declined as a whole. The letter is being made.", "", s.Desk.Review.DeclineAll(d.Context(), d.by.ID, d.n)
}

func (s *console) agree(d doing) (string, string, error) {
	why := d.form.Need("agree", "Give the reason: it stands in the file.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "You have agreed to close it.", "agree", s.Desk.Review.Agree(d.Context(), d.by.ID, d.n, why)
}

func (s *console) challenged(d doing) (string, string, error) {
	f := casefile.Filing{Where: d.form.Need("where", "Say with whom."), Grounds: d.form.Need("grounds", "Say why."), Reference: d.form.Get("court-reference"), Paper: casefile.PaperID(d.form.Get("filed-paper"))}
	d.form.Need("filed", "Say when.")
	f.Filed, f.Deadline = day(d.form, "filed"), day(d.form, "deadline")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The challenge is on the case.", "where", s.Desk.Review.FileChallenge(d.Context(), d.by.ID, d.n, f)
}

func (s *console) challengeEnded(d doing) (string, string, error) {
	id := d.PathValue("c")
	how, what := d.form.Need("outcome-"+id, "Choose."), d.form.Need("result-"+id, "Say what was decided.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The outcome is on the case.", "outcome-" + id, s.Desk.Review.EndChallenge(d.Context(), d.by.ID, d.n, id, casefile.ChallengeOutcome(how), what)
}

func (s *console) advised(d doing) (string, string, error) {
	item, text := d.form.Need("advised", "Choose the item."), d.form.Need("advice", "Write the advice.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "Given back with your advice.", "advised", s.Desk.Review.Advise(d.Context(), d.by.ID, d.n, casefile.Item(item), text)
}

func (s *console) narrowedPeriod(d doing) (string, string, error) {
	d.form.Need("period-from", "Give the first day.")
	d.form.Need("period-to", "Give the last day.")
	x := casefile.Shorter{From: day(d.form, "period-from"), Until: day(d.form, "period-to"), Why: d.form.Need("period", "Give the reason.")}
	if !d.form.OK() {
		return "", "", nil
	}
	open, err := s.Desk.Review.Case(d.Context(), d.by.ID, d.n)
	if err != nil {
		return "", "", err
	}
	x.Until = x.Until.AddDate(0, 0, 1)
	if u := open.Case.Demand.Until; !u.IsZero() && x.Until.After(u) && x.Until.AddDate(0, 0, -1).Before(u) { // the last day asked for, to where it was asked
		x.Until = u
	}
	return "The period is shorter.", "period-from", s.Desk.Review.NarrowPeriod(d.Context(), d.by.ID, d.n, x)
}

func (s *console) notified(d doing) (string, string, error) {
	what := d.form.Need("notified", "Name the authority.")
	why, _ := d.why("notified")
	if !d.form.OK() {
		return "", "", nil
	}
	return "It is recorded that the authority was notified.", "notified", s.Desk.Review.Notified(d.Context(), d.by.ID, d.n, what, why)
}

func (s *console) cleared(d doing) (string, string, error) {
	what := d.form.Need("cleared", "Write what it answered.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "Its answer is on the case; the clock runs.", "cleared", s.Desk.Review.Cleared(d.Context(), d.by.ID, d.n, what)
}

// queryOf reads a question with its day and what it is about.
func queryOf(f *kit.Form, text string) review.Query {
	q := review.Query{Text: text, Until: day(f, "answer-by")}
	if !q.Until.IsZero() { // to the end of that day
		q.Until = q.Until.AddDate(0, 0, 1)
	}
	for _, i := range f.All("about") {
		q.Items = append(q.Items, casefile.Item(i))
	}
	return q
}
