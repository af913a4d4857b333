// Package messengerdb is the carrier's database: the stores of account, prekey
// and mailbox in one SQL text for both engines. It holds no rule: what may be
// kept, and for how long, is decided by those who call it. It must not know
// the desk's database.
package messengerdb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"letterlock/storage"
	"letterlock/wire"
)

//go:embed migrations/*.sql
var files embed.FS

// DB implements account.Store, prekey.Store and mailbox.Store.
type DB struct {
	*storage.DB
	insert inserts
}

// Open opens the carrier's database and brings its schema to the newest number.
func Open(ctx context.Context, c storage.Config) (*DB, error) {
	db, err := storage.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	d := &DB{DB: db}
	if err := d.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return d, nil
}

func (d *DB) prepare(ctx context.Context) error {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		return err
	}
	if err := d.Migrate(ctx, sub); err != nil {
		return err
	}
	return d.tune(ctx)
}

// tune sets what one engine has and the other has not. On PostgreSQL the rows
// of the mailbox are vacuumed early, and sealed bytes are not compressed.
func (d *DB) tune(ctx context.Context) error {
	if d.Engine != storage.Postgres {
		return nil
	}
	for _, q := range []string{
		`ALTER TABLE mailbox_rows ALTER COLUMN sealed SET STORAGE EXTERNAL`,
		`ALTER TABLE mailbox_rows SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, vacuum_truncate = true)`,
		`ALTER TABLE accounts SET (fillfactor = 80)`,
	} {
		if _, err := d.SQL.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("tune tables: %w", err)
		}
	}
	return nil
}

func id(a wire.AccountID) []byte { return a[:] }

func toID(b []byte) (a wire.AccountID, err error) {
	if len(b) != len(a) {
		return a, fmt.Errorf("an account id of %d bytes is stored", len(b))
	}
	copy(a[:], b)
	return a, nil
}

func scanID(r *sql.Rows) (wire.AccountID, error) {
	var b []byte
	if err := r.Scan(&b); err != nil {
		return wire.AccountID{}, err
	}
	return toID(b)
}

func scanDevice(r *sql.Rows) (d wire.DeviceID, err error) {
	return d, r.Scan(&d)
}

func (d *DB) exec(ctx context.Context, tx *sql.Tx, text string, args ...any) error {
	_, err := tx.ExecContext(ctx, text, args...)
	return err
}
