package bench_test

import (
	"context"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/bench"
	"letterlock/internal/testkit"
)

func TestMain(m *testing.M) {
	bench.FloorIfAsked()
	os.Exit(m.Run())
}

// TestAQuickRun measures everything there is in small and looks at what it
// found, never at how fast.
func TestAQuickRun(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "it builds and starts servers")
	}
	o := bench.Quick()
	o.Dir, o.Pairs, o.Offline, o.Idle, o.Span, o.Parts = t.TempDir(), 4, 80, 20, 200*time.Millisecond, false
	o.Say = logger{t}
	r, err := bench.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Missing {
		if os.Getenv("CI") == "true" {
			t.Errorf("not measured: %s", m)
		}
		t.Logf("SKIPPED in part: %s", m)
	}
	for _, on := range r.Online {
		if on.Count == 0 || on.Rate <= 0 || on.P99 < on.P50 || on.P50 <= 0 {
			t.Errorf("an online round that measured nothing: %+v", on)
		}
	}
	for _, off := range r.Offline {
		if off.Count != 80 || off.Enqueue <= 0 || off.Drain <= 0 || off.Disk < 0 {
			t.Errorf("an offline round that measured nothing: %+v", off)
		}
		if off.Readable != 0 {
			t.Errorf("%s: %d readable payloads after delivery", off.Carrier, off.Readable)
		}
		if strings.HasPrefix(off.Carrier, "Letterlock") && off.Sampled == 0 {
			t.Errorf("%s: no sealed row was looked for", off.Carrier)
		}
	}
	want := 3 - len(r.Missing)
	if len(r.Online) != 2*want || len(r.Offline) != want || len(r.Idle) != 2 {
		t.Errorf("%d online, %d offline and %d idle rounds; %d carriers", len(r.Online), len(r.Offline), len(r.Idle), want)
	}
	written(t, r)
}

func written(t *testing.T, r *bench.Results) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "RESULTS.md")
	if err := r.Write(path, "go run ./bench/run -quick"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, must := range []string{"go run ./bench/run -quick", "figures say nothing", "online, window 1: rate", "online, window 16: rate", "enqueue, durable and sealed",
		"drain, each deleted", "residue: readable payloads", "idle connections, plain", "idle connections, TLS", "results.svg"} {
		if !strings.Contains(string(b), must) {
			t.Errorf("the table lacks %q", must)
		}
	}
	plot, err := os.Open(filepath.Join(filepath.Dir(path), "results.svg"))
	if err != nil {
		t.Fatal(err)
	}
	defer plot.Close()
	for d := xml.NewDecoder(plot); ; {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("the plot is not XML: %v", err)
		}
	}
}

type logger struct{ t *testing.T }

func (l logger) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}
