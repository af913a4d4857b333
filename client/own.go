package client

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"letterlock/client/internal/content"
	"letterlock/wire"
)

// What this person's devices say to each other. Each of them gets what another
// one sends (a transcript), sees what was read there, and knows the others by
// name; of all this the carrier sees envelopes between devices of one account.

// Device is one device of this person.
type Device struct {
	ID      wire.DeviceID
	Name    string // as the person calls it; "" if this device was not told yet
	Type    string // "terminal", "browser"
	This    bool
	Primary bool
	Added   string // the day on which it was linked, UTC; "" for the primary
	Active  string // the last day on which this device heard of it, UTC
}

// sibling is what is kept of another device of this person, and of this one.
type sibling struct {
	Name   string `cbor:"name,omitempty"`
	Type   string `cbor:"type,omitempty"`
	Added  string `cbor:"added,omitempty"`
	Active string `cbor:"active,omitempty"`
	Named  int64  `cbor:"named,omitempty"` // when it got its name, Unix milliseconds: the latest holds
}

// MaxDeviceName bounds the name of a device, in bytes.
const MaxDeviceName = 60

func (s *state) today() string { return s.c.clock.Now().UTC().Format(time.DateOnly) }

func (s *state) sibling(d wire.DeviceID) (sibling, error) {
	v, _, err := load[sibling](s, BucketSibling, []byte{byte(d)})
	return v, err
}

func (s *state) putSibling(d wire.DeviceID, v sibling) error {
	return save(s, BucketSibling, []byte{byte(d)}, v)
}

// Devices are this person's devices, this one among them.
func (c *Client) Devices(ctx context.Context) (out []Device, err error) {
	me, err := c.self(ctx)
	if err != nil {
		return nil, err
	}
	_, err = c.update(ctx, func(s *state) error {
		all, err := s.numbers(me.Account)
		if err != nil {
			return err
		}
		all = append(all, me.Device)
		slices.Sort(all)
		for _, d := range all {
			v, err := s.sibling(d)
			if err != nil {
				return err
			}
			if d == me.Device {
				v.Active = s.today()
			}
			out = append(out, Device{ID: d, Name: v.Name, Type: v.Type, This: d == me.Device, Primary: d == wire.Primary, Added: v.Added, Active: v.Active})
		}
		return nil
	})
	return out, err
}

// NameDevice gives one of this person's devices a name, which the others learn
// and nobody else.
func (c *Client) NameDevice(ctx context.Context, d wire.DeviceID, name string) error {
	if err := checkDeviceName(name); err != nil {
		return err
	}
	_, err := c.update(ctx, func(s *state) error {
		if err := s.mustHave(d); err != nil {
			return err
		}
		v, err := s.sibling(d)
		if err != nil {
			return err
		}
		v.Name, v.Named = name, s.c.nowMilli()
		if err := s.putSibling(d, v); err != nil {
			return err
		}
		return s.share(shared{Devices: []sharedDevice{{d, v}}})
	})
	c.stir()
	return err
}

// siblings are this person's other devices.
func (s *state) siblings() ([]wire.DeviceID, error) {
	me, err := s.me()
	if err != nil {
		return nil, err
	}
	return s.numbers(me.Account)
}

// mirror queues, for each of this person's other devices, what was sent to
// somebody.
func (s *state) mirror(to wire.AccountID, phone string, said uint64) error {
	return s.toSiblings(row{Said: said, For: to, Phone: phone})
}

func (s *state) toSiblings(r row) error {
	others, err := s.siblings()
	if err != nil {
		return err
	}
	me, err := s.me()
	if err != nil {
		return err
	}
	for _, d := range others {
		r.To = wire.At(me.Account, d)
		if err := s.queue(r); err != nil {
			return err
		}
	}
	return nil
}

// transcript is a content as this person's other devices get it. Its id follows
// from the content's, so that it is one however often it is sealed.
func transcript(to wire.AccountID, phone string, raw []byte) ([]byte, error) {
	m, err := content.Decode(raw)
	if err != nil {
		return nil, err
	}
	id := sha256.Sum256(append([]byte("letterlock transcript v1\x00"), m.ID[:]...))
	return content.Encode(content.New(content.ID(id[:16]), m.Sent, &content.Sent{To: to, Phone: phone, Content: raw}))
}

// fromSibling takes in what only another device of this person may say.
func (s *state) fromSibling(e envelope, m content.Content) error {
	me, err := s.me()
	if err != nil || e.From.Account != me.Account {
		return err
	}
	switch b := m.Body.(type) {
	case *content.Sent:
		return s.mirrored(e, b)
	case *content.Seen:
		return s.seenElsewhere(m, b)
	case *content.Share:
		return s.shared(e.From.Device, b)
	}
	return nil
}

// heard notes that another device of this person is in use.
func (s *state) heard(from wire.Address) error {
	me, err := s.me()
	if err != nil || from.Account != me.Account {
		return err
	}
	v, err := s.sibling(from.Device)
	if err != nil || v.Active == s.today() {
		return err
	}
	v.Active = s.today()
	return s.putSibling(from.Device, v)
}

// mirrored files what this person sent from another device.
func (s *state) mirrored(e envelope, b *content.Sent) error {
	m, err := content.Decode(b.Content)
	if err != nil {
		return s.unopened(e, "what was in it cannot be read", false)
	}
	me, err := s.me()
	if err != nil {
		return err
	}
	key := seenKey(me.Account, m.ID)
	seen, err := s.Get(BucketSeen, key)
	if err != nil || seen != nil {
		return err
	}
	if _, err := s.wrote(b.To); err != nil {
		return err
	}
	if !m.Message() {
		if err := s.Put(BucketSeen, key, number(0)); err != nil {
			return err
		}
		return s.change(me.Account, b.To, m)
	}
	entry := fromContent(m)
	entry.Peer, entry.Phone, entry.Device, entry.At = b.To, b.Phone, e.From.Device, m.Sent
	return s.fileOwn(entry)
}

// fileOwn files a message of this person that another device of theirs sent.
func (s *state) fileOwn(e Entry) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	if e.Own = true; e.Kind == Incoming {
		e.Kind, e.State, e.Own = Outgoing, Sent, false
	}
	if e.Recipients, err = s.spoke(e.Group); err != nil {
		return err
	}
	if e.Timer != 0 {
		e.Ends = e.Sent + int64(e.Timer)*1000
	}
	if e, err = s.add(e); err != nil {
		return err
	}
	if err := s.Put(BucketSeen, seenKey(me.Account, e.ID), number(e.Seq)); err != nil {
		return err
	}
	if err := s.ends(e); err != nil {
		return err
	}
	return s.catchUp(me.Account, e.ID)
}

// tellSeen lets this person's other devices know what they saw here.
func (s *state) tellSeen(refs []Ref) error {
	others, err := s.siblings()
	if err != nil || len(others) == 0 {
		return err
	}
	for part := range slices.Chunk(refs, content.MaxSeen) {
		n, err := s.keep(&content.Seen{Refs: part}, GroupID{}, true)
		if err != nil {
			return err
		}
		if err := s.toSiblings(row{Said: n, Light: true}); err != nil {
			return err
		}
	}
	return nil
}

// seenElsewhere marks what was seen on another device, now or when it comes.
func (s *state) seenElsewhere(m content.Content, b *content.Seen) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	for _, r := range b.Refs {
		raw, err := s.Get(BucketSeen, seenKey(r.Author, r.ID))
		if err != nil {
			return err
		}
		if raw == nil {
			one := content.New(m.ID, m.Sent, &content.Seen{Refs: []Ref{r}})
			if err := s.putOff(me.Account, me.Account, r, one); err != nil {
				return err
			}
			continue
		}
		if _, err := s.shown(parseNumber(raw), false); err != nil {
			return err
		}
	}
	return nil
}

func leftKey(d wire.DeviceID) []byte { return append([]byte("left"), byte(d)) }

// here tells this person's other devices once a day that this one is in use.
func (s *state) here() error {
	others, err := s.siblings()
	if err != nil || len(others) == 0 {
		return err
	}
	key := []byte("here")
	last, err := s.Get(BucketCounter, key)
	if err != nil || string(last) == s.today() {
		return err
	}
	if err := s.Put(BucketCounter, key, []byte(s.today())); err != nil {
		return err
	}
	return s.share(shared{})
}
