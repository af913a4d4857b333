// Package postgres is the engine for more than one machine and its quirks: how
// a pool is opened, and how what was deleted leaves table files and the
// write-ahead log. It knows no rule.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"letterlock/storage/tx"
)

// DB is a pool of connections to one database.
type DB struct {
	SQL *sql.DB
}

// Conns bounds the pool.
const Conns = 16

// Open connects to a PostgreSQL URL or keyword string.
func Open(ctx context.Context, dsn string) (*DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("the database address is not one of PostgreSQL") // the cause would quote the password
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "letterlock"
	}
	// A commit that is not on disk when it returns would break the promise to
	// the sender, whatever the server's default is.
	cfg.RuntimeParams["synchronous_commit"] = "on"
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(Conns)
	pool.SetMaxIdleConns(Conns)
	db := &DB{SQL: pool}
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach PostgreSQL: %w", err), pool.Close())
	}
	return db, db.assert(ctx)
}

func (db *DB) assert(ctx context.Context) error {
	var fsync string
	if err := db.SQL.QueryRowContext(ctx, "SHOW fsync").Scan(&fsync); err != nil {
		return errors.Join(fmt.Errorf("read back fsync: %w", err), db.SQL.Close())
	}
	if fsync != "on" {
		return errors.Join(errors.New("refusing to use a PostgreSQL with fsync off: it confirms what it has not stored"), db.SQL.Close())
	}
	return nil
}

// Tx runs f in a transaction; it commits durably or changes nothing.
func (db *DB) Tx(ctx context.Context, f func(*sql.Tx) error) error { return tx.Run(ctx, db.SQL, f) }

// smallTable is the size up to which a table is rewritten to erase it. A plain
// VACUUM frees a dead row's place without overwriting it.
const smallTable = 64 << 20

// Erase takes deleted rows out of every table: small tables are rewritten
// whole, larger ones vacuumed. Then, where the role may, the write-ahead log is
// switched so that the segments which still hold the rows are dropped
// (wal_recycle = off makes PostgreSQL unlink them instead of using them again).
func (db *DB) Erase(ctx context.Context) error {
	tables, err := db.tables(ctx)
	if err != nil {
		return err
	}
	for name, size := range tables {
		how := "VACUUM (FULL) "
		if size > smallTable {
			how = "VACUUM "
		}
		if _, err := db.SQL.ExecContext(ctx, how+pgx.Identifier{name}.Sanitize()); err != nil {
			return fmt.Errorf("vacuum %s: %w", name, err)
		}
	}
	return db.dropLog(ctx)
}

// Sweep is the erasure that may run often: dead rows become free space and are
// overwritten by later ones.
func (db *DB) Sweep(ctx context.Context, table string) error {
	if _, err := db.SQL.ExecContext(ctx, "VACUUM "+pgx.Identifier{table}.Sanitize()); err != nil {
		return fmt.Errorf("vacuum %s: %w", table, err)
	}
	return nil
}

func (db *DB) tables(ctx context.Context) (map[string]int64, error) {
	rows, err := db.SQL.QueryContext(ctx, `SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'`)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var name string
		var size int64
		if err := rows.Scan(&name, &size); err != nil {
			return nil, fmt.Errorf("list tables: %w", err)
		}
		out[name] = size
	}
	return out, rows.Err()
}

func (db *DB) dropLog(ctx context.Context) error {
	for _, q := range []string{"CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"} {
		if _, err := db.SQL.ExecContext(ctx, q); err != nil && !denied(err) {
			return fmt.Errorf("%s: %w", strings.ToLower(q), err)
		}
	}
	return nil
}

// denied: an ordinary role may not switch the log; docs/operating.md
// says which two grants it needs.
func denied(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "42501"
}
