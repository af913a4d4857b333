package law

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// RowHash identifies a row as it reads: grants and approvals cite it.
type RowHash [sha256.Size]byte

func (h RowHash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash as 64 lower-case hexadecimal digits.
func (h RowHash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (h *RowHash) UnmarshalText(b []byte) error {
	got, err := ParseRowHash(string(b))
	if err != nil {
		return err
	}
	*h = got
	return nil
}

// ParseRowHash reads 64 hexadecimal digits.
func ParseRowHash(s string) (RowHash, error) {
	var h RowHash
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) || hex.EncodeToString(b) != s {
		return RowHash{}, fmt.Errorf("a row hash is 64 lower-case hexadecimal digits")
	}
	copy(h[:], b)
	return h, nil
}

// rowDomain separates row hashes from every other hash in the house.
const rowDomain = "letterlock law row v1\n"

// Hash is SHA-256 over the canonical encoding of the row: every field that
// the table states, in fixed order. Who approved an operator's row is not
// part of it.
func (r Row) Hash() RowHash {
	b, err := json.Marshal(r)
	if err != nil {
		panic("law: a row that cannot be encoded: " + err.Error()) // only strings, numbers and lists
	}
	return sha256.Sum256(append([]byte(rowDomain), b...))
}

// Hash is SHA-256 over the hashes of all rows in order: one value for "the
// law as it stood".
func (t *Table) Hash() RowHash { return t.hash }

func hashOf(rows []Row) RowHash {
	h := sha256.New()
	h.Write([]byte("letterlock law table v1\n"))
	for _, r := range rows {
		x := r.Hash()
		h.Write(x[:])
	}
	return RowHash(h.Sum(nil))
}
