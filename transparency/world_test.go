package transparency_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/mod/sumdb/note"

	"letterlock/transparency"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a desk's ledgers as entries, and what stands around them.
type world struct {
	t       testing.TB
	entries []transparency.Entry
	sealed  []transparency.Entry
	next    int
	at      time.Time
}

func newWorld(t testing.TB) *world {
	return &world{t: t, at: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)}
}

func (w *world) entry(kind, number string, at time.Time, c any) transparency.Entry {
	b, err := cbor.Marshal(c)
	must(w.t, err)
	return transparency.Entry{Kind: "case." + kind, Case: number, Time: at, Body: b}
}

type counted = map[string]any

// request files one and, if outcome is not empty, answers it two days later.
func (w *world) request(country, process, outcome string, more ...counted) string {
	w.next++
	number := fmt.Sprintf("LL-%d-%06d", w.at.Year(), w.next)
	c := counted{"process": process, "country": country, "accounts": 1 + w.next%3}
	for _, m := range more {
		for k, v := range m {
			c[k] = v
		}
	}
	w.entries = append(w.entries, w.entry("filed", number, w.at, c), w.entry("assigned", number, w.at.Add(3*time.Hour), c))
	if outcome != "" {
		w.answer(number, outcome, w.at.Add(48*time.Hour))
	}
	w.at = w.at.Add(time.Hour)
	return number
}

func (w *world) answer(number, outcome string, at time.Time) {
	w.entries = append(w.entries, w.entry("package.made", number, at, counted{"outcome": outcome}))
}

func (w *world) seal(process string, at time.Time, accounts int) {
	w.sealed = append(w.sealed, w.entry("filed", fmt.Sprintf("LL-2026-%012d", len(w.sealed)), at, counted{"process": process, "country": "US", "accounts": accounts}))
}

func (w *world) requests(n int, country, process, outcome string) {
	for range n {
		w.request(country, process, outcome)
	}
}

var processes = map[string]transparency.Process{
	"us.warrant":   {Title: "Search warrant", Group: transparency.Legal, Bucket: "us.warrant", Jurisdiction: "US"},
	"us.order":     {Title: "Court order", Group: transparency.Legal, Bucket: "us.order", Jurisdiction: "US"},
	"us.subpoena":  {Title: "Subpoena", Group: transparency.Legal, Bucket: "us.subpoena", Jurisdiction: "US"},
	"us.emergency": {Title: "Emergency", Group: transparency.Emergency, Bucket: "us.emergency", Jurisdiction: "US"},
	"de.stpo":      {Title: "StPO 100j", Group: transparency.Legal, Bucket: "de.stpo", Jurisdiction: "DE"},
	"fr.cpp":       {Title: "CPP 60-1", Group: transparency.Legal, Bucket: "fr.cpp", Jurisdiction: "FR"},
	"eu.epoc":      {Title: "EPOC", Group: transparency.Legal, Bucket: "eu.epoc", Jurisdiction: "EU"},
	"us.preserve":  {Title: "Preservation", Group: transparency.Preservation, Bucket: "us.preserve", Jurisdiction: "US"},
	"any.unknown":  {Title: "Other", Group: transparency.Legal, Bucket: "other", Jurisdiction: "*"},
	"us.civil":     {Title: "Civil", Group: transparency.Civil, Bucket: "us.civil", Jurisdiction: "US"},
	"any.weaken":   {Title: "Weaken", Group: transparency.Weaken, Bucket: "challenge", Jurisdiction: "*"},
	"in.barred":    {Title: "Barred", Group: transparency.Barred, Bucket: "in.barred", Jurisdiction: "IN"},
	"us.nsl":       {Title: "NSL", Group: transparency.Banded, Bucket: "us.natsec.nsl", Jurisdiction: "US"},
	"us.fisa":      {Title: "FISA", Group: transparency.Banded, Bucket: "us.natsec.fisa_content", Jurisdiction: "US"},
}

func (w *world) input(period string) transparency.Input {
	w.t.Helper()
	p, err := transparency.ParsePeriod(period)
	must(w.t, err)
	return transparency.Input{Provider: "Example Messenger", Period: p, Entries: w.entries, Sealed: w.sealed, Structure: transparency.SixBandsOf500,
		Process: func(id string, _ time.Time) (transparency.Process, bool) { x, ok := processes[id]; return x, ok },
		Country: func(id string) string { return "Country " + id }, Members: []string{"DE", "FR", "IT", "ES"},
		Head: transparency.Head{Origin: "example.org/desk", Time: p.Until().Add(time.Hour), Note: "checkpoint"}}
}

func (w *world) build(period string, earlier ...*transparency.Report) *transparency.Report {
	w.t.Helper()
	in := w.input(period)
	in.Earlier = earlier
	r, err := transparency.Build(in)
	must(w.t, err)
	return r
}

func (w *world) json(r *transparency.Report) string {
	w.t.Helper()
	b, err := r.JSON()
	must(w.t, err)
	return string(b)
}

// random is a half-year of a real mixture: a few large cells, many small ones.
func random(t testing.TB, seed uint64) *world {
	w, r := newWorld(t), rand.New(rand.NewPCG(seed, 11))
	legal := []string{"us.warrant", "us.order", "us.subpoena", "us.emergency", "de.stpo", "fr.cpp", "eu.epoc"}
	countries := []string{"US", "DE", "FR", "IT", "ES", "GB", "JP", "BR"}
	for range 3 + r.IntN(14) {
		n := 1 + r.IntN(4)
		if r.IntN(3) == 0 {
			n = 5 + r.IntN(30)
		}
		country, process := countries[r.IntN(len(countries))], legal[r.IntN(len(legal))]
		for range n {
			w.request(country, process, []string{"", "all", "part", "refused", "no data"}[r.IntN(5)], counted{"offence": []string{"", "fraud", "threats"}[r.IntN(3)]})
		}
	}
	return w
}

func signer(t testing.TB) (note.Signer, note.Verifiers) {
	t.Helper()
	private, public, err := note.GenerateKey(nil, "example.org/report")
	must(t, err)
	s, err := note.NewSigner(private)
	must(t, err)
	v, err := note.NewVerifier(public)
	must(t, err)
	return s, note.VerifierList(v)
}

func decoded(t testing.TB, e transparency.Entry) cell {
	t.Helper()
	var c struct {
		Process string `cbor:"process"`
		Country string `cbor:"country"`
	}
	must(t, cbor.Unmarshal(e.Body, &c))
	return cell{c.Country, c.Process}
}
