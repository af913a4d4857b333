package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"letterlock/storage/sqlite"
)

var ctx = context.Background()

func TestAnyFolderNameWorksAndTheFileIsTheOwners(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a?b=c%20d & e#f")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "x.db")
	db, err := sqlite.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.SQL.Exec(`CREATE TABLE t (a TEXT)`); err != nil {
		t.Fatal(err)
	}
	files, _ := os.ReadDir(dir)
	if len(files) == 0 || files[0].Name() != "x.db" {
		t.Fatalf("the folder holds %v", files)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Fatal(fi.Mode(), err)
	}
}

func TestATransactionHasNoEffectWhenItFails(t *testing.T) {
	db, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	boom := errors.New("boom")
	err = db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`CREATE TABLE t (a TEXT)`); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if _, err := db.SQL.Exec(`INSERT INTO t VALUES ('x')`); err == nil {
		t.Fatal("the table is there")
	}
}

// TestEraseSaysWhenAReaderHoldsItUp: it must not report success while deleted
// pages are still in the log.
func TestEraseSaysWhenAReaderHoldsItUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	db, err := sqlite.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.SQL.Exec(`CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('one'), ('two')`); err != nil {
		t.Fatal(err)
	}
	rows, err := db.SQL.Query(`SELECT a FROM t`)
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	if _, err := db.SQL.Exec(`DELETE FROM t`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.SQL.Exec(`PRAGMA busy_timeout = 10`); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 15e9)
	defer cancel()
	if err := db.Erase(short); err == nil {
		t.Fatal("erased although a reader holds a snapshot")
	}
	rows.Close()
	if err := db.Erase(ctx); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(path + "-wal"); err != nil || fi.Size() != 0 {
		t.Fatalf("the log has %d bytes (%v)", fi.Size(), err)
	}
}
