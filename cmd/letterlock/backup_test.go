package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"letterlock/storage"
	"letterlock/storage/messengerdb"
)

// TestANoticeOnItsWayIsInTheBackup: what people wrote to each other is not in a
// backup; what the service has to tell them is.
func TestANoticeOnItsWayIsInTheBackup(t *testing.T) {
	dir := t.TempDir()
	conf := DefaultConfig()
	conf.Data, conf.Role = filepath.Join(dir, "data"), "carrier"
	if err := conf.Finish(); err != nil {
		t.Fatal(err)
	}
	b, err := newBase(conf, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	c, err := openCarrier(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.db.Exec(t.Context(), `INSERT INTO mailbox_rows (mailbox, ord, expires_on, sealed) VALUES (7, 1, '2026-12-23', $1), (7, 2, NULL, $2)`, []byte("a letter"), []byte("a notice")); err != nil {
		t.Fatal(err)
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	key, file, back := filepath.Join(dir, "key"), filepath.Join(dir, "backup"), filepath.Join(dir, "back")
	if err := os.WriteFile(key, []byte(id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, args := range [][]string{
		{"backup", "--role", "carrier", "--data", conf.Data, "--to", file, "--recipient", id.Recipient().String()},
		{"restore", "--role", "carrier", "--data", back, "--from", file, "--identity", key},
	} {
		if err := run(t.Context(), args, nil, &out, &out); err != nil {
			t.Fatalf("%v: %v\n%s", args[0], err, &out)
		}
	}
	db, err := messengerdb.Open(t.Context(), storage.Config{Database: filepath.Join(back, "carrier", "carrier.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	var sealed string
	if err := db.SQL.QueryRow(`SELECT count(*), max(sealed) FROM mailbox_rows`).Scan(&n, &sealed); err != nil || n != 1 || sealed != "a notice" {
		t.Errorf("%d rows came back, %q, %v", n, sealed, err)
	}
}
