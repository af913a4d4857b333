package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gobwas/ws"
	"golang.org/x/time/rate"

	"letterlock/internal/fault"
	"letterlock/messenger"
	"letterlock/wire"
)

// conn is the socket of one device. One goroutine reads; another writes while
// there is something to write and ends then. Whoever has nothing to say costs
// neither a buffer nor a second goroutine.
type conn struct {
	g      *Gateway
	addr   wire.Address
	from   netip.Addr // for a trace that two people signed; goes with the socket
	nc     net.Conn
	waiter waiter
	sess   messenger.Session

	// of the reading goroutine
	in    inbox
	frag  []byte // a message that comes in parts
	sends *rate.Limiter

	mu      sync.Mutex
	flying  bool // a goroutine writes
	again   bool // and must look once more
	bye     string
	pong    []byte
	ponging bool
	ping    bool
	done    bool // closed
	silent  int8 // ticks without a byte
}

func (g *Gateway) socket(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		g.refuse(w, r, errGet)
		return
	}
	who, err := g.who(r.Context(), r)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		g.refuse(w, r, fault.New(fault.Invalid, "open socket", "this call opens a WebSocket"))
		return
	}
	if o := r.Header.Get("Origin"); o != "" && o != "https://"+r.Host && o != "http://"+r.Host {
		g.refuse(w, r, fault.New(fault.Forbidden, "open socket", "this page may not connect here"))
		return
	}
	c := &conn{g: g, addr: who, from: g.from(r).Unmap(), flying: true}
	if !g.joined(c) {
		g.refuse(w, r, fault.New(fault.Unavailable, "open socket", "the service is full: try again in a minute"))
		return
	}
	nc, rw, _, err := ws.HTTPUpgrader{Timeout: 10 * time.Second, Protocol: func(p string) bool { return p == wire.SocketProtocol }}.Upgrade(r, w)
	if err != nil { // the upgrader answered
		if nc != nil {
			nc.Close()
		}
		g.left(c)
		g.Metrics.call(wire.PathSocket, fault.Invalid.String())
		return
	}
	g.Metrics.call(wire.PathSocket, "ok")
	nc.SetDeadline(time.Time{})
	if n := rw.Reader.Buffered(); n > 0 {
		early, _ := rw.Reader.Peek(n)
		copy(c.in.free(), early)
		c.in.to = min(n, inBuffer)
	}
	c.start(nc)
}

// From implements messenger.Located.
func (c *conn) From() netip.Addr { return c.from }

// start leaves the HTTP handler, whose buffers and stack are freed with it.
func (c *conn) start(nc net.Conn) {
	c.mu.Lock()
	c.nc, c.waiter = nc, newWaiter(nc)
	c.mu.Unlock()
	go c.open()
}

// open connects the device to its mailbox. What it needs of a stack is far more
// than what waiting needs, so that it leaves the waiting to a new goroutine.
func (c *conn) open() {
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	sess, err := c.g.Mail.Connect(ctx, c.addr, c)
	if err != nil {
		defer c.over()
		if fault.KindOf(err) == fault.Internal {
			c.g.Log.Error("connect device", "err", err)
		}
		c.Close("you cannot be connected now: try again in a minute")
		c.fly()
		c.linger()
		return
	}
	if left, low, err := c.g.Keys.Low(ctx, c.addr); err == nil && low {
		sess.Tell(wire.KeysLow{Left: left})
	}
	c.sess = sess
	c.g.flyers.launch(c)
	go c.serve()
}

func (c *conn) serve() {
	defer c.over()
	defer c.sess.Close()
	if say := c.listen(); say != "" {
		c.Close(say)
		c.linger()
	}
}

// over is the end of a socket.
func (c *conn) over() {
	c.in.drop()
	c.nc.Close()
	c.g.left(c)
}

// linger lets the goodbye out before the socket is closed: closing a socket with
// unread bytes would take it back.
func (c *conn) linger() {
	for {
		c.in.from, c.in.to = 0, 0
		if err := c.waiter.read(&c.in); err != nil {
			return
		}
	}
}

// byeTime is how long a goodbye may take.
const byeTime = 3 * time.Second

// listen reads until the socket ends; the sentence is for a device that broke
// the rules.
func (c *conn) listen() (say string) {
	var head [ws.MaxHeaderSize]byte
	var r bytes.Reader
	for {
		for len(c.in.left()) > 0 {
			used, say, err := c.frame(&r, head[:])
			if err != nil || say != "" {
				return say
			}
			if used == 0 {
				break
			}
			c.in.from += used
		}
		if err := c.waiter.read(&c.in); err != nil {
			return ""
		}
		c.mu.Lock()
		c.silent = 0
		c.mu.Unlock()
	}
}

// frame takes one WebSocket frame from the front; used 0: it is not whole yet.
func (c *conn) frame(r *bytes.Reader, scratch []byte) (used int, say string, err error) {
	in := c.in.left()
	r.Reset(in)
	h, err := ws.ReadHeaderBuffer(r, scratch)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, "", nil
	}
	state := ws.StateServerSide
	if c.frag != nil {
		state = state.Set(ws.StateFragmented)
	}
	if err == nil {
		err = ws.CheckHeader(h, state)
	}
	if err != nil {
		return 0, "this is not WebSocket as RFC 6455 has it", nil
	}
	if h.Length > wire.MaxFrame || int64(len(c.frag))+h.Length > wire.MaxFrame {
		return 0, "this message is over the limit", nil
	}
	at := len(in) - r.Len()
	if used = at + int(h.Length); used > len(in) {
		c.in.need = used
		return 0, "", nil
	}
	body := in[at:used]
	ws.Cipher(body, h.Mask, 0)
	say, err = c.message(h, body)
	return used, say, err
}

// message takes the unmasked body of one frame.
func (c *conn) message(h ws.Header, body []byte) (say string, err error) {
	switch h.OpCode {
	case ws.OpClose:
		return "", io.EOF
	case ws.OpPing:
		c.note(func() { c.pong, c.ponging = bytes.Clone(body), true })
		return "", nil
	case ws.OpPong:
		return "", nil
	case ws.OpText:
		return "frames are binary", nil
	}
	if !h.Fin || c.frag != nil {
		c.frag = append(c.frag, body...)
		if c.frag == nil {
			c.frag = []byte{}
		}
		if !h.Fin {
			return "", nil
		}
		body, c.frag = c.frag, nil
	}
	return c.take(body), nil
}

// take hands a frame on.
func (c *conn) take(b []byte) (say string) {
	f, err := wire.ParseFrame(b)
	if err != nil {
		if len(b) > 0 && b[0] != wire.Version {
			return "this server speaks version 1 of the protocol: update the program"
		}
		return "this frame cannot be read"
	}
	switch f := f.(type) {
	case wire.Send:
		if wait, ok := c.allowed(); !ok {
			c.sess.Refuse(f.Ref, wire.CodeSlowDown, uint32(wait.Seconds())+1)
			return ""
		}
		c.sess.Send(f)
	case wire.Hint:
		if _, ok := c.allowed(); ok { // over the rate it is dropped, as one to nobody is
			c.sess.Hint(f)
		}
	case wire.Ack:
		c.sess.Ack(f.Seqs)
	default:
		return "this frame does not go to the server"
	}
	return ""
}

func (c *conn) allowed() (time.Duration, bool) {
	now := c.g.Clock.Now()
	if c.sends == nil {
		l := c.g.Limits.SendsPerDevice
		c.sends = rate.NewLimiter(rate.Limit(l), max(int(20*l), 1))
	}
	r := c.sends.ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > 0 {
		r.CancelAt(now)
	}
	return d, d == 0
}

// Ready says that the session has frames.
func (c *conn) Ready() { c.note(func() {}) }

// Close says goodbye and ends the socket.
func (c *conn) Close(say string) {
	c.note(func() {
		if c.bye == "" {
			c.bye = say
			if c.nc != nil {
				c.nc.SetWriteDeadline(time.Now().Add(byeTime))
			}
		}
	})
}

// check is called at each tick of the watch.
func (c *conn) check() {
	c.note(func() {
		if c.silent++; c.silent > 3 && c.nc != nil {
			c.nc.Close()
		} else if c.silent > 1 {
			c.ping = true
		}
	})
}

// note changes what the writer has to do and makes sure that one is at work.
func (c *conn) note(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done {
		return
	}
	change()
	c.again = true
	if !c.flying {
		c.flying = true
		c.g.flyers.launch(c)
	}
}
