package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/disclosable"
)

// suspicious are the acts around a sender who may be somebody else, a second
// pair of eyes, and a request in other words.
func (x *random) suspicious() []func() error {
	v := x.desk.Review
	seconds := func(do func(n casefile.Number, s casefile.Second) error) func() error {
		return func() error {
			n := x.anyCase()
			c, err := x.desk.Files.Load(x.ctx, n)
			for _, s := range c.Seconds {
				err = errors.Join(err, do(n, s))
			}
			return err
		}
	}
	return []func() error{
		x.pulls, x.givesBackAtRandom, x.corrects,
		func() error {
			return x.desk.Breach.Review(x.ctx, x.anyone().ID, x.anyCase(), casefile.Outcomes[min(x.r.IntN(6), 3)%3], "called the switchboard")
		},
		func() error { return x.desk.Review.AskSecond(x.ctx, x.anyone().ID, x.anyCase(), "it is not plain") },
		seconds(func(n casefile.Number, s casefile.Second) error {
			return x.desk.Review.TakeAgain(x.ctx, x.anyone().ID, n, s.ID, "it waits, and I know none of them")
		}),
		seconds(func(n casefile.Number, s casefile.Second) error {
			who := s.Reviewer.MemberID()
			if x.r.IntN(4) == 0 || who == "" {
				who = x.anyone().ID
			}
			return x.opines(who, n, s)
		}),
		seconds(func(n casefile.Number, s casefile.Second) error {
			if x.r.IntN(3) > 0 {
				return nil
			}
			return v.CloseAgain(x.ctx, x.anyone().ID, n, s.ID, "read with both")
		}),
	}
}

// opines gives a second reviewer's verdicts, at times for less than the first.
func (x *random) opines(who casefile.MemberID, n casefile.Number, s casefile.Second) error {
	var all []review.Choice
	for _, i := range x.load(n).Demand.Wanted {
		ch := review.Choice{Item: i, Verdict: casefile.Produce, Reason: "as I read it"}
		if i == "blocks" || i == "last_ip" || x.r.IntN(8) == 0 {
			ch.Verdict = casefile.Decline
		}
		all = append(all, ch)
	}
	return x.desk.Review.GiveAgain(x.ctx, who, n, s.ID, all)
}

// hit is a use of the compromise switch, with the cases that there were and how
// far they were: the clock does not tell, for at times it goes back.
type hit struct {
	casefile.Cut
	events map[casefile.Number]int
}

// pulls is the compromise switch: not often, for everything is cut.
func (x *random) pulls() error {
	if x.r.IntN(3) > 0 {
		return nil
	}
	kind := []casefile.CutKind{casefile.CutOfficer, casefile.CutDomain, casefile.CutAgency}[x.r.IntN(3)]
	what := map[casefile.CutKind]string{casefile.CutOfficer: string(x.reyes.ID), casefile.CutDomain: "sheriff.harbor.example", casefile.CutAgency: string(x.agency.ID)}[kind]
	events := map[casefile.Number]int{}
	for _, n := range x.cases {
		events[n] = x.load(n).Version()
	}
	cut, err := x.desk.Cut(x.ctx, x.anyone().ID, kind, what, "mailboxes were taken over")
	known := slices.ContainsFunc(x.cuts, func(h hit) bool { return h.ID == cut.ID })
	if err == nil && !known {
		x.cuts = append(x.cuts, hit{cut, events})
	}
	return err
}

func (x *random) givesBackAtRandom() error {
	all, err := x.desk.Agencies.Cuts(x.ctx)
	for _, c := range all {
		if c.Open() {
			err = errors.Join(err, x.desk.Restore(x.ctx, x.anyone().ID, c.ID, "spoke with the sheriff"))
		}
	}
	for _, o := range []casefile.OfficerID{x.reyes.ID, x.boss.ID} {
		err = errors.Join(err, x.desk.Agencies.Confirm(x.ctx, x.anyone().Actor(), o, "met her"))
	}
	return err
}

// corrects says a request in other words, in any state that it is in.
func (x *random) corrects() error {
	n := x.anyCase()
	if x.r.IntN(3) > 0 || slices.Contains(x.sirens, n) {
		return nil
	}
	d := x.load(n).Demand
	d.Reference = fmt.Sprint("C-", x.r.IntN(1e9))
	if x.r.IntN(2) == 0 && !n.Sealed() {
		d.Wanted = []casefile.Item{"name", "service_start", "last_ip", "blocks"}[:1+x.r.IntN(4)]
	}
	return x.desk.Intake.Correct(x.ctx, x.reyes.Actor(), n, d, "the order was amended")
}

// fit are those who may decide a case and have a role, as the test knows them.
func (x *random) fit(n casefile.Number, r staff.Role, not ...string) (out []*fate) {
	for _, f := range x.people {
		if f.may(x.clock.Now(), n) == nil && f.Is(r) && !slices.Contains(not, string(f.ID)) {
			out = append(out, f)
		}
	}
	return out
}

// onward is one step nearer to the end for one ordinary case, by those whose
// work it is: half of what happens is no accident.
func (x *random) onward() error {
	if x.target == "" || x.done(x.load(x.target)) || x.r.IntN(150) == 0 {
		x.target = ""
		if err := x.asks(); err != nil {
			return err
		}
	}
	return x.step(x.target)
}

func (x *random) done(c casefile.Case) bool {
	return c.Disclosed() || c.Withdrawn || c.Answering || len(c.Packages) > 0 || c.Held.Outcome == casefile.Fraudulent
}

// asks has the agency ask, after whatever stood in its way was put right.
func (x *random) asks() error {
	x.mends()
	d := x.order()
	d.Reference = fmt.Sprint("D-", x.r.IntN(1e9))
	n, err := x.sends(d)
	x.target = n
	return err
}

// mends has the house do what it does after trouble: write its ledger again,
// look at the clock, give access back, train and hire.
func (x *random) mends() {
	x.ledger.broken = false
	x.ledger.CheckClock(x.clock.Now())
	for _, r := range []staff.Role{staff.Analyst, staff.Analyst, staff.Analyst, staff.Counsel} {
		if len(x.fit("", r)) < map[staff.Role]int{staff.Analyst: 3, staff.Counsel: 2}[r] {
			x.trainsLead()
			x.newcomer("Hired", true, x.people[0].cleared, r)
		}
	}
	for _, f := range x.people {
		_ = x.desk.Staff.DeclareAll(x.ctx, f.ID, "went through family and earlier employers")
		_ = x.desk.Watch.Confirm(x.ctx, f.ID, "compared with a telephone")
	}
	all, _ := x.desk.Agencies.Cuts(x.ctx)
	for _, f := range x.people {
		for _, c := range all {
			if c.Open() {
				_ = x.desk.Restore(x.ctx, f.ID, c.ID, "spoke with the sheriff")
			}
		}
		_ = x.desk.Agencies.Confirm(x.ctx, f.Actor(), x.reyes.ID, "met her")
	}
}

// trainsLead keeps the one who trains the others trained.
func (x *random) trainsLead() {
	lead := x.people[0]
	if x.desk.Staff.Train(x.ctx, lead.ID, lead.ID, "2026-1", 95, "taught in the house") == nil {
		lead.until = x.clock.Now().Add(staff.TrainingLife)
	}
	_ = x.desk.Staff.DeclareAll(x.ctx, lead.ID, "went through family and earlier employers")
}

// step is the next thing that a case lacks.
func (x *random) step(n casefile.Number) error {
	v, c := x.desk.Review, x.load(n)
	seconds := func() (out []string) {
		for _, s := range c.Seconds {
			out = append(out, s.Reviewer.ID)
		}
		return out
	}()
	if c.OnHold() {
		for _, f := range x.fit(n, staff.Analyst) {
			if !c.Reviewers()[f.ID] && c.Assigned.MemberID() != f.ID && x.desk.Breach.Review(x.ctx, f.ID, n, casefile.Genuine, "called the switchboard") == nil {
				return nil
			}
		}
		x.mends()
		return fmt.Errorf("nobody is left to look again")
	}
	analysts := x.fit(n, staff.Analyst, seconds...)
	if len(analysts) == 0 {
		x.mends()
		return fmt.Errorf("nobody is left to decide")
	}
	who := analysts[0].ID
	if i := slices.IndexFunc(analysts, func(f *fate) bool { return f.ID == c.Assigned.MemberID() }); i >= 0 {
		who = analysts[i].ID
	} else {
		return v.Assign(x.ctx, x.lead.ID, n, who, "it is theirs to decide")
	}
	if !c.NoTie(who) {
		return v.NoTie(x.ctx, who, n, "I know none of them")
	}
	for _, f := range c.Findings {
		switch {
		case f.Stands():
			var errs []error
			for _, m := range append(x.fit(n, staff.Counsel), x.people[0]) {
				errs = append(errs, v.NoTie(x.ctx, m.ID, n, "I know none of them"), v.AnswerFinding(x.ctx, m.ID, n, f.ID, false, "a figure of speech"))
			}
			return errors.Join(errs...)
		case f.Blocks():
			return v.AnswerFinding(x.ctx, who, n, f.ID, false, "checked against the paper: met")
		}
	}
	if len(c.Unread()) > 0 {
		_, err := v.ReadPaper(x.ctx, who, n, c.Unread()[0].ID)
		return err
	}
	if len(c.Resolutions) < len(c.Demand.Targets) {
		_, err := v.Resolve(x.ctx, who, n, 0, "the request asks about it")
		return err
	}
	if c.SecondHolds() {
		return x.closesSecond(c)
	}
	return x.finish(c, who)
}

func (x *random) closesSecond(c casefile.Case) (err error) {
	for _, s := range c.Seconds {
		for _, m := range x.fit(c.Number, staff.Counsel, s.Reviewer.ID) {
			if s.Holds() && x.desk.Review.CloseAgain(x.ctx, m.ID, c.Number, s.ID, "read with both") == nil {
				return nil
			}
		}
	}
	x.mends()
	return fmt.Errorf("no counsel is left to close it")
}

// finish decides what is open, proposes, has it signed, and lets the person's
// days go by.
func (x *random) finish(c casefile.Case, who casefile.MemberID) error {
	live := slices.ContainsFunc(c.GrantsOf(disclosable.Produce), func(g casefile.GrantState) bool { return !g.Phase.Dead() })
	switch {
	case live:
		_ = x.door.SignAll("Ines Okafor", "Sefa Yilmaz")
		for range 8*24*6 + 12 {
			x.clock.Advance(10 * time.Minute)
			x.ledger.CheckClock(x.clock.Now())
			x.carrier.CheckClock(x.clock.Now())
		}
		var errs []error
		for range 3 {
			x.clock.Advance(3 * time.Minute)
			errs = append(errs, x.ledger.Ledger.Tick(x.ctx), x.carrier.Tick(x.ctx), x.tickOnce())
		}
		return errors.Join(errs...)
	case len(c.Undecided()) > 0 || !c.Produces():
		var all []review.Choice
		for _, i := range c.Demand.Wanted {
			ch := review.Choice{Item: i, Verdict: casefile.Produce, Reason: "the paper reaches it"}
			if i == "blocks" || i == "last_ip" {
				ch.Verdict = casefile.Decline
			}
			all = append(all, ch)
		}
		return x.desk.Review.Decide(x.ctx, who, c.Number, all)
	}
	return errors.Join(x.desk.Review.Propose(x.ctx, who, c.Number, "what was decided is carried out"), x.tickOnce())
}

// reaches drives one ordinary case to its end by the directed steps alone, and
// holds every event on the way against the rules.
func (x *random) reaches() error {
	x.target = ""
	before := x.ordinary
	var last error
	for range 60 {
		last = x.onward()
		if err := x.look(); err != nil {
			return err
		}
		if x.ordinary > before {
			return nil
		}
		if last != nil {
			x.mends()
		}
	}
	if x.target == "" {
		return last
	}
	c := x.load(x.target)
	return fmt.Errorf("%s, %s, reaches no disclosure: %w; held %v, grants %+v, seconds %+v", c.Number, c.Phase(), last, c.OnHold(), c.Grants, c.Seconds)
}

// rescues drives emergencies until one is answered.
func (x *random) rescues() error {
	for range 60 {
		_ = x.hurry()
		if err := x.look(); err != nil || x.urgent > 0 {
			return err
		}
	}
	return fmt.Errorf("no emergency was ever answered")
}

// cutsHeard: every compromise that concerns a case was followed by somebody's
// word, who had not decided it, that its sender was who they said.
func (x *random) cutsHeard(c casefile.Case, at casefile.Event) error {
	for _, cut := range x.cuts {
		then, there := cut.events[c.Number]
		if !there || at.Seq <= then || !cut.Concerns(c) || c.Filed.Before(cut.From) {
			continue
		}
		if !slices.ContainsFunc(c.Events[then:at.Seq-1], func(e casefile.Event) bool {
			return e.Kind == casefile.KReviewedAgain && e.Suspect.Outcome == casefile.Genuine
		}) {
			return fmt.Errorf("the sender was cut at %s and nobody found this request genuine", cut.At)
		}
	}
	held, forged := false, false
	for _, e := range c.Events[:at.Seq-1] {
		switch e.Kind {
		case casefile.KHeld:
			held = true
		case casefile.KReviewedAgain:
			held, forged = e.Suspect.Outcome != casefile.Genuine, forged || e.Suspect.Outcome == casefile.Fraudulent
		}
	}
	if held || forged {
		return fmt.Errorf("a cut holds it: found fraudulent once: %v", forged)
	}
	return nil
}

// secondsHeard: what a second reviewer would not have given leaves only after
// counsel said so, who is not that reviewer, and no second reviewer decided.
func (x *random) secondsHeard(c casefile.Case, at casefile.Event, fields []casefile.Item) error {
	var corrected int64 = -1
	decided := map[casefile.Item]casefile.Actor{}
	refused := map[string]map[casefile.Item]bool{}
	reviewer := map[string]casefile.Actor{}
	for _, e := range c.Events[:at.Seq-1] {
		switch e.Kind {
		case casefile.KCorrected:
			corrected, decided = int64(e.Seq), map[casefile.Item]casefile.Actor{}
		case casefile.KDecided:
			for _, d := range e.Decisions {
				decided[d.Item] = e.By
			}
		case casefile.KSecondGiven:
			reviewer[e.Second.ID], refused[e.Second.ID] = e.By, map[casefile.Item]bool{}
			for _, d := range e.Decisions {
				refused[e.Second.ID][d.Item] = !d.For(0)
			}
		case casefile.KSecondClosed:
			if e.By.ID == reviewer[e.Second.ID].ID {
				return fmt.Errorf("%s closed their own second review", e.By.Name)
			}
			delete(refused, e.Second.ID)
		}
	}
	for _, i := range fields {
		by, ok := decided[i]
		if !ok {
			return fmt.Errorf("%s was not decided since the correction (event %d)", i, corrected)
		}
		for id, who := range reviewer {
			if who.ID == by.ID {
				return fmt.Errorf("%s decided %s and looked at it a second time", by.Name, i)
			}
			if refused[id][i] {
				return fmt.Errorf("%s left although the second reviewer would not have given it", i)
			}
		}
	}
	return nil
}

// again: a second reviewer, of either kind, has decided nothing before.
func (x *random) again(c casefile.Case, e casefile.Event) error {
	if e.Kind != casefile.KSecondGiven && e.Kind != casefile.KReviewedAgain {
		return nil
	}
	for _, o := range c.Events[:e.Seq-1] {
		if (o.Kind == casefile.KDecided || o.Kind == casefile.KComposed) && o.By.ID == e.By.ID {
			return fmt.Errorf("%s had a hand in it, event %d", e.By.Name, o.Seq)
		}
	}
	return nil
}
