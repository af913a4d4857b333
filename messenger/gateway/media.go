package gateway

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"letterlock/internal/fault"
	"letterlock/messenger"
	"letterlock/wire"
)

// Files is what the gateway needs of messenger/media.
type Files interface {
	Begin(ctx context.Context, caller wire.AccountID, b wire.MediaBegin) (wire.MediaState, error)
	Put(ctx context.Context, id wire.MediaID, token wire.MediaToken, offset, size int64, body io.Reader) (wire.MediaState, error)
	Open(ctx context.Context, id wire.MediaID, token wire.MediaToken) (messenger.Blob, error)
	Done(ctx context.Context, d wire.MediaDone) error
	Drop(ctx context.Context, d wire.MediaDrop) error
}

// stall is how long a piece or a range may bring nothing forward.
const stall = time.Minute

var errRange = fault.New(fault.Invalid, "route", "a file's piece is put with "+wire.MediaOffset+" and its length, and read with GET")

// media routes what is about files. Only the announcement is made by a device
// by name: whoever brings or fetches bytes shows a token of the blob, and the
// carrier does not ask whose it is.
func (g *Gateway) media() {
	call(g, wire.PathMediaBegin, func(ctx context.Context, who wire.Address, in wire.MediaBegin) (wire.MediaState, error) {
		return g.Files.Begin(ctx, who.Account, in)
	})
	open(g, wire.PathMediaDone, func(ctx context.Context, _ netip.Addr, in wire.MediaDone) (wire.Nothing, error) {
		return wire.Nothing{}, g.Files.Done(ctx, in)
	})
	open(g, wire.PathMediaDrop, func(ctx context.Context, _ netip.Addr, in wire.MediaDrop) (wire.Nothing, error) {
		return wire.Nothing{}, g.Files.Drop(ctx, in)
	})
	g.mux.HandleFunc(wire.PathMedia, g.blob)
}

// blob takes a piece or gives a range.
func (g *Gateway) blob(w http.ResponseWriter, r *http.Request) {
	id, err := wire.ParseMediaID(strings.TrimPrefix(r.URL.Path, wire.PathMedia))
	if err != nil {
		g.refuse(w, r, errNoCall)
		return
	}
	token, err := wire.ParseMediaToken(r.Header.Get("Authorization"))
	if err != nil {
		g.refuse(w, r, fault.New(fault.Unauthenticated, "find a file", "this call needs the token of the file"))
		return
	}
	switch r.Method {
	case http.MethodPut:
		g.put(w, r, id, token)
	case http.MethodGet:
		g.get(w, r, id, token)
	default:
		g.refuse(w, r, errRange)
	}
}

func (g *Gateway) put(w http.ResponseWriter, r *http.Request, id wire.MediaID, token wire.MediaToken) {
	offset, err := strconv.ParseInt(r.Header.Get(wire.MediaOffset), 10, 64)
	if err != nil || offset < 0 || r.ContentLength <= 0 || r.ContentLength > wire.MediaPiece {
		g.refuse(w, r, errRange)
		return
	}
	body := steady{r.Body, http.NewResponseController(w).SetReadDeadline}
	now, err := g.Files.Put(r.Context(), id, token, offset, r.ContentLength, body)
	g.answer(w, r, now, err)
}

// get leaves ranges to net/http.
//
// spec: RFC 9110 14.2
func (g *Gateway) get(w http.ResponseWriter, r *http.Request, id wire.MediaID, token wire.MediaToken) {
	b, err := g.Files.Open(r.Context(), id, token)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	defer b.Close()
	g.Metrics.call(wire.PathMedia, "ok")
	w.Header().Set("Content-Type", wire.MediaType)
	line := http.NewResponseController(w)
	line.SetReadDeadline(time.Time{}) // the whole may take longer than a request may take to arrive
	http.ServeContent(w, r, "", time.Time{}, steadySeeker{b, line.SetWriteDeadline})
}

// steady puts the deadline of a connection off with each step, so that a slow
// line is served and a dead one is not. A connection without deadlines is one
// of a test.
type steady struct {
	io.Reader
	deadline func(time.Time) error
}

func (s steady) Read(p []byte) (int, error) {
	s.deadline(time.Now().Add(stall))
	return s.Reader.Read(p)
}

type steadySeeker struct {
	io.ReadSeeker
	deadline func(time.Time) error
}

func (s steadySeeker) Read(p []byte) (int, error) {
	s.deadline(time.Now().Add(stall))
	return s.ReadSeeker.Read(p)
}

// named is a path without what names a blob, for logs and metrics.
func named(path string) string {
	if strings.HasPrefix(path, wire.PathMedia) {
		return wire.PathMedia
	}
	return path
}
