// Package abuse keeps what people report to the operator until somebody has
// dealt with it: sealed, by the reporter and once more here, to a key that is
// not on the server. It knows a day and sealed bytes; it must not know who
// reported whom, or what.
package abuse

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/messenger/account"
	"letterlock/wire"
)

// ID names a report. It is random.
type ID [16]byte

// String is the hexadecimal form.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ParseID reads the hexadecimal form.
func ParseID(s string) (id ID, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) {
		return id, fault.New(fault.Invalid, "read the number of a report", "give the number as 'letterlock abuse list' shows it")
	}
	return ID(b), nil
}

// Row is a report as it lies here.
type Row struct {
	ID     ID
	Day    account.Day // on which it came
	Sealed []byte
}

// Store is what abuse needs of a database.
type Store interface {
	// AddReport stores a row if there are fewer than most; added false: there are
	// not.
	AddReport(ctx context.Context, r Row, most int) (added bool, err error)
	// Reports reads all rows, oldest first.
	Reports(ctx context.Context) ([]Row, error)
	// DropReport removes one row; found false: there is none.
	DropReport(ctx context.Context, id ID) (found bool, err error)
	// ForgetReports removes the rows of days before one.
	ForgetReports(ctx context.Context, before account.Day) error
	// Erase makes removed rows unreadable in the engine's files.
	Erase(ctx context.Context) error
}

// Kept is for how many days a report waits.
const Kept = 30

// Limits: reports of an account in a day, counted in memory only, and reports
// that wait in all.
const (
	perDay = 5
	most   = 5000
)

// ReadKey reads the public key as the configuration has it.
func ReadKey(text string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		_, err = ecdh.X25519().NewPublicKey(b)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "read the key for reports", "abuse_key is not what 'letterlock abuse key' prints")
	}
	return b, nil
}

// Config is what Reports works with.
type Config struct {
	Store Store
	Clock clock.Clock
	Key   []byte // to which reports are sealed
	Log   *slog.Logger
}

// Reports is the letter-box. It is safe for concurrent use.
type Reports struct {
	Config
	mu    sync.Mutex
	takes map[wire.AccountID]*rate.Limiter
}

// New makes the letter-box.
func New(c Config) *Reports {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Reports{Config: c, takes: map[wire.AccountID]*rate.Limiter{}}
}

// maxTakes bounds the map: past it, everybody may report anew.
const maxTakes = 50_000

func (r *Reports) allowed(id wire.AccountID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.takes[id]
	if l == nil {
		if len(r.takes) >= maxTakes {
			clear(r.takes)
		}
		l = rate.NewLimiter(rate.Every(24*time.Hour/perDay), perDay)
		r.takes[id] = l
	}
	return l.AllowN(r.Clock.Now(), 1)
}

// Take files a report. Who reported is sealed with it.
func (r *Reports) Take(ctx context.Context, from wire.AccountID, in wire.Report) error {
	if !in.Fits() {
		return fault.New(fault.TooLarge, "report", "a report has at most %d KiB: choose fewer messages", wire.MaxReport>>10)
	}
	if !r.allowed(from) {
		return fault.New(fault.Exhausted, "report", "you have reported %d times in a day: report more tomorrow", perDay)
	}
	plain, err := wire.Marshal(wire.Filed{Reporter: from, Sealed: in.Sealed})
	if err != nil {
		return err
	}
	row := Row{Day: account.DayOf(r.Clock.Now())}
	if row.Sealed, err = wire.SealReport(r.Key, plain); err != nil {
		return fmt.Errorf("seal a report: %w", err)
	}
	rand.Read(row.ID[:])
	added, err := r.Store.AddReport(ctx, row, most)
	if err != nil {
		return fmt.Errorf("keep a report: %w", err)
	}
	if !added {
		return fault.New(fault.Exhausted, "report", "too many reports wait to be read: try again another day")
	}
	return nil
}

// Run forgets old reports until the context ends.
func (r *Reports) Run(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		before := account.DayOf(r.Clock.Now().AddDate(0, 0, -Kept))
		if err := r.Store.ForgetReports(ctx, before); err != nil && ctx.Err() == nil {
			r.Log.Error("forget old reports", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Opened is a report as whoever has the private key reads it.
type Opened struct {
	ID       ID
	Day      account.Day
	Reporter wire.AccountID // the server's word
	Text     []byte         // the reporter's word
	Bad      bool           // it does not open with this key
}

// Open opens what waits.
func Open(ctx context.Context, s Store, key *ecdh.PrivateKey) (out []Opened, err error) {
	rows, err := s.Reports(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		o := Opened{ID: r.ID, Day: r.Day, Bad: true}
		plain, err := wire.OpenReport(key, r.Sealed)
		var filed wire.Filed
		if err == nil {
			err = wire.Unmarshal(plain, &filed)
		}
		if err == nil {
			o.Reporter = filed.Reporter
			if o.Text, err = wire.OpenReport(key, filed.Sealed); err == nil {
				o.Bad = false
			}
		}
		out = append(out, o)
	}
	return out, nil
}

// Close removes a report that was dealt with, for good.
func Close(ctx context.Context, s Store, id ID) error {
	found, err := s.DropReport(ctx, id)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "close a report", "there is no such report (any more)")
	}
	if err != nil {
		return err
	}
	return s.Erase(ctx)
}
