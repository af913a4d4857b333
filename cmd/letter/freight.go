//go:build !js

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"letterlock/client"
	"letterlock/wire"
)

// blobs carries sealed files to and from a server. A piece or an answer may
// take long; one in which nothing moves is given up.
type blobs struct {
	*network
	http *http.Client
}

// stall is how long a transfer may bring nothing.
const stall = 45 * time.Second

func newBlobs(n *network) blobs {
	return blobs{n, &http.Client{
		CheckRedirect: n.http.CheckRedirect,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: callTime}).DialContext,
			ResponseHeaderTimeout: 2 * time.Minute, TLSHandshakeTimeout: callTime, ForceAttemptHTTP2: true},
	}}
}

func (f blobs) request(ctx context.Context, method string, id wire.MediaID, token wire.MediaToken, body io.Reader) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, f.base.JoinPath(wire.PathMedia+id.String()).String(), body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", token.Header())
	return r, nil
}

// Put sends a piece.
func (f blobs) Put(ctx context.Context, id wire.MediaID, token wire.MediaToken, offset int64, piece []byte) (int, []byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch := time.AfterFunc(stall, cancel)
	defer watch.Stop()
	r, err := f.request(ctx, http.MethodPut, id, token, moving{bytes.NewReader(piece), watch})
	if err != nil {
		return 0, nil, err
	}
	r.ContentLength = int64(len(piece))
	r.Header.Set("Content-Type", wire.MediaType)
	r.Header.Set(wire.MediaOffset, strconv.FormatInt(offset, 10))
	resp, err := f.http.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	return answer(resp)
}

// Get asks for everything from a byte on.
func (f blobs) Get(ctx context.Context, id wire.MediaID, token wire.MediaToken, from int64) (client.Part, error) {
	ctx, cancel := context.WithCancel(ctx)
	watch := time.AfterFunc(stall, cancel)
	fail := func(err error) (client.Part, error) {
		watch.Stop()
		cancel()
		return client.Part{}, err
	}
	r, err := f.request(ctx, http.MethodGet, id, token, nil)
	if err != nil {
		return fail(err)
	}
	r.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	resp, err := f.http.Do(r)
	if err != nil {
		return fail(err)
	}
	p := client.Part{Status: resp.StatusCode, Body: stopping{moving{resp.Body, watch}, resp.Body, watch, cancel}}
	switch {
	case resp.StatusCode == http.StatusPartialContent:
		p.Total = wire.MediaTotal(resp.Header.Get("Content-Range"), from)
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		p.Body.Close()
	case resp.StatusCode >= 400:
		defer p.Body.Close()
		_, p.Answer, err = answer(resp)
	default: // a server that does not know ranges is none of ours
		p.Body.Close()
		return fail(fmt.Errorf("status %d to a call for a part of a file", resp.StatusCode))
	}
	return p, err
}

// moving puts the end of a transfer off with each step.
type moving struct {
	io.Reader
	watch *time.Timer
}

func (m moving) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	if n > 0 {
		m.watch.Reset(stall)
	}
	return n, err
}

type stopping struct {
	io.Reader
	body   io.Closer
	watch  *time.Timer
	cancel context.CancelFunc
}

func (s stopping) Close() error {
	s.watch.Stop()
	s.cancel()
	return s.body.Close()
}
