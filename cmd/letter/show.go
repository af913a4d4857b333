//go:build !js

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"letterlock/client"
	"letterlock/wire"
)

// plain makes other people's text harmless for a terminal: no control
// characters, which could move the cursor or retitle the window, and none of
// the marks that turn the direction of what follows.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
			return -1
		case r == unicode.ReplacementChar, unicode.IsPrint(r), unicode.IsMark(r), r == 0x200d, r == 0x200c, r == 0xfe0f:
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// lines is plain with the lines kept, each indented but the first.
func lines(s, indent string) string {
	parts := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, p := range parts {
		parts[i] = plain(p)
	}
	return strings.Join(parts, "\n"+indent)
}

func (t *terminal) json(v any) error {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// record is an entry as --json prints it. docs/protocol/client.md lists it.
type record struct {
	Kind      client.EntryKind `json:"kind"`
	ID        string           `json:"id,omitempty"`
	Seq       uint64           `json:"seq"`
	From      string           `json:"from,omitempty"` // the number, as far as known
	Confirmed bool             `json:"from_confirmed"` // the server says that the number is that account's
	Account   string           `json:"account,omitempty"`
	At        time.Time        `json:"at"`
	Sent      *time.Time       `json:"sent,omitempty"`
	Text      string           `json:"text,omitempty"`
	Why       string           `json:"why,omitempty"`
	State     client.State     `json:"state,omitempty"`
	Notice    *wire.Notice     `json:"notice,omitempty"`
}

func (d *device) record(ctx context.Context, e client.Entry) (record, error) {
	r := record{Kind: e.Kind, Seq: e.Seq, At: time.UnixMilli(e.At).UTC(), Text: e.Text, Why: e.Why, State: e.State, Notice: e.Notice}
	if e.ID != (client.MessageID{}) {
		r.ID = client.MessageIDText(e.ID)
	}
	if e.Sent != 0 {
		sent := time.UnixMilli(e.Sent).UTC()
		r.Sent = &sent
	}
	if e.Peer.IsZero() {
		return r, nil
	}
	r.Account = e.Peer.String()
	who, err := d.Person(ctx, e.Peer)
	r.From, r.Confirmed = who.Phone, who.Confirmed
	return r, err
}

// who names a correspondent for people.
func (d *device) who(ctx context.Context, e client.Entry) string {
	p, err := d.Person(ctx, e.Peer)
	switch {
	case err != nil || p.Phone == "":
		return "account " + e.Peer.String()[:8]
	case !p.Confirmed:
		return "somebody who says to be " + plain(p.Phone)
	}
	return plain(p.Phone)
}

// say is one entry as the person reads it.
func (d *device) say(ctx context.Context, e client.Entry) string {
	at := stamp(e.At)
	switch e.Kind {
	case client.Incoming:
		return fmt.Sprintf("%s  %s: %s", at, d.who(ctx, e), lines(e.Text, "    "))
	case client.Outgoing:
		return fmt.Sprintf("%s  you: %s%s", at, lines(e.Text, "    "), outcome(e))
	case client.Unknown:
		return fmt.Sprintf("%s  %s sent something that this program cannot show yet: update to see this", at, d.who(ctx, e))
	case client.Unopened:
		if e.Peer.IsZero() {
			return fmt.Sprintf("%s  A message could not be opened: %s.", at, plain(e.Why))
		}
		return fmt.Sprintf("%s  A message from %s could not be opened: %s. If it does not come again, ask them to repeat it.", at, d.who(ctx, e), plain(e.Why))
	case client.KeyChanged:
		return fmt.Sprintf("%s  WARNING: the safety number with %s changed (%s).\n    Nothing is sent until you accept it: compare 'letter safety --with %s' with what they see.", at, plain(e.Phone), plain(e.Why), plain(e.Phone))
	case client.ServiceNotice:
		return notice(e)
	case client.NoticeRejected:
		return fmt.Sprintf("%s  WARNING: %s.", at, plain(e.Why))
	}
	return at + "  " + string(e.Kind)
}

func outcome(e client.Entry) string {
	switch e.State {
	case client.Sent:
		return ""
	case client.Waiting:
		return " (not sent yet)"
	}
	return fmt.Sprintf(" (%s: %s)", e.State, plain(e.Why))
}

// notice is a service notice in plain words, set apart from what people write.
func notice(e client.Entry) string {
	n := e.Notice
	var b strings.Builder
	fmt.Fprintf(&b, "%s  NOTICE FROM THE SERVICE (signed) number %s\n", stamp(e.At), client.MessageIDText(e.ID))
	asker := plain(n.Asker)
	if asker == "" {
		asker = "may not be told by law"
	}
	fmt.Fprintf(&b, "    case:     %s\n    asked by: %s\n    process:  %s (%s)\n", plain(n.Case), asker, plain(n.Process), plain(n.Citation))
	for i, f := range n.Fields {
		fmt.Fprintf(&b, "    %-9s %s\n", [2]string{"data:", ""}[min(i, 1)], plain(f))
	}
	if n.Discloses != 0 {
		fmt.Fprintf(&b, "    on:       %s\n", stamp(n.Discloses*1000))
	}
	fmt.Fprintf(&b, "    %s", lines(n.Text, "    "))
	if n.Before {
		fmt.Fprintf(&b, "\n    Nothing has been disclosed yet. To object: letter object --notice %s TEXT", client.MessageIDText(e.ID))
	}
	return b.String()
}
