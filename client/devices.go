package client

import (
	"bytes"
	"errors"
	"slices"

	"letterlock/client/internal/roster"
	"letterlock/signal"
	"letterlock/wire"
)

// Which devices a person has is the word of their primary device: a list that
// it signs with the account's identity key, the one of the safety number. The
// carrier hands lists out and can neither make one, nor add a device to one,
// nor go back to an older one unseen. Whoever writes to somebody first tells
// them their own newest list, sealed.

// devices is what is known of an account's devices.
type devices struct {
	List   wire.DeviceList    `cbor:"list"` // version 0: the primary alone
	Signed wire.SignedDevices `cbor:"signed"`
	Former []wire.DeviceID    `cbor:"former,omitempty"` // were in a list, and are no longer
	Doubt  string             `cbor:"doubt,omitempty"`  // what was said last to be wrong with what the carrier shows
}

func (s *state) devicesOf(id wire.AccountID) (devices, bool, error) {
	return load[devices](s, BucketDevice, id[:])
}

// numbers are the devices that an envelope to an account goes to, this one
// excepted.
func (s *state) numbers(id wire.AccountID) ([]wire.DeviceID, error) {
	d, _, err := s.devicesOf(id)
	if err != nil {
		return nil, err
	}
	me, err := s.me()
	if err != nil {
		return nil, err
	}
	all := d.List.Numbers()
	if d.List.Version == 0 {
		all = []wire.DeviceID{wire.Primary}
	}
	if id != me.Account {
		return all, nil
	}
	return slices.DeleteFunc(all, func(n wire.DeviceID) bool {
		left, e := s.Get(BucketCounter, leftKey(n))
		err = errors.Join(err, e)
		return n == me.Device || left != nil
	}), err
}

// listed reports whether an account's own list names a device with a key.
func (s *state) listed(a wire.Address, key []byte) (bool, error) {
	d, _, err := s.devicesOf(a.Account)
	return err == nil && key != nil && bytes.Equal(d.List.Key(a.Device), key), err
}

// named reports whether an account's list names the device at all.
func (s *state) namesDevice(a wire.Address) (bool, error) {
	if a.Device == wire.Primary {
		return true, nil
	}
	d, _, err := s.devicesOf(a.Account)
	return d.List.Key(a.Device) != nil, err
}

// accountKey is the identity key that this device believes to be an account's;
// nil: it has not met it.
func (s *state) accountKey(id wire.AccountID) ([]byte, error) {
	me, err := s.me()
	if err != nil {
		return nil, err
	}
	if id == me.Account {
		return me.accountKey()
	}
	p, found, err := s.peer(wire.At(id, wire.Primary))
	if err != nil || found {
		return p.Identity, err
	}
	return s.Get(BucketVouched, id[:])
}

const (
	doubtHidden  = "the server hides devices of this person: nothing was believed of it, and messages go to all of them"
	doubtOld     = "the server shows an older list of this person's devices than you have seen: it was not believed"
	doubtForged  = "somebody shows a list of this person's devices that they have not signed, perhaps to add a device: it was not believed"
	doubtTwo     = "two different lists of this person's devices say to be the same: ask them about their devices"
	doubtKey     = "the server hands out other keys for a device of this person than they have signed: nothing was sealed with those"
	doubtGone    = "the server says that a device of this person does not exist, which they say they have: what you wrote did not go to it"
	doubtUnnamed = "something came from a device that this person does not name among their own: it was not opened"
)

// doubt tells the person, once for each thing, that what the carrier shows of
// somebody's devices cannot be true.
func (s *state) doubt(id wire.AccountID, why string) error {
	d, _, err := s.devicesOf(id)
	if err != nil || d.Doubt == why {
		return err
	}
	d.Doubt = why
	if err := save(s, BucketDevice, id[:], d); err != nil {
		return err
	}
	k, _, err := load[known](s, BucketKnown, id[:])
	if err != nil {
		return err
	}
	_, err = s.add(Entry{Kind: ServerDoubt, Peer: id, Phone: k.Phone, At: s.c.nowMilli(), Why: why})
	return err
}

// adopt judges a list that was shown: by the carrier, which may show an old one
// or hide it, or by a device of the account, whose envelopes may come late.
func (s *state) adopt(id wire.AccountID, shown wire.SignedDevices, byCarrier bool) error {
	have, _, err := s.devicesOf(id)
	if err != nil {
		return err
	}
	if shown.Absent() {
		if have.List.Version > 0 && byCarrier {
			return s.doubt(id, doubtHidden)
		}
		return save(s, BucketDevice, id[:], have) // asked, and there is none
	}
	list, err := roster.Open(shown)
	if err != nil || list.Account != id {
		return s.doubt(id, doubtForged)
	}
	key, err := s.accountKey(id)
	if err != nil {
		return err
	}
	switch {
	case key != nil && !bytes.Equal(key, list.Devices[0].Key):
		return s.otherKey(id, list.Devices[0].Key)
	case list.Version < have.List.Version:
		if byCarrier {
			return s.doubt(id, doubtOld)
		}
		return nil
	case list.Version == have.List.Version:
		if !bytes.Equal(shown.List, have.Signed.List) {
			return s.doubt(id, doubtTwo)
		}
		return nil
	}
	return s.believe(id, have, list, shown)
}

// otherKey is a list signed with another identity key than the account's: the
// server shows another person, or the person has begun anew.
func (s *state) otherKey(id wire.AccountID, key []byte) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	if id == me.Account {
		return s.doubt(id, doubtForged)
	}
	return s.offerKey(wire.At(id, wire.Primary), key)
}

// believe takes a newer list for the person's own.
func (s *state) believe(id wire.AccountID, have devices, list wire.DeviceList, signed wire.SignedDevices) error {
	met, err := s.met(id)
	if err != nil {
		return err
	}
	before := have.List
	if before.Version == 0 {
		before.Devices = []wire.ListedDevice{list.Devices[0]}
	}
	now := devices{List: list, Signed: signed, Former: have.Former}
	for _, d := range before.Devices {
		if !bytes.Equal(list.Key(d.Device), d.Key) && !slices.Contains(now.Former, d.Device) {
			now.Former = append(now.Former, d.Device)
		}
	}
	if err := save(s, BucketDevice, id[:], now); err != nil {
		return err
	}
	for _, d := range before.Devices {
		if bytes.Equal(list.Key(d.Device), d.Key) {
			continue
		}
		if err := s.dropDevice(wire.At(id, d.Device)); err != nil {
			return err
		}
	}
	if err := s.sayDevices(id, before, list, met); err != nil {
		return err
	}
	me, err := s.me()
	if err != nil || id != me.Account {
		return err
	}
	return s.ownDevices(list)
}

// met reports whether this person knows an account from a conversation. Where
// they do not, its devices are no news.
func (s *state) met(id wire.AccountID) (bool, error) {
	me, err := s.me()
	if err != nil || id == me.Account {
		return err == nil, err
	}
	vouched, err := s.Get(BucketVouched, id[:])
	if err != nil || vouched != nil {
		return err == nil, err
	}
	said, err := s.List(BucketTalk, Range{Prefix: id[:], Limit: 1})
	return len(said) > 0, err
}

// sayDevices tells the person what is new, and brings a new device what the
// others got since it was linked.
func (s *state) sayDevices(id wire.AccountID, before, list wire.DeviceList, met bool) error {
	k, _, err := load[known](s, BucketKnown, id[:])
	if err != nil {
		return err
	}
	me, err := s.me()
	if err != nil {
		return err
	}
	say := func(d wire.DeviceID, why string) error {
		if !met || (id == me.Account && d == me.Device) {
			return nil
		}
		_, err := s.add(Entry{Kind: DevicesChanged, Peer: id, Device: d, Phone: k.Phone, At: s.c.nowMilli(), Own: id == me.Account, Why: why})
		return err
	}
	for _, d := range before.Devices {
		if list.Key(d.Device) == nil {
			if err := say(d.Device, "no longer uses a device"); err != nil {
				return err
			}
		}
	}
	for _, d := range list.Devices {
		if bytes.Equal(before.Key(d.Device), d.Key) {
			continue
		}
		if err := say(d.Device, "uses a new device"); err != nil {
			return err
		}
		if err := s.missed(wire.At(id, d.Device), list.At); err != nil {
			return err
		}
	}
	return nil
}

// missedBefore is how much earlier than its linking a device may need what was
// sent: clocks differ. What it has already it shows once all the same.
const missedBefore = 2 * 60 * 1000 // milliseconds

// maxMissed bounds what a contact can have sealed again by naming new devices.
const maxMissed = 1000

// missed queues for a new device, a contact's or this person's own, what this
// device sent since it was linked and while this one did not know of it.
func (s *state) missed(at wire.Address, since int64) error {
	me, err := s.me()
	if err != nil || at == me.address() {
		return err
	}
	if err := s.missedGroups(at, me); err != nil {
		return err
	}
	all, err := s.List(BucketJournal, Range{Reverse: true, Limit: maxMissed})
	if err != nil {
		return err
	}
	for _, p := range all {
		var e Entry
		if err := wire.Unmarshal(p.Value, &e); err != nil {
			return err
		}
		if e.At < since-missedBefore {
			return nil
		}
		if e.Kind != Outgoing || e.Said == 0 || e.Deleted {
			continue
		}
		if err := s.missedOne(at, e, me.Account); err != nil {
			return err
		}
	}
	return nil
}

// missedGroups tells a new device of a contact about the groups that it shares
// with this person and that this person changed last: what was said in one is
// nothing to a device that does not know it. Of the others its own primary tells
// it (welcomed).
func (s *state) missedGroups(at wire.Address, me *self) error {
	all, err := s.List(BucketGroup, Range{})
	if err != nil || at.Account == me.Account {
		return err
	}
	for _, p := range all {
		var g groupRecord
		if err := wire.Unmarshal(p.Value, &g); err != nil {
			return err
		}
		ch, err := g.Last.Read()
		if err != nil || ch.By != me.Account || !g.hears(at.Account) {
			continue // not begun, or somebody else's to tell
		}
		w, err := g.welcome(me)
		if err != nil {
			return err
		}
		n, err := s.keep(w, g.State.ID, false)
		if err != nil {
			return err
		}
		if err := s.address(target{account: at.Account, devices: []wire.DeviceID{at.Device}}, row{Said: n}); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) missedOne(at wire.Address, e Entry, me wire.AccountID) error {
	r := row{Said: e.Said}
	if at.Account == me && e.Group.IsZero() {
		r.To, r.For, r.Phone = at, e.Peer, e.Phone
		return s.queue(r)
	}
	to, err := s.wentTo(e, at.Account)
	if err != nil || !to {
		return err
	}
	return s.address(target{account: at.Account, devices: []wire.DeviceID{at.Device}, held: e.State == Held}, r)
}

func (s *state) wentTo(e Entry, id wire.AccountID) (bool, error) {
	if e.Group.IsZero() {
		return e.Peer == id, nil
	}
	g, found, err := s.group(e.Group)
	if err != nil || !found {
		return false, err
	}
	since, err := s.Get(BucketSince, append(g.State.ID[:], id[:]...))
	return g.hears(id) && parseNumber(since) <= g.State.Seq, err
}

// dropDevice ends everything with a device that is no longer its person's: what
// waits for it does not go, what it could read is sealed anew.
func (s *state) dropDevice(at wire.Address) error {
	key := addressKey(at)
	for b, exact := range map[Bucket]bool{BucketSession: true, BucketPeer: true, BucketRepair: true, BucketSender: false, BucketFrom: false, BucketKept: false} {
		all, err := s.List(b, Range{Prefix: key})
		if err != nil {
			return err
		}
		for _, p := range all {
			if exact && len(p.Key) != len(key) {
				continue
			}
			if err := s.Delete(b, p.Key); err != nil {
				return err
			}
		}
	}
	if err := s.dropRows(at); err != nil {
		return err
	}
	return s.renewWith(at)
}

func (s *state) dropRows(at wire.Address) error {
	waiting, err := rows(s)
	if err != nil {
		return err
	}
	for _, r := range waiting {
		if r.To != at {
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

// renewWith begins new chains in every group that a device could read.
func (s *state) renewWith(at wire.Address) error {
	all, err := s.List(BucketGroup, Range{})
	if err != nil {
		return err
	}
	for _, p := range all {
		var g groupRecord
		if err := wire.Unmarshal(p.Value, &g); err != nil {
			return err
		}
		if !g.hears(at.Account) {
			continue
		}
		if err := s.renew(&g); err != nil {
			return err
		}
		if err := s.putGroup(g); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) judge(d *signal.Device, at wire.Address, key []byte) error {
	e, found, err := load[envelope](s, BucketKept, key)
	if err != nil || !found {
		return err
	}
	if err := s.Delete(BucketKept, key); err != nil {
		return err
	}
	named, err := s.namesDevice(at)
	if err != nil {
		return err
	}
	if named {
		return s.open(d, e)
	}
	return s.fromUnnamed(e)
}

// fromUnnamed is an envelope of a device that its account's list does not name.
func (s *state) fromUnnamed(e envelope) error {
	d, _, err := s.devicesOf(e.From.Account)
	if err != nil {
		return err
	}
	if slices.Contains(d.Former, e.From.Device) {
		return s.unopened(e, "it came from a device that its person had unlinked", false)
	}
	if err := s.doubt(e.From.Account, doubtUnnamed); err != nil {
		return err
	}
	return s.unopened(e, "it came from a device that its person does not name", false)
}
