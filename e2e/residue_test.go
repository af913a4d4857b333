package e2e_test

import (
	"bytes"
	"database/sql"
	"fmt"

	"letterlock/internal/clock"
)

var clockSystem = clock.System

// noStaleCopies: in SQLite's file every occurrence of an account's id is one
// of a live row or of an index over it. What is left of removed rows would be
// one more.
func (d *day) noStaleCopies(db *sql.DB, files haystack, people []known) {
	t := d.t
	want := map[string]int{}
	for _, table := range d.e.tables(t, db) {
		copies := indexed(d, db, table)
		for _, row := range cells(t, db, table) {
			for i, cell := range row {
				for _, p := range people {
					want[p.who] += bytes.Count(cell, p.forms[0]) * (1 + copies[i])
				}
			}
		}
	}
	for _, p := range people {
		got := 0
		for _, f := range files {
			got += bytes.Count(f.b, p.forms[0])
		}
		if want[p.who] == 0 {
			t.Errorf("the search is blind: no row of an account")
		}
		if got != want[p.who] {
			t.Errorf("the carrier's file holds an account id %d times, its rows and indexes account for %d", got, want[p.who])
		}
	}
}

// indexed counts, for each column, the indexes that hold a copy of it.
func indexed(d *day, db *sql.DB, table string) map[int]int {
	t := d.t
	r, err := db.Query(fmt.Sprintf(`SELECT i.cid, count(*) FROM pragma_index_list(%[1]q) l, pragma_index_info(l.name) i GROUP BY i.cid`, table))
	must(t, err)
	defer r.Close()
	out := map[int]int{}
	for r.Next() {
		var col, n int
		must(t, r.Scan(&col, &n))
		out[col] = n
	}
	must(t, r.Err())
	return out
}

// deadTuples: in PostgreSQL's table files each tuple, dead or alive, names at
// most one person; but for the block list.
func (d *day) deadTuples(db *sql.DB, half string, people []known) {
	t := d.t
	if _, err := db.Exec("CREATE EXTENSION IF NOT EXISTS pageinspect"); err != nil {
		t.Fatalf("pageinspect (a part of PostgreSQL's contrib) is needed to read dead tuples: %v", err)
	}
	tuples, dead := 0, 0
	for _, table := range d.e.tables(t, db) {
		r, err := db.Query(`SELECT i.t_data, i.t_xmax <> 0 FROM generate_series(0, pg_relation_size($1::regclass) / 8192 - 1) AS p(n),
			LATERAL heap_page_items(get_raw_page($2, p.n::int)) AS i WHERE i.t_data IS NOT NULL`, table, table)
		must(t, err)
		for r.Next() {
			var data []byte
			var gone bool
			must(t, r.Scan(&data, &gone))
			tuples++
			if gone {
				dead++
			}
			if who := in(data, people); len(who) > 1 && table != "blocks" {
				t.Errorf("a tuple of %s in the %s's table files names %d people", table, half, len(who))
			}
		}
		must(t, r.Err())
		r.Close()
	}
	t.Logf("%s: %d tuples in the table files, %d of them dead, name at most one person each", half, tuples, dead)
}
