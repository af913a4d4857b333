package door

import (
	"context"
	"time"

	d "letterlock/disclosable"
)

// Keep is a grant about a snapshot and the desk's half of the snapshot's key.
// The carrier keeps the other half and never this one: a snapshot opens only
// where both are brought together, under a grant that two people signed.
type Keep struct {
	Grant d.Hash   `cbor:"grant"`
	Half  [32]byte `cbor:"half"`
	// Taken is the grant that a snapshot to be renewed was taken under; zero
	// otherwise.
	Taken d.Hash `cbor:"taken"`
}

// Kept is the outcome of a preserve grant. It says nothing of what was found.
type Kept struct {
	At    time.Time `cbor:"at"` // when the records were read
	Until time.Time `cbor:"until"`
}

// Preserve implements Door.
func (c *Client) Preserve(ctx context.Context, k Keep) (Kept, error) {
	out, err := call[Kept](ctx, c, "preserve", k)
	out.At, out.Until = inUTC(out.At), inUTC(out.Until)
	return out, err
}

// OpenSnapshot implements Door.
func (c *Client) OpenSnapshot(ctx context.Context, k Keep) (Release, error) {
	r, err := call[Release](ctx, c, "open-snapshot", k)
	r.At = inUTC(r.At)
	return r, err
}
