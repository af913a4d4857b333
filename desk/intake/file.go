package intake

import (
	"context"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Preview is what the officer sees before sending: the findings the team will
// see too, except those about the sender, and what the process reaches.
type Preview struct {
	Findings []law.Finding
	Blocks   bool // some finding blocks; it may be sent all the same
	Due      time.Time
	Reaches  []Reached
	Same     bool            // the same demand is here already
	Twins    []casefile.Twin // earlier cases that this one repeats, as far as the caller may open them
}

// Reached is one item asked for and whether the process reaches it.
type Reached struct {
	Item    casefile.Item
	Exists  bool // such data exists here at all
	Reached bool
	Limit   string // what part of the class, if only a part
}

// Preview judges a draft as it would be judged on arrival.
func (s *Service) Preview(ctx context.Context, by casefile.Actor, id casefile.DraftID) (Preview, error) {
	d, shelf, err := s.draft(ctx, by, id)
	if err != nil {
		return Preview{}, err
	}
	row, ok := s.Law.Row(d.Demand.Process, s.Files.Clock.Now())
	if !ok {
		return Preview{}, invalid("choose the kind of process that your paper is")
	}
	found, twins, err := s.judge(ctx, shelf, d.Demand, "", s.Files.Clock.Now())
	if err != nil {
		return Preview{}, err
	}
	due, _ := casefile.DueOf(row, d.Demand, s.Files.Clock.Now())
	mine := beforeSigning(law.ForSender(found))
	if twins, err = s.told(ctx, shelf, d.Demand, twins); err != nil {
		return Preview{}, err
	}
	theirs, err := s.seenBy(ctx, by, twins)
	if err != nil {
		return Preview{}, err
	}
	return Preview{Findings: mine, Blocks: law.Blocks(mine), Due: due, Reaches: Reaches(row, d.Demand.Wanted), Same: sameDemand(twins) != "", Twins: theirs}, nil
}

// Reaches tells for each item whether it exists and whether the row reaches it.
func Reaches(row law.Row, wanted []casefile.Item) []Reached {
	var out []Reached
	for _, i := range wanted {
		r := Reached{Item: i}
		if f, ok := i.Field(); ok {
			r.Exists, r.Reached = true, casefile.Reachable(row, f)
			got, _ := row.ReachOf(law.Class(f.Class))
			r.Limit = got.Limit
		}
		out = append(out, r)
	}
	return out
}

// judge states the facts and asks the law of the day on which the request was
// filed. A case that is corrected is not its own duplicate.
func (s *Service) judge(ctx context.Context, shelf casefile.Shelf, d casefile.Demand, self casefile.Number, filed time.Time) ([]law.Finding, []casefile.Twin, error) {
	now := s.Files.Clock.Now()
	f := casefile.Facts{Now: now, Received: now, LawOn: filed, House: s.House}
	twins, err := s.twins(ctx, shelf, d, self)
	if err != nil {
		return nil, nil, err
	}
	told, err := s.told(ctx, shelf, d, twins)
	if err != nil {
		return nil, nil, err
	}
	sameFacts(&f, told)
	if f.PromiseSince, err = s.owed(ctx, s.Files.Public, d.Agency); err != nil {
		return nil, nil, err
	}
	mailFacts(&f, d.Mail)
	if err := s.renewal(ctx, &f, d); err != nil {
		return nil, nil, err
	}
	if d.Officer != "" {
		who, err := s.Directory.Sender(ctx, d.Officer)
		if err != nil {
			return nil, nil, err
		}
		n, err := shelf.Store.Filed(ctx, d.Officer, time.Time{})
		if err != nil {
			return nil, nil, err
		}
		today, err := shelf.Store.Filed(ctx, d.Officer, now.Add(-24*time.Hour))
		if err != nil {
			return nil, nil, err
		}
		f.DomainVerified, f.OfficerSince, f.First, f.RequestsToday = true, who.Since, n == 0, today
		if f.EmergenciesToday, err = emergencies(ctx, shelf, d, self, now.Add(-24*time.Hour)); err != nil {
			return nil, nil, err
		}
	}
	if s.Watch != nil {
		if f.Signals, err = s.Watch.Signals(ctx, shelf, d, self); err != nil {
			return nil, nil, err
		}
	}
	table, err := s.table(ctx)
	if err != nil {
		return nil, nil, err
	}
	return law.Judge(table, d.ForLaw(f)), twins, nil
}

// table is the law with the lists that counsel approved at the desk.
func (s *Service) table(ctx context.Context) (*law.Table, error) {
	if s.Approved == nil {
		return s.Law, nil
	}
	approved, err := s.Approved(ctx)
	return s.Law.Approving(approved), err
}

// emergencies counts those of the demand's officer since, this one included.
func emergencies(ctx context.Context, shelf casefile.Shelf, d casefile.Demand, self casefile.Number, since time.Time) (int, error) {
	if d.Process != law.Emergency {
		return 0, nil
	}
	heads, err := shelf.Store.FiledBy(ctx, d.Agency, since)
	n := 1
	for _, h := range heads {
		if h.Officer == d.Officer && h.Process == law.Emergency && h.Number != self {
			n++
		}
	}
	return n, err
}

// File sends a draft: it becomes a case. Sending the same draft twice makes
// one case.
func (s *Service) File(ctx context.Context, by casefile.Actor, id casefile.DraftID) (casefile.Number, error) {
	s.filing.Lock() // a draft sent twice at once is one case
	defer s.filing.Unlock()
	dr, shelf, err := s.draft(ctx, by, id)
	if err != nil {
		return "", err
	}
	if err := s.ready(ctx, by); err != nil {
		return "", err
	}
	d, err := s.tidy(dr.Demand, s.Files.Clock.Now())
	if err != nil {
		return "", err
	}
	row, ok := s.Law.Row(d.Process, s.Files.Clock.Now())
	if !ok {
		return "", invalid("choose the kind of process that your paper is")
	}
	if err := s.complete(d, row); err != nil {
		return "", err
	}
	if err := s.coSigner(ctx, d); err != nil {
		return "", err
	}
	if err := s.limit(ctx, shelf, d); err != nil { // before anything reaches the ledger
		return "", err
	}
	e, err := s.event(ctx, shelf, casefile.KFiled, row, d, "", s.Files.Clock.Now())
	if err != nil {
		return "", err
	}
	plan := casefile.One(e, casefile.GagDuties(row, d, s.Files.Clock.Now())...)
	plan.Drop = id
	c, err := s.Files.File(ctx, casefile.SealedRow(row), by, plan)
	return c.Number, err
}

// ready refuses an officer who lacks a second passkey, or whose confirmation is
// too old.
func (s *Service) ready(ctx context.Context, by casefile.Actor) error {
	if by.OfficerID() == "" {
		return nil
	}
	who, err := s.Directory.Sender(ctx, by.OfficerID())
	if err != nil {
		return err
	}
	return who.Unready
}

func (s *Service) event(ctx context.Context, shelf casefile.Shelf, k casefile.Kind, row law.Row, d casefile.Demand, self casefile.Number, filed time.Time) (casefile.Event, error) {
	found, twins, err := s.judge(ctx, shelf, d, self, filed)
	if err != nil {
		return casefile.Event{}, err
	}
	due, statutory := casefile.DueOf(row, d, s.Files.Clock.Now())
	return casefile.Event{Kind: k, Demand: &d, Findings: casefile.FindingsOf(found, nil), Due: due, Lane: casefile.LaneOf(row, statutory), Same: sameDemand(twins), Twins: twins}, nil
}

// complete asks for what a case cannot do without; the findings say the rest.
func (s *Service) complete(d casefile.Demand, row law.Row) error {
	switch {
	case d.Agency == "":
		return invalid("choose the agency that asks")
	case len(d.Wanted) == 0:
		return invalid("choose what you ask for")
	case len(d.Targets) == 0 && !Whole(row):
		return invalid("name at least one account, by its phone number with country code")
	case row.ID == law.Emergency && !d.Emergency.Follows:
		return invalid("undertake that legal process follows within 48 hours: without it nothing is disclosed in an emergency")
	case len(d.Papers) == 0 && row.ID != law.Emergency && !Whole(row):
		return invalid("attach the paper as a PDF")
	}
	return nil
}

func (s *Service) limit(ctx context.Context, shelf casefile.Shelf, d casefile.Demand) error {
	if d.Officer == "" {
		return nil
	}
	most := s.PerHour
	if most == 0 {
		most = DefaultPerHour
	}
	if d.Process == law.Emergency { // room is kept for a life in danger
		most *= 2
	}
	n, err := shelf.Store.Filed(ctx, d.Officer, s.Files.Clock.Now().Add(-time.Hour))
	if err != nil {
		return err
	}
	if n >= most {
		return fault.New(fault.Exhausted, "file request", "you have filed %d requests within an hour; try again in an hour, or call us in an emergency", n)
	}
	return nil
}

// mine is a case that the officer filed, that a colleague may see, or that a
// member may see. Anyone else is told nothing.
func (s *Service) mine(ctx context.Context, by casefile.Actor, n casefile.Number) (casefile.Case, error) {
	return s.may(ctx, by, n, casefile.ShareSee)
}

// may is a case with which the caller may do this.
func (s *Service) may(ctx context.Context, by casefile.Actor, n casefile.Number, what casefile.Share) (casefile.Case, error) {
	if id := by.MemberID(); id != "" {
		if _, err := s.Team.May(ctx, id, casefile.EnterPapers, n); err != nil {
			return casefile.Case{}, err
		}
		return s.Files.Load(ctx, n)
	}
	if err := s.present(ctx, by); err != nil {
		return casefile.Case{}, err
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return casefile.Case{}, err
	}
	return c, s.shared(ctx, by, c, what)
}

// theirs is a case that the caller may change as its sender: an officer their
// own, a member one that came on paper. The team does not speak for an officer.
func (s *Service) theirs(ctx context.Context, by casefile.Actor, n casefile.Number, what casefile.Share) (casefile.Case, error) {
	c, err := s.may(ctx, by, n, what)
	if err == nil && by.MemberID() != "" && c.Demand.Officer != "" {
		return casefile.Case{}, fault.New(fault.Forbidden, "change request", "only the officer who filed it does this")
	}
	return c, err
}

// Cases are the officer's cases, the latest first.
func (s *Service) Cases(ctx context.Context, by casefile.OfficerID) ([]casefile.Head, error) {
	if _, err := s.Directory.Sender(ctx, by); err != nil {
		return nil, err
	}
	var out []casefile.Head
	for _, shelf := range s.Files.Shelves() {
		h, err := shelf.Store.Queue(ctx, casefile.Filter{Officer: by, Sort: casefile.ByNewest, Limit: 500})
		if err != nil {
			return nil, err
		}
		out = append(out, h...)
	}
	sortFiled(out)
	return out, nil
}

// Correct replaces what was asked as long as nothing is decided beyond recall.
// The findings and clocks are those of the corrected request; the papers stay.
func (s *Service) Correct(ctx context.Context, by casefile.Actor, n casefile.Number, d casefile.Demand, why string) error {
	c, err := s.theirs(ctx, by, n, casefile.ShareCorrect)
	if err != nil {
		return err
	}
	d = keepIdentity(d, c.Demand)
	if d.Process != c.Demand.Process {
		return invalid("another kind of process is another request: withdraw this one and file anew")
	}
	if d, err = s.tidy(d, c.Filed); err != nil {
		return err
	}
	row, ok := s.Law.Row(d.Process, c.Filed)
	if !ok {
		return casefile.NoRow()
	}
	if err := s.complete(d, row); err != nil {
		return err
	}
	if err := s.coSigner(ctx, d); err != nil {
		return err
	}
	shelf := s.Files.Shelf(n.Sealed())
	e, err := s.event(ctx, shelf, casefile.KCorrected, row, d, n, c.Filed)
	if err != nil {
		return err
	}
	e.Why = why
	found := e.Findings
	_, err = s.Files.Act(ctx, n, by, func(now casefile.Case) (casefile.Plan, error) {
		e.Demand.Papers = now.Demand.Papers
		e.Findings = slices.Concat(found, casefile.FindingsOf(nil, slices.DeleteFunc(slices.Clone(now.Findings), func(f casefile.FindingState) bool {
			return slices.ContainsFunc(found, func(x casefile.FindingState) bool { return x.ID == f.ID })
		})))
		if now.Demand.Gagged() {
			return casefile.One(e), nil
		}
		return casefile.One(e, casefile.GagDuties(row, d, s.Files.Clock.Now())...), nil // the secrecy was certified only now
	})
	return err
}

// Withdraw takes a request back, for a reason. It stops everything and never waits for the
// ledger; the caller takes open grants back at the carrier (Undo).
func (s *Service) Withdraw(ctx context.Context, by casefile.Actor, n casefile.Number, why string) error {
	if _, err := s.theirs(ctx, by, n, casefile.ShareWithdraw); err != nil {
		return err
	}
	if why = strings.TrimSpace(why); why == "" {
		return invalid("give the reason")
	}
	_, err := s.Files.Act(ctx, n, by, func(c casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Events: []casefile.Event{{Kind: casefile.KWithdrawn, Why: why}}, Stop: true}
		for _, g := range c.Grants {
			if g.Phase == casefile.GrantSigning || g.Phase == casefile.GrantReady {
				p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutySign, Key: g.Hash.String(), Due: s.Files.Clock.Now()})
			}
		}
		return p, nil
	})
	return err
}

// Answer answers a question of the team.
func (s *Service) Answer(ctx context.Context, by casefile.Actor, n casefile.Number, q casefile.QuestionID, text string, papers ...casefile.PaperID) error {
	if _, err := s.theirs(ctx, by, n, casefile.ShareAnswer); err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" || len(text) > casefile.MaxText {
		return invalid("write an answer of at most %d bytes", casefile.MaxText)
	}
	_, err := s.Files.Act(ctx, n, by, func(c casefile.Case) (casefile.Plan, error) {
		row, ok := s.Law.Row(c.Demand.Process, c.Filed)
		if !ok {
			return casefile.Nothing, casefile.NoRow()
		}
		due := c.After(casefile.WaitClarification, string(q), s.Files.Clock.Now()).DueAfterWaits(row)
		return casefile.One(casefile.Event{Kind: casefile.KAnswered, QID: q, Answer: text, Papers: papers, Due: due}), nil
	})
	return err
}

// View is what the agency may see of its case. Reasons are shown once the
// answer is final; findings about the sender never.
type View struct {
	Number    casefile.Number
	Phase     casefile.Phase
	Demand    casefile.Demand
	Filed     time.Time
	Due       time.Time
	Findings  []casefile.FindingState
	Questions []casefile.Question
	Decisions []casefile.Decision
	Packages  []casefile.Package
	Held      error                   // why none of them is handed out now; nil: they are
	Kept      []casefile.Kept         // of a preservation
	Renewable bool                    // it can be asked for that they are kept on
	Notice    *disclosable.NoticePlan // once decided
	CanEdit   bool
	Withdrawn bool
	Traced    time.Time // until when a trace of theirs runs; zero: none does
	Emergency casefile.UrgentState
	Timeline  []casefile.Line
	May       map[casefile.Share]bool // what the viewer may do
	Own       bool                    // it is the viewer's own
}

// Case shows an officer their case, or that of a colleague; that a colleague
// opened it is recorded first.
func (s *Service) Case(ctx context.Context, by casefile.Actor, n casefile.Number) (View, error) {
	c, err := s.mine(ctx, by, n)
	if err != nil {
		return View{}, err
	}
	if c, err = s.viewed(ctx, by, c); err != nil {
		return View{}, err
	}
	may, err := s.mayDo(ctx, by, c)
	if err != nil {
		return View{}, err
	}
	v := View{May: may, Own: by.OfficerID() != "" && c.Demand.Officer == by.OfficerID(), Number: n, Phase: c.Phase(), Demand: c.Demand, Filed: c.Filed, Due: c.DueAt(s.Files.Clock.Now()), Questions: c.Questions,
		Packages: c.Packages, Held: held(c, s.Files.Clock.Now()), Withdrawn: c.Withdrawn, Traced: c.TracedUntil(), Emergency: c.Emergency, Timeline: c.Timeline(true)}
	for _, f := range c.Findings {
		if !f.Row().TeamOnly {
			v.Findings = append(v.Findings, f)
		}
	}
	if len(c.Packages) > 0 {
		v.Decisions = c.Decided()
		if c.NoticePlan != nil {
			v.Notice = &c.NoticePlan.Plan
		}
	}
	v.CanEdit = !c.Withdrawn && !c.Answering && len(c.GrantsOf(disclosable.Produce)) == 0 && len(c.GrantsOf(disclosable.Preserve)) == 0 && len(c.Packages) == 0
	v.Kept, v.Renewable = c.Kept, s.renewable(c)
	return v, nil
}
