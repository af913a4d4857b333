package client

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"letterlock/client/internal/content"
	"letterlock/wire"
)

// Showing the card: everybody gets what they may see, once, and again when that
// changed. The photo goes to the carrier sealed under a new key, with tokens of
// those who are to fetch it, and is removed there when they have.

// view is what somebody was shown last.
type view struct {
	Name  string `cbor:"name,omitempty"`
	About string `cbor:"about,omitempty"`
	Photo int64  `cbor:"photo,omitempty"`
}

// shownTo is what somebody was shown, and when: of two that they get the later
// holds, in whatever order they come.
type shownTo struct {
	View view  `cbor:"view"`
	Sent int64 `cbor:"sent"`
}

// cardTo is how many people one copy of a photo goes to: their devices are
// within what one file may wait for.
const cardTo = 200

// showAll notes that everybody to whom this person has written is to be looked
// at.
func (s *state) showAll() error {
	chats, err := s.List(BucketChat, Range{})
	if err != nil {
		return err
	}
	for _, p := range chats {
		if err := s.Put(BucketShow, p.Key, nil); err != nil {
			return err
		}
	}
	return nil
}

// sees is what somebody may see.
func (s *state) sees(id wire.AccountID, k Card) (v view, err error) {
	may := func(to Audience) bool {
		ok := false
		if err == nil {
			ok, err = s.may(id, to, k.Chosen)
		}
		return ok
	}
	if may(k.NameTo) {
		v.Name = k.Name
	}
	if may(k.AboutTo) {
		v.About = k.About
	}
	if k.Photo != 0 && may(k.PhotoTo) {
		v.Photo = k.Photo
	}
	return v, err
}

func (s *state) may(id wire.AccountID, to Audience, chosen []wire.AccountID) (bool, error) {
	switch to {
	case ToEveryone, ToWritten:
		return true, nil
	case ToContacts:
		return s.inBook(id)
	case ToChosen:
		return slices.Contains(chosen, id), nil
	}
	return false, nil
}

// showDue shows the card to whom it is due.
func (c *Client) showDue(ctx context.Context) error {
	var withPhoto []wire.AccountID
	var photo []byte
	changed, err := c.update(ctx, func(s *state) (err error) {
		withPhoto, photo = nil, nil
		due, err := s.List(BucketShow, Range{})
		if err != nil || len(due) == 0 {
			return err
		}
		k, err := s.card()
		if err != nil {
			return err
		}
		me, err := s.me()
		if err != nil {
			return err
		}
		if photo, err = s.Get(BucketPortrait, me.Account[:]); err != nil {
			return err
		}
		if photo == nil || c.canCarry() != nil {
			k.Photo = 0 // this device cannot show it
		}
		for _, p := range due {
			waits, err := s.showTo(wire.AccountID(p.Key), k)
			if err != nil {
				return err
			}
			if waits {
				withPhoto = append(withPhoto, wire.AccountID(p.Key))
			} else if err := s.Delete(BucketShow, p.Key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	c.stir()
	for part := range slices.Chunk(withPhoto, cardTo) {
		if err := c.showPhoto(ctx, part, photo); err != nil {
			return err
		}
	}
	return nil
}

// showTo shows one person the card as it is for them now. waits: the photo has
// to be brought first.
func (s *state) showTo(id wire.AccountID, k Card) (waits bool, err error) {
	at, err := s.chat(id)
	if err != nil || !at.Wrote || at.Blocked || !k.Sealed {
		return false, err // whoever is blocked is told nothing, not even that they see less
	}
	v, err := s.sees(id, k)
	if err != nil {
		return false, err
	}
	was, had, err := load[shownTo](s, BucketShown, id[:])
	switch {
	case err != nil || was.View == v || !had && v == (view{}):
		return false, err
	case v.Photo != 0 && v.Photo != was.View.Photo:
		return true, nil
	}
	return false, s.sayCard(id, v, &content.Profile{Name: v.Name, About: v.About, Keep: v.Photo != 0})
}

func (s *state) sayCard(id wire.AccountID, v view, b *content.Profile) error {
	was, _, err := load[shownTo](s, BucketShown, id[:])
	if err != nil {
		return err
	}
	now := shownTo{v, max(s.c.nowMilli(), was.Sent+1)}
	if err := save(s, BucketShown, id[:], now); err != nil {
		return err
	}
	t, err := s.reach(id)
	if err != nil || len(t.devices) == 0 {
		return err
	}
	n, err := s.keepAs(content.New(newMessageID(), now.Sent, b), false)
	if err != nil {
		return err
	}
	return s.address(t, row{Said: n})
}

// showPhoto brings a copy of the photo to the carrier for some people.
func (c *Client) showPhoto(ctx context.Context, to []wire.AccountID, photo []byte) error {
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	body, owner, held, err := c.prepare(ctx, Attachment{Body: bytes.NewReader(photo), Name: "profile photo", Metadata: true}, me.Phone)
	if err != nil {
		return err
	}
	e := Entry{Kind: CardPhoto, Own: true, At: c.nowMilli(), State: Waiting, To: to, File: fileOf(body)}
	e.File.State, e.File.Owner = Bringing, owner
	_, err = c.update(ctx, func(s *state) error {
		k, err := s.card()
		if err != nil {
			return err
		}
		if e, err = s.add(e); err != nil {
			return err
		}
		k.Sent = append(k.Sent, e.Seq)
		if err := save(s, BucketChoice, cardKey, k); err != nil {
			return err
		}
		for _, id := range to {
			if err := s.Delete(BucketShow, id[:]); err != nil {
				return err
			}
		}
		if err := s.Delete(BucketLetGo, number(held)); err != nil {
			return err
		}
		return save(s, BucketFreight, number(e.Seq), freight{})
	})
	if err != nil {
		return errors.Join(err, c.files.Remove(ctx, body.Blob))
	}
	c.heave()
	return nil
}

// photoThere shows the card to the people for whom a copy of the photo was
// brought, as far as they may still see it.
func (s *state) photoThere(e Entry) error {
	k, err := s.card()
	if err != nil {
		return err
	}
	f := e.File
	for _, id := range e.To {
		at, err := s.chat(id)
		if err != nil {
			return err
		}
		v, err := s.sees(id, k)
		if err != nil {
			return err
		}
		if at.Blocked || v.Photo == 0 || !slices.Contains(k.Sent, e.Seq) {
			if err := s.Put(BucketShow, id[:], nil); err != nil {
				return err
			}
			continue
		}
		b := &content.Profile{Name: v.Name, About: v.About, Photo: &content.Portrait{Size: uint64(f.Size), Blob: f.Blob, Secret: f.Secret, Digest: f.Digest}}
		if err := s.sayCard(id, v, b); err != nil {
			return err
		}
	}
	if _, err := s.addLetGo(letGo{Blob: f.Blob, Local: true}); err != nil {
		return err
	}
	e.State = Sent
	return s.put(e)
}
