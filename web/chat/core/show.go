//go:build js

package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"letterlock/client"
	"letterlock/wire"
)

// What the page shows of things. Times are Unix milliseconds.

// show is one entry.
func (c *core) show(ctx context.Context, cl *client.Client, e client.Entry) map[string]any {
	m := map[string]any{"seq": e.Seq, "kind": string(e.Kind), "talk": c.talkOf(e), "own": e.Author(c.me.Account) == c.me.Account,
		"at": e.At, "sent": e.Sent, "state": string(e.State), "why": e.Why, "phone": e.Phone, "device": int(e.Device), "deleted": e.Deleted, "edited": e.Edited,
		"delivered": e.Delivered, "read": e.Read, "timer": e.Timer, "ends": e.Ends}
	if !e.Peer.IsZero() {
		m["who"] = c.who(ctx, cl, e.Peer)
	}
	if !e.Deleted {
		m["text"], m["brief"], m["runs"], m["typed"] = e.Text, hidden(e.Text, e.Style), runs(e.Text, e.Style), client.Marked(e.Text, e.Style)
	}
	if e.File != nil && !e.Deleted {
		m["file"] = c.file(ctx, e.File)
	}
	if e.Place != nil && !e.Deleted {
		m["place"] = showPlace(e.Place)
	}
	m["reactions"] = c.reactions(ctx, cl, e)
	if e.Reply != nil {
		m["reply"] = c.answered(ctx, cl, *e.Reply)
	}
	if e.Event != nil {
		m["event"] = c.event(ctx, cl, e.Event)
	}
	if e.Notice != nil {
		m["notice"] = notice(e)
	}
	return m
}

// talkOf is the conversation of an entry; "" for the service's own.
func (c *core) talkOf(e client.Entry) string {
	switch {
	case !e.Group.IsZero():
		return identifier(e.Group)
	case e.Peer.IsZero():
		return ""
	}
	return identifier(e.Peer)
}

func (c *core) reactions(ctx context.Context, cl *client.Client, e client.Entry) []any {
	out := []any{}
	for _, r := range e.Reactions {
		if r.Emoji != "" {
			out = append(out, map[string]any{"emoji": r.Emoji, "own": r.By == c.me.Account, "who": c.who(ctx, cl, r.By)})
		}
	}
	return out
}

// answered is the message that another one answers, as far as it is here.
func (c *core) answered(ctx context.Context, cl *client.Client, r client.Ref) map[string]any {
	e, found, err := cl.Named(ctx, r)
	if err != nil || !found {
		return map[string]any{"here": false}
	}
	m := map[string]any{"here": true, "seq": e.Seq, "text": hidden(e.Text, e.Style), "place": e.Place != nil, "deleted": e.Deleted, "own": r.Author == c.me.Account, "who": c.who(ctx, cl, r.Author)}
	if e.File != nil && !e.Deleted {
		m["file"] = map[string]any{"kind": kinds[e.File.Kind], "name": e.File.SafeName()}
	}
	return m
}

func (c *core) event(ctx context.Context, cl *client.Client, v *client.Event) map[string]any {
	who := []any{}
	for _, a := range v.Who {
		who = append(who, c.who(ctx, cl, a))
	}
	return map[string]any{"act": int(v.Act), "who": who, "name": v.Name, "why": v.Why}
}

func notice(e client.Entry) map[string]any {
	n, fields := e.Notice, []any{}
	for _, f := range n.Fields {
		fields = append(fields, f)
	}
	return map[string]any{"id": client.MessageIDText(e.ID), "case": n.Case, "asker": n.Asker, "process": n.Process, "citation": n.Citation,
		"fields": fields, "before": n.Before, "discloses": n.Discloses * 1000, "text": n.Text}
}

// hidden is a text for where it is read at a glance: spoilers stay hidden.
func hidden(text string, style []client.Span) string {
	var out strings.Builder
	for _, r := range runs(text, style) {
		m := r.(map[string]any)
		if slices.Contains(m["look"].([]any), any("spoiler")) {
			out.WriteString("▒▒▒▒▒")
		} else {
			out.WriteString(m["text"].(string))
		}
	}
	return out.String()
}

// sign tells the page what somebody shows of this moment.
func (c *core) sign(s client.Sign) {
	talk := identifier(s.Peer)
	if !s.Group.IsZero() {
		talk = identifier(s.Group)
	}
	c.tell("sign", map[string]any{"talk": talk, "what": string(s.What), "who": map[string]any{"id": identifier(s.Peer), "me": false, "name": c.name(s.Peer)}})
}

// runs cuts a text where its look changes.
func runs(text string, style []client.Span) []any {
	cuts := []int{0, len(text)}
	for _, s := range style {
		cuts = append(cuts, min(int(s.Start), len(text)), min(int(s.Start+s.Length), len(text)))
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	out := []any{}
	for i := 1; i < len(cuts); i++ {
		look := []any{}
		for _, s := range style {
			if int(s.Start) <= cuts[i-1] && cuts[i] <= int(s.Start+s.Length) {
				look = append(look, looks[s.Look])
			}
		}
		out = append(out, map[string]any{"text": text[cuts[i-1]:cuts[i]], "look": look})
	}
	return out
}

var looks = map[client.Look]string{client.Bold: "bold", client.Italic: "italic", client.Strike: "strike", client.Mono: "mono", client.Spoiler: "spoiler", client.Mention: "mention"}

// who is a correspondent: what others call themselves, and what is known.
func (c *core) who(ctx context.Context, cl *client.Client, id wire.AccountID) map[string]any {
	if id == c.me.Account {
		return map[string]any{"id": identifier(id), "me": true}
	}
	m := map[string]any{"id": identifier(id), "me": false}
	if p, err := cl.Person(ctx, id); err == nil {
		m["phone"], m["confirmed"] = p.Phone, p.Confirmed
	}
	m["name"] = c.name(id)
	return m
}

// chats are the conversations, the newest first. A group that nothing was said
// in yet is one, too.
func (c *core) chats(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	heads, err := cl.Talks(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := cl.Groups(ctx)
	if err != nil {
		return nil, err
	}
	heads = slices.DeleteFunc(heads, func(h client.TalkHead) bool { return h.With == c.me.Account }) // of this person's own devices
	slices.SortStableFunc(heads, func(x, y client.TalkHead) int { return cmp.Compare(y.Last.At, x.Last.At) })
	out := []any{}
	for _, h := range heads {
		m := map[string]any{"id": identifier(h.With), "unread": h.Unread, "last": c.show(ctx, cl, h.Last)}
		at := slices.IndexFunc(groups, func(g client.Group) bool { return g.ID == client.GroupID(h.With) })
		if at >= 0 {
			m["group"], m["title"], m["left"], m["waiting"] = true, groups[at].Name, groups[at].Left, waiting(groups[at])
			groups = slices.Delete(groups, at, at+1)
		} else {
			m["who"] = c.who(ctx, cl, h.With)
		}
		out = append(out, m)
	}
	for _, g := range groups {
		out = append(out, map[string]any{"id": identifier(g.ID), "unread": 0, "group": true, "title": g.Name, "left": g.Left, "waiting": waiting(g)})
	}
	return out, nil
}

// waiting are those whom this person can let in, or turn away.
func waiting(g client.Group) []any {
	out := []any{}
	if g.Left || g.Own < client.RoleAdmin {
		return out
	}
	for _, w := range g.Waiting {
		out = append(out, identifier(w))
	}
	return out
}

// entry tells the page of a new or changed entry. It is called while the client
// tells, and must not call it: that is for the goroutine.
func (c *core) entry(e client.Entry) {
	go func() {
		cl, err := c.person()
		if err != nil {
			return
		}
		now, found, err := cl.Entry(context.Background(), e.Seq)
		switch {
		case err != nil:
			return
		case !found:
			c.tell("gone", map[string]any{"seq": e.Seq, "talk": c.talkOf(e)})
			return
		case now.Ends != 0:
			c.later(time.UnixMilli(now.Ends))
		}
		c.tell("entry", c.show(context.Background(), cl, now))
	}()
}

// later makes sure that expire runs when something disappears.
func (c *core) later(at time.Time) {
	time.AfterFunc(max(time.Until(at), 0)+60*time.Millisecond, c.expire)
}
