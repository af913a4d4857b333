package spqr

import (
	"encoding/binary"
	"math"
)

// kind says what a message carries of the exchange.
//
// spec: deployed 5.2
type kind byte

const (
	carriesNothing kind = iota
	carriesHeader
	carriesVector
	carriesVectorAck // a piece of the vector, and: ct1 is complete
	carriesAck       // ct1 is complete
	carriesCt1
	carriesCt2
)

func (k kind) hasChunk() bool { return k != carriesNothing && k != carriesAck }

// version1 is the first byte of a message.
const version1 = 1

// message is what travels with each message of a session.
type message struct {
	epoch uint64
	index uint32 // 0: no key is mixed in
	kind  kind
	chunk chunk
}

func (m message) bytes() []byte {
	b := append(make([]byte, 0, 48), version1)
	b = binary.AppendUvarint(b, m.epoch)
	b = binary.AppendUvarint(b, uint64(m.index))
	b = append(b, byte(m.kind))
	if m.kind.hasChunk() {
		b = binary.AppendUvarint(b, uint64(m.chunk.index))
		b = append(b, m.chunk.data[:]...)
	}
	return b
}

// parse reads a message; what follows it is ignored, as deployed.
func parse(b []byte) (m message, err error) {
	if len(b) == 0 || b[0] != version1 {
		return m, errRefused
	}
	p := parser{rest: b[1:]}
	m.epoch = p.uvarint(math.MaxUint64)
	m.index = uint32(p.uvarint(math.MaxUint32))
	if m.kind = kind(p.take(1)[0]); m.kind.hasChunk() {
		m.chunk.index = uint16(p.uvarint(math.MaxUint16))
		copy(m.chunk.data[:], p.take(chunkSize))
	}
	if p.failed || m.epoch == 0 || m.kind > carriesCt2 {
		return message{}, errRefused
	}
	return m, nil
}

// parser takes fields off; after the first failure it yields zeros.
type parser struct {
	rest   []byte
	failed bool
}

func (p *parser) take(n int) []byte {
	if p.failed || n > len(p.rest) {
		p.failed = true
		return make([]byte, n)
	}
	b := p.rest[:n:n]
	p.rest = p.rest[n:]
	return b
}

func (p *parser) uvarint(max uint64) uint64 {
	v, n := binary.Uvarint(p.rest)
	if p.failed || n <= 0 || v > max {
		p.failed = true
		return 0
	}
	p.rest = p.rest[n:]
	return v
}
