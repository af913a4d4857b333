package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/fxamacker/cbor/v2"

	"letterlock/ledger/proof"
)

// A frame is length (4 bytes), CRC-32C of the length (4), chain (32), payload.
const (
	frameHead  = 40
	maxPayload = 4 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// chain ties each frame to all before it.
type chain [32]byte

func (c chain) next(payload []byte) chain {
	h := sha256.New()
	h.Write([]byte("letterlock journal v1"))
	h.Write(c[:])
	h.Write(payload)
	return chain(h.Sum(nil))
}

func appendFrame(b []byte, prev chain, payload []byte) ([]byte, chain) {
	c := prev.next(payload)
	at := len(b)
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b[at:at+4], castagnoli))
	b = append(b, c[:]...)
	return append(b, payload...), c
}

// What reading a frame can fail with.
var (
	errCut = errors.New("the file ends within a record")             // an interrupted write
	errBad = errors.New("the record does not fit the one before it") // anything else
)

// readFrame reads the next frame; io.EOF says that there is none.
func readFrame(r io.Reader, prev chain) ([]byte, chain, error) {
	var head [frameHead]byte
	n, err := io.ReadFull(r, head[:])
	switch {
	case n == 0 && err == io.EOF:
		return nil, prev, io.EOF
	case n >= 8 && !soundHead(head[:]):
		return nil, prev, errBad
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, prev, errCut
	case err != nil:
		return nil, prev, err
	}
	payload := make([]byte, binary.BigEndian.Uint32(head[:]))
	if _, err := io.ReadFull(r, payload); errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
		return nil, prev, errCut
	} else if err != nil {
		return nil, prev, err
	}
	c := prev.next(payload)
	if c != chain(head[8:]) {
		return nil, prev, errBad
	}
	return payload, c, nil
}

func soundHead(h []byte) bool {
	return crc32.Checksum(h[:4], castagnoli) == binary.BigEndian.Uint32(h[4:]) && binary.BigEndian.Uint32(h) <= maxPayload
}

// The kinds of item.
const (
	itemRecord = 1
	itemBatch  = 2
)

// item is what a frame carries: a record, or which records made a batch.
type item struct {
	Kind int `cbor:"1,keyasint"`

	Seq      uint64 `cbor:"2,keyasint,omitempty"`
	Salt     []byte `cbor:"3,keyasint,omitempty"`
	Entry    []byte `cbor:"4,keyasint,omitempty"`
	Priority bool   `cbor:"5,keyasint,omitempty"`
	Aside    []byte `cbor:"6,keyasint,omitempty"` // its number in the side journal, if it comes from there
	Clock    int64  `cbor:"7,keyasint,omitempty"` // new high-water mark that people accepted, nanoseconds

	Batch     int64    `cbor:"8,keyasint,omitempty"`  // number, from 0
	Due       int64    `cbor:"9,keyasint,omitempty"`  // tick by the clock, seconds
	Tick      int64    `cbor:"10,keyasint,omitempty"` // time of the checkpoint, seconds
	Slots     []uint64 `cbor:"11,keyasint,omitempty"` // pairs: record, leaf
	HighWater int64    `cbor:"12,keyasint,omitempty"` // nanoseconds
}

var (
	encMode = must(cbor.CoreDetEncOptions().EncMode())
	decMode = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		MaxNestedLevels:   8,
		MaxArrayElements:  2*maxBatch + 16,
		MaxMapPairs:       32,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // constant options: can only fail while being written
	}
	return v
}

func (it item) bytes() []byte { return must(encMode.Marshal(it)) }

func parseItem(b []byte) (item, error) {
	var it item
	if err := decMode.Unmarshal(b, &it); err != nil {
		return item{}, fmt.Errorf("read journal item: %w", err)
	}
	switch {
	case !bytes.Equal(it.bytes(), b):
		return item{}, errors.New("journal item not in its one exact encoding")
	case it.Kind == itemRecord && (len(it.Salt) != 32 || it.Seq == 0 || it.Batch|it.Due|it.Tick|it.HighWater != 0 || it.Slots != nil):
		return item{}, errors.New("journal record without number or salt")
	case it.Kind == itemBatch && (it.Seq != 0 || it.Salt != nil || it.Entry != nil || it.Clock != 0 || len(it.Slots)%2 != 0):
		return item{}, errors.New("journal batch with parts of a record")
	case it.Kind != itemRecord && it.Kind != itemBatch:
		return item{}, fmt.Errorf("journal item of unknown kind %d", it.Kind)
	}
	return it, nil
}

func (it item) opening() proof.Opening {
	return proof.Opening{Salt: proof.Salt(it.Salt), Entry: it.Entry}
}
