package ledger_test

import (
	"testing"
	"time"

	"letterlock/ledger"
)

func TestSteadyClockMovesTheMark(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	for i := range 30 {
		now := start.Add(time.Duration(i) * 9 * time.Minute)
		if j := w.CheckClock(now); j.Jumped() {
			t.Fatalf("a step of nine minutes is no jump: %+v", j)
		}
		if j := w.CheckClock(now.Add(-4 * time.Second)); j.Jumped() {
			t.Fatalf("a correction of four seconds is no jump: %+v", j)
		}
		if !w.HighWater().Equal(now) {
			t.Fatalf("mark at %s, want %s", w.HighWater(), now)
		}
	}
}

func TestJumpAheadIsHeldUntilPeopleLook(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	if w.CheckClock(start.Add(time.Minute)).Jumped() {
		t.Fatal("jumped at once")
	}
	mark := w.HighWater()
	w.clock.Set(start.Add(time.Hour))
	r := w.record("intake.filed") // recording goes on
	w.tick()
	w.proves(r, "intake.filed")
	j := w.CheckClock(w.clock.Now())
	if j.Kind != ledger.Ahead || !j.From.Equal(mark) || !j.Earlier().Equal(mark) || j.Restart || j.By() != time.Hour {
		t.Fatalf("jump %+v by %s", j, j.By())
	}
	w.reopen() // neither forgets the mark nor the jump
	if j := w.CheckClock(w.clock.Now()); j.Kind != ledger.Ahead || !j.Restart || !j.From.Equal(mark) {
		t.Fatalf("after a restart: %+v", j)
	}
	if _, err := w.AcceptClock(bg, ledger.Record{Kind: "clock.accepted", Body: []byte("two people looked")}); err != nil {
		t.Fatal(err)
	}
	if j := w.CheckClock(w.clock.Now()); j.Jumped() || !w.HighWater().Equal(w.clock.Now()) {
		t.Fatalf("after acceptance: %+v", j)
	}
	w.reopen()
	if j := w.CheckClock(w.clock.Now()); j.Jumped() {
		t.Fatalf("the acceptance was forgotten: %+v", j)
	}
	w.holds()
}

func TestDowntimeIsMarkedAsSuch(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	w.tick()
	w.Close()
	w.clock.Advance(time.Hour)
	w.open()
	if j := w.CheckClock(w.clock.Now()); j.Kind != ledger.Ahead || !j.Restart {
		t.Fatalf("%+v", j)
	}
}

func TestClockMovedBack(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	for range 3 {
		w.record("act")
		w.tick()
	}
	before := w.State()
	w.clock.Set(start.Add(-time.Hour))
	r := w.record("late")
	if r.Time.Before(before.HighWater.Add(-time.Minute)) {
		t.Fatalf("recorded at %s: time ran backwards", r.Time)
	}
	if err := w.Tick(bg); err != nil {
		t.Fatal(err)
	}
	j := w.CheckClock(w.clock.Now())
	if j.Kind != ledger.Back || !j.Earlier().Equal(w.clock.Now()) {
		t.Fatalf("%+v", j)
	}
	if s := w.State(); s.Size != before.Size || !s.HighWater.Equal(before.HighWater) {
		t.Fatalf("a batch was made at a time that had been: %+v", s)
	}
	w.holds()
	if _, err := w.AcceptClock(bg, ledger.Record{Kind: "clock.accepted"}); err != nil {
		t.Fatal(err)
	}
	w.tick()
	w.proves(r, "late")
	now := w.record("now")
	if now.Time.After(start) {
		t.Fatalf("recorded at %s although the clock was set right", now.Time)
	}
	w.reopen()
	w.tick()
	w.proves(now, "now")
	if w.CheckClock(w.clock.Now()).Jumped() {
		t.Fatal("the acceptance was forgotten")
	}
	w.holds() // checkpoints never run backwards
}
