package deskdb

import (
	"context"
	"fmt"

	"letterlock/desk/casefile"
	"letterlock/storage"
)

var _ casefile.Marks = (*DB)(nil)

// Mark is a remembered value.
func (d *DB) Mark(ctx context.Context, name string) (value []byte, err error) {
	err = d.SQL.QueryRowContext(ctx, `SELECT body FROM marks WHERE name = $1`, name).Scan(&value)
	return value, storage.NoRows(err, "mark")
}

// SetMark remembers a value.
func (d *DB) SetMark(ctx context.Context, name string, value []byte) error {
	if _, err := d.Exec(ctx, `INSERT INTO marks (name, body) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET body = excluded.body`, name, value); err != nil {
		return fmt.Errorf("store mark: %w", err)
	}
	return nil
}
