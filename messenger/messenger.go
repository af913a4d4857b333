// Package messenger is the carrier's half: it carries sealed envelopes and
// keeps the few facts that the inventory names. This root package holds the
// nouns in which its parts meet; it knows no store, no network and no key that
// opens anything.
package messenger

import (
	"io"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// Outlet is the socket of a device as the mailbox sees it. The calls never
// block and never call back into the session.
type Outlet interface {
	// Ready says that the session's outbound frames are not empty any more:
	// the socket takes them with Session.Next when it can write.
	Ready()
	// Close ends the socket after a Goodbye with the sentence. A second call
	// does nothing.
	Close(say string)
}

// Session is one connected device in the mailbox.
type Session interface {
	// Send takes an envelope; the answer (Sent or Refused) comes as a frame.
	// It blocks while too many of this device's envelopes wait for an answer.
	Send(s wire.Send)
	// Hint hands something over to a device that is connected, or drops it.
	Hint(h wire.Hint)
	// Ack forgets what was delivered under the numbers.
	Ack(seqs []uint64)
	// Next appends encoded frames for the socket to b until it holds about
	// limit bytes and returns it with the end of each frame in it; no ends:
	// nothing waits. Written frames count as delivered, not as received.
	Next(b []byte, ends []int, limit int) ([]byte, []int)
	// Refuse answers an envelope without taking it: the device is over its rate.
	Refuse(ref uint64, c wire.Code, retryAfter uint32)
	// Tell gives the device a frame.
	Tell(f wire.Frame)
	// Close detaches the device. What it has not acknowledged is kept.
	Close()
}

// Blob is a stored file, sealed, from which any range is read. Close it.
type Blob interface {
	io.ReadSeeker
	io.Closer
}

// Sizes of public keys, in bytes, as libsignal serialises them.
const (
	curveKey  = 33   // 0x05 and the u-coordinate
	kemKey    = 1569 // 0x08 and a Kyber-1024 key
	signature = 64   // XEdDSA
)

// CheckKeys refuses an upload of pre-keys whose shapes are wrong. The carrier
// does not link the code that could check the signatures; every client does.
// A complete upload, at registration, has a signed and a last-resort key.
func CheckKeys(u wire.KeyUpload, complete bool) error {
	bad := func(what string) error {
		return fault.New(fault.Invalid, "check pre-keys", "the pre-keys cannot be used: %s", what)
	}
	switch {
	case complete && (u.Signed == nil || u.LastResort == nil):
		return bad("a signed and a last-resort key are needed")
	case len(u.OneTime) > wire.MaxOneTime || len(u.KyberOneTime) > wire.MaxOneTime:
		return bad("too many one-time keys in one upload")
	case u.Signed != nil && !shaped(*u.Signed, curveKey, 0x05, signature):
		return bad("the signed key has a wrong shape")
	case u.LastResort != nil && !shaped(*u.LastResort, kemKey, 0x08, signature):
		return bad("the last-resort key has a wrong shape")
	}
	if !allShaped(u.OneTime, curveKey, 0x05, 0) || !allShaped(u.KyberOneTime, kemKey, 0x08, signature) {
		return bad("a one-time key has a wrong shape or repeats a number")
	}
	return nil
}

func shaped(k wire.PreKey, size int, kind byte, sig int) bool {
	return len(k.Key) == size && k.Key[0] == kind && len(k.Signature) == sig
}

func allShaped(ks []wire.PreKey, size int, kind byte, sig int) bool {
	seen := make(map[uint32]bool, len(ks))
	for _, k := range ks {
		if !shaped(k, size, kind, sig) || seen[k.ID] {
			return false
		}
		seen[k.ID] = true
	}
	return true
}
