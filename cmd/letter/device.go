//go:build !js

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/storage/clientdb"
	"letterlock/wire"
)

// deviceCmd is the commands about a person's devices. The one that the number
// was registered with links the others and unlinks them.
type deviceCmd struct {
	List   deviceList   `cmd:"" default:"withargs" help:"Show your devices."`
	Join   deviceJoin   `cmd:"" help:"On the new device: show a link for your other device to read."`
	Link   deviceLink   `cmd:"" help:"On the device that you registered with: link the device that shows LINK."`
	Name   deviceName   `cmd:"" help:"Give a device a name that only your devices know."`
	Remove deviceRemove `cmd:"" help:"Unlink a device: it gets nothing from then on, and erases what it has. Without a number, unlink this one."`
}

// linkTime is for how long a link works.
const linkTime = 10 * time.Minute

type deviceJoin struct {
	Server string `required:"" placeholder:"URL" help:"The server's address, https://..."`
	Name   string `required:"" help:"What you call this device. The server does not learn it."`
	NoQR   bool   `name:"no-qr" help:"Show the link as text only."`
}

// Run is the command.
func (j *deviceJoin) Run(ctx context.Context, t *terminal) (err error) {
	if _, err := serverURL(j.Server); err != nil {
		return err
	}
	store, err := clientdb.Open(ctx, t.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	c, err := t.client(store, j.Server, nil, nil)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, linkTime)
	defer cancel()
	joining, err := c.Join(ctx, client.NewDevice{Server: j.Server, Name: j.Name, DeviceType: "terminal"})
	if err != nil {
		return err
	}
	if err := t.showLink(joining.Link(), !j.NoQR); err != nil {
		return err
	}
	code, err := joining.Code(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "Your other device, with the number %s, must show this code:\n\n    %s\n\nIf it does, confirm there. If it shows another one, say no: somebody stands between.\n", plain(joining.Phone), code)
	me, err := joining.Finish(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "Linked to %s. Keys and messages are in %s. 'letter receive' gets what your other device hands over.\n", me.Phone, t.dir)
	return nil
}

func (t *terminal) showLink(link string, drawn bool) error {
	fmt.Fprintln(t.out, "On the device that you registered with, read this link within ten minutes. Show it to nobody else.")
	if drawn {
		qr, err := qrText(link)
		if err != nil {
			return err
		}
		fmt.Fprint(t.out, "\n", qr)
	}
	fmt.Fprintf(t.out, "\n    letter device link %s\n\n", link)
	return nil
}

type deviceLink struct {
	Link    string `arg:"" help:"What the new device shows."`
	History string `enum:"none,month,all" default:"month" help:"What was said so far and goes to the new device, sealed from here to there: none, month (the last 30 days) or all."`
	Code    string `placeholder:"N" help:"The code that the new device shows: with it nothing is asked, and another code refuses."`
}

var histories = map[string]client.History{"none": client.HistoryNone, "month": client.HistoryMonth, "all": client.HistoryAll}

// Run is the command.
func (l *deviceLink) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if err := d.collect(ctx, 0); err != nil { // so that the new device gets it, too
			return err
		}
		limited, cancel := context.WithTimeout(ctx, linkTime)
		defer cancel()
		n, err := d.ReadLink(limited, l.Link)
		if err != nil {
			return err
		}
		if !l.agreed(t, n) {
			return errors.Join(n.Refuse(limited), fault.New(fault.Forbidden, "link a device", "nothing was linked"))
		}
		linked, err := n.Confirm(limited, histories[l.History])
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Linked: %s (device %d). Your contacts are told, sealed.\n", plain(linked.Name), linked.ID)
		return d.collect(ctx, 0)
	})
}

func (l *deviceLink) agreed(t *terminal, n *client.Linking) bool {
	if l.Code != "" {
		return strings.Join(strings.Fields(l.Code), "") == strings.Join(strings.Fields(n.Code), "")
	}
	fmt.Fprintf(t.out, "A %s that calls itself %q wants to be linked to you. It will get your messages, and write as you.\nIt must show this code:\n\n    %s\n\n", plain(n.Type), plain(n.Name), n.Code)
	return t.asked("If it does, type yes to link it: ", "yes")
}

type deviceList struct {
	JSON bool `name:"json" help:"One JSON object on each line."`
}

type deviceRecord struct {
	Device  wire.DeviceID `json:"device"`
	Name    string        `json:"name"`
	Type    string        `json:"type,omitempty"`
	This    bool          `json:"this"`
	Primary bool          `json:"primary"`
	Added   string        `json:"added,omitempty"`
	Active  string        `json:"last_active,omitempty"`
}

// Run is the command.
func (l *deviceList) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		away := d.collect(ctx, 0)
		all, err := d.Devices(ctx)
		if err != nil {
			return err
		}
		for _, v := range all {
			if l.JSON {
				if err := t.json(deviceRecord{v.ID, v.Name, v.Type, v.This, v.Primary, v.Added, v.Active}); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintln(t.out, deviceLine(v))
		}
		return away
	})
}

func deviceLine(v client.Device) string {
	name := plain(v.Name)
	if name == "" {
		name = "(no name)"
	}
	line := fmt.Sprintf("%3d  %s", v.ID, name)
	if v.Primary {
		line += ", the one you registered with"
	}
	if v.This {
		return line + ", this device"
	}
	if v.Added != "" {
		line += ", linked on " + v.Added
	}
	if v.Active == "" {
		return line + ", not heard of yet"
	}
	return line + ", last active on " + v.Active + " (UTC)"
}

type deviceName struct {
	Name   string        `arg:"" help:"The name."`
	Device wire.DeviceID `placeholder:"N" help:"Which device, as 'letter device' shows it. Default: this one."`
}

// Run is the command.
func (n *deviceName) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if n.Device == 0 {
			n.Device = d.me.Device
		}
		if err := d.NameDevice(ctx, n.Device, n.Name); err != nil {
			return err
		}
		fmt.Fprintln(t.out, "Named. Your other devices learn it, nobody else.")
		return d.collect(ctx, 0)
	})
}

type deviceRemove struct {
	Device wire.DeviceID `arg:"" optional:"" help:"Which device, as 'letter device' shows it."`
	Yes    bool          `help:"Do not ask."`
}

// Run is the command.
func (r *deviceRemove) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if r.Device == 0 || r.Device == d.me.Device {
			return r.leave(ctx, d)
		}
		if err := d.RemoveDevice(ctx, r.Device); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Unlinked device %d. It gets nothing any more; your contacts are told, sealed.\n", r.Device)
		return d.collect(ctx, 0)
	})
}

func (r *deviceRemove) leave(ctx context.Context, d *device) error {
	if d.me.Device != wire.Primary && !r.Yes &&
		!d.t.asked("This unlinks this device and erases its keys and messages here.\nType yes to go on: ", "yes") {
		return fault.New(fault.Invalid, "unlink this device", "nothing was unlinked")
	}
	if err := d.Leave(ctx); err != nil {
		return err
	}
	fmt.Fprintln(d.t.out, "This device is unlinked. Keys and messages are erased.")
	return nil
}

type lockCmd struct {
	PIN string `name:"pin" placeholder:"N" help:"4 to 20 digits; without it they are asked for."`
	Off bool   `help:"Take the lock away."`
}

// Run is the command.
func (l *lockCmd) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		if l.Off {
			if err := d.SetLock(ctx, ""); err != nil {
				return err
			}
			fmt.Fprintln(t.out, "The lock is off: whoever gets a code sent to your number can register it.")
			return nil
		}
		if l.PIN == "" {
			l.PIN = t.ask("A PIN of 4 to 20 digits, asked of whoever registers your number anew.\nPIN: ")
		}
		if l.PIN == "" {
			return fault.New(fault.Invalid, "set a registration lock", "no PIN was given: nothing changed")
		}
		if err := d.SetLock(ctx, l.PIN); err != nil {
			return err
		}
		fmt.Fprintln(t.out, "Locked: without the PIN your number cannot be registered anew, unless the account was not used for 7 days. Remember it: nobody can tell you.")
		return nil
	})
}

type numberCmd struct {
	Change numberChange `cmd:"" help:"Move your account to another number. Your contacts are told, sealed; the old number is free."`
}

type numberChange struct {
	Phone string `arg:"" placeholder:"+E164" help:"The new number, in international form."`
	Code  string `placeholder:"N" help:"The code that was sent to the new number; without it, one is sent and asked for."`
	PIN   string `name:"pin" placeholder:"N" help:"The PIN of the new number's registration lock, if it has one."`
}

// Run is the command.
func (n *numberChange) Run(ctx context.Context, t *terminal) error {
	phone, err := client.Phone(n.Phone)
	if err != nil {
		return err
	}
	return t.with(ctx, func(d *device) error {
		if n.Code == "" {
			if n.Code, err = t.askCode(ctx, d.Client, phone); err != nil {
				return err
			}
		}
		former := d.me.Phone
		if err := d.ChangeNumber(ctx, phone, n.Code, n.PIN); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Your number is %s now; %s is free. Your contacts are told, sealed.\n", phone, former)
		return d.collect(ctx, 0)
	})
}
