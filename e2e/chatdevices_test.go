package e2e_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"rsc.io/qr"

	"letterlock/e2e/story"
)

// film is a camera's picture of a code, as Chromium's camera of tests plays it.
func film(t testing.TB, path, code string) {
	t.Helper()
	c, err := qr.Encode(code, qr.M)
	must(t, err)
	const scale = 5
	shoot(t, path, (c.Size+8)*scale, func(x, y int) bool { return c.Black(x/scale-4, y/scale-4) })
}

// shoot writes a gray frame with a square in it, a little off its middle.
func shoot(t testing.TB, path string, side int, dark func(x, y int) bool) {
	t.Helper()
	const w, h, at = 640, 480, 40
	luma := bytes.Repeat([]byte{200}, w*h)
	for y := range min(side, h-10) {
		for x := range min(side, w-at) {
			luma[(y+10)*w+x+at] = map[bool]byte{true: 16, false: 235}[dark(x, y)]
		}
	}
	frame := append(append([]byte("FRAME\n"), luma...), bytes.Repeat([]byte{128}, w*h/2)...)
	must(t, os.WriteFile(path, append([]byte(fmt.Sprintf("YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n", w, h)), bytes.Repeat(frame, 2)...), 0o600))
}

// withCamera starts a browser whose camera shows the film at a path.
func withCamera(path string) []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-file-for-fake-video-capture", path)}
}

// myDevices opens the page of a person's devices.
func (b *tab) myDevices() {
	b.Helper()
	b.press("Settings")
	b.press("Your devices")
	b.until("document.querySelector('dialog .people')")
}

// offers opens the first page in a browser and has it show its link.
func (b *tab) offers(name string) (link string) {
	b.Helper()
	b.fill("Passphrase", passphrase)
	b.fill("The same again", passphrase)
	b.press("Go on")
	b.press("Link this browser to your other device")
	b.fill("Name of the device", name)
	b.press("Show the code")
	b.until("document.querySelector('.link code')")
	return eval[string](b, "document.querySelector('.link code').innerText")
}

func (b *tab) code() string {
	b.Helper()
	b.until("document.querySelector('.code')")
	return eval[string](b, "document.querySelector('.code').innerText")
}

// TestABrowserLinksABrowser: the second shows a code, the first reads it with
// its camera; both show the same digits; history comes, each sees what the other
// writes, and one that was unlinked erases what it has.
func TestABrowserLinksABrowser(t *testing.T) {
	w := chatWorld(t)
	shot := filepath.Join(t.TempDir(), "camera.y4m")
	film(t, shot, "nothing yet")
	ana, ben := browse(t, w, w.Person("Ana", phone(0)), withCamera(shot)...), w.Person("Ben", phone(1))
	other := browse(t, w, w.Person("Ana2", phone(0)))
	ana.register()
	must(t, ben.Register(t.Context()))
	ana.chat(ben.Phone)
	ana.write("said before the link")
	must(t, ben.Expect(t.Context(), "said before the link", 30*time.Second))
	must(t, ben.Send(t.Context(), ana.person, "answered before the link"))
	ana.has("answered before the link")

	link := other.offers("The tablet")
	other.checked("waiting to be linked")
	other.picture("link-new")
	film(t, shot, link)
	ana.myDevices()
	ana.checked("devices, before")
	ana.press("Read the code with the camera")
	if a, b := ana.code(), other.code(); a != b || len(a) != 7 {
		t.Fatalf("the codes are %q and %q", a, b)
	}
	ana.says("calls itself “The tablet”")
	ana.checked("the code of a device")
	ana.picture("link-code")
	ana.fill("What was said so far", "all")
	ana.press("It shows this code")
	ana.says("Linked. Your messages go to it now, sealed.")
	ana.says("last active on")
	ana.checked("devices")
	ana.picture("devices")
	other.online()
	other.into("Ben")
	other.has("said before the link")
	other.has("answered before the link")
	other.until("document.querySelector('.scroller').innerText.indexOf('said before') < document.querySelector('.scroller').innerText.indexOf('answered before')")

	ana.press("Change The tablet")
	ana.fill("Name of the device", "Kitchen tablet")
	ana.press("Name it")
	ana.says("Named.")
	other.myDevices()
	other.says("Kitchen tablet")
	other.says("Devices are linked and unlinked on the one that you registered with.")
	other.press("Close")
	other.write("from the tablet")
	gets(t, ben, "from the tablet")
	ana.press("Close")
	ana.has("from the tablet")
	must(t, ben.Send(t.Context(), ana.person, "to both of you"))
	ana.has("to both of you")
	other.has("to both of you")

	ana.myDevices()
	ana.screens("devices", nil)
	ana.press("Close")
	ana.myDevices()
	ana.press("Change Kitchen tablet")
	ana.press("Unlink Kitchen tablet")
	ana.says("Unlinked. It gets nothing any more.")
	other.says("This browser was unlinked")
	other.checked("unlinked")
	if strings.Contains(other.text(), "to both of you") {
		t.Error("what was unlinked still shows messages")
	}
	other.press("Go on")
	other.until("document.querySelector('.gate input[type=password]')")
	other.fill("Passphrase", passphrase)
	other.press("Unlock")
	other.says("It is no longer a device of " + ana.person.Phone)
	must(t, ben.Send(t.Context(), ana.person, "to one of you"))
	ana.press("Close")
	ana.into("Ben")
	ana.has("to one of you")
}

// TestACameraReadsASafetyNumber: what one screen shows, the other's camera reads;
// it is marked only if it is theirs.
func TestACameraReadsASafetyNumber(t *testing.T) {
	w := chatWorld(t)
	shot := filepath.Join(t.TempDir(), "camera.y4m")
	film(t, shot, "the code of somebody else")
	ana, ben := browse(t, w, w.Person("Ana", phone(0)), withCamera(shot)...), browse(t, w, w.Person("Ben", phone(1)))
	ana.register()
	ben.register()
	ana.chat(ben.person.Phone)
	ana.write("hello")
	ben.into("Ana")
	ben.has("hello")
	ben.details()
	ben.until("document.querySelector('dialog canvas')")
	ana.details()
	ana.press("Read their code with the camera")
	ana.says("This is another safety number")
	ana.says("If they see the same digits")
	_, raw, _ := strings.Cut(eval[string](ben, "document.querySelector('dialog canvas').toDataURL()"), ",")
	b, err := base64.StdEncoding.DecodeString(raw)
	must(t, err)
	screen, err := png.Decode(bytes.NewReader(b))
	must(t, err)
	shoot(t, shot, screen.Bounds().Dx(), func(x, y int) bool { r, _, _, _ := screen.At(x, y).RGBA(); return r < 0x8000 })
	ana.press("Read their code with the camera")
	ana.says("You marked it as verified.")
	ana.checked("a safety number that was read")
	ana.screens("safety", nil)
}

// TestABrowserAndATerminalAreOnePerson: a browser is linked to a terminal, which
// hands over its history, and unlinks itself; a terminal is linked to a browser
// by its typed link; and there are no more devices than the operator allows.
func TestABrowserAndATerminalAreOnePerson(t *testing.T) {
	w := chatWorld(t, "linked_devices = 1\n")
	ana, ben := w.Person("Ana", phone(0)), browse(t, w, w.Person("Ben", phone(1)))
	must(t, ana.Register(t.Context()))
	ben.register()
	ben.chat(ana.Phone)
	ben.write("to the terminal")
	must(t, ana.Expect(t.Context(), "to the terminal", 30*time.Second))
	must(t, ana.Send(t.Context(), ben.person, "from the terminal"))

	page := browse(t, w, ana)
	said := confirm(t, w, ana, page.offers("My browser"), "all")
	code := page.code()
	page.online()
	if !strings.Contains(said(), code) {
		t.Errorf("the browser shows %s, the terminal says:\n%s", code, said())
	}
	page.into("Ben")
	page.has("to the terminal")
	page.has("from the terminal")
	page.write("from my browser")
	ben.has("from my browser")
	if all, err := ana.History(t.Context(), ben.person); err != nil || !strings.Contains(all, "from my browser") {
		t.Errorf("the terminal does not show what its person wrote in the browser: %v\n%s", err, all)
	}

	page.myDevices()
	page.press("Unlink this browser")
	page.press("Unlink it and erase what is here")
	page.until("document.querySelector('input[type=password]')")
	page.says("The same again") // as at a first visit: nothing is here
	page.quit()

	link := joins(t, w, ben.person, "My terminal")
	ben.myDevices()
	ben.fill("Link of the new device", link)
	ben.press("Go on")
	ben.code()
	ben.press("It shows another one")
	ben.says("Nothing was linked.")
	link = joins(t, w, ben.person, "My terminal")
	ben.fill("Link of the new device", link)
	ben.press("Go on")
	ben.code()
	ben.fill("What was said so far", "all")
	ben.press("It shows this code")
	ben.says("Linked. Your messages go to it now, sealed.")
	linked := ben.person
	linked.Dir += "-1"
	if all, err := linked.History(t.Context(), ana); err != nil || !strings.Contains(all, "from the terminal") || !strings.Contains(all, "to the terminal") {
		t.Errorf("the terminal was not handed what was said: %v\n%s", err, all)
	}

	link = joins(t, w, ben.person, "One too many")
	ben.fill("Link of the new device", link)
	ben.press("Go on")
	ben.code()
	ben.press("It shows this code")
	ben.says("you have 1 linked devices, which is the most there can be")
	ben.fill("Link of the new device", "letterlock-device:nothing")
	ben.press("Go on")
	ben.says("this is not the link of a device")
}

// gets receives until a text has come.
func gets(t *testing.T, p story.Person, text string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		all, err := p.Receive(t.Context(), 5*time.Second)
		must(t, err)
		for _, r := range all {
			if r["text"] == text {
				return
			}
		}
	}
	t.Fatalf("%s never received %q", p.Name, text)
}

var linkText = regexp.MustCompile(`letterlock-device:[A-Za-z0-9_-]+`)

// joins has a terminal ask to be linked; the answer is what it shows.
func joins(t *testing.T, w *story.World, p story.Person, name string) string {
	t.Helper()
	dir := p.Dir + "-1"
	must(t, os.RemoveAll(dir))
	c := &chat{cmd: exec.Command(story.Program(w.Bin, "letter"), "--dir", dir, "device", "join", "--no-qr", "--server", w.Site("chat"), "--name", name)}
	c.cmd.Stdout, c.cmd.Stderr = c, c
	must(t, c.cmd.Start())
	t.Cleanup(func() { c.cmd.Process.Kill(); c.cmd.Wait() })
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if link := linkText.FindString(c.text()); link != "" {
			return link
		}
	}
	t.Fatalf("no link was shown:\n%s", c.text())
	return ""
}

// confirm has the terminal of a person link the device that shows a link; the
// answer is what it says so far.
func confirm(t *testing.T, w *story.World, p story.Person, link, history string) func() string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	c := &chat{cmd: exec.CommandContext(ctx, story.Program(w.Bin, "letter"), "--dir", p.Dir, "device", "link", link, "--history", history)}
	c.cmd.Stdout, c.cmd.Stderr, c.cmd.Stdin = c, c, strings.NewReader("yes\n")
	must(t, c.cmd.Start())
	t.Cleanup(func() { c.cmd.Wait() })
	return c.text
}
