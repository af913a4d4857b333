package client

import (
	"fmt"

	"letterlock/client/internal/content"
	"letterlock/wire"
)

// Session repair. A device that cannot open an envelope asks the sender's
// device for it again, in a session that it begins for that purpose; the
// sender then seals the same message, with the same id, in the new session.
// Both sides bound what a forger of envelopes can make them do.

const (
	repairPause   = 3600             // seconds between two repairs with one device
	repairsADay   = 24               // with devices that were talked with
	strangersADay = 4                // with all others
	sentKept      = 45 * 24 * 3600   // seconds for which a message is sent again on request
	gotKept       = 60 * 24 * 3600   // seconds for which an envelope's digest is remembered
	sweepPause    = int64(24 * 3600) // seconds between two sweeps
	repairWindow  = int64(24 * 3600) // seconds that the two counts are about
)

// repair is what waits to be asked of one device.
type repair struct {
	Digests [][]byte `cbor:"digests"`
	Asked   int64    `cbor:"asked"` // Unix seconds of the last request; 0: never
}

// askAgain notes a digest; dueRepairs turns the notes into requests.
func (s *state) askAgain(from wire.Address, digest []byte) error {
	r, _, err := load[repair](s, BucketRepair, addressKey(from))
	if err != nil {
		return err
	}
	if len(r.Digests) == content.MaxRepair {
		return nil // the person sees each of them as unopened
	}
	r.Digests = append(r.Digests, digest)
	return save(s, BucketRepair, addressKey(from), r)
}

// budget is how many requests may still go today: to devices that were talked
// with, and to others, so that a flood from accounts that nobody knows leaves
// the first alone.
type budget struct{ known, strangers int }

func (b *budget) of(known bool) *int {
	if known {
		return &b.known
	}
	return &b.strangers
}

// dueRepairs queues the requests that may go now.
func (s *state) dueRepairs() error {
	pairs, err := s.List(BucketRepair, Range{})
	if err != nil || len(pairs) == 0 {
		return err
	}
	now, left := s.c.clock.Now().Unix(), budget{repairsADay, strangersADay}
	all, known := make([]repair, len(pairs)), make([]bool, len(pairs))
	for i, p := range pairs {
		if err := wire.Unmarshal(p.Value, &all[i]); err != nil {
			return fmt.Errorf("read a stored repair: %w", err)
		}
		if _, known[i], err = s.peer(parseAddress(p.Key)); err != nil {
			return err
		}
		if all[i].Asked > now-repairWindow {
			*left.of(known[i])--
		}
	}
	for i, r := range all {
		if len(r.Digests) == 0 || r.Asked > now-repairPause || *left.of(known[i]) <= 0 {
			continue
		}
		*left.of(known[i])--
		if err := s.ask(parseAddress(pairs[i].Key), r.Digests); err != nil {
			return err
		}
		if err := save(s, BucketRepair, pairs[i].Key, repair{Asked: now}); err != nil {
			return err
		}
	}
	return nil
}

// ask queues a request, which begins a session.
func (s *state) ask(device wire.Address, digests [][]byte) error {
	n, err := s.keep(&content.Repair{Digests: digests}, GroupID{}, true)
	if err != nil {
		return err
	}
	return s.queue(row{To: device, Said: n, Light: true, Fresh: true})
}

// repairFor answers a request: what was sent to that very device, once more.
func (s *state) repairFor(from wire.Address, digests [][]byte) error {
	for _, d := range digests {
		mark, found, err := load[sentMark](s, BucketSent, d)
		if err != nil {
			return err
		}
		if found && !mark.Group.IsZero() {
			if err := s.groupAgain(d, mark, from); err != nil {
				return err
			}
			continue
		}
		if !found || mark.To.Account != from.Account || mark.To.Device != from.Device || mark.Again {
			continue
		}
		mark.Again = true
		if err := save(s, BucketSent, d, mark); err != nil {
			return err
		}
		if err := s.sendAgain(mark, from); err != nil {
			return err
		}
	}
	s.c.stir()
	return nil
}

func (s *state) sendAgain(mark sentMark, to wire.Address) error {
	kept, err := s.Get(BucketSaid, number(mark.Said))
	if err != nil || kept == nil {
		return err // taken back since, or over
	}
	e, found, err := s.entry(mark.Entry)
	if err != nil || (found && e.State == Held) {
		return err
	}
	if err := s.dropRow(mark.Said, to); err != nil {
		return err
	}
	if found && mark.Entry != 0 {
		if e, _, err = s.entry(mark.Entry); err != nil {
			return err
		}
		e.State, e.Copies = Waiting, e.Copies+1
		if err := s.put(e); err != nil {
			return err
		}
	}
	return s.queue(row{To: to, Said: mark.Said, Entry: mark.Entry, Phone: mark.Phone, For: mark.For})
}

// dropRow takes an unanswered envelope of the same content to the same device
// out of the outbox: the recipient has said that it does not open.
func (s *state) dropRow(what uint64, to wire.Address) error {
	all, err := rows(s)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Said != what || r.To != to {
			continue
		}
		if err := s.Delete(BucketOutbox, number(r.Ref)); err != nil {
			return err
		}
		if err := s.delivered(r.Entry); err != nil {
			return err
		}
	}
	return nil
}

// sweep forgets, once a day, what can no longer matter: the carrier drops an
// envelope after 30 days, so nobody repeats or asks for one long after.
func (s *state) sweep() error {
	now := s.c.clock.Now().Unix()
	last, err := s.Get(BucketCounter, []byte("swept"))
	if err != nil || now-int64(parseNumber(last)) < sweepPause {
		return err
	}
	err = s.prune(BucketGot, func(v []byte) (bool, error) { return now-int64(parseNumber(v)) > gotKept, nil })
	if err != nil {
		return err
	}
	err = s.prune(BucketSent, func(v []byte) (bool, error) {
		var m sentMark
		err := wire.Unmarshal(v, &m)
		return now-m.At > sentKept, err
	})
	if err != nil {
		return err
	}
	err = s.pruneSaid(now)
	if err != nil {
		return err
	}
	err = s.prune(BucketLater, func(v []byte) (bool, error) {
		var l later
		err := wire.Unmarshal(v, &l)
		return now-l.Taken > laterKept, err
	})
	if err != nil {
		return err
	}
	err = s.prune(BucketRepair, func(v []byte) (bool, error) {
		var r repair
		err := wire.Unmarshal(v, &r)
		return len(r.Digests) == 0 && now-r.Asked > repairWindow, err
	})
	if err != nil {
		return err
	}
	return s.Put(BucketCounter, []byte("swept"), number(uint64(now)))
}

// prune deletes the entries of a bucket that are over.
func (s *state) prune(b Bucket, over func(value []byte) (bool, error)) error {
	all, err := s.List(b, Range{})
	if err != nil {
		return err
	}
	for _, p := range all {
		gone, err := over(p.Value)
		if err != nil {
			return fmt.Errorf("read a stored %s: %w", b, err)
		}
		if !gone {
			continue
		}
		if err := s.Delete(b, p.Key); err != nil {
			return err
		}
	}
	return nil
}
