package staff

import (
	"context"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
)

// FraudCourse is the course on forged emergencies, by its id.
const FraudCourse = "deciding"

// Exercise is an exercise in the live queue, in the record of the member whose
// it was. Its number goes to another case; the moment at which it began does
// not.
type Exercise struct {
	Title   string                `cbor:"title"`
	Outcome casefile.DrillOutcome `cbor:"outcome"`
	Score   int                   `cbor:"score"`
	Begun   time.Time             `cbor:"begun"`
	Ended   time.Time             `cbor:"ended"`
	By      casefile.Actor        `cbor:"by"`
}

func (x Exercise) passed() bool {
	return x.Outcome == casefile.DrillCaught || x.Outcome == casefile.DrillAnswered
}

// Drilled puts the outcome of an exercise into the record of the member whose
// exercise it was; twice is once. What went wrong counts: see again.
func (s *Service) Drilled(ctx context.Context, who casefile.MemberID, x Exercise) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	m, err := s.Store.Member(ctx, who)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(m.Trainings, func(t Training) bool { return t.Exercise != nil && t.Exercise.Begun.Equal(x.Begun) }) {
		return nil
	}
	t := Training{Policy: s.Policy, Score: x.Score, Trainer: x.By, Passed: x.Ended, Expires: x.Ended.Add(TrainingLife), Failed: !x.passed(), Exercise: &x}
	m.Trainings = append(slices.Clone(m.Trainings), t)
	if err := s.Acts.Keep(ctx, "member.drilled", casefile.TheClock, string(m.ID), string(x.Outcome), m); err != nil {
		return err
	}
	return s.Store.PutMember(ctx, m)
}

// again is the exercise that went wrong since the member last passed the
// course on forged emergencies; nil if there is none.
func (m Member) again() *Exercise {
	for _, t := range slices.Backward(m.Trainings) {
		switch {
		case t.Exercise != nil && t.Failed:
			return t.Exercise
		case t.Exercise == nil && !t.Failed && (t.Course == FraudCourse || slices.ContainsFunc(t.Covers, func(c string) bool { return strings.HasPrefix(c, FraudCourse+"@") })):
			return nil
		}
	}
	return nil
}
