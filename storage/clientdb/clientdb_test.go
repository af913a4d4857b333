package clientdb_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/client"
	"letterlock/client/keystoretest"
	"letterlock/internal/fault"
	"letterlock/storage/clientdb"
	"letterlock/storage/sqlite"
)

func open(t *testing.T, dir string) *clientdb.Store {
	t.Helper()
	s, err := clientdb.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestKeyStore(t *testing.T) {
	var dir string
	keystoretest.Run(t, func(t *testing.T) client.KeyStore {
		dir = filepath.Join(t.TempDir(), "store")
		return open(t, dir)
	}, func(t *testing.T) client.KeyStore { return open(t, dir) })
}

// files is everything that the store left in its folder.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out[filepath.Base(path)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func holds(t *testing.T, dir string, marker []byte) (names []string) {
	for name, b := range files(t, dir) {
		if bytes.Contains(b, marker) {
			names = append(names, name)
		}
	}
	return names
}

func TestErasedKeysAreNotInTheFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir)
	ctx := context.Background()
	replaced, deleted, kept := []byte("chain-key-that-was-replaced"), []byte("message-key-that-was-deleted"), []byte("identity-that-stays")
	steps := []func(client.Tx) error{
		func(tx client.Tx) error { return tx.Put("session", []byte("peer"), bytes.Repeat(replaced, 200)) },
		func(tx client.Tx) error { return tx.Put("prekey", []byte("1"), deleted) },
		func(tx client.Tx) error { return tx.Put("self", []byte("self"), kept) },
		func(tx client.Tx) error { return tx.Put("session", []byte("peer"), []byte("next")) },
		func(tx client.Tx) error { return tx.Delete("prekey", []byte("1")) },
	}
	for i, f := range steps {
		if err := s.Update(ctx, f); err != nil {
			t.Fatal(err)
		}
		if i == 2 && (holds(t, dir, replaced) == nil || holds(t, dir, deleted) == nil) {
			t.Fatal("the search finds nothing even while the keys are there")
		}
	}
	if err := s.Erase(ctx); err != nil {
		t.Fatal(err)
	}
	for _, gone := range [][]byte{replaced, deleted} {
		if names := holds(t, dir, gone); names != nil {
			t.Errorf("%q is still in %v", gone, names)
		}
	}
	if holds(t, dir, kept) == nil {
		t.Error("what was kept is not in the files")
	}
}

func TestFolderAndFilesAreTheOwnersOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "store")
	s := open(t, dir)
	if err := s.Update(context.Background(), func(tx client.Tx) error { return tx.Put("self", []byte("k"), []byte("v")) }); err != nil {
		t.Fatal(err)
	}
	if i, _ := os.Stat(dir); i.Mode().Perm() != 0o700 {
		t.Errorf("the folder has %v", i.Mode())
	}
	n := 0
	for name := range files(t, dir) {
		i, err := os.Stat(filepath.Join(dir, name))
		if err != nil || i.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has %v, %v", name, i.Mode(), err)
		}
		n++
	}
	if n < 3 {
		t.Errorf("only %d files: the write-ahead log was not looked at", n)
	}
}

func TestAFolderThatOthersWriteToIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := clientdb.Open(context.Background(), dir); !fault.Is(err, fault.Forbidden) {
		t.Fatalf("opened in a folder that all can write to: %v", err)
	}
	if i, _ := os.Stat(dir); i.Mode().Perm() != 0o777 {
		t.Fatal("changed the rights of somebody's folder")
	}
}

func TestOneProgramAtATime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir)
	_, err := clientdb.Open(context.Background(), dir)
	if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), "another program") {
		t.Fatalf("a second program got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestADamagedFileIsNotWrittenOver(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	open(t, dir).Close()
	path := filepath.Join(dir, clientdb.File)
	damaged := bytes.Repeat([]byte("not a database "), 1000)
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := clientdb.Open(context.Background(), dir); err == nil {
		s.Close()
		t.Fatal("opened")
	}
	if b, _ := os.ReadFile(path); !bytes.Equal(b, damaged) {
		t.Fatal("the damaged file was changed")
	}
}

func TestAStoreOfANewerProgramIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	open(t, dir).Close()
	db, err := sqlite.Open(context.Background(), filepath.Join(dir, clientdb.File))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.SQL.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := clientdb.Open(context.Background(), dir); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), "newer") {
		t.Fatalf("opened: %v", err)
	}
}
