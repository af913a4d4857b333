package transparency_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"letterlock/transparency"
)

// The attacker knows every published number, and which cells (country and
// process) are empty. Each published number is a sum over cells; the attacker
// adds and subtracts up to four of them, in every way, and all numbers of all
// tables, forms and periods at once. Nothing may come out that is a sum of cells
// with one to four requests.

type cell struct{ country, process string }

// truth counts the cells of a half-year, as only the desk knows them.
func (w *world) truth(p string) map[cell]int {
	in := w.input(p)
	out := map[cell]int{}
	for _, e := range w.entries {
		if e.Kind != "case.filed" || !in.Period.Holds(e.Time) {
			continue
		}
		c := decoded(w.t, e)
		if g := processes[c.process].Group; g == transparency.Legal || g == transparency.Emergency {
			out[c]++
		}
	}
	return out
}

// equation is a published number and the cells it is the sum of.
type equation struct {
	what  string
	cells map[cell]int
	n     int
}

// equations are those of one report; what a row "other" is of, the attacker
// knows too.
func equations(r *transparency.Report, truth map[cell]int) (out []equation) {
	add := func(what string, n int, in func(cell) bool) {
		e := equation{what: what, cells: map[cell]int{}, n: n}
		for c := range truth {
			if in(c) {
				e.cells[c] = 1
			}
		}
		out = append(out, e)
	}
	rows := func(what string, table []transparency.Row, id func(cell) string) {
		shown := map[string]bool{}
		for _, row := range table {
			shown[row.ID] = true
		}
		for _, row := range table {
			add(what+" "+row.ID, row.Requests, func(c cell) bool {
				if row.ID == "other" {
					return !shown[id(c)]
				}
				return id(c) == row.ID
			})
		}
	}
	country, process := func(c cell) string { return c.country }, func(c cell) string { return processes[c.process].Bucket }
	add("total", r.Total.Requests, func(cell) bool { return true })
	rows("country", r.Countries, country)
	rows("process", r.Processes, process)
	rows("US", r.US, process)
	rows("DSA", r.DSA.Orders, country)
	if r.Split != nil {
		emergency := func(c cell) bool { return processes[c.process].Group == transparency.Emergency }
		add("emergencies", r.Split.Emergency.Requests, emergency)
		add("legal process", r.Split.Legal.Requests, func(c cell) bool { return !emergency(c) })
	}
	content := 0
	for _, row := range r.DSA.Content {
		content += row.Requests
	}
	if len(r.DSA.Content) > 0 {
		states := map[string]bool{}
		for _, row := range r.DSA.Orders {
			states[row.ID] = true
		}
		add("DSA content", content, func(c cell) bool { return states[c.country] })
	}
	return out
}

// attack combines up to depth equations with signs and returns what it found.
func attack(eqs []equation, truth map[cell]int, depth int) string {
	var try func(from, left int, sum map[cell]int, used []string) string
	try = func(from, left int, sum map[cell]int, used []string) string {
		if found := gives(sum, truth); found > 0 && len(used) > 0 {
			return fmt.Sprintf("%s = %d requests", strings.Join(used, " "), found)
		}
		if left == 0 {
			return ""
		}
		for i := from; i < len(eqs); i++ {
			for _, sign := range []int{1, -1} {
				if len(used) == 0 && sign < 0 {
					continue
				}
				next := map[cell]int{}
				for c, n := range sum {
					next[c] = n
				}
				for c := range eqs[i].cells {
					next[c] += sign
				}
				if found := try(i+1, left-1, next, append(used[:len(used):len(used)], fmt.Sprintf("%+d*%s", sign, eqs[i].what))); found != "" {
					return found
				}
			}
		}
		return ""
	}
	return try(0, depth, map[cell]int{}, nil)
}

// gives is the number of requests if a combination is a plain sum of cells with
// one to four of them.
func gives(sum, truth map[cell]int) int {
	n, sign := 0, 0
	for c, k := range sum {
		if k == 0 {
			continue
		}
		if sign != 0 && k != sign || k != 1 && k != -1 {
			return 0
		}
		sign = k
		n += truth[c]
	}
	if n < transparency.Small {
		return n
	}
	return 0
}

func TestArithmeticAttack(t *testing.T) {
	rounds, tables := 60, 0
	if testing.Short() {
		rounds = 15
	}
	for seed := range uint64(rounds) {
		w := random(t, seed)
		r := w.build("2026H1")
		truth := w.truth("2026H1")
		total := 0
		for _, n := range truth {
			total += n
		}
		if total < transparency.Small {
			continue
		}
		if len(r.Countries)+len(r.Processes) > 0 {
			tables++
		}
		depth := 3
		if len(truth) < 9 {
			depth = 4
		}
		if found := attack(equations(r, truth), truth, depth); found != "" {
			t.Errorf("seed %d gives away: %s\ncells %v\n%s", seed, found, truth, w.json(r))
		}
	}
	if tables < rounds/2 {
		t.Errorf("only %d of %d worlds have a table left to attack", tables, rounds)
	}
}

// The attack finds what an honest table without the rule gives away.
func TestTheAttackCanWin(t *testing.T) {
	w := newWorld(t)
	w.requests(10, "US", "us.warrant", "all")
	w.requests(3, "DE", "de.stpo", "all")
	truth := w.truth("2026H1")
	naive := []equation{{what: "total", cells: map[cell]int{{"US", "us.warrant"}: 1, {"DE", "de.stpo"}: 1}, n: 13}, {what: "US", cells: map[cell]int{{"US", "us.warrant"}: 1}, n: 10}}
	if found := attack(naive, truth, 2); found != "+1*total -1*US = 3 requests" {
		t.Errorf("the attack is blind: %q", found)
	}
}

// Two periods and the corrections between them: every number that is new in the
// second report counts cells of one period alone, or restates a row that was
// shown; the difference of the two gives nothing of the cells that never were.
func TestArithmeticAttackAcrossReports(t *testing.T) {
	for seed := range uint64(12) {
		w := random(t, seed)
		first := w.build("2026H1")
		r := rand.New(rand.NewPCG(seed, 5))
		for i := range 6 {
			w.answer(fmt.Sprintf("LL-2026-%06d", 1+r.IntN(w.next)), "all", time.Date(2026, 8, 1+i, 0, 0, 0, 0, time.UTC))
		}
		w.at = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
		w.requests(9, "US", "us.warrant", "all")
		second := w.build("2026H2", first)
		shown := map[string]bool{"total total": true}
		for _, row := range first.Countries {
			shown["countries "+row.ID] = true
		}
		for _, row := range first.Processes {
			shown["processes "+row.ID] = true
		}
		for _, c := range second.Restated {
			if !shown[c.Table+" "+c.Row] {
				t.Errorf("seed %d: %s %s is restated and never was shown", seed, c.Table, c.Row)
			}
			if c.Column == "requests" {
				t.Errorf("seed %d: a request was added to a period that is over", seed)
			}
		}
		truth := w.truth("2026H2")
		if found := attack(equations(second, truth), truth, 3); found != "" {
			t.Errorf("seed %d: %s", seed, found)
		}
	}
}

// Two worlds that differ only in sealed cases have every public byte equal while
// they stay within a band.
func TestSealedWorldsLookAlike(t *testing.T) {
	for _, structure := range []transparency.Structure{transparency.NothingPublished, transparency.SixBandsOf1000, transparency.SixBandsOf500, transparency.AllInBandsOf250, transparency.AllInBandsOf100} {
		public := func(sealed int) map[string][]byte {
			w := random(t, 3)
			for i := range sealed {
				w.seal([]string{"us.nsl", "us.fisa"}[i%2], time.Date(2025+i%2, time.Month(1+i%12), 1, 0, 0, 0, 0, time.UTC), 1)
			}
			in := w.input("2026H2")
			in.Structure = structure
			r, err := transparency.Build(in)
			must(t, err)
			files, err := r.Files()
			must(t, err)
			return files
		}
		none, many := public(0), public(99)
		for name := range none {
			if string(none[name]) != string(many[name]) {
				t.Errorf("%q: %s tells of sealed cases", structure, name)
			}
		}
	}
}
