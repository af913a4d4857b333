package messengerdb

import (
	"context"
	"database/sql"
	"fmt"

	"letterlock/messenger/abuse"
	"letterlock/messenger/account"
	"letterlock/storage"
)

var _ abuse.Store = (*DB)(nil)

// AddReport stores a row if there is room.
func (d *DB) AddReport(ctx context.Context, r abuse.Row, most int) (added bool, err error) {
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM abuse_reports`).Scan(&n); err != nil || n >= most {
			return err
		}
		added = true
		return d.exec(ctx, tx, `INSERT INTO abuse_reports (report, day, sealed) VALUES ($1, $2, $3)`, r.ID[:], string(r.Day), r.Sealed)
	})
	return added && err == nil, err
}

// Reports reads all rows, oldest first.
func (d *DB) Reports(ctx context.Context) ([]abuse.Row, error) {
	scan := func(rows *sql.Rows) (r abuse.Row, err error) {
		var id []byte
		if err := rows.Scan(&id, &r.Day, &r.Sealed); err != nil {
			return r, err
		}
		if len(id) != len(r.ID) {
			return r, fmt.Errorf("a report's number of %d bytes is stored", len(id))
		}
		r.ID = abuse.ID(id)
		return r, nil
	}
	return storage.Query(ctx, d.SQL, scan, `SELECT report, day, sealed FROM abuse_reports ORDER BY day, report`)
}

// DropReport removes one row.
func (d *DB) DropReport(ctx context.Context, id abuse.ID) (bool, error) {
	n, err := d.Exec(ctx, `DELETE FROM abuse_reports WHERE report = $1`, id[:])
	return n == 1, err
}

// ForgetReports removes the rows of days before one.
func (d *DB) ForgetReports(ctx context.Context, before account.Day) error {
	_, err := d.Exec(ctx, `DELETE FROM abuse_reports WHERE day < $1`, string(before))
	return err
}
