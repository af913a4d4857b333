package storagetest_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/testkit/pg"
	"letterlock/messenger/account"
	"letterlock/messenger/mailbox"
	"letterlock/storage/messengerdb"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func TestMain(m *testing.M) { pg.Main(m) }

var ctx = context.Background()

// TestEveryStoredColumnIsDeclared walks the live schema of both engines (duty B2).
func TestEveryStoredColumnIsDeclared(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		cols, err := db.Columns(ctx)
		if err != nil || len(cols) < 30 {
			t.Fatalf("%d columns, %v", len(cols), err)
		}
		for _, c := range cols {
			if !disclosable.Declared(disclosable.Carrier, c.Table, c.Name) && c.Table != "sqlite_sequence" {
				t.Errorf("column %s.%s is stored and nobody declared it (disclosable)", c.Table, c.Name)
			}
		}
		if _, err := db.Exec(ctx, `CREATE TABLE contacts (account BYTEA, friend BYTEA)`); err != nil {
			t.Fatal(err)
		}
		cols, err = db.Columns(ctx)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, c := range cols {
			if !disclosable.Declared(disclosable.Carrier, c.Table, c.Name) && c.Table == "contacts" {
				n++
			}
		}
		if n != 2 {
			t.Fatalf("the walk sees %d columns of an undeclared table, want 2", n)
		}
	})
}

func TestEveryDeclaredColumnExists(t *testing.T) {
	db := storagetest.SQLite(t)
	cols, err := db.Columns(ctx)
	if err != nil {
		t.Fatal(err)
	}
	have := map[disclosable.Column]bool{}
	for _, c := range cols {
		have[disclosable.Column{Table: c.Table, Name: c.Name}] = true
	}
	for _, f := range disclosable.Fields() {
		for _, c := range f.Columns {
			if !have[c] {
				t.Errorf("the inventory says that %s lies in %v, which does not exist", f.ID, c)
			}
		}
	}
}

var next int

func person(t testing.TB, db storagetest.Carrier, phone, name string) account.NewAccount {
	t.Helper()
	next++
	signed := wire.PreKey{ID: 1, Key: []byte{5, 1}, Signature: []byte{1}}
	last := wire.PreKey{ID: 2, Key: []byte{8, 2}, Signature: []byte{2}}
	n := account.NewAccount{Phone: phone, Name: name, Created: "2026-11-23", LastIP: "192.0.2.77",
		Subject: account.Subject{byte(next), 9}, Code: [32]byte{byte(next)},
		Device: account.Device{Address: wire.At(wire.NewAccountID(), 1), Type: "terminal", Added: "2026-11-23", Token: account.TokenHash{byte(next)},
			RegistrationID: 5, IdentityKey: []byte{5, 5}, MailboxKey: []byte{6}, Mailbox: int64(next)*7919 + 1},
		Keys: wire.KeyUpload{Signed: &signed, LastResort: &last}}
	for i := range uint32(20) {
		n.Keys.OneTime = append(n.Keys.OneTime, wire.PreKey{ID: 10 + i, Key: []byte{5, byte(i)}})
		n.Keys.KyberOneTime = append(n.Keys.KyberOneTime, wire.PreKey{ID: 50 + i, Key: []byte{8, byte(i)}, Signature: []byte{3}})
	}
	if err := db.PutCode(ctx, n.Subject, nil, account.CodeRow{Code: n.Code, Tries: 1, Expires: 1 << 40}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestACodeIsUsedOnceAndItsTriesAreCounted(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		s := account.Subject{200}
		if err := db.PutCode(ctx, s, nil, account.CodeRow{Code: [32]byte{1}, Tries: 5, Expires: 100, Sent: 1, Since: 3}); err != nil {
			t.Fatal(err)
		}
		if err := db.PutCode(ctx, s, nil, account.CodeRow{}); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a second first code: %v", err)
		}
		if _, ok, err := db.TryCode(ctx, s, 100); ok || err != nil {
			t.Fatalf("an expired code can be tried (%v)", err)
		}
		var mu sync.Mutex
		tries := 0
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, ok, err := db.TryCode(ctx, s, 99); err != nil {
					t.Error(err)
				} else if ok {
					mu.Lock()
					tries++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if tries != 5 {
			t.Fatalf("%d tries, want 5", tries)
		}
		n := person(t, db, "+14155550000", "A")
		if _, err := db.Create(ctx, n); err != nil {
			t.Fatal(err)
		}
		n.Device.Address = wire.At(wire.NewAccountID(), 1)
		if _, err := db.Create(ctx, n); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a code was used twice: %v", err)
		}
	})
}

func TestEachOneTimeKeyIsHandedOutOnce(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		n := person(t, db, "+14155550001", "B")
		if _, err := db.Create(ctx, n); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		curve, kyber := map[uint32]int{}, map[uint32]int{}
		without := 0
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() {
				b, err := db.TakeBundle(ctx, n.Device.Address)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				kyber[b.Kyber.ID]++
				if b.OneTime == nil {
					without++
				} else {
					curve[b.OneTime.ID]++
				}
			})
		}
		all.Wait()
		for id, k := range curve {
			if k != 1 {
				t.Errorf("one-time key %d went to %d people", id, k)
			}
		}
		if len(curve) != 20 || without != 10 || len(kyber) != 21 || kyber[2] != 10 {
			t.Fatalf("%d keys, %d without, %d Kyber keys, last resort %d times", len(curve), without, len(kyber), kyber[2])
		}
		if c, err := db.CountKeys(ctx, n.Device.Address); err != nil || c != (wire.KeyCount{}) {
			t.Fatal(c, err)
		}
		if _, err := db.TakeBundle(ctx, wire.At(wire.NewAccountID(), 1)); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a bundle of nobody: %v", err)
		}
	})
}

func TestRowsComeInOrderAndSpansGo(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		var put []mailbox.Row
		for i := range int64(200) {
			put = append(put, mailbox.Row{Mailbox: 4, Order: i + 1, Expires: "2026-12-23", Sealed: []byte(fmt.Sprint(i))})
		}
		put[7].Expires = ""
		if err := db.Commit(ctx, mailbox.Batch{Put: put}); err != nil {
			t.Fatal(err)
		}
		if err := db.Commit(ctx, mailbox.Batch{Put: put[:1], Drop: []mailbox.Span{{Mailbox: 4, First: 50, Last: 60}}}); err == nil {
			t.Fatal("a row was overwritten")
		}
		if rows, err := db.Page(ctx, 4, 48, 3, 1<<20); err != nil || len(rows) != 3 || rows[2].Order != 51 || string(rows[2].Sealed) != "50" {
			t.Fatalf("a failed commit had an effect: %v, %v", rows, err)
		}
		if err := db.Commit(ctx, mailbox.Batch{Drop: []mailbox.Span{{Mailbox: 4, First: 2, Last: 190}, {Mailbox: 5, First: 1, Last: 9}}}); err != nil {
			t.Fatal(err)
		}
		if rows, err := db.Page(ctx, 4, 0, 100, 1<<20); err != nil || len(rows) != 11 || rows[0].Order != 1 || rows[1].Order != 191 {
			t.Fatalf("%v, %v", rows, err)
		}
		if rows, err := db.Page(ctx, 4, 0, 100, 3); err != nil || len(rows) != 2 {
			t.Fatalf("a page of 3 bytes has %d rows (%v)", len(rows), err)
		}
		if gone, err := db.Expire(ctx, "2026-12-24"); err != nil || len(gone) != 11 {
			t.Fatalf("%d rows expired (%v)", len(gone), err)
		}
	})
}

// TestOfADeletedAccountNothingIsLeftInTheFiles looks into the engine's files
// for everything that the inventory names.
func TestOfADeletedAccountNothingIsLeftInTheFiles(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		n := person(t, db, "+14155559917", "Zygmunt Q. Residue")
		other := person(t, db, "+14155559918", "Other")
		n.LastIP, other.LastIP = "192.0.2.231", "192.0.2.1"
		for _, p := range []account.NewAccount{n, other} {
			if _, err := db.Create(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		id := n.Device.Address.Account
		about, mail := "about-residue-marker", "residue-marker@example.org"
		if err := db.SetProfile(ctx, id, wire.ProfileUpdate{About: &about, Email: &mail}); err != nil {
			t.Fatal(err)
		}
		if err := db.Seen(ctx, id, "2026-11-24", "203.0.113.199"); err != nil {
			t.Fatal(err)
		}
		if err := db.Block(ctx, id, other.Device.Address.Account, false, 9); err != nil {
			t.Fatal(err)
		}
		if err := db.Block(ctx, other.Device.Address.Account, id, false, 9); err != nil {
			t.Fatal(err)
		}
		if err := db.Commit(ctx, mailbox.Batch{Put: []mailbox.Row{{Mailbox: n.Device.Mailbox, Order: 1, Sealed: []byte("sealed-row-residue-marker")}}}); err != nil {
			t.Fatal(err)
		}
		needles := map[string][]byte{"phone": []byte(n.Phone), "name": []byte(n.Name), "about": []byte(about), "e-mail": []byte(mail),
			"IP": []byte("203.0.113.199"), "row": []byte("sealed-row-residue-marker")}
		found := 0
		for _, b := range needles {
			found += db.Find(t, b)
		}
		if found < len(needles) {
			t.Fatalf("only %d hits while the account exists: the search cannot fail", found)
		}
		c, err := db.CloseAccount(ctx, id)
		if err != nil || len(c.Devices) != 1 || len(c.Mailboxes) != 1 {
			t.Fatal(c, err)
		}
		if err := db.Erase(ctx); err != nil {
			t.Fatal(err)
		}
		needles["former IP"] = []byte(n.LastIP)
		needles["account"] = id[:]
		needles["account in hex"] = []byte(hex.EncodeToString(id[:]))
		for what, b := range needles {
			if k := db.Find(t, b); k != 0 {
				t.Errorf("%s: %d times in the files", what, k)
			}
		}
		if _, err := db.Facts(ctx, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("facts of a deleted account: %v", err)
		}
		if f, err := db.Facts(ctx, other.Device.Address.Account); err != nil || f.Name != "Other" || len(f.Blocks) != 0 {
			t.Errorf("the other account is %v (%v)", f, err)
		}
	})
}

func TestTheFileIsTheOwnersAndSurvivesReopening(t *testing.T) {
	db := storagetest.SQLite(t)
	n := person(t, db, "+14155550009", "C")
	if _, err := db.Create(ctx, n); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(db.Config.Database, "sqlite:")
	for _, p := range []string{path, path + "-wal"} {
		if fi, err := os.Stat(p); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", p, fi.Mode(), err)
		}
	}
	again, err := messengerdb.Open(ctx, db.Config)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if f, err := again.Facts(ctx, n.Device.Address.Account); err != nil || f.Name != "C" {
		t.Fatal(f, err)
	}
	if _, err := db.Exec(ctx, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`); err != nil {
		t.Fatal(err)
	}
	if d, err := messengerdb.Open(ctx, db.Config); err == nil || !strings.Contains(err.Error(), "refusing") {
		if d != nil {
			d.Close()
		}
		t.Fatalf("a newer schema was opened: %v", err)
	}
}
