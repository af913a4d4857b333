package client_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/client/carriertest"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// pair is two people who have written to each other.
func pair(t *testing.T) (w *world, a, b *person) {
	t.Helper()
	w = newWorld(t)
	a, b = w.person(alice), w.person(bob)
	a.send(b, "hello, Bob")
	a.flush()
	b.drain()
	b.send(a, "hello, Alice")
	b.flush()
	settle(a, b)
	return w, a, b
}

// last is the newest entry of a kind.
func (p *person) last(k client.EntryKind) client.Entry {
	p.t.Helper()
	all := p.journal(k)
	if len(all) == 0 {
		p.t.Fatalf("%s has no entry %q", p.phone, k)
	}
	return all[len(all)-1]
}

func refused(t *testing.T, err error, k fault.Kind) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Fatalf("got %v, want a refusal of kind %s", err, k)
	}
}

func TestAReplyAndItsStyleArrive(t *testing.T) {
	w, a, b := pair(t)
	asked := b.last(client.Incoming)
	style := []client.Span{{Start: 0, Length: 3, Look: client.Bold}}
	sent, err := b.Write(bg, alice, client.Words{Text: "yes, at nine", Style: style, Reply: asked.Seq})
	b.must(err)
	b.flush()
	settle(a, b)
	got := a.last(client.Incoming)
	if got.Text != "yes, at nine" || got.Reply == nil || *got.Reply != *sent.Reply || got.Reply.Author != accountOf(a) ||
		got.Reply.ID != a.journal(client.Outgoing)[0].ID || len(got.Style) != 1 || got.Style[0].Look != client.Bold {
		t.Fatalf("got %+v", got)
	}
	c := w.person(carol)
	_, err = b.Write(bg, c.phone, client.Words{Text: "x", Reply: asked.Seq})
	refused(t, err, fault.Invalid)
	_, err = b.Write(bg, alice, client.Words{Text: "x", Reply: 9999})
	refused(t, err, fault.NotFound)
	_, err = b.Write(bg, alice, client.Words{Text: "x", Style: []client.Span{{Start: 1, Length: 1, Look: client.Bold}}})
	refused(t, err, fault.Invalid)
	a.whole()
}

func TestAnEditReplacesTheWords(t *testing.T) {
	w, a, b := pair(t)
	e := a.send(b, "at ten")
	a.flush()
	settle(b, a)
	w.clock.Advance(time.Minute)
	if _, err := a.Edit(bg, e.Seq, client.Words{Text: "at nine"}); err != nil {
		t.Fatal(err)
	}
	a.flush()
	settle(b, a)
	got := b.last(client.Incoming)
	if got.Text != "at nine" || got.Edited <= got.Sent || len(b.journal(client.Incoming)) != 2 {
		t.Fatalf("got %+v", got)
	}
	// An older edit that arrives later changes nothing.
	a.must(a.Say(bg, accountOf(b), &client.EditBody{Target: e.ID, Text: "too late"}, got.Edited-1))
	a.flush()
	settle(b, a)
	if got := b.last(client.Incoming); got.Text != "at nine" {
		t.Fatalf("an older edit won: %q", got.Text)
	}
	_, err := b.Edit(bg, got.Seq, client.Words{Text: "not mine"})
	refused(t, err, fault.Forbidden)
	w.clock.Advance(client.EditTime)
	_, err = a.Edit(bg, e.Seq, client.Words{Text: "next day"})
	refused(t, err, fault.Conflict)
	// Nor does a program of its own rules get past it.
	a.must(a.Say(bg, accountOf(b), &client.EditBody{Target: e.ID, Text: "next day"}, w.clock.Now().UnixMilli()))
	a.flush()
	settle(b, a)
	if got := b.last(client.Incoming); got.Text != "at nine" {
		t.Fatalf("an edit after a day won: %q", got.Text)
	}
	a.whole()
}

// The author of a message, and nobody else, can change it.
func TestNobodyChangesTheMessageOfAnother(t *testing.T) {
	w, a, b := pair(t)
	c := w.person(carol)
	c.send(b, "I am Carol")
	c.flush()
	settle(b, c)
	fromAlice, fromBob := b.journal(client.Incoming)[0], b.journal(client.Outgoing)[0]
	now := w.clock.Now().UnixMilli() + 1000
	for _, body := range []client.Body{
		&client.EditBody{Target: fromAlice.ID, Text: "forged"}, &client.DeleteBody{Target: fromAlice.ID},
		&client.EditBody{Target: fromBob.ID, Text: "forged"}, &client.DeleteBody{Target: fromBob.ID},
		&client.ReactionBody{Target: client.Ref{Author: accountOf(a), ID: fromAlice.ID}, Emoji: "👎"},
		&client.ReactionBody{Target: client.Ref{Author: accountOf(b), ID: fromBob.ID}, Emoji: "👎"},
		&client.ReceiptBody{Read: true, IDs: []client.MessageID{fromBob.ID}},
	} {
		c.must(c.Say(bg, accountOf(b), body, now))
	}
	for _, body := range []client.Body{&client.EditBody{Target: fromBob.ID, Text: "forged"}, &client.DeleteBody{Target: fromBob.ID}} {
		a.must(a.Say(bg, accountOf(b), body, now)) // of the same conversation, and still not hers
	}
	c.flush()
	a.flush()
	settle(b, a, c)
	for i, want := range []client.Entry{fromAlice, fromBob} {
		got, _, err := b.Entry(bg, want.Seq)
		b.must(err)
		if got.Text != want.Text || got.Deleted || got.Edited != 0 || len(got.Reactions) > 0 || (i == 1 && got.Read != want.Read) {
			t.Errorf("changed by another: %+v", got)
		}
	}
}

func TestAChangeThatComesBeforeItsMessageWaits(t *testing.T) {
	w, a, b := pair(t)
	held := ""
	w.carrier.OnSend = func(_ wire.Address, s wire.Send) carriertest.Verdict {
		if held == "" {
			held = string(s.Body)
		}
		if string(s.Body) == held && w.clock.Now().Before(time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)) {
			return carriertest.Verdict{Refuse: wire.CodeTooLarge}
		}
		return carriertest.Verdict{}
	}
	e := a.send(b, "first")
	a.flush()
	w.clock.Advance(time.Minute)
	for _, words := range []string{"second", "third"} {
		w.clock.Advance(time.Minute)
		_, err := a.Edit(bg, e.Seq, client.Words{Text: words})
		a.must(err)
	}
	_, err := a.React(bg, e.Seq, "🙂")
	a.must(err)
	a.flush()
	settle(b, a)
	if n := len(b.journal(client.Incoming)); n != 1 {
		t.Fatalf("%d messages: the test does not test", n)
	}
	a.must(a.SayAgain(bg, accountOf(b), e.Seq))
	w.clock.Advance(2 * time.Hour)
	a.flush()
	settle(b, a)
	got := b.last(client.Incoming)
	if got.Text != "third" || len(got.Reactions) != 1 || got.Reactions[0].Emoji != "🙂" {
		t.Fatalf("got %+v", got)
	}
}

func TestUnsendTakesTheWordsAwayEverywhere(t *testing.T) {
	w, a, b := pair(t)
	const secret = "the code is 4711"
	e := a.send(b, secret)
	a.flush()
	settle(b, a)
	_, err := b.React(bg, b.last(client.Incoming).Seq, "😮")
	b.must(err)
	_, err = a.Unsend(bg, e.Seq)
	a.must(err)
	b.flush()
	settle(a, b)
	for _, p := range []*person{a, b} {
		if holds(p.store, secret) {
			t.Errorf("%s still has the words", p.phone)
		}
	}
	if got := b.last(client.Incoming); !got.Deleted || got.Text != "" || len(got.Reactions) != 0 {
		t.Fatalf("Bob has %+v", got)
	}
	_, err = a.Edit(bg, e.Seq, client.Words{Text: "again"})
	refused(t, err, fault.Conflict)
	old := a.journal(client.Outgoing)[0]
	w.clock.Advance(client.DeleteTime + time.Minute)
	_, err = a.Unsend(bg, old.Seq)
	refused(t, err, fault.Conflict)
}

func TestWhatIsTakenBackBeforeItLeftNeverLeaves(t *testing.T) {
	w, a, b := pair(t)
	before := len(w.carrier.Taken())
	e := a.send(b, "never mind")
	e, err := a.Unsend(bg, e.Seq)
	a.must(err)
	if e.State != client.Failed || !e.Deleted {
		t.Fatalf("%+v", e)
	}
	a.flush()
	settle(b, a)
	if n := len(b.journal(client.Incoming)); n != 1 || holds(a.store, "never mind") {
		t.Fatalf("%d messages arrived", n)
	}
	if n := len(w.carrier.Taken()) - before; n > 1 { // the deletion alone
		t.Fatalf("%d envelopes left", n)
	}
}

func TestReactions(t *testing.T) {
	w, a, b := pair(t)
	e := b.last(client.Incoming)
	for _, emoji := range []string{"👍", "❤️"} {
		w.clock.Advance(time.Second)
		_, err := b.React(bg, e.Seq, emoji)
		b.must(err)
	}
	_, err := a.React(bg, a.last(client.Outgoing).Seq, "🎉")
	a.must(err)
	b.flush()
	settle(a, b)
	for _, got := range []client.Entry{a.last(client.Outgoing), b.last(client.Incoming)} {
		if said := reactions(got); said != "🎉❤️" && said != "❤️🎉" {
			t.Errorf("reactions are %q", said)
		}
	}
	w.clock.Advance(time.Second)
	_, err = b.React(bg, e.Seq, "")
	b.must(err)
	b.must(b.Say(bg, accountOf(a), &client.ReactionBody{Target: client.Ref{Author: accountOf(a), ID: e.ID}, Emoji: "👍"}, w.clock.Now().UnixMilli()-1000))
	b.flush()
	settle(a, b)
	if got := reactions(a.last(client.Outgoing)); got != "🎉" {
		t.Fatalf("a reaction that was taken back is back: %q", got)
	}
	_, err = b.React(bg, e.Seq, "nice")
	refused(t, err, fault.Invalid)
}

func reactions(e client.Entry) string {
	var b strings.Builder
	for _, r := range e.Reactions {
		b.WriteString(r.Emoji)
	}
	return b.String()
}

// holds reports whether anything in a store has these bytes.
func holds(s client.KeyStore, words string) (found bool) {
	err := s.View(bg, func(tx client.Tx) error {
		for _, b := range client.Buckets() {
			all, err := tx.List(b, client.Range{})
			if err != nil {
				return err
			}
			for _, p := range all {
				found = found || bytes.Contains(p.Value, []byte(words)) || bytes.Contains(p.Key, []byte(words))
			}
		}
		return nil
	})
	if err != nil {
		panic(err) // stores in memory
	}
	return found
}

func TestReceiptsTellWhatArrivedAndWhatWasRead(t *testing.T) {
	_, a, b := pair(t)
	e := a.send(b, "did you get this?")
	a.flush()
	settle(b, a)
	got, _, err := a.Entry(bg, e.Seq)
	a.must(err)
	if got.Delivered == 0 || got.Read != 0 {
		t.Fatalf("before it is shown: %+v", got)
	}
	unread, err := b.Unread(bg, accountOf(a))
	b.must(err)
	b.must(b.Shown(bg, unread...))
	b.must(b.Shown(bg, unread...))
	b.flush()
	settle(a, b)
	if got, _, _ = a.Entry(bg, e.Seq); got.Read < got.Delivered || got.Read == 0 {
		t.Fatalf("after it was shown: %+v", got)
	}
	a.whole()
	b.whole()
}

// Somebody to whom this person never wrote learns nothing from receipts.
func TestAStrangerGetsNoReceipt(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	e := a.send(b, "are you there?")
	a.flush()
	settle(b, a)
	unread, err := b.Unread(bg, wire.AccountID{})
	b.must(err)
	b.must(b.Shown(bg, unread...))
	before := len(w.carrier.Taken())
	b.flush()
	settle(a, b)
	got, _, err := a.Entry(bg, e.Seq)
	a.must(err)
	if got.Delivered != 0 || got.Read != 0 || len(w.carrier.Taken()) != before {
		t.Fatalf("the stranger knows %+v", got)
	}
}

func TestReceiptsCanBeSwitchedOff(t *testing.T) {
	for name, c := range map[string]client.Choices{"both": {HideDelivered: true, HideRead: true}, "read": {HideRead: true}, "delivered": {HideDelivered: true}} {
		_, a, b := pair(t)
		b.must(b.Choose(bg, c))
		mine, hers := a.send(b, "one"), b.send(a, "two")
		a.flush()
		b.flush()
		settle(a, b)
		for _, p := range []*person{a, b} {
			unread, err := p.Unread(bg, wire.AccountID{})
			p.must(err)
			p.must(p.Shown(bg, unread...))
			p.flush()
		}
		settle(a, b)
		for _, x := range []struct {
			p *person
			e client.Entry
		}{{a, mine}, {b, hers}} {
			got, _, err := x.p.Entry(bg, x.e.Seq)
			x.p.must(err)
			if (got.Read != 0) == c.HideRead {
				t.Errorf("%s, %s: read %d", name, x.p.phone, got.Read)
			}
			if c.HideDelivered && c.HideRead && got.Delivered != 0 {
				t.Errorf("%s, %s: delivered %d", name, x.p.phone, got.Delivered)
			}
		}
	}
}

func TestMessagesDisappearOnBothSides(t *testing.T) {
	w, a, b := pair(t)
	a.must(a.SetTimer(bg, bob, 3600))
	a.flush()
	settle(b, a)
	if s, err := b.Timer(bg, accountOf(a)); err != nil || s != 3600 {
		t.Fatalf("Bob's timer is %d, %v", s, err)
	}
	if e := b.last(client.TimerSet); e.Timer != 3600 || e.Peer != accountOf(a) {
		t.Fatalf("%+v", e)
	}
	a.send(b, "gone in an hour")
	b.send(a, "so is this")
	a.flush()
	b.flush()
	settle(a, b)
	w.clock.Advance(2 * time.Hour) // nobody has looked
	a.drain()
	b.drain()
	if holds(a.store, "gone in an hour") || !holds(b.store, "gone in an hour") {
		t.Fatal("the author's copy ends after it was written, the reader's after it was shown")
	}
	unread, err := b.Unread(bg, accountOf(a))
	b.must(err)
	b.must(b.Shown(bg, unread...))
	w.clock.Advance(time.Hour - time.Second)
	b.got("hello, Bob", "gone in an hour")
	w.clock.Advance(time.Second)
	b.got("hello, Bob")
	if found, err := b.Search(bg, "hour", 10); err != nil || len(found) > 0 {
		t.Fatalf("search finds %s, %v", joined(found), err)
	}
	_, err = b.Expire(bg)
	b.must(err)
	for _, p := range []*person{a, b} {
		if holds(p.store, "gone in an hour") {
			t.Errorf("%s still has the words", p.phone)
		}
	}
	w.carrier.Repeat(bob) // what comes again does not come back
	settle(b, a)
	b.got("hello, Bob")
}

func TestTwoTimersAtOnceEndAsOne(t *testing.T) {
	_, a, b := pair(t)
	a.must(a.SetTimer(bg, bob, 60))
	b.must(b.SetTimer(bg, alice, 120)) // the clock stands still
	a.flush()
	b.flush()
	settle(a, b)
	x, err := a.Timer(bg, accountOf(b))
	a.must(err)
	y, err := b.Timer(bg, accountOf(a))
	b.must(err)
	if x != y || x == 0 {
		t.Fatalf("Alice has %d s, Bob %d s", x, y)
	}
	refused(t, a.SetTimer(bg, bob, client.MaxTimer+1), fault.Invalid)
}

func TestSearch(t *testing.T) {
	_, a, b := pair(t)
	for _, text := range []string{"Müller at the café", "MULLER again", "nothing"} {
		a.send(b, text)
	}
	a.flush()
	settle(b, a)
	for query, want := range map[string]int{"muller": 2, "Café müller": 1, "CAFE": 1, "zebra": 0, "": 0, "   ": 0, "hello": 2} {
		found, err := b.Search(bg, query, 10)
		b.must(err)
		if len(found) != want {
			t.Errorf("%q finds %d: %s", query, len(found), joined(found))
		}
	}
	if found, err := b.Search(bg, "muller", 1); err != nil || len(found) != 1 || found[0].Text != "MULLER again" {
		t.Fatalf("the newest is %s, %v", joined(found), err)
	}
}

func TestClearForgetsAConversationHere(t *testing.T) {
	_, a, b := pair(t)
	b.must(b.Clear(bg, accountOf(a)))
	if holds(b.store, "hello, Bob") || holds(b.store, "hello, Alice") || !holds(a.store, "hello, Bob") {
		t.Fatal("it is to go here, and here only")
	}
	settle(b, a)
	a.send(b, "still there?")
	a.flush()
	settle(b, a)
	b.got("still there?")
}
