package proof

import (
	"bytes"
	"encoding/json"

	"golang.org/x/mod/sumdb/tlog"
)

// Continuation is a consistency proof as it is published: that the ledger of the
// signed checkpoint begins with the leaves of an older one.
type Continuation struct {
	Old        int64    `json:"old"` // leaves
	New        int64    `json:"new"`
	Proof      []string `json:"proof"` // hashes, base64
	Checkpoint string   `json:"checkpoint"`
}

// NewContinuation is the proof from a number of leaves to a checkpoint of size.
func NewContinuation(old, size int64, path []Hash, checkpoint []byte) Continuation {
	out := Continuation{Old: old, New: size, Proof: make([]string, len(path)), Checkpoint: string(checkpoint)}
	for i, h := range path {
		out.Proof[i] = h.String()
	}
	return out
}

// ParseContinuation reads a published proof; it checks nothing but its form.
func ParseContinuation(b []byte) (Continuation, error) {
	var c Continuation
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, invalid("it is not a proof as the page of ledgers gives it")
	}
	return c, nil
}

// Path is the hashes of the proof.
func (c Continuation) Path() (path []Hash, err error) {
	for _, s := range c.Proof {
		h, err := tlog.ParseHash(s)
		if err != nil {
			return nil, invalid("the proof holds something that is no hash")
		}
		path = append(path, h)
	}
	return path, nil
}
