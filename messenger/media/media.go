// Package media carries files: sealed blobs that come in pieces and go in
// ranges, until every device that they are for says that it has them, or their
// days are over. It knows lengths, days and hashes of tokens. It must not know
// whose a blob is or who fetched it: an account counts against its quota in
// memory, and no row and no file names one.
package media

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/messenger"
	"letterlock/wire"
)

// Day is a day as it is stored, UTC: "2026-11-23".
type Day string

// Row is what is known of a blob.
type Row struct {
	ID      wire.MediaID
	Owner   [32]byte // hash of the token that puts and drops
	Read    [32]byte // hash of the token that reads
	Size    int64
	Have    int64 // bytes that are stored
	Expires Day   // the last day on which it is there
}

// whole reports whether all of it is stored.
func (r Row) whole() bool { return r.Have == r.Size }

// Store is what media needs of a database.
type Store interface {
	// Media reads the row of a blob; ok false: none.
	Media(ctx context.Context, id wire.MediaID) (r Row, ok bool, err error)
	// AddMedia stores a row, and the hashes of the tokens that it waits for;
	// won false: there is a row of this number.
	AddMedia(ctx context.Context, r Row, waits [][32]byte) (won bool, err error)
	// MoveMedia stores how much there is and the new last day, if there is as
	// much as from says; won false: there is not.
	MoveMedia(ctx context.Context, id wire.MediaID, from, to int64, expires Day) (won bool, err error)
	// BurnMedia removes one token's hash and counts those that are left.
	BurnMedia(ctx context.Context, id wire.MediaID, token [32]byte) (left int64, err error)
	// DropMedia removes the row and what it waits for.
	DropMedia(ctx context.Context, id wire.MediaID) error
	// OverMedia names blobs that have no day left, or are whole and wait for
	// nobody: some of them.
	OverMedia(ctx context.Context, today Day) ([]Row, error)
	// MediaSpace is the sum of all sizes.
	MediaSpace(ctx context.Context) (int64, error)
}

// Blobs keeps pieces. Storage passes letterlock/storage/storagetest.Pieces.
type Blobs interface {
	// Put stores piece n of a blob: size bytes of r, durably, or nothing. One
	// that is there is replaced.
	Put(ctx context.Context, id wire.MediaID, n int, r io.Reader, size int64) error
	// Open reads a piece from one of its bytes on.
	Open(ctx context.Context, id wire.MediaID, n int, from int64) (io.ReadCloser, error)
	// Remove takes all pieces of a blob away; none is no error.
	Remove(ctx context.Context, id wire.MediaID) error
	// Each names every blob of which there is a piece.
	Each(ctx context.Context, f func(wire.MediaID) error) error
}

// How long blobs are kept, in days after the one on which they came.
const (
	Kept     = 30 // whole, as an envelope is
	KeptPart = 2  // begun and not finished
)

// Config is what Media works with. Zero values mean the defaults.
type Config struct {
	Store Store
	Blobs Blobs
	Clock clock.Clock
	Log   *slog.Logger
	Quota int64 // bytes that an account may put in a day; 10 GiB
	Space int64 // bytes of all blobs together; 100 GiB
	Files int   // blobs that an account may begin in an hour; 300
	Lines int   // pieces and ranges that may be on their way at once; 512
}

func (c Config) withDefaults() Config {
	def := func(v *int64, d int64) {
		if *v == 0 {
			*v = d
		}
	}
	def(&c.Quota, 10<<30)
	def(&c.Space, 100<<30)
	if c.Files == 0 {
		c.Files = 300
	}
	if c.Lines == 0 {
		c.Lines = 512
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Media is the store of files. It is safe for concurrent use.
type Media struct {
	Config
	lines  chan struct{}
	used   atomic.Int64 // bytes of all blobs, as announced
	mu     sync.Mutex
	spends map[wire.AccountID]*spend
}

// spend is what an account has left of its quota. It lives in memory only: on a
// disk it would lead from an account to the blobs of its length.
type spend struct{ bytes, files *rate.Limiter }

// New makes the store. Run must run.
func New(c Config) *Media {
	c = c.withDefaults()
	return &Media{Config: c, lines: make(chan struct{}, c.Lines), spends: map[wire.AccountID]*spend{}}
}

var (
	errGone   = fault.New(fault.Withheld, "find a file", "there is no such file (any more)")
	errMoved  = fault.New(fault.Conflict, "take a piece", "another piece is next: ask how far the file has come")
	errPiece  = fault.New(fault.Invalid, "take a piece", "a piece of another length is next")
	errBusy   = fault.New(fault.Unavailable, "carry a file", "too many files are on their way: try again in a moment")
	errFull   = fault.New(fault.Unavailable, "begin a file", "the service has no room for more files now: try again later")
	errBegin  = fault.New(fault.Invalid, "begin a file", "this announcement of a file is not complete")
	errLarge  = fault.New(fault.TooLarge, "begin a file", "a file has at most %d GiB", wire.MaxFile>>30)
	errTaken  = fault.New(fault.Conflict, "begin a file", "this number is taken: begin the file anew")
	errPutOff = fault.New(fault.Unavailable, "take a piece", "the file cannot be stored now; try again in a moment")
)

func (m *Media) day(after int) Day {
	return Day(m.Clock.Now().UTC().AddDate(0, 0, after).Format(time.DateOnly))
}

// Begin announces a blob, or says how far one has come that was announced
// before by the same owner.
func (m *Media) Begin(ctx context.Context, caller wire.AccountID, b wire.MediaBegin) (wire.MediaState, error) {
	if b.Size > wire.MaxMedia {
		return wire.MediaState{}, errLarge
	}
	if _, ok := wire.MediaPadded(b.Size); !ok || b.ID == (wire.MediaID{}) || len(b.Done) == 0 || len(b.Done) > wire.MaxDone {
		return wire.MediaState{}, errBegin
	}
	old, found, err := m.Store.Media(ctx, b.ID)
	if err != nil {
		return wire.MediaState{}, fmt.Errorf("read file: %w", err)
	}
	if found {
		if old.Owner != b.Owner || old.Read != b.Read || old.Size != b.Size {
			return wire.MediaState{}, errTaken
		}
		return wire.MediaState{Offset: old.Have}, nil
	}
	if err := m.allow(caller, b.Size); err != nil {
		return wire.MediaState{}, err
	}
	if m.used.Add(b.Size) > m.Space {
		m.used.Add(-b.Size)
		return wire.MediaState{}, errFull
	}
	won, err := m.Store.AddMedia(ctx, Row{ID: b.ID, Owner: b.Owner, Read: b.Read, Size: b.Size, Expires: m.day(KeptPart)}, b.Done)
	if err == nil && !won {
		err = errTaken
	}
	if err != nil {
		m.used.Add(-b.Size)
		return wire.MediaState{}, fmt.Errorf("begin file: %w", err)
	}
	return wire.MediaState{}, nil
}

// maxSpends bounds the quotas in memory; past it all start afresh.
const maxSpends = 100_000

// allow counts a file against its account's quota. The units are KiB, so that
// a limiter's burst fits an int everywhere.
func (m *Media) allow(caller wire.AccountID, size int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.spends[caller]
	if s == nil {
		if len(m.spends) >= maxSpends {
			clear(m.spends)
		}
		day := float64(24 * 3600)
		s = &spend{bytes: rate.NewLimiter(rate.Limit(float64(m.Quota>>10)/day), int(m.Quota>>10)),
			files: rate.NewLimiter(rate.Limit(float64(m.Files)/3600), m.Files)}
		m.spends[caller] = s
	}
	now := m.Clock.Now()
	if !s.files.AllowN(now, 1) {
		return fault.New(fault.Exhausted, "begin a file", "too many files in a short time: try again in some minutes")
	}
	if !s.bytes.AllowN(now, int(size>>10)) {
		return fault.New(fault.Exhausted, "begin a file", "this account has sent all that it may in a day (%d MiB): send this file tomorrow, or a smaller one", m.Quota>>20)
	}
	return nil
}

// find reads the row of a blob for the bearer of a token. An absent blob and a
// wrong token look alike.
func (m *Media) find(ctx context.Context, id wire.MediaID, token wire.MediaToken, of func(Row) [32]byte) (Row, error) {
	r, found, err := m.Store.Media(ctx, id)
	if err != nil {
		return r, fmt.Errorf("read file: %w", err)
	}
	hash, want := token.Hash(), of(r)
	if !found || subtle.ConstantTimeCompare(hash[:], want[:]) != 1 || r.Expires < m.day(0) {
		return Row{}, errGone
	}
	return r, nil
}

func owner(r Row) [32]byte  { return r.Owner }
func reader(r Row) [32]byte { return r.Read }

// line takes one of the lines on which bytes may be on their way.
func (m *Media) line() (free func(), err error) {
	select {
	case m.lines <- struct{}{}:
		return sync.OnceFunc(func() { <-m.lines }), nil
	default:
		return nil, errBusy
	}
}

// Put takes the piece that is next: size bytes of body, which begin at offset.
// A piece is there whole or not at all.
func (m *Media) Put(ctx context.Context, id wire.MediaID, token wire.MediaToken, offset, size int64, body io.Reader) (wire.MediaState, error) {
	free, err := m.line()
	if err != nil {
		return wire.MediaState{}, err
	}
	defer free()
	r, err := m.find(ctx, id, token, owner)
	if err != nil {
		return wire.MediaState{}, err
	}
	switch {
	case offset != r.Have || r.whole():
		return wire.MediaState{}, errMoved
	case size != min(wire.MediaPiece, r.Size-r.Have):
		return wire.MediaState{}, errPiece
	}
	if err := m.Blobs.Put(ctx, id, int(offset/wire.MediaPiece), body, size); err != nil {
		if ctx.Err() == nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			m.Log.Error("store a piece of a file", "err", err)
		}
		return wire.MediaState{}, errPutOff
	}
	return m.moved(ctx, r, offset+size)
}

// moved notes that a piece is there. The last one sets the days of the whole.
func (m *Media) moved(ctx context.Context, r Row, to int64) (wire.MediaState, error) {
	last := r.Expires
	if to == r.Size {
		last = m.day(Kept)
	}
	won, err := m.Store.MoveMedia(ctx, r.ID, r.Have, to, last)
	if err != nil {
		return wire.MediaState{}, fmt.Errorf("store file: %w", err)
	}
	if !won {
		if _, found, err := m.Store.Media(ctx, r.ID); err == nil && !found { // dropped meanwhile
			return wire.MediaState{}, errors.Join(errGone, m.Blobs.Remove(ctx, r.ID))
		}
		return wire.MediaState{}, errMoved
	}
	return wire.MediaState{Offset: to}, nil
}

// Open gives the bearer of the reading token a whole blob. Close it.
func (m *Media) Open(ctx context.Context, id wire.MediaID, token wire.MediaToken) (messenger.Blob, error) {
	free, err := m.line()
	if err != nil {
		return nil, err
	}
	r, err := m.find(ctx, id, token, reader)
	if err == nil && !r.whole() {
		err = errGone
	}
	if err != nil {
		free()
		return nil, err
	}
	return &blob{ctx: ctx, blobs: m.Blobs, id: id, size: r.Size, free: free}, nil
}

// Done burns a token. The last one takes the blob away. Burning twice, or a
// token that never was, changes nothing and is answered the same.
func (m *Media) Done(ctx context.Context, d wire.MediaDone) error {
	r, found, err := m.Store.Media(ctx, d.ID)
	if err != nil {
		return fmt.Errorf("read file: %w", err)
	}
	if !found || !r.whole() {
		return nil
	}
	left, err := m.Store.BurnMedia(ctx, d.ID, wire.MediaToken(d.Token).Hash())
	if err != nil {
		return fmt.Errorf("burn token: %w", err)
	}
	if left > 0 {
		return nil
	}
	return m.remove(ctx, r)
}

// Drop takes a blob away for its owner.
func (m *Media) Drop(ctx context.Context, d wire.MediaDrop) error {
	r, err := m.find(ctx, d.ID, wire.MediaToken(d.Owner), owner)
	if fault.Is(err, fault.Withheld) {
		return nil
	}
	if err != nil {
		return err
	}
	return m.remove(ctx, r)
}

// remove takes the row away last: what is left behind by a crash is found again
// by it. Nobody reads meanwhile but who has begun to.
func (m *Media) remove(ctx context.Context, r Row) error {
	if err := m.Blobs.Remove(ctx, r.ID); err != nil {
		return fmt.Errorf("remove file: %w", err)
	}
	if err := m.Store.DropMedia(ctx, r.ID); err != nil {
		return fmt.Errorf("remove file: %w", err)
	}
	m.used.Add(-r.Size)
	return nil
}
