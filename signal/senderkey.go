package signal

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Sender keys: one sealing serves a whole group. Each member's device makes a
// chain of its own for a distribution and gives it to each other device inside
// an ordinary message. Unlike a session a chain heals only by being replaced.
//
// spec: deployed 6

// TypeSenderKey is a message to a group.
const TypeSenderKey MessageType = 7

// Distribution names one use of sender keys, such as a group: a UUID.
type Distribution [16]byte

// String is the UUID with hyphens. It is no secret between the members; a
// carrier does not learn it.
func (d Distribution) String() string {
	h := hex.EncodeToString(d[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// ErrNoSenderKey: the sender's chain is not known; ask that device to
// distribute it again.
var ErrNoSenderKey = errors.New("signal: no sender key")

const (
	groupVersion  = 0x33
	groupFormat   = 1
	labelGroup    = "WhisperGroup"
	maxGroupChain = 5 // per sender and distribution
	signatureSize = 64
)

var (
	distributionFields = shape{1: octets, 2: number, 3: number, 4: octets, 5: octets}
	groupFields        = shape{1: octets, 2: number, 3: number, 4: octets}
)

// groupChain is one chain of one sender; the private half of its signing key is
// there only for the sender's own.
type groupChain struct {
	veil
	id      uint32
	chain   chain
	public  PublicKey
	private PrivateKey
	skipped []skipped // oldest first
}

// groupRecord is all chains of one sender in one distribution, newest first.
type groupRecord []groupChain

// groupKeys are for one message: the IV comes first.
func groupKeys(seed [32]byte) messageKeys {
	out := derive(nil, seed[:], labelGroup, 48)
	all := make([]byte, 80)
	copy(all, out[16:])
	copy(all[64:], out[:16])
	wipe(out)
	return messageKeys{all: all}
}

// Distribute returns what a member needs to read this device's messages from
// now on: the present chain, made if there is none. It is as secret as what it
// opens: send it inside messages of sessions only.
func (d *Device) Distribute(ctx context.Context, g Distribution) (b []byte, err error) {
	err = d.Update(ctx, d.local, func(tx Tx) error { b, err = d.DistributeTx(tx, g); return err })
	return b, err
}

// DistributeTx is Distribute inside the caller's Update for the local address.
func (d *Device) DistributeTx(tx Tx, g Distribution) ([]byte, error) {
	rec, err := loadGroup(tx, d.local, g)
	if err != nil {
		return nil, err
	}
	if len(rec) == 0 {
		if rec, err = d.freshGroup(tx, g); err != nil {
			return nil, err
		}
	}
	return rec[0].distribution(g), nil
}

// Renew replaces this device's chain, so that whoever has left the group cannot
// read on. The new one must be distributed to those who stay.
func (d *Device) Renew(ctx context.Context, g Distribution) (b []byte, err error) {
	err = d.Update(ctx, d.local, func(tx Tx) error { b, err = d.RenewTx(tx, g); return err })
	return b, err
}

// RenewTx is Renew inside the caller's Update for the local address.
func (d *Device) RenewTx(tx Tx, g Distribution) ([]byte, error) {
	rec, err := d.freshGroup(tx, g)
	if err != nil {
		return nil, err
	}
	return rec[0].distribution(g), nil
}

// freshGroup makes and stores a first chain; whatever was there is forgotten.
func (d *Device) freshGroup(tx Tx, g Distribution) (groupRecord, error) {
	pair, err := newKeyPair(d.rand)
	if err != nil {
		return nil, err
	}
	c := groupChain{public: pair.public, private: pair.private}
	var id [4]byte
	for _, b := range [][]byte{id[:], c.chain.key[:]} {
		if _, err := io.ReadFull(d.rand, b); err != nil {
			return nil, fmt.Errorf("signal: reading randomness: %w", err)
		}
	}
	c.id = binary.BigEndian.Uint32(id[:]) >> 1
	return groupRecord{c}, storeGroup(tx, d.local, g, groupRecord{c})
}

func (c *groupChain) distribution(g Distribution) []byte {
	b := []byte{groupVersion}
	b = appendOctets(b, 1, g[:])
	b = appendNumber(b, 2, c.id)
	b = appendNumber(b, 3, c.chain.index)
	b = appendOctets(b, 4, c.chain.key[:])
	return appendOctets(b, 5, c.public.encoded[:])
}

// AcceptDistribution takes in what Distribute returned on the sender's device.
// Nothing in it proves where it comes from: call it only with what was inside a
// message that Decrypt opened from that very device.
func (d *Device) AcceptDistribution(ctx context.Context, sender Address, b []byte) (g Distribution, err error) {
	err = d.Update(ctx, sender, func(tx Tx) error { g, err = d.AcceptDistributionTx(tx, sender, b); return err })
	return g, err
}

// AcceptDistributionTx is AcceptDistribution inside the caller's Update. A chain
// that is known already is not wound back.
func (d *Device) AcceptDistributionTx(tx Tx, sender Address, b []byte) (Distribution, error) {
	g, fresh, err := parseDistribution(b)
	if err != nil {
		return Distribution{}, err
	}
	if sender == d.local {
		return Distribution{}, ErrInvalidAddress
	}
	rec, err := loadGroup(tx, sender, g)
	if err != nil {
		return Distribution{}, err
	}
	if i := rec.find(fresh.id); i >= 0 {
		if rec[i].public == fresh.public {
			fresh = rec[i]
		}
		rec = slices.Delete(rec, i, i+1)
	}
	rec = slices.Insert(rec, 0, fresh)
	return g, storeGroup(tx, sender, g, rec[:min(len(rec), maxGroupChain)])
}

func parseDistribution(b []byte) (g Distribution, c groupChain, err error) {
	if len(b) < 1 || b[0]>>4 != groupVersion>>4 {
		return g, c, ErrInvalidMessage
	}
	f, err := parseFields(b[1:], distributionFields)
	if err != nil {
		return g, c, err
	}
	if !f.has(5) || len(f.bytes[1]) != len(g) || len(f.bytes[4]) != len(c.chain.key) {
		return g, c, ErrInvalidMessage
	}
	if c.public, err = ParsePublicKey(f.bytes[5]); err != nil {
		return g, groupChain{}, ErrInvalidMessage
	}
	c.id, c.chain = f.numbers[2], chain{key: [32]byte(f.bytes[4]), index: f.numbers[3]}
	return Distribution(f.bytes[1]), c, nil
}

// has tells whether the fields 1 to n are all there.
func (f *fields) has(n int) bool {
	for i := 1; i <= n; i++ {
		if !f.present[i] {
			return false
		}
	}
	return true
}

// EncryptGroup seals plaintext once for everybody who has this device's chain.
func (d *Device) EncryptGroup(ctx context.Context, g Distribution, plaintext []byte) (m Message, err error) {
	err = d.Update(ctx, d.local, func(tx Tx) error { m, err = d.EncryptGroupTx(tx, g, plaintext); return err })
	return m, err
}

// EncryptGroupTx is EncryptGroup inside the caller's Update for the local
// address. The message may leave only after the Update succeeded.
func (d *Device) EncryptGroupTx(tx Tx, g Distribution, plaintext []byte) (Message, error) {
	rec, err := loadGroup(tx, d.local, g)
	if err != nil {
		return Message{}, err
	}
	if len(rec) == 0 {
		return Message{}, ErrNoSenderKey
	}
	c := &rec[0]
	if c.chain.index == math.MaxUint32 {
		return Message{}, ErrExhausted
	}
	iteration := c.chain.index
	seed := c.chain.step()
	keys := groupKeys(seed)
	defer keys.wipe()
	defer wipe(seed[:])
	b := []byte{groupVersion}
	b = appendOctets(b, 1, g[:])
	b = appendNumber(b, 2, c.id)
	b = appendNumber(b, 3, iteration)
	b = appendOctets(b, 4, seal(keys, plaintext))
	signature, err := c.private.Sign(d.rand, b)
	if err != nil {
		return Message{}, err
	}
	if err := storeGroup(tx, d.local, g, rec); err != nil {
		return Message{}, err
	}
	return Message{Type: TypeSenderKey, Body: append(b, signature...)}, nil
}

// groupMessage is a message to a group, taken apart.
type groupMessage struct {
	veil
	distribution  Distribution
	chain         uint32
	iteration     uint32
	ciphertext    []byte
	authenticated []byte
	signature     []byte
}

func parseGroupMessage(b []byte) (groupMessage, error) {
	if len(b) < 1+signatureSize || b[0]>>4 != groupVersion>>4 {
		return groupMessage{}, ErrInvalidMessage
	}
	end := len(b) - signatureSize
	f, err := parseFields(b[1:end], groupFields)
	if err != nil {
		return groupMessage{}, err
	}
	if !f.has(4) || len(f.bytes[1]) != len(Distribution{}) {
		return groupMessage{}, ErrInvalidMessage
	}
	return groupMessage{distribution: Distribution(f.bytes[1]), chain: f.numbers[2], iteration: f.numbers[3],
		ciphertext: f.bytes[4], authenticated: b[:end], signature: b[end:]}, nil
}

// DistributionOf reads which distribution a message to a group is of. It proves
// nothing.
func DistributionOf(m Message) (Distribution, error) {
	if m.Type != TypeSenderKey {
		return Distribution{}, ErrInvalidMessage
	}
	p, err := parseGroupMessage(m.Body)
	return p.distribution, err
}

// DecryptGroup opens a message to a group from one of sender's devices.
func (d *Device) DecryptGroup(ctx context.Context, sender Address, m Message) (plaintext []byte, err error) {
	err = d.Update(ctx, sender, func(tx Tx) error { plaintext, err = d.DecryptGroupTx(tx, sender, m); return err })
	if err != nil {
		return nil, err
	}
	return plaintext, nil
}

// DecryptGroupTx is DecryptGroup inside the caller's Update. The signature is
// checked before any key is derived, and what fails changes nothing.
func (d *Device) DecryptGroupTx(tx Tx, sender Address, m Message) ([]byte, error) {
	if m.Type != TypeSenderKey {
		return nil, ErrInvalidMessage
	}
	p, err := parseGroupMessage(m.Body)
	if err != nil {
		return nil, err
	}
	rec, err := loadGroup(tx, sender, p.distribution)
	if err != nil {
		return nil, err
	}
	i := rec.find(p.chain)
	if i < 0 || sender == d.local {
		return nil, ErrNoSenderKey
	}
	if !rec[i].public.Verify(p.authenticated, p.signature) {
		return nil, ErrInvalidMessage
	}
	seed, err := rec[i].seed(p.iteration)
	if err != nil {
		return nil, err
	}
	keys := groupKeys(seed)
	defer keys.wipe()
	defer wipe(seed[:])
	plaintext, err := open(keys, p.ciphertext)
	if err != nil {
		return nil, err
	}
	if err := storeGroup(tx, sender, p.distribution, rec); err != nil {
		wipe(plaintext)
		return nil, err
	}
	return plaintext, nil
}

// seed is the receiving chain's rule, which is the same for groups.
func (c *groupChain) seed(iteration uint32) ([32]byte, error) {
	r := receiver{chain: c.chain, skipped: c.skipped}
	seed, err := r.seed(iteration, maxForward)
	c.chain, c.skipped = r.chain, r.skipped
	return seed, err
}

func (rec groupRecord) find(id uint32) int {
	return slices.IndexFunc(rec, func(c groupChain) bool { return c.id == id })
}

func loadGroup(tx Tx, sender Address, g Distribution) (groupRecord, error) {
	b, err := tx.LoadSenderKey(sender, g)
	if err != nil {
		return nil, fmt.Errorf("signal: loading a sender key: %w", err)
	}
	if len(b) == 0 {
		return nil, nil
	}
	return parseGroup(b)
}

func storeGroup(tx Tx, sender Address, g Distribution, rec groupRecord) error {
	b := rec.bytes()
	defer wipe(b)
	if err := tx.StoreSenderKey(sender, g, b); err != nil {
		return fmt.Errorf("signal: storing a sender key: %w", err)
	}
	return nil
}

func (rec groupRecord) bytes() []byte {
	w := writer{groupFormat}
	w.number(uint32(len(rec)))
	for _, c := range rec {
		w.number(c.id)
		w.receiver(receiver{ratchet: c.public, chain: c.chain, skipped: c.skipped})
		w.blob(c.private.Serialize())
	}
	return w
}

func parseGroup(b []byte) (groupRecord, error) {
	r := reader{rest: b}
	if r.byte() != groupFormat {
		return nil, ErrInvalidRecord
	}
	var rec groupRecord
	for range r.count(maxGroupChain) {
		c := groupChain{id: r.number()}
		v := r.receiver()
		c.public, c.chain, c.skipped = v.ratchet, v.chain, v.skipped
		if private := r.blob(); len(private) > 0 {
			pair, err := parseKeyPair(private)
			if err != nil || pair.public != c.public {
				return nil, ErrInvalidRecord
			}
			c.private = pair.private
		}
		rec = append(rec, c)
	}
	if !r.done() || len(rec) == 0 {
		return nil, ErrInvalidRecord
	}
	return rec, nil
}

// SenderKeySecrets lists every secret value of a stored sender-key record, as
// Secrets does for sessions.
func SenderKeySecrets(stored []byte) ([][]byte, error) {
	rec, err := parseGroup(stored)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, c := range rec {
		key := c.chain.key
		out = append(out, key[:], c.private.Serialize())
		next := c.chain
		for _, seed := range append([]skipped{{seed: next.step()}}, c.skipped...) {
			out = append(out, seed.seed[:], groupKeys(seed.seed).cipher())
		}
	}
	return slices.DeleteFunc(out, func(b []byte) bool { return len(b) == 0 }), nil
}
