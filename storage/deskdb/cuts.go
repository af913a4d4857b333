package deskdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"letterlock/desk/casefile"
	"letterlock/storage"
)

// PutCut writes a use of the compromise switch over itself.
func (d *DB) PutCut(ctx context.Context, c casefile.Cut) error {
	b, err := casefile.Encode(c)
	if err != nil {
		return fmt.Errorf("encode cut: %w", err)
	}
	_, err = d.Exec(ctx, `INSERT INTO cuts (cut, at, body, what, worked) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (cut) DO UPDATE SET body = excluded.body, what = excluded.what, worked = excluded.worked`, string(c.ID), micros(c.At), b, c.What, micros(c.Worked))
	return err
}

// CutsOf are those about an agency, a domain or an officer, by what they name.
func (d *DB) CutsOf(ctx context.Context, what ...string) (out []casefile.Cut, err error) {
	for _, w := range append(what, "") { // of a cut with nothing written beside it the body says whom it is about
		some, err := storage.Query(ctx, d.SQL, decoded[casefile.Cut], `SELECT body FROM cuts WHERE what = $1 ORDER BY at DESC, cut`, w)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// Unworked are the cuts whose cases are not all held yet, the newest first.
func (d *DB) Unworked(ctx context.Context) ([]casefile.Cut, error) {
	return storage.Query(ctx, d.SQL, decoded[casefile.Cut], `SELECT body FROM cuts WHERE worked = 0 ORDER BY at DESC, cut`)
}

// Cuts are all, the newest first.
func (d *DB) Cuts(ctx context.Context) ([]casefile.Cut, error) {
	return storage.Query(ctx, d.SQL, decoded[casefile.Cut], `SELECT body FROM cuts ORDER BY at DESC, cut`)
}

// FiledBy are an agency's cases filed since, in any state, the oldest first.
func (d *DB) FiledBy(ctx context.Context, a casefile.AgencyID, since time.Time) ([]casefile.Head, error) {
	return storage.Query(ctx, d.SQL, scanHead, `SELECT head FROM cases WHERE agency = (SELECT code FROM words WHERE word = $1) AND filed >= $2 ORDER BY filed, number`, string(a), micros(since))
}

// Sought is when another agency last filed a case about a target; zero: never.
func (d *DB) Sought(ctx context.Context, target casefile.Sum, but casefile.AgencyID) (time.Time, error) {
	var last sql.NullInt64
	err := d.SQL.QueryRowContext(ctx, `SELECT MAX(c.filed) FROM case_targets t JOIN cases c ON c.number = t.number
		WHERE t.target = $1 AND c.agency NOT IN (SELECT code FROM words WHERE word = $2)`, string(target), string(but)).Scan(&last)
	return moment(last.Int64), err
}

// putTargets keeps the hashes of what a case asks about.
func putTargets(ctx context.Context, tx *sql.Tx, n casefile.Number, targets []casefile.Sum) error {
	for _, t := range targets {
		if _, err := tx.ExecContext(ctx, `INSERT INTO case_targets (number, target) VALUES ($1, $2) ON CONFLICT (number, target) DO NOTHING`, string(n), string(t)); err != nil {
			return fmt.Errorf("store target: %w", err)
		}
	}
	return nil
}
