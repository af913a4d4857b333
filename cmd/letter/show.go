//go:build !js

package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"letterlock/client"
	"letterlock/wire"
)

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
	Style     []style          `json:"style,omitempty"`
	Reply     string           `json:"reply,omitempty"`
	Edited    *time.Time       `json:"edited,omitempty"`
	Deleted   bool             `json:"deleted,omitempty"`
	Reactions []reaction       `json:"reactions,omitempty"`
	Delivered *time.Time       `json:"delivered,omitempty"`
	Read      *time.Time       `json:"read,omitempty"`
	Mentioned bool             `json:"mentions_you,omitempty"`
	Marks     []markJSON       `json:"marks,omitempty"`
	Timer     *uint32          `json:"timer,omitempty"`
	Group     string           `json:"group,omitempty"`
	Event     *eventJSON       `json:"event,omitempty"`
	Ends      *time.Time       `json:"ends,omitempty"`
	File      *fileJSON        `json:"file,omitempty"`
	Place     *placeJSON       `json:"place,omitempty"`
}

type style struct {
	Start   uint32 `json:"start"`
	Length  uint32 `json:"length"`
	Look    string `json:"look"`
	Account string `json:"account,omitempty"`
}

type reaction struct {
	Account string    `json:"account"`
	Emoji   string    `json:"emoji"`
	At      time.Time `json:"at"`
}

// moment is a time that may be absent (0).
func moment(milli int64) *time.Time {
	if milli == 0 {
		return nil
	}
	t := time.UnixMilli(milli).UTC()
	return &t
}

var looks = map[client.Look]string{client.Bold: "bold", client.Italic: "italic", client.Strike: "strike", client.Mono: "mono",
	client.Spoiler: "spoiler", client.Mention: "mention"}

type eventJSON struct {
	Act      string   `json:"act,omitempty"`
	Accounts []string `json:"accounts,omitempty"`
	Name     string   `json:"name,omitempty"`
	Why      string   `json:"why,omitempty"`
}

// group fills in what is of a group.
func (r *record) group(e client.Entry) {
	if !e.Group.IsZero() {
		r.Group = hex.EncodeToString(e.Group[:])
	}
	if e.Event == nil {
		return
	}
	r.Event = &eventJSON{Act: e.Event.Act.String(), Name: e.Event.Name, Why: e.Event.Why}
	for _, a := range e.Event.Who {
		r.Event.Accounts = append(r.Event.Accounts, a.String())
	}
}

// words fills in what people write and do to it.
func (r *record) words(e client.Entry) {
	for _, s := range e.Style {
		r.Style = append(r.Style, style{s.Start, s.Length, looks[s.Look], mentioned(s.Who)})
	}
	if e.Reply != nil {
		r.Reply = client.MessageIDText(e.Reply.ID)
	}
	for _, x := range e.Reactions {
		if x.Emoji != "" {
			r.Reactions = append(r.Reactions, reaction{x.By.String(), x.Emoji, time.UnixMilli(x.At).UTC()})
		}
	}
	if e.Timer != 0 || e.Kind == client.TimerSet {
		r.Timer = &e.Timer
	}
	r.Edited, r.Deleted, r.Ends = moment(e.Edited), e.Deleted, moment(e.Ends)
	r.Delivered, r.Read, r.Marks = moment(e.Delivered), moment(e.Read), markRecords(e.Marks)
}

// mentioned is the account of a mention; "" for any other look.
func mentioned(b []byte) string {
	if len(b) != 16 {
		return ""
	}
	return wire.AccountID(b).String()
}

func (d *device) record(ctx context.Context, e client.Entry) (record, error) {
	r := record{Kind: e.Kind, Seq: e.Seq, At: time.UnixMilli(e.At).UTC(), Text: e.Text, Why: e.Why, State: e.State, Notice: e.Notice}
	if e.ID != (client.MessageID{}) {
		r.ID = client.MessageIDText(e.ID)
	}
	r.Sent, r.File, r.Place = moment(e.Sent), fileRecord(e.File), placeRecord(e.Place)
	r.words(e)
	r.Mentioned = e.Kind == client.Incoming && e.Mentions(d.me.Account)
	r.group(e)
	if e.Peer.IsZero() {
		return r, nil
	}
	r.Account = e.Peer.String()
	who, err := d.Person(ctx, e.Peer)
	r.From, r.Confirmed = who.Phone, who.Confirmed
	return r, err
}

// who names a correspondent for people.
func (d *device) who(ctx context.Context, e client.Entry) string { return d.name(ctx, e.Peer) }

func (d *device) name(ctx context.Context, id wire.AccountID) string {
	if id == d.me.Account {
		return "you"
	}
	p, err := d.Person(ctx, id)
	switch {
	case err != nil || p.Phone == "":
		return "account " + id.String()[:8]
	case !p.Confirmed:
		return "somebody who says to be " + plain(p.Phone)
	case p.Name != "":
		return plain(p.Name) + " (" + plain(p.Phone) + ")"
	}
	return plain(p.Phone)
}

// say is one entry as the person reads it.
func (d *device) say(ctx context.Context, e client.Entry) string {
	at := stamp(e.At)
	switch e.Kind {
	case client.Incoming:
		return fmt.Sprintf("%s  #%d %s%s: %s%s", at, e.Seq, d.in(ctx, e), d.who(ctx, e), d.text(ctx, e), d.around(ctx, e))
	case client.Outgoing:
		return fmt.Sprintf("%s  #%d %syou: %s%s%s", at, e.Seq, d.in(ctx, e), d.text(ctx, e), outcome(e), d.around(ctx, e))
	case client.StatusUpdate:
		of := "status of " + d.who(ctx, e)
		if e.Own {
			of = "your status"
		}
		return fmt.Sprintf("%s  #%d %s: %s%s", at, e.Seq, of, d.text(ctx, e), d.around(ctx, e))
	case client.GroupChanged:
		return at + "  " + d.event(ctx, e)
	case client.TimerSet:
		by := d.who(ctx, e)
		if e.Own {
			by = "you"
		}
		return fmt.Sprintf("%s  (%s: new messages %s.)", at, by, timer(e.Timer))
	case client.Unknown:
		return fmt.Sprintf("%s  %s sent something that this program cannot show yet: update to see this", at, d.who(ctx, e))
	case client.Unopened:
		if e.Peer.IsZero() {
			return fmt.Sprintf("%s  A message could not be opened: %s.", at, plain(e.Why))
		}
		return fmt.Sprintf("%s  A message from %s could not be opened: %s. If it does not come again, ask them to repeat it.", at, d.who(ctx, e), plain(e.Why))
	case client.KeyChanged:
		return fmt.Sprintf("%s  WARNING: the safety number with %s changed (%s).\n    Nothing is sent until you accept it: compare 'letter safety --with %s' with what they see.", at, plain(e.Phone), plain(e.Why), plain(e.Phone))
	case client.DevicesChanged:
		if e.Own {
			return fmt.Sprintf("%s  One of your devices changed: you %s (number %d). If that was not you, unlink it with 'letter device remove %d'.", at, plain(strings.Replace(e.Why, "uses", "use", 1)), e.Device, e.Device)
		}
		return fmt.Sprintf("%s  %s %s. Their safety number is the same.", at, d.who(ctx, e), plain(e.Why))
	case client.ServerDoubt:
		return fmt.Sprintf("%s  WARNING about %s: %s.", at, d.who(ctx, e), plain(e.Why))
	case client.NumberChanged:
		return fmt.Sprintf("%s  %s %s.", at, d.who(ctx, e), plain(e.Why))
	case client.ServiceNotice:
		return notice(e)
	case client.NoticeRejected:
		return fmt.Sprintf("%s  WARNING: %s.", at, plain(e.Why))
	}
	return at + "  " + string(e.Kind)
}

// in says of which group an entry is.
func (d *device) in(ctx context.Context, e client.Entry) string {
	if e.Group.IsZero() {
		return ""
	}
	g, err := d.GroupOf(ctx, e.Group)
	if err != nil {
		return "[a group] "
	}
	return "[" + plain(g.Name) + "] "
}

// event is what happened to a group.
func (d *device) event(ctx context.Context, e client.Entry) string {
	by := d.name(ctx, e.Peer)
	if e.Peer.IsZero() {
		by = "you"
	}
	var who []string
	for _, a := range e.Event.Who {
		who = append(who, d.name(ctx, a))
	}
	if e.Event.Why != "" {
		return fmt.Sprintf("%sWARNING about %s: %s.", d.in(ctx, e), by, plain(e.Event.Why))
	}
	say := fmt.Sprintf("%s(%s: %s", d.in(ctx, e), by, e.Event.Act)
	if e.Event.Name != "" {
		say += " " + plain(e.Event.Name)
	}
	if len(who) > 0 {
		say += " " + strings.Join(who, ", ")
	}
	if e.Event.Act == client.ActTimer {
		say += " " + timer(e.Timer)
	}
	return say + ".)"
}

// text is what a message says, with what it answers.
func (d *device) text(ctx context.Context, e client.Entry) string {
	if e.Deleted {
		return "(deleted)"
	}
	said := d.file(e) + d.place(e) + lines(client.Marked(e.Text, e.Style), "    ")
	if e.Reply == nil {
		return said
	}
	to, found, err := d.Named(ctx, *e.Reply)
	if err != nil || !found {
		return "(answers a message that is not here) " + said
	}
	return fmt.Sprintf("(answers #%d) %s", to.Seq, said)
}

// around is what happened to a message since.
func (d *device) around(ctx context.Context, e client.Entry) string {
	var notes []string
	if e.Kind == client.Incoming && e.Mentions(d.me.Account) {
		notes = append(notes, "mentions you")
	}
	if e.Edited != 0 {
		notes = append(notes, "edited")
	}
	for _, r := range e.Reactions {
		if r.Emoji != "" {
			notes = append(notes, plain(r.Emoji)+" "+d.name(ctx, r.By))
		}
	}
	if e.Ends != 0 {
		notes = append(notes, "disappears "+stamp(e.Ends))
	}
	if len(notes) == 0 {
		return ""
	}
	return "  [" + strings.Join(notes, ", ") + "]"
}

func outcome(e client.Entry) string {
	switch {
	case e.Deleted && e.State != client.Failed:
		return ""
	case e.Read != 0:
		return " (read)"
	case e.Delivered != 0:
		return " (delivered)"
	case len(e.Marks) > 0:
		return marked(e)
	}
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
