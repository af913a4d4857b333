package portal_test

import (
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/law"
)

// tracing is a case whose trace of one account runs for ten days.
func (w *world) tracing(n casefile.Number) (until time.Time) {
	w.t.Helper()
	c, err := w.files.Load(w.t.Context(), n)
	must(w.t, err)
	d, now, item := c.Demand, w.clock.Now(), casefile.Item(law.DRAS)
	until = now.AddDate(0, 0, 10)
	d.Process, d.Wanted, d.Targets, d.Until = "us.order.pentrap", []casefile.Item{item}, d.Targets[:1], until
	w.act(n, casefile.Event{Kind: casefile.KCorrected, Demand: &d},
		casefile.Event{Kind: casefile.KResolved, Resolved: &casefile.Resolution{Exists: true, Account: disclosable.Account{7}, At: now}},
		casefile.Event{Kind: casefile.KDecided, Decisions: []casefile.Decision{{Item: item, Verdict: casefile.Produce, Reason: "the order reaches it", By: lead, At: now}}})
	c, err = w.files.Load(w.t.Context(), n)
	must(w.t, err)
	row, _ := law.Default().Row("us.order.pentrap", now)
	_, public, err := disclosable.NewTraceKey()
	must(w.t, err)
	b, err := c.ComposeTrace(0, casefile.Ask{Row: row, Now: now, Expires: until, Plan: disclosable.NoticePlan{Timing: disclosable.ToldWithheld, Day: until.Unix(), Basis: "18 USC 3123(d)"}}, public)
	must(w.t, err)
	h := disclosable.GrantHash(b)
	w.act(n, casefile.Event{Kind: casefile.KComposed, Grants: []casefile.Composed{{Bytes: b}}}, casefile.Event{Kind: casefile.KSignedOff, Grant: &h, Signed: []string{"Ines Okafor", "Sefa Yilmaz"}},
		casefile.Event{Kind: casefile.KTracing, Grant: &h}, casefile.Event{Kind: casefile.KTraced, Grant: &h, Tap: &casefile.TapAct{Until: until}})
	return until
}

func TestTheCasePageOfARunningTraceSaysUntilWhen(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := v.file()
	if strings.Contains(string(v.get("/requests/"+string(n)).Body), "The trace runs until") {
		t.Fatal("a case without a trace says so")
	}
	until := w.tracing(n)
	if page := string(v.get("/requests/" + string(n)).Body); !strings.Contains(page, "The trace runs until") || !strings.Contains(page, until.Format("2 January 2006")) {
		t.Errorf("%s is not on the page:\n%s", until, page)
	}
	if page := string(v.get("/requests/" + string(n) + "?lang=es").Body); !strings.Contains(page, "El registro de tráfico dura hasta") {
		t.Error("not in the officer's language")
	}
	c, err := w.files.Load(t.Context(), n)
	must(t, err)
	w.act(n, casefile.Event{Kind: casefile.KTraceEnded, Grant: &c.Taps[0].Grant, Why: "its end has come", Tap: &casefile.TapAct{Ended: w.clock.Now()}})
	if strings.Contains(string(v.get("/requests/"+string(n)).Body), "The trace runs until") {
		t.Error("a trace that ended runs on, on the page")
	}
}
