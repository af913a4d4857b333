package deskdb

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"path"
	"testing/fstest"

	"letterlock/desk/casefile"
	"letterlock/storage"
)

// Plans are SQLite's plans of a page of the queue, of the end of its look and
// of its count.
func (d *DB) Plans(ctx context.Context, f casefile.Filter) (out [][]string, err error) {
	q, err := d.look(ctx, f)
	if err != nil || q == nil {
		return nil, err
	}
	for _, x := range []struct {
		text string
		args []any
	}{{q.page(limit(f.Limit) + 1), q.args}, {q.last(), q.args[:q.inner]}, {q.count(casefile.MaxCount), q.args}} {
		steps, err := storage.Query(ctx, d.SQL, func(r *sql.Rows) (s string, err error) {
			var id, parent, unused int
			return s, r.Scan(&id, &parent, &unused, &s)
		}, "EXPLAIN QUERY PLAN "+x.text, x.args...)
		if err != nil {
			return nil, err
		}
		out = append(out, steps)
	}
	return out, nil
}

// MigrationsTo are the migrations up to a number.
func MigrationsTo(last int) fs.FS {
	out := fstest.MapFS{}
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		if b, err := files.ReadFile(name); err == nil && path.Base(name) < fmt.Sprintf("%05d_~", last) {
			out[path.Base(name)] = &fstest.MapFile{Data: b}
		}
	}
	return out
}
