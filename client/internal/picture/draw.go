//go:build !js

package picture

import (
	"bytes"
	"image"
	_ "image/gif" // read for thumbnails
	"image/jpeg"
	_ "image/png" // the same
	"io"

	scale "golang.org/x/image/draw"
)

// canvas is a small picture in memory.
type canvas struct {
	w, h  int
	small image.Image
}

// draw decodes what is one of the three kinds, on white.
func draw(r io.Reader, head head, pix int) (drawn, error) {
	full, _, err := image.Decode(r)
	if err != nil {
		return nil, err
	}
	b := full.Bounds()
	w, h := shrunk(b.Dx(), b.Dy(), pix)
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	scale.Draw(small, small.Bounds(), image.White, image.Point{}, scale.Src)
	scale.ApproxBiLinear.Scale(small, small.Bounds(), full, b, scale.Over, nil)
	c := canvas{b.Dx(), b.Dy(), turn(small, head.orientation)}
	if head.orientation >= 5 {
		c.w, c.h = c.h, c.w
	}
	return c, nil
}

func (c canvas) size() (int, int) { return c.w, c.h }

func (c canvas) jpeg(quality int) ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(&out, c.small, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

// turn brings a picture upright, by the number that EXIF has for it.
func turn(in *image.RGBA, how int) image.Image {
	if how < 2 || how > 8 {
		return in
	}
	w, h := in.Rect.Dx(), in.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if how >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch how {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			out.SetRGBA(tx, ty, in.RGBAAt(x, y))
		}
	}
	return out
}
