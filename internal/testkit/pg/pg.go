// Package pg starts a throw-away PostgreSQL from the system's programs for
// tests: one cluster for each test binary, one database for each test. Without
// the programs a test is skipped by name, and in CI it fails.
package pg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"letterlock/internal/testkit"
)

// Cluster is a running server.
type Cluster struct {
	Dir  string // its data folder, for tests that look into the files
	port int
	proc *exec.Cmd
	logs string
}

var (
	once    sync.Once
	shared  *Cluster
	failure error
	count   atomic.Int64
)

// New makes a database in the binary's cluster and returns its URL and the
// cluster's data folder. The database is dropped when the test ends, and the
// cluster when the binary does, however it ends.
func New(t testing.TB) (dsn, dir string) {
	t.Helper()
	once.Do(func() { shared, failure = Start() })
	if failure != nil {
		testkit.Missing(t, "no PostgreSQL on this machine: %v", failure)
	}
	name := fmt.Sprintf("test_%d", count.Add(1))
	if err := shared.exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() { shared.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") })
	return shared.URL(name), shared.Dir
}

// Main runs a package's tests and stops the cluster in an orderly way.
func Main(m *testing.M) {
	code := m.Run()
	if shared != nil {
		shared.Stop()
	}
	os.Exit(code)
}

// Start makes and starts a cluster of its own.
func Start() (*Cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "letterlock-pg-")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	c := &Cluster{Dir: filepath.Join(dir, "data"), port: port, logs: filepath.Join(dir, "log")}
	if err := c.start(bin, dir); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) start(bin, dir string) error {
	mk := exec.Command(filepath.Join(bin, "initdb"), "-D", c.Dir, "-U", "letterlock", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions", "-N")
	if err := demote(mk, dir); err != nil {
		return err
	}
	if out, err := mk.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	log, err := os.Create(c.logs)
	if err != nil {
		return err
	}
	defer log.Close()
	c.proc = exec.Command(filepath.Join(bin, "postgres"), "-D", c.Dir, "-p", strconv.Itoa(c.port), "-k", dir, "-h", "127.0.0.1",
		"-c", "wal_recycle=off", "-c", "wal_init_zero=off", "-c", "min_wal_size=32MB", "-c", "max_connections=60", "-c", "shared_buffers=32MB")
	if err := demote(c.proc, dir); err != nil {
		return err
	}
	c.proc.Stdout, c.proc.Stderr = log, log
	if err := c.proc.Start(); err != nil {
		return err
	}
	if err := guard(c.Pid(), dir); err != nil {
		return err
	}
	return c.wait()
}

func (c *Cluster) wait() error {
	var err error
	for range 100 {
		if err = c.exec("SELECT 1"); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond) // another process: there is no clock to move
	}
	log, _ := os.ReadFile(c.logs)
	return fmt.Errorf("the server does not answer: %w\n%s", err, log)
}

// URL names a database of the cluster.
func (c *Cluster) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("letterlock"), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

// Pid is the server's process.
func (c *Cluster) Pid() int { return c.proc.Process.Pid }

func (c *Cluster) exec(text string) error {
	db, err := sql.Open("pgx", c.URL("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err = db.ExecContext(ctx, text)
	return err
}

// Stop ends the server and removes its files.
func (c *Cluster) Stop() {
	if c.proc != nil && c.proc.Process != nil {
		c.proc.Process.Signal(os.Interrupt) // fast shutdown
		done := make(chan struct{})
		go func() { c.proc.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			c.proc.Process.Kill()
		}
	}
	os.RemoveAll(filepath.Dir(c.Dir))
}

// programs finds the newest installed server.
func programs() (string, error) {
	if p, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(p), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return "", errors.New("neither in PATH nor in /usr/lib/postgresql: install the package postgresql")
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
