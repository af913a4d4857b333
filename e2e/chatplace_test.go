package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"letterlock/e2e/story"
)

// stands tells the browser where it is.
func (b *tab) stands(lat, lon float64) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{Permission: &cdpbrowser.PermissionDescriptor{Name: "geolocation"}, Setting: "granted"})
	must(b.TB, err)
	sure := 20.0
	_, err = chromedp.Call(b.ctx, emulation.SetGeolocationOverride, emulation.SetGeolocationOverrideParams{Latitude: &lat, Longitude: &lon, Accuracy: &sure})
	must(b.TB, err)
}

// elsewhere are the addresses outside its own that a page asked.
func (b *tab) elsewhere() []string {
	b.Helper()
	return eval[[]string](b, "performance.getEntriesByType('resource').map((e) => e.name).filter((n) => !n.startsWith(location.origin + '/'))")
}

// TestPlacesInTheBrowser: a place that is found, one that is typed, and a live
// one that moves, is stopped, and ends by itself; the map asks nobody.
func TestPlacesInTheBrowser(t *testing.T) {
	w := chatWorld(t)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), browse(t, w, w.Person("Ben", phone(1)))
	ana.register()
	ben.register()
	ana.stands(38.7223, -9.1393)
	ben.stands(38.8029, -9.3817)
	ben.chat(ana.person.Phone)
	ben.write("where are you?") // who was heard of lately gets each step at once
	ana.into("Ben")

	ana.press("Send a place")
	ana.checked("sending a place")
	ana.press("Send the place")
	eval[any](ana, "document.querySelector('dialog form').noValidate = true, 0")
	ana.press("Send the place")
	ana.says("This is no place on the earth")
	ana.press("Find where I am")
	ana.says("Found, within 20 m.")
	ana.until("document.querySelector('dialog .coast').getAttribute('d')")
	ana.picture("place-send")
	ana.fill("What to write below it", "I wait *here*")
	ana.press("Send the place")
	ben.has("I wait here")
	ben.until("document.querySelector('.theirs .place').innerText.includes('38.7223° N, 9.1393° W')")
	ben.press("Show the map")
	ben.press("How far from me?")
	ben.says("23 km to the south-east of you")
	ben.press("Farther")
	ben.checked("a place")
	ben.picture("place")
	ben.press("Close")

	// Live: each step is seen, until the person stops.
	ana.press("Send a place")
	ana.press("Find where I am")
	ana.says("Found, within 20 m.")
	ana.fill("How long they see it", "900")
	ana.press("Send the place")
	ben.until("[...document.querySelectorAll('.theirs .place')].at(-1)?.innerText.includes('live until')")
	ana.stands(38.7300, -9.1500)
	ben.until("[...document.querySelectorAll('.theirs .place')].at(-1).innerText.includes('38.7300° N, 9.1500° W')")
	ana.picture("place-live")
	ana.checked("a live place")
	ana.press("Stop")
	ben.until("[...document.querySelectorAll('.theirs .place')].at(-1).innerText.includes('no longer live')")

	// Typed, moved by the arrow keys, and ended by the lock.
	ben.press("Send a place")
	ben.fill("Latitude", "0")
	ben.fill("Longitude", "179.99")
	ben.fill("How long they see it", "3600")
	ben.fill("What to write below it", "my boat")
	ben.press("Send the place")
	ana.until("[...document.querySelectorAll('.theirs .place')].at(-1)?.innerText.includes('live until')")
	eval[any](ben, "[...document.querySelectorAll('.own .place button')].at(0).click(), 0")
	ben.says("It does not move with this device now")
	eval[any](ben, "document.querySelector('dialog .map').focus(), 0")
	ben.key("ArrowRight", "")
	ana.menu("my boat", "React with 👍") // which does not take back what he chose
	ben.until("[...document.querySelectorAll('.own .reactions')].at(-1)?.innerText.includes('👍')")
	ben.press("I am here now")
	ana.until("[...document.querySelectorAll('.theirs .place')].at(-1).innerText.includes('° W')") // across the date line
	ben.press("Let it move with this device")
	ana.until("[...document.querySelectorAll('.theirs .place')].at(-1).innerText.includes('38.8029° N')")
	ben.press("Close")
	ben.press("Lock")
	ana.until("[...document.querySelectorAll('.theirs .place')].at(-1).innerText.includes('no longer live')")

	for _, b := range []*tab{ana, ben} {
		if all := b.elsewhere(); len(all) > 0 {
			t.Errorf("the page of %s asked %q", b.person.Name, all)
		}
	}
	ana.screens("places", nil)
	if err := w.Unseen("38.7223"); err != nil {
		t.Error(err)
	}
}

// TestMapPicturesOnlyIfChosen: a page that was built with a server of map
// pictures asks it for nothing until the person chooses it.
func TestMapPicturesOnlyIfChosen(t *testing.T) {
	var asked atomic.Int64
	tiles := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Write([]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><rect width="256" height="256" fill="#cfe3c0" stroke="#777"/></svg>`))
	}))
	t.Cleanup(tiles.Close)
	chatDir(t) // says so if it cannot be built
	root, err := story.Root()
	must(t, err)
	dir := filepath.Join(t.TempDir(), "chat")
	if out, err := exec.Command("node", filepath.Join(root, "web/chat/face/build.mjs"), "--fast", "--out", dir, "--tiles", tiles.URL+"/{z}/{x}/{y}.svg").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w := chatWorldOf(t, dir)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), w.Person("Ben", phone(1))
	ana.register()
	must(t, ben.Register(t.Context()))
	ana.chat(ben.Phone)
	ana.press("Send a place")
	ana.fill("Latitude", "38.7223")
	ana.fill("Longitude", "-9.1393")
	ana.press("Closer")
	ana.until("document.querySelector('dialog .coast').getAttribute('d')")
	if n := asked.Load(); n > 0 {
		t.Errorf("%d pictures were asked for without a choice", n)
	}
	ana.press("Close")
	ana.press("Settings")
	ana.says("It then sees your address and which places you look at.")
	ana.fill("Draw maps with pictures from "+strings.TrimPrefix(tiles.URL, "http://"), "on")
	ana.press("Close")
	ana.press("Send a place")
	ana.fill("Latitude", "38.7223")
	ana.fill("Longitude", "-9.1393")
	ana.until("[...document.querySelectorAll('dialog .tiles img')].some((i) => i.complete && i.naturalWidth > 0)")
	ana.picture("place-tiles")
	if n := asked.Load(); n == 0 {
		t.Error("no picture was asked for although the person chose it")
	}
}
