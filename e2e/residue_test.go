package e2e_test

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"path/filepath"
	"slices"
	"testing"

	"letterlock/internal/clock"
)

var clockSystem = clock.System

// goneIsGone: whoever deleted their account at noon is nowhere at night, by no
// name: not in tables, not in what tables held before, not in a log. The
// outbox stands for the telephone network and is not the house's.
func (d *day) goneIsGone(h haystack) {
	gone, here := newNeedles(), newNeedles()
	gone.binary("the id of a deleted account", d.eve.Account[:])
	gone.text("the id of a deleted account in letters", d.eve.Account.String())
	gone.text("the number of a deleted account", d.eve.Phone)
	gone.text("the name of a deleted account", "Eve Nightingale-Marker")
	none(d.t, "who deleted the account is gone", h.without("/sms/").search(gone))
	ana := readSelf(d.t, d.people[0].Dir)
	here.binary("an account that is still there", ana.Account[:])
	some(d.t, "an account that is still there", h.search(here))
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
		r, err := db.Query(`SELECT i.t_data, i.t_xmax::text <> '0' FROM generate_series(0, pg_relation_size($1::text::regclass) / 8192 - 1) AS p(n),
			LATERAL heap_page_items(get_raw_page($1::text, p.n::int)) AS i WHERE i.t_data IS NOT NULL`, table)
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

// The resource managers of PostgreSQL's log whose records are about tuples,
// and the size of what begins a page, a segment and a record.
const (
	logHeap, logHeap2 = 10, 9
	logPage           = 8192
	logPageHead       = 24
	logSegmentHead    = 40
	logRecordHead     = 24
)

// logRecords takes PostgreSQL's write-ahead log apart: each record that
// inserts, updates or deletes a tuple.
func logRecords(t testing.TB, h haystack) (records [][]byte) {
	t.Helper()
	segments := h.only("/pg_wal/0")
	slices.SortFunc(segments, func(a, b part) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
	for _, s := range segments {
		records = append(records, segmentRecords(s.b[bytes.IndexByte(s.b, '\n')+1:])...)
	}
	return records
}

// segmentRecords reads one segment; a record that goes on in the next one is
// given as far as it goes.
func segmentRecords(b []byte) (out [][]byte) {
	var body []byte
	for at := 0; at+logPage <= len(b); at += logPage {
		head := logPageHead
		if at == 0 {
			head = logSegmentHead
			if rest := binary.LittleEndian.Uint32(b[16:]); rest > 0 { // of a record that began in the segment before
				defer func(n int) { out = append(out, body[:min(n, len(body))]) }(int(rest))
			}
		}
		if binary.LittleEndian.Uint16(b[at:]) == 0 {
			break // not written yet
		}
		body = append(body, b[at+head:at+logPage]...)
	}
	at := 0
	if len(b) >= logPage {
		at = (int(binary.LittleEndian.Uint32(b[16:])) + 7) &^ 7
	}
	for at+logRecordHead <= len(body) {
		size := int(binary.LittleEndian.Uint32(body[at:]))
		if size < logRecordHead {
			break
		}
		if kind := body[at+17]; kind == logHeap || kind == logHeap2 {
			out = append(out, body[at:min(at+size, len(body))])
		}
		at = (at + size + 7) &^ 7
	}
	return out
}

// noPairsInLog: no record of the log about a tuple names two people, but for
// the one of the block list. Images of whole pages are switched off for this
// test, so that a record is about what it is about.
func (d *day) noPairsInLog(h haystack, people []known) {
	t := d.t
	records := logRecords(t, h)
	one, two := 0, 0
	for _, r := range records {
		switch len(in(r, people)) {
		case 0:
		case 1:
			one++
		default:
			two++
		}
	}
	if two > 1 {
		t.Errorf("%d records of the write-ahead log name two people; the day had one block", two)
	}
	if one == 0 {
		t.Errorf("the search is blind: no record names anybody, of %d in %s", len(records), filepath.Join(d.e.cluster.Dir, "pg_wal"))
	}
	t.Logf("write-ahead log: %d records about tuples, %d name one person, %d (the block) two", len(records), one, two)
}
