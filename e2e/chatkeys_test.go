package e2e_test

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// tabs goes by Tab to what is called so, and fails if Tab never comes there.
func (b *tab) tabs(words string) {
	b.Helper()
	eval[any](b, helpers+"0")
	for range 60 {
		b.key("Tab", "")
		if eval[bool](b, "(() => { const e = document.activeElement; return hand.named(e).startsWith("+quote(words)+") || (e.labels?.[0]?.innerText || '').startsWith("+quote(words)+"); })()") {
			return
		}
	}
	b.picture("keys")
	b.Fatalf("Tab never comes to %q:\n%s", words, b.text())
}

func (b *tab) types(words string) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: words})
	must(b.TB, err)
}

// TestByKeyboardAndInArabic: from the unlocked page to an answer by keyboard
// alone, with a focus that is always somewhere; then the page in Arabic, from
// the right.
func TestByKeyboardAndInArabic(t *testing.T) {
	w := chatWorld(t)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), w.Person("Ben", phone(1))
	ana.register()
	must(t, ben.Register(t.Context()))

	ana.tabs("New chat or group")
	ana.key("Enter", "\r")
	ana.until("document.querySelector('dialog[open]').contains(document.activeElement)")
	ana.tabs("Phone number")
	ana.types(ben.Phone)
	ana.key("Enter", "\r")
	ana.until("document.activeElement.getAttribute('aria-label') === 'Message'")
	ana.types("by keyboard")
	ana.key("Enter", "\r")
	ana.has("by keyboard")
	must(t, ben.Expect(t.Context(), "by keyboard", 30*time.Second))
	must(t, ben.Send(t.Context(), ana.person, "then answer me"))
	ana.has("then answer me")
	ana.until("document.getElementById('live').textContent.includes('then answer me')") // a screen reader hears it
	ana.key("ArrowUp", "")
	ana.until("document.activeElement.matches('.scroller li') && document.activeElement.innerText.includes('then answer me')")
	ana.key("ArrowUp", "")
	ana.until("document.activeElement.innerText.includes('by keyboard')")
	ana.key("ArrowDown", "")
	ana.key("Enter", "\r")
	ana.until("document.querySelector('dialog[open]').contains(document.activeElement)")
	ana.tabs("Answer")
	ana.key("Enter", "\r")
	ana.until("document.activeElement.getAttribute('aria-label') === 'Message' && !document.querySelector('.answering').hidden")
	ana.key("Escape", "")
	ana.until("document.querySelector('.answering').hidden")
	ana.tabs("Settings")
	ana.key("Enter", "\r")
	ana.until("document.querySelector('dialog[open]')")
	ana.key("Escape", "")
	ana.until("!document.querySelector('dialog') && document.activeElement.getAttribute('aria-label') === 'Settings'")

	ana.tabs("Send a place")
	ana.key("Enter", "\r")
	ana.tabs("Map:")
	ana.key("ArrowRight", "")
	ana.key("ArrowUp", "")
	ana.tabs("Latitude")
	ana.types("5")
	ana.tabs("What to write below it")
	ana.types("somewhere")
	ana.key("Enter", "\r")
	ana.has("somewhere")
	ana.tabs("Status updates")
	ana.key("Enter", "\r")
	ana.tabs("What you show")
	ana.types("by keyboard, too")
	ana.tabs("Ben")
	ana.key(" ", " ")
	ana.tabs("Show it for a day")
	ana.key("Enter", "\r")
	ana.says("Shown to 1 person.")
	ana.key("Escape", "")

	eval[any](ana, "localStorage.setItem('language', 'ar'), 0")
	ana.open()
	ana.until("document.documentElement.dir === 'rtl' && document.documentElement.lang === 'ar'")
	ana.checked("unlocking, in Arabic")
	ana.fill("عبارة المرور", passphrase)
	ana.press("فتح القفل")
	ana.into("Ben")
	ana.has("then answer me")
	ana.until("document.querySelector('.side').getBoundingClientRect().left > document.querySelector('.pane').getBoundingClientRect().left")
	ana.checked("a chat, in Arabic")
	ana.picture("arabic")
	ana.look(390, 844, "dark")
	ana.picture("arabic-phone")
	ana.press("العودة إلى المحادثات")
	ana.press("الإعدادات")
	ana.until("document.querySelector('dialog[open]')")
	ana.picture("arabic-settings")
	ana.checked("settings, in Arabic")
	ana.until("document.documentElement.scrollWidth <= innerWidth")

	ana.press("قفل التسجيل")
	ana.fill("رمز PIN", "1234")
	ana.fill("رمز PIN نفسه", "1234")
	ana.press("اقفل الرقم")
	ana.says("يُخمَّن رمز PIN هذا فورًا") // what the service refuses is said in Arabic, too
	ana.checked("a lock, in Arabic")
	ana.press("إغلاق")
	ana.look(1280, 900, "light")
	for page, name := range map[string]string{"أجهزتك": "devices", "إغلاق الحساب": "close"} {
		ana.press("الإعدادات")
		ana.press(page)
		ana.until("document.querySelector('dialog h2')?.innerText === " + quote(page))
		time.Sleep(200 * time.Millisecond)
		ana.picture("arabic-" + name)
		ana.checked(name + ", in Arabic")
		ana.press("إغلاق")
	}
}
