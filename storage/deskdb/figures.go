package deskdb

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/storage"
)

// putTallies adds a change's tallies to the sums, in its transaction.
func putTallies(ctx context.Context, tx *sql.Tx, all []casefile.Tally) error {
	var sums bulk
	for _, t := range casefile.JoinTallies(all) {
		sums.add(string(t.Measure), t.Period, t.Key, string(t.Process), string(t.Country), t.N)
	}
	sums.or = " ON CONFLICT (measure, period, key, process, country) DO UPDATE SET n = figures.n + excluded.n"
	if err := sums.write(ctx, tx, "figures (measure, period, key, process, country, n)"); err != nil {
		return fmt.Errorf("store figures: %w", err)
	}
	return nil
}

// asked is a query's conditions and their arguments.
type asked struct {
	where []string
	args  []any
}

func (a *asked) arg(v any) string {
	a.args = append(a.args, v)
	return "$" + strconv.Itoa(len(a.args))
}

func (a *asked) and(column string, v string) {
	if v != "" {
		a.where = append(a.where, column+" = "+a.arg(v))
	}
}

func (a *asked) text() string { return strings.Join(a.where, " AND ") }

// periods cuts a span into whole years and the months that remain.
func periods(from, until string) []string {
	var out []string
	for y := from[:4]; y <= until[:4]; y = next(y) {
		first, last := max(from, y+"-01"), min(until, y+"-12")
		if first == y+"-01" && last == y+"-12" {
			out = append(out, y)
			continue
		}
		for m := first; m <= last; {
			out = append(out, m)
			n, _ := strconv.Atoi(m[5:])
			m = fmt.Sprintf("%s-%02d", y, n+1)
		}
	}
	return out
}

func next(year string) string {
	n, _ := strconv.Atoi(year)
	return fmt.Sprintf("%04d", n+1)
}

// since is the first month that anything may be counted in.
func (d *DB) since(ctx context.Context, from string) (string, error) {
	var first sql.NullString
	err := d.SQL.QueryRowContext(ctx, `SELECT MIN(period) FROM figures WHERE measure = $1`, string(casefile.MFiled)).Scan(&first)
	if err != nil || !first.Valid {
		return "", err
	}
	return max(from, first.String[:4]+"-01"), nil
}

// Sums adds up a measure by its keys.
func (d *DB) Sums(ctx context.Context, q casefile.Span, m casefile.Measure) (map[string]int, error) {
	a := &asked{}
	a.where = append(a.where, "measure = "+a.arg(string(m)))
	if m == casefile.MOpen {
		a.where = append(a.where, "period = ''")
	} else {
		from, err := d.since(ctx, q.From)
		if err != nil {
			return nil, fmt.Errorf("read figures: %w", err)
		}
		if from == "" || from > q.Until {
			return map[string]int{}, nil
		}
		var in []string
		for _, p := range periods(from, q.Until) {
			in = append(in, a.arg(p))
		}
		a.where = append(a.where, "period IN ("+strings.Join(in, ", ")+")")
	}
	a.and("process", string(q.Process))
	a.and("country", string(q.Country))
	return d.sums(ctx, `SELECT key, CAST(SUM(n) AS BIGINT) FROM figures WHERE `+a.text()+` GROUP BY key`, a.args)
}

// Months adds up a measure by month.
func (d *DB) Months(ctx context.Context, q casefile.Span, m casefile.Measure) (map[string]int, error) {
	a := &asked{}
	a.where = append(a.where, "measure = "+a.arg(string(m)), "length(period) = 7")
	a.where = append(a.where, "period >= "+a.arg(q.From), "period <= "+a.arg(q.Until))
	a.and("process", string(q.Process))
	a.and("country", string(q.Country))
	return d.sums(ctx, `SELECT period, CAST(SUM(n) AS BIGINT) FROM figures WHERE `+a.text()+` GROUP BY period`, a.args)
}

func (d *DB) sums(ctx context.Context, text string, args []any) (map[string]int, error) {
	type pair struct {
		key string
		n   int
	}
	all, err := storage.Query(ctx, d.SQL, func(r *sql.Rows) (p pair, err error) { return p, r.Scan(&p.key, &p.n) }, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read figures: %w", err)
	}
	out := make(map[string]int, len(all))
	for _, p := range all {
		if p.n != 0 {
			out[p.key] = p.n
		}
	}
	return out, nil
}

// Late counts open cases past their day, by lane. Exercises are no requests.
func (d *DB) Late(ctx context.Context, q casefile.Span, now time.Time) (map[casefile.Lane]int, error) {
	a := &asked{}
	a.where = append(a.where, "is_open = 1", "due < "+a.arg(now.UnixMicro()), "number NOT IN (SELECT number FROM exercises)")
	for _, x := range [][2]string{{"process", string(q.Process)}, {"country", string(q.Country)}} {
		if x[1] != "" {
			a.where = append(a.where, x[0]+" = (SELECT code FROM words WHERE word = "+a.arg(x[1])+")")
		}
	}
	all, err := d.sums(ctx, `SELECT w.word, late.n FROM (SELECT lane, COUNT(*) AS n FROM cases WHERE `+a.text()+` GROUP BY lane) AS late JOIN words AS w ON w.code = late.lane`, a.args)
	out := map[casefile.Lane]int{}
	for k, n := range all {
		out[casefile.Lane(k)] = n
	}
	return out, err
}
