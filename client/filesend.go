package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"

	"letterlock/client/internal/content"
	"letterlock/client/internal/film"
	"letterlock/client/internal/picture"
	"letterlock/client/internal/sound"
	"letterlock/client/internal/stream"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// Attachment is a file as a person gives it. What is found in the file itself
// (sides and small picture of a photo, waveform of a WAV) need not be given.
type Attachment struct {
	Body     io.Reader // read once, to its end
	Name     string
	Type     string // media type; "": what the file begins like
	Voice    bool   // recorded on the spot
	Metadata bool   // leave in it what says where, when, with what and by whom it was made
	Words           // the caption

	Width, Height int
	Length        uint32 // milliseconds
	Wave          []byte
	Thumb         []byte
}

// SendFile seals a file and takes it into the outbox. When it returns, the file
// is sealed on this device and the given one is not needed any more; Run brings
// it to the carrier, whenever that can be reached, and then sends the message.
func (c *Client) SendFile(ctx context.Context, phone string, a Attachment) (Entry, error) {
	phone, k, err := c.addressee(ctx, phone)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Kind: Outgoing, Peer: k.Account, Phone: phone}
	return c.sendFile(ctx, e, a, func(s *state) (uint32, error) {
		chat, err := s.writes(k.Account)
		return chat.Timer, err
	})
}

// SendFileGroup is SendFile to a group.
func (c *Client) SendFileGroup(ctx context.Context, id GroupID, a Attachment) (Entry, error) {
	if err := c.groupDevices(ctx, id); err != nil {
		return Entry{}, err
	}
	return c.sendFile(ctx, Entry{Kind: Outgoing, Group: id}, a, func(s *state) (uint32, error) {
		g, err := s.inGroup(id)
		return g.State.Timer, err
	})
}

func (c *Client) sendFile(ctx context.Context, e Entry, a Attachment, timer func(*state) (uint32, error)) (Entry, error) {
	me, err := c.self(ctx)
	if err != nil {
		return e, err
	}
	body, owner, held, err := c.prepare(ctx, a, me.Phone)
	if err != nil {
		return e, err
	}
	e.ID, e.At, e.Text, e.Style, e.State = newMessageID(), c.nowMilli(), a.Text, a.Style, Waiting
	e.Sent = e.At
	e.File = fileOf(body)
	e.File.State, e.File.Owner = Bringing, owner
	changed, err := c.update(ctx, func(s *state) (err error) {
		if body.Caption.Timer, err = timer(s); err != nil {
			return err
		}
		if body.Caption.Reply, err = s.answered(a.Reply, e.talk(), me.Account); err != nil {
			return err
		}
		e.Timer, e.Reply = body.Caption.Timer, body.Caption.Reply
		if e, err = s.written(e, body, me.Account); err != nil {
			return err
		}
		if err := s.Delete(BucketLetGo, number(held)); err != nil {
			return err
		}
		return save(s, BucketFreight, number(e.Seq), freight{})
	})
	if err != nil {
		return Entry{}, errors.Join(err, c.files.Remove(ctx, body.Blob))
	}
	c.tell(changed...)
	c.heave()
	return e, nil
}

// prepare seals the file into the store. Until the message is there, held is a
// note that the sealed file is to be removed: a program that ends in between
// leaves nothing behind.
func (c *Client) prepare(ctx context.Context, a Attachment, phone string) (b *content.File, owner Secret, held uint64, err error) {
	if err := c.canCarry(); err != nil {
		return nil, owner, 0, err
	}
	b = &content.File{Kind: content.Document, Name: a.Name, Type: a.Type, Blob: wire.NewMediaID(), Secret: [32]byte(randomBytes(32)),
		Width: uint32(a.Width), Height: uint32(a.Height), Length: a.Length, Wave: a.Wave, Thumb: a.Thumb, Digest: [32]byte{1},
		Caption: content.Text{Text: a.Text, Style: a.Style, Phone: phone}}
	if _, err := content.Encode(content.New(content.ID{1}, 0, b)); err != nil {
		return nil, owner, 0, fault.Wrap(fault.Invalid, "send file", err, "the file cannot be sent like this: its name has at most %d bytes and is no path, its caption at most %d bytes", content.MaxFileName, content.MaxText)
	}
	owner = Secret(randomBytes(32))
	if held, err = c.heldBack(ctx, b.Blob); err != nil {
		return nil, owner, 0, err
	}
	if err = c.sealFile(ctx, a, b); err == nil {
		err = c.look(ctx, a, b)
	}
	if err != nil {
		return nil, owner, 0, errors.Join(err, c.files.Remove(ctx, b.Blob))
	}
	return b, owner, held, nil
}

// sealFile reads the file once: its beginning tells what it is.
func (c *Client) sealFile(ctx context.Context, a Attachment, b *content.File) error {
	first := make([]byte, 16)
	n, err := io.ReadFull(a.Body, first)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return fault.Wrap(fault.Invalid, "read file", err, "the file cannot be read")
	}
	kind := picture.Sniff(first[:n])
	if b.Type == "" || picture.Strips(kind) {
		b.Type = kind
	}
	b.Kind = kindOfFile(b.Type, a.Voice)
	out := &spool{ctx: ctx, files: c.files, id: b.Blob, sum: sha256.New()}
	seal := &counted{to: stream.NewWriter(fileOf(b).key(), out)}
	if err := c.strip(ctx, kind, a, first[:n], seal); err != nil {
		return sayFile(err)
	}
	b.Size = uint64(seal.n)
	if err := seal.fill(wire.MediaSize(seal.n)); err != nil {
		return sayFile(err)
	}
	if err := out.flush(); err != nil {
		return sayFile(err)
	}
	b.Digest = [32]byte(out.sum.Sum(nil))
	return nil
}

func sayFile(err error) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, film.ErrForm):
		return sayTells("this film or picture is damaged or of a rare form; it")
	case errors.Is(err, picture.ErrPicture):
		return fault.Wrap(fault.Invalid, "strip picture", errors.Join(err, errTells), "this picture is damaged or of a rare form, so what it says of place and time cannot be taken out: send it with its metadata, if you mean to")
	}
	return fault.Wrap(fault.Unavailable, "seal file", err, "the file cannot be read, or not be kept sealed on this device: is there room for a second copy?")
}

func kindOfFile(kind string, voice bool) FileKind {
	switch {
	case voice:
		return Voice
	case picture.Strips(kind), kind == picture.HEIC, kind == picture.AVIF:
		return Photo
	case len(kind) > 6 && kind[:6] == "video/":
		return Video
	}
	return Document
}

// look finds in the sealed file what travels in the message. A picture that
// cannot be looked at goes without.
func (c *Client) look(ctx context.Context, a Attachment, b *content.File) error {
	r, err := c.opened(ctx, fileOf(b))
	if err != nil {
		return err
	}
	switch {
	case b.Kind == Photo && b.Thumb == nil:
		thumb, w, h, err := picture.Thumb(r, int64(b.Size))
		if err == nil {
			b.Thumb, b.Width, b.Height = thumb, uint32(w), uint32(h)
		}
	case b.Kind == Voice && a.Wave == nil && b.Type == picture.WAV:
		if bars, millis, err := sound.Wave(r); err == nil {
			b.Wave, b.Length = bars, millis
		}
	case b.Kind == Voice && b.Length == 0 && b.Type == picture.Ogg:
		if millis, err := sound.Opus(r); err == nil {
			b.Length = millis
		}
	}
	return ctx.Err()
}

// spool writes sealed chunks into the store, some at a time, and sums them up.
type spool struct {
	ctx   context.Context
	files Files
	id    wire.MediaID
	sum   hash.Hash
	at    int64
	buf   []byte
}

const spooled = 16 * (wire.MediaChunk + wire.MediaTag)

func (s *spool) Write(b []byte) (int, error) {
	s.sum.Write(b)
	s.buf = append(s.buf, b...)
	if len(s.buf) < spooled {
		return len(b), nil
	}
	return len(b), s.flush()
}

func (s *spool) flush() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	err := s.files.Put(s.ctx, s.id, s.buf, s.at)
	s.at, s.buf = s.at+int64(len(s.buf)), s.buf[:0]
	return err
}

// counted counts what a person gave, and ends at the longest file.
type counted struct {
	to *stream.Writer
	n  int64
}

var errTooLong = fault.New(fault.TooLarge, "send file", "a file has at most %d GiB: send it in parts", wire.MaxFile>>30)

func (c *counted) Write(b []byte) (int, error) {
	if c.n += int64(len(b)); c.n > wire.MaxFile {
		return 0, errTooLong
	}
	return c.to.Write(b)
}

// fill pads to the length of a blob and ends it.
func (c *counted) fill(blob int64) error {
	padded, _ := wire.MediaPadded(blob)
	zeros := make([]byte, wire.MediaChunk)
	for left := padded - c.n; left > 0; {
		n, err := c.to.Write(zeros[:min(left, int64(len(zeros)))])
		if err != nil {
			return err
		}
		left -= int64(n)
	}
	return c.to.Close()
}
