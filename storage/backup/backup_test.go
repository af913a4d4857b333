package backup_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"letterlock/storage"
	"letterlock/storage/backup"
)

var schema = fstest.MapFS{"00001_start.sql": {Data: []byte(`-- +goose Up
CREATE TABLE kept (id BIGINT PRIMARY KEY, name TEXT, body BYTEA);
CREATE TABLE child (id BIGINT PRIMARY KEY, kept BIGINT NOT NULL REFERENCES kept(id));
CREATE TABLE waiting (row_no BIGINT PRIMARY KEY, sealed BYTEA NOT NULL);
CREATE TABLE blank (id BIGINT PRIMARY KEY, sig BYTEA NOT NULL, maybe BYTEA);
`)}}

func open(t *testing.T) *storage.DB {
	t.Helper()
	ctx := context.Background()
	db, err := storage.Open(ctx, storage.Config{Database: filepath.Join(t.TempDir(), "x.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(ctx, schema); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestABackupComesBackWithoutWhatIsLeftOut(t *testing.T) {
	ctx := context.Background()
	from, to := open(t), open(t)
	for _, q := range []string{`INSERT INTO kept VALUES (1, 'Ana', x'00ff10'), (2, NULL, NULL)`, `INSERT INTO child VALUES (7, 2)`, `INSERT INTO waiting VALUES (1, x'5ea1ed5ea1ed')`,
		`INSERT INTO blank VALUES (1, x'', x''), (2, x'', NULL)`} {
		if _, err := from.Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	keys := t.TempDir()
	os.WriteFile(filepath.Join(keys, "k"), []byte("key"), 0o600)
	var b bytes.Buffer
	w := backup.NewWriter(&b, time.Unix(0, 0))
	if err := w.Tables(ctx, "carrier", from, map[string]string{"waiting": backup.Nothing}); err != nil {
		t.Fatal(err)
	}
	if err := w.Path("keys", keys, "."); err != nil {
		t.Fatal(err)
	}
	if err := w.Path("none", keys, "absent"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte{0x5e, 0xa1, 0xed, 0x5e, 0xa1, 0xed}) {
		t.Fatal("the backup holds what was left out")
	}
	out := t.TempDir()
	restore := backup.Restorer{Table: func(string, string) *storage.DB { return to },
		File: func(under, rel string) string { return filepath.Join(out, under, rel) }}
	if err := backup.Restore(ctx, bytes.NewReader(b.Bytes()), restore); err != nil {
		t.Fatal(err)
	}
	var name sql.NullString
	var body []byte
	var n int
	if err := to.SQL.QueryRow(`SELECT name, body FROM kept WHERE id = 1`).Scan(&name, &body); err != nil || name.String != "Ana" || !bytes.Equal(body, []byte{0, 255, 16}) {
		t.Fatal(name, body, err)
	}
	if err := to.SQL.QueryRow(`SELECT count(*) FROM child JOIN kept ON kept.id = child.kept WHERE kept.name IS NULL`).Scan(&n); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if err := to.SQL.QueryRow(`SELECT count(*) FROM blank WHERE length(sig) = 0 AND (id = 1 AND length(maybe) = 0 OR id = 2 AND maybe IS NULL)`).Scan(&n); err != nil || n != 2 {
		t.Fatal("what was empty came back as something else", n, err)
	}
	if got, err := os.ReadFile(filepath.Join(out, "keys", "k")); err != nil || string(got) != "key" {
		t.Fatal(got, err)
	}
	if err := backup.Restore(ctx, bytes.NewReader(b.Bytes()), restore); err == nil || !strings.Contains(err.Error(), "refusing") {
		t.Fatalf("a restore wrote over a file: %v", err)
	}
}

func TestADamagedBackupChangesNothing(t *testing.T) {
	ctx := context.Background()
	from, to := open(t), open(t)
	if _, err := from.Exec(ctx, `INSERT INTO kept VALUES (1, 'Ana', NULL)`); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := backup.NewWriter(&b, time.Unix(0, 0))
	w.Tables(ctx, "carrier", from, nil)
	w.Close()
	for _, cut := range []int{100, 600, 1100, b.Len() / 2} {
		if cut >= b.Len() {
			continue
		}
		err := backup.Restore(ctx, bytes.NewReader(b.Bytes()[:cut]), backup.Restorer{Table: func(string, string) *storage.DB { return to }, File: func(_, _ string) string { return "" }})
		var n int
		to.SQL.QueryRow(`SELECT count(*) FROM kept`).Scan(&n)
		if n != 0 && err != nil {
			t.Fatalf("cut at %d: %d rows in spite of %v", cut, n, err)
		}
	}
}

func TestOnlySomeRowsOfATable(t *testing.T) {
	ctx := context.Background()
	from, to := open(t), open(t)
	if _, err := from.Exec(ctx, `INSERT INTO waiting VALUES (1, x'01'), (2, x'02'), (3, x'03')`); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := backup.NewWriter(&b, time.Unix(0, 0))
	if err := w.Tables(ctx, "carrier", from, map[string]string{"waiting": "row_no = 2"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := backup.Restore(ctx, &b, backup.Restorer{Table: func(string, string) *storage.DB { return to }, File: func(_, _ string) string { return "" }}); err != nil {
		t.Fatal(err)
	}
	var n, sum int
	if err := to.SQL.QueryRow(`SELECT count(*), sum(row_no) FROM waiting`).Scan(&n, &sum); err != nil || n != 1 || sum != 2 {
		t.Fatal(n, sum, err)
	}
}
