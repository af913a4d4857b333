package mailbox_test

import (
	"bytes"
	"context"
	"testing"

	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func (d *device) hint(to *device, body string) {
	d.sess.Hint(wire.Hint{To: to.addr, Kind: wire.KindMessage, Body: []byte(body)})
}

func (d *device) silent(why string) {
	d.p.t.Helper()
	if fs, ok := d.poll(0); ok {
		d.p.t.Fatalf("%s: got %T %v", why, fs[0], fs[0])
	}
}

// A hint goes to who is here, or nowhere: no disk, no queue, no answer, and
// neither an absence nor a block shows.
func TestAHintGoesToWhoIsHereOrNowhere(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		s, use := spied(db)
		p := newPost(t, db, use)
		ann, bob, away := p.device().online(), p.device().online(), p.device()
		ann.hint(bob, "writing")
		if f := bob.want(wire.Hinted{}).(wire.Hinted); string(f.Body) != "writing" || f.From != ann.addr || f.Kind != wire.KindMessage {
			t.Fatalf("bob got %v", f)
		}
		ann.hint(away, "writing")
		away.connect()
		away.want(wire.Hello{})
		away.want(wire.Empty{})
		away.silent("a hint waited for a device that was away")

		if err := db.Block(context.Background(), bob.addr.Account, ann.addr.Account, false, 10); err != nil {
			t.Fatal(err)
		}
		p.Blocked(bob.addr.Account)
		ann.hint(bob, "unwanted")
		bob.silent("a hint passed a block")

		ann.sess.Hint(wire.Hint{To: away.addr, Kind: wire.KindMessage})
		ann.sess.Hint(wire.Hint{To: away.addr, Kind: wire.KindMessage, Body: bytes.Repeat([]byte{1}, wire.MaxHint+1)})
		ann.sess.Hint(wire.Hint{To: away.addr, Kind: wire.KindNotice, Body: []byte("from the service")})
		away.silent("a hint that is none was passed on")
		ann.silent("a hint was answered")
		p.stop()
		if n := s.commits.Load(); n != 0 {
			t.Fatalf("hints made %d commits", n)
		}
	})
}

// A device that does not read has its hints dropped, not kept.
func TestHintsDoNotPileUp(t *testing.T) {
	db := storagetest.SQLite(t)
	p := newPost(t, db)
	ann, bob := p.device().online(), p.device().online()
	for range 5000 {
		ann.hint(bob, "writing")
	}
	n := 0
	for {
		if _, ok := bob.poll(0); !ok {
			break
		}
		n++
	}
	if n == 0 || n > 256 {
		t.Fatalf("%d of 5,000 hints waited for a device that did not read", n)
	}
	ann.send(1, bob, "a message still comes")
	if l, _, _ := bob.letter(); string(l.Body) != "a message still comes" {
		t.Fatalf("bob got %q", l.Body)
	}
}
