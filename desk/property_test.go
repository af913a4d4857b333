package desk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/ledger/proof"
)

// fate is what the test itself knows of a member, apart from the desk.
type fate struct {
	staff.Member
	until   time.Time // training counts until then; zero: none
	tied    bool      // to the one agency there is
	left    bool
	cleared bool
}

// may is the rule as the law of the house states it, written a second time.
func (f *fate) may(now time.Time, n casefile.Number) error {
	switch {
	case f.left:
		return fmt.Errorf("%s has left", f.Name)
	case !now.Before(f.until):
		return fmt.Errorf("%s has no current training", f.Name)
	case f.tied:
		return fmt.Errorf("%s has a conflict of interest", f.Name)
	case n.Sealed() && !f.cleared:
		return fmt.Errorf("%s is not cleared", f.Name)
	}
	return nil
}

// random drives a desk by people at random, and looks at everything it did.
type random struct {
	*world
	alarmed
	r        *rand.Rand
	people   []*fate
	cases    []casefile.Number
	seen     map[casefile.Number]int // events looked at
	released int
	urgent   int // of them, emergencies
	ordinary int // of them, after the person had their days
	refused  int
	cuts     []hit
	target   casefile.Number // the case that is taken onward
}

func (x *random) anyone() *fate            { return x.people[x.r.IntN(len(x.people))] }
func (x *random) anyCase() casefile.Number { return x.cases[x.r.IntN(len(x.cases))] }

// newcomer joins, while the ledger can be written.
func (x *random) newcomer(name string, trained, cleared bool, roles ...staff.Role) {
	defer func(broken bool) { x.ledger.broken = broken }(x.ledger.broken)
	x.ledger.broken = false
	box := fmt.Sprintf("%s@letterlock.example", casefile.NewID()[:8])
	must(x.desk.Staff.Invite(x.ctx, x.lead.ID, staff.Invitation{Why: "the team needs them", Name: name, Mailbox: box, Roles: roles, Cleared: cleared}))(x.world)
	m := must(x.desk.Staff.RegisterKey(x.ctx, x.mail.token(x.world, box), "", x.key()))(x.world)
	f := &fate{Member: m, cleared: cleared}
	if trained {
		x.ok(x.desk.Staff.Train(x.ctx, x.lead.ID, m.ID, "2026-1", 90, "taught in the house"))
		f.until = x.clock.Now().Add(staff.TrainingLife)
	}
	x.people = append(x.people, f)
}

// acts are what people and time do; each may be refused.
func (x *random) acts() []func() error {
	ctx, v := x.ctx, x.desk.Review
	return []func() error{
		x.push, x.push, x.push, x.hurry, x.hurry,
		func() error {
			if len(x.cases) > 40 {
				return nil
			}
			d := x.order()
			if x.r.IntN(3) == 0 {
				d = x.letter(x.r.IntN(1e9))
			}
			d.Reference = fmt.Sprint("R-", x.r.IntN(1e9))
			_, err := x.sends(d)
			return err
		},
		func() error {
			return v.Assign(ctx, x.anyone().ID, x.anyCase(), x.anyone().ID, "it is theirs to decide")
		},
		func() error {
			n := x.anyCase()
			c, err := x.desk.Files.Load(ctx, n)
			for _, p := range c.Unread() {
				_, err = v.ReadPaper(ctx, x.anyone().ID, n, p.ID)
			}
			return err
		},
		func() error {
			n, who := x.anyCase(), x.anyone().ID
			c, err := x.desk.Files.Load(ctx, n)
			for _, f := range c.Findings {
				if f.Answer == nil {
					err = v.AnswerFinding(ctx, who, n, f.ID, x.r.IntN(8) == 0, "looked at")
				}
			}
			return err
		},
		func() error {
			_, err := v.Resolve(ctx, x.anyone().ID, x.anyCase(), 0, "the request asks about it")
			return err
		},
		func() error { // at any time: before, between and after the signatures
			if x.r.IntN(4) > 0 {
				return nil
			}
			return v.AddFinding(ctx, x.anyone().ID, x.anyCase(), []law.FindingID{"SYS.KEYS", "SYS.GHOST"}[x.r.IntN(2)], "page 3")
		},
		func() error {
			n := x.anyCase()
			c, err := x.desk.Files.Load(ctx, n)
			if err != nil {
				return err
			}
			var all []review.Choice
			for _, i := range c.Demand.Wanted {
				if x.r.IntN(40) > 0 {
					reason := "the paper reaches it"
					if x.r.IntN(20) == 0 {
						reason = " "
					}
					verdict := casefile.Produce
					if i == "last_ip" && n.Sealed() || i == "blocks" && x.r.IntN(2) == 0 {
						verdict = casefile.Decline
					}
					all = append(all, review.Choice{Item: i, Verdict: verdict, Reason: reason})
				}
			}
			return v.Decide(ctx, x.anyone().ID, n, all)
		},
		func() error { return v.Propose(ctx, x.anyone().ID, x.anyCase(), "what was decided is carried out") },
		func() error { return v.NoTie(ctx, x.anyone().ID, x.anyCase(), "I know none of them") },
		func() error {
			return x.door.SignAll([]string{"Ines Okafor", "Sefa Yilmaz", "Miriam Adler"}[x.r.IntN(3)])
		},
		x.tickOnce,
		func() error { x.clock.Advance(time.Duration(x.r.IntN(9)+1) * time.Minute); return x.tickOnce() },
		func() error {
			if x.r.IntN(40) > 0 {
				return nil
			}
			for range 8 * 24 { // more than the days of notice, as a running house sees them go by
				x.clock.Advance(time.Hour / 7)
			}
			x.clock.Advance([]time.Duration{8 * 24 * time.Hour, 40 * 24 * time.Hour, -time.Hour, 200 * 24 * time.Hour}[x.r.IntN(4)])
			return x.tickOnce()
		},
		func() error {
			x.ledger.CheckClock(x.clock.Now())
			return x.desk.Watch.Confirm(ctx, x.anyone().ID, "compared with a telephone")
		},
		func() error {
			f := x.anyone()
			score := 60 + x.r.IntN(41)
			err := x.desk.Staff.Train(ctx, x.anyone().ID, f.ID, "2026-1", score, "taught in the house")
			if err == nil && score >= staff.PassMark {
				f.until = x.clock.Now().Add(staff.TrainingLife)
			}
			return err
		},
		func() error {
			return x.desk.Staff.DeclareAll(ctx, x.anyone().ID, "went through family and earlier employers")
		},
		func() error {
			f := x.anyone()
			if x.r.IntN(25) > 0 {
				return nil
			}
			err := x.desk.Staff.Declare(ctx, f.ID, staff.Conflict{Agency: x.agency.ID, Reason: "worked there"})
			f.tied = f.tied || err == nil
			return err
		},
		func() error {
			f := x.anyone()
			if x.r.IntN(40) > 0 || f.ID == x.lead.ID {
				return nil
			}
			err := x.desk.Staff.Leave(ctx, x.anyone().ID, f.ID, "moved")
			f.left = f.left || err == nil
			if err == nil {
				x.newcomer("Newcomer", true, f.cleared, staff.Analyst)
			}
			return err
		},
		func() error {
			f := x.anyone()
			on := x.r.IntN(2) == 0
			err := x.desk.Staff.Clear(ctx, x.anyone().ID, f.ID, on, "list")
			if err == nil {
				f.cleared = on
			}
			return err
		},
		func() error { return v.WithdrawGrants(ctx, x.anyone().ID, x.anyCase(), "looked again") },
		func() error {
			if x.r.IntN(20) > 0 {
				return nil
			}
			return x.desk.Intake.Withdraw(ctx, x.reyes.Actor(), x.anyCase(), "not needed")
		},
		func() error { x.desk = newDesk(x.conf); return nil }, // a restart
		func() error { x.ledger.broken = x.r.IntN(10) == 0; return nil },
	}
}

// sends files a demand with its paper.
func (x *random) sends(d casefile.Demand) (casefile.Number, error) {
	dr, err := x.desk.Intake.Start(x.ctx, x.reyes.ID, d.Process)
	if err != nil {
		return "", err
	}
	if _, err = x.desk.Intake.Save(x.ctx, x.reyes.Actor(), dr.ID, d); err != nil {
		return "", err
	}
	if _, err = x.desk.Intake.AddPaper(x.ctx, x.reyes.Actor(), dr.ID, "o.pdf", "order", bytes.NewReader(pdf(d.Reference))); err != nil {
		return "", err
	}
	n, err := x.desk.Intake.File(x.ctx, x.reyes.Actor(), dr.ID)
	if err == nil {
		x.cases = append(x.cases, n)
	}
	return n, err
}

// push takes one case as far as it goes in one go, mostly by one person.
func (x *random) push() error {
	n, f := x.anyCase(), x.anyone()
	by := func() casefile.MemberID {
		if x.r.IntN(6) == 0 {
			return x.anyone().ID
		}
		return f.ID
	}
	c, err := x.desk.Files.Load(x.ctx, n)
	if err != nil {
		return err
	}
	v, errs := x.desk.Review, []error{}
	do := func(err error) { errs = append(errs, err) }
	do(v.Assign(x.ctx, by(), n, f.ID, "it is theirs to decide"))
	if x.r.IntN(8) > 0 { // mostly they think of it
		do(v.NoTie(x.ctx, f.ID, n, "I know none of them"))
	}
	for _, p := range c.Unread() {
		_, err := v.ReadPaper(x.ctx, by(), n, p.ID)
		do(err)
	}
	for _, k := range c.Findings {
		if k.Blocks() {
			do(v.AnswerFinding(x.ctx, by(), n, k.ID, false, "checked against the paper: met"))
		}
	}
	_, err = v.Resolve(x.ctx, by(), n, 0, "the request asks about it")
	do(err)
	if x.r.IntN(4) == 0 { // somebody in a hurry
		do(v.Decide(x.ctx, by(), n, []review.Choice{{Item: "name", Verdict: casefile.Produce, Reason: " "}}))
	}
	do(v.Decide(x.ctx, by(), n, append(yield("name", "service_start"), decline("last_ip", "blocks")[:map[bool]int{true: 1, false: 2}[n.Sealed()]]...)))
	do(v.Propose(x.ctx, by(), n, "what was decided is carried out"))
	do(x.tickOnce())
	do(x.door.SignAll("Ines Okafor", "Sefa Yilmaz"))
	for range 3 {
		x.clock.Advance(3 * time.Minute)
		do(x.tickOnce())
	}
	return errors.Join(errs...)
}

func (x *random) tickOnce() error { return x.desk.Tick(x.ctx) }

// look holds every new event against the rules.
func (x *random) look() error {
	for _, n := range x.cases {
		c, err := x.desk.Files.Load(x.ctx, n)
		if err != nil {
			return err
		}
		for _, e := range c.Events[x.seen[n]:] {
			if err := x.event(c, e); err != nil {
				return fmt.Errorf("%s, event %d, %s: %w", n, e.Seq, e.Kind, err)
			}
		}
		x.seen[n] = len(c.Events)
	}
	return nil
}

// judged are the events that only a reviewer's own judgement makes.
var judged = []casefile.Kind{casefile.KDecided, casefile.KFindingAnswer, casefile.KLookup, casefile.KComposed, casefile.KAssigned}

func (x *random) event(c casefile.Case, e casefile.Event) error {
	if e.By.Kind == "" || e.By.Name == "" || e.By.Kind != casefile.ByClock && e.By.Kind != casefile.ByCarrier && e.By.ID == "" {
		return fmt.Errorf("it is nobody's")
	}
	if err := x.again(c, e); err != nil {
		return err
	}
	if slices.Contains(judged, e.Kind) {
		who := e.By
		if e.Kind == casefile.KAssigned {
			who = *e.Assignee
		}
		if err := x.reviewer(who, e.At, c.Number); err != nil && who.Kind != casefile.ByClock {
			return err
		}
	}
	said := slices.ContainsFunc(c.Events[:e.Seq-1], func(o casefile.Event) bool { return o.Kind == casefile.KNoTie && o.By == e.By })
	if (e.Kind == casefile.KDecided || e.Kind == casefile.KComposed) && !said {
		return fmt.Errorf("by somebody who never said that they have no tie")
	}
	switch e.Kind {
	case casefile.KDecided:
		if e.By.Kind != casefile.ByMember {
			return fmt.Errorf("not by a person of the team")
		}
		for _, d := range e.Decisions {
			if len(bytes.TrimSpace([]byte(d.Reason))) == 0 || d.By != e.By {
				return fmt.Errorf("%s without a reason or by somebody else", d.Item)
			}
		}
	case casefile.KReleasing:
		if err := x.cutsHeard(c, e); err != nil {
			return err
		}
		return x.system(c.Events[:e.Seq-1])
	case casefile.KReleased:
		x.released++
		return x.release(c, e)
	}
	return nil
}

func (x *random) reviewer(a casefile.Actor, at time.Time, n casefile.Number) error {
	i := slices.IndexFunc(x.people, func(f *fate) bool { return f.ID == a.MemberID() })
	if i < 0 {
		return fmt.Errorf("by %s %q, who is not of the team", a.Kind, a.Name)
	}
	return x.people[i].may(at, n)
}

// system: what a person took for a demand on the system was set aside by two
// before anything goes on.
func (x *random) system(before []casefile.Event) error {
	said := map[law.FindingID]map[string]bool{}
	for _, e := range before {
		for _, f := range e.Findings {
			if e.Kind == casefile.KFindingAdded && strings.HasPrefix(string(f.ID), "SYS.") {
				said[f.ID] = map[string]bool{}
			}
		}
		switch {
		case said[e.Finding] == nil:
		case e.Kind == casefile.KFindingAnswer && e.Holds:
			said[e.Finding] = map[string]bool{}
		case e.Kind == casefile.KFindingDoubted, e.Kind == casefile.KFindingAnswer:
			said[e.Finding][e.By.ID] = true
		}
	}
	for id, who := range said {
		if len(who) < 2 {
			return fmt.Errorf("%s stands, set aside by %d", id, len(who))
		}
	}
	return nil
}

// release is a disclosure: two people's signatures, and a decision of its own
// for every field, made before and standing.
func (x *random) release(c casefile.Case, e casefile.Event) error {
	g, ok := c.Grant(*e.Grant)
	if !ok || g.Grant.Kind != disclosable.Produce {
		return fmt.Errorf("of no grant")
	}
	p, err := x.door.Proposal(context.Background(), g.Hash)
	if err != nil {
		return err
	}
	if names := slices.Compact(slices.Sorted(slices.Values(p.Signed))); len(names) < 2 {
		return fmt.Errorf("signed by %v", names)
	}
	if len(g.Entry) == 0 {
		return fmt.Errorf("without the carrier's record")
	}
	if c.Demand.Process == law.Emergency {
		var fields []string
		for _, f := range g.Grant.Fields {
			fields = append(fields, string(f))
		}
		if err := x.urgentRelease(c, int(e.Seq), fields); err != nil {
			return err
		}
	}
	var items []casefile.Item
	for _, f := range g.Grant.Fields {
		items = append(items, casefile.FieldItem(f))
	}
	if err := x.secondsHeard(c, e, items); err != nil {
		return err
	}
	if c.Demand.Process != law.Emergency && !c.Number.Sealed() {
		x.ordinary++
	}
	for _, f := range g.Grant.Fields {
		var last *casefile.Decision
		for _, old := range c.Events[:e.Seq-1] {
			for i, d := range old.Decisions {
				if d.Item == casefile.FieldItem(f) {
					last = &old.Decisions[i]
				}
			}
		}
		if last == nil || !last.For(g.Target) || last.By.Kind != casefile.ByMember {
			return fmt.Errorf("%s left without a decision of a person", f)
		}
	}
	return nil
}

// audit replays what the cases say against what the ledgers hold: each event is
// there once, in its own ledger and in no other.
func (x *random) audit() error {
	kept := [2]map[[32]byte]int{{}, {}}
	for i, l := range []interface {
		Entries(func(proof.Entry)) error
	}{opened{x, false}, opened{x, true}} {
		if err := l.Entries(func(e proof.Entry) {
			var b casefile.Counted
			if casefile.Decode(e.Body, &b) == nil {
				kept[i][b.Event]++
			}
		}); err != nil {
			return err
		}
	}
	for _, n := range x.cases {
		for _, e := range x.load(n).Events {
			b, err := e.Bytes()
			if err != nil {
				return err
			}
			in, other := kept[0], kept[1]
			if n.Sealed() {
				in, other = other, in
			}
			m, err := casefile.Mark(b)
			if err != nil {
				return err
			}
			if in[m] != 1 || other[m] != 0 {
				return fmt.Errorf("%s, event %d, %s is %d times in its ledger and %d times in the other", n, e.Seq, e.Kind, in[m], other[m])
			}
		}
	}
	return nil
}

// opened are the entries of one of the desk's ledgers.
type opened struct {
	x      *random
	sealed bool
}

func (o opened) Entries(yield func(proof.Entry)) error {
	l := o.x.ledger.Ledger
	if o.sealed {
		l = o.x.vault
	}
	for e, err := range l.Openings(1, 0) {
		if err != nil {
			return err
		}
		entry, err := proof.ParseEntry(e.Opening.Entry)
		if err != nil {
			return err
		}
		yield(entry)
	}
	return nil
}

func env(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// TestNoSequenceOfActsReachesADisclosureByAnotherWay drives a desk by people at
// random: trained and not, tied, cleared and not, some who leave, restarts,
// jumps of the clock, a ledger that cannot be written. LETTERLOCK_PROPERTY_SEED
// repeats a run; LETTERLOCK_PROPERTY_ROUNDS is how many there are.
func TestNoSequenceOfActsReachesADisclosureByAnotherWay(t *testing.T) {
	seed, released, steps := env("LETTERLOCK_PROPERTY_SEED", int(time.Now().UnixNano()%1e9)), 0, 0
	urgent := 0
	for round := range env("LETTERLOCK_PROPERTY_ROUNDS", 4) {
		s := uint64(seed + round)
		x := &random{world: newWorld(t), r: rand.New(rand.NewPCG(s, 1)), seen: map[casefile.Number]int{}}
		for _, m := range []staff.Member{x.lead, x.analyst, x.second, x.counsel} {
			x.people = append(x.people, &fate{Member: m, until: start.Add(staff.TrainingLife), cleared: m.ID == x.lead.ID})
		}
		x.newcomer("Cleared Counsel", true, true, staff.Counsel)
		x.newcomer("Cleared Analyst", true, true, staff.Analyst)
		x.newcomer("Untrained Analyst", false, false, staff.Analyst)
		x.newcomer("Tied Analyst", true, true, staff.Analyst)
		tied := x.people[len(x.people)-1]
		x.ok(x.desk.Staff.Declare(x.ctx, tied.ID, staff.Conflict{Agency: x.agency.ID, Reason: "worked there"}))
		tied.tied = true
		x.alarm()
		x.cases = append(x.cases, x.file(x.order()), x.file(x.letter(1)))
		x.conf.Second = 30
		x.desk = newDesk(x.conf)
		x.approve("us.order.2703d")
		if err := x.reaches(); err != nil {
			t.Fatalf("LETTERLOCK_PROPERTY_SEED=%d, before anything happened: %v", s, err)
		}
		if err := x.rescues(); err != nil {
			t.Fatalf("LETTERLOCK_PROPERTY_SEED=%d, before anything happened: %v", s, err)
		}
		acts := append(x.acts(), x.suspicious()...)
		for i := range 600 {
			act := x.onward
			if x.r.IntN(2) == 0 {
				act = acts[x.r.IntN(len(acts))]
			}
			err := act()
			if err != nil {
				x.refused++
			}
			if err != nil && fault.KindOf(err) == fault.Internal && !x.ledger.broken {
				t.Logf("seed %d, step %d: an error without a sentence: %v", s, i, err)
			}
			if err := x.look(); err != nil {
				t.Fatalf("LETTERLOCK_PROPERTY_SEED=%d, step %d: %v", s, i, err)
			}
			steps++
		}
		if err := x.reaches(); err != nil {
			t.Fatalf("LETTERLOCK_PROPERTY_SEED=%d, after all of it: %v", s, err)
		}
		x.ledger.broken = false
		if err := x.audit(); err != nil {
			t.Fatalf("LETTERLOCK_PROPERTY_SEED=%d: %v", s, err)
		}
		t.Logf("LETTERLOCK_PROPERTY_SEED=%d: %d cases, %d disclosures, %d of them ordinary and %d emergencies, %d cuts, %d acts refused", s, len(x.cases), x.released, x.ordinary, x.urgent, len(x.cuts), x.refused)
		if x.ordinary < 2 { // one before the accidents and one after, whatever they were
			t.Errorf("LETTERLOCK_PROPERTY_SEED=%d: %d ordinary disclosures", s, x.ordinary)
		}
		released, urgent = released+x.released, urgent+x.urgent
	}
	t.Logf("%d steps, %d disclosures, %d of them emergencies", steps, released, urgent)
}
