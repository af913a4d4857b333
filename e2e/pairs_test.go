package e2e_test

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/client"
	"letterlock/storage/clientdb"
)

// messageIDs are the ids that the devices gave to their messages.
func (d *day) messageIDs() *needles {
	t := d.t
	n, count := newNeedles(), 0
	dirs := []string{}
	for _, p := range d.people {
		dirs = append(dirs, p.Dir)
	}
	for _, w := range d.witnesses {
		dirs = append(dirs, w.Dir)
	}
	device := newNeedles()
	for _, dir := range dirs {
		store, err := clientdb.Open(t.Context(), dir)
		must(t, err)
		c, err := client.New(client.Config{Store: store, Transport: &network{}, Clock: clockSystem})
		must(t, err)
		all, err := c.Journal(t.Context(), client.Incoming, client.Outgoing)
		must(t, err)
		must(t, store.Close())
		for _, e := range all {
			n.binary("message id", e.ID[:])
			device.put("message id", e.ID[:])
			count++
		}
	}
	some(t, "message ids where they are, on the devices", files(t, dirs[0]).search(device))
	t.Logf("searched for the ids of %d messages", count)
	return n
}

// known is a person whom the server knows, by all their names.
type known struct {
	who   string
	forms [][]byte
}

func (d *day) knownPeople() (out []known) {
	add := func(me client.Self) {
		id := me.Account
		out = append(out, known{me.Phone, [][]byte{id[:], []byte(id.String()), []byte(hex.EncodeToString(id[:])), []byte(me.Phone), []byte(strings.TrimPrefix(me.Phone, "+"))}})
	}
	for _, p := range d.people {
		add(readSelf(d.t, p.Dir))
	}
	for _, w := range d.witnesses {
		add(w.me)
	}
	return out
}

func in(b []byte, people []known) (who []string) {
	for _, p := range people {
		for _, f := range p.forms {
			if bytes.Contains(b, f) {
				who = append(who, p.who)
				break
			}
		}
	}
	return who
}

// noPairs: no record anywhere names two people, but for the block list, which
// the inventory declares.
func (d *day) noPairs(h haystack) {
	t := d.t
	people := d.knownPeople()
	rows, declared := 0, 0
	for _, half := range []string{"carrier", "desk"} {
		db := d.e.database(t, filepath.Join(d.w.Dir, "data"), half)
		for _, table := range d.e.tables(t, db) {
			for _, row := range dump(t, db, table) {
				rows++
				who := in(row, people)
				if table == "blocks" && len(who) == 2 {
					declared++
				} else if len(who) > 1 {
					t.Errorf("a row of %s in the %s's database names %d people", table, half, len(who))
				}
			}
		}
		if d.e.cluster != nil {
			d.deadTuples(db, half, people)
		}
		db.Close()
	}
	if d.e.cluster != nil {
		d.noPairsInLog(h, people)
	}
	if declared != 1 {
		t.Errorf("the search is blind: the one block of the day was found %d times", declared)
	}
	for _, p := range h.only("ledger", "/keys/", "/mail/", "spool", "server.log", "/log") {
		if who := in(p.b, people); len(who) > 0 {
			t.Errorf("%s names %d people", p.name, len(who))
		}
	}
	texted := 0
	for _, p := range h.only("/sms/") { // the outbox stands for the telephone network: one number on each
		who := in(p.b, people)
		texted += len(who)
		if len(who) > 1 {
			t.Errorf("%s names %d people", p.name, len(who))
		}
	}
	if texted != len(people) {
		t.Errorf("the search is blind: %d text messages to %d people", texted, len(people))
	}
	d.quietLog(h.only("server.log"))
	t.Logf("%d rows of both databases name at most one person each, but for %d block", rows, declared)
}

// quietLog: the log names nobody and no network address.
func (d *day) quietLog(h haystack) {
	n := newNeedles()
	for _, p := range d.w.Server.Lines() {
		n.put("what the program said at its start", []byte(p))
	}
	some(d.t, "the log itself", h.search(n))
	for _, p := range h {
		for line := range strings.Lines(string(p.b)) {
			if strings.Contains(line, "127.0.0.1") || strings.Contains(line, "[::1]") || strings.Contains(line, "+44") {
				d.t.Errorf("the log names an address: %s", line)
			}
		}
	}
}

func (e engine) tables(t testing.TB, db *sql.DB) (out []string) {
	t.Helper()
	q := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if e.cluster != nil {
		q = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
	}
	r, err := db.Query(q)
	must(t, err)
	defer r.Close()
	for r.Next() {
		var s string
		must(t, r.Scan(&s))
		out = append(out, s)
	}
	must(t, r.Err())
	if len(out) < 5 {
		t.Errorf("the search is blind: only %d tables", len(out))
	}
	return out
}

// dump is each row of a table as one string of bytes.
func dump(t testing.TB, db *sql.DB, table string) (out [][]byte) {
	t.Helper()
	for _, cells := range cells(t, db, table) {
		out = append(out, bytes.Join(cells, []byte("|")))
	}
	return out
}

func cells(t testing.TB, db *sql.DB, table string) (out [][][]byte) {
	t.Helper()
	r, err := db.Query(fmt.Sprintf("SELECT * FROM %q", table))
	must(t, err)
	defer r.Close()
	cols, err := r.Columns()
	must(t, err)
	for r.Next() {
		raw, into := make([]any, len(cols)), make([]any, len(cols))
		for i := range raw {
			into[i] = &raw[i]
		}
		must(t, r.Scan(into...))
		row := make([][]byte, len(cols))
		for i, v := range raw {
			if b, ok := v.([]byte); ok {
				row[i] = bytes.Clone(b)
			} else {
				row[i] = fmt.Append(nil, v)
			}
		}
		out = append(out, row)
	}
	must(t, r.Err())
	return out
}
