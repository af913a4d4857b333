package e2e_test

import (
	"strings"
	"testing"
	"time"
)

// TestWhatPeopleDoInTheBrowser: answers, reactions, edits, deletions, a timer, a
// safety number, a search, and a group that changes, between two browsers; what
// is on the screen is looked at by the accessibility checker on the way.
func TestWhatPeopleDoInTheBrowser(t *testing.T) {
	w := chatWorld(t)
	ana, ben, cem := browse(t, w, w.Person("Ana", phone(0))), browse(t, w, w.Person("Ben", phone(1))), w.Person("Cem", phone(2))
	ana.checked("the first visit")
	ana.picture("first")
	ana.register()
	ben.register()
	must(t, cem.Register(t.Context()))

	ana.chat(ben.person.Phone)
	ana.write("Shall we meet at eight?")
	ben.into("Ana")
	ben.has("Shall we meet at eight?")
	ben.menu("Shall we meet", "Answer")
	ben.write("Nine is better")
	ana.until("document.querySelector('.theirs .quote')?.innerText.includes('Shall we meet at eight?')")
	ana.menu("Nine is better", "React with 👍")
	ben.until("document.querySelector('.own .reactions')?.innerText.includes('👍')")

	ben.menu("Nine is better", "Edit")
	ben.writes("*Half* past nine", "Half past nine")
	ana.has("Half past nine")
	ana.until("document.querySelector('.theirs .said strong')?.innerText === 'Half' && document.querySelector('.theirs .foot').innerText.includes('edited')")
	ana.writes("a secret ||that is hidden||", "a secret ▒▒▒▒▒")
	ana.menu("a secret", "Delete for everybody")
	ben.until("document.querySelector('.theirs .said.deleted')")

	// The safety number is the same on both sides, and marked.
	digits := func(b *tab) string {
		b.details()
		b.until("document.querySelector('.digits')")
		return eval[string](b, "document.querySelector('.digits').innerText.replace(/\\s+/g, ' ').trim()")
	}
	a, b := digits(ana), digits(ben)
	if a != b || len(strings.ReplaceAll(a, " ", "")) != 60 {
		t.Fatalf("safety numbers: %q and %q", a, b)
	}
	ana.checked("a person")
	ana.picture("person")
	ana.press("It is the same")
	ana.says("You marked it as verified.")
	ana.fill("New messages disappear after", "30")
	ana.press("Set the timer")
	ben.press("Close")
	ben.says("let messages disappear after 30 seconds")
	ben.fill("Message", "this")
	ana.says("is writing")
	ben.write("this goes")
	ana.has("this goes")
	ana.until("[...document.querySelectorAll('.said')].every((e) => e.innerText !== 'this goes')")

	ana.fill("Search messages", "past NINE")
	ana.until("document.querySelector('.found .last')?.innerText.includes('Half past nine')")
	ana.checked("a search")
	ana.fill("Search messages", "")

	// A group: begun, joined by a link, renamed, left.
	ana.press("New chat or group")
	ana.checked("beginning")
	ana.picture("begin")
	ana.fill("Name of the group", "Supper")
	ana.fill("Ben", "on")
	ana.press("Begin the group")
	ana.until("document.querySelector('.talk h2')?.innerText === 'Supper'")
	ana.write("Soup or salad?")
	ben.into("Supper")
	ben.has("Soup or salad?")
	ana.details()
	ana.press("Open a link")
	ana.until("document.querySelector('.link code')")
	link := eval[string](ana, "document.querySelector('.link code').innerText")
	ana.checked("a group")
	ana.picture("group")
	ana.fill("Name of the group", "Late supper")
	ana.press("Rename it")
	ana.until("document.querySelector('dialog h2').innerText === 'Late supper'")
	ana.press("Close")
	ben.says("named the group “Late supper”")
	must(t, cem.Join(t.Context(), link))
	ana.says("Cem")
	ben.details()
	ben.says("3 members")
	ben.press("Leave the group")
	ana.says("left the group")
	ana.until("document.querySelector('.talk h2').innerText === 'Late supper'")

	ana.press("Settings")
	ana.press("What the service keeps about you")
	ana.says("What you write is not among it")
	ana.checked("settings")
	ana.picture("settings")
	ana.fill("Tell people that you read their messages", "")
	ana.press("Another passphrase")
	ana.fill("Passphrase", passphrase)
	ana.fill("New passphrase", "another one of some words")
	ana.press("Change the passphrase")
	ana.says("Changed.")
	ana.open()
	ana.fill("Passphrase", passphrase)
	ana.press("Unlock")
	ana.says("this is not the passphrase")
	ana.fill("Passphrase", "another one of some words")
	ana.press("Unlock")
	ana.into("Late supper")
	ana.has("Soup or salad?")
	for _, l := range []struct {
		name          string
		width, height int64
		scheme        string
	}{{"wide", 1280, 800, "light"}, {"wide-dark", 1280, 800, "dark"}, {"phone", 390, 844, "light"}, {"phone-dark", 390, 844, "dark"}} {
		ana.look(l.width, l.height, l.scheme)
		ana.into("Ben")
		time.Sleep(100 * time.Millisecond)
		ana.picture("talk-" + l.name)
		ana.checked("a chat, " + l.name)
		if l.width < 500 {
			ana.press("Back to the chats")
			ana.picture("chats-" + l.name)
			ana.checked("the chats, " + l.name)
		}
	}
}
