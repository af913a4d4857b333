package vault

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"letterlock/client"
	"letterlock/internal/fault"
)

// What stands on the disk of a browser:
//
//	meta:   version 1 | passes | KiB (4) | salt (16) | the two keys, sealed under the passphrase
//	entry:  id (16) | nonce (24) | sealed: bucket, key, value, filled up
//
// The id is a MAC of bucket and key, so that a record is found again and says
// nothing. Lengths are rounded up to 64 bytes.

// Cost is what each try of a passphrase costs.
type Cost struct {
	Passes uint8
	KiB    uint32
}

// Usual is the second choice of RFC 9106 on one lane: 64 MiB, three passes.
var Usual = Cost{Passes: 3, KiB: 64 << 10}

// MinPassphrase is how many characters a passphrase has at least.
const MinPassphrase = 8

const (
	saltSize = 16
	idSize   = 16
	round    = 64
	headSize = 1 + 1 + 4 + saltSize
	keysSize = 2 * chacha20poly1305.KeySize
	version  = 1
)

// maxKiB bounds what a meta that somebody changed may make a device allocate.
const maxKiB = 1 << 20

// keys open the records of one store. They never print.
type keys struct {
	aead cipher.AEAD
	name []byte // of the MAC that makes ids
}

// String hides the keys.
func (keys) String() string { return "[keys]" }

// Format hides the keys whatever the verb.
func (keys) Format(f fmt.State, _ rune) { io.WriteString(f, "[keys]") }

func makeKeys(raw []byte) (keys, error) {
	a, err := chacha20poly1305.NewX(raw[:chacha20poly1305.KeySize])
	return keys{aead: a, name: raw[chacha20poly1305.KeySize:]}, err
}

// newMeta makes keys and seals them under a passphrase.
func newMeta(passphrase string, c Cost) (meta, raw []byte, err error) {
	raw = make([]byte, keysSize)
	rand.Read(raw) // never fails
	meta, err = sealMeta(passphrase, c, raw)
	return meta, raw, err
}

func sealMeta(passphrase string, c Cost, raw []byte) ([]byte, error) {
	head := append([]byte{version, c.Passes}, binary.BigEndian.AppendUint32(nil, c.KiB)...)
	salt := make([]byte, saltSize)
	rand.Read(salt)
	head = append(head, salt...)
	a, err := under(passphrase, head)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, a.NonceSize()) // the key is of this salt alone
	return a.Seal(head, nonce, raw, head), nil
}

// under is what a passphrase opens.
func under(passphrase string, head []byte) (cipher.AEAD, error) {
	kib := binary.BigEndian.Uint32(head[2:6])
	if head[0] != version || head[1] == 0 || kib == 0 || kib > maxKiB {
		return nil, errDamaged
	}
	return chacha20poly1305.NewX(argon2.IDKey([]byte(passphrase), head[6:headSize], uint32(head[1]), kib, 1, chacha20poly1305.KeySize))
}

var errDamaged = fault.New(fault.Conflict, "open store", "what is stored in this browser is damaged, or of a newer version of this program")

func openMeta(passphrase string, meta []byte) ([]byte, error) {
	if len(meta) != headSize+keysSize+chacha20poly1305.Overhead {
		return nil, errDamaged
	}
	a, err := under(passphrase, meta[:headSize])
	if err != nil {
		return nil, err
	}
	raw, err := a.Open(nil, make([]byte, a.NonceSize()), meta[headSize:], meta[:headSize])
	if err != nil {
		return nil, fault.New(fault.Unauthenticated, "open store", "this is not the passphrase: try again")
	}
	return raw, nil
}

// id is the name of a record on the disk.
func (k keys) id(b client.Bucket, key []byte) (id [idSize]byte) {
	m := hmac.New(sha256.New, k.name)
	m.Write([]byte(b))
	m.Write([]byte{0})
	m.Write(key)
	copy(id[:], m.Sum(nil))
	return id
}

// seal makes a record.
func (k keys) seal(b client.Bucket, key, value []byte) []byte {
	id := k.id(b, key)
	plain := make([]byte, 0, len(b)+len(key)+len(value)+round+chacha20poly1305.Overhead)
	plain = append(append(plain, byte(len(b))), b...)
	plain = append(append(plain, byte(len(key))), key...)
	plain = append(binary.BigEndian.AppendUint32(plain, uint32(len(value))), value...)
	plain = append(plain, make([]byte, -len(plain)&(round-1))...)
	out := make([]byte, idSize+chacha20poly1305.NonceSizeX, idSize+chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	copy(out, id[:])
	nonce := out[idSize:]
	rand.Read(nonce)
	return k.aead.Seal(out, nonce, plain, id[:])
}

// open reads a record; a record in the place of another does not open.
func (k keys) open(record []byte) (b client.Bucket, key, value []byte, err error) {
	const head = idSize + chacha20poly1305.NonceSizeX
	if len(record) < head {
		return "", nil, nil, errDamaged
	}
	plain, err := k.aead.Open(nil, record[idSize:head], record[head:], record[:idSize])
	if err != nil {
		return "", nil, nil, errDamaged
	}
	bucket, rest, err := short(plain)
	if err == nil {
		key, rest, err = short(rest)
	}
	if err != nil || len(rest) < 4 {
		return "", nil, nil, errDamaged
	}
	n := binary.BigEndian.Uint32(rest)
	if uint64(n) > uint64(len(rest)-4) {
		return "", nil, nil, errDamaged
	}
	return client.Bucket(bucket), key, rest[4 : 4+n : 4+n], nil
}

var errShort = errors.New("a record ends early")

func short(b []byte) (field, rest []byte, err error) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return nil, nil, errShort
	}
	n := 1 + int(b[0])
	return b[1:n:n], b[n:], nil
}
