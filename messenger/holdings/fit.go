package holdings

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// Who may sign: a holder whose yearly training is current, by a statement under
// their own passkey, and who says of each grant that they have no tie with it.

const (
	// TrainingLife is how long a training counts.
	TrainingLife = 365 * 24 * time.Hour
	// readFor is how long a statement may lie on a page before it is signed.
	readFor = 30 * time.Minute
)

// Training is a holder's statement of their yearly training, as signed.
type Training struct {
	Holder    string
	Day       time.Time // of the training, midnight UTC
	At        time.Time // of the statement
	Signature d.Signature
}

// Covers reports a training that was stated and counts at a time.
func (t Training) Covers(at time.Time) bool {
	return !at.Before(t.At) && !at.Before(t.Day) && at.Before(t.Day.Add(TrainingLife))
}

// Tie is a holder's word that they have a tie with a grant.
type Tie struct {
	Grant  d.Hash
	Holder string
	At     time.Time
	Why    string
}

// statement is the text that a holder signs, and its hash.
func (h *Set) statement(holder string, day, at time.Time) door.Statement {
	x := door.Statement{Holder: holder, Day: day, At: at, Text: fmt.Sprintf("I, %s, hold a release key of %s. On %s I completed the yearly training for those who sign releases: what a release is, what I must read before I sign, "+
		"privacy and data protection, and when I must not sign. I will not sign a grant with whose agency, officer or account holder I have a tie. Stated on %s.",
		holder, h.Operator, d.Day(day.Unix()), at.UTC().Format("2006-01-02 15:04:05 UTC"))}
	x.Hash = sha256.Sum256([]byte("letterlock training statement v1\x00" + x.Text))
	return x
}

// Statement is what a holder reads before they sign that they were trained on a
// day.
func (h *Set) Statement(_ context.Context, holder string, day, at time.Time) (door.Statement, error) {
	now := h.Clock.Now()
	switch day = day.UTC().Truncate(24 * time.Hour); {
	case day.After(now):
		return door.Statement{}, fault.New(fault.Invalid, "state training", "this day has not come: give the day on which you completed the training")
	case !now.Before(day.Add(TrainingLife)):
		return door.Statement{}, fault.New(fault.Forbidden, "state training", "a training of %s is over a year old and does not count: take it again, then state it", d.Day(day.Unix()))
	case at.After(now.Add(time.Second)) || now.Sub(at) > readFor:
		return door.Statement{}, fault.New(fault.Expired, "state training", "the page was open for too long; read it again and sign")
	}
	return h.statement(holder, day, at.UTC().Truncate(time.Second)), nil
}

// Train takes the passkey's answer over a statement. Whose training it is, the
// key says.
func (h *Set) Train(ctx context.Context, holder string, day, at time.Time, a passkey.Assertion) error {
	about := subject{op: "train", sealed: h.vault, act: act{Op: "train", By: []string{holder}}}
	x, err := h.Statement(ctx, holder, day, at)
	if err != nil {
		return h.refuse(about, err)
	}
	k, c, err := h.asserted(ctx, x.Hash[:], a)
	if err == nil && person(k.Holder) != person(holder) {
		err = forbid("that is not a key of yours: everybody states their own training")
	}
	if err != nil {
		return h.refuse(about, err)
	}
	about.Say = x.Text
	if _, err := h.append(ctx, kindTrain, about); err != nil {
		return err
	}
	return h.Store.PutTraining(ctx, Training{Holder: k.Holder, Day: x.Day, At: x.At, Signature: d.Signature(a)}, c)
}

// Trained is until when a holder may sign; zero: not, or not any more.
func (h *Set) Trained(ctx context.Context, holder string) (until time.Time, err error) {
	f, err := h.fitness(ctx)
	if err != nil {
		return until, err
	}
	for _, t := range f.all {
		if f.holds(t, holder) && t.Covers(h.Clock.Now()) && t.Day.Add(TrainingLife).After(until) {
			until = t.Day.Add(TrainingLife)
		}
	}
	return until, nil
}

// fitness judges trainings as they are stored: only what its holder's own key
// signed counts, whoever wrote it there.
type fitness struct {
	set  *Set
	keys []Key
	all  []Training
}

func (h *Set) fitness(ctx context.Context) (fitness, error) {
	keys, err := h.Store.Keys(ctx)
	if err != nil {
		return fitness{}, fmt.Errorf("read release keys: %w", err)
	}
	all, err := h.Store.Trainings(ctx)
	if err != nil {
		return fitness{}, fmt.Errorf("read trainings: %w", err)
	}
	return fitness{h, keys, all}, nil
}

func (f fitness) holds(t Training, holder string) bool {
	k, ok := keyOf(f.keys, t.Signature.KeyID)
	if !ok || person(k.Holder) != person(holder) || person(t.Holder) != person(holder) || !k.Usable(t.At) {
		return false
	}
	x := f.set.statement(t.Holder, t.Day, t.At)
	_, err := passkey.VerifyAssertion(k.Pass.Public, f.set.Site.ID, f.set.Site.Origin, x.Hash[:], passkey.Assertion(t.Signature))
	return err == nil
}

// at reports whether a holder's training counted at a time.
func (f fitness) at(holder string, when time.Time) bool {
	return slices.ContainsFunc(f.all, func(t Training) bool { return t.Covers(when) && f.holds(t, holder) })
}

// fit refuses a signature of who is not trained, or has a tie.
func (h *Set) fit(ctx context.Context, hash d.Hash, holder string, w door.Word) error {
	if !w.NoTie {
		return forbid("say first that you have no tie with the agency, the officer or anybody whom this grant is about")
	}
	f, err := h.fitness(ctx)
	if err != nil {
		return err
	}
	if !f.at(holder, h.now()) {
		return forbid("your yearly training is not stated here, or is over a year old: state it on the page Training, then sign")
	}
	ties, err := h.Store.Ties(ctx, hash)
	if err != nil {
		return fmt.Errorf("read ties: %w", err)
	}
	if tied(ties, holder) {
		return forbid("you declared a tie with this grant: somebody else signs it")
	}
	return nil
}

func tied(ties []Tie, holder string) bool {
	return slices.ContainsFunc(ties, func(t Tie) bool { return person(t.Holder) == person(holder) })
}

// DeclareTie records that a holder has a tie with a grant. From then on they
// cannot sign it with any of their keys; what they signed of it counts no more.
func (h *Set) DeclareTie(ctx context.Context, holder string, hash d.Hash, why string) error {
	if why = strings.Join(strings.Fields(why), " "); why == "" || len(why) > 1000 {
		return fault.New(fault.Invalid, "declare tie", "say what the tie is, in at most 1000 characters")
	}
	_, g, err := h.load(ctx, hash)
	if err != nil {
		return err
	}
	if err := h.Store.PutTie(ctx, Tie{Grant: hash, Holder: holder, At: h.now(), Why: why}); err != nil {
		return err
	}
	about := h.of("tie", hash, g) // it stops a signature: recorded, and never waits
	about.By, about.Say = []string{holder}, why
	h.journal(kindTie, about)
	return nil
}
