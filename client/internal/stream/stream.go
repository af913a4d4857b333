// Package stream seals a file in chunks: STREAM (Hoang, Reyhanitabar, Rogaway
// and Vizár, CRYPTO 2015) over ChaCha20-Poly1305, byte for byte the payload of
// the age format. Whoever leaves out, adds, exchanges or cuts off a chunk is
// noticed at that chunk. It knows a key and bytes, and no file.
//
// spec: age payload
package stream

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"io"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"

	"letterlock/wire"
)

// Key seals one file, once: the numbers of its chunks are the nonces.
type Key [32]byte

const (
	chunk  = wire.MediaChunk
	sealed = wire.MediaChunk + wire.MediaTag
)

// ErrSealed says that what is read is not what was sealed under this key.
var ErrSealed = errors.New("a chunk does not open: it was changed, cut off or exchanged, or the key is another")

func box(k Key) cipher.AEAD {
	a, err := chacha20poly1305.New(k[:])
	if err != nil {
		panic(err) // a Key has the right length
	}
	return a
}

// nonce is the chunk's number, and whether it is the last.
func nonce(n int64, last bool) []byte {
	b := make([]byte, chacha20poly1305.NonceSize)
	binary.BigEndian.PutUint64(b[3:11], uint64(n))
	if last {
		b[11] = 1
	}
	return b
}

// Writer seals what is written to it. Close it: the last chunk is another than
// the others.
type Writer struct {
	to  io.Writer
	box cipher.AEAD
	buf []byte
	n   int64
	err error
}

// NewWriter seals to w.
func NewWriter(k Key, w io.Writer) *Writer {
	return &Writer{to: w, box: box(k), buf: make([]byte, 0, sealed)}
}

// Write seals whole chunks and keeps the rest.
func (w *Writer) Write(p []byte) (n int, err error) {
	for len(p) > 0 && w.err == nil {
		if len(w.buf) == chunk { // more follows: it is not the last
			w.flush(false)
			continue
		}
		m := min(chunk-len(w.buf), len(p))
		w.buf, p, n = append(w.buf, p[:m]...), p[m:], n+m
	}
	return n, w.err
}

func (w *Writer) flush(last bool) {
	if w.err != nil {
		return
	}
	out := w.box.Seal(w.buf[:0], nonce(w.n, last), w.buf, nil)
	_, w.err = w.to.Write(out)
	w.buf, w.n = w.buf[:0], w.n+1
}

// Close seals the last chunk. It does not close what is written to.
func (w *Writer) Close() error {
	w.flush(true)
	clear(w.buf[:cap(w.buf)])
	if w.err != nil {
		return w.err
	}
	w.err = errors.New("the file is sealed already")
	return nil
}

// Reader opens any part of a sealed file. It may be used by many goroutines.
type Reader struct {
	from io.ReaderAt
	box  cipher.AEAD
	size int64 // of what is sealed

	mu   sync.Mutex
	at   int64 // the chunk in open; -1: none
	raw  []byte
	open []byte
}

// NewReader opens a sealed file of size bytes. A size that no sealed file has
// is an error.
func NewReader(k Key, r io.ReaderAt, size int64) (*Reader, error) {
	if rest := size % sealed; size <= 0 || rest > 0 && rest <= wire.MediaTag && size > sealed || size < wire.MediaTag {
		return nil, ErrSealed
	}
	out := &Reader{from: r, box: box(k), size: size, at: -1, raw: make([]byte, sealed)}
	if out.Size() == 0 { // nothing will be read of it, so it is looked at here
		return out, out.load(0)
	}
	return out, nil
}

func (r *Reader) chunks() int64 { return (r.size + sealed - 1) / sealed }

// Size is the length of what was sealed.
func (r *Reader) Size() int64 { return r.size - r.chunks()*wire.MediaTag }

// ReadAt gives only bytes whose chunk opened.
func (r *Reader) ReadAt(p []byte, off int64) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n < len(p) {
		if off < 0 || off >= r.Size() {
			return n, io.EOF
		}
		if err := r.load(off / chunk); err != nil {
			return n, err
		}
		m := copy(p[n:], r.open[off%chunk:])
		n, off = n+m, off+int64(m)
	}
	return n, nil
}

func (r *Reader) load(n int64) error {
	if r.at == n {
		return nil
	}
	r.at = -1
	raw := r.raw[:min(sealed, r.size-n*sealed)]
	if got, err := r.from.ReadAt(raw, n*sealed); got < len(raw) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	open, err := r.box.Open(raw[:0], nonce(n, n == r.chunks()-1), raw, nil)
	if err != nil {
		return ErrSealed
	}
	r.at, r.open = n, open
	return nil
}
