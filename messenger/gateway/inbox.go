package gateway

import (
	"sync"

	"github.com/gobwas/ws"

	"letterlock/wire"
)

const (
	inBuffer = 16 << 10
	// maxIn is the largest WebSocket frame with its header.
	maxIn = wire.MaxFrame + ws.MaxHeaderSize
)

var inPool = sync.Pool{New: func() any { b := make([]byte, inBuffer); return &b }}

// inbox is what was read from a socket and not yet used. It has a buffer only
// while there is something in it.
type inbox struct {
	buf      []byte
	from, to int
	need     int // length of the frame at the front, once known
}

func (i *inbox) left() []byte { return i.buf[i.from:i.to] }

// free is a place to read into, behind what is left over and large enough for
// the rest of its frame.
func (i *inbox) free() []byte {
	if i.buf == nil {
		i.buf, i.from, i.to = *inPool.Get().(*[]byte), 0, 0
	}
	if i.from > 0 {
		i.to = copy(i.buf, i.left())
		i.from = 0
	}
	if need := min(i.need, maxIn); need > len(i.buf) {
		b := make([]byte, need)
		copy(b, i.left())
		n := i.to
		i.drop()
		i.buf, i.to = b, n
	}
	i.need = 0
	return i.buf[i.to:]
}

// rest gives the buffer back when nothing is left over in it.
func (i *inbox) rest() {
	if i.from == i.to {
		i.drop()
	}
}

func (i *inbox) drop() {
	if len(i.buf) == inBuffer {
		b := i.buf
		inPool.Put(&b)
	}
	*i = inbox{}
}
