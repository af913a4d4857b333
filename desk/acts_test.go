package desk_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/testkit/measure"
	"letterlock/ledger"
)

var actsFlag = flag.Int("desk.acts", 20_000, "records of the ledger that BenchmarkActs looks through")

// BenchmarkActs measures the auditor's page: the newest acts, some years back,
// of one kind, of a rare one and of some days; warm, and with nothing of the
// ledger in the system's memory.
func BenchmarkActs(b *testing.B) {
	w := newWorld(b)
	l, dir := w.manyActs(*actsFlag)
	w.conf.Ledger = l
	d := desk.New(w.conf)
	auditor := w.auditor(d)
	last := l.Last()
	looks := []desk.AuditFilter{{}, {Before: last / 3}, {Kind: "case.decided"}, {Kind: "member.left"}, {Kind: "case.", Before: last / 2},
		{Until: start.Add(time.Duration(last/40_000) * time.Minute / 2)}, {From: start, Until: start.Add(3 * time.Minute), Kind: "paper"}}
	one := func(i int) error {
		_, _, err := d.Audit(w.ctx, auditor.ID, looks[i%len(looks)])
		return err
	}
	b.Run("warm", func(b *testing.B) { measure.Looks{}.Run(b, one) })
	b.Run("cold", func(b *testing.B) {
		measure.Looks{Before: func(int) { w.ok(measure.Forget(filepath.Join(dir, "journal"))) }}.Run(b, one)
	})
}

func (w *world) auditor(d *desk.Desk) staff.Member {
	w.Helper()
	must(d.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: "Vera Lund", Mailbox: "vera@letterlock.example", Roles: []staff.Role{staff.Auditor}}))(w)
	return must(d.Staff.RegisterKey(w.ctx, w.mail.token(w, "vera@letterlock.example"), "", w.key()))(w)
}

// TestTheAuditorSeesEachActOnce: page by page to the first act, none twice and
// none left out, also where a page ends because it looked far enough.
func TestTheAuditorSeesEachActOnce(t *testing.T) {
	const acts = 6_200
	w := newWorld(t)
	l, _ := w.manyActs(acts)
	w.conf.Ledger = l
	d := desk.New(w.conf)
	auditor := w.auditor(d)
	last := l.Last()
	for kind, pages := range map[string]int{"": int(last+49) / 50, "member.left": 2} {
		var seen []uint64
		f := desk.AuditFilter{Kind: kind}
		turned := 0
		for f.Before = last + 1; f.Before > 0; turned++ {
			page, next, err := d.Audit(w.ctx, auditor.ID, f)
			w.ok(err)
			for _, a := range page {
				seen = append(seen, a.Seq)
			}
			f.Before = next
		}
		var want []uint64
		for o, err := range l.Openings(1, last) {
			w.ok(err)
			if kind == "" || o.Entry.Kind == kind {
				want = append([]uint64{o.Seq}, want...)
			}
		}
		if len(want) == 0 || !slices.Equal(seen, want) || turned != pages {
			t.Errorf("%q: %d acts on %d pages, want %d on %d", kind, len(seen), turned, len(want), pages)
		}
	}
}

// manyActs is a ledger of n records, 40,000 a minute, and its folder.
func (w *world) manyActs(n int) (*ledger.Ledger, string) {
	w.Helper()
	dir := filepath.Join(w.dir, "many")
	w.ok(ledger.Create(dir, ledger.Settings{Origin: "example.org/many", Interval: time.Minute, Batch: 1 << 16, Backlog: 1}, w.clock, nil))
	l, err := ledger.Open(dir, ledger.Options{Clock: w.clock})
	w.ok(err)
	w.Cleanup(func() { l.Close() })
	kinds := []string{"case.filed", "case.assigned", "case.decided", "case.note", "paper.viewed", "case.released"}
	for done := 0; done < n; done += 40_000 {
		var left atomic.Int64
		left.Store(int64(min(40_000, n-done)))
		var wg sync.WaitGroup
		for range 256 {
			wg.Go(func() {
				for i := left.Add(-1); i >= 0; i = left.Add(-1) {
					kind := kinds[i%int64(len(kinds))]
					if i%20_000 == 0 {
						kind = "member.left"
					}
					if _, err := l.Append(w.ctx, ledger.Record{Kind: kind, Case: string(casefile.Ordinary(2026, int(i))), Body: fmt.Appendf(nil, "%0300d", i)}); err != nil {
						w.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		w.clock.Advance(time.Minute)
		w.ok(l.Tick(w.ctx))
	}
	return l, dir
}
