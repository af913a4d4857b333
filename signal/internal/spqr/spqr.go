// Package spqr is the sparse post-quantum ratchet, version 1, as it is
// deployed: an exchange of ML-KEM-768 keys spread over the messages of a
// session in pieces of 32 bytes, and the message keys that come of it. It knows
// its own bytes; it must not know sessions, stores or what is sealed with the
// keys.
package spqr

import (
	"errors"
	"io"
)

// errRefused: a message is malformed, of another session, or was read before.
// errBroken: a state contradicts itself.
var (
	errRefused = errors.New("spqr: message refused")
	errBroken  = errors.New("spqr: broken state")
	// ErrExhausted: a direction has used every index.
	ErrExhausted = errors.New("spqr: chain exhausted")
)

// Limit is how many keys may be skipped for one message.
//
// spec: deployed 5.6
const Limit = 25_000

// version is what a session has agreed on.
type version byte

const (
	open    version = iota // nothing has been received yet
	agreed1                // version 1, for good
	agreed0                // the peer has none: no version, for good
	versions
)

// State is one side of the ratchet. Work that fails spoils it: work on a copy.
type State struct {
	version  version
	required bool // the peer must have it
	keys     chains
	braid    braid
}

// New begins a side of a session from the 32 bytes that the set-up agreed on.
// Unless it is required, a peer without this ratchet is talked to without.
//
// spec: deployed 5.1
func New(set []byte, initiator, required bool) *State {
	return &State{required: required, keys: newChains(set, initiator), braid: newBraid(set, initiator)}
}

// Active tells whether messages are sealed with keys of the ratchet for good.
func (s *State) Active() bool { return s.version == agreed1 }

// Send returns the field of the next message and the key to mix in. No field:
// the peer has no such ratchet. A nil key: it may not have one, so that nothing
// is mixed in until it has answered.
func (s *State) Send(random io.Reader) (field, mixed []byte, err error) {
	if s.version == agreed0 {
		return nil, nil, nil
	}
	m, out, err := s.braid.send(random)
	if err != nil {
		return nil, nil, err
	}
	if err := s.take(out); err != nil {
		return nil, nil, err
	}
	if s.version == open && !s.required {
		return m.bytes(), nil, nil
	}
	k, index, err := s.keys.send(m.epoch - 1)
	if err != nil {
		return nil, nil, err
	}
	m.index = index
	return m.bytes(), k[:], nil
}

// Receive takes the field of a message in and returns the key that was mixed
// into it, nil for none. The first message that is received settles for the
// whole session whether the ratchet is used. The state may be kept only if the
// message turns out to be genuine.
func (s *State) Receive(field []byte, limit uint32) ([]byte, error) {
	if s.version == agreed0 {
		return nil, nil
	}
	if len(field) == 0 || field[0] == 0 {
		if s.version == agreed1 || s.required {
			return nil, errRefused
		}
		s.wipe()
		*s = State{version: agreed0}
		return nil, nil
	}
	m, err := parse(field)
	if err != nil {
		return nil, err
	}
	out, err := s.braid.receive(m)
	if err != nil {
		return nil, err
	}
	if err := s.take(out); err != nil {
		return nil, err
	}
	s.version = agreed1
	if m.epoch == 1 && m.index == 0 && !s.required {
		return nil, nil
	}
	k, err := s.keys.receive(m.epoch-1, m.index, limit)
	if err != nil {
		return nil, err
	}
	return k[:], nil
}

func (s *State) take(out *output) error {
	if out == nil {
		return nil
	}
	defer clear(out.secret)
	return s.keys.add(out.epoch, out.secret)
}

// Wipe overwrites the secrets of a copy that is no longer needed.
func (s *State) Wipe() { s.wipe() }

func (s *State) wipe() {
	s.keys.wipe()
	s.braid.wipe()
}
