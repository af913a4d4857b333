package signal

import "context"

// Direction says what an identity key is about to be used for.
type Direction int

const (
	// Sending: a message or a session is about to be made for the peer.
	Sending Direction = iota
	// Receiving: a message from the peer is about to be believed.
	Receiving
)

// Store is the caller's key store. A conformance suite for implementations is
// in letterlock/signal/signaltest.
type Store interface {
	// Update runs f in one transaction with exclusive access to everything
	// stored about peer. What f changed through tx becomes durable all together
	// if f returns nil, and not at all if it returns an error, which Update
	// passes on. The package calls it under a lock of that peer, so two Updates
	// for one peer of one Device never run at once; for different peers they may.
	Update(ctx context.Context, peer Address, f func(tx Tx) error) error
}

// Tx is one transaction of a Store. Every method may fail with an error of the
// store's own, which the package passes on wrapped. Reads see the writes made
// before in the same transaction.
type Tx interface {
	// Identity is this device's own key pair.
	Identity() (IdentityKeyPair, error)
	// RegistrationID is this device's own registration number.
	RegistrationID() (uint32, error)

	// LoadSession returns the record last stored for peer, or nil if there is
	// none. The package may overwrite the bytes it was given.
	LoadSession(peer Address) ([]byte, error)
	// StoreSession replaces the record for peer. The record holds secret keys;
	// the store must copy the bytes.
	StoreSession(peer Address, record []byte) error

	// TrustsIdentity decides whether key may be used with peer. First use means
	// true for a peer that was never seen, and true for the key that was saved;
	// any other key is a change, which a person must accept first.
	TrustsIdentity(peer Address, key PublicKey, d Direction) (bool, error)
	// SaveIdentity records the key that peer was seen with.
	SaveIdentity(peer Address, key PublicKey) error

	// LoadPreKey finds a one-time pre-key; ErrUnknownPreKey if there is none.
	LoadPreKey(id uint32) (PreKey, error)
	// DeletePreKey forgets a one-time pre-key for good, after its use.
	DeletePreKey(id uint32) error
	// LoadSignedPreKey finds a signed pre-key; ErrUnknownPreKey if there is none.
	LoadSignedPreKey(id uint32) (SignedPreKey, error)
	// LoadKyberPreKey finds a Kyber pre-key; ErrUnknownPreKey if there is none.
	LoadKyberPreKey(id uint32) (KyberPreKey, error)
	// MarkKyberUsed records that (Kyber pre-key, signed pre-key, base key)
	// served a set-up, whoever the peer is, and fails with ErrReplay, having
	// changed nothing, if the same three were recorded before. The record must
	// live as long as both pre-keys do: without a one-time pre-key it is all
	// that stops a set-up from being replayed. A store may delete a Kyber
	// pre-key here that it meant to be used only once.
	MarkKyberUsed(kyberID, signedID uint32, base PublicKey) error

	// LoadSenderKey returns the record last stored for the sender's device and
	// distribution, or nil if there is none. The package may overwrite it.
	LoadSenderKey(sender Address, g Distribution) ([]byte, error)
	// StoreSenderKey replaces the record. It holds secret keys; the store must
	// copy the bytes.
	StoreSenderKey(sender Address, g Distribution, record []byte) error
}
