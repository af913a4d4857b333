package holdings_test

import (
	"fmt"
	"testing"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/law"
	"letterlock/messenger/holdings"
)

func letter(g *d.Grant) {
	g.Process, g.Sealed, g.Case, g.Fields = "us.nsl", true, "LL-2026-123456789012", []d.FieldID{"name", "service_start"}
}

// TestHoldersOfOneSetDoNotKnowTheOther tries everything that a release page
// calls with what lies in the other set, against a thing that never was.
func TestHoldersOfOneSetDoNotKnowTheOther(t *testing.T) {
	w := newWorld(t)
	sealed, open := w.propose(w.grant(letter)), w.propose(w.grant())
	for _, c := range []struct {
		name, own, other string
		set              *holdings.Set
		hash             d.Hash // of the other set
	}{{"ordinary", "Ada Okafor", "Dana Moss", w.Set, sealed}, {"cleared", "Dana Moss", "Ada Okafor", w.Cleared(), open}} {
		papers, err := c.set.Waiting(t.Context())
		if err != nil || len(papers) != 1 || papers[0].Hash == c.hash {
			t.Fatalf("%s: %d papers wait: %v", c.name, len(papers), err)
		}
		holders, err := c.set.Holders(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range holders {
			if h.Name == c.other {
				t.Errorf("%s: the list of holders names %s", c.name, h.Name)
			}
		}
		never := d.Hash{1}
		calls := map[string]func(d.Hash) error{
			"read": func(h d.Hash) error { _, err := c.set.Paper(t.Context(), h); return err },
			"sign": func(h d.Hash) error {
				a, _ := w.keys[c.own].Sign(w.site, h[:])
				_, err := c.set.Sign(t.Context(), h, noTie, a)
				return err
			},
			"refuse": func(h d.Hash) error { return c.set.Refuse(t.Context(), c.own, h, "no") },
		}
		for what, call := range calls {
			real, none := call(c.hash), call(never)
			if !fault.Is(real, fault.NotFound) || fmt.Sprint(real) != fmt.Sprint(none) || fault.Say(real) != fault.Say(none) {
				t.Errorf("%s, %s: one of the other set: %v; one that never was: %v", c.name, what, real, none)
			}
		}
		ch := []byte("0123456789abcdef0123456789abcdef")
		a, _ := w.keys[c.other].Sign(w.site, ch)
		stranger := soft.New()
		stranger.Enrol(w.site, "nobody")
		b, _ := stranger.Sign(w.site, ch)
		_, real := c.set.SignIn(t.Context(), ch, a)
		_, none := c.set.SignIn(t.Context(), ch, b)
		if !fault.Is(real, fault.Unauthenticated) || fault.Say(real) != fault.Say(none) {
			t.Errorf("%s: a key of the other set signs in: %v, a stranger's: %v", c.name, real, none)
		}
	}
}

// TestASignatureOfTheOtherSetCounts nothing, even where a captured database
// holds it.
func TestASignatureOfTheOtherSetDoesNotCount(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		w := newWorld(t)
		change := func(*d.Grant) {}
		if sealed {
			change = letter
		}
		h := w.propose(w.grant(change))
		for _, n := range pair(!sealed) {
			a, _ := w.keys[n].Sign(w.site, h[:])
			w.force(h, n, a)
		}
		if r, err := w.Redeem(t.Context(), h); !fault.Is(err, fault.Forbidden) || len(r.Records) > 0 {
			t.Errorf("sealed %v: signed by holders of the other set: %v, %v", sealed, r.Records, err)
		}
	}
}

// TestAGrantLyingInTheOtherSetIsNone puts sheets where they do not belong.
func TestAGrantLyingInTheOtherSetIsNone(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		w := newWorld(t)
		g := w.grant(func(g *d.Grant) {
			if sealed {
				letter(g)
			}
		})
		b := w.bytes(g)
		h := d.GrantHash(b)
		if _, err := w.storeOf(!sealed).Keep(t.Context(), holdings.Sheet{Hash: h, Grant: b, Proposed: start, Expires: start.AddDate(0, 0, 1), State: holdings.Open}, 100); err != nil {
			t.Fatal(err)
		}
		for _, n := range pair(!sealed) {
			a, _ := w.keys[n].Sign(w.site, h[:])
			w.force(h, n, a)
		}
		if r, err := w.Redeem(t.Context(), h); err == nil || len(r.Records) > 0 {
			t.Errorf("sealed %v: released from the other set: %v", sealed, r.Records)
		}
	}
}

// TestSealedGrantsTakeNoRoomFromOrdinaryOnes: limits are a count too.
func TestSealedGrantsTakeNoRoomFromOrdinaryOnes(t *testing.T) {
	w := newWorld(t)
	w.config.Resolves = 2
	w.open()
	for range 2 {
		if _, err := w.Resolve(t.Context(), door.Lookup{Case: "S-1", Process: "us.nsl", Identifier: alicePhone, Sealed: true}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := w.Resolve(t.Context(), door.Lookup{Case: "LL-2026-000001", Process: "us.order.2703d", Identifier: alicePhone}); err != nil {
			t.Errorf("a sealed look-up was taken from the ordinary day: %v", err)
		}
	}
	if _, err := w.Resolve(t.Context(), door.Lookup{Case: "S-1", Process: "us.nsl", Identifier: alicePhone, Sealed: true}); !fault.Is(err, fault.Exhausted) {
		t.Errorf("the sealed day has no end: %v", err)
	}
}

// TestASealedKeyChangeIsInTheSealedLedgerOnly invites, enrols and retires.
func TestASealedKeyChangeIsInTheSealedLedgerOnly(t *testing.T) {
	w := newWorld(t)
	before := fmt.Sprint(kinds(t, w.public))
	url, err := w.Cleared().Invite(t.Context(), "Dana Moss", "Fay Long", false)
	if err != nil {
		t.Fatal(err)
	}
	w.enrolIn(w.Cleared(), "Fay Long", url)
	papers, err := w.Cleared().Waiting(t.Context())
	if err != nil || len(papers) != 1 {
		t.Fatalf("%v, %v", papers, err)
	}
	w.sign(papers[0].Hash, pair(true)...)
	if after := fmt.Sprint(kinds(t, w.public)); after != before {
		t.Errorf("the public ledger tells of it: %s, before %s", after, before)
	}
	if s := kinds(t, w.sealed); s["key.change"] != 1 || s["key.invite"] != 1 {
		t.Errorf("the sealed ledger has %v", s)
	}
}

func TestNobodyIsToldOfASealedMatterBefore(t *testing.T) {
	w := newWorld(t)
	g := w.grant(letter, func(g *d.Grant) {
		g.Kind, g.Notice = d.Notify, d.NoticePlan{Timing: d.ToldBefore, Day: g.Issued, Basis: "none"}
	})
	if _, err := w.Propose(t.Context(), w.bytes(g)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a notice before disclosure was taken: %v", err)
	}
}

// TestAnApprovalForSealedMattersIsTheSealedSetsAlone: the ordinary set, and
// whoever asks what the carrier releases under, do not learn of it.
func TestAnApprovalForSealedMattersIsTheSealedSetsAlone(t *testing.T) {
	w := newWorld(t)
	const id = law.ProcessID("us.fisa.t3")
	row, ok := w.config.Law.Row(id, w.clock.Now())
	if !ok || row.Certainty != law.Known {
		t.Fatalf("%s is no row for this test any more", id)
	}
	grant := func() []byte {
		return w.bytes(w.grant(letter, func(g *d.Grant) { g.Process, g.Fields = string(id), []d.FieldID{"name"} }))
	}
	w.config.Counsel = nil
	w.open()
	if _, err := w.Holdings.Propose(t.Context(), grant()); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("a row that nobody approved: %v", err)
	}
	w.config.SealedCounsel = w.config.Law.Approve("Counsel", "2026-11-01", id)
	w.open()
	got, err := w.Holdings.Law(t.Context(), []d.Hash{d.Hash(row.Hash())})
	if err != nil || got[0] != (door.LawState{Has: true, Sealed: true}) {
		t.Errorf("the carrier says %+v, %v", got, err)
	}
	if _, err := w.Holdings.Propose(t.Context(), grant()); err != nil {
		t.Errorf("the sealed set does not go by it: %v", err)
	}
}

// TestTheCarrierGivesNameAndLengthOfServiceToALetter: whatever a captured desk
// writes into the grant of a national security letter, every other field of the
// inventory is refused before anybody signs.
// law: 18 USC 2709(b)
func TestTheCarrierGivesNameAndLengthOfServiceToALetter(t *testing.T) {
	w := newWorld(t)
	for _, f := range d.Fields() {
		reached := f.ID == "name" || f.ID == "service_start"
		_, err := w.Holdings.Propose(t.Context(), w.bytes(w.grant(letter, func(g *d.Grant) { g.Fields = []d.FieldID{f.ID} })))
		if reached != (err == nil) || !reached && !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s, which the letter reaches: %v: %v", f.ID, reached, err)
		}
	}
}
