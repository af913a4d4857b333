package signal_test

import (
	"bytes"
	"fmt"
	"testing"

	"letterlock/signal"
)

// One way, one chain: the usual case of several messages in a row.
func BenchmarkSealAndOpen1KiB(b *testing.B) {
	from, to := met(b)
	text := bytes.Repeat([]byte{'x'}, 1024)
	b.SetBytes(1024)
	for b.Loop() {
		roundOf(b, from, to, text)
	}
}

// Each message answers the last: a ratchet step every time.
func BenchmarkPingPong1KiB(b *testing.B) {
	from, to := met(b)
	text := bytes.Repeat([]byte{'x'}, 1024)
	b.SetBytes(1024)
	for b.Loop() {
		roundOf(b, from, to, text)
		from, to = to, from
	}
}

func roundOf(b *testing.B, from, to *person, text []byte) {
	m, err := from.Encrypt(ctx, to.address, text)
	must(b, err)
	if _, err := to.Decrypt(ctx, from.address, m); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkSetUp(b *testing.B) {
	from, to := newPerson(b, aliceName, 0), newPerson(b, bobName, 0)
	bundle := to.bundle()
	for b.Loop() {
		must(b, from.ProcessBundle(ctx, to.address, bundle))
		roundOf(b, from, to, []byte("hello"))
	}
}

// A forgery far ahead is the dearest thing that a stranger can send.
func BenchmarkForgeryFarAhead(b *testing.B) {
	from, to := met(b)
	for range 25_000 {
		from.seals(b, to, "lost")
	}
	m := from.seals(b, to, "far")
	m = signal.Message{Type: m.Type, Body: flipped(m.Body, len(m.Body)-1, 1)}
	for b.Loop() {
		if _, err := to.Decrypt(ctx, from.address, m); err == nil {
			b.Fatal("it opened")
		}
	}
}

// A message to a group is sealed once; the alternative is to seal it for each
// member's device. Both in one run: per message to 1,024.
func BenchmarkGroupOf1024(b *testing.B) {
	const members = 1024
	text := bytes.Repeat([]byte{'x'}, 1024)
	from := newPerson(b, aliceName, 0)
	b.Run("once", func(b *testing.B) {
		g := signal.Distribution{1}
		_, err := from.Distribute(ctx, g)
		must(b, err)
		for b.Loop() {
			_, err := from.EncryptGroup(ctx, g, text)
			must(b, err)
		}
	})
	b.Run("each", func(b *testing.B) {
		to := newPerson(b, bobName, 0)
		bundle, peers := to.bundle(), make([]signal.Address, members)
		for i := range peers {
			peers[i] = signal.Address{Name: fmt.Sprint("member ", i), Device: 1}
			must(b, from.ProcessBundle(ctx, peers[i], bundle))
		}
		for b.Loop() {
			for _, p := range peers {
				_, err := from.Encrypt(ctx, p, text)
				must(b, err)
			}
		}
	})
}
