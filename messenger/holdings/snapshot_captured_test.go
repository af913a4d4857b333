package holdings_test

import (
	"maps"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/messenger/holdings"
)

type snapshotRow = holdings.Snapshot

func init() { maps.Copy(captured, onSnapshots) }

// onSnapshots is what somebody who holds the desk can try on them.
var onSnapshots = map[string]func(w *world) (door.Release, error){
	"a snapshot that nobody signed for": func(w *world) (door.Release, error) {
		return w.opens(w.propose(w.grant(later(w.kept()))), half)
	},
	"a snapshot with one signature": func(w *world) (door.Release, error) {
		h := w.propose(w.grant(later(w.kept())))
		w.sign(h, "Ada Okafor")
		return w.opens(h, half)
	},
	"a snapshot by the grant that took it":         func(w *world) (door.Release, error) { return w.opens(w.kept(), half) },
	"a snapshot redeemed as today's record":        func(w *world) (door.Release, error) { return w.Redeem(ctx(w), w.ready(later(w.kept()))) },
	"a snapshot with the wrong half of its key":    func(w *world) (door.Release, error) { return w.opens(w.ready(later(w.kept())), [32]byte{1}) },
	"a snapshot under a grant for today's record":  func(w *world) (door.Release, error) { w.kept(); return w.opens(w.ready(), half) },
	"a grant to preserve redeemed":                 func(w *world) (door.Release, error) { return w.Redeem(ctx(w), w.ready(w.preserving)) },
	"another account's snapshot":                   taken(func(w *world, g *d.Grant) { g.Asked, g.Account = bobPhone, d.Account(w.bob) }),
	"the same account under another identifier":    taken(func(_ *world, g *d.Grant) { g.Asked = bobPhone }),
	"a field that was not preserved":               taken(func(_ *world, g *d.Grant) { g.Fields = []d.FieldID{"email"} }),
	"a snapshot of a time before the account":      taken(func(w *world, g *d.Grant) { g.Until = w.clock.Now().AddDate(-1, 0, 0).Unix() }),
	"an order that does not reach what is kept":    proposed(func(w *world, g *d.Grant) { later(w.kept())(g); g.Process = "us.order.2703d" }),
	"a snapshot that was never taken":              proposed(func(_ *world, g *d.Grant) { later(d.Hash{7})(g) }),
	"preserving what the row does not preserve":    proposed(func(w *world, g *d.Grant) { w.preserving(g); g.Process = "br.mci.pres" }),
	"preserving under a process that discloses":    proposed(func(w *world, g *d.Grant) { w.preserving(g); g.Process = "us.order.2703d" }),
	"preserving for longer than the row gives":     proposed(func(w *world, g *d.Grant) { w.preserving(g); g.Keep.Until += 3600 * 24 }),
	"preserving with a receipt moved to the front": proposed(func(w *world, g *d.Grant) { w.preserving(g); g.Keep.Received, g.Issued = g.Issued+600, g.Issued+600 }),
	"preserving an account by another's number":    proposed(func(w *world, g *d.Grant) { w.preserving(g); g.Account = d.Account(w.bob) }),
	"renewing another account's snapshot": func(w *world) (door.Release, error) {
		h := w.kept()
		r := w.ready(func(g *d.Grant) {
			w.preserving(g)
			g.Asked, g.Account = bobPhone, d.Account(w.bob)
			g.Keep.Until, g.Keep.Renews = g.Keep.Until+3600, &h
		})
		_, err := w.preserve(r)
		return door.Release{}, err
	},
	"preserving with one signature": func(w *world) (door.Release, error) {
		h := w.propose(w.grant(w.preserving))
		w.sign(h, "Ada Okafor")
		_, err := w.preserve(h)
		return door.Release{}, err
	},
	"preserving with a grant to produce": func(w *world) (door.Release, error) {
		_, err := w.preserve(w.ready())
		return door.Release{}, err
	},
}

// taken opens an honest snapshot under a grant that is not.
func taken(change func(*world, *d.Grant)) func(*world) (door.Release, error) {
	return func(w *world) (door.Release, error) {
		return w.opens(w.ready(later(w.kept()), func(g *d.Grant) { change(w, g) }), half)
	}
}

// proposed is refused before anybody is asked to sign.
func proposed(change func(*world, *d.Grant)) func(*world) (door.Release, error) {
	return func(w *world) (door.Release, error) {
		_, err := w.Propose(ctx(w), w.bytes(w.grant(func(g *d.Grant) { change(w, g) })))
		return door.Release{}, err
	}
}

// TestAskingAgainTellsNothingOfASnapshot: without the half of its key the answers
// about one that is kept and one that never was are the same.
func TestAskingAgainTellsNothingOfASnapshot(t *testing.T) {
	w := newWorld(t).apart()
	h := w.kept()
	_, there := w.through.Preserve(ctx(w), door.Keep{Grant: h, Half: [32]byte{1}})
	_, never := w.through.Preserve(ctx(w), door.Keep{Grant: d.Hash{1}, Half: [32]byte{1}})
	if fault.Say(there) != fault.Say(never) || there == nil {
		t.Errorf("%v and %v tell a kept snapshot from none", there, never)
	}
	w.pass(time.Minute)
}
