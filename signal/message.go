package signal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
)

// versionByte begins both messages: session version 4, twice.
//
// spec: deployed 3.2
const versionByte = 0x44

// macSize is how much of the HMAC travels.
const macSize = 8

var (
	signalFields = shape{1: octets, 2: number, 3: number, 4: octets, 5: octets, 6: octets}
	preKeyFields = shape{1: number, 2: octets, 3: octets, 4: octets, 5: number, 6: number, 7: number, 8: octets}
)

// signalMessage is a message of a session, taken apart. The MAC is computed
// over authenticated, the very bytes received, never over a re-encoding.
type signalMessage struct {
	veil
	authenticated []byte // version byte and protobuf
	mac           []byte
	ratchet       PublicKey
	counter       uint32
	ciphertext    []byte
	spqr          []byte // of the post-quantum ratchet; none: absent or empty
	bound         bool   // the sender named both addresses
	addresses     []byte
}

// parseSignalMessage reads a body of TypeSignal. Field 3 is not needed.
//
// spec: doubleratchet 3.5
// spec: deployed 3.2
func parseSignalMessage(b []byte) (signalMessage, error) {
	if len(b) < 1+macSize || b[0] != versionByte {
		return signalMessage{}, ErrInvalidMessage
	}
	end := len(b) - macSize
	f, err := parseFields(b[1:end], signalFields)
	if err != nil {
		return signalMessage{}, err
	}
	if !f.present[1] || !f.present[2] || !f.present[4] {
		return signalMessage{}, ErrInvalidMessage
	}
	ratchet, err := ParsePublicKey(f.bytes[1])
	if err != nil {
		return signalMessage{}, ErrInvalidMessage
	}
	if n := len(f.bytes[4]); n == 0 || n%aes.BlockSize != 0 {
		return signalMessage{}, ErrInvalidMessage
	}
	return signalMessage{
		authenticated: b[:end],
		mac:           b[end:],
		ratchet:       ratchet,
		counter:       f.numbers[2],
		ciphertext:    f.bytes[4],
		spqr:          f.bytes[5],
		bound:         f.present[6],
		addresses:     f.bytes[6],
	}, nil
}

// signalHeader is what a sender writes before the ciphertext.
type signalHeader struct {
	ratchet   PublicKey
	counter   uint32
	previous  uint32
	spqr      []byte // empty: not written
	addresses []byte // nil: not written
}

// encodeSignalMessage seals plaintext and writes the whole message.
//
// spec: doubleratchet 3.4
func encodeSignalMessage(h signalHeader, keys messageKeys, parties [2]PublicKey, plaintext []byte) []byte {
	ciphertext := seal(keys, plaintext)
	b := make([]byte, 0, len(ciphertext)+128)
	b = append(b, versionByte)
	b = appendOctets(b, 1, h.ratchet.encoded[:])
	b = appendNumber(b, 2, h.counter)
	b = appendNumber(b, 3, h.previous)
	b = appendOctets(b, 4, ciphertext)
	if len(h.spqr) > 0 {
		b = appendOctets(b, 5, h.spqr)
	}
	if h.addresses != nil {
		b = appendOctets(b, 6, h.addresses)
	}
	return append(b, authenticate(keys, parties, b)...)
}

// authenticate is the MAC over sender's and receiver's identity and the bytes.
// The direction is that of this message, not of the session.
//
// spec: deployed 3.1
func authenticate(keys messageKeys, parties [2]PublicKey, b []byte) []byte {
	return keyedHash(keys.mac(), parties[0].encoded[:], parties[1].encoded[:], b)[:macSize]
}

func (m signalMessage) authentic(keys messageKeys, parties [2]PublicKey) bool {
	return hmac.Equal(m.mac, authenticate(keys, parties, m.authenticated))
}

// seal is AES-256-CBC with PKCS #7 padding.
func seal(keys messageKeys, plaintext []byte) []byte {
	pad := aes.BlockSize - len(plaintext)%aes.BlockSize
	out := make([]byte, len(plaintext)+pad)
	copy(out, plaintext)
	copy(out[len(plaintext):], bytes.Repeat([]byte{byte(pad)}, pad))
	cipher.NewCBCEncrypter(block(keys), keys.iv()).CryptBlocks(out, out)
	return out
}

// open undoes seal. It runs only on a ciphertext whose MAC was right and whose
// length the parser checked.
func open(keys messageKeys, ciphertext []byte) ([]byte, error) {
	if len(ciphertext) == 0 || len(ciphertext)%aes.BlockSize != 0 {
		return nil, ErrInvalidMessage
	}
	out := make([]byte, len(ciphertext))
	cipher.NewCBCDecrypter(block(keys), keys.iv()).CryptBlocks(out, ciphertext)
	pad := int(out[len(out)-1])
	if pad == 0 || pad > aes.BlockSize {
		return nil, ErrInvalidMessage
	}
	text, padding := out[:len(out)-pad], out[len(out)-pad:]
	if !bytes.Equal(padding, bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, ErrInvalidMessage
	}
	return text, nil
}

func block(keys messageKeys) cipher.Block {
	b, err := aes.NewCipher(keys.cipher())
	if err != nil {
		panic("signal: AES refused 32 bytes") // cannot be
	}
	return b
}

// preKeyMessage is a message that sets a session up, taken apart.
type preKeyMessage struct {
	veil
	preKey       *uint32 // nil: none was used
	base         PublicKey
	identity     PublicKey
	inner        signalMessage
	registration uint32 // the sender's; nothing authenticates it
	signedPreKey uint32
	kyberPreKey  uint32
	ciphertext   []byte
}

// parsePreKeyMessage reads a body of TypePreKey, the inner message included.
//
// spec: pqxdh 3.4
// spec: deployed 2.2
func parsePreKeyMessage(b []byte) (preKeyMessage, error) {
	if len(b) < 1 || b[0] != versionByte {
		return preKeyMessage{}, ErrInvalidMessage
	}
	f, err := parseFields(b[1:], preKeyFields)
	if err != nil {
		return preKeyMessage{}, err
	}
	for _, n := range []int{2, 3, 4, 6, 7, 8} {
		if !f.present[n] {
			return preKeyMessage{}, ErrInvalidMessage
		}
	}
	m := preKeyMessage{registration: f.numbers[5], signedPreKey: f.numbers[6], kyberPreKey: f.numbers[7], ciphertext: f.bytes[8]}
	if f.present[1] {
		m.preKey = &f.numbers[1]
	}
	if m.base, err = ParsePublicKey(f.bytes[2]); err != nil {
		return preKeyMessage{}, ErrInvalidMessage
	}
	if m.identity, err = ParsePublicKey(f.bytes[3]); err != nil {
		return preKeyMessage{}, ErrInvalidMessage
	}
	if m.inner, err = parseSignalMessage(f.bytes[4]); err != nil {
		return preKeyMessage{}, err
	}
	if err := checkKEMCiphertext(m.ciphertext); err != nil {
		return preKeyMessage{}, err
	}
	return m, nil
}

// encodePreKeyMessage wraps an inner message with what set the session up.
//
// spec: pqxdh 3.3
func encodePreKeyMessage(p pending, base, identity PublicKey, registration uint32, inner []byte) []byte {
	b := make([]byte, 0, len(inner)+KEMCiphertextSize+128)
	b = append(b, versionByte)
	if p.preKey != nil {
		b = appendNumber(b, 1, *p.preKey)
	}
	b = appendOctets(b, 2, base.encoded[:])
	b = appendOctets(b, 3, identity.encoded[:])
	b = appendOctets(b, 4, inner)
	b = appendNumber(b, 5, registration)
	b = appendNumber(b, 6, p.signedPreKey)
	b = appendNumber(b, 7, p.kyberPreKey)
	return appendOctets(b, 8, p.ciphertext)
}
