package signal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/signal/signaltest"
)

// What official libraries sent once opens for good: testdata has their messages
// and our stored sessions before each (interop/record_test.go made them).
func TestRecordedConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/official-*.json")
	must(t, err)
	if len(files) != 2 {
		t.Fatalf("%d recordings, want one of each official version", len(files))
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		must(t, err)
		r, err := signaltest.ReadRecording(raw)
		must(t, err)
		if len(r.Steps) < 40 || len(r.GroupSteps) < 4 {
			t.Fatalf("%s holds %d messages and %d to a group", f, len(r.Steps), len(r.GroupSteps))
		}
		must(t, r.Replay(ctx))
		r.Steps[7].Body[len(r.Steps[7].Body)/2] ^= 1
		if err := r.Replay(ctx); err == nil || !strings.Contains(err.Error(), "message 7") {
			t.Errorf("%s: a changed byte opens: %v", f, err)
		}
	}
}
