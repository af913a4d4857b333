package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"letterlock/e2e/story"
)

// Files in the browser client: chosen, sealed, fetched, looked at, saved.

// choose gives the page files, as a person does who chooses them.
func (b *tab) choose(paths ...string) {
	b.Helper()
	must(b.TB, chromedp.Do(b.ctx, chromedp.SetUploadFiles("input[type=file]", paths)))
	b.until("document.querySelector('dialog[open] .offered')")
}

// sends chooses a file and sends it with a caption.
func (b *tab) sends(path, caption string) {
	b.Helper()
	b.choose(path)
	b.fill("Caption", caption)
	b.press("Send")
	b.until("!document.querySelector('dialog[open]')")
}

// saves saves the file of the message with this name or caption, and is what
// came to the disk.
func (b *tab) saves(name, label string) []byte {
	b.Helper()
	dir := b.TempDir()
	_, err := chromedp.CallBrowser(b.ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{Behavior: "allow", DownloadPath: dir})
	must(b.TB, err)
	b.press(label)
	path := filepath.Join(dir, name)
	var last int64 = -1
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			if info.Size() == last {
				body, err := os.ReadFile(path)
				must(b.TB, err)
				return body
			}
			last = info.Size()
		}
	}
	b.picture("failed")
	b.Fatalf("%s: %s was never saved: %v\n%s", b.person.Name, name, names(dir), b.text())
	return nil
}

func names(dir string) (out []string) {
	all, _ := os.ReadDir(dir)
	for _, e := range all {
		out = append(out, e.Name())
	}
	return out
}

// file is the place of a file in the conversation, by what its message says.
func file(words string) string {
	return "[...document.querySelectorAll('.scroller li.message')].find((e) => e.innerText.includes(" + quote(words) + ") || [...e.querySelectorAll('[aria-label]')].some((x) => x.getAttribute('aria-label').includes(" + quote(words) + ")))?.querySelector('.filed')"
}

func (b *tab) filed(words, state string) {
	b.Helper()
	b.until("(" + file(words) + ")?.classList.contains(" + quote(state) + ")")
}

// photo is a JPEG with a place written into it.
func photo(t testing.TB, path, secret string, w, h int) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{uint8(x * 255 / w), uint8(y * 255 / h), uint8((x/40 + y/40) % 2 * 90), 255})
		}
	}
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, m, nil))
	raw := b.Bytes()
	exif := "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x00 " + secret
	all := slices.Concat(raw[:2], []byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2)), []byte(exif), raw[2:])
	must(t, os.WriteFile(path, all, 0o600))
}

func same(t testing.TB, what string, got, want []byte) {
	t.Helper()
	if sha256.Sum256(got) != sha256.Sum256(want) {
		t.Errorf("%s: %d bytes came, %d were sent, and they are others", what, len(got), len(want))
	}
}

func letter(t testing.TB, w *story.World, p story.Person, args ...string) string {
	t.Helper()
	out, err := story.Run(t.Context(), "", story.Program(w.Bin, "letter"), append([]string{"--dir", p.Dir}, args...)...)
	must(t, err)
	return out
}

// saved has the terminal fetch and save the last file that came.
func saved(t testing.TB, w *story.World, p story.Person, caption, name string) []byte {
	t.Helper()
	var got string
	for end := time.Now().Add(60 * time.Second); !strings.Contains(got, caption); got += letter(t, w, p, "receive") {
		if time.Now().After(end) {
			t.Fatalf("%s got no %q: %s", p.Name, caption, got)
		}
	}
	at := strings.Index(got, caption)
	line := strings.LastIndex(got[:at], "\n") + 1
	i := line + strings.Index(got[line:], "letter save ")
	if i < line || i > at+strings.IndexByte(got[at:]+"\n", '\n') { // its caption stands in a line of its own
		i = strings.LastIndex(got[:at], "letter save ")
	}
	number := strings.Fields(got[i+len("letter save "):])[0]
	dir := t.TempDir()
	letter(t, w, p, "save", strings.Trim(number, "'\".,)"), "--to", dir)
	body, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatalf("%v in %v\n%s", err, names(dir), got)
	}
	return body
}

// TestFilesBetweenBrowsersAndATerminal: a photo, a document and a voice message
// go between two browsers and a terminal; what is on the disk of the browsers
// afterwards is sealed.
func TestFilesBetweenBrowsersAndATerminal(t *testing.T) {
	w := chatWorld(t)
	ana, ben, cem := browse(t, w, w.Person("Ana", phone(0))), browse(t, w, w.Person("Ben", phone(1))), w.Person("Cem", phone(2))
	ana.register()
	ben.register()
	must(t, cem.Register(t.Context()))
	dir := t.TempDir()
	const place, caption = "Fundort-52.5163N-13.3777E", "the lamp over the harbour 4471"
	picture, paper := filepath.Join(dir, "harbour-8830.jpg"), filepath.Join(dir, "<img src=x onerror=alert(1)> report-6612.html")
	photo(t, picture, place, 1600, 1000)
	quay := filepath.Join(dir, "quay-3357.jpg")
	photo(t, quay, place, 1600, 1000)
	words := bytes.Repeat([]byte("<script>parent.document.title='taken'</script> the tide table of 9035; "), 40_000)
	must(t, os.WriteFile(paper, words, 0o600))

	// A photo, without what is written in it of its place.
	ana.chat(ben.person.Phone)
	ana.choose(picture)
	ana.checked("what is sent")
	ana.picture("offer")
	ana.fill("Caption", caption)
	ana.press("Send")
	ana.filed(caption, "here")
	ben.into("Ana")
	ben.filed(caption, "here") // a photo comes by itself
	ben.until("(" + file(caption) + ").querySelector('img').naturalWidth === 1600")
	eval[any](ben, "("+file(caption)+").querySelector('button.picture').click(), 0")
	ben.until("document.querySelector('.viewer .stage img')?.naturalWidth === 1600")
	got := ben.saves("harbour-8830.jpg", "Save on this computer")
	if bytes.Contains(got, []byte(place)) || len(got) < 10_000 {
		t.Errorf("the photo, %d bytes, says where it was taken", len(got))
	}
	ben.checked("the viewer")
	ben.picture("viewer")
	ben.key("Escape", "")
	ben.until("!document.querySelector('dialog')")

	// A document: its name is a text, and it is saved, not shown.
	ben.sends(paper, "")
	ana.filed("report-6612", "there")
	ana.until("(" + file("report-6612") + ").querySelector('.filename').innerText.includes('<img') || (" + file("report-6612") + ").querySelector('.filename').innerText.includes('_img')")
	ana.press("Fetch")
	ana.filed("report-6612", "here")
	name := eval[string](ana, "("+file("report-6612")+").querySelector('.filename').innerText")
	same(t, "the document", ana.saves(name, "Save "+name), words)
	if title := eval[string](ana, "document.title"); strings.Contains(title, "taken") || eval[int](ana, "document.querySelectorAll('.filed img[src=x]').length") != 0 {
		t.Error("a document's name or content became a part of the page")
	}

	// A voice message of a microphone that beeps.
	ana.press("Record a voice message")
	ana.until("[...document.querySelectorAll('.recording .wave i')].some((e) => parseInt(e.style.blockSize) > 30)")
	time.Sleep(1500 * time.Millisecond)
	ana.picture("recording")
	ana.checked("recording")
	ana.press("Stop and listen")
	ana.until("document.querySelector('.recording .player')")
	ana.press("Send the voice message")
	ben.until("document.querySelector('.theirs .filed.voice.here .player')")
	eval[any](ben, "document.querySelector('.theirs .filed.voice .player button').focus(), 0")
	ben.key("Enter", "\r") // a browser plays sound only for a person who did something
	ben.until("document.querySelector('.theirs .filed.voice .wave').getAttribute('aria-valuenow') >= 1")
	if heights := eval[int](ben, "new Set([...document.querySelectorAll('.theirs .filed.voice .wave i')].map((e) => e.style.blockSize)).size"); heights < 3 {
		t.Errorf("the waveform has %d heights", heights)
	}
	ben.checked("a conversation with files")
	ben.picture("files")

	// To the terminal, and from it.
	ana.chat(cem.Phone)
	ana.until("document.querySelector('.talk h2').innerText.includes('Cem')")
	ana.sends(quay, "for the terminal 2290")
	ana.filed("for the terminal", "here")
	if body := saved(t, w, cem, "for the terminal 2290", "quay-3357.jpg"); bytes.Contains(body, []byte(place)) || !bytes.Equal(body, got) {
		t.Errorf("the terminal has %d bytes, another browser has %d", len(body), len(got))
	}
	letter(t, w, cem, "send", "--to", ana.person.Phone, "--file", picture, "from the terminal 7718")
	ana.filed("from the terminal 7718", "here")
	ana.until("(" + file("from the terminal 7718") + ").querySelector('img').naturalWidth === 1600")

	for _, l := range []struct {
		name          string
		width, height int64
		scheme        string
	}{{"wide-dark", 1280, 800, "dark"}, {"phone", 390, 844, "light"}} {
		ben.look(l.width, l.height, l.scheme)
		time.Sleep(150 * time.Millisecond)
		ben.picture("files-" + l.name)
		ben.checked("a conversation with files, " + l.name)
	}
	ana.quit()
	ben.quit()
	for _, b := range []*tab{ana, ben} {
		// The names of what was saved are in the browser's own list of downloads.
		nothingOpen(t, b.profile, place, caption, "quay-3357", "the tide table of 9035", "for the terminal 2290", "from the terminal 7718", string(got[2000:2060]))
	}
}
