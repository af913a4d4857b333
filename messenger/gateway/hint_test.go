package gateway_test

import (
	"fmt"
	"testing"

	"letterlock/messenger/account"
	"letterlock/messenger/gateway"
	"letterlock/messenger/mailbox"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// Over a real socket: hints count against the device's rate and nobody is told
// when they are too many.
func TestHintsPassASocketWithinTheRate(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), func(_ *account.Config, _ *mailbox.Config, c *gateway.Config) { c.Limits.SendsPerDevice = 1 })
	ann, bob := w.join(number(1)), w.join(number(2))
	a, _, _ := ann.connect()
	b, _, _ := bob.connect()
	for i := range 50 {
		a.write(wire.Hint{To: bob.addr, Kind: wire.KindMessage, Body: fmt.Appendf(nil, "writing %d", i)})
	}
	a.send(1, bob, "over the rate by now")
	if f, ok := a.answer().(wire.Refused); !ok || f.Code != wire.CodeSlowDown {
		t.Fatalf("after 50 hints an envelope was answered by %v", f)
	}
	for i := range 20 {
		if f, ok := b.next().(wire.Hinted); !ok || string(f.Body) != fmt.Sprintf("writing %d", i) || f.From != ann.addr {
			t.Fatalf("hint %d is %v", i, f)
		}
	}
}
