package messengerdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/messenger/trace"
	"letterlock/storage"
)

// Traces is the carrier's database as messenger/trace sees it. Of an event it
// holds the grant, the number and sealed bytes of one length.
type Traces struct{ db *DB }

var _ trace.Store = Traces{}

// Traces is the part for messenger/trace.
func (d *DB) Traces() Traces { return Traces{d} }

// AddTrace implements trace.Store.
func (s Traces) AddTrace(ctx context.Context, r trace.Row) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		n, err := tx.ExecContext(ctx, `INSERT INTO traces (hash, account, tap_key, begins, ends, seen, fetched, stopped, reason, last, taken)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', 0, 0) ON CONFLICT (hash) DO NOTHING`,
			r.Grant[:], id(r.Account), r.Key, r.Start.Unix(), r.End.Unix(), r.Seen.UnixMilli(), r.Fetched.Unix())
		if err != nil {
			return fmt.Errorf("add trace: %w", err)
		}
		if had, err := n.RowsAffected(); err != nil || had == 0 {
			return fault.Wrap(fault.Conflict, "add trace", err, "this grant has had its trace; a grant works once")
		}
		return nil
	})
}

// Traces implements trace.Store.
func (s Traces) Traces(ctx context.Context) ([]trace.Row, error) {
	return storage.Query(ctx, s.db.SQL, scanTrace, `SELECT hash, account, tap_key, begins, ends, seen, fetched, stopped, reason, last, taken FROM traces ORDER BY hash`)
}

func scanTrace(rows *sql.Rows) (r trace.Row, err error) {
	var hash, account []byte
	var begins, ends, seen, fetched, stopped int64
	if err = rows.Scan(&hash, &account, &r.Key, &begins, &ends, &seen, &fetched, &stopped, &r.Reason, &r.Last, &r.Taken); err != nil {
		return r, err
	}
	if len(hash) != len(r.Grant) {
		return r, fmt.Errorf("a grant's hash of %d bytes is stored", len(hash))
	}
	copy(r.Grant[:], hash)
	r.Start, r.End, r.Seen, r.Fetched, r.Stopped = moment(begins), moment(ends), time.UnixMilli(seen).UTC(), moment(fetched), moment(stopped)
	r.Account, err = toID(account)
	return r, err
}

// AddTraced implements trace.Store.
func (s Traces) AddTraced(ctx context.Context, grant d.Hash, events []trace.Event, seen time.Time) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, e := range events {
			if err := s.db.exec(ctx, tx, `INSERT INTO trace_events (hash, seq, sealed) VALUES ($1, $2, $3)`, grant[:], int64(e.Seq), e.Sealed); err != nil {
				return fmt.Errorf("store event: %w", err)
			}
		}
		last := int64(0)
		if len(events) > 0 {
			last = int64(events[len(events)-1].Seq)
		}
		return one(ctx, tx, "this trace is not kept here any more",
			`UPDATE traces SET seen = CASE WHEN seen < $2 THEN $2 ELSE seen END, last = CASE WHEN last < $3 THEN $3 ELSE last END WHERE hash = $1`, grant[:], seen.UnixMilli(), last)
	})
}

// Traced implements trace.Store.
func (s Traces) Traced(ctx context.Context, grant d.Hash, after uint64, limit int) ([]trace.Event, error) {
	return storage.Query(ctx, s.db.SQL, func(r *sql.Rows) (e trace.Event, err error) { return e, r.Scan(&e.Seq, &e.Sealed) },
		`SELECT seq, sealed FROM trace_events WHERE hash = $1 AND seq > $2 ORDER BY seq LIMIT $3`, grant[:], int64(after), limit)
}

// DropTraced implements trace.Store.
func (s Traces) DropTraced(ctx context.Context, grant d.Hash, upTo uint64, at time.Time) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := s.db.exec(ctx, tx, `DELETE FROM trace_events WHERE hash = $1 AND seq <= $2`, grant[:], int64(upTo)); err != nil {
			return err
		}
		return one(ctx, tx, "this trace is not kept here any more",
			`UPDATE traces SET fetched = CASE WHEN taken < $2 OR last = $2 THEN $3 ELSE fetched END, taken = $2 WHERE hash = $1`, grant[:], int64(upTo), at.Unix())
	})
}

// EndTrace implements trace.Store.
func (s Traces) EndTrace(ctx context.Context, grant d.Hash, at time.Time, reason string) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		return s.db.exec(ctx, tx, `UPDATE traces SET stopped = $2, reason = $3 WHERE hash = $1 AND stopped = 0`, grant[:], at.Unix(), reason)
	})
}

// ForgetTraces implements trace.Store.
func (s Traces) ForgetTraces(ctx context.Context, before time.Time) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := s.db.exec(ctx, tx, `DELETE FROM trace_events WHERE hash IN (SELECT hash FROM traces WHERE stopped > 0 AND stopped < $1)`, before.Unix()); err != nil {
			return err
		}
		return s.db.exec(ctx, tx, `DELETE FROM traces WHERE stopped > 0 AND stopped < $1`, before.Unix())
	})
}
