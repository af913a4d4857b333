package e2e_test

import (
	"testing"
	"time"
)

// TestANoticeIsReadAndObjectedToInTheBrowser: what could be handed over is said
// on a page; who is asked about is told in the browser before, objects there, and
// the desk reads it.
func TestANoticeIsReadAndObjectedToInTheBrowser(t *testing.T) {
	w := chatWorld(t)
	h := &house{T: t, w: w, ana: w.Person("Ana Ruiz", "+12025550142"), ben: w.Person("Ben Cole", "+12025550167")}
	ana := browse(t, w, h.ana)
	ana.register()
	h.ok(h.ben.Register(t.Context()))
	ana.press("Settings")
	ana.press("What could be handed over about you")
	ana.says("After a trained person has reviewed a request and two others have signed what is released:")
	ana.says("nothing") // some processes reach nothing
	ana.until("[...document.querySelectorAll('dialog .facts dd')].some((e) => e.innerText.includes('Ana Ruiz'))")
	ana.checked("what could be handed over")
	ana.picture("reach")
	ana.press("Close")

	h.staff()
	number, _ := h.file()
	h.ok(h.w.Review(h.analyst, number))
	h.sign()
	ana.press("Notices from the service")
	ana.says(number)
	ana.says(agencyName)
	ana.says("18 USC 2703(d)")
	ana.checked("a notice")
	ana.picture("notice")
	ana.press("Object")
	ana.fill("Why the disclosure should not happen", "I was abroad then: it cannot be me.")
	ana.press("Send the objection")
	ana.says("Your objection is with the service's counsel.")
	h.ok(h.w.Until(h.analyst, number, "I was abroad then", 10*time.Second))
	ana.screens("notice", nil)
}
