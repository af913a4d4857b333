package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"

	"letterlock/ledger/proof"
)

// secret is all that a ledger keeps to itself besides its openings: the keys
// it signs with and the seed of salts and dummies. It cannot be compared,
// printed, logged or marshalled by accident.
type secret struct {
	_       [0]func()
	master  [32]byte
	log     ed25519.PrivateKey // signs settings and own checkpoints
	witness ed25519.PrivateKey // co-signs the other half's
	seed    []byte             // of salts, dummies and slots
}

const redacted = "[ledger secret]"

func (*secret) String() string             { return redacted }
func (*secret) GoString() string           { return redacted }
func (*secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }
func (*secret) LogValue() slog.Value       { return slog.StringValue(redacted) }
func (*secret) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a ledger's secret is not marshalled")
}
func (*secret) MarshalText() ([]byte, error) {
	return nil, errors.New("a ledger's secret is not marshalled")
}

func newSecret(master [32]byte) *secret {
	s := &secret{master: master}
	s.log = ed25519.NewKeyFromSeed(s.derive("log key"))
	s.witness = ed25519.NewKeyFromSeed(s.derive("witness key"))
	s.seed = s.derive("salts and dummies")
	return s
}

func (s *secret) derive(what string) []byte {
	k, err := hkdf.Key(sha256.New, s.master[:], nil, "letterlock ledger v1 "+what, 32)
	if err != nil {
		panic(err) // 32 bytes are always within what HKDF gives
	}
	return k
}

const secretHead = "letterlock ledger secret v1\n"

// file is the secret as its file holds it.
func (s *secret) file() []byte {
	return append([]byte(secretHead), hex.EncodeToString(s.master[:])+"\n"...)
}

func parseSecret(b []byte) (*secret, error) {
	text, ok := bytes.CutPrefix(b, []byte(secretHead))
	if !ok || len(text) != 65 {
		return nil, errors.New("not a ledger's secret file")
	}
	var master [32]byte
	if _, err := hex.Decode(master[:], text[:64]); err != nil {
		return nil, errors.New("the ledger's secret is damaged")
	}
	s := newSecret(master)
	if !bytes.Equal(s.file(), b) {
		return nil, errors.New("the ledger's secret is not in its one exact form")
	}
	return s, nil
}

// stream is the keyed pseudo-random function behind salts and dummies. To
// whoever lacks the seed its output cannot be told from SHA-256 leaves.
func (s *secret) stream(what string, n uint64, more []byte) [32]byte {
	m := hmac.New(sha256.New, s.seed)
	m.Write([]byte(what))
	m.Write(binary.BigEndian.AppendUint64(nil, n))
	m.Write(more)
	return [32]byte(m.Sum(nil))
}

// salt depends on the entry too: a number that is given again after a crash
// or a restore never salts two different entries alike.
func (s *secret) salt(seq uint64, entry []byte) proof.Salt {
	h := sha256.Sum256(entry)
	return proof.Salt(s.stream("salt", seq, h[:]))
}

// dummy is the leaf at an index where no record stands.
func (s *secret) dummy(index int64) proof.Leaf {
	return proof.Leaf(s.stream("dummy", uint64(index), nil))
}

// slots is a secret order of a batch's places, so that a leaf's place does
// not tell its owner how many records stand before it.
func (s *secret) slots(batch int64, n int) []int {
	key := s.stream("slots", uint64(batch), nil)
	return rand.New(rand.NewChaCha8(key)).Perm(n)
}
