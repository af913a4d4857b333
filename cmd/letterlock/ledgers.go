package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/witness"
)

// ledgers are the two of a half: one whose leaves are public, and a sealed one
// for national-security acts, of which nothing is.
type ledgers struct {
	public, sealed *ledger.Ledger
	witnesses      []*witness.Client // of the public one
	every          time.Duration     // how often they are asked
}

func ledgerDir(c Config, half string, sealed bool) string {
	name := "ledger"
	if sealed {
		name = "sealed-ledger"
	}
	return filepath.Join(c.Data, half, name)
}

// openLedgers opens a half's ledgers and creates them at first start.
func openLedgers(c Config, half string, clk clock.Clock, log *slog.Logger) (l ledgers, err error) {
	if l.public, err = openLedger(c, half, false, clk, log); err != nil {
		return l, err
	}
	if l.sealed, err = openLedger(c, half, true, clk, log); err != nil {
		return l, errors.Join(err, l.public.Close())
	}
	if err := l.trustWitnesses(c); err != nil {
		return l, errors.Join(err, l.close())
	}
	return l, nil
}

// trustWitnesses reads who co-signs for this house, and for whom it co-signs.
func (l *ledgers) trustWitnesses(c Config) (err error) {
	if l.witnesses, err = witness.Load(c.Witnesses); err != nil {
		return err
	}
	l.every = min(5*time.Second, c.LedgerEvery/4)
	var others []string
	if c.WitnessFor != "" {
		b, err := os.ReadFile(c.WitnessFor)
		if err != nil {
			return fault.Wrap(fault.Invalid, "read witness_for", err, "witness_for: %s cannot be read", c.WitnessFor)
		}
		others = strings.Fields(string(b))
	}
	return l.public.Trust(append(witness.Keys(l.witnesses), others...)...)
}

// witnessed has the witnesses co-sign until the context ends.
func (l ledgers) witnessed(clk clock.Clock) func(context.Context) {
	return func(ctx context.Context) { witness.Run(ctx, l.public, clk, l.every, l.witnesses) }
}

func openLedger(c Config, half string, sealed bool, clk clock.Clock, log *slog.Logger) (*ledger.Ledger, error) {
	dir := ledgerDir(c, half, sealed)
	if !ledger.Exists(dir) {
		s := ledger.Default(c.Host + "/" + half)
		s.Interval, s.Batch, s.Reserved, s.Sealed = c.LedgerEvery, c.LedgerBatch, c.LedgerBatch/4, sealed
		if sealed {
			s.Origin += "-sealed"
		}
		if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
			return nil, err
		}
		if err := ledger.Create(dir, s, clk, nil); err != nil {
			return nil, err
		}
	}
	return ledger.Open(dir, ledger.Options{Clock: clk, Log: log, Side: dir + ".aside"})
}

// keys are the verifier keys of both, and of the witnesses. Every half has a sealed ledger from its
// first start on, so that its key says nothing about what is in it.
func (l ledgers) keys() []string {
	return slices.Concat(l.public.Keys(), l.sealed.Keys(), witness.Keys(l.witnesses))
}

func (l ledgers) close() error {
	return errors.Join(l.public.Close(), l.sealed.Close())
}

// trustPeer makes a half's ledgers take checkpoints and co-signatures of the
// other half's.
func (l ledgers) trustPeer(keys []string) error {
	return errors.Join(l.public.Trust(keys...), l.sealed.Trust(keys...))
}

// peerKeys reads the file that `letterlock ledger keys` of the other half wrote.
func peerKeys(path string) ([]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read peer keys", err, "peer_keys cannot be read: run 'letterlock ledger keys' on the other half and copy its output to %s", path)
	}
	return strings.Fields(string(b)), nil
}

type ledgerCmd struct {
	Check ledgerCheckCmd `cmd:"" help:"Verify every record, leaf, hash, checkpoint and co-signature anew."`
	Keys  ledgerKeysCmd  `cmd:"" help:"Print the verifier keys of this half's ledgers, for the other half's peer_keys."`
	Open  ledgerOpenCmd  `cmd:"" help:"Write openings for an auditor that counsel or a lead gave in the console."`
}

type ledgerCheckCmd struct {
	Data  string   `required:"" type:"existingdir" help:"Data folder."`
	Key   []string `help:"A verifier key that must have signed, from outside this folder. May be repeated."`
	Since []string `type:"existingfile" help:"A checkpoint kept from earlier, as /ledger/desk/checkpoint gave it: the ledger must continue it. May be repeated."`
}

// Run verifies all ledgers below the data folder.
func (l *ledgerCheckCmd) Run(_ context.Context, out io.Writer) error {
	broken, found := 0, 0
	since, err := l.since()
	if err != nil {
		return err
	}
	for _, half := range []string{"carrier", "desk"} {
		for _, sealed := range []bool{false, true} {
			dir := ledgerDir(Config{Data: l.Data}, half, sealed)
			if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
				continue
			}
			found++
			r, err := ledger.CheckSince(dir, since, l.Key...)
			if err != nil {
				return err
			}
			fmt.Fprint(out, r)
			broken += len(r.Breaks)
		}
	}
	switch {
	case found == 0:
		return fault.New(fault.NotFound, "check ledgers", "there is no ledger below %s", l.Data)
	case len(since) > 0 && !used(since):
		return fault.New(fault.NotFound, "check ledgers", "a checkpoint given is of none of the ledgers below %s", l.Data)
	case broken > 0:
		return fault.New(fault.Invalid, "check ledgers", "the ledgers do not hold: %d places, listed above", broken)
	}
	fmt.Fprintln(out, "Everything holds.")
	return nil
}

// since reads the checkpoints of earlier.
func (l *ledgerCheckCmd) since() (out []*ledger.Earlier, err error) {
	for _, path := range l.Since {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		out = append(out, &ledger.Earlier{File: path, Note: b})
	}
	return out, nil
}

func used(since []*ledger.Earlier) bool {
	return !slices.ContainsFunc(since, func(e *ledger.Earlier) bool { return !e.Used })
}

type ledgerKeysCmd struct {
	Data string `required:"" type:"existingdir" help:"Data folder."`
}

// Run prints the public keys out of each ledger's settings.
func (l *ledgerKeysCmd) Run(_ context.Context, out io.Writer) error {
	for _, half := range []string{"carrier", "desk"} {
		for _, sealed := range []bool{false, true} {
			b, err := os.ReadFile(filepath.Join(ledgerDir(Config{Data: l.Data}, half, sealed), "settings"))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			for line := range strings.Lines(string(b)) {
				for _, name := range []string{"key ", "witness "} {
					if k, ok := strings.CutPrefix(line, name); ok {
						fmt.Fprint(out, k)
					}
				}
			}
		}
	}
	return nil
}
