// Package drill puts exercises into the live queue: emergencies that are
// modelled on real frauds, and a genuine one as a control. Whoever works on one
// sees what they would see of a request. It must not know the carrier, an
// agency or a mailbox: what it makes is marked from its first event
// (casefile.Drill), and nothing so marked can be released, sent, told or
// counted.
package drill

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Team says who may put an exercise into the queue.
type Team interface {
	// MayDrill is a trainer or a lead; anyone else is Forbidden.
	MayDrill(ctx context.Context, id casefile.MemberID) (casefile.Actor, error)
}

// Service injects exercises and reads how they went.
type Service struct {
	Files *casefile.Files
	Team  Team
	Acts  casefile.Acts
	Law   *law.Table
	// Approved are the lists that counsel approved at the desk.
	Approved func(context.Context) ([]law.ListApproval, error)
	House    law.House
	// Learned puts an outcome into the record of the member whose exercise it
	// was. Doing it twice is doing it once.
	Learned func(ctx context.Context, r Result) error

	noting sync.Mutex
	noted  map[time.Time]bool
}

// Begin puts an exercise into the queue. Phone is where the trainer answers as
// the switchboard of the invented agency: no real one is ever called.
func (s *Service) Begin(ctx context.Context, by casefile.MemberID, id, phone, why string) (casefile.Number, error) {
	me, err := s.Team.MayDrill(ctx, by)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(scenarios, func(x Scenario) bool { return x.ID == id })
	now := s.Files.Clock.Now()
	switch {
	case i < 0:
		return "", fault.New(fault.Invalid, "begin exercise", "choose a scenario")
	case len(strings.TrimSpace(phone)) < 4 || !casefile.Plain(phone, 40):
		return "", fault.New(fault.Invalid, "begin exercise", "give the number at which you will answer as the agency's switchboard")
	case strings.TrimSpace(why) == "" || !casefile.Plain(why, 500):
		return "", fault.New(fault.Invalid, "begin exercise", "say in one line why now, and why this scenario")
	case now.Month() == time.December && now.Day() > 28:
		return "", fault.New(fault.Conflict, "begin exercise", "in the last days of a year there are no exercises: their numbers could not be given back")
	}
	st := scenarios[i].tell(now, strings.TrimSpace(phone))
	st.mark.Scenario, st.mark.Genuine, st.mark.By, st.mark.Why = id, scenarios[i].Genuine, me, strings.TrimSpace(why)
	if st.paper != nil {
		if err := s.keepPaper(ctx, &st); err != nil {
			return "", err
		}
	}
	if err := s.Acts.Keep(ctx, "exercise.begun", me, id, st.mark.Why, st.mark); err != nil {
		return "", err
	}
	return s.file(ctx, st)
}

// file opens the case as intake would have: judged by the law of the day, in
// its lane, with its clock.
func (s *Service) file(ctx context.Context, st story) (casefile.Number, error) {
	now := s.Files.Clock.Now()
	row, ok := s.Law.Row(law.Emergency, now)
	if !ok {
		return "", fault.New(fault.Expired, "begin exercise", "there is no law row for emergencies now")
	}
	st.facts.Now, st.facts.Received, st.facts.House = now, now, s.House
	due, statutory := casefile.DueOf(row, st.demand, now)
	approved, err := s.Approved(ctx)
	if err != nil {
		return "", err
	}
	found := casefile.FindingsOf(law.Judge(s.Law.Approving(approved), st.demand.ForLaw(st.facts)), nil)
	e := casefile.Event{Kind: casefile.KFiled, Demand: &st.demand, Findings: found, Due: due, Lane: casefile.LaneOf(row, statutory), Drill: &st.mark}
	c, err := s.Files.File(ctx, false, st.by, casefile.One(e, casefile.Duty{Kind: casefile.DutyDrill, Due: now.Add(casefile.DrillLife)}))
	if err != nil {
		return "", err
	}
	for _, as := range st.signed {
		if err := s.sign(ctx, c.Number, st, as); err != nil {
			return "", err
		}
	}
	return c.Number, nil
}

// sign has an invented officer sign, with a key that exists for this alone.
func (s *Service) sign(ctx context.Context, n casefile.Number, st story, as casefile.Signer) error {
	who, name := st.demand.Officer, strings.TrimSpace(st.mark.Officer.Rank+" "+st.mark.Officer.Name)
	if as == casefile.AsSupervisor {
		who, name = casefile.OfficerID(casefile.NewID()), strings.TrimSpace(st.demand.Emergency.Supervisor.Rank+" "+st.demand.Emergency.Supervisor.Name)
	}
	_, err := s.Files.Act(ctx, n, casefile.Officer(who, name), func(c casefile.Case) (casefile.Plan, error) {
		a := casefile.Attestation{As: as, Officer: who, Name: name, At: s.Files.Clock.Now().UTC().Truncate(time.Second)}
		a.Text = c.AttestationText(as, name, a.At)
		if err := forge(&a); err != nil {
			return casefile.Nothing, err
		}
		return casefile.One(casefile.Event{Kind: casefile.KAttested, Urgent: &casefile.UrgentAct{Attestation: &a}}), nil
	})
	return err
}

func (s *Service) keepPaper(ctx context.Context, st *story) error {
	sum, size, err := s.Files.Public.Blobs.Put(ctx, strings.NewReader(string(st.paper)), casefile.MaxPaper)
	if err != nil {
		return err
	}
	st.demand.Papers = []casefile.Paper{{ID: casefile.PaperID(casefile.NewID()), Name: "order.pdf", Sum: sum, Size: size, Type: "application/pdf", At: s.Files.Clock.Now(), What: "order", Looked: casefile.Looked{Pages: 1}}}
	return nil
}

// Handlers are the duties that this part carries out.
func (s *Service) Handlers() map[casefile.DutyKind]func(context.Context, casefile.Duty) error {
	return map[casefile.DutyKind]func(context.Context, casefile.Duty) error{casefile.DutyDrill: s.due}
}

// due ends an exercise that nobody ended; a day after the end it goes out of
// the queue, and its number to the next case.
func (s *Service) due(ctx context.Context, d casefile.Duty) error {
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return err
	}
	now := s.Files.Clock.Now()
	if c.Drill == nil {
		return nil
	}
	if c.DrillEnd == nil {
		d.Due = now.Add(casefile.DrillLife)
		_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
			return casefile.One(c.DrillTimesOut(now), d), nil
		})
		return err
	}
	to, err := casefile.Retired(now.Year(), rand.Reader)
	if err != nil {
		return err
	}
	if err := s.Files.Public.Store.Retire(ctx, d.Case, to); err != nil {
		return err
	}
	for _, p := range c.Demand.Papers {
		if used, err := s.Files.Public.Store.BlobUsed(ctx, p.Sum); err != nil || used {
			return err
		}
		if err := s.Files.Public.Blobs.Remove(ctx, p.Sum); err != nil {
			return err
		}
	}
	return nil
}

// Result is one exercise and how it went.
type Result struct {
	Number   casefile.Number
	Scenario Scenario
	Begun    time.Time
	By       casefile.Actor // who put it into the queue
	Why      string
	End      *casefile.DrillEnd // nil: it runs
	Ended    time.Time
}

// Results are all exercises, the newest first. What still runs is shown to
// trainers and leads only; a member sees their own that are over.
func (s *Service) Results(ctx context.Context, by casefile.MemberID) ([]Result, error) {
	_, notTrainer := s.Team.MayDrill(ctx, by)
	if notTrainer != nil && !fault.Is(notTrainer, fault.Forbidden) {
		return nil, notTrainer
	}
	all, err := s.all(ctx)
	if err != nil || notTrainer == nil {
		return all, err
	}
	return slices.DeleteFunc(all, func(r Result) bool { return r.End == nil || r.End.Who.MemberID() != by }), nil
}

func (s *Service) all(ctx context.Context) ([]Result, error) {
	heads, err := s.Files.Public.Store.Exercises(ctx)
	if err != nil {
		return nil, err
	}
	var out []Result
	for _, h := range heads {
		if h.Drill == nil {
			continue
		}
		sc, _ := ScenarioByID(h.Drill.Scenario)
		out = append(out, Result{Number: h.Number, Scenario: sc, Begun: h.Filed, By: h.Drill.By, Why: h.Drill.Why, End: h.Drill.End, Ended: h.Drill.At})
	}
	return out, nil
}

// Note has every outcome stand in the record of the member whose exercise it
// was. It is called every few seconds; what a crash left out comes with the
// next call.
func (s *Service) Note(ctx context.Context) error {
	s.noting.Lock()
	defer s.noting.Unlock()
	all, err := s.all(ctx)
	if err != nil {
		return err
	}
	if s.noted == nil {
		s.noted = map[time.Time]bool{}
	}
	for _, r := range all {
		if r.End == nil || r.End.Who.MemberID() == "" || s.noted[r.Begun] {
			continue
		}
		if err := s.Learned(ctx, r); err != nil {
			return err
		}
		s.noted[r.Begun] = true
	}
	return nil
}

// Rates sum up the exercises that ended since a moment.
type Rates struct {
	Frauds, Caught     int // of those that were frauds
	Genuine, Answered  int
	MinutesToCatch     int // the median
	MinutesToAnswer    int
	ByScenario, ByWhom map[string][2]int // caught or answered, of all
}

// Rates are the catch rate and its parts, for the lead's page.
func (s *Service) Rates(ctx context.Context, since time.Time) (Rates, error) {
	all, err := s.all(ctx)
	if err != nil {
		return Rates{}, err
	}
	r := Rates{ByScenario: map[string][2]int{}, ByWhom: map[string][2]int{}}
	var caught, answered []int
	for _, x := range all {
		if x.End == nil || x.Ended.Before(since) {
			continue
		}
		good := x.End.Outcome == casefile.DrillCaught || x.End.Outcome == casefile.DrillAnswered
		count(r.ByScenario, x.Scenario.Title, good)
		if x.End.Who.Name != "" {
			count(r.ByWhom, x.End.Who.Name, good)
		}
		switch {
		case x.Scenario.Genuine && good:
			r.Genuine, r.Answered, answered = r.Genuine+1, r.Answered+1, append(answered, x.End.Minutes)
		case x.Scenario.Genuine:
			r.Genuine++
		case good:
			r.Frauds, r.Caught, caught = r.Frauds+1, r.Caught+1, append(caught, x.End.Minutes)
		default:
			r.Frauds++
		}
	}
	r.MinutesToCatch, r.MinutesToAnswer = median(caught), median(answered)
	return r, nil
}

func count(m map[string][2]int, k string, good bool) {
	v := m[k]
	v[1]++
	if good {
		v[0]++
	}
	m[k] = v
}

func median(v []int) int {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// Scenarios are those that can be begun.
func (s *Service) Scenarios() []Scenario { return Scenarios() }
