package messengerdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/messenger/holdings"
	"letterlock/storage"
)

// PutSnapshot implements holdings.Store. The grant leaves with its marks: it
// lies in the sealed bytes from now on, and only its hash stays.
func (h Holdings) PutSnapshot(ctx context.Context, grant d.Hash, at time.Time, s holdings.Snapshot, renew bool) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := use(ctx, tx, grant, at); err != nil {
			return err
		}
		for _, q := range []string{`DELETE FROM grant_marks WHERE hash = $1`, `DELETE FROM grants WHERE hash = $1`} {
			if _, err := tx.ExecContext(ctx, q, grant[:]); err != nil {
				return err
			}
		}
		text := `INSERT INTO snapshots (id, sealed, until, renewed) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`
		if renew {
			text = `UPDATE snapshots SET sealed = $2, until = $3, renewed = $4 WHERE id = $1 AND renewed = $4 - 1`
		}
		return one(ctx, tx, "the snapshot was taken, renewed or destroyed meanwhile", text, s.ID[:], s.Sealed, seconds(s.Until), int64(s.Renewed))
	})
}

const snapshotColumns = `SELECT id, sealed, until, renewed FROM snapshots `

func scanSnapshot(r *sql.Rows) (s holdings.Snapshot, err error) {
	var id []byte
	var until, renewed int64
	if err := r.Scan(&id, &s.Sealed, &until, &renewed); err != nil {
		return s, err
	}
	if len(id) != len(s.ID) {
		return s, fmt.Errorf("a snapshot's id of %d bytes is stored", len(id))
	}
	copy(s.ID[:], id)
	s.Until, s.Renewed = moment(until), int(renewed)
	return s, nil
}

// Snapshot implements holdings.Store.
func (h Holdings) Snapshot(ctx context.Context, id d.Hash) (holdings.Snapshot, error) {
	all, err := storage.Query(ctx, h.db.SQL, scanSnapshot, snapshotColumns+`WHERE id = $1`, id[:])
	if err == nil && len(all) == 0 {
		return holdings.Snapshot{}, fault.New(fault.NotFound, "find snapshot", "no such snapshot is kept")
	}
	if err != nil {
		return holdings.Snapshot{}, err
	}
	return all[0], nil
}

// SnapshotsDue implements holdings.Store.
func (h Holdings) SnapshotsDue(ctx context.Context, now time.Time, limit int) ([]holdings.Snapshot, error) {
	return storage.Query(ctx, h.db.SQL, scanSnapshot, snapshotColumns+`WHERE until <= $1 ORDER BY until, id LIMIT $2`, seconds(now), limit)
}

// Prolong implements holdings.Store.
func (h Holdings) Prolong(ctx context.Context, id d.Hash, until time.Time, renewed int) error {
	_, err := h.db.Exec(ctx, `UPDATE snapshots SET until = $2, renewed = $3 WHERE id = $1 AND renewed < $3`, id[:], seconds(until), int64(renewed))
	return err
}

// DropSnapshot implements holdings.Store.
func (h Holdings) DropSnapshot(ctx context.Context, id d.Hash) error {
	_, err := h.db.Exec(ctx, `DELETE FROM snapshots WHERE id = $1`, id[:])
	return err
}
