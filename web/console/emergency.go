package console

import (
	"net/http"
	"strings"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/emergency"
	"letterlock/internal/fault"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

// The block of an emergency on the case page: what stands before its release,
// to be read in ten seconds at three in the morning, and what is to be done.

func (s *console) emergencyRoutes(in router) {
	do := func(name string, need casefile.Permission, a act) { in("POST /cases/{n}/"+name, need, s.acted(a)) }
	do("call-back", casefile.DecideCases, s.callBack)
	do("stand-in", casefile.DecideCases, s.standIn)
	do("process-came", casefile.DecideCases, s.processCame)
	do("process-closed", casefile.KeepTeam, s.processClosed)
}

// urgentView is the block.
type urgentView struct {
	Barriers  []casefile.Barrier
	Left      int // that are not met
	Number    string
	Source    string
	NoNumber  bool
	Directory string
	Call      []kit.Field // nil: this member does not call
	WhyNot    string
	StandIn   *kit.Field
	Calls     []casefile.CallBack
	Texts     []casefile.Attestation
	Quiet     string
	Promise   kit.Facts
	Came      []kit.Field
	Close     *kit.Field
}

func (s *console) urgent(r *http.Request, f *kit.Form, v view) (*urgentView, error) {
	c := v.Case
	if !c.Urgent() {
		return nil, nil
	}
	x := &urgentView{Barriers: c.Barriers(), Calls: c.Emergency.Calls, Directory: "/agencies/" + string(c.Demand.Agency)}
	for _, b := range x.Barriers {
		if !b.Met {
			x.Left++
		}
	}
	if e := c.Demand.Emergency; e.Quiet {
		x.Quiet = e.QuietWhy
	}
	for _, a := range []*casefile.Attestation{c.Emergency.Attested, c.Emergency.CoSigned} {
		if a != nil {
			x.Texts = append(x.Texts, *a)
		}
	}
	if err := s.callFields(r, f, v, x); err != nil {
		return nil, err
	}
	if c.Demand.Officer == "" && v.may() && !v.over() {
		y := f.Long("stand-in", "Why the agency cannot sign with a key, and why this goes on without", "Counsel and a second person stand in, neither of them the one who took it in. The written attestation is on the case, and the call-back reached the supervisor too.").Lines(2).Require()
		x.StandIn = &y
	}
	promise(f, v, x)
	return x, nil
}

func (s *console) callFields(r *http.Request, f *kit.Form, v view, x *urgentView) error {
	num, err := s.Desk.Urgent.Number(r.Context(), v.Case)
	if fault.Is(err, fault.NotFound) {
		x.NoNumber = true
		return nil
	}
	if err != nil {
		return err
	}
	x.Number, x.Source = num.Number, num.Source
	switch {
	case !v.may() || v.over():
	case v.Case.TakenBy().MemberID() == v.member.ID:
		x.WhyNot = "You took this request in: somebody else makes the call."
	default:
		x.Call = []kit.Field{f.Hidden("number", num.Number),
			f.Text("spoke", "With whom you spoke", "Name and office, as they said it.").AtMost(casefile.MaxReference),
			f.Check("supervisor", "The supervisor confirmed it too", ""),
			f.Long("said", "What was confirmed, or why it was not", "").Lines(2).Require(),
			f.Radio("outcome", "Outcome", "", []kit.Option{{Value: string(casefile.CallConfirmed), Text: "Confirmed: they know the officer and the incident"},
				{Value: string(casefile.CallDenied), Text: "Not confirmed: nothing is released"}, {Value: string(casefile.CallNoAnswer), Text: "Not reached: nothing is released until somebody is"}}).Require()}
	}
	return nil
}

// promise is the legal process that was undertaken.
func promise(f *kit.Form, v view, x *urgentView) {
	p := v.Case.Emergency.Promise
	if p.Disclosed.IsZero() {
		return
	}
	state := kit.Badge{Tone: kit.Warn, Text: "awaited"}
	switch {
	case p.Arrived != nil && p.Arrived.Covers:
		state = kit.Badge{Tone: kit.Good, Text: "came, and reaches all that was given"}
	case p.Arrived != nil:
		state = kit.Badge{Tone: kit.Warn, Text: "came, and reaches less than was given"}
	case p.Closed != "":
		state = kit.Badge{Tone: kit.Plain, Text: "chase ended by " + p.Judged.Name + ": " + p.Closed}
	case p.Overdue:
		state = kit.Badge{Tone: kit.Bad, Text: "overdue"}
	}
	x.Promise = kit.Facts{{Label: "Legal process", Value: state}, {Label: "Disclosed", Value: kit.Stamp(p.Disclosed)}, {Label: "Promised by", Value: kit.Stamp(p.Due)}, {Label: "Asked for", Value: kit.Plural(p.Chased, "time", "times")}}
	if !p.Open() {
		return
	}
	o := []kit.Option{{Text: "A request of its own, named below"}}
	for _, y := range v.Case.Demand.Papers {
		o = append(o, kit.Option{Value: string(y.ID), Text: y.Name})
	}
	if v.cannot == nil {
		x.Came = []kit.Field{f.Select("came", "Which paper it is", "", o), f.Text("came-case", "Or the number of the request under which it came", "").AtMost(40),
			f.Check("covers", "It reaches all that was given", "If it reaches less, counsel judges it."), f.Long("came-why", "What it is, and what it reaches", "").Lines(2).Require()}
	}
	if v.member.May(casefile.KeepTeam) {
		y := f.Text("process-closed", "Why the chase ends without it", "The agency's record keeps it.").Require().AtMost(500)
		x.Close = &y
	}
}

func (s *console) callBack(d doing) (string, string, error) {
	out, said := casefile.CallOutcome(d.form.Need("outcome", "Choose the outcome.")), d.form.Need("said", "Say what was confirmed, or why it was not.")
	if !d.form.OK() {
		return "", "", nil
	}
	told := "The call is on record."
	if out != casefile.CallConfirmed {
		told = "The call is on record, and nothing is released."
	}
	return told, "said", s.Desk.Urgent.Call(d.Context(), d.by.ID, d.n, emergency.Called{Number: d.form.Get("number"), Spoke: d.form.Get("spoke"), Supervisor: d.form.Get("supervisor") != "", Said: said, Outcome: out})
}

func (s *console) standIn(d doing) (string, string, error) {
	why := d.form.Need("stand-in", "Give the reason.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "You stand in for the signatures; it is on record.", "stand-in", s.Desk.Urgent.StandIn(d.Context(), d.by.ID, d.n, why)
}

func (s *console) processCame(d doing) (string, string, error) {
	why := d.form.Need("came-why", "Say what it is, and what it reaches.")
	a := casefile.Arrival{Paper: casefile.PaperID(d.form.Get("came")), Case: casefile.Number(strings.ToUpper(d.form.Get("came-case"))), Covers: d.form.Get("covers") != ""}
	if (a.Paper == "") == (a.Case == "") {
		d.form.Bad("came", "Choose the paper, or give the number of the request under which it came.")
	}
	if !d.form.OK() {
		return "", "", nil
	}
	return "The legal process is on record.", "came-why", s.Desk.Urgent.Arrived(d.Context(), d.by.ID, d.n, a, why)
}

func (s *console) processClosed(d doing) (string, string, error) {
	why := d.form.Need("process-closed", "Give the reason.")
	if !d.form.OK() {
		return "", "", nil
	}
	return "The chase has ended.", "process-closed", s.Desk.Urgent.Close(d.Context(), d.by.ID, d.n, why)
}

// invented is the sender of an exercise, shown as any other's.
func invented(v *view) bool {
	x := v.Case.Drill
	if x == nil {
		return false
	}
	v.agency = agency.Agency{ID: v.Case.Demand.Agency, Name: x.Agency.Name, Country: v.Case.Demand.Jurisdiction, Domains: x.Agency.Domains, Switchboard: x.Agency.Phone, Source: x.Agency.Source}
	if !v.onPaper() {
		v.officer = &agency.Officer{ID: v.Case.Demand.Officer, Agency: v.agency.ID, Name: x.Officer.Name, Rank: x.Officer.Rank, Mailbox: x.Officer.Mailbox, Phone: x.Officer.Phone,
			State: agency.Active, Since: x.Since}
	}
	return true
}

// exerciseCall is what stands on an exercise that is over, and nothing before.
func (s *console) exerciseCall(v view) []kit.Callout {
	e := v.Case.DrillEnd
	if e == nil {
		return nil
	}
	sc := s.scenario(v.Case.Drill.Scenario)
	tone := kit.Bad
	if e.Score == 100 {
		tone = kit.Good
	}
	return []kit.Callout{{Tone: tone, Title: "This was an exercise: " + sc.Title, Text: strings.Join(demand.NonEmpty(outcomeWords(*e), sc.Tells, "No carrier, agency or person was ever told of it."), " ")}}
}
