package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"io"
	"slices"
	"testing"

	"letterlock/client/internal/picture"
)

func riff(name, body string) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 'S')
	}
	return b
}

// ladenWebP moves, and says where it was made.
func ladenWebP() []byte {
	frame := "0123456789abcdef" + string(riff("ALPH", "alpha")) + string(riff("SECR", "SECRET")) + string(riff("VP8 ", "the frame"))
	in := bytes.Join([][]byte{[]byte("WEBP"), riff("VP8X", "\x3e\x00\x00\x00\x09\x00\x00\x09\x00\x00"), riff("ICCP", "colours"), riff("ANIM", "loops!"),
		riff("ANMF", frame), riff("EXIF", "SECRET 52.1N"), riff("XMP ", "<x>SECRET</x>"), riff("note", "SECRET")}, nil)
	return slices.Concat([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(len(in))), in, []byte("SECRET behind it"))
}

func TestAWebPSaysNothingBesideThePicture(t *testing.T) {
	in := ladenWebP()
	out := strip(t, picture.WebP, in)
	if bytes.Contains(out, []byte("SECR")) || len(out) != len(in)-len("SECRET behind it") {
		t.Fatalf("%q", out)
	}
	for _, kept := range []string{"colours", "loops!", "alpha", "the frame", "0123456789abcdef"} {
		if !bytes.Contains(out, []byte(kept)) {
			t.Errorf("%s is gone", kept)
		}
	}
	if flags := out[20]; flags != 0x32 {
		t.Errorf("the flags say %x, want no EXIF and no XMP", flags)
	}
	if again := strip(t, picture.WebP, out); !bytes.Equal(again, out) {
		t.Error("stripped twice it is another")
	}
	for n := range in[:len(in)-16] {
		if err := picture.Strip(picture.WebP, io.Discard, bytes.NewReader(in[:n])); !errors.Is(err, picture.ErrPicture) {
			t.Fatalf("%d bytes of it: %v", n, err)
		}
	}
}

func strip(t testing.TB, kind string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := picture.Strip(kind, &out, bytes.NewReader(b)); err != nil {
		t.Fatal(kind, err)
	}
	return out.Bytes()
}

// ladenGIF moves, has a comment, a text and XMP as Adobe puts it there.
func ladenGIF(t testing.TB) []byte {
	t.Helper()
	all := &gif.GIF{}
	for range 2 {
		m := image.NewPaletted(image.Rect(0, 0, 12, 8), palette.Plan9)
		draw.Draw(m, m.Bounds(), photo(12, 8), image.Point{}, draw.Src)
		all.Image, all.Delay = append(all.Image, m), append(all.Delay, 7)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, all); err != nil {
		t.Fatal(err)
	}
	in := b.Bytes()
	at := bytes.Index(in, []byte("\x21\xff\x0bNETSCAPE2.0"))
	trailer := []byte{1}
	for i := 255; i >= 0; i-- {
		trailer = append(trailer, byte(i))
	}
	xmp := slices.Concat([]byte("\x21\xff\x0bXMP DataXMP<x>SECRET</x>"), trailer, []byte{0})
	return slices.Concat(in[:at], []byte("\x21\xfe\x06SECRET\x00"), xmp, []byte("\x21\x01\x0c0123456789ab\x06SECRET\x00"), in[at:], []byte("SECRET behind it"))
}

func TestAGIFSaysNothingBesideThePicture(t *testing.T) {
	in := ladenGIF(t)
	out := strip(t, picture.GIF, in)
	if bytes.Contains(out, []byte("SECRET")) || bytes.Contains(out, []byte("XMP")) {
		t.Fatalf("%q", out)
	}
	was, err := gif.DecodeAll(bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	is, err := gif.DecodeAll(bytes.NewReader(out))
	if err != nil || len(is.Image) != 2 || is.LoopCount != was.LoopCount || !slices.Equal(is.Delay, was.Delay) || !bytes.Equal(is.Image[1].Pix, was.Image[1].Pix) {
		t.Fatalf("it is another, %v", err)
	}
	if again := strip(t, picture.GIF, out); !bytes.Equal(again, out) {
		t.Error("stripped twice it is another")
	}
	for n := range bytes.Index(in, []byte("SECRET behind")) {
		if err := picture.Strip(picture.GIF, io.Discard, bytes.NewReader(in[:n])); !errors.Is(err, picture.ErrPicture) {
			t.Fatalf("%d bytes of it: %v", n, err)
		}
	}
}
