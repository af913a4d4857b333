package ledger

import (
	"context"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// Tick puts a batch into the tree if one is due. After downtime one batch is
// made for the latest tick that has passed, and none for those before it: a
// checkpoint never claims a time at which the ledger was not there. A batch
// takes only what was recorded before its tick, so that what it holds follows
// from the clock and not from how busy the machine was.
func (l *Ledger) Tick(ctx context.Context) error {
	l.write.Lock()
	defer l.write.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.isClosed() {
		return errClosed()
	}
	now := l.clock.Now()
	l.CheckClock(now)
	if err := l.enterAside(); err != nil {
		return unavailable("serve tick", err)
	}
	if err := l.finish(); err != nil {
		return unavailable("serve tick", err)
	}
	due := l.set.due(now)
	if due <= l.due {
		return nil
	}
	if err := l.compose(due); err != nil {
		return unavailable("serve tick", err)
	}
	if err := l.finish(); err != nil {
		return unavailable("serve tick", err)
	}
	return nil
}

func (l *Ledger) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// compose decides what the batch holds and journals that: from then on the
// batch can be completed after any crash, always with the same bytes.
func (l *Ledger) compose(due int64) error {
	b := batch{number: l.batches, tick: max(due, l.tick), leaves: map[int64]proof.Leaf{}}
	byRecord := map[uint64]int64{}
	it := item{Kind: itemBatch, Batch: b.number, Due: due, Tick: b.tick, HighWater: l.HighWater().UnixNano()}
	slots := l.sec.slots(b.number, l.set.Batch)
	for i, w := range l.choose(due) {
		index := b.number*int64(l.set.Batch) + int64(slots[i])
		b.leaves[index], byRecord[w.seq] = w.leaf, index
		it.Slots = append(it.Slots, w.seq, uint64(index))
	}
	frame, next := appendFrame(nil, l.chain, it.bytes())
	if err := l.journal.append(frame); err != nil {
		l.setHealthy(false)
		return err
	}
	l.setHealthy(true)
	l.chain = next
	l.mu.Lock()
	defer l.mu.Unlock()
	l.enter(b, byRecord, it)
	return nil
}

// choose takes what waited before the tick, emergencies and stops first.
func (l *Ledger) choose(due int64) []waiting {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []waiting
	for _, priority := range []bool{true, false} {
		for _, w := range l.pending {
			if w.priority == priority && (w.at < due || w.seq <= l.accepted) && len(out) < l.set.Batch {
				out = append(out, w)
			}
		}
	}
	return out
}

// enter takes a journalled batch's records off the waiting list. The caller
// holds mu, or is alone.
func (l *Ledger) enter(b batch, byRecord map[uint64]int64, it item) {
	var rest []waiting
	for _, w := range l.pending {
		index, ok := byRecord[w.seq]
		if !ok {
			rest = append(rest, w)
			continue
		}
		l.records[w.seq-1].index = index
		if !w.priority {
			l.ordinary--
		}
	}
	l.pending = rest
	l.batches++
	l.due, l.tick = it.Due, it.Tick
	if hw := nanos(it.HighWater); hw.After(l.mark) {
		l.mark = hw
	}
	if b.number >= l.published {
		l.undone = append(l.undone, b)
	}
}

// finish gives each journalled batch its hashes and its checkpoint, in this
// order, each durable before the next. The caller holds write.
func (l *Ledger) finish() error {
	if l.checkpoints.size == 0 {
		if err := l.checkpoints.append(append(l.head.note, '\n')); err != nil {
			return err
		}
	}
	for len(l.undone) > 0 {
		if err := l.publish(l.undone[0]); err != nil {
			l.setHealthy(false)
			return err
		}
		l.undone = l.undone[1:]
	}
	return nil
}

func (l *Ledger) publish(b batch) error {
	size := (b.number + 1) * int64(l.set.Batch)
	if root, err := l.tree.root(l.head.Size); err != nil || root != l.head.Root {
		return fault.Wrap(fault.Unavailable, "grow tree", err, "refusing to sign a tree whose hashes were changed on the disk. Run a ledger check, and restore a backup.")
	}
	g, err := l.grow(b)
	if err != nil {
		return err
	}
	if b.number >= l.stored { // else only the checkpoint could not be written
		if err := l.hashes.append(g.bytes()); err != nil {
			return err
		}
		l.stored = b.number + 1
	}
	cp, err := l.checkpoint(size, b.tick, g)
	if err != nil {
		return err
	}
	note := l.sign(cp)
	if err := l.checkpoints.append(append(note[:len(note):len(note)], '\n')); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.head, l.published = head{cp, note}, b.number+1
	close(l.grown)
	l.grown = make(chan struct{})
	return nil
}
