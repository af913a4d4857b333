package client_test

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"letterlock/client"
	"letterlock/client/internal/film/filmtest"
	"letterlock/internal/fault"
)

// brought is what another person has of a file that was sent.
func (p *person) brought(from *person) []byte {
	p.t.Helper()
	settle(from, p)
	e := p.gotFile()
	p.must(p.Fetch(limit(p.t), e.Seq, nil))
	got := p.read(e.Seq)
	p.must(p.Remove(bg, e))
	return got
}

// once is a body that is read once, from its beginning to its end.
type once struct{ io.Reader }

func TestAFilmLeavesWithoutPlaceAndTime(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	film, _ := filmtest.Taken()
	for name, body := range map[string]func() io.Reader{"read at will": func() io.Reader { return bytes.NewReader(film) }, "read once": func() io.Reader { return once{bytes.NewReader(film)} }} {
		_, err := a.SendFile(bg, bob, client.Attachment{Body: body(), Name: "sea.mov"})
		a.must(err)
		got := b.brought(a)
		if len(got) != len(film) || bytes.Contains(got, []byte("SEC")) || !bytes.Contains(got, []byte(filmtest.Frames+filmtest.Tones)) {
			t.Errorf("%s: what arrived is %q", name, got)
		}
	}
	_, err := a.SendFile(bg, bob, client.Attachment{Body: bytes.NewReader(film), Name: "sea.mov", Metadata: true})
	a.must(err)
	if got := b.brought(a); !bytes.Equal(got, film) {
		t.Error("it was to go as it is")
	}
	_, err = a.SendFile(bg, bob, client.Attachment{Body: bytes.NewReader(filmtest.Still("Exif")), Name: "beach.heic"})
	a.must(err)
	if got := b.brought(a); bytes.Contains(got, []byte("SEC")) || !bytes.Contains(got, []byte(filmtest.Frames)) {
		t.Errorf("of the picture arrived %q", got)
	}
	if n := a.files.Len(); n != 4 {
		t.Errorf("%d files are on Alice's device, want the 4 that she sent: a copy for looking through is left", n)
	}
}

// Of what cannot be taken out the person is asked; nothing leaves by itself.
func TestWhatCannotBeTakenOutIsAskedFirst(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	film, _ := filmtest.Taken()
	pdf := slices.Concat([]byte("%PDF-1.4\n"), bytes.Repeat([]byte(" "), 1<<16), []byte("trailer << /Info << /Author (SECRET) >> >>"))
	for name, body := range map[string][]byte{"cut.mp4": film[:len(film)-30], "letter.pdf": pdf, "paper.docx": []byte("PK\x03\x04docProps SECRET"), "raw.dng": []byte("II*\x00SECRET"),
		"song.mp3": []byte("ID3SECRET"), "clip.webm": []byte("\x1a\x45\xdf\xa3SECRET"), "cut.gif": []byte("GIF89aSECRET"), "cut.webp": []byte("RIFF0000WEBPSECRET")} {
		_, err := a.SendFile(bg, bob, client.Attachment{Body: bytes.NewReader(body), Name: name})
		if !client.Tells(err) || fault.KindOf(err) == fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
		if n := a.files.Len(); n != 0 {
			t.Fatalf("%s: %d files are left on the device", name, n)
		}
		_, err = a.SendFile(bg, bob, client.Attachment{Body: bytes.NewReader(body), Name: name, Metadata: true})
		a.must(err)
		if got := b.brought(a); !bytes.Equal(got, body) {
			t.Errorf("%s: the person meant to send it as it is", name)
		}
		a.must(a.Remove(bg, a.last(client.Outgoing)))
	}
	for name, body := range map[string]string{"notes.txt": "nothing beside the words", "bare.pdf": "%PDF-1.4\n1 0 obj\nendobj", "pack.zip": "PK\x03\x04", "data.bin": "0123"} {
		_, err := a.SendFile(bg, bob, client.Attachment{Body: bytes.NewReader([]byte(body)), Name: name})
		a.must(err)
	}
	_, err := a.SendFile(bg, bob, client.Attachment{Body: bytes.NewReader([]byte("OggS...")), Name: "v.ogg", Voice: true})
	a.must(err)
}
