package holdings_test

import (
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/messenger/holdings"
	"letterlock/storage/storagetest"
)

// attempt is one signature as a page would send it.
func (w *world) attempt(h d.Hash, name string, word door.Word) error {
	w.t.Helper()
	a, err := w.keys[name].Sign(w.site, h[:])
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = w.setOf(name).Sign(w.t.Context(), h, word, a)
	return err
}

func TestWhoseTrainingHasLapsedDoesNotSign(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := worldWith(t, c.Holdings())
		w.clock.Advance(holdings.TrainingLife - time.Hour) // the training was of that day's morning
		h := w.propose(w.grant())
		if err := w.attempt(h, "Ada Okafor", noTie); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("a training of a year ago: %v", err)
		}
		for what, f := range map[string]func() error{
			"a training of tomorrow":      func() error { return w.state(w.Set, "Ada Okafor", "Ada Okafor", w.clock.Now().AddDate(0, 0, 1)) },
			"a training of two years ago": func() error { return w.state(w.Set, "Ada Okafor", "Ada Okafor", w.clock.Now().AddDate(-2, 0, 0)) },
			"somebody else's key":         func() error { return w.state(w.Set, "Ada Okafor", "Ben Ito", w.clock.Now()) },
			"a page of yesterday": func() error {
				_, err := w.Statement(t.Context(), "Ada Okafor", w.clock.Now(), w.clock.Now().AddDate(0, 0, -1))
				return err
			},
		} {
			if err := f(); err == nil {
				t.Errorf("%s is taken", what)
			}
		}
		if err := w.attempt(h, "Ada Okafor", noTie); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("after statements that were refused: %v", err)
		}
		before := kinds(t, w.public)["key.training"]
		if err := w.state(w.Set, "Ada Okafor", "Ada Okafor", w.clock.Now()); err != nil {
			t.Fatal(err)
		}
		if err := w.attempt(h, "Ada Okafor", noTie); err != nil {
			t.Fatalf("trained anew: %v", err)
		}
		if got := kinds(t, w.public)["key.training"]; got != before+1 {
			t.Errorf("%d records of a training", got-before)
		}
	})
}

// A training that somebody wrote into the database opens nothing, and neither
// does a signature that was put there past the check.
func TestATrainingInTheDatabaseAloneCountsForNobody(t *testing.T) {
	w := newWorld(t)
	w.clock.Advance(holdings.TrainingLife + 24*time.Hour)
	h := w.propose(w.grant())
	keys, err := w.store.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		a, _ := w.keys[k.Holder].Sign(w.site, h[:]) // a signature, but of another text
		forged := holdings.Training{Holder: k.Holder, Day: w.clock.Now().Truncate(24 * time.Hour), At: w.clock.Now(), Signature: d.Signature(a)}
		if err := w.store.PutTraining(t.Context(), forged, holdings.Counter{KeyID: k.Pass.ID, From: k.Pass.Counter, To: k.Pass.Counter}); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []string{"Ada Okafor", "Ben Ito"} {
		if err := w.attempt(h, n, noTie); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s signed with a forged training: %v", n, err)
		}
		a, _ := w.keys[n].Sign(w.site, h[:])
		w.force(h, n, a)
	}
	if r, err := w.Redeem(t.Context(), h); !fault.Is(err, fault.Forbidden) || len(r.Records) > 0 {
		t.Errorf("redeemed with two signatures of the untrained: %v", err)
	}
}

func TestWhoHasATieDoesNotSign(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := worldWith(t, c.Holdings())
		h := w.propose(w.grant())
		if err := w.attempt(h, "Ada Okafor", door.Word{}); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("signed without a word about ties: %v", err)
		}
		if err := w.DeclareTie(t.Context(), "Ada Okafor", h, " "); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a tie without a word: %v", err)
		}
		if err := w.DeclareTie(t.Context(), "Ada Okafor", h, "the officer is my brother"); err != nil {
			t.Fatal(err)
		}
		if err := w.attempt(h, "Ada Okafor", noTie); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("signed after declaring a tie: %v", err)
		}
		w.sign(h, "Ben Ito", "Chi Park")
		if err := w.DeclareTie(t.Context(), "Ben Ito", h, "I found out only now"); err != nil {
			t.Fatal(err)
		}
		if r, err := w.Redeem(t.Context(), h); !fault.Is(err, fault.Forbidden) || len(r.Records) > 0 {
			t.Errorf("redeemed with the signature of who has a tie: %v", err)
		}
		if got := kinds(t, w.public)["release.tie"]; got != 2 {
			t.Errorf("%d records of ties, want 2", got)
		}
	})
}
