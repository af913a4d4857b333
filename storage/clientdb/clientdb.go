// Package clientdb is the native key store of the client: one SQLite file in a
// folder of its own, readable by its owner only, in which what is deleted is
// overwritten. It knows entries and no rule; what they mean is in client.
package clientdb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/storage/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// File is the name of the database in its folder.
const File = "letter.db"

// lockName is the file by which one program at a time owns the folder.
const lockName = "letter.lock"

// Store is an open key store.
type Store struct {
	db   *sqlite.DB
	lock *os.File
}

var _ client.KeyStore = (*Store)(nil)

// Open opens the store of a folder, or creates folder and store. While it is
// open no other program can open it: two could use one ratchet twice.
func Open(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(fault.Invalid, "open key store", err, "the folder for keys and messages cannot be created: choose another with --dir")
	}
	if err := private(dir); err != nil {
		return nil, err
	}
	lock, err := own(dir)
	if err != nil {
		return nil, err
	}
	db, err := open(ctx, filepath.Join(dir, File))
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &Store{db: db, lock: lock}, nil
}

// Exists reports whether a folder holds a store.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, File))
	return err == nil
}

// private refuses a folder in which others may put or replace files. That they
// see the names of ours does no harm: the files are readable by their owner
// only.
func private(dir string) error {
	i, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("open key store: %w", err)
	}
	if permissionsMean && i.Mode().Perm()&0o022 != 0 {
		return fault.New(fault.Forbidden, "open key store", "other users of this computer can write to the folder for keys and messages: choose a new one with --dir, or take their rights away (chmod 700)")
	}
	return nil
}

func own(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock key store: %w", err)
	}
	if err := lockFile(f); err != nil {
		return nil, errors.Join(fault.Wrap(fault.Conflict, "lock key store", err,
			"another program is using this folder (a chat in another window?): close it first, or use another --dir"), f.Close())
	}
	return f, nil
}

func open(ctx context.Context, path string) (*sqlite.DB, error) {
	db, err := sqlite.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open key store: %w", err)
	}
	if err := migrate(ctx, db.SQL); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// migrate brings the schema to the newest number, and refuses one that is
// newer than the program. It is not storage.Migrate because that links the
// server's other engine into a person's program.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("open key store: %w", err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("open key store: %w", err)
	}
	if have > want {
		return fault.New(fault.Conflict, "open key store", "this folder was written by a newer version of the program: update it")
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("open key store: %w", err)
	}
	return nil
}

// Update is one write transaction, durable when it returns.
func (s *Store) Update(ctx context.Context, f func(client.Tx) error) error {
	return s.db.Tx(ctx, func(t *sql.Tx) error { return f(tx{ctx, t}) })
}

// View is a transaction too: it waits for writers rather than making them
// wait for it, so that Erase never meets a reader.
func (s *Store) View(ctx context.Context, f func(client.Tx) error) error { return s.Update(ctx, f) }

// Erase empties the write-ahead log into a file whose deleted bytes are
// overwritten.
func (s *Store) Erase(ctx context.Context) error {
	err := s.db.Erase(ctx)
	if errors.Is(err, sqlite.ErrBusy) {
		return nil // somebody reads the file from outside; the next Erase does it
	}
	return err
}

// Close erases, down to former copies of moved rows, closes the file and lets
// other programs in.
func (s *Store) Close() error {
	return errors.Join(s.rewrite(), s.db.Close(), s.lock.Close())
}

func (s *Store) rewrite() error {
	err := s.db.Rewrite(context.Background())
	if errors.Is(err, sqlite.ErrBusy) {
		return nil // as in Erase
	}
	return err
}

type tx struct {
	ctx context.Context
	tx  *sql.Tx
}

func (t tx) Get(b client.Bucket, key []byte) ([]byte, error) {
	v := []byte{}
	err := t.tx.QueryRowContext(t.ctx, `SELECT value FROM entry WHERE bucket = $1 AND key = $2`, string(b), key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read key store: %w", err)
	}
	if v == nil {
		v = []byte{}
	}
	return v, nil
}

func (t tx) Put(b client.Bucket, key, value []byte) error {
	if len(key) == 0 {
		return errors.New("write key store: a key has 1 to 200 bytes")
	}
	if value == nil {
		value = []byte{}
	}
	_, err := t.tx.ExecContext(t.ctx, `INSERT INTO entry (bucket, key, value) VALUES ($1, $2, $3)
		ON CONFLICT (bucket, key) DO UPDATE SET value = excluded.value`, string(b), key, value)
	if err != nil {
		return fmt.Errorf("write key store: %w", err)
	}
	return nil
}

func (t tx) Delete(b client.Bucket, key []byte) error {
	if _, err := t.tx.ExecContext(t.ctx, `DELETE FROM entry WHERE bucket = $1 AND key = $2`, string(b), key); err != nil {
		return fmt.Errorf("write key store: %w", err)
	}
	return nil
}

// List's two texts differ in their direction only. The bounds are: at least
// the prefix, below the first key behind it, and on the far side of After.
func (t tx) List(b client.Bucket, r client.Range) ([]client.Pair, error) {
	const up = `SELECT key, value FROM entry WHERE bucket = $1 AND key >= $2 AND ($3 IS NULL OR key < $3) AND ($4 IS NULL OR key > $4) ORDER BY key LIMIT $5`
	const down = `SELECT key, value FROM entry WHERE bucket = $1 AND key >= $2 AND ($3 IS NULL OR key < $3) AND ($4 IS NULL OR key < $4) ORDER BY key DESC LIMIT $5`
	query, limit := up, r.Limit
	if r.Reverse {
		query = down
	}
	if limit <= 0 {
		limit = -1
	}
	rows, err := t.tx.QueryContext(t.ctx, query, string(b), append([]byte{}, r.Prefix...), blob(behind(r.Prefix)), blob(r.After), limit)
	if err != nil {
		return nil, fmt.Errorf("list key store: %w", err)
	}
	defer rows.Close()
	var out []client.Pair
	for rows.Next() {
		p := client.Pair{Key: []byte{}, Value: []byte{}}
		if err := rows.Scan(&p.Key, &p.Value); err != nil {
			return nil, fmt.Errorf("list key store: %w", err)
		}
		if p.Value == nil {
			p.Value = []byte{}
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// blob is NULL for a bound that is not there.
func blob(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// behind is the first key that does not begin with the prefix and stands after
// all that do; nil if there is none.
func behind(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			out := append([]byte{}, prefix[:i+1]...)
			out[i]++
			return out
		}
	}
	return nil
}
