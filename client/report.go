package client

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// Reporting somebody to the operator. A report has what the reporter puts into
// it and nothing else: Text is what leaves, byte for byte, sealed to a key that
// is not on the server. Nothing in it proves who wrote what, and it says so.

// MaxReported bounds the messages of a report.
const MaxReported = 20

// Report is what a person is about to hand to the operator.
type Report struct {
	Says     string     `json:"says"`
	Account  string     `json:"about_account"`
	Phone    string     `json:"about_number,omitempty"` // as this device knows it
	Written  time.Time  `json:"written"`
	Note     string     `json:"note,omitempty"`
	Messages []Reported `json:"messages,omitempty"`

	about wire.AccountID
	key   []byte
}

// Reported is one message as the reporter has it.
type Reported struct {
	By    string    `json:"by"` // "them" or "reporter"
	At    time.Time `json:"at"`
	Group string    `json:"group,omitempty"` // its name, if it was said in one
	Text  string    `json:"text,omitempty"`
	File  string    `json:"file,omitempty"` // what it is; the file itself is not sent
}

const sayReport = "This is the reporter's word. Nothing in it proves who wrote what."

// Text is what is sent, before it is sealed: show it to the person.
func (r Report) Text() []byte {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(err) // texts and times always encode
	}
	return b
}

// DraftReport puts a report about somebody together, of messages that this
// person chose and a note. Nothing leaves.
func (c *Client) DraftReport(ctx context.Context, about wire.AccountID, seqs []uint64, note string) (r Report, err error) {
	me, err := c.self(ctx)
	if err != nil {
		return r, err
	}
	switch {
	case about == me.Account || about.IsZero():
		return r, fault.New(fault.Invalid, "report", "this is nobody whom you can report")
	case len(seqs) > MaxReported:
		return r, fault.New(fault.TooLarge, "report", "choose at most %d messages", MaxReported)
	case len(seqs) == 0 && note == "":
		return r, fault.New(fault.Invalid, "report", "choose messages, or write what happened: an empty report helps nobody")
	case !utf8.ValidString(note):
		return r, fault.New(fault.Invalid, "report", "the note is no text")
	}
	info, err := c.info(ctx)
	if err != nil {
		return r, err
	}
	if info.AbuseKey == nil {
		return r, fault.New(fault.NotFound, "report", "this server takes no reports: block the person, and turn to whoever runs it in another way")
	}
	who, err := c.Person(ctx, about)
	if err != nil {
		return r, err
	}
	r = Report{Says: sayReport, Account: about.String(), Phone: who.Phone, Written: c.clock.Now().UTC().Truncate(time.Second), Note: note, about: about, key: info.AbuseKey}
	seqs = slices.Compact(slices.Sorted(slices.Values(seqs)))
	for _, seq := range seqs {
		m, err := c.reported(ctx, about, seq)
		if err != nil {
			return r, err
		}
		r.Messages = append(r.Messages, m)
	}
	if len(r.Text()) > wire.MaxReport {
		return r, fault.New(fault.TooLarge, "report", "the report is too long: choose fewer messages")
	}
	return r, nil
}

// reported is one message: of a group only what the person said who is reported.
func (c *Client) reported(ctx context.Context, about wire.AccountID, seq uint64) (m Reported, err error) {
	e, found, err := c.Entry(ctx, seq)
	if err != nil {
		return m, err
	}
	theirs := e.Kind == Incoming && e.Peer == about || e.Kind == StatusUpdate && !e.Own && e.Peer == about
	mine := e.Kind == Outgoing && e.Group.IsZero() && e.Peer == about
	if !found || e.Deleted || !theirs && !mine {
		return m, fault.New(fault.Invalid, "report", "#%d is no message of this person, or not here any more: a report has nobody else's words", seq)
	}
	m = Reported{By: "them", At: time.UnixMilli(e.Sent).UTC(), Text: e.Text}
	if mine {
		m.By = "reporter"
	}
	if !e.Group.IsZero() {
		g, err := c.GroupOf(ctx, e.Group)
		if err != nil {
			return m, err
		}
		m.Group = g.Name
	}
	if e.File != nil {
		m.File = fmt.Sprintf("%s, %d bytes; not part of this report", e.File.SafeName(), e.File.Size)
	}
	return m, nil
}

// SendReport hands a draft to the operator, and blocks the person if wished. It
// blocks first: whoever wants both is not left with a report alone.
func (c *Client) SendReport(ctx context.Context, r Report, block bool) error {
	if r.about.IsZero() {
		return fault.New(fault.Invalid, "report", "draft the report first")
	}
	if block {
		if err := c.BlockAccount(ctx, r.about, false); err != nil {
			return err
		}
	}
	sealed, err := wire.SealReport(r.key, r.Text())
	if err != nil {
		return fault.Wrap(fault.Unavailable, "report", err, "the server's key for reports cannot be used: tell whoever runs it")
	}
	return c.own(ctx, wire.PathReport, wire.Report{Sealed: sealed}, nil)
}
