// Package sqlite is the embedded engine and its quirks: how a file is opened
// so that what is deleted is gone, and how the write-ahead log is emptied. It
// knows no table and no rule.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"letterlock/storage/tx"
)

// DB is an open file. SQL is for reads; writes go through Tx, one at a time:
// SQLite has one writer, and waiting here is cheaper than its busy handler.
type DB struct {
	SQL  *sql.DB
	path string
	mu   sync.Mutex // the writer
}

// Conns bounds the connections of one file.
const Conns = 4

// pragmas of every connection: commits are durable when they return, deleted
// bytes are overwritten, and a child row never outlives its parent.
var pragmas = []string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(ON)",
	"foreign_keys(ON)", "temp_store(MEMORY)", "wal_autocheckpoint(2000)", "cache_size(-8000)"}

// Open opens the file, or creates it readable by its owner only.
func Open(ctx context.Context, path string) (*DB, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	q := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	// Escaped so that a '?' or '%' in a folder's name stays part of the name.
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
	c, err := newConnector(name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", filepath.Base(path), err)
	}
	pool := sql.OpenDB(c)
	pool.SetMaxOpenConns(Conns)
	pool.SetMaxIdleConns(Conns)
	db := &DB{SQL: pool, path: path}
	if err := db.assert(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return db, nil
}

func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open database file: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("open database file: %w", err)
	}
	// The write-ahead log takes its mode from the file.
	return os.Chmod(path, 0o600)
}

// assert reads the settings back: a driver that drops one silently would leave
// residue for years before anybody looked.
func (db *DB) assert(ctx context.Context) error {
	for _, c := range []struct{ pragma, want string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"secure_delete", "1"}, {"foreign_keys", "1"},
	} {
		var got string
		if err := db.SQL.QueryRowContext(ctx, "PRAGMA "+c.pragma).Scan(&got); err != nil {
			return fmt.Errorf("read back %s: %w", c.pragma, err)
		}
		if !strings.EqualFold(got, c.want) {
			return fmt.Errorf("refusing to use a database whose %s is %q, not %q", c.pragma, got, c.want)
		}
	}
	return nil
}

// Tx runs f in a write transaction; it commits durably or changes nothing.
func (db *DB) Tx(ctx context.Context, f func(*sql.Tx) error) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return tx.Run(ctx, db.SQL, f)
}

// ErrBusy says that a reader still holds a snapshot: call Erase again.
var ErrBusy = errors.New("write-ahead log not emptied: a reader holds a snapshot")

// Erase copies the write-ahead log into the file and empties it. Together with
// secure_delete nothing of a deleted row is left in either, but for what
// Rewrite is for; before it, both still hold deleted pages.
func (db *DB) Erase(ctx context.Context) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	var busy, log, done int
	if err := db.SQL.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if busy != 0 {
		return ErrBusy
	}
	return nil
}

// Rewrite writes the file anew from what is in it, and then erases. Where
// SQLite moves a row to a neighbouring page it leaves the former copy in the
// unused middle of the page, which secure_delete does not overwrite: a row
// deleted later may live on there. It costs a copy of the file.
func (db *DB) Rewrite(ctx context.Context) error {
	db.mu.Lock()
	_, err := db.SQL.ExecContext(ctx, "VACUUM")
	db.mu.Unlock()
	if err != nil {
		return fmt.Errorf("rewrite %s: %w", filepath.Base(db.path), err)
	}
	return db.Erase(ctx)
}

// Size is the length of the file.
func (db *DB) Size() (int64, error) {
	i, err := os.Stat(db.path)
	if err != nil {
		return 0, err
	}
	return i.Size(), nil
}

// Close empties the write-ahead log and closes the file.
func (db *DB) Close() error { return db.SQL.Close() }
