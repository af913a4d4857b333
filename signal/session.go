package signal

import "errors"

var errUnfinished = errors.New("signal: not written")

// ProcessBundleTx is ProcessBundle inside the caller's Update.
func (d *Device) ProcessBundleTx(tx Tx, peer Address, b Bundle) error { return errUnfinished }

// EncryptTx is Encrypt inside the caller's Update.
func (d *Device) EncryptTx(tx Tx, peer Address, plaintext []byte) (Message, error) {
	return Message{}, errUnfinished
}

// DecryptTx is Decrypt inside the caller's Update.
func (d *Device) DecryptTx(tx Tx, peer Address, m Message) ([]byte, error) {
	return nil, errUnfinished
}

// HasSessionTx is HasSession inside the caller's Update.
func (d *Device) HasSessionTx(tx Tx, peer Address) (bool, error) { return false, errUnfinished }

// ArchiveSessionTx retires the current session with peer: it can still
// receive, and the next Encrypt asks for a new bundle.
func (d *Device) ArchiveSessionTx(tx Tx, peer Address) error { return errUnfinished }
