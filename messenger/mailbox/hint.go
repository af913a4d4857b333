package mailbox

import "letterlock/wire"

// Hints are of use now or never: that somebody is writing, is here, has moved.
// One is handed to a device that is connected here, or dropped. It touches no
// store and no log, it counts nowhere, and it has no answer, so that neither a
// block nor an absence shows.

// Hint takes one from this device.
func (s *session) Hint(h wire.Hint) {
	if len(h.Body) == 0 || len(h.Body) > wire.MaxHint || !h.Kind.FromDevice() {
		return
	}
	b := s.m.boxes.get(h.To)
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sess != nil && !b.blocks[s.addr.Account] {
		b.sess.hinted(wire.Hinted{From: s.addr, Kind: h.Kind, Body: h.Body})
	}
}

// hinted gives a hint to this device unless it is behind: what is late is no
// hint, and what waits is bounded.
func (s *session) hinted(h wire.Hinted) {
	s.mu.Lock()
	behind := !s.live || len(s.out) >= s.m.Limits.Flight
	s.mu.Unlock()
	if !behind {
		s.push(item{frame: h})
	}
}
