package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/e2e/story"
)

// social is a day of all that people do beside writing to each other.
type social struct {
	*day
	ana, ben, cleo, dov, tablet story.Person

	key    string   // opens reports; it is not on the server
	checks []func() // what must have come to be, once everybody has looked
}

// TestANegativeDayOfAllThatPeopleSend: a group, a file, places, statuses, hints,
// a profile for contacts, an address book, a report, mentions, a linked device, a
// PIN and a search. While all of it waits, after it was taken and at night, none
// of it is on the server's disk, in its logs or its memory, and no two people are
// on its disk or in its logs at night. Each step is seen to have reached whom it
// was for.
func TestANegativeDayOfAllThatPeopleSend(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		s := newSocial(t, e)
		s.meet()
		s.addressBook()
		s.lock()
		s.w.Server.Kill() // a PIN and a number asked for are in the memory of who answers, until it is used again
		start(t, s.w)
		for _, do := range []func(){s.group, s.profile, s.sendFile, s.places, s.status, s.abuse, s.hints} {
			do()
		}
		s.waits()
		s.taken()
		s.nightfall()
	})
}

func newSocial(t *testing.T, e engine) *social {
	d := &day{t: t, e: e, w: e.found(t), known: newSecrets()}
	s := &social{day: d, key: filepath.Join(d.w.Dir, "abuse.key")}
	line, err := story.Run(t.Context(), "", story.Program(d.w.Bin, "letterlock"), "abuse", "key", "--out", s.key)
	must(t, err)
	line, _, _ = strings.Cut(line, "\n")
	conf := filepath.Join(d.w.Dir, "letterlock.toml")
	had, err := os.ReadFile(conf)
	must(t, err)
	must(t, os.WriteFile(conf, append(had, line+"\n"...), 0o600))
	start(t, d.w)
	d.register()
	s.ana, s.ben, s.cleo, s.dov = d.people[0], d.people[1], d.people[2], d.people[3]
	return s
}

// later is checked once everybody has looked.
func (s *social) later(f func()) { s.checks = append(s.checks, f) }

// look takes in what waits for a person.
func (s *social) look(p story.Person) []story.Received {
	s.t.Helper()
	got, err := p.Receive(s.t.Context(), 0)
	must(s.t, err)
	return got
}

// shown takes in what waits for a person and finds the one that says a text.
func (s *social) shown(p story.Person, text string) story.Received {
	s.t.Helper()
	got := s.look(p)
	for _, r := range got {
		if r["text"] == text {
			return r
		}
	}
	s.t.Fatalf("%s was not shown %q: %v", p.Name, text, got)
	return nil
}

// lines are the records that a command shows with --json.
func (s *social) lines(p story.Person, args ...string) (out []story.Received) {
	s.t.Helper()
	for line := range strings.Lines(s.letter(p, append(args, "--json")...)) {
		var r story.Received
		must(s.t, json.Unmarshal([]byte(line), &r))
		out = append(out, r)
	}
	return out
}

// meet: people who have written to each other.
func (s *social) meet() {
	for _, pair := range [][2]story.Person{{s.ana, s.cleo}, {s.cleo, s.ana}, {s.ana, s.ben}, {s.ben, s.ana}, {s.ben, s.cleo}, {s.cleo, s.ben}} {
		text := s.text("We know each other")
		s.send(pair[0], pair[1], text)
		s.shown(pair[1], text)
	}
}

// addressBook: Ben imports one, the server is asked who is here, and his new
// device has it, with what was said so far.
func (s *social) addressBook() {
	friend, found, stranger := s.word("contact's name"), s.word("contact's name"), s.word("contact's name")
	outside := "+447" + digits(9)
	s.hide("number of the address book", []byte(outside))
	s.hide("number of the address book", []byte(outside[1:]))
	book := s.file("people.vcf", []byte("BEGIN:VCARD\nFN:Aunt "+friend+"\nTEL:"+s.cleo.Phone+"\nEND:VCARD\nBEGIN:VCARD\nFN:"+found+"\nTEL:"+s.dov.Phone+"\nEND:VCARD\nBEGIN:VCARD\nFN:"+stranger+"\nTEL:"+outside+"\nEND:VCARD\n"))
	shows(s.t, "import", s.letter(s.ben, "contacts", "import", book), "Added 3 numbers")
	s.letter(s.ben, "contacts", "find", "on")
	s.look(s.ben)
	for _, k := range s.lines(s.ben, "contacts", "show") {
		known := k["phone"] == s.cleo.Phone // they have written to each other
		if k["asked"] == known || (k["account"] == nil) != (k["phone"] == outside) {
			s.t.Errorf("who is here is not known, or was not asked: %v", k)
		}
	}
	said := s.text("Before the tablet")
	s.send(s.ben, s.ana, said)
	s.shown(s.ana, said)
	var err error
	s.tablet, err = s.ben.Link(s.t.Context(), s.word("device's name"), "all")
	must(s.t, err)
	for _, p := range []story.Person{s.ben, s.ana, s.cleo} { // they hear of the tablet
		s.look(p)
	}
	past, err := s.tablet.History(s.t.Context(), s.ana)
	must(s.t, err)
	shows(s.t, "the history that was handed over", past, said)
	shows(s.t, "the address book on the tablet", s.letter(s.tablet, "contacts"), friend, found, stranger, outside)
}

// lock sets a PIN.
func (s *social) lock() {
	pin := "3" + digits(14)
	s.hide("PIN", []byte(pin))
	shows(s.t, "lock", s.letter(s.ana, "lock", "--pin", pin), "Locked")
	s.rowsOf("locks", 1)
}

// rowsOf counts the rows of a table.
func (s *social) rowsOf(table string, want int) {
	s.t.Helper()
	db := s.e.database(s.t, filepath.Join(s.w.Dir, "data"), "carrier")
	defer db.Close()
	n := 0
	must(s.t, db.QueryRow("SELECT count(*) FROM "+table).Scan(&n))
	if n != want {
		s.t.Errorf("%d rows in %s, not %d", n, table, want)
	}
}

// profile: Ben shows a name, a line and a photo to his contacts only. Cleo is
// one, Ana is none.
func (s *social) profile() {
	name, about := s.word("profile's name"), s.word("line about a person")
	s.letter(s.ben, "profile", "--name", name, "--name-for", "contacts", "--about", "I am "+about, "--about-for", "contacts",
		"--photo", s.file("me.jpg", s.photo()), "--photo-for", "contacts")
	mine := filepath.Join(s.t.TempDir(), "mine.jpg")
	s.letter(s.ben, "profile", "--save-photo", mine)
	photo, err := os.ReadFile(mine)
	must(s.t, err)
	s.hideInside("profile's photo", photo)
	s.later(func() {
		hers := s.lines(s.cleo, "profile", "--of", s.ben.Phone)[0]
		b, _ := json.Marshal(photo)
		if hers["name"] != name || hers["about"] != "I am "+about || hers["photo"] != strings.Trim(string(b), `"`) {
			s.t.Errorf("a contact is shown %v", hers)
		}
		if not := s.lines(s.ana, "profile", "--of", s.ben.Phone)[0]; not["name"] == name || not["about"] == hers["about"] || not["photo"] != nil {
			s.t.Errorf("who is no contact is shown %v", not)
		}
	})
}

// group: messages to all, a mention, and a search on a device.
func (s *social) group() {
	name, term := s.word("group's name"), s.word("search term")
	s.letter(s.ana, "group", "new", name, "--with", s.ben.Phone, "--with", s.cleo.Phone)
	s.look(s.ben)
	s.look(s.cleo)
	answer := s.text("I am in")
	must(s.t, s.cleo.SendGroup(s.t.Context(), name, answer))
	s.shown(s.ana, answer)
	s.shown(s.ben, answer)
	text := s.text("Well, @" + s.cleo.Phone + "! we meet by the " + term)
	must(s.t, s.ana.SendGroup(s.t.Context(), name, text))
	s.later(func() {
		for _, p := range []story.Person{s.ben, s.tablet, s.cleo} {
			past := s.lines(p, "history", "--group", name)
			if last := past[len(past)-1]; last["text"] != text || (last["mentions_you"] == true) != (p == s.cleo) {
				s.t.Errorf("%s has in the group: %v", p.Dir, last)
			}
		}
		if found := s.lines(s.cleo, "search", term); len(found) != 1 || found[0]["text"] != text {
			s.t.Errorf("the search found %v", found)
		}
	})
}

// sendFile: one with a name and a caption waits for Cleo.
func (s *social) sendFile() {
	name, caption := s.word("file's name")+".txt", s.text("For your eyes")
	body := []byte(strings.Repeat(s.word("words of a file")+" is what the keeper writes; ", 9000))
	s.letter(s.ana, "send", "--to", s.cleo.Phone, "--file", s.file(name, body), caption)
	s.later(func() { s.save(s.find(s.lines(s.cleo, "history", "--with", s.ana.Phone), caption), name, body) })
}

// find finds the record that says a text.
func (s *social) find(all []story.Received, text string) story.Received {
	s.t.Helper()
	for _, r := range all {
		if r["text"] == text {
			return r
		}
	}
	s.t.Fatalf("nothing says %q: %v", text, all)
	return nil
}

// save has Cleo fetch the file of a record, and compares it.
func (s *social) save(r story.Received, name string, want []byte) {
	s.t.Helper()
	if f, _ := r["file"].(map[string]any); f["name"] != name {
		s.t.Fatalf("the file is called %v, not %s", f["name"], name)
	}
	dir := s.t.TempDir()
	s.letter(s.cleo, "save", number(r), "--to", dir)
	got, err := os.ReadFile(filepath.Join(dir, name))
	must(s.t, err)
	if string(got) != string(want) {
		s.t.Errorf("%s came as another file, of %d bytes", name, len(got))
	}
}

func number(r story.Received) string {
	b, _ := json.Marshal(r["seq"])
	return string(b)
}

// places: one once, and one that follows its author and ends.
func (s *social) places() {
	once, from, to := s.spot("place"), s.spot("place where it began"), s.spot("place where it ended")
	text := s.text("I am here")
	s.letter(s.ana, "place", "--to", s.cleo.Phone, once, text)
	shows(s.t, "a live place", s.typed(s.ana, to+"\n", "place", "--to", s.cleo.Phone, "--live", "15m", from), "They see where you are until")
	s.later(func() {
		past := s.lines(s.cleo, "history", "--with", s.ana.Phone)
		if p, _ := s.find(past, text)["place"].(map[string]any); p["geo"] != "geo:"+once {
			s.t.Errorf("the place is %v, not %s", p, once)
		}
		live, _ := past[len(past)-1]["place"].(map[string]any)
		if live["geo"] != "geo:"+to || live["until"] == nil || live["live"] != false {
			s.t.Errorf("the place that moved is %v, not %s", live, to)
		}
	})
}

// status: a text, and a photo with a text below it.
func (s *social) status() {
	text, below, name := s.text("Off to the sea"), s.text("This is the sea"), s.word("photo's name")+".jpg"
	photo := s.photo()
	s.hideInside("status's photo", photo)
	s.letter(s.ana, "status", "post", "--to", s.cleo.Phone, text)
	s.letter(s.ana, "status", "post", "--to", s.cleo.Phone, "--file", s.file(name, photo), below)
	f, _ := s.find(s.lines(s.ana, "status", "show"), below)["file"].(map[string]any)
	var thumb []byte
	b, _ := json.Marshal(f["thumbnail"])
	must(s.t, json.Unmarshal(b, &thumb))
	s.hideInside("photo's thumbnail", thumb)
	s.later(func() {
		all := s.lines(s.cleo, "status", "show")
		s.find(all, text)
		s.save(s.find(all, below), name, photo)
	})
}

// abuse: Ana reports what Dov wrote, with a note, and blocks him.
func (s *social) abuse() {
	insult, note := s.text("You are a fool"), "He does this every day, "+s.word("report's note")
	s.send(s.dov, s.ana, insult)
	seq := number(s.shown(s.ana, insult))
	shows(s.t, "report", s.letter(s.ana, "report", "--message", seq, "--note", note, "--block", "--yes"), "Reported and blocked.")
	args := []string{"abuse", "list", "--data", filepath.Join(s.w.Dir, "data"), "--key", s.key}
	if s.e.cluster != nil {
		args = append(args, "--database", s.e.cluster.URL("carrier"))
	}
	s.later(func() {
		out, err := story.Run(s.t.Context(), "", story.Program(s.w.Bin, "letterlock"), args...)
		must(s.t, err)
		shows(s.t, "the report, with the key", out, insult, note)
	})
}

// hints: two who show it see that the other is here, and is writing.
func (s *social) hints() {
	ctx, a, b := s.t.Context(), s.witnesses[0], s.witnesses[1]
	for _, p := range []*witness{a, b} {
		must(s.t, p.Choose(ctx, client.Choices{ShowOnline: true}))
		p.online()
	}
	for _, pair := range [][2]*witness{{a, b}, {b, a}} {
		_, err := pair[0].Send(ctx, pair[1].Phone, s.text("We know each other"))
		must(s.t, err)
		s.until("a text of a witness", func() bool { return len(incoming(s.t, pair[1])) == 1 })
	}
	for _, kind := range []client.SignKind{client.IsHere, client.IsWriting} {
		s.until("a sign: "+string(kind), func() bool {
			a.Writing(b.me.Account, true)
			return b.saw(client.Sign{Peer: a.me.Account, What: kind}) > 0
		})
	}
}

// until waits for something that comes by itself.
func (s *social) until(what string, f func() bool) {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("this did not come: %s", what)
		}
	}
}

// waits: all of it is with the server.
func (s *social) waits() {
	s.waitRows(6)
	s.rowsOf("media", 3) // Ana's file, her status's photo and the photo of Ben's profile
	s.nowhere("while it waits", s.memories())
}

// allLook: everybody takes in what waits, and then what that has brought.
func (s *social) allLook() {
	for range 2 {
		for _, p := range append([]story.Person{s.tablet}, s.people...) {
			s.look(p)
		}
	}
}

// taken: everybody looks, and has what was for them.
func (s *social) taken() {
	s.allLook()
	for _, check := range s.checks {
		check()
	}
	s.allLook()
	s.waitRows(0)
	s.rowsOf("media", 0)
	s.seenByPeople("PIN", "(latitude)", "(longitude)", "(memory)", "began", "words of a file", "status's photo", "report's note") // the checks looked at these
	s.nowhere("when it was taken", s.memories())
}

// nightfall: the server is stopped, its disk is taken.
func (s *social) nightfall() {
	for _, w := range s.witnesses {
		w.end()
	}
	must(s.t, s.w.Stop())
	ids := s.messageIDs()
	h := s.nowhere("at night", nil)
	none(s.t, "the disk at night holds no message id", h.search(ids))
	s.noPairs(h)
	s.t.Logf("searched for, by kind: %v", s.kinds())
}
