package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"letterlock/storage/sqlite"
)

// A transaction that ended because its context did says so, at whatever moment
// it happened.
func TestATransactionThatWasCalledOffSaysSo(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Tx(ctx, func(tx *sql.Tx) error {
			cancel()
			for { // until the rollback, which another goroutine does
				if _, err := tx.Exec("SELECT 1"); errors.Is(err, sql.ErrTxDone) {
					return err
				}
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("the error of a cancelled transaction is %v", err)
		}
	}
}
