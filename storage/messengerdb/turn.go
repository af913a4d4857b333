package messengerdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"letterlock/messenger/turn"
)

var _ turn.Store = (*DB)(nil)

// Turn reads the row of a place.
func (d *DB) Turn(ctx context.Context, place [32]byte) (r turn.Row, ok bool, err error) {
	var head, token []byte
	err = d.SQL.QueryRowContext(ctx, `SELECT seq, head, token, changed FROM turns WHERE place = $1`, place[:]).
		Scan(&r.Seq, &head, &token, &r.Month)
	if errors.Is(err, sql.ErrNoRows) {
		return turn.Row{}, false, nil
	}
	if err == nil && (len(head) != 32 || len(token) != 32) {
		err = fmt.Errorf("a turn of %d and %d bytes is stored", len(head), len(token))
	}
	if err != nil {
		return turn.Row{}, false, err
	}
	r.Place, r.Head, r.Token = place, [32]byte(head), [32]byte(token)
	return r, true, nil
}

// PutTurn stores a row in the place of the one that was read.
func (d *DB) PutTurn(ctx context.Context, old *turn.Row, r turn.Row) (bool, error) {
	var n int64
	var err error
	if old == nil {
		n, err = d.Exec(ctx, `INSERT INTO turns (place, seq, head, token, changed) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (place) DO NOTHING`,
			r.Place[:], int64(r.Seq), r.Head[:], r.Token[:], string(r.Month))
	} else {
		n, err = d.Exec(ctx, `UPDATE turns SET seq = $2, head = $3, token = $4, changed = $5 WHERE place = $1 AND seq = $6 AND head = $7`,
			r.Place[:], int64(r.Seq), r.Head[:], r.Token[:], string(r.Month), int64(old.Seq), old.Head[:])
	}
	return n == 1, err
}

// ForgetTurns removes the rows of months before one.
func (d *DB) ForgetTurns(ctx context.Context, before turn.Month) error {
	_, err := d.Exec(ctx, `DELETE FROM turns WHERE changed < $1`, string(before))
	return err
}
