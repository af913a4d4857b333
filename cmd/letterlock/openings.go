package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fxamacker/cbor/v2"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/ledger/proof"
	"letterlock/transparency"
)

// fileOpenings holds the proofs of all records, one CBOR byte string each.
const fileOpenings = "openings.cbor"

type reportOpenCmd struct {
	reportSettings
	Out     string `required:"" placeholder:"DIR" help:"Folder for the openings; it must not exist, or be empty."`
	Counted int64  `required:"" placeholder:"LEAVES" help:"Size of the checkpoint that the report was counted from."`
}

// Run writes each record of the public ledger with what proves it. A record
// holds acts only as salted hashes: no person is in it.
func (o *reportOpenCmd) Run(_ context.Context, out io.Writer) (err error) {
	c, _, err := o.load()
	if err != nil {
		return err
	}
	if there, err := os.ReadDir(o.Out); err == nil && len(there) > 0 {
		return fault.New(fault.Conflict, "open ledger", "refusing to write into %s: it is not empty", o.Out)
	}
	v, err := ledger.Read(ledgerDir(c, "desk", false), clock.System)
	if err != nil {
		return err
	}
	defer v.Close()
	if err := os.MkdirAll(o.Out, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(o.Out, fileOpenings), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, n := bufio.NewWriter(f), 0
	enc := cbor.NewEncoder(w)
	for x, err := range v.Openings(o.Counted) {
		if err != nil {
			return err
		}
		p, err := v.Proof(x.Seq)
		if err != nil {
			return err
		}
		if err := enc.Encode(p.Bytes()); err != nil {
			return err
		}
		n++
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d records, written to %s. They are for an auditor, not for the public: they count.\n", n, f.Name())
	return nil
}

// recount checks each opening against the ledger and builds the report anew from
// them.
func (v *reportVerifyCmd) recount(r *transparency.Report, ledgers proof.Keys, table *law.Table) transparency.Finding {
	bad := func(err error) transparency.Finding {
		return transparency.Finding{Text: "The openings: " + fault.Say(err)}
	}
	counted, err := proof.OpenCheckpoint([]byte(r.Counted.Note), ledgers)
	if err != nil {
		return bad(err)
	}
	entries, err := openings(filepath.Join(v.Openings, fileOpenings), counted, ledgers)
	if err != nil {
		return bad(err)
	}
	earlier, err := published(v.Earlier)
	if err != nil {
		return bad(err)
	}
	in := transparency.Input{Provider: r.Provider, Period: r.Period, Entries: entries, Earlier: earlier, Head: r.Counted}
	lawOf(table, &in)
	if err := transparency.Recount(r, in); err != nil {
		return bad(err)
	}
	return transparency.Finding{OK: true, Text: fmt.Sprintf("%d records, each in the ledger, counted anew: the same report.", len(entries))}
}

func openings(path string, counted proof.Signed, ledgers proof.Keys) (out []transparency.Entry, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d, seen := cbor.NewDecoder(bufio.NewReader(f)), map[int64]bool{}
	for {
		var b []byte
		if err := d.Decode(&b); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, fault.Wrap(fault.Invalid, "read openings", err, "%s cannot be read", path)
		}
		p, err := proof.Parse(b)
		if err != nil {
			return nil, err
		}
		x, err := p.Verify(ledgers)
		if err != nil {
			return nil, err
		}
		if x.Checkpoint.Origin != counted.Origin || x.Index >= counted.Size || seen[x.Index] {
			return nil, fault.New(fault.Invalid, "read openings", "an opening is of another ledger, twice there, or later than the report")
		}
		seen[x.Index] = true
		out = append(out, entryOf(x.Entry))
	}
}
