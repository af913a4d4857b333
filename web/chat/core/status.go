//go:build js

package main

import (
	"context"

	"letterlock/client"
)

// statusing are the calls about what people show for a day.
func (c *core) statusing() map[string]call {
	return map[string]call{"statuses": c.statuses, "statusNews": c.statusNews, "postStatus": c.postStatus, "takeBackStatus": c.takeBackStatus}
}

// statuses are those of today, and who was shown the last one of this person.
func (c *core) statuses(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	all, err := cl.Statuses(ctx)
	if err != nil {
		return nil, err
	}
	out, phones := []any{}, []any{}
	for _, e := range all {
		m, to := c.show(ctx, cl, e), []any{}
		for _, id := range e.To {
			to = append(to, c.who(ctx, cl, id))
		}
		m["to"] = to
		out = append(out, m)
	}
	audience, err := cl.Audience(ctx)
	for _, id := range audience {
		if p, err := cl.Person(ctx, id); err == nil && p.Phone != "" {
			phones = append(phones, p.Phone)
		}
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"all": out, "audience": phones}, cl.Shown(ctx, all...)
}

// statusNews is how many were not looked at yet.
func (c *core) statusNews(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	unread, err := cl.Unread(ctx, [16]byte{})
	n := 0
	for _, e := range unread {
		if e.Kind == client.StatusUpdate {
			n++
		}
	}
	return n, err
}

func (c *core) postStatus(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	e, err := cl.PostStatus(ctx, in.texts("phones"), client.Markup(in.text("text")))
	if err == nil && e.Ends != 0 {
		c.expire()
	}
	return len(e.To), err
}

func (c *core) takeBackStatus(ctx context.Context, in arguments) (any, error) {
	return c.at(in, func(cl *client.Client, seq uint64) error { return cl.TakeBackStatus(ctx, seq) })
}
