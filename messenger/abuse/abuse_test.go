package abuse_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/testkit/pg"
	"letterlock/messenger/abuse"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func TestMain(m *testing.M) { pg.Main(m) }

var ctx = context.Background()

// desk is a letter-box with the key that opens what lies in it.
type desk struct {
	*abuse.Reports
	t   *testing.T
	db  storagetest.Carrier
	at  *clock.Manual
	key *ecdh.PrivateKey
}

func open(t *testing.T, db storagetest.Carrier) *desk {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	at := clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	return &desk{abuse.New(abuse.Config{Store: db, Clock: at, Key: key.PublicKey().Bytes()}), t, db, at, key}
}

func (d *desk) sealed(text string) wire.Report {
	d.t.Helper()
	b, err := wire.SealReport(d.key.PublicKey().Bytes(), []byte(text))
	if err != nil {
		d.t.Fatal(err)
	}
	return wire.Report{Sealed: b}
}

func (d *desk) opened() []abuse.Opened {
	d.t.Helper()
	all, err := abuse.Open(ctx, d.db, d.key)
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// A report waits sealed: the disk has neither who reported nor what, until it is
// closed or its days are over; then it has nothing.
func TestAReportWaitsSealedAndEnds(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		d := open(t, db)
		ann, ben := wire.NewAccountID(), wire.NewAccountID()
		for id, text := range map[wire.AccountID]string{ann: "NEEDLE-INSULT", ben: "another"} {
			if err := d.Take(ctx, id, d.sealed(text)); err != nil {
				t.Fatal(err)
			}
		}
		for _, needle := range [][]byte{[]byte("NEEDLE-INSULT"), ann[:], []byte(ann.String())} {
			if n := db.Find(t, needle); n != 0 {
				t.Errorf("%q lies on the disk %d times", needle, n)
			}
		}
		all := d.opened()
		if len(all) != 2 {
			t.Fatalf("%+v", all)
		}
		for _, o := range all {
			want := map[wire.AccountID]string{ann: "NEEDLE-INSULT", ben: "another"}[o.Reporter]
			if o.Bad || string(o.Text) != want || o.Day != "2026-11-23" {
				t.Errorf("%+v, want %q", o, want)
			}
		}
		if err := abuse.Close(ctx, db, all[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := abuse.Close(ctx, db, all[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("closed twice: %v", err)
		}
		rows, err := db.Reports(ctx)
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		needle := rows[0].Sealed[100:130]
		run := func(days int) int {
			d.at.Advance(time.Duration(days) * 24 * time.Hour)
			c, cancel := context.WithCancel(ctx)
			ended := make(chan struct{})
			go func() { d.Run(c); close(ended) }()
			for deadline := time.Now().Add(5 * time.Second); ; {
				left := len(d.opened())
				if left == 0 || days < abuse.Kept || time.Now().After(deadline) {
					cancel()
					<-ended
					return left
				}
			}
		}
		if run(29) != 1 || run(31) != 0 {
			t.Error("a report does not end after its days")
		}
		if err := db.Erase(ctx); err != nil {
			t.Fatal(err)
		}
		if n := db.Find(t, needle); n != 0 {
			t.Errorf("an ended report lies on the disk %d times", n)
		}
	})
}

func TestReportsAreLimited(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		d := open(t, db)
		ann := wire.NewAccountID()
		for i := range 6 {
			err := d.Take(ctx, ann, d.sealed("x"))
			if (i < 5) != (err == nil) || (err != nil && !fault.Is(err, fault.Exhausted)) {
				t.Errorf("report %d: %v", i+1, err)
			}
		}
		d.at.Advance(24 * time.Hour)
		if err := d.Take(ctx, ann, d.sealed("x")); err != nil {
			t.Error(err)
		}
		for _, bad := range []wire.Report{{}, {Sealed: make([]byte, 40)}, {Sealed: make([]byte, wire.MaxReport+8192)}} {
			if err := d.Take(ctx, wire.NewAccountID(), bad); !fault.Is(err, fault.TooLarge) {
				t.Errorf("%d bytes: %v", len(bad.Sealed), err)
			}
		}
		if err := d.Take(ctx, wire.NewAccountID(), wire.Report{Sealed: bytes.Repeat([]byte{7}, 5000)}); err != nil {
			t.Fatal(err)
		}
		garbage := 0
		for _, o := range d.opened() {
			if o.Bad {
				garbage++
			}
		}
		if garbage != 1 {
			t.Errorf("%d do not open, want the one that nobody sealed", garbage)
		}
	})
}

func TestTheKeyForReportsIsRead(t *testing.T) {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := abuse.ReadKey(base64.StdEncoding.EncodeToString(key.PublicKey().Bytes())); err != nil || !bytes.Equal(b, key.PublicKey().Bytes()) {
		t.Error(err)
	}
	for _, bad := range []string{"", "AAAA", "not base64"} {
		if _, err := abuse.ReadKey(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := abuse.ParseID("zz"); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}
