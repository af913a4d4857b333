package film_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"letterlock/client/internal/film"
	"letterlock/client/internal/film/filmtest"
)

func stripped(t testing.TB, b []byte) []byte {
	t.Helper()
	patches, err := film.Plan(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := film.Copy(&out, bytes.NewReader(b), int64(len(b)), patches); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAFilmSaysNothingBesideItself(t *testing.T) {
	in, at := filmtest.Taken()
	out := stripped(t, in)
	if len(out) != len(in) {
		t.Fatalf("%d bytes became %d: offsets are no longer true", len(in), len(out))
	}
	if i := bytes.Index(out, []byte("SEC")); i >= 0 {
		t.Errorf("something leaves with the film: %q", out[max(0, i-40):min(len(out), i+40)])
	}
	if got := string(out[at : at+len(filmtest.Frames)+len(filmtest.Tones)]); got != filmtest.Frames+filmtest.Tones {
		t.Errorf("the film is another: %q", got)
	}
	for _, kept := range []string{"avcC", "kept", "avc1", "mp4a", "stco", "vide", "soun", "mvhd"} {
		if !bytes.Contains(out, []byte(kept)) {
			t.Errorf("%s is gone", kept)
		}
	}
	for _, gone := range []string{"udta", "uuid", "\xa9xyz", "mebx", "tref", "sefd"} {
		if bytes.Contains(out, []byte(gone)) {
			t.Errorf("%q is still there", gone)
		}
	}
	if again := stripped(t, out); !bytes.Equal(again, out) {
		t.Error("stripped twice it is another")
	}
}

func TestAStillPictureOfItemsLosesExifAndXMP(t *testing.T) {
	in := filmtest.Still("Exif")
	out := stripped(t, in)
	if len(out) != len(in) || bytes.Contains(out, []byte("SECRET")) || !bytes.Contains(out, []byte(filmtest.Frames)) {
		t.Fatalf("%q", out)
	}
	for _, kept := range []string{"hvc1", "ispe", "irot", "iloc"} {
		if !bytes.Contains(out, []byte(kept)) {
			t.Errorf("%s is gone", kept)
		}
	}
	if bytes.Contains(out, []byte("udes")) {
		t.Error("the description is still there")
	}
}

// What cannot be looked through is said, never taken for clean.
func TestAFilmOfARareFormIsSaid(t *testing.T) {
	whole, _ := filmtest.Taken()
	outside := bytes.Replace(whole, filmtest.Be(len(filmtest.Points)), filmtest.Be(4000), 1)
	away := bytes.Replace(whole, filmtest.Box("url ", 1), filmtest.Box("url ", 0), 1)
	packed := slices.Concat(filmtest.Box("ftyp", "qt  "), filmtest.Box("moov", filmtest.Box("cmov", "zlib")))
	for name, b := range map[string][]byte{"nothing": nil, "text": []byte("a text of some length"), "cut off": whole[:len(whole)/2], "a packed head": packed,
		"samples beyond the end": outside, "a film that lies elsewhere": away, "a JPEG as an item": filmtest.Still("jpeg"),
		"fragments with positions": slices.Concat(whole[:len(whole)-3], filmtest.Box("moof", filmtest.Box("mfhd", 0, 1)))} {
		if _, err := film.Plan(bytes.NewReader(b), int64(len(b))); !errors.Is(err, film.ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever the bytes, it ends; what was patched has the same length, and is
// patched once.
func FuzzFilm(f *testing.F) {
	whole, _ := filmtest.Taken()
	f.Add(whole)
	f.Add(filmtest.Still("Exif"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		patches, err := film.Plan(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for _, p := range patches {
			if p.At < 0 || p.Length < 0 || p.At+p.Length > int64(len(b)) || p.With != nil && int64(len(p.With)) != p.Length {
				t.Fatalf("%+v of %d bytes", p, len(b))
			}
		}
		var out bytes.Buffer
		if err := film.Copy(&out, bytes.NewReader(b), int64(len(b)), patches); err != nil || out.Len() != len(b) {
			t.Fatalf("%d bytes of %d, %v", out.Len(), len(b), err)
		}
	})
}
