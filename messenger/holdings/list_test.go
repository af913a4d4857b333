package holdings_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/testkit"
	"letterlock/ledger"
	"letterlock/ledger/proof"
	"letterlock/messenger/holdings"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// many is an extractor of n accounts, +1202000000N each.
type many struct{ n int }

func numberOf(i int) string { return fmt.Sprintf("+1202%07d", i) }

func idOf(i int) (id wire.AccountID) {
	id[0], id[1], id[2], id[3], id[15] = byte(i), byte(i>>8), byte(i>>16), 0x40, 1
	return id
}

func (m many) Records(_ context.Context, id wire.AccountID, fields []d.FieldID) (out []d.Record, err error) {
	for _, f := range []d.FieldID{"name", "last_seen", "service_start"} {
		if slices.Contains(fields, f) {
			v := map[d.FieldID]string{"name": "Name of " + id.String(), "last_seen": "2026-11-20", "service_start": "2026-09-01"}[f]
			out = append(out, d.Record{Account: d.Account(id), Field: f, Value: v})
		}
	}
	return out, nil
}

func (m many) Find(_ context.Context, phone string) (wire.AccountID, bool, error) {
	var i int
	if _, err := fmt.Sscanf(phone, "+1202%07d", &i); err != nil || i >= m.n {
		return wire.AccountID{}, false, nil
	}
	return idOf(i), true, nil
}

func (m many) Exists(_ context.Context, id wire.AccountID) (bool, error) {
	return int(id[0])|int(id[1])<<8|int(id[2])<<16 < m.n, nil
}

// list makes a grant one for n accounts of many.
func list(n int) func(*d.Grant) {
	return func(g *d.Grant) {
		g.Asked, g.Account, g.List = "", d.Account{}, nil
		for i := range n {
			g.List = append(g.List, d.Listed{Asked: numberOf(i), Account: d.Account(idOf(i))})
		}
	}
}

// withCounsel makes the third holder counsel, and the carrier one of n accounts.
func withCounsel(t *testing.T, n int, store ...holdings.Store) *world {
	t.Helper()
	if len(store) == 0 {
		store = []holdings.Store{storagetest.SQLite(t).Holdings()}
	}
	w := worldOf(t, store[0], "Ada Okafor", "Ben Ito", "Chi Park (counsel)", "Dan Cho")
	if n > 0 {
		w.config.Records = many{n}
		w.open()
	}
	return w
}

func (w *world) Draw(ctx context.Context, q door.Draw) (door.Drawn, error) {
	if w.through != nil {
		return w.through.Draw(ctx, q)
	}
	return w.Holdings.Draw(ctx, q)
}

func places(from, to int) (out []int) {
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

func TestAListGivesEachAccountOnceAndSaysWhatIsNone(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := worldWith(t, c.Holdings())
		const nobody, moved = "+15550100000", "+15550100999"
		w.accounts.phones[moved] = wire.NewAccountID() // somebody else by now
		h := w.ready(func(g *d.Grant) {
			g.Asked, g.Account = "", d.Account{}
			g.List = []d.Listed{{Asked: nobody}, {Asked: alicePhone, Account: d.Account(w.alice)}, {Asked: bobPhone, Account: d.Account(w.bob)}, {Asked: moved, Account: d.Account{9}}}
		})
		r, err := w.apart().Draw(t.Context(), door.Draw{Grant: h, Seq: 1, Places: places(0, 4)})
		if err != nil {
			t.Fatal(err)
		}
		want := []door.Outcome{door.OutcomeNone, door.OutcomeGiven, door.OutcomeGiven, door.OutcomeMoved}
		for i, g := range r.Given {
			if g.Place != i || g.Outcome != want[i] || (len(g.Records) == 2) != (want[i] == door.OutcomeGiven) {
				t.Errorf("place %d: %+v", i, g)
			}
			for _, x := range g.Records {
				if x.Account != []d.Account{{}, d.Account(w.alice), d.Account(w.bob), {}}[i] || x.Field != "last_seen" && x.Field != "name" {
					t.Errorf("place %d got %+v", i, x)
				}
			}
		}
		if _, err := w.Redeem(t.Context(), h); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a list was redeemed as a whole: %v", err)
		}
		if _, err := w.Draw(t.Context(), door.Draw{Grant: h, Seq: 2}); err != nil {
			t.Fatal(err)
		}
		if p, err := w.Proposal(t.Context(), h); err != nil || !p.Used || p.Done != 4 {
			t.Errorf("%+v %v", p, err)
		}
		w.provable(r.Entry)
	})
}

// TestTheLedgerNamesWhatLeftOfEachAccount opens the record of a batch.
func TestTheLedgerNamesWhatLeftOfEachAccount(t *testing.T) {
	w := withCounsel(t, 3)
	h := w.ready(list(3))
	r, err := w.Draw(t.Context(), door.Draw{Grant: h, Seq: 1, Places: places(0, 3)})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(61 * time.Second)
	if err := w.public.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, err := w.Proof(t.Context(), r.Entry)
	if err != nil {
		t.Fatal(err)
	}
	p, err := proof.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := proof.ParseKeys(w.public.Keys()...)
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.Verify(keys)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := d.Unmarshal(v.Entry.Body, &body); err != nil {
		t.Fatal(err)
	}
	if n, _ := body["accounts"].(uint64); n != 3 {
		t.Errorf("the leaf counts %v accounts", body["accounts"])
	}
	if parts, _ := body["list"].([]any); len(parts) != 3 {
		t.Errorf("the leaf names %d accounts", len(parts))
	}
}

func TestTwentyFiveByTwoAndOneMoreByCounsel(t *testing.T) {
	for name, c := range map[string]struct {
		n       int
		signers []string
		ok      bool
	}{
		"25 by two":                          {25, []string{"Ada Okafor", "Ben Ito"}, true},
		"26 by two":                          {26, []string{"Ada Okafor", "Ben Ito"}, false},
		"26 by two, one of them counsel":     {26, []string{"Ada Okafor", "Chi Park"}, false},
		"26 by three, none of them counsel":  {26, []string{"Ada Okafor", "Ben Ito", "Dan Cho"}, false},
		"26 by three, counsel among them":    {26, []string{"Ada Okafor", "Ben Ito", "Chi Park"}, true},
		"26 by counsel first and two others": {26, []string{"Chi Park", "Dan Cho", "Ben Ito"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := withCounsel(t, c.n)
			h := w.propose(w.grant(list(c.n)))
			w.sign(h, c.signers...)
			p, err := w.Proposal(t.Context(), h)
			if err != nil || p.Ready() != c.ok || p.Counsel != (c.n > 25) {
				t.Errorf("%+v, %v", p, err)
			}
			r, err := w.Draw(t.Context(), door.Draw{Grant: h, Seq: 1, Places: places(0, c.n)})
			if (err == nil) != c.ok || !c.ok && (!fault.Is(err, fault.Forbidden) || len(r.Given) > 0) {
				t.Errorf("%d given, %v", len(r.Given), err)
			}
		})
	}
}

// listAttacks each try to get an account that those who must have not signed
// for. None may bring a record.
var listAttacks = map[string]func(w *world) (door.Drawn, error){
	"an account added after signing": func(w *world) (door.Drawn, error) {
		g := w.grant(list(3))
		h := w.signed(g)
		list(4)(&g)
		return w.drawAs(g, h)
	},
	"the accounts of two identifiers exchanged": func(w *world) (door.Drawn, error) {
		g := w.grant(list(3))
		h := w.signed(g)
		g.List[0].Account, g.List[1].Account = g.List[1].Account, g.List[0].Account
		return w.drawAs(g, h)
	},
	"one account of another grant's list": func(w *world) (door.Drawn, error) {
		other := w.signed(w.grant(list(2), func(g *d.Grant) {
			g.List = []d.Listed{{Asked: numberOf(7), Account: d.Account(idOf(7))}, {Asked: numberOf(8), Account: d.Account(idOf(8))}}
		}))
		_ = other
		h := w.signed(w.grant(list(3)))
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 1, Places: []int{7}})
	},
	"an identifier that means another account": func(w *world) (door.Drawn, error) {
		h := w.signed(w.grant(list(2), func(g *d.Grant) { g.List[0].Account = d.Account(idOf(9)) }))
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 1, Places: []int{0}})
	},
	"an account that was given": func(w *world) (door.Drawn, error) {
		h := w.signed(w.grant(list(3)))
		w.drew(h, 1, 0, 1)
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 2, Places: []int{0, 1}})
	},
	"the same number for other accounts": func(w *world) (door.Drawn, error) {
		h := w.signed(w.grant(list(3)))
		w.drew(h, 1, 0, 1)
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 1, Half: [32]byte{2}, Places: []int{1, 2}})
	},
	"a batch whose half of the key is not known": func(w *world) (door.Drawn, error) {
		h := w.signed(w.grant(list(3)))
		w.drew(h, 1, 0, 3)
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 1, Half: [32]byte{9}, Places: places(0, 3)})
	},
	"a batch out of turn": func(w *world) (door.Drawn, error) {
		return w.Draw(ctx(w), door.Draw{Grant: w.signed(w.grant(list(3))), Seq: 5, Places: places(0, 3)})
	},
	"places that repeat": func(w *world) (door.Drawn, error) {
		return w.Draw(ctx(w), door.Draw{Grant: w.signed(w.grant(list(3))), Seq: 1, Places: []int{0, 0}})
	},
	"places in disorder": func(w *world) (door.Drawn, error) {
		return w.Draw(ctx(w), door.Draw{Grant: w.signed(w.grant(list(3))), Seq: 1, Places: []int{2, 0}})
	},
	"replayed after it ended": func(w *world) (door.Drawn, error) {
		h := w.signed(w.grant(list(3)))
		w.drew(h, 1, 0, 1)
		if _, err := w.Draw(ctx(w), door.Draw{Grant: h, Seq: 2}); err != nil {
			w.t.Fatal(err)
		}
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 2, Places: []int{1}})
	},
	"withdrawn in the middle": func(w *world) (door.Drawn, error) {
		h := w.signed(w.grant(list(3)))
		w.drew(h, 1, 0, 1)
		if err := w.Withdraw(ctx(w), h); err != nil {
			w.t.Fatal(err)
		}
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 2, Places: []int{1}})
	},
	"refused by a holder in the middle": func(w *world) (door.Drawn, error) {
		h := w.signed(w.grant(list(3)))
		w.drew(h, 1, 0, 1)
		if err := w.Refuse(ctx(w), "Ada Okafor", h, "stop"); err != nil {
			w.t.Fatal(err)
		}
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 2, Places: []int{1}})
	},
	"a list by one": func(w *world) (door.Drawn, error) {
		h := w.propose(w.grant(list(3)))
		w.sign(h, "Ada Okafor")
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 1, Places: places(0, 3)})
	},
	"a third signature by somebody who is not counsel": func(w *world) (door.Drawn, error) {
		h := w.propose(w.grant(list(26)))
		w.sign(h, "Ada Okafor", "Ben Ito", "Dan Cho")
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 1, Places: places(0, 3)})
	},
	"counsel as two of the three": func(w *world) (door.Drawn, error) {
		w.second("CHI  park", "Chi's other key") // an ordinary key of the same person
		h := w.propose(w.grant(list(26)))
		w.sign(h, "Ada Okafor", "Chi Park")
		a, _ := w.keys["Chi's other key"].Sign(w.site, h[:])
		if _, err := w.Sign(ctx(w), h, noTie, a); !fault.Is(err, fault.Conflict) {
			w.t.Errorf("counsel signed twice: %v", err)
		}
		w.force(h, "CHI park", a)
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 1, Places: places(0, 3)})
	},
	"a long list in two parts": func(w *world) (door.Drawn, error) {
		first := w.signed(w.grant(list(20)))
		w.drew(first, 1, 0, 20)
		h := w.signed(w.grant(func(g *d.Grant) {
			list(30)(g)
			g.List = g.List[20:]
		}))
		return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 1, Places: places(0, 10)})
	},
	"a list of a snapshot's kind": func(w *world) (door.Drawn, error) {
		return w.Draw(ctx(w), door.Draw{Grant: w.ready(func(g *d.Grant) { g.Asked, g.Account = numberOf(1), d.Account(idOf(1)) }), Seq: 1, Places: []int{0}})
	},
}

// drew draws some accounts, which must work.
func (w *world) drew(h d.Hash, seq, from, to int) door.Drawn {
	w.t.Helper()
	r, err := w.Draw(ctx(w), door.Draw{Grant: h, Seq: seq, Half: [32]byte{2}, Places: places(from, to)})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// drawAs puts a changed list in the place of the one that was signed.
func (w *world) drawAs(g d.Grant, signed d.Hash) (door.Drawn, error) {
	w.t.Helper()
	b := w.bytes(g)
	h := d.GrantHash(b)
	if _, err := w.store.Keep(ctx(w), holdings.Sheet{Hash: h, Grant: b, Proposed: start, Expires: time.Unix(g.Expires, 0), State: holdings.Open}, 1000); err != nil {
		w.t.Fatal(err)
	}
	for _, n := range pair(false) { // their signatures are of the other one
		a, _ := w.keys[n].Sign(w.site, signed[:])
		w.force(h, n, a)
	}
	return w.Draw(ctx(w), door.Draw{Grant: h, Seq: 1, Places: places(0, 3)})
}

func TestACapturedDeskGetsNoAccountOfAList(t *testing.T) {
	for name, attack := range listAttacks {
		for _, apart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, apart %v", name, apart), func(t *testing.T) {
				w := withCounsel(t, 40)
				if apart {
					w.apart()
				}
				r, err := attack(w)
				for _, g := range r.Given {
					if len(g.Records) > 0 {
						t.Errorf("account %d was given", g.Place)
					}
				}
				if err == nil && name != "an identifier that means another account" {
					t.Error("it was answered without a word")
				}
			})
		}
	}
}

// TestTheListHasOneForm: no other order and no repetition is a grant at all.
func TestTheListHasOneForm(t *testing.T) {
	w := withCounsel(t, 5)
	for name, change := range map[string]func(*d.Grant){
		"reversed":                func(g *d.Grant) { slices.Reverse(g.List) },
		"an identifier twice":     func(g *d.Grant) { g.List[1].Asked = g.List[0].Asked },
		"an account twice":        func(g *d.Grant) { g.List[1].Account = g.List[0].Account },
		"an account beside it":    func(g *d.Grant) { g.Asked, g.Account = alicePhone, d.Account(w.alice) },
		"nobody has an account":   func(g *d.Grant) { g.List = []d.Listed{{Asked: "+1"}, {Asked: "+2"}} },
		"10,001":                  func(g *d.Grant) { list(10_001)(g) },
		"a list to preserve":      func(g *d.Grant) { g.Kind, g.Keep = d.Preserve, &d.Keeping{Received: 1, Until: 2} },
		"of a snapshot":           func(g *d.Grant) { g.Snapshot = &d.Hash{1} },
		"an endless identifier":   func(g *d.Grant) { g.List[4].Asked = "+9" + fmt.Sprintf("%070d", 1) },
		"an identifier of spaces": func(g *d.Grant) { g.List[0].Asked = "" },
	} {
		g := w.grant(list(5))
		change(&g)
		if _, err := g.Bytes(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b := w.bytes(w.grant(list(10_000))); len(b) > d.MaxGrant {
		t.Errorf("10,000 accounts take %d bytes", len(b))
	}
}

// crashing fails at one step and goes on afterwards.
type crashing struct {
	holdings.Store
	at string
}

func (c crashing) PutDraw(ctx context.Context, h d.Hash, x holdings.Draws, at time.Time) error {
	if c.at == "before the marks" {
		return errors.New("the process was killed")
	}
	if err := c.Store.PutDraw(ctx, h, x, at); err != nil || c.at != "after the marks" {
		return err
	}
	return errors.New("the process was killed")
}

func (c crashing) PutEntry(ctx context.Context, h d.Hash, seq int, e []byte) error {
	if c.at == "after the record" {
		return errors.New("the process was killed")
	}
	return c.Store.PutEntry(ctx, h, seq, e)
}

// TestACrashInABatchGivesNothingTwiceAndLosesNothing kills the carrier at each
// step of a batch and starts it again over the same database.
func TestACrashInABatchGivesNothingTwiceAndLosesNothing(t *testing.T) {
	for _, at := range []string{"before the intent", "before the marks", "after the marks", "before the record", "after the record", "before the answer"} {
		storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
			store := c.Holdings()
			w := worldWith(t, store)
			w.config.Records = many{6}
			h := w.ready(list(6), func(*d.Grant) {})
			w.drew(h, 1, 0, 2)
			q := door.Draw{Grant: h, Seq: 2, Half: [32]byte{3}, Places: places(2, 6)}
			w.config.Store = crashing{store, at}
			switch at {
			case "before the intent":
				w.config.Ledger = failing{w.public, "release.drawing"}
			case "before the record":
				w.config.Ledger = failing{w.public, "release.done"}
			}
			w.open()
			if r, err := w.Draw(t.Context(), q); (err == nil) != (at == "before the answer") || err != nil && len(r.Given) > 0 {
				t.Fatalf("%s: %v", at, err)
			}
			w.config.Store, w.config.Ledger = store, w.public
			w.config.Records = changed{many{6}} // what was read once is not read again
			w.open()
			if err := w.Reconcile(t.Context()); err != nil {
				t.Fatal(err)
			}
			r, err := w.Draw(t.Context(), q)
			if err != nil || len(r.Given) != 4 || len(r.Entry) == 0 {
				t.Fatalf("%s: %d given, %v", at, len(r.Given), err)
			}
			fresh := at == "before the intent" || at == "before the marks"
			if v := r.Given[0].Records[0].Value; (v == "changed") != fresh {
				t.Errorf("%s: the record says %q", at, v)
			}
			if again, err := w.Draw(t.Context(), q); err != nil || again.Given[3].Records[0] != r.Given[3].Records[0] {
				t.Errorf("%s: the same batch again: %v", at, err)
			}
			if _, err := w.Draw(t.Context(), door.Draw{Grant: h, Seq: 3, Places: []int{2}}); !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: given twice: %v", at, err)
			}
			if _, err := w.Draw(t.Context(), door.Draw{Grant: h, Seq: 3}); err != nil {
				t.Errorf("%s: %v", at, err)
			}
			if x, err := store.Draws(t.Context(), h); err != nil || len(x.Batch) != 0 || x.Count() != 6 {
				t.Errorf("%s: %d spent, %d bytes wait: %v", at, x.Count(), len(x.Batch), err)
			}
		})
	}
}

// changed are the same accounts a moment later.
type changed struct{ many }

func (c changed) Records(ctx context.Context, id wire.AccountID, fields []d.FieldID) ([]d.Record, error) {
	rs, err := c.many.Records(ctx, id, fields)
	for i := range rs {
		if rs[i].Field == "name" {
			rs[i].Value = "changed"
		}
	}
	return rs, err
}

func TestARestoreGivesNoAccountOfAListAgain(t *testing.T) {
	w := withCounsel(t, 6)
	g := w.grant(list(6))
	h := w.signed(g)
	w.drew(h, 1, 0, 2)
	w.drew(h, 2, 2, 4)
	old := withCounsel(t, 6) // an older database, whose holders sign the same bytes anew
	old.config.Ledger = w.public
	old.open()
	if err := old.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	old.signed(g)
	if _, err := old.Draw(t.Context(), door.Draw{Grant: h, Seq: 3, Places: []int{1}}); !fault.Is(err, fault.Conflict) {
		t.Errorf("given again after a restore: %v", err)
	}
	if r, err := old.Draw(t.Context(), door.Draw{Grant: h, Seq: 3, Places: []int{4, 5}}); err != nil || len(r.Given) != 2 {
		t.Errorf("what was not given: %v", err)
	}
}

func TestManyAtOnceDrawEachAccountOnce(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := withCounsel(t, 20, c.Holdings())
		h := w.ready(list(20))
		var wg sync.WaitGroup
		var mu sync.Mutex
		got := map[int]int{}
		for i := range 8 {
			wg.Go(func() {
				for seq := 1; seq <= 4; seq++ {
					r, _ := w.Draw(context.Background(), door.Draw{Grant: h, Seq: seq, Half: [32]byte{byte(i)}, Places: places((seq-1)*5, seq*5)})
					mu.Lock()
					for _, g := range r.Given {
						got[g.Place]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for p, n := range got {
			if n != 1 {
				t.Errorf("account %d was given %d times", p, n)
			}
		}
	})
}

// TestTenThousandAccountsTakeNoMoreMemoryThanAThousand draws both lists through
// the socket, in one run, and compares how high the heap stands.
func TestTenThousandAccountsTakeNoMoreMemoryThanAThousand(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "10,000 accounts")
	}
	high := map[int]int64{}
	for _, n := range []int{1000, 10_000} {
		w := withCounsel(t, n).apart()
		h := w.propose(w.grant(list(n)))
		w.sign(h, "Ada Okafor", "Ben Ito", "Chi Park")
		base := heap()
		began := time.Now()
		var out int
		for at, seq := 0, 1; at < n; seq++ {
			r, err := w.Draw(t.Context(), door.Draw{Grant: h, Seq: seq, Places: places(at, min(n, at+door.MaxBatch))})
			if err != nil {
				t.Fatal(err)
			}
			at += len(r.Given)
			out += r.Records()
			high[n] = max(high[n], heap()-base)
		}
		t.Logf("%d accounts, %d records, %s, heap %d KB above its start", n, out, time.Since(began).Round(time.Millisecond), high[n]>>10)
		if out != 2*n {
			t.Errorf("%d records of %d accounts", out, n)
		}
	}
	// The list of identifiers itself, half a megabyte, is in the signed bytes.
	if high[10_000] > high[1000]+4<<20 {
		t.Errorf("the heap stands %d KB higher with 10,000 accounts", (high[10_000]-high[1000])>>10)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestEachPersonOfAListIsToldOnce(t *testing.T) {
	w := withCounsel(t, 5)
	tell := func(g *d.Grant) {
		list(4)(g)
		g.Kind, g.List = d.Notify, append(g.List, d.Listed{Asked: numberOf(4)})
		g.Notice = d.NoticePlan{Timing: d.ToldBefore, Day: g.Issued, Basis: "D6", Asker: true}
		g.Expires = w.clock.Now().Add(20 * 24 * time.Hour).Unix()
	}
	h := w.ready(tell)
	one, err := w.TellSome(t.Context(), door.Places{Grant: h, Places: []int{0, 1}})
	if err != nil || len(one.Told) != 2 || one.Told[0].Queued != 1 || one.Told[0].Notice == one.Told[1].Notice {
		t.Fatalf("%+v %v", one, err)
	}
	again, err := w.TellSome(t.Context(), door.Places{Grant: h, Places: []int{0, 1}})
	if err != nil || again.Told[1].Notice != one.Told[1].Notice || len(w.post.notices) != 2 {
		t.Errorf("%+v %v, %d notices", again, err, len(w.post.notices))
	}
	rest, err := w.TellSome(t.Context(), door.Places{Grant: h, Places: []int{2, 3, 4}})
	if err != nil || rest.Told[2].Outcome != door.OutcomeNone || len(w.post.notices) != 4 {
		t.Errorf("%+v %v, %d notices", rest, err, len(w.post.notices))
	}
	if p, err := w.Proposal(t.Context(), h); err != nil || !p.Used {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := w.Tell(t.Context(), h); err == nil {
		t.Error("a list was told as one person")
	}
	n, err := wire.OpenNotice(w.post.notices[1], w.notice)
	if err != nil || n.Account != idOf(1) || !n.Before {
		t.Errorf("%+v %v", n, err)
	}
	if err := w.Object(t.Context(), idOf(1), wire.Objection{Notice: n.ID, Text: "it is not me"}); err != nil {
		t.Error(err)
	}
	if o, err := w.Objections(t.Context(), 0); err != nil || len(o) != 1 || o[0].Notice != one.Told[1].Notice {
		t.Errorf("%+v %v", o, err)
	}
}

func TestListsHaveALookUpBudgetOfTheirOwn(t *testing.T) {
	w := withCounsel(t, 300)
	w.config.Resolves, w.config.Lists = 5, 400
	w.open()
	q := door.Lookups{Case: "LL-2026-000017", Process: "us.order.2703d"}
	for i := 200; i < 400; i++ {
		q.Identifiers = append(q.Identifiers, numberOf(i))
	}
	r, err := w.ResolveAll(t.Context(), q)
	if err != nil || len(r) != 200 || !r[99].Exists || r[100].Exists || r[0].Account != d.Account(idOf(200)) {
		t.Fatalf("%d, %v", len(r), err)
	}
	if _, err := w.ResolveAll(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ResolveAll(t.Context(), q); !fault.Is(err, fault.Exhausted) {
		t.Errorf("over the budget: %v", err)
	}
	w.Flush()
	count := 0
	for o, err := range w.public.Openings(1, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if o.Entry.Kind == "door.resolve" {
			count++
		}
	}
	if count != 2 {
		t.Errorf("%d look-ups are in the ledger", count)
	}
	for name, bad := range map[string]door.Lookups{"no case": {Process: q.Process, Identifiers: q.Identifiers}, "too many": {Case: "c", Process: q.Process, Identifiers: make([]string, 501)},
		"none": {Case: "c", Process: q.Process}, "no such row": {Case: "c", Process: "xx", Identifiers: q.Identifiers}} {
		if _, err := w.ResolveAll(t.Context(), bad); err == nil {
			t.Errorf("%s: answered", name)
		}
	}
}

var _ holdings.Ledger = failing{(*ledger.Ledger)(nil), ""}
