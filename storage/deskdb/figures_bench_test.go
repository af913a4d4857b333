package deskdb_test

import (
	"context"
	"time"

	"letterlock/desk/casefile"
	"letterlock/law"
	"letterlock/storage/deskdb"
)

// added are the tallies that a case of the crowd leaves.
func (c *crowd) added(h casefile.Head) []casefile.Tally {
	var out []casefile.Tally
	add := func(m casefile.Measure, key string) {
		for _, p := range []string{casefile.Month(h.Filed), casefile.Month(h.Filed)[:4]} {
			out = append(out, casefile.Tally{Measure: m, Period: p, Key: key, Process: h.Process, Country: h.Country, N: 1})
		}
	}
	add(casefile.MFiled, "")
	add(casefile.MTaken, casefile.MinutesKey(time.Duration(c.r.IntN(3*24*60))*time.Minute))
	found := []law.FindingID{"SCOPE.TOO_BROAD", "FORM.UNSIGNED", "TGT.NOT_FOUND", "SCOPE.CONTENT_NONE", "DUP.SAME_DEMAND"}[min(c.r.IntN(5), c.r.IntN(5))]
	add(casefile.MFinding, string(found))
	add(casefile.MAgency, string(h.Agency))
	add(casefile.MOf(h.Agency), string(found))
	if !h.Phase.Over() {
		return append(out, casefile.Tally{Measure: casefile.MOpen, Key: string(h.Assigned), Process: h.Process, Country: h.Country, N: 1})
	}
	add(casefile.MAnswered, casefile.MinutesKey(time.Duration(c.r.IntN(60*24*60))*time.Minute))
	add(casefile.MOutcome, []string{"all", "part", "refused", "no data"}[c.r.IntN(4)])
	add(casefile.MDone, string(h.Assigned))
	return out
}

// figures is every sum that the lead's page asks of the store, over all years,
// the last one and one process of a country.
func (w *viewer) figures(i int) error {
	until := casefile.Month(start)
	spans := []casefile.Span{{From: "2000-01", Until: until}, {From: casefile.Month(start.AddDate(0, -11, 0)), Until: until}, {From: "2000-01", Until: until, Process: "us.order.2703d", Country: "US"}}
	return wholePage(ctx, w.db, spans[i%len(spans)])
}

// wholePage is every question of the page once.
func wholePage(ctx context.Context, db *deskdb.DB, q casefile.Span) error {
	for _, m := range []casefile.Measure{casefile.MFiled, casefile.MTaken, casefile.MAnswered, casefile.MOutcome, casefile.MNarrowed, casefile.MFinding, casefile.MAgency, casefile.MSecond, casefile.MDone, casefile.MOpen,
		casefile.MOf(agencyOf("US", 3)), casefile.MOf(agencyOf("US", 1)), casefile.MOf(agencyOf("DE", 2)), casefile.MOf(agencyOf("US", 10)), casefile.MOf(agencyOf("IN", 0)), casefile.MOf(agencyOf("BR", 0))} {
		if _, err := db.Sums(ctx, q, m); err != nil {
			return err
		}
	}
	for _, m := range []casefile.Measure{casefile.MFiled, casefile.MAnswered} {
		if _, err := db.Months(ctx, q, m); err != nil {
			return err
		}
	}
	_, err := db.Late(ctx, q, start)
	return err
}
