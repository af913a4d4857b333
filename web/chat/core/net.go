//go:build js

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall/js"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// network is the worker's fetch and WebSocket, to the origin that the page came
// from and no other.
type network struct {
	js     js.Value
	origin string

	mu   sync.Mutex
	sock *socket       // the open one
	back chan struct{} // closed and replaced when the network comes back
}

func newNetwork(v js.Value) *network {
	return &network{js: v, origin: js.Global().Get("location").Get("origin").String(), back: make(chan struct{})}
}

// Call makes one call.
func (n *network) Call(ctx context.Context, as wire.Credential, path string, body []byte) (int, []byte, error) {
	auth := ""
	if as != (wire.Credential{}) {
		auth = as.Header()
	}
	data := js.Null()
	if path != wire.PathInfo {
		data = array(body)
	}
	v, err := await(ctx, n.js.Call("call", path, auth, data))
	if err != nil {
		return 0, nil, err
	}
	return answered(v)
}

// answered is an answer of the carrier; anything else is an error.
func answered(v js.Value) (int, []byte, error) {
	b := bytesOf(v.Get("body"))
	if len(b) > wire.MaxCall || v.Get("type").String() != wire.ContentType {
		return 0, nil, fmt.Errorf("status %d with something that is not an answer of a Letterlock server", v.Get("status").Int())
	}
	return v.Get("status").Int(), b, nil
}

// Dial opens the socket. A browser does not say why it could not: the device's
// credential is then tried with a call.
func (n *network) Dial(ctx context.Context, as wire.Credential) (client.Socket, error) {
	s := &socket{n: n, news: make(chan struct{}, 1), opened: make(chan struct{})}
	s.funcs = []js.Func{js.FuncOf(s.onOpen), js.FuncOf(s.onFrame), js.FuncOf(s.onClose)}
	s.js = n.js.Call("dial", wire.PathSocket, wire.SocketProtocol, as.Offer(), s.funcs[0], s.funcs[1], s.funcs[2])
	select {
	case <-s.opened:
	case <-ctx.Done():
		s.Close()
		return nil, ctx.Err()
	}
	if s.ended() {
		return nil, n.refusal(ctx, as)
	}
	n.mu.Lock()
	n.sock = s
	n.mu.Unlock()
	return s, nil
}

func (n *network) refusal(ctx context.Context, as wire.Credential) error {
	status, answer, err := n.Call(ctx, as, wire.PathReach, nil)
	if err != nil {
		return err
	}
	var p wire.Problem
	if status == fault.Unauthenticated.Status() && wire.Unmarshal(answer, &p) == nil && p.Say != "" {
		return fault.New(fault.Unauthenticated, "connect", "%s", p.Say)
	}
	return errors.New("the socket was refused")
}

// changed takes the page's word that the network went or came: a line that is
// gone is given up at once, and waiting for the next try ends.
func (n *network) changed(online bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !online {
		n.js.Call("cut")
	}
	if !online && n.sock != nil {
		n.sock.js.Call("close")
	}
	if online {
		close(n.back)
		n.back = make(chan struct{})
	}
}

// connected says whether the line is open.
func (n *network) connected() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.sock != nil && !n.sock.ended()
}

// wait is client.Config.Wait.
func (n *network) wait(ctx context.Context, d time.Duration) error {
	n.mu.Lock()
	back := n.back
	n.mu.Unlock()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-back:
	case <-t.C:
	}
	return nil
}

// socket is one WebSocket.
type socket struct {
	n      *network
	js     js.Value
	funcs  []js.Func
	news   chan struct{}
	opened chan struct{} // closed when it is open, or will never be
	once   sync.Once

	mu     sync.Mutex
	frames [][]byte
	over   bool
}

func (s *socket) onOpen(js.Value, []js.Value) any {
	s.once.Do(func() { close(s.opened) })
	return nil
}

func (s *socket) onFrame(_ js.Value, args []js.Value) any {
	b := bytesOf(args[0])
	s.mu.Lock()
	s.frames = append(s.frames, b)
	s.mu.Unlock()
	s.stir()
	return nil
}

func (s *socket) onClose(js.Value, []js.Value) any {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.once.Do(func() { close(s.opened) })
	s.stir()
	go func() { // not while one of them runs
		for _, f := range s.funcs {
			f.Release()
		}
	}()
	return nil
}

func (s *socket) stir() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

func (s *socket) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// Read waits for a frame. What came before the end is read before it.
func (s *socket) Read(ctx context.Context) ([]byte, error) {
	for {
		s.mu.Lock()
		if len(s.frames) > 0 {
			b := s.frames[0]
			s.frames = s.frames[1:]
			s.mu.Unlock()
			return b, nil
		}
		over := s.over
		s.mu.Unlock()
		if over {
			return nil, errors.New("the line is closed")
		}
		select {
		case <-s.news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Write sends a frame; the browser keeps it until the network takes it.
func (s *socket) Write(_ context.Context, frame []byte) error {
	if s.ended() {
		return errors.New("the line is closed")
	}
	s.js.Call("send", array(frame))
	return nil
}

// Close says goodbye and unblocks Read.
func (s *socket) Close() error {
	if !s.ended() {
		s.js.Call("close")
	}
	return nil
}
