package signal

import "errors"

// Sentinel errors. The texts say what happened and nothing about keys.
var (
	// ErrNoSession: there is no session with that device that may be used;
	// fetch a bundle and call ProcessBundle.
	ErrNoSession = errors.New("signal: no session")
	// ErrDuplicate: the message was opened before, or its key was dropped
	// because too many others came between.
	ErrDuplicate = errors.New("signal: duplicate message")
	// ErrUntrustedIdentity: the store does not trust the identity key that the
	// peer now uses.
	ErrUntrustedIdentity = errors.New("signal: untrusted identity")
	// ErrInvalidMessage: malformed, altered, or made for another session.
	ErrInvalidMessage = errors.New("signal: decryption failed")
	// ErrReplay: this session set-up was seen before and its session is gone.
	ErrReplay = errors.New("signal: replayed session set-up")
	// ErrInvalidKey: a key is malformed, not canonical, or of low order.
	ErrInvalidKey = errors.New("signal: invalid key")
	// ErrInvalidSignature: a pre-key is not signed by the identity it came with.
	ErrInvalidSignature = errors.New("signal: invalid signature")
	// ErrUnknownPreKey: a message names a pre-key that the store does not hold.
	ErrUnknownPreKey = errors.New("signal: unknown pre-key")
	// ErrInvalidAddress: a device number outside 1..127, an empty name, or a
	// bundle made for another device.
	ErrInvalidAddress = errors.New("signal: invalid address")
	// ErrInvalidRecord: stored bytes are not what this package wrote.
	ErrInvalidRecord = errors.New("signal: invalid stored record")
	// ErrExhausted: a sending chain has used every counter.
	ErrExhausted = errors.New("signal: sending chain exhausted")
	// ErrInvalidCode: a scanned safety code cannot be read.
	ErrInvalidCode = errors.New("signal: invalid safety code")
	// ErrCodeVersion: a scanned safety code has another version.
	ErrCodeVersion = errors.New("signal: other safety code version")
)
