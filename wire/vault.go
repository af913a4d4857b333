package wire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"hash"
	"reflect"
)

// The carrier seals rows and must not be able to open them a moment later, not
// even from what the garbage collector has not yet swept. The library's HPKE
// and HMAC leave their keys in memory that nobody can reach to erase, so the
// sending side is written here, over arrays that are erased, and the receiving
// side (Opener, on the device) uses the library: each test of a row tests one
// against the other. e2e looks for what is left in the memory of the real
// program.

// vault is the memory of one computation with keys.
type vault struct {
	digest hash.Hash
	pad    [sha256.BlockSize]byte
	inner  [sha256.Size]byte
}

// newVault makes the stack as deep as it will be wiped, first: a stack that
// grows later leaves its former place, keys and all.
func newVault() *vault {
	scrub()
	return &vault{digest: sha256.New()}
}

// wipe erases what the computation left, in its own memory and on the stack
// below its caller.
func (v *vault) wipe() {
	clear(v.pad[:])
	clear(v.inner[:])
	erase(v.digest)
	scrub()
}

// erase overwrites the memory behind an interface that holds a pointer.
func erase(p any) { reflect.ValueOf(p).Elem().SetZero() }

//go:noinline
func scrub() {
	var below [8 << 10]byte
	untouched(&below)
}

//go:noinline
func untouched(b *[8 << 10]byte) { clear(b[:]) }

// mac is HMAC-SHA256 with a key of at most 64 bytes (RFC 2104). The result may
// overwrite the key.
func (v *vault) mac(out *[32]byte, key []byte, parts ...[]byte) {
	v.begin(key, 0x36)
	for _, p := range parts {
		v.digest.Write(p)
	}
	v.digest.Sum(v.inner[:0])
	v.begin(key, 0x5c)
	v.digest.Write(v.inner[:])
	v.digest.Sum(out[:0])
}

func (v *vault) begin(key []byte, with byte) {
	clear(v.pad[:])
	copy(v.pad[:], key)
	for i := range v.pad {
		v.pad[i] ^= with
	}
	v.digest.Reset()
	v.digest.Write(v.pad[:])
}

// The suite of the rows, RFC 9180 section 7: DHKEM(X25519, HKDF-SHA256),
// HKDF-SHA256, AES-256-GCM.
var (
	hpkeVersion = []byte("HPKE-v1")
	kemSuite    = []byte("KEM\x00\x20")
	hpkeSuite   = []byte("HPKE\x00\x20\x00\x01\x00\x02")
	hpkeContext = keyScheduleContext()
)

// extract is LabeledExtract of RFC 9180 section 4, expand is LabeledExpand for
// 32 bytes.
func (v *vault) extract(out *[32]byte, suite, salt []byte, label string, ikm []byte) {
	v.mac(out, salt, hpkeVersion, suite, []byte(label), ikm)
}

func (v *vault) expand(out *[32]byte, suite, prk []byte, label string, info ...[]byte) {
	parts := append([][]byte{{0, 32}, hpkeVersion, suite, []byte(label)}, info...)
	v.mac(out, prk, append(parts, []byte{1})...)
}

// keyScheduleContext is that of the base mode; it is no secret.
func keyScheduleContext() []byte {
	v := newVault()
	var psk, info [32]byte
	v.extract(&psk, hpkeSuite, nil, "psk_id_hash", nil)
	v.extract(&info, hpkeSuite, nil, "info_hash", []byte(rowInfo))
	return append(append([]byte{0}, psk[:]...), info[:]...)
}

// encapsulate begins a chain for a mailbox key: RFC 9180, SetupBaseS and
// Export. Nothing of it but its results is left in memory.
func encapsulate(chain *[32]byte, to *ecdh.PublicKey) (enc []byte, err error) {
	v := newVault()
	defer v.wipe()
	enc, dh, err := agree(to)
	if err != nil {
		return nil, err
	}
	k := new([32]byte)
	defer clear(k[:])
	v.extract(k, kemSuite, nil, "eae_prk", dh)
	clear(dh)
	v.expand(k, kemSuite, k[:], "shared_secret", enc, to.Bytes())
	v.extract(k, hpkeSuite, k[:], "secret", nil)
	v.expand(k, hpkeSuite, k[:], "exp", hpkeContext)
	v.expand(chain, hpkeSuite, k[:], "sec", []byte(rowChain))
	return enc, nil
}

// agree makes a key pair for one agreement, and erases its private half: the
// copy that the library keeps, too.
func agree(to *ecdh.PublicKey) (public, dh []byte, err error) {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	defer clear(secret)
	own, err := ecdh.X25519().NewPrivateKey(secret)
	if err != nil {
		return nil, nil, err
	}
	inside := reflect.ValueOf(own).Elem().FieldByName("privateKey")
	if !inside.IsValid() || inside.Kind() != reflect.Slice || inside.Len() != 32 {
		return nil, nil, errors.New("this version of Go keeps private keys in a place that cannot be erased")
	}
	defer clear(inside.Bytes())
	dh, err = own.ECDH(to)
	return own.PublicKey().Bytes(), dh, err
}

// sealOnce is AES-256-GCM with a key that serves once, so that the nonce is
// constant; the key and what was made of it are erased.
func sealOnce(row []byte, key *[32]byte, plain, aad []byte) ([]byte, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	defer erase(block)
	g, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	defer erase(g)
	clear(key[:])
	return g.Seal(row, make([]byte, 12), plain, aad), nil
}
