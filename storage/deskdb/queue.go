package deskdb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/storage"
)

// Look is how many cases one page looks through. What fits among them is the
// page; where few fit, the next look goes on behind them. So the time of a
// page has a bound that no filter breaks.
const Look = 3_000

// MaxHits is how many cases a text may begin.
const MaxHits = 300

// Page is a page of the queue.
func (d *DB) Page(ctx context.Context, f casefile.Filter) (casefile.Page, error) {
	if f.Text != "" {
		return d.textPage(ctx, f)
	}
	q, err := d.look(ctx, f)
	if err != nil || q == nil {
		return casefile.Page{}, err
	}
	n := limit(f.Limit)
	heads, err := storage.Query(ctx, d.SQL, scanHead, q.page(n+1), q.args...)
	if err != nil {
		return casefile.Page{}, fmt.Errorf("read queue: %w", err)
	}
	if len(heads) > n {
		heads = heads[:n]
		return casefile.Page{Heads: heads, Next: &heads[n-1]}, nil
	}
	p := casefile.Page{Heads: heads}
	if len(q.rest) > 0 {
		p.Next, err = d.lookedAt(ctx, q)
	}
	return p, err
}

// lookedAt is the last case that the look saw, if there are more behind it.
func (d *DB) lookedAt(ctx context.Context, q *look) (*casefile.Head, error) {
	var at int64
	var number string
	err := d.SQL.QueryRowContext(ctx, q.last(), q.args[:q.inner]...).Scan(&at, &number)
	if err == sql.ErrNoRows {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read queue: %w", err)
	}
	h := &casefile.Head{Number: casefile.Number(number)}
	if q.f.Sort == casefile.ByDue {
		h.Due = moment(at)
	} else {
		h.Filed = moment(at)
	}
	return h, nil
}

// Queue is one page, and looks until it is full or nothing is left.
func (d *DB) Queue(ctx context.Context, f casefile.Filter) ([]casefile.Head, error) {
	var out []casefile.Head
	n := limit(f.Limit)
	for {
		p, err := d.Page(ctx, f)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Heads...)
		if len(out) >= n || p.Next == nil {
			return out[:min(n, len(out))], nil
		}
		f.After = *p.Next
	}
}

// Count counts what fits one index, and stops at MaxCount.
func (d *DB) Count(ctx context.Context, f casefile.Filter) (n int, err error) {
	f.After, f.Text = casefile.Head{}, ""
	q, err := d.look(ctx, f)
	if err != nil || q == nil {
		return 0, err
	}
	err = d.SQL.QueryRowContext(ctx, q.count(casefile.MaxCount), q.args...).Scan(&n)
	return n, err
}

// textPage finds cases by the beginning of their number, reference or docket.
func (d *DB) textPage(ctx context.Context, f casefile.Filter) (casefile.Page, error) {
	from := []byte(casefile.KeyOf(f.Text))
	if len(from) == 0 {
		return casefile.Page{}, fault.New(fault.Invalid, "search", "write letters or digits of the number, the reference or the docket")
	}
	hits, err := storage.Query(ctx, d.SQL, scanNumber, `SELECT number FROM case_keys WHERE key >= $1 AND key < $2 ORDER BY key, number LIMIT $3`,
		from, append(slices.Clone(from), 0xff), MaxHits+1)
	if err != nil {
		return casefile.Page{}, fmt.Errorf("search: %w", err)
	}
	if len(hits) > MaxHits {
		return casefile.Page{}, fault.New(fault.Invalid, "search", "more than %d cases begin with this; write more of the number, the reference or the docket", MaxHits)
	}
	slices.Sort(hits)
	hits = slices.Compact(hits)
	var found []casefile.Head
	for chunk := range slices.Chunk(hits, 500) {
		args, in := make([]any, len(chunk)), make([]string, len(chunk))
		for i, n := range chunk {
			args[i], in[i] = n, "$"+strconv.Itoa(i+1)
		}
		heads, err := storage.Query(ctx, d.SQL, scanHead, "SELECT head FROM cases WHERE number IN ("+strings.Join(in, ", ")+")", args...)
		if err != nil {
			return casefile.Page{}, fmt.Errorf("search: %w", err)
		}
		found = append(found, heads...)
	}
	return pageOf(found, f), nil
}

// pageOf is a page of what was found, filtered and in order.
func pageOf(found []casefile.Head, f casefile.Filter) casefile.Page {
	var p casefile.Page
	for _, h := range found {
		if f.Fits(h) && (f.After.Number == "" || f.Before(f.After, h)) {
			p.Heads = append(p.Heads, h)
		}
	}
	sort.Slice(p.Heads, func(i, j int) bool { return f.Before(p.Heads[i], p.Heads[j]) })
	if n := limit(f.Limit); len(p.Heads) > n {
		p.Heads = p.Heads[:n]
		p.Next = &p.Heads[n-1]
	}
	return p
}

func scanNumber(r *sql.Rows) (n string, err error) { return n, r.Scan(&n) }

// putSearch writes what a case is searched by.
func putSearch(ctx context.Context, tx *sql.Tx, h casefile.Head, again bool) error {
	if again {
		if same, err := sameKeys(ctx, tx, h); err != nil || same {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM case_keys WHERE number = $1`, string(h.Number)); err != nil {
			return fmt.Errorf("store keys: %w", err)
		}
	}
	for _, k := range h.Keys() {
		if _, err := tx.ExecContext(ctx, `INSERT INTO case_keys (key, number) VALUES ($1, $2)`, []byte(k), string(h.Number)); err != nil {
			return fmt.Errorf("store keys: %w", err)
		}
	}
	return nil
}

// sameKeys reports that a case is found by the words by which it was found
// before: most acts change none of them.
func sameKeys(ctx context.Context, tx *sql.Tx, h casefile.Head) (bool, error) {
	have, err := storage.Query(ctx, tx, func(r *sql.Rows) (k []byte, err error) { return k, r.Scan(&k) }, `SELECT key FROM case_keys WHERE number = $1`, string(h.Number))
	if err != nil {
		return false, fmt.Errorf("read keys: %w", err)
	}
	want := h.Keys()
	for _, k := range want {
		if !slices.ContainsFunc(have, func(b []byte) bool { return string(b) == k }) {
			return false, nil
		}
	}
	return len(have) == len(want), nil
}

// Load puts many new cases in at once, in one transaction: what comes from
// another desk, or is made to measure. Cases that are there already are an
// error.
func (d *DB) Load(ctx context.Context, all []casefile.Change) error {
	heads := make([]casefile.Head, 0, len(all))
	for _, c := range all {
		heads = append(heads, c.Head)
	}
	if err := d.learn(ctx, heads...); err != nil {
		return err
	}
	return d.Tx(ctx, func(tx *sql.Tx) error {
		var cases, events, keys bulk
		var tallies []casefile.Tally
		for _, c := range all {
			row, err := d.headRow(c)
			if err != nil {
				return err
			}
			cases.add(row...)
			for _, e := range c.Events {
				b, err := e.Bytes()
				if err != nil {
					return err
				}
				events.add(string(c.Number), e.Seq, b)
			}
			tallies = append(tallies, c.Tallies...)
			for _, k := range c.Head.Keys() {
				keys.add([]byte(k), string(c.Number))
			}
		}
		for _, x := range []struct {
			b    *bulk
			into string
		}{{&cases, headInto}, {&events, "case_events (number, seq, body)"}, {&keys, "case_keys (key, number)"}} {
			if err := x.b.write(ctx, tx, x.into); err != nil {
				return fmt.Errorf("load cases: %w", err)
			}
		}
		return putTallies(ctx, tx, tallies)
	})
}

// bulk writes many rows with few statements.
type bulk struct {
	rows [][]any
	or   string // what becomes of a row that is there already
}

func (b *bulk) add(v ...any) { b.rows = append(b.rows, v) }

// bulkValues keeps a statement short: SQLite looks a parameter up by its name
// among all others, so that twice as many cost four times as much.
const bulkValues = 150

func (b *bulk) write(ctx context.Context, tx *sql.Tx, into string) error {
	if len(b.rows) == 0 {
		return nil
	}
	for rows := range slices.Chunk(b.rows, bulkValues/len(b.rows[0])) {
		var text strings.Builder
		text.WriteString("INSERT INTO " + into + " VALUES ")
		var args []any
		for i, r := range rows {
			if i > 0 {
				text.WriteString(", ")
			}
			text.WriteByte('(')
			for j, v := range r {
				if j > 0 {
					text.WriteByte(',')
				}
				args = append(args, v)
				text.WriteString("$" + strconv.Itoa(len(args)))
			}
			text.WriteByte(')')
		}
		if _, err := tx.ExecContext(ctx, text.String()+b.or, args...); err != nil {
			return err
		}
	}
	return nil
}
