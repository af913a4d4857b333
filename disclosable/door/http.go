package door

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
)

// Limits of the door over HTTP, in bytes. The largest request is a proposed
// grant that lists 10,000 accounts, then one to co-sign; the largest answer a
// release with a full block list.
const (
	maxRequest  = 256 << 10
	maxProposed = d.MaxGrant + 16
	maxAnswer   = 8 << 20
)

// mostOf is how much one method takes.
func mostOf(name string) int64 {
	if name == "propose" {
		return maxProposed
	}
	return maxRequest
}

const (
	prefix      = "/door/v1/"
	contentType = "application/cbor"
)

// refusal is a fault as it passes the door: what a caller decides by and what
// a person may read, never a cause.
type refusal struct {
	Kind string `cbor:"kind"`
	Say  string `cbor:"say"`
}

type nothing struct{}

type list[T any] struct {
	Items []T `cbor:"items"`
}

// Handler serves a Door. Each method is one path, posted to with its argument
// in CBOR. It answers on a Unix socket, or to a peer whose certificate was
// verified, and to nobody else.
func Handler(x Door) http.Handler {
	mux := http.NewServeMux()
	route(mux, "resolve", x.Resolve)
	route(mux, "propose", x.Propose)
	route(mux, "proposal", x.Proposal)
	route(mux, "withdraw", func(ctx context.Context, h d.Hash) (nothing, error) { return nothing{}, x.Withdraw(ctx, h) })
	route(mux, "redeem", x.Redeem)
	route(mux, "preserve", x.Preserve)
	route(mux, "open-snapshot", x.OpenSnapshot)
	route(mux, "tell", x.Tell)
	route(mux, "proof", x.Proof)
	route(mux, "objections", func(ctx context.Context, after int64) (list[Objection], error) {
		o, err := x.Objections(ctx, after)
		return list[Objection]{o}, err
	})
	traceRoutes(mux, x)
	listRoutes(mux, x)
	route(mux, "law", func(ctx context.Context, in list[d.Hash]) (list[LawState], error) {
		out, err := x.Law(ctx, in.Items)
		return list[LawState]{out}, err
	})
	route(mux, "seen", x.Seen)
	route(mux, "cosign", x.Cosign)
	route(mux, "witness", x.Witness)
	route(mux, "cosigned", func(ctx context.Context, line []byte) (nothing, error) { return nothing{}, x.Cosigned(ctx, line) })
	return onlyTheOtherHalf(mux)
}

// onlyTheOtherHalf refuses what did not come through the file system's
// permissions or mutual TLS.
func onlyTheOtherHalf(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		unix := local != nil && local.Network() == "unix"
		mutual := r.TLS != nil && len(r.TLS.VerifiedChains) > 0
		if !unix && !mutual {
			refuse(w, fault.New(fault.Forbidden, "open door", "the door opens on its socket or to a verified certificate only"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func route[In, Out any](mux *http.ServeMux, name string, f func(context.Context, In) (Out, error)) {
	mux.HandleFunc("POST "+prefix+name, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := readRequest(w, r, mostOf(name), &in); err != nil {
			refuse(w, err)
			return
		}
		out, err := f(r.Context(), in)
		if err != nil {
			refuse(w, err)
			return
		}
		answer(w, http.StatusOK, out)
	})
}

func readRequest(w http.ResponseWriter, r *http.Request, most int64, to any) error {
	if r.Header.Get("Content-Type") != contentType {
		return fault.New(fault.Invalid, "read door request", "the door speaks %s", contentType)
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return fault.New(fault.TooLarge, "read door request", "the request is larger than %d bytes", most)
	}
	if err == nil {
		err = readExactly(b, to)
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, "read door request", err, "the request cannot be read")
	}
	return nil
}

// readExactly refuses any but the one encoding of what it reads, such as a
// hash that is too short.
func readExactly(b []byte, to any) error {
	if err := d.Unmarshal(b, to); err != nil {
		return err
	}
	again, err := d.Marshal(to)
	if err == nil && !bytes.Equal(again, b) {
		err = errors.New("not in its one encoding")
	}
	return err
}

func refuse(w http.ResponseWriter, err error) {
	k := fault.KindOf(err)
	answer(w, k.Status(), refusal{k.String(), fault.Say(err)})
}

func answer(w http.ResponseWriter, status int, v any) {
	b, err := d.Marshal(v)
	if err != nil {
		status, b = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	w.Write(b)
}

// NewServer is an HTTP server for a Door, with limits on time and headers.
// Close it with Shutdown.
func NewServer(x Door) *http.Server {
	return &http.Server{Handler: Handler(x), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 20 * time.Second,
		WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 8 << 10}
}

// away is what every failure to reach the other half becomes.
func away(err error) error {
	return fault.Wrap(fault.Unavailable, "knock at the door", err, "the carrier cannot be reached: nothing was released; try again")
}

// back turns an answer that is no success into the fault it was.
func back(status int, body []byte) error {
	var r refusal
	if err := d.Unmarshal(body, &r); err != nil {
		return away(fmt.Errorf("status %d: %w", status, err))
	}
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		if k.String() == r.Kind {
			return fault.New(k, "knock at the door", "%s", r.Say)
		}
	}
	return away(fmt.Errorf("status %d of kind %q", status, r.Kind))
}
