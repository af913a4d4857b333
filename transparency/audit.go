package transparency

import (
	"math/bits"
	"slices"
	"sort"
)

// What is published is a set of sums over cells: requests of one country under
// one process. The audit asks whether a sum over fewer requests than Small can
// be computed from the published ones. It grants whoever computes the knowledge
// of which cells are empty.

// cells are the cells that are not empty.
type cells struct {
	country, process []string
	n                []int
}

func cellsOf(all []facts, country, process func(facts) string) cells {
	count := map[[2]string]int{}
	for _, f := range all {
		count[[2]string{country(f), process(f)}]++
	}
	keys := make([][2]string, 0, len(count))
	for k := range count {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i][0]+"\x00"+keys[i][1] < keys[j][0]+"\x00"+keys[j][1] })
	var c cells
	for _, k := range keys {
		c.country, c.process, c.n = append(c.country, k[0]), append(c.process, k[1]), append(c.n, count[k])
	}
	return c
}

// set is a sum: which cells it is over.
type set []bool

func (c cells) set(in func(country, process string) bool) set {
	s := make(set, len(c.n))
	for i := range s {
		s[i] = in(c.country[i], c.process[i])
	}
	return s
}

// maxRank bounds the enumeration; a space of more dimensions counts as a leak.
const maxRank = 16

// leaks reports whether some sum of cells with fewer requests than Small in all
// can be computed from the published ones by adding and subtracting multiples of
// them. Such a sum can only be over cells that are small themselves. So: write
// the published sums with the large cells first and bring them to reduced row
// echelon form; the rows without a large cell span all that can be computed of
// small cells alone, and each sum of whole cells among it is the sum of some of
// those rows.
func (c cells) leaks(published []set) bool {
	order := c.largeFirst()
	large := slices.IndexFunc(order, func(i int) bool { return c.n[i] < Small })
	if large < 0 {
		return false
	}
	var alone [][]uint64
	for _, row := range echelon(published, order) {
		if !slices.ContainsFunc(row[:large], func(x uint64) bool { return x != 0 }) {
			alone = append(alone, row[large:])
		}
	}
	return len(alone) > maxRank || c.small(alone, order[large:], make([]uint64, len(order)-large))
}

func (c cells) largeFirst() []int {
	order := make([]int, len(c.n))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return c.n[order[i]] >= Small && c.n[order[j]] < Small })
	return order
}

// small looks for a sum of rows that is a sum of whole cells with one to Small-1
// requests.
func (c cells) small(rows [][]uint64, order []int, sum []uint64) bool {
	if len(rows) > 0 {
		with := slices.Clone(sum)
		for i := range with {
			with[i] = (with[i] + rows[0][i]) % prime
		}
		return c.small(rows[1:], order, sum) || c.small(rows[1:], order, with)
	}
	n := 0
	for i, x := range sum {
		if x > 1 {
			return false
		}
		n += int(x) * c.n[order[i]]
	}
	return n > 0 && n < Small
}

// prime is so large that counting modulo it tells the same as fractions.
const prime = 1<<61 - 1

// echelon is the reduced row echelon form of the sums, columns in this order.
func echelon(sets []set, order []int) (rows [][]uint64) {
	for _, s := range sets {
		v := make([]uint64, len(order))
		for i, cell := range order {
			if s[cell] {
				v[i] = 1
			}
		}
		for _, row := range rows {
			eliminate(v, row)
		}
		i := pivot(v)
		if i < 0 {
			continue
		}
		inverse := power(v[i], prime-2)
		for j := range v {
			v[j] = times(v[j], inverse)
		}
		for _, row := range rows {
			eliminate(row, v)
		}
		rows = append(rows, v)
	}
	return rows
}

func pivot(v []uint64) int { return slices.IndexFunc(v, func(x uint64) bool { return x != 0 }) }

// eliminate takes out of v the multiple of by that clears by's pivot.
func eliminate(v, by []uint64) {
	f := v[pivot(by)]
	if f == 0 {
		return
	}
	for i := range v {
		v[i] = (v[i] + prime - times(f, by[i])) % prime
	}
}

func times(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	_, rest := bits.Div64(hi, lo, prime)
	return rest
}

func power(a, n uint64) uint64 {
	out := uint64(1)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			out = times(out, a)
		}
		a = times(a, a)
	}
	return out
}
