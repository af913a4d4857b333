package client_test

import (
	"testing"

	"letterlock/client"
	"letterlock/internal/fault"
)

func TestANameAfterAnAtMeansItsAccount(t *testing.T) {
	_, id, a, b, c, _ := choir(t)
	a.must(a.AddContacts(bg, client.Contact{Phone: bob, Name: "Bob"}, client.Contact{Phone: carol, Name: "Bob the Báker"}, client.Contact{Phone: dave, Name: "Dave"}))
	for text, want := range map[string][]*person{
		"@Bob, at nine?": {b}, "@bob the baker and @bob": {c, b}, "mail to me@bob": nil, "@Bobby": nil, "(@" + carol + ")": {c}, "@Dave is not here": nil, "@": nil, "é@bob": nil,
		"*so* @bob": {b},
	} {
		w, err := a.WithMentions(bg, id, client.Markup(text))
		a.must(err)
		var got []string
		for _, s := range w.Style {
			if s.Look == client.Mention {
				got = append(got, string(s.Who))
			}
		}
		ok := len(got) == len(want)
		for i := range min(len(got), len(want)) {
			who := accountOf(want[i])
			ok = ok && got[i] == string(who[:])
		}
		if !ok {
			t.Errorf("%q: %d mentions, want %d", text, len(got), len(want))
		}
		if _, err := a.WriteGroup(bg, id, w); text != "" && err != nil {
			t.Errorf("%q cannot be sent: %v", text, err)
		}
	}
	settle(a, b, c)
	if e := b.find("@Bob, at nine?"); !e.Mentions(accountOf(b)) || e.Mentions(accountOf(c)) {
		t.Errorf("who is meant is lost on the way: %+v", e)
	}
	a.must(a.AddContacts(bg, client.Contact{Phone: carol, Name: "Bob"}))
	if w, err := a.WithMentions(bg, id, client.Words{Text: "@Bob?"}); err != nil || len(w.Style) != 0 {
		t.Errorf("a name of two people means %+v, %v", w.Style, err)
	}
}

// Whoever writes mentions by hand can name whom they like, but not beyond the
// text, not within a character, and nobody is fooled by the text into being
// meant.
func TestHostileMentions(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	me := accountOf(b)
	other := [16]byte{9}
	for name, spans := range map[string][]client.Span{
		"beyond the end": {{Start: 3, Length: 90, Look: client.Mention, Who: me[:]}}, "a length that wraps": {{Start: 1, Length: 1<<32 - 1, Look: client.Mention, Who: me[:]}},
		"within a character": {{Start: 0, Length: 1, Look: client.Mention, Who: me[:]}}, "nobody": {{Start: 0, Length: 2, Look: client.Mention}},
		"nothing": {{Start: 0, Look: client.Mention, Who: me[:]}}, "twice the same": {{Start: 0, Length: 2, Look: client.Mention, Who: me[:]}, {Start: 0, Length: 2, Look: client.Mention, Who: me[:]}},
	} {
		if _, err := a.Write(bg, bob, client.Words{Text: "é Bob", Style: spans}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		raw := &client.TextBody{Text: "é Bob", Phone: alice, Style: spans}
		if err := a.Say(bg, me, raw, 1); err == nil {
			t.Errorf("%s: it can be encoded", name)
		}
	}
	_, err := a.Write(bg, bob, client.Words{Text: "@Bob look", Style: []client.Span{{Start: 0, Length: 4, Look: client.Mention, Who: other[:]}}})
	a.must(err)
	settle(a, b)
	if e := b.last(client.Incoming); e.Mentions(me) || client.Marked(e.Text, e.Style) != "@Bob look" {
		t.Errorf("a mention of somebody else counts as Bob's: %+v", e)
	}
}
