package law

import "time"

// Outlast is how long a row can still be acted on after its last day: what
// came before the law changed is judged, and answered, by the law of its day.
// It bounds what a demand with a false date could gain.
const Outlast = 180 * 24 * time.Hour

// Usable reports whether the row can be acted on: it is law on the day, or was
// until at most Outlast before.
func (r Row) Usable(on time.Time) bool {
	return r.InForce(on) || r.Ended(on) && on.Sub(r.ValidTo.Time()) <= Outlast
}

// Ended reports whether the row's last day is over.
func (r Row) Ended(on time.Time) bool {
	return r.ValidTo != "" && string(r.ValidTo) < on.UTC().Format(time.DateOnly)
}

// LastRow is the row of a process in force on the day, or else the one that
// ended last, if it can still be acted on.
func (t *Table) LastRow(id ProcessID, on time.Time) (Row, bool) {
	var last Row
	found := false
	for _, r := range t.rows {
		switch {
		case r.ID != id || !r.Usable(on):
		case r.InForce(on):
			return r.clone(), true
		case !found || r.ValidTo > last.ValidTo:
			last, found = r, true
		}
	}
	return last.clone(), found
}
