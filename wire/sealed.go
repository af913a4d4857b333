package wire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"letterlock/wire/hpke"
)

// Rows of the mailbox are sealed to the recipient device's mailbox key, so that
// nothing that stays of them on a disk says who wrote, when or of what kind.
//
// One HPKE encapsulation (RFC 9180, DHKEM(X25519, HKDF-SHA256)) starts a chain
// that serves up to MaxChain rows, because an encapsulation costs a hundred
// times a row. The chain only moves forward: the key of a row is erased once
// the row is sealed and cannot be computed back, so that the carrier's memory
// never holds a key that opens a row it has written (vault.go).
//
//	row     = 0x01 | enc (32) | index (2, big endian) | AES-256-GCM(row key, nonce 0^12, CBOR(Letter), aad)
//	aad     = the 35 bytes before the ciphertext | device id | account id
//	chain 0 = Export(HPKE context, "letterlock mailbox chain v1", 32), info "letterlock mailbox v1"
//	row key = HMAC-SHA256(chain i, 0x01); chain i+1 = HMAC-SHA256(chain i, 0x02)
const (
	MaxChain = 1024

	rowVersion = 1
	rowHeader  = 1 + 32 + 2
	rowInfo    = "letterlock mailbox v1"
	rowChain   = "letterlock mailbox chain v1"
)

// RowOverhead is how much longer a row is than its encoded Letter.
const RowOverhead = rowHeader + 16

// Letter is what a row of the mailbox holds.
type Letter struct {
	_    struct{} `cbor:",toarray"`
	From Address
	At   int64 // Unix milliseconds
	Kind EnvelopeKind
	Body []byte
}

// ErrRow is wrapped by every refusal of a row.
var ErrRow = errors.New("bad mailbox row")

// Sealer seals rows to one device. It is not safe for concurrent use.
type Sealer struct {
	to    Address
	key   *ecdh.PublicKey
	enc   []byte
	chain [32]byte
	next  int // index of the next row; MaxChain: start a new chain
}

// NewSealer prepares sealing to a device's mailbox key (32 bytes).
func NewSealer(to Address, mailboxKey []byte) (*Sealer, error) {
	pub, err := ecdh.X25519().NewPublicKey(mailboxKey)
	if err != nil {
		return nil, fmt.Errorf("mailbox key: %w", err)
	}
	return &Sealer{to: to, key: pub, next: MaxChain}, nil
}

// Seal makes one row and moves the chain past it.
func (s *Sealer) Seal(l Letter) ([]byte, error) {
	if s.next == MaxChain {
		if err := s.restart(); err != nil {
			return nil, err
		}
	}
	plain, err := Marshal(l)
	if err != nil {
		return nil, err
	}
	row := make([]byte, 0, rowHeader+len(plain)+16)
	row = append(append(row, rowVersion), s.enc...)
	row = binary.BigEndian.AppendUint16(row, uint16(s.next))
	if row, err = s.take(row, plain); err != nil {
		s.next = MaxChain // this chain has moved on without a row
		return nil, err
	}
	clear(plain)
	s.next++
	return row, nil
}

// take seals with the key of this index and moves the chain past it.
func (s *Sealer) take(row, plain []byte) ([]byte, error) {
	v := newVault()
	defer v.wipe()
	key := new([32]byte)
	v.mac(key, s.chain[:], []byte{1})
	v.mac(&s.chain, s.chain[:], []byte{2})
	return sealOnce(row, key, plain, rowAAD(row, s.to))
}

func (s *Sealer) restart() error {
	enc, err := encapsulate(&s.chain, s.key)
	if err != nil {
		return fmt.Errorf("encapsulate: %w", err)
	}
	s.enc, s.next = enc, 0
	return nil
}

// Opener opens rows with the device's private mailbox key.
type Opener struct {
	to  Address
	key *ecdh.PrivateKey

	mu    sync.Mutex
	enc   [32]byte // of the chain below
	first [32]byte // chain 0 of enc
	last  [32]byte // chain at of enc: rows come in order, so that the next one is a step away
	at    int
	have  bool
}

// NewOpener takes the private mailbox key.
func NewOpener(to Address, key *ecdh.PrivateKey) (*Opener, error) {
	if key.Curve() != ecdh.X25519() {
		return nil, fmt.Errorf("mailbox key: not of X25519")
	}
	return &Opener{to: to, key: key}, nil
}

// OpenRow opens one row, in any order.
func (o *Opener) OpenRow(row []byte) (Letter, error) {
	if len(row) < rowHeader+16 || row[0] != rowVersion {
		return Letter{}, fmt.Errorf("%w: too short or of another version", ErrRow)
	}
	index := int(binary.BigEndian.Uint16(row[33:35]))
	if index >= MaxChain {
		return Letter{}, fmt.Errorf("%w: index %d", ErrRow, index)
	}
	chain, err := o.chain([32]byte(row[1:33]), index)
	if err != nil {
		return Letter{}, err
	}
	aead, err := rowCipher(&chain)
	if err != nil {
		return Letter{}, err
	}
	plain, err := aead.Open(nil, make([]byte, 12), row[rowHeader:], rowAAD(row[:rowHeader], o.to))
	if err != nil {
		return Letter{}, fmt.Errorf("%w: not sealed to this device, or damaged", ErrRow)
	}
	var l Letter
	if err := Unmarshal(plain, &l); err != nil {
		return Letter{}, fmt.Errorf("%w: %v", ErrRow, err)
	}
	return l, nil
}

// chain walks the chain of enc to an index: from the row opened last, or, for an
// earlier one, from the beginning.
func (o *Opener) chain(enc [32]byte, index int) ([32]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.have || o.enc != enc {
		first, err := o.begin(enc)
		if err != nil {
			return [32]byte{}, fmt.Errorf("%w: %v", ErrRow, err)
		}
		o.enc, o.first, o.last, o.at, o.have = enc, first, first, 0, true
	}
	if index < o.at {
		o.last, o.at = o.first, 0
	}
	for ; o.at < index; o.at++ {
		o.last = chainStep(&o.last, 2)
	}
	return o.last, nil
}

// begin is chain 0 of an encapsulation.
func (o *Opener) begin(enc [32]byte) ([32]byte, error) {
	ctx, err := hpke.NewRecipient(enc[:], o.key, []byte(rowInfo))
	if err != nil {
		return [32]byte{}, err
	}
	k, err := ctx.Export(rowChain, 32)
	if err != nil {
		return [32]byte{}, err
	}
	return [32]byte(k), nil
}

func rowCipher(chain *[32]byte) (cipher.AEAD, error) {
	k := chainStep(chain, 1)
	defer clear(k[:])
	block, err := aes.NewCipher(k[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func chainStep(chain *[32]byte, label byte) (out [32]byte) {
	m := hmac.New(sha256.New, chain[:])
	m.Write([]byte{label})
	m.Sum(out[:0])
	return out
}

func rowAAD(header []byte, to Address) []byte {
	return append(append(append(make([]byte, 0, rowHeader+17), header[:rowHeader]...), byte(to.Device)), to.Account[:]...)
}
