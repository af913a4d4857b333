package clientdb_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/client/carriertest"
	"letterlock/internal/clock"
	"letterlock/storage/clientdb"
)

// person is a client on a store of its own folder.
func person(t testing.TB, c *carriertest.Carrier, phone string, onEntry func(client.Entry)) (*client.Client, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	s, err := clientdb.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p, err := client.New(client.Config{Store: s, Transport: c.Transport(), Clock: clock.System, OnEntry: onEntry})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.RequestCode(context.Background(), phone); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Register(context.Background(), client.Registration{Phone: phone, Code: carriertest.Code, DeviceType: "terminal"}); err != nil {
		t.Fatal(err)
	}
	return p, dir
}

const (
	alice = "+441632960001"
	bob   = "+441632960002"
)

func send(t testing.TB, p *client.Client, to, text string) {
	t.Helper()
	if _, err := p.Send(context.Background(), to, text); err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func drain(t testing.TB, p *client.Client) {
	t.Helper()
	if err := p.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// Whoever takes the folder after a conversation finds no session record that
// opened it: neither those that were replaced nor the one-time keys.
func TestUsedKeysLeaveTheFolder(t *testing.T) {
	c := carriertest.New(clock.System)
	a, _ := person(t, c, alice, nil)
	dirOf := filepath.Join(t.TempDir(), "store")
	s := open(t, dirOf)
	b, err := client.New(client.Config{Store: s, Transport: c.Transport(), Clock: clock.System})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.RequestCode(context.Background(), bob); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Register(context.Background(), client.Registration{Phone: bob, Code: carriertest.Code}); err != nil {
		t.Fatal(err)
	}
	before := secrets(t, s)
	send(t, a, bob, "first")
	drain(t, b)
	middle := secrets(t, s)
	send(t, b, alice, "answer")
	drain(t, a)
	send(t, a, bob, "second")
	drain(t, b)
	after := secrets(t, s)
	gone := 0
	for _, old := range append(before, middle...) {
		if contains(after, old) {
			continue
		}
		gone++
		// The end of a record: beginnings (format, number) are alike in many.
		if names := holds(t, dirOf, old[len(old)-24:]); names != nil {
			t.Errorf("a secret that is no more in the store is in %v", names)
		}
	}
	if gone < 3 { // a one-time key, a one-time Kyber key, a session record
		t.Fatalf("only %d secrets were used up: the test does not test", gone)
	}
}

func secrets(t *testing.T, s client.KeyStore) (out [][]byte) {
	t.Helper()
	err := s.View(context.Background(), func(tx client.Tx) error {
		for _, b := range []client.Bucket{client.BucketPreKey, client.BucketSession} {
			all, err := tx.List(b, client.Range{})
			if err != nil {
				return err
			}
			for _, p := range all {
				out = append(out, p.Value)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func contains(all [][]byte, b []byte) bool {
	for _, x := range all {
		if bytes.Equal(x, b) {
			return true
		}
	}
	return false
}

// BenchmarkSealAndOpen1KiB is one text of 1 KiB from Send to the recipient's
// journal with both people's stores on disk, each step durable.
func BenchmarkSealAndOpen1KiB(b *testing.B) {
	c := carriertest.New(clock.System)
	got := make(chan struct{}, 1)
	x, _ := person(b, c, alice, nil)
	y, _ := person(b, c, bob, func(e client.Entry) {
		if e.Kind == client.Incoming {
			got <- struct{}{}
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, p := range []*client.Client{x, y} {
		go p.Run(ctx, client.Run{})
	}
	text := strings.Repeat("x", 1024)
	for b.Loop() {
		if _, err := x.Send(ctx, bob, text); err != nil {
			b.Fatal(err)
		}
		<-got
	}
}

// BenchmarkDrain takes in 200 waiting texts of 1 KiB.
func BenchmarkDrain(b *testing.B) {
	c := carriertest.New(clock.System)
	x, _ := person(b, c, alice, nil)
	y, _ := person(b, c, bob, nil)
	var spent time.Duration
	n := 0
	for b.Loop() {
		for i := range 200 {
			if _, err := x.Send(context.Background(), bob, fmt.Sprint(i, strings.Repeat("x", 1000))); err != nil {
				b.Fatal(err)
			}
		}
		if err := x.Flush(context.Background()); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		drain(b, y)
		spent += time.Since(start)
		n += 200
	}
	b.ReportMetric(float64(n)/spent.Seconds(), "drained/s")
}
