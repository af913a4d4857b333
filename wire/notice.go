package wire

import (
	"crypto/ed25519"
	"errors"
)

// Notice is what the service itself tells a person: who asked for which facts
// and when. It travels as an envelope of KindNotice whose body is a
// SignedNotice, signed with the carrier's notice key, which the client pinned.
type Notice struct {
	ID        [16]byte  `cbor:"id" json:"id"`
	Account   AccountID `cbor:"account" json:"account"`
	Issued    int64     `cbor:"issued" json:"issued"` // Unix seconds
	Case      string    `cbor:"case" json:"case"`
	Asker     string    `cbor:"asker,omitempty" json:"asker,omitempty"` // empty: the law forbids to say
	Process   string    `cbor:"process" json:"process"`                 // its name in the field's own terms
	Citation  string    `cbor:"citation" json:"citation"`
	Fields    []string  `cbor:"fields" json:"fields"` // titles of the inventory
	Before    bool      `cbor:"before" json:"before"` // told before disclosure: the person may object
	Discloses int64     `cbor:"discloses,omitempty" json:"discloses,omitempty"`
	// From and Until, of a trace, are when it was recorded: Unix seconds.
	From  int64 `cbor:"from,omitempty" json:"from,omitempty"`
	Until int64 `cbor:"until,omitempty" json:"until,omitempty"`
	// Receipt is the ledger's proof that the request was filed, to see that
	// the transparency report counts it; empty where it would name who asked.
	Receipt []byte `cbor:"receipt,omitempty" json:"receipt,omitempty"`
	Text    string `cbor:"text" json:"text"` // the same in plain words
}

// SignedNotice is a notice's bytes and the carrier's signature over them.
type SignedNotice struct {
	Notice    []byte `cbor:"notice"`
	Signature []byte `cbor:"sig"`
}

const noticeContext = "letterlock service notice v1\x00"

// SignNotice signs a notice with the carrier's notice key.
func SignNotice(n Notice, key ed25519.PrivateKey) ([]byte, error) {
	b, err := Marshal(n)
	if err != nil {
		return nil, err
	}
	return Marshal(SignedNotice{Notice: b, Signature: ed25519.Sign(key, append([]byte(noticeContext), b...))})
}

// OpenNotice checks the signature and reads the notice.
func OpenNotice(body []byte, key ed25519.PublicKey) (Notice, error) {
	var s SignedNotice
	if err := Unmarshal(body, &s); err != nil {
		return Notice{}, err
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, append([]byte(noticeContext), s.Notice...), s.Signature) {
		return Notice{}, errors.New("service notice: not signed by the operator's notice key")
	}
	var n Notice
	return n, Unmarshal(s.Notice, &n)
}
