package proof

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"letterlock/internal/fault"
)

// Hash is a node of the Merkle tree (RFC 6962).
type Hash = tlog.Hash

// maxSize keeps sizes within what the tree's arithmetic can hold.
const maxSize = 1 << 48

// Checkpoint says what a ledger's tree was at a time.
type Checkpoint struct {
	Origin string // the ledger's name
	Size   int64  // leaves in the tree
	Root   Hash
	Time   time.Time // the tick it was made for, whole seconds, UTC
}

const timePrefix = "time "

// Text is the checkpoint as it is signed: origin, size, root and one extension
// line with the time.
// spec: c2sp tlog-checkpoint
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n%s%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]),
		timePrefix, c.Time.UTC().Format(time.RFC3339))
}

// ParseCheckpoint reads a checkpoint's text. Only the exact bytes that Text
// writes are a checkpoint of ours.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[4] != "" || !validName(lines[0]) {
		return Checkpoint{}, invalid("a checkpoint has four lines: name, size, root and time")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || size > maxSize {
		return Checkpoint{}, invalid("the checkpoint's size is not a number")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, invalid("the checkpoint's root is not a hash")
	}
	at, err := time.Parse(time.RFC3339, strings.TrimPrefix(lines[3], timePrefix))
	if err != nil {
		return Checkpoint{}, invalid("the checkpoint has no time")
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root, Time: at.UTC()}
	if c.Text() != text {
		return Checkpoint{}, invalid("the checkpoint is not in its one exact form")
	}
	return c, nil
}

// Signed is a checkpoint whose ledger's signature has been verified.
type Signed struct {
	Checkpoint
	Note      []byte     // the bytes as received
	Cosigners []Cosigner // of these, only those whose key is trusted
}

// Cosigner is a half that vouches for a checkpoint.
type Cosigner struct {
	Name string
	Time time.Time
}

// CosignedBy reports whether a witness of this name has co-signed.
func (s Signed) CosignedBy(name string) bool {
	for _, c := range s.Cosigners {
		if c.Name == name {
			return true
		}
	}
	return false
}

// OpenCheckpoint verifies a signed checkpoint: the ledger's own signature by a
// trusted key of the ledger's name is required, co-signatures are counted.
func OpenCheckpoint(signed []byte, trusted Keys) (Signed, error) {
	n, err := note.Open(signed, trusted.verifiers())
	if err != nil {
		return Signed{}, fault.Wrap(fault.Invalid, "open checkpoint", err, "the checkpoint carries no valid signature by a key that is trusted here.")
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Signed{}, err
	}
	out := Signed{Checkpoint: c, Note: append([]byte(nil), signed...)}
	own := false
	for _, s := range n.Sigs {
		if at, ok := cosignedAt(trusted, s); ok {
			out.Cosigners = append(out.Cosigners, Cosigner{Name: s.Name, Time: at})
		} else if s.Name == c.Origin {
			own = true
		}
	}
	if !own {
		return Signed{}, invalid("the checkpoint of %s is not signed by the key of that name", c.Origin)
	}
	return out, nil
}

func cosignedAt(trusted Keys, s note.Signature) (time.Time, bool) {
	if _, ok := trusted.witness(s.Name, s.Hash); !ok {
		return time.Time{}, false
	}
	b, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(b) < 12 {
		return time.Time{}, false
	}
	return time.Unix(int64(binary.BigEndian.Uint64(b[4:])), 0).UTC(), true
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "verify ledger proof", format+".", args...)
}
