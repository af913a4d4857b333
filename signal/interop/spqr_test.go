package interop_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"letterlock/signal"
)

// TestEveryOtherMessage: half of the messages are lost in each direction for
// several epochs, so that the pieces of the exchange are rebuilt from whichever
// arrive, sums among them.
func TestEveryOtherMessage(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		p.weBegin(true)
		p.say(true, "opening")
		p.say(false, "answer")
		for i := range 260 {
			for _, ours := range []bool{true, false} {
				m := p.seal(ours, fmt.Sprint(i))
				if (i/2)%2 == 0 { // in pairs, so that neither side hears only even pieces
					p.open(ours, m, fmt.Sprint(i))
				}
			}
		}
		p.say(true, "still here")
		p.say(false, "so am I")
	})
}

// TestLateOfFormerEpoch: what was sealed an epoch ago is opened on both sides.
func TestLateOfFormerEpoch(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		p.theyBegin(true)
		p.say(false, "opening")
		p.say(true, "answer")
		for i := range 50 {
			late := []sealed{{true, "late", p.seal(true, "late")}, {false, "late", p.seal(false, "late")}}
			p.say(i%2 == 0, "between")
			p.say(i%2 == 1, "between")
			for _, s := range late {
				p.open(s.ours, s.m, s.text)
			}
		}
	})
}

// TestMandatory: where the ratchet is mandatory, a peer that begins without a
// key of it is refused; one that has it from the first message is not.
func TestMandatory(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		var err error
		p.us.Device, err = signal.New(signal.Config{Local: ourAddress, Store: p.us.store, Now: time.Now})
		must(t, err)
		p.theyBegin(true)
		m := p.seal(false, "opening")
		before := p.us.store.Fingerprint()
		text, err := p.us.Decrypt(ctx, theirAddress, m)
		if using.optional {
			if !errors.Is(err, signal.ErrInvalidMessage) {
				t.Errorf("a first message without a key: %q %v", text, err)
			}
			if p.us.store.Fingerprint() != before {
				t.Error("what was refused changed the store")
			}
			return
		}
		if err != nil || string(text) != "opening" {
			t.Errorf("%q %v", text, err)
		}
	})
}

// TestTheyTakeOurKeysAtOnce: we demand it and begin; both libraries follow.
func TestTheyTakeOurKeysAtOnce(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		var err error
		p.us.Device, err = signal.New(signal.Config{Local: ourAddress, Store: p.us.store, Now: time.Now})
		must(t, err)
		p.weBegin(true)
		p.say(true, "opening")
		for i := range 100 {
			p.say(i%2 == 1, fmt.Sprint(i))
		}
	})
}
