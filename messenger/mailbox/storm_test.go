package mailbox_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"letterlock/messenger/mailbox"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// TestAStorm: senders write while recipients come, go, read a little,
// acknowledge a part and are thrown out. Whatever the sender was told is Sent
// arrives; within one connection nothing comes twice and nothing of one sender
// out of order; what was acknowledged never comes again; at the end nothing is
// left.
func TestAStorm(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		p := newPost(t, db, func(c *mailbox.Config) {
			c.Elide = 2 * time.Millisecond
			c.Limits = mailbox.Limits{Flight: 16, FlightBytes: 4096}
		})
		const senders, recipients, each = 4, 3, 250
		var rs []*device
		for range recipients {
			rs = append(rs, p.device())
		}
		done := make(chan struct{})
		var writing, reading sync.WaitGroup
		for s := range senders {
			ann := p.device().online()
			writing.Go(func() { write(t, ann, s, rs, each) })
		}
		for i, r := range rs {
			reading.Go(func() { live(t, r, uint64(i), senders*each, done) })
		}
		writing.Wait()
		close(done)
		reading.Wait()
		for _, r := range rs {
			p.eventually("nothing is left", func() bool { return p.rows(r) == 0 })
		}
	})
}

// write sends to each recipient in turn and waits for all answers.
func write(t *testing.T, ann *device, s int, rs []*device, each int) {
	open := 0
	for i := range each {
		for _, r := range rs {
			ann.send(uint64(i), r, fmt.Sprintf("%d %d", s, i))
			open++
		}
		for open > 60 {
			open -= answers(t, ann)
		}
	}
	for open > 0 {
		open -= answers(t, ann)
	}
}

func answers(t *testing.T, d *device) int {
	fs, ok := d.poll(20 * time.Second)
	if !ok {
		t.Error("no answer")
		return 1 << 20
	}
	for _, f := range fs {
		if _, ok := f.(wire.Sent); !ok {
			t.Errorf("answer %T %v", f, f)
		}
	}
	return len(fs)
}

// live is the life of a recipient. acked survives its connections.
func live(t *testing.T, d *device, seed uint64, all int, done chan struct{}) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	acked := map[string]bool{}
	for len(acked) < all && !t.Failed() {
		stay := 1 + rnd.IntN(60)
		select {
		case <-done:
			stay = all * 2
		default:
		}
		connection(t, d.connect(), rnd, acked, all, stay)
		d.sess.Close()
	}
	if len(acked) != all {
		t.Errorf("%d of %d arrived", len(acked), all)
	}
}

func connection(t *testing.T, d *device, rnd *rand.Rand, acked map[string]bool, all, stay int) {
	last, seen := map[int]int{}, map[string]bool{}
	var pending []uint64
	names := map[uint64]string{}
	for silence := 0; stay > 0; stay-- {
		fs, ok := d.poll(300 * time.Millisecond)
		if !ok {
			ack(d, pending, names, acked)
			pending = nil
			if silence++; len(acked) == all {
				return
			} else if silence == 50 {
				t.Errorf("%d of %d arrived, %d rows wait, and nothing comes", len(acked), all, d.p.rows(d))
				return
			}
			continue
		}
		silence = 0
		for _, f := range fs {
			l, seq, _, ok := d.open(f)
			if !ok {
				continue
			}
			var s, i int
			fmt.Sscan(string(l.Body), &s, &i)
			name := string(l.Body)
			if seen[name] {
				t.Errorf("%s came twice in one connection", name)
			}
			if acked[name] {
				t.Errorf("%s came again after it was acknowledged", name)
			}
			if before, ok := last[s]; ok && i < before {
				t.Errorf("of sender %d, %d came after %d", s, i, before)
			}
			seen[name], last[s], names[seq] = true, i, name
			pending = append(pending, seq)
		}
		if rnd.IntN(4) == 0 || len(pending) > 10 {
			ack(d, pending, names, acked)
			pending = nil
		}
	}
	if rnd.IntN(2) == 0 {
		ack(d, pending, names, acked)
	}
}

func ack(d *device, seqs []uint64, names map[uint64]string, acked map[string]bool) {
	for _, s := range seqs {
		acked[names[s]] = true
	}
	d.sess.Ack(seqs)
}
