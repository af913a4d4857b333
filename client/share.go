package client

import (
	"errors"
	"slices"

	"letterlock/client/internal/content"
	"letterlock/client/internal/group"
	"letterlock/wire"
)

// What one device of this person hands to another: at linking everything that
// the new one needs and the history that the person chose, later what changed.

// shared is the inside of a content.Share. Absent parts say nothing.
type shared struct {
	Devices  []sharedDevice `cbor:"devices,omitempty"`
	People   []sharedPerson `cbor:"people,omitempty"`
	Groups   []sharedGroup  `cbor:"groups,omitempty"`
	Entries  []sharedEntry  `cbor:"entries,omitempty"`
	Choices  *Choices       `cbor:"choices,omitempty"`
	Card     *Card          `cbor:"card,omitempty"`
	Portrait []byte         `cbor:"portrait,omitempty"` // of Card, or of Shows
	Book     []Contact      `cbor:"book,omitempty"`
	Unbook   []string       `cbor:"unbook,omitempty"`
	Shows    *sharedCard    `cbor:"shows,omitempty"`
	Phone    string         `cbor:"phone,omitempty"` // the number changed
	Leaving  bool           `cbor:"leaving,omitempty"`
}

// sharedCard is what somebody shows this person.
type sharedCard struct {
	Account wire.AccountID `cbor:"account"`
	Is      Shown          `cbor:"is"`
}

type sharedDevice struct {
	Device wire.DeviceID `cbor:"device"`
	Is     sibling       `cbor:"is"`
}

// sharedPerson is a correspondent: the key that the person's devices believe,
// and whether they compared it.
type sharedPerson struct {
	Account  wire.AccountID     `cbor:"account"`
	Known    known              `cbor:"known"`
	Contact  bool               `cbor:"contact,omitempty"` // the number leads there
	Identity []byte             `cbor:"identity,omitempty"`
	Verified bool               `cbor:"verified,omitempty"`
	Chat     chat               `cbor:"chat"`
	List     wire.SignedDevices `cbor:"list"`
}

type sharedGroup struct {
	State []byte       `cbor:"state"`
	Last  group.Signed `cbor:"last"`
	Left  bool         `cbor:"left,omitempty"`
	Spoke bool         `cbor:"spoke,omitempty"`
}

type sharedEntry struct {
	Entry  []byte `cbor:"entry"`
	Unread bool   `cbor:"unread,omitempty"`
}

// share queues something for all of this person's other devices.
func (s *state) share(x shared) error {
	others, err := s.siblings()
	if err != nil {
		return err
	}
	for _, d := range others {
		if err := s.shareWith(d, x); err != nil {
			return err
		}
	}
	return nil
}

// shareWith queues it for one. It is not kept once it left: history that
// disappears or is taken back must not live on as something that was sent.
func (s *state) shareWith(d wire.DeviceID, x shared) error {
	raw, err := wire.Marshal(x)
	if err != nil {
		return err
	}
	n, err := s.keep(&content.Share{Data: raw}, GroupID{}, true)
	if err != nil {
		return err
	}
	me, err := s.me()
	if err != nil {
		return err
	}
	return s.queue(row{To: wire.At(me.Account, d), Said: n, Light: true})
}

// History is how much of what was said a new device gets.
type History int64

// The choices; any other History is a number of days.
const (
	HistoryNone  History = 0
	HistoryMonth History = 30
	HistoryAll   History = -1
)

// handOver brings a new device everything that it needs, and history.
func (s *state) handOver(d wire.DeviceID, h History) error {
	if err := s.handDevices(d); err != nil {
		return err
	}
	if err := s.handPeople(d); err != nil {
		return err
	}
	if err := s.handGroups(d); err != nil {
		return err
	}
	if err := s.handCards(d); err != nil {
		return err
	}
	if h == HistoryNone {
		return nil
	}
	since := int64(0)
	if h > 0 {
		since = s.c.nowMilli() - int64(h)*24*3600*1000
	}
	return s.handEntries(d, since)
}

func (s *state) handDevices(d wire.DeviceID) error {
	choices, _, err := load[Choices](s, BucketChoice, choiceKey)
	if err != nil {
		return err
	}
	x := shared{Choices: &choices}
	me, err := s.me()
	if err != nil {
		return err
	}
	all, err := s.siblings()
	if err != nil {
		return err
	}
	for _, n := range append(all, me.Device) {
		v, err := s.sibling(n)
		if err != nil {
			return err
		}
		x.Devices = append(x.Devices, sharedDevice{n, v})
	}
	return s.shareWith(d, x)
}

func (s *state) handPeople(d wire.DeviceID) error {
	var all []sharedPerson
	ids := map[wire.AccountID]bool{}
	for _, b := range []Bucket{BucketKnown, BucketChat, BucketPeer, BucketDevice} {
		pairs, err := s.List(b, Range{})
		if err != nil {
			return err
		}
		for _, p := range pairs {
			ids[wire.AccountID(p.Key[:16])] = true
		}
	}
	me, err := s.me()
	if err != nil {
		return err
	}
	delete(ids, me.Account)
	for id := range ids {
		p, err := s.personToShare(id)
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b sharedPerson) int { return slices.Compare(a.Account[:], b.Account[:]) })
	for part := range slices.Chunk(all, 40) { // a list of twelve devices is 600 bytes
		if err := s.shareWith(d, shared{People: part}); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) personToShare(id wire.AccountID) (p sharedPerson, err error) {
	p.Account = id
	if p.Known, _, err = load[known](s, BucketKnown, id[:]); err != nil {
		return p, err
	}
	if p.Known.Phone != "" {
		at, _, err := load[contact](s, BucketContact, []byte(p.Known.Phone))
		if err != nil {
			return p, err
		}
		p.Contact = at.Account == id
	}
	peer, _, err := s.peer(wire.At(id, wire.Primary))
	if err != nil {
		return p, err
	}
	p.Identity, p.Verified = peer.Identity, peer.Verified
	if p.Chat, err = s.chat(id); err != nil {
		return p, err
	}
	list, _, err := s.devicesOf(id)
	p.List = list.Signed
	return p, err
}

func (s *state) handGroups(d wire.DeviceID) error {
	pairs, err := s.List(BucketGroup, Range{})
	if err != nil {
		return err
	}
	for _, p := range pairs {
		var g groupRecord
		if err := wire.Unmarshal(p.Value, &g); err != nil {
			return err
		}
		if g.State.Seq == 0 {
			continue // it has not begun
		}
		if err := s.handGroup(d, g); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) handGroup(d wire.DeviceID, g groupRecord) error {
	raw, err := wire.Marshal(g.State)
	if err != nil {
		return err
	}
	return s.shareWith(d, shared{Groups: []sharedGroup{{State: raw, Last: g.Last, Left: g.Left, Spoke: g.Spoke}}})
}

// shareGroup lets this person's other devices know a group.
func (s *state) shareGroup(g groupRecord) error {
	all, err := s.siblings()
	for _, d := range all {
		err = errors.Join(err, s.handGroup(d, g))
	}
	return err
}

// handEntries brings history, newest first, so that a person sees at once what
// was said last.
func (s *state) handEntries(d wire.DeviceID, since int64) error {
	pairs, err := s.List(BucketJournal, Range{Reverse: true})
	if err != nil {
		return err
	}
	var x shared
	size := 0
	flush := func() error {
		if len(x.Entries) == 0 {
			return nil
		}
		part := x
		x, size = shared{}, 0
		return s.shareWith(d, part)
	}
	for _, p := range pairs {
		var e Entry
		if err := wire.Unmarshal(p.Value, &e); err != nil {
			return err
		}
		if e.At < since || e.over(s.c.nowMilli()) || !e.travels() {
			continue
		}
		unread, err := s.Get(BucketUnread, p.Key)
		if err != nil {
			return err
		}
		if size+len(p.Value) > content.MaxShare-(8<<10) || len(x.Entries) == 400 {
			if err := flush(); err != nil {
				return err
			}
		}
		x.Entries = append(x.Entries, sharedEntry{Entry: p.Value, Unread: unread != nil})
		size += len(p.Value) + 32
	}
	return flush()
}

// travels reports whether an entry is of a conversation: what a device noticed
// by itself stays there.
func (e Entry) travels() bool {
	switch e.Kind {
	case Incoming, Outgoing, Unknown, TimerSet, GroupChanged, ServiceNotice:
		return true
	}
	return false
}

// shared takes in what another device of this person hands over. The account's
// key and the lists are checked like any others; who the person's contacts are,
// the devices believe each other.
func (s *state) shared(from wire.DeviceID, b *content.Share) error {
	var x shared
	if err := wire.Unmarshal(b.Data, &x); err != nil {
		return nil // of a newer program
	}
	for _, d := range x.Devices {
		if err := s.takeDevice(from, d); err != nil {
			return err
		}
	}
	for _, p := range x.People {
		if err := s.takePerson(p); err != nil {
			return err
		}
	}
	for _, g := range x.Groups {
		if err := s.takeGroup(g); err != nil {
			return err
		}
	}
	for _, e := range x.Entries {
		if err := s.takeEntry(e); err != nil {
			return err
		}
	}
	if x.Choices != nil {
		if err := save(s, BucketChoice, choiceKey, *x.Choices); err != nil {
			return err
		}
	}
	if err := errors.Join(s.putContacts(x.Book), s.dropContacts(x.Unbook)); err != nil {
		return err
	}
	if x.Card != nil {
		if err := s.takeCard(*x.Card, x.Portrait); err != nil {
			return err
		}
	}
	if x.Shows != nil {
		if err := s.takeShown(*x.Shows, x.Portrait); err != nil {
			return err
		}
	}
	return s.takeNews(from, x)
}

func (s *state) takeNews(from wire.DeviceID, x shared) error {
	if x.Phone != "" {
		me, err := s.me()
		if err != nil {
			return err
		}
		me.Phone = x.Phone
		if err := save(s, BucketSelf, selfKey, me); err != nil {
			return err
		}
		s.renamed = true
	}
	if !x.Leaving || from == wire.Primary {
		return nil
	}
	if err := s.Put(BucketCounter, leftKey(from), number(1)); err != nil {
		return err
	}
	me, err := s.me()
	if err != nil {
		return err
	}
	return s.dropRows(wire.At(me.Account, from))
}

func (s *state) takeDevice(from wire.DeviceID, d sharedDevice) error {
	have, err := s.sibling(d.Device)
	if err != nil {
		return err
	}
	if d.Is.Named >= have.Named && len(d.Is.Name) <= MaxDeviceName {
		have.Name, have.Named = d.Is.Name, d.Is.Named
	}
	if have.Type == "" || d.Device == from {
		have.Type = d.Is.Type
	}
	if have.Added == "" {
		have.Added = d.Is.Added
	}
	have.Active = max(have.Active, d.Is.Active)
	return s.putSibling(d.Device, have)
}

func (s *state) takePerson(p sharedPerson) error {
	me, err := s.me()
	if err != nil || p.Account == me.Account || p.Account.IsZero() {
		return err
	}
	if p.Known.Phone != "" {
		if err := save(s, BucketKnown, p.Account[:], p.Known); err != nil {
			return err
		}
		if at, found, err := load[contact](s, BucketContact, []byte(p.Known.Phone)); err != nil {
			return err
		} else if p.Contact && (!found || at.Account == p.Account) {
			if err := save(s, BucketContact, []byte(p.Known.Phone), contact{Account: p.Account}); err != nil {
				return err
			}
		}
	}
	if err := s.takeKey(p); err != nil {
		return err
	}
	chat, err := s.chat(p.Account)
	if err != nil {
		return err
	}
	if p.Chat.TimerAt < chat.TimerAt {
		p.Chat.Timer, p.Chat.TimerAt, p.Chat.TimerBy = chat.Timer, chat.TimerAt, chat.TimerBy
	}
	p.Chat.Wrote = p.Chat.Wrote || chat.Wrote
	if err := save(s, BucketChat, p.Account[:], p.Chat); err != nil {
		return err
	}
	if p.List.Absent() {
		return nil
	}
	return s.adopt(p.Account, p.List, false)
}

// takeKey takes over which key the person's other device believes. Where this
// one believes another, the person is asked, as always.
func (s *state) takeKey(p sharedPerson) error {
	if len(p.Identity) == 0 {
		return nil
	}
	at := wire.At(p.Account, wire.Primary)
	have, found, err := s.peer(at)
	if err != nil {
		return err
	}
	if !found {
		have = peer{Identity: p.Identity}
	}
	if string(have.Identity) != string(p.Identity) {
		return s.offerKey(at, p.Identity)
	}
	have.Verified = have.Verified || p.Verified
	return save(s, BucketPeer, addressKey(at), have)
}

func (s *state) takeGroup(x sharedGroup) error {
	var now group.State
	if err := wire.Unmarshal(x.State, &now); err != nil || now.ID.IsZero() {
		return nil
	}
	g, found, err := s.group(now.ID)
	if err != nil || (found && g.State.Seq >= now.Seq) {
		return err
	}
	for _, m := range now.Members {
		if had, err := s.Get(BucketVouched, m.Account[:]); err != nil || had != nil {
			if err != nil {
				return err
			}
			continue
		}
		if err := s.Put(BucketVouched, m.Account[:], m.Key); err != nil {
			return err
		}
	}
	g.State, g.Last, g.Left, g.Spoke = now, x.Last, x.Left, g.Spoke || x.Spoke
	return s.putGroup(g)
}

func (s *state) takeEntry(x sharedEntry) error {
	var e Entry
	if err := wire.Unmarshal(x.Entry, &e); err != nil || !e.travels() || e.over(s.c.nowMilli()) {
		return nil
	}
	me, err := s.me()
	if err != nil {
		return err
	}
	author := e.Peer
	if e.Kind == Outgoing {
		author = me.Account
	}
	key := seenKey(author, e.ID)
	if e.ID != (MessageID{}) {
		if seen, err := s.Get(BucketSeen, key); err != nil || seen != nil {
			return err
		}
	}
	e.Said, e.Copies, e.File = 0, 0, e.File.elsewhere()
	if e.Kind == Outgoing && e.State != Failed {
		e.State, e.Why = Sent, "" // the other device sends it
	}
	if e, err = s.add(e); err != nil {
		return err
	}
	if !x.Unread {
		if err := s.Delete(BucketUnread, number(e.Seq)); err != nil {
			return err
		}
	}
	if e.ID == (MessageID{}) {
		return s.ends(e)
	}
	if err := s.Put(BucketSeen, key, number(e.Seq)); err != nil {
		return err
	}
	if err := s.ends(e); err != nil {
		return err
	}
	return s.catchUp(author, e.ID)
}
