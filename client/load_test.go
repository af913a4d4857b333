package client_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/client"
)

// Many goroutines write on both sides while both lines are open.
func TestManyWriteAtOnce(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	ctx, cancel := context.WithCancel(limit(t))
	var lines, writers sync.WaitGroup
	for _, p := range []*person{a, b} {
		lines.Go(func() {
			if err := p.Run(ctx, client.Run{}); err != nil {
				t.Error(err)
			}
		})
	}
	const goroutines, each = 4, 8
	for g := range goroutines {
		for _, way := range [][2]*person{{a, b}, {b, a}} {
			writers.Go(func() {
				for i := range each {
					way[0].send(way[1], fmt.Sprintf("%d.%d", g, i))
				}
			})
		}
	}
	writers.Wait()
	for len(a.texts())+len(b.texts()) < 2*goroutines*each && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond) // other goroutines' work: there is nothing to wait on
	}
	cancel()
	lines.Wait()
	settle(a, b)
	var want []string
	for g := range goroutines {
		for i := range each {
			want = append(want, fmt.Sprintf("%d.%d", g, i))
		}
	}
	a.got(want...)
	b.got(want...)
	a.whole()
	b.whole()
}

// BenchmarkSealAndOpen1KiB is one text of 1 KiB from Send to the recipient's
// journal: content, padding, ratchets, both stores (in memory) and the frames
// through a carrier in memory.
func BenchmarkSealAndOpen1KiB(b *testing.B) {
	w := newWorld(b)
	x, y := w.person(alice), w.person(bob)
	x.send(y, "hello")
	x.flush()
	y.send(x, "hello")
	y.flush()
	settle(x, y)
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	got := make(chan struct{}, 1)
	y.hook = func(client.Entry) { got <- struct{}{} }
	for _, p := range []*person{x, y} {
		go p.Run(ctx, client.Run{})
	}
	text := strings.Repeat("x", 1024)
	for b.Loop() {
		x.send(y, text)
		<-got
	}
}
