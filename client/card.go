package client

import (
	"bytes"
	"context"
	"io"
	"slices"
	"unicode/utf8"

	"letterlock/client/internal/content"
	"letterlock/client/internal/picture"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// What a person shows of themselves: name, a line, a photo, each to whom they
// choose. It goes sealed to each of these people. Name and line lie with the
// carrier as well while everyone may see them; the photo never does.

// Audience says who sees a part of somebody's card.
type Audience string

// The audiences.
const (
	ToEveryone Audience = "everyone" // whoever knows the account: it stands in the carrier's record
	ToWritten  Audience = "written"  // people to whom this person has written
	ToContacts Audience = "contacts" // of those, whom this person has in their contacts
	ToChosen   Audience = "chosen"   // of those, whom this person chose
	ToNobody   Audience = "nobody"
)

// Card is what this person shows, and to whom.
type Card struct {
	Name    string           `cbor:"name,omitempty"`
	About   string           `cbor:"about,omitempty"`
	Photo   int64            `cbor:"photo,omitempty"` // when it was chosen (Unix ms); 0: there is none
	NameTo  Audience         `cbor:"name_to"`
	AboutTo Audience         `cbor:"about_to"`
	PhotoTo Audience         `cbor:"photo_to"`
	Chosen  []wire.AccountID `cbor:"chosen,omitempty"`
	At      int64            `cbor:"at"`               // when it was changed (Unix ms): the latest of this person's devices holds
	Sealed  bool             `cbor:"sealed"`           // some of it went sealed: from then on all of it does
	Sent    []uint64         `cbor:"sent,omitempty"`   // of this device: the entries that carried the photo
	Filled  bool             `cbor:"filled,omitempty"` // name and line were taken over from the carrier's record
}

// CardChange is what to change; nil and empty: it stays.
type CardChange struct {
	Name, About              *string
	NameTo, AboutTo, PhotoTo Audience
	Chosen                   *[]string // numbers
	Photo                    io.Reader
	NoPhoto                  bool
}

var cardKey = []byte("card")

func (s *state) card() (Card, error) {
	k, found, err := load[Card](s, BucketChoice, cardKey)
	if !found {
		k = Card{NameTo: ToEveryone, AboutTo: ToEveryone, PhotoTo: ToWritten}
	}
	return k, err
}

// Card is what this person shows.
func (c *Client) Card(ctx context.Context) (k Card, err error) {
	if err := c.fillCard(ctx); err != nil {
		return k, err
	}
	_, err = c.update(ctx, func(s *state) error { k, err = s.card(); return err })
	return k, err
}

// fillCard takes over what the carrier's record has, once.
func (c *Client) fillCard(ctx context.Context) error {
	var k Card
	me, err := c.self(ctx)
	if err == nil {
		_, err = c.update(ctx, func(s *state) error { k, err = s.card(); return err })
	}
	if err != nil || k.Filled {
		return err
	}
	var p wire.Person
	if err := c.own(ctx, wire.PathPerson, wire.PersonRequest{Account: me.Account}, &p); err != nil {
		return err
	}
	_, err = c.update(ctx, func(s *state) error {
		if k, err = s.card(); err != nil || k.Filled {
			return err
		}
		k.Name, k.About, k.Filled = p.Name, p.About, true
		return save(s, BucketChoice, cardKey, k)
	})
	return err
}

// ChangeCard changes what this person shows, here, at the carrier as far as it
// stands there, and with everybody who sees it.
func (c *Client) ChangeCard(ctx context.Context, n CardChange) error {
	if err := c.fillCard(ctx); err != nil {
		return err
	}
	chosen, photo, err := c.checkCard(ctx, n)
	if err != nil {
		return err
	}
	was, err := c.Card(ctx)
	if err != nil {
		return err
	}
	now := n.over(was, chosen, photo != nil, c.nowMilli())
	if err := c.record(ctx, was, now); err != nil {
		return err
	}
	changed, err := c.update(ctx, func(s *state) error { return s.putCard(now, photo) })
	if err != nil {
		return err
	}
	c.tell(changed...)
	return c.showDue(ctx)
}

// checkCard says in a person's terms what is wrong with a change.
func (c *Client) checkCard(ctx context.Context, n CardChange) (chosen []wire.AccountID, photo []byte, err error) {
	long := func(s *string, most int) bool { return s != nil && (len(*s) > most || !utf8.ValidString(*s)) }
	switch {
	case long(n.Name, wire.MaxName):
		return nil, nil, fault.New(fault.Invalid, "profile", "a name has at most %d bytes", wire.MaxName)
	case long(n.About, wire.MaxAbout):
		return nil, nil, fault.New(fault.Invalid, "profile", "an about text has at most %d bytes", wire.MaxAbout)
	}
	for _, a := range []Audience{n.NameTo, n.AboutTo, n.PhotoTo} {
		if a != "" && !slices.Contains([]Audience{ToEveryone, ToWritten, ToContacts, ToChosen, ToNobody}, a) {
			return nil, nil, fault.New(fault.Invalid, "profile", "say who sees it: everyone, written, contacts, chosen or nobody")
		}
	}
	if n.PhotoTo == ToEveryone {
		return nil, nil, fault.New(fault.Invalid, "profile", "a photo is never with the service, so not everyone can see it: say written, contacts, chosen or nobody")
	}
	if n.Chosen != nil {
		for _, p := range *n.Chosen {
			who, err := c.Find(ctx, p)
			if err != nil {
				return nil, nil, err
			}
			chosen = append(chosen, who.Account)
		}
	}
	if n.Photo == nil {
		return chosen, nil, nil
	}
	photo, err = picture.Portrait(n.Photo)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Invalid, "profile", err, "this is no photo that can be shown: give a JPEG or PNG of at most 64 million pixels")
	}
	return chosen, photo, nil
}

func (n CardChange) over(k Card, chosen []wire.AccountID, photo bool, now int64) Card {
	for to, v := range map[*string]*string{&k.Name: n.Name, &k.About: n.About} {
		if v != nil {
			*to = *v
		}
	}
	for to, v := range map[*Audience]Audience{&k.NameTo: n.NameTo, &k.AboutTo: n.AboutTo, &k.PhotoTo: n.PhotoTo} {
		if v != "" {
			*to = v
		}
	}
	if n.Chosen != nil {
		k.Chosen = chosen
	}
	switch k.At = max(now, k.At+1); {
	case photo:
		k.Photo = k.At
	case n.NoPhoto:
		k.Photo = 0
	}
	k.Sealed = k.Sealed || k.Photo != 0 || k.NameTo != ToEveryone || k.AboutTo != ToEveryone
	return k
}

// record brings the carrier's record to what everyone may see.
func (c *Client) record(ctx context.Context, was, now Card) error {
	open := func(s string, to Audience) string {
		if to != ToEveryone {
			return ""
		}
		return s
	}
	var u wire.ProfileUpdate
	if n := open(now.Name, now.NameTo); n != open(was.Name, was.NameTo) {
		u.Name = &n
	}
	if a := open(now.About, now.AboutTo); a != open(was.About, was.AboutTo) {
		u.About = &a
	}
	if u == (wire.ProfileUpdate{}) {
		return nil
	}
	return c.own(ctx, wire.PathProfile, u, nil)
}

// putCard keeps a card with its photo (nil: it stays, or goes with the card's),
// and notes whom to tell.
func (s *state) putCard(k Card, photo []byte) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	was, err := s.card()
	if err != nil {
		return err
	}
	if k.Sent = was.Sent; k.Photo != was.Photo {
		if err := s.dropSent(k.Sent); err != nil {
			return err
		}
		k.Sent = nil
		if err := s.Delete(BucketPortrait, me.Account[:]); err != nil {
			return err
		}
	}
	if photo != nil {
		if err := s.Put(BucketPortrait, me.Account[:], photo); err != nil {
			return err
		}
	}
	if err := save(s, BucketChoice, cardKey, k); err != nil {
		return err
	}
	if k.Sealed {
		if err := s.showAll(); err != nil {
			return err
		}
	}
	mine, err := s.Get(BucketPortrait, me.Account[:])
	if err != nil {
		return err
	}
	return s.share(shared{Card: k.shared(), Portrait: mine})
}

// shared is a card as this person's other devices get it.
func (k Card) shared() *Card { k.Sent = nil; return &k }

// takeCard follows what another device of this person changed.
func (s *state) takeCard(k Card, photo []byte) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	was, err := s.card()
	if err != nil || k.At <= was.At || len(photo) > content.MaxPortrait {
		return err
	}
	if err := s.dropSent(was.Sent); err != nil {
		return err
	}
	k.Sent = nil
	if err := save(s, BucketChoice, cardKey, k); err != nil {
		return err
	}
	if photo == nil {
		return s.Delete(BucketPortrait, me.Account[:])
	}
	return s.Put(BucketPortrait, me.Account[:], photo)
}

// dropSent takes former photos away from the carrier, if they are there still.
func (s *state) dropSent(entries []uint64) error {
	for _, seq := range entries {
		e, found, err := s.entry(seq)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if err := s.letGo(e, true); err != nil {
			return err
		}
		if err := s.Delete(BucketJournal, number(seq)); err != nil {
			return err
		}
	}
	return nil
}

// Portrait is somebody's photo as they show it to this person, or one's own: a
// JPEG; nil: none.
func (c *Client) Portrait(ctx context.Context, id wire.AccountID) (jpeg []byte, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		jpeg, err = tx.Get(BucketPortrait, id[:])
		return err
	})
	return jpeg, err
}

// Shown is what somebody shows this person of themselves, sealed.
type Shown struct {
	Name  string    `cbor:"name,omitempty"`
	About string    `cbor:"about,omitempty"`
	At    int64     `cbor:"at"`              // by their clock (Unix ms)
	Photo *portrait `cbor:"photo,omitempty"` // to be fetched
}

type portrait struct {
	Size      int64        `cbor:"size"`
	Blob      wire.MediaID `cbor:"blob"`
	Secret    Secret       `cbor:"secret"`
	Digest    [32]byte     `cbor:"digest"`
	NotBefore int64        `cbor:"not_before,omitempty"` // Unix seconds
	Tries     int          `cbor:"tries,omitempty"`
}

func (p *portrait) file() *File {
	return &File{Kind: Photo, Size: p.Size, Blob: p.Blob, Secret: p.Secret, Digest: p.Digest, State: There}
}

// ShownBy tells what somebody shows; found is false if they never did.
func (c *Client) ShownBy(ctx context.Context, id wire.AccountID) (k Shown, found bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		k, found, err = load[Shown](tx, BucketCard, id[:])
		return err
	})
	return k, found, err
}

// cardFrom takes in what somebody shows. A photo that they showed before is no
// more, unless they say that it stays.
func (s *state) cardFrom(from wire.AccountID, m content.Content, b *content.Profile) error {
	me, err := s.me()
	if err != nil || from == me.Account || m.Group != (GroupID{}) {
		return err
	}
	k, err := s.chat(from)
	if err != nil || k.Blocked {
		return err
	}
	was, _, err := load[Shown](s, BucketCard, from[:])
	if err != nil || m.Sent <= was.At {
		return err
	}
	now := Shown{Name: b.Name, About: b.About, At: m.Sent}
	if b.Keep {
		now.Photo = was.Photo
	} else {
		if err := s.Delete(BucketPortrait, from[:]); err != nil {
			return err
		}
		if was.Photo != nil {
			if err := s.letGo(Entry{File: was.Photo.file()}, false); err != nil {
				return err
			}
		}
	}
	if p := b.Photo; p != nil {
		now.Photo = &portrait{Size: int64(p.Size), Blob: p.Blob, Secret: p.Secret, Digest: p.Digest}
		s.c.heave()
	}
	s.changed = append(s.changed, Entry{Kind: CardShown, Peer: from, At: s.c.nowMilli()})
	return save(s, BucketCard, from[:], now)
}

// takePortraits fetches the photos of people to whom this person has written. A
// stranger's is left where it is: fetching tells that somebody was here.
func (c *Client) takePortraits(ctx context.Context) (next int64, err error) {
	due := map[wire.AccountID]*portrait{}
	now := c.clock.Now().Unix()
	_, err = c.update(ctx, func(s *state) error {
		clear(due)
		next, err = s.duePortraits(now, due)
		return err
	})
	for id, p := range due {
		if err == nil {
			err = c.takePortrait(ctx, id, p)
		}
	}
	return next, err
}

func (s *state) duePortraits(now int64, due map[wire.AccountID]*portrait) (next int64, err error) {
	all, err := s.List(BucketCard, Range{})
	if err != nil {
		return 0, err
	}
	for _, p := range all {
		var k Shown
		if err := wire.Unmarshal(p.Value, &k); err != nil {
			return 0, err
		}
		id := wire.AccountID(p.Key)
		at, err := s.chat(id)
		if err != nil {
			return 0, err
		}
		switch {
		case k.Photo == nil || !at.Wrote || at.Blocked:
		case k.Photo.NotBefore <= now:
			due[id] = k.Photo
		default:
			next = sooner(next, k.Photo.NotBefore)
		}
	}
	return next, nil
}

// takePortrait fetches one photo. What is no photo, or gone, is given up.
func (c *Client) takePortrait(ctx context.Context, id wire.AccountID, p *portrait) error {
	jpeg, err := c.portrait(ctx, p)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	changed, fail := c.update(ctx, func(s *state) error {
		k, found, e := load[Shown](s, BucketCard, id[:])
		if e != nil || !found || k.Photo == nil || k.Photo.Blob != p.Blob {
			return e
		}
		if k.Photo.Tries++; fault.Is(err, fault.Unavailable) && k.Photo.Tries < 8 {
			k.Photo.NotBefore = c.clock.Now().Unix() + 60<<k.Photo.Tries
			return save(s, BucketCard, id[:], k)
		}
		k.Photo = nil
		if err == nil {
			e = s.Put(BucketPortrait, id[:], jpeg)
		}
		if e == nil {
			e = s.letGo(Entry{File: p.file()}, false)
		}
		if e != nil {
			return e
		}
		s.changed = append(s.changed, Entry{Kind: CardShown, Peer: id, At: s.c.nowMilli()})
		return save(s, BucketCard, id[:], k)
	})
	c.tell(changed...)
	return fail
}

func (c *Client) portrait(ctx context.Context, p *portrait) ([]byte, error) {
	f := p.file()
	if err := c.download(ctx, Entry{File: f}, func(int64, int64) {}); err != nil {
		return nil, err
	}
	if err := c.examine(ctx, f); err != nil {
		return nil, err
	}
	r, err := c.opened(ctx, f)
	if err != nil {
		return nil, err
	}
	jpeg, err := io.ReadAll(r)
	if err == nil && !picture.IsPortrait(jpeg) {
		err = fault.New(fault.Invalid, "fetch a photo", "what somebody shows is no photo")
	}
	return bytes.Clone(jpeg), err
}

// handCards brings a new device this person's card, and those of others.
func (s *state) handCards(d wire.DeviceID) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	mine, err := s.card()
	if err != nil {
		return err
	}
	photo, err := s.Get(BucketPortrait, me.Account[:])
	if err != nil {
		return err
	}
	if mine.At != 0 {
		if err := s.shareWith(d, shared{Card: mine.shared(), Portrait: photo}); err != nil {
			return err
		}
	}
	if err := s.handContacts(d); err != nil {
		return err
	}
	all, err := s.List(BucketCard, Range{})
	if err != nil {
		return err
	}
	for _, p := range all {
		x := shared{Shows: &sharedCard{Account: wire.AccountID(p.Key)}}
		if err := wire.Unmarshal(p.Value, &x.Shows.Is); err != nil {
			return err
		}
		if x.Portrait, err = s.Get(BucketPortrait, p.Key); err != nil {
			return err
		}
		if err := s.shareWith(d, x); err != nil {
			return err
		}
	}
	return nil
}

// takeShown takes over what somebody shows, from another device of this person.
func (s *state) takeShown(x sharedCard, photo []byte) error {
	was, _, err := load[Shown](s, BucketCard, x.Account[:])
	if err != nil || x.Is.At <= was.At {
		return err
	}
	x.Is.Photo = nil // it was sealed to that device
	if photo != nil && picture.IsPortrait(photo) {
		if err := s.Put(BucketPortrait, x.Account[:], photo); err != nil {
			return err
		}
	}
	return save(s, BucketCard, x.Account[:], x.Is)
}
