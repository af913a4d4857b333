package content

import (
	"strings"
	"unicode/utf8"

	"letterlock/wire"
)

// FileKind says how a file is meant to be shown. One that is not known here is
// a document.
type FileKind uint8

// The kinds.
const (
	Document FileKind = 1
	Photo    FileKind = 2
	Video    FileKind = 3
	Voice    FileKind = 4 // recorded on the spot, with a waveform
)

// Limits of a File.
const (
	MaxFileName = 255
	MaxFileType = 127
	MaxThumb    = 24 << 10
	MaxWave     = 64
	WaveTop     = 31
	MaxSide     = 1 << 16
)

// File is a file that waits at the carrier, sealed; and all that is needed to
// fetch it and to show it before it is fetched. What the sender says of it
// (name, type, sides, length) is checked where it matters and believed nowhere.
type File struct {
	_       struct{} `cbor:",toarray"`
	Kind    FileKind
	Name    string
	Type    string // media type; "": unknown
	Size    uint64 // without padding
	Blob    [16]byte
	Secret  [32]byte // of it follow key and tokens
	Digest  [32]byte // SHA-256 of the blob
	Width   uint32   // pixels; 0: none or unknown
	Height  uint32
	Length  uint32 // milliseconds; 0: none or unknown
	Wave    []byte // of a voice message: loudness, 0 to WaveTop
	Thumb   []byte // JPEG; empty: none
	Caption Text   // its Text may be empty
}

func (*File) kind() Type { return TypeFile }

func (f *File) check() error {
	switch {
	case f.Size > wire.MaxFile:
		return bad("a file has at most %d bytes", int64(wire.MaxFile))
	case f.Kind == 0 || f.Blob == [16]byte{} || f.Secret == [32]byte{} || f.Digest == [32]byte{}:
		return bad("a file without a number, key or digest")
	case !label(f.Name, MaxFileName) || !label(f.Type, MaxFileType):
		return bad("a file's name or type is too long or no text")
	case strings.ContainsAny(f.Name, "/\\\x00"):
		return bad("a file's name is a path")
	case f.Width > MaxSide || f.Height > MaxSide:
		return bad("a picture that nobody could show")
	case len(f.Thumb) > MaxThumb || len(f.Wave) > MaxWave:
		return bad("the small picture or the waveform is too long")
	}
	for _, h := range f.Wave {
		if h > WaveTop {
			return bad("a waveform out of its bounds")
		}
	}
	if f.Caption.Text != "" {
		return f.Caption.check()
	}
	if f.Caption.Style != nil {
		return bad("style without a text")
	}
	without := f.Caption
	without.Text = "-"
	return without.check()
}

func label(s string, most int) bool { return len(s) <= most && utf8.ValidString(s) }
