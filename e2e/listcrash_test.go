package e2e_test

import (
	"database/sql"
	"encoding/csv"
	"fmt"
	"math/bits"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"letterlock/e2e/story"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/browser"
	"letterlock/ledger"
)

// longList is how many accounts one order names: sixteen batches.
const longList = 4000

// listCrash is a house whose halves are two processes, and a long list that is
// drawn while either of them is killed.
type listCrash struct {
	*house
	apart  *story.Apart
	phones []string
	kills  int
	middle int // of them while some accounts were drawn, and not all
}

// TestALongListWhileEitherHalfIsKilled: an order for 4,000 accounts, signed by
// three, is drawn from another process. Carrier and desk are killed with -9 in
// turn while the list is drawn. In the end one package that verifies holds each
// account's records once, and by the carrier's ledger each left once.
func TestALongListWhileEitherHalfIsKilled(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "thousands of accounts on real programs")
	}
	a, err := story.FoundApart(t.Context(), t.TempDir(), binaries(t))
	must(t, err)
	t.Cleanup(func() { a.StopBoth() })
	c := &listCrash{house: furnish(t, a.World), apart: a}
	c.crowd()
	third := story.NewVisitor(story.Holders[2])
	c.ok(c.w.EnrolHolder(third))
	number := c.decided()
	c.sign()
	if _, err := c.w.Sign(third); err != nil {
		t.Fatal(err)
	}
	c.storm()
	o := c.collect(number)
	c.records(o.text("records.csv"))
	c.ok(a.StopBoth())
	c.checked()
	c.drawnOnce()
	t.Logf("%d kills, %d of them in the middle of the list", c.kills, c.middle)
}

// crowd plants accounts in the carrier's database while it is stopped.
func (c *listCrash) crowd() {
	c.Helper()
	c.ok(c.apart.World.Stop())
	db := c.carrier()
	tx, err := db.Begin()
	c.ok(err)
	for i := range longList {
		phone := fmt.Sprintf("+1202%07d", 6_000_000+i)
		id := fmt.Appendf(nil, "account %08d", i)
		_, err := tx.Exec(`INSERT INTO accounts (account, phone, name, about, email, created_on, last_seen_on, last_ip) VALUES ($1, $2, $3, '', '', '2024-02-03', '2026-11-01', '')`,
			id, phone, "Person "+phone)
		c.ok(err)
		_, err = tx.Exec(`INSERT INTO devices (account, device, device_type, added_on, token, registration_id, identity_key, mailbox_key, mailbox)
			SELECT $1, device, device_type, added_on, $1, registration_id, identity_key, mailbox_key, $2 FROM devices WHERE mailbox = (SELECT MIN(mailbox) FROM devices)`, id, 1<<40+i)
		c.ok(err)
		c.phones = append(c.phones, phone)
	}
	c.ok(tx.Commit())
	c.ok(db.Close())
	c.ok(c.apart.World.Start())
}

func (c *listCrash) carrier() *sql.DB {
	return engine{name: "sqlite"}.database(c.T, filepath.Join(c.apart.World.Dir, "data"), "carrier")
}

// decided files the order and has counsel decide it.
func (c *listCrash) decided() string {
	c.Helper()
	number, findings := c.file(secret, func(o *story.Order) {
		o.Target, o.Fields = strings.Join(c.phones, "\n"), []string{"BSI:name", "BSI:last_seen"}
	})
	if !strings.Contains(findings, "accounts") {
		c.Errorf("no finding about so many accounts: %.400s", findings)
	}
	c.ok(c.w.Study(c.analyst, number))
	c.ok(c.w.Act(c.analyst, number, "Find out which have an account", func(f *browser.Form) {
		if f.Has("why-lookup") {
			f.Set("why-lookup", "The order asks about them.")
		}
	}))
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(300 * time.Millisecond) {
		p, err := c.w.CasePage(c.analyst, number)
		c.ok(err)
		if p.Has(fmt.Sprintf("%d of %d", longList, longList)) || !p.Has("not looked up") && !strings.Contains(p.Text(), "Watch how far it is") {
			break
		}
		if time.Now().After(end) {
			c.Fatalf("they are not looked up: %.3000s", p.Text())
		}
	}
	if p, err := c.w.CasePage(c.counsel, number); err == nil && p.Has("I have no tie") {
		c.ok(c.w.Act(c.counsel, number, "I have no tie", nil))
	}
	c.ok(c.w.Decide(c.counsel, number))
	return number
}

// drawn is how many accounts have left the carrier, by its database.
func (c *listCrash) drawn(db *sql.DB) (n int) {
	c.Helper()
	var spent []byte
	if err := db.QueryRow(`SELECT spent FROM grant_draws`).Scan(&spent); err != nil {
		return 0 // not begun
	}
	for _, b := range spent {
		n += bits.OnesCount8(b)
	}
	return n
}

// storm kills the carrier, the desk, and both, each time when some more accounts
// have been drawn, until all are.
func (c *listCrash) storm() {
	c.Helper()
	db := c.carrier()
	defer db.Close()
	next := 1
	for end := time.Now().Add(patience); c.drawn(db) < longList; {
		if time.Now().After(end) {
			c.Fatalf("%d of %d accounts after %d kills", c.drawn(db), longList, c.kills)
		}
		if c.drawn(db) < next {
			time.Sleep(2 * time.Millisecond)
			continue
		}
		c.kill(c.kills % 3)
		got := c.drawn(db)
		if got > 0 && got < longList {
			c.middle++
		}
		next = got + longList/12
		c.ok(c.restart(c.kills % 3))
		c.kills++
	}
	for i := range 3 { // and once each between the last batch and the package
		c.kill(i)
		c.ok(c.restart(i))
		c.kills++
	}
	if c.middle < 4 {
		c.Errorf("only %d of %d kills were in the middle of the list", c.middle, c.kills)
	}
}

// kill ends a half or both at once, and looks at the ledgers of what is down.
func (c *listCrash) kill(which int) {
	c.Helper()
	for half, w := range c.struck(which) {
		w.Server.Kill()
		for _, name := range []string{"ledger", "sealed-ledger"} {
			if r, err := ledger.Check(filepath.Join(w.Dir, "data", half, name)); err != nil || !r.OK() {
				c.Errorf("after kill %d the %s's %s does not hold: %v %v", c.kills+1, half, name, r.Breaks, err)
			}
		}
	}
}

func (c *listCrash) struck(which int) map[string]*story.World {
	both := map[string]*story.World{"carrier": c.apart.World, "desk": c.apart.Desk}
	switch which {
	case 0:
		delete(both, "desk")
	case 1:
		delete(both, "carrier")
	}
	return both
}

func (c *listCrash) restart(which int) error {
	for _, half := range []string{"carrier", "desk"} {
		if w := c.struck(which)[half]; w != nil {
			if err := w.Start(); err != nil {
				return err
			}
		}
	}
	return nil
}

// records wants each account's two records once.
func (c *listCrash) records(text string) {
	c.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	c.ok(err)
	seen := map[string]int{}
	for _, r := range rows[1:] {
		for _, cell := range r {
			if strings.HasPrefix(cell, "Person +1202") {
				seen[strings.TrimPrefix(cell, "Person ")]++
			}
		}
	}
	if len(rows)-1 != 2*longList {
		c.Errorf("%d records, not %d", len(rows)-1, 2*longList)
	}
	for _, p := range c.phones {
		if seen[p] != 1 {
			c.Fatalf("the name of %s is there %d times", p, seen[p])
		}
	}
}

// drawnOnce reads the carrier's ledger. A batch whose record a crash cut off is
// recorded again, as it was: the same places under the same number.
func (c *listCrash) drawnOnce() {
	c.Helper()
	batches, places := map[int][]int{}, map[int]bool{}
	for _, o := range entriesOf(c.T, filepath.Join(c.apart.World.Dir, "data", "carrier", "ledger")) {
		if o.Entry.Kind != "release.done" {
			continue
		}
		var b struct {
			Seq  int `cbor:"seq"`
			List []struct {
				_       struct{} `cbor:",toarray"`
				Place   int
				Outcome string
				Records []byte
			} `cbor:"list"`
		}
		c.ok(cbor.Unmarshal(o.Entry.Body, &b))
		var got []int
		for _, x := range b.List {
			got = append(got, x.Place)
		}
		if before, again := batches[b.Seq]; again {
			if !slices.Equal(before, got) {
				c.Errorf("batch %d left twice with other accounts", b.Seq)
			}
			continue
		}
		batches[b.Seq] = got
		for _, p := range got {
			if places[p] {
				c.Errorf("account %d left twice", p+1)
			}
			places[p] = true
		}
	}
	if len(places) != longList {
		c.Errorf("by the ledger %d of %d accounts left", len(places), longList)
	}
}
