package paper_test

import (
	"bytes"
	"image"
	"image/color"
	canvas "image/draw"
	"image/png"
	"testing"

	"letterlock/desk/paper"
)

func TestAWatermarkIsOnEveryPartOfAPageAndLetsItBeRead(t *testing.T) {
	for _, size := range []image.Point{{700, 900}, {1600, 2200}, {200, 90}} {
		page := image.NewGray(image.Rectangle{Max: size})
		canvas.Draw(page, page.Bounds(), image.White, image.Point{}, canvas.Src)
		canvas.Draw(page, image.Rect(0, 0, size.X/2, size.Y), image.NewUniform(color.Gray{Y: 40}), image.Point{}, canvas.Src)
		var b bytes.Buffer
		if err := paper.EncodePNG(&b, page); err != nil {
			t.Fatal(err)
		}
		got, err := paper.Watermark(b.Bytes(), "Dr. Vale · 23 November 2026, 03:05 UTC")
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(got))
		if err != nil || m.Bounds().Max != size {
			t.Fatal(err, m.Bounds())
		}
		bands := max(1, size.Y/(size.X/3+48))
		for i := range bands {
			changed := 0
			for y := i * size.Y / bands; y < (i+1)*size.Y/bands; y++ {
				for x := range size.X {
					if r, g, _, _ := m.At(x, y).RGBA(); r != g {
						changed++
					}
				}
			}
			if all := size.X * size.Y / bands; changed == 0 || changed > all/4 {
				t.Errorf("%v: %d of %d pixels of band %d are marked", size, changed, all, i)
			}
		}
		again, err := paper.Watermark(b.Bytes(), "Somebody Else · 23 November 2026, 03:05 UTC")
		if err != nil || bytes.Equal(got, again) {
			t.Errorf("two people have one picture: %v", err)
		}
	}
	if _, err := paper.Watermark([]byte("no picture"), "x"); err == nil {
		t.Error("what is no picture was marked")
	}
}
