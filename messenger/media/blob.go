package media

import (
	"context"
	"errors"
	"io"

	"letterlock/wire"
)

// blob reads the pieces of a blob as one. It holds one piece open at a time and
// nothing in memory.
type blob struct {
	ctx   context.Context
	blobs Blobs
	id    wire.MediaID
	size  int64
	free  func()

	at    int64
	piece io.ReadCloser // nil: none is open
	left  int64         // of the piece
}

// Seek goes to a byte.
func (b *blob) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += b.at
	case io.SeekEnd:
		offset += b.size
	}
	if offset < 0 {
		return 0, errors.New("before the beginning of the file")
	}
	if offset != b.at {
		b.shut()
	}
	b.at = offset
	return offset, nil
}

// Read reads on, from one piece into the next.
func (b *blob) Read(p []byte) (int, error) {
	if b.at >= b.size {
		return 0, io.EOF
	}
	if b.piece == nil {
		if err := b.open(); err != nil {
			return 0, err
		}
	}
	n, err := b.piece.Read(p[:min(int64(len(p)), b.left)])
	b.at, b.left = b.at+int64(n), b.left-int64(n)
	switch {
	case b.left == 0:
		b.shut()
		return n, nil
	case err == io.EOF:
		return n, io.ErrUnexpectedEOF // the piece is shorter than it was
	}
	return n, err
}

func (b *blob) open() (err error) {
	n, from := int(b.at/wire.MediaPiece), b.at%wire.MediaPiece
	b.left = min(wire.MediaPiece, b.size-int64(n)*wire.MediaPiece) - from
	b.piece, err = b.blobs.Open(b.ctx, b.id, n, from)
	return err
}

func (b *blob) shut() {
	if b.piece != nil {
		b.piece.Close()
		b.piece = nil
	}
}

// Close lets go of the blob.
func (b *blob) Close() error {
	b.shut()
	b.free()
	return nil
}
