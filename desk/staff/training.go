package staff

import (
	"context"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Training is one dated record of training, passed or not.
type Training struct {
	Policy   string         `cbor:"policy"` // version of the policy then in force
	Score    int            `cbor:"score"`  // of 100
	Trainer  casefile.Actor `cbor:"trainer"`
	Passed   time.Time      `cbor:"passed"`
	Expires  time.Time      `cbor:"expires"`
	Course   string         `cbor:"course,omitempty"`  // taken in the console; empty: recorded by a trainer
	Version  string         `cbor:"version,omitempty"` // of the course
	Covers   []string       `cbor:"covers,omitempty"`  // a trainer's: the courses, as id@version
	Failed   bool           `cbor:"failed,omitempty"`
	Mistakes []int          `cbor:"mistakes,omitempty"` // questions answered wrong
	Why      string         `cbor:"why,omitempty"`      // why whoever recorded it did
	Exercise *Exercise      `cbor:"exercise,omitempty"` // how an exercise went; it covers no course
}

// covers reports a record that holds for the course as it reads now.
func (t Training) covers(c Course) bool {
	return t.Course == c.ID && t.Version == c.Version || slices.Contains(t.Covers, c.ID+"@"+c.Version)
}

// Rules of training: a pass mark and a yearly refresher (duty D4), and what
// happens after a failed try.
const (
	PassMark     = 80
	TrainingLife = 365 * 24 * time.Hour
	Tries        = 2              // in a row; then a pause
	Pause        = 24 * time.Hour // to read again
)

// Standing is how a member's training is now.
type Standing struct {
	Until time.Time // the first that expires; zero if one lacks
	Lacks []Course  // required and not passed, or no longer
	Law   []string  // rows of the law table that changed since they learned it
	Grace time.Time // until when they may decide on other rows all the same
	Again *Exercise // went wrong: no emergencies before the course on them is passed again
}

// OK reports a member who may decide as far as training goes. What a changed
// row of a particular case asks is MayDecide's.
func (x Standing) OK(now time.Time) bool {
	return len(x.Lacks) == 0 && (len(x.Law) == 0 || now.Before(x.Grace))
}

// Required are the courses that a member's roles need.
func (s *Service) Required(m Member) []Course {
	var out []Course
	for _, c := range s.Courses {
		if c.Needs(m.Roles) {
			out = append(out, c)
		}
	}
	return out
}

// Held is the record by which a member has passed a course, as it reads now.
func (s *Service) Held(m Member, c Course) (Training, bool) {
	now := s.Acts.Clock.Now()
	for _, t := range slices.Backward(m.Trainings) {
		mark := PassMark
		if t.Course != "" {
			mark = c.Pass
		}
		fits := t.covers(c) && !t.Failed && t.Score >= mark && (s.Policy == "" || t.Policy == s.Policy)
		if fits && !now.Before(t.Passed) && now.Before(t.Expires) {
			return t, true
		}
	}
	return Training{}, false
}

// Standing says how a member's training is now.
func (s *Service) Standing(ctx context.Context, m Member) (Standing, error) {
	var out Standing
	for _, c := range s.Required(m) {
		t, ok := s.Held(m, c)
		if !ok {
			out.Lacks = append(out.Lacks, c)
		} else if out.Until.IsZero() || t.Expires.Before(out.Until) {
			out.Until = t.Expires
		}
	}
	if len(out.Lacks) > 0 {
		out.Until = time.Time{}
	}
	out.Again = m.again()
	var err error
	out.Law, out.Grace, err = s.lawChanged(ctx, m)
	return out, err
}

// trained refuses a member whose training does not hold for the case.
func (s *Service) trained(ctx context.Context, m Member, c casefile.Case) error {
	x, err := s.Standing(ctx, m)
	switch {
	case err != nil:
		return err
	case len(x.Lacks) > 0:
		return forbidden("%s has no current training in “%s”: nobody decides without it", m.Name, x.Lacks[0].Title)
	case c.Urgent() && x.Again != nil:
		return forbidden("%s had an exercise that went wrong (%s) and has not passed the course on forged emergencies since: it is under Training, and no emergency is decided before", m.Name, x.Again.Outcome)
	case c.Demand.Process != "" && slices.Contains(x.Law, string(c.Demand.Process)):
		return forbidden("the law row of this case has changed since %s learned it: read what changed, under Training, first", m.Name)
	case !x.OK(s.Acts.Clock.Now()):
		return forbidden("the law table has changed and %s has not read what changed within %d days: it is under Training", m.Name, int(LawGrace.Hours()/24))
	}
	return nil
}

// Train records training that was held outside the console: whoever trains
// says with their name that the courses in force were taught and asked. Nobody
// trains themselves, except the only active lead there is.
func (s *Service) Train(ctx context.Context, by, who casefile.MemberID, policy string, score int, why string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	trainer, err := s.Require(ctx, by, casefile.RecordCourses)
	if err != nil {
		return err
	}
	m, err := s.Store.Member(ctx, who)
	if err != nil {
		return err
	}
	if by == who {
		if !trainer.Is(Lead) {
			return forbidden("nobody records their own training")
		}
		if err := s.onlyLead(ctx, by); err != nil {
			return err
		}
	}
	if score < 0 || score > 100 || strings.TrimSpace(policy) == "" {
		return invalid("a training record has the policy's version and a score of 0 to 100")
	}
	now := s.Acts.Clock.Now()
	t := Training{Policy: policy, Score: score, Trainer: trainer.Actor(), Passed: now, Expires: now.Add(TrainingLife), Failed: score < PassMark, Why: strings.TrimSpace(why)}
	for _, c := range s.Required(m) {
		t.Covers = append(t.Covers, c.ID+"@"+c.Version)
		if now.Add(c.Life()).Before(t.Expires) {
			t.Expires = now.Add(c.Life())
		}
	}
	return s.keepTraining(ctx, m, t, trainer.Actor())
}

// keepTraining records and stores one more training. Whoever passes learns the
// law as it stands.
func (s *Service) keepTraining(ctx context.Context, m Member, t Training, by casefile.Actor) error {
	m.Trainings = append(slices.Clone(m.Trainings), t)
	if !t.Failed && (t.Course == "" || t.Course == LawCourse || m.LawSeen == "") {
		book, err := s.lawBook(ctx)
		if err != nil {
			return err
		}
		m.LawSeen = book.hash()
	}
	if err := s.Acts.Keep(ctx, "member.trained", by, string(m.ID), t.Why, m); err != nil {
		return err
	}
	return s.Store.PutMember(ctx, m)
}

// Result is how a course was passed, or not.
type Result struct {
	Score  int
	Passed bool
	Wrong  []int // questions answered wrong, from 0
}

// Take scores a member's answers to a course's questions and records them with
// the course's version and why they took it. Answers are the numbers of the choices, from 0. After
// two failed tries in a row the next one is a day later.
func (s *Service) Take(ctx context.Context, who casefile.MemberID, id, version string, answers []int, why string) (Result, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	m, err := s.Require(ctx, who, casefile.TakeCourses)
	if err != nil {
		return Result{}, err
	}
	i := slices.IndexFunc(s.Courses, func(c Course) bool { return c.ID == id })
	if i < 0 {
		return Result{}, fault.New(fault.NotFound, "take course", "there is no such course")
	}
	c, now := s.Courses[i], s.Acts.Clock.Now()
	switch at := m.nextTry(id, now); {
	case c.Version != version:
		return Result{}, fault.New(fault.Conflict, "take course", "the course has a new version since you opened it; read it again")
	case len(answers) != len(c.Questions):
		return Result{}, invalid("answer every question")
	case now.Before(at):
		return Result{}, fault.New(fault.Exhausted, "take course", "two tries in a row were not enough; read it again, and try after %s", at.UTC().Format("2 January 2006, 15:04 UTC"))
	}
	r := c.mark(answers)
	t := Training{Policy: s.Policy, Score: r.Score, Trainer: casefile.Actor{Kind: casefile.ByClock, Name: "taken in the console"}, Passed: now, Expires: now.Add(c.Life()),
		Course: c.ID, Version: c.Version, Failed: !r.Passed, Mistakes: r.Wrong, Why: strings.TrimSpace(why)}
	if err := s.keepTraining(ctx, m, t, m.Actor()); err != nil {
		return Result{}, err
	}
	return r, nil
}

func (c Course) mark(answers []int) (r Result) {
	for i, q := range c.Questions {
		if answers[i] != q.Answer {
			r.Wrong = append(r.Wrong, i)
		}
	}
	r.Score = (len(c.Questions) - len(r.Wrong)) * 100 / len(c.Questions)
	r.Passed = r.Score >= c.Pass
	return r
}

// nextTry is when a member may try a course again.
func (m Member) nextTry(id string, now time.Time) time.Time {
	failed := 0
	for _, t := range slices.Backward(m.Trainings) {
		if t.Course != id {
			continue
		}
		if !t.Failed || now.Sub(t.Passed) >= Pause {
			break
		}
		if failed++; failed == Tries {
			return m.lastTry(id).Add(Pause)
		}
	}
	return time.Time{}
}

func (m Member) lastTry(id string) time.Time {
	for _, t := range slices.Backward(m.Trainings) {
		if t.Course == id {
			return t.Passed
		}
	}
	return time.Time{}
}
