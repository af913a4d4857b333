package signal

import (
	"errors"
	"fmt"
	"slices"
)

// ProcessBundleTx is ProcessBundle inside the caller's Update.
//
// spec: pqxdh 3.3
// spec: sesame 3
func (d *Device) ProcessBundleTx(tx Tx, peer Address, b Bundle) error {
	if !peer.valid() || b.DeviceID != peer.Device {
		return ErrInvalidAddress
	}
	if b.Identity.IsZero() {
		return ErrInvalidKey
	}
	if err := trust(tx, peer, b.Identity, Sending); err != nil {
		return err
	}
	if err := b.verify(); err != nil {
		return err
	}
	own, number, err := self(tx)
	if err != nil {
		return err
	}
	s, err := initiate(d.rand, d.now(), own, number, b, d.required)
	if err != nil {
		return err
	}
	defer s.wipe()
	rec, err := loadRecord(tx, peer)
	if err != nil {
		return err
	}
	if err := rec.promote(s); err != nil {
		return err
	}
	return save(tx, peer, b.Identity, rec)
}

// EncryptTx is Encrypt inside the caller's Update. The message may leave only
// after the Update succeeded.
//
// spec: doubleratchet 3.4
func (d *Device) EncryptTx(tx Tx, peer Address, plaintext []byte) (Message, error) {
	rec, err := loadRecord(tx, peer)
	if err != nil {
		return Message{}, err
	}
	s, err := rec.load()
	if err != nil {
		return Message{}, err
	}
	defer s.wipe()
	if !s.usable(d.now()) {
		return Message{}, ErrNoSession
	}
	if err := trust(tx, peer, s.remote, Sending); err != nil {
		return Message{}, err
	}
	m, err := s.seal(d.rand, d.local, peer, plaintext)
	if err != nil {
		return Message{}, err
	}
	rec.current = s.bytes()
	if err := save(tx, peer, s.remote, rec); err != nil {
		return Message{}, err
	}
	return m, nil
}

// DecryptTx is Decrypt inside the caller's Update.
func (d *Device) DecryptTx(tx Tx, peer Address, m Message) ([]byte, error) {
	switch m.Type {
	case TypeSignal:
		return d.decryptSignal(tx, peer, m.Body)
	case TypePreKey:
		return d.decryptPreKey(tx, peer, m.Body)
	default:
		return nil, ErrInvalidMessage
	}
}

// decryptSignal tries the current session, then the archived ones.
//
// spec: doubleratchet 3.5
// spec: deployed 3.5
func (d *Device) decryptSignal(tx Tx, peer Address, body []byte) ([]byte, error) {
	m, err := parseSignalMessage(body)
	if err != nil {
		return nil, err
	}
	rec, err := loadRecord(tx, peer)
	if err != nil {
		return nil, err
	}
	s, plaintext, err := d.openAny(&rec, peer, m)
	if err != nil {
		return nil, err
	}
	defer s.wipe()
	if err := trust(tx, peer, s.remote, Receiving); err != nil {
		wipe(plaintext)
		return nil, err
	}
	if err := save(tx, peer, s.remote, rec); err != nil {
		return nil, err
	}
	return plaintext, nil
}

// openAny opens m with whichever state can, puts that state's new form into
// the record as the current one, and returns it. A duplicate ends the search;
// every other failure goes on to the next state.
func (d *Device) openAny(rec *record, peer Address, m signalMessage) (*state, []byte, error) {
	if rec.current == nil && len(rec.archived) == 0 {
		return nil, nil, ErrNoSession
	}
	if rec.current != nil {
		s, plaintext, err := d.openOne(rec.current, peer, m)
		if err == nil {
			rec.current = s.bytes()
			return s, plaintext, nil
		}
		if !errors.Is(err, ErrInvalidMessage) {
			return nil, nil, err
		}
	}
	for i, stored := range rec.archived {
		s, plaintext, err := d.openOne(stored, peer, m)
		if err == nil {
			rec.archived = slices.Delete(slices.Clone(rec.archived), i, i+1)
			return s, plaintext, rec.promote(s)
		}
		if !errors.Is(err, ErrInvalidMessage) {
			return nil, nil, err
		}
	}
	return nil, nil, ErrInvalidMessage
}

// openOne tries one state, on a copy.
func (d *Device) openOne(stored []byte, peer Address, m signalMessage) (*state, []byte, error) {
	s, err := parseState(stored)
	if err != nil {
		return nil, nil, err
	}
	plaintext, err := s.open(d.rand, peer, d.local, m)
	if err != nil {
		s.wipe()
		return nil, nil, err
	}
	return s, plaintext, nil
}

// decryptPreKey opens a message that sets a session up, or repeats a set-up
// that is known by its base key; then no pre-key is touched.
//
// spec: pqxdh 3.4
// spec: deployed 2.3
func (d *Device) decryptPreKey(tx Tx, peer Address, body []byte) ([]byte, error) {
	m, err := parsePreKeyMessage(body)
	if err != nil {
		return nil, err
	}
	if err := trust(tx, peer, m.identity, Receiving); err != nil {
		return nil, err
	}
	rec, err := loadRecord(tx, peer)
	if err != nil {
		return nil, err
	}
	s, wasCurrent, err := rec.find(m.base)
	if err != nil {
		return nil, err
	}
	if s != nil {
		return d.decryptRepeated(tx, peer, rec, s, wasCurrent, m)
	}
	return d.decryptFirst(tx, peer, rec, m)
}

// decryptRepeated continues with the state found; find has already archived
// the former current one if it was another.
func (d *Device) decryptRepeated(tx Tx, peer Address, rec record, s *state, wasCurrent bool, m preKeyMessage) ([]byte, error) {
	defer s.wipe()
	if s.remote != m.identity {
		return nil, ErrInvalidMessage
	}
	plaintext, err := s.open(d.rand, peer, d.local, m.inner)
	if err != nil {
		return nil, err
	}
	rec.current = s.bytes()
	if err := save(tx, peer, s.remote, rec); err != nil {
		return nil, err
	}
	return plaintext, nil
}

// decryptFirst sets the session up and opens its first message. The report of
// the Kyber key comes before every other write: if it finds a replay, nothing
// has been changed.
func (d *Device) decryptFirst(tx Tx, peer Address, rec record, m preKeyMessage) ([]byte, error) {
	keys, err := loadPreKeys(tx, m)
	if err != nil {
		return nil, err
	}
	s, err := respond(keys, m, d.required)
	if err != nil {
		return nil, err
	}
	defer s.wipe()
	plaintext, err := s.open(d.rand, peer, d.local, m.inner)
	if err != nil {
		return nil, err
	}
	if err := rec.promote(s); err != nil {
		return nil, err
	}
	if err := tx.MarkKyberUsed(m.kyberPreKey, m.signedPreKey, m.base); err != nil {
		return nil, fmt.Errorf("signal: reporting the use of a Kyber pre-key: %w", err)
	}
	if m.preKey != nil {
		if err := tx.DeletePreKey(*m.preKey); err != nil {
			return nil, fmt.Errorf("signal: deleting a one-time pre-key: %w", err)
		}
	}
	if err := save(tx, peer, m.identity, rec); err != nil {
		return nil, err
	}
	return plaintext, nil
}

// loadPreKeys finds every key that the message names.
func loadPreKeys(tx Tx, m preKeyMessage) (k ownPreKeys, err error) {
	if k.identity, k.number, err = self(tx); err != nil {
		return k, err
	}
	if k.signed, err = tx.LoadSignedPreKey(m.signedPreKey); err != nil {
		return k, fmt.Errorf("signal: loading a signed pre-key: %w", err)
	}
	if k.kyber, err = tx.LoadKyberPreKey(m.kyberPreKey); err != nil {
		return k, fmt.Errorf("signal: loading a Kyber pre-key: %w", err)
	}
	if m.preKey == nil {
		return k, nil
	}
	oneTime, err := tx.LoadPreKey(*m.preKey)
	if err != nil {
		return k, fmt.Errorf("signal: loading a one-time pre-key: %w", err)
	}
	k.oneTime = &oneTime
	return k, nil
}

// HasSessionTx is HasSession inside the caller's Update.
func (d *Device) HasSessionTx(tx Tx, peer Address) (bool, error) {
	rec, err := loadRecord(tx, peer)
	if err != nil || rec.current == nil {
		return false, err
	}
	s, err := rec.load()
	if err != nil {
		return false, err
	}
	defer s.wipe()
	return s.usable(d.now()), nil
}

// ArchiveSessionTx retires the current session with peer: it can still
// receive, and the next Encrypt asks for a new bundle.
//
// spec: sesame 3
func (d *Device) ArchiveSessionTx(tx Tx, peer Address) error {
	rec, err := loadRecord(tx, peer)
	if err != nil || rec.current == nil {
		return err
	}
	if err := rec.archive(); err != nil {
		return err
	}
	return storeRecord(tx, peer, rec)
}

func self(tx Tx) (IdentityKeyPair, uint32, error) {
	own, err := tx.Identity()
	if err != nil {
		return IdentityKeyPair{}, 0, fmt.Errorf("signal: loading own identity: %w", err)
	}
	if own.pair.private.none() {
		return IdentityKeyPair{}, 0, ErrInvalidKey
	}
	number, err := tx.RegistrationID()
	if err != nil {
		return IdentityKeyPair{}, 0, fmt.Errorf("signal: loading own registration id: %w", err)
	}
	return own, number, nil
}

func trust(tx Tx, peer Address, key PublicKey, d Direction) error {
	trusted, err := tx.TrustsIdentity(peer, key, d)
	if err != nil {
		return fmt.Errorf("signal: judging an identity: %w", err)
	}
	if !trusted {
		return ErrUntrustedIdentity
	}
	return nil
}

func loadRecord(tx Tx, peer Address) (record, error) {
	b, err := tx.LoadSession(peer)
	if err != nil {
		return record{}, fmt.Errorf("signal: loading a session: %w", err)
	}
	return parseRecord(b)
}

func save(tx Tx, peer Address, identity PublicKey, rec record) error {
	if err := tx.SaveIdentity(peer, identity); err != nil {
		return fmt.Errorf("signal: saving an identity: %w", err)
	}
	return storeRecord(tx, peer, rec)
}

func storeRecord(tx Tx, peer Address, rec record) error {
	b := rec.bytes()
	defer wipe(b)
	if err := tx.StoreSession(peer, b); err != nil {
		return fmt.Errorf("signal: storing a session: %w", err)
	}
	wipe(rec.loaded)
	return nil
}
