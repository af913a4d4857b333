package messengerdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"

	"letterlock/messenger/account"
	"letterlock/messenger/mailbox"
	"letterlock/storage"
	"letterlock/wire"
)

var _ mailbox.Store = (*DB)(nil)

// Box reads a device's mailbox.
func (d *DB) Box(ctx context.Context, a wire.Address) (f mailbox.BoxFacts, err error) {
	err = d.SQL.QueryRowContext(ctx, `SELECT mailbox, mailbox_key FROM devices WHERE account = $1 AND device = $2`, id(a.Account), int64(a.Device)).
		Scan(&f.Mailbox, &f.Key)
	if err != nil {
		return mailbox.BoxFacts{}, storage.NoRows(err, "device")
	}
	err = d.SQL.QueryRowContext(ctx, `SELECT count(*), COALESCE(sum(length(sealed)), 0), COALESCE(max(ord), 0) FROM mailbox_rows WHERE mailbox = $1`, f.Mailbox).
		Scan(&f.Rows, &f.Bytes, &f.Last)
	if err != nil {
		return mailbox.BoxFacts{}, fmt.Errorf("count rows: %w", err)
	}
	f.Blocks, err = d.BlocksOf(ctx, a.Account)
	return f, err
}

// Commit applies a batch in one transaction.
func (d *DB) Commit(ctx context.Context, b mailbox.Batch) error {
	return d.Tx(ctx, func(tx *sql.Tx) error {
		for _, s := range b.Drop {
			if err := d.exec(ctx, tx, `DELETE FROM mailbox_rows WHERE mailbox = $1 AND ord BETWEEN $2 AND $3`, s.Mailbox, s.First, s.Last); err != nil {
				return fmt.Errorf("remove rows: %w", err)
			}
		}
		for rows := b.Put; len(rows) > 0; {
			n := chunk(len(rows))
			stmt, err := d.insert.of(ctx, d.SQL, n)
			if err != nil {
				return fmt.Errorf("prepare insert: %w", err)
			}
			if _, err := tx.StmtContext(ctx, stmt).ExecContext(ctx, values(rows[:n])...); err != nil {
				return fmt.Errorf("store rows: %w", err)
			}
			rows = rows[n:]
		}
		return nil
	})
}

func values(rows []mailbox.Row) []any {
	args := make([]any, 0, 4*len(rows))
	for _, r := range rows {
		args = append(args, r.Mailbox, r.Order, sql.NullString{String: string(r.Expires), Valid: r.Expires != ""}, r.Sealed)
	}
	return args
}

// inserts are the prepared statements for several rows at once: the same text
// serves both engines, and a statement for many rows costs little more than
// one for one.
type inserts struct {
	mu   sync.Mutex
	stmt map[int]*sql.Stmt
}

// chunk is the largest prepared size that is not above n.
func chunk(n int) int {
	for _, c := range []int{64, 16, 4} {
		if n >= c {
			return c
		}
	}
	return 1
}

func (i *inserts) of(ctx context.Context, pool *sql.DB, n int) (*sql.Stmt, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if s := i.stmt[n]; s != nil {
		return s, nil
	}
	var text strings.Builder
	text.WriteString(`INSERT INTO mailbox_rows (mailbox, ord, expires_on, sealed) VALUES `)
	for k := range n {
		if k > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "($%d, $%d, $%d, $%d)", 4*k+1, 4*k+2, 4*k+3, 4*k+4)
	}
	s, err := pool.PrepareContext(ctx, text.String())
	if err != nil {
		return nil, err
	}
	if i.stmt == nil {
		i.stmt = map[int]*sql.Stmt{}
	}
	i.stmt[n] = s
	return s, nil
}

// Page reads rows above an order.
func (d *DB) Page(ctx context.Context, box, after int64, rows int, bytes int64) ([]mailbox.Row, error) {
	r, err := d.SQL.QueryContext(ctx, `SELECT ord, sealed FROM mailbox_rows WHERE mailbox = $1 AND ord > $2 ORDER BY ord LIMIT $3`, box, after, rows)
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	defer r.Close()
	var out []mailbox.Row
	for r.Next() && bytes > 0 {
		row := mailbox.Row{Mailbox: box}
		if err := r.Scan(&row.Order, &row.Sealed); err != nil {
			return nil, fmt.Errorf("read rows: %w", err)
		}
		bytes -= int64(len(row.Sealed))
		out = append(out, row)
	}
	return out, r.Err()
}

// Expire removes rows whose day has passed.
func (d *DB) Expire(ctx context.Context, today account.Day) (out []mailbox.Gone, err error) {
	err = d.Tx(ctx, func(tx *sql.Tx) error {
		out, err = storage.Query(ctx, tx, func(r *sql.Rows) (g mailbox.Gone, err error) { return g, r.Scan(&g.Mailbox, &g.Order, &g.Bytes) },
			`DELETE FROM mailbox_rows WHERE expires_on < $1 RETURNING mailbox, ord, length(sealed)`, string(today))
		return err
	})
	return out, err
}

// DropOrphans removes rows that no device will fetch.
func (d *DB) DropOrphans(ctx context.Context) error {
	_, err := d.Exec(ctx, `DELETE FROM mailbox_rows WHERE mailbox NOT IN (SELECT mailbox FROM devices)`)
	return err
}

// EraseRows makes removed rows unreadable.
func (d *DB) EraseRows(ctx context.Context) error { return d.Sweep(ctx, "mailbox_rows") }
