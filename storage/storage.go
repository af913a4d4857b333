// Package storage opens a half's database on either engine and keeps its
// schema at the newest number. What differs between the engines is in sqlite
// and postgres; what the tables mean is in messengerdb and deskdb. It holds no
// rule.
package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"

	"letterlock/storage/postgres"
	"letterlock/storage/sqlite"
)

// Config says where a half's database is.
type Config struct {
	// Database is a PostgreSQL URL (postgres://...), or the path of an SQLite
	// file with or without the prefix "sqlite:".
	Database string
}

// Engine names the two engines.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// DB is a half's open database. One SQL text with $1 serves both engines.
type DB struct {
	SQL    *sql.DB // for reads
	Engine Engine

	tx    func(context.Context, func(*sql.Tx) error) error
	erase func(context.Context) error
	sweep func(context.Context, string) error
}

// Open opens the database without touching its schema.
func Open(ctx context.Context, c Config) (*DB, error) {
	if strings.HasPrefix(c.Database, "postgres://") || strings.HasPrefix(c.Database, "postgresql://") {
		p, err := postgres.Open(ctx, c.Database)
		if err != nil {
			return nil, err
		}
		return &DB{SQL: p.SQL, Engine: Postgres, tx: p.Tx, erase: p.Erase, sweep: p.Sweep}, nil
	}
	path := strings.TrimPrefix(c.Database, "sqlite:")
	if path == "" {
		return nil, errors.New("no database given")
	}
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	sweep := func(ctx context.Context, _ string) error { return s.Erase(ctx) }
	return &DB{SQL: s.SQL, Engine: SQLite, tx: s.Tx, erase: rewriting(s), sweep: sweep}, nil
}

// smallFile is the size up to which an SQLite file is rewritten to erase it,
// which takes as much memory.
const smallFile = 64 << 20

func rewriting(s *sqlite.DB) func(context.Context) error {
	return func(ctx context.Context) error {
		if n, err := s.Size(); err != nil || n > smallFile {
			return errors.Join(err, s.Erase(ctx))
		}
		return s.Rewrite(ctx)
	}
}

// Tx runs f in a write transaction: durable when it returns nil, and without
// any effect otherwise. Inside f use only the transaction, never db.SQL.
func (db *DB) Tx(ctx context.Context, f func(*sql.Tx) error) error { return db.tx(ctx, f) }

// Exec runs one writing statement and returns how many rows it touched.
func (db *DB) Exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err = r.RowsAffected()
		return err
	})
	return n, err
}

// Erase makes deleted rows unreadable in the engine's files, as far as the
// engine can: on SQLite by overwriting, and by rewriting a small file; on
// PostgreSQL by rewriting small tables and dropping old log segments (see
// docs/decisions).
func (db *DB) Erase(ctx context.Context) error { return db.erase(ctx) }

// Sweep is the cheap erasure for a table that changes all the time.
func (db *DB) Sweep(ctx context.Context, table string) error { return db.sweep(ctx, table) }

// Close closes the database.
func (db *DB) Close() error { return db.SQL.Close() }

// Migrate brings the schema to the newest of the numbered files
// (00001_name.sql). It refuses a schema that is newer than the program.
func (db *DB) Migrate(ctx context.Context, files fs.FS) error {
	dialect := goose.DialectSQLite3
	if db.Engine == Postgres {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, db.SQL, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's number: %w", err)
	}
	if have > want {
		return fmt.Errorf("refusing to use a database of schema %d: this program knows %d", have, want)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Column is a column of the live schema.
type Column struct{ Table, Name string }

// Columns walks the live schema; the engine's own tables are left out.
func (db *DB) Columns(ctx context.Context) ([]Column, error) {
	q := `SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY 1, 2`
	if db.Engine == Postgres {
		q = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, 2`
	}
	out, err := Query(ctx, db.SQL, func(r *sql.Rows) (c Column, err error) { return c, r.Scan(&c.Table, &c.Name) }, q)
	if err != nil {
		return nil, fmt.Errorf("walk schema: %w", err)
	}
	return out, nil
}
