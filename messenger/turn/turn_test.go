package turn_test

import (
	"context"
	"crypto/sha256"
	"sync"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/testkit/pg"
	"letterlock/messenger/turn"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func TestMain(m *testing.M) { pg.Main(m) }

var ctx = context.Background()

func hash(b ...byte) [32]byte { return sha256.Sum256(b) }

// first is the beginning of a group; the token for its second change is {1}.
func first() wire.Turn {
	return wire.Turn{Place: hash('p'), Seq: 1, Head: hash('h', 1), Next: sha256.Sum256(token(1))}
}

func token(n byte) []byte { t := hash('t', n); return t[:] }

func register(t *testing.T, db storagetest.Carrier) (*turn.Turns, *clock.Manual) {
	c := clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	return turn.New(turn.Config{Store: db, Clock: c, Places: 3}), c
}

func take(t *testing.T, r *turn.Turns, n wire.Turn) wire.Turned {
	t.Helper()
	got, err := r.Take(ctx, wire.NewAccountID(), n)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestOfChangesMadeAtOnceOneIsNext(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		r, _ := register(t, db)
		n := first()
		for range 2 { // the answer was lost, and it is asked again
			if got := take(t, r, n); got.Seq != 1 || got.Head != n.Head {
				t.Fatalf("%+v", got)
			}
		}
		for seq := uint64(2); seq <= 6; seq++ {
			prev, at := n.Head, byte(seq-1)
			var mu sync.Mutex
			won, said := 0, map[[32]byte]bool{}
			var all sync.WaitGroup
			for i := range byte(12) {
				all.Go(func() {
					mine := wire.Turn{Place: n.Place, Seq: seq, Prev: prev, Head: hash('h', byte(seq), i), Token: [32]byte(token(at)), Next: sha256.Sum256(token(at + 1))}
					got, err := r.Take(ctx, wire.NewAccountID(), mine)
					mu.Lock()
					defer mu.Unlock()
					if err != nil || got.Seq != seq {
						t.Errorf("%+v, %v", got, err)
					}
					if said[got.Head] = true; got.Head == mine.Head {
						won++
						n.Head = mine.Head
					}
				})
			}
			all.Wait()
			if won != 1 || len(said) != 1 {
				t.Fatalf("change %d: %d won, %d heads were said", seq, won, len(said))
			}
		}
	})
}

func TestWhoeverIsNotInTheGroupMovesNothing(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		r, _ := register(t, db)
		n := first()
		take(t, r, n)
		for what, bend := range map[string]func(*wire.Turn){
			"no token":         func(x *wire.Turn) { x.Token = [32]byte{} },
			"another token":    func(x *wire.Turn) { x.Token = hash('x') },
			"the stored hash":  func(x *wire.Turn) { x.Token = n.Next },
			"another past":     func(x *wire.Turn) { x.Prev = hash('x') },
			"a step too far":   func(x *wire.Turn) { x.Seq = 3 },
			"the first again":  func(x *wire.Turn) { x.Seq, x.Prev = 1, [32]byte{} },
			"the same number":  func(x *wire.Turn) { x.Seq, x.Prev = 1, [32]byte{}; x.Head = hash('y') },
			"a number of ages": func(x *wire.Turn) { x.Seq = 1 << 39 },
		} {
			bent := wire.Turn{Place: n.Place, Seq: 2, Prev: n.Head, Head: hash('h', 2), Token: [32]byte(token(1)), Next: hash('z')}
			bend(&bent)
			if got := take(t, r, bent); got.Seq != 1 || got.Head != n.Head {
				t.Errorf("%s moved it: %+v", what, got)
			}
		}
		for what, bent := range map[string]wire.Turn{"empty": {}, "no head": {Place: n.Place, Seq: 2, Prev: n.Head, Next: n.Next}, "no next": {Place: n.Place, Seq: 2, Prev: n.Head, Head: n.Head},
			"no past": {Place: n.Place, Seq: 2, Head: hash(2), Next: n.Next}, "a past of the first": {Place: n.Place, Seq: 1, Prev: n.Head, Head: hash(2), Next: n.Next}} {
			if _, err := r.Take(ctx, wire.NewAccountID(), bent); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// Nothing of whoever takes a turn is stored, and places are forgotten.
func TestAPlaceLeadsToNobodyAndIsForgotten(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		r, c := register(t, db)
		who := wire.NewAccountID()
		if _, err := r.Take(ctx, who, first()); err != nil {
			t.Fatal(err)
		}
		for _, trace := range [][]byte{who[:], []byte(who.String())} {
			if n := db.Find(t, trace); n != 0 {
				t.Errorf("%q is %d times in the files", trace, n)
			}
		}
		if p := hash('p'); db.Find(t, p[:]) == 0 && db.Engine == "sqlite" {
			t.Error("the place is not there either: the test does not test")
		}
		row, ok, err := db.Turn(ctx, hash('p'))
		if err != nil || !ok || row.Month != "2026-11" {
			t.Fatalf("%+v %v %v", row, ok, err)
		}
		for _, before := range []turn.Month{"2026-11", "2026-12"} {
			if err := db.ForgetTurns(ctx, before); err != nil {
				t.Fatal(err)
			}
			if _, ok, _ := db.Turn(ctx, hash('p')); ok != (before == "2026-11") {
				t.Errorf("after forgetting what was before %s: %v", before, ok)
			}
		}
		// A group whose place was forgotten goes on where it was.
		c.Advance(24 * time.Hour)
		n := wire.Turn{Place: hash('p'), Seq: 9, Prev: hash(8), Head: hash(9), Next: hash(10)}
		if got := take(t, r, n); got.Seq != 9 {
			t.Fatalf("%+v", got)
		}
	})
}

func TestNewPlacesAreLimited(t *testing.T) {
	r, c := register(t, storagetest.SQLite(t))
	who := wire.NewAccountID()
	begin := func(i byte) error {
		n := first()
		n.Place = hash('q', i)
		_, err := r.Take(ctx, who, n)
		return err
	}
	for i := range byte(4) {
		if err := begin(i); (i == 3) != fault.Is(err, fault.Exhausted) {
			t.Fatalf("place %d: %v", i, err)
		}
	}
	c.Advance(time.Hour)
	if err := begin(5); err != nil {
		t.Fatal(err)
	}
}
