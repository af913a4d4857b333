package api_test

import (
	"testing"

	"letterlock/web/api"
)

// TestAnOffenceOfTheListTravels: the entries are given with the process, one of
// them or "other" is taken and comes back, and an id that is none of them is
// told where it stands.
func TestAnOffenceOfTheListTravels(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	by := caller{w, key}
	by.send("GET", api.Base+"/processes", nil).is(200, `"id":"network"`, `"only_listed":true`, "finding a missing person")
	french := func(entry string) map[string]any {
		return map[string]any{"process": "fr.cpp.60_1_2", "reference": "P-1", "offence": map[string]any{"text": "escroquerie", "max_penalty_years": 1, "listed": entry}}
	}
	for _, entry := range []string{"network", "other"} {
		id := by.json("POST", api.Base+"/drafts", french(entry), "Idempotency-Key", "listed-call-"+entry).is(201).text("draft")
		by.send("GET", api.Base+"/drafts/"+id, nil).is(200, `"listed":"`+entry+`"`)
	}
	by.json("POST", api.Base+"/drafts", french("piracy"), "Idempotency-Key", "listed-call-3").is(400, "/offence/listed")
}
