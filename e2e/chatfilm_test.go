package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// film is a WebM of two seconds, drawn and recorded by the browser, with so much
// behind its pictures that it is as long as it should be, words among it.
func (b *tab) film(path, words string, size int) {
	b.Helper()
	short := eval[string](b, `new Promise((good) => {
		const c = Object.assign(document.createElement("canvas"), { width: 320, height: 180 }), x = c.getContext("2d"), parts = [];
		let n = 0;
		const beat = setInterval(() => { x.fillStyle = "hsl(" + n++ * 9 + " 80% 50%)"; x.fillRect(0, 0, 320, 180); x.fillStyle = "#fff"; x.fillRect(n * 4 % 320, 80, 30, 30); }, 40);
		const r = new MediaRecorder(c.captureStream(25), { mimeType: "video/webm;codecs=vp8" });
		r.ondataavailable = (e) => parts.push(e.data);
		r.onstop = async () => { const b = new Uint8Array(await new Blob(parts).arrayBuffer()); let s = ""; for (const v of b) s += String.fromCharCode(v); good(btoa(s)); };
		r.start();
		setTimeout(() => { clearInterval(beat); r.stop(); }, 2000);
	})`)
	raw, err := base64.StdEncoding.DecodeString(short)
	must(b.TB, err)
	fill := make([]byte, size-len(raw)-9)
	for r, i := rand.New(rand.NewPCG(1, 2)), 0; i+8 <= len(fill); i += 8 {
		binary.LittleEndian.PutUint64(fill[i:], r.Uint64())
	}
	for at := 1 << 20; at+len(words) < len(fill); at += 10 << 20 {
		copy(fill[at:], words)
	}
	void := binary.BigEndian.AppendUint64([]byte{0xec}, 1<<56|uint64(len(fill))) // an EBML element that says nothing
	must(b.TB, os.WriteFile(path, bytes.Join([][]byte{raw, void, fill}, nil), 0o600))
}

// far waits until a file on the move is this far, and not at its end.
func (b *tab) far(part string) {
	b.Helper()
	b.until("document.querySelector('.filed progress')?.value > " + part + " && document.querySelector('.filed progress').value < 1")
}

// TestAFilmForAGroupThroughALostNetwork: two browsers and a terminal in a group;
// a film of 200 MB is sent. The sender's network goes while it travels, and the
// page is loaded anew; so it is with whoever fetches it. It comes whole, plays,
// and nothing of it lies open in a browser's files.
func TestAFilmForAGroupThroughALostNetwork(t *testing.T) {
	size := 200 << 20
	if testing.Short() {
		size = 40 << 20
	}
	w := chatWorld(t)
	ana, ben, cem := browse(t, w, w.Person("Ana", phone(0))), browse(t, w, w.Person("Ben", phone(1))), w.Person("Cem", phone(2))
	ana.register()
	ben.register()
	must(t, cem.Register(t.Context()))
	ana.press("New chat or group")
	ana.fill("Name of the group", "The harbour")
	ana.fill("Other phone numbers", ben.person.Phone+", "+cem.Phone)
	ana.press("Begin the group")
	ana.until("document.querySelector('.talk h2')?.innerText === 'The harbour'")
	ben.into("The harbour")

	const name, caption, words = "regatta-5190.webm", "the whole regatta 8842", "the words between the pictures of 3318"
	path := filepath.Join(t.TempDir(), name)
	ana.film(path, words, size)
	began := time.Now()
	ana.sends(path, caption)
	ana.press("Send it as it is") // nothing can be taken out of a WebM
	ana.filed(caption, "bringing")
	t.Logf("sealed after %s", time.Since(began).Round(time.Second/10))
	ana.far("0.05")
	ana.network(false)
	ana.says("No network")
	ana.picture("film-sending")
	ana.open() // from the service worker, without a network
	ana.fill("Passphrase", passphrase)
	ana.press("Unlock")
	ana.into("The harbour")
	ana.filed(caption, "bringing")
	ana.write("written without a network")
	ana.network(true)
	ana.filed(caption, "here")
	t.Logf("at the server after %s", time.Since(began).Round(time.Second/10))

	ben.has("written without a network")
	ben.filed(caption, "there")
	ben.picture("film-there")
	ben.press("Fetch")
	ben.far("0.05")
	ben.network(false)
	ben.says("No network")
	ben.picture("film-fetching")
	ben.open()
	ben.fill("Passphrase", passphrase)
	ben.press("Unlock")
	ben.into("The harbour")
	ben.network(true)
	ben.filed(caption, "here") // nobody pressed anything
	t.Logf("with the other browser after %s", time.Since(began).Round(time.Second/10))
	body, err := os.ReadFile(path)
	must(t, err)
	want := sha256.Sum256(body)

	// What is here is what was sent: it is read as the page reads it.
	got := eval[string](ben, `new Promise(async (good, bad) => {
		const at = [...document.querySelectorAll(".filed.video .picture")].at(-1);
		at.click();
		const video = await new Promise((found) => { const look = () => { const v = document.querySelector(".viewer video"); v ? found(v) : setTimeout(look, 50); }; look(); });
		const r = await fetch(video.src), all = new Uint8Array(await r.arrayBuffer());
		good([...new Uint8Array(await crypto.subtle.digest("SHA-256", all))].map((x) => x.toString(16).padStart(2, "0")).join(""));
	})`)
	if got != hexOf(want[:]) {
		t.Errorf("the other browser has another film: %s", got)
	}
	ben.until("document.querySelector('.viewer video').videoWidth === 320")
	eval[any](ben, "document.querySelector('.viewer video').muted = true, document.querySelector('.viewer video').play()")
	ben.until("document.querySelector('.viewer video').currentTime > 0.5")
	ben.picture("film-playing")
	ben.checked("a film in the viewer")
	ben.key("Escape", "")
	ben.until("!document.querySelector('dialog')")
	if got := sha256.Sum256(saved(t, w, cem, caption, name)); got != want {
		t.Errorf("the terminal has another film")
	}
	t.Logf("everybody has it after %s", time.Since(began).Round(time.Second/10))
	if left := pieces(t, filepath.Join(w.Dir, "data", "carrier", "files")); len(left) > 0 {
		t.Errorf("everybody has it, and the server keeps %d pieces", len(left))
	}
	ana.quit()
	ben.quit()
	for _, b := range []*tab{ana, ben} {
		nothingOpen(t, b.profile, name, "regatta-5190", caption, words, "The harbour", string(body[40_000:40_050]))
	}
}

// kept is how many sealed files lie in the browser.
func (b *tab) kept() int {
	b.Helper()
	return eval[int](b, `(async () => { let n = 0; for await (const d of (await navigator.storage.getDirectory()).values()) for await (const f of d.values()) n++; return n; })()`)
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, v := range b {
		s.WriteByte(digits[v>>4])
		s.WriteByte(digits[v&15])
	}
	return s.String()
}

// pieces are the files below a folder that are as large as a piece of a blob.
func pieces(t testing.TB, dir string) (all []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Size() > 16<<10 {
			all = append(all, path)
		}
		return nil
	}))
	return all
}

// TestAnAlteredFileIsTold: a server changes one file and cuts off another while
// they wait: the page says so, shows nothing of them, and keeps nothing.
func TestAnAlteredFileIsTold(t *testing.T) {
	w := chatWorld(t)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), w.Person("Ben", phone(1))
	ana.register()
	must(t, ben.Register(t.Context()))
	dir, blobs := t.TempDir(), filepath.Join(w.Dir, "data", "carrier", "files")
	send := func(caption string, spoil func(path string, b []byte) error) {
		t.Helper()
		path := filepath.Join(dir, "ledger.bin")
		must(t, os.WriteFile(path, bytes.Repeat([]byte(caption), 20_000), 0o600))
		ana.network(false)
		letter(t, w, ben, "send", "--to", ana.person.Phone, "--file", path, caption)
		for _, p := range pieces(t, blobs) {
			b, err := os.ReadFile(p)
			must(t, err)
			must(t, spoil(p, b))
		}
		ana.network(true)
		ana.online()
	}
	send("one changed byte", func(p string, b []byte) error { b[len(b)/2] ^= 1; return os.WriteFile(p, b, 0o600) })
	ana.into("Ben")
	ana.filed("one changed byte", "there")
	ana.press("Fetch")
	ana.filed("one changed byte", "broken")
	ana.says("it was changed, cut off or exchanged")
	ana.picture("broken")
	if n := ana.kept(); n != 0 {
		t.Errorf("%d files are kept of what was thrown away", n)
	}
	ana.checked("a broken file")

	send("one cut off", func(p string, b []byte) error { return os.WriteFile(p, b[:len(b)/2], 0o600) })
	ana.filed("one cut off", "there")
	ana.press("Fetch")
	ana.says("the file cannot be fetched now: what has come is kept")
	ana.filed("one cut off", "there")
	ana.press("Fetch") // it can be tried again
	ana.until("(" + file("one cut off") + ").querySelector('progress')")
}
