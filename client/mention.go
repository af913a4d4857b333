package client

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"letterlock/wire"
)

// Mentions: @ and a name of somebody in the conversation, or their number. What
// travels is the account; the text is the name as the writer has it, so whoever
// reads is told by the account whether they are meant, never by the text.

// mentionable is somebody under a name by which they can be mentioned.
type mentionable struct {
	name string // folded
	who  wire.AccountID
}

// WithMentions finds in a text who of a conversation is mentioned in it. A name
// that two people have means nobody.
func (c *Client) WithMentions(ctx context.Context, with [16]byte, w Words) (Words, error) {
	if !strings.Contains(w.Text, "@") || !utf8.ValidString(w.Text) {
		return w, nil
	}
	names, err := c.mentionables(ctx, with)
	if err != nil {
		return w, err
	}
	w.Style = slices.Clone(w.Style)
	for at := 0; at < len(w.Text); at++ {
		if w.Text[at] != '@' || !wordEnds(w.Text[:at], utf8.DecodeLastRuneInString) {
			continue
		}
		if m, long := longest(w.Text[at+1:], names); long > 0 {
			w.Style = append(w.Style, Span{Start: uint32(at), Length: uint32(long + 1), Look: Mention, Who: m[:]})
			at += long
		}
	}
	slices.SortFunc(w.Style, compareSpans)
	return w, nil
}

// wordEnds reports whether no letter or digit stands at an edge of s.
func wordEnds(s string, edge func(string) (rune, int)) bool {
	r, n := edge(s)
	return n == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// longest finds the longest name with which s begins.
func longest(s string, names []mentionable) (who wire.AccountID, long int) {
	for _, m := range names {
		for end := range s + " " { // names are compared folded, so that lengths differ
			if end <= long || end > 4*len(m.name)+4 || !wordEnds(s[end:], utf8.DecodeRuneInString) || fold(s[:end]) != m.name {
				continue
			}
			who, long = m.who, end
		}
	}
	if who.IsZero() {
		return who, 0
	}
	return who, long
}

// mentionables are the people of a conversation by their names: as this person's
// contacts have them, as they call themselves, and by number. A name of two has
// no account.
func (c *Client) mentionables(ctx context.Context, with [16]byte) (out []mentionable, err error) {
	people := []wire.AccountID{with}
	_, err = c.update(ctx, func(s *state) error {
		g, found, err := s.group(GroupID(with))
		if found {
			people = nil
			for _, m := range g.State.Members {
				people = append(people, m.Account)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	of := map[string]wire.AccountID{}
	for _, id := range people {
		p, err := c.Person(ctx, id)
		if err != nil {
			return nil, err
		}
		k, _, err := c.ShownBy(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, name := range []string{p.Name, k.Name, p.Phone} {
			name = fold(strings.TrimSpace(name))
			if had, twice := of[name]; twice && had != id {
				of[name] = wire.AccountID{}
			} else if name != "" {
				of[name] = id
			}
		}
	}
	for name, id := range of {
		out = append(out, mentionable{name, id})
	}
	return out, nil
}

// Mentions reports whether a message mentions somebody.
func (e Entry) Mentions(who wire.AccountID) bool {
	return slices.ContainsFunc(e.Style, func(s Span) bool { return s.Look == Mention && string(s.Who) == string(who[:]) })
}
