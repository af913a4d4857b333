package signal

import (
	"bytes"
	"testing"

	"letterlock/signal/internal/spqr"
)

// The seed that opens a message, and the keys made of it, are among the
// secrets of the record that stood before the message.
func TestSecretsHoldWhatOpensTheNextMessage(t *testing.T) {
	s := &state{root: [32]byte{1}, sending: chain{key: [32]byte{2}}, receiving: []receiver{{chain: chain{key: [32]byte{3}}, skipped: []skipped{{7, [32]byte{4}}}}}}
	private := [32]byte{5}
	s.ratchet.private = PrivateKey{k: hide(&private)}
	set := [32]byte{6}
	s.spqr = spqr.New(set[:], true, true)
	got := s.secrets()
	has := func(what string, want []byte) {
		t.Helper()
		for _, g := range got {
			if bytes.Equal(g, want) {
				return
			}
		}
		t.Errorf("the %s is missing", what)
	}
	next := chain{key: [32]byte{2}}
	seed := next.step()
	keys := newMessageKeys(seed, nil)
	has("root key", s.root[:])
	has("ratchet key", private[:])
	has("sending chain key", []byte{2, 31: 0})
	has("receiving chain key", []byte{3, 31: 0})
	has("skipped seed", []byte{4, 31: 0})
	has("seed of the next message", seed[:])
	has("cipher key of the next message", keys.cipher())
	has("MAC key of the next message", keys.mac())
	if s.sending.key != [32]byte{2} {
		t.Error("listing moved the chain")
	}
	if _, err := Secrets([]byte{9}); err == nil {
		t.Error("a record that cannot be read gave secrets")
	}
}
