package deskdb

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/storage"
)

// look is one query: the conditions that an index answers, in which the walk
// goes in order, and the rest, which each case on the way is asked. All that is
// asked stands in the index: the rows of cases, which are wide and lie apart,
// are read for those alone that are shown.
type look struct {
	f     casefile.Filter
	row   string   // how a row is found again
	from  string   // the table, and in SQLite the index
	by    []string // answered by the index
	rest  []string // asked of each
	asks  []string // the columns of the rest
	args  []any
	inner int // how many arguments the walk takes
}

// look is the query of a filter; nil: a word in it is of no case.
func (d *DB) look(ctx context.Context, f casefile.Filter) (*look, error) {
	set, known, err := d.facets(ctx, f)
	if err != nil || !known {
		return nil, err
	}
	q := &look{f: f, row: "number", from: "cases"}
	index := q.drive(set)
	if d.Engine == storage.SQLite { // its planner guesses; rowid stands in every index and saves the way by the number's
		q.row, q.from = "rowid", "cases INDEXED BY "+index
	}
	return q, nil
}

// facet is a filter by equality.
type facet struct {
	column string
	value  int64
}

// facets are those of a filter in the order in which they choose the index:
// the first leaves the fewest cases. Each index holds what may stand behind it
// (migration 10).
func (d *DB) facets(ctx context.Context, f casefile.Filter) (set []facet, known bool, err error) {
	for _, x := range []struct{ column, word string }{{"officer", string(f.Officer)}, {"assigned", string(f.Assigned)}, {"agency", string(f.Agency)}, {"counsel", ""},
		{"process", string(f.Process)}, {"country", string(f.Country)}, {"phase", string(f.Phase)}, {"lane", string(f.Lane)}} {
		switch {
		case x.column == "counsel" && f.Counsel:
			set = append(set, facet{x.column, 1})
		case x.word != "":
			n, ok, err := d.code(ctx, x.word)
			if err != nil || !ok {
				return nil, false, err
			}
			set = append(set, facet{x.column, n})
		}
	}
	if f.Unassigned {
		set = append(set, facet{"assigned", 0})
	}
	return set, true, nil
}

func (q *look) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

// drive divides the filter into what the index answers, whose name it returns,
// and the rest.
func (q *look) drive(set []facet) (index string) {
	isOpen := q.f.OnlyOpen() || q.f.Phase != "" && open(q.f.Phase)
	index = "cases_all"
	switch officer := len(set) > 0 && set[0].column == "officer"; {
	case isOpen && officer: // theirs has an index of all alone
		q.ask("is_open", "is_open = 1")
	case isOpen:
		index = "cases_open"
		q.by = append(q.by, "is_open = 1") // written out: a partial index is chosen by its text
	}
	// The first facet with an index: of all cases none goes by phase.
	if i := slices.IndexFunc(set, func(x facet) bool { return isOpen || x.column != "phase" }); i >= 0 {
		index += "_" + set[i].column
		q.by = append(q.by, q.equals(set[i]))
		set = slices.Delete(set, i, i+1)
	}
	overdue := !q.f.Overdue.IsZero()
	if overdue && q.f.Sort == casefile.ByDue {
		q.by = append(q.by, "due < "+q.arg(q.f.Overdue.UnixMicro()))
	}
	q.afterPlace()
	q.inner = len(q.args)
	if overdue && q.f.Sort != casefile.ByDue {
		q.ask("due", "due < "+q.arg(q.f.Overdue.UnixMicro()))
	}
	for _, x := range set {
		q.ask(x.column, q.equals(x))
	}
	return index + "_" + q.column()
}

func (q *look) ask(column, what string) {
	q.rest, q.asks = append(q.rest, what), append(q.asks, column)
}

func (q *look) equals(x facet) string {
	if x.column == "counsel" {
		return "counsel = 1" // as in its partial index
	}
	return x.column + " = " + q.arg(x.value)
}

func (q *look) afterPlace() {
	a := q.f.After
	if a.Number == "" {
		return
	}
	at, sign := a.Filed.UnixMicro(), ">"
	switch q.f.Sort {
	case casefile.ByDue:
		at = orNever(a.Due)
	case casefile.ByNewest:
		sign = "<"
	}
	q.by = append(q.by, fmt.Sprintf("(%s, number) %s (%s, %s)", q.column(), sign, q.arg(at), q.arg(string(a.Number))))
}

func (q *look) column() string {
	if q.f.Sort == casefile.ByDue {
		return "due"
	}
	return "filed"
}

// order is the order of the list, by what its columns are called.
func (q *look) order(at, number string) string {
	down := ""
	if q.f.Sort == casefile.ByNewest {
		down = " DESC"
	}
	return " ORDER BY " + at + down + ", " + number + down
}

func where(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(all, " AND ")
}

// walk reads the index in order.
func (q *look) walk(columns ...string) string {
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + q.from + where(q.by) + q.order(q.column(), "number")
}

// found are the cases that fit, n at most.
func (q *look) found(n int) string {
	columns := []string{q.row + " AS id", q.column() + " AS at", "number AS nr"}
	if len(q.rest) == 0 {
		return fmt.Sprintf("%s LIMIT %d", q.walk(columns...), n)
	}
	return fmt.Sprintf("SELECT id, at, nr FROM (%s LIMIT %d) AS looked%s%s LIMIT %d", q.walk(append(columns, q.asks...)...), Look, where(q.rest), q.order("at", "nr"), n)
}

// page reads the rows of what was found; a cross join keeps SQLite to this order.
func (q *look) page(n int) string {
	return fmt.Sprintf("SELECT c.head FROM (%s) AS found CROSS JOIN cases AS c WHERE c.%s = found.id%s", q.found(n), q.row, q.order("found.at", "found.nr"))
}

// last is the last case of a look that has more behind it.
func (q *look) last() string {
	return fmt.Sprintf("%s LIMIT 1 OFFSET %d", q.walk(q.column(), "number"), Look-1)
}

func (q *look) count(most int) string {
	return "SELECT COUNT(*) FROM (" + q.found(most) + ") AS counted"
}
