package api_test

import (
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/web/api"
)

// TestASystemNamesWhoSignsAnEmergencyToo: a system finds the supervisors of its
// officer's agency and no others, names one, and the officer who sends the draft
// in the portal has that choice in it.
func TestASystemNamesWhoSignsAnEmergencyToo(t *testing.T) {
	w := newWorld(t)
	boss, far := w.officer("Lena Moreau", "moreau@sheriff.harbor.example"), w.officer("Finn Far", "far@police.bay.example")
	w.ok(w.desk.Agencies.SetRole(w.ctx, w.lead.Actor(), boss.ID, casefile.Supervisor, "their office"))
	w.ok(w.desk.Agencies.SetRole(w.ctx, w.lead.Actor(), far.ID, casefile.Supervisor, "their office"))
	w.clock.Advance(5 * time.Minute)
	_, key := w.system(w.reyes)
	by := caller{w, key}
	got := by.send("GET", api.Base+"/supervisors", nil).is(200, string(boss.ID), "Lena Moreau")
	for _, other := range []string{string(far.ID), "Finn Far", string(w.reyes.ID)} {
		if contains(got, other) {
			t.Errorf("%s is offered as one who signs", other)
		}
	}
	urgent := map[string]any{"process": "us.emergency", "reference": "HC-26-E1", "wanted": []any{"last_ip"}, "targets": []any{map[string]any{"kind": "phone", "identifier": "+12025550142"}},
		"emergency": map[string]any{"nature": "kidnapping", "harm": "death", "co_signer": string(boss.ID), "legal_process_follows": true}}
	id := by.json("POST", api.Base+"/drafts", urgent, "Idempotency-Key", "an-emergency").is(201).text("draft")
	by.send("GET", api.Base+"/drafts/"+id, nil).is(200, `"co_signer":"`+string(boss.ID)+`"`)
	d := ok(w.desk.Intake.Draft(w.ctx, w.reyes.Actor(), casefile.DraftID(id)))(w)
	if d.Demand.Emergency.CoSigner != boss.ID {
		t.Fatalf("the draft names %q", d.Demand.Emergency.CoSigner)
	}
	urgent["emergency"].(map[string]any)["co_signer"] = string(far.ID)
	by.json("PUT", api.Base+"/drafts/"+id, urgent).is(200)
	if _, err := w.desk.Intake.File(w.ctx, w.reyes.Actor(), casefile.DraftID(id)); err == nil {
		t.Error("an emergency waits for another agency's supervisor")
	}
}

func contains(a answer, s string) bool { return strings.Contains(a.Body.String(), s) }
