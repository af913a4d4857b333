package gateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"letterlock/internal/fault"
	"letterlock/internal/testkit/pushservice"
	"letterlock/messenger/account"
	"letterlock/messenger/gateway"
	"letterlock/messenger/mailbox"
	"letterlock/messenger/push"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// late passes calls on to a pusher that is made after the gateway.
type late struct{ *push.Pusher }

func (l *late) Away(a wire.Address) { l.Pusher.Away(a) }

// A device that subscribed is woken for an envelope that comes while it is
// away, and not while it is connected; the export says where; removed, it has
// no subscription any more.
func TestADeviceThatIsAwayIsWoken(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		pusher := &late{}
		w := newWorld(t, db, func(_ *account.Config, m *mailbox.Config, g *gateway.Config) { m.Waker, g.Pusher = pusher, pusher })
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		pusher.Pusher, err = push.New(t.Context(), push.Config{Store: db, Clock: w.clock, Key: key, Contact: "mailto:ops@example.org", Loopback: true, Connected: w.boxes.Connected})
		if err != nil {
			t.Fatal(err)
		}
		service := pushservice.New(t, w.clock, false)
		ann, bob := w.join(number(1)), w.join(number(2))
		linked, _ := ann.link(1, 2)
		second := linked.addr
		browser := service.Subscribe(pusher.PublicKey())
		w.refused("invalid", "no address of a push service", &linked.cred, wire.PathPush, wire.Push{Endpoint: "https://10.0.0.1/x", Key: browser.Key, Auth: browser.Auth})
		if status, p := w.call(&linked.cred, wire.PathPush, wire.Push{Endpoint: browser.Endpoint, Key: browser.Key, Auth: browser.Auth}, nil); status != 200 {
			t.Fatal(status, p)
		}
		from, _, _ := bob.connect()
		due := func(want int) {
			t.Helper()
			w.clock.Advance(2 * time.Minute)
			pusher.Due(t.Context())
			if n := len(browser.Got()); n != want {
				t.Fatalf("%d pushes, want %d", n, want)
			}
		}
		from.send(1, linked, "while away")
		from.answer()
		due(1)
		from.send(2, ann, "the device that did not subscribe")
		from.answer()
		due(1)
		to, _, _ := linked.connect()
		from.send(3, linked, "while here")
		to.next()
		due(1)
		var out wire.Export
		if status, p := w.call(&ann.cred, wire.PathExport, wire.Nothing{}, &out); status != 200 {
			t.Fatal(status, p)
		}
		found := false
		for _, f := range out.Facts {
			found = found || f.Field == "push"
		}
		if !found {
			t.Error("the export does not say where the device is woken")
		}
		if status, p := w.call(&linked.cred, wire.PathPush, wire.Push{}, nil); status != 200 {
			t.Fatal(status, p)
		}
		if _, err := db.PushOf(t.Context(), second); !fault.Is(err, fault.NotFound) {
			t.Errorf("switched off, and kept: %v", err)
		}
	})
}
