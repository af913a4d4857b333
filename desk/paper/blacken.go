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

	"letterlock/desk/casefile"
)

// Blacken draws black boxes into a page's picture and writes it anew: what was
// under a box is gone, and nothing is left in the file but pixels. A box covers
// every pixel that it touches.
func Blacken(b []byte, boxes []casefile.Box) ([]byte, error) {
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	size := m.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, size.Dx(), size.Dy()))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src) // nothing shines through
	draw.Draw(out, out.Bounds(), m, size.Min, draw.Over)
	for _, x := range boxes {
		draw.Draw(out, inPixels(x, size.Dx(), size.Dy()), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	var done bytes.Buffer
	err = EncodePNG(&done, out)
	return done.Bytes(), err
}

func inPixels(b casefile.Box, w, h int) image.Rectangle {
	up := func(part, of int) int { return (part*of + casefile.RoomScale - 1) / casefile.RoomScale }
	return image.Rect(b.Left*w/casefile.RoomScale, b.Top*h/casefile.RoomScale, up(b.Right, w), up(b.Bottom, h))
}

// Rule draws a line at every tenth of a page, with its percent, so that whoever
// places a box by numbers sees where it goes.
func Rule(b []byte) ([]byte, error) {
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	out := image.NewRGBA(m.Bounds())
	draw.Draw(out, out.Bounds(), m, m.Bounds().Min, draw.Src)
	w, h := out.Bounds().Dx(), out.Bounds().Dy()
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(max(11, w/60)), DPI: 72})
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	defer face.Close()
	ink := image.NewUniform(color.NRGBA{R: 0, G: 80, B: 200, A: 150})
	pen := font.Drawer{Dst: out, Src: image.NewUniform(color.NRGBA{R: 0, G: 60, B: 170, A: 255}), Face: face}
	say := func(x, y, percent int) {
		pen.Dot = fixed.P(x, y)
		pen.DrawString(fmt.Sprint(percent))
	}
	for i := 1; i < 10; i++ {
		x, y := w*i/10, h*i/10
		draw.Draw(out, image.Rect(x, 0, x+1, h), ink, image.Point{}, draw.Over)
		draw.Draw(out, image.Rect(0, y, w, y+1), ink, image.Point{}, draw.Over)
		say(x+3, max(12, w/55), i*10)
		say(3, y-3, i*10)
	}
	var done bytes.Buffer
	err = EncodePNG(&done, out)
	return done.Bytes(), err
}
