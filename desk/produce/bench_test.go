package produce_test

import (
	"context"
	"fmt"
	"io"
	"testing"

	"filippo.io/age"

	"letterlock/desk/produce"
)

// BenchmarkPack is the time from released records to the sealed package.
func BenchmarkPack(b *testing.B) {
	c := newCast(b)
	id, err := age.GenerateX25519Identity()
	must(b, err)
	seal, err := produce.SealTo(id.Recipient().String())
	must(b, err)
	for _, n := range []int{1, 1_000, 10_000} {
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			in := c.many(b, n)
			p := &produce.Packer{Key: c.key, Spool: b.TempDir()}
			b.ReportAllocs()
			for b.Loop() {
				receipt, err := p.Pack(context.Background(), io.Discard, in, seal)
				must(b, err)
				b.SetBytes(receipt.Size)
			}
		})
	}
}
