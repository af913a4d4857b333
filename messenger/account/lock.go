package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// Lock is the verifier of a registration lock's PIN: argon2id over the PIN,
// keyed with the server's secret first, so that the database alone does not let
// anybody try PINs.
type Lock struct {
	Account  wire.AccountID
	Salt     [16]byte
	Verifier [32]byte
}

// LockStore is what registration locks and numbers need of a database.
type LockStore interface {
	// SetLock stores a lock with tries full, or removes it if l is nil.
	SetLock(ctx context.Context, id wire.AccountID, l *Lock) error
	// LockOf finds the lock of a number's account and the account's last day.
	LockOf(ctx context.Context, phone string) (l Lock, seen Day, ok bool, err error)
	// TryLock takes one of a day's tries and returns how many are left after
	// it; ok false: there was none. A day begins with the first try, at since.
	TryLock(ctx context.Context, id wire.AccountID, now int64, aDay int) (left int, since int64, ok bool, err error)
	// Renumber uses up the code, closes the number's former account and gives
	// the number to this one.
	Renumber(ctx context.Context, id wire.AccountID, phone string, s Subject, code [32]byte) (former *Closed, err error)
}

const (
	// LockRest is for how many days of disuse a lock holds: a number that
	// changed hands must come free, and a person in use is never without it.
	LockRest = 7

	slowAtOnce = 2 // verifiers computed at once: each takes slowMemory
	slowMemory = 64 << 10
	slowPasses = 3
)

// verifier is slow on purpose.
func (a *Accounts) verifier(ctx context.Context, id wire.AccountID, pin string, salt [16]byte) (out [32]byte, err error) {
	select {
	case a.slow <- struct{}{}:
		defer func() { <-a.slow }()
	case <-ctx.Done():
		return out, fault.Wrap(fault.Unavailable, "check a PIN", ctx.Err(), "the service is busy: try again in a minute")
	}
	keyed := a.mac("registration lock", id.String(), pin)
	copy(out[:], argon2.IDKey(keyed[:], salt[:], slowPasses, slowMemory, 1, 32))
	return out, nil
}

// SetLock sets, replaces or removes the PIN.
func (a *Accounts) SetLock(ctx context.Context, who wire.Address, in wire.Lock) error {
	if err := primary(who, "set a registration lock"); err != nil {
		return err
	}
	if in.PIN == "" {
		a.removed()
		return a.Store.SetLock(ctx, who.Account, nil)
	}
	if err := checkPIN(in.PIN); err != nil {
		return err
	}
	l := Lock{Account: who.Account}
	rand.Read(l.Salt[:])
	var err error
	if l.Verifier, err = a.verifier(ctx, who.Account, in.PIN, l.Salt); err != nil {
		return err
	}
	a.overwrote.Store(true)
	return a.Store.SetLock(ctx, who.Account, &l)
}

func checkPIN(pin string) error {
	const op = "set a registration lock"
	if len(pin) < wire.MinPIN || len(pin) > wire.MaxPIN || strings.ContainsFunc(pin, func(r rune) bool { return r < '0' || r > '9' }) {
		return fault.New(fault.Invalid, op, "a PIN has %d to %d digits", wire.MinPIN, wire.MaxPIN)
	}
	for _, step := range []int{-1, 0, 1} {
		if run(pin, step) {
			return fault.New(fault.Invalid, op, "this PIN would be guessed at once: take one that is no row of digits")
		}
	}
	return nil
}

// run reports digits that go on by one step throughout: 1111, 2345, 9876.
func run(pin string, step int) bool {
	for i := 1; i < len(pin); i++ {
		if int(pin[i])-int(pin[i-1]) != step {
			return false
		}
	}
	return true
}

// unlock lets a number be registered or moved to: it has no account, or one
// without a lock, or one that nobody has used for LockRest days, or the PIN is
// right. It comes after the code, so that only who reads the number's text
// messages learns that there is a lock.
func (a *Accounts) unlock(ctx context.Context, op, phone, pin string) error {
	l, seen, locked, err := a.Store.LockOf(ctx, phone)
	if err != nil {
		return fmt.Errorf("read registration lock: %w", err)
	}
	now := a.Clock.Now()
	if !locked || seen < DayOf(now.AddDate(0, 0, -LockRest)) {
		return nil
	}
	if pin == "" {
		return fault.New(fault.Forbidden, op, "this number has a registration lock: give its PIN. Without it the number can be registered once its account has not been used for %d days", LockRest)
	}
	left, since, ok, err := a.Store.TryLock(ctx, l.Account, now.Unix(), a.Limits.PINTries)
	if err != nil {
		return fmt.Errorf("try registration lock: %w", err)
	}
	if !ok {
		return tooMany(op, "too many wrong PINs were given for this number", time.Unix(since, 0).Add(24*time.Hour).Sub(now))
	}
	got, err := a.verifier(ctx, l.Account, pin, l.Salt)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(got[:], l.Verifier[:]) != 1 {
		return fault.New(fault.Forbidden, op, "this is not the PIN of the registration lock: tries left today: %d", left)
	}
	return nil
}

// Renumber moves an account to another number. The former number is free from
// that moment.
func (a *Accounts) Renumber(ctx context.Context, who wire.Address, in wire.Number) error {
	const op = "change the number"
	if err := primary(who, op); err != nil {
		return err
	}
	phone, err := Phone(in.Phone)
	if err != nil {
		return err
	}
	if id, _, ok, err := a.Store.ByPhone(ctx, phone); err != nil || (ok && id == who.Account) {
		return errorsOr(err, fault.New(fault.Conflict, op, "this is the number that the account has already"))
	}
	mac, err := a.checkCode(ctx, phone, in.Code)
	if err != nil {
		return err
	}
	if err := a.unlock(ctx, op, phone, in.PIN); err != nil {
		return err
	}
	former, err := a.Store.Renumber(ctx, who.Account, phone, a.subject(phone), mac)
	if err != nil {
		return err
	}
	a.closed(ctx, former)
	a.removed() // the former number, where the engine's files still have it
	return nil
}

func errorsOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
