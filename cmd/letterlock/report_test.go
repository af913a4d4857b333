package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/produce/bundle"
	"letterlock/internal/clock"
	"letterlock/ledger"
	"letterlock/transparency"
)

// books is a data folder with a desk's ledgers, written as the desk writes them.
type books struct {
	t              *testing.T
	data, key      string
	clock          *clock.Manual
	public, sealed *ledger.Ledger
	n              int
}

func newBooks(t *testing.T) *books {
	t.Helper()
	b := &books{t: t, data: t.TempDir(), clock: clock.NewManual(time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC))}
	conf := DefaultConfig()
	conf.Data = b.data
	l, err := openLedgers(conf, "desk", b.clock, nil)
	b.must(err)
	t.Cleanup(func() { l.close() })
	b.public, b.sealed = l.public, l.sealed
	_, report, err := reportKey(filepath.Join(b.data, "desk", "keys"), conf.Host)
	b.must(err)
	raw, err := json.Marshal(bundle.Trust{Provider: conf.Name, Keys: []bundle.PublicKey{{}}, Ledgers: b.public.Keys(), Reports: []string{report}})
	b.must(err)
	b.key = filepath.Join(b.data, "trust.json")
	b.must(os.WriteFile(b.key, raw, 0o600))
	return b
}

func (b *books) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) record(l *ledger.Ledger, kind, number string, c casefile.Counted) ledger.Receipt {
	b.t.Helper()
	body, err := casefile.Encode(c)
	b.must(err)
	r, err := l.Append(context.Background(), ledger.Record{Kind: "case." + kind, Case: number, Body: body})
	b.must(err)
	return r
}

// request files and answers one.
func (b *books) request(process, country, outcome string) ledger.Receipt {
	b.t.Helper()
	b.n++
	number := string(casefile.Ordinary(2026, b.n))
	c := casefile.Counted{Process: process, Country: country, Accounts: 2, Gag: &casefile.CountedGag{Days: 30 + b.n}}
	r := b.record(b.public, "filed", number, c)
	b.record(b.public, "package.made", number, casefile.Counted{Process: process, Country: country, Accounts: 2, Outcome: outcome})
	b.clock.Advance(time.Minute)
	b.must(b.public.Tick(context.Background()))
	return r
}

func (b *books) leap(to time.Time) {
	b.t.Helper()
	b.clock.Set(to)
	b.must(b.public.Tick(context.Background()))
	b.must(b.sealed.Tick(context.Background()))
}

func (b *books) build(period, out string, more ...string) (string, error) {
	var said bytes.Buffer
	cmd := reportBuildCmd{reportSettings: reportSettings{Data: b.data}, Period: period, Out: out}
	for i := 0; i+1 < len(more); i += 2 {
		switch more[i] {
		case "counted":
			fmt.Sscan(more[i+1], &cmd.Counted)
		case "earlier":
			cmd.Earlier = more[i+1]
		case "config":
			cmd.Config = more[i+1]
		}
	}
	err := cmd.Run(context.Background(), &said)
	return said.String(), err
}

func (b *books) verify(dir, receipt, openings string) (string, error) {
	var said bytes.Buffer
	err := (&reportVerifyCmd{Dir: dir, Trust: []string{b.key}, Receipt: receipt, Openings: openings}).Run(context.Background(), &said)
	return said.String(), err
}

func TestAReportFromTheDesksOwnLedger(t *testing.T) {
	b := newBooks(t)
	var first ledger.Receipt
	for i := range 7 {
		if r := b.request("us.warrant.search", "US", "part"); i == 0 {
			first = r
		}
	}
	for range 6 {
		b.request("de.stpo.100j", "DE", "refused")
	}
	b.record(b.sealed, "filed", "LL-2026-123456789012", casefile.Counted{Process: "us.nsl", Country: "US", Accounts: 1})
	if said, err := b.build("2026H1", t.TempDir()); err == nil {
		t.Fatalf("a period that has not ended: %s", said)
	}
	b.leap(time.Date(2026, 7, 1, 0, 5, 0, 0, time.UTC))

	dir := filepath.Join(b.data, "reports", "2026H1")
	conf := filepath.Join(b.data, "conf.toml")
	b.must(os.WriteFile(conf, []byte("report_bands = \"2\"\n"), 0o600))
	said, err := b.build("2026H1", dir, "config", conf)
	if err != nil || !strings.Contains(said, "13 requests about 26 accounts") {
		t.Fatalf("%v %s", err, said)
	}
	raw, err := os.ReadFile(filepath.Join(dir, transparency.FileJSON))
	b.must(err)
	r, err := transparency.Read(raw)
	b.must(err)
	if r.Total.Requests != 13 || r.Total.SomeData != 7 || len(r.Countries) != 2 || r.Secrecy.Asked != 13 || *r.Secrecy.MedianDays < 30 || len(r.US) != 1 || len(r.DSA.Orders) != 1 {
		t.Errorf("%s", raw)
	}
	if r.National == nil || r.National.Lines[0].Band.String() != "0-499" {
		t.Errorf("%+v", r.National)
	}

	p, err := b.public.Proof(first)
	b.must(err)
	receipt := filepath.Join(b.data, "receipt")
	b.must(os.WriteFile(receipt, p.Bytes(), 0o600))
	cp, _, err := view(b).At(0)
	b.must(err)
	opened := filepath.Join(b.data, "openings")
	b.must((&reportOpenCmd{reportSettings: reportSettings{Data: b.data}, Out: opened, Counted: cp.Size}).Run(context.Background(), &bytes.Buffer{}))
	said, err = b.verify(dir, receipt, opened)
	if err != nil || strings.Contains(said, "NOT") || !strings.Contains(said, "United States of the countries") || !strings.Contains(said, "26 records") {
		t.Errorf("%v\n%s", err, said)
	}

	// Later, with more in the ledger, the same checkpoint gives the same bytes.
	b.request("us.warrant.search", "US", "all")
	again := filepath.Join(b.data, "again")
	_, err = b.build("2026H1", again, "config", conf, "counted", fmt.Sprint(cp.Size))
	b.must(err)
	for name, want := range files(t, dir) {
		if got := files(t, again)[name]; got != want {
			t.Errorf("%s is another when built again", name)
		}
	}

	// An auditor who is shown one record less, or a changed report, finds it.
	short := filepath.Join(b.data, "short")
	b.must(os.MkdirAll(short, 0o700))
	all, err := os.ReadFile(filepath.Join(opened, fileOpenings))
	b.must(err)
	b.must(os.WriteFile(filepath.Join(short, fileOpenings), all[len(all)/2:], 0o600))
	if said, err := b.verify(dir, "", short); err == nil {
		t.Errorf("half of the openings: %s", said)
	}
	b.must(os.WriteFile(filepath.Join(dir, transparency.FileCSV), []byte("period\n"), 0o600))
	if said, err := b.verify(dir, "", ""); err == nil {
		t.Errorf("a changed CSV: %s", said)
	}
	if _, err := b.build("2026H1", dir); err == nil {
		t.Error("an earlier report was overwritten")
	}
}

func view(b *books) *ledger.View {
	b.t.Helper()
	v, err := ledger.Read(ledgerDir(Config{Data: b.data}, "desk", false), b.clock)
	b.must(err)
	b.t.Cleanup(func() { v.Close() })
	return v
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all, err := readFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for name, b := range all {
		out[name] = string(b)
	}
	return out
}

func TestCorrectionsStandInTheNextReport(t *testing.T) {
	b := newBooks(t)
	for range 6 {
		b.request("us.warrant.search", "US", "part")
	}
	b.record(b.public, "filed", "LL-2026-000099", casefile.Counted{Process: "us.warrant.search", Country: "US", Accounts: 1})
	b.leap(time.Date(2026, 7, 1, 0, 5, 0, 0, time.UTC))
	all := filepath.Join(b.data, "reports")
	_, err := b.build("2026H1", filepath.Join(all, "2026H1"))
	b.must(err)
	b.record(b.public, "package.made", "LL-2026-000099", casefile.Counted{Process: "us.warrant.search", Outcome: "all"})
	b.leap(time.Date(2027, 1, 1, 0, 5, 0, 0, time.UTC))
	_, err = b.build("2026H2", filepath.Join(all, "2026H2"), "earlier", all)
	b.must(err)
	page := files(t, filepath.Join(all, "2026H2"))[transparency.FileCSV]
	if !strings.Contains(page, `restated 2026H1 total,total,answered,"7, was 6"`) {
		t.Error(page)
	}
}
