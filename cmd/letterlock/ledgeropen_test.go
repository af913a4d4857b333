package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/casefile/opened"
	"letterlock/law"
	"letterlock/ledger/proof"
	"letterlock/storage/deskdb"
)

// given is a case in the desk's database and ledger, and openings of it that
// counsel gave.
func (b *books) given() desk.Given {
	b.t.Helper()
	ctx, conf := context.Background(), DefaultConfig()
	conf.Data = b.data
	db, err := deskdb.Open(ctx, base{conf: conf}.database("desk", ""))
	b.must(err)
	defer db.Close()
	rec := desk.Recorder{Public: b.public, Sealed: b.sealed}
	files := &casefile.Files{Public: casefile.Shelf{Store: db}, Ledger: rec, Clock: b.clock}
	counsel := casefile.Member("m", "Miriam Adler")
	demand := casefile.Demand{Process: "us.order.2703d", Jurisdiction: "US", Channel: law.ChannelMail, Targets: []casefile.Target{{Kind: law.TargetPhone, Identifier: "+12025550142"}}}
	c, err := files.File(ctx, false, counsel, casefile.One(casefile.Event{Kind: casefile.KFiled, Demand: &demand, Lane: casefile.LaneOrdinary, Due: b.clock.Now().AddDate(0, 0, 10)}))
	b.must(err)
	b.clock.Advance(time.Minute)
	b.must(b.public.Tick(ctx))
	team := desk.Opener{From: desk.OpenedFromLedger(b.public, db), Marks: db, Acts: casefile.Acts{Ledger: rec, Clock: b.clock}, Head: b.public.Head}
	g, err := team.Give(ctx, counsel, desk.Openings{Cases: []casefile.Number{c.Number}, Why: "the yearly audit"})
	b.must(err)
	b.clock.Advance(time.Minute)
	b.must(b.public.Tick(ctx))
	return g
}

// TestTheOperatorWritesOpeningsThatWereGiven: with the service running, what
// counsel gave and nothing else; the auditor's check holds.
func TestTheOperatorWritesOpeningsThatWereGiven(t *testing.T) {
	b := newBooks(t)
	out := filepath.Join(t.TempDir(), "audit.openings")
	run := func(id, out string) (string, error) {
		var said bytes.Buffer
		err := (&ledgerOpenCmd{settings: settings{Data: b.data}, ID: id, Out: out}).Run(context.Background(), &said)
		return said.String(), err
	}
	if said, err := run("", ""); err != nil || !strings.Contains(said, "No openings were given") {
		t.Fatalf("%v %s", err, said)
	}
	g := b.given()
	if said, err := run("", ""); err != nil || !strings.Contains(said, g.Manifest.ID) {
		t.Errorf("%v %s", err, said)
	}
	if _, err := run("none", out); err == nil {
		t.Error("openings that nobody gave were written")
	}
	said, err := run(g.Manifest.ID, out)
	if err != nil || !strings.Contains(said, "1 records of 1 cases") {
		t.Fatalf("%v %s", err, said)
	}
	file, err := os.ReadFile(out)
	b.must(err)
	keys, err := proof.ParseKeys(b.public.Keys()...)
	b.must(err)
	if r := opened.Verify(bytes.NewReader(file), keys, nil); !r.OK() || bytes.Contains(file, []byte("2025550142")) {
		t.Errorf("%+v", r.Lines)
	}
	if _, err := run(g.Manifest.ID, out); err == nil {
		t.Error("it wrote over a file")
	}
	if _, err := run(g.Manifest.ID, ""); err == nil {
		t.Error("it needs a file to write")
	}
}
