package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"letterlock/desk"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/storage/deskdb"
)

type ledgerOpenCmd struct {
	settings
	ID  string `arg:"" optional:"" help:"The openings to write; without it those that were given are listed."`
	Out string `placeholder:"FILE" help:"File to write; an existing one is never overwritten."`
}

// Run writes openings that counsel or a lead gave in the console; nothing that
// nobody gave is opened. The service may be running.
func (o *ledgerOpenCmd) Run(ctx context.Context, out io.Writer) (err error) {
	conf, err := o.load()
	if err != nil {
		return err
	}
	if (o.ID == "") != (o.Out == "") {
		return fault.New(fault.Invalid, "open ledger", "give the openings' id and --out FILE, or neither to list what was given")
	}
	v, err := ledger.Read(ledgerDir(conf, "desk", false), clock.System)
	if err != nil {
		return err
	}
	defer v.Close()
	db, err := deskdb.Open(ctx, base{conf: conf}.database("desk", conf.DeskDatabase))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	given, err := desk.FindOpenings(ctx, db, o.ID)
	if err != nil {
		return err
	}
	if o.ID == "" {
		listOpenings(out, given)
		return nil
	}
	from := desk.OpenedFrom{Records: v.Numbered, Path: v.Path, Events: db.Events, Proof: desk.ProofFrom(v)}
	if err := from.Same(ctx, given[0]); err != nil {
		return err
	}
	if err := o.write(func(w io.Writer) error { return from.Write(ctx, given[0], w) }); err != nil {
		return err
	}
	m := given[0].Manifest
	fmt.Fprintf(out, "%d records of %d cases, written to %s. An auditor checks them with: verify openings %s --trust trust.json\n", m.Rows, m.Held, o.Out, o.Out)
	return nil
}

func (o *ledgerOpenCmd) write(rows func(io.Writer) error) error {
	f, err := os.OpenFile(o.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.Wrap(fault.Invalid, "open ledger", err, "refusing to write over %s, or it cannot be made: %v", o.Out, err)
	}
	if err = errors.Join(rows(f), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(o.Out))
	}
	return nil
}

func listOpenings(out io.Writer, all []desk.Given) {
	if len(all) == 0 {
		fmt.Fprintln(out, "No openings were given. Counsel or a lead gives them in the console, under Openings.")
	}
	for _, g := range all {
		fmt.Fprintf(out, "%s  %s  %d records of %d cases\n", g.Manifest.ID, g.Manifest.Made.UTC().Format("2006-01-02 15:04 UTC"), g.Manifest.Rows, g.Manifest.Held)
	}
}
