package signal

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"letterlock/signal/internal/spqr"
)

// Limits of a session.
//
// spec: deployed 3.4
const (
	maxForward     = 25_000    // message keys skipped for one message
	maxForwardSelf = 1_000_000 // the same with a device of one's own
	maxSkipped     = 2_000     // seeds kept per receiving chain
	maxReceiving   = 5         // receiving chains per state
)

// state is one session as one side sees it. It is only ever a copy, made by
// parsing the stored bytes: work that fails is dropped with it.
//
// spec: doubleratchet 3.2
type state struct {
	veil
	initiator     bool
	local, remote PublicKey // identities
	base          PublicKey // the initiator's, by which the set-up is known
	localNumber   uint32    // registration ids
	remoteNumber  uint32
	root          [32]byte
	ratchet       keyPair
	sending       chain
	previous      uint32
	receiving     []receiver // oldest first
	spqr          *spqr.State
	pending       *pending // until the peer has answered
}

// receiver is one receiving chain and the seeds skipped in it, oldest first.
// Seeds are kept and not message keys: what is mixed into the keys may be known
// only when the message arrives.
type receiver struct {
	veil
	ratchet PublicKey
	chain   chain
	skipped []skipped
}

type skipped struct {
	index uint32
	seed  [32]byte
}

// pending is what every message of an initiator repeats until it is answered.
type pending struct {
	veil
	created      time.Time
	preKey       *uint32
	signedPreKey uint32
	kyberPreKey  uint32
	ciphertext   []byte
}

// expiry is how long an initiator goes on with a session nobody answers.
//
// spec: deployed 2.2
const expiry = 30 * 24 * time.Hour

// usable tells whether the state may still be used for sending.
func (s *state) usable(now time.Time) bool {
	return s.pending == nil || now.Sub(s.pending.created) <= expiry
}

// seal makes the next message of the sending chain.
//
// spec: doubleratchet 3.4
func (s *state) seal(rand io.Reader, local, peer Address, plaintext []byte) (Message, error) {
	if s.sending.index == math.MaxUint32 {
		return Message{}, ErrExhausted
	}
	h := signalHeader{ratchet: s.ratchet.public, counter: s.sending.index, previous: s.previous}
	if s.pending != nil {
		h.addresses = bindAddresses(local, peer)
	}
	field, mixed, err := s.spqr.Send(rand)
	if errors.Is(err, spqr.ErrExhausted) {
		return Message{}, ErrExhausted
	}
	if err != nil {
		return Message{}, fmt.Errorf("signal: post-quantum ratchet: %w", err)
	}
	h.spqr = field
	seed := s.sending.step()
	keys := newMessageKeys(seed, mixed)
	defer keys.wipe()
	defer wipe(seed[:], mixed)
	inner := encodeSignalMessage(h, keys, [2]PublicKey{s.local, s.remote}, plaintext)
	if s.pending == nil {
		return Message{Type: TypeSignal, Body: inner}, nil
	}
	body := encodePreKeyMessage(*s.pending, s.base, s.local, s.localNumber, inner)
	return Message{Type: TypePreKey, Body: body}, nil
}

// open opens a message. If it fails, s is spoilt and must be dropped.
//
// spec: doubleratchet 3.5
func (s *state) open(rand io.Reader, peer, local Address, m signalMessage) ([]byte, error) {
	r, err := s.receiver(rand, m.ratchet)
	if err != nil {
		return nil, err
	}
	limit, limitSPQR := uint32(maxForward), uint32(spqr.Limit)
	if s.local == s.remote && peer.Name == local.Name {
		limit, limitSPQR = maxForwardSelf, maxForwardSelf
	}
	seed, err := r.seed(m.counter, limit)
	if err != nil {
		return nil, err
	}
	mixed, err := s.spqr.Receive(m.spqr, limitSPQR)
	if err != nil {
		return nil, ErrInvalidMessage // never a duplicate: another state may open it
	}
	keys := newMessageKeys(seed, mixed)
	defer keys.wipe()
	defer wipe(seed[:], mixed)
	if !m.authentic(keys, [2]PublicKey{s.remote, s.local}) {
		return nil, ErrInvalidMessage
	}
	if m.bound && !m.boundTo(peer, local) {
		return nil, ErrInvalidMessage
	}
	plaintext, err := open(keys, m.ciphertext)
	if err != nil {
		return nil, err
	}
	s.pending = nil
	return plaintext, nil
}

// boundTo tells whether the addresses in the message are these.
//
// spec: deployed 3.3
func (m signalMessage) boundTo(sender, recipient Address) bool {
	want := bindAddresses(sender, recipient)
	return want != nil && string(want) == string(m.addresses)
}

// receiver finds the chain of a ratchet key, or makes a ratchet step.
func (s *state) receiver(rand io.Reader, theirs PublicKey) (*receiver, error) {
	for i := range s.receiving {
		if s.receiving[i].ratchet == theirs {
			return &s.receiving[i], nil
		}
	}
	return s.turn(rand, theirs)
}

// turn is the Diffie-Hellman ratchet step: a receiving chain for their new key,
// then a new key of our own and a sending chain for it.
//
// spec: doubleratchet 3.5
func (s *state) turn(rand io.Reader, theirs PublicKey) (*receiver, error) {
	shared, err := s.ratchet.private.agree(theirs)
	if err != nil {
		return nil, ErrInvalidMessage
	}
	root, chain := rootStep(s.root, shared)
	s.addReceiver(theirs, chain)

	fresh, err := newKeyPair(rand)
	if err != nil {
		return nil, err
	}
	if shared, err = fresh.private.agree(theirs); err != nil {
		return nil, ErrInvalidMessage
	}
	s.ratchet.private.wipe()
	s.ratchet = fresh
	s.previous = max(s.sending.index, 1) - 1 // spec: deployed 3.2
	s.root, s.sending = rootStep(root, shared)
	return &s.receiving[len(s.receiving)-1], nil
}

func (s *state) addReceiver(theirs PublicKey, c chain) {
	if len(s.receiving) == maxReceiving {
		s.receiving[0].wipe()
		s.receiving = slices.Delete(s.receiving, 0, 1)
	}
	s.receiving = append(s.receiving, receiver{ratchet: theirs, chain: c})
}

// seed finds the seed of a message: among the skipped ones, or by moving the
// chain on and keeping what is passed over. Each seed is given once.
func (r *receiver) seed(counter, limit uint32) ([32]byte, error) {
	if counter < r.chain.index {
		return r.takeSkipped(counter)
	}
	if counter == math.MaxUint32 || counter-r.chain.index > limit {
		return [32]byte{}, ErrInvalidMessage
	}
	for r.chain.index < counter {
		index := r.chain.index
		seed := r.chain.step()
		if counter-index <= maxSkipped {
			r.skipped = append(r.skipped, skipped{index, seed})
		}
	}
	r.trim()
	return r.chain.step(), nil
}

func (r *receiver) takeSkipped(counter uint32) ([32]byte, error) {
	i := slices.IndexFunc(r.skipped, func(k skipped) bool { return k.index == counter })
	if i < 0 {
		return [32]byte{}, ErrDuplicate
	}
	seed := r.skipped[i].seed
	r.skipped = slices.Delete(r.skipped, i, i+1)
	return seed, nil
}

// trim forgets the oldest seeds beyond the limit.
func (r *receiver) trim() {
	if over := len(r.skipped) - maxSkipped; over > 0 {
		r.skipped = slices.Delete(r.skipped, 0, over)
	}
}

func (r *receiver) wipe() {
	wipe(r.chain.key[:])
	clear(r.skipped)
}

// wipe overwrites the secrets of a copy that is no longer needed.
func (s *state) wipe() {
	wipe(s.root[:], s.sending.key[:])
	s.ratchet.private.wipe()
	for i := range s.receiving {
		s.receiving[i].wipe()
	}
	s.spqr.Wipe()
}
