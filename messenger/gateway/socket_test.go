package gateway_test

import (
	"fmt"
	"testing"

	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func TestAnEnvelopeForWhoIsAwayWaits(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w := newWorld(t, db)
		ann, bob := w.join(number(1)), w.join(number(2))
		a, _, _ := ann.connect()
		for i := range 10 {
			a.send(uint64(i), bob, fmt.Sprintf("letter %d", i))
			if f, ok := a.answer().(wire.Sent); !ok || f.Ref != uint64(i) {
				t.Fatalf("answer %v", f)
			}
		}
		b, got, seqs := bob.connect()
		if len(got) != 10 {
			t.Fatalf("%d letters waited, want 10", len(got))
		}
		for i, l := range got {
			if string(l.Body) != fmt.Sprintf("letter %d", i) || l.From != ann.addr {
				t.Fatalf("letter %d is %q from %v", i, l.Body, l.From)
			}
		}
		b.write(wire.Ack{Seqs: seqs})
		a.send(99, bob, "now")
		if l, seq, _ := b.letter(b.next()); string(l.Body) != "now" {
			t.Fatalf("then came %q", l.Body)
		} else {
			b.write(wire.Ack{Seqs: []uint64{seq}})
		}
		if _, ok := a.answer().(wire.Sent); !ok {
			t.Fatal("not sent")
		}
	})
}
