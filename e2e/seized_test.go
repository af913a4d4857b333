package e2e_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"letterlock/wire"
)

// plain are the needles of everything that was written, so far.
func (d *day) plain() *needles {
	n := newNeedles()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.texts {
		f := strings.Fields(s)
		n.text("plaintext", s)
		n.text("a word of a plaintext", f[len(f)-1])
	}
	for _, h := range d.hidden {
		h.into(n)
	}
	return n
}

// keys are the needles of every key that any device ever had.
func (d *day) keys() *needles {
	d.known.mu.Lock()
	defer d.known.mu.Unlock()
	must(d.t, d.known.fail)
	n := newNeedles()
	for k, what := range d.known.all {
		n.binary(what, []byte(k))
	}
	return n
}

func one(what, s string) *needles {
	n := newNeedles()
	n.put(what, []byte(s))
	return n
}

// seizedMemory searches a process through which messages fly.
func (d *day) seizedMemory(name string, m haystack, rows []sealedRow) {
	t := d.t
	none(t, name+"'s memory holds no plaintext", m.search(d.plain()))
	none(t, name+"'s memory holds no key of a device", m.search(d.keys()))
	t.Logf("%s's memory: %d MiB searched for %d texts and %d keys of devices", name, m.size()>>20, len(d.texts), len(d.known.all))
	if name != "carrier" {
		some(t, "the name of a table in the engine's memory", m.search(one("control", "letterlock")))
		return
	}
	some(t, "the operator's name in memory", m.search(one("control", "Example Messenger")))
	some(t, "an envelope in flight", m.search(d.envelopes()))
	d.tryKeys("memory", m.only("rw-p"), 8, rows)
}

// envelopes are the needles of what the witnesses sent: long middles of bodies.
func (d *day) envelopes() *needles {
	n := newNeedles()
	for _, w := range d.witnesses {
		for _, b := range w.net.sent() {
			if len(b) > 96 {
				n.binary("ciphertext of an envelope", b[len(b)/2:len(b)/2+32])
				n.binary("ciphertext of an envelope", b[len(b)-40:len(b)-8])
			}
		}
	}
	return n
}

// rows are the rows that stand in the mailboxes, and the ones that stood there
// and were delivered to witnesses.
func (d *day) rows() []sealedRow {
	t := d.t
	db := d.e.database(t, filepath.Join(d.w.Dir, "data"), "carrier")
	defer db.Close()
	r, err := db.Query("SELECT v.account, v.device, v.mailbox_key, m.sealed FROM mailbox_rows m JOIN devices v ON v.mailbox = m.mailbox ORDER BY m.ord, m.mailbox LIMIT 12")
	must(t, err)
	defer r.Close()
	var out []sealedRow
	for r.Next() {
		var s sealedRow
		var account []byte
		must(t, r.Scan(&account, &s.to.Device, &s.pub, &s.row))
		s.to.Account = wire.AccountID(account)
		out = append(out, s)
	}
	must(t, r.Err())
	if len(out) == 0 {
		t.Fatal("no row to try keys on")
	}
	people := d.knownPeople()
	for _, row := range dump(t, db, "mailbox_rows") {
		if who := in(row, people); len(who) > 0 {
			t.Errorf("a row of the mailbox names %d people while it waits", len(who))
		}
	}
	for _, w := range d.witnesses {
		for _, row := range w.net.delivered() {
			if s := (sealedRow{wire.At(w.me.Account, w.me.Device), w.mailbox(), row}); s.index() < 4 {
				out = append(out, s)
				break
			}
		}
	}
	return out
}

// stillWait are the rows that nobody has taken since: they lay on the disk when
// it was copied. The others may have been delivered in between.
func (d *day) stillWait(rows []sealedRow) (out []sealedRow) {
	db := d.e.database(d.t, filepath.Join(d.w.Dir, "data"), "carrier")
	defer db.Close()
	there := map[string]bool{}
	for _, row := range cells(d.t, db, "mailbox_rows") {
		for _, cell := range row {
			there[string(cell)] = true
		}
	}
	for _, r := range rows {
		if there[string(r.row)] {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		d.t.Error("the search is blind: no row waits any more")
	}
	return out
}

// tryKeys tries every key-like stretch of a haystack on every row, in every
// role a key can have.
func (d *day) tryKeys(where string, h haystack, step int, rows []sealedRow) {
	t := d.t
	if d.order != nil {
		return // no trace has a key of a row: TestANegativeDay tries them all
	}
	a := newAttacker(rows)
	began := time.Now()
	opened := map[string]int{}
	n := candidates(h, step, func(key []byte, place string) {
		for _, how := range []string{a.asChain(key), a.asPrivate(key)} {
			if how == "" {
				continue
			}
			if opened[how]++; opened[how] == 1 {
				t.Errorf("a key in the %s (%s) opens a row, %s", where, place, how)
			}
		}
	})
	t.Logf("%s: %d key-like stretches of 32 bytes in %d KiB tried on %d rows in %s, %d opened", where, n, h.size()>>10, len(rows), time.Since(began).Round(time.Millisecond), len(opened))
	if n == 0 {
		t.Errorf("the search is blind: no key-like stretch in the %s", where)
	}
	d.trueKeysOpen(a, rows)
}

// trueKeysOpen is the control: with what the devices have, each way in works.
func (d *day) trueKeysOpen(a *attacker, rows []sealedRow) {
	t := d.t
	ben := d.people[1]
	private := mailboxKey(t, ben.Dir)
	me := readSelf(t, ben.Dir)
	for _, r := range rows {
		if r.to.Account != me.Account {
			continue
		}
		chain := chainKey(t, r, private)
		rowKey := forward(chain, 1)
		planted := haystack{{"planted", append(append(append(append(make([]byte, 24), chain...), rowKey[:]...), private.Bytes()...), 1, 2, 3)}}
		found := 0
		candidates(planted, 8, func(key []byte, _ string) {
			if a.asChain(key) != "" || a.asPrivate(key) != "" {
				found++
			}
		})
		if found != 3 || a.asDevice(private.Bytes()) == "" {
			t.Errorf("the search is blind: of three planted keys %d open a row", found)
		}
		return
	}
	t.Error("the search is blind: there is no row for the person whose key is planted")
}

// disk is everything that the operator has on disks: data folder and logs, and
// the engine's folder with its write-ahead log and its own log.
func (d *day) disk() haystack {
	h := files(d.t, filepath.Join(d.w.Dir, "data"))
	h = append(h, files(d.t, filepath.Join(d.w.Dir, "server.log"))...)
	if d.e.cluster != nil {
		h = append(h, files(d.t, filepath.Dir(d.e.cluster.Dir))...)
	}
	return h
}

// seizedDisk searches an image of the disk at noon, while texts wait.
func (d *day) seizedDisk(h haystack, rows []sealedRow) {
	t := d.t
	none(t, "the disk at noon holds no plaintext", h.search(d.plain()))
	none(t, "the disk at noon holds no key of a device", h.search(d.keys()))
	none(t, "the disk at noon holds no envelope in the clear", h.search(d.envelopes()))
	for i, r := range d.stillWait(rows) {
		waiting := newNeedles() // pieces: the engine cuts a long row where it likes
		for at := rowHead; at+32 <= len(r.row); at += 32 {
			waiting.put("a row that waits", r.row[at:at+32])
		}
		some(t, fmt.Sprintf("row %d that waits", i), h.search(waiting))
	}
	some(t, "the name of an account", h.search(one("control", "Marker-Lovelace")))
	if d.e.cluster != nil {
		d.noPairsInLog(h, d.knownPeople())
	}
	keyFiles := h.only("/keys/", "ledger/settings", "ledger/secret")
	d.tryKeys("key files", keyFiles, 1, rows)
	d.tryKeys("ledgers", h.only("ledger"), 16, rows)
	short, long := d.stored()
	d.tryKeys("short cells of the databases", short, 1, rows)
	d.tryKeys("long cells of the databases", long, 32, rows) // public keys and signatures, nearly all
	found := 0
	a := newAttacker(rows)
	for _, p := range keyFiles.only("/keys/") { // every stretch, whatever it looks like, through the product's own opener
		for i := 0; i+32 <= len(p.b); i++ {
			found++
			if how := a.asDevice(p.b[i : i+32]); how != "" {
				t.Errorf("%s, byte %d, opens a row %s", p.name, i, how)
			}
		}
	}
	t.Logf("disk at noon: %d files, %d MiB; %d stretches of key files through the device's opener", len(h), h.size()>>20, found)
	if found == 0 {
		t.Error("the search is blind: no key file")
	}
}

// stored is every cell of both databases: those that are about as long as a
// key, and the longer ones.
func (d *day) stored() (short, long haystack) {
	for _, half := range []string{"carrier", "desk"} {
		db := d.e.database(d.t, filepath.Join(d.w.Dir, "data"), half)
		for _, table := range d.e.tables(d.t, db) {
			for _, row := range cells(d.t, db, table) {
				for _, cell := range row {
					if p := (part{half + "'s table " + table, cell}); len(cell) <= 48 {
						short = append(short, p)
					} else {
						long = append(long, p)
					}
				}
			}
		}
		db.Close()
	}
	return short, long
}
