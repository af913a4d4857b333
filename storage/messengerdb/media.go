package messengerdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"letterlock/messenger/media"
	"letterlock/wire"
)

var _ media.Store = (*DB)(nil)

// Media reads the row of a blob.
func (d *DB) Media(ctx context.Context, id wire.MediaID) (media.Row, bool, error) {
	r, err := scanMedia(d.SQL.QueryRowContext(ctx, `SELECT blob, owner, read_hash, size, have, expires_on FROM media WHERE blob = $1`, id[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return media.Row{}, false, nil
	}
	return r, err == nil, err
}

func scanMedia(row interface{ Scan(...any) error }) (r media.Row, err error) {
	var id, owner, read []byte
	if err := row.Scan(&id, &owner, &read, &r.Size, &r.Have, &r.Expires); err != nil {
		return r, err
	}
	if len(id) != len(r.ID) || len(owner) != 32 || len(read) != 32 {
		return r, fmt.Errorf("a file's row of %d, %d and %d bytes is stored", len(id), len(owner), len(read))
	}
	r.ID, r.Owner, r.Read = wire.MediaID(id), [32]byte(owner), [32]byte(read)
	return r, nil
}

// AddMedia stores a row and what it waits for.
func (d *DB) AddMedia(ctx context.Context, r media.Row, waits [][32]byte) (won bool, err error) {
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		got, err := tx.ExecContext(ctx, `INSERT INTO media (blob, owner, read_hash, size, have, expires_on) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (blob) DO NOTHING`,
			r.ID[:], r.Owner[:], r.Read[:], r.Size, r.Have, string(r.Expires))
		if err != nil {
			return err
		}
		n, err := got.RowsAffected()
		if won = n == 1; err != nil || !won {
			return err
		}
		add, err := tx.PrepareContext(ctx, `INSERT INTO media_waits (blob, token) VALUES ($1, $2) ON CONFLICT (blob, token) DO NOTHING`)
		if err != nil {
			return err
		}
		defer add.Close()
		for _, w := range waits {
			if _, err := add.ExecContext(ctx, r.ID[:], w[:]); err != nil {
				return err
			}
		}
		return nil
	})
	return won && err == nil, err
}

// MoveMedia stores how much there is.
func (d *DB) MoveMedia(ctx context.Context, id wire.MediaID, from, to int64, expires media.Day) (bool, error) {
	n, err := d.Exec(ctx, `UPDATE media SET have = $3, expires_on = $4 WHERE blob = $1 AND have = $2`, id[:], from, to, string(expires))
	return n == 1, err
}

// BurnMedia removes one token and counts the others.
func (d *DB) BurnMedia(ctx context.Context, id wire.MediaID, token [32]byte) (left int64, err error) {
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM media_waits WHERE blob = $1 AND token = $2`, id[:], token[:]); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM media_waits WHERE blob = $1`, id[:]).Scan(&left)
	})
	return left, err
}

// DropMedia removes the row and what it waits for.
func (d *DB) DropMedia(ctx context.Context, id wire.MediaID) error {
	_, err := d.Exec(ctx, `DELETE FROM media WHERE blob = $1`, id[:])
	return err
}

// OverMedia names blobs that are over, at most a hundred.
func (d *DB) OverMedia(ctx context.Context, today media.Day) (out []media.Row, err error) {
	rows, err := d.SQL.QueryContext(ctx, `SELECT blob, owner, read_hash, size, have, expires_on FROM media
		WHERE expires_on < $1 OR (have = size AND NOT EXISTS (SELECT 1 FROM media_waits w WHERE w.blob = media.blob)) LIMIT 100`, string(today))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanMedia(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// MediaSpace is the sum of all sizes.
func (d *DB) MediaSpace(ctx context.Context) (n int64, err error) {
	err = d.SQL.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM media`).Scan(&n)
	return n, err
}
