package picture

import (
	"bufio"
	"io"
)

// keptGIF are the application blocks that make a GIF move again, and its
// colours; comments, texts and whatever else programs put there go.
var keptGIF = map[string]bool{"NETSCAPE2.0": true, "ANIMEXTS1.0": true, "ICCRGBG1012": true}

// gifs reads and writes one GIF (GIF89a); what hangs behind it stays.
type gifs struct {
	r *bufio.Reader
	w *bufio.Writer
}

func stripGIF(to io.Writer, from io.Reader) error {
	g := gifs{bufio.NewReaderSize(from, 64<<10), bufio.NewWriterSize(to, 64<<10)}
	head, err := g.read(13)
	if err != nil || string(head[:3]) != "GIF" {
		return ErrPicture
	}
	g.w.Write(head)
	if err := g.colours(head[10]); err != nil {
		return err
	}
	for {
		b, err := g.r.ReadByte()
		switch {
		case err != nil:
			return ErrPicture
		case b == 0x3b:
			g.w.WriteByte(b)
			return g.w.Flush()
		case b == 0x2c:
			err = g.image()
		case b == 0x21:
			err = g.extension()
		default:
			return ErrPicture
		}
		if err != nil {
			return err
		}
	}
}

func (g gifs) read(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(g.r, b); err != nil {
		return nil, ErrPicture
	}
	return b, nil
}

// colours copies a table of colours, if the flags say that there is one.
func (g gifs) colours(flags byte) error {
	if flags&0x80 == 0 {
		return nil
	}
	return copied(g.w, g.r, 3<<(flags&7+1), 0)
}

func (g gifs) image() error {
	b, err := g.read(9)
	if err != nil {
		return err
	}
	g.w.WriteByte(0x2c)
	g.w.Write(b)
	if err := g.colours(b[8]); err != nil {
		return err
	}
	if err := copied(g.w, g.r, 1, 0); err != nil {
		return err
	}
	return g.blocks(g.w)
}

// blocks copies parts of up to 255 bytes to their end.
func (g gifs) blocks(w io.Writer) error {
	for {
		n, err := g.r.ReadByte()
		if err != nil {
			return ErrPicture
		}
		w.Write([]byte{n})
		if n == 0 {
			return nil
		}
		if err := copied(w, g.r, int64(n), 0); err != nil {
			return err
		}
	}
}

// extension keeps what says how long a frame stands and what makes it go round.
func (g gifs) extension() error {
	label, err := g.r.ReadByte()
	if err != nil {
		return ErrPicture
	}
	if label == 0xf9 {
		g.w.Write([]byte{0x21, label})
		return g.blocks(g.w)
	}
	if label != 0xff {
		return g.blocks(io.Discard)
	}
	n, err := g.r.ReadByte()
	if err != nil {
		return ErrPicture
	}
	name, err := g.read(int(n))
	if err != nil {
		return err
	}
	if !keptGIF[string(name)] {
		return g.blocks(io.Discard)
	}
	g.w.Write([]byte{0x21, label, n})
	g.w.Write(name)
	return g.blocks(g.w)
}
