package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"path"
	"strings"

	"letterlock/client/internal/film"
	"letterlock/client/internal/picture"
	"letterlock/client/internal/stream"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// What a file says beside what is seen in it (place, time, device, author) does
// not leave with it, where it can be taken out safely: photos, films, HEIC. Of
// other forms it cannot; then the person is asked first, and nothing leaves by
// itself.

// errTells is under every refusal of a file that may say more than the person
// means to send.
var errTells = errors.New("the file may say where, when or by whom it was made")

// Tells reports whether a file was refused because it may say where, when, with
// what or by whom it was made, and that cannot be taken out. Ask the person;
// with Attachment.Metadata it goes as it is.
func Tells(err error) bool { return errors.Is(err, errTells) }

func sayTells(what string) error {
	return fault.Wrap(fault.Conflict, "send file", errTells,
		"%s can say who made it, where, when and with what, and that cannot be taken out here: send it as it is, with its metadata, if you mean to", what)
}

// strip copies what leaves of a file into seal.
func (c *Client) strip(ctx context.Context, kind string, a Attachment, first []byte, seal io.Writer) error {
	all := io.MultiReader(bytes.NewReader(first), a.Body)
	switch {
	case a.Metadata:
		_, err := io.Copy(seal, all)
		return err
	case picture.Strips(kind):
		return picture.Strip(kind, seal, all)
	case filmed[kind]:
		return c.stripFilm(ctx, a.Body, first, seal)
	case kind == picture.PDF:
		marks := &finder{of: pdfMarks}
		if _, err := io.Copy(io.MultiWriter(seal, marks), all); err != nil {
			return err
		}
		if marks.found {
			return sayTells("a PDF")
		}
		return nil
	}
	if what := telling(kind, a); what != "" {
		return sayTells(what)
	}
	_, err := io.Copy(seal, all)
	return err
}

var filmed = map[string]bool{picture.MP4: true, picture.M4A: true, picture.MOV: true, picture.HEIC: true, picture.AVIF: true}

// telling names a form in which authors and places are usual; "": it is none. A
// recording of this moment has nothing but its sound.
func telling(kind string, a Attachment) string {
	switch kind {
	case picture.WebM, picture.Ogg:
		if a.Voice {
			return ""
		}
		return "a recording of this form"
	case picture.MP3, picture.FLAC:
		return "a piece of music"
	case picture.TIFF:
		return "a picture of this form (TIFF, or a camera's raw one)"
	}
	switch strings.ToLower(path.Ext(a.Name)) {
	case ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".ods", ".odp", ".pages", ".numbers", ".key", ".epub":
		return "a document of an office program"
	}
	return ""
}

// pdfMarks stand in a PDF that says something beside its pages, or in which that
// cannot be seen.
var pdfMarks = []string{"/Info", "/Metadata", "/ObjStm", "/Encrypt", "/DCTDecode", "/EmbeddedFile"}

// finder looks for any of some words in what is written to it.
type finder struct {
	of    []string
	found bool
	tail  []byte
}

func (f *finder) Write(b []byte) (int, error) {
	if f.found {
		return len(b), nil
	}
	f.tail = append(f.tail, b...)
	for _, w := range f.of {
		f.found = f.found || bytes.Contains(f.tail, []byte(w))
	}
	f.tail = append(f.tail[:0], f.tail[max(0, len(f.tail)-16):]...) // longer than any word but a byte
	return len(b), nil
}

// stripFilm empties, in their place, the parts of a film that are not seen or
// heard. It has to look at the end before it takes in the beginning: what cannot
// be read twice is sealed first, under a key that is thrown away.
func (c *Client) stripFilm(ctx context.Context, body io.Reader, first []byte, seal io.Writer) error {
	r, size, err := again(body, int64(len(first)))
	if err != nil {
		return err
	}
	if r == nil {
		var done func() error
		r, size, done, err = c.aside(ctx, io.MultiReader(bytes.NewReader(first), body))
		if err != nil {
			return err
		}
		defer func() {
			if err := done(); err != nil {
				c.log.Warn("a copy of a file is removed later", "err", err)
			}
		}()
	}
	patches, err := film.Plan(r, size)
	if err != nil {
		return err
	}
	return film.Copy(seal, r, size, patches)
}

// again reads a body anew of which n bytes were read; nil if it cannot.
func again(body io.Reader, n int64) (io.ReaderAt, int64, error) {
	r, ok := body.(interface {
		io.ReaderAt
		io.Seeker
	})
	if !ok {
		return nil, 0, nil
	}
	now, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, 0, err
	}
	end, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, 0, err
	}
	return io.NewSectionReader(r, now-n, end-now+n), end - now + n, nil
}

// aside keeps a body sealed on this device until done.
func (c *Client) aside(ctx context.Context, body io.Reader) (r io.ReaderAt, size int64, done func() error, err error) {
	id, key := wire.NewMediaID(), stream.Key(randomBytes(32))
	held, err := c.heldBack(ctx, id)
	if err != nil {
		return nil, 0, nil, err
	}
	done = func() error {
		if err := c.files.Remove(context.WithoutCancel(ctx), id); err != nil {
			return err // the note removes it later
		}
		_, err := c.update(context.WithoutCancel(ctx), func(s *state) error { return s.Delete(BucketLetGo, number(held)) })
		return err
	}
	out := &spool{ctx: ctx, files: c.files, id: id, sum: sha256.New()}
	seal := &counted{to: stream.NewWriter(key, out)}
	_, err = io.Copy(seal, body)
	if err == nil {
		err = seal.to.Close()
	}
	if err == nil {
		err = out.flush()
	}
	var open *stream.Reader
	if err == nil {
		open, err = stream.NewReader(key, at{ctx, c.files, id}, out.at)
	}
	if err != nil {
		return nil, 0, nil, errors.Join(err, done())
	}
	return open, seal.n, done, nil
}
