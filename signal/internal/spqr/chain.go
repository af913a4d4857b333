package spqr

import (
	"encoding/binary"
	"math"
	"slices"
)

// keptIndexes is how far back a skipped key is kept.
//
// spec: deployed 5.6
const keptIndexes = 2_000

// chains are the message keys of all epochs that are still alive, derived from
// one root that every exchange renews.
type chains struct {
	initiator bool // of the session: sends on the first of each pair
	root      key
	epochs    []epochKeys // ascending, without gaps
}

// epochKeys are the two directions of one epoch.
type epochKeys struct {
	epoch     uint64
	sending   line
	receiving line
	skipped   []passed // of receiving, ascending
}

// line is one direction: the key after index messages.
type line struct {
	key   key
	index uint32
}

type passed struct {
	index uint32
	key   key
}

func newChains(set []byte, initiator bool) chains {
	c := chains{initiator: initiator}
	c.begin(0, derive(nil, set, labelStart, 96))
	return c
}

// add begins the chains of the next epoch.
func (c *chains) add(epoch uint64, secret []byte) error {
	if epoch != c.epochs[len(c.epochs)-1].epoch+1 {
		return errBroken
	}
	c.begin(epoch, derive(c.root[:], secret, labelAdd, 96))
	return nil
}

func (c *chains) begin(epoch uint64, out []byte) {
	defer clear(out)
	e := epochKeys{epoch: epoch}
	copy(c.root[:], out)
	first, second := &e.sending.key, &e.receiving.key
	if !c.initiator {
		first, second = second, first
	}
	copy(first[:], out[32:])
	copy(second[:], out[64:])
	c.epochs = append(c.epochs, e)
}

// step returns the next message key and its index; the first has index 1.
func (l *line) step() (key, uint32) {
	l.index++
	info := string(binary.BigEndian.AppendUint32(nil, l.index)) + labelNext
	out := derive(nil, l.key[:], info, 64)
	defer clear(out)
	copy(l.key[:], out)
	return key(out[32:]), l.index
}

// send is the next sending key of an epoch. Epochs before the one before it
// are forgotten.
//
// spec: deployed 5.6
func (c *chains) send(epoch uint64) (key, uint32, error) {
	c.epochs = slices.DeleteFunc(c.epochs, func(e epochKeys) bool { return e.epoch+1 < epoch })
	e := c.of(epoch)
	if e == nil {
		return key{}, 0, errBroken
	}
	if e.sending.index == math.MaxUint32 {
		return key{}, 0, ErrExhausted
	}
	k, i := e.sending.step()
	return k, i, nil
}

// receive is the key of a message; each is given once.
func (c *chains) receive(epoch uint64, index, limit uint32) (key, error) {
	e := c.of(epoch)
	switch {
	case e == nil || index == 0:
		return key{}, errRefused
	case index <= e.receiving.index:
		return e.take(index)
	case index-e.receiving.index > limit:
		return key{}, errRefused
	}
	for e.receiving.index+1 < index {
		k, i := e.receiving.step()
		if index-i <= keptIndexes {
			e.skipped = append(e.skipped, passed{i, k})
		}
	}
	k, _ := e.receiving.step()
	e.skipped = slices.DeleteFunc(e.skipped, func(p passed) bool { return index-p.index > keptIndexes })
	return k, nil
}

func (e *epochKeys) take(index uint32) (key, error) {
	i := slices.IndexFunc(e.skipped, func(p passed) bool { return p.index == index })
	if i < 0 {
		return key{}, errRefused
	}
	k := e.skipped[i].key
	e.skipped = slices.Delete(e.skipped, i, i+1)
	return k, nil
}

func (c *chains) of(epoch uint64) *epochKeys {
	i := slices.IndexFunc(c.epochs, func(e epochKeys) bool { return e.epoch == epoch })
	if i < 0 {
		return nil
	}
	return &c.epochs[i]
}

func (c *chains) wipe() {
	clear(c.root[:])
	for i := range c.epochs {
		e := &c.epochs[i]
		clear(e.sending.key[:])
		clear(e.receiving.key[:])
		clear(e.skipped)
	}
}
