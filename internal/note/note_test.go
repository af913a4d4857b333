package note_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"letterlock/internal/note"
)

func TestLogsCarryNoPeople(t *testing.T) {
	var b bytes.Buffer
	l := note.New(&b, slog.LevelDebug)
	l.With("phone", "+15550100123").Info("dial +1 555 0100 123 from 192.0.2.7:443",
		"err", errors.New("read tcp 192.0.2.7:9->[2001:db8::1]:443: reset"),
		"who", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "payload", []byte("hello"), slog.Group("g", "ip", "192.0.2.9"))
	for _, s := range []string{"555", "192.0.2", "2001:db8", "6ba7b810", "hello"} {
		if strings.Contains(b.String(), s) {
			t.Errorf("the log has %q: %s", s, &b)
		}
	}
	if !strings.Contains(b.String(), "reset") || !strings.Contains(b.String(), "5 bytes") {
		t.Errorf("the log lost what it may say: %s", &b)
	}
}
