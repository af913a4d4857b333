package client

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"letterlock/client/internal/content"
	"letterlock/client/internal/picture"
	"letterlock/client/internal/stream"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// Files is where sealed files lie on this device: what is on its way out, and
// what was fetched. Nothing in it is secret; the keys are in the key store.
type Files interface {
	// Put writes b from a byte on, which is at most the length that there is.
	Put(ctx context.Context, id wire.MediaID, b []byte, at int64) error
	// Read is io.ReaderAt of one file.
	Read(ctx context.Context, id wire.MediaID, b []byte, at int64) (int, error)
	// Size is the length that there is; 0 for no file.
	Size(ctx context.Context, id wire.MediaID) (int64, error)
	// Remove takes a file away; none is no error.
	Remove(ctx context.Context, id wire.MediaID) error
	// Each names every file.
	Each(ctx context.Context, f func(wire.MediaID) error) error
}

// Freight carries sealed files between this device and the carrier. An error
// means that no answer came.
type Freight interface {
	// Put sends a piece; status and answer are as those of Transport.Call.
	Put(ctx context.Context, id wire.MediaID, token wire.MediaToken, offset int64, piece []byte) (status int, answer []byte, err error)
	// Get asks for everything from a byte on.
	Get(ctx context.Context, id wire.MediaID, token wire.MediaToken, from int64) (Part, error)
}

// Part is an answer with a part of a file.
type Part struct {
	Status int
	Total  int64         // length of the whole blob; 0: not said
	Body   io.ReadCloser // below a status of 400
	Answer []byte        // from 400 on
}

// FileKind says how a file is meant to be shown.
type FileKind = content.FileKind

// The kinds.
const (
	Document = content.Document
	Photo    = content.Photo
	Video    = content.Video
	Voice    = content.Voice
)

// FileState is where the bytes of a file are.
type FileState string

// The states.
const (
	Bringing FileState = "bringing" // own: here, and on its way to the carrier
	There    FileState = "there"    // at the carrier; Done bytes of it are here
	Here     FileState = "here"     // on this device, whole and checked
	Lost     FileState = "lost"     // neither here nor at the carrier any more
	Broken   FileState = "broken"   // what came is not what was sent
)

// Secret is 32 secret bytes that do not print.
type Secret [32]byte

const hiddenSecret = "[secret]"

// String hides it.
func (Secret) String() string { return hiddenSecret }

// GoString hides it.
func (Secret) GoString() string { return hiddenSecret }

// Format hides it whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hiddenSecret) }

// MarshalText hides it.
func (Secret) MarshalText() ([]byte, error) { return []byte(hiddenSecret), nil }

// File is what belongs to an entry that is a file. Name, type, sides and length
// are the sender's word.
type File struct {
	Kind   FileKind     `cbor:"kind"`
	Name   string       `cbor:"name,omitempty"`
	Type   string       `cbor:"type,omitempty"`
	Size   int64        `cbor:"size"`
	Width  int          `cbor:"width,omitempty"`
	Height int          `cbor:"height,omitempty"`
	Length uint32       `cbor:"length,omitempty"` // milliseconds
	Wave   []byte       `cbor:"wave,omitempty"`   // 0 to 31 each
	Thumb  []byte       `cbor:"thumb,omitempty"`  // JPEG of few pixels, looked at already
	State  FileState    `cbor:"state"`
	Done   int64        `cbor:"done,omitempty"` // bytes of the blob that went or came
	Blob   wire.MediaID `cbor:"blob"`
	Secret Secret       `cbor:"secret"`
	Digest [32]byte     `cbor:"digest"`
	Owner  Secret       `cbor:"owner,omitempty"` // own: puts and drops it
}

// Total is the length of the blob, of which Done counts.
func (f *File) Total() int64 { return wire.MediaSize(f.Size) }

func (f *File) name() string {
	if f == nil {
		return ""
	}
	return f.Name
}

// elsewhere is the file as a device has it that was told of it: it may be at the
// carrier still.
func (f *File) elsewhere() *File {
	if f == nil {
		return nil
	}
	out := *f
	if out.Done = 0; out.State != Broken {
		out.State = There
	}
	return &out
}

// SafeName is a name under which the file can be saved anywhere: no path, no
// control characters, nothing hidden, nothing that a system takes for a device.
func (f *File) SafeName() string {
	name := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		case strings.ContainsRune(`/\<>:"|?*`, r), !unicode.IsPrint(r), r == utf8.RuneError:
			return '_'
		}
		return r
	}, f.Name)
	name = strings.Trim(name, ". ")
	if base, _, _ := strings.Cut(strings.ToUpper(name), "."); reserved[strings.TrimSpace(base)] {
		name = "_" + name
	}
	for len(name) > 200 {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	if name == "" {
		return "file"
	}
	return name
}

// reserved are names that are no files on Windows.
var reserved = map[string]bool{"CON": true, "PRN": true, "AUX": true, "NUL": true,
	"COM1": true, "COM2": true, "COM3": true, "COM4": true, "COM5": true, "COM6": true, "COM7": true, "COM8": true, "COM9": true,
	"LPT1": true, "LPT2": true, "LPT3": true, "LPT4": true, "LPT5": true, "LPT6": true, "LPT7": true, "LPT8": true, "LPT9": true}

// caption is the text of a message: all of it, or what stands below a file; nil:
// it is no message that is known.
func caption(b content.Body) *content.Text {
	switch b := b.(type) {
	case *content.Text:
		return b
	case *content.File:
		return &b.Caption
	case *content.Place:
		return &b.Caption
	}
	return nil
}

// fileOf is a content as the journal keeps it. A small picture that is none is
// dropped.
func fileOf(b *content.File) *File {
	f := &File{Kind: b.Kind, Name: b.Name, Type: b.Type, Size: int64(b.Size), Width: int(b.Width), Height: int(b.Height), Length: b.Length,
		Wave: b.Wave, Thumb: b.Thumb, State: There, Blob: b.Blob, Secret: b.Secret, Digest: b.Digest}
	if !picture.Small(f.Thumb) {
		f.Thumb = nil
	}
	if f.Kind > Voice {
		f.Kind = Document // of a newer program: it can be fetched and saved
	}
	return f
}

// derive makes one of the things that follow from a file's secret.
func (s Secret) derive(what string, of ...[]byte) [32]byte {
	h := hmac.New(sha256.New, s[:])
	h.Write([]byte("letterlock file v1\x00" + what + "\x00"))
	for _, b := range of {
		h.Write(b)
	}
	return [32]byte(h.Sum(nil))
}

func (f *File) key() stream.Key         { return stream.Key(f.Secret.derive("key")) }
func (f *File) reader() wire.MediaToken { return f.Secret.derive("read") }

// done is the token with which a device says that it has the file.
func (f *File) done(a wire.Address) wire.MediaToken { return f.Secret.derive("done", addressKey(a)) }

var errNoFiles = fault.New(fault.Unavailable, "files", "this program has no place for files")

func (c *Client) canCarry() error {
	if c.files == nil || c.freight == nil {
		return errNoFiles
	}
	return nil
}

// at reads one file of the store.
type at struct {
	ctx   context.Context
	files Files
	id    wire.MediaID
}

func (a at) ReadAt(b []byte, off int64) (int, error) { return a.files.Read(a.ctx, a.id, b, off) }

// OpenFile opens a file that is here, for as long as the context lives. Any part
// of it may be read; a part that does not open is an error.
func (c *Client) OpenFile(ctx context.Context, seq uint64) (*io.SectionReader, error) {
	if err := c.canCarry(); err != nil {
		return nil, err
	}
	e, err := c.fileEntry(ctx, seq)
	if err != nil {
		return nil, err
	}
	if e.File.State != Here && e.File.State != Bringing {
		return nil, fault.New(fault.Conflict, "open file", "the file is not on this device yet: fetch it first")
	}
	return c.opened(ctx, e.File)
}

func (c *Client) opened(ctx context.Context, f *File) (*io.SectionReader, error) {
	r, err := stream.NewReader(f.key(), at{ctx, c.files, f.Blob}, f.Total())
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(r, 0, f.Size), nil
}

// Picture says how large a picture is that is here, and refuses one that would
// burst whoever decodes it: ask before it is shown.
func (c *Client) Picture(ctx context.Context, seq uint64) (width, height int, err error) {
	r, err := c.OpenFile(ctx, seq)
	if err != nil {
		return 0, 0, err
	}
	width, height, err = picture.Look(r)
	if errors.Is(err, picture.ErrTooLarge) {
		return width, height, fault.Wrap(fault.TooLarge, "show picture", err, "the picture is too large to be shown here: save it, and look at it with a program for large pictures")
	}
	if err != nil {
		return 0, 0, fault.Wrap(fault.Invalid, "show picture", err, "this is no picture that can be shown here: save it")
	}
	return width, height, nil
}

func (c *Client) fileEntry(ctx context.Context, seq uint64) (Entry, error) {
	e, found, err := c.Entry(ctx, seq)
	switch {
	case err != nil:
		return e, err
	case !found || e.Deleted:
		return e, fault.New(fault.NotFound, "find a file", "there is no such message here (any more)")
	case e.File == nil:
		return e, fault.New(fault.Invalid, "find a file", "this message is no file")
	}
	return e, nil
}
