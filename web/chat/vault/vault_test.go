package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"letterlock/client"
	"letterlock/client/keystoretest"
	"letterlock/internal/fault"
	"letterlock/web/chat/vault"
)

// disk is a disk in memory that anybody may look at.
type disk struct {
	meta    []byte
	records map[[16]byte][]byte
	broken  error
}

func (d *disk) Meta(context.Context) ([]byte, error) { return d.meta, nil }
func (d *disk) Replace(ctx context.Context, m []byte, records [][]byte) error {
	d.meta, d.records = m, map[[16]byte][]byte{}
	return d.Commit(ctx, records, nil)
}
func (d *disk) Load(context.Context) (out [][]byte, err error) {
	for _, r := range d.records {
		out = append(out, r)
	}
	return out, nil
}
func (d *disk) Commit(_ context.Context, put [][]byte, remove [][16]byte) error {
	if d.broken != nil {
		return d.broken
	}
	for _, r := range put {
		d.records[[16]byte(r)] = bytes.Clone(r)
	}
	for _, id := range remove {
		delete(d.records, id)
	}
	return nil
}
func (d *disk) Drop(context.Context) error { d.meta, d.records = nil, nil; return nil }

var (
	bg    = context.Background()
	cheap = vault.Cost{Passes: 1, KiB: 64}
)

const passphrase = "correct horse battery"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, d *disk) *vault.Store {
	t.Helper()
	s, err := vault.Create(bg, d, passphrase, cheap)
	must(t, err)
	return s
}

func TestKeyStore(t *testing.T) {
	d := &disk{}
	keystoretest.Run(t, func(t *testing.T) client.KeyStore { return create(t, d) }, func(t *testing.T) client.KeyStore {
		s, err := vault.Open(bg, d, passphrase)
		must(t, err)
		return s
	})
}

func put(t *testing.T, s *vault.Store, b client.Bucket, key, value string) {
	t.Helper()
	must(t, s.Update(bg, func(tx client.Tx) error { return tx.Put(b, []byte(key), []byte(value)) }))
}

func TestNothingOnTheDiskCanBeRead(t *testing.T) {
	d := &disk{}
	s := create(t, d)
	needles := []string{passphrase, "+441632960001", "the words of a message", "contact", "journal", "session"}
	put(t, s, client.BucketContact, needles[1], needles[2])
	put(t, s, client.BucketJournal, "1", needles[2])
	all := bytes.Clone(d.meta)
	for id, r := range d.records {
		all = append(append(all, id[:]...), r...)
		if (len(r)-16-24-16)%64 != 0 {
			t.Errorf("a record of %d bytes tells the length of what is in it", len(r))
		}
	}
	for _, n := range needles {
		if bytes.Contains(all, []byte(n)) {
			t.Errorf("%q lies open on the disk", n)
		}
	}
	if len(d.records) != 2 {
		t.Fatalf("%d records: the search looked at nothing", len(d.records))
	}
}

func TestAnotherPassphraseOpensNothing(t *testing.T) {
	d := &disk{}
	put(t, create(t, d), client.BucketSelf, "self", "secret")
	if _, err := vault.Open(bg, d, passphrase+"."); !fault.Is(err, fault.Unauthenticated) {
		t.Fatalf("another passphrase: %v", err)
	}
	if _, err := vault.Create(bg, d, "1234567", cheap); !fault.Is(err, fault.Invalid) {
		t.Fatalf("a short passphrase: %v", err)
	}
	if d.meta == nil || len(d.records) != 1 {
		t.Fatal("a refused passphrase removed what was stored")
	}
}

func TestAChangedDiskIsNoticed(t *testing.T) {
	changes := map[string]func(d *disk, ids [][16]byte){
		"a bit of a record": func(d *disk, ids [][16]byte) { d.records[ids[0]][60] ^= 1 },
		"a record in another's place": func(d *disk, ids [][16]byte) {
			r := bytes.Clone(d.records[ids[0]])
			copy(r, ids[1][:])
			d.records[ids[1]] = r
		},
		"a cut record":                 func(d *disk, ids [][16]byte) { d.records[ids[0]] = d.records[ids[0]][:30] },
		"the meta":                     func(d *disk, _ [][16]byte) { d.meta[10] ^= 1 },
		"a meta that wants a terabyte": func(d *disk, _ [][16]byte) { d.meta[2] = 0xff },
		"a cut meta":                   func(d *disk, _ [][16]byte) { d.meta = d.meta[:20] },
	}
	for name, change := range changes {
		d := &disk{}
		s := create(t, d)
		put(t, s, client.BucketSelf, "self", "secret")
		put(t, s, client.BucketPeer, "peer", strings.Repeat("long", 50))
		var ids [][16]byte
		for id := range d.records {
			ids = append(ids, id)
		}
		change(d, ids)
		if _, err := vault.Open(bg, d, passphrase); err == nil {
			t.Errorf("%s changed, and nobody noticed", name)
		}
	}
}

func TestWhatTheDiskRefusedIsNotInMemory(t *testing.T) {
	d := &disk{}
	s := create(t, d)
	put(t, s, client.BucketSelf, "k", "before")
	d.broken = errors.New("the disk is full")
	if err := s.Update(bg, func(tx client.Tx) error { return tx.Put(client.BucketSelf, []byte("k"), []byte("after")) }); !errors.Is(err, d.broken) {
		t.Fatalf("a full disk: %v", err)
	}
	must(t, s.View(bg, func(tx client.Tx) error {
		if v, _ := tx.Get(client.BucketSelf, []byte("k")); string(v) != "before" {
			return fmt.Errorf("it reads %q", v)
		}
		return nil
	}))
}

func TestDropLeavesNothing(t *testing.T) {
	d := &disk{}
	s := create(t, d)
	put(t, s, client.BucketSelf, "k", "v")
	must(t, s.Drop(bg))
	if d.meta != nil || len(d.records) > 0 {
		t.Fatal("something is left")
	}
}

func TestAnotherPassphraseIsAnotherKey(t *testing.T) {
	d := &disk{}
	s := create(t, d)
	put(t, s, client.BucketSelf, "k", "v")
	former, records := bytes.Clone(d.meta), d.records
	if err := s.Rekey(bg, "not the passphrase", "another passphrase"); !fault.Is(err, fault.Unauthenticated) {
		t.Fatalf("whoever does not know the passphrase changed it: %v", err)
	}
	must(t, s.Rekey(bg, passphrase, "another passphrase"))
	put(t, s, client.BucketSelf, "k2", "v2")
	for id := range records {
		if _, there := d.records[id]; there {
			t.Error("a record kept its name")
		}
	}
	if _, err := vault.Open(bg, d, passphrase); err == nil {
		t.Error("the former passphrase opens")
	}
	again, err := vault.Open(bg, d, "another passphrase")
	must(t, err)
	must(t, again.View(bg, func(tx client.Tx) error {
		all, err := tx.List(client.BucketSelf, client.Range{})
		if err == nil && len(all) != 2 {
			err = fmt.Errorf("%d entries", len(all))
		}
		return err
	}))
	d.meta = former
	if _, err := vault.Open(bg, d, passphrase); err == nil {
		t.Error("with its former meta the former passphrase opens the new records")
	}
}
