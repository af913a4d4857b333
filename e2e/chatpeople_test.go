package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"letterlock/e2e/story"
)

// TestBlockingAndAChangedSafetyNumber: who is blocked does not come through and
// comes through again; who registers anew is waited for until the person accepts
// the new number.
func TestBlockingAndAChangedSafetyNumber(t *testing.T) {
	w := chatWorld(t)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), w.Person("Ben", phone(1))
	ana.register()
	must(t, ben.Register(t.Context()))
	must(t, ben.Send(t.Context(), ana.person, "the first"))
	ana.into("Ben")
	ana.has("the first")
	ana.write("answered") // so that there is a conversation, and a number that is known
	gets(t, ben, "answered")
	ana.details()
	ana.press("Block")
	ana.says("Blocked.")
	must(t, ben.Send(t.Context(), ana.person, "while blocked"))
	ana.press("Do not block any more")
	ana.says("Not blocked any more.")
	ana.checked("blocking")
	ana.press("Close")
	must(t, ben.Send(t.Context(), ana.person, "after it"))
	ana.has("after it")
	if n := eval[int](ana, "hand.times('while blocked')"); n != 0 {
		t.Errorf("what was sent while blocked was shown %d times", n)
	}

	again := w.Person("Again", phone(1))
	must(t, again.Register(t.Context()))
	ana.fill("Message", "to whoever has the number")
	eval[any](ana, "document.querySelector('.write').requestSubmit(), 0")
	ana.says("changed. Nothing is sent until you accept it.")
	ana.says("Held: the safety number changed")
	ana.picture("held")
	ana.checked("a safety number that changed")
	ana.press("Compare it")
	ana.says("It changed, and you have not accepted it.")
	ana.press("Accept it without comparing")
	ana.says("If they see the same digits, nobody is between you.")
	ana.press("Close")
	gets(t, again, "to whoever has the number")
	ana.until("![...document.querySelectorAll('.foot.bad')].length")
}

// TestAGroupIsRunInTheBrowser: people ask and are let in or turned away, roles
// are given and taken, somebody is removed, and the group handed over.
func TestAGroupIsRunInTheBrowser(t *testing.T) {
	w := chatWorld(t)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), browse(t, w, w.Person("Ben", phone(1)))
	cem, dee := w.Person("Cem", phone(2)), w.Person("Dee", phone(3))
	ana.register()
	ben.register()
	must(t, cem.Register(t.Context()))
	must(t, dee.Register(t.Context()))
	ana.press("New chat or group")
	ana.fill("Name of the group", "Supper")
	ana.fill("Other phone numbers", cem.Phone)
	ana.press("Begin the group")
	ana.until("document.querySelector('.talk h2')?.innerText === 'Supper'")
	ana.write("who cooks?")
	ana.details()
	ana.fill("An admin says yes to each", "on")
	ana.press("Open a link")
	ana.until("document.querySelector('.link code')")
	link := eval[string](ana, "document.querySelector('.link code').innerText")
	ana.press("Close")

	ben.press("New chat or group")
	ben.fill("Invitation link", link)
	ben.press("Ask to be let in")
	ben.says("was asked. The group appears when their program has answered.")
	ben.press("Close")
	ana.says("Ben asks to be let in")
	ana.press("Answer")
	ana.says("Waiting to be let in")
	ana.checked("somebody asks to be let in")
	ana.picture("group-asked")
	ana.press("Let in: Ben")
	ana.says("3 members")
	ben.into("Supper")
	ana.fill("Name of the group", "half typed")
	ben.details()
	ben.until("document.querySelector('dialog .people')?.children.length === 3")
	must(t, dee.Join(t.Context(), link))
	ana.until("document.querySelector('dialog').innerText.includes('Waiting to be let in')") // it was open
	if typed := eval[string](ana, helpers+"hand.field('Name of the group').value"); typed != "half typed" {
		t.Errorf("what was typed while somebody asked has become %q", typed)
	}
	ben.until("document.querySelector('.scroller').innerText.includes('Dee asks to be let in')")
	if ben.sees("Answer") || strings.Contains(ben.text(), "Waiting to be let in") {
		t.Error("a plain member is offered to answer who asks to be let in")
	}
	ana.press("Close")
	ana.until("[...document.querySelectorAll('.scroller .event')].some((e) => e.innerText.includes('Dee asks to be let in') && e.innerText.includes('Answer'))")
	ana.press("Answer")
	ana.press("Turn away: Dee")
	ana.until("!document.querySelector('dialog').innerText.includes('Waiting to be let in')")
	ana.until("![...document.querySelectorAll('.scroller .event button')].length") // nobody waits

	ana.press("Change Ben")
	ana.press("Make an admin: Ben")
	ana.until("[...document.querySelectorAll('dialog .people li')].some((e) => e.innerText.includes('Ben') && e.innerText.includes('Admin'))")
	ben.says("Add people") // an admin's, where the page was open
	ben.picture("group-admin")
	ana.press("Change Ben")
	ana.press("Make a plain member: Ben")
	ana.until("![...document.querySelectorAll('dialog .people li')].some((e) => e.innerText.includes('Ben') && e.innerText.includes('Admin'))")
	ben.until("document.querySelector('dialog .people') && !document.querySelector('dialog').innerText.includes('Add people')")
	ana.press("Change Cem")
	ana.press("Remove from the group: Cem")
	ana.says("2 members")
	ben.says("2 members")
	ben.press("Close")
	ben.says("Ana removed Cem")
	ana.press("Change Ben")
	ana.press("Make the owner: Ben")
	ana.until("[...document.querySelectorAll('dialog .people li')].some((e) => e.innerText.includes('Ben') && e.innerText.includes('Owner'))")
	ben.says("Ana made you the owner")
	ana.until("document.querySelector('.side .last').innerText.includes('You made Ben the owner')")
	ana.checked("a group that was handed over")
	ana.press("Leave the group")
	ben.says("Ana left the group")
	ben.write("I cook, then")
}

// sees reports whether a button is among the messages.
func (b *tab) sees(words string) bool {
	b.Helper()
	return eval[bool](b, "[...document.querySelectorAll('.scroller button')].some((e) => e.innerText.trim() === "+quote(words)+")")
}

// TestAnotherTabAndANewerVersion: two tabs never use one account at once; a newer
// version says so and begins when the person presses.
func TestAnotherTabAndANewerVersion(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "chat")
	must(t, os.CopyFS(dir, os.DirFS(chatDir(t))))
	w := chatWorldOf(t, dir)
	ana := browse(t, w, w.Person("Ana", phone(0)))
	ana.register()

	ctx, cancel := chromedp.NewContext(ana.ctx)
	t.Cleanup(cancel)
	second := &tab{TB: t, ctx: ctx, person: story.Person{Name: "Ana in a second tab"}, base: ana.base}
	second.open()
	second.says("Letterlock is open in another tab of this browser.")
	second.checked("another tab")
	second.picture("taken")
	must(t, chromedp.Do(ana.ctx, chromedp.Navigate("about:blank")))
	second.press("Try again")
	second.until("document.querySelector('.gate input[type=password]')")
	must(t, chromedp.Do(second.ctx, chromedp.Navigate("about:blank")))

	// The same folder, built with something else in it.
	root, err := story.Root()
	must(t, err)
	if out, err := exec.Command("node", filepath.Join(root, "web/chat/face/build.mjs"), "--fast", "--out", dir, "--tiles", "https://tiles.example.org/{z}/{x}/{y}.png").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	must(t, w.Stop())
	start(t, w)
	ana.open()
	ana.until("document.querySelector('.gate input[type=password]')")
	ana.unlock()
	ana.until("document.querySelector('.update')?.innerText.includes('A newer version of this program is here.')")
	old := eval[string](ana, "fetch('policy.txt').then((r) => r.text())")
	ana.checked("a newer version")
	ana.picture("newer")
	ana.press("Begin to use it")
	ana.until("document.querySelector('.gate input[type=password]')")
	end := time.Now().Add(20 * time.Second)
	for now := old; now == old; now = eval[string](ana, "fetch('policy.txt').then((r) => r.text())") {
		if time.Now().After(end) {
			t.Fatal("the former version is still used")
		}
	}
	ana.unlock()
}
