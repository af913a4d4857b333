// Package signaltest is a key store in memory and a conformance suite for key
// stores, for tests of letterlock/signal and of programs that use it. It knows
// what a store must guarantee; it is not for keeping real keys.
package signaltest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"sync"

	"letterlock/signal"
)

// Keys is what a device's store holds before its first session.
type Keys struct {
	Identity       signal.IdentityKeyPair
	RegistrationID uint32
	Signed         []signal.SignedPreKey
	Kyber          []signal.KyberPreKey
	OneTime        []signal.PreKey
}

// NewKeys makes an identity with one signed and one Kyber pre-key, both number
// 1, and oneTime one-time pre-keys numbered from 1.
func NewKeys(registrationID uint32, oneTime int) (Keys, error) {
	identity, err := signal.GenerateIdentity(nil)
	if err != nil {
		return Keys{}, err
	}
	signed, err := signal.GenerateSignedPreKey(nil, 1, identity)
	if err != nil {
		return Keys{}, err
	}
	kyber, err := signal.GenerateKyberPreKey(nil, 1, identity)
	if err != nil {
		return Keys{}, err
	}
	k := Keys{Identity: identity, RegistrationID: registrationID}
	k.Signed, k.Kyber = append(k.Signed, signed), append(k.Kyber, kyber)
	for id := range oneTime {
		one, err := signal.GeneratePreKey(nil, uint32(id+1))
		if err != nil {
			return Keys{}, err
		}
		k.OneTime = append(k.OneTime, one)
	}
	return k, nil
}

// Bundle is what a server would hand out: the last signed and Kyber pre-key and
// the given one-time pre-key, or none if it is nil.
func (k Keys) Bundle(device uint32, oneTime *signal.PreKey) signal.Bundle {
	b := signal.Bundle{
		RegistrationID: k.RegistrationID,
		DeviceID:       device,
		Identity:       k.Identity.Public(),
		SignedPreKey:   k.Signed[len(k.Signed)-1].Public(),
		KyberPreKey:    k.Kyber[len(k.Kyber)-1].Public(),
	}
	if oneTime != nil {
		public := oneTime.Public()
		b.PreKey = &public
	}
	return b
}

// Memory is a key store in memory with first-use trust.
type Memory struct {
	mu   sync.Mutex
	keys Keys
	data contents // guarded by mu
}

// contents is all that changes; a transaction works on a clone.
type contents struct {
	sessions   map[signal.Address][]byte
	identities map[signal.Address]signal.PublicKey
	oneTime    map[uint32]signal.PreKey
	used       map[kyberUse]bool
	senders    map[senderKey][]byte
}

type senderKey struct {
	sender       signal.Address
	distribution signal.Distribution
}

type kyberUse struct {
	kyber, signed uint32
	base          signal.PublicKey
}

func (c contents) clone() contents {
	return contents{maps.Clone(c.sessions), maps.Clone(c.identities), maps.Clone(c.oneTime), maps.Clone(c.used), maps.Clone(c.senders)}
}

// NewMemory makes a store that holds keys.
func NewMemory(keys Keys) *Memory {
	c := contents{
		sessions:   make(map[signal.Address][]byte),
		identities: make(map[signal.Address]signal.PublicKey),
		oneTime:    make(map[uint32]signal.PreKey),
		used:       make(map[kyberUse]bool),
		senders:    make(map[senderKey][]byte),
	}
	for _, k := range keys.OneTime {
		c.oneTime[k.ID()] = k
	}
	return &Memory{keys: keys, data: c}
}

// Update implements signal.Store; one transaction runs at a time.
func (m *Memory) Update(ctx context.Context, _ signal.Address, f func(signal.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	tx := &memoryTx{keys: m.keys, data: m.data.clone()}
	if err := f(tx); err != nil {
		return err
	}
	m.data = tx.data
	return nil
}

// Session returns a copy of the record stored for peer, nil if there is none.
func (m *Memory) Session(peer signal.Address) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.data.sessions[peer])
}

// SenderKey returns a copy of a sender's record, nil if there is none.
func (m *Memory) SenderKey(sender signal.Address, g signal.Distribution) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.data.senders[senderKey{sender, g}])
}

// OneTime counts the one-time pre-keys left.
func (m *Memory) OneTime() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.data.oneTime)
}

// DropSession forgets the sessions with peer, as a device does that lost them.
func (m *Memory) DropSession(peer signal.Address) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.data.sessions, peer)
}

// ForgetIdentity accepts whatever identity key peer is seen with next.
func (m *Memory) ForgetIdentity(peer signal.Address) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.data.identities, peer)
}

// Fingerprint is a hash of all that is stored: equal before and after means
// that nothing was changed.
func (m *Memory) Fingerprint() [sha256.Size]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	var lines []string
	for a, b := range m.data.sessions {
		lines = append(lines, fmt.Sprintf("session %s %d %x", a.Name, a.Device, b))
	}
	for a, k := range m.data.identities {
		lines = append(lines, fmt.Sprintf("identity %s %d %x", a.Name, a.Device, k.Bytes()))
	}
	for id, k := range m.data.oneTime {
		lines = append(lines, fmt.Sprintf("one-time %d %x", id, k.Serialize()))
	}
	for u := range m.data.used {
		lines = append(lines, fmt.Sprintf("used %d %d %x", u.kyber, u.signed, u.base.Bytes()))
	}
	for k, b := range m.data.senders {
		lines = append(lines, fmt.Sprintf("sender %s %d %s %x", k.sender.Name, k.sender.Device, k.distribution, b))
	}
	slices.Sort(lines)
	return sha256.Sum256(fmt.Append(nil, lines))
}

type memoryTx struct {
	keys Keys
	data contents
}

func (t *memoryTx) Identity() (signal.IdentityKeyPair, error) { return t.keys.Identity, nil }
func (t *memoryTx) RegistrationID() (uint32, error)           { return t.keys.RegistrationID, nil }

func (t *memoryTx) LoadSession(peer signal.Address) ([]byte, error) {
	return bytes.Clone(t.data.sessions[peer]), nil
}

func (t *memoryTx) StoreSession(peer signal.Address, record []byte) error {
	t.data.sessions[peer] = bytes.Clone(record)
	return nil
}

func (t *memoryTx) LoadSenderKey(sender signal.Address, g signal.Distribution) ([]byte, error) {
	return bytes.Clone(t.data.senders[senderKey{sender, g}]), nil
}

func (t *memoryTx) StoreSenderKey(sender signal.Address, g signal.Distribution, record []byte) error {
	t.data.senders[senderKey{sender, g}] = bytes.Clone(record)
	return nil
}

func (t *memoryTx) TrustsIdentity(peer signal.Address, key signal.PublicKey, _ signal.Direction) (bool, error) {
	known, seen := t.data.identities[peer]
	return !seen || known == key, nil
}

func (t *memoryTx) SaveIdentity(peer signal.Address, key signal.PublicKey) error {
	t.data.identities[peer] = key
	return nil
}

func (t *memoryTx) LoadPreKey(id uint32) (signal.PreKey, error) {
	k, ok := t.data.oneTime[id]
	if !ok {
		return signal.PreKey{}, signal.ErrUnknownPreKey
	}
	return k, nil
}

func (t *memoryTx) DeletePreKey(id uint32) error {
	delete(t.data.oneTime, id)
	return nil
}

func (t *memoryTx) LoadSignedPreKey(id uint32) (signal.SignedPreKey, error) {
	for _, k := range t.keys.Signed {
		if k.ID() == id {
			return k, nil
		}
	}
	return signal.SignedPreKey{}, signal.ErrUnknownPreKey
}

func (t *memoryTx) LoadKyberPreKey(id uint32) (signal.KyberPreKey, error) {
	for _, k := range t.keys.Kyber {
		if k.ID() == id {
			return k, nil
		}
	}
	return signal.KyberPreKey{}, signal.ErrUnknownPreKey
}

func (t *memoryTx) MarkKyberUsed(kyberID, signedID uint32, base signal.PublicKey) error {
	use := kyberUse{kyberID, signedID, base}
	if t.data.used[use] {
		return signal.ErrReplay
	}
	t.data.used[use] = true
	return nil
}
