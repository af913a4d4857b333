package interop_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"letterlock/signal"
	"letterlock/signal/signaltest"
)

var record = flag.Bool("record", false, "keep what the official libraries send as known answers of the package signal")

// TestRecordings holds a conversation with each official library and opens its
// messages again from what was stored before each. With -record, that becomes a
// known answer in signal/testdata, which needs no official library.
func TestRecordings(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		r := signaltest.Record("@signalapp/libsignal-client "+using.name[len("lsc-"):], using.optional, ourAddress, theirAddress, p.us.keys)
		p.theyBegin(true)
		p.recorded(&r, "opening")
		for i := range 24 { // some answered at once, some late, some lost
			if i%3 != 2 {
				p.say(true, fmt.Sprint("answer ", i))
			}
			late := p.seal(false, fmt.Sprint("late ", i))
			if i%5 == 0 {
				p.seal(false, "lost")
			}
			p.recorded(&r, fmt.Sprint("message ", i))
			p.keepStep(&r, late.Type, late.Body, fmt.Sprint("late ", i))
			p.open(false, late, fmt.Sprint("late ", i))
		}
		r.Group, r.Distribution = group, p.them.distribute(t)
		for i := range 4 {
			text := fmt.Sprint("to all ", i)
			m := p.them.sealGroup(t, text)
			r.GroupSteps = append(r.GroupSteps, signaltest.Step{Type: m.Type, Body: m.Body, Text: text})
		}
		must(t, r.Replay(ctx))
		raw, err := json.MarshalIndent(r, "", " ")
		must(t, err)
		again, err := signaltest.ReadRecording(raw)
		must(t, err)
		must(t, again.Replay(ctx))
		if *record {
			must(t, os.WriteFile(filepath.Join("..", "testdata", "official-"+using.name[len("lsc-"):]+".json"), append(raw, '\n'), 0o644))
		}
	})
}

// recorded lets them say something and records it.
func (p pair) recorded(r *signaltest.Recording, text string) {
	p.t.Helper()
	m := p.seal(false, text)
	p.keepStep(r, m.Type, m.Body, text)
	p.open(false, m, text)
}

func (p pair) keepStep(r *signaltest.Recording, kind signal.MessageType, body []byte, text string) {
	r.Steps = append(r.Steps, signaltest.Step{Session: p.us.store.Session(theirAddress), Type: kind, Body: body, Text: text})
}
