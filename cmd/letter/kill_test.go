package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/internal/clock"
	"letterlock/internal/testkit"
	"letterlock/storage/clientdb"
)

// asProgram makes the test's own binary the program, so that it can be killed
// as a process.
const asProgram = "LETTER_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process starts the program and kills it after a while, unless it is done
// before. It reports whether the program ended well by itself.
func (w *world) process(who string, life time.Duration, args ...string) (done bool) {
	w.t.Helper()
	c := exec.Command(os.Args[0], append([]string{"--dir", w.folder(who)}, args...)...)
	c.Env = append(os.Environ(), asProgram+"=1")
	if err := c.Start(); err != nil {
		w.t.Fatal(err)
	}
	timer := time.AfterFunc(life, func() { c.Process.Kill() })
	defer timer.Stop()
	err := c.Wait()
	var exited *exec.ExitError
	if err != nil && !(errors.As(err, &exited) && exited.ExitCode() == -1) {
		w.t.Errorf("letter %v: %v", args, err)
	}
	return err == nil
}

// Both programs are killed (kill -9) at random moments, on real files, against
// the carrier of this repository: what was said to be sent is there, once.
func TestKilledAtRandomMoments(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "some fifty processes")
	}
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	start := time.Now()
	if !h.process("alice", time.Minute, "send", "--to", bob, "first") {
		t.Fatal("the program does not work as a process")
	}
	normal := time.Since(start) // how long the program takes here when nobody kills it
	random := func() time.Duration { return rand.N(2 * normal) }

	var said []string
	killed, stop := 0, make(chan struct{})
	var bobs sync.WaitGroup
	bobs.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				h.process("bob", random(), "receive", "--wait", "1s")
			}
		}
	})
	for i := range 25 {
		text := fmt.Sprint("message ", i)
		if h.process("alice", random(), "send", "--to", bob, text) {
			said = append(said, text)
		} else {
			killed++
		}
	}
	close(stop)
	bobs.Wait()
	t.Logf("%d sends ended well, %d were killed; an undisturbed run takes %v", len(said), killed, normal)
	if killed == 0 {
		t.Fatal("nothing was killed: the test does not test")
	}
	h.ok("alice", "send", "--to", bob, "last") // sends what the dead left in the outbox, too
	h.ok("alice", "receive")
	h.ok("bob", "receive")
	sent, got := h.entries("alice", client.Outgoing), h.entries("bob", client.Incoming)
	slices.Sort(sent)
	slices.Sort(got)
	if !slices.Equal(sent, got) {
		t.Fatalf("in Alice's store:\n%q\nin Bob's:\n%q", sent, got)
	}
	for _, text := range append(said, "first", "last") {
		if n := count(got, text); n != 1 {
			t.Errorf("%q is there %d times", text, n)
		}
	}
	if bad := h.entries("bob", client.Unopened, client.KeyChanged, client.NoticeRejected); len(bad) != 0 {
		t.Errorf("Bob also has %q", bad)
	}
}

func count(all []string, s string) (n int) {
	for _, x := range all {
		if x == s {
			n++
		}
	}
	return n
}

// entries reads a person's journal from their folder.
func (w *world) entries(who string, kinds ...client.EntryKind) (out []string) {
	w.t.Helper()
	s, err := clientdb.Open(context.Background(), w.folder(who))
	if err != nil {
		w.t.Fatal(err)
	}
	defer s.Close()
	n, err := newNetwork(w.url)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := client.New(client.Config{Store: s, Transport: n, Clock: clock.System})
	if err != nil {
		w.t.Fatal(err)
	}
	all, err := c.Journal(context.Background(), kinds...)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range all {
		out = append(out, e.Text+e.Why)
	}
	return out
}
