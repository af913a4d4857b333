package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/e2e/story"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/ledger"
)

// captive is an attacker who holds everything of the desk: its process (which
// is stopped, so that nothing else speaks through the door), its database, its
// files and its credentials, which is the socket.
type captive struct {
	*testing.T
	ctx     context.Context
	world   *story.Apart
	door    *door.Client
	holders []*story.Visitor
	victim  story.Person
	account d.Account
}

func capture(t *testing.T) *captive { return captureIn(t, t.TempDir()) }

func captureIn(t *testing.T, dir string) *captive {
	t.Helper()
	ctx := t.Context()
	a, err := story.FoundApart(ctx, dir, binaries(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.World.Stop() })
	if err := a.Desk.Stop(); err != nil {
		t.Fatal(err)
	}
	c := &captive{T: t, ctx: ctx, world: a, victim: a.Person("Ana Ruiz", "+12025550142")}
	if c.door, err = door.Dial("unix:"+a.Door, nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range story.Holders[:2] {
		v := story.NewVisitor(name)
		if err := a.EnrolHolder(v); err != nil {
			t.Fatal(err)
		}
		c.holders = append(c.holders, v)
	}
	for _, p := range []story.Person{c.victim, a.Person("Ben Cole", "+12025550167")} {
		if err := p.Register(ctx); err != nil {
			t.Fatal(err)
		}
	}
	r, err := c.door.Resolve(ctx, door.Lookup{Case: "LL-2026-000001", Process: "us.order.2703d", Identifier: c.victim.Phone})
	if err != nil || !r.Exists {
		t.Fatal(r, err)
	}
	c.account = r.Account
	return c
}

// grant is one that an honest desk could have composed.
func (c *captive) grant(change ...func(*d.Grant)) d.Grant {
	row, _ := law.Default().Row("us.order.2703d", time.Now())
	now := time.Now().Unix()
	g := d.Grant{Version: d.GrantVersion, Kind: d.Produce, Nonce: d.NewNonce(), Case: "LL-2026-000001", Process: "us.order.2703d", LawRow: d.Hash(row.Hash()),
		Agency: "Harbor County Sheriff's Office", Officer: "Det. Olivia Reyes", Asked: c.victim.Phone, Account: c.account, Fields: []d.FieldID{"last_seen", "name"},
		Issued: now, Expires: now + 7*86400, Notice: d.NoticePlan{Timing: d.ToldAfter, Day: now + 30*86400, Basis: "18 USC 2705(b)"}}
	for _, f := range change {
		f(&g)
	}
	return g
}

func (c *captive) propose(g d.Grant) (d.Hash, error) {
	b, err := d.Marshal(g) // not Bytes: the attacker does not check
	if err != nil {
		c.Fatal(err)
	}
	_, err = c.door.Propose(c.ctx, b)
	return d.GrantHash(b), err
}

// refused wants nothing to come out.
func (c *captive) refused(what string, h d.Hash, proposed error) {
	c.Helper()
	r, err := c.door.Redeem(c.ctx, h)
	if err == nil || len(r.Records) > 0 {
		c.Errorf("%s: %d records came out", what, len(r.Records))
	}
	if told, err := c.door.Tell(c.ctx, door.Telling{Grant: h}); err == nil || told.Queued > 0 {
		c.Errorf("%s: the person was told a lie", what)
	}
	c.Logf("%s: proposal: %s; redemption: %s", what, says(proposed), says(err))
}

func says(err error) string {
	if err == nil {
		return "taken"
	}
	return fault.Say(err)
}

func TestACapturedDeskGetsNotOneField(t *testing.T) {
	c := capture(t)
	for what, change := range map[string]func(*d.Grant){
		"a grant nobody signed":   func(g *d.Grant) {},
		"another account":         func(g *d.Grant) { g.Account = d.Account{1, 2, 3} },
		"another number":          func(g *d.Grant) { g.Asked = "+12025550167" },
		"a wider field":           func(g *d.Grant) { g.Fields = []d.FieldID{"about", "name"} },
		"a field of no process":   func(g *d.Grant) { g.Fields = []d.FieldID{"content"} },
		"a wider law row":         func(g *d.Grant) { g.LawRow = d.Hash{9} },
		"an unknown law row":      func(g *d.Grant) { g.Process = "us.everything" },
		"a row that is uncertain": func(g *d.Grant) { g.Process = "us.fisa.702" },
		"no obligation":           func(g *d.Grant) { g.Process = "us.eo12333" },
		"a longer life":           func(g *d.Grant) { g.Expires = g.Issued + 365*86400 },
		"issued tomorrow":         func(g *d.Grant) { g.Issued += 86400; g.Expires += 86400 },
		"expired":                 func(g *d.Grant) { g.Issued -= 20 * 86400; g.Expires = g.Issued + 86400 },
		"a trace":                 func(g *d.Grant) { g.Kind = d.Trace },
		"their own notice":        func(g *d.Grant) { g.Kind = d.Notify },
		"their own key": func(g *d.Grant) {
			*g = d.Grant{Version: 1, Kind: d.KeyChange, Nonce: d.NewNonce(), LawRow: d.Hash{1}, Issued: g.Issued, Expires: g.Expires,
				Key: &d.ReleaseKeyChange{Holder: "Mallory", KeyID: []byte("k"), Public: []byte("p")}}
		},
	} {
		h, err := c.propose(c.grant(change))
		c.refused(what, h, err)
	}
	c.disguised()
	c.oneReviewer()
	c.replay()
	c.pages()
	c.enumerate()
	c.ledgerKnows()
}

// disguised: the same grant in bytes that are not its canonical ones.
func (c *captive) disguised() {
	b, err := c.grant().Bytes()
	if err != nil {
		c.Fatal(err)
	}
	for _, bad := range [][]byte{append(bytes.Clone(b), 0), append([]byte{0xd9, 0xd9, 0xf7}, b...), b[:len(b)-1]} {
		_, err := c.door.Propose(c.ctx, bad)
		if err == nil {
			c.Error("a disguised grant was put before the holders")
		}
		c.refused("a disguised grant", d.GrantHash(bad), err)
	}
}

// oneReviewer signs, and signs again.
func (c *captive) oneReviewer() {
	h, err := c.propose(c.grant())
	if err != nil {
		c.Fatal(err)
	}
	if _, err := c.world.Sign(c.holders[0]); err != nil {
		c.Fatal(err)
	}
	if _, err := c.world.Sign(c.holders[0]); err != nil {
		c.Fatal(err)
	}
	p, err := c.door.Proposal(c.ctx, h)
	if err != nil || len(p.Signed) != 1 {
		c.Errorf("one reviewer counts as %v (%v)", p.Signed, err)
	}
	c.refused("one reviewer alone, twice", h, nil)
	if err := c.door.Withdraw(c.ctx, h); err != nil {
		c.Error(err)
	}
}

// replay: a grant that two people signed gives its fields, once; neither again
// nor altered does it give anything.
func (c *captive) replay() {
	g := c.grant()
	h, err := c.propose(g)
	if err != nil {
		c.Fatal(err)
	}
	for _, v := range c.holders {
		read, err := c.world.Sign(v)
		if err != nil {
			c.Fatal(err)
		}
		if len(read) == 0 || !strings.Contains(read[len(read)-1], c.victim.Phone) {
			c.Errorf("%s did not read whose records they release: %v", v.Name, read)
		}
	}
	wider := g
	wider.Fields = []d.FieldID{"devices", "last_seen", "name"}
	other, perr := c.propose(wider)
	c.refused("altered after signing", other, perr)
	r, err := c.door.Redeem(c.ctx, h)
	if err != nil {
		c.Fatalf("the control: a signed grant gives nothing: %v", err)
	}
	var got []d.FieldID
	for _, x := range r.Records {
		got = append(got, x.Field)
		if x.Account != c.account {
			c.Error("a record of another account")
		}
	}
	if slices.Sort(got); !slices.Equal(got, g.Fields) {
		c.Errorf("the control: %v came out for %v", got, g.Fields)
	}
	c.refused("a used grant", h, nil)
}

// pages: the release pages give the desk nothing without a holder's passkey.
func (c *captive) pages() {
	evil := story.NewVisitor("Mallory")
	for _, path := range []string{"/grants", "/history", "/keys", "/enrol/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		p, err := evil.Browser.Get(c.world.Site("release") + path)
		if err != nil {
			c.Fatal(err)
		}
		if p.Status == http.StatusOK && !strings.HasSuffix(p.URL.Path, "/") || p.Has(c.victim.Phone) {
			c.Errorf("%s is open to anyone: %d %s", path, p.Status, p.Text())
		}
	}
	if err := c.world.EnrolHolder(&story.Visitor{Name: story.Holders[0], Browser: evil.Browser, Key: evil.Key}); err == nil {
		c.Error("a used enrolment link enrolled somebody else")
	}
}

// enumerate asks for 10,000 numbers.
func (c *captive) enumerate() {
	answered := 0
	for i := range 10_000 {
		_, err := c.door.Resolve(c.ctx, door.Lookup{Case: "LL-2026-000001", Process: "us.order.2703d", Identifier: fmt.Sprintf("+1202555%04d", i)})
		switch {
		case err == nil:
			answered++
		case !fault.Is(err, fault.Exhausted):
			c.Fatalf("number %d: %v", i, err)
		}
	}
	if answered >= 200 {
		c.Errorf("%d numbers were answered in a day", answered)
	}
	_, hit := c.door.Resolve(c.ctx, door.Lookup{Case: "LL-2026-000001", Process: "us.order.2703d", Identifier: c.victim.Phone})
	_, miss := c.door.Resolve(c.ctx, door.Lookup{Case: "LL-2026-000001", Process: "us.order.2703d", Identifier: "+12025559999"})
	if fault.Say(hit) != fault.Say(miss) || fault.KindOf(hit) != fault.KindOf(miss) {
		c.Errorf("past the budget hits and misses differ: %v, %v", hit, miss)
	}
}

// ledgerHolds stops the carrier and verifies its ledger.
func (c *captive) ledgerHolds() (dir string) {
	if err := c.world.World.Stop(); err != nil {
		c.Fatal(err)
	}
	dir = filepath.Join(c.world.Dir, "data", "carrier", "ledger")
	if r, err := ledger.Check(dir); err != nil || !r.OK() {
		c.Fatalf("%v %v", r.Breaks, err)
	}
	return dir
}

// ledgerKnows: each attempt is in the carrier's ledger, which still verifies.
func (c *captive) ledgerKnows() {
	kinds := kindsOf(entriesOf(c.T, c.ledgerHolds()))
	c.Logf("the carrier's ledger: %v", kinds)
	if kinds["door.refused"] < 15 || kinds["release.intent"] != 1 || kinds["release.done"] != 1 {
		c.Errorf("attempts are missing from the ledger: %v", kinds)
	}
}
