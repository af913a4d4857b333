package signaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"letterlock/signal"
)

// conversation runs two devices on two stores of the kind under test.
func (s suite) conversation(t *testing.T) {
	ctx := context.Background()
	theirKeys, err := NewKeys(4712, 3)
	ok(t, err)
	here := signal.Address{Name: "796abedb-ca4e-4f18-8803-1fde5b921f9f", Device: 1}
	us := device(t, here, s.store)
	them := device(t, peer, s.open(t, theirKeys))

	ok(t, us.ProcessBundle(ctx, peer, theirKeys.Bundle(peer.Device, &theirKeys.OneTime[0])))
	var late signal.Message
	for i := range 10 {
		text := fmt.Appendf(nil, "message %d", i)
		m, err := us.Encrypt(ctx, peer, text)
		ok(t, err)
		if i == 4 {
			late = m
			continue
		}
		opens(t, them, here, m, text)
		if _, err := them.Decrypt(ctx, here, m); !errors.Is(err, signal.ErrDuplicate) {
			t.Fatalf("the same message again: %v", err)
		}
		answer, err := them.Encrypt(ctx, here, text)
		ok(t, err)
		opens(t, us, peer, answer, text)
	}
	opens(t, them, here, late, []byte("message 4"))
}

func device(t *testing.T, local signal.Address, store signal.Store) *signal.Device {
	t.Helper()
	d, err := signal.New(signal.Config{Local: local, Store: store, Now: func() time.Time { return time.Unix(1e9, 0) }})
	ok(t, err)
	return d
}

func opens(t *testing.T, d *signal.Device, from signal.Address, m signal.Message, want []byte) {
	t.Helper()
	got, err := d.Decrypt(context.Background(), from, m)
	ok(t, err)
	if !bytes.Equal(got, want) {
		t.Fatalf("opened %q, want %q", got, want)
	}
}
