package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/review"
	soft "letterlock/internal/testkit/passkey"
)

// alarmed is what an emergency needs of the agency's side.
type alarmed struct {
	boss              agency.Officer
	reyesKey, bossKey *soft.Authenticator
	sirens            []casefile.Number
}

func (x *random) alarm() {
	x.reyesKey = x.armed(x.reyes)
	x.boss = x.colleague("Luc Moreau", "moreau@sheriff.harbor.example", casefile.Supervisor)
	x.bossKey = x.armed(x.boss)
}

// sound files an emergency, at times asking for more than locates anybody.
func (x *random) sound() error {
	if len(x.cases) > 40 || len(x.sirens) > 8 {
		return nil
	}
	d := x.world.siren()
	d.Reference = fmt.Sprint("E-", x.r.IntN(1e9))
	if x.r.IntN(3) == 0 {
		d.Wanted = append(d.Wanted, "blocks")
	}
	dr, err := x.desk.Intake.Start(x.ctx, x.reyes.ID, d.Process)
	if err != nil {
		return err
	}
	if _, err = x.desk.Intake.Save(x.ctx, x.reyes.Actor(), dr.ID, d); err != nil {
		return err
	}
	n, err := x.desk.Intake.File(x.ctx, x.reyes.Actor(), dr.ID)
	if err == nil {
		x.cases, x.sirens = append(x.cases, n), append(x.sirens, n)
	}
	return err
}

// hurry takes one emergency as far as it goes, each step left out now and then
// and done by whoever comes along.
func (x *random) hurry() error {
	if len(x.sirens) == 0 || x.r.IntN(10) == 0 {
		return x.sound()
	}
	n, a, b := x.sirens[x.r.IntN(len(x.sirens))], x.anyone(), x.anyone()
	if x.r.IntN(4) > 0 { // two who know their work
		a, b = x.people[1], x.people[2]
	}
	var errs []error
	mostly := func(f func() error) {
		if x.r.IntN(15) > 0 {
			errs = append(errs, f())
		}
	}
	outcome := casefile.CallConfirmed
	if x.r.IntN(5) == 0 {
		outcome = casefile.CallDenied
	}
	mostly(func() error { return x.desk.Review.Assign(x.ctx, x.lead.ID, n, a.ID, "it is theirs to decide") })
	mostly(func() error {
		return errors.Join(x.desk.Review.NoTie(x.ctx, a.ID, n, "I know none of them"), x.desk.Review.NoTie(x.ctx, b.ID, n, "I know none of them"))
	})
	mostly(func() error { return x.attests(x.reyes, x.reyesKey, n) })
	if x.r.IntN(3) > 0 { // at times the supervisor is asleep
		mostly(func() error { return x.attests(x.boss, x.bossKey, n) })
	}
	mostly(func() error { return x.desk.Urgent.Call(x.ctx, b.ID, n, called(outcome)) })
	for _, f := range x.load(n).Findings {
		if f.Blocks() {
			mostly(func() error {
				return x.desk.Review.AnswerFinding(x.ctx, a.ID, n, f.ID, false, "checked: met")
			})
		}
	}
	mostly(func() error {
		_, err := x.desk.Review.Resolve(x.ctx, a.ID, n, 0, "the request asks about it")
		return err
	})
	mostly(func() error {
		var all []review.Choice
		for _, i := range x.load(n).Demand.Wanted {
			all = append(all, review.Choice{Item: i, Verdict: casefile.Produce, Reason: "it locates him"})
		}
		if len(all) > 2 && x.r.IntN(2) == 0 {
			all = append(all[:2], decline(all[2].Item)...)
		}
		return x.desk.Review.Decide(x.ctx, a.ID, n, all)
	})
	if x.r.IntN(3) == 0 { // at times one wants to do it all
		mostly(func() error { return x.desk.Review.Propose(x.ctx, a.ID, n, "what was decided is carried out") })
	}
	mostly(func() error { return x.desk.Review.Propose(x.ctx, b.ID, n, "what was decided is carried out") })
	mostly(x.tickOnce)
	mostly(func() error { return x.door.SignAll("Ines Okafor", "Sefa Yilmaz") })
	for range 3 {
		x.clock.Advance(3 * time.Minute)
		mostly(x.tickOnce)
	}
	return errors.Join(errs...)
}

// urgentRelease holds the release of an emergency against its own rules, as the
// law of the house states them: read from the events before it, not from the
// desk's own judgement.
func (x *random) urgentRelease(c casefile.Case, at int, fields []string) error {
	before := c.Events[:at-1]
	signed := map[casefile.OfficerID]bool{}
	var call, decided, composed *casefile.Event
	for i := range before {
		switch e := &before[i]; e.Kind {
		case casefile.KAttested:
			signed[e.Urgent.Attestation.Officer] = true
		case casefile.KCalledBack:
			call = e
		case casefile.KDecided:
			decided = e
		case casefile.KComposed:
			composed = e
		}
	}
	switch {
	case !signed[x.reyes.ID] || !signed[x.boss.ID]:
		return fmt.Errorf("signed by %d of officer and supervisor", len(signed))
	case call == nil || call.Urgent.Call.Outcome != casefile.CallConfirmed:
		return fmt.Errorf("without a call-back that confirmed it")
	case decided == nil || composed == nil || decided.By.ID == composed.By.ID:
		return fmt.Errorf("decided and proposed by one person")
	case slices.Contains(fields, "blocks"):
		return fmt.Errorf("a block list locates nobody")
	}
	x.urgent++
	return nil
}
