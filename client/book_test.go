package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
)

const cards = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bob\\, the\r\n  baker\r\nitem1.TEL;TYPE=CELL:+44 1632 960002\r\nTEL;VALUE=uri:tel:+441632960003;ext=1\r\nTEL:01632 960004\r\nEND:VCARD\r\nbegin:vcard\r\nFN:Nobody\r\nEND:VCARD\r\n"

func TestListsOfContactsAreRead(t *testing.T) {
	got, skipped, err := client.ReadContacts(strings.NewReader(cards))
	if err != nil || skipped != 1 || len(got) != 2 || got[0] != (client.Contact{Phone: bob, Name: "Bob, the baker"}) || got[1].Phone != carol {
		t.Fatalf("%+v, %d, %v", got, skipped, err)
	}
	got, skipped, err = client.ReadContacts(strings.NewReader("Bob, +44 1632 960002\n\nCarol;+441632960003\n+441632960004\nno number here\n"))
	if err != nil || skipped != 1 || len(got) != 3 || got[0].Name != "Bob" || got[1].Name != "Carol" || got[2].Name != "" {
		t.Fatalf("%+v, %d, %v", got, skipped, err)
	}
	for name, bad := range map[string]string{"bytes": "\xff\xfe", "too much": strings.Repeat("x", 9<<20), "too many": strings.Repeat("+441632960002\n", client.MaxContacts+1)} {
		if _, _, err := client.ReadContacts(strings.NewReader(bad)); fault.KindOf(err) == fault.Internal || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzContacts(f *testing.F) {
	f.Add(cards)
	f.Add("Bob, +44 1632 960002\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, _, err := client.ReadContacts(strings.NewReader(text))
		for _, k := range all {
			if p, bad := client.Phone(k.Phone); bad != nil || p != k.Phone || len(k.Name) > 120 || err != nil {
				t.Fatalf("%+v, %v", k, err)
			}
		}
	})
}

// The carrier hears of nobody in the list until the person turns it on; then of
// few a day, each once, and of nobody after it is forgotten.
func TestContactsAreAskedForOnlyByChoice(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	people := []client.Contact{{Phone: bob, Name: "Bob"}}
	for i := range 20 {
		people = append(people, client.Contact{Phone: fmt.Sprintf("+4416329601%02d", i)})
	}
	before := w.carrier.Lookups()
	a.must(a.AddContacts(bg, people...))
	settle(a, b)
	if n := w.carrier.Lookups() - before; n != 0 {
		t.Fatalf("the carrier was asked for %d numbers, and nobody chose that", n)
	}
	a.must(a.Choose(bg, client.Choices{AskContacts: true}))
	settle(a, b)
	settle(a, b)
	if n := w.carrier.Lookups() - before; n != 8 {
		t.Fatalf("the carrier was asked for %d numbers in a day, want 8", n)
	}
	for range 3 {
		w.clock.Advance(24 * time.Hour)
		settle(a, b)
	}
	if n := w.carrier.Lookups() - before; n != 21 {
		t.Fatalf("%d were asked for in all, want each of 21 once", n)
	}
	all, err := a.Contacts(bg)
	a.must(err)
	here := 0
	for _, k := range all {
		if !k.Account.IsZero() {
			here++
			if k.Account != accountOf(b) || k.Name != "Bob" {
				t.Errorf("%+v", k)
			}
		}
	}
	if here != 1 || len(all) != 21 {
		t.Errorf("%d of %d are here", here, len(all))
	}
	p, err := a.Person(bg, accountOf(b))
	a.must(err)
	if p.Name != "Bob" {
		t.Errorf("%+v", p)
	}
	a.must(a.ForgetContacts(bg))
	w.clock.Advance(40 * 24 * time.Hour)
	settle(a, b)
	all, err = a.Contacts(bg)
	k, err2 := a.Choices(bg)
	if err != nil || err2 != nil || len(all) != 0 || k.AskContacts || w.carrier.Lookups()-before != 21 {
		t.Errorf("after forgetting: %d contacts, asked %v, %d look-ups", len(all), k.AskContacts, w.carrier.Lookups()-before)
	}
}

// The list is on all of the person's devices, sealed, and whoever is in it may
// see what is for contacts.
func TestContactsGoToThePersonsDevices(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	a.show(client.CardChange{Name: at("Alice"), NameTo: client.ToContacts})
	settle(a, b)
	if name, _ := b.shownBy(a); name != "" {
		t.Fatalf("Bob, who is no contact, sees %q", name)
	}
	a.must(a.AddContacts(bg, client.Contact{Phone: carol, Name: "Carol NEEDLE"}))
	tablet := a.link("tablet", client.HistoryNone)
	settle(a, tablet, b)
	tablet.must(tablet.AddContacts(bg, client.Contact{Phone: bob, Name: "Bob"}))
	settle(tablet, a, b)
	for _, d := range []*person{a, tablet} {
		if all, err := d.Contacts(bg); err != nil || len(all) != 2 || all[0].Name != "Bob" {
			t.Errorf("%+v, %v", all, err)
		}
	}
	settle(a, tablet, b)
	if name, _ := b.shownBy(a); name != "Alice" {
		t.Errorf("Bob is a contact now, and sees %q", name)
	}
	a.must(a.ForgetContacts(bg, bob))
	settle(a, tablet, b)
	if all, err := tablet.Contacts(bg); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	if name, _ := b.shownBy(a); name != "" {
		t.Errorf("Bob is no contact any more, and sees %q", name)
	}
}
