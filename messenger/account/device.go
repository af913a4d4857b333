package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// DeviceStore is what the devices of an account need of a database.
type DeviceStore interface {
	// Devices are the numbers of an account's devices.
	Devices(ctx context.Context, id wire.AccountID) ([]wire.DeviceID, error)
	// DeviceList reads an account's signed list; version 0: it has none.
	// NotFound: no such account.
	DeviceList(ctx context.Context, id wire.AccountID) (ListRow, error)
	// AddDevice stores a device with its keys and the list that names it, in one
	// transaction: Exhausted with more than most devices, Conflict if the
	// number is taken or the stored list is not the one before.
	AddDevice(ctx context.Context, d Device, keys wire.KeyUpload, list ListRow, most int) error
	// RemoveDevice removes a device with everything that waits for it and, if
	// list is given, stores it in the place of the one before. The mailbox is 0
	// if there was no such device any more.
	RemoveDevice(ctx context.Context, a wire.Address, list *ListRow) (mailbox int64, err error)
}

// ListRow is a signed device list as stored.
type ListRow struct {
	Version uint64
	wire.SignedDevices
}

// joins are the devices that a primary let join and that have not come yet. In
// memory alone, one for each account.
type joins struct {
	mu sync.Mutex
	at map[wire.AccountID]join
}

type join struct {
	wire.DeviceAdd
	version uint64
	key     []byte
	ends    time.Time
}

// maxJoins bounds how many accounts link a device at once.
const maxJoins = 10_000

func (j *joins) put(id wire.AccountID, n join, now time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for old, v := range j.at {
		if !now.Before(v.ends) {
			delete(j.at, old)
		}
	}
	if len(j.at) >= maxJoins {
		return fault.New(fault.Unavailable, "link a device", "too many devices are being linked now: try again in a minute")
	}
	j.at[id] = n
	return nil
}

func (j *joins) get(id wire.AccountID) (join, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	n, found := j.at[id]
	return n, found
}

func (j *joins) forget(id wire.AccountID) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.at, id)
}

// primary refuses what only the device may do that an account was registered
// with.
func primary(who wire.Address, op string) error {
	if who.Device != wire.Primary {
		return fault.New(fault.Forbidden, op, "only the device that the number was registered with can do that: do it there")
	}
	return nil
}

// List is an account's signed device list; absent if it never linked one.
func (a *Accounts) List(ctx context.Context, id wire.AccountID) (wire.SignedDevices, error) {
	row, err := a.Store.DeviceList(ctx, id)
	return row.SignedDevices, err
}

// follows checks that a list is the caller's next one and names every device
// that there will be: a device that its list does not name would be one that
// nobody was told of.
func (a *Accounts) follows(ctx context.Context, id wire.AccountID, signed wire.SignedDevices, devices []wire.DeviceID) (ListRow, wire.DeviceList, error) {
	list, err := signed.Read()
	if err != nil || list.Account != id {
		return ListRow{}, list, fault.Wrap(fault.Invalid, "read device list", errors.Join(err), "the list of devices cannot be read: update this program")
	}
	row, err := a.Store.DeviceList(ctx, id)
	if err != nil {
		return ListRow{}, list, err
	}
	if list.Version != row.Version+1 {
		return ListRow{}, list, fault.New(fault.Conflict, "read device list", "the devices of this account were changed meanwhile: look at them, then try again")
	}
	for _, d := range devices {
		if list.Key(d) == nil {
			return ListRow{}, list, fault.New(fault.Invalid, "read device list", "the list does not name every device of the account: look at them, then try again")
		}
	}
	return ListRow{Version: list.Version, SignedDevices: signed}, list, nil
}

// AddDevice lets a device join, for ten minutes.
func (a *Accounts) AddDevice(ctx context.Context, who wire.Address, in wire.DeviceAdd) error {
	if err := primary(who, "link a device"); err != nil {
		return err
	}
	devices, err := a.Store.Devices(ctx, who.Account)
	if err != nil {
		return fmt.Errorf("read devices: %w", err)
	}
	switch {
	case len(devices) > a.Limits.Linked:
		return a.tooManyDevices()
	case !in.Device.Valid() || in.Device == wire.Primary || slices.Contains(devices, in.Device):
		return fault.New(fault.Conflict, "link a device", "this number of a device is taken: look at your devices, then try again")
	}
	row, list, err := a.follows(ctx, who.Account, in.List, append(devices, in.Device))
	if err != nil {
		return err
	}
	now := a.Clock.Now()
	return a.joins.put(who.Account, join{DeviceAdd: in, version: row.Version, key: list.Key(in.Device), ends: now.Add(linkLife)}, now)
}

func (a *Accounts) tooManyDevices() error {
	return fault.New(fault.Exhausted, "link a device", "you have %d linked devices, which is the most there can be: remove one first", a.Limits.Linked)
}

// JoinDevice makes a device that its primary let join. The ticket works once.
func (a *Accounts) JoinDevice(ctx context.Context, in wire.DeviceJoin, from netip.Addr) (wire.Registered, error) {
	if wait, ok := a.tries.take(from, a.Clock.Now()); !ok {
		return wire.Registered{}, tooMany("join", "too many registrations were tried from this network address", wait)
	}
	n, found := a.joins.get(in.Account)
	sum := sha256.Sum256(in.Ticket)
	if !found || !a.Clock.Now().Before(n.ends) || n.Device != in.Device || subtle.ConstantTimeCompare(sum[:], n.Ticket[:]) != 1 {
		return wire.Registered{}, fault.New(fault.Expired, "join", "this device was not let in, or more than ten minutes ago: show a new link and confirm it on your other device")
	}
	d, err := a.newDevice(in)
	if err != nil {
		return wire.Registered{}, err
	}
	if string(d.IdentityKey) != string(n.key) {
		return wire.Registered{}, fault.New(fault.Invalid, "join", "this is not the device that was confirmed: show a new link")
	}
	token := make([]byte, 32)
	rand.Read(token)
	d.Token = TokenHash(sha256.Sum256(token))
	row := ListRow{Version: n.version, SignedDevices: n.List}
	if err := a.Store.AddDevice(ctx, d, in.Keys, row, 1+a.Limits.Linked); err != nil {
		if fault.Is(err, fault.Exhausted) {
			return wire.Registered{}, a.tooManyDevices()
		}
		return wire.Registered{}, err
	}
	a.joins.forget(in.Account)
	return wire.Registered{Account: in.Account, Device: in.Device, Token: token}, nil
}

// RemoveDevice takes a device off its account: from that moment nothing is
// taken for it, nothing waits for it, and its token opens nothing.
func (a *Accounts) RemoveDevice(ctx context.Context, who wire.Address, in wire.DeviceRemove) error {
	at, row, err := a.removal(ctx, who, in)
	if err != nil {
		return err
	}
	mailbox, err := a.Store.RemoveDevice(ctx, at, row)
	if err != nil {
		return err
	}
	a.joins.forget(who.Account)
	if mailbox != 0 && a.Post != nil {
		a.Post.Unlinked(ctx, at)
	}
	a.removed()
	return nil
}

func (a *Accounts) removal(ctx context.Context, who wire.Address, in wire.DeviceRemove) (at wire.Address, row *ListRow, err error) {
	at = wire.At(who.Account, in.Device)
	if in.Device == wire.Primary {
		return at, nil, fault.New(fault.Forbidden, "remove a device", "the device that the number was registered with cannot be removed: close the account, or register the number on another device")
	}
	if who.Device != wire.Primary {
		if in.Device != who.Device || !in.List.Absent() {
			return at, nil, primary(who, "remove a device")
		}
		return at, nil, nil
	}
	devices, err := a.Store.Devices(ctx, who.Account)
	if err != nil {
		return at, nil, fmt.Errorf("read devices: %w", err)
	}
	devices = slices.DeleteFunc(devices, func(d wire.DeviceID) bool { return d == in.Device })
	next, list, err := a.follows(ctx, who.Account, in.List, devices)
	if err == nil && list.Key(in.Device) != nil {
		err = fault.New(fault.Invalid, "remove a device", "the list still names the device: update this program")
	}
	return at, &next, err
}
