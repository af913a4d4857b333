package picture

import (
	"bufio"
	"encoding/binary"
	"io"
)

// keptWebP are the chunks of a WebP that make the picture, its colours and its
// movement (RFC 9649).
var keptWebP = map[string]bool{"VP8 ": true, "VP8L": true, "VP8X": true, "ALPH": true, "ANIM": true, "ANMF": true, "ICCP": true}

// Flags of VP8X for what is taken out.
const flagsBeside = 0x08 | 0x04 // EXIF, XMP

// stripWebP leaves every chunk in its place, so that the lengths in the file
// stay true, and empties those that are not the picture: their name becomes one
// that readers pass over, their bytes become zero. What hangs behind the picture
// stays.
func stripWebP(to io.Writer, from io.Reader) error {
	r, w := bufio.NewReaderSize(from, 64<<10), bufio.NewWriterSize(to, 64<<10)
	var h [12]byte
	if _, err := io.ReadFull(r, h[:]); err != nil || string(h[:4]) != "RIFF" || string(h[8:]) != "WEBP" {
		return ErrPicture
	}
	size := int64(binary.LittleEndian.Uint32(h[4:])) - 4
	if size < 8 {
		return ErrPicture
	}
	w.Write(h[:])
	if err := webpChunks(w, r, size, true); err != nil {
		return err
	}
	return w.Flush()
}

// webpChunks copies chunks of so many bytes in all.
func webpChunks(w *bufio.Writer, r *bufio.Reader, left int64, outer bool) error {
	for left > 0 {
		var h [8]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return ErrPicture
		}
		name, n := string(h[:4]), int64(binary.LittleEndian.Uint32(h[4:]))
		if left -= 8 + n + n%2; left < 0 {
			return ErrPicture
		}
		if err := webpChunk(w, r, h, name, n, outer); err != nil {
			return err
		}
	}
	return nil
}

func webpChunk(w *bufio.Writer, r *bufio.Reader, h [8]byte, name string, n int64, outer bool) error {
	switch {
	case !keptWebP[name] || name == "ANMF" && !outer:
		copy(h[:4], "JUNK")
		w.Write(h[:])
		return zeros(w, r, n+n%2)
	case name == "VP8X" && n >= 1:
		w.Write(h[:])
		flags, err := r.ReadByte()
		if err != nil {
			return ErrPicture
		}
		w.WriteByte(flags &^ flagsBeside)
		return copied(w, r, n-1, n%2)
	case name == "ANMF": // a frame: where it stands, then chunks of its own
		if n < 16 || n%2 != 0 {
			return ErrPicture
		}
		w.Write(h[:])
		if err := copied(w, r, 16, 0); err != nil {
			return err
		}
		return webpChunks(w, r, n-16, false)
	}
	w.Write(h[:])
	return copied(w, r, n, n%2)
}

// copied copies n bytes, and empties what only fills up behind them.
func copied(w io.Writer, r io.Reader, n, fill int64) error {
	if _, err := io.CopyN(w, r, n); err != nil {
		return ErrPicture
	}
	return zeros(w, r, fill)
}

// zeros passes over n bytes and writes as many of no meaning.
func zeros(w io.Writer, r io.Reader, n int64) error {
	if _, err := io.CopyN(io.Discard, r, n); err != nil {
		return ErrPicture
	}
	_, err := io.CopyN(w, nothing{}, n)
	return err
}

type nothing struct{}

func (nothing) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
