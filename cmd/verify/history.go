//go:build !js

package main

import (
	"fmt"
	"io"
	"os"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

type historyCmd struct {
	Checkpoint string   `arg:"" type:"existingfile" help:"The checkpoint that was kept."`
	Proof      string   `arg:"" type:"existingfile" help:"What the provider's page of ledgers gives for its number of leaves."`
	Trust      []string `sep:"none" placeholder:"FILE" help:"The provider's key file; may be given again."`
}

// Run checks and says what holds.
func (c *historyCmd) Run(out io.Writer) error {
	known, err := trust(c.Trust)
	if err != nil {
		return err
	}
	keys, err := proof.ParseKeys(known.Ledgers...)
	if err != nil {
		return err
	}
	older, newer, path, err := c.read(keys)
	if err != nil {
		return err
	}
	if err := proof.Consistent(older.Checkpoint, newer.Checkpoint, path); err != nil {
		fmt.Fprintf(out, "DOES NOT HOLD: %s\n", fault.Say(err))
		return errFails
	}
	fmt.Fprintf(out, "%s: the %d leaves of %s are the first of the %d of %s; none was changed or taken out.\n", newer.Origin,
		older.Size, older.Time.Format("2006-01-02 15:04 UTC"), newer.Size, newer.Time.Format("2006-01-02 15:04 UTC"))
	for _, w := range newer.Cosigners {
		fmt.Fprintf(out, "  co-signed by %s on %s\n", w.Name, w.Time.Format("2006-01-02 15:04 UTC"))
	}
	if len(newer.Cosigners) == 0 {
		fmt.Fprintln(out, "  no witness whose key is known has co-signed it")
	}
	return nil
}

// read opens both checkpoints by keys known from elsewhere, and the path between
// them.
func (c *historyCmd) read(keys proof.Keys) (older, newer proof.Signed, path []proof.Hash, err error) {
	kept, err := os.ReadFile(c.Checkpoint)
	if err != nil {
		return older, newer, nil, err
	}
	if older, err = proof.OpenCheckpoint(kept, keys); err != nil {
		return older, newer, nil, fmt.Errorf("%s: %s", c.Checkpoint, fault.Say(err))
	}
	b, err := os.ReadFile(c.Proof)
	if err != nil {
		return older, newer, nil, err
	}
	given, err := proof.ParseContinuation(b)
	if err != nil {
		return older, newer, nil, fmt.Errorf("%s: %s", c.Proof, fault.Say(err))
	}
	if newer, err = proof.OpenCheckpoint([]byte(given.Checkpoint), keys); err != nil {
		return older, newer, nil, fmt.Errorf("%s: %s", c.Proof, fault.Say(err))
	}
	if given.Old != older.Size {
		return older, newer, nil, fmt.Errorf("the proof begins at %d leaves, the checkpoint that was kept has %d: get the proof for that number", given.Old, older.Size)
	}
	if path, err = given.Path(); err != nil {
		return older, newer, nil, fmt.Errorf("%s: %s", c.Proof, fault.Say(err))
	}
	return older, newer, path, nil
}
