package gateway

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"

	"letterlock/wire"
)

// outbox is what one writing goroutine works with.
type outbox struct {
	frames []byte // of wire
	ends   []int
	bytes  []byte // of WebSocket
	head   [ws.MaxHeaderSize]byte
}

const (
	outLimit = 64 << 10 // gathered for one write
	outKeep  = 512 << 10
)

var outPool = sync.Pool{New: func() any { return &outbox{} }}

// Write lets ws append a header.
func (o *outbox) Write(b []byte) (int, error) {
	o.bytes = append(o.bytes, b...)
	return len(b), nil
}

func (o *outbox) add(op ws.OpCode, body []byte) {
	ws.WriteHeaderBuffer(o, ws.Header{Fin: true, OpCode: op, Length: int64(len(body))}, o.head[:]) // Write above never fails
	o.bytes = append(o.bytes, body...)
}

// flyers are goroutines that wait for a socket to write to. A new goroutine
// would grow its stack anew for each write.
type flyers struct {
	next chan *conn
	idle atomic.Int32
	stop chan struct{}
}

// idleFlyers bounds how many wait.
const idleFlyers = 64

// launch lets a goroutine write what the socket has to say. It never blocks.
func (f *flyers) launch(c *conn) {
	select {
	case f.next <- c:
	default:
		go f.run(c)
	}
}

func (f *flyers) run(c *conn) {
	for c != nil {
		c.fly()
		if f.idle.Add(1) > idleFlyers {
			f.idle.Add(-1)
			return
		}
		select {
		case c = <-f.next:
		case <-f.stop:
			c = nil
		}
		f.idle.Add(-1)
	}
}

// fly writes until there is nothing to write. One runs at a time (conn.flying).
func (c *conn) fly() {
	o := outPool.Get().(*outbox)
	defer func() {
		if cap(o.bytes) <= outKeep {
			outPool.Put(o)
		}
	}()
	for {
		bye := c.gather(o)
		if len(o.bytes) == 0 {
			if c.landed() {
				return
			}
			continue
		}
		if bye == "" {
			c.nc.SetWriteDeadline(time.Now().Add(c.g.Limits.Write))
		}
		if _, err := c.nc.Write(o.bytes); err != nil || bye != "" {
			c.end(err)
			return
		}
	}
}

// gather fills the outbox with what there is to say.
func (c *conn) gather(o *outbox) (bye string) {
	c.mu.Lock()
	bye = c.bye
	pong, ponging, ping := c.pong, c.ponging, c.ping
	c.again, c.pong, c.ponging, c.ping = false, nil, false, false
	c.mu.Unlock()
	o.frames, o.ends, o.bytes = o.frames[:0], o.ends[:0], o.bytes[:0]
	if ponging {
		o.add(ws.OpPong, pong)
	}
	if ping {
		o.add(ws.OpPing, nil)
	}
	if bye != "" {
		b, err := wire.AppendFrame(nil, wire.Goodbye{Say: bye})
		if err == nil { // our own frames always encode
			o.add(ws.OpBinary, b)
		}
		o.add(ws.OpClose, ws.NewCloseFrameBody(ws.StatusGoingAway, ""))
		return bye
	}
	o.frames, o.ends = c.sess.Next(o.frames, o.ends, outLimit)
	at := 0
	for _, end := range o.ends {
		o.add(ws.OpBinary, o.frames[at:end])
		at = end
	}
	return ""
}

// landed ends the writer unless something came meanwhile.
func (c *conn) landed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.again {
		return false
	}
	c.flying = false
	return true
}

// end is after the goodbye, or after a failed write. The reader sees the end of
// the socket and closes it.
func (c *conn) end(err error) {
	c.mu.Lock()
	c.done = true
	c.mu.Unlock()
	if half, ok := c.nc.(interface{ CloseWrite() error }); ok && err == nil {
		half.CloseWrite()
		c.nc.SetReadDeadline(time.Now().Add(byeTime))
	} else {
		c.nc.Close()
	}
	if c.sess != nil {
		c.sess.Close() // wakes a reader that waits for room
	}
}
