package content_test

import (
	"bytes"
	"strings"
	"testing"

	"letterlock/client/internal/content"
)

func file() *content.File {
	return &content.File{Kind: content.Photo, Name: "beach.jpg", Type: "image/jpeg", Size: 12345, Blob: [16]byte{1}, Secret: [32]byte{2}, Digest: [32]byte{3},
		Width: 800, Height: 600, Length: 5, Wave: []byte{1, 31}, Thumb: []byte{0xff, 0xd8}, Caption: content.Text{Text: "us", Phone: alice}}
}

func TestAFileComesBackAsItWas(t *testing.T) {
	bare := file()
	bare.Caption.Text, bare.Name, bare.Thumb, bare.Wave = "", "", nil, nil
	for _, f := range []*content.File{file(), bare} {
		b, err := content.Seal(content.New(content.ID{1}, 5, f))
		if err != nil {
			t.Fatal(err)
		}
		got, err := content.Open(b)
		if err != nil || got.Body.(*content.File).Caption.Text != f.Caption.Text || got.Body.(*content.File).Secret != f.Secret {
			t.Fatal(got, err)
		}
	}
}

// A status shows a photo or a film with its own text, and nothing else.
func TestAStatusMayShowAPhoto(t *testing.T) {
	photo := file()
	photo.Caption.Text = ""
	for _, ok := range []*content.Status{{Text: "sea", File: photo}, {File: photo}, {Text: "sea"}} {
		if _, err := content.Encode(content.New(content.ID{1}, 5, ok)); err != nil {
			t.Errorf("%+v: %v", ok, err)
		}
	}
	paper, captioned, broken := *photo, *photo, *photo
	paper.Kind, captioned.Caption.Text, broken.Blob = content.Document, "twice", [16]byte{}
	for _, bad := range []*content.Status{{}, {Text: "x", File: &paper}, {File: &captioned}, {File: &broken}} {
		if _, err := content.Encode(content.New(content.ID{1}, 5, bad)); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

func TestAProfileWithinItsBounds(t *testing.T) {
	photo := func() *content.Portrait {
		return &content.Portrait{Size: 1, Blob: [16]byte{1}, Secret: [32]byte{1}, Digest: [32]byte{1}}
	}
	for _, ok := range []*content.Profile{{}, {Name: "Alice", About: "at sea", Photo: photo()}, {Keep: true}} {
		b, err := content.Seal(content.New(content.ID{1}, 5, ok))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := content.Open(b); err != nil || got.Body.(*content.Profile).Name != ok.Name {
			t.Errorf("%+v, %v", got, err)
		}
	}
	large, keyless := photo(), photo()
	large.Size, keyless.Secret = content.MaxPortrait+1, [32]byte{}
	for _, bad := range []*content.Profile{{Name: strings.Repeat("x", 81)}, {About: "\xff"}, {Photo: large}, {Photo: keyless}, {Keep: true, Photo: photo()}} {
		if _, err := content.Encode(content.New(content.ID{1}, 5, bad)); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// FuzzFile starts from files that are right but for a byte, so that it gets
// beyond the header more often than FuzzOpen.
func FuzzFile(f *testing.F) {
	good, err := content.Encode(content.New(content.ID{1}, 5, file()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[27:], 3, byte(1))
	f.Add(good[27:], 60, byte(0xff))
	f.Fuzz(func(t *testing.T, body []byte, at int, x byte) {
		b := append(bytes.Clone(good[:27]), body...)
		if at >= 0 && at < len(body) {
			b[27+at] ^= x
		}
		c, err := content.Decode(b)
		if err != nil {
			return
		}
		got, ok := c.Body.(*content.File)
		if !ok || got.Size > 2<<30 || len(got.Thumb) > content.MaxThumb || len(got.Wave) > content.MaxWave || len(got.Name) > content.MaxFileName {
			t.Fatalf("%+v", c)
		}
		if again, err := content.Encode(c); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x became %x, %v", b, again, err)
		}
	})
}
