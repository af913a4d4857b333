package deskdb

import (
	"context"

	"letterlock/desk/casefile"
	"letterlock/storage"
)

// Waiting are the duties of a kind that are not done.
func (d *DB) Waiting(ctx context.Context, k casefile.DutyKind, key string, max int) ([]casefile.Duty, error) {
	return storage.Query(ctx, d.SQL, scanDuty, dutyColumns+`WHERE kind = $1 AND done = 0 AND ($2 = '' OR key = $2) ORDER BY due, number LIMIT $3`, string(k), key, limit(max))
}
