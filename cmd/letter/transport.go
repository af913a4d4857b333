//go:build !js

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// network is the way to one server.
type network struct {
	base *url.URL
	http *http.Client
}

// callTime bounds a call and the opening of the WebSocket.
const callTime = 30 * time.Second

func newNetwork(server string) (*network, error) {
	u, err := serverURL(server)
	if err != nil {
		return nil, err
	}
	own := http.DefaultTransport.(*http.Transport).Clone()
	own.DialContext = dialLocal
	return &network{base: u, http: &http.Client{
		Timeout:   callTime,
		Transport: own,
		// A redirect would carry the credential elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// dialLocal takes every name under localhost to this computer, as browsers do.
func dialLocal(ctx context.Context, kind, addr string) (net.Conn, error) {
	if host, port, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(host, ".localhost") {
		addr = net.JoinHostPort("127.0.0.1", port)
	}
	d := net.Dialer{Timeout: callTime, KeepAlive: 30 * time.Second}
	return d.DialContext(ctx, kind, addr)
}

// serverURL takes https anywhere and http on this very computer.
func serverURL(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" {
		return nil, fault.New(fault.Invalid, "read server address", "give the server's address such as https://letters.example.org")
	}
	if u.Scheme == "https" || (u.Scheme == "http" && loopback(u.Hostname())) {
		return u, nil
	}
	return nil, fault.New(fault.Invalid, "read server address", "the server's address must begin with https:// (http:// is for a server on this computer)")
}

func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Call posts; PathInfo is read with GET.
func (n *network) Call(ctx context.Context, as wire.Credential, path string, body []byte) (int, []byte, error) {
	method, reader := http.MethodPost, io.Reader(bytes.NewReader(body))
	if path == wire.PathInfo {
		method, reader = http.MethodGet, nil
	}
	req, err := http.NewRequestWithContext(ctx, method, n.base.JoinPath(path).String(), reader)
	if err != nil {
		return 0, nil, err
	}
	req.Header = header(as)
	req.Header.Set("Content-Type", wire.ContentType)
	resp, err := n.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	return answer(resp)
}

// answer reads at most wire.MaxCall. What is not of the house, such as a
// proxy's page or a redirect, is no answer of the carrier.
func answer(resp *http.Response) (int, []byte, error) {
	b, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxCall+1))
	if err != nil {
		return 0, nil, err
	}
	if len(b) > wire.MaxCall || resp.Header.Get("Content-Type") != wire.ContentType {
		return 0, nil, fmt.Errorf("status %d with something that is not an answer of a Letterlock server", resp.StatusCode)
	}
	return resp.StatusCode, b, nil
}

func header(as wire.Credential) http.Header {
	h := http.Header{}
	if as != (wire.Credential{}) {
		h.Set("Authorization", as.Header())
	}
	return h
}

// Dial opens the WebSocket.
func (n *network) Dial(ctx context.Context, as wire.Credential) (client.Socket, error) {
	u := n.base.JoinPath(wire.PathSocket)
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	opening, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	c, resp, err := websocket.Dial(opening, u.String(), &websocket.DialOptions{HTTPClient: n.http, HTTPHeader: header(as)})
	if err != nil {
		return nil, refusal(resp, err)
	}
	c.SetReadLimit(wire.MaxFrame)
	return socket{c}, nil
}

// refusal is the carrier's answer to a WebSocket that it does not open.
func refusal(resp *http.Response, err error) error {
	if resp == nil || resp.Body == nil {
		return err
	}
	_, b, readErr := answer(resp)
	var p wire.Problem
	if readErr != nil || wire.Unmarshal(b, &p) != nil || p.Say == "" {
		return err
	}
	for k := fault.Invalid; k <= fault.Unavailable; k++ {
		if k.String() == p.Kind {
			return fault.New(k, "connect", "%s", p.Say)
		}
	}
	return err
}

type socket struct{ c *websocket.Conn }

// silence is how long a line may say nothing before it is tried, so that one
// that died without a word (a computer that slept, a wire that was pulled) is
// noticed.
const silence = 90 * time.Second

func (s socket) Read(ctx context.Context) ([]byte, error) {
	type frame struct {
		kind websocket.MessageType
		b    []byte
		err  error
	}
	got := make(chan frame, 1)
	go func() {
		kind, b, err := s.c.Read(ctx)
		got <- frame{kind, b, err}
	}()
	for {
		select {
		case f := <-got:
			if f.err == nil && f.kind != websocket.MessageBinary {
				return nil, fmt.Errorf("a text frame, where only binary ones are spoken")
			}
			return f.b, f.err
		case <-time.After(silence):
			if err := s.ping(ctx); err != nil {
				return nil, err
			}
		}
	}
}

func (s socket) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if err := s.c.Ping(ctx); err != nil {
		s.c.CloseNow()
		return fmt.Errorf("the line is dead: %w", err)
	}
	return nil
}

func (s socket) Write(ctx context.Context, frame []byte) error {
	return s.c.Write(ctx, websocket.MessageBinary, frame)
}

// Close says goodbye, so that the carrier has read every acknowledgement.
func (s socket) Close() error { return s.c.Close(websocket.StatusNormalClosure, "") }
