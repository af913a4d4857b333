//go:build js

// Command core is the messenger's client in a browser's worker: it answers the
// calls of the page, and tells it what happens. It wires the client to the
// worker's database and network and decides nothing itself. It must know no
// page: what it answers are plain values.
package main

import (
	"context"
	"errors"
	"sync"
	"syscall/js"
	"time"

	"letterlock/client"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/web/chat/vault"
)

// core is the one client of a worker. Its lock goes when the worker ends.
type core struct {
	host  js.Value // what the worker gives: disk, net, tell
	disk  *disk
	files folder
	net   *network
	names names
	moves moves

	mu     sync.Mutex
	store  *vault.Store
	client *client.Client
	me     client.Self
	ends   *time.Timer // of the next message that disappears
	link   *linking    // what is under way with another device
	run    *running    // the connection
}

// deviceType is what this kind of device is called.
const deviceType = "browser"

// parting is how long a lock waits for what was just sent.
const parting = 3 * time.Second

// running is a connection that is being kept.
type running struct {
	stop context.CancelFunc
	done chan struct{}
}

func main() {
	host := js.Global().Get("letterlockHost")
	c := &core{host: host, disk: &disk{host.Get("disk")}, files: folder{host.Get("files")}, net: newNetwork(host.Get("net"))}
	calls := c.calls()
	answer := js.FuncOf(func(_ js.Value, args []js.Value) any {
		name, in, done := args[0].String(), arguments{args[1]}, args[2]
		go func() {
			out, err := run(calls, name, in)
			if err != nil {
				done.Invoke(failure(err), js.Null())
				return
			}
			done.Invoke(js.Null(), js.ValueOf(out))
		}()
		return nil
	})
	host.Call("ready", answer)
	select {}
}

// call answers one question of the page.
type call func(ctx context.Context, in arguments) (any, error)

func run(calls map[string]call, name string, in arguments) (out any, err error) {
	f := calls[name]
	if f == nil {
		return nil, fault.New(fault.NotFound, "call "+name, "this program has no such function: load the page again")
	}
	return f(context.Background(), in)
}

// failure is an error as the page shows it. On a person's own device an
// internal error may say its cause.
func failure(err error) map[string]any {
	say := fault.Say(err)
	if fault.KindOf(err) == fault.Internal {
		say = err.Error()
	}
	form, filled := fault.Form(err)
	args := make([]any, len(filled))
	for i, s := range filled {
		args[i] = s
	}
	return map[string]any{"kind": fault.KindOf(err).String(), "say": say, "form": form, "filled": args, "tells": client.Tells(err)}
}

// tell tells the page that something happened.
func (c *core) tell(what string, v map[string]any) { c.host.Call("tell", what, js.ValueOf(v)) }

// calls are all that the page can ask.
func (c *core) calls() map[string]call {
	all := map[string]call{"stage": c.stage, "create": c.create, "unlock": c.unlock, "code": c.code, "register": c.register, "forget": c.forget, "online": c.online, "reach": c.reach, "depart": c.depart}
	for _, more := range []map[string]call{c.talking(), c.grouping(), c.choosing(), c.waking(), c.devices(), c.placing(), c.statusing(), c.keeping(), c.filing()} {
		for name, f := range more {
			all[name] = f
		}
	}
	return all
}

// stage says what the person sees first.
func (c *core) stage(ctx context.Context, _ arguments) (any, error) {
	meta, err := c.disk.Meta(ctx)
	if err != nil {
		return nil, err
	}
	if meta == nil {
		return "new", nil
	}
	return "locked", nil
}

func (c *core) create(ctx context.Context, in arguments) (any, error) {
	if meta, err := c.disk.Meta(ctx); err != nil || meta != nil {
		return nil, errors.Join(err, fault.New(fault.Conflict, "create store", "there is a locked account in this browser: unlock it, or remove it first"))
	}
	store, err := vault.Create(ctx, c.disk, in.text("passphrase"), vault.Usual)
	if err != nil {
		return nil, err
	}
	return c.open(ctx, store)
}

func (c *core) unlock(ctx context.Context, in arguments) (any, error) {
	store, err := vault.Open(ctx, c.disk, in.text("passphrase"))
	if err != nil {
		return nil, err
	}
	return c.open(ctx, store)
}

// open makes the client of an open store and, if somebody is registered, runs it.
func (c *core) open(ctx context.Context, store *vault.Store) (any, error) {
	cl, err := client.New(client.Config{Store: store, Transport: c.net, Files: c.files, Freight: freight{c.net.js}, Clock: clock.System, OnEntry: c.entry, OnSign: c.sign, Wait: c.net.wait})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.store, c.client = store, cl
	c.mu.Unlock()
	me, found, err := client.ReadSelf(ctx, store)
	if err != nil || found {
		if err != nil {
			return nil, err
		}
		return c.begin(ctx, me)
	}
	return c.nobody(ctx, store)
}

// nobody is the answer where nobody is registered; if this browser was unlinked,
// from whom.
func (c *core) nobody(ctx context.Context, store *vault.Store) (any, error) {
	u, found, err := client.ReadUnlinked(ctx, store)
	m := map[string]any{"registered": false}
	if found {
		m["unlinked"] = u.Phone
	}
	return m, err
}

func (c *core) begin(ctx context.Context, me client.Self) (any, error) {
	c.mu.Lock()
	c.me = me
	c.mu.Unlock()
	c.expire()
	c.pickUp()
	go c.fetchWanted(context.Background(), c.client)
	return map[string]any{"registered": true, "account": me.Account.String(), "phone": me.Phone}, nil
}

// pickUp keeps the connection until hangUp, or until the carrier no longer takes
// this device.
func (c *core) pickUp() {
	ctx, stop := context.WithCancel(context.Background())
	r := &running{stop, make(chan struct{})}
	c.mu.Lock()
	c.run = r
	c.mu.Unlock()
	go func() {
		defer close(r.done)
		c.line(ctx)
	}()
}

// hangUp ends the connection, for what needs one for itself.
func (c *core) hangUp() {
	c.mu.Lock()
	r := c.run
	c.mu.Unlock()
	if r != nil {
		r.stop()
		<-r.done
	}
}

func (c *core) line(ctx context.Context) {
	err := c.client.Run(ctx, client.Run{})
	if u, found, e := client.ReadUnlinked(context.Background(), c.store); e == nil && found {
		v := map[string]any{"phone": u.Phone}
		if e := c.files.drop(context.Background()); e != nil {
			v["problem"] = failure(e)
		}
		c.tell("unlinked", v)
		return
	}
	v := map[string]any{"open": false}
	if err != nil {
		v["problem"] = failure(err)
	}
	c.tell("line", v)
}

// expire removes what disappears, now and when the next one is due.
func (c *core) expire() {
	next, err := c.client.Expire(context.Background())
	if err != nil || next == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ends != nil {
		c.ends.Stop()
	}
	wait := time.Until(time.UnixMilli(next)) + 50*time.Millisecond
	c.ends = time.AfterFunc(min(max(wait, 50*time.Millisecond), 12*time.Hour), c.expire)
}

// online is the page's word that the network came or went.
func (c *core) online(_ context.Context, in arguments) (any, error) {
	c.net.changed(in.yes("online"))
	return nil, nil
}

// depart answers when the carrier has what was sent before the lock, or after
// parting. What did not leave by then stays in the sealed store and goes after
// the next unlock.
func (c *core) depart(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, parting)
	defer cancel()
	return nil, cl.Depart(ctx)
}

// person is the account's own client; an error before somebody is registered.
func (c *core) person() (*client.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client == nil || c.me.Account.IsZero() {
		return nil, fault.New(fault.Unauthenticated, "call", "unlock first")
	}
	return c.client, nil
}

func (c *core) code(ctx context.Context, in arguments) (any, error) {
	return nil, c.client.RequestCode(ctx, in.text("phone"))
}

func (c *core) register(ctx context.Context, in arguments) (any, error) {
	me, err := c.client.Register(ctx, client.Registration{Server: c.net.origin, Phone: in.text("phone"), Code: in.text("code"), PIN: in.text("pin"), Name: in.text("name"), DeviceType: deviceType})
	if err != nil {
		return nil, err
	}
	return c.begin(ctx, me)
}

// forget removes what is in this browser; the account stays with the carrier.
func (c *core) forget(ctx context.Context, _ arguments) (any, error) {
	return nil, errors.Join(c.files.drop(ctx), c.disk.Drop(ctx))
}
