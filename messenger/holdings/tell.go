package holdings

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/wire"
)

// Tell is the door's, within this set. The notice's number follows from the grant, so
// that a second attempt after a crash is the same notice to the person: it is
// queued first and the grant marked used after, for a notice must not be lost.
func (h *Set) Tell(ctx context.Context, t door.Telling) (door.Told, error) {
	hash := t.Grant
	sheet, g, err := h.load(ctx, hash)
	if err != nil {
		return door.Told{}, h.refuse(subject{op: "tell", sealed: h.vault, act: act{Op: "tell", Grant: hash}}, err)
	}
	about := h.of("tell", hash, g)
	keys, err := h.mayUse(ctx, sheet, g, d.Notify)
	if err == nil && len(g.List) > 0 {
		err = forbid("the grant lists many people: they are told some at a time")
	}
	if err == nil && h.now().Unix() < g.Notice.Day {
		err = forbid("the person is told on %s, not before", d.Day(g.Notice.Day))
	}
	var with telling
	if err == nil {
		with, err = h.with(ctx, g, t.Receipt)
	}
	if err != nil {
		return door.Told{}, h.refuse(about, err)
	}
	about.By = holders(keys)
	if _, err := h.append(ctx, kindTelling, about); err != nil {
		return door.Told{}, err
	}
	told, err := h.send(ctx, hash, g, with)
	if err != nil {
		h.void(about, err)
		return door.Told{}, err
	}
	if _, err := h.append(ctx, kindNotice, about); err != nil {
		return door.Told{}, err
	}
	if err := h.Store.Use(ctx, hash, told.At); err != nil {
		h.void(about, err)
		return door.Told{}, err
	}
	told.Mailed = h.mail(ctx, g)
	about.Count = told.Queued
	h.journal(kindTold, about)
	return told, nil
}

// send composes, signs and queues the notice.
func (h *Set) send(ctx context.Context, hash d.Hash, g d.Grant, with telling) (door.Told, error) {
	now := h.now()
	row, ok := h.rowNamed(g)
	if !ok {
		return door.Told{}, forbid("no law row %q is known here", g.Process)
	}
	n := h.notice(hash, g, row, now, with)
	body, err := wire.SignNotice(n, h.NoticeKey)
	if err != nil {
		return door.Told{}, fmt.Errorf("sign notice: %w", err)
	}
	if err := h.Store.PutSent(ctx, Sent{Notice: n.ID, Account: g.Account, Case: g.Case, Before: n.Before, Sealed: g.Sealed, At: now}); err != nil {
		return door.Told{}, fmt.Errorf("keep notice: %w", err)
	}
	devices, err := h.Notices.PutNotice(ctx, n.Account, body)
	if err != nil {
		return door.Told{}, fmt.Errorf("queue notice: %w", err)
	}
	return door.Told{Notice: n.ID, At: now, Queued: devices}, nil
}

// notice is composed from the grant's content and from nothing else.
func (h *Set) notice(hash d.Hash, g d.Grant, row law.Row, now time.Time, with telling) wire.Notice {
	n := wire.Notice{ID: noticeID(hash), Account: wire.AccountID(g.Account), Issued: now.Unix(), Case: g.Case, Process: row.Name,
		Fields: g.Titles(), Before: g.Notice.Timing == d.ToldBefore, Receipt: with.receipt}
	if len(row.Citations) > 0 {
		n.Citation = string(row.Citations[0])
	}
	if g.Notice.Asker {
		n.Asker = g.Agency
	}
	if n.Before {
		n.Discloses = unix(g.Notice.Day).Add(lead(row)).Unix()
	}
	if g.Traced != nil {
		n.Fields, n.From, n.Until = d.Recorded, g.From, g.Until
		if with.ran != nil {
			n.From, n.Until = with.ran.Start.Unix(), with.ran.Stopped.Unix()
		}
	}
	n.Text = h.words(n, g)
	return n
}

// lead is the notice that a person gets before disclosure. duty D6
func lead(row law.Row) time.Duration {
	days := row.NoticeRule.LeadDays
	if days == 0 {
		days = 7
	}
	return time.Duration(days) * 24 * time.Hour
}

func noticeID(hash d.Hash) (id [16]byte) {
	s := sha256.Sum256(append([]byte("letterlock notice of grant v1\x00"), hash[:]...))
	copy(id[:], s[:])
	return id
}

// words says the same in plain words.
func (h *Set) words(n wire.Notice, g d.Grant) string {
	var b strings.Builder
	who := n.Asker
	if who == "" {
		who = "An authority that the law does not let us name"
	}
	fmt.Fprintf(&b, "%s asked %s for data about your account, under: %s", who, h.Operator, n.Process)
	if n.Citation != "" {
		fmt.Fprintf(&b, " (%s)", n.Citation)
	}
	fmt.Fprintf(&b, ". Our number for it is %s.\n\n", g.Case)
	if g.Traced != nil {
		b.WriteString(wordsOfTrace(n))
	} else {
		fmt.Fprintf(&b, "It concerns these facts and no others: %s.\n\n", strings.Join(n.Fields, ", "))
	}
	if n.Before {
		fmt.Fprintf(&b, "Nothing has been handed out. Unless it is stopped, we hand these facts out, not before %s. If you think it should not happen, "+
			"object to this notice before then and say why; our counsel then looks at it before anything leaves. You may also ask a lawyer or a court.", d.Day(n.Discloses))
	} else {
		fmt.Fprintf(&b, "We could not tell you earlier: %s. You may ask a lawyer what can still be done.", g.Notice.Basis)
	}
	b.WriteString("\n\nWhat you write cannot be handed out by us: it is sealed on your device and we hold no key that opens it.")
	return b.String()
}

// mail sends a word to the person's e-mail address, if there is one. The
// address was never checked, so the mail says that there is a notice and
// nothing of what it says.
func (h *Set) mail(ctx context.Context, g d.Grant) bool {
	if h.Mail == nil {
		return false
	}
	rs, err := h.Records.Records(ctx, wire.AccountID(g.Account), []d.FieldID{"email"})
	i := slices.IndexFunc(rs, func(r d.Record) bool { return r.Field == "email" && r.Account == g.Account && r.Value != "" })
	if err != nil || i < 0 {
		return false
	}
	text := fmt.Sprintf("There is a notice for you from %s.\n\nOpen the app to read it. It stays there until you have it. This mail does not say what it is about, "+
		"because we never checked that this address is yours.\n", h.Operator)
	if err := h.Mail.Mail(ctx, rs[i].Value, "A notice from "+h.Operator, text); err != nil {
		if !h.vault { // of a sealed matter no line; its ledger says that no mail left
			h.Log.Error("mail notice", "err", err)
		}
		return false
	}
	return true
}

const maxObjections = 5 // to one notice

// Object takes a person's answer to a notice before disclosure.
func (h *Set) Object(ctx context.Context, id wire.AccountID, o wire.Objection) error {
	sent, err := h.Store.SentNotice(ctx, o.Notice)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && sent.Account != d.Account(id):
		return fault.New(fault.NotFound, "object", "there is no such notice for this account")
	case err != nil:
		return err
	case !sent.Before:
		return fault.New(fault.Conflict, "object", "this notice came after disclosure: there is nothing left to hold back")
	case strings.TrimSpace(o.Text) == "" || len(o.Text) > wire.MaxObjection:
		return fault.New(fault.Invalid, "object", "say why you object, in at most %d bytes", wire.MaxObjection)
	}
	n, err := h.Store.AddObjection(ctx, Objection{Notice: o.Notice, Case: sent.Case, Text: o.Text, At: h.now()}, maxObjections)
	if err != nil {
		return err
	}
	h.journal(kindObject, subject{op: "object", sealed: sent.Sealed, caseRef: clip(sent.Case), act: act{Op: "object", Count: int(n)}})
	return nil
}

// Objections implements door.Door.
func (h *Set) Objections(ctx context.Context, after int64) ([]door.Objection, error) {
	all, err := h.Store.Objections(ctx, after, 100)
	if err != nil {
		return nil, err
	}
	var out []door.Objection
	for _, o := range all {
		out = append(out, door.Objection(o))
	}
	return out, nil
}
