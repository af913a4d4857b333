package casefile

import "letterlock/law"

// FindingWords names a finding as people say it, with its id behind: the id is
// what a letter cites.
func FindingWords(id law.FindingID) string {
	if row := (FindingState{ID: id}).Row(); row.Title != "" {
		return row.Title + " (" + string(id) + ")"
	}
	return string(id)
}
