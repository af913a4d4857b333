package e2e_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"letterlock/disclosable"
	"letterlock/e2e/story"
	"letterlock/internal/clock"
	"letterlock/internal/testkit/browser"
	"letterlock/ledger"
)

// deskCrash is a house whose server is killed again and again while its people
// go on with their work, each doing what the pages offer.
type deskCrash struct {
	*house
	rand  *rand.Rand
	kills atomic.Int64
	each  int      // kills for each case that is filed
	tried int      // requests begun to be filed
	filed []string // those of which the officer saw a number

	sizes map[string]int64 // of the ledgers, at the last look
}

// TestTheDeskKilledAtAnyMoment: kill -9 while requests are filed, reviewed,
// signed, released, packed and told. After each kill every ledger verifies from
// its bytes; in the end each case has one answer that verifies, no grant gave
// records twice, and the person was told once about each.
//
// LETTERLOCK_CRASH_ROUNDS sets the number of kills, LETTERLOCK_CRASH_SEED
// repeats the choices of a run.
func TestTheDeskKilledAtAnyMoment(t *testing.T) {
	kills, cases := 40, 10
	if testing.Short() {
		kills, cases = 6, 3
	}
	if s := os.Getenv("LETTERLOCK_CRASH_ROUNDS"); s != "" {
		var err error
		kills, err = strconv.Atoi(s)
		must(t, err)
	}
	cases = max(1, min(cases, kills/2))
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("LETTERLOCK_CRASH_SEED"); s != "" {
		var err error
		seed, err = strconv.ParseUint(s, 10, 64)
		must(t, err)
	}
	t.Logf("LETTERLOCK_CRASH_SEED=%d", seed)
	c := &deskCrash{house: home(t, 0), rand: rand.New(rand.NewPCG(seed, 1)), sizes: map[string]int64{}, each: max(1, kills/2/cases)}
	began := time.Now()
	c.under(kills*3/4, func() { c.work(cases) })
	c.packages()
	c.under(kills/4, c.tell)
	numbers := c.cases()
	c.ok(c.w.Stop())
	c.ledgers()
	done, lost := c.releases()
	t.Logf("%d kills in %s: %d cases of %d begun, %d releases, %d grants spent by a crash", c.kills.Load(), time.Since(began).Round(time.Second), len(numbers), c.tried, done, lost)
}

// under kills the server n times at random moments while f goes on.
func (c *deskCrash) under(n int, f func()) {
	c.Helper()
	var over sync.WaitGroup
	over.Go(func() {
		for range n {
			time.Sleep(time.Duration(c.rand.IntN(1500)) * time.Millisecond)
			c.w.Server.Kill()
			c.kills.Add(1)
			c.ledgers()
			if err := c.w.Start(); err != nil {
				c.Errorf("after kill %d: %v", c.kills.Load(), err)
				return
			}
		}
	})
	defer over.Wait()
	f()
}

// ledgers verifies all four from their bytes alone; none may shrink.
func (c *deskCrash) ledgers() {
	for _, half := range []string{"carrier", "desk"} {
		for _, name := range []string{"ledger", "sealed-ledger"} {
			r, err := ledger.Check(filepath.Join(c.w.Dir, "data", half, name))
			if err != nil || !r.OK() {
				c.Errorf("after kill %d the %s's %s does not hold: %v %v", c.kills.Load(), half, name, r.Breaks, err)
				continue
			}
			if key := half + "/" + name; r.Size < c.sizes[key] {
				c.Errorf("%s shrank from %d to %d leaves", key, c.sizes[key], r.Size)
			} else {
				c.sizes[key] = r.Size
			}
		}
	}
}

// patience is how long the people try before something must have gone wrong.
const patience = 8 * time.Minute

// work has people file a number of requests and bring each to its answer.
// Whatever fails because the server is gone is tried again by looking at the
// pages anew.
func (c *deskCrash) work(cases int) {
	var last error
	for end := time.Now().Add(patience); time.Now().Before(end) && !c.Failed(); {
		if last = c.turn(cases); last == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.Errorf("the work does not come to its end: %v", last)
}

// turn goes once through everything there is to do; nil if nothing is left.
func (c *deskCrash) turn(cases int) error {
	numbers, err := c.w.Queue(c.analyst)
	if err != nil {
		return fmt.Errorf("%w; signing in: %v", err, c.w.SignIn(c.analyst))
	}
	// One after the other, so that each part of the work is done under kills; an
	// officer files at most twenty in an hour, and a kill may end many tries.
	if len(numbers) < min(cases, 1+int(c.kills.Load())/c.each) {
		c.tried++
		n, _, err := c.w.File(c.officer, c.order(secret, func(o *story.Order) { o.GagEnd = o.GagEnd.AddDate(0, 0, c.tried%3) }))
		if err != nil {
			return fmt.Errorf("%w; signing in: %v", err, c.w.SignInOfficer(c.Context(), c.officer))
		}
		c.filed = append(c.filed, n)
	}
	left := error(nil)
	for _, n := range numbers {
		if err := c.next(n); err != nil {
			left = fmt.Errorf("%s: %w", n, err)
		}
	}
	if left == nil && len(numbers) < cases {
		return fmt.Errorf("%d of %d cases are filed", len(numbers), cases)
	}
	return left
}

// next does what a case's page offers; nil if it has its package.
func (c *deskCrash) next(n string) error {
	p, err := c.w.CasePage(c.analyst, n)
	if err != nil {
		return err
	}
	if p.Has("The officer collects it on the portal") {
		return nil
	}
	if _, err := p.Form("Propose the grants"); err == nil {
		return tired("propose", c.w.Act(c.analyst, n, "Propose the grants", nil))
	}
	if _, err := p.Form("Record the decision"); err == nil || p.Has("With nobody") || strings.Contains(string(p.Body), "not looked up") {
		return tired("review", c.w.Review(c.analyst, n))
	}
	for _, v := range c.holders {
		if _, err := c.w.Sign(v); err != nil {
			return tired("sign", err)
		}
	}
	if _, err := c.w.Certify(c.w.Custodian); err != nil {
		return tired("certify", err)
	}
	return tired("wait for the package", nil)
}

// tired is what is left to do after a step, whether it worked or not.
func tired(step string, err error) error { return fmt.Errorf("%s: %v", step, err) }

func (c *deskCrash) cases() []string {
	c.Helper()
	n, err := c.w.Queue(c.analyst)
	if err != nil {
		c.ok(c.w.SignIn(c.analyst))
		n, err = c.w.Queue(c.analyst)
	}
	c.ok(err)
	return n
}

// packages wants one package for each case, that opens and verifies.
func (c *deskCrash) packages() {
	c.Helper()
	if c.Failed() {
		c.FailNow()
	}
	numbers := c.cases()
	for _, n := range c.filed {
		if !slices.Contains(numbers, n) {
			c.Errorf("%s was filed and is gone", n)
		}
	}
	c.ok(c.w.SignInOfficer(c.Context(), c.officer))
	for _, n := range numbers {
		p, err := c.w.CasePage(c.analyst, n)
		c.ok(err)
		if got := strings.Count(string(p.Body), "<h3>The package</h3>"); got != 1 {
			c.Errorf("%s has %d packages", n, got)
		}
		c.says("the package of "+n, c.collect(n).text("records.csv"), "Ana Ruiz", "last_seen")
		if told := c.notices(n); len(told) > 0 {
			c.Errorf("told about %s while the order forbids it", n)
		}
	}
}

// tell moves the clock past the days on which the secrecy ends, one after the
// other, and waits until the person was told about each case.
func (c *deskCrash) tell() {
	for day := 60; day <= 62; day++ {
		c.ok(c.w.Later(time.Duration(day)*24*time.Hour + time.Hour))
		var left error
		for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
			if left = c.told(day == 62); left == nil {
				break
			}
			if time.Now().After(end) || c.Failed() {
				c.Errorf("day %d: the person is not told: %v", day, left)
				return
			}
		}
	}
}

// told has two people confirm the clock if it is held, and looks at what the
// person was told: about every case, if all are due.
func (c *deskCrash) told(all bool) error {
	for _, v := range []*story.Visitor{c.lead, c.analyst} {
		if err := c.clockHeld(v); err != nil {
			return err
		}
	}
	notices, err := c.ana.Notices(c.Context())
	if err != nil {
		return err
	}
	about := map[string]int{}
	for _, n := range notices {
		if body, ok := n["notice"].(map[string]any); ok {
			about[fmt.Sprint(body["case"])]++
		}
	}
	numbers, err := c.w.Queue(c.analyst)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		switch {
		case about[n] > 1:
			c.Errorf("told %d times about %s", about[n], n)
		case all && about[n] == 0:
			return fmt.Errorf("no notice about %s", n)
		}
	}
	return nil
}

// clockHeld has one person confirm the clock if it waits for that.
func (c *deskCrash) clockHeld(v *story.Visitor) error {
	p, err := v.Browser.Get(c.w.Site("desk") + "/clock")
	if err == nil && strings.HasSuffix(p.URL.Path, "/signin") {
		if err = c.w.SignIn(v); err == nil {
			p, err = v.Browser.Get(c.w.Site("desk") + "/clock")
		}
	}
	if err != nil {
		return err
	}
	if f, held := p.Form("The clock is right"); held == nil {
		if _, err = f.Set("why", "compared with a telephone").Press("The clock is right"); err == nil {
			err = errors.New("one person has confirmed the clock; looking again")
		}
	}
	return err
}

// releases reads the carrier's ledger: no grant gave records twice, and none
// without the intent before it. It returns how many did, and how many were
// spent by a crash between.
func (c *deskCrash) releases() (done, lost int) {
	c.Helper()
	l, err := ledger.Open(filepath.Join(c.w.Dir, "data", "carrier", "ledger"), ledger.Options{Clock: clock.System})
	c.ok(err)
	defer l.Close()
	intent, out := map[disclosable.Hash]int{}, map[disclosable.Hash]int{}
	for o, err := range l.Openings(1, 0) {
		c.ok(err)
		var b struct {
			Grant disclosable.Hash `cbor:"grant"`
		}
		switch o.Entry.Kind {
		case "release.intent":
			c.ok(cbor.Unmarshal(o.Entry.Body, &b))
			intent[b.Grant]++
		case "release.done":
			c.ok(cbor.Unmarshal(o.Entry.Body, &b))
			if out[b.Grant]++; out[b.Grant] > 1 || intent[b.Grant] == 0 {
				c.Errorf("grant %s: %d intents, %d releases", b.Grant, intent[b.Grant], out[b.Grant])
			}
		}
	}
	return len(out), len(intent) - len(out)
}

// TestAGrantSpentByACrashIsSignedAnew: the carrier died after the mark, before
// the records left. Nothing comes out under that grant ever more; the page says
// so, and a new one is proposed and signed there.
// decision: 0010
func TestAGrantSpentByACrashIsSignedAnew(t *testing.T) {
	h := home(t, 0)
	number, _ := h.file(secret)
	h.ok(h.w.Review(h.analyst, number))
	_, err := h.w.Sign(h.holders[0])
	h.ok(err)
	h.w.Server.Kill()
	db := engine{name: "sqlite"}.database(t, filepath.Join(h.w.Dir, "data"), "carrier")
	for _, q := range []string{`INSERT INTO used_grants (hash, used) SELECT hash, proposed FROM grants WHERE state = 'open'`,
		`UPDATE grants SET state = 'used', ended = proposed WHERE state = 'open'`} { // the mark, as one transaction makes it
		marked, err := db.Exec(q)
		h.ok(err)
		if n, err := marked.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("%d open grants: %v", n, err)
		}
	}
	h.ok(db.Close())
	start(t, h.w)
	h.ok(h.w.Until(h.analyst, number, "Alarm", 10*time.Second))
	h.noGrantOf(number)
	h.ok(h.w.Act(h.analyst, number, "I have seen it", func(f *browser.Form) {
		for _, name := range f.Names("alarm-") {
			f.Set(name, "A crash; proposed anew.")
		}
	}))
	h.ok(h.w.Act(h.analyst, number, "Propose the grants", nil))
	h.sign()
	h.says("records.csv", h.collect(number).text("records.csv"), "Ana Ruiz")
	h.ok(h.w.Stop())
	h.checked()
	if n := h.kinds()["release.done"]; n != 1 {
		t.Errorf("%d releases", n)
	}
}
