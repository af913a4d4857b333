package wire

import (
	"crypto/ecdh"
	"encoding/binary"
	"errors"

	"letterlock/wire/hpke"
)

// PathReport takes a report of abuse: Report -> Nothing.
const PathReport = "/v1/report"

// Report is what a person hands to the operator about somebody, sealed to the
// operator's key for reports. The server cannot open it.
type Report struct {
	Sealed []byte `cbor:"sealed"`
}

// Limits of a Report, in bytes.
const (
	MaxReport   = 48 << 10 // of what a person writes and chooses
	reportBlock = 4096     // it is padded to steps of so many
	maxSealed   = MaxReport + reportBlock + 64
)

const reportInfo = "letterlock report v1"

// ErrReport says that a report does not open, or is none.
var ErrReport = errors.New("bad report")

// Filed is a report as the server keeps it, sealed once more to the same key,
// so that its disk does not say who reported.
type Filed struct {
	_        struct{} `cbor:",toarray"`
	Reporter AccountID
	Sealed   []byte // as the reporter sealed it
}

// SealReport seals something to the operator's key for reports (X25519, 32
// bytes), padded.
func SealReport(key, plain []byte) ([]byte, error) {
	to, err := ecdh.X25519().NewPublicKey(key)
	if err != nil {
		return nil, ErrReport
	}
	enc, s, err := hpke.NewSender(to, []byte(reportInfo))
	if err != nil {
		return nil, err
	}
	n := (4 + len(plain) + reportBlock - 1) / reportBlock * reportBlock
	padded := append(binary.BigEndian.AppendUint32(make([]byte, 0, n), uint32(len(plain))), plain...)
	sealed, err := s.Seal(nil, padded[:n])
	return append(enc, sealed...), err
}

// OpenReport opens what SealReport sealed.
func OpenReport(key *ecdh.PrivateKey, sealed []byte) ([]byte, error) {
	if len(sealed) < 32 {
		return nil, ErrReport
	}
	r, err := hpke.NewRecipient(sealed[:32], key, []byte(reportInfo))
	if err != nil {
		return nil, ErrReport
	}
	padded, err := r.Open(nil, sealed[32:])
	if err != nil || len(padded) < 4 {
		return nil, ErrReport
	}
	n := binary.BigEndian.Uint32(padded)
	if uint64(n)+4 > uint64(len(padded)) {
		return nil, ErrReport
	}
	return padded[4 : 4+n], nil
}

// Fits reports whether a report is of a length that is taken.
func (r Report) Fits() bool { return len(r.Sealed) > 48 && len(r.Sealed) <= maxSealed }
