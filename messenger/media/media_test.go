package media_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/testkit/pg"
	"letterlock/messenger/media"
	"letterlock/storage/blob"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

func TestMain(m *testing.M) { pg.Main(m) }

var ctx = context.Background()

// world is a store of files on one engine.
type world struct {
	*testing.T
	*media.Media
	db    storagetest.Carrier
	clock *clock.Manual
	dir   string
}

func newWorld(t *testing.T, db storagetest.Carrier, set ...func(*media.Config)) *world {
	t.Helper()
	w := &world{T: t, db: db, clock: clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)), dir: t.TempDir()}
	p, err := blob.OpenPieces(w.dir)
	w.must(err)
	c := media.Config{Store: db, Blobs: p, Clock: w.clock}
	for _, s := range set {
		s(&c)
	}
	w.Media = media.New(c)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// file is what a sender knows of a blob.
type file struct {
	id          wire.MediaID
	owner, read wire.MediaToken
	done        []wire.MediaToken
	body        []byte
}

func token() (t wire.MediaToken) {
	for i := range t {
		t[i] = byte(rand.Uint32())
	}
	return t
}

func newFile(size int64, devices int) file {
	f := file{id: wire.NewMediaID(), owner: token(), read: token(), body: make([]byte, wire.MediaSize(size))}
	for i := range f.body {
		f.body[i] = byte(rand.Uint32())
	}
	for range devices {
		f.done = append(f.done, token())
	}
	return f
}

func (f file) begin() wire.MediaBegin {
	b := wire.MediaBegin{ID: f.id, Size: int64(len(f.body)), Owner: f.owner.Hash(), Read: f.read.Hash()}
	for _, d := range f.done {
		b.Done = append(b.Done, d.Hash())
	}
	return b
}

func (w *world) begin(f file) int64 {
	w.Helper()
	s, err := w.Begin(ctx, wire.NewAccountID(), f.begin())
	w.must(err)
	return s.Offset
}

func (w *world) put(f file, offset int64) (int64, error) {
	piece := f.body[offset:min(offset+wire.MediaPiece, int64(len(f.body)))]
	s, err := w.Put(ctx, f.id, f.owner, offset, int64(len(piece)), bytes.NewReader(piece))
	return s.Offset, err
}

func (w *world) send(f file) {
	w.Helper()
	for at := w.begin(f); at < int64(len(f.body)); {
		next, err := w.put(f, at)
		w.must(err)
		at = next
	}
}

func (w *world) there(f file) bool {
	w.Helper()
	b, err := w.Open(ctx, f.id, f.read)
	if fault.Is(err, fault.Withheld) {
		return false
	}
	w.must(err)
	defer b.Close()
	got, err := io.ReadAll(b)
	w.must(err)
	if !bytes.Equal(got, f.body) {
		w.Fatal("other bytes came back")
	}
	return true
}

// pieces counts the files on the disk.
func (w *world) pieces() (n int) {
	filepath.WalkDir(w.dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return nil
	})
	return n
}

func TestAFileComesInPiecesAndGoesInRanges(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w, f := newWorld(t, db), newFile(9<<20, 2)
		if w.begin(f) != 0 || w.there(f) {
			t.Fatal("there before it came")
		}
		at, err := w.put(f, 0)
		w.must(err)
		if again := w.begin(f); again != at || at != wire.MediaPiece {
			t.Fatalf("goes on at %d and %d", at, again)
		}
		for _, bad := range []int64{0, 2 * wire.MediaPiece} {
			if _, err := w.put(f, bad); !fault.Is(err, fault.Conflict) {
				t.Errorf("a piece at %d: %v", bad, err)
			}
		}
		if _, err := w.Put(ctx, f.id, f.owner, at, 100, bytes.NewReader(f.body[:100])); !fault.Is(err, fault.Invalid) {
			t.Error("a piece of another length: ", err)
		}
		cut := io.MultiReader(bytes.NewReader(f.body[at:at+1000]), broken{})
		if _, err := w.Put(ctx, f.id, f.owner, at, wire.MediaPiece, cut); err == nil || w.begin(f) != at {
			t.Error("half a piece counts: ", err)
		}
		for _, next := range []int64{at, 2 * at} {
			_, err = w.put(f, next)
			w.must(err)
		}
		if !w.there(f) {
			t.Fatal("not there")
		}
		b, err := w.Open(ctx, f.id, f.read)
		w.must(err)
		defer b.Close()
		for range 50 { // ranges across pieces
			from := rand.Int64N(int64(len(f.body)))
			n := rand.Int64N(min(5<<20, int64(len(f.body))-from) + 1)
			got := make([]byte, n)
			if _, err := b.Seek(from, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(b, got); err != nil || !bytes.Equal(got, f.body[from:from+n]) {
				t.Fatalf("%d bytes from %d: %v", n, from, err)
			}
		}
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Every device burns its own token; with the last one the blob is gone. A token
// burnt twice, or one that never was, counts for nobody.
func TestAFileIsGoneWhenAllHaveIt(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w, f, other := newWorld(t, db), newFile(5<<20, 3), newFile(1, 1)
		w.send(f)
		w.send(other)
		for _, burn := range []wire.MediaToken{f.done[0], f.done[0], token(), f.done[1], f.done[0], f.owner, f.read, other.done[0]} {
			w.must(w.Done(ctx, wire.MediaDone{ID: f.id, Token: burn}))
			if !w.there(f) {
				t.Fatal("gone before all had it")
			}
		}
		w.must(w.Done(ctx, wire.MediaDone{ID: f.id, Token: f.done[2]}))
		if w.there(f) || !w.there(other) {
			t.Fatal("the wrong one is gone")
		}
		if n := w.pieces(); n != 1 {
			t.Fatalf("%d pieces are left", n)
		}
		w.must(w.Done(ctx, wire.MediaDone{ID: f.id, Token: f.done[2]})) // the answer was lost
		w.must(w.Drop(ctx, wire.MediaDrop{ID: other.id, Owner: other.read}))
		if !w.there(other) {
			t.Fatal("who reads it could drop it")
		}
		w.must(w.Drop(ctx, wire.MediaDrop{ID: other.id, Owner: other.owner}))
		if w.there(other) || w.pieces() != 0 {
			t.Fatal("not dropped")
		}
	})
}

func TestWhatIsAbsentAndWhatIsForOthersLookAlike(t *testing.T) {
	w, f := newWorld(t, storagetest.SQLite(t)), newFile(1, 1)
	w.send(f)
	_, absent := w.Open(ctx, wire.NewMediaID(), f.read)
	for _, bad := range []wire.MediaToken{{}, token(), f.owner, f.done[0], f.read.Hash()} {
		_, err := w.Open(ctx, f.id, bad)
		if err == nil || err.Error() != absent.Error() || fault.KindOf(err) != fault.Withheld {
			t.Errorf("%v, absent: %v", err, absent)
		}
	}
	if _, err := w.Put(ctx, f.id, f.read, 0, 1, nil); !fault.Is(err, fault.Withheld) {
		t.Error("who reads it may put: ", err)
	}
	stolen := f.begin()
	stolen.Owner = token().Hash()
	if _, err := w.Begin(ctx, wire.NewAccountID(), stolen); !fault.Is(err, fault.Conflict) {
		t.Error("its number was taken over: ", err)
	}
}

func TestDaysEnd(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w, whole, part := newWorld(t, db), newFile(1, 1), newFile(5<<20, 1)
		w.send(whole)
		w.begin(part)
		_, err := w.put(part, 0)
		w.must(err)
		for day := range 32 {
			w.must(w.Sweep(ctx))
			want := 0
			if day <= media.KeptPart {
				want++
			}
			if day <= media.Kept {
				want++
			}
			if n := w.pieces(); n != want || w.there(whole) != (day <= media.Kept) {
				t.Fatalf("on day %d: %d pieces, want %d", day, n, want)
			}
			w.clock.Advance(24 * time.Hour)
		}
		if n, err := db.MediaSpace(ctx); n != 0 || err != nil {
			t.Fatal(n, err)
		}
	})
}

// After a crash between the last token and the removal, and after the database
// came back from a backup without files, nothing stays behind.
func TestWhatACrashLeavesBehindIsRemoved(t *testing.T) {
	w, f, lost := newWorld(t, storagetest.SQLite(t)), newFile(5<<20, 1), newFile(1, 1)
	w.send(f)
	w.send(lost)
	if _, err := w.db.BurnMedia(ctx, f.id, f.done[0].Hash()); err != nil {
		t.Fatal(err)
	}
	w.must(w.db.DropMedia(ctx, lost.id))
	run, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); w.Media.Run(run) }()
	for deadline := time.Now().Add(10 * time.Second); w.pieces() > 0 && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	<-ended
	if n := w.pieces(); n != 0 {
		t.Fatalf("%d pieces are left", n)
	}
}

func TestQuotaAndRoom(t *testing.T) {
	w := newWorld(t, storagetest.SQLite(t), func(c *media.Config) { c.Quota, c.Space, c.Files = 3<<20, 5<<20, 4 })
	mine, other := wire.NewAccountID(), wire.NewAccountID()
	begin := func(who wire.AccountID, size int64, want fault.Kind) {
		t.Helper()
		_, err := w.Begin(ctx, who, newFile(size, 1).begin())
		if (err == nil) != (want == 0) || want != 0 && !fault.Is(err, want) {
			t.Fatalf("%d bytes: %v, want %v", size, err, want)
		}
	}
	begin(mine, 2<<20, 0)
	begin(mine, 2<<20, fault.Exhausted)
	begin(other, 2<<20, 0)
	w.clock.Advance(24 * time.Hour)
	begin(mine, 2<<20, fault.Unavailable) // the disk, not the quota
	w.must(w.Sweep(ctx))                  // counts anew
	w.clock.Advance(3 * 24 * time.Hour)
	w.must(w.Sweep(ctx)) // what was begun and not finished is over
	begin(mine, 2<<20, 0)
	for range 3 {
		begin(other, 1, 0)
	}
	begin(other, 1, 0)
	begin(other, 1, fault.Exhausted)
	f := newFile(1, 1)
	for _, spoil := range []func(*wire.MediaBegin){
		func(b *wire.MediaBegin) { b.Size++ },
		func(b *wire.MediaBegin) { b.Size = 0 },
		func(b *wire.MediaBegin) { b.Size = -5 },
		func(b *wire.MediaBegin) { b.ID = wire.MediaID{} },
		func(b *wire.MediaBegin) { b.Done = nil },
		func(b *wire.MediaBegin) { b.Done = make([][32]byte, wire.MaxDone+1) },
	} {
		b := f.begin()
		spoil(&b)
		if _, err := w.Begin(ctx, wire.NewAccountID(), b); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", b.Size, err)
		}
	}
	b := f.begin()
	b.Size = wire.MaxMedia + 1
	if _, err := w.Begin(ctx, wire.NewAccountID(), b); !fault.Is(err, fault.TooLarge) {
		t.Error(err)
	}
}

// The rows and files of a day name no account and hold no token, so that no
// pair of people can be derived from them, and no blob opened with them.
func TestNothingStoredLeadsToSomebody(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
		w, f := newWorld(t, db), newFile(1, 3)
		sender := wire.NewAccountID()
		_, err := w.Begin(ctx, sender, f.begin())
		w.must(err)
		w.send(f)
		w.must(w.Done(ctx, wire.MediaDone{ID: f.id, Token: f.done[1]}))
		if err := db.Erase(ctx); err != nil {
			t.Fatal(err)
		}
		needles := map[string][]byte{"the sender": sender[:], "the sender in text": []byte(sender.String()),
			"a token": f.owner[:], "the reading token": f.read[:], "a device's token": f.done[0][:]}
		for what, n := range needles {
			if c := db.Find(t, n); c != 0 {
				t.Errorf("%s is in the database, %d times", what, c)
			}
			filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					if b, err := os.ReadFile(path); err != nil || bytes.Contains(b, n) {
						t.Errorf("%s is in %s (%v)", what, path, err)
					}
				}
				return nil
			})
		}
		hash := f.read.Hash()
		if db.Find(t, hash[:]) == 0 {
			t.Error("the search finds nothing: it proves nothing")
		}
		var n int
		w.must(db.SQL.QueryRowContext(ctx, `SELECT COUNT(*) FROM media_waits`).Scan(&n))
		if n != 2 {
			t.Errorf("%d devices are waited for, want 2", n)
		}
	})
}

func TestLinesAreBounded(t *testing.T) {
	w, f := newWorld(t, storagetest.SQLite(t), func(c *media.Config) { c.Lines = 2 }), newFile(1, 1)
	w.send(f)
	var open []io.Closer
	for range 2 {
		b, err := w.Open(ctx, f.id, f.read)
		w.must(err)
		open = append(open, b)
	}
	if _, err := w.Open(ctx, f.id, f.read); !fault.Is(err, fault.Unavailable) {
		t.Fatal(err)
	}
	open[0].Close()
	open[0].Close() // frees one line, not two
	b, err := w.Open(ctx, f.id, f.read)
	w.must(err)
	if _, err := w.Open(ctx, f.id, f.read); !fault.Is(err, fault.Unavailable) {
		t.Fatal(err)
	}
	w.must(errors.Join(b.Close(), open[1].Close()))
}
