package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// lines collects log lines and says when there is one.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
	new chan struct{}
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.new <- struct{}{}:
	default:
	}
	return l.buf.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// flaky is a witness that is away for its first calls.
type flaky struct {
	ledger.Witness
	mu    sync.Mutex
	away  int
	calls int
}

func (w *flaky) Seen(ctx context.Context, origin string) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calls++; w.calls <= w.away {
		return 0, errors.New("the other half is away")
	}
	return w.Witness.Seen(ctx, origin)
}

// Run serves ticks, has new checkpoints co-signed, logs a failure once and
// goes on when the other half is back.
func TestRun(t *testing.T) {
	desk, carrier := halves(t)
	desk.Close()
	log := &lines{new: make(chan struct{}, 1)}
	l, err := ledger.Open(desk.dir, ledger.Options{Clock: desk.clock, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	desk.Ledger = l
	defer l.Close()
	introduce(t, desk, carrier)
	r := desk.record("act")
	desk.clock.Advance(time.Minute)
	ctx, stop := context.WithTimeout(bg, 20*time.Second)
	done := make(chan struct{})
	go func() { defer close(done); l.Run(ctx, &flaky{Witness: carrier, away: 2}) }()
	if err := l.Wait(ctx, r); err != nil {
		t.Fatal(err)
	}
	for l.State().Cosigned != 8 {
		select {
		case <-log.new:
		case <-ctx.Done():
			t.Fatalf("never co-signed: %s", log)
		}
	}
	stop()
	<-done
	text := log.String()
	if strings.Count(text, "the other half is away") != 1 || !strings.Contains(text, "well again") {
		t.Fatalf("log: %s", text)
	}
	keys, err := proof.ParseKeys(append(desk.Keys(), carrier.Keys()...)...)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := proof.OpenCheckpoint(l.Head(), keys); err != nil || len(h.Cosigners) != 1 {
		t.Fatalf("head: %v", err)
	}
}
