package storagetest_test

import (
	"fmt"
	"testing"

	"letterlock/messenger/mailbox"
	"letterlock/storage/storagetest"
)

// BenchmarkCommit compares single commits with group commits on both engines;
// each ends durable. Rows are of 1,100 bytes.
func BenchmarkCommit(b *testing.B) {
	for name, open := range map[string]func(testing.TB) storagetest.Carrier{"sqlite": storagetest.SQLite, "postgres": storagetest.Postgres} {
		for _, group := range []int{1, 32, 256, 1024} {
			b.Run(fmt.Sprintf("%s/group=%d", name, group), func(b *testing.B) { commits(b, open(b), group) })
		}
	}
}

func commits(b *testing.B, db storagetest.Carrier, group int) {
	sealed := make([]byte, 1100)
	order := int64(0)
	rows := 0
	for b.Loop() {
		var put []mailbox.Row
		for range group {
			order++
			put = append(put, mailbox.Row{Mailbox: order % 97, Order: order, Expires: "2026-12-23", Sealed: sealed})
		}
		if err := db.Commit(ctx, mailbox.Batch{Put: put}); err != nil {
			b.Fatal(err)
		}
		rows += group
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
