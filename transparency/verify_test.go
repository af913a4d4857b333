package transparency_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"letterlock/internal/clock"
	"letterlock/ledger"
	"letterlock/ledger/proof"
	"letterlock/transparency"
)

// published is a signed report counted from a real ledger.
type published struct {
	*world
	l      *ledger.Ledger
	clock  *clock.Manual
	keys   proof.Keys
	files  map[string][]byte
	report *transparency.Report
	first  ledger.Receipt
	verify func(files map[string][]byte) []transparency.Finding
}

func publish(t *testing.T) *published {
	t.Helper()
	p := &published{world: newWorld(t), clock: clock.NewManual(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))}
	dir := filepath.Join(t.TempDir(), "l")
	must(t, ledger.Create(dir, ledger.Settings{Origin: "example.org/desk", Interval: time.Minute, Batch: 64, Reserved: 2, Backlog: 9}, p.clock, nil))
	l, err := ledger.Open(dir, ledger.Options{Clock: p.clock})
	must(t, err)
	t.Cleanup(func() { l.Close() })
	p.l = l
	for i := range 12 {
		r := p.record("case.filed", counted{"process": "us.warrant", "country": "US", "accounts": 1})
		if i == 0 {
			p.first = r
		}
	}
	p.record("case.filed", counted{"process": "in.barred", "country": "IN", "accounts": 1})
	p.clock.Set(time.Date(2026, 7, 1, 0, 1, 0, 0, time.UTC))
	must(t, l.Tick(context.Background()))
	p.keys, err = proof.ParseKeys(l.Keys()...)
	must(t, err)
	in := p.input("2026H1")
	in.Entries = nil
	for o, err := range l.Openings(1, 0) {
		must(t, err)
		in.Entries = append(in.Entries, transparency.Entry{Kind: o.Entry.Kind, Case: o.Entry.Case, Time: o.Entry.Happened, Body: o.Entry.Body})
	}
	in.Head = transparency.Head{Origin: "example.org/desk", Time: time.Date(2026, 7, 1, 0, 1, 0, 0, time.UTC), Note: string(l.Head())}
	p.report, err = transparency.Build(in)
	must(t, err)
	p.files, err = p.report.Files()
	must(t, err)
	key, verifiers := signer(t)
	p.files[transparency.FileSignature], err = transparency.Sign(p.report, p.files, key)
	must(t, err)
	p.verify = func(files map[string][]byte) []transparency.Finding {
		_, f := transparency.Verify(files, verifiers, p.keys)
		return f
	}
	must(t, transparency.Recount(p.report, in))
	in.Entries = in.Entries[1:]
	if transparency.Recount(p.report, in) == nil {
		t.Error("an auditor who was shown less counts the same")
	}
	return p
}

func (p *published) record(kind string, c counted) ledger.Receipt {
	p.t.Helper()
	p.next++
	b, err := cbor.Marshal(c)
	must(p.t, err)
	r, err := p.l.Append(context.Background(), ledger.Record{Kind: kind, Case: "LL-2026-00000" + string(rune('a'+p.next)), Body: b})
	must(p.t, err)
	return r
}

func holds(f []transparency.Finding) bool {
	for _, x := range f {
		if !x.OK {
			return false
		}
	}
	return len(f) > 0
}

func TestAPublishedReportVerifies(t *testing.T) {
	p := publish(t)
	if f := p.verify(p.files); !holds(f) || len(f) != 3 {
		t.Fatalf("%+v", f)
	}
	for name, b := range p.files {
		for _, at := range []int{0, len(b) / 3, len(b) / 2, len(b) - 2} {
			changed := map[string][]byte{}
			for n, x := range p.files {
				changed[n] = bytes.Clone(x)
			}
			changed[name][at] ^= 1
			if f := p.verify(changed); holds(f) {
				t.Errorf("%s changed at %d, and all holds", name, at)
			}
		}
		missing := map[string][]byte{}
		for n, x := range p.files {
			if n != name {
				missing[n] = x
			}
		}
		if f := p.verify(missing); holds(f) {
			t.Errorf("%s is missing, and all holds", name)
		}
	}
}

func TestAReceiptShowsThatACaseWasCounted(t *testing.T) {
	p := publish(t)
	pr, err := p.l.Proof(p.first)
	must(t, err)
	look := func(id string, _ time.Time) (transparency.Process, bool) { x, ok := processes[id]; return x, ok }
	where, err := p.report.Receipt(pr, p.keys, look)
	if err != nil || !strings.Contains(where, "Country US") || !strings.Contains(where, "Search warrant") {
		t.Errorf("%q %v", where, err)
	}
	later := p.record("case.filed", counted{"process": "us.warrant", "country": "US"})
	barred := ledger.Receipt{Ledger: p.first.Ledger, Seq: 13}
	other := p.record("case.assigned", counted{"process": "us.warrant"})
	p.clock.Advance(time.Minute)
	must(t, p.l.Tick(context.Background()))
	for what, r := range map[string]ledger.Receipt{"a request of the next period": later, "a process that may not be counted": barred, "another act": other} {
		if r.Leaf == (proof.Leaf{}) {
			r, err = p.l.Receipt(r.Seq)
			must(t, err)
		}
		pr, err := p.l.Proof(r)
		must(t, err)
		if where, err := p.report.Receipt(pr, p.keys, look); err == nil {
			t.Errorf("%s: %s", what, where)
		}
	}
	pr.Opening.Entry[len(pr.Opening.Entry)-1] ^= 1
	if _, err := p.report.Receipt(pr, p.keys, look); err == nil {
		t.Error("a changed receipt is counted")
	}
}
