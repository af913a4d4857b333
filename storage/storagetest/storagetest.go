// Package storagetest gives tests a carrier's database on each engine, and
// holds the suite that both must pass. It knows no rule of the domains.
package storagetest

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"letterlock/internal/testkit"
	"letterlock/internal/testkit/pg"
	"letterlock/storage"
	"letterlock/storage/messengerdb"
)

// Carrier is a database of one test and the folder that its engine writes to.
type Carrier struct {
	*messengerdb.DB
	Config storage.Config
	Dir    string
}

// SQLite opens a fresh database.
func SQLite(t testing.TB) Carrier {
	t.Helper()
	dir := testkit.Dir(t)
	return open(t, storage.Config{Database: "sqlite:" + filepath.Join(dir, "carrier.db")}, dir)
}

// Postgres opens a fresh database, or skips by name.
func Postgres(t testing.TB) Carrier {
	t.Helper()
	dsn, dir := pg.New(t)
	return open(t, storage.Config{Database: dsn}, dir)
}

// Each runs a test on both engines.
func Each(t *testing.T, f func(*testing.T, Carrier)) {
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

func open(t testing.TB, c storage.Config, dir string) Carrier {
	t.Helper()
	db, err := messengerdb.Open(context.Background(), c)
	if err != nil {
		t.Fatalf("open database: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	return Carrier{DB: db, Config: c, Dir: dir}
}

// Find counts how often the bytes are in the engine's files.
func (c Carrier) Find(t testing.TB, needle []byte) (n int) {
	t.Helper()
	err := filepath.WalkDir(c.Dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil // PostgreSQL removes files while we walk
		}
		b, err := os.ReadFile(p)
		if err == nil {
			n += bytes.Count(b, needle)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("walk %s: %v", c.Dir, err)
	}
	return n
}
