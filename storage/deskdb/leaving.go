package deskdb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/storage"
)

// Ended are cases that came to their end before, with no duty open, the oldest
// first.
func (d *DB) Ended(ctx context.Context, before time.Time, max int) ([]casefile.Number, error) {
	return storage.Query(ctx, d.SQL, scanCaseNumber, `SELECT number FROM cases WHERE ended > 0 AND ended < $1
		AND NOT EXISTS (SELECT 1 FROM duties WHERE duties.number = cases.number AND done = 0) ORDER BY ended, number LIMIT $2`, micros(before), limit(max))
}

func scanCaseNumber(r *sql.Rows) (n casefile.Number, err error) { return n, r.Scan((*string)(&n)) }

// takeAway leaves of a case what may stay, in the transaction of its change.
func takeAway(ctx context.Context, tx *sql.Tx, c casefile.Change) error {
	for _, e := range c.Rest {
		b, err := e.Bytes()
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE case_events SET body = $3 WHERE number = $1 AND seq = $2`, string(c.Number), e.Seq, b); err != nil {
			return fmt.Errorf("take away event: %w", err)
		}
	}
	for _, text := range []string{`DELETE FROM case_papers WHERE number = $1`, `DELETE FROM case_targets WHERE number = $1`, `DELETE FROM duties WHERE number = $1`, `DELETE FROM filings WHERE number = $1`} {
		if _, err := tx.ExecContext(ctx, text, string(c.Number)); err != nil {
			return fmt.Errorf("take away: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM stash WHERE number = $1 AND key <> $2`, string(c.Number), casefile.FiledKey); err != nil {
		return fmt.Errorf("take away: %w", err)
	}
	for _, s := range append(slices.Clone(c.Blobs), "") {
		if _, err := tx.ExecContext(ctx, `INSERT INTO leaving (sum) VALUES ($1) ON CONFLICT (sum) DO NOTHING`, string(s)); err != nil {
			return fmt.Errorf("take away: %w", err)
		}
	}
	return nil
}

// Leaving are the blobs that are still to be removed.
func (d *DB) Leaving(ctx context.Context) (blobs []casefile.Sum, erase bool, err error) {
	all, err := storage.Query(ctx, d.SQL, func(r *sql.Rows) (s casefile.Sum, err error) { return s, r.Scan((*string)(&s)) }, `SELECT sum FROM leaving ORDER BY sum`)
	if err != nil {
		return nil, false, fmt.Errorf("read what leaves: %w", err)
	}
	blobs = slices.DeleteFunc(slices.Clone(all), func(s casefile.Sum) bool { return s == "" })
	return blobs, len(blobs) < len(all), nil
}

// Gone forgets a blob.
func (d *DB) Gone(ctx context.Context, s casefile.Sum) error {
	_, err := d.Exec(ctx, `DELETE FROM leaving WHERE sum = $1`, string(s))
	return err
}

// Wipe erases, and then forgets that there was something to erase.
func (d *DB) Wipe(ctx context.Context) error {
	if err := d.Erase(ctx); err != nil {
		return fmt.Errorf("erase what left: %w", err)
	}
	return d.Gone(ctx, "")
}
