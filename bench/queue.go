package bench

// queueMark is the 99th percentile of a look at the queue, in ms.
const queueMark = 100

// queueRows are the desk's queue: every filter, order and random page, the
// search, the counts and an opened case, beside the same list by a full scan.
func (r *Results) queueRows() (all []row) {
	for _, engine := range []struct{ name, on string }{{"sqlite", "SQLite"}, {"postgres", "PostgreSQL"}} {
		scan, _ := r.part("Queue/" + engine.name + "/scan")
		for _, x := range [][2]string{{"list=due", "list by time left"}, {"list=newest", "list, newest first"}, {"list=oldest", "list, oldest first"}, {"search", "search"}, {"count", "counts"}, {"open", "open a case"}} {
			p, ok := r.part("Queue/" + engine.name + "/" + x[0])
			if !ok {
				continue
			}
			work := "queue of 1,000,000 cases, " + x[1]
			if r.Options.Quick {
				work = "queue, " + x[1]
			}
			w := row{work: work + ": p99 (floor column: a full scan)", on: engine.on, figure: p.P99, unit: "ms", mark: queueMark, most: true}
			if x[0][:4] == "list" {
				w.floor = scan.P99
			}
			all = append(all, row{work: work + ": p50", on: engine.on, figure: p.P50, unit: "ms"}, w)
		}
	}
	return all
}
