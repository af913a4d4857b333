package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"letterlock/internal/fault"
)

// sites answers each host name with its own handler and no other's: the
// release pages are never reachable under the desk's name, or the other way.
type sites map[string]http.Handler

func (s sites) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	h, ok := s[strings.ToLower(strings.TrimSuffix(host, "."))]
	if !ok && loopback(host) {
		h, ok = s[""] // 127.0.0.1 and ::1 reach the carrier's own site
	}
	if !ok {
		http.Error(w, "This server has no site of that name.", http.StatusMisdirectedRequest)
		return
	}
	h.ServeHTTP(w, r)
}

// listen opens the one public listener.
func listen(c Config) (net.Listener, error) {
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "listen", err, "cannot listen on %s: %v", c.Listen, err)
	}
	switch {
	case c.ACME:
		m := &autocert.Manager{Client: &acme.Client{DirectoryURL: cmp.Or(c.ACMEDirectory, autocert.DefaultACMEDirectory)}, Prompt: autocert.AcceptTOS, Email: c.ACMEEmail, Cache: autocert.DirCache(filepath.Join(c.Data, "acme")),
			HostPolicy: autocert.HostWhitelist(c.hosts()...)}
		t := m.TLSConfig()
		t.MinVersion = tls.VersionTLS12
		return tls.NewListener(l, t), nil
	case c.TLSCert != "":
		cert, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			l.Close()
			return nil, fault.Wrap(fault.Invalid, "read certificate", err, "the certificate cannot be used: %v", err)
		}
		return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), nil
	}
	return l, nil
}

// hosts are the names that this server answers to.
func (c Config) hosts() []string {
	all := []string{c.SiteHost(""), c.SiteHost("portal"), c.SiteHost("desk"), c.SiteHost("release")}
	if c.Chat != "" {
		all = append(all, c.SiteHost("chat"))
	}
	return all
}

// newServer is an HTTP server for people and their programs. Ten minutes are
// enough for 100 MiB of papers over a poor line; who sends slower than that holds
// a connection for nothing. WebSockets have times of their own.
func newServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10}
}

// serveHTTP answers until the context ends, then lets requests finish.
func serveHTTP(ctx context.Context, l net.Listener, s *http.Server, log *slog.Logger) error {
	// net/http's own messages name peers' addresses; what matters is logged by the handlers.
	s.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := s.Shutdown(stop); err != nil {
		log.Warn("some requests were cut off", "err", err)
		s.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
