package opened

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"time"

	"github.com/fxamacker/cbor/v2"

	"letterlock/ledger/proof"
)

// Intro is how a file of openings begins; after it come CBOR items: the
// statement, and the rows, case after case.
const Intro = "letterlock openings v1\n"

// Manifest says what a file must hold. Its act is in the ledger, so that
// nothing can be taken out of the file or put into it later.
type Manifest struct {
	ID         string    `cbor:"id"`
	Made       time.Time `cbor:"made"`
	Checkpoint []byte    `cbor:"checkpoint"` // signed; every row is a leaf of its tree
	Cases      []string  `cbor:"cases,omitempty"`
	From       string    `cbor:"from,omitempty"`  // else: cases filed from this day,
	Until      string    `cbor:"until,omitempty"` // to this one, both included
	Hidden     []string  `cbor:"hidden"`          // the groups of parts that are redacted
	Held       int       `cbor:"held"`            // how many cases
	Rows       int       `cbor:"rows"`            // how many rows
	Sum        []byte    `cbor:"sum"`             // SHA-256 of all rows as they stand in the file
}

// Statement is the first item of a file: the act by which the openings were
// given, as the ledger has its hash, and the ledger's proof of it.
type Statement struct {
	Act   []byte `cbor:"act"`
	Proof []byte `cbor:"proof"`
}

// act is what such an act holds (desk/casefile.Acts); its state is the manifest.
type act struct {
	By struct {
		Kind cbor.RawMessage
		ID   string
		Name string
	} `cbor:"by"`
	Whom  string `cbor:"whom"`
	Why   string `cbor:"why,omitempty"`
	Salt  []byte `cbor:"salt"`
	State []byte `cbor:"state,omitempty"`
}

// ActKind is the kind of the act in the ledger.
const ActKind = "openings.given"

const actDomain = "letterlock act v1\x00"

// Row is one record of a case.
type Row struct {
	Salt  []byte   `cbor:"salt"`
	Entry []byte   `cbor:"entry"` // as the ledger has it
	Index int64    `cbor:"index"`
	Path  [][]byte `cbor:"path"`
	// Event is absent where what was recorded did not come about: the record
	// stands, and the case went on without it.
	Event *Event `cbor:"event,omitempty"`
}

// proof of the row in the tree of a checkpoint.
func (r Row) proof(checkpoint []byte) (proof.Proof, error) {
	p := proof.Proof{Opening: proof.Opening{Entry: r.Entry}, Index: r.Index, Path: make([]proof.Hash, len(r.Path)), Checkpoint: checkpoint}
	if len(r.Salt) != len(p.Opening.Salt) || len(r.Path) > 64 {
		return p, errRow
	}
	p.Opening.Salt = proof.Salt(r.Salt)
	for i, h := range r.Path {
		if len(h) != len(proof.Hash{}) {
			return p, errRow
		}
		p.Path[i] = proof.Hash(h)
	}
	return p, nil
}

var errRow = errors.New("a row is not in the form of a row")

var (
	enc = must(cbor.CoreDetEncOptions().EncMode())
	dec = must(cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 16, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // constants: only a programming error comes here
	}
	return v
}

func decode(b []byte, v any) error { return dec.Unmarshal(b, v) }

// Writer writes the rows of a file and counts them.
type Writer struct {
	out  io.Writer
	sum  hash.Hash
	rows int
}

// NewWriter writes rows to out.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out, sum: sha256.New()} }

// Row writes one.
func (w *Writer) Row(r Row) error {
	b, err := enc.Marshal(r)
	if err != nil {
		return err
	}
	w.rows++
	w.sum.Write(b)
	_, err = w.out.Write(b)
	return err
}

// Sum is the SHA-256 of what was written, and how many rows it was.
func (w *Writer) Sum() (sum []byte, rows int) { return w.sum.Sum(nil), w.rows }

// Begin writes what stands before the rows.
func Begin(out io.Writer, s Statement) error {
	b, err := enc.Marshal(s)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, Intro+string(b))
	return err
}

// Is reports that a file begins as one of openings.
func Is(b []byte) bool { return bytes.HasPrefix(b, []byte(Intro)) }

// maxItem bounds a row: an entry is at most 1 MiB, and an event not much more.
const maxItem = 8 << 20

// items reads a file's CBOR items one after the other.
type items struct {
	in  *bufio.Reader
	dec *cbor.Decoder
}

func read(in io.Reader) (*items, error) {
	x := &items{in: bufio.NewReader(in)}
	intro := make([]byte, len(Intro))
	if _, err := io.ReadFull(x.in, intro); err != nil || string(intro) != Intro {
		return nil, errors.New("this is no file of openings")
	}
	x.dec = dec.NewDecoder(x.in)
	return x, nil
}

// next reads an item and refuses any but its one encoding; raw are its bytes.
func next[T any](x *items) (v T, raw []byte, err error) {
	var b cbor.RawMessage
	if err := x.dec.Decode(&b); err != nil {
		return v, nil, err
	}
	if len(b) > maxItem {
		return v, nil, errRow
	}
	if err := decode(b, &v); err != nil {
		return v, nil, err
	}
	again, err := enc.Marshal(v)
	if err == nil && !bytes.Equal(again, b) {
		err = errors.New("an item is not in its one exact encoding")
	}
	return v, b, err
}
