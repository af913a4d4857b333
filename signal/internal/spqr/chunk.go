package spqr

import (
	"encoding/binary"
	"slices"
)

// chunkSize is what one message carries of an object: 16 field elements.
const chunkSize = 32

// A chunk is one of 65,536 pieces of an object of N chunks. Pieces 0 to N-1 are
// the object itself; any N different ones rebuild it.
//
// spec: deployed 5.3
type chunk struct {
	index uint16
	data  [chunkSize]byte
}

// chunkOf is piece i of an object.
func chunkOf(object []byte, i uint16) chunk {
	n := len(object) / chunkSize
	if int(i) < n {
		return chunk{i, [chunkSize]byte(object[int(i)*chunkSize:])}
	}
	points := make([]uint16, n)
	for j := range points {
		points[j] = uint16(j)
	}
	return chunk{i, combine(weights(points, i), func(j int) []byte { return object[j*chunkSize:] })}
}

// combine adds up the values of chunks, each times its weight, element by
// element.
func combine(w []uint16, at func(j int) []byte) (out [chunkSize]byte) {
	for j := range w {
		from := at(j)
		for e := 0; e < chunkSize; e += 2 {
			sum := binary.BigEndian.Uint16(out[e:]) ^ multiply(w[j], binary.BigEndian.Uint16(from[e:]))
			binary.BigEndian.PutUint16(out[e:], sum)
		}
	}
	return out
}

// gathered is what has arrived of an object.
type gathered []chunk

// add keeps a piece that is new and still needed for n.
func (g *gathered) add(c chunk, n int) {
	if len(*g) < n && !slices.ContainsFunc(*g, func(k chunk) bool { return k.index == c.index }) {
		*g = append(*g, c)
	}
}

// object rebuilds an object of n chunks, or returns nil while too few are
// there.
func (g gathered) object(n int) []byte {
	if len(g) < n {
		return nil
	}
	points := make([]uint16, n)
	out := make([]byte, n*chunkSize)
	have := make([]bool, n)
	for i, c := range g[:n] {
		points[i] = c.index
		if int(c.index) < n {
			have[c.index] = true
			copy(out[int(c.index)*chunkSize:], c.data[:])
		}
	}
	for i := range n {
		if !have[i] {
			c := combine(weights(points, uint16(i)), func(j int) []byte { return g[j].data[:] })
			copy(out[i*chunkSize:], c[:])
		}
	}
	return out
}
