package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"letterlock/storage/sqlite"
)

// TestAKeptStatementIsAsGoodAsNew: used again, within its own rows, after an
// error, after the schema changed, and beside hundreds of others.
func TestAKeptStatementIsAsGoodAsNew(t *testing.T) {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	exec := func(text string, args ...any) error {
		return db.Tx(ctx, func(tx *sql.Tx) error { _, err := tx.Exec(text, args...); return err })
	}
	ok(exec("CREATE TABLE a (k BIGINT PRIMARY KEY, v TEXT NOT NULL)"))
	const put, get, all = "INSERT INTO a (k, v) VALUES ($1, $2)", "SELECT v FROM a WHERE k = $1", "SELECT k FROM a ORDER BY k"
	for k := range 4 {
		ok(exec(put, k, fmt.Sprint("v", k)))
	}
	if exec(put, 1, "again") == nil {
		t.Error("a key is there twice")
	}
	ok(exec(put, 4, "v4"))
	ok(db.Tx(ctx, func(tx *sql.Tx) error { // one statement, open twice on one connection
		pairs := 0
		outer, err := tx.Query(all)
		ok(err)
		for outer.Next() {
			inner, err := tx.Query(all)
			ok(err)
			for inner.Next() {
				pairs++
			}
			ok(inner.Close())
		}
		if pairs != 25 {
			t.Errorf("%d pairs of 25", pairs)
		}
		return outer.Close()
	}))
	var v string
	for range 2 {
		ok(db.SQL.QueryRow(get, 2).Scan(&v))
		ok(exec("ALTER TABLE a RENAME COLUMN v TO w"))
		ok(exec("ALTER TABLE a RENAME COLUMN w TO v"))
	}
	for i := range 600 {
		var n int
		ok(db.SQL.QueryRow(fmt.Sprintf("SELECT k + %d FROM a WHERE k = $1", i), 2).Scan(&n))
		ok(db.SQL.QueryRow(get, 3).Scan(&v))
		if n != i+2 || v != "v3" {
			t.Fatal(i, n, v)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := db.SQL.QueryRowContext(gone, get, 3).Scan(&v); err == nil {
		t.Error("a question that was called off is answered")
	}
	ok(db.SQL.QueryRow(get, 3).Scan(&v))
	ok(db.Rewrite(ctx)) // no statement stands in its way
	ok(db.SQL.QueryRow(get, 4).Scan(&v))
}
