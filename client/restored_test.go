package client_test

import (
	"testing"

	"letterlock/client"
	"letterlock/client/keystoretest"
)

// copied is a store as a backup of it would come back.
func copied(t *testing.T, from client.KeyStore) client.KeyStore {
	t.Helper()
	to := keystoretest.NewMemory()
	err := from.View(bg, func(old client.Tx) error {
		return to.Update(bg, func(fresh client.Tx) error {
			for _, b := range client.Buckets() {
				all, err := old.List(b, client.Range{})
				if err != nil {
					return err
				}
				for _, p := range all {
					if err := fresh.Put(b, p.Key, p.Value); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// A store that comes back from before a contact linked a device follows the
// newer list as soon as it hears from them, says so, and does not go back.
func TestAnOldStoreFollowsTheNewerListOfAContact(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	old := copied(t, b.store)
	tablet := a.link("tablet", client.HistoryNone)
	settle(a, tablet, b)
	b.store = old
	b.start()
	a.send(b, "from my phone")
	settle(a, b, tablet)
	if err := b.FetchDevices(bg, accountOf(a)); err != nil {
		t.Fatal(err)
	}
	if n := len(b.journal(client.DevicesChanged)); n != 1 {
		t.Fatalf("the old store said %d times that Alice uses another device: %s", n, joined(b.journal()))
	}
	before := len(w.carrier.Taken())
	b.send(a, "to all your devices")
	b.flush()
	reached := map[int]bool{}
	for _, s := range w.carrier.Taken()[before:] {
		if s.To.Account == accountOf(a) {
			reached[int(s.To.Device)] = true
		}
	}
	if len(reached) != 2 {
		t.Errorf("what Bob writes goes to %d of Alice's 2 devices", len(reached))
	}
}
