package bench

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Idle is what many connected, silent devices cost.
type Idle struct {
	TLS         bool
	Connections int
	Each        float64 // bytes of the server's memory for each
	LoginMicros float64 // of the server's processors for connecting each
	Share       float64 // of one processor, while nothing happens
}

// idle registers people with one server process and measures another, so that
// what registration left in memory is not in the figures.
func (r *Results) idle(ctx context.Context) error {
	o := r.Options
	h, err := foundHouse(ctx, o, "idle", "", "")
	if err != nil {
		return err
	}
	if err = errors.Join(h.register(ctx, o.Idle), h.end(), h.start()); err != nil {
		return err
	}
	plain, err := runIdle(ctx, o, h)
	if err = errors.Join(err, h.end()); err != nil {
		return fmt.Errorf("idle connections: %w", err)
	}
	cert, err := certificate(filepath.Join(o.Dir, "idle"))
	if err != nil {
		return err
	}
	secure, err := foundHouse(ctx, o, "idle", "", cert)
	if err != nil {
		return err
	}
	for _, p := range h.people {
		p.h = secure
	}
	secure.people = h.people
	overTLS, err := runIdle(ctx, o, secure)
	r.Idle = append(r.Idle, plain, overTLS)
	for _, i := range r.Idle {
		r.say("idle, TLS %v: %.1f KiB each, %.0f us to connect, %.1f%% of a processor in all", i.TLS, i.Each/1024, i.LoginMicros, 100*i.Share)
	}
	return errors.Join(err, secure.end())
}

func runIdle(ctx context.Context, o Options, h *house) (Idle, error) {
	sockets := make([]*socket, o.Idle)
	defer func() {
		for _, s := range sockets {
			if s != nil {
				s.close()
			}
		}
	}()
	join := func(from, n int) error {
		return each(ctx, n, 8, func(i int) (err error) {
			sockets[from+i], err = h.people[from+i].silent(ctx)
			return err
		})
	}
	first := o.Idle / 20 // pools and caches of the server are filled by these
	if err := join(0, first); err != nil {
		return Idle{}, err
	}
	wait(ctx, o.Hold/2)
	a := look(h.pids, true)
	if err := join(first, o.Idle-first); err != nil {
		return Idle{}, err
	}
	b := look(h.pids, false)
	wait(ctx, o.Hold)
	c := look(h.pids, true)
	n := o.Idle - first
	return Idle{TLS: h.tls, Connections: o.Idle, Each: float64(c.pss-a.pss) / float64(n), LoginMicros: between(a, b).perItem(n),
		Share: between(b, c).server / c.at.Sub(b.at).Seconds()}, ctx.Err()
}

// silent connects and says nothing more.
func (d *device) silent(ctx context.Context) (*socket, error) {
	s, err := d.open(ctx, heard{}, 512)
	if err != nil {
		return nil, err
	}
	s.nc.SetReadDeadline(time.Now().Add(patience))
	err = s.until(func() bool {
		select {
		case <-s.empty:
			return true
		default:
			return false
		}
	})
	s.nc.SetReadDeadline(time.Time{})
	return s, err
}

// certificate makes a key and a certificate for this machine in one file.
func certificate(dir string) (file string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return "", err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	both := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	file = filepath.Join(dir, "server.pem")
	return file, os.WriteFile(file, both, 0o600)
}
