package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"letterlock/internal/fault"
	"letterlock/messenger/account"
	"letterlock/messenger/mailbox"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// spy is a store that counts commits and can be told to fail or to wait.
type spy struct {
	mailbox.Store
	commits, rows atomic.Int64
	fail          atomic.Bool
	mu            sync.Mutex
	hold          chan struct{}
	entered       chan struct{}
}

var errDisk = errors.New("the disk is gone")

func (s *spy) Commit(ctx context.Context, b mailbox.Batch) error {
	s.mu.Lock()
	hold, entered := s.hold, s.entered
	s.mu.Unlock()
	if hold != nil {
		select {
		case entered <- struct{}{}:
		default:
		}
		<-hold
	}
	if s.fail.Load() {
		return errDisk
	}
	s.commits.Add(1)
	s.rows.Add(int64(len(b.Put)))
	return s.Store.Commit(ctx, b)
}

func spied(db storagetest.Carrier) (*spy, func(*mailbox.Config)) {
	s := &spy{Store: db}
	return s, func(c *mailbox.Config) { c.Store = s }
}

func TestBetweenTwoWhoAreOnlineNothingTouchesTheDisk(t *testing.T) {
	db := storagetest.SQLite(t)
	s, use := spied(db)
	s.fail.Store(true) // a commit would refuse the envelope
	p := newPost(t, db, use)
	ann, bob := p.device().online(), p.device().online()
	for i := range uint64(300) {
		ann.send(i, bob, "hello")
		l, seq, sealed := bob.letter()
		if string(l.Body) != "hello" || l.From != ann.addr || sealed {
			t.Fatalf("got %v (sealed %v)", l, sealed)
		}
		bob.sess.Ack([]uint64{seq})
		if f := ann.want(wire.Sent{}); f.(wire.Sent).Ref != i {
			t.Fatalf("answer %v to %d", f, i)
		}
	}
	p.stop()
	if n := s.commits.Load(); n != 0 {
		t.Fatalf("%d commits", n)
	}
}

func TestWhatIsNotAcknowledgedInTimeIsStoredThenSent(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		p := newPost(t, db, func(c *mailbox.Config) { c.Elide = 10 * time.Millisecond })
		ann, bob := p.device().online(), p.device().online()
		ann.send(1, bob, "slow")
		_, seq, _ := bob.letter()
		ann.want(wire.Sent{}) // although bob says nothing
		if n := p.rows(bob); n != 1 {
			t.Fatalf("%d rows, want 1", n)
		}
		bob.sess.Ack([]uint64{seq})
		p.eventually("the row is gone", func() bool { return p.rows(bob) == 0 })
	})
}

func TestWhatADroppedConnectionHadComesAgainInOrder(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		p := newPost(t, db)
		ann, bob := p.device().online(), p.device().online()
		for i := range uint64(6) {
			ann.send(i, bob, fmt.Sprint(i))
		}
		for range 4 {
			bob.letter() // read, never acknowledged
		}
		bob.sess.Close()
		for range 6 {
			ann.want(wire.Sent{})
		}
		ann.send(6, bob, "6")
		ann.want(wire.Sent{})
		bob.connect().want(wire.Hello{})
		var seqs []uint64
		for i := range 7 {
			l, seq, sealed := bob.letter()
			if string(l.Body) != fmt.Sprint(i) || !sealed {
				t.Fatalf("at place %d came %q (sealed %v)", i, l.Body, sealed)
			}
			seqs = append(seqs, seq)
		}
		bob.want(wire.Empty{})
		bob.sess.Ack(seqs)
		bob.sess.Ack(seqs) // twice does no harm
		p.eventually("nothing is left", func() bool { return p.rows(bob) == 0 })
	})
}

func TestARestartLosesNothing(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		p := newPost(t, db)
		ann, bob := p.device().online(), p.device()
		ann.send(1, bob, "one")
		ann.want(wire.Sent{})
		bob.connect().want(wire.Hello{})
		bob.letter()
		ann.sess.Close()
		bob.sess.Close()
		p.stop()
		p.start()
		ann.online()
		bob.connect().want(wire.Hello{})
		if l, _, _ := bob.letter(); string(l.Body) != "one" {
			t.Fatalf("after the restart came %q", l.Body)
		}
	})
}

func TestOneCommitServesEverybodyWhoWaits(t *testing.T) {
	db := storagetest.SQLite(t)
	s, use := spied(db)
	p := newPost(t, db, use)
	ann, bob := p.device().online(), p.device()
	s.mu.Lock()
	s.hold, s.entered = make(chan struct{}), make(chan struct{}, 1)
	s.mu.Unlock()
	ann.send(0, bob, "first")
	<-s.entered // the first commit is at the disk
	for i := range uint64(200) {
		ann.send(i+1, bob, "more")
	}
	if fs, ok := ann.poll(0); ok {
		t.Fatalf("answered %v before anything is durable", fs)
	}
	s.mu.Lock()
	close(s.hold)
	s.hold = nil
	s.mu.Unlock()
	for range 201 {
		ann.want(wire.Sent{})
	}
	if c, r := s.commits.Load(), s.rows.Load(); c != 2 || r != 201 {
		t.Fatalf("%d rows in %d commits, want 201 in 2", r, c)
	}
}

func TestAFailingDiskRefusesAndRecovers(t *testing.T) {
	db := storagetest.SQLite(t)
	s, use := spied(db)
	p := newPost(t, db, use)
	ann, bob := p.device().online(), p.device()
	s.fail.Store(true)
	ann.send(1, bob, "lost")
	if f := ann.want(wire.Refused{}).(wire.Refused); f.Code != wire.CodeTemporary || f.Say == "" {
		t.Fatalf("refused as %v", f)
	}
	s.fail.Store(false)
	ann.send(2, bob, "kept")
	ann.want(wire.Sent{})
	bob.connect().want(wire.Hello{})
	if l, _, _ := bob.letter(); string(l.Body) != "kept" {
		t.Fatalf("came %q", l.Body)
	}
	bob.want(wire.Empty{})
}

func TestAnEnvelopeGivenWhileTheDiskFailsWaitsForItsDevice(t *testing.T) {
	db := storagetest.SQLite(t)
	s, use := spied(db)
	p := newPost(t, db, use, func(c *mailbox.Config) { c.Elide = 5 * time.Millisecond })
	ann, bob := p.device().online(), p.device().online()
	s.fail.Store(true)
	ann.send(1, bob, "one")
	ann.send(2, bob, "two")
	_, first, _ := bob.letter()
	_, second, _ := bob.letter()
	bob.sess.Ack([]uint64{first})
	if f := ann.want(wire.Sent{}).(wire.Sent); f.Ref != 1 {
		t.Fatalf("answer %v", f)
	}
	bob.sess.Ack([]uint64{second})
	if f := ann.want(wire.Sent{}).(wire.Sent); f.Ref != 2 {
		t.Fatalf("answer %v", f)
	}
}

func TestQueuesAreBoundedByCountAndBytes(t *testing.T) {
	db := storagetest.SQLite(t)
	p := newPost(t, db, func(c *mailbox.Config) { c.Limits = mailbox.Limits{Rows: 5, Bytes: 3000} })
	ann, bob, cyd := p.device().online(), p.device(), p.device()
	for i := range uint64(5) {
		ann.send(i, bob, "x")
		ann.want(wire.Sent{})
	}
	ann.send(5, bob, "x")
	if f := ann.want(wire.Refused{}).(wire.Refused); f.Code != wire.CodeFull || f.RetryAfter == 0 {
		t.Fatalf("sixth row: %v", f)
	}
	for i := range uint64(2) {
		ann.send(i, cyd, strings.Repeat("y", 1200))
		ann.want(wire.Sent{})
	}
	ann.send(3, cyd, strings.Repeat("y", 1200))
	if f := ann.want(wire.Refused{}).(wire.Refused); f.Code != wire.CodeFull {
		t.Fatalf("over the bytes: %v", f)
	}
	p.stop()
	p.start() // the bounds count what is on disk too
	ann.online()
	ann.send(9, bob, "x")
	if f := ann.want(wire.Refused{}).(wire.Refused); f.Code != wire.CodeFull {
		t.Fatalf("after a restart: %v", f)
	}
	bob.connect().want(wire.Hello{})
	for range 5 {
		_, seq, _ := bob.letter()
		bob.sess.Ack([]uint64{seq})
	}
	// The rows are gone from the disk a moment before there is room again.
	p.eventually("room again", func() bool {
		ann.send(10, bob, "x")
		fs, answered := ann.poll(50 * time.Millisecond)
		return !answered || fs[0].Type() != wire.TypeRefused
	})
	_, seq, _ := func() (wire.Letter, uint64, bool) { bob.want(wire.Empty{}); return bob.letter() }()
	bob.sess.Ack([]uint64{seq})
	ann.want(wire.Sent{})
}

func TestASlowReaderHarmsNobody(t *testing.T) {
	db := storagetest.SQLite(t)
	p := newPost(t, db, func(c *mailbox.Config) { c.Limits = mailbox.Limits{Flight: 8, FlightBytes: 4096} })
	ann, slow, bob := p.device().online(), p.device().online(), p.device().online()
	const n = 500
	for i := range uint64(n) { // slow reads nothing
		ann.send(i, slow, fmt.Sprint(i))
		if i >= 8 { // those past the flight go to disk and are confirmed
			ann.want(wire.Sent{})
		}
		ann.send(1000+i, bob, "quick")
		_, seq, _ := bob.letter()
		bob.sess.Ack([]uint64{seq})
		ann.want(wire.Sent{})
	}
	for i := range n { // and then reads: everything, once, in order
		l, seq, _ := slow.letter()
		if string(l.Body) != fmt.Sprint(i) {
			t.Fatalf("at place %d came %q", i, l.Body)
		}
		slow.sess.Ack([]uint64{seq})
	}
	p.eventually("nothing is left", func() bool { return p.rows(slow) == 0 })
	ann.send(9999, slow, "live again")
	for {
		l, seq, _ := slow.letter()
		if string(l.Body) == "live again" {
			slow.sess.Ack([]uint64{seq})
			break
		}
		t.Fatalf("then came %q", l.Body)
	}
}

func TestWhatCannotBeSentIsRefusedWithItsReason(t *testing.T) {
	p := newPost(t, storagetest.SQLite(t))
	ann, bob := p.device().online(), p.device().online()
	stranger := wire.At(wire.NewAccountID(), 1)
	for name, c := range map[string]struct {
		send wire.Send
		code wire.Code
	}{
		"empty":          {wire.Send{To: bob.addr, Kind: wire.KindMessage}, wire.CodeInvalid},
		"a notice":       {wire.Send{To: bob.addr, Kind: wire.KindNotice, Body: []byte("n")}, wire.CodeInvalid},
		"unknown kind":   {wire.Send{To: bob.addr, Kind: 9, Body: []byte("n")}, wire.CodeInvalid},
		"no device":      {wire.Send{To: wire.At(bob.addr.Account, 0), Kind: wire.KindMessage, Body: []byte("n")}, wire.CodeInvalid},
		"another device": {wire.Send{To: wire.At(bob.addr.Account, 2), Kind: wire.KindMessage, Body: []byte("n")}, wire.CodeGone},
		"no account":     {wire.Send{To: stranger, Kind: wire.KindMessage, Body: []byte("n")}, wire.CodeGone},
		"too large":      {wire.Send{To: bob.addr, Kind: wire.KindMessage, Body: make([]byte, wire.MaxEnvelope+1)}, wire.CodeTooLarge},
	} {
		ann.sess.Send(c.send)
		if f, ok := ann.next().(wire.Refused); !ok || f.Code != c.code || f.Say == "" {
			t.Errorf("%s: %v", name, f)
		}
	}
	if fs, ok := bob.poll(0); ok {
		t.Errorf("bob got %v", fs)
	}
	ann.sess.Send(wire.Send{Ref: 7, To: bob.addr, Kind: wire.KindMessage, Body: make([]byte, wire.MaxEnvelope)})
	l, seq, _ := bob.letter()
	if len(l.Body) != wire.MaxEnvelope {
		t.Fatalf("the largest envelope came with %d bytes", len(l.Body))
	}
	bob.sess.Ack([]uint64{seq})
	ann.want(wire.Sent{})
}

func TestABlockDoesNotShowAndKeepsNothing(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		p := newPost(t, db)
		ann, bob := p.device().online(), p.device().online()
		block := func(remove bool) {
			if err := db.Block(context.Background(), bob.addr.Account, ann.addr.Account, remove, 10); err != nil {
				t.Fatal(err)
			}
			p.Blocked(bob.addr.Account)
		}
		block(false)
		ann.send(1, bob, "unwanted")
		ann.want(wire.Sent{})
		if fs, ok := bob.poll(0); ok || p.rows(bob) != 0 {
			t.Fatalf("bob got %v", fs)
		}
		block(true)
		ann.send(2, bob, "welcome")
		if l, _, _ := bob.letter(); string(l.Body) != "welcome" {
			t.Fatalf("bob got %q", l.Body)
		}
	})
}

// An envelope waits for a disk or for a device before it is answered. One that
// a block swallows waits for neither, and must not be told by that.
func TestABlockDoesNotShowByItsQuickness(t *testing.T) {
	const slow = 150 * time.Millisecond
	db := storagetest.SQLite(t)
	s, use := spied(db)
	p := newPost(t, db, use)
	ann, bob, cat := p.device().online(), p.device(), p.device()
	if err := db.Block(context.Background(), bob.addr.Account, ann.addr.Account, false, 10); err != nil {
		t.Fatal(err)
	}
	p.Blocked(bob.addr.Account)
	quick := func() time.Duration {
		began := time.Now()
		ann.send(2, bob, "unwanted")
		ann.want(wire.Sent{})
		return time.Since(began)
	}
	s.mu.Lock()
	s.hold, s.entered = make(chan struct{}), make(chan struct{}, 1)
	s.mu.Unlock()
	ann.send(1, cat, "to a slow disk")
	<-s.entered
	p.clock.Advance(slow)
	close(s.hold)
	ann.want(wire.Sent{})
	if d := quick(); d < slow {
		t.Errorf("the disk takes %v, and to somebody away who blocks an envelope is sent in %v", slow, d)
	}
	bob.online()
	ann.send(3, cat, "the disk is quick again")
	ann.want(wire.Sent{})
	dan := p.device().online()
	dan.send(4, bob, "to a slow device")
	_, seq, _ := bob.letter()
	p.clock.Advance(slow)
	bob.sess.Ack([]uint64{seq})
	dan.want(wire.Sent{})
	if d := quick(); d < slow {
		t.Errorf("the device takes %v, and an envelope that it blocks is sent in %v", slow, d)
	}
}

func TestANewConnectionTakesThePlaceOfTheOld(t *testing.T) {
	p := newPost(t, storagetest.SQLite(t))
	ann, bob := p.device().online(), p.device().online()
	old, closed := bob.sess, bob.out.closed
	bob.online()
	if say := <-closed; !strings.Contains(say, "elsewhere") {
		t.Fatalf("the old one was told %q", say)
	}
	ann.send(1, bob, "for the new one")
	_, seq, _ := bob.letter()
	old.Ack([]uint64{seq}) // not its own
	old.Close()
	if fs, ok := ann.poll(0); ok {
		t.Fatalf("an old connection acknowledged: %v", fs)
	}
	bob.sess.Ack([]uint64{seq})
	ann.want(wire.Sent{})
}

func TestAfterThirtyDaysOnlyNoticesAreLeft(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		p := newPost(t, db)
		ann, bob := p.device().online(), p.device()
		ann.send(1, bob, "old")
		ann.want(wire.Sent{})
		if n, err := p.PutNotice(context.Background(), bob.addr.Account, []byte("signed notice")); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		ann.sess.Close()
		p.stop()
		p.clock.Advance(mailbox.Keep) // the thirtieth day still counts
		p.start()
		p.stop()
		if n := p.rows(bob); n != 2 {
			t.Fatalf("%d rows on the thirtieth day, want 2", n)
		}
		p.clock.Advance(24 * time.Hour)
		p.start()
		p.eventually("the old one is gone", func() bool { return p.rows(bob) == 1 })
		bob.connect().want(wire.Hello{})
		if l, _, _ := bob.letter(); l.Kind != wire.KindNotice || string(l.Body) != "signed notice" {
			t.Fatalf("left is %v", l)
		}
		bob.want(wire.Empty{})
	})
}

func TestANoticeReachesWhoIsOnlineAtOnce(t *testing.T) {
	p := newPost(t, storagetest.SQLite(t))
	bob := p.device().online()
	if n, err := p.PutNotice(context.Background(), bob.addr.Account, []byte("signed")); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	l, seq, _ := bob.letter()
	if l.Kind != wire.KindNotice || l.From.Device != 0 {
		t.Fatalf("got %v", l)
	}
	if n := p.rows(bob); n != 1 {
		t.Fatalf("%d rows: a notice is durable before anybody is told", n)
	}
	bob.sess.Ack([]uint64{seq})
	p.eventually("the notice is gone", func() bool { return p.rows(bob) == 0 })
	if n, err := p.PutNotice(context.Background(), wire.NewAccountID(), []byte("signed")); n != 0 || err != nil {
		t.Fatalf("for nobody: %d, %v", n, err)
	}
}

func TestAClosedAccountLosesItsMail(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		p := newPost(t, db)
		ann, bob := p.device().online(), p.device()
		ann.send(1, bob, "waiting")
		ann.want(wire.Sent{})
		bob.connect().want(wire.Hello{})
		bob.letter()
		bob.want(wire.Empty{})
		ann.send(2, bob, "in flight")
		bob.letter()
		c, err := db.CloseAccount(context.Background(), bob.addr.Account)
		if err != nil {
			t.Fatal(err)
		}
		p.Gone(context.Background(), *c)
		if f := ann.want(wire.Refused{}).(wire.Refused); f.Ref != 2 || f.Code != wire.CodeGone {
			t.Fatalf("answer %v", f)
		}
		if say := <-bob.out.closed; say == "" {
			t.Fatal("the device was not told")
		}
		ann.send(3, bob, "too late")
		if f := ann.want(wire.Refused{}).(wire.Refused); f.Code != wire.CodeGone {
			t.Fatalf("answer %v", f)
		}
		if _, err := p.Connect(context.Background(), bob.addr, &outlet{}); !fault.Is(err, fault.NotFound) {
			t.Fatalf("connected to a closed account: %v", err)
		}
		var n int
		if err := db.SQL.QueryRow(`SELECT count(*) FROM mailbox_rows`).Scan(&n); err != nil || n != 0 {
			t.Fatalf("%d rows are left (%v)", n, err)
		}
	})
}

func TestTheOrderStartsAgainWhenAMailboxEmpties(t *testing.T) {
	db := storagetest.SQLite(t)
	p := newPost(t, db)
	ann, bob := p.device().online(), p.device()
	for round := range 3 {
		for i := range uint64(4) {
			ann.send(i, bob, "x")
			ann.want(wire.Sent{})
		}
		if f, err := db.Box(context.Background(), bob.addr); err != nil || f.Last != 4 {
			t.Fatalf("round %d: the last place is %d (%v), want 4", round, f.Last, err)
		}
		bob.connect().want(wire.Hello{})
		for range 4 {
			_, seq, _ := bob.letter()
			bob.sess.Ack([]uint64{seq})
		}
		bob.want(wire.Empty{})
		p.eventually("empty", func() bool { return p.rows(bob) == 0 })
		bob.sess.Close()
	}
}

func TestARowShowsNothingButNumberOrderAndDay(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		p := newPost(t, db)
		ann, bob := p.device().online(), p.device()
		ann.send(1, bob, "PLAIN-MARKER-OF-THE-ENVELOPE")
		ann.want(wire.Sent{})
		rows, err := db.Page(context.Background(), bob.box, 0, 10, 1<<20)
		if err != nil || len(rows) != 1 || rows[0].Order != 1 {
			t.Fatal(rows, err)
		}
		var day string
		if err := db.SQL.QueryRow(`SELECT expires_on FROM mailbox_rows`).Scan(&day); err != nil || account.Day(day) != account.DayOf(p.clock.Now().Add(mailbox.Keep)) {
			t.Fatal(day, err)
		}
		for _, needle := range []string{"PLAIN-MARKER", string(ann.addr.Account[:]), string(bob.addr.Account[:])} {
			if strings.Contains(string(rows[0].Sealed), needle) {
				t.Errorf("the row holds %q", needle)
			}
		}
		if n := db.Find(t, []byte("PLAIN-MARKER")); n != 0 {
			t.Errorf("the envelope is %d times in the engine's files", n)
		}
	})
}
