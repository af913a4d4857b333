package paper_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/paper"
)

// TestABoxLeavesNothingUnderIt: two pages that differ only under the boxes come
// out as the same bytes, at every size of page and to the last pixel touched.
func TestABoxLeavesNothingUnderIt(t *testing.T) {
	boxes := []casefile.Box{{Left: 101, Top: 203, Right: 507, Bottom: 309}, {Left: 0, Top: 999, Right: 1000, Bottom: 1000}, {Left: 999, Top: 0, Right: 1000, Bottom: 1}}
	for _, size := range []image.Point{{850, 1100}, {333, 777}, {1, 1}, {7, 1001}} {
		pages := [2][]byte{}
		for i := range pages {
			m := image.NewNRGBA(image.Rectangle{Max: size})
			for y := range size.Y {
				for x := range size.X {
					m.Set(x, y, color.NRGBA{uint8(x), uint8(y), 7, 255})
					for _, b := range boxes {
						if x*1000 < b.Right*size.X && (x+1)*1000 > b.Left*size.X && y*1000 < b.Bottom*size.Y && (y+1)*1000 > b.Top*size.Y {
							m.Set(x, y, color.NRGBA{uint8(x * (i + 3)), uint8(200 * i), 1, uint8(255 - 100*i)})
						}
					}
				}
			}
			var b bytes.Buffer
			if err := png.Encode(&b, m); err != nil {
				t.Fatal(err)
			}
			var err error
			if pages[i], err = paper.Blacken(b.Bytes(), boxes); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(pages[0], pages[1]) {
			t.Errorf("%v: what was under a box shows", size)
		}
		m, err := png.Decode(bytes.NewReader(pages[0]))
		if err != nil || m.Bounds().Size() != size {
			t.Fatal(err, m.Bounds())
		}
		if r, g, b, _ := m.At(size.X-1, size.Y-1).RGBA(); r|g|b != 0 {
			t.Errorf("%v: the last pixel is not black", size)
		}
		if r, g, b, _ := m.At(size.X/2, size.Y/2).RGBA(); size.X > 300 && r|g|b == 0 {
			t.Errorf("%v: all is black", size)
		}
	}
	if _, err := paper.Blacken([]byte("no picture"), nil); err == nil {
		t.Error("what is no picture was published")
	}
}
