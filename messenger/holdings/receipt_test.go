package holdings_test

import (
	"bytes"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/ledger"
	"letterlock/ledger/proof"
	"letterlock/wire"
)

// filing is a ledger's proof of an act, as the desk has one.
func (w *world) filing(kind, number string) []byte {
	w.t.Helper()
	r, err := w.public.Append(w.t.Context(), ledger.Record{Kind: kind, Case: number, Time: w.clock.Now(), Body: []byte{0xa0}, Priority: true})
	if err != nil {
		w.t.Fatal(err)
	}
	w.clock.Advance(time.Minute)
	if err := w.public.Tick(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	p, err := w.public.Proof(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Bytes()
}

// told is the notice that a telling led to.
func (w *world) told(t door.Telling) wire.Notice {
	w.t.Helper()
	if _, err := w.TellWith(w.t.Context(), t); err != nil {
		w.t.Fatal(err)
	}
	n, err := wire.OpenNotice(w.post.notices[len(w.post.notices)-1], w.notice)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestANoticeCarriesTheReceiptOfItsCase(t *testing.T) {
	w := newWorld(t).apart()
	b := w.filing("case.filed", "LL-2026-000017")
	n := w.told(door.Telling{Grant: w.ready(notify(d.ToldAfter, true)), Receipt: b})
	if !bytes.Equal(n.Receipt, b) {
		t.Fatalf("%x", n.Receipt)
	}
	p, err := proof.Parse(n.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := proof.ParseKeys(w.public.Keys()...)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := p.Verify(keys); err != nil || v.Entry.Case != n.Case {
		t.Errorf("%+v %v", v, err)
	}
}

// A captured desk says nothing to a person by way of the receipt, and no bad
// receipt holds a notice up.
func TestNoOtherThingGoesInThePlaceOfTheReceipt(t *testing.T) {
	w := newWorld(t)
	right := w.filing("case.filed", "LL-2026-000017")
	for name, x := range map[string]struct {
		receipt []byte
		asker   bool
	}{
		"of another case":     {w.filing("case.filed", "LL-2026-000018"), true},
		"of another act":      {w.filing("case.decided", "LL-2026-000017"), true},
		"words":               {[]byte("call this number at once"), true},
		"with words after it": {append(bytes.Clone(right), "call this number"...), true},
		"too long":            {bytes.Repeat([]byte{1}, 1<<20), true},
		"of a withheld asker": {right, false}, // it names their country
	} {
		if n := w.told(door.Telling{Grant: w.ready(notify(d.ToldAfter, x.asker)), Receipt: x.receipt}); n.Receipt != nil || n.Text == "" {
			t.Errorf("%s: %q goes to the person", name, n.Receipt)
		}
	}
}
