package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"runtime"
	"testing"

	"letterlock/client/internal/picture"
)

// photo is a picture whose left half is red and whose right half is blue.
func photo(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{200, 0, 0, 255}
			if x >= w/2 {
				c = color.RGBA{0, 0, 200, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func segment(marker byte, body string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2)), body...)
}

// exif has an orientation and says where it was taken.
func exif(how byte) string {
	return "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x02" +
		"\x01\x0f\x00\x02\x00\x00\x00\x04SECR" +
		"\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(how) + "\x00\x00\x00\x00\x00\x00GPS SECRET 52.1N"
}

// laden is a JPEG with everything that a telephone puts beside a picture.
func laden(t testing.TB, m image.Image, how byte) []byte {
	b := jpegOf(t, m)
	parts := [][]byte{b[:2], segment(0xe0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x01SECRET"), segment(0xe1, exif(how)),
		segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x>SECRET</x>"), segment(0xed, "Photoshop 3.0\x00SECRET"), segment(0xe2, "MPF\x00SECRET"),
		segment(0xe2, "ICC_PROFILE\x00\x01\x01colours"), segment(0xfe, "SECRET comment"), segment(0xec, "SECRET"), b[2:], []byte("SECRET film behind it")}
	return bytes.Join(parts, nil)
}

func chunk(name, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func ladenPNG(t testing.TB) []byte {
	b := pngOf(t, photo(40, 20))
	head := 8 + 25
	return bytes.Join([][]byte{b[:head], chunk("tEXt", "Author\x00SECRET"), chunk("zTXt", "SECRET"), chunk("iTXt", "SECRET"), chunk("eXIf", "SECRET"),
		chunk("tIME", "SECRET!"), chunk("prVt", "SECRET"), chunk("gAMA", "\x00\x00\xb1\x8f"), b[head:], []byte("SECRET behind it")}, nil)
}

func TestWhatIsBesideThePictureStays(t *testing.T) {
	for kind, in := range map[string][]byte{picture.JPEG: laden(t, photo(40, 20), 6), picture.PNG: ladenPNG(t)} {
		if !bytes.Contains(in, []byte("SECRET")) {
			t.Fatal("the test proves nothing")
		}
		var out bytes.Buffer
		if err := picture.Strip(kind, &out, bytes.NewReader(in)); err != nil {
			t.Fatal(kind, err)
		}
		if bytes.Contains(out.Bytes(), []byte("SECR")) {
			t.Errorf("%s: something leaves with the picture: %q", kind, out.Bytes())
		}
		was, _, err := image.Decode(bytes.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		is, _, err := image.Decode(bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		for y := range 20 {
			for x := range 40 {
				if was.At(x, y) != is.At(x, y) {
					t.Fatalf("%s: another picture at %d,%d", kind, x, y)
				}
			}
		}
		want := "colours"
		if kind == picture.PNG {
			want = "gAMA"
		}
		if !bytes.Contains(out.Bytes(), []byte(want)) {
			t.Errorf("%s: the colours are lost", kind)
		}
		var again bytes.Buffer
		if err := picture.Strip(kind, &again, bytes.NewReader(out.Bytes())); err != nil || !bytes.Equal(again.Bytes(), out.Bytes()) {
			t.Errorf("%s: stripped twice it is another: %v", kind, err)
		}
	}
}

// A photo that lies on its side is shown upright, before and after stripping.
func TestASidewaysPhotoStandsUp(t *testing.T) {
	var out bytes.Buffer
	if err := picture.Strip(picture.JPEG, &out, bytes.NewReader(laden(t, photo(400, 200), 6))); err != nil {
		t.Fatal(err)
	}
	thumb, w, h, err := picture.Thumb(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil || w != 200 || h != 400 || !picture.Small(thumb) {
		t.Fatal(w, h, err)
	}
	m, err := jpeg.Decode(bytes.NewReader(thumb))
	if err != nil || m.Bounds() != image.Rect(0, 0, 128, 256) {
		t.Fatal(m.Bounds(), err)
	}
	r, _, b, _ := m.At(64, 30).RGBA()
	if r < b {
		t.Error("left is not on top")
	}
	r, _, b, _ = m.At(64, 220).RGBA()
	if b < r {
		t.Error("right is not at the bottom")
	}
}

func TestThumbnails(t *testing.T) {
	var g bytes.Buffer
	if err := gif.Encode(&g, photo(300, 100), nil); err != nil {
		t.Fatal(err)
	}
	noise := image.NewRGBA(image.Rect(0, 0, 600, 600))
	for i := range noise.Pix {
		noise.Pix[i] = byte(i * i * 7 >> 3)
	}
	for name, b := range map[string][]byte{"jpeg": jpegOf(t, photo(3000, 1000)), "png": pngOf(t, photo(10, 4000)), "gif": g.Bytes(),
		"dot": pngOf(t, photo(1, 1)), "noise": pngOf(t, noise)} {
		thumb, _, _, err := picture.Thumb(bytes.NewReader(b), int64(len(b)))
		if err != nil || !picture.Small(thumb) || len(thumb) > picture.ThumbMax {
			t.Errorf("%s: %d bytes, %v", name, len(thumb), err)
		}
	}
	for name, b := range map[string][]byte{"nothing": nil, "png": pngOf(t, photo(9, 9)), "large": jpegOf(t, photo(600, 600)), "cut": jpegOf(t, photo(9, 9))[:100]} {
		if picture.Small(b) {
			t.Errorf("%s is taken for a small picture", name)
		}
	}
}

// Bombs: little on the line, much in memory or time.
func TestBombsDoNotGoOff(t *testing.T) {
	b := pngOf(t, photo(4, 4))
	binary.BigEndian.PutUint32(b[16:], 60000)
	binary.BigEndian.PutUint32(b[20:], 60000)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	wide := bytes.Clone(jpegOf(t, photo(16, 16)))
	i := bytes.Index(wide, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(wide[i+5:], 19000)
	binary.BigEndian.PutUint16(wide[i+7:], 19000)
	progressive := bytes.Clone(wide)
	progressive[i+1] = 0xc2
	binary.BigEndian.PutUint16(progressive[i+5:], 4000)
	binary.BigEndian.PutUint16(progressive[i+7:], 4000)
	passes := progressiveOf(t, 3000)
	for name, bomb := range map[string][]byte{"a PNG of 60000 pixels": b, "a JPEG of 19000 pixels": wide, "a progressive JPEG": progressive, "3000 passes": passes} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, _, err := picture.Thumb(bytes.NewReader(bomb), int64(len(bomb)))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, picture.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
			t.Errorf("%s took %d MiB", name, n>>20)
		}
		if picture.Small(bomb) {
			t.Errorf("%s is taken for a small picture", name)
		}
	}
	for name, bomb := range map[string][]byte{"a PNG": b, "a JPEG": wide} {
		if _, _, err := picture.Look(bytes.NewReader(bomb)); !errors.Is(err, picture.ErrTooLarge) {
			t.Errorf("%s would be shown: %v", name, err)
		}
	}
}

// progressiveOf is a JPEG whose scan comes many times.
func progressiveOf(t testing.TB, n int) []byte {
	b := jpegOf(t, photo(16, 16))
	b[bytes.Index(b, []byte{0xff, 0xc0})+1] = 0xc2
	at := bytes.Index(b, []byte{0xff, 0xda})
	return bytes.Join([][]byte{b[:at], bytes.Repeat(b[at:len(b)-2], n), b[len(b)-2:]}, nil)
}

func TestADamagedPictureIsSaid(t *testing.T) {
	whole := laden(t, photo(40, 20), 1)
	for n := range bytes.Index(whole, []byte{0xff, 0xd9}) {
		if err := picture.Strip(picture.JPEG, io.Discard, bytes.NewReader(whole[:n])); !errors.Is(err, picture.ErrPicture) {
			t.Fatalf("%d bytes of a JPEG: %v", n, err)
		}
	}
	p := pngOf(t, photo(40, 20))
	for n := range p {
		if err := picture.Strip(picture.PNG, io.Discard, bytes.NewReader(p[:n])); n < len(p) && !errors.Is(err, picture.ErrPicture) {
			t.Fatalf("%d bytes of a PNG: %v", n, err)
		}
	}
	if err := picture.Strip("video/mp4", io.Discard, bytes.NewReader(p)); !errors.Is(err, picture.ErrPicture) {
		t.Error(err)
	}
}

// Whatever the bytes, stripping and looking end, and what was stripped once is
// clean.
func FuzzPicture(f *testing.F) {
	f.Add(laden(f, photo(8, 8), 6))
	f.Add(ladenPNG(f))
	f.Add(ladenWebP())
	f.Add(ladenGIF(f))
	f.Add(progressiveOf(f, 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		picture.Small(b)
		picture.Look(bytes.NewReader(b))
		picture.Thumb(bytes.NewReader(b), int64(len(b)))
		kind := picture.Sniff(b)
		var out, again bytes.Buffer
		if err := picture.Strip(kind, &out, bytes.NewReader(b)); err != nil {
			return
		}
		if err := picture.Strip(kind, &again, bytes.NewReader(out.Bytes())); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Errorf("stripped twice: %v", err)
		}
	})
}

// A WebP says its size in one of three ways; one that says too much is refused.
func TestTheSizeOfAWebP(t *testing.T) {
	webp := func(chunk string, rest ...byte) []byte {
		return append([]byte("RIFF\x40\x00\x00\x00WEBP"+chunk+"\x0a\x00\x00\x00"), append(rest, make([]byte, 20)...)...)
	}
	for name, b := range map[string][]byte{
		"lossy":    webp("VP8 ", 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x06, 0xe8, 0x03),
		"lossless": webp("VP8L", 0x2f, 0x3f, 0xc6, 0xf9, 0x00),
		"extended": webp("VP8X", 0, 0, 0, 0, 0x3f, 0x06, 0x00, 0xe7, 0x03, 0x00),
	} {
		if w, h, err := picture.Look(bytes.NewReader(b)); err != nil || w != 1600 || h != 1000 {
			t.Errorf("%s: %d, %d, %v", name, w, h, err)
		}
	}
	if _, _, err := picture.Look(bytes.NewReader(webp("VP8X", 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))); !errors.Is(err, picture.ErrTooLarge) {
		t.Errorf("a bomb: %v", err)
	}
	for _, b := range [][]byte{webp("VP8 ", 0, 0, 0, 1, 2, 3), webp("VP8L", 0x2e), webp("ALPH"), webp("VP8X")[:20]} {
		if _, _, err := picture.Look(bytes.NewReader(b)); err == nil {
			t.Errorf("%x has a size", b)
		}
	}
}
