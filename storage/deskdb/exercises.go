package deskdb

import (
	"context"
	"database/sql"
	"fmt"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/storage"
)

// putExercise keeps the list of exercises with the case, and takes a number
// that was given back out of the list of free ones.
func putExercise(ctx context.Context, tx *sql.Tx, c casefile.Change) error {
	if c.From == 0 {
		if _, err := tx.ExecContext(ctx, `DELETE FROM free_numbers WHERE number = $1`, string(c.Number)); err != nil {
			return fmt.Errorf("take number: %w", err)
		}
	}
	if c.Head.Drill == nil {
		return nil
	}
	b, err := casefile.Encode(c.Head)
	if err != nil {
		return fmt.Errorf("encode head: %w", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO exercises (number, filed, head, events) VALUES ($1, $2, $3, $4)
		ON CONFLICT (number) DO UPDATE SET head = excluded.head`, string(c.Number), micros(c.Head.Filed), b, []byte{})
	if err != nil {
		return fmt.Errorf("store exercise: %w", err)
	}
	return nil
}

// freeNumber is the smallest ordinary number of a year that was given back.
func (d *DB) freeNumber(ctx context.Context, year int) (casefile.Number, error) {
	var n sql.NullString
	err := d.SQL.QueryRowContext(ctx, `SELECT MIN(number) FROM free_numbers WHERE number >= $1 AND number <= $2`,
		string(casefile.Ordinary(year, 0)), string(casefile.Ordinary(year, 999_999))).Scan(&n)
	if err != nil {
		return "", fmt.Errorf("read free numbers: %w", err)
	}
	return casefile.Number(n.String), nil
}

// Exercises are the heads of all exercises, the newest first.
func (d *DB) Exercises(ctx context.Context) ([]casefile.Head, error) {
	return storage.Query(ctx, d.SQL, scanHead, `SELECT head FROM exercises ORDER BY filed DESC, number`)
}

// Retire moves an exercise out of the queue and gives its number back.
func (d *DB) Retire(ctx context.Context, n, to casefile.Number) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		events, err := storage.Query(ctx, tx, scanEvent, `SELECT body FROM case_events WHERE number = $1 ORDER BY seq`, string(n))
		if err != nil {
			return fmt.Errorf("read exercise: %w", err)
		}
		var b []byte
		if err := storage.NoRows(tx.QueryRowContext(ctx, `SELECT head FROM exercises WHERE number = $1`, string(n)).Scan(&b), "exercise"); err != nil {
			return err
		}
		var h casefile.Head
		if err := casefile.Decode(b, &h); err != nil {
			return err
		}
		h.Number = to
		return d.moveExercise(ctx, tx, n, h, events)
	})
}

func (d *DB) moveExercise(ctx context.Context, tx *sql.Tx, n casefile.Number, h casefile.Head, events []casefile.Event) error {
	head, err := casefile.Encode(h)
	if err != nil {
		return fmt.Errorf("encode head: %w", err)
	}
	body, err := casefile.Encode(events)
	if err != nil {
		return fmt.Errorf("encode exercise: %w", err)
	}
	res, err := tx.ExecContext(ctx, `UPDATE exercises SET number = $2, head = $3, events = $4 WHERE number = $1`, string(n), string(h.Number), head, body)
	if err != nil {
		return fmt.Errorf("retire exercise: %w", err)
	}
	if got, err := res.RowsAffected(); err != nil || got != 1 {
		return fault.Wrap(fault.Conflict, "retire exercise", err, "the exercise is not in the queue")
	}
	for _, text := range []string{`DELETE FROM stash WHERE number = $1`, `DELETE FROM duties WHERE number = $1`, `DELETE FROM case_papers WHERE number = $1`, `DELETE FROM case_keys WHERE number = $1`,
		`DELETE FROM case_targets WHERE number = $1`, `DELETE FROM filings WHERE number = $1`,
		`DELETE FROM case_events WHERE number = $1`, `DELETE FROM cases WHERE number = $1`, `INSERT INTO free_numbers (number) VALUES ($1)`} {
		if _, err := tx.ExecContext(ctx, text, string(n)); err != nil {
			return fmt.Errorf("retire exercise: %w", err)
		}
	}
	return nil
}

// retired are the events of an exercise that is out of the queue.
func (d *DB) retired(ctx context.Context, n casefile.Number) ([]casefile.Event, error) {
	var b []byte
	err := storage.NoRows(d.SQL.QueryRowContext(ctx, `SELECT events FROM exercises WHERE number = $1`, string(n)).Scan(&b), "exercise")
	if err != nil || len(b) == 0 {
		return nil, err
	}
	var out []casefile.Event
	return out, casefile.Decode(b, &out)
}
