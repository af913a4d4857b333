package bundle

import (
	"fmt"
	"strings"
	"time"

	"letterlock/ledger/proof"
)

// ProofFormat is the format of ledger-proof.json.
const ProofFormat = "letterlock ledger proofs 1"

// Proofs is ledger-proof.json.
type Proofs struct {
	Format string  `json:"format"`
	Proofs []Proof `json:"proofs"`
}

// Proof is one proof in ledger-proof.json. Bytes is the proof; the rest is the
// same in words and must agree with it.
type Proof struct {
	About      string    `json:"about"`
	Ledger     string    `json:"ledger"`
	Leaf       int64     `json:"leaf"`
	Leaves     int64     `json:"leaves"`
	Kind       string    `json:"kind"`
	Case       string    `json:"case"`
	Happened   time.Time `json:"happened"`
	Recorded   time.Time `json:"recorded"`
	Checkpoint string    `json:"checkpoint"` // signed note
	Bytes      []byte    `json:"proof"`      // CBOR, docs/protocol/ledger.md
}

// Describe puts a ledger's proof into words, without believing it: whoever
// reads it verifies it.
func Describe(about string, raw []byte) (Proof, error) {
	p, err := proof.Parse(raw)
	if err != nil {
		return Proof{}, fmt.Errorf("read ledger proof: %w", err)
	}
	e, err := proof.ParseEntry(p.Opening.Entry)
	if err != nil {
		return Proof{}, fmt.Errorf("read the record in a ledger proof: %w", err)
	}
	c, err := unsignedCheckpoint(p.Checkpoint)
	if err != nil {
		return Proof{}, fmt.Errorf("read the checkpoint in a ledger proof: %w", err)
	}
	return Proof{About: about, Ledger: c.Origin, Leaf: p.Index, Leaves: c.Size, Kind: e.Kind, Case: e.Case,
		Happened: e.Happened, Recorded: e.Recorded, Checkpoint: string(p.Checkpoint), Bytes: raw}, nil
}

// unsignedCheckpoint reads a checkpoint's text without its signatures.
// spec: c2sp signed-note
func unsignedCheckpoint(note []byte) (proof.Checkpoint, error) {
	text, _, _ := strings.Cut(string(note), "\n\n")
	return proof.ParseCheckpoint(text + "\n")
}
