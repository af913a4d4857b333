package console_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/transparency/room"
)

// forCounsel is a case whose person has been told and whose papers wait for
// counsel.
func (w *world) forCounsel(reference string) casefile.Number {
	w.Helper()
	if w.custodian == nil {
		w.custodianJoins()
	}
	w.approve("us.order.2703d")
	n := w.file(w.referred(reference))
	a := w.analyst
	a.study(n)
	a.press(a.decideAll(n), "Propose the grants")
	w.ok(w.door.SignAll("Sefa Yilmaz", "Miriam Adler"))
	w.pass(10 * time.Minute)
	w.pass(8 * 24 * time.Hour)
	for range 4 {
		w.pass(10 * time.Minute)
	}
	w.pass(25 * time.Hour)
	if c := w.load(n); c.Room.Due.IsZero() {
		w.Fatalf("counsel has no duty: %s, told %v, %q, %+v", c.Phase(), c.Told(0), c.RoomWithheld(w.clock.Now()), c.Alarms)
	}
	for _, m := range []*member{w.analyst, w.counsel, w.lead} { // nine days later
		m.signIn()
	}
	return n
}

// told ends the silence of an answered emergency, so that its papers wait for
// counsel too.
func (w *world) told(n casefile.Number) casefile.Number {
	w.Helper()
	w.ok(w.desk.Notice.Now(w.Context(), w.counsel.id, n, "the danger has passed"))
	w.ok(w.desk.Tick(w.Context()))
	for _, h := range w.door.Open(disclosable.Notify) {
		w.ok(w.door.Sign(h, "Sefa Yilmaz"))
		w.ok(w.door.Sign(h, "Miriam Adler"))
	}
	for range 3 {
		w.pass(2 * time.Minute)
	}
	if c := w.load(n); c.Room.Due.IsZero() {
		w.Fatalf("counsel has no duty: told %v, %q", c.Told(0), c.RoomWithheld(w.clock.Now()))
	}
	return n
}

func (w *world) documents() []room.Document {
	return room.List(os.DirFS(filepath.Join(w.dir, "room")))
}

func TestCounselAndLeadBringPapersToThePublic(t *testing.T) {
	w := newWorld(t)
	n := w.forCounsel("HC-26-130")
	c, at := w.counsel, path(n)+"/room"
	says(t, c.get("/room"), 200, string(n), "waits for counsel", "left to decide")
	says(t, c.get(path(n)), 200, "Papers for the public")
	if strings.Contains(string(w.analyst.get(path(n)).Body), "Papers for the public") {
		t.Error("an analyst is led to a page that refuses them")
	}
	paper := at + "/papers/" + string(w.load(n).Demand.Papers[0].ID)
	says(t, c.press(c.get(paper), "Publish the pages that are kept"), 400, "every page of this paper is withheld")
	p := c.press(c.get(paper), "Look at its pages")
	says(t, p, 200, "Page 1 of 1", "withheld: nobody has said anything yet")
	says(t, c.press(p, "Black it out", "top", "120", "bottom", "9", "left", "0", "right", "100"), 400, "from 0 to 100")
	p = c.press(c.get(paper), "Black it out", "top", "5.5", "bottom", "9", "left", "0", "right", "100")
	says(t, p, 200, "from 0 % to 100 % across, from 5.5 % to 9 % down")
	says(t, c.press(p, "Keep page 1"), 200, "Page 1 is kept.")
	says(t, c.press(c.get(paper), "Publish the pages that are kept"), 200, "Kept. Nothing is published before")
	says(t, c.press(c.get(paper), "These are its words", "words", "Det. Olivia Reyes asks for an account."), 400, "never published", "Olivia Reyes asks")
	says(t, c.press(c.get(paper), "These are its words", "words", "An order of the District Court; the account is blacked out."), 200, "These words are published with the page", "the account is blacked out.")
	says(t, c.press(c.get(at), "Put it before a second person", "why", "x"), 400, "is open")
	says(t, c.press(c.get(at+"/papers/demand"), "Publish this text"), 200, "Kept.")
	says(t, c.press(c.get(at+"/papers/answer"), "Object in writing", "reason", " "), 400, "give the reason")
	says(t, c.press(c.get(at+"/papers/answer"), "Object in writing", "reason", "The court has sealed its own file."), 200, "objected to: The court has sealed")
	says(t, c.press(c.get(at), "Keep this", "typed", "yes"), 200, "Kept.")
	says(t, c.get(at+"/preview"), 200, "US District Court", "1 page is shown, 0 withheld", "1 paper is not published")
	says(t, c.press(c.get(at), "Put it before a second person", "why", ""), 400, "say why")
	says(t, c.press(c.get(at), "Put it before a second person", "why", "Everybody was told; the order has no secrecy."), 200, "waits for a second person", "You have decided")
	if strings.Contains(string(c.get(at+"/preview").Body), "The second word is yours") {
		t.Error("counsel is offered to agree with themselves")
	}
	l := w.lead
	p = l.get(at + "/preview")
	says(t, p, 200, "The second word is yours", "Look at the pages of each paper first")
	says(t, l.press(p, "Agree: publish it", "why", "x"), 409, "look at every page that is shown first")
	l.press(l.get(at+"/preview"), "Look at its pages")
	b := l.get(paper + "/1.png").Body
	if m, err := png.Decode(bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	} else if r, g, b, _ := m.At(m.Bounds().Dx()/2, m.Bounds().Dy()*7/100).RGBA(); r|g|b != 0 {
		t.Error("the second person is not shown the box")
	}
	says(t, l.press(l.get(at+"/preview"), "Agree: publish it", "why", "I looked at the page and both texts."), 200, "Agreed.")
	for range 4 {
		w.pass(2 * time.Minute)
	}
	all := w.documents()
	if len(all) != 1 || len(all[0].Papers) != 2 || all[0].Objected != 1 || all[0].Agency != "Harbor County Sheriff" {
		t.Fatalf("%+v, alarms %+v", all, w.load(n).Alarms)
	}
	says(t, l.get("/room"), 200, string(all[0].ID), "public", string(n))
	if strings.Contains(string(l.get(at).Body), "Take it out") {
		t.Error("the lead is offered to take it out")
	}
	says(t, c.press(c.get(at), "Take it out", "reason", "mistake", "words", "Det. Olivia Reyes was named."), 400, "never published")
	says(t, c.press(c.get(at), "Take it out", "reason", "mistake", "words", "A stamp named a person."), 200, "Taken out.", "A stamp named a person.")
	if got := w.documents(); got[0].Gone == nil {
		t.Errorf("%+v", got)
	}
	says(t, c.get("/room"), 200, "taken out on ")
}

// TestPapersForThePublicByKeyboardAlone: counsel decides page by page and a lead
// agrees, with no mouse.
func TestPapersForThePublicByKeyboardAlone(t *testing.T) {
	w := newWorld(t)
	n := w.forCounsel("HC-26-131")
	vera, otto := w.trained("Vera Holm", staff.Counsel), w.trained("Otto Brandt", staff.Lead)
	vera.Open("/room")
	vera.Enters(string(n), "")
	vera.Enters("Paper 1 of the demand", "")
	vera.Presses("Look at its pages", "Page 1 of 1")
	vera.Types("top", "5")
	vera.Types("bottom", "10")
	vera.Presses("Black it out", "from 5 % to 10 % down")
	vera.Picture("room-blackened")
	vera.Presses("These are its words", "These words are published with the page")
	vera.Presses("Keep page 1", "Page 1 is kept")
	vera.Presses("Publish the pages that are kept", "Nothing is published before")
	for _, text := range []string{"The demand", "Our answer"} {
		vera.Enters(text, "")
		vera.Presses("Publish this text", "Nothing is published before")
	}
	vera.Types("why", "Everybody was told.")
	vera.Presses("Put it before a second person", "waits for a second person")
	otto.Open("/room")
	otto.Enters(string(n), "")
	otto.Enters("See it as the public will", "")
	otto.Presses("Look at its pages", "The second word is yours")
	otto.Picture("room-second")
	otto.Types("why", "I looked at each page.")
	otto.Presses("Agree: publish it", "Agreed.")
	for range 4 {
		w.pass(2 * time.Minute)
	}
	if all := w.documents(); len(all) != 1 || len(all[0].Papers) != 3 {
		t.Fatalf("%+v", all)
	}
}
