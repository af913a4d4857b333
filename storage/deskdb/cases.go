package deskdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/storage"
)

var _ casefile.Store = (*DB)(nil)

// NextNumber is one that an exercise gave back, or follows the largest ordinary
// number of the year.
func (d *DB) NextNumber(ctx context.Context, year int) (casefile.Number, error) {
	if n, err := d.freeNumber(ctx, year); err != nil || n != "" {
		return n, err
	}
	var last sql.NullString
	err := d.SQL.QueryRowContext(ctx, `SELECT MAX(number) FROM cases WHERE number >= $1 AND number <= $2`,
		string(casefile.Ordinary(year, 0)), string(casefile.Ordinary(year, 999_999))).Scan(&last)
	if err != nil {
		return "", fmt.Errorf("read case numbers: %w", err)
	}
	n := 0
	if last.Valid {
		if n, err = strconv.Atoi(last.String[strings.LastIndexByte(last.String, '-')+1:]); err != nil {
			return "", fmt.Errorf("read case numbers: %w", err)
		}
	}
	return casefile.Ordinary(year, n+1), nil
}

// Events are a case's events in order.
func (d *DB) Events(ctx context.Context, n casefile.Number) ([]casefile.Event, error) {
	out, err := storage.Query(ctx, d.SQL, scanEvent, `SELECT body FROM case_events WHERE number = $1 ORDER BY seq`, string(n))
	if err == nil && len(out) == 0 {
		out, err = d.retired(ctx, n)
	}
	if err == nil && len(out) == 0 {
		err = fault.New(fault.NotFound, "read case", "there is no such case")
	}
	return out, err
}

// EventsFrom are a case's events from one on.
func (d *DB) EventsFrom(ctx context.Context, n casefile.Number, seq int) ([]casefile.Event, error) {
	out, err := storage.Query(ctx, d.SQL, scanEvent, `SELECT body FROM case_events WHERE number = $1 AND seq >= $2 ORDER BY seq`, string(n), seq)
	if err == nil && len(out) == 0 {
		err = fault.New(fault.NotFound, "read case", "there is no such event")
	}
	return out, err
}

func scanEvent(r *sql.Rows) (casefile.Event, error) {
	var b []byte
	if err := r.Scan(&b); err != nil {
		return casefile.Event{}, err
	}
	return casefile.ParseEvent(b)
}

// Commit stores a change in one transaction.
func (d *DB) Commit(ctx context.Context, c casefile.Change) error {
	if err := d.commit(ctx, c); err != nil {
		return err
	}
	if slices.ContainsFunc(c.Stash, func(s casefile.Stash) bool { return len(s.Body) == 0 }) {
		d.residue.Store(true)
	}
	// What a grant unlocked is gone from the table; now also from the files. The
	// change stands whatever becomes of this; what fails is tried again with the
	// next change.
	if d.residue.CompareAndSwap(true, false) && d.Sweep(context.WithoutCancel(ctx), "stash") != nil {
		d.residue.Store(true)
	}
	return nil
}

func (d *DB) commit(ctx context.Context, c casefile.Change) error {
	if err := d.learn(ctx, c.Head); err != nil {
		return err
	}
	return d.Tx(ctx, func(tx *sql.Tx) error {
		if err := d.putHead(ctx, tx, c); err != nil {
			return err
		}
		for _, e := range c.Events {
			b, err := e.Bytes()
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO case_events (number, seq, body) VALUES ($1, $2, $3)`, string(c.Number), e.Seq, b); err != nil {
				return fmt.Errorf("store event: %w", err)
			}
		}
		if len(c.Rest) > 0 {
			if err := takeAway(ctx, tx, c); err != nil {
				return err
			}
		}
		if err := putParts(ctx, tx, c); err != nil {
			return err
		}
		if err := putTallies(ctx, tx, c.Tallies); err != nil {
			return err
		}
		if err := putExercise(ctx, tx, c); err != nil {
			return err
		}
		if c.Drop != "" {
			if err := noteFiling(ctx, tx, c); err != nil {
				return fmt.Errorf("store filing: %w", err)
			}
			return dropDraft(ctx, tx, c.Drop)
		}
		return nil
	})
}

// open phases are those in which somebody must still act.
func open(p casefile.Phase) bool { return !p.Over() }

// headInto and headRow are a case's row. What it is filtered by are numbers of
// words, which learn has seen.
const headInto = `cases (number, version, due, filed, is_open, counsel, same_as, head, lane, phase, process, country, agency, officer, assigned, ended)`

// Most acts change nothing that a list is filtered or sorted by. SQLite writes
// each index of a column that is set, changed or not, and a case has some forty:
// so what stays as it was is not set.
const (
	headNew = "INSERT INTO " + headInto + `
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (number) DO NOTHING`
	headSame = `UPDATE cases SET version = $2, head = $8 WHERE number = $1 AND version = $17 AND due = $3 AND filed = $4 AND is_open = $5 AND counsel = $6 AND same_as = $7
		AND lane = $9 AND phase = $10 AND process = $11 AND country = $12 AND agency = $13 AND officer = $14 AND assigned = $15 AND ended = $16`
	headMoved = `UPDATE cases SET version = $2, due = $3, filed = $4, is_open = $5, counsel = $6, same_as = $7, head = $8, lane = $9, phase = $10,
		process = $11, country = $12, agency = $13, officer = $14, assigned = $15, ended = $16 WHERE number = $1 AND version = $17`
)

func (d *DB) headRow(c casefile.Change) ([]any, error) {
	h := c.Head
	b, err := casefile.Encode(h)
	if err != nil {
		return nil, fmt.Errorf("encode head: %w", err)
	}
	row := append([]any{string(c.Number), h.Version, orNever(h.Due), micros(h.Filed), flag(open(h.Phase)), flag(h.Counsel), string(h.SameAs), b}, d.coded(h)...)
	return append(row, micros(h.Ended)), nil
}

func (d *DB) putHead(ctx context.Context, tx *sql.Tx, c casefile.Change) error {
	args, err := d.headRow(c)
	if err != nil {
		return err
	}
	texts := []string{headNew}
	if c.From > 0 {
		texts = []string{headSame, headMoved}
		args = append(args, c.From)
	}
	for _, text := range texts {
		res, err := tx.ExecContext(ctx, text, args...)
		if err != nil {
			return fmt.Errorf("store case: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return errors.Join(err, putSearch(ctx, tx, c.Head, c.From > 0))
		}
	}
	return fault.New(fault.Conflict, "store case", "the case has changed meanwhile; look at it again")
}

func putParts(ctx context.Context, tx *sql.Tx, c casefile.Change) error {
	for _, p := range c.Papers {
		if _, err := tx.ExecContext(ctx, `INSERT INTO case_papers (number, paper, sum) VALUES ($1, $2, $3) ON CONFLICT (number, paper) DO NOTHING`,
			string(c.Number), string(p.ID), string(p.Sum)); err != nil {
			return fmt.Errorf("store paper: %w", err)
		}
	}
	for _, x := range c.Duties {
		if _, err := tx.ExecContext(ctx, `INSERT INTO duties (number, kind, key, due, done, note) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (number, kind, key) DO UPDATE SET due = excluded.due, done = excluded.done, note = excluded.note`,
			string(c.Number), string(x.Kind), x.Key, micros(x.Due), micros(x.Done), x.Note); err != nil {
			return fmt.Errorf("store duty: %w", err)
		}
	}
	if err := putTargets(ctx, tx, c.Number, c.Targets); err != nil {
		return err
	}
	for _, s := range c.Stash {
		if err := putStash(ctx, tx, c.Number, s); err != nil {
			return fmt.Errorf("store stash: %w", err)
		}
	}
	return nil
}

func putStash(ctx context.Context, tx *sql.Tx, n casefile.Number, s casefile.Stash) error {
	if len(s.Body) == 0 {
		_, err := tx.ExecContext(ctx, `DELETE FROM stash WHERE number = $1 AND key = $2`, string(n), s.Key)
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO stash (number, key, body) VALUES ($1, $2, $3)
		ON CONFLICT (number, key) DO UPDATE SET body = excluded.body`, string(n), s.Key, s.Body)
	return err
}

func limit(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 500)
}

func scanHead(r *sql.Rows) (h casefile.Head, err error) {
	var b []byte
	if err := r.Scan(&b); err != nil {
		return h, err
	}
	return h, casefile.Decode(b, &h)
}

// Same finds the oldest case with this demand that was not withdrawn.
func (d *DB) Same(ctx context.Context, s casefile.Sum) (casefile.Number, bool, error) {
	return d.number(ctx, `SELECT number FROM cases WHERE same_as = $1 AND phase NOT IN (SELECT code FROM words WHERE word = $2) ORDER BY filed, number LIMIT 1`, string(s), string(casefile.Withdrawn))
}

// PaperUsed finds a case that holds a paper of this hash.
func (d *DB) PaperUsed(ctx context.Context, s casefile.Sum) (casefile.Number, bool, error) {
	return d.number(ctx, `SELECT number FROM case_papers WHERE sum = $1 ORDER BY number LIMIT 1`, string(s))
}

func (d *DB) number(ctx context.Context, text string, args ...any) (casefile.Number, bool, error) {
	var n string
	err := d.SQL.QueryRowContext(ctx, text, args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return casefile.Number(n), err == nil, err
}

// Filed counts the cases an officer filed since.
func (d *DB) Filed(ctx context.Context, o casefile.OfficerID, since time.Time) (n int, err error) {
	return n, d.SQL.QueryRowContext(ctx, `SELECT COUNT(*) FROM cases WHERE officer = (SELECT code FROM words WHERE word = $1) AND filed >= $2`, string(o), micros(since)).Scan(&n)
}

const dutyColumns = `SELECT number, kind, key, due, done, note FROM duties `

// Duties are those due by now and not done.
func (d *DB) Duties(ctx context.Context, now time.Time, max int) ([]casefile.Duty, error) {
	return storage.Query(ctx, d.SQL, scanDuty, dutyColumns+`WHERE done = 0 AND due <= $1 ORDER BY due, number, kind, key LIMIT $2`, micros(now), max)
}

// DutiesOf are all duties of a case.
func (d *DB) DutiesOf(ctx context.Context, n casefile.Number) ([]casefile.Duty, error) {
	return storage.Query(ctx, d.SQL, scanDuty, dutyColumns+`WHERE number = $1 ORDER BY due, kind, key`, string(n))
}

func scanDuty(r *sql.Rows) (casefile.Duty, error) {
	var x casefile.Duty
	var number, kind string
	var due, done int64
	err := r.Scan(&number, &kind, &x.Key, &due, &done, &x.Note)
	x.Case, x.Kind, x.Due, x.Done = casefile.Number(number), casefile.DutyKind(kind), moment(due), moment(done)
	return x, err
}

// Stash is what a release unlocked, kept until it is packed.
func (d *DB) Stash(ctx context.Context, n casefile.Number, key string) (b []byte, err error) {
	err = d.SQL.QueryRowContext(ctx, `SELECT body FROM stash WHERE number = $1 AND key = $2`, string(n), key).Scan(&b)
	return b, storage.NoRows(err, "stash")
}
