package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"letterlock/desk/casefile"
	"letterlock/disclosable/door"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/note"
	"letterlock/law"
	"letterlock/messenger/holdings"
)

type serveCmd struct {
	settings
}

// Run serves until it is told to stop.
func (s *serveCmd) Run(ctx context.Context, out io.Writer) error {
	conf, err := s.load()
	if err != nil {
		return err
	}
	return serve(ctx, conf, out, os.Stderr)
}

// serve opens the halves that the role names, says where they answer, and runs
// them until the context ends.
func serve(ctx context.Context, conf Config, out, logs io.Writer) (err error) {
	if err := makeData(conf.Data); err != nil {
		return err
	}
	b, err := newBase(conf, logs)
	if err != nil {
		return err
	}
	h, err := openHalves(ctx, b)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	l, err := listen(conf)
	if err != nil {
		return err
	}
	if err := h.welcome(ctx, b, out); err != nil {
		l.Close()
		return err
	}
	return h.run(ctx, b, l, out)
}

func newBase(conf Config, logs io.Writer) (base, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(conf.LogLevel)); err != nil {
		return base{}, fault.New(fault.Invalid, "check configuration", "log_level must be debug, info, warn or error")
	}
	b := base{conf: conf, clock: clock.System, log: note.New(logs, level), metrics: prometheus.NewRegistry()}
	if conf.ClockFile != "" {
		b.clock = &clock.Shifted{Path: conf.ClockFile}
	}
	var err error
	if b.book, err = book(conf.LangDir); err != nil {
		return base{}, err
	}
	if b.mail, err = newMailer(conf.Mail, conf.From); err != nil {
		return base{}, err
	}
	if b.law, b.counsel, err = loadLaw(conf.LawFile); err != nil {
		return base{}, err
	}
	b.cleared, err = loadSealedLaw(conf.SealedLawFile, b.law)
	return b, err
}

// loadSealedLaw reads approvals of rows of sealed matters. Anything else in the
// file is refused: it would hold for some of the house and not for the rest.
func loadSealedLaw(path string, table *law.Table) ([]law.Approval, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read sealed law file", err, "sealed_law_file cannot be read: %v", err)
	}
	defer f.Close()
	o, err := law.LoadOverrides(f)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read sealed law file", err, "sealed_law_file: %v", err)
	}
	if len(o.Rows)+len(o.Lists)+len(o.ListApprovals)+len(o.Channels) > 0 {
		return nil, fault.New(fault.Invalid, "read sealed law file", "sealed_law_file holds approvals and nothing else: put rows, lists and channels into law_file")
	}
	for _, a := range o.Approvals {
		if row, ok := table.RowByHash(a.Hash); !ok || !casefile.SealedRow(row) {
			return nil, fault.New(fault.Invalid, "read sealed law file", "sealed_law_file approves %s, which is no process of sealed matters as it reads now: put it into law_file, or copy the lines anew from the console", a.Row)
		}
	}
	return o.Approvals, nil
}

// loadLaw is the law table with what an operator's file changes and approves.
func loadLaw(path string) (*law.Table, []law.Approval, error) {
	if path == "" {
		return law.Default(), nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Invalid, "read law file", err, "law_file cannot be read: %v", err)
	}
	defer f.Close()
	o, err := law.LoadOverrides(f)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Invalid, "read law file", err, "%s: %v", path, err)
	}
	table, err := law.Default().With(o)
	return table, o.Approvals, err
}

// halves are what this process runs.
type halves struct {
	carrier *carrier
	desk    *deskHalf
	door    net.Listener // the carrier's, for a desk that runs apart
}

func openHalves(ctx context.Context, b base) (h *halves, err error) {
	h = &halves{}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if b.conf.Carrier() {
		if h.carrier, err = openCarrier(ctx, b); err != nil {
			return h, err
		}
	}
	if b.conf.Desk() {
		if h.desk, err = openDesk(ctx, b, h.carrier); err != nil {
			return h, err
		}
	}
	return h, h.join(b)
}

// join makes the halves trust each other's ledgers, refuses a half that is older
// than the other has seen it, and opens the door for a desk that runs apart.
func (h *halves) join(b base) (err error) {
	if h.carrier != nil && h.desk != nil {
		for _, pair := range [][2]ledgers{{h.carrier.ledgers, h.desk.ledgers}, {h.desk.ledgers, h.carrier.ledgers}} {
			if err := pair[0].trustPeer(pair[1].keys()); err != nil {
				return err
			}
		}
		return agree(h.carrier.ledgers, h.desk.ledgers)
	}
	own := ledgers{}
	if h.carrier != nil {
		own = h.carrier.ledgers
		if h.door, err = listenDoor(b.conf); err != nil {
			return err
		}
	} else {
		own = h.desk.ledgers
	}
	if b.conf.PeerKeys == "" {
		b.log.Warn("peer_keys is not set: the other half's ledger is not co-signed")
		return nil
	}
	keys, err := peerKeys(b.conf.PeerKeys)
	if err != nil {
		return err
	}
	return own.trustPeer(keys)
}

// welcome prints where people go, and at first start the one-time links.
func (h *halves) welcome(ctx context.Context, b base, out io.Writer) error {
	say := func(what, url string) { fmt.Fprintf(out, "%s: %s\n", what, url) }
	if h.carrier != nil {
		for _, set := range []struct {
			of          *holdings.Set
			names, what string
		}{{h.carrier.holdings.Set, b.conf.KeyHolders, "first key holder"}, {h.carrier.holdings.Cleared(), b.conf.SealedHolders, "first cleared key holder"}} {
			links, err := firstLinks(ctx, set.of, set.names)
			if err != nil {
				return err
			}
			for _, l := range links {
				say(set.what, l)
			}
		}
		say("messages and public pages", b.conf.Origin(""))
		say("second signatures", b.conf.Origin("release"))
		if h.carrier.chat != nil {
			say("messenger in the browser", b.conf.Origin("chat"))
		}
	}
	if h.desk != nil {
		link, err := h.desk.firstLink(ctx, b)
		if err != nil {
			return err
		}
		if link != "" {
			say("first lead", link)
		}
		say("portal for agencies", b.conf.Origin("portal"))
		say("console of the team", b.conf.Origin("desk"))
	}
	if b.conf.Demo {
		fmt.Fprintln(out, "DEMO MODE: software keys are accepted")
	}
	return nil
}

func (h *halves) run(ctx context.Context, b base, l net.Listener, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	site, err := h.sites(b)
	if err != nil {
		l.Close()
		return err
	}
	var wg sync.WaitGroup
	failed := make(chan error, 4)
	goes := func(f func(context.Context) error) {
		wg.Go(func() {
			if err := f(ctx); err != nil {
				failed <- err
			}
			stop() // one part down, all down: half a service is worse than none
		})
	}
	for _, f := range h.runs() {
		wg.Go(func() { f(ctx) })
	}
	goes(func(ctx context.Context) error { return serveHTTP(ctx, l, newServer(site), b.log) })
	if h.door != nil {
		goes(func(ctx context.Context) error {
			return serveHTTP(ctx, h.door, door.NewServer(h.carrier.holdings), b.log)
		})
	}
	if b.conf.Metrics != "" {
		m, err := listenMetrics(b.conf.Metrics)
		if err != nil {
			return err
		}
		goes(func(ctx context.Context) error {
			return serveHTTP(ctx, m, newServer(promhttp.HandlerFor(b.metrics, promhttp.HandlerOpts{})), b.log)
		})
	}
	fmt.Fprintln(out, "ready")
	<-ctx.Done()
	if h.carrier != nil {
		h.carrier.gateway.Shutdown(context.WithoutCancel(ctx))
	}
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

func (h *halves) runs() []func(context.Context) {
	var all []func(context.Context)
	if h.carrier != nil {
		all = append(all, h.carrier.runs...)
	}
	if h.desk != nil {
		all = append(all, h.desk.runs...)
	}
	return all
}

func (h *halves) sites(b base) (sites, error) {
	s := sites{}
	center, err := h.center(b)
	if err != nil {
		return nil, err
	}
	own := http.NewServeMux()
	own.Handle("/", center)
	own.HandleFunc("GET /healthz", h.health)
	if h.carrier != nil {
		own.Handle("/v1/", h.carrier.gateway)
		s[b.conf.SiteHost("release")] = h.carrier.release
		if h.carrier.chat != nil {
			s[b.conf.SiteHost("chat")] = h.carrier.chat
		}
	}
	if h.desk != nil {
		s[b.conf.SiteHost("portal")], s[b.conf.SiteHost("desk")] = h.desk.portal, h.desk.console
	}
	s[""], s[b.conf.SiteHost("")] = own, own
	return s, nil
}

// health says whether each part can do its work, and nothing else.
func (h *halves) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	bad := []string{}
	check := func(name string, ok bool) {
		if !ok {
			bad = append(bad, name)
		}
	}
	if h.carrier != nil {
		check("carrier database", h.carrier.db.SQL.PingContext(ctx) == nil)
		check("carrier ledger", h.carrier.ledgers.public.State().Writable)
	}
	if h.desk != nil {
		check("desk database", h.desk.db.SQL.PingContext(ctx) == nil)
		check("desk ledger", h.desk.ledgers.public.State().Writable)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if len(bad) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "not well:", strings.Join(bad, ", "))
		return
	}
	fmt.Fprintln(w, "ok")
}

func (h *halves) close() error {
	var errs []error
	if h.door != nil {
		h.door.Close()
	}
	if h.desk != nil {
		errs = append(errs, h.desk.close())
	}
	if h.carrier != nil {
		errs = append(errs, h.carrier.close())
	}
	return errors.Join(errs...)
}

// listenMetrics refuses to show metrics beyond this machine.
func listenMetrics(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil || !loopback(host) {
		return nil, fault.New(fault.Invalid, "listen for metrics", "metrics must be a HOST:PORT on this machine, such as 127.0.0.1:9090")
	}
	return net.Listen("tcp", address)
}

// doorPath is the socket of the door, if it is one.
func doorPath(conf Config) (string, bool) {
	p, ok := strings.CutPrefix(conf.Door, "unix:")
	return filepath.Clean(p), ok
}
