package storagetest_test

import (
	"bytes"
	"testing"

	"letterlock/internal/fault"
	"letterlock/messenger/push"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// A subscription is its device's: replaced by the next, read by whoever may ask
// for it, and gone with the device.
func TestASubscriptionGoesWithItsDevice(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		n := person(t, db, "+441632960801", "Push")
		if _, err := db.Create(ctx, n); err != nil {
			t.Fatal(err)
		}
		a := n.Device.Address
		first, second := push.Subscription{Endpoint: "https://one.example/x", Key: []byte{4, 1}, Auth: []byte{1}}, push.Subscription{Endpoint: "https://two.example/y", Key: []byte{4, 2}, Auth: []byte{2}}
		if err := db.PutPush(ctx, wire.At(a.Account, 9), first); !fault.Is(err, fault.NotFound) {
			t.Errorf("a device that does not exist subscribes: %v", err)
		}
		for _, s := range []push.Subscription{first, second} {
			if err := db.PutPush(ctx, a, s); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.RemovePush(ctx, a, first.Endpoint); err != nil { // said of a former one
			t.Fatal(err)
		}
		got, err := db.PushOf(ctx, a)
		if err != nil || got.Endpoint != second.Endpoint || !bytes.Equal(got.Key, second.Key) || !bytes.Equal(got.Auth, second.Auth) {
			t.Fatalf("%+v, %v", got, err)
		}
		if all, err := db.Pushed(ctx); err != nil || len(all) != 1 || all[0] != a {
			t.Fatalf("%v, %v", all, err)
		}
		facts, err := db.Facts(ctx, a.Account)
		if err != nil || len(facts.Push) != 1 || facts.Push[0].Endpoint != second.Endpoint || facts.Push[0].Device != a.Device {
			t.Fatalf("%+v, %v", facts.Push, err)
		}
		if _, err := db.RemoveDevice(ctx, a, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := db.PushOf(ctx, a); !fault.Is(err, fault.NotFound) {
			t.Errorf("the subscription stays: %v", err)
		}
	})
}
