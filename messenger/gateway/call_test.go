package gateway_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"letterlock/disclosable"
	"letterlock/messenger/account"
	"letterlock/messenger/gateway"
	"letterlock/messenger/mailbox"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func ptr(s string) *string { return &s }

// TestWhoMayCallWhat: every call, every kind of visitor.
func TestWhoMayCallWhat(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann, bob := w.join(number(1)), w.join(number(2))
	wrong, _ := wire.NewCredential(ann.addr, random(32))
	stranger, _ := wire.NewCredential(wire.At(wire.NewAccountID(), 1), random(32))
	swapped, _ := wire.NewCredential(bob.addr, ann.cred.Token())
	signed := preKey(1, 5, 33, true)
	for _, c := range []struct {
		path string
		in   any
		ok   int
	}{
		{wire.PathKeys, wire.KeyUpload{Signed: &signed}, 200},
		{wire.PathBundle, wire.BundleRequest{Account: bob.addr.Account}, 200},
		{wire.PathLookup, wire.Lookup{Phone: number(2)}, 200},
		{wire.PathProfile, wire.ProfileUpdate{About: ptr("hi")}, 200},
		{wire.PathPerson, wire.PersonRequest{Account: bob.addr.Account}, 200},
		{wire.PathBlock, wire.Block{Account: bob.addr.Account}, 200},
		{wire.PathExport, wire.Nothing{}, 200},
		{wire.PathReach, wire.Nothing{}, 200},
		{wire.PathTurn, wire.Turn{Place: [32]byte{1}, Seq: 1, Head: [32]byte{2}, Next: [32]byte{3}}, 200},
		{wire.PathObject, wire.Objection{Notice: [16]byte{1}, Text: "no"}, 200},
		{wire.PathDelete, wire.Delete{Confirm: bob.addr.Account}, 400}, // somebody else's id
		{wire.PathDeviceAdd, wire.DeviceAdd{Device: 2}, 400},
		{wire.PathDeviceRemove, wire.DeviceRemove{Device: 2}, 400},
		{wire.PathLock, wire.Lock{}, 200},
		{wire.PathNumber, wire.Number{Phone: number(1)}, 409},
	} {
		for name, who := range map[string]*wire.Credential{"nobody": nil, "wrong token": &wrong, "stranger": &stranger, "another's token": &swapped} {
			status, p := w.call(who, c.path, c.in, nil)
			if status != 401 || p.Kind != "unauthenticated" || p.Say == "" {
				t.Errorf("%s by %s: %d %v", c.path, name, status, p)
			}
		}
		if status, p := w.call(&ann.cred, c.path, c.in, nil); status != c.ok {
			t.Errorf("%s by its device: %d %v", c.path, status, p)
		}
		if status, _ := w.raw(&ann.cred, http.MethodGet, c.path, wire.ContentType, nil, nil); status != 405 {
			t.Errorf("GET %s: %d", c.path, status)
		}
		if status, _ := w.raw(&ann.cred, http.MethodPost, c.path, "application/json", []byte("{}"), nil); status != 400 {
			t.Errorf("JSON to %s: %d", c.path, status)
		}
		for _, bad := range [][]byte{nil, {0xff}, {0xa1}, bytes.Repeat([]byte{0x81}, 100), []byte("\xa1\x63xyz\x01")} {
			if status, p := w.raw(&ann.cred, http.MethodPost, c.path, wire.ContentType, bad, nil); status != 400 || strings.Contains(p.Say, "cbor") {
				t.Errorf("%x to %s: %d %v", bad, c.path, status, p)
			}
		}
		if status, p := w.raw(&ann.cred, http.MethodPost, c.path, wire.ContentType, make([]byte, wire.MaxCall+1), nil); status != 413 {
			t.Errorf("a huge body to %s: %d %v", c.path, status, p)
		}
	}
	if len(w.objected) != 1 {
		t.Errorf("%d objections arrived", len(w.objected))
	}
	if status, _ := w.raw(nil, http.MethodGet, "/v1/nothing", "", nil, nil); status != 404 {
		t.Errorf("an unknown call: %d", status)
	}
	var info wire.Info
	if status, _ := w.raw(nil, http.MethodGet, wire.PathInfo, "", nil, &info); status != 200 || info.Version != wire.Version || info.Time != w.clock.Now().UnixMilli() {
		t.Errorf("info: %d %v", status, info)
	}
	if status, _ := w.raw(nil, http.MethodGet, wire.PathSocket, "", nil, nil); status != 401 {
		t.Errorf("a socket for nobody: %d", status)
	}
	if status, _ := w.raw(&ann.cred, http.MethodGet, wire.PathSocket, "", nil, nil); status < 400 {
		t.Errorf("a socket that is none: %d", status)
	}
}

func TestRegistrationSaysWhatIsWrong(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	good, _ := registration(number(1), w.code(number(1)))
	for name, change := range map[string]func(*wire.Register){
		"no country":   func(r *wire.Register) { r.Phone = "4155550001" },
		"no number":    func(r *wire.Register) { r.Phone = "+1" },
		"long name":    func(r *wire.Register) { r.Name = strings.Repeat("x", wire.MaxName+1) },
		"odd name":     func(r *wire.Register) { r.Name = "a\nb" },
		"no identity":  func(r *wire.Register) { r.IdentityKey = nil },
		"low mailbox":  func(r *wire.Register) { r.MailboxKey = r.MailboxKey[:31] },
		"no signed":    func(r *wire.Register) { r.Keys.Signed = nil },
		"short Kyber":  func(r *wire.Register) { r.Keys.LastResort = &wire.PreKey{ID: 1, Key: []byte{8}, Signature: random(64)} },
		"unsigned":     func(r *wire.Register) { r.Keys.Signed = &wire.PreKey{ID: 1, Key: r.Keys.Signed.Key} },
		"twice one id": func(r *wire.Register) { r.Keys.OneTime = []wire.PreKey{r.Keys.OneTime[0], r.Keys.OneTime[0]} },
		"registration": func(r *wire.Register) { r.RegistrationID = 0 },
	} {
		r := good
		change(&r)
		if status, p := w.call(nil, wire.PathRegister, r, nil); status != 400 && status != 413 || p.Say == "" || p.Say == "internal error" {
			t.Errorf("%s: %d %v", name, status, p)
		}
	}
	if status, p := w.call(nil, wire.PathRegister, good, nil); status != 200 {
		t.Fatalf("the good one after all the bad ones: %d %v", status, p)
	}
	if status, p := w.call(nil, wire.PathRegister, good, nil); status != 410 {
		t.Fatalf("the same code again: %d %v", status, p)
	}
}

func TestFiveTriesTenMinutesAndLimits(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	r, _ := registration(number(1), "")
	code := w.code(number(1))
	bad := "000000"
	if code == bad {
		bad = "000001"
	}
	for left := 4; left >= 0; left-- {
		r.Code = bad
		status, p := w.call(nil, wire.PathRegister, r, nil)
		if status != 400 || left > 0 && !strings.Contains(p.Say, fmt.Sprintf("tries left: %d", left)) {
			t.Fatalf("with %d left: %d %v", left, status, p)
		}
	}
	if r.Code = code; true {
		if status, p := w.call(nil, wire.PathRegister, r, nil); status != 410 {
			t.Fatalf("the right code after five wrong ones: %d %v", status, p)
		}
	}
	r.Code = w.code(number(1))
	w.clock.Advance(10*time.Minute + time.Second)
	if status, p := w.call(nil, wire.PathRegister, r, nil); status != 410 {
		t.Fatalf("after ten minutes: %d %v", status, p)
	}
	for range 3 {
		w.code(number(1))
	}
	status, p := w.call(nil, wire.PathCode, wire.CodeRequest{Phone: number(1)}, nil)
	if status != 429 || p.RetryAfter < 60 || p.RetryAfter > 3600 || !strings.Contains(p.Say, "minutes") {
		t.Fatalf("a sixth code in an hour: %d %+v", status, p)
	}
	w.clock.Advance(time.Duration(p.RetryAfter) * time.Second)
	r.Code = w.code(number(1))
	if status, p := w.call(nil, wire.PathRegister, r, nil); status != 200 {
		t.Fatalf("in the next hour: %d %v", status, p)
	}
}

func TestLimitsOfOneAddressAndOneDevice(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), func(a *account.Config, _ *mailbox.Config, g *gateway.Config) {
		a.Limits.CodesPerAddress = 3
		g.Limits.CallsPerDevice, g.Limits.SendsPerDevice = 2, 1
	})
	ann, bob := w.join(number(1)), w.join(number(2))
	w.code(number(3))
	if status, p := w.call(nil, wire.PathCode, wire.CodeRequest{Phone: number(4)}, nil); status != 429 || p.RetryAfter == 0 || !strings.Contains(p.Say, "network address") {
		t.Fatalf("a fourth code: %d %+v", status, p)
	}
	for range 8 {
		if status, p := w.call(&ann.cred, wire.PathExport, wire.Nothing{}, nil); status != 200 {
			t.Fatalf("within the limit: %d %v", status, p)
		}
	}
	if status, p := w.call(&ann.cred, wire.PathExport, wire.Nothing{}, nil); status != 429 || p.RetryAfter != 1 {
		t.Fatalf("over the device's limit: %d %+v", status, p)
	}
	if status, _ := w.call(&bob.cred, wire.PathExport, wire.Nothing{}, nil); status != 200 {
		t.Fatalf("another device: %d", status)
	}
	w.clock.Advance(time.Second)
	a, _, _ := ann.connect()
	for i := range uint64(20) {
		a.send(i, bob, "x")
		a.answer()
	}
	a.send(20, bob, "x")
	if f, ok := a.answer().(wire.Refused); !ok || f.Code != wire.CodeSlowDown || f.RetryAfter == 0 {
		t.Fatalf("over the rate: %v", f)
	}
}

// TestASpentBudgetHidesHitsAndMisses: status, body and work are the same.
func TestASpentBudgetHidesHitsAndMisses(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w := newWorld(t, db)
		ann := w.join(number(1))
		w.join(number(2))
		var found wire.Found
		if status, _ := w.call(&ann.cred, wire.PathLookup, wire.Lookup{Phone: number(2)}, &found); status != 200 || len(found.Devices) != 1 {
			t.Fatalf("a hit: %d %v", status, found)
		}
		for i := range 19 {
			if status, p := w.call(&ann.cred, wire.PathLookup, wire.Lookup{Phone: number(100 + i)}, nil); status != 404 {
				t.Fatalf("a miss: %d %v", status, p)
			}
		}
		body := func(phone string) (string, time.Duration) {
			start := time.Now()
			status, p := w.call(&ann.cred, wire.PathLookup, wire.Lookup{Phone: phone}, nil)
			return fmt.Sprint(status, p), time.Since(start)
		}
		var hits, misses time.Duration
		for i := range 30 {
			hit, a := body(number(2))
			miss, b := body(number(500 + i))
			if hit != miss || !strings.HasPrefix(hit, "429") {
				t.Fatalf("a hit is %q, a miss %q", hit, miss)
			}
			hits, misses = hits+a, misses+b
		}
		if hits > 10*misses || misses > 10*hits {
			t.Errorf("30 hits took %v, 30 misses %v", hits, misses)
		}
		w.clock.Advance(24 * time.Hour)
		if status, _ := w.call(&ann.cred, wire.PathLookup, wire.Lookup{Phone: number(2)}, nil); status != 200 {
			t.Fatalf("the next day: %d", status)
		}
	})
}

func TestANumberThatChangesHandsStartsClean(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w := newWorld(t, db)
		ann, old := w.join(number(1)), w.join(number(2))
		w.call(&old.cred, wire.PathProfile, wire.ProfileUpdate{Name: ptr("Former Holder"), About: ptr("former about"), Email: ptr("f@example.org")}, nil)
		w.call(&old.cred, wire.PathBlock, wire.Block{Account: wire.NewAccountID()}, nil)
		sock, _, _ := old.connect()
		a, _, _ := ann.connect()
		a.send(1, old, "for the former holder")
		sock.next()
		fresh := w.join(number(2))
		if fresh.addr == old.addr {
			t.Fatal("the same account")
		}
		if f, ok := sock.next().(wire.Goodbye); !ok {
			t.Fatalf("the former holder's socket got %v", f)
		}
		if status, _ := w.call(&old.cred, wire.PathExport, wire.Nothing{}, nil); status != 401 {
			t.Fatalf("the former holder's token: %d", status)
		}
		if status, _ := w.call(&ann.cred, wire.PathPerson, wire.PersonRequest{Account: old.addr.Account}, nil); status != 404 {
			t.Fatalf("the former holder's profile: %d", status)
		}
		var e wire.Export
		w.call(&fresh.cred, wire.PathExport, wire.Nothing{}, &e)
		for _, f := range e.Facts {
			if strings.Contains(strings.ToLower(f.Value), "former") || f.Field == "blocks" || f.Field == "email" {
				t.Errorf("the new holder sees %v", f)
			}
		}
		if _, got, _ := fresh.connect(); len(got) != 0 {
			t.Errorf("the new holder got %v", got)
		}
		if f, ok := a.answer().(wire.Refused); !ok || f.Code != wire.CodeGone {
			t.Errorf("ann was told %v", f)
		}
	})
}

func TestTheExportIsTheInventory(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t))
	ann, bob := w.join(number(1)), w.join(number(2))
	w.call(&ann.cred, wire.PathProfile, wire.ProfileUpdate{About: ptr("lives here"), Email: ptr("ann@example.org")}, nil)
	w.call(&ann.cred, wire.PathBlock, wire.Block{Account: bob.addr.Account}, nil)
	w.clock.Advance(26 * time.Hour)
	var e wire.Export
	if status, _ := w.call(&ann.cred, wire.PathExport, wire.Nothing{}, &e); status != 200 {
		t.Fatal(status)
	}
	want := map[string]string{"phone": number(1), "name": "N " + number(1), "service_start": "2026-11-23", "last_seen": "2026-11-24", "last_ip": "127.0.0.1",
		"device_type": "terminal", "devices": "1, 2026-11-23", "blocks": bob.addr.Account.String(), "about": "lives here", "email": "ann@example.org"}
	for _, f := range e.Facts {
		if want[f.Field] != f.Value || f.Title == "" || f.Class == "" {
			t.Errorf("%v, want %q", f, want[f.Field])
		}
		delete(want, f.Field)
	}
	if len(want) != 0 {
		t.Errorf("missing: %v", want)
	}
	r, err := w.accounts.Records(context.Background(), ann.addr.Account, []disclosable.FieldID{"name", "last_seen"})
	if err != nil || len(r) != 2 || r[0].Field != "name" || r[0].Account != disclosable.Account(ann.addr.Account) {
		t.Fatalf("a production of two fields: %v, %v", r, err)
	}
	if status, _ := w.call(&ann.cred, wire.PathDelete, wire.Delete{Confirm: ann.addr.Account}, nil); status != 200 {
		t.Fatalf("delete: %d", status)
	}
	if status, _ := w.call(&ann.cred, wire.PathExport, wire.Nothing{}, nil); status != 401 {
		t.Fatalf("after deletion: %d", status)
	}
	if _, ok, err := w.accounts.Find(context.Background(), number(1)); ok || err != nil {
		t.Fatalf("found after deletion (%v)", err)
	}
}

func TestAForwardedAddressIsBelievedOfNamedProxiesOnly(t *testing.T) {
	for proxy, want := range map[string]string{"": "127.0.0.1", "127.0.0.0/8": "198.51.100.7"} {
		w := newWorld(t, storagetest.SQLite(t), func(_ *account.Config, _ *mailbox.Config, g *gateway.Config) {
			if proxy != "" {
				g.Proxies = []netip.Prefix{netip.MustParsePrefix(proxy)}
			}
		})
		ann := w.join(number(1))
		body, _ := wire.Marshal(wire.Nothing{})
		req, _ := http.NewRequest(http.MethodPost, w.server.URL+wire.PathExport, bytes.NewReader(body))
		req.Header = http.Header{"Content-Type": {wire.ContentType}, "Authorization": {ann.cred.Header()}, "X-Forwarded-For": {"10.9.9.9, 198.51.100.7"}}
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
		resp.Body.Close()
		if f, err := w.db.Facts(context.Background(), ann.addr.Account); err != nil || f.LastIP != want {
			t.Errorf("proxies %q: noted %s, want %s (%v)", proxy, f.LastIP, want, err)
		}
	}
}

// TestDeletionCleansTheFilesByItself: nobody has to call for it.
func TestDeletionCleansTheFilesByItself(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w := newWorld(t, db)
		ann := w.join(number(7731))
		w.call(&ann.cred, wire.PathProfile, wire.ProfileUpdate{Name: ptr("Deleted-Person-Marker"), About: ptr("deleted-about-marker")}, nil)
		needles := []string{number(7731), "Deleted-Person-Marker", "deleted-about-marker"}
		for _, n := range needles {
			if db.Find(t, []byte(n)) == 0 {
				t.Fatalf("%s is not found while the account exists: the search cannot fail", n)
			}
		}
		if status, p := w.call(&ann.cred, wire.PathDelete, wire.Delete{Confirm: ann.addr.Account}, nil); status != 200 {
			t.Fatalf("delete: %d %v", status, p)
		}
		for _, n := range needles {
			w.eventually(n+" is gone from the files", func() bool { return db.Find(t, []byte(n)) == 0 })
		}
	})
}
