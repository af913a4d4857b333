package paper

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// How far apart the lines of a watermark stand, and how large they are, in
// parts of the page's width.
const (
	markSize = 48
	markStep = 6
)

// Watermark writes a line across a page's picture, again and again from top to
// bottom, light enough to read the page through it: whoever passes the picture
// on passes the line on.
func Watermark(b []byte, line string) ([]byte, error) {
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	size := m.Bounds().Dx()
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(max(12, size/markSize)), DPI: 72})
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	defer face.Close()
	out := image.NewRGBA(m.Bounds())
	draw.Draw(out, out.Bounds(), m, m.Bounds().Min, draw.Src)
	pen := font.Drawer{Dst: out, Src: image.NewUniform(color.NRGBA{R: 160, G: 0, B: 40, A: 110}), Face: face}
	step := max(24, size/markStep)
	for row, y := 0, step/2; y < out.Bounds().Dy(); row, y = row+1, y+step {
		for x := (row % 2) * size / 8; x < size; x += pen.MeasureString(line + "   ").Ceil() {
			pen.Dot = fixed.P(x, y)
			pen.DrawString(line)
		}
	}
	var done bytes.Buffer
	err = EncodePNG(&done, out)
	return done.Bytes(), err
}
