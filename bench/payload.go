package bench

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A payload stands for what the protocol sealed: opaque bytes of one size. It
// carries its number and the time it was sent, a checksum, and a marker that
// can be searched for on a disk.
//
//	0 sender u32 | 4 number u32 | 8 sent ns i64 | 16 crc32c u32 of the rest | 20 marker (24) | random
const (
	payloadSize = 1024
	markerAt    = 20
	markerSize  = 24
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func marker(run string) []byte {
	return []byte(fmt.Sprintf("%-*.*s", markerSize, markerSize, "bench-marker:"+run+"=================="))
}

type payload struct {
	sender, number uint32
	sent           int64
}

// writer makes the payloads of one sender: the random part stays, which a
// carrier that sees only sealed bytes cannot exploit.
type writer struct {
	buf [payloadSize]byte
	sum uint32
}

func newWriter(run string) *writer {
	w := &writer{}
	rand.Read(w.buf[:])
	copy(w.buf[markerAt:], marker(run))
	w.sum = crc32.Checksum(w.buf[markerAt:], castagnoli)
	return w
}

// next is valid until the next call.
func (w *writer) next(p payload) []byte {
	binary.LittleEndian.PutUint32(w.buf[0:], p.sender)
	binary.LittleEndian.PutUint32(w.buf[4:], p.number)
	binary.LittleEndian.PutUint64(w.buf[8:], uint64(p.sent))
	binary.LittleEndian.PutUint32(w.buf[16:], w.sum)
	return w.buf[:]
}

func readPayload(b []byte) (payload, error) {
	if len(b) != payloadSize {
		return payload{}, fmt.Errorf("a payload of %d bytes arrived", len(b))
	}
	if crc32.Checksum(b[markerAt:], castagnoli) != binary.LittleEndian.Uint32(b[16:]) {
		return payload{}, fmt.Errorf("a damaged payload arrived")
	}
	return payload{binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), int64(binary.LittleEndian.Uint64(b[8:]))}, nil
}
