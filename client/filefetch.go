package client

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"

	"letterlock/client/internal/stream"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// fetchTries is how often in a row a fetch may bring nothing before it is given
// up; the next fetch goes on where it ended.
const fetchTries = 5

// told is after how many bytes it is said again how far a fetch is.
const told = 1 << 20

var (
	errLost   = fault.New(fault.NotFound, "fetch file", "the file is not at the server any more: ask for it to be sent again")
	errBroken = fault.New(fault.Conflict, "fetch file", "what the server has is not what was sent: it was changed, cut off or exchanged, and is not kept. Ask for it to be sent again, and tell whoever runs the server")
	errBoast  = fault.New(fault.Conflict, "fetch file", "the message says that the file is of another length than it is: it is not fetched")
	errSealed = fault.New(fault.Conflict, "fetch file", "the file does not open with the key in the message: its sender's program is broken, or they are up to something")
)

// Fetch brings a file to this device: it goes on where an earlier fetch broke
// off, and is looked at whole before it counts as here. progress, which may be
// nil, is told how many bytes of how many are here.
func (c *Client) Fetch(ctx context.Context, seq uint64, progress func(done, total int64)) error {
	if err := c.canCarry(); err != nil {
		return err
	}
	e, err := c.fileEntry(ctx, seq)
	if err != nil {
		return err
	}
	switch e.File.State {
	case Here, Bringing:
		return nil
	case Lost:
		return errLost
	case Broken:
		return errBroken
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	err = c.download(ctx, e, progress)
	if err == nil {
		err = c.examine(ctx, e.File)
	}
	switch {
	case errors.Is(err, errLost):
		return errors.Join(err, c.settleFile(ctx, seq, Lost))
	case errors.Is(err, errBroken), errors.Is(err, errBoast), errors.Is(err, errSealed):
		return errors.Join(err, c.settleFile(ctx, seq, Broken))
	case err != nil:
		return err
	}
	return c.settleFile(ctx, seq, Here)
}

// download takes in what is missing. A line that breaks is tried again; one
// that brings nothing several times is not.
func (c *Client) download(ctx context.Context, e Entry, progress func(done, total int64)) error {
	total := e.File.Total()
	for failed := 0; ; {
		have, err := c.files.Size(ctx, e.File.Blob)
		if err != nil {
			return err
		}
		if have > total {
			return errBroken
		}
		if have == total {
			return nil
		}
		progress(have, total)
		got, err := c.part(ctx, e, have, progress)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !fault.Is(err, fault.Unavailable):
			return err
		}
		if failed++; got > 0 {
			failed = 0
		}
		if failed == fetchTries {
			return fault.Wrap(fault.Unavailable, "fetch file", err, "the file cannot be fetched now: what has come is kept, and the next try goes on from there")
		}
		if err != nil && c.wait(ctx, backoff(failed+1)) != nil {
			return ctx.Err()
		}
	}
}

// part is one answer of the carrier, taken in as far as it goes. The length is
// compared with the message before a byte is taken.
func (c *Client) part(ctx context.Context, e Entry, have int64, progress func(done, total int64)) (got int64, err error) {
	total := e.File.Total()
	p, err := c.freight.Get(ctx, e.File.Blob, e.File.reader(), have)
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, "fetch file", err, sayAway)
	}
	if p.Status >= 400 {
		if err = problem(wire.PathMedia, p.Status, p.Answer); fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unauthenticated) {
			return 0, errLost
		}
		if p.Status == 416 {
			return 0, errBoast
		}
		return 0, fault.Wrap(fault.Unavailable, "fetch file", err, "%s", fault.Say(err))
	}
	defer p.Body.Close()
	if p.Total != total {
		return 0, errBoast
	}
	buf, body := make([]byte, told), io.LimitReader(p.Body, total-have)
	for err == nil && have+got < total {
		var n int
		n, err = io.ReadFull(body, buf[:min(told, total-have-got)])
		if n == 0 {
			continue
		}
		if bad := c.files.Put(ctx, e.File.Blob, buf[:n], have+got); bad != nil {
			return got, fault.Wrap(fault.Exhausted, "keep file", bad, "the file cannot be kept on this device: is the disk full?")
		}
		got += int64(n)
		progress(have+got, total)
	}
	if err != nil {
		err = fault.Wrap(fault.Unavailable, "fetch file", err, sayAway)
	}
	return got, err
}

// examine reads a fetched file once: it has the digest of the message, and
// every chunk opens.
func (c *Client) examine(ctx context.Context, f *File) error {
	all, sum := at{ctx, c.files, f.Blob}, sha256.New()
	r, err := stream.NewReader(f.key(), &summed{from: all, to: sum}, f.Total())
	if err != nil {
		return errBroken
	}
	buf, opens := make([]byte, wire.MediaChunk), error(nil)
	for off := int64(0); off < r.Size() && opens == nil; off += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		_, opens = r.ReadAt(buf[:min(int64(len(buf)), r.Size()-off)], off)
	}
	if opens != nil { // whose fault is it? The digest says what was sent
		sum.Reset()
		if _, err := io.Copy(sum, io.NewSectionReader(all, 0, f.Total())); err != nil {
			return err
		}
	}
	if subtle.ConstantTimeCompare(sum.Sum(nil), f.Digest[:]) != 1 {
		return errBroken
	}
	if opens != nil {
		return errSealed
	}
	return nil
}

// summed sums up what is read of a file from its beginning to its end.
type summed struct {
	from io.ReaderAt
	to   io.Writer
}

func (s *summed) ReadAt(b []byte, off int64) (int, error) {
	n, err := s.from.ReadAt(b, off)
	s.to.Write(b[:n])
	return n, err
}

// settleFile notes what became of a file. When it is here, or worth nothing,
// the carrier is told that this device needs it no more.
func (c *Client) settleFile(ctx context.Context, seq uint64, to FileState) error {
	changed, err := c.update(ctx, func(s *state) error {
		e, found, err := s.entry(seq)
		if err != nil || !found || e.File == nil || e.File.State != There {
			return err
		}
		me, err := s.me()
		if err != nil {
			return err
		}
		l := letGo{Blob: e.File.Blob, Local: to != Here}
		if to != Lost {
			token := e.File.done(me.address())
			l.Done = token[:]
		}
		if _, err := s.addLetGo(l); err != nil {
			return err
		}
		e.File.State, e.File.Done = to, 0
		if to == Here {
			e.File.Done = e.File.Total()
		}
		return s.put(e)
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	next, err := c.release(ctx)
	if next != 0 {
		c.heave()
	}
	return c.soft(err)
}
