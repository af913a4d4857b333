package deskdb

import (
	"context"

	"letterlock/desk/casefile"
	"letterlock/storage"
)

// Waiting are the duties of a kind that are not done.
func (d *DB) Waiting(ctx context.Context, k casefile.DutyKind, key string, max int) ([]casefile.Duty, error) {
	if key == "" {
		return storage.Query(ctx, d.SQL, scanDuty, dutyColumns+`WHERE kind = $1 AND done = 0 ORDER BY due, number LIMIT $2`, string(k), max)
	}
	return storage.Query(ctx, d.SQL, scanDuty, dutyColumns+`WHERE kind = $1 AND key = $2 AND done = 0 ORDER BY due, number LIMIT $3`, string(k), key, max)
}
