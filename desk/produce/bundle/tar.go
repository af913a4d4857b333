package bundle

import (
	"fmt"
	"io"
	"time"
)

// Block is the unit of a tar archive.
const Block = 512

// mode of every file in the archive: whoever extracts it owns it.
const mode = 0o644

// Header is the one header that a file of this name and size has: POSIX ustar,
// no owner, the time the package was made.
func Header(name string, size int64, made time.Time) [Block]byte {
	var h [Block]byte
	copy(h[0:100], name)
	octal(h[100:108], mode)
	octal(h[108:116], 0) // owner
	octal(h[116:124], 0) // group
	octal(h[124:136], size)
	octal(h[136:148], made.Unix())
	copy(h[148:156], "        ") // the sum is made over blanks
	h[156] = '0'                 // a regular file
	copy(h[257:265], "ustar\x0000")
	sum := int64(0)
	for _, b := range h {
		sum += int64(b)
	}
	copy(h[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return h
}

// octal fills a field of a header; sizes above 8 GiB take the binary form that
// all current tar programs read.
func octal(field []byte, n int64) {
	digits := len(field) - 1
	if n >= 0 && n < 1<<(3*digits) {
		copy(field, fmt.Sprintf("%0*o\x00", digits, n))
		return
	}
	for i := len(field) - 1; i >= 0; i-- {
		field[i], n = byte(n), n>>8
	}
	field[0] |= 0x80
}

// Padding is how many zero bytes follow a file of this size.
func Padding(size int64) int { return int((Block - size%Block) % Block) }

// Trailer is how an archive ends: two blocks of zeros.
const Trailer = 2 * Block

// Archive writes an opened package. It keeps the first error.
type Archive struct {
	w    io.Writer
	made time.Time
	err  error
}

// NewArchive begins an archive whose files all bear one time.
func NewArchive(w io.Writer, made time.Time) *Archive { return &Archive{w: w, made: made} }

// File adds a file; body must write exactly size bytes.
func (a *Archive) File(name string, size int64, body func(io.Writer) error) {
	if a.err != nil {
		return
	}
	h := Header(name, size, a.made)
	if _, a.err = a.w.Write(h[:]); a.err != nil {
		return
	}
	count := &counter{w: a.w}
	if a.err = body(count); a.err != nil {
		return
	}
	if count.n != size {
		a.err = fmt.Errorf("write %s: %d bytes instead of %d", name, count.n, size)
		return
	}
	_, a.err = a.w.Write(make([]byte, Padding(size)))
}

// Close ends the archive.
func (a *Archive) Close() error {
	if a.err == nil {
		_, a.err = a.w.Write(make([]byte, Trailer))
	}
	return a.err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
