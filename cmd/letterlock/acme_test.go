package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/letsencrypt/challtestsrv"
	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"

	"letterlock/internal/note"
)

// authority is a certificate authority on this machine that validates for
// real: it looks the host up and connects to the given TLS port.
func authority(t *testing.T, tlsPort int) *httptest.Server {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	dns := freeAddress(t)
	names, err := challtestsrv.New(challtestsrv.Config{DNSAddrs: []string{dns}, Log: log.New(io.Discard, "", 0)})
	if err != nil {
		t.Fatal(err)
	}
	names.SetDefaultDNSIPv4("127.0.0.1")
	names.SetDefaultDNSIPv6("")
	go names.Run()
	t.Cleanup(names.Shutdown)
	logger, store := log.New(io.Discard, "", 0), db.NewMemoryStore()
	issuer := ca.New(logger, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {}})
	front := wfe.New(logger, store, va.New(logger, tlsPort, tlsPort, false, dns, store), issuer, []string{"ca.example"}, false, false, 0, 0)
	srv := httptest.NewTLSServer(front.Handler())
	t.Cleanup(srv.Close)
	return srv
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.LocalAddr().String()
}

func TestCertificatesByACME(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	srv := authority(t, port)
	// autocert talks to the authority by the default transport, which must
	// believe the authority's own certificate here.
	believe := http.DefaultTransport.(*http.Transport)
	before := believe.TLSClientConfig
	believe.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	t.Cleanup(func() { believe.TLSClientConfig = before })

	c := DefaultConfig()
	c.Data, c.Listen, c.Host = t.TempDir(), l.Addr().String(), "letters.example.org"
	c.ACME, c.ACMEDirectory = true, srv.URL+wfe.DirectoryPath
	if err := c.Finish(); err != nil {
		t.Fatal(err)
	}
	front, err := listen(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go serveHTTP(ctx, front, newServer(http.NotFoundHandler()), note.Discard())

	for _, site := range []string{"", "release"} {
		host := c.SiteHost(site)
		got, err := handshake(c.Listen, host)
		if err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		if err := got.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	if _, err := handshake(c.Listen, "other.example.org"); err == nil {
		t.Error("a certificate was got for a host that is none of ours")
	}
}

func handshake(address, host string) (*x509.Certificate, error) {
	d := &net.Dialer{Timeout: 30 * time.Second}
	conn, err := tls.DialWithDialer(d, "tcp", address, &tls.Config{ServerName: host, InsecureSkipVerify: true}) // the test's authority has no root that a client knows
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0], nil
}
