package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"letterlock/messenger/holdings"
	"letterlock/storage"
	"letterlock/storage/deskdb"
	"letterlock/storage/messengerdb"
)

// openEmpty opens the databases of a restore, with their schema and without a
// row. One that holds anything is refused.
func (b base) openEmpty(ctx context.Context) (_ map[string]*storage.DB, err error) {
	dbs := map[string]*storage.DB{}
	defer func() {
		if err != nil {
			for _, db := range dbs {
				err = errors.Join(err, db.Close())
			}
		}
	}()
	for _, half := range b.conf.halves() {
		if err := makeData(filepath.Join(b.conf.Data, half)); err != nil {
			return nil, err
		}
		for name, conf := range b.databases(half) {
			if half == "carrier" {
				db, err := messengerdb.Open(ctx, conf)
				if err != nil {
					return nil, err
				}
				dbs[name] = db.DB
			} else {
				db, err := deskdb.Open(ctx, conf)
				if err != nil {
					return nil, err
				}
				dbs[name] = db.DB
			}
			if err := empty(ctx, dbs[name]); err != nil {
				return dbs, err
			}
		}
	}
	return dbs, nil
}

// born is how many rows a table has in a database that was just made; a backup
// brings them with it.
var born = map[string]int{"words": 1} // the number of the empty word

// empty refuses a database that holds anything, and clears what a new one is
// born with.
func empty(ctx context.Context, db *storage.DB) error {
	cols, err := db.Columns(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{"goose_db_version": true}
	for _, c := range cols {
		if seen[c.Table] {
			continue
		}
		seen[c.Table] = true
		var n int
		if err := db.SQL.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+c.Table).Scan(&n); err != nil {
			return err
		}
		if n > born[c.Table] {
			return fmt.Errorf("refusing to restore into a database that holds %d rows in %s", n, c.Table)
		}
	}
	for table := range born {
		if !seen[table] {
			continue
		}
		if _, err := db.SQL.ExecContext(ctx, "DELETE FROM "+table); err != nil {
			return err
		}
	}
	return nil
}

// buryGrants withdraws every grant that was open when the backup was made: it
// may have been used since, and no used grant comes back to life. One-time keys
// go for the same reason: a message sealed to one that was used since could
// never be opened. Devices hand in new ones when they hear that none are left.
func (b base) buryGrants(ctx context.Context) (err error) {
	if !b.conf.Carrier() {
		return nil
	}
	db, err := messengerdb.Open(ctx, b.database("carrier", b.conf.Database))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.DropOneTimeKeys(ctx); err != nil {
		return err
	}
	vault, err := messengerdb.Open(ctx, b.carrierVault())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, vault.Close()) }()
	return errors.Join(b.buryIn(ctx, db), b.buryIn(ctx, vault))
}

func (b base) buryIn(ctx context.Context, db *messengerdb.DB) error {
	now := b.clock.Now()
	for {
		open, err := db.Holdings().Sheets(ctx, true, now, 100)
		if err != nil || len(open) == 0 {
			return err
		}
		for _, s := range open {
			if err := db.Holdings().End(ctx, s.Hash, holdings.Withdrawn, "the operator", "withdrawn by a restore from a backup", now); err != nil {
				return err
			}
		}
	}
}

// sealedDatabase holds the desk's sealed cases and nothing else.
func (b base) sealedDatabase() storage.Config {
	if b.conf.SealedDatabase != "" {
		return storage.Config{Database: b.conf.SealedDatabase}
	}
	return storage.Config{Database: filepath.Join(b.conf.Data, "desk", "sealed.db")}
}

// carrierVault holds the carrier's sealed grants and those who sign them, and
// nothing else.
func (b base) carrierVault() storage.Config {
	if b.conf.SealedCarrierDatabase != "" {
		return storage.Config{Database: b.conf.SealedCarrierDatabase}
	}
	return storage.Config{Database: filepath.Join(b.conf.Data, "carrier", "sealed.db")}
}
