package tui

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"strconv"

	"golang.org/x/image/draw"

	"letterlock/cmd/letter/say"
)

func plainNumber(n int64) string { return strconv.FormatInt(n, 10) }

// thumbMost bounds the sides of a small picture that is decoded. The client has
// looked at it already.
const thumbMost = 512

// picture draws a small picture in half blocks, two points above each other in
// one character; nothing if it cannot be read.
func picture(thumb []byte, wide, high int) []row {
	c, err := jpeg.DecodeConfig(bytes.NewReader(thumb))
	if err != nil || c.Width < 1 || c.Height < 1 || c.Width > thumbMost || c.Height > thumbMost {
		return nil
	}
	img, err := jpeg.Decode(bytes.NewReader(thumb))
	if err != nil {
		return nil
	}
	w, h := fitted(c.Width, c.Height, wide, 2*high)
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
	var out []row
	for y := 0; y < h; y += 2 {
		r := row{}
		for x := range w {
			r = push(r, "▀", pen{paint: points(small, x, y)})
		}
		out = append(out, r)
	}
	return out
}

// points is how a half block shows two points: as its own colour and as that of
// what stands behind it.
func points(m *image.RGBA, x, y int) string {
	up, down := m.RGBAAt(x, y), m.RGBAAt(x, min(y+1, m.Bounds().Dy()-1))
	return fmt.Sprintf("\x1b[38;2;%d;%d;%d;48;2;%d;%d;%dm", up.R, up.G, up.B, down.R, down.G, down.B)
}

// fitted is the largest size of the same shape, not larger than it is.
func fitted(w, h, wide, high int) (int, int) {
	if w > wide {
		w, h = wide, max(1, h*wide/w)
	}
	if h > high {
		w, h = max(1, w*high/h), high
	}
	return w, h
}

// code draws a QR code, dark on light whatever the terminal's colours.
func code(text string) ([]row, error) {
	lines, err := say.QR(text)
	if err != nil {
		return nil, err
	}
	var out []row
	for _, l := range lines {
		out = append(out, row{{"  ", pen{}}, {l, pen{paint: "\x1b[30;107m"}}})
	}
	return out, nil
}
