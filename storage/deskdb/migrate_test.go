package deskdb_test

import (
	"context"
	"path/filepath"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/internal/testkit/pg"
	"letterlock/storage"
	"letterlock/storage/deskdb"
)

// TestTheQueueOfAnOlderDatabaseIsTheSame: cases stored when the queue was
// filtered by words are found by their numbers.
func TestTheQueueOfAnOlderDatabaseIsTheSame(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{"sqlite": func(t *testing.T) string { return filepath.Join(t.TempDir(), "desk.db") },
		"postgres": func(t *testing.T) string { dsn, _ := pg.New(t); return dsn }} {
		t.Run(name, func(t *testing.T) {
			ctx, at := context.Background(), url(t)
			withWords(t, at)
			db, err := deskdb.Open(ctx, storage.Config{Database: at})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			for n, f := range map[int]casefile.Filter{1: {Lane: "emergency", Agency: "a1", Open: true}, 2: {Officer: "o2", Sort: casefile.ByNewest}, 3: {Phase: "closed", Country: "DE"}} {
				got, err := db.Queue(ctx, f)
				if err != nil || len(got) != 1 || got[0].Number != casefile.Ordinary(2026, n) {
					t.Errorf("%+v: %v, %v", f, got, err)
				}
			}
			if n, err := db.Count(ctx, casefile.Filter{Open: true, Unassigned: true}); n != 1 || err != nil {
				t.Errorf("%d with nobody, %v", n, err)
			}
			if err := db.Commit(ctx, change(casefile.Ordinary(2026, 4), 0, start)); err != nil {
				t.Error(err)
			}
		})
	}
}

// withWords makes a database of schema 9 with three cases.
func withWords(t *testing.T, url string) {
	t.Helper()
	ctx := context.Background()
	db, err := storage.Open(ctx, storage.Config{Database: url})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(ctx, deskdb.MigrationsTo(9)); err != nil {
		t.Fatal(err)
	}
	for i, row := range [][]any{{"emergency", "review", 1, "a1", "o1", "m1", "us.emergency", "US"}, {"ordinary", "waiting", 1, "a2", "o2", "", "us.order.2703d", "US"}, {"ordinary", "closed", 0, "a2", "o1", "m1", "de.stpo.100j", "DE"}} {
		n := casefile.Ordinary(2026, i+1)
		head, err := casefile.Encode(casefile.Head{Number: n})
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Exec(ctx, `INSERT INTO cases (number, version, due, filed, counsel, same_as, head, lane, phase, is_open, agency, officer, assigned, process, country)
			VALUES ($1, 1, 5, 5, 0, '', $2, $3, $4, $5, $6, $7, $8, $9, $10)`, append([]any{string(n), head}, row...)...)
		if err != nil {
			t.Fatal(err)
		}
	}
}
