package e2e_test

import (
	"strings"
	"testing"
)

// account opens a page of the person's account.
func (b *tab) account(page string) {
	b.Helper()
	b.press("Settings")
	b.press(page)
	b.until("document.querySelector('dialog h2')?.innerText === " + quote(page))
}

// texted reads the code that was sent to a number since some were there.
func (b *tab) texted(had []string) string {
	b.Helper()
	code, err := b.person.Code(b.TB.Context(), had)
	must(b.TB, err)
	return code
}

// TestALockedNumberAsksForItsPIN: the lock is set, changed and taken away, and
// whoever registers the number meanwhile needs the PIN.
func TestALockedNumberAsksForItsPIN(t *testing.T) {
	w := chatWorld(t)
	ana, thief := browse(t, w, w.Person("Ana", phone(0))), browse(t, w, w.Person("Thief", phone(0)))
	ana.register()
	pin := func(button, first, again string) {
		ana.fill("PIN", first)
		ana.fill("The same PIN again", again)
		ana.press(button)
	}
	ana.account("Registration lock")
	ana.says("Your number is not locked from here.")
	pin("Lock the number", "1234", "1234")
	ana.says("this PIN would be guessed at once")
	pin("Lock the number", "7391", "7392")
	ana.says("The two are not the same.")
	pin("Lock the number", "7391", "7391")
	ana.says("Your number is locked.")
	ana.checked("a lock")
	ana.picture("lock")
	pin("Change the PIN", "8204", "8204")
	ana.says("Locked. Nobody can tell you the PIN.")

	thief.fill("Passphrase", passphrase)
	thief.fill("The same again", passphrase)
	thief.press("Go on")
	thief.fill("Your phone number", thief.person.Phone)
	had := thief.person.Texts()
	thief.press("Send me the code")
	thief.fill("Code", thief.texted(had))
	thief.until("!hand.field('PIN of the registration lock')")
	thief.press("Register")
	thief.says("this number has a registration lock")
	thief.checked("registering a locked number")
	thief.picture("lock-asked")
	thief.fill("PIN of the registration lock", "7391")
	thief.press("Register")
	thief.says("this is not the PIN of the registration lock")
	if strings.Contains(thief.text(), "Chats") {
		t.Fatal("registered without the PIN")
	}
	ana.press("Take the lock away")
	ana.says("The lock is off.")
	ana.says("Your number is not locked from here.")
	pin("Lock the number", "5930", "5930")
	ana.says("Your number is locked.")
	thief.fill("PIN of the registration lock", "5930") // whoever knows it is the person
	thief.press("Register")
	thief.online()
	ana.press("Close")
	ana.until("!document.querySelector('.app .line').hidden") // its account is no longer there
}

// TestANumberIsChangedAndAnAccountClosed: the chat goes on under the new number;
// the page of the end says what goes, refuses another's number, and leaves nothing.
func TestANumberIsChangedAndAnAccountClosed(t *testing.T) {
	w := chatWorld(t)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), browse(t, w, w.Person("Ben", phone(1)))
	ana.register()
	ben.register()
	ana.chat(ben.person.Phone)
	ana.write("from the old number")
	ben.into("Ana")
	ben.has("from the old number")

	next := w.Person("Ana", phone(2))
	ana.account("Change of number")
	ana.fill("New number", next.Phone)
	had := next.Texts()
	ana.press("Send me the code")
	code, err := next.Code(t.Context(), had)
	must(t, err)
	ana.fill("Code", "000000")
	ana.press("Change the number")
	ana.until("document.querySelector('dialog .problem')?.innerText")
	ana.fill("Code", code)
	ana.checked("another number")
	ana.press("Change the number")
	ana.says("Your number is " + next.Phone + " now.")
	ana.picture("number")
	ana.press("Close")
	ben.says("Ana has another number now: " + next.Phone)
	ben.write("to the new number")
	ana.has("to the new number")

	ana.press("New chat or group")
	ana.fill("Name of the group", "Supper")
	ana.fill("Ben", "on")
	ana.press("Begin the group")
	ana.until("document.querySelector('.talk h2')?.innerText === 'Supper'")
	ana.account("Close the account")
	ana.says("2 chats in this browser")
	ana.says("These groups lose their owner: Supper.")
	ana.says(next.Phone) // among what the service keeps
	ana.checked("closing the account")
	ana.picture("close")
	ana.fill("Type your number", ana.person.Phone)
	ana.press("Close the account for good")
	ana.says("this is not your number: nothing was deleted")
	ana.fill("Type your number", next.Phone)
	ana.press("Close the account for good")
	ana.until("document.querySelector('.gate input[type=password]')")
	ana.says("The same again") // as at a first visit
	left := eval[int](ana, `new Promise(async (good) => { let n = 0; for (const d of await indexedDB.databases()) { const r = indexedDB.open(d.name); await new Promise((k) => r.onsuccess = k); for (const s of r.result.objectStoreNames) { const c = r.result.transaction(s).objectStore(s).count(); await new Promise((k) => c.onsuccess = k); n += c.result; } r.result.close(); } good(n); })`)
	if left != 0 {
		t.Errorf("%d records are left in the browser", left)
	}
}
