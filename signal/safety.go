package signal

import (
	"crypto/sha512"
	"crypto/subtle"
	"fmt"
	"strings"
)

// Safety numbers: what two people compare to see that nobody stands between.
//
// spec: deployed 4
const (
	safetyIterations = 5200
	safetyVersion    = 2
	safetyCodeHash   = 32
)

// The fields of a safety code, and of each party in it.
var (
	codeFields      = shape{1: number, 2: octets, 3: octets}
	codePartyFields = shape{1: octets}
)

// SafetyParty is one of the two: an identity key and the bytes by which the
// application names its owner.
type SafetyParty struct {
	Key        PublicKey
	Identifier []byte
}

// Safety is the comparison of two parties as one of them sees it.
type Safety struct{ local, remote [sha512.Size]byte }

// NewSafety computes it; that takes some ten thousand hashes, a few
// milliseconds.
func NewSafety(local, remote SafetyParty) (Safety, error) {
	if local.Key.IsZero() || remote.Key.IsZero() {
		return Safety{}, ErrInvalidKey
	}
	return Safety{local.hash(), remote.hash()}, nil
}

func (p SafetyParty) hash() [sha512.Size]byte {
	key := p.Key.Bytes()
	first := append([]byte{0, 0}, key...)
	first = append(append(first, p.Identifier...), key...)
	sum := sha512.Sum512(first)
	next := make([]byte, 0, sha512.Size+PublicKeySize)
	for range safetyIterations - 1 {
		next = append(append(next[:0], sum[:]...), key...)
		sum = sha512.Sum512(next)
	}
	return sum
}

// Digits are the sixty decimal digits that both sides show alike.
func (s Safety) Digits() string {
	a, b := digits(s.local), digits(s.remote)
	if b < a {
		a, b = b, a
	}
	return a + b
}

// digits takes 30 bytes as six numbers of 40 bits, five digits of each.
func digits(hash [sha512.Size]byte) string {
	var out strings.Builder
	for i := 0; i < 30; i += 5 {
		var n uint64
		for _, b := range hash[i : i+5] {
			n = n<<8 | uint64(b)
		}
		fmt.Fprintf(&out, "%05d", n%100000)
	}
	return out.String()
}

// Code is the content of the QR code that the other side scans.
func (s Safety) Code() []byte {
	b := appendNumber(nil, 1, safetyVersion)
	b = appendOctets(b, 2, appendOctets(nil, 1, s.local[:safetyCodeHash]))
	return appendOctets(b, 3, appendOctets(nil, 1, s.remote[:safetyCodeHash]))
}

// Matches compares a code scanned from the other side's screen with our own
// view: their local must be our remote and the other way round. One's own code
// does not match.
func (s Safety) Matches(scanned []byte) (bool, error) {
	version, local, remote, err := parseCode(scanned)
	if err != nil {
		return false, err
	}
	if version != safetyVersion {
		return false, ErrCodeVersion
	}
	theirs := subtle.ConstantTimeCompare(local, s.remote[:safetyCodeHash])
	ours := subtle.ConstantTimeCompare(remote, s.local[:safetyCodeHash])
	return theirs&ours == 1, nil
}

// parseCode reads a code; a party that is missing is empty and matches nothing.
func parseCode(b []byte) (version uint32, local, remote []byte, err error) {
	outer, err := parseFields(b, codeFields)
	if err != nil {
		return 0, nil, nil, ErrInvalidCode
	}
	local, err = codeParty(outer.bytes[2])
	if err != nil {
		return 0, nil, nil, err
	}
	remote, err = codeParty(outer.bytes[3])
	if err != nil {
		return 0, nil, nil, err
	}
	return outer.numbers[1], local, remote, nil
}

func codeParty(b []byte) ([]byte, error) {
	inner, err := parseFields(b, codePartyFields)
	if err != nil {
		return nil, ErrInvalidCode
	}
	return inner.bytes[1], nil
}
