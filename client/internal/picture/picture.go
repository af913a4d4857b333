// Package picture takes out of a photo what the person did not mean to send,
// makes the small picture that travels in the message, and looks at pictures
// of strangers within bounds. It knows bytes of pictures and no file. In a
// browser it has the browser decode them, which can do that already.
package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// Kinds of files that are told by how they begin.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
	GIF  = "image/gif"
	WebP = "image/webp"
	WAV  = "audio/wav"
	HEIC = "image/heic"
	MP4  = "video/mp4"
	M4A  = "audio/mp4"
	MOV  = "video/quicktime"
	AVIF = "image/avif"
	TIFF = "image/tiff"
	WebM = "video/webm"
	Ogg  = "audio/ogg"
	MP3  = "audio/mpeg"
	FLAC = "audio/flac"
	PDF  = "application/pdf"
	Zip  = "application/zip"
)

// Sniff tells what a file is by its first bytes; "": unknown here.
func Sniff(b []byte) string {
	at := func(off int, s string) bool { return len(b) >= off+len(s) && string(b[off:off+len(s)]) == s }
	switch {
	case at(0, "\xff\xd8\xff"):
		return JPEG
	case at(0, pngMagic):
		return PNG
	case at(0, "GIF87a"), at(0, "GIF89a"):
		return GIF
	case at(0, "RIFF") && at(8, "WEBP"):
		return WebP
	case at(0, "RIFF") && at(8, "WAVE"):
		return WAV
	case at(4, "ftyphe"), at(4, "ftypmif1"), at(4, "ftypmsf1"):
		return HEIC
	case at(4, "ftypavif"), at(4, "ftypavis"):
		return AVIF
	case at(4, "ftypM4A"):
		return M4A
	case at(4, "ftypqt"), at(4, "moov"), at(4, "mdat"), at(4, "wide"):
		return MOV
	case at(4, "ftyp"):
		return MP4
	case at(0, "\x1a\x45\xdf\xa3"):
		return WebM
	case at(0, "OggS"):
		return Ogg
	case at(0, "ID3"):
		return MP3
	case at(0, "fLaC"):
		return FLAC
	case at(0, "II*\x00"), at(0, "MM\x00*"):
		return TIFF
	case at(0, "%PDF-"):
		return PDF
	case at(0, "PK\x03\x04"):
		return Zip
	}
	return ""
}

// Bounds of what is decoded.
const (
	memory   = 128 << 20 // bytes that decoding may take
	scans    = 64        // passes of a progressive JPEG
	ThumbMax = 24 << 10  // bytes of a small picture
	thumbPix = 256       // and its longer side
	seePix   = 512       // the longer side of one that a stranger made
	side     = 20000     // the longer side of any picture that is shown
	pixels   = 64 << 20  // and its pixels
)

// ErrTooLarge says that a picture would take more memory than it is worth.
var ErrTooLarge = errors.New("the picture is too large to be shown here")

// Look reads how large a picture is, and refuses one that would burst whoever
// decodes it.
func Look(r io.Reader) (width, height int, err error) {
	b := bufio.NewReader(io.LimitReader(r, 1<<20))
	h, err := sizeOf(b)
	if err != nil {
		return 0, 0, err
	}
	if h.w > side || h.h > side || h.w*h.h > pixels {
		return h.w, h.h, ErrTooLarge
	}
	return h.w, h.h, nil
}

// drawn is a picture that was decoded, made small and put upright.
type drawn interface {
	size() (width, height int)        // of the whole picture, upright
	jpeg(quality int) ([]byte, error) // of the small one
}

// Thumb makes the small picture, as JPEG without anything but the picture. What
// it takes to decode is reckoned first, from the head.
func Thumb(r io.ReadSeeker, size int64) (thumb []byte, width, height int, err error) {
	return made(r, size, thumbPix, Small)
}

// made makes a JPEG whose longer side is at most so long, and that fits.
func made(r io.ReadSeeker, size int64, pix int, fits func([]byte) bool) (thumb []byte, width, height int, err error) {
	if size > 64<<20 {
		return nil, 0, 0, ErrTooLarge
	}
	head, err := headOf(r)
	if err != nil {
		return nil, 0, 0, err
	}
	if head.cost() > memory || head.scans > scans {
		return nil, head.w, head.h, ErrTooLarge
	}
	d, err := draw(io.LimitReader(r, size), head, pix)
	if err != nil {
		return nil, 0, 0, err
	}
	width, height = d.size()
	for quality := 80; quality >= 30; quality -= 25 {
		if thumb, err = d.jpeg(quality); err != nil {
			return nil, 0, 0, err
		}
		if fits(thumb) {
			return thumb, width, height, nil
		}
	}
	return nil, width, height, ErrTooLarge
}

// shrunk is how large the small picture of a large one is.
func shrunk(width, height, pix int) (int, int) {
	f := min(1, float64(pix)/float64(max(width, height, 1)))
	return max(1, int(float64(width)*f)), max(1, int(float64(height)*f))
}

// Portraits are larger than small pictures, and still few bytes.
const (
	portraitPix = 480
	portraitMax = 96 << 10
)

// Portrait makes of a photo what somebody shows of themselves: a JPEG without
// anything but the picture.
func Portrait(from io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(from, 64<<20+1))
	if err != nil {
		return nil, err
	}
	out, _, _, err := made(bytes.NewReader(b), int64(len(b)), portraitPix, IsPortrait)
	return out, err
}

// IsPortrait reports whether bytes are a portrait, also one that a stranger made.
func IsPortrait(b []byte) bool {
	if len(b) > portraitMax || Sniff(b) != JPEG {
		return false
	}
	h, err := headOf(bytes.NewReader(b))
	return err == nil && h.w > 0 && h.h > 0 && h.w <= 2*portraitPix && h.h <= 2*portraitPix && h.scans <= 16
}

// Small reports whether a stranger's small picture is one: a JPEG of few
// pixels in one pass.
func Small(b []byte) bool {
	if len(b) == 0 || len(b) > ThumbMax || Sniff(b) != JPEG {
		return false
	}
	h, err := headOf(bytes.NewReader(b))
	return err == nil && h.w > 0 && h.h > 0 && h.w <= seePix && h.h <= seePix && h.scans <= 1
}

// head is what a picture says of itself before it is decoded.
type head struct {
	w, h        int
	perPixel    int // bytes that decoding takes for each
	scans       int // of a progressive JPEG
	orientation int
}

func (h head) cost() int64 { return int64(h.w) * int64(h.h) * int64(h.perPixel) }

// headOf reads the head and goes back to the beginning.
func headOf(r io.ReadSeeker) (h head, err error) {
	b := bufio.NewReader(r)
	first, _ := b.Peek(3)
	if Sniff(first) == JPEG {
		h, err = jpegHead(b)
	} else {
		h, err = sizeOf(b)
	}
	if err != nil {
		return h, err
	}
	if h.w > side || h.h > side {
		return h, ErrTooLarge
	}
	_, err = r.Seek(0, io.SeekStart)
	return h, err
}

// sizeOf reads how large a picture says to be, and no further.
func sizeOf(r *bufio.Reader) (h head, err error) {
	first, _ := r.Peek(30)
	h = head{perPixel: 8, scans: 1} // PNG has up to 8; GIF up to 4 and the first frame only
	switch kind := Sniff(first); {
	case kind == JPEG:
		h, err = jpegSize(r)
	case kind == PNG && len(first) >= 24 && string(first[8:16]) == "\x00\x00\x00\x0dIHDR":
		h.w, h.h = int(binary.BigEndian.Uint32(first[16:])), int(binary.BigEndian.Uint32(first[20:]))
	case kind == GIF && len(first) >= 10:
		h.w, h.h = int(binary.LittleEndian.Uint16(first[6:])), int(binary.LittleEndian.Uint16(first[8:]))
	case kind == WebP && len(first) == 30:
		h.w, h.h = webpSize(first)
	default:
		return h, ErrPicture
	}
	if err == nil && (h.w <= 0 || h.h <= 0) {
		err = ErrPicture
	}
	return h, err
}

// webpSize reads the size in the first chunk of a WebP, whichever of the three it
// is; 0: it is none of them.
func webpSize(b []byte) (width, height int) {
	little := binary.LittleEndian
	switch string(b[12:16]) {
	case "VP8 ":
		if string(b[23:26]) == "\x9d\x01\x2a" {
			return int(little.Uint16(b[26:]) & 0x3fff), int(little.Uint16(b[28:]) & 0x3fff)
		}
	case "VP8L":
		if both := little.Uint32(b[21:]); b[20] == 0x2f {
			return int(both&0x3fff) + 1, int(both>>14&0x3fff) + 1
		}
	case "VP8X":
		return int(little.Uint32(b[24:])&0xffffff) + 1, int(little.Uint32(b[26:])>>8) + 1
	}
	return 0, 0
}
