package portal_test

import (
	"net/http"
	"testing"
)

// TestTheListOfOffencesIsShownBeforeAnybodySignsIn: the page of a process says
// how grave the offence must be, entry by entry, how sure we are of each, in the
// reader's language.
func TestTheListOfOffencesIsShownBeforeAnybodySignsIn(t *testing.T) {
	v := newWorld(t, false).visitor()
	says(t, v.get("/process/fr.cpp.60_1_2"), http.StatusOK, "Offences for which it is given", "finding a missing person", "1 year of imprisonment", "CPP art. 60-1-2, ground 2", "text read 2026-11-23")
	says(t, v.get("/process/eu.epoc.traffic"), http.StatusOK, "terrorist offences", "established, text not re-read")
	says(t, v.get("/process/de.stpo.100k?lang=es"), http.StatusOK, "acoso persecutorio", "Delitos para los que procede")
	if p := v.get("/process/us.order.2703d"); p.Has("Offences for which it is given") {
		t.Error("a process without a list shows one")
	}
}
