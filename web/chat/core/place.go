//go:build js

package main

import (
	"context"
	"math"
	"syscall/js"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
)

const degree = 10_000_000

// placing are the calls about where somebody is.
func (c *core) placing() map[string]call {
	return map[string]call{"place": c.place, "movePlace": c.movePlace, "endPlace": c.endPlace}
}

// spot reads latitude and longitude in degrees, and how sure they are in metres.
func (a arguments) spot() (client.Spot, error) {
	at := [2]float64{math.NaN(), math.NaN()}
	for i, name := range []string{"lat", "lon"} {
		if v := a.v.Get(name); v.Type() == js.TypeNumber {
			at[i] = v.Float()
		}
	}
	if !(math.Abs(at[0]) <= 90 && math.Abs(at[1]) <= 180) {
		return client.Spot{}, fault.New(fault.Invalid, "read a place", "this is no place on the earth: give latitude and longitude in degrees, such as 38.7223 and -9.1393")
	}
	return client.Spot{Latitude: int32(math.Round(at[0] * degree)), Longitude: int32(math.Round(at[1] * degree)), Within: uint32(min(a.number("within"), math.MaxUint32))}, nil
}

// place says where this person is: once, or for a time.
func (c *core) place(ctx context.Context, in arguments) (any, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, err
	}
	at, err := in.spot()
	if err != nil {
		return nil, err
	}
	w, live := client.Markup(in.text("text")), time.Duration(min(in.number("live"), 1<<20))*time.Second
	w.Reply = in.number("reply")
	var e client.Entry
	if in.yes("group") {
		e, err = cl.SendPlaceGroup(ctx, client.GroupID(id), at, live, w)
		return e.Seq, err
	}
	cl, phone, err := c.phone(ctx, in)
	if err == nil {
		e, err = cl.SendPlace(ctx, phone, at, live, w)
	}
	return e.Seq, err
}

func (c *core) movePlace(ctx context.Context, in arguments) (any, error) {
	return c.at(in, func(cl *client.Client, seq uint64) error {
		to, err := in.spot()
		if err != nil {
			return err
		}
		return cl.MovePlace(ctx, seq, to)
	})
}

func (c *core) endPlace(ctx context.Context, in arguments) (any, error) {
	return c.at(in, func(cl *client.Client, seq uint64) error { return cl.EndPlace(ctx, seq) })
}

func showPlace(p *client.Place) map[string]any {
	return map[string]any{"lat": float64(p.Spot.Latitude) / degree, "lon": float64(p.Spot.Longitude) / degree, "within": int(p.Spot.Within),
		"at": p.At, "until": p.Until, "ended": p.Ended}
}
