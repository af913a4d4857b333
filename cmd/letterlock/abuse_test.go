package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/internal/clock"
	"letterlock/internal/note"
	"letterlock/messenger/abuse"
	"letterlock/storage"
	"letterlock/storage/messengerdb"
	"letterlock/wire"
)

// The operator makes a key, reads what was reported and closes it.
func TestReportsAreReadAndClosedByCommand(t *testing.T) {
	dir := t.TempDir()
	do := func(want string, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		err := run(context.Background(), args, strings.NewReader(""), &out, &errs)
		said := out.String()
		if err != nil {
			said += err.Error()
		}
		if !strings.Contains(said, want) {
			t.Fatalf("letterlock %v: %s %s, want %q", args, said, errs.String(), want)
		}
		return out.String()
	}
	private := filepath.Join(dir, "abuse.key")
	line := do("abuse_key = ", "abuse", "key", "--out", private)
	if info, err := os.Stat(private); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	do("cannot be written", "abuse", "key", "--out", private)
	public, err := abuse.ReadKey(strings.Split(line, `"`)[1])
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(filepath.Join(data, "carrier"), 0o700); err != nil {
		t.Fatal(err)
	}
	do("No reports wait.", "abuse", "list", "--data", data, "--key", private)
	db, err := messengerdb.Open(context.Background(), storage.Config{Database: filepath.Join(data, "carrier", "carrier.db")})
	if err != nil {
		t.Fatal(err)
	}
	box := abuse.New(abuse.Config{Store: db, Clock: clock.System, Key: public, Log: note.Discard()})
	for _, text := range []string{`{"note":"an insult"}`, "\x1b[2Jno JSON"} {
		sealed, err := wire.SealReport(public, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := box.Take(context.Background(), wire.NewAccountID(), wire.Report{Sealed: sealed}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	shown := do("an insult", "abuse", "list", "--data", data, "--key", private)
	if strings.Contains(shown, "\x1b") || !strings.Contains(shown, "the reporter's word") {
		t.Errorf("%q", shown)
	}
	first, _, _ := strings.Cut(do("no JSON", "abuse", "list", "--data", data, "--key", private, "--json"), "\n")
	var r reportJSON
	if err := json.Unmarshal([]byte(first), &r); err != nil || !r.Opens || r.Reporter == "" {
		t.Fatalf("%s, %v", first, err)
	}
	do("Closed", "abuse", "close", "--data", data, r.Report)
	do("no such report", "abuse", "close", "--data", data, r.Report)
	do("give the number", "abuse", "close", "--data", data, "zz")
	do("not a key", "abuse", "list", "--data", data, "--key", os.Args[0])
}
