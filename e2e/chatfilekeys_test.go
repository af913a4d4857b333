package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestFilesByKeyboardAndInArabic: photos are looked at, and a recording is begun
// and thrown away, by keyboard alone, with a focus that stays where one is and
// comes back; then the same from the right.
func TestFilesByKeyboardAndInArabic(t *testing.T) {
	w := chatWorld(t)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), w.Person("Ben", phone(1))
	ana.register()
	must(t, ben.Register(t.Context()))
	dir := t.TempDir()
	for _, name := range []string{"first.jpg", "second.jpg"} {
		photo(t, filepath.Join(dir, name), "", 1200, 800)
		letter(t, w, ben, "send", "--to", ana.person.Phone, "--file", filepath.Join(dir, name), "the "+name)
	}
	ana.into("Ben")
	ana.filed("the first.jpg", "here")
	ana.filed("the second.jpg", "here")
	ana.until("document.activeElement.getAttribute('aria-label') === 'Message'")

	// From the message's menu into the viewer, around in it, and back.
	ana.key("ArrowUp", "")
	ana.until("document.activeElement.matches('.scroller li') && document.activeElement.innerText.includes('the second.jpg')")
	ana.key("Enter", "\r")
	ana.until("document.querySelector('dialog[open]')?.contains(document.activeElement)")
	ana.tabs("Look at it")
	ana.key("Enter", "\r")
	ana.until("document.querySelector('.viewer .stage img')?.alt === 'the second.jpg' && document.querySelector('.viewer').contains(document.activeElement)")
	ana.says("2 of 2")
	ana.key("ArrowLeft", "")
	ana.until("document.querySelector('.viewer .stage img')?.alt === 'the first.jpg'")
	ana.key("ArrowLeft", "")
	ana.says("1 of 2")
	for range 9 { // the focus stays inside, or with the browser itself
		ana.key("Tab", "")
		ana.until("document.activeElement === document.body || document.querySelector('.viewer').contains(document.activeElement)")
	}
	ana.tabs("Larger or smaller")
	ana.key("Enter", "\r")
	ana.until("document.querySelector('.viewer .stage.large') && document.querySelector('.viewer .stage img').getBoundingClientRect().width >= 1200")
	ana.picture("larger")
	ana.key("Escape", "")
	ana.until("!document.querySelector('dialog') && document.activeElement.matches('.scroller li') && document.activeElement.innerText.includes('the second.jpg')")

	ana.tabs("Send files")
	ana.tabs("Record a voice message")
	ana.key("Enter", "\r")
	ana.until("document.activeElement.getAttribute('aria-label') === 'Send the voice message'")
	ana.until("document.getElementById('live').textContent === 'Recording'")
	ana.tabs("Stop and listen")
	ana.key("Enter", "\r")
	ana.until("document.querySelector('.recording .player')")
	ana.tabs("Position")
	ana.key("Escape", "")
	ana.until("!document.querySelector('.recording') && document.activeElement.getAttribute('aria-label') === 'Record a voice message'")
	if n := eval[int](ana, "document.querySelectorAll('.filed.voice').length"); n != 0 {
		t.Errorf("%d recordings were sent that were thrown away", n)
	}

	eval[any](ana, "localStorage.setItem('language', 'ar'), 0")
	ana.open()
	ana.fill("عبارة المرور", passphrase)
	ana.press("فتح القفل")
	ana.into("Ben")
	ana.filed("the first.jpg", "here")
	ana.choose(filepath.Join(dir, "first.jpg"))
	ana.picture("arabic-offer")
	ana.checked("what is sent, in Arabic")
	ana.key("Escape", "")
	ana.until("!document.querySelector('dialog')")
	eval[any](ana, "("+file("the first.jpg")+").querySelector('button.picture').click(), 0")
	ana.until("document.querySelector('.viewer .stage img')?.alt === 'the first.jpg'")
	ana.key("ArrowLeft", "") // onwards is to the left
	ana.until("document.querySelector('.viewer .stage img')?.alt === 'the second.jpg'")
	ana.checked("the viewer, in Arabic")
	ana.look(390, 844, "dark")
	ana.until("document.querySelector('.viewer .stage img').getBoundingClientRect().width <= 390")
	ana.picture("arabic-viewer")
	ana.key("Escape", "")
	ana.until("!document.querySelector('dialog')")
	ana.press("سجّل رسالة صوتية")
	ana.until("document.querySelector('.recording')")
	ana.picture("arabic-recording")
	ana.checked("recording, in Arabic")
	ana.until("document.documentElement.scrollWidth <= innerWidth")
}

// TestAFileIsPastedDroppedAndStopped: files come by paste and by drop as well;
// one that is stopped on its way is nowhere any more.
func TestAFileIsPastedDroppedAndStopped(t *testing.T) {
	w := chatWorld(t)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), w.Person("Ben", phone(1))
	ana.register()
	must(t, ben.Register(t.Context()))
	ana.chat(ben.Phone)
	given := func(kind, event, on, name string) {
		t.Helper()
		eval[any](ana, `(() => {
			const d = new DataTransfer();
			d.items.add(new File(["what stands in it"], `+quote(name)+`, { type: "text/plain" }));
			document.querySelector(`+quote(on)+`).dispatchEvent(new `+event+`(`+quote(kind)+`, { `+map[string]string{"paste": "clipboardData", "drop": "dataTransfer"}[kind]+`: d, bubbles: true, cancelable: true }));
		})(), 0`)
		ana.until("document.querySelector('dialog[open] .offered')?.innerText.includes(" + quote(name) + ")")
		ana.press("Send")
		ana.until("!document.querySelector('dialog[open]')")
		ana.filed(name, "here")
	}
	given("paste", "ClipboardEvent", ".write textarea", "pasted.txt")
	given("drop", "DragEvent", ".talk .scroller", "dropped.txt")
	same(t, "what was dropped", saved(t, w, ben, "dropped.txt", "dropped.txt"), []byte("what stands in it"))

	path := filepath.Join(t.TempDir(), "regretted.bin")
	must(t, os.WriteFile(path, make([]byte, 9<<20), 0o600))
	ana.network(false)
	ana.sends(path, "")
	ana.filed("regretted.bin", "bringing")
	ana.press("Stop sending")
	ana.until("!document.body.innerText.includes('regretted.bin')")
	ana.network(true)
	ana.online()
	ana.write("and nothing before it")
	must(t, ben.Expect(t.Context(), "and nothing before it", 30*time.Second))
	if got := letter(t, w, ben, "history", "--with", ana.person.Phone); strings.Contains(got, "regretted") {
		t.Errorf("what was stopped came: %s", got)
	}
	for end := time.Now().Add(20 * time.Second); ana.kept() != 2; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d files are kept, not two", ana.kept())
		}
	}
	if left := pieces(t, filepath.Join(w.Dir, "data", "carrier", "files")); len(left) > 1 { // pasted.txt, which nobody fetched
		t.Errorf("the server keeps %v", left)
	}
}
