//go:build !js

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/casefile/opened"
	"letterlock/ledger"
)

// recorder puts a desk's records into the ledger that was kept.
type recorder struct {
	*kept
	last ledger.Receipt
}

func (r *recorder) Keep(ctx context.Context, x casefile.Record) ([]byte, error) {
	var err error
	r.last, err = r.Append(ctx, ledger.Record{Kind: x.Kind, Case: string(x.Case), Time: x.At, Body: x.Body})
	return nil, err
}

func (r *recorder) Journal(casefile.Record) {}

func (k *kept) events() (out []casefile.Event) {
	for i, kind := range []casefile.Kind{casefile.KFiled, casefile.KNote, casefile.KNote} {
		out = append(out, casefile.Event{Seq: i + 1, At: k.clock.Now(), Kind: kind, Why: "told to nobody", By: casefile.Member("m", "Miriam Adler"), Salt: [16]byte{byte(i + 1)}})
	}
	return out
}

// openings are a file about a case of three acts, of which the reasons are redacted.
func (k *kept) openings() string {
	k.t.Helper()
	ctx, rec := context.Background(), &recorder{kept: k}
	hidden := []casefile.Group{casefile.GroupReasons}
	var rows []opened.Row
	var receipts []ledger.Receipt
	for _, e := range k.events() {
		o, err := e.Opened(hidden)
		k.check(err)
		mark, err := o.Mark()
		k.check(err)
		body, err := casefile.Encode(casefile.Counted{Event: mark, Seq: e.Seq})
		k.check(err)
		got, err := k.Append(ctx, ledger.Record{Kind: "case." + string(e.Kind), Case: "LL-2026-000001", Time: e.At, Body: body})
		k.check(err)
		receipts, rows = append(receipts, got), append(rows, opened.Row{Event: &o})
	}
	k.act()
	m := opened.Manifest{ID: "1", Made: k.clock.Now(), Checkpoint: k.Head(), Cases: []string{"LL-2026-000001"}, Hidden: []string{"reasons"}, Held: 1}
	var b bytes.Buffer
	w := opened.NewWriter(&b)
	for i := range rows {
		p, err := k.Proof(receipts[i])
		k.check(err)
		r := &rows[i]
		r.Salt, r.Entry, r.Index = p.Opening.Salt[:], p.Opening.Entry, p.Index
		for _, h := range p.Path {
			r.Path = append(r.Path, h[:])
		}
		k.check(w.Row(*r))
	}
	m.Sum, m.Rows = w.Sum()
	act, err := casefile.Acts{Ledger: rec, Clock: k.clock}.KeepProof(ctx, opened.ActKind, casefile.Member("m", "Miriam Adler"), m.ID, "the yearly audit", m)
	k.check(err)
	k.act()
	p, err := k.Proof(rec.last)
	k.check(err)
	var file bytes.Buffer
	k.check(opened.Begin(&file, opened.Statement{Act: act.Body, Proof: p.Bytes()}))
	file.Write(b.Bytes())
	return k.file("audit.openings", file.Bytes())
}

// TestAnAuditorChecksOpeningsOffline: the program says what holds and writes
// what is shown; of a file in which one byte was changed it writes nothing.
func TestAnAuditorChecksOpeningsOffline(t *testing.T) {
	k := keep(t)
	file, rows := k.openings(), filepath.Join(k.dir, "rows.jsonl")
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"openings"}, args...), &out, &out)
		return out.String(), err
	}
	said, err := run(file, "--trust", k.keyFile, "--rows", rows)
	if err != nil || !strings.Contains(said, "All 3 rows of 1 cases that were given are here") || !strings.Contains(said, "Miriam Adler gave these openings") || !strings.Contains(said, "Why: the yearly audit") {
		t.Fatalf("%v: %s", err, said)
	}
	b, err := os.ReadFile(rows)
	k.check(err)
	if got := string(b); strings.Count(got, "\n") != 3 || !strings.Contains(got, `"by.Name":"Miriam Adler"`) || !strings.Contains(got, `"redacted":`) || strings.Contains(got, "told to nobody") {
		t.Errorf("the rows are\n%s", got)
	}
	if _, err := run(file, "--trust", k.keyFile, "--rows", rows); err == nil {
		t.Error("it wrote over a file")
	}
	bad := k.bent(file)
	said, err = run(bad, "--trust", k.keyFile, "--rows", rows+"2")
	if err == nil || !strings.Contains(said, "FAILS") {
		t.Errorf("a changed byte: %v, %s", err, said)
	}
	if _, err := os.Stat(rows + "2"); err == nil {
		t.Error("rows of a file that does not hold are left behind")
	}
	if said, err = run(k.old, "--trust", k.keyFile); err == nil || !strings.Contains(said, "this is no file of openings") {
		t.Errorf("another file: %v, %s", err, said)
	}
}

// bent is the file with one byte of its last row changed.
func (k *kept) bent(file string) string {
	k.t.Helper()
	b, err := os.ReadFile(file)
	k.check(err)
	b[len(b)-40] ^= 1
	return k.file("bent.openings", b)
}
