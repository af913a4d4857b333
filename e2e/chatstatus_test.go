package e2e_test

import (
	"strings"
	"testing"
	"time"
)

// TestStatusesInTheBrowser: one is shown to who was chosen and to nobody else,
// in a browser and a terminal, and taken back. (That it is gone after a day is
// client/status_test.go's.)
func TestStatusesInTheBrowser(t *testing.T) {
	w := chatWorld(t)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), browse(t, w, w.Person("Ben", phone(1)))
	cem := w.Person("Cem", phone(2))
	ana.register()
	ben.register()
	must(t, cem.Register(t.Context()))
	must(t, cem.Send(t.Context(), ana.person, "hello Ana"))
	ana.into("Cem")
	ana.write("hello Cem")
	must(t, cem.Expect(t.Context(), "hello Cem", 30*time.Second))
	ben.chat(ana.person.Phone)
	ben.write("hello")
	ana.into("Ben")
	ana.write("hello too") // who was never written to may show nobody a status
	ben.has("hello too")

	ana.press("Status updates")
	ana.says("Nobody shows a status today.")
	ana.fill("What you show", "*off* to the sea")
	eval[any](ana, "document.querySelector('dialog form').requestSubmit(), 0")
	ana.says("Choose who may see it.")
	ana.fill("Ben", "on")
	ana.checked("writing a status")
	ana.press("Show it for a day")
	ana.says("Shown to 1 person.")
	ana.says("shown to Ben")
	ana.picture("status")
	ben.until("document.querySelector('.icon.news')?.getAttribute('aria-label') === '1 new status update'")
	ben.until("document.querySelectorAll('.scroller li').length === 2") // it stands in no conversation
	ben.press("1 new status update")
	ben.says("off to the sea")
	ben.checked("statuses")
	ben.picture("status-seen")
	ben.until("!document.querySelector('.icon.news')")

	ana.fill("What you show", "to the terminal, too")
	ana.until("[...document.querySelectorAll('dialog input[type=checkbox]')].some((b) => b.checked)") // the same people as before
	ana.fill("Cem", "on")
	ana.press("Show it for a day")
	ana.says("Shown to 2 people.")
	ben.says("to the terminal, too")
	gets(t, cem, "to the terminal, too")
	if all, err := cem.Statuses(t.Context()); err != nil || strings.Contains(all, "off to the sea") {
		t.Errorf("Cem sees what he was not chosen for, or nothing: %v\n%s", err, all)
	}

	ana.press("Take it back")
	ana.says("Taken back.")
	ben.until("!document.body.innerText.includes('to the terminal, too')")
	ben.screens("status", nil)
}
