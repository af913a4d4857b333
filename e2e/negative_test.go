package e2e_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/e2e/story"
	"letterlock/storage/clientdb"
)

// day is a simulated day of a server, and all that the test knows about it.
type day struct {
	t     *testing.T
	e     engine
	w     *story.World
	known *secrets

	people    []story.Person
	witnesses []*witness
	eve       client.Self  // who deleted the account
	order     *traceOfADay // nil: nobody is traced

	mu     sync.Mutex
	texts  []string
	hidden []hidden // what else was sent or said
}

// TestANegativeDay: people register, write online and offline, set profiles
// and block; the server is stopped and killed in between. Then its disk at
// noon, its memory while messages fly and its disk at night are searched for
// what must never be there. Every search has a control that it must find.
func TestANegativeDay(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) { negativeDay(t, e, false) })
}

func negativeDay(t *testing.T, e engine, traced bool) {
	d := &day{t: t, e: e, w: e.found(t), known: newSecrets()}
	start(t, d.w)
	d.register()
	if traced {
		d.witness(2)
		d.beginTrace()
	}
	d.morning()
	d.noon()
	d.evening()
	d.night()
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
	d.witness(3)
}

// witness registers so many more people whose devices the test looks into.
func (d *day) witness(n int) {
	for range n {
		p := newWitness(d.t, d.w, phone(100+len(d.witnesses)), d.known)
		p.net.record()
		d.witnesses = append(d.witnesses, p)
	}
}

// letter runs a command that story has no word for.
func (d *day) letter(p story.Person, args ...string) string {
	d.t.Helper()
	return d.typed(p, "", args...)
}

// typed is letter with what is typed into it.
func (d *day) typed(p story.Person, input string, args ...string) string {
	d.t.Helper()
	out, err := story.Run(d.t.Context(), input, story.Program(d.w.Bin, "letter"), append([]string{"--dir", p.Dir}, args...)...)
	must(d.t, err)
	return out
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

// comeAndGo: Eve registers, links a tablet, sets a lock, writes, is written to and deletes her account.
func (d *day) comeAndGo(ana story.Person) {
	eve := d.w.Person("Eve Nightingale-Marker", phone(4))
	must(d.t, eve.Register(d.t.Context()))
	d.eve = readSelf(d.t, eve.Dir)
	tablet, err := eve.Link(d.t.Context(), d.text("Tablet"), "all")
	must(d.t, err)
	d.letter(eve, "lock", "--pin", "90210471")
	d.send(eve, ana, d.text("I am leaving"))
	d.send(ana, eve, d.text("Stay"))
	if got, err := ana.Receive(d.t.Context(), 0); err != nil || len(got) != 1 {
		d.t.Fatalf("Ana received %v, %v", got, err)
	}
	d.receive(tablet, d.texts[len(d.texts)-1])
	d.known.collect(d.t, eve.Dir)
	d.known.collect(d.t, tablet.Dir)
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

// flight keeps two witnesses writing to each other, and two more if one of
// them is traced, until stopped.
func (d *day) flight() (stop func()) {
	ctx, cancel := context.WithCancel(d.t.Context())
	var wg sync.WaitGroup
	for _, pair := range d.pairs() {
		pair[0].online()
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

// pairs are who writes to whom while the messages fly.
func (d *day) pairs() [][2]*witness {
	w := d.witnesses
	out := [][2]*witness{{w[0], w[1]}, {w[1], w[0]}}
	if d.order != nil {
		out = append(out, [2]*witness{w[3], w[4]}, [2]*witness{w[4], w[3]})
	}
	return out
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
	mems := d.memories()
	rows, disk := d.rows(), d.disk()
	stop()
	for name, m := range mems {
		d.seizedMemory(name, m, rows)
		d.tracedMemory(name, m)
	}
	d.seizedDisk(disk, rows)
	d.tracedDisk("at noon", disk)
	for _, pair := range d.pairs() {
		pair[0].settled(20 * time.Second)
	}
	d.receive(ben, waiting)
}

// memories are the memory of the server, and of each process of the engine.
func (d *day) memories() map[string]haystack {
	d.t.Helper()
	mems := map[string]haystack{"carrier": memory(d.t, d.w.Server.PID())}
	if d.e.cluster != nil {
		for _, pid := range family(d.t, d.e.cluster.Pid()) {
			mems[fmt.Sprintf("engine %d", pid)] = memory(d.t, pid)
		}
	}
	return mems
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

// evening: whoever was away comes back, and everything is delivered.
func (d *day) evening() {
	away := d.witnesses[2]
	must(d.t, away.Drain(d.t.Context()))
	if n := len(incoming(d.t, away)); n != 3 {
		d.t.Errorf("who was away has %d texts, not 3", n)
	}
	for _, p := range d.people { // what waits for them is receipts: nothing is shown
		got, err := p.Receive(d.t.Context(), 0)
		must(d.t, err)
		d.exactly(p.Name, got)
	}
	d.waitRows(0)
	for _, w := range d.witnesses {
		w.end()
	}
	d.endTrace()
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
	d.tracedDisk("at night", h)
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
