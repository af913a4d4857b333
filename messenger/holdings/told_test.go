package holdings_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// telling is a signed notice of a trace.
func (w *traces) telling(of d.Hash, change ...func(*d.Grant)) d.Hash {
	w.t.Helper()
	trace, err := d.ParseGrant(w.sheet(of))
	if err != nil {
		w.t.Fatal(err)
	}
	h := w.propose(w.order(append([]func(*d.Grant){func(g *d.Grant) {
		g.Kind, g.Tap, g.Traced, g.From, g.Until = d.Notify, nil, &of, trace.From, trace.Until
		g.Notice = d.NoticePlan{Timing: d.ToldAfter, Day: w.clock.Now().Unix(), Basis: "the order of secrecy has ended", Asker: true}
	}}, change...)...))
	w.sign(h, pair(false)...)
	return h
}

func (w *traces) sheet(h d.Hash) []byte {
	w.t.Helper()
	p, err := w.Paper(w.t.Context(), h)
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Grant
}

func (w *traces) stays(h d.Hash, why string) {
	w.t.Helper()
	if _, err := w.Tell(w.t.Context(), h); !fault.Is(err, fault.Forbidden) || len(w.post.notices)+len(w.post.mails) > 0 {
		w.t.Fatalf("%s: %v, %d notices", why, err, len(w.post.notices))
	}
}

func TestThePersonOfATraceIsToldWhatWasRecordedOnceItHasEnded(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := tracing(t, c)
		of := w.started()
		h := w.telling(of)
		w.says(w.alice, w.bob)
		w.stays(h, "while the trace runs")
		w.clock.Advance(3 * time.Hour)
		if err := w.tracer.Stop(t.Context(), of, "stopped by the desk"); err != nil {
			t.Fatal(err)
		}
		if told, err := w.Tell(t.Context(), h); err != nil || told.Queued != 1 || !told.Mailed {
			t.Fatalf("%+v %v", told, err)
		}
		n, err := wire.OpenNotice(w.post.notices[0], w.notice)
		if err != nil || !slices.Equal(n.Fields, d.Recorded) || n.From != start.Unix() || n.Until != start.Add(3*time.Hour).Unix() || n.Asker != "Harbor County Sheriff" || n.Before {
			t.Fatalf("%+v %v", n, err)
		}
		for _, s := range []string{"Harbor County Sheriff", "18 USC 312", d.Minute(n.From), d.Minute(n.Until), d.Recorded[0], d.Recorded[2], "Nothing of what you wrote or said"} {
			if !strings.Contains(n.Text, s) {
				t.Errorf("not said: %s in\n%s", s, n.Text)
			}
		}
		if strings.Contains(n.Text, d.Account(w.bob).String()) {
			t.Error("the notice names a counterparty")
		}
		if _, err := w.Tell(t.Context(), h); !fault.Is(err, fault.Conflict) || len(w.post.notices) != 1 {
			t.Errorf("told twice: %v", err)
		}
	})
}

func TestTheMailAboutATraceSaysNothingOfIt(t *testing.T) {
	w := tracing(t, storagetest.SQLite(t))
	of := w.started()
	h := w.telling(of)
	if err := w.tracer.Stop(t.Context(), of, "stopped by the desk"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Tell(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	mail := strings.Join(w.post.mails, "\n")
	if len(w.post.mails) != 1 || !strings.Contains(mail, "Open the app") {
		t.Fatalf("%q", w.post.mails)
	}
	for _, s := range []string{"Harbor", "LL-2026", "pen register", "trace", "order", "recorded", "USC", "IP", alicePhone, d.Account(w.alice).String(), w.sheetCase(h)} {
		if strings.Contains(strings.ToLower(mail), strings.ToLower(s)) {
			t.Errorf("the mail says %q:\n%s", s, mail)
		}
	}
}

func (w *traces) sheetCase(h d.Hash) string {
	g, err := d.ParseGrant(w.sheet(h))
	if err != nil {
		w.t.Fatal(err)
	}
	return g.Case
}

func TestANoticeOfATraceThatIsNotThatTraceGoesToNobody(t *testing.T) {
	for name, of := range map[string]func(w *traces) d.Hash{
		"never started": func(w *traces) d.Hash { return w.telling(w.propose(w.order())) },
		"of another case": func(w *traces) d.Hash {
			return w.telling(w.ended(), func(g *d.Grant) { g.Case = "LL-2026-000099" })
		},
		"of another account": func(w *traces) d.Hash {
			return w.telling(w.ended(), func(g *d.Grant) { g.Account = d.Account(w.bob) })
		},
		"of other days": func(w *traces) d.Hash { return w.telling(w.ended(), func(g *d.Grant) { g.Until -= 3600 }) },
		"of no trace":   func(w *traces) d.Hash { return w.telling(w.ended(), func(g *d.Grant) { g.Traced = &d.Hash{7} }) },
	} {
		t.Run(name, func(t *testing.T) {
			w := tracing(t, storagetest.SQLite(t))
			w.stays(of(w), name)
		})
	}
}

// ended is a trace that ran and was stopped.
func (w *traces) ended() d.Hash {
	w.t.Helper()
	h := w.started()
	if err := w.tracer.Stop(w.t.Context(), h, "stopped by the desk"); err != nil {
		w.t.Fatal(err)
	}
	return h
}

// law: 18 USC 3125
func TestAnEmergencyTraceLapsesAfterFortyEightHoursUnlessTheOrderComes(t *testing.T) {
	w := tracing(t, storagetest.SQLite(t))
	urgent := w.started(func(g *d.Grant) { g.Process, g.Until = "us.order.pentrap.emerg", g.From+48*3600 })
	w.clock.Advance(48*time.Hour - time.Minute)
	w.says(w.alice, w.bob)
	if got := w.collect(urgent, 0); len(got.Events) != 1 || !got.Traced.Stopped.IsZero() {
		t.Fatalf("within 48 hours: %+v", got)
	}
	order := w.started() // the order arrived for the same account: a trace of its own
	w.clock.Advance(2 * time.Minute)
	w.says(w.alice, w.bob)
	if got := w.collect(urgent, 1); len(got.Events) != 0 || got.Traced.Stopped.IsZero() {
		t.Errorf("the emergency runs on after 48 hours: %+v", got)
	}
	if got := w.collect(order, 0); len(got.Events) != 1 || !got.Traced.Stopped.IsZero() {
		t.Errorf("the order's own trace: %+v", got)
	}
	if k := kinds(t, w.public); k["trace.stopped"] != 1 {
		t.Errorf("its end is not in the ledger: %v", k)
	}
}
