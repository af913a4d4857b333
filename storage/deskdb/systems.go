package deskdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/storage"
)

// PutSystem writes a system over itself; its keys are exactly these.
func (d *DB) PutSystem(ctx context.Context, x agency.System) error {
	b, err := casefile.Encode(x)
	if err != nil {
		return fmt.Errorf("encode system: %w", err)
	}
	return d.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO systems (system, name, body) VALUES ($1, $2, $3)
			ON CONFLICT (system) DO UPDATE SET name = excluded.name, body = excluded.body`, string(x.ID), x.Name, b); err != nil {
			return fmt.Errorf("store system: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM system_keys WHERE system = $1`, string(x.ID)); err != nil {
			return fmt.Errorf("store keys: %w", err)
		}
		for _, k := range x.Keys {
			res, err := tx.ExecContext(ctx, `INSERT INTO system_keys (prefix, system) VALUES ($1, $2) ON CONFLICT (prefix) DO NOTHING`, k.Prefix, string(x.ID))
			if err != nil {
				return fmt.Errorf("store keys: %w", err)
			}
			if n, err := res.RowsAffected(); err != nil || n != 1 {
				return fault.Wrap(fault.Conflict, "store keys", err, "a key with this beginning exists already; make another one")
			}
		}
		return nil
	})
}

// System reads one.
func (d *DB) System(ctx context.Context, id casefile.SystemID) (agency.System, error) {
	return one[agency.System](ctx, d, "system", `SELECT body FROM systems WHERE system = $1`, string(id))
}

// SystemByKey finds a system by what one of its keys begins with.
func (d *DB) SystemByKey(ctx context.Context, prefix string) (agency.System, error) {
	return one[agency.System](ctx, d, "system", `SELECT s.body FROM systems s JOIN system_keys k ON k.system = s.system WHERE k.prefix = $1`, prefix)
}

// Systems are all, by name.
func (d *DB) Systems(ctx context.Context) ([]agency.System, error) {
	return storage.Query(ctx, d.SQL, decoded[agency.System], `SELECT body FROM systems ORDER BY name, system`)
}

// Begin remembers a call, or returns what was remembered of it before.
func (d *DB) Begin(ctx context.Context, c casefile.Call) (casefile.Call, error) {
	got := casefile.Call{ID: c.ID}
	err := d.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO once (call, body, draft, at) VALUES ($1, $2, $3, $4) ON CONFLICT (call) DO NOTHING`,
			c.ID[:], c.Body[:], string(c.Draft), micros(c.At)); err != nil {
			return fmt.Errorf("remember call: %w", err)
		}
		return scanCall(tx.QueryRowContext(ctx, `SELECT body, draft, at FROM once WHERE call = $1`, c.ID[:]), &got)
	})
	return got, err
}

// Call is what is remembered of a call.
func (d *DB) Call(ctx context.Context, id [32]byte) (casefile.Call, error) {
	c := casefile.Call{ID: id}
	err := scanCall(d.SQL.QueryRowContext(ctx, `SELECT body, draft, at FROM once WHERE call = $1`, id[:]), &c)
	return c, err
}

func scanCall(r *sql.Row, c *casefile.Call) error {
	var body []byte
	var draft string
	var at int64
	if err := storage.NoRows(r.Scan(&body, &draft, &at), "call"); err != nil {
		return err
	}
	if len(body) != len(c.Body) {
		return fmt.Errorf("read call: damaged")
	}
	c.Body, c.Draft, c.At = [32]byte(body), casefile.DraftID(draft), moment(at)
	return nil
}

// Forget removes a call that did nothing.
func (d *DB) Forget(ctx context.Context, id [32]byte) error {
	_, err := d.Exec(ctx, `DELETE FROM once WHERE call = $1`, id[:])
	return err
}

// FiledFrom is the case that a draft became.
func (d *DB) FiledFrom(ctx context.Context, draft casefile.DraftID) (casefile.Number, error) {
	var n string
	err := d.SQL.QueryRowContext(ctx, `SELECT number FROM filings WHERE draft = $1`, string(draft)).Scan(&n)
	return casefile.Number(n), storage.NoRows(err, "filing")
}

// DropCalls forgets calls and filings before a time.
func (d *DB) DropCalls(ctx context.Context, before time.Time) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		for _, text := range []string{`DELETE FROM once WHERE at < $1`, `DELETE FROM filings WHERE at < $1`} {
			if _, err := tx.ExecContext(ctx, text, micros(before)); err != nil {
				return fmt.Errorf("forget calls: %w", err)
			}
		}
		return nil
	})
}

// noteFiling keeps which draft a new case was, in the case's own transaction.
func noteFiling(ctx context.Context, tx *sql.Tx, c casefile.Change) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO filings (draft, number, at) VALUES ($1, $2, $3) ON CONFLICT (draft) DO NOTHING`,
		string(c.Drop), string(c.Number), micros(c.Head.Filed))
	return err
}
