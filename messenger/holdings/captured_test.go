package holdings_test

import (
	"context"
	"slices"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/messenger/holdings"
	"letterlock/wire"
)

// captured is everything that somebody who holds the desk can try. Each attempt
// returns what came out and the error.
var captured = map[string]func(w *world) (door.Release, error){
	"a grant nobody signed": func(w *world) (door.Release, error) { return w.Redeem(ctx(w), w.propose(w.grant())) },
	"a grant never proposed": func(w *world) (door.Release, error) {
		return w.Redeem(ctx(w), d.GrantHash(w.bytes(w.grant())))
	},
	"one signature": func(w *world) (door.Release, error) {
		h := w.propose(w.grant())
		w.sign(h, "Ada Okafor")
		return w.Redeem(ctx(w), h)
	},
	"altered fields": func(w *world) (door.Release, error) {
		g := w.grant()
		w.signed(g)
		g.Fields = []d.FieldID{"devices", "last_seen", "name"}
		return w.Redeem(ctx(w), w.propose(g))
	},
	"signatures moved to a wider grant in the database": func(w *world) (door.Release, error) {
		g := w.grant()
		h := w.signed(g)
		g.Fields = []d.FieldID{"devices", "last_seen", "name"}
		other := w.propose(g)
		w.steal(h, other)
		return w.Redeem(ctx(w), other)
	},
	"one key twice": func(w *world) (door.Release, error) {
		h := w.propose(w.grant())
		w.sign(h, "Ada Okafor")
		a, _ := w.keys["Ada Okafor"].Sign(w.site, h[:])
		if _, err := w.Sign(ctx(w), h, noTie, a); !fault.Is(err, fault.Conflict) {
			w.t.Errorf("one key signed twice: %v", err)
		}
		w.force(h, "Somebody Else", a)
		return w.Redeem(ctx(w), h)
	},
	"two keys of one person": func(w *world) (door.Release, error) {
		w.second("ADA  okafor", "Ada's other key")
		h := w.propose(w.grant())
		w.sign(h, "Ada Okafor")
		a, _ := w.keys["Ada's other key"].Sign(w.site, h[:])
		if _, err := w.Sign(ctx(w), h, noTie, a); !fault.Is(err, fault.Conflict) {
			w.t.Errorf("one person signed twice: %v", err)
		}
		w.force(h, "ADA okafor", a)
		return w.Redeem(ctx(w), h)
	},
	"keys enrolled by themselves": func(w *world) (door.Release, error) {
		evil := soft.New()
		k, _ := evil.Enrol(w.site, "evil")
		g := w.grant(func(g *d.Grant) {
			g.Kind, g.Case, g.Process, g.Agency, g.Asked, g.Account, g.Fields, g.LawRow = d.KeyChange, "", "", "", "", d.Account{}, nil, d.Hash{1}
			g.Key = &d.ReleaseKeyChange{Holder: "Evil", KeyID: k.ID, Public: k.Public}
		})
		if _, err := w.Propose(ctx(w), w.bytes(g)); !fault.Is(err, fault.Forbidden) {
			w.t.Errorf("the desk proposed a key: %v", err)
		}
		h := w.propose(w.grant())
		a, _ := evil.Sign(w.site, h[:])
		_, err := w.Sign(ctx(w), h, noTie, a)
		if !fault.Is(err, fault.Unauthenticated) {
			w.t.Errorf("an unknown key signed: %v", err)
		}
		w.force(h, "Evil", a)
		return w.Redeem(ctx(w), h)
	},
	"another account": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Account = d.Account(w.bob) }))
	},
	"a period to come": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.From, g.Until = start.Unix(), start.Add(20*24*time.Hour).Unix() }))
	},
	"fields beyond the process": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Fields = []d.FieldID{"about", "name"} }))
	},
	"a national security letter for more than the name": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Process, g.Sealed, g.Fields = "us.nsl", true, []d.FieldID{"last_ip", "name"} }))
	},
	"a national security letter in the open": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Process, g.Fields = "us.nsl", []d.FieldID{"name"} }))
	},
	"an ordinary order, sealed": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Sealed = true }))
	},
	"an uncertain row": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Process, g.Sealed, g.Fields = "us.fisa.702", true, []d.FieldID{"name"} }))
	},
	"an executive order": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Process, g.Fields = "us.eo12333", []d.FieldID{"name"} }))
	},
	"a row that does not exist": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Process, g.LawRow = "us.whatever", d.Hash{1} }))
	},
	"a wider row of the desk's own": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) {
			row, _ := law.Default().Row("us.subpoena.gj", start)
			row.Reach = append(row.Reach, law.Reach{Class: law.AccNC, Extent: law.Full})
			g.Process, g.LawRow, g.Fields = "us.subpoena.gj", d.Hash(row.Hash()), []d.FieldID{"devices", "name"}
		}))
	},
	"a disguised grant": func(w *world) (door.Release, error) {
		b := append(w.bytes(w.grant()), 0)
		_, err := w.Propose(ctx(w), b)
		if err == nil {
			w.t.Error("a grant in another encoding was proposed")
		}
		return w.Redeem(ctx(w), d.GrantHash(b))
	},
	"a grant whose words turn around": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Agency = "Sheriff\u202efirehS" }))
	},
	"a grant with a second line": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Ref = "17\nFields: none" }))
	},
	"a notice grant redeemed": func(w *world) (door.Release, error) {
		return w.Redeem(ctx(w), w.ready(func(g *d.Grant) { g.Kind = d.Notify }))
	},
	"an expired grant": func(w *world) (door.Release, error) {
		h := w.ready()
		w.clock.Advance(8 * 24 * time.Hour)
		return w.Redeem(ctx(w), h)
	},
	"before its first day": func(w *world) (door.Release, error) {
		return w.Redeem(ctx(w), w.ready(func(g *d.Grant) { g.NotYet = start.Add(48 * time.Hour).Unix() }))
	},
	"from the future": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Issued = start.Add(time.Hour).Unix() }))
	},
	"the clock moved back": func(w *world) (door.Release, error) {
		h := w.ready()
		w.clock.Advance(6 * 24 * time.Hour)
		w.public.CheckClock(w.clock.Now())
		if _, err := w.public.AcceptClock(ctx(w), ledger.Record{Kind: "clock.accepted"}); err != nil {
			w.t.Fatal(err)
		}
		w.clock.Set(start.Add(time.Hour))
		return w.Redeem(ctx(w), h)
	},
	"after a refusal": func(w *world) (door.Release, error) {
		h := w.ready()
		if err := w.Refuse(ctx(w), "Chi Park", h, "The order is not signed"); err != nil {
			w.t.Fatal(err)
		}
		return w.Redeem(ctx(w), h)
	},
	"after a withdrawal": func(w *world) (door.Release, error) {
		h := w.ready()
		if err := w.Withdraw(ctx(w), h); err != nil {
			w.t.Fatal(err)
		}
		return w.Redeem(ctx(w), h)
	},
	"the number changed hands": func(w *world) (door.Release, error) {
		h := w.ready()
		next := wire.NewAccountID()
		w.accounts.add(alicePhone, next)
		return w.Redeem(ctx(w), h)
	},
	"told before, and released at once": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) { g.Notice.Timing = d.ToldBefore }))
	},
	"told before, and a day too few to object": func(w *world) (door.Release, error) {
		return w.proposeAndRedeem(w.grant(func(g *d.Grant) {
			g.Notice.Timing, g.NotYet = d.ToldBefore, start.Add(6*24*time.Hour).Unix()
		}))
	},
	"an account younger than the period": func(w *world) (door.Release, error) {
		g := w.grant(func(g *d.Grant) {
			g.From, g.Until = start.Add(-200*24*time.Hour).Unix(), start.Add(-100*24*time.Hour).Unix()
		})
		h := w.propose(g)
		for _, n := range []string{"Ada Okafor", "Ben Ito"} {
			a, _ := w.keys[n].Sign(w.site, h[:])
			if _, err := w.Sign(ctx(w), h, noTie, a); !fault.Is(err, fault.Forbidden) {
				w.t.Errorf("%s could sign it: %v", n, err)
			}
			w.force(h, n, a)
		}
		return w.Redeem(ctx(w), h)
	},
	"a key retired since": func(w *world) (door.Release, error) {
		w.second("Dee Roy", "Dee Roy")
		h := w.propose(w.grant())
		w.sign(h, "Ada Okafor", "Dee Roy")
		w.retire("Dee Roy")
		return w.Redeem(ctx(w), h)
	},
}

func ctx(w *world) context.Context { return w.t.Context() }

// signed proposes and has two people sign exactly this grant.
func (w *world) signed(g d.Grant) d.Hash {
	h := w.propose(g)
	w.sign(h, "Ada Okafor", "Ben Ito")
	return h
}

// proposeAndRedeem goes around the proposal's refusal: the sheet and two real
// signatures are put into the database by force, as a captured database would.
func (w *world) proposeAndRedeem(g d.Grant) (door.Release, error) {
	w.t.Helper()
	b := w.bytes(g)
	h := d.GrantHash(b)
	if _, err := w.Propose(ctx(w), b); err == nil {
		w.t.Error("it was proposed without a word")
	}
	if _, err := w.storeOf(g.Sealed).Keep(ctx(w), holdings.Sheet{Hash: h, Grant: b, Proposed: start, Expires: time.Unix(g.Expires, 0), State: holdings.Open}, 1000); err != nil {
		w.t.Fatal(err)
	}
	for _, n := range pair(g.Sealed) {
		a, _ := w.keys[n].Sign(w.site, h[:])
		w.force(h, n, a)
	}
	return w.Redeem(ctx(w), h)
}

// force writes a mark past every check.
func (w *world) force(h d.Hash, holder string, a passkey.Assertion) {
	w.t.Helper()
	_, err := w.config.SealedStore.Sheet(ctx(w), h)
	store := w.storeOf(err == nil)
	keys, err := store.Keys(ctx(w))
	if err != nil {
		w.t.Fatal(err)
	}
	k := keys[0]
	c := holdings.Counter{KeyID: k.Pass.ID, From: k.Pass.Counter, To: k.Pass.Counter}
	if err := store.Sign(ctx(w), h, holdings.Mark{Holder: holder, At: w.clock.Now(), Signature: d.Signature(a)}, c); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) steal(from, to d.Hash) {
	w.t.Helper()
	s, err := w.store.Sheet(ctx(w), from)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range s.Marks {
		w.force(to, m.Holder, passkey.Assertion(m.Signature))
	}
}

// second enrols a further key the right way: invited, signed by two, a day later.
func (w *world) second(holder, as string) {
	w.t.Helper()
	url, err := w.Invite(ctx(w), "Ada Okafor", holder, false)
	if err != nil {
		w.t.Fatal(err)
	}
	w.enrol(as, url)
	w.keyGrant()
}

func (w *world) keyGrant() {
	w.t.Helper()
	papers, err := w.Waiting(ctx(w))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range papers {
		if g, _ := d.ParseGrant(p.Grant); g.Kind == d.KeyChange {
			w.sign(p.Hash, "Ben Ito", "Chi Park")
		}
	}
	w.clock.Advance(holdings.KeyDelay + time.Second)
	w.accept()
}

// accept is what people do after they have looked at the clock.
func (w *world) accept() {
	w.t.Helper()
	if _, err := w.public.AcceptClock(ctx(w), ledger.Record{Kind: "clock.accepted"}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) retire(holder string) {
	w.t.Helper()
	all, _ := w.Holders(ctx(w))
	i := slices.IndexFunc(all, func(h door.Holder) bool { return h.Name == holder })
	if _, err := w.Retire(ctx(w), "Ben Ito", all[i].ID); err != nil {
		w.t.Fatal(err)
	}
	w.keyGrant()
}

func TestACapturedDeskGetsNothing(t *testing.T) {
	for name, attack := range captured {
		for _, where := range []string{"", ", apart"} {
			t.Run(name+where, func(t *testing.T) {
				w := newWorld(t)
				if where != "" {
					w.apart()
				}
				r, err := attack(w)
				if err == nil || len(r.Records) != 0 || r.Entry != nil {
					t.Fatalf("%d records came out (%v)", len(r.Records), err)
				}
				t.Log(err)
				public, sealed := kinds(t, w.public), kinds(t, w.sealed)
				if public["door.refused"]+sealed["door.refused"] == 0 {
					t.Errorf("the attempt is in no ledger: %v %v", public, sealed)
				}
				if n := public["release.intent"] + public["release.done"] + sealed["release.intent"]; n != 0 {
					t.Errorf("the ledger speaks of a release: %v", public)
				}
			})
		}
	}
}

// The day an account began is a fact of it. Whoever may propose and redeem, and
// has nobody's signature, must hear the same whichever day they try.
func TestProposalsDoNotTellWhenAnAccountBegan(t *testing.T) {
	w := newWorld(t).apart()
	heard := map[string]bool{}
	for _, day := range []string{"2026-08-30", "2026-08-31", "2026-09-01", "2026-09-02", "2026-11-20"} {
		until, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		b := w.bytes(w.grant(func(g *d.Grant) { g.Until = until.Unix() }))
		p, err := w.Propose(ctx(w), b)
		said := fault.Say(err)
		_, err = w.Redeem(ctx(w), d.GrantHash(b))
		heard[said+" / "+fault.Say(err)+" / "+p.Refused] = true
		if err := w.Withdraw(ctx(w), d.GrantHash(b)); err != nil {
			t.Error(err)
		}
	}
	if len(heard) != 1 {
		t.Errorf("the answers differ by the account's first day: %v", heard)
	}
}
