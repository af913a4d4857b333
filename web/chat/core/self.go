//go:build js

package main

import (
	"context"

	"letterlock/wire"
)

// choosing are the calls about this person's own account.
func (c *core) choosing() map[string]call {
	return map[string]call{"choices": c.choices, "choose": c.choose, "profile": c.profile, "setProfile": c.setProfile, "export": c.export, "close": c.closeAccount, "passphrase": c.passphrase}
}

func (c *core) choices(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	x, err := cl.Choices(ctx)
	return map[string]any{"delivered": !x.HideDelivered, "read": !x.HideRead, "writing": !x.HideWriting, "online": x.ShowOnline}, err
}

func (c *core) choose(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	x, err := cl.Choices(ctx)
	if err != nil {
		return nil, err
	}
	x.HideDelivered, x.HideRead, x.HideWriting, x.ShowOnline = !in.yes("delivered"), !in.yes("read"), !in.yes("writing"), in.yes("online")
	return nil, cl.Choose(ctx, x)
}

func (c *core) profile(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	p, err := cl.ProfileOf(ctx, c.me.Account)
	return map[string]any{"name": p.Name, "about": p.About}, err
}

func (c *core) setProfile(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	name, about := in.text("name"), in.text("about")
	return nil, cl.Profile(ctx, wire.ProfileUpdate{Name: &name, About: &about})
}

func facts(all []wire.Fact) []any {
	out := []any{}
	for _, f := range all {
		out = append(out, map[string]any{"title": f.Title, "value": f.Value})
	}
	return out
}

func (c *core) export(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	x, err := cl.Export(ctx)
	return map[string]any{"time": x.Time, "facts": facts(x.Facts)}, err
}

// reach is what each kind of legal process would yield today.
func (c *core) reach(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	x, err := cl.Reach(ctx)
	out := []any{}
	for _, p := range x.Processes {
		out = append(out, map[string]any{"place": p.Place, "name": p.Name, "locked": p.Locked, "facts": facts(p.Facts)})
	}
	return map[string]any{"time": x.Time, "processes": out}, err
}

// passphrase puts another passphrase in the place of the former.
func (c *core) passphrase(ctx context.Context, in arguments) (any, error) {
	if _, err := c.person(); err != nil {
		return nil, err
	}
	return nil, c.store.Rekey(ctx, in.text("old"), in.text("new"))
}
