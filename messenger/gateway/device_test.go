package gateway_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"letterlock/disclosable"
	"letterlock/messenger/account"
	"letterlock/messenger/gateway"
	"letterlock/messenger/mailbox"
	"letterlock/messenger/push"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// listOf is a list as a primary would sign it; the carrier cannot check who did.
func listOf(p *person, version uint64, devices ...wire.ListedDevice) wire.SignedDevices {
	l := wire.DeviceList{Account: p.addr.Account, Version: version, At: 1, Devices: append([]wire.ListedDevice{{Device: 1, Key: preKey(0, 5, 33, false).Key}}, devices...)}
	raw, err := wire.Marshal(l)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return wire.SignedDevices{List: raw, Signature: random(64)}
}

// newcomer is a device that is to be linked.
type newcomer struct {
	join   wire.DeviceJoin
	ticket []byte
	key    *ecdh.PrivateKey
}

func newcomerOf(p *person, d wire.DeviceID) *newcomer {
	r, key := registration(p.phone, "")
	ticket := random(32)
	return &newcomer{key: key, ticket: ticket, join: wire.DeviceJoin{Account: p.addr.Account, Device: d, Ticket: ticket, DeviceType: "browser",
		RegistrationID: 9, IdentityKey: r.IdentityKey, MailboxKey: r.MailboxKey, Keys: r.Keys}}
}

func (n *newcomer) listed() wire.ListedDevice {
	return wire.ListedDevice{Device: n.join.Device, Key: n.join.IdentityKey}
}

func (n *newcomer) add(list wire.SignedDevices) wire.DeviceAdd {
	return wire.DeviceAdd{Device: n.join.Device, List: list, Ticket: sha256.Sum256(n.ticket)}
}

// link adds a device to somebody, with the list that names others as well.
func (p *person) link(version uint64, d wire.DeviceID, others ...wire.ListedDevice) (*person, wire.ListedDevice) {
	p.w.t.Helper()
	n := newcomerOf(p, d)
	if status, problem := p.w.call(&p.cred, wire.PathDeviceAdd, n.add(listOf(p, version, append(others, n.listed())...)), nil); status != 200 {
		p.w.t.Fatalf("add: %d %v", status, problem)
	}
	var got wire.Registered
	if status, problem := p.w.call(nil, wire.PathDeviceJoin, n.join, &got); status != 200 {
		p.w.t.Fatalf("join: %d %v", status, problem)
	}
	addr := wire.At(got.Account, got.Device)
	cred, err := wire.NewCredential(addr, got.Token)
	if err != nil {
		p.w.t.Fatal(err)
	}
	opener, err := wire.NewOpener(addr, n.key)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return &person{w: p.w, phone: p.phone, cred: cred, addr: addr, opener: opener}, n.listed()
}

func (w *world) refused(kind, say string, who *wire.Credential, path string, in any) {
	w.t.Helper()
	if status, p := w.call(who, path, in, nil); status < 400 || p.Kind != kind || !strings.Contains(p.Say, say) {
		w.t.Errorf("%s: %d %v, want %q with %q", path, status, p, kind, say)
	}
}

func TestALinkCarriesSealedMessagesForTenMinutes(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), func(a *account.Config, _ *mailbox.Config, _ *gateway.Config) { a.Limits.LinksPerAddress = 3 })
	var opened wire.LinkOpened
	if status, p := w.call(nil, wire.PathLinkOpen, wire.Nothing{}, &opened); status != 200 || opened.ID == (wire.LinkID{}) {
		t.Fatal(status, p)
	}
	put := func(toPrimary bool, body string) {
		t.Helper()
		if status, p := w.call(nil, wire.PathLinkPut, wire.LinkPut{ID: opened.ID, ToPrimary: toPrimary, Body: []byte(body)}, nil); status != 200 {
			t.Fatal(status, p)
		}
	}
	get := func(toPrimary bool, have int) (out []string) {
		t.Helper()
		var got wire.LinkGot
		if status, p := w.call(nil, wire.PathLinkGet, wire.LinkGet{ID: opened.ID, ToPrimary: toPrimary, Have: have}, &got); status != 200 {
			t.Fatal(status, p)
		}
		for _, b := range got.Bodies {
			out = append(out, string(b))
		}
		return out
	}
	if got := get(true, 0); got != nil {
		t.Errorf("before anything was left: %q", got)
	}
	put(true, "a")
	put(false, "b")
	put(true, "c")
	if a, b, c := get(true, 0), get(true, 1), get(false, 0); strings.Join(a, "") != "ac" || strings.Join(b, "") != "c" || strings.Join(c, "") != "b" {
		t.Errorf("%q %q %q", a, b, c)
	}
	w.refused("too large", "new link", nil, wire.PathLinkPut, wire.LinkPut{ID: opened.ID, Body: make([]byte, wire.MaxLink+1)})
	put(true, "d")
	put(true, "e")
	w.refused("too large", "new link", nil, wire.PathLinkPut, wire.LinkPut{ID: opened.ID, ToPrimary: true, Body: []byte("f")})
	w.refused("invalid", "", nil, wire.PathLinkGet, wire.LinkGet{ID: opened.ID, Have: 9})
	w.clock.Advance(11 * time.Minute)
	w.refused("expired", "ten minutes", nil, wire.PathLinkGet, wire.LinkGet{ID: opened.ID})
	w.refused("expired", "ten minutes", nil, wire.PathLinkPut, wire.LinkPut{ID: wire.LinkID{1}, Body: []byte("x")})
	for range 2 {
		w.call(nil, wire.PathLinkOpen, wire.Nothing{}, nil)
	}
	w.refused("exhausted", "too many links", nil, wire.PathLinkOpen, wire.Nothing{})
}

func TestOnlyThePrimaryLetsADeviceJoinAndOnlyTheOneItConfirmed(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w := newWorld(t, db)
		ann := w.join(number(1))
		n := newcomerOf(ann, 2)
		w.refused("expired", "not let in", nil, wire.PathDeviceJoin, n.join)
		for name, list := range map[string]wire.SignedDevices{
			"of a later version":   listOf(ann, 2, n.listed()),
			"without the newcomer": listOf(ann, 1),
			"of nobody":            {List: []byte{1}, Signature: random(64)},
		} {
			if status, _ := w.call(&ann.cred, wire.PathDeviceAdd, n.add(list), nil); status < 400 {
				t.Errorf("a list %s was taken", name)
			}
		}
		if status, p := w.call(&ann.cred, wire.PathDeviceAdd, n.add(listOf(ann, 1, n.listed())), nil); status != 200 {
			t.Fatal(status, p)
		}
		other := n.join
		other.Ticket = random(32)
		w.refused("expired", "not let in", nil, wire.PathDeviceJoin, other)
		other = n.join
		other.IdentityKey = preKey(0, 5, 33, false).Key
		w.refused("invalid", "not the device", nil, wire.PathDeviceJoin, other)
		var before wire.Found
		if w.call(&ann.cred, wire.PathLookup, wire.Lookup{Phone: ann.phone}, &before); !before.List.Absent() || len(before.Devices) != 1 {
			t.Errorf("a device that has not joined shows: %v", before)
		}
		if status, p := w.call(nil, wire.PathDeviceJoin, n.join, nil); status != 200 {
			t.Fatal(status, p)
		}
		w.refused("expired", "not let in", nil, wire.PathDeviceJoin, n.join) // once
		var found wire.Found
		var list wire.SignedDevices
		w.call(&ann.cred, wire.PathLookup, wire.Lookup{Phone: ann.phone}, &found)
		w.call(nil, wire.PathDevices, wire.PersonRequest{Account: ann.addr.Account}, &list)
		if l, err := found.List.Read(); err != nil || l.Version != 1 || len(found.Devices) != 2 || !bytes.Equal(list.List, found.List.List) {
			t.Errorf("%v %v %v", found, l, err)
		}
		second, listed := ann.link(2, 3, n.listed())
		late := newcomerOf(ann, 4)
		w.refused("forbidden", "registered with", &second.cred, wire.PathDeviceAdd, late.add(listOf(ann, 3, n.listed(), listed, late.listed())))
		if status, p := w.call(&ann.cred, wire.PathDeviceAdd, late.add(listOf(ann, 3, n.listed(), listed, late.listed())), nil); status != 200 {
			t.Fatal(status, p)
		}
		w.clock.Advance(11 * time.Minute)
		w.refused("expired", "ten minutes", nil, wire.PathDeviceJoin, late.join)
	})
}

func TestLinkedDevicesHaveALimit(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), func(a *account.Config, _ *mailbox.Config, _ *gateway.Config) { a.Limits.Linked = 2 })
	ann := w.join(number(1))
	_, two := ann.link(1, 2)
	_, three := ann.link(2, 3, two)
	n := newcomerOf(ann, 4)
	w.refused("exhausted", "remove one first", &ann.cred, wire.PathDeviceAdd, n.add(listOf(ann, 3, two, three, n.listed())))
}

// From the moment of its removal a device gets nothing: neither what waits, nor
// what is sent, nor an answer to anything.
func TestAnUnlinkedDeviceReceivesNothing(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w := newWorld(t, db)
		ann, bob := w.join(number(1)), w.join(number(2))
		second, _ := ann.link(1, 2)
		from, _, _ := bob.connect()
		from.send(1, second, "waits for the second device")
		if f, ok := from.answer().(wire.Sent); !ok {
			t.Fatalf("%v", f)
		}
		if n := waiting(t, db, second.addr); n != 1 {
			t.Fatalf("%d rows wait", n)
		}
		w.refused("forbidden", "registered with", &second.cred, wire.PathDeviceRemove, wire.DeviceRemove{Device: 1})
		w.refused("conflict", "meanwhile", &ann.cred, wire.PathDeviceRemove, wire.DeviceRemove{Device: 2, List: listOf(ann, 3)})
		l := second.dial()
		if _, ok := l.next().(wire.Hello); !ok {
			t.Fatal("no Hello")
		}
		if status, p := w.call(&ann.cred, wire.PathDeviceRemove, wire.DeviceRemove{Device: 2, List: listOf(ann, 2)}, nil); status != 200 {
			t.Fatal(status, p)
		}
		if say := lastWord(l); !strings.Contains(say, "unlinked") {
			t.Errorf("the device was told %q", say)
		}
		from.send(2, second, "too late")
		if f, ok := from.answer().(wire.Refused); !ok || f.Code != wire.CodeGone {
			t.Errorf("%v", f)
		}
		w.refused("unauthenticated", "", &second.cred, wire.PathExport, wire.Nothing{})
		if status, _ := w.raw(&second.cred, http.MethodGet, wire.PathSocket, "", nil, nil); status != 401 {
			t.Errorf("a socket for it: %d", status)
		}
		if n := count(t, db, `SELECT count(*) FROM mailbox_rows`); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		if n := count(t, db, `SELECT count(*) FROM prekeys WHERE device = 2`); n != 0 {
			t.Errorf("%d pre-keys are left", n)
		}
		if status, _ := w.call(&bob.cred, wire.PathBundle, wire.BundleRequest{Account: ann.addr.Account, Device: 2}, nil); status != 404 {
			t.Errorf("its keys are still handed out: %d", status)
		}
	})
}

func TestADeviceMayLeaveByItself(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann := w.join(number(1))
	second, two := ann.link(1, 2)
	third, _ := ann.link(2, 3, two)
	w.refused("forbidden", "", &second.cred, wire.PathDeviceRemove, wire.DeviceRemove{Device: 3})
	w.refused("forbidden", "", &second.cred, wire.PathDelete, wire.Delete{Confirm: ann.addr.Account})
	if status, p := w.call(&second.cred, wire.PathDeviceRemove, wire.DeviceRemove{Device: 2}, nil); status != 200 {
		t.Fatal(status, p)
	}
	w.refused("unauthenticated", "", &second.cred, wire.PathExport, wire.Nothing{})
	if status, _ := w.call(&third.cred, wire.PathExport, wire.Nothing{}, nil); status != 200 {
		t.Error("the third device went with it")
	}
}

// lastWord reads until the socket ends and returns the goodbye.
func lastWord(l *line) (say string) {
	for {
		f, err := l.read()
		if err != nil {
			return say
		}
		if g, ok := f.(wire.Goodbye); ok {
			say = g.Say
		}
	}
}

func waiting(t *testing.T, db storagetest.Carrier, a wire.Address) int {
	t.Helper()
	b, err := db.Box(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return b.Rows
}

func count(t *testing.T, db storagetest.Carrier, query string, args ...any) (n int) {
	t.Helper()
	if err := db.SQL.QueryRowContext(context.Background(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestARegistrationLockAsksForItsPIN(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w := newWorld(t, db, func(a *account.Config, _ *mailbox.Config, _ *gateway.Config) { a.Limits.PINTries = 2 })
		ann := w.join(number(1))
		for _, weak := range []string{"12", "1234", "9876", "0000", "12a4", strings.Repeat("73", 11)} {
			w.refused("invalid", "PIN", &ann.cred, wire.PathLock, wire.Lock{PIN: weak})
		}
		lock := func(pin string) {
			t.Helper()
			if status, p := w.call(&ann.cred, wire.PathLock, wire.Lock{PIN: pin}, nil); status != 200 {
				t.Fatal(status, p)
			}
		}
		lock("4711")
		again := func(pin string) (int, wire.Problem) {
			r, _ := registration(number(1), w.code(number(1)))
			r.PIN = pin
			return w.call(nil, wire.PathRegister, r, nil)
		}
		for pin, say := range map[string]string{"": "registration lock", "4712": "not the PIN"} {
			if status, p := again(pin); status != 403 || !strings.Contains(p.Say, say) {
				t.Errorf("with %q: %d %v", pin, status, p)
			}
		}
		if status, p := again("4713"); status != 403 {
			t.Errorf("%d %v", status, p)
		}
		if status, p := again("4711"); status != 429 || p.RetryAfter < 3600 { // even the right one: nobody learns that it was
			t.Errorf("%d %v", status, p)
		}
		if status, _ := w.call(&ann.cred, wire.PathExport, wire.Nothing{}, nil); status != 200 {
			t.Error("the account is gone although the PIN was wrong")
		}
		w.clock.Advance(25 * time.Hour)
		if status, p := again("4711"); status != 200 {
			t.Errorf("%d %v", status, p)
		}
		if n := count(t, db, `SELECT count(*) FROM locks`); n != 0 {
			t.Errorf("%d locks outlive their account", n)
		}
	})
}

// A number that nobody uses comes free after a week, and one in use does not.
func TestALockEndsWithDisuse(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann := w.join(number(1))
	if status, p := w.call(&ann.cred, wire.PathLock, wire.Lock{PIN: "4711"}, nil); status != 200 {
		t.Fatal(status, p)
	}
	register := func() int {
		r, _ := registration(number(1), w.code(number(1)))
		status, _ := w.call(nil, wire.PathRegister, r, nil)
		return status
	}
	w.clock.Advance(account.LockRest * 24 * time.Hour)
	if status := register(); status != 403 {
		t.Fatalf("on the seventh day: %d", status)
	}
	w.call(&ann.cred, wire.PathExport, wire.Nothing{}, nil) // in use again
	w.clock.Advance(account.LockRest * 24 * time.Hour)
	if status := register(); status != 403 {
		t.Fatalf("a week after use: %d", status)
	}
	w.clock.Advance(24 * time.Hour)
	if status := register(); status != 200 {
		t.Fatalf("after more than a week: %d", status)
	}
}

func TestALockIsTakenAwayOnlyByThePrimary(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann := w.join(number(1))
	second, _ := ann.link(1, 2)
	w.refused("forbidden", "registered with", &second.cred, wire.PathLock, wire.Lock{})
	w.refused("forbidden", "registered with", &second.cred, wire.PathNumber, wire.Number{Phone: number(3), Code: "1"})
	w.call(&ann.cred, wire.PathLock, wire.Lock{PIN: "4711"}, nil)
	w.call(&ann.cred, wire.PathLock, wire.Lock{}, nil)
	r, _ := registration(number(1), w.code(number(1)))
	if status, p := w.call(nil, wire.PathRegister, r, nil); status != 200 {
		t.Fatal(status, p)
	}
}

func TestANumberChanges(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w := newWorld(t, db)
		ann, locked := w.join(number(1)), w.join(number(3))
		w.refused("expired", "no valid code", &ann.cred, wire.PathNumber, wire.Number{Phone: number(2), Code: "123456"})
		if status, p := w.call(&ann.cred, wire.PathNumber, wire.Number{Phone: number(2), Code: w.code(number(2))}, nil); status != 200 {
			t.Fatal(status, p)
		}
		var found wire.Found
		if status, _ := w.call(&ann.cred, wire.PathLookup, wire.Lookup{Phone: number(2)}, &found); status != 200 || found.Account != ann.addr.Account {
			t.Errorf("%d %v", status, found)
		}
		w.refused("not found", "", &ann.cred, wire.PathLookup, wire.Lookup{Phone: number(1)})
		w.refused("conflict", "already", &ann.cred, wire.PathNumber, wire.Number{Phone: number(2), Code: w.code(number(2))})
		next := w.join(number(1)) // the old number is free, and its new owner another account
		if next.addr.Account == ann.addr.Account {
			t.Error("the old number leads to the old account")
		}
		if status, _ := w.call(&ann.cred, wire.PathExport, wire.Nothing{}, nil); status != 200 {
			t.Error("the account went with its old number")
		}
		w.call(&locked.cred, wire.PathLock, wire.Lock{PIN: "4711"}, nil)
		w.refused("forbidden", "registration lock", &ann.cred, wire.PathNumber, wire.Number{Phone: number(3), Code: w.code(number(3))})
		if status, p := w.call(&ann.cred, wire.PathNumber, wire.Number{Phone: number(3), Code: w.code(number(3)), PIN: "4711"}, nil); status != 200 {
			t.Fatal(status, p)
		}
		w.refused("unauthenticated", "", &locked.cred, wire.PathExport, wire.Nothing{})
	})
}

// Everything that the inventory names of an account is gone with it: every
// table with an account's id is looked into, but for those that the law or the
// proof of a disclosure keeps, each named here with its published end.
func TestADeletedAccountIsGoneFromEveryTableOfTheInventory(t *testing.T) {
	kept := map[string]string{"notices_sent": "400 days", "traces": "30 days"}
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w := newWorld(t, db)
		ann, bob := w.join(number(1)), w.join(number(2))
		second, _ := ann.link(1, 2)
		w.call(&ann.cred, wire.PathLock, wire.Lock{PIN: "4711"}, nil)
		w.call(&ann.cred, wire.PathBlock, wire.Block{Account: wire.NewAccountID()}, nil)
		w.call(&ann.cred, wire.PathLookup, wire.Lookup{Phone: number(2)}, nil)
		if err := db.PutPush(t.Context(), ann.addr, push.Subscription{Endpoint: "https://push.example/x", Key: []byte{4}, Auth: []byte{1}}); err != nil {
			t.Fatal(err)
		}
		from, _, _ := bob.connect()
		from.send(1, second, "waits")
		from.answer()
		tables := map[string]bool{}
		for _, c := range disclosable.Technicals() {
			if c.Half != disclosable.Carrier {
				continue
			}
			for _, name := range c.Names {
				if name != "account" {
					continue
				}
				if until, exempt := kept[c.Table]; exempt {
					if !strings.Contains(c.Until, until) {
						t.Errorf("%s is kept %q", c.Table, c.Until)
					}
					continue
				}
				tables[c.Table] = true
			}
		}
		rows := func(table string) int {
			return count(t, db, `SELECT count(*) FROM `+table+` WHERE account = $1`, ann.addr.Account[:])
		}
		for table := range tables {
			if rows(table) == 0 {
				t.Errorf("%s has no row of the account before: the test cannot fail", table)
			}
		}
		if status, p := w.call(&ann.cred, wire.PathDelete, wire.Delete{Confirm: ann.addr.Account}, nil); status != 200 {
			t.Fatal(status, p)
		}
		for table := range tables {
			if n := rows(table); n != 0 {
				t.Errorf("%s: %d rows are left", table, n)
			}
		}
		if n := count(t, db, `SELECT count(*) FROM mailbox_rows`); n != 0 {
			t.Errorf("%d envelopes are left", n)
		}
		for deadline := time.Now().Add(10 * time.Second); db.Find(t, []byte(number(1)))+db.Find(t, ann.addr.Account[:]) > 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("number or id is still in the engine's files")
			}
		}
	})
}

// What a person sees of their deletion is the same whether or not the law made
// the carrier keep a sealed snapshot, which stays: it leads to nobody.
func TestADeletionLooksTheSameWhateverIsKept(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	type seen struct {
		status       int
		after, token wire.Problem
	}
	leave := func(i int) (s seen) {
		p := w.join(number(i))
		s.status, _ = w.call(&p.cred, wire.PathDelete, wire.Delete{Confirm: p.addr.Account}, nil)
		_, s.after = w.call(&p.cred, wire.PathExport, wire.Nothing{}, nil)
		_, s.token = w.call(&p.cred, wire.PathDelete, wire.Delete{Confirm: p.addr.Account}, nil)
		return s
	}
	without := leave(1)
	_, err := w.db.SQL.ExecContext(context.Background(), `INSERT INTO snapshots (id, sealed, until, renewed) VALUES ($1, $2, $3, 0)`,
		random(32), random(4096), w.clock.Now().Add(90*24*time.Hour).Unix())
	if err != nil {
		t.Fatal(err)
	}
	if with := leave(2); !reflect.DeepEqual(with, without) || with.status != 200 || with.after.Kind != "unauthenticated" {
		t.Errorf("with a snapshot %+v, without %+v", with, without)
	}
	if n := count(t, w.db, `SELECT count(*) FROM snapshots`); n != 1 {
		t.Errorf("%d snapshots are kept", n)
	}
}
