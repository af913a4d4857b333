package paper

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

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
