package spqr

import (
	"encoding/binary"
	"math"
)

const format = 1

// Bytes writes the state. Equal states, equal bytes.
func (s *State) Bytes() []byte {
	b := append(make(writer, 0, 512), format, byte(s.version), flag(s.required))
	if s.version == agreed0 {
		return b
	}
	b.chains(s.keys)
	b.braid(s.braid)
	return b
}

func flag(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// writer appends fields; number and lengths are uvarints.
type writer []byte

func (w *writer) number(v uint64) { *w = binary.AppendUvarint(*w, v) }

func (w *writer) octets(b []byte) { *w = append(*w, b...) }

func (w *writer) blob(b []byte) {
	w.number(uint64(len(b)))
	w.octets(b)
}

func (w *writer) line(l line) {
	w.octets(l.key[:])
	w.number(uint64(l.index))
}

func (w *writer) chains(c chains) {
	*w = append(*w, flag(c.initiator))
	w.octets(c.root[:])
	w.number(uint64(len(c.epochs)))
	for _, e := range c.epochs {
		w.number(e.epoch)
		w.line(e.sending)
		w.line(e.receiving)
		w.number(uint64(len(e.skipped)))
		for _, p := range e.skipped {
			w.line(line{p.key, p.index})
		}
	}
}

func (w *writer) braid(b braid) {
	w.number(b.epoch)
	*w = append(*w, byte(b.at))
	w.octets(b.auth.root[:])
	w.octets(b.auth.mac[:])
	w.number(uint64(b.next))
	for _, x := range [][]byte{b.seed, b.made.header, b.made.m, b.made.r, b.made.ct1, b.object, b.ct1} {
		w.blob(x)
	}
	for _, g := range []gathered{b.first, b.second} {
		w.number(uint64(len(g)))
		for _, c := range g {
			w.number(uint64(c.index))
			w.octets(c.data[:])
		}
	}
}

// Parse reads what Bytes wrote, into memory of its own.
func Parse(stored []byte) (*State, error) {
	p := parser{rest: stored}
	head := p.take(3)
	s := &State{version: version(head[1]), required: head[2] == 1}
	if p.failed || head[0] != format || s.version >= versions || head[2] > 1 {
		return nil, errBroken
	}
	if s.version != agreed0 {
		s.keys = p.chains()
		s.braid = p.braid()
	}
	if p.failed || len(p.rest) != 0 {
		return nil, errBroken
	}
	return s, nil
}

// limits of what is stored: two epochs and the one that begins, for either
// direction of sending.
const maxEpochs = 4

func (p *parser) key() (k key) {
	copy(k[:], p.take(len(k)))
	return k
}

func (p *parser) line() line { return line{p.key(), uint32(p.uvarint(math.MaxUint32))} }

// count reads how many things of a least size follow.
func (p *parser) count(max uint64, size int) int {
	n := p.uvarint(max)
	if n*uint64(size) > uint64(len(p.rest)) {
		p.failed = true
		return 0
	}
	return int(n)
}

func (p *parser) blob() []byte {
	n := p.count(4096, 1)
	if n == 0 {
		return nil
	}
	return append([]byte(nil), p.take(n)...)
}

func (p *parser) chains() (c chains) {
	c.initiator = p.take(1)[0] == 1
	c.root = p.key()
	for range p.count(maxEpochs, 66) {
		e := epochKeys{epoch: p.uvarint(math.MaxUint64), sending: p.line(), receiving: p.line()}
		for range p.count(keptIndexes, 33) {
			l := p.line()
			e.skipped = append(e.skipped, passed{l.index, l.key})
		}
		if n := len(c.epochs); n > 0 && e.epoch != c.epochs[n-1].epoch+1 {
			p.failed = true
		}
		c.epochs = append(c.epochs, e)
	}
	if len(c.epochs) == 0 {
		p.failed = true
	}
	return c
}

func (p *parser) braid() (b braid) {
	b.epoch = p.uvarint(math.MaxUint64)
	b.at = step(p.take(1)[0])
	b.auth = authenticator{p.key(), p.key()}
	b.next = uint16(p.uvarint(math.MaxUint16))
	for _, x := range []*[]byte{&b.seed, &b.made.header, &b.made.m, &b.made.r, &b.made.ct1, &b.object, &b.ct1} {
		*x = p.blob()
	}
	for _, g := range []*gathered{&b.first, &b.second} {
		for range p.count(vectorChunks, 33) {
			c := chunk{index: uint16(p.uvarint(math.MaxUint16))}
			copy(c.data[:], p.take(chunkSize))
			*g = append(*g, c)
		}
	}
	if !b.sound() {
		p.failed = true
	}
	return b
}

// sound tells whether the parts that the step works with are there.
func (b *braid) sound() bool {
	has := func(x []byte, n int) bool { return len(x) == n }
	key := has(b.seed, seedSize)
	made := has(b.made.header, headerSize) && has(b.made.m, 32) && has(b.made.r, 32) && has(b.made.ct1, ct1Size)
	switch b.at {
	case keysUnsampled, noHeaderReceived:
		return b.epoch > 0
	case keysSampled:
		return key && has(b.object, headerChunks*chunkSize)
	case headerSent:
		return key && has(b.object, vectorSize)
	case ct1Received:
		return key && has(b.object, vectorSize) && has(b.ct1, ct1Size)
	case ekSentCt1Received:
		return key && has(b.ct1, ct1Size)
	case headerReceived:
		return len(b.first) == headerChunks
	case ct1Sampled, ekReceivedCt1Sampled:
		return made && has(b.object, ct1Size) && (b.at == ct1Sampled || len(b.second) == vectorChunks)
	case ct1Acknowledged:
		return made
	case ct2Sampled:
		return has(b.object, ct2Chunks*chunkSize)
	}
	return false
}

// Secrets lists every secret value of the state, for forensic tests.
func (s *State) Secrets() [][]byte {
	if s.version == agreed0 {
		return nil
	}
	out := [][]byte{s.keys.root[:], s.braid.auth.root[:], s.braid.auth.mac[:], s.braid.seed, s.braid.made.m, s.braid.made.r}
	for _, e := range s.keys.epochs {
		out = append(out, e.sending.key[:], e.receiving.key[:])
		for _, l := range []line{e.sending, e.receiving} {
			k, _ := l.step()
			out = append(out, k[:])
		}
		for _, p := range e.skipped {
			out = append(out, p.key[:])
		}
	}
	kept := out[:0]
	for _, b := range out {
		if len(b) >= 32 {
			kept = append(kept, b)
		}
	}
	return kept
}
