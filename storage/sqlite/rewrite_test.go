package sqlite_test

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"letterlock/storage/sqlite"
)

// After a Rewrite no part of any value that was deleted or replaced is in the
// file. Erase alone leaves former copies of moved rows: with this seed, some.
func TestARewriteLeavesNothingOfWhatWasDeleted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	exec := func(q string, args ...any) error {
		return db.Tx(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec(q, args...); return err })
	}
	must(exec("CREATE TABLE v (k BIGINT PRIMARY KEY, b BYTEA)"))
	r := mathrand.New(mathrand.NewPCG(1, 1))
	live, dead := map[int][]byte{}, map[[16]byte]bool{} // of dead values: what stands at each 16 bytes
	left := func() (n int) {
		file, err := os.ReadFile(path)
		must(err)
		for at := 0; at+16 <= len(file); at++ {
			if dead[[16]byte(file[at:at+16])] {
				n++
			}
		}
		return n
	}
	die := func(v []byte) {
		for at := 0; at+16 <= len(v); at += 16 {
			dead[[16]byte(v[at:at+16])] = true
		}
	}
	after := 0 // pieces left by Erase alone
	for i := range 3000 {
		k := r.IntN(200)
		if live[k] != nil {
			die(live[k])
		}
		if live[k] != nil && r.IntN(3) == 0 {
			delete(live, k)
			must(exec("DELETE FROM v WHERE k = $1", k*7919))
			continue
		}
		live[k] = make([]byte, 100+r.IntN(900))
		rand.Read(live[k])
		must(exec("INSERT INTO v VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET b = excluded.b", k*7919, live[k]))
		if i%50 == 49 {
			must(db.Erase(t.Context()))
			after += left()
		}
	}
	must(db.Rewrite(t.Context()))
	if n := left(); n > 0 {
		t.Errorf("%d of %d pieces of deleted values are left after a rewrite", n, len(dead))
	}
	t.Logf("%d pieces of deleted values; erasing without rewriting left %d", len(dead), after)
	if after == 0 {
		t.Error("the test is blind: erasing alone left nothing to find")
	}
	for k, v := range live {
		var got []byte
		must(db.SQL.QueryRow("SELECT b FROM v WHERE k = $1", k*7919).Scan(&got))
		if !bytes.Equal(got, v) {
			t.Fatal("a rewrite changed a value")
		}
	}
}
