package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// What leaves with a photo: where it was taken, when, with which device, by
// whom, what an editor noted, the picture before it was cropped. Strip keeps
// what a picture needs to look as it did, and drops everything else, known or
// not: a list of what is bad would be out of date.

// ErrPicture says that a file begins like a picture and is none.
var ErrPicture = errors.New("the picture is damaged or of a form that cannot be read")

const pngMagic = "\x89PNG\r\n\x1a\n"

// Strips reports whether Strip knows a kind.
func Strips(kind string) bool { return kind == JPEG || kind == PNG || kind == WebP || kind == GIF }

// Strip copies a JPEG, PNG, WebP or GIF without what is beside the picture.
func Strip(kind string, w io.Writer, r io.Reader) error {
	switch kind {
	case JPEG:
		_, err := stripJPEG(w, r)
		return err
	case PNG:
		return stripPNG(w, r)
	case WebP:
		return stripWebP(w, r)
	case GIF:
		return stripGIF(w, r)
	}
	return fmt.Errorf("%w: not a JPEG, PNG, WebP or GIF", ErrPicture)
}

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	mSOI, mEOI, mSOS, mAPP0, mAPP1, mAPP2, mAPP14, mCOM = 0xd8, 0xd9, 0xda, 0xe0, 0xe1, 0xe2, 0xee, 0xfe
	mSOF0, mSOF1, mSOF2                                 = 0xc0, 0xc1, 0xc2
)

// jpegHead reads a JPEG to its end without decoding it.
func jpegHead(r io.Reader) (head, error) { return stripJPEG(io.Discard, r) }

// jpegSize reads a JPEG up to its first frame.
func jpegSize(r *bufio.Reader) (h head, err error) {
	var soi [2]byte
	if _, err := io.ReadFull(r, soi[:]); err != nil || soi != [2]byte{0xff, mSOI} {
		return h, ErrPicture
	}
	for h.w == 0 {
		m, err := marker(r)
		if err != nil || m == mEOI || m == mSOS {
			return h, ErrPicture
		}
		body, err := segment(r)
		if err != nil {
			return h, err
		}
		if err := h.note(m, body); err != nil {
			return h, err
		}
	}
	return h, nil
}

// stripJPEG keeps the picture (tables, frames, scans), the colour profile, the
// marker that says how colours are coded, and which side is up. It ends at the
// end of the picture: what hangs behind it (a film, a second photo) stays.
func stripJPEG(to io.Writer, from io.Reader) (h head, err error) {
	r, w := bufio.NewReaderSize(from, 64<<10), bufio.NewWriterSize(to, 64<<10)
	var soi [2]byte
	if _, err := io.ReadFull(r, soi[:]); err != nil || soi != [2]byte{0xff, mSOI} {
		return h, ErrPicture
	}
	w.Write(soi[:])
	h.orientation = 1
	for {
		m, err := marker(r)
		if err != nil {
			return h, err
		}
		if m == mEOI {
			w.Write([]byte{0xff, mEOI})
			if h.w == 0 || h.scans == 0 {
				return h, ErrPicture
			}
			return h, w.Flush()
		}
		body, err := segment(r)
		if err != nil {
			return h, err
		}
		if err := h.note(m, body); err != nil {
			return h, err
		}
		if body = keep(m, body, &h); body != nil {
			w.Write([]byte{0xff, m})
			w.Write(binary.BigEndian.AppendUint16(nil, uint16(len(body)+2)))
			w.Write(body)
		}
		if m == mSOS {
			if err := scan(w, r); err != nil {
				return h, err
			}
		}
	}
}

// marker reads to the next marker's code; fill bytes are passed over.
func marker(r *bufio.Reader) (byte, error) {
	b, err := r.ReadByte()
	if err != nil || b != 0xff {
		return 0, ErrPicture
	}
	for b == 0xff {
		if b, err = r.ReadByte(); err != nil {
			return 0, ErrPicture
		}
	}
	if b == 0 || b == mSOI || b >= 0xd0 && b <= 0xd7 {
		return 0, ErrPicture
	}
	return b, nil
}

func segment(r io.Reader) ([]byte, error) {
	var n [2]byte
	if _, err := io.ReadFull(r, n[:]); err != nil || binary.BigEndian.Uint16(n[:]) < 2 {
		return nil, ErrPicture
	}
	body := make([]byte, binary.BigEndian.Uint16(n[:])-2)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, ErrPicture
	}
	return body, nil
}

// note reads of a segment what is to be known before decoding.
func (h *head) note(m byte, body []byte) error {
	switch {
	case m == mSOS:
		h.scans++
	case m == mSOF0, m == mSOF1, m == mSOF2:
		if len(body) < 6 || h.w != 0 {
			return ErrPicture
		}
		h.h, h.w = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
		h.perPixel = 4
		if m == mSOF2 {
			h.perPixel = 20 // every coefficient is kept until the last pass
		}
		if h.w == 0 || h.h == 0 {
			return ErrPicture
		}
	}
	return nil
}

// keep is what of a segment is copied; nil: nothing.
func keep(m byte, body []byte, h *head) []byte {
	switch {
	case m == mAPP0 && bytes.HasPrefix(body, []byte("JFIF\x00")) && len(body) >= 14:
		out := bytes.Clone(body[:14])
		out[12], out[13] = 0, 0 // without its own small picture
		return out
	case m == mAPP1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
		if h.orientation = orientation(body[6:]); h.orientation > 1 {
			return upright(h.orientation)
		}
		return nil
	case m == mAPP2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")):
		return body
	case m == mAPP14 && bytes.HasPrefix(body, []byte("Adobe")) && len(body) >= 12:
		return body[:12]
	case m >= mAPP0 && m <= 0xef, m == mCOM, m >= 0xf0 && m <= 0xfd:
		return nil
	}
	return body
}

// scan copies the coded picture up to the next marker that is none of its own.
func scan(w *bufio.Writer, r *bufio.Reader) error {
	for {
		p, err := r.Peek(2)
		if err != nil {
			return ErrPicture
		}
		n := 1
		switch {
		case p[0] != 0xff:
		case p[1] == 0 || p[1] >= 0xd0 && p[1] <= 0xd7: // a stuffed byte, a restart
			n = 2
		case p[1] == 0xff: // fill
			n, p = 1, nil
		default:
			return nil
		}
		if p != nil {
			w.Write(p[:n])
		}
		r.Discard(n)
	}
}

// orientation finds which side is up in EXIF; 1: as it lies.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var o binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		o = binary.LittleEndian
	}
	at := int64(o.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	n := int64(o.Uint16(tiff[at:]))
	for i := range n {
		e := at + 2 + 12*i
		if e+12 > int64(len(tiff)) {
			return 1
		}
		if o.Uint16(tiff[e:]) == 0x0112 {
			if v := int(o.Uint16(tiff[e+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}

// upright is EXIF with one entry: which side is up.
func upright(how int) []byte {
	b := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00")
	b[25] = byte(how)
	return b
}

// kept are the chunks of a PNG that make the picture, its colours and its
// movement.
var kept = map[string]bool{"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "gAMA": true, "cHRM": true,
	"sRGB": true, "iCCP": true, "sBIT": true, "bKGD": true, "pHYs": true, "cICP": true, "acTL": true, "fcTL": true, "fdAT": true}

func stripPNG(to io.Writer, from io.Reader) error {
	r, w := bufio.NewReaderSize(from, 64<<10), bufio.NewWriterSize(to, 64<<10)
	magic := make([]byte, len(pngMagic))
	if _, err := io.ReadFull(r, magic); err != nil || string(magic) != pngMagic {
		return ErrPicture
	}
	w.Write(magic)
	for first := true; ; first = false {
		var h [8]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return ErrPicture
		}
		n, name := int64(binary.BigEndian.Uint32(h[:]))+4, string(h[4:]) // with its checksum
		if n > 1<<31 || first != (name == "IHDR") {
			return ErrPicture
		}
		out := io.Writer(io.Discard)
		if kept[name] {
			w.Write(h[:])
			out = w
		}
		if _, err := io.CopyN(out, r, n); err != nil {
			return ErrPicture
		}
		if name == "IEND" {
			return w.Flush() // what hangs behind it stays
		}
	}
}
