// Package api is the way in for an agency's own software: the same requests as
// the portal's, as JSON, described by an OpenAPI document that is made from the
// very table the addresses are served from. It knows the officer on whose
// behalf a key calls, and what they may see of their own requests; it must not
// know the team's work, the carrier, or where anything is stored.
package api

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/intake"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/note"
	"letterlock/law"
	"letterlock/web/kit"
)

//go:embed pages
var pages embed.FS

// Base is where the API is on the portal's host.
const Base = "/api/v1"

// Config is what the API needs. Everything but Center and Log must be given.
type Config struct {
	Owner  string // whose service it is
	Origin string // of the portal, on whose host the API is served
	Center string // address of the public site; empty: no link
	Agency *agency.Service
	Intake *intake.Service
	Law    *law.Table
	Secure bool // served over https
	Demo   bool
	Clock  clock.Clock
	Log    *slog.Logger
	Aside  func(r *http.Request, what error) bool // failures that must not be in the log; nil: none
}

type api struct {
	Config
	kit    *kit.Kit
	ops    []operation
	doc    []byte       // the OpenAPI document
	calls  *kit.Limiter // by system
	knocks *kit.Limiter // without a valid key, by address
}

// Bounds of what is sent.
const (
	maxJSON  = 1 << 20
	maxPaper = casefile.MaxPaper + 1
)

// How often a system may call: five times a second, and 60 at once.
const (
	callEvery = 200 * time.Millisecond
	callBurst = 60
)

// New is the handler of /api and all below it.
func New(c Config) (http.Handler, error) {
	if c.Agency == nil || c.Intake == nil || c.Law == nil || c.Clock == nil || c.Origin == "" {
		return nil, fmt.Errorf("api: agency, intake, law, clock and origin must be given")
	}
	if c.Log == nil {
		c.Log = note.Discard()
	}
	own, err := fs.Sub(pages, "pages")
	if err != nil {
		return nil, err
	}
	foot := []kit.Link{{Text: "Portal for agencies", URL: "/"}}
	if c.Center != "" {
		foot = append(foot, kit.Link{Text: "Public centre", URL: c.Center})
	}
	a := &api{Config: c, calls: &kit.Limiter{Every: callEvery, Burst: callBurst, Clock: c.Clock}, knocks: &kit.Limiter{Every: time.Second, Burst: 30, Clock: c.Clock}}
	if a.kit, err = kit.New(kit.Config{Name: "API for agencies", Owner: c.Owner, Mark: "portal", Home: "/api", Pages: own, Foot: foot, Secure: c.Secure, Demo: c.Demo, Clock: c.Clock, Log: c.Log, Aside: c.Aside}); err != nil {
		return nil, err
	}
	a.ops = a.operations()
	if a.doc, err = json.MarshalIndent(a.document(), "", "  "); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, o := range a.ops {
		mux.HandleFunc(o.Method+" "+Base+o.Path, a.handle(o))
	}
	site := http.NewServeMux()
	site.Handle("/api", a.kit.Protect(a.pages()))
	site.Handle("/api/", a.protect(mux))
	return site, nil
}

// protect gives every answer the headers, and every failure its problem.
func (a *api) protect(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kit.Headers(w.Header(), a.Secure)
		w.Header().Set("Cache-Control", "no-store")
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			a.kit.Panicked(r, v)
			a.fail(w, r, fault.New(fault.Internal, "serve call", ""))
		}()
		if err := noKeyIn(r.URL); err != nil {
			a.fail(w, r, err)
			return
		}
		if _, pattern := mux.Handler(r); pattern == "" {
			a.noRoute(mux, w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// noKeyIn refuses an address that carries a key: addresses end up in logs.
func noKeyIn(u *url.URL) error {
	if strings.Contains(strings.ToLower(u.RequestURI()), "llk_") {
		return fault.New(fault.Invalid, "find API key", "an API key is never part of an address, which logs keep: send it in the Authorization header, and have this one replaced")
	}
	return nil
}

// noRoute says that there is no such address, or which methods it has.
func (a *api) noRoute(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, m := range []string{"GET", "POST", "PUT", "DELETE"} {
		if _, p := mux.Handler(&http.Request{Method: m, URL: r.URL, Host: r.Host}); p != "" {
			allow = append(allow, m)
		}
	}
	if len(allow) == 0 {
		a.fail(w, r, fault.New(fault.NotFound, "route", "not found"))
		return
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	a.problem(w, r, problem{Title: "Method not allowed", Status: http.StatusMethodNotAllowed, Detail: "this address takes " + strings.Join(allow, ", ")})
}

// call is one call, with who makes it.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	op      operation
	system  agency.System
	officer agency.Officer
	body    []byte // of JSON, as it came
}

func (c *call) actor() casefile.Actor { return c.system.Actor(c.officer) }

// handle makes an operation an address: who calls, how often, with what.
func (a *api) handle(o operation) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r, op: o}
		out, err := a.do(c)
		switch {
		case err != nil:
			a.fail(w, r, err)
		case o.Binary: // has answered by itself
		default:
			a.answer(w, r, o.Status, out)
		}
	}
}

func (a *api) do(c *call) (any, error) {
	if !c.op.Open {
		if err := a.admit(c); err != nil {
			return nil, err
		}
	}
	if err := c.op.knows(c.r.URL.Query()); err != nil {
		return nil, err
	}
	limit := int64(maxJSON)
	if c.op.PDF {
		limit = maxPaper
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, limit)
	if c.op.In != nil {
		if err := c.readBody(); err != nil {
			return nil, err
		}
	}
	return c.op.do(c)
}

// admit finds out who calls. An address that knocks with bad keys is slowed
// before the key is even looked at.
func (a *api) admit(c *call) error {
	scheme, key, ok := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || len(c.r.Header.Values("Authorization")) != 1 {
		if err := a.knocks.Allow(kit.Peer(c.r)); err != nil {
			return err
		}
		return fault.New(fault.Unauthenticated, "find API key", "send your system's API key in the header Authorization: Bearer llk_…; the response team gives it out")
	}
	peer, _ := netip.ParseAddrPort(c.r.RemoteAddr)
	var err error
	c.system, c.officer, err = a.Agency.BySecret(c.r.Context(), casefile.NewSecret(strings.TrimSpace(key)), peer.Addr())
	if fault.Is(err, fault.Unauthenticated) {
		if slow := a.knocks.Allow(kit.Peer(c.r)); slow != nil {
			return slow
		}
	}
	if err != nil {
		return err
	}
	return a.calls.Allow(string(c.system.ID))
}

func (a *api) answer(w http.ResponseWriter, r *http.Request, status int, v any) {
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(b, '\n'))
}

// knows refuses what the operation's address does not take.
func (o operation) knows(q url.Values) error {
	for name, v := range q {
		known := false
		for _, p := range o.Query {
			known = known || p.Name == name
		}
		if !known || len(v) != 1 {
			return fault.New(fault.Invalid, "read address", "%q is no parameter of this address, or is given twice", cut(name))
		}
	}
	return nil
}

func cut(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// tooBig turns what reading a body can fail with into words.
func tooBig(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return fault.Wrap(fault.TooLarge, "read body", err, "more than %s was sent", kit.Bytes(big.Limit))
	}
	return fault.Wrap(fault.Invalid, "read body", err, "the body broke off before its end; send it again")
}
