package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/e2e/story"
	"letterlock/ledger"
	"letterlock/storage/clientdb"
)

// crash is a server that is killed again and again while people write.
type crash struct {
	t    *testing.T
	w    *story.World
	seed uint64
	rand *rand.Rand // of the main goroutine

	people []*writer
	ana    story.Person     // writes with the real program, which is killed too
	sizes  map[string]int64 // of the ledgers, at the last look
}

// TestKilledUnderLoad: kill -9 of the server at random moments while people
// write to people who are there and to people who are not; devices end and come
// back, too. What a sender was told is sent arrives, nothing is shown twice,
// and after each kill every ledger still verifies from its bytes alone.
//
// LETTERLOCK_CRASH_ROUNDS sets the number of kills, LETTERLOCK_CRASH_SEED
// repeats the choices of a run.
func TestKilledUnderLoad(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		c := newCrash(t, e)
		rounds := c.rounds(e)
		began := time.Now()
		stop := c.load()
		for i := range rounds {
			c.round(i)
		}
		stop()
		if t.Failed() {
			return // with the writers gone there is nothing to compare
		}
		c.settle()
		sent, shown := c.compare()
		must(t, c.w.Stop())
		c.ledgers("at the end")
		t.Logf("%d kills in %s: %d texts acknowledged, %d shown, ledgers of %v leaves", rounds, time.Since(began).Round(time.Second), sent, shown, c.sizes)
		if sent < rounds*len(c.people) {
			t.Errorf("only %d texts: that was no load", sent)
		}
	})
}

func newCrash(t *testing.T, e engine) *crash {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("LETTERLOCK_CRASH_SEED"); s != "" {
		var err error
		seed, err = strconv.ParseUint(s, 10, 64)
		must(t, err)
	}
	t.Logf("LETTERLOCK_CRASH_SEED=%d", seed)
	c := &crash{t: t, w: e.found(t), seed: seed, rand: rand.New(rand.NewPCG(seed, 0)), sizes: map[string]int64{}}
	start(t, c.w)
	for i := range 5 {
		c.people = append(c.people, &writer{witness: newWitness(t, c.w, phone(200+i), nil), rand: rand.New(rand.NewPCG(seed, uint64(i+1)))})
	}
	c.ana = c.w.Person("Ana", phone(1))
	must(t, c.ana.Register(t.Context()))
	return c
}

// rounds: the second engine is killed less often, because what differs is only
// the storing of rows.
func (c *crash) rounds(e engine) int {
	if s := os.Getenv("LETTERLOCK_CRASH_ROUNDS"); s != "" {
		n, err := strconv.Atoi(s)
		must(c.t, err)
		return n
	}
	switch {
	case testing.Short():
		return 5
	case e.cluster != nil:
		return 15
	}
	return 50
}

// writer is a witness who writes without end, comes and goes.
type writer struct {
	*witness
	rand *rand.Rand
	n    int
}

// load starts everybody, and returns what ends it.
func (c *crash) load() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for i := range c.people {
		wg.Go(func() { c.live(ctx, i) })
	}
	wg.Go(func() { c.program(ctx) })
	return func() {
		cancel()
		wg.Wait()
	}
}

// live is one person's day: online for a while, offline for a while, writing
// all the time, now and then a new start of the program on the same store.
func (c *crash) live(ctx context.Context, i int) {
	p := c.people[i]
	for ctx.Err() == nil {
		there := p.rand.IntN(3) > 0
		if there {
			p.online()
		}
		for range 5 + p.rand.IntN(40) {
			if ctx.Err() != nil {
				break
			}
			other := c.people[p.rand.IntN(len(c.people))]
			if other == p {
				continue
			}
			p.n++
			// Without a server the first text to somebody is refused, later ones
			// are taken into the outbox.
			if _, err := p.Send(ctx, other.Phone, fmt.Sprintf("%s to %s: %d", p.Phone, other.Phone, p.n)); err != nil {
				soon(ctx, 20*time.Millisecond)
			}
			soon(ctx, time.Duration(p.rand.IntN(25))*time.Millisecond)
		}
		p.offline()
		if p.rand.IntN(2) == 0 {
			p.end()
			if err := p.begin(); err != nil {
				c.t.Errorf("open the store of %s again: %v", p.Phone, err)
				return
			}
		}
	}
}

// program writes with the terminal client and kills it at random moments.
func (c *crash) program(ctx context.Context) {
	r := rand.New(rand.NewPCG(c.seed, 99))
	for n := 0; ctx.Err() == nil; n++ {
		to := c.people[r.IntN(len(c.people))]
		cmd := exec.Command(story.Program(c.w.Bin, "letter"), "--dir", c.ana.Dir, "send", "--wait", "2s", "--to", to.Phone, fmt.Sprintf("Ana to %s: %d", to.Phone, n))
		if err := cmd.Start(); err != nil {
			c.t.Errorf("letter: %v", err)
			return
		}
		over := time.AfterFunc(time.Duration(20+r.IntN(400))*time.Millisecond, func() { cmd.Process.Kill() })
		cmd.Wait() // killed or not, what it kept is looked at in the end
		over.Stop()
	}
}

// round lets the load run, kills the server and looks at what is left of it.
func (c *crash) round(i int) {
	time.Sleep(time.Duration(50+c.rand.IntN(700)) * time.Millisecond) // the random moment
	c.w.Server.Kill()
	c.ledgers(fmt.Sprintf("after kill %d", i+1))
	start(c.t, c.w)
}

// ledgers verifies every ledger from its bytes, and that none got shorter.
func (c *crash) ledgers(when string) {
	c.t.Helper()
	dirs, err := filepath.Glob(filepath.Join(c.w.Dir, "data", "*", "*ledger"))
	must(c.t, err)
	if len(dirs) != 4 {
		c.t.Fatalf("%d ledgers, not two of each half", len(dirs))
	}
	for _, dir := range dirs {
		r, err := ledger.Check(dir)
		must(c.t, err)
		if !r.OK() {
			c.t.Errorf("%s: %s", when, r)
		}
		if r.Size < c.sizes[r.Origin] {
			c.t.Errorf("%s: ledger %s went back from %d leaves to %d", when, r.Origin, c.sizes[r.Origin], r.Size)
		}
		c.sizes[r.Origin] = r.Size
	}
}

// settle lets everybody come back until all is sent and taken in.
func (c *crash) settle() {
	c.t.Helper()
	for _, p := range c.people {
		p.online()
	}
	if _, err := c.ana.Receive(c.t.Context(), 0); err != nil { // sends what her killed programs left
		c.t.Errorf("Ana: %v", err)
	}
	for _, p := range c.people {
		for deadline := time.Now().Add(3 * time.Minute); p.waiting() > 0; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				c.t.Fatalf("%d texts of %s do not leave", p.waiting(), p.Phone)
			}
		}
	}
	for _, p := range c.people {
		p.offline()
		must(c.t, p.Drain(c.t.Context()))
	}
}

func (p *writer) waiting() (n int) {
	all, err := p.Journal(p.t.Context(), client.Outgoing)
	must(p.t, err)
	for _, e := range all {
		if e.State == client.Waiting {
			n++
		}
	}
	return n
}

// compare holds what was sent against what was shown.
func (c *crash) compare() (sent, shown int) {
	t := c.t
	got := map[string]int{} // by text, which names its sender and recipient
	for _, p := range c.people {
		all, err := p.Journal(t.Context())
		must(t, err)
		for _, e := range all {
			switch e.Kind {
			case client.Incoming:
				got[e.Text]++
				shown++
			case client.Outgoing:
			default:
				t.Errorf("%s was shown something that nobody sent: %s %q", p.Phone, e.Kind, e.Why)
			}
		}
	}
	for text, n := range got {
		if n != 1 {
			t.Errorf("shown %d times: %q", n, text)
		}
	}
	stores := []*client.Client{c.anaJournal()}
	for _, p := range c.people {
		stores = append(stores, p.Client)
	}
	for _, s := range stores {
		all, err := s.Journal(t.Context(), client.Outgoing)
		must(t, err)
		for _, e := range all {
			if e.State != client.Sent {
				t.Errorf("not sent in the end: %q is %s, %s", e.Text, e.State, e.Why)
				continue
			}
			sent++
			if got[e.Text] == 0 {
				t.Errorf("acknowledged and lost: %q", e.Text)
			}
		}
	}
	if sent != shown {
		t.Errorf("%d texts were acknowledged and %d shown", sent, shown)
	}
	return sent, shown
}

// anaJournal opens Ana's folder to look into it.
func (c *crash) anaJournal() *client.Client {
	store, err := clientdb.Open(c.t.Context(), c.ana.Dir)
	must(c.t, err)
	c.t.Cleanup(func() { store.Close() })
	a, err := client.New(client.Config{Store: store, Transport: &network{}, Clock: clockSystem})
	must(c.t, err)
	return a
}
