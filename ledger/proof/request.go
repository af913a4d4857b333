package proof

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Request asks a witness to co-sign a checkpoint: it proves that the new tree
// contains the one the witness saw last.
type Request struct {
	Old  int64 // leaves of the tree the witness saw last, 0 for none
	Path []Hash
	Note []byte // the signed checkpoint
}

// maxPath is the longest path a request may carry.
// spec: c2sp tlog-witness
const maxPath = 63

// Bytes is the request as it travels.
// spec: c2sp tlog-witness
func (r Request) Bytes() []byte {
	b := fmt.Appendf(nil, "old %d\n", r.Old)
	for _, h := range r.Path {
		b = append(b, base64.StdEncoding.EncodeToString(h[:])...)
		b = append(b, '\n')
	}
	b = append(b, '\n')
	return append(b, r.Note...)
}

// ParseRequest reads a request and refuses any but its one form.
func ParseRequest(b []byte) (Request, error) {
	head, rest, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok || len(b) > 1<<20 {
		return Request{}, invalid("a co-signing request is a proof, an empty line and a checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	old, ok := strings.CutPrefix(lines[0], "old ")
	size, err := strconv.ParseInt(old, 10, 64)
	if !ok || err != nil || size < 0 || size > maxSize || len(lines) > 1+maxPath {
		return Request{}, invalid("a co-signing request begins with the old size")
	}
	r := Request{Old: size, Note: rest}
	for _, s := range lines[1:] {
		h, err := tlog.ParseHash(s)
		if err != nil {
			return Request{}, invalid("the request's path holds something that is no hash")
		}
		r.Path = append(r.Path, h)
	}
	if !bytes.Equal(r.Bytes(), b) {
		return Request{}, invalid("the co-signing request is not in its one exact form")
	}
	return r, nil
}
