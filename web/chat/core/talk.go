//go:build js

package main

import (
	"context"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// talking are the calls about what people write.
func (c *core) talking() map[string]call {
	return map[string]call{"chats": c.chats, "find": c.find, "seqs": c.seqs, "entries": c.entries, "send": c.send, "edit": c.edit, "unsend": c.unsend, "react": c.react,
		"remove": c.remove, "clear": c.clear, "shown": c.shown, "search": c.search, "timer": c.timer, "setTimer": c.setTimer, "safety": c.safety, "accept": c.accept,
		"block": c.block, "notices": c.notices, "object": c.object, "about": c.about, "writing": c.writing, "near": c.near}
}

func (c *core) find(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	p, err := cl.Find(ctx, in.text("phone"))
	if err == nil && p.Account == c.me.Account {
		err = fault.New(fault.Invalid, "find", "this is your own number")
	}
	if err != nil {
		return nil, err
	}
	return c.who(ctx, cl, p.Account), nil
}

// about is what somebody shows of themselves.
func (c *core) about(ctx context.Context, in arguments) (any, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, err
	}
	p, err := cl.ProfileOf(ctx, id)
	return map[string]any{"name": p.Name, "about": p.About}, err
}

// of is the client and the conversation that a call is about.
func (c *core) of(in arguments) (*client.Client, [16]byte, error) {
	cl, err := c.person()
	if err != nil {
		return nil, [16]byte{}, err
	}
	id, err := in.id("id")
	return cl, id, err
}

// phone is the number of the conversation that a call is about.
func (c *core) phone(ctx context.Context, in arguments) (*client.Client, string, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, "", err
	}
	p, err := cl.Person(ctx, id)
	if err == nil && p.Phone == "" {
		err = fault.New(fault.NotFound, "find a number", "the number of this person is not known: ask them for it and begin a chat with it")
	}
	return cl, p.Phone, err
}

// writing shows the other side that this person writes, or has stopped.
func (c *core) writing(_ context.Context, in arguments) (any, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, err
	}
	cl.Writing(id, in.yes("now"))
	return nil, nil
}

// near says whether somebody shows that they are here, and when they last did.
func (c *core) near(ctx context.Context, in arguments) (any, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, err
	}
	here, last, err := cl.Near(ctx, id)
	m := map[string]any{"here": here, "last": 0}
	if !last.IsZero() {
		m["last"] = last.UnixMilli()
	}
	return m, err
}

func (c *core) seqs(ctx context.Context, in arguments) (any, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, err
	}
	seqs, err := cl.Seqs(ctx, id)
	out := make([]any, len(seqs))
	for i, n := range seqs {
		out[i] = n
	}
	return out, err
}

// entries reads entries by their numbers; what is no longer here is left out.
func (c *core) entries(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	out := []any{}
	list := in.v.Get("seqs")
	for i := range list.Length() {
		e, found, err := cl.Entry(ctx, uint64(list.Index(i).Float()))
		if err != nil {
			return nil, err
		}
		if found {
			out = append(out, c.show(ctx, cl, e))
		}
	}
	return out, nil
}

func (c *core) send(ctx context.Context, in arguments) (any, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, err
	}
	w := client.Markup(in.text("text"))
	w.Reply = in.number("reply")
	var e client.Entry
	if in.yes("group") {
		e, err = cl.WriteGroup(ctx, client.GroupID(id), w)
	} else {
		var phone string
		if cl, phone, err = c.phone(ctx, in); err == nil {
			e, err = cl.Write(ctx, phone, w)
		}
	}
	return e.Seq, err
}

func (c *core) edit(ctx context.Context, in arguments) (any, error) {
	return c.at(in, func(cl *client.Client, seq uint64) error {
		_, err := cl.Edit(ctx, seq, client.Markup(in.text("text")))
		return err
	})
}

// at does something with one entry.
func (c *core) at(in arguments, f func(*client.Client, uint64) error) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	return nil, f(cl, in.number("seq"))
}

func (c *core) unsend(ctx context.Context, in arguments) (any, error) {
	return c.at(in, func(cl *client.Client, seq uint64) error { _, err := cl.Unsend(ctx, seq); return err })
}

func (c *core) react(ctx context.Context, in arguments) (any, error) {
	return c.at(in, func(cl *client.Client, seq uint64) error { _, err := cl.React(ctx, seq, in.text("emoji")); return err })
}

func (c *core) remove(ctx context.Context, in arguments) (any, error) {
	return c.at(in, func(cl *client.Client, seq uint64) error {
		e, found, err := cl.Entry(ctx, seq)
		if err != nil || !found {
			return err
		}
		return cl.Remove(ctx, e)
	})
}

func (c *core) clear(ctx context.Context, in arguments) (any, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, err
	}
	return nil, cl.Clear(ctx, id)
}

// shown marks what the person has seen of a conversation.
func (c *core) shown(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	id := [16]byte{}
	if in.text("id") != "" {
		if id, err = in.id("id"); err != nil {
			return nil, err
		}
	}
	unread, err := cl.Unread(ctx, id)
	if err != nil || len(unread) == 0 {
		return nil, err
	}
	if id != [16]byte{} {
		return nil, cl.Shown(ctx, unread...)
	}
	var service []client.Entry
	for _, e := range unread {
		if e.Peer.IsZero() && e.Group.IsZero() {
			service = append(service, e)
		}
	}
	return nil, cl.Shown(ctx, service...)
}

const searchMost = 100

func (c *core) search(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	found, err := cl.Search(ctx, in.text("query"), searchMost)
	out := []any{}
	for _, e := range found {
		m := c.show(ctx, cl, e)
		if !e.Group.IsZero() {
			if g, err := cl.GroupOf(ctx, e.Group); err == nil {
				m["title"] = g.Name
			}
		}
		out = append(out, m)
	}
	return out, err
}

func (c *core) timer(ctx context.Context, in arguments) (any, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, err
	}
	return cl.Timer(ctx, id)
}

func (c *core) setTimer(ctx context.Context, in arguments) (any, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, err
	}
	seconds := uint32(in.number("seconds"))
	if in.yes("group") {
		return nil, cl.SetGroupTimer(ctx, client.GroupID(id), seconds)
	}
	cl, phone, err := c.phone(ctx, in)
	if err != nil {
		return nil, err
	}
	return nil, cl.SetTimer(ctx, phone, seconds)
}

func (c *core) safety(ctx context.Context, in arguments) (any, error) {
	cl, phone, err := c.phone(ctx, in)
	if err != nil {
		return nil, err
	}
	n, err := cl.Safety(ctx, phone)
	if err != nil {
		return nil, err
	}
	return map[string]any{"digits": n.Digits, "groups": n.Groups(), "code": numbers(n.Code), "theirs": numbers(n.Theirs), "verified": n.Verified, "changed": n.Changed}, nil
}

func numbers(b []byte) []any {
	out := []any{}
	for _, x := range b {
		out = append(out, x)
	}
	return out
}

func (c *core) accept(ctx context.Context, in arguments) (any, error) {
	cl, phone, err := c.phone(ctx, in)
	if err != nil {
		return nil, err
	}
	return nil, cl.Accept(ctx, phone, in.text("digits"), in.yes("verified"))
}

func (c *core) block(ctx context.Context, in arguments) (any, error) {
	cl, phone, err := c.phone(ctx, in)
	if err != nil {
		return nil, err
	}
	return nil, cl.Block(ctx, phone, in.yes("remove"))
}

func (c *core) notices(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	all, err := cl.Journal(ctx, client.ServiceNotice, client.NoticeRejected)
	out := []any{}
	for _, e := range all {
		out = append(out, c.show(ctx, cl, e))
	}
	return out, err
}

func (c *core) object(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	return nil, cl.Object(ctx, in.text("notice"), in.text("text"))
}

// accounts are the people that a call names.
func accounts(ids []string) (out []wire.AccountID, err error) {
	for _, s := range ids {
		id, err := readID(s)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}
