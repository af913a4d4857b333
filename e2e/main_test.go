// Package e2e_test attacks the house as a whole: real programs, real engines,
// real signals. It sees every room, as an attacker of the machine would.
package e2e_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"letterlock/e2e/story"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/pg"
)

var programs struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("LETTERLOCK_BIN") == "" && programs.dir != "" {
		os.RemoveAll(programs.dir)
	}
	os.Exit(code)
}

// binaries builds the programs, once for all tests. LETTERLOCK_BIN names a
// folder with programs that are to be tested instead.
func binaries(t testing.TB) string {
	t.Helper()
	programs.once.Do(func() {
		if programs.dir = os.Getenv("LETTERLOCK_BIN"); programs.dir != "" {
			return
		}
		if programs.dir, programs.err = os.MkdirTemp("", "letterlock-bin-"); programs.err == nil {
			programs.err = story.Build(context.Background(), programs.dir)
		}
	})
	if programs.err != nil {
		t.Fatal(programs.err)
	}
	return programs.dir
}

// engine is a place for the two databases.
type engine struct {
	name    string
	cluster *pg.Cluster // nil: SQLite in the data folder
}

// eachEngine runs a test on SQLite and on a PostgreSQL of its own.
func eachEngine(t *testing.T, f func(*testing.T, engine)) {
	t.Run("sqlite", func(t *testing.T) { f(t, engine{name: "sqlite"}) })
	t.Run("postgres", func(t *testing.T) {
		c, err := pg.Start()
		if err != nil {
			testkit.Missing(t, "no PostgreSQL on this machine: %v", err)
		}
		t.Cleanup(c.Stop)
		f(t, engine{"postgres", c})
	})
}

// found prepares a world on the engine.
func (e engine) found(t *testing.T) *story.World {
	t.Helper()
	var extra []string
	if e.cluster != nil {
		db := open(t, "pgx", e.cluster.URL("postgres"))
		for _, name := range []string{"carrier", "desk"} {
			if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
				t.Fatal(err)
			}
		}
		// Without images of whole pages each record of the log is about one tuple.
		for _, q := range []string{"ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()"} {
			if _, err := db.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
		extra = []string{"--database", e.cluster.URL("carrier"), "--desk-database", e.cluster.URL("desk")}
	}
	w, err := story.Found(t.Context(), t.TempDir(), binaries(t), extra...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if w.Server != nil {
			w.Server.Kill()
		}
	})
	return w
}

// database opens a half's database beside the server; dir is a data folder or
// a copy of one.
func (e engine) database(t *testing.T, dir, half string) *sql.DB {
	t.Helper()
	if e.cluster != nil {
		return open(t, "pgx", e.cluster.URL(half))
	}
	return open(t, "sqlite", "file:"+filepath.Join(dir, half, half+".db")+"?_pragma=busy_timeout(10000)")
}

func open(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start starts the server and, if it fails, shows its log.
func start(t testing.TB, w *story.World) {
	t.Helper()
	if err := w.Start(); err != nil {
		log, _ := os.ReadFile(filepath.Join(w.Dir, "server.log"))
		t.Fatalf("%v\n%s", err, tail(log, 4000))
	}
}

func tail(b []byte, n int) string { return string(b[max(0, len(b)-n):]) }

func phone(i int) string { return fmt.Sprintf("+44163296%04d", i) }
