package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"letterlock/e2e/story"
	"letterlock/internal/testkit/pg"
)

// carrier is a running server under measurement.
type carrier struct {
	name  string
	pids  []int
	dirs  []string // all that it keeps
	dial  func(ctx context.Context, who int, h heard) (line, error)
	stop  func() error
	house *house // nil: the floor
}

// heard is what a connection tells its user; calls of one connection come one
// at a time.
type heard struct {
	sent   func(ref uint64)           // the carrier confirmed it
	got    func(seq uint64, b []byte) // an envelope arrived; b is valid during the call
	row    func(row []byte)           // a sealed row arrived: opened when the clock has stopped
	broken func(error)
}

// line is one connected device. What it receives it acknowledges by itself.
type line interface {
	send(ref uint64, to int, b []byte) error
	close() error
}

// openCarriers starts the house on each engine, and the floor.
func openCarriers(ctx context.Context, o Options) (all []*carrier, missing []string, err error) {
	h, err := foundHouse(ctx, o, "sqlite", "", "")
	if err != nil {
		return nil, nil, err
	}
	all = append(all, h.carrier("Letterlock, SQLite"))
	if o.Postgres {
		h, why, err := onPostgres(ctx, o)
		if err != nil {
			return all, nil, err
		}
		if why != "" {
			missing = append(missing, "PostgreSQL: "+why)
		} else {
			all = append(all, h.carrier("Letterlock, PostgreSQL"))
		}
	}
	for _, c := range all {
		if err := c.house.register(ctx, 2*o.Pairs); err != nil {
			return all, missing, err
		}
	}
	f, err := startFloor(o)
	if err != nil {
		return all, missing, err
	}
	return append(all, f), missing, nil
}

// onPostgres starts a cluster of its own for the carrier's half.
func onPostgres(ctx context.Context, o Options) (h *house, why string, err error) {
	cluster, err := pg.Start()
	if err != nil {
		return nil, err.Error(), nil
	}
	db, err := sql.Open("pgx", cluster.URL("postgres"))
	if err == nil {
		_, err = db.ExecContext(ctx, "CREATE DATABASE carrier")
		err = errors.Join(err, db.Close())
	}
	if err == nil {
		h, err = foundHouse(ctx, o, "postgres", cluster.URL("carrier"), "")
	}
	if err != nil {
		cluster.Stop()
		return nil, "", err
	}
	h.pids = append(h.pids, cluster.Pid())
	h.dirs = append(h.dirs, cluster.Dir)
	end := h.end
	h.end = func() error { defer cluster.Stop(); return end() }
	return h, "", nil
}

// house is one `letterlock serve`.
type house struct {
	dir     string
	address string
	tls     bool
	people  []*device
	pids    []int
	dirs    []string
	end     func() error
	start   func() error // again, after end
}

// build makes the operator's program as an operator would.
func build(ctx context.Context, dir string) (string, error) {
	root, err := story.Root()
	if err != nil {
		return "", err
	}
	out := story.Program(dir, "letterlock")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", out, "./cmd/letterlock")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/letterlock: %w\n%s", err, b)
	}
	return out, nil
}

// settings lift the limits of address and device, since all load comes from one
// address here; everything else is as shipped.
const settings = `name = "Bench"
codes_per_address = 10000000
tries_per_address = 10000000
calls_per_address = 10000000.0
envelopes_per_device = 10000000.0
`

// foundHouse prepares a folder and starts a server in it.
func foundHouse(ctx context.Context, o Options, name, database, cert string) (*house, error) {
	dir, err := folder(filepath.Join(o.Dir, name))
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	conf := settings
	if database != "" {
		conf += fmt.Sprintf("database = %q\n", database)
	}
	h := &house{dir: dir, address: net.JoinHostPort("127.0.0.1", port), tls: cert != "", dirs: []string{filepath.Join(dir, "data")}}
	if h.tls {
		conf += fmt.Sprintf("tls_cert = %q\ntls_key = %q\n", cert, cert)
	}
	file := filepath.Join(dir, "letterlock.toml")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		return nil, err
	}
	h.start = func() error {
		p, err := story.Start(filepath.Join(dir, "log"), o.Server, "serve", "--config", file, "--data", h.dirs[0], "--listen", h.address)
		if err != nil {
			return err
		}
		if _, err := p.Line("ready", time.Minute); err != nil {
			p.Kill()
			return err
		}
		h.pids = append([]int{p.PID()}, h.pids[min(1, len(h.pids)):]...)
		h.end = p.Stop
		return nil
	}
	return h, h.start()
}

func (h *house) carrier(name string) *carrier {
	return &carrier{name: name, pids: h.pids, dirs: h.dirs, house: h, stop: func() error { return h.end() },
		dial: func(ctx context.Context, who int, hd heard) (line, error) { return h.people[who].connect(ctx, hd) }}
}

// code takes the newest code for a number out of the outbox, and the file away.
func (h *house) code(phone string) (string, error) {
	names, _ := filepath.Glob(filepath.Join(h.dirs[0], "sms", strings.TrimPrefix(phone, "+")+"-*.txt"))
	if len(names) == 0 {
		return "", fmt.Errorf("no text message for %s", phone)
	}
	b, err := os.ReadFile(names[len(names)-1])
	if err != nil {
		return "", err
	}
	m := digits.FindSubmatch(b)
	if m == nil {
		return "", errors.New("a text message without a code")
	}
	return string(m[1]), os.Remove(names[len(names)-1])
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
