package client_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
)

func (p *person) statuses() (out []string) {
	p.t.Helper()
	all, err := p.Statuses(bg)
	p.must(err)
	for _, e := range all {
		out = append(out, e.Text)
	}
	return out
}

// A status is seen by those who were chosen, for a day, outside conversations.
func TestAStatusIsSeenByWhoWasChosenForADay(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	c := w.person(carol)
	c.send(a, "hello")
	c.flush()
	settle(a, c)
	before := len(w.carrier.Taken())
	e, err := a.PostStatus(bg, []string{bob}, client.Words{Text: "off to the sea"})
	a.must(err)
	settle(a, b, c)
	if got := b.statuses(); len(got) != 1 || got[0] != "off to the sea" {
		t.Fatalf("Bob sees %q", got)
	}
	if got := c.statuses(); got != nil {
		t.Fatalf("Carol, who was not chosen, sees %q", got)
	}
	for _, s := range w.carrier.Taken()[before:] {
		if s.To.Account == accountOf(c) {
			t.Fatal("something went to Carol")
		}
	}
	if unread, err := b.Unread(bg, accountOf(a)); err != nil || len(unread) != 1 || unread[0].Text != "hello" {
		t.Fatalf("unread in the conversation, where no status stands: %v (%v)", unread, err)
	}
	if unread, err := b.Unread(bg, [16]byte{}); err != nil || len(unread) != 2 || unread[1].Kind != client.StatusUpdate {
		t.Fatalf("unread in all: %v (%v)", unread, err)
	}
	if seen, err := a.Audience(bg); err != nil || len(seen) != 1 || seen[0] != accountOf(b) {
		t.Fatalf("the audience is %v (%v)", seen, err)
	}
	if talk, err := b.Talk(bg, accountOf(a), 1); err != nil || talk[0].Text == "off to the sea" {
		t.Fatalf("the status stands in the conversation (%v)", err)
	}
	_, err = a.PostStatus(bg, nil, client.Words{Text: "the water is cold"})
	a.must(err)
	settle(a, b)
	if got := b.statuses(); len(got) != 2 {
		t.Fatalf("to the same people as before: Bob sees %q", got)
	}
	a.must(a.TakeBackStatus(bg, e.Seq))
	settle(a, b)
	if got := b.statuses(); len(got) != 1 || got[0] != "the water is cold" {
		t.Fatalf("after one was taken back Bob sees %q", got)
	}
	w.clock.Advance(24*time.Hour + time.Second)
	settle(a, b)
	if a.statuses() != nil || b.statuses() != nil {
		t.Fatalf("after a day: %q, %q", a.statuses(), b.statuses())
	}
	if n := len(b.journal(client.StatusUpdate)); n != 0 {
		t.Fatalf("%d are still in the journal", n)
	}
}

func TestAStatusThatNobodyAskedFor(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	c := w.person(carol)
	if _, err := c.PostStatus(bg, nil, client.Words{Text: "to nobody"}); !fault.Is(err, fault.Invalid) {
		t.Fatalf("to nobody: %v", err)
	}
	_, err := c.PostStatus(bg, []string{alice}, client.Words{Text: "a stranger's advertisement"})
	c.must(err)
	settle(c, a)
	if got := a.statuses(); got != nil {
		t.Fatalf("a stranger put %q before Alice", got)
	}
	for _, bad := range []string{"", strings.Repeat("x", client.MaxStatus+1)} {
		if _, err := a.PostStatus(bg, []string{bob}, client.Words{Text: bad}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
	e, err := a.PostStatus(bg, []string{bob}, client.Words{Text: "mine"})
	a.must(err)
	settle(a, b)
	theirs, err := b.Statuses(bg)
	b.must(err)
	if err := b.TakeBackStatus(bg, theirs[0].Seq); !fault.Is(err, fault.NotFound) {
		t.Fatalf("Bob took back Alice's: %v", err)
	}
	b.must(b.Say(bg, accountOf(a), &client.DeleteBody{Target: e.ID}, w.clock.Now().UnixMilli()+1000))
	b.flush()
	settle(a, b)
	if got := a.statuses(); len(got) != 1 {
		t.Fatalf("Bob took back Alice's: %q", got)
	}
}

// A status may show a photo: it comes as a sealed file, without what is beside
// it, and goes with the status.
func TestAStatusShowsAPhoto(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	post := func(name string) client.Entry {
		e, err := a.PostStatusFile(bg, []string{bob}, client.Attachment{Body: bytes.NewReader(face(t, 90)), Name: name, Words: client.Words{Text: "the sea"}})
		a.must(err)
		settle(a, b)
		return e
	}
	post("sea.jpg")
	all, err := b.Statuses(bg)
	b.must(err)
	if len(all) != 1 || all[0].Text != "the sea" || all[0].File == nil || all[0].File.Kind != client.Photo || all[0].File.Thumb == nil {
		t.Fatalf("Bob sees %+v", all)
	}
	b.must(b.Fetch(limit(t), all[0].Seq, nil))
	r, err := b.OpenFile(bg, all[0].Seq)
	b.must(err)
	if got, err := io.ReadAll(r); err != nil || bytes.Contains(got, []byte("SECRET")) || len(got) == 0 {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if n := w.blobs(); n != 0 {
		t.Errorf("%d files are at the carrier, though Bob has it", n)
	}
	second := post("harbour.jpg")
	a.must(a.TakeBackStatus(bg, second.Seq))
	settle(a, b)
	if got := b.statuses(); len(got) != 1 || w.blobs() != 0 {
		t.Errorf("after it was taken back Bob sees %q, and %d files are at the carrier", got, w.blobs())
	}
	w.clock.Advance(25 * time.Hour)
	settle(a, b)
	if len(b.statuses()) != 0 || a.files.Len() != 0 || b.files.Len() != 0 {
		t.Errorf("after a day: %q, %d and %d files", b.statuses(), a.files.Len(), b.files.Len())
	}
	if _, err := a.PostStatusFile(bg, []string{bob}, client.Attachment{Body: strings.NewReader("a text"), Name: "a.txt"}); !fault.Is(err, fault.Invalid) || a.files.Len() != 0 {
		t.Errorf("a document as a status: %v", err)
	}
}
