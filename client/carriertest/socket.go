package carriertest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"letterlock/client"
	"letterlock/wire"
)

// Transport is the client's way to this carrier.
func (c *Carrier) Transport() client.Transport { return transport{c} }

type transport struct{ c *Carrier }

func (t transport) Call(ctx context.Context, as wire.Credential, path string, body []byte) (int, []byte, error) {
	if err := ctx.Err(); err != nil {
		return 0, nil, err
	}
	status, answer := t.c.Call(as, path, body)
	return status, answer, nil
}

func (t transport) Dial(_ context.Context, as wire.Credential) (client.Socket, error) {
	return t.c.Connect(as)
}

// pipe is one connection. What the carrier pushes never blocks.
type pipe struct {
	c    *Carrier
	d    *device
	mu   sync.Mutex
	out  [][]byte // to the device
	more chan struct{}
	end  bool
}

var errCut = errors.New("the connection broke")

// Connect attaches a device: what waits is delivered as sealed rows.
func (c *Carrier) Connect(as wire.Credential) (client.Socket, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, err := c.who(as)
	if err != nil {
		return nil, err
	}
	d := a.at(as.Address.Device)
	d.cut()
	d.conn = &pipe{c: c, d: d, more: make(chan struct{}, 1)}
	d.push(wire.Hello{Time: c.Clock.Now().UnixMilli()})
	c.shuffle(d)
	for _, i := range d.waiting {
		row, err := d.sealer.Seal(i.Letter)
		if err != nil {
			return nil, err
		}
		d.push(wire.Sealed{Seq: i.seq, Row: row})
	}
	d.push(wire.Empty{})
	if len(d.oneTime) < 10 {
		d.push(wire.KeysLow{Left: uint32(len(d.oneTime))})
	}
	return d.conn, nil
}

func (d *device) cut() {
	if d.conn != nil {
		d.conn.Close()
		d.conn = nil
	}
}

func (d *device) push(f wire.Frame) {
	if d.conn == nil {
		return
	}
	b, err := wire.AppendFrame(nil, f)
	if err != nil {
		panic(err) // a frame of the tests' own making
	}
	d.conn.pushBytes(b)
}

func (p *pipe) pushBytes(b []byte) {
	p.mu.Lock()
	p.out = append(p.out, b)
	p.mu.Unlock()
	p.stir()
}

func (p *pipe) stir() {
	select {
	case p.more <- struct{}{}:
	default:
	}
}

func (p *pipe) Read(ctx context.Context) ([]byte, error) {
	for {
		p.mu.Lock()
		if len(p.out) > 0 {
			b := p.out[0]
			p.out = p.out[1:]
			p.mu.Unlock()
			return b, nil
		}
		end := p.end
		p.mu.Unlock()
		if end {
			return nil, errCut
		}
		select {
		case <-p.more:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (p *pipe) Close() error {
	p.mu.Lock()
	p.end = true
	p.mu.Unlock()
	p.stir()
	return nil
}

func (p *pipe) Write(_ context.Context, b []byte) error {
	p.mu.Lock()
	end := p.end
	p.mu.Unlock()
	if end {
		return errCut
	}
	f, err := wire.ParseFrame(b)
	if err != nil {
		return err
	}
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	switch f := f.(type) {
	case wire.Ack:
		if p.c.OnAck == nil || p.c.OnAck(p.d.address) {
			p.d.waiting = slices.DeleteFunc(p.d.waiting, func(i item) bool { return slices.Contains(f.Seqs, i.seq) })
		}
		return nil
	case wire.Hint:
		if to := p.c.accounts[f.To.Account]; to != nil && !slices.Contains(to.blocked, p.d.address.Account) {
			p.c.hints = append(p.c.hints, f)
			if to.at(f.To.Device) == nil {
				return nil
			}
			to.at(f.To.Device).push(wire.Hinted{From: p.d.address, Kind: f.Kind, Body: f.Body})
		}
		return nil
	case wire.Send:
		return p.c.take(p, f)
	}
	return errors.New("a frame that only the carrier sends")
}

// take follows the verdict.
func (c *Carrier) take(p *pipe, s wire.Send) error {
	v := Verdict{}
	if c.OnSend != nil {
		v = c.OnSend(p.d.address, s)
	}
	to := c.accounts[s.To.Account]
	switch {
	case v.Cut:
		p.d.cut()
		return errCut
	case v.Refuse != 0:
		p.d.push(wire.Refused{Ref: s.Ref, Code: v.Refuse, Say: "refused by the test", RetryAfter: v.RetryAfter})
		return nil
	case to == nil || to.at(s.To.Device) == nil:
		p.d.push(wire.Refused{Ref: s.Ref, Code: wire.CodeGone, Say: "no such device"})
		return nil
	}
	c.sent = append(c.sent, s)
	if !v.Lose && !slices.Contains(to.blocked, p.d.address.Account) {
		l := wire.Letter{From: p.d.address, At: c.Clock.Now().UnixMilli(), Kind: s.Kind, Body: s.Body}
		d := to.at(s.To.Device)
		c.deliver(d, l)
		if v.Twice {
			c.deliver(d, l)
		}
	}
	if v.Mute {
		p.d.cut()
		return errCut
	}
	p.d.push(wire.Sent{Ref: s.Ref})
	return nil
}

func (d *device) deliver(l wire.Letter) {
	d.seq++
	d.waiting = append(d.waiting, item{d.seq, l})
	d.push(wire.Deliver{Seq: d.seq, From: l.From, At: l.At, Kind: l.Kind, Body: l.Body})
}
