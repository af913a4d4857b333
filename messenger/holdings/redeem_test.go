package holdings_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/ledger/proof"
	"letterlock/messenger/holdings"
	"letterlock/storage/storagetest"
)

func TestTwoPeopleReleaseExactlyTheFields(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := worldWith(t, c.Holdings())
		h := w.ready()
		r, err := w.Redeem(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(fieldsOf(r.Records), []d.FieldID{"last_seen", "name"}) || len(r.Records) != 2 || r.Records[0].Account != d.Account(w.alice) {
			t.Fatalf("%+v", r.Records)
		}
		for _, s := range r.Grant.Signatures {
			i := slices.IndexFunc(r.Keys, func(k door.ReleaseKey) bool { return slices.Equal(k.ID, s.KeyID) })
			if _, err := passkey.VerifyAssertion(r.Keys[i].Public, r.Keys[i].RPID, r.Keys[i].Origin, h[:], passkey.Assertion(s)); err != nil {
				t.Errorf("offline: %v", err)
			}
		}
		if _, err := w.Redeem(t.Context(), h); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second time: %v", err)
		}
		k := kinds(t, w.public)
		if k["release.intent"] != 1 || k["release.done"] != 1 || k["door.refused"] != 1 || k["release.sign"] != 2 {
			t.Errorf("%v", k)
		}
		w.provable(r.Entry)
	})
}

// provable waits for the batch and checks the proof offline.
func (w *world) provable(entry []byte) {
	w.t.Helper()
	if _, err := w.Proof(w.t.Context(), entry); !fault.Is(err, fault.Unavailable) {
		w.t.Errorf("a proof before its batch: %v", err)
	}
	w.clock.Advance(61 * time.Second)
	if err := w.public.Tick(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	b, err := w.Proof(w.t.Context(), entry)
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := proof.Parse(b)
	if err != nil {
		w.t.Fatal(err)
	}
	keys, err := proof.ParseKeys(w.public.Keys()...)
	if err != nil {
		w.t.Fatal(err)
	}
	v, err := p.Verify(keys)
	if err != nil || v.Entry.Kind != "release.done" || v.Entry.Case != "LL-2026-000017" {
		w.t.Errorf("%+v, %v", v.Entry, err)
	}
}

// TestWhatAKeyMayNotDo attacks the signature itself.
func TestWhatAKeyMayNotDo(t *testing.T) {
	for name, attack := range map[string]func(*soft.Authenticator){
		"wrong RP ID":     func(a *soft.Authenticator) { a.RPID = "localhost" },
		"desk's origin":   func(a *soft.Authenticator) { a.Origin = "http://desk.localhost:8080" },
		"framed":          func(a *soft.Authenticator) { a.Framed = true },
		"framed by":       func(a *soft.Authenticator) { a.TopOrigin = "http://desk.localhost:8080" },
		"no verification": func(a *soft.Authenticator) { a.Unverified = true },
		"another grant":   func(a *soft.Authenticator) { a.Challenge = make([]byte, 32) },
	} {
		w := newWorld(t)
		h := w.propose(w.grant())
		w.sign(h, "Ada Okafor")
		attack(w.keys["Ben Ito"])
		a, err := w.keys["Ben Ito"].Sign(w.site, h[:])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Sign(t.Context(), h, noTie, a); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: signed (%v)", name, err)
		}
		w.force(h, "Ben Ito", a) // and once it lay in the database
		if r, err := w.Redeem(t.Context(), h); !fault.Is(err, fault.Forbidden) || len(r.Records) > 0 {
			t.Errorf("%s: released (%v)", name, err)
		}
		if kinds(t, w.public)["door.refused"] != 2 {
			t.Errorf("%s: not in the ledger", name)
		}
	}
}

func TestADemoKeyOpensNothingOutsideTheDemo(t *testing.T) {
	w := newWorld(t)
	w.config.Site.Demo = true
	w.site.Demo = true
	w.open()
	w.keys["Demo"] = nil
	url, err := w.Invite(t.Context(), "Ada Okafor", "Demo Person", false)
	if err != nil {
		t.Fatal(err)
	}
	a := soft.NewDemo()
	ch := passkey.NewChallenge()
	answer, _ := a.Create(w.site.Origin, w.site.Create(passkey.User{Handle: []byte("demo"), Name: "demo"}, ch, nil))
	token := url[strings.LastIndex(url, "/")+1:]
	if _, err := w.Enrol(t.Context(), token, ch, answer); err != nil {
		t.Fatal(err)
	}
	w.keys["Demo Person"] = a
	w.keyGrant()
	h := w.propose(w.grant())
	w.sign(h, "Ada Okafor", "Demo Person")
	w.config.Site.Demo = false // the same database under a real server
	w.open()
	if r, err := w.Redeem(t.Context(), h); !fault.Is(err, fault.Forbidden) || len(r.Records) > 0 {
		t.Fatalf("released: %v", err)
	}
	h = w.propose(w.grant())
	s, _ := a.Sign(w.site, h[:])
	if _, err := w.Sign(t.Context(), h, noTie, s); !fault.Is(err, fault.Unauthenticated) {
		t.Fatalf("signed: %v", err)
	}
}

func TestTenThousandNumbersAreNotEnumerated(t *testing.T) {
	w := newWorld(t)
	w.config.Resolves = 50
	w.open()
	hits, spent := 0, 0
	for i := range 10_000 {
		r, err := w.Resolve(t.Context(), door.Lookup{Case: "LL-2026-000017", Process: "us.order.2703d", Identifier: fmt.Sprintf("+1555010%04d", i)})
		if r.Exists {
			hits++
		}
		if fault.Is(err, fault.Exhausted) {
			spent++
		}
	}
	if hits != 0 || spent != 9950 {
		t.Errorf("%d hits, %d over budget", hits, spent)
	}
	w.Flush()
	counted := 0
	for o, err := range w.public.Openings(1, 0) {
		if err != nil {
			t.Fatal(err)
		}
		switch o.Entry.Kind {
		case "door.resolve", "door.refused":
			counted++
		case "door.refused-many":
			var b struct {
				Many map[string]int `cbor:"many"`
			}
			unmarshal(t, o.Entry.Body, &b)
			counted += b.Many["resolve"]
		}
		if strings.Contains(string(o.Entry.Body), "+1555") {
			t.Fatal("the ledger keeps a number")
		}
	}
	if counted != 10_000 {
		t.Errorf("%d of 10,000 attempts are in the ledger", counted)
	}
	if n := len(kindsList(t, w.public)); n > 130 {
		t.Errorf("the flood made %d records", n)
	}
	if r, err := w.Resolve(t.Context(), door.Lookup{Process: "us.order.2703d", Identifier: alicePhone}); err == nil || r.Exists {
		t.Error("a look-up without a case")
	}
	w.clock.Advance(24 * time.Hour)
	if r, err := w.Resolve(t.Context(), door.Lookup{Case: "c", Process: "us.order.2703d", Identifier: alicePhone}); err != nil || !r.Exists || r.Account != d.Account(w.alice) {
		t.Errorf("the next day: %+v %v", r, err)
	}
}

// broken is a ledger on a full disk.
type broken struct{ *ledger.Ledger }

func (broken) Append(context.Context, ledger.Record) (ledger.Receipt, error) {
	return ledger.Receipt{}, fault.New(fault.Unavailable, "append", "the ledger's disk is full: nothing was released")
}

func TestWithoutALedgerNothingLeavesAndStopsGoOn(t *testing.T) {
	w := newWorld(t)
	ready, other := w.ready(), w.ready()
	w.config.Ledger = broken{w.public}
	w.open()
	if r, err := w.Redeem(t.Context(), ready); !fault.Is(err, fault.Unavailable) || len(r.Records) > 0 {
		t.Fatalf("released: %v", err)
	}
	if _, err := w.Resolve(t.Context(), door.Lookup{Case: "c", Process: "us.order.2703d", Identifier: alicePhone}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("resolved: %v", err)
	}
	if err := w.Withdraw(t.Context(), other); err != nil {
		t.Errorf("a stop waited for the ledger: %v", err)
	}
	w.config.Ledger = w.public
	w.open()
	if r, err := w.Redeem(t.Context(), ready); err != nil || len(r.Records) != 2 {
		t.Errorf("the grant did not survive: %v", err)
	}
}

// failing fails at the outcome, after the mark.
type failing struct {
	*ledger.Ledger
	kind string
}

func (f failing) Append(ctx context.Context, r ledger.Record) (ledger.Receipt, error) {
	if r.Kind == f.kind {
		return ledger.Receipt{}, fault.New(fault.Unavailable, "append", "full")
	}
	return f.Ledger.Append(ctx, r)
}

func TestAFailureAfterTheMarkReleasesNothingEverMore(t *testing.T) {
	w := newWorld(t)
	h := w.ready()
	w.config.Ledger = failing{w.public, "release.done"}
	w.open()
	if r, err := w.Redeem(t.Context(), h); !fault.Is(err, fault.Unavailable) || len(r.Records) > 0 {
		t.Fatalf("%v", err)
	}
	w.config.Ledger = w.public
	w.open()
	if r, err := w.Redeem(t.Context(), h); !fault.Is(err, fault.Conflict) || len(r.Records) > 0 {
		t.Fatalf("a spent grant came back: %v", err)
	}
	w.accounts.broken = errors.New("disk")
	h = w.ready(func(g *d.Grant) { g.Until = 0 })
	if _, err := w.Redeem(t.Context(), h); err == nil {
		t.Fatal("released")
	}
	w.accounts.broken = nil
	if _, err := w.Redeem(t.Context(), h); err != nil {
		t.Errorf("a failure before the mark spent the grant: %v", err)
	}
}

func TestARestoreRevivesNoUsedGrant(t *testing.T) {
	w := newWorld(t)
	g := w.grant()
	h := w.signed(g)
	if _, err := w.Redeem(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	// An older database: the keys are there, the grant is not.
	old := newWorld(t)
	old.config.Ledger = w.public
	old.accounts, old.config.Records = w.accounts, w.accounts
	old.open()
	if err := old.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := old.Propose(t.Context(), w.bytes(g)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a used grant was proposed again: %v", err)
	}
	if r, err := old.Redeem(t.Context(), h); err == nil || len(r.Records) > 0 {
		t.Errorf("%v", err)
	}
}

func TestManyAtOnceRedeemOnce(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := worldWith(t, c.Holdings())
		h := w.ready()
		var wg sync.WaitGroup
		out := make(chan int, 8)
		for range 8 {
			wg.Go(func() {
				r, _ := w.Redeem(context.Background(), h)
				out <- len(r.Records)
			})
		}
		wg.Wait()
		close(out)
		won := 0
		for n := range out {
			if n > 0 {
				won++
			}
		}
		if won != 1 {
			t.Errorf("%d of 8 got the records", won)
		}
	})
}

func TestSealedMattersLeaveThePublicLedgerAlone(t *testing.T) {
	w := newWorld(t)
	before := kinds(t, w.public)
	if _, err := w.Resolve(t.Context(), door.Lookup{Case: "S-1", Process: "us.nsl", Identifier: alicePhone, Sealed: true}); err != nil {
		t.Fatal(err)
	}
	h := w.ready(func(g *d.Grant) {
		g.Process, g.Sealed, g.Case, g.Fields = "us.nsl", true, "S-1", []d.FieldID{"name", "service_start"}
	})
	r, err := w.Redeem(t.Context(), h)
	if err != nil || !slices.Equal(fieldsOf(r.Records), []d.FieldID{"name", "service_start"}) {
		t.Fatalf("%v %v", r.Records, err)
	}
	w.Redeem(t.Context(), h)
	after := kinds(t, w.public)
	for k, n := range after {
		if before[k] != n {
			t.Errorf("the public ledger has %d more %s", n-before[k], k)
		}
	}
	if s := kinds(t, w.sealed); s["release.done"] != 1 || s["door.refused"] != 1 || s["door.resolve"] != 1 {
		t.Errorf("%v", s)
	}
}

func TestAnOperatorMayNarrowTheLawAndNotWidenIt(t *testing.T) {
	w := newWorld(t)
	row, _ := law.Default().Row("us.order.2703d", start)
	wide := row
	wide.Reach = append(slices.Clone(row.Reach), law.Reach{Class: law.AccW, Extent: law.Full})
	table, err := law.Default().With(&law.Overrides{ApprovedBy: "Operator", ApprovedOn: "2026-11-01", Rows: []law.Row{wide}})
	if err != nil {
		t.Fatal(err)
	}
	w.config.Law = table
	w.config.Counsel = append(table.Approve("Counsel", "2026-11-01"), table.Approve("Another", "2026-11-01")...)
	w.open()
	if _, err := w.Propose(t.Context(), w.bytes(w.grant(func(g *d.Grant) { g.Fields = []d.FieldID{"about"} }))); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an operator widened reach alone: %v", err)
	}
	narrow := row
	narrow.Reach = []law.Reach{{Class: law.BSI, Extent: law.Full}}
	if table, err = law.Default().With(&law.Overrides{ApprovedBy: "Operator", ApprovedOn: "2026-11-01", Rows: []law.Row{narrow}}); err != nil {
		t.Fatal(err)
	}
	w.config.Law, w.config.Counsel = table, table.Approve("Counsel", "2026-11-01")
	w.open()
	if _, err := w.Propose(t.Context(), w.bytes(w.grant(func(g *d.Grant) { g.Fields = []d.FieldID{"devices"} }))); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the narrowed row was passed over: %v", err)
	}
	if _, err := w.Propose(t.Context(), w.bytes(w.grant(func(g *d.Grant) { g.LawRow = d.Hash(row.Hash()) }))); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the desk decided by the wider, embedded text: %v", err)
	}
	if r, err := w.Redeem(t.Context(), w.ready()); err != nil || len(r.Records) != 2 {
		t.Errorf("what it still reaches: %v", err)
	}
}

func TestWithoutCounselARowFromKnowledgeUnlocksNothing(t *testing.T) {
	w := newWorld(t)
	w.config.Counsel = nil
	w.open()
	if _, err := w.Propose(t.Context(), w.bytes(w.grant())); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("%v", err)
	}
}

func TestThePeriodBoundsWhatIsDated(t *testing.T) {
	for _, c := range []struct {
		from, until string
		want        []d.FieldID
	}{
		{"", "", []d.FieldID{"devices", "last_ip", "last_seen", "name"}},
		{"2026-11-01", "2026-11-22", []d.FieldID{"devices", "last_ip", "last_seen", "name"}},
		{"2026-09-01", "2026-10-31", []d.FieldID{"devices", "name"}},
		{"2026-11-21", "2026-11-22", []d.FieldID{"devices", "name"}},
	} {
		w := newWorld(t)
		h := w.ready(func(g *d.Grant) {
			g.Fields, g.From, g.Until = []d.FieldID{"devices", "last_ip", "last_seen", "name"}, unix(t, c.from), unix(t, c.until)
		})
		r, err := w.Redeem(t.Context(), h)
		if err != nil || !slices.Equal(fieldsOf(r.Records), c.want) {
			t.Errorf("%s to %s: %v, %v", c.from, c.until, fieldsOf(r.Records), err)
		}
	}
}

// TestNeverAFieldOutsideGrantAndReach draws grants at random, half of them of a
// kind that is released.
func TestNeverAFieldOutsideGrantAndReach(t *testing.T) {
	w := newWorld(t)
	rows := w.config.Law.Rows()
	order, _ := w.config.Law.Row("us.order.2703d", start)
	var reached []d.Field
	for _, id := range []d.FieldID{"devices", "last_ip", "last_seen", "name"} {
		f, _ := d.FieldByID(id)
		reached = append(reached, f)
	}
	released := 0
	rapid.Check(t, func(rt *rapid.T) {
		row, of, sealed := order, reached, false
		if rapid.Bool().Draw(rt, "any") {
			row, of, sealed = rapid.SampledFrom(rows).Draw(rt, "row"), d.Fields(), rapid.Bool().Draw(rt, "sealed")
		}
		fields := rapid.SliceOfNDistinct(rapid.SampledFrom(of), 1, min(6, len(of)), func(f d.Field) d.FieldID { return f.ID }).Draw(rt, "fields")
		g := w.grant(func(g *d.Grant) {
			g.Process, g.LawRow, g.Sealed, g.Fields = string(row.ID), d.Hash(row.Hash()), sealed, nil
			for _, f := range fields {
				g.Fields = append(g.Fields, f.ID)
			}
			slices.Sort(g.Fields)
		})
		b := w.bytes(g)
		h := d.GrantHash(b)
		if _, err := w.storeOf(g.Sealed).Keep(t.Context(), holdings.Sheet{Hash: h, Grant: b, Proposed: start, Expires: start.Add(time.Hour), State: holdings.Open}, 1<<20); err != nil {
			rt.Fatal(err)
		}
		for _, n := range pair(g.Sealed) {
			a, _ := w.keys[n].Sign(w.site, h[:])
			w.force(h, n, a)
		}
		r, err := w.Redeem(t.Context(), h)
		if err != nil {
			if len(r.Records) > 0 {
				rt.Fatal("records came with an error")
			}
			return
		}
		released++
		for _, x := range r.Records {
			f, _ := d.FieldByID(x.Field)
			name := (x.Field == "name" || x.Field == "service_start") && row.Reaches(law.NameLOS)
			if x.Account != g.Account || !slices.Contains(g.Fields, x.Field) || !(row.Reaches(law.Class(f.Class)) || name) || row.Certainty == law.Uncertain || row.Prospective {
				rt.Fatalf("%s came out under %s", x.Field, row.ID)
			}
		}
	})
	if released == 0 {
		t.Error("nothing was ever released: the property was not tested")
	}
}

func unmarshal(t *testing.T, b []byte, v any) {
	t.Helper()
	var m struct {
		Op      string         `cbor:"op"`
		Grant   d.Hash         `cbor:"grant"`
		Records d.Hash         `cbor:"records"`
		Many    map[string]int `cbor:"many"`
	}
	if err := d.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	v.(*struct {
		Many map[string]int `cbor:"many"`
	}).Many = m.Many
}

func kindsList(t *testing.T, l *ledger.Ledger) (out []string) {
	t.Helper()
	for o, err := range l.Openings(1, 0) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, o.Entry.Kind)
	}
	return out
}

func unix(t *testing.T, day string) int64 {
	t.Helper()
	if day == "" {
		return 0
	}
	x, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return x.Unix()
}
