// Package account keeps the facts about accounts that the inventory names, and
// lets people in: registration by a code, tokens, profile, block list, look-up,
// export and deletion. Its nouns are those in which the messenger's parts meet.
// It knows no message: who writes to whom never passes here.
package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"letterlock/internal/clock"
	"letterlock/wire"
)

// Day is a date in UTC as it is stored: "2026-11-23". No time of day is kept
// about anybody.
type Day string

// DayOf is the day of a moment.
func DayOf(t time.Time) Day { return Day(t.UTC().Format(time.DateOnly)) }

// TokenHash is the SHA-256 of a device's token.
type TokenHash [32]byte

// Subject stands for a phone number that asked for a code: an HMAC under the
// server's secret, so that the table of codes names nobody.
type Subject [32]byte

// Secret is the server's HMAC key (32 random bytes). It never prints.
type Secret struct{ key [32]byte }

// NewSecret takes 32 random bytes.
func NewSecret(b []byte) (Secret, error) {
	var s Secret
	if len(b) != len(s.key) {
		return Secret{}, errors.New("the server's secret must have 32 bytes")
	}
	copy(s.key[:], b)
	return s, nil
}

const redacted = "[secret]"

// String hides the secret.
func (Secret) String() string { return redacted }

// GoString hides the secret.
func (Secret) GoString() string { return redacted }

// Format hides the secret whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Device is what is kept about one device.
type Device struct {
	Address        wire.Address
	Type           string
	Added          Day
	Token          TokenHash
	RegistrationID uint32
	IdentityKey    []byte
	MailboxKey     []byte
	Mailbox        int64 // random, positive: names the device's rows and nothing else
}

// Facts are all facts of the inventory about one account, as stored; absent
// ones are empty.
type Facts struct {
	Account                   wire.AccountID
	Phone, Name, About, Email string
	Created, LastSeen         Day
	LastIP                    string
	Devices                   []DeviceFact
	Blocks                    []wire.AccountID
	Push                      []PushFact
}

// PushFact is where a device is woken.
type PushFact struct {
	Device    wire.DeviceID
	Endpoint  string
	Key, Auth []byte
}

// DeviceFact is a device as the inventory knows it.
type DeviceFact struct {
	Device wire.DeviceID
	Type   string
	Added  Day
}

// Login is what authenticating a device needs.
type Login struct {
	Token    TokenHash
	LastSeen Day
	LastIP   string
}

// CodeRow is a code that was asked for.
type CodeRow struct {
	Code    [32]byte // HMAC of the code; all zero once it is used up
	Tries   int      // left
	Expires int64    // Unix seconds
	Sent    int      // codes sent since Since
	Since   int64    // Unix seconds
}

// NewAccount is everything a registration stores, in one transaction.
type NewAccount struct {
	Phone, Name string
	Created     Day
	LastIP      string
	Device      Device
	Keys        wire.KeyUpload
	Subject     Subject // its code is used up with it
	Code        [32]byte
}

// Store is what account needs of a database. Not-found is a fault of that kind.
type Store interface {
	// Code reads the row of a subject; ok false: none.
	Code(ctx context.Context, s Subject) (r CodeRow, ok bool, err error)
	// PutCode writes the row if it still is as old says (nil: absent), else Conflict.
	PutCode(ctx context.Context, s Subject, old *CodeRow, r CodeRow) error
	// TryCode takes one try from an unexpired code and returns the row after
	// it; ok false: none left, none there or expired.
	TryCode(ctx context.Context, s Subject, now int64) (r CodeRow, ok bool, err error)
	// Create stores an account, uses up its code (Conflict if somebody was
	// faster) and removes every row of the number's former account, whose id
	// and devices' mailboxes it returns.
	Create(ctx context.Context, n NewAccount) (former *Closed, err error)
	// Login reads what authentication needs.
	Login(ctx context.Context, a wire.Address) (Login, error)
	// Seen overwrites the last day and address.
	Seen(ctx context.Context, id wire.AccountID, day Day, ip string) error
	// ByPhone finds an account and its devices.
	ByPhone(ctx context.Context, phone string) (id wire.AccountID, devices []wire.DeviceID, ok bool, err error)
	// Spend counts one look-up of the day and returns the count after it.
	Spend(ctx context.Context, id wire.AccountID, day Day) (int, error)
	// Facts reads everything of the inventory about an account.
	Facts(ctx context.Context, id wire.AccountID) (Facts, error)
	// Profile reads name, about and devices only.
	Profile(ctx context.Context, id wire.AccountID) (wire.Person, error)
	// SetProfile overwrites what is not nil.
	SetProfile(ctx context.Context, id wire.AccountID, p wire.ProfileUpdate) error
	// Block adds or removes one entry; most bounds the list (Exhausted).
	Block(ctx context.Context, id, blocked wire.AccountID, remove bool, most int) error
	// CloseAccount removes every row of an account.
	CloseAccount(ctx context.Context, id wire.AccountID) (*Closed, error)
	// Forget removes codes whose window ended before the moment, and look-up
	// counts of days before today.
	Forget(ctx context.Context, before int64, today Day) error
	// Erase makes removed rows unreadable in the engine's files.
	Erase(ctx context.Context) error
	DeviceStore
	LockStore
}

// Closed is an account that is gone: what the rest of the carrier lets go of.
type Closed struct {
	Account   wire.AccountID
	Devices   []wire.DeviceID
	Mailboxes []int64
}

// Post is the part of the mailbox that has to know of changes here.
type Post interface {
	// Gone ends the sessions of a closed account and drops what waits for it.
	Gone(ctx context.Context, c Closed)
	// Unlinked ends the session of a device that was removed from its account,
	// and drops what waits for it.
	Unlinked(ctx context.Context, a wire.Address)
	// Blocked says that an account's block list changed.
	Blocked(id wire.AccountID)
}

// Texter sends a text message to a number.
type Texter interface {
	Text(ctx context.Context, phone, message string) error
}

// Limits of registration and look-up. Zero values mean the defaults.
type Limits struct {
	CodesPerNumber  int           // an hour; 5
	CodesPerAddress int           // an hour; 20
	TriesPerAddress int           // registrations tried an hour; 60
	CodeLife        time.Duration // 10 minutes
	Tries           int           // a code; 5
	Lookups         int           // numbers an account may learn a day; 20
	Blocks          int           // entries of a block list; 1,000
	Linked          int           // devices beside the primary; 5
	LinksPerAddress int           // links opened an hour; 30
	PINTries        int           // wrong PINs of a registration lock a day; 5
}

func (l Limits) withDefaults() Limits {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&l.CodesPerNumber, 5)
	def(&l.CodesPerAddress, 20)
	def(&l.TriesPerAddress, 60)
	def(&l.Tries, 5)
	def(&l.Lookups, 20)
	def(&l.Blocks, 1000)
	def(&l.Linked, 5)
	l.Linked = min(l.Linked, wire.MaxDevices-1)
	def(&l.LinksPerAddress, 30)
	def(&l.PINTries, 5)
	if l.CodeLife == 0 {
		l.CodeLife = 10 * time.Minute
	}
	return l
}

// Config is what Accounts works with. Post may be nil where nobody connects
// (an administrator's command).
type Config struct {
	Store  Store
	Clock  clock.Clock
	Texter Texter
	Secret Secret
	Post   Post
	Limits Limits
	Log    *slog.Logger
	Name   string // the operator's, in the text message
}

// Accounts is the register of accounts. It is safe for concurrent use.
type Accounts struct {
	Config
	codes, tries *perAddress
	links        links
	joins        joins
	slow         chan struct{} // verifiers of PINs computed at once
	dirty        chan struct{} // something was removed: erase
	overwrote    atomic.Bool   // a fact was: its former value lies in the engine's log until it is erased
}

// New makes the register.
func New(c Config) *Accounts {
	if c.Secret == (Secret{}) {
		panic("account.New without a secret: codes could be guessed offline") // a mistake of the wiring
	}
	c.Limits = c.Limits.withDefaults()
	if c.Name == "" {
		c.Name = "Letterlock"
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Accounts{Config: c, dirty: make(chan struct{}, 1), slow: make(chan struct{}, slowAtOnce),
		links: newLinks(c.Limits.LinksPerAddress), joins: joins{at: map[wire.AccountID]join{}},
		codes: newPerAddress(c.Limits.CodesPerAddress), tries: newPerAddress(c.Limits.TriesPerAddress)}
}

// Run forgets old codes and counts, erases what was removed at once and what
// was overwritten every ten minutes, until the context ends.
func (a *Accounts) Run(ctx context.Context) {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	a.sweep(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			a.sweep(ctx)
		case <-a.dirty:
			a.erase(ctx)
		}
	}
}

func (a *Accounts) sweep(ctx context.Context) {
	now := a.Clock.Now()
	if err := a.Store.Forget(ctx, now.Add(-window).Unix(), DayOf(now)); err != nil && ctx.Err() == nil {
		a.Log.Error("forget old codes", "err", err)
	}
	if a.overwrote.Swap(false) {
		a.erase(ctx)
	}
}

// erase makes what was removed unreadable.
func (a *Accounts) erase(ctx context.Context) {
	if err := a.Store.Erase(ctx); err != nil && ctx.Err() == nil {
		a.Log.Warn("erase removed rows", "err", err)
		a.removed() // again
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (a *Accounts) removed() {
	select {
	case a.dirty <- struct{}{}:
	default:
	}
}

// plainIP is the address as stored: no zone, no IPv6 wrapping of IPv4.
func plainIP(ip netip.Addr) string {
	if !ip.IsValid() {
		return ""
	}
	return ip.Unmap().WithZone("").String()
}
