//go:build js

package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// linkTime is for how long a link works.
const linkTime = 10 * time.Minute

// linking is what is under way between this device and another one.
type linking struct {
	stop context.CancelFunc
	ctx  context.Context
	join *client.Joining // this device is being linked
	read *client.Linking // this device links another
}

// devices are the calls about this person's devices.
func (c *core) devices() map[string]call {
	return map[string]call{"devices": c.list, "nameDevice": c.nameDevice, "removeDevice": c.removeDevice, "leave": c.leave,
		"join": c.join, "joinCode": c.joinCode, "joinFinish": c.joinFinish, "linkRead": c.linkRead, "linkYes": c.linkYes, "linkNo": c.linkNo, "linkEnd": c.linkEnd}
}

func (c *core) list(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	all, err := cl.Devices(ctx)
	out := []any{}
	for _, d := range all {
		out = append(out, showDevice(d))
	}
	if err != nil {
		return nil, err
	}
	news, err := c.deviceNews(ctx, cl)
	return map[string]any{"primary": c.me.Device == wire.Primary, "devices": out, "news": news}, err
}

// deviceNews is what was said about this person's own devices, newest first.
func (c *core) deviceNews(ctx context.Context, cl *client.Client) ([]any, error) {
	all, err := cl.Journal(ctx, client.DevicesChanged)
	out := []any{}
	for _, e := range slices.Backward(all) {
		if e.Own {
			out = append(out, c.show(ctx, cl, e))
		}
	}
	return out, err
}

func showDevice(d client.Device) map[string]any {
	return map[string]any{"id": int(d.ID), "name": d.Name, "type": d.Type, "this": d.This, "primary": d.Primary, "added": d.Added, "active": d.Active}
}

func (c *core) nameDevice(ctx context.Context, in arguments) (any, error) {
	return c.withDevice(in, func(cl *client.Client, d wire.DeviceID) error { return cl.NameDevice(ctx, d, in.text("name")) })
}

func (c *core) removeDevice(ctx context.Context, in arguments) (any, error) {
	return c.withDevice(in, func(cl *client.Client, d wire.DeviceID) error { return cl.RemoveDevice(ctx, d) })
}

func (c *core) withDevice(in arguments, f func(*client.Client, wire.DeviceID) error) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	return nil, f(cl, wire.DeviceID(min(in.number("device"), 255)))
}

// leave unlinks this browser, from itself, and removes what is in it.
func (c *core) leave(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	if c.me.Device != wire.Primary {
		c.hangUp() // it needs the line for itself
	}
	if err := cl.Leave(ctx); err != nil {
		c.pickUp()
		return nil, err
	}
	return nil, errors.Join(c.files.drop(ctx), c.store.Drop(ctx))
}

// begun takes the place of what was under way.
func (c *core) begun(l *linking) *linking {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link != nil {
		c.link.stop()
	}
	c.link = l
	return l
}

func (c *core) linkNow() (*linking, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link == nil {
		return nil, fault.New(fault.Conflict, "link a device", "nothing is being linked: begin again")
	}
	return c.link, nil
}

func newLinking() *linking {
	l := &linking{}
	l.ctx, l.stop = context.WithTimeout(context.Background(), linkTime)
	return l
}

// linkEnd gives up what is under way.
func (c *core) linkEnd(context.Context, arguments) (any, error) {
	c.begun(nil)
	return nil, nil
}

// join begins to link this browser to an account; the answer is the link that
// the other device reads.
func (c *core) join(_ context.Context, in arguments) (any, error) {
	l := c.begun(newLinking())
	var err error
	if l.join, err = c.client.Join(l.ctx, client.NewDevice{Server: c.net.origin, Name: in.text("name"), DeviceType: deviceType}); err != nil {
		return nil, err
	}
	return l.join.Link(), nil
}

// joinCode waits until the other device has read the link.
func (c *core) joinCode(context.Context, arguments) (any, error) {
	l, err := c.linkNow()
	if err != nil {
		return nil, err
	}
	code, err := l.join.Code(l.ctx)
	return map[string]any{"code": code, "phone": l.join.Phone}, err
}

// joinFinish waits for the person's yes on the other device.
func (c *core) joinFinish(ctx context.Context, _ arguments) (any, error) {
	l, err := c.linkNow()
	if err != nil {
		return nil, err
	}
	defer l.stop()
	me, err := l.join.Finish(l.ctx)
	if err != nil {
		return nil, err
	}
	return c.begin(ctx, me)
}

// linkRead greets the device that shows a link.
func (c *core) linkRead(_ context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	l := c.begun(newLinking())
	if l.read, err = cl.ReadLink(l.ctx, in.text("link")); err != nil {
		return nil, err
	}
	return map[string]any{"name": l.read.Name, "type": l.read.Type, "code": l.read.Code}, nil
}

// histories are how much of what was said goes to a new device.
var histories = map[string]client.History{"none": client.HistoryNone, "month": client.HistoryMonth, "all": client.HistoryAll}

func (c *core) linkYes(_ context.Context, in arguments) (any, error) {
	l, err := c.linkNow()
	if err != nil {
		return nil, err
	}
	defer c.begun(nil)
	d, err := l.read.Confirm(l.ctx, histories[in.text("history")])
	if err != nil {
		return nil, errors.Join(err, l.read.Refuse(l.ctx)) // so that the new device does not wait
	}
	return showDevice(d), nil
}

func (c *core) linkNo(context.Context, arguments) (any, error) {
	l, err := c.linkNow()
	if err != nil {
		return nil, err
	}
	defer c.begun(nil)
	return nil, l.read.Refuse(l.ctx)
}
