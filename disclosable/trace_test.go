package disclosable_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
)

func tracing(t testing.TB) (g d.Grant, private []byte) {
	t.Helper()
	private, public, err := d.NewTraceKey()
	if err != nil {
		t.Fatal(err)
	}
	g = grant()
	g.Kind, g.Process, g.Fields, g.Tap = d.Trace, "us.order.pentrap", nil, public
	g.From, g.Until = g.Issued, g.Issued+60*86400
	return g, private
}

func TestATraceSaysWhenItEndsAndToWhoseKey(t *testing.T) {
	g, _ := tracing(t)
	if _, err := g.Bytes(); err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprint(g.InWords("Pen register"))
	for _, s := range []string{"Never", "content", d.Minute(g.Until), d.GrantHash(g.Tap).String()[:32]} {
		if !strings.Contains(said, s) {
			t.Errorf("the holders do not read %q in %s", s, said)
		}
	}
	for name, change := range map[string]func(*d.Grant){
		"no end":       func(g *d.Grant) { g.Until = 0 },
		"no beginning": func(g *d.Grant) { g.From = 0 },
		"no key":       func(g *d.Grant) { g.Tap = nil },
		"short key":    func(g *d.Grant) { g.Tap = g.Tap[:32] },
		"fields":       func(g *d.Grant) { g.Fields = []d.FieldID{"name"} },
		"in the past":  func(g *d.Grant) { g.From, g.Until = g.Issued-20, g.Issued-10 },
		"a year":       func(g *d.Grant) { g.Until = g.From + 366*86400 },
		"told before":  func(g *d.Grant) { g.Notice.Timing = d.ToldBefore },
		"produce":      func(g *d.Grant) { g.Kind, g.Fields = d.Produce, []d.FieldID{"name"} },
	} {
		x := g
		change(&x)
		if b, err := x.Bytes(); !fault.Is(err, fault.Invalid) || b != nil {
			t.Errorf("%s: stands (%v)", name, err)
		}
	}
}

func TestEveryEventIsAsLongAsAnyOther(t *testing.T) {
	g, private := tracing(t)
	b, _ := g.Bytes()
	h := d.GrantHash(b)
	for seq, e := range map[uint64]d.TraceEvent{
		1:       {Seq: 1, At: 1, Kind: d.TracedMessage, Sent: true, Other: d.Account{9}, IP: "2001:db8:ffff:ffff:ffff:ffff:255.255.255.255"},
		2:       {Seq: 2, At: 1 << 60, Kind: d.TracedCall, Other: d.Account{9}},
		1 << 62: {Seq: 1 << 62, At: 5, Kind: d.TracedGap, Since: 1 << 60, Lost: 1 << 60, Why: "the service was started again"},
	} {
		s, err := e.Seal(g.Tap, h)
		if err != nil || len(s) != d.SealedEventSize {
			t.Fatalf("%d bytes: %v", len(s), err)
		}
		got, err := d.OpenTraceEvent(private, h, seq, s)
		if err != nil || got != e {
			t.Fatalf("%+v: %v", got, err)
		}
		if _, err := d.OpenTraceEvent(private, h, seq+1, s); !fault.Is(err, fault.Invalid) {
			t.Errorf("an event opens under another number: %v", err)
		}
		if _, err := d.OpenTraceEvent(private, d.Hash{7}, seq, s); !fault.Is(err, fault.Invalid) {
			t.Errorf("an event opens under another grant: %v", err)
		}
		other, _, _ := d.NewTraceKey()
		if _, err := d.OpenTraceEvent(other, h, seq, s); !fault.Is(err, fault.Invalid) {
			t.Errorf("another case's key opens an event: %v", err)
		}
		if bytes.Contains(s, e.Other[:4]) && e.Other != (d.Account{}) {
			t.Error("the counterparty lies open")
		}
	}
}

func BenchmarkSealEvent(b *testing.B) {
	g, _ := tracing(b)
	e := d.TraceEvent{Seq: 1, At: 1, Kind: d.TracedMessage, Other: d.Account{9}}
	for b.Loop() {
		if _, err := e.Seal(g.Tap, d.Hash{1}); err != nil {
			b.Fatal(err)
		}
	}
}
