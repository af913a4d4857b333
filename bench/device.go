package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"sync"
	"sync/atomic"

	"github.com/gobwas/ws"

	"letterlock/signal"
	"letterlock/wire"
)

// device is a registered device of the house.
type device struct {
	h      *house
	cred   wire.Credential
	addr   wire.Address
	opener *wire.Opener
}

var digits = regexp.MustCompile(`code: (\d{6})`)

// keys is a whole upload of real public keys. All devices here share it: the
// carrier compares nothing, and nobody starts a session.
func keys() (wire.Register, error) {
	id, err := signal.GenerateIdentity(rand.Reader)
	if err != nil {
		return wire.Register{}, err
	}
	signed, err := signal.GenerateSignedPreKey(rand.Reader, 1, id)
	if err != nil {
		return wire.Register{}, err
	}
	last, err := signal.GenerateKyberPreKey(rand.Reader, 1, id)
	if err != nil {
		return wire.Register{}, err
	}
	r := wire.Register{DeviceType: "terminal", RegistrationID: 1, IdentityKey: id.Public().Bytes()}
	r.Keys.Signed = &wire.PreKey{ID: 1, Key: signed.Public().Key.Bytes(), Signature: signed.Public().Signature}
	r.Keys.LastResort = &wire.PreKey{ID: 1, Key: last.Public().Key.Bytes(), Signature: last.Public().Signature}
	for i := range uint32(20) { // enough that the carrier does not ask for more
		k, err := signal.GeneratePreKey(rand.Reader, 10+i)
		if err != nil {
			return wire.Register{}, err
		}
		r.Keys.OneTime = append(r.Keys.OneTime, wire.PreKey{ID: 10 + i, Key: k.Public().Key.Bytes()})
		ky, err := signal.GenerateKyberPreKey(rand.Reader, 100+i, id)
		if err != nil {
			return wire.Register{}, err
		}
		r.Keys.KyberOneTime = append(r.Keys.KyberOneTime, wire.PreKey{ID: 100 + i, Key: ky.Public().Key.Bytes(), Signature: ky.Public().Signature})
	}
	return r, nil
}

// register makes n accounts, as their programs would: a code by text message,
// then the registration with it.
func (h *house) register(ctx context.Context, n int) error {
	form, err := keys()
	if err != nil {
		return err
	}
	from := len(h.people)
	h.people = append(h.people, make([]*device, n)...)
	return each(ctx, n, 8, func(i int) (err error) {
		h.people[from+i], err = h.join(ctx, fmt.Sprintf("+1415555%04d", from+i), form)
		return err
	})
}

func (h *house) join(ctx context.Context, phone string, form wire.Register) (*device, error) {
	if err := h.call(ctx, wire.PathCode, wire.CodeRequest{Phone: phone}, &wire.Nothing{}); err != nil {
		return nil, err
	}
	var err error
	if form.Code, err = h.code(phone); err != nil {
		return nil, err
	}
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	form.Phone, form.MailboxKey = phone, key.PublicKey().Bytes()
	var got wire.Registered
	if err := h.call(ctx, wire.PathRegister, form, &got); err != nil {
		return nil, err
	}
	d := &device{h: h, addr: wire.At(got.Account, got.Device)}
	if d.cred, err = wire.NewCredential(d.addr, got.Token); err != nil {
		return nil, err
	}
	d.opener, err = wire.NewOpener(d.addr, key)
	return d, err
}

func (h *house) scheme(plain string) string {
	if h.tls {
		return plain + "s"
	}
	return plain
}

// trusting accepts the certificate that was made for this run.
var trusting = &tls.Config{InsecureSkipVerify: true}

var client = &http.Client{Transport: &http.Transport{TLSClientConfig: trusting, MaxIdleConnsPerHost: 16}}

func (h *house) call(ctx context.Context, path string, in, out any) error {
	body, err := wire.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.scheme("http")+"://"+h.address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", wire.ContentType)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		var p wire.Problem
		if err := wire.Unmarshal(b, &p); err != nil {
			return fmt.Errorf("%s: status %d", path, resp.StatusCode)
		}
		return fmt.Errorf("%s: %s", path, p.Say)
	}
	return wire.Unmarshal(b, out)
}

// socket is a device's WebSocket. It is a cheap client, because it shares the
// processors with the server.
type socket struct {
	h      heard
	people []*device
	nc     net.Conn
	in     *bufio.Reader
	closed atomic.Bool
	empty  chan struct{} // closed when all that waited has come

	mu  sync.Mutex
	out []byte
}

// connect opens the socket and waits until the carrier has said that nothing
// waits any more. A device that is away is one without a socket.
func (d *device) connect(ctx context.Context, h heard) (line, error) {
	s, err := d.open(ctx, h, 4<<10)
	if err != nil {
		return nil, err
	}
	go s.read()
	select {
	case <-s.empty:
		return s, nil
	case <-ctx.Done():
		s.close()
		return nil, ctx.Err()
	}
}

func (d *device) open(ctx context.Context, h heard, buffer int) (*socket, error) {
	dial := ws.Dialer{Header: ws.HandshakeHeaderHTTP(http.Header{"Authorization": {d.cred.Header()}}), TLSConfig: trusting}
	nc, br, _, err := dial.Dial(ctx, d.h.scheme("ws")+"://"+d.h.address+wire.PathSocket)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	s := &socket{h: h, people: d.h.people, nc: nc, empty: make(chan struct{})}
	var early io.Reader = nc
	if br != nil { // what came with the answer
		b, _ := br.Peek(br.Buffered())
		early = io.MultiReader(bytes.NewReader(bytes.Clone(b)), nc)
		ws.PutReader(br)
	}
	s.in = bufio.NewReaderSize(early, buffer)
	return s, nil
}

func (s *socket) read() {
	err := s.until(func() bool { return false })
	if !s.closed.Load() && s.h.broken != nil {
		s.h.broken(err)
	}
}

// until reads frames until the socket ends or enough has come.
func (s *socket) until(enough func() bool) error {
	var b []byte
	var acks []uint64
	for !enough() {
		h, err := ws.ReadHeader(s.in)
		if err != nil {
			return err
		}
		if cap(b) < int(h.Length) {
			b = make([]byte, h.Length)
		}
		if _, err := io.ReadFull(s.in, b[:h.Length]); err != nil {
			return err
		}
		switch h.OpCode {
		case ws.OpPing:
			if err := s.put(ws.OpPong, b[:h.Length]); err != nil {
				return err
			}
		case ws.OpBinary:
			if acks, err = s.frame(b[:h.Length], acks); err != nil {
				return err
			}
		}
		// One acknowledgement for all that came at once.
		if len(acks) > 0 && (s.in.Buffered() == 0 || len(acks) >= 64) {
			if err := s.write(wire.Ack{Seqs: acks}); err != nil {
				return err
			}
			acks = acks[:0]
		}
	}
	return nil
}

func (s *socket) frame(b []byte, acks []uint64) ([]uint64, error) {
	f, err := wire.ParseFrame(b)
	if err != nil {
		return acks, err
	}
	switch f := f.(type) {
	case wire.Deliver:
		s.h.got(f.Seq, f.Body)
		return append(acks, f.Seq), nil
	case wire.Sealed:
		s.h.row(f.Row)
		return append(acks, f.Seq), nil
	case wire.Sent:
		s.h.sent(f.Ref)
	case wire.Refused:
		return acks, fmt.Errorf("refused: %s", f.Say)
	case wire.Goodbye:
		return acks, fmt.Errorf("goodbye: %s", f.Say)
	case wire.Empty:
		close(s.empty)
	}
	return acks, nil
}

func (s *socket) send(ref uint64, to int, b []byte) error {
	return s.write(wire.Send{Ref: ref, To: s.people[to].addr, Kind: wire.KindMessage, Body: b})
}

func (s *socket) write(f wire.Frame) error {
	b, err := wire.AppendFrame(nil, f)
	if err != nil {
		return err
	}
	return s.put(ws.OpBinary, b)
}

// put masks with zero: RFC 6455 asks for a mask, and this one costs nothing.
func (s *socket) put(op ws.OpCode, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = s.out[:0]
	if err := ws.WriteHeader(appender{&s.out}, ws.Header{Fin: true, OpCode: op, Masked: true, Length: int64(len(body))}); err != nil {
		return err
	}
	s.out = append(s.out, body...)
	_, err := s.nc.Write(s.out)
	return err
}

type appender struct{ b *[]byte }

func (a appender) Write(b []byte) (int, error) { *a.b = append(*a.b, b...); return len(b), nil }

func (s *socket) close() error {
	s.closed.Store(true)
	return s.nc.Close()
}

// each runs f for 0 to n-1, at most k at once; the first error ends it.
func each(ctx context.Context, n, k int, f func(int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(k, n) {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := f(i); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}
