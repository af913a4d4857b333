package signal

import (
	"bytes"
	"io"
	"time"

	"letterlock/signal/internal/spqr"
)

// agreement is what both sides of a set-up arrive at: the first root and chain,
// and the key that the post-quantum ratchet begins with.
//
// spec: deployed 2.1
type agreement struct {
	veil
	root  [32]byte
	chain chain
	spqr  [32]byte
}

// agreementParts are the secrets, in order: DH1, DH2, DH3, DH4 if a one-time
// pre-key was used, and the Kyber secret.
//
// spec: pqxdh 3.3
func newAgreement(parts ...[]byte) agreement {
	input := bytes.Repeat([]byte{0xff}, 32)
	for _, p := range parts {
		input = append(input, p...)
	}
	out := derive(nil, input, labelAgreement, 96)
	defer wipe(out, input)
	defer wipe(parts...)
	var a agreement
	copy(a.root[:], out[:32])
	copy(a.chain.key[:], out[32:64])
	copy(a.spqr[:], out[64:])
	return a
}

// exchange is one Diffie-Hellman of a set-up.
type exchange struct {
	own    PrivateKey
	theirs PublicKey
}

func agreeAll(exchanges ...exchange) ([][]byte, error) {
	var shared [][]byte
	for _, e := range exchanges {
		s, err := e.own.agree(e.theirs)
		if err != nil {
			wipe(shared...)
			return nil, err
		}
		shared = append(shared, s)
	}
	return shared, nil
}

// initiate sets a session up from a verified bundle.
//
// spec: pqxdh 3.3
// spec: doubleratchet 3.3
func initiate(rand io.Reader, now time.Time, own IdentityKeyPair, number uint32, b Bundle, required bool) (*state, error) {
	base, err := newKeyPair(rand)
	if err != nil {
		return nil, err
	}
	defer base.private.wipe()
	exchanges := []exchange{
		{own.pair.private, b.SignedPreKey.Key},
		{base.private, b.Identity},
		{base.private, b.SignedPreKey.Key},
	}
	p := &pending{created: now, signedPreKey: b.SignedPreKey.ID, kyberPreKey: b.KyberPreKey.ID}
	if b.PreKey != nil {
		exchanges = append(exchanges, exchange{base.private, b.PreKey.Key})
		p.preKey = &b.PreKey.ID
	}
	shared, err := agreeAll(exchanges...)
	if err != nil {
		return nil, err
	}
	ciphertext, secret, err := b.KyberPreKey.Key.encapsulate(rand)
	if err != nil {
		return nil, err
	}
	p.ciphertext = ciphertext
	s := &state{
		initiator: true, local: own.Public(), remote: b.Identity, base: base.public,
		localNumber: number, remoteNumber: b.RegistrationID, pending: p,
	}
	a := newAgreement(append(shared, secret)...)
	s.spqr = spqr.New(a.spqr[:], true, required)
	return s, s.startSending(rand, a, b.SignedPreKey.Key)
}

// startSending gives the initiator its first chains: the agreed one for what
// the responder might send with its signed pre-key, and a fresh sending chain.
func (s *state) startSending(rand io.Reader, a agreement, signed PublicKey) error {
	ratchet, err := newKeyPair(rand)
	if err != nil {
		return err
	}
	shared, err := ratchet.private.agree(signed)
	if err != nil {
		return err
	}
	s.addReceiver(signed, a.chain)
	s.ratchet = ratchet
	s.root, s.sending = rootStep(a.root, shared)
	return nil
}

// ownPreKeys are the receiver's keys that a set-up names.
type ownPreKeys struct {
	veil
	identity IdentityKeyPair
	number   uint32
	signed   SignedPreKey
	kyber    KyberPreKey
	oneTime  *PreKey
}

// respond sets a session up from the first message of the other side. Its
// signed pre-key is its first ratchet key; the first message turns it.
//
// spec: pqxdh 3.4
// spec: doubleratchet 3.3
func respond(k ownPreKeys, m preKeyMessage, required bool) (*state, error) {
	if !m.base.torsionFree() {
		return nil, ErrInvalidMessage
	}
	exchanges := []exchange{
		{k.signed.pair.private, m.identity},
		{k.identity.pair.private, m.base},
		{k.signed.pair.private, m.base},
	}
	if k.oneTime != nil {
		exchanges = append(exchanges, exchange{k.oneTime.pair.private, m.base})
	}
	shared, err := agreeAll(exchanges...)
	if err != nil {
		return nil, ErrInvalidMessage
	}
	secret, err := k.kyber.pair.decapsulate(m.ciphertext)
	if err != nil {
		return nil, err
	}
	a := newAgreement(append(shared, secret)...)
	private, err := parseKeyPair(k.signed.pair.private.Serialize()) // a copy: turning wipes it
	if err != nil {
		return nil, err
	}
	return &state{
		local: k.identity.Public(), remote: m.identity, base: m.base,
		localNumber: k.number, remoteNumber: m.registration,
		root: a.root, ratchet: private, sending: a.chain,
		spqr: spqr.New(a.spqr[:], false, required),
	}, nil
}
