package e2e_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/e2e/story"
	"letterlock/storage/clientdb"
	"letterlock/wire"
)

// day is a simulated day of a server, and all that the test knows about it.
type day struct {
	t     *testing.T
	e     engine
	w     *story.World
	known *secrets

	people    []story.Person
	witnesses []*witness
	eve       client.Self // who deleted the account

	mu    sync.Mutex
	texts []string
}

// TestANegativeDay: people register, write online and offline, set profiles
// and block; the server is stopped and killed in between. Then its disk at
// noon, its memory while messages fly and its disk at night are searched for
// what must never be there. Every search has a control that it must find.
func TestANegativeDay(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		d := &day{t: t, e: e, w: e.found(t), known: newSecrets()}
		start(t, d.w)
		d.register()
		d.morning()
		d.noon()
		d.evening()
		d.night()
	})
}

// text makes a text that occurs nowhere else.
func (d *day) text(about string) string {
	var r [12]byte
	rand.Read(r[:])
	s := about + " " + hex.EncodeToString(r[:6]) + " at the bridge of " + hex.EncodeToString(r[6:])
	d.mu.Lock()
	defer d.mu.Unlock()
	d.texts = append(d.texts, s)
	return s
}

func (d *day) register() {
	for i, name := range []string{"Ana Marker-Lovelace", "Ben Osei", "Cleo Marsh", "Dov Peretz"} {
		p := d.w.Person(name, phone(i))
		must(d.t, p.Register(d.t.Context()))
		d.people = append(d.people, p)
	}
	for i := range 3 {
		p := newWitness(d.t, d.w, phone(100+i), d.known)
		p.net.record()
		d.witnesses = append(d.witnesses, p)
	}
}

// letter runs a command that story has no word for.
func (d *day) letter(p story.Person, args ...string) {
	d.t.Helper()
	_, err := story.Run(d.t.Context(), "", story.Program(d.w.Bin, "letter"), append([]string{"--dir", p.Dir}, args...)...)
	must(d.t, err)
}

// morning: profiles, a block, texts to people who are there and to people who
// are not, an orderly stop and a power cut.
func (d *day) morning() {
	ana, ben, cleo, dov := d.people[0], d.people[1], d.people[2], d.people[3]
	d.comeAndGo(ana)
	d.letter(ana, "profile", "--about", "Out until noon")
	d.letter(dov, "block", cleo.Phone)
	d.online(ana, ben)
	d.online(ben, ana)
	first, second := d.text("Leave the papers"), d.text("Ring me")
	d.send(ana, cleo, first)
	d.send(ben, cleo, second)
	d.send(cleo, dov, d.text("He will not read this"))
	must(d.t, d.w.Stop())
	start(d.t, d.w)
	d.receive(cleo, first, second)
	d.online(cleo, ana)
	third := d.text("The train is late")
	d.send(ana, dov, third)
	d.w.Server.Kill()
	start(d.t, d.w)
	d.receive(dov, third)
}

// comeAndGo: Eve registers, writes, is written to and deletes her account.
func (d *day) comeAndGo(ana story.Person) {
	eve := d.w.Person("Eve Nightingale-Marker", phone(4))
	must(d.t, eve.Register(d.t.Context()))
	d.eve = readSelf(d.t, eve.Dir)
	d.send(eve, ana, d.text("I am leaving"))
	d.send(ana, eve, d.text("Stay"))
	if got, err := ana.Receive(d.t.Context(), 0); err != nil || len(got) != 1 {
		d.t.Fatalf("Ana received %v, %v", got, err)
	}
	d.known.collect(d.t, eve.Dir)
	d.letter(eve, "delete", "--yes")
}

func (d *day) send(from, to story.Person, text string) {
	d.t.Helper()
	must(d.t, from.Send(d.t.Context(), to, text))
}

func (d *day) receive(p story.Person, texts ...string) {
	d.t.Helper()
	got, err := p.Receive(d.t.Context(), 0)
	must(d.t, err)
	d.exactly(p.Name, got, texts...)
}

func (d *day) exactly(who string, got []story.Received, texts ...string) {
	d.t.Helper()
	count := map[any]int{}
	for _, r := range got {
		count[r["text"]]++
	}
	for _, text := range texts {
		if count[text] != 1 {
			d.t.Fatalf("%s was shown %q %d times: %v", who, text, count[text], got)
		}
	}
	if len(got) != len(texts) {
		d.t.Fatalf("%s was shown %d things, not %d: %v", who, len(got), len(texts), got)
	}
}

// online sends while the other waits.
func (d *day) online(from, to story.Person) {
	d.t.Helper()
	text := d.text("Look up")
	type answer struct {
		got []story.Received
		err error
	}
	c := make(chan answer, 1)
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	go func() {
		got, err := to.Receive(ctx, 30*time.Second)
		c <- answer{got, err}
	}()
	time.Sleep(500 * time.Millisecond) // another process: it connects meanwhile, and if not, the row waits
	d.send(from, to, text)
	a := <-c
	must(d.t, a.err)
	d.exactly(to.Name, a.got, text)
}

// flight keeps two witnesses writing to each other, and both to a third who is
// away, until stopped.
func (d *day) flight() (stop func()) {
	ctx, cancel := context.WithCancel(d.t.Context())
	var wg sync.WaitGroup
	a, b := d.witnesses[0], d.witnesses[1]
	a.online()
	b.online()
	for _, pair := range [][2]*witness{{a, b}, {b, a}} {
		wg.Go(func() {
			for ctx.Err() == nil {
				if _, err := pair[0].Send(ctx, pair[1].Phone, d.text("In flight")); err != nil && ctx.Err() == nil {
					d.t.Errorf("send: %v", err)
					return
				}
				soon(ctx, 40*time.Millisecond)
			}
		})
	}
	return func() {
		cancel()
		wg.Wait()
	}
}

// noon: texts wait for two people, messages fly, and the machine is taken.
func (d *day) noon() {
	ana, ben := d.people[0], d.people[1]
	waiting := d.text("This waits for you")
	d.send(ana, ben, waiting)
	stop := d.flight()
	a, away := d.witnesses[0], d.witnesses[2]
	for range 3 {
		_, err := a.Send(d.t.Context(), away.Phone, d.text("You are away"))
		must(d.t, err)
	}
	d.waitRows(4)
	for _, p := range d.people {
		d.known.collect(d.t, p.Dir)
	}
	time.Sleep(time.Second) // traffic, while the devices' keys move on
	mems := map[string]haystack{"carrier": memory(d.t, d.w.Server.PID())}
	if d.e.cluster != nil {
		for _, pid := range family(d.t, d.e.cluster.Pid()) {
			mems[fmt.Sprintf("engine %d", pid)] = memory(d.t, pid)
		}
	}
	rows, disk := d.rows(), d.disk()
	stop()
	for name, m := range mems {
		d.seizedMemory(name, m, rows)
	}
	d.seizedDisk(disk, rows)
	a.settled(20 * time.Second)
	d.witnesses[1].settled(20 * time.Second)
	d.receive(ben, waiting)
}

// waitRows waits until so many rows stand in the mailboxes.
func (d *day) waitRows(want int) {
	d.t.Helper()
	db := d.e.database(d.t, filepath.Join(d.w.Dir, "data"), "carrier")
	defer db.Close()
	n := -1
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		must(d.t, db.QueryRow("SELECT count(*) FROM mailbox_rows").Scan(&n))
		if want == 0 && n == 0 || want > 0 && n >= want {
			return
		}
	}
	d.t.Fatalf("%d rows in the mailboxes, not %d", n, want)
}

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
	r, err := db.Query("SELECT v.account, v.device, v.mailbox_key, m.sealed FROM mailbox_rows m JOIN devices v ON v.mailbox = m.mailbox ORDER BY m.mailbox, m.ord LIMIT 12")
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

// tryKeys tries every key-like stretch of a haystack on every row, in every
// role a key can have.
func (d *day) tryKeys(where string, h haystack, step int, rows []sealedRow) {
	t := d.t
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

func readSelf(t testing.TB, dir string) client.Self {
	t.Helper()
	store, err := clientdb.Open(t.Context(), dir)
	must(t, err)
	defer store.Close()
	me, found, err := client.ReadSelf(t.Context(), store)
	must(t, err)
	if !found {
		t.Fatalf("nobody is registered in %s", dir)
	}
	return me
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
	for i, r := range rows {
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
	d.tryKeys("databases", d.stored(), 8, rows)
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

// stored is every cell of both databases.
func (d *day) stored() (out haystack) {
	for _, half := range []string{"carrier", "desk"} {
		db := d.e.database(d.t, filepath.Join(d.w.Dir, "data"), half)
		for _, table := range d.e.tables(d.t, db) {
			for _, row := range cells(d.t, db, table) {
				for _, cell := range row {
					out = append(out, part{half + "'s table " + table, cell})
				}
			}
		}
		db.Close()
	}
	return out
}

// evening: whoever was away comes back, and everything is delivered.
func (d *day) evening() {
	away := d.witnesses[2]
	must(d.t, away.Drain(d.t.Context()))
	if n := len(incoming(d.t, away)); n != 3 {
		d.t.Errorf("who was away has %d texts, not 3", n)
	}
	d.waitRows(0)
	for _, p := range d.people { // whoever has nothing new is shown nothing
		got, err := p.Receive(d.t.Context(), 0)
		must(d.t, err)
		d.exactly(p.Name, got)
	}
	for _, w := range d.witnesses {
		w.end()
	}
	must(d.t, d.w.Stop())
}

func incoming(t testing.TB, w *witness) []client.Entry {
	t.Helper()
	all, err := w.Journal(t.Context(), client.Incoming)
	must(t, err)
	return all
}

// night: everything was delivered, the server is stopped, its disk is taken.
func (d *day) night() {
	t := d.t
	for _, p := range d.people {
		d.known.collect(t, p.Dir)
	}
	ids := d.messageIDs()
	h := d.disk()
	none(t, "the disk at night holds no plaintext", h.search(d.plain()))
	none(t, "the disk at night holds no key of a device", h.search(d.keys()))
	none(t, "the disk at night holds no message id", h.search(ids))
	none(t, "the disk at night holds no envelope in the clear", h.search(d.envelopes()))
	some(t, "the name of an account", h.search(one("control", "Marker-Lovelace")))
	d.noPairs(h)
	d.goneIsGone(h)
	d.waitRows(0)
	for _, what := range []string{"identity key", "mailbox key", "one-time pre-key", "signed pre-key", "Kyber seed", "Kyber key", "session key"} {
		n := d.known.count(what)
		if n == 0 {
			t.Errorf("the search is blind: no %s was collected", what)
		}
		t.Logf("searched for %d of kind %s", n, what)
	}
	t.Logf("disk at night: %d files, %d MiB, searched for %d texts", len(h), h.size()>>20, len(d.texts))
}

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
