package client

import "letterlock/wire"

// entryOfBook is a contact whom this person put into their list.
type entryOfBook struct {
	Name    string         `cbor:"name,omitempty"`
	Account wire.AccountID `cbor:"account"` // zero: not known to be here
	Asked   int64          `cbor:"asked,omitempty"`
}

// inBook reports whether an account is that of a contact.
func (s *state) inBook(id wire.AccountID) (bool, error) {
	k, found, err := load[known](s, BucketKnown, id[:])
	if err != nil || !found || !k.Checked {
		return false, err
	}
	_, found, err = load[entryOfBook](s, BucketBook, []byte(k.Phone))
	return found, err
}
