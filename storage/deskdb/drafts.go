package deskdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"letterlock/desk/casefile"
	"letterlock/storage"
)

// SaveDraft writes a draft over itself.
func (d *DB) SaveDraft(ctx context.Context, x casefile.Draft) error {
	b, err := casefile.Encode(x)
	if err != nil {
		return fmt.Errorf("encode draft: %w", err)
	}
	return d.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO drafts (draft, owner, touched, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (draft) DO UPDATE SET owner = excluded.owner, touched = excluded.touched, body = excluded.body`,
			string(x.ID), string(x.Owner.OfficerID()), micros(x.Touched), b); err != nil {
			return fmt.Errorf("store draft: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM draft_papers WHERE draft = $1`, string(x.ID)); err != nil {
			return fmt.Errorf("store draft: %w", err)
		}
		for _, p := range x.Demand.Marks() {
			if _, err := tx.ExecContext(ctx, `INSERT INTO draft_papers (draft, sum) VALUES ($1, $2) ON CONFLICT (draft, sum) DO NOTHING`, string(x.ID), string(p.Sum)); err != nil {
				return fmt.Errorf("store draft: %w", err)
			}
		}
		return nil
	})
}

// Draft reads a draft.
func (d *DB) Draft(ctx context.Context, id casefile.DraftID) (x casefile.Draft, err error) {
	var b []byte
	if err := storage.NoRows(d.SQL.QueryRowContext(ctx, `SELECT body FROM drafts WHERE draft = $1`, string(id)).Scan(&b), "draft"); err != nil {
		return x, err
	}
	return x, casefile.Decode(b, &x)
}

func scanDraft(r *sql.Rows) (x casefile.Draft, err error) {
	var b []byte
	if err := r.Scan(&b); err != nil {
		return x, err
	}
	return x, casefile.Decode(b, &x)
}

// Drafts are an officer's drafts, the newest first.
func (d *DB) Drafts(ctx context.Context, o casefile.OfficerID) ([]casefile.Draft, error) {
	return storage.Query(ctx, d.SQL, scanDraft, `SELECT body FROM drafts WHERE owner = $1 ORDER BY touched DESC, draft`, string(o))
}

// DropDraft removes a draft.
func (d *DB) DropDraft(ctx context.Context, id casefile.DraftID) error {
	return d.Tx(ctx, func(tx *sql.Tx) error { return dropDraft(ctx, tx, id) })
}

func dropDraft(ctx context.Context, tx *sql.Tx, id casefile.DraftID) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM drafts WHERE draft = $1`, string(id)); err != nil {
		return fmt.Errorf("drop draft: %w", err)
	}
	return nil
}

// DropDrafts removes those not touched since and returns them.
func (d *DB) DropDrafts(ctx context.Context, before time.Time) ([]casefile.Draft, error) {
	var old []casefile.Draft
	err := d.Tx(ctx, func(tx *sql.Tx) (err error) {
		old, err = storage.Query(ctx, tx, scanDraft, `DELETE FROM drafts WHERE touched < $1 RETURNING body`, micros(before))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("drop drafts: %w", err)
	}
	return old, nil
}

// BlobUsed reports whether a case or a draft holds a paper of this hash.
func (d *DB) BlobUsed(ctx context.Context, s casefile.Sum) (bool, error) {
	var n int
	err := d.SQL.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM case_papers WHERE sum = $1) + (SELECT COUNT(*) FROM draft_papers WHERE sum = $1)`, string(s)).Scan(&n)
	return n > 0, err
}
