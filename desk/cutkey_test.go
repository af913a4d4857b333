package desk_test

import (
	"net/netip"
	"testing"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

func TestAnAPIKeyDiesWithTheCut(t *testing.T) {
	w := newWorld(t)
	_, key, err := w.desk.Agencies.AddSystem(w.ctx, w.lead.Actor(), agency.Enlisting{Why: "the agency asked for it", Name: "Records system", Officer: w.reyes.ID, Life: 30 * 24 * time.Hour})
	w.ok(err)
	peer := netip.MustParseAddr("192.0.2.1")
	if _, _, err := w.desk.Agencies.BySecret(w.ctx, key, peer); err != nil {
		t.Fatalf("the control: the key opens nothing: %v", err)
	}
	must(w.desk.Cut(w.ctx, w.analyst.ID, casefile.CutDomain, "sheriff.harbor.example", "taken over"))(t)
	_, _, err = w.desk.Agencies.BySecret(w.ctx, key, peer)
	w.refused(err, fault.Unauthenticated, "an API key of a cut domain")
}
