package messengerdb

import (
	"context"
	"database/sql"
	"errors"
	"time"

	d "letterlock/disclosable"
	"letterlock/messenger/holdings"
)

// CaseAccounts implements holdings.Store.
func (h Holdings) CaseAccounts(ctx context.Context, caseRef string, but d.Hash, now time.Time) (n int, err error) {
	err = h.db.SQL.QueryRowContext(ctx, `SELECT COALESCE(SUM(accounts), 0) FROM grants g WHERE case_ref = $1 AND hash <> $2 AND (state = 'used'
		OR state = 'open' AND expires > $3 OR EXISTS (SELECT 1 FROM grant_draws x WHERE x.hash = g.hash))`, caseRef, but[:], seconds(now)).Scan(&n)
	return n, err
}

// Draws implements holdings.Store.
func (h Holdings) Draws(ctx context.Context, hash d.Hash) (holdings.Draws, error) {
	return draws(ctx, h.db.SQL, hash)
}

type asker interface {
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
}

func draws(ctx context.Context, from asker, hash d.Hash) (x holdings.Draws, err error) {
	err = from.QueryRowContext(ctx, `SELECT spent, seq, batch, entry FROM grant_draws WHERE hash = $1`, hash[:]).Scan(&x.Spent, &x.Seq, &x.Batch, &x.Entry)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return x, err
}

const drawnMeanwhile = "this batch was drawn at the same moment elsewhere; ask for it again"

// PutDraw implements holdings.Store.
func (h Holdings) PutDraw(ctx context.Context, hash d.Hash, x holdings.Draws, at time.Time) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := one(ctx, tx, notOpen, `UPDATE grants SET state = 'open' WHERE hash = $1 AND state = 'open'`, hash[:]); err != nil {
			return err
		}
		text := `UPDATE grant_draws SET spent = $2, seq = $3, batch = $4, entry = $5, touched = $6 WHERE hash = $1 AND seq = $3 - 1`
		if x.Seq == 1 {
			text = `INSERT INTO grant_draws (hash, spent, seq, batch, entry, touched) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO NOTHING`
		}
		return one(ctx, tx, drawnMeanwhile, text, hash[:], full(x.Spent), int64(x.Seq), full(x.Batch), full(x.Entry), seconds(at))
	})
}

// full is no NULL.
func full(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// PutEntry implements holdings.Store.
func (h Holdings) PutEntry(ctx context.Context, hash d.Hash, seq int, entry []byte) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		return one(ctx, tx, drawnMeanwhile, `UPDATE grant_draws SET entry = $3 WHERE hash = $1 AND seq = $2`, hash[:], int64(seq), entry)
	})
}

// EndDraws implements holdings.Store.
func (h Holdings) EndDraws(ctx context.Context, hash d.Hash, at time.Time) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := use(ctx, tx, hash, at); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE grant_draws SET batch = $2, entry = $2, touched = $3 WHERE hash = $1`, hash[:], []byte{}, seconds(at))
		return err
	})
}

// MarkDrawn implements holdings.Store.
func (h Holdings) MarkDrawn(ctx context.Context, hash d.Hash, seq int, places []int, at time.Time) error {
	return h.db.Tx(ctx, func(tx *sql.Tx) error {
		x, err := draws(ctx, tx, hash)
		if err != nil {
			return err
		}
		if x.Seq >= seq { // known here: the batch that waits stays
			return nil
		}
		for _, p := range places {
			x.Spent = holdings.Mark1(x.Spent, p)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO grant_draws (hash, spent, seq, batch, entry, touched) VALUES ($1, $2, $3, $4, $4, $5)
			ON CONFLICT (hash) DO UPDATE SET spent = excluded.spent, seq = excluded.seq, batch = excluded.batch, entry = excluded.entry, touched = excluded.touched`,
			hash[:], full(x.Spent), int64(seq), []byte{}, seconds(at))
		return err
	})
}
