package paper_test

import (
	"bytes"
	"image"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/paper"
	"letterlock/internal/fault"
)

// FuzzCell: the process that reads a paper may have been taken over by it.
// Whatever it answers is refused with a sentence, or is within bounds.
func FuzzCell(f *testing.F) {
	whole, err := casefile.Encode(struct {
		Seen casefile.Looked
	}{casefile.Looked{Pages: 3}})
	if err != nil {
		f.Fatal(err)
	}
	var picture bytes.Buffer
	if err := paper.EncodePNG(&picture, image.NewGray(image.Rect(0, 0, 9, 9))); err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{whole, picture.Bytes(), picture.Bytes()[:40], append(bytes.Clone(picture.Bytes()), "<script>"...), nil, {0xa0}} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		seen, err := paper.ReadAnswer(b)
		if k := fault.KindOf(err); err != nil && (k != fault.Invalid && k != fault.TooLarge || fault.Say(err) == "") {
			t.Fatalf("no sentence: %v", err)
		}
		if err == nil && (seen.Pages < 1 || seen.Pages > paper.MaxPages) {
			t.Fatalf("%d pages", seen.Pages)
		}
		if out, err := paper.Repaint(b); err == nil {
			if again, err := paper.Repaint(out); err != nil || !bytes.Equal(again, out) {
				t.Fatalf("a page painted again is another: %v", err)
			}
		}
	})
}
