package signal

import (
	"crypto/cipher"
	"crypto/rand"
	"time"
)

// What tests need to see of the inside: derivations with known answers, the
// parsers, and the making of messages that no honest sender would make.

func ChainStep(key [32]byte) (seed, next [32]byte) {
	c := chain{key: key}
	seed = c.step()
	return seed, c.key
}

func MessageKeyParts(seed [32]byte, mixed []byte) (cipher, mac, iv []byte) {
	k := newMessageKeys(seed, mixed)
	return k.cipher(), k.mac(), k.iv()
}

func AgreementOf(input []byte) (root, chain, spqr []byte) {
	out := derive(nil, input, labelAgreement, 96)
	return out[:32], out[32:64], out[64:]
}

func RootStep(root [32]byte, shared []byte) (next, begun [32]byte) {
	n, c := rootStep(root, shared)
	return n, c.key
}

// Header is what can be read of a message on its way.
type Header struct {
	Ratchet   PublicKey
	Counter   uint32
	Previous  uint32
	SPQR      []byte
	Bound     bool
	Addresses []byte
	Base      PublicKey
	PreKey    *uint32
	Inner     []byte
}

func HeaderOf(m Message) (Header, error) {
	var h Header
	body := m.Body
	if m.Type == TypePreKey {
		p, err := parsePreKeyMessage(body)
		if err != nil {
			return h, err
		}
		f, _ := parseFields(body[1:], preKeyFields)
		h.Base, h.PreKey, body = p.base, p.preKey, f.bytes[4]
	}
	s, err := parseSignalMessage(body)
	if err != nil {
		return h, err
	}
	f, _ := parseFields(body[1:len(body)-macSize], signalFields)
	h.Ratchet, h.Counter, h.Previous, h.Inner = s.ratchet, s.counter, f.numbers[3], body
	h.SPQR, h.Bound, h.Addresses = s.spqr, s.bound, s.addresses
	return h, nil
}

// Forger holds the keys of the next message of a stored session.
type Forger struct {
	Ratchet PublicKey
	Counter uint32
	spqr    []byte
	keys    messageKeys
	parties [2]PublicKey
}

// NewForger reads the current session out of a stored record.
func NewForger(stored []byte) (Forger, error) {
	rec, err := parseRecord(stored)
	if err != nil {
		return Forger{}, err
	}
	s, err := rec.load()
	if err != nil {
		return Forger{}, err
	}
	f := Forger{Ratchet: s.ratchet.public, Counter: s.sending.index, parties: [2]PublicKey{s.local, s.remote}}
	field, mixed, err := s.spqr.Send(rand.Reader)
	f.spqr, f.keys = field, newMessageKeys(s.sending.step(), mixed)
	return f, err
}

func (f Forger) Seal(plaintext []byte) []byte { return seal(f.keys, plaintext) }

// Blocks enciphers whole blocks without padding them.
func (f Forger) Blocks(b []byte) []byte {
	out := make([]byte, len(b))
	cipher.NewCBCEncrypter(block(f.keys), f.keys.iv()).CryptBlocks(out, b)
	return out
}

// Finish appends the post-quantum ratchet's field and the right MAC to a
// version byte and fields.
func (f Forger) Finish(b []byte) Message { return f.FinishWith(b, f.spqr) }

// FinishWith appends another such field; nil is none.
func (f Forger) FinishWith(b, spqr []byte) Message {
	if spqr != nil {
		b = appendOctets(b, 5, spqr)
	}
	return Message{Type: TypeSignal, Body: append(b, authenticate(f.keys, f.parties, b)...)}
}

var (
	AppendNumber = appendNumber
	AppendOctets = appendOctets
)

// ReadSignalMessage, ReadPreKeyMessage and ReadCode report whether the parsers
// took the bytes, and whether they gave something in spite of an error.
func ReadSignalMessage(b []byte) (ok, gave bool) {
	m, err := parseSignalMessage(b)
	return err == nil, m.authenticated != nil || !m.ratchet.IsZero() || m.ciphertext != nil
}

func ReadPreKeyMessage(b []byte) (ok, gave bool) {
	m, err := parsePreKeyMessage(b)
	return err == nil, !m.base.IsZero() || !m.identity.IsZero() || m.ciphertext != nil
}

func ReadCode(b []byte) (ok, gave bool) {
	_, local, remote, err := parseCode(b)
	return err == nil, err != nil && (local != nil || remote != nil)
}

// RewriteRecord parses a stored record and every state in it, and writes them
// again.
func RewriteRecord(b []byte) ([]byte, error) {
	rec, err := parseRecord(b)
	if err != nil {
		return nil, err
	}
	if rec.current != nil {
		s, err := parseState(rec.current)
		if err != nil {
			return nil, err
		}
		rec.current = s.bytes()
	}
	for i, a := range rec.archived {
		s, err := parseState(a)
		if err != nil {
			return nil, err
		}
		rec.archived[i] = s.bytes()
	}
	return rec.bytes(), nil
}

// Counts says how much a stored record holds.
func Counts(b []byte) (archived, chains, skipped int) {
	rec, err := parseRecord(b)
	if err != nil {
		return -1, -1, -1
	}
	archived = len(rec.archived)
	if s, err := rec.load(); err == nil {
		chains = len(s.receiving)
		for _, r := range s.receiving {
			skipped += len(r.skipped)
		}
	}
	return archived, chains, skipped
}

// SecretsOf lists every secret in a stored record, for looking where they must
// not be.
func SecretsOf(b []byte) [][]byte {
	rec, err := parseRecord(b)
	if err != nil {
		return nil
	}
	var found [][]byte
	for _, stored := range append([][]byte{rec.current}, rec.archived...) {
		s, err := parseState(stored)
		if err != nil {
			continue
		}
		found = append(found, s.spqr.Secrets()...)
		found = append(found, s.root[:], s.ratchet.private.k.get()[:], s.sending.key[:])
		for _, r := range s.receiving {
			found = append(found, r.chain.key[:])
			for _, k := range r.skipped {
				found = append(found, k.seed[:])
			}
		}
	}
	return found
}

// Insides are values of the unexported types that hold secrets.
func Insides(b []byte, p PreKey, k KyberPreKey) []any {
	rec, _ := parseRecord(b)
	s, _ := rec.load()
	return []any{rec, s, *s, s.ratchet, s.sending, s.receiving, s.pending, p.pair, k.pair, newMessageKeys([32]byte{1}, nil)}
}

// Torsioned returns the key with a point of order two added, which no honest
// key has, or false if the sum has no encoding.
func Torsioned(k PublicKey) (PublicKey, bool) { return torsioned(k) }

func TorsionFree(k PublicKey) bool { return k.torsionFree() }

const Expiry = time.Duration(expiry)

// LocksHeld counts the peers for which somebody holds or awaits the lock.
func LocksHeld(d *Device) int {
	d.locks.mu.Lock()
	defer d.locks.mu.Unlock()
	return len(d.locks.peers)
}

// PendingArchived counts the archived sessions that still know their set-up.
func PendingArchived(b []byte) (n int) {
	rec, err := parseRecord(b)
	if err != nil {
		return -1
	}
	for _, a := range rec.archived {
		if s, err := parseState(a); err != nil || s.pending != nil {
			n++
		}
	}
	return n
}

func GroupKeyParts(chainKey [32]byte) (iv, cipher []byte) {
	c := chain{key: chainKey}
	k := groupKeys(c.step())
	return k.iv(), k.cipher()
}

// ForgeGroup signs a message under a stored chain: with the chain's key if the
// record has it, and then whole blocks are enciphered without padding; else with
// a key of its own making, and properly sealed.
func ForgeGroup(stored []byte, g Distribution, blocks []byte) Message {
	rec, err := parseGroup(stored)
	if err != nil {
		panic(err)
	}
	c := rec[0]
	keys := groupKeys(c.chain.step())
	switch {
	case c.private.none():
		pair, _ := newKeyPair(rand.Reader)
		c.private, blocks = pair.private, seal(keys, blocks)
	case len(blocks)%16 == 0:
		cipher.NewCBCEncrypter(block(keys), keys.iv()).CryptBlocks(blocks, blocks)
	}
	b := appendOctets([]byte{groupVersion}, 1, g[:])
	b = appendNumber(b, 2, c.id)
	b = appendNumber(b, 3, rec[0].chain.index)
	b = appendOctets(b, 4, blocks)
	signature, _ := c.private.Sign(rand.Reader, b)
	return Message{Type: TypeSenderKey, Body: append(b, signature...)}
}

func GroupChainID(stored []byte) uint32 {
	rec, _ := parseGroup(stored)
	return rec[0].id
}

func GroupChains(stored []byte) int {
	rec, _ := parseGroup(stored)
	return len(rec)
}

// WithChainID gives a distribution another chain id; the last field counts.
func WithChainID(distribution []byte, id uint32) []byte {
	return appendNumber(append([]byte(nil), distribution...), 2, id)
}

// RewriteGroup parses a record and says if it does not read back.
func RewriteGroup(complain func(string, ...any), b []byte) {
	rec, err := parseGroup(b)
	if err != nil {
		return
	}
	if again, err := parseGroup(rec.bytes()); err != nil || len(again) != len(rec) {
		complain("a record that does not read back: %v", err)
	}
}
