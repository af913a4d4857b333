// Package picture takes out of a photo what the person did not mean to send,
// makes the small picture that travels in the message, and looks at pictures
// of strangers within bounds. It knows bytes of pictures and no file.
package picture

import (
	"bytes"
	"errors"
	"image"
	_ "image/gif" // read for thumbnails
	"image/jpeg"
	_ "image/png" // the same
	"io"

	"golang.org/x/image/draw"
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
	c, _, err := image.DecodeConfig(io.LimitReader(r, 1<<20))
	if err != nil {
		return 0, 0, err
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > side || c.Height > side || c.Width*c.Height > pixels {
		return c.Width, c.Height, ErrTooLarge
	}
	return c.Width, c.Height, nil
}

// Thumb makes the small picture, as JPEG without anything but the picture. What
// it takes to decode is reckoned first, from the head.
func Thumb(r io.ReadSeeker, size int64) (thumb []byte, width, height int, err error) {
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
	full, _, err := image.Decode(io.LimitReader(r, size))
	if err != nil {
		return nil, 0, 0, err
	}
	b := full.Bounds()
	f := min(1, float64(thumbPix)/float64(max(b.Dx(), b.Dy(), 1)))
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(b.Dx())*f)), max(1, int(float64(b.Dy())*f))))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, b, draw.Over, nil)
	upright := turn(small, head.orientation)
	width, height = b.Dx(), b.Dy()
	if head.orientation >= 5 {
		width, height = height, width
	}
	for quality := 80; quality >= 30; quality -= 25 {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, upright, &jpeg.Options{Quality: quality}); err != nil {
			return nil, 0, 0, err
		}
		if out.Len() <= ThumbMax {
			return out.Bytes(), width, height, nil
		}
	}
	return nil, width, height, ErrTooLarge
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

// turn brings a picture upright, by the number that EXIF has for it.
func turn(in *image.RGBA, how int) image.Image {
	if how < 2 || how > 8 {
		return in
	}
	w, h := in.Rect.Dx(), in.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if how >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch how {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			out.SetRGBA(tx, ty, in.RGBAAt(x, y))
		}
	}
	return out
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
	first := make([]byte, 16)
	n, err := io.ReadFull(r, first)
	if err != nil && err != io.ErrUnexpectedEOF {
		return h, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return h, err
	}
	kind := Sniff(first[:n])
	if kind == JPEG {
		h, err = jpegHead(r)
	} else {
		var c image.Config
		if c, _, err = image.DecodeConfig(r); err == nil {
			h = head{w: c.Width, h: c.Height, perPixel: 8, scans: 1} // PNG has up to 8; GIF up to 4 and the first frame only
		}
	}
	if err != nil {
		return h, err
	}
	if h.w <= 0 || h.h <= 0 || h.w > side || h.h > side {
		return h, ErrTooLarge
	}
	_, err = r.Seek(0, io.SeekStart)
	return h, err
}
