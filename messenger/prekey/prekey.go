// Package prekey keeps the public keys that start sessions and hands each
// one-time key out once. It knows public keys only and checks no signature:
// the carrier does not link that code, and a client trusts nobody's word.
package prekey

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/time/rate"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/messenger"
	"letterlock/wire"
)

// Store is what prekey needs of a database.
type Store interface {
	// PutKeys replaces the signed and last-resort keys that are given and adds
	// one-time keys; most bounds each kind of them (the rest is not stored).
	PutKeys(ctx context.Context, a wire.Address, u wire.KeyUpload, most int) error
	// CountKeys counts one-time keys.
	CountKeys(ctx context.Context, a wire.Address) (wire.KeyCount, error)
	// Devices are the devices of an account.
	Devices(ctx context.Context, id wire.AccountID) ([]wire.DeviceID, error)
	// TakeBundle hands out a device's bundle and removes the one-time keys in
	// it, each for one caller only; without a one-time Kyber key the last
	// resort serves. NotFound: no such device.
	TakeBundle(ctx context.Context, a wire.Address) (wire.Bundle, error)
}

// LowWater is the count of one-time keys below which a device is asked for more.
const LowWater = 10

// MaxKept bounds the one-time keys of a kind that are kept for a device.
const MaxKept = 200

// Limits of handing out. Zero values mean the defaults.
type Limits struct {
	PerRequester int // bundles an account may take an hour; 1,500: a group has 1,024 members
	PerTarget    int // bundles of one account that one requester may take an hour; 10
}

// Config is what Keys works with.
type Config struct {
	Store  Store
	Clock  clock.Clock
	Limits Limits
	// OnLow, if set, is called when a bundle left a device few one-time keys:
	// mailbox.Mailboxes.Tell gives it a KeysLow frame.
	OnLow func(a wire.Address, left uint32)
}

// Keys is the register of pre-keys. It is safe for concurrent use.
type Keys struct {
	Config
	mu     sync.Mutex
	takers map[wire.AccountID]*rate.Limiter
	pairs  map[[2]wire.AccountID]*rate.Limiter
}

// New makes the register.
func New(c Config) *Keys {
	if c.Limits.PerRequester == 0 {
		c.Limits.PerRequester = 1500
	}
	if c.Limits.PerTarget == 0 {
		c.Limits.PerTarget = 10
	}
	return &Keys{Config: c, takers: map[wire.AccountID]*rate.Limiter{}, pairs: map[[2]wire.AccountID]*rate.Limiter{}}
}

// Upload stores keys and answers how many one-time keys there are now.
func (k *Keys) Upload(ctx context.Context, a wire.Address, u wire.KeyUpload) (wire.KeyCount, error) {
	if err := messenger.CheckKeys(u, false); err != nil {
		return wire.KeyCount{}, err
	}
	if err := k.Store.PutKeys(ctx, a, u, MaxKept); err != nil {
		return wire.KeyCount{}, fmt.Errorf("store pre-keys: %w", err)
	}
	return k.Store.CountKeys(ctx, a)
}

// Count tells how many one-time keys a device has left.
func (k *Keys) Count(ctx context.Context, a wire.Address) (wire.KeyCount, error) {
	return k.Store.CountKeys(ctx, a)
}

// Low is how many one-time keys a device has left, if that is too few.
func (k *Keys) Low(ctx context.Context, a wire.Address) (left uint32, ok bool, err error) {
	c, err := k.Store.CountKeys(ctx, a)
	if err != nil {
		return 0, false, err
	}
	left, ok = low(c)
	return left, ok, nil
}

// low is the number to report in a KeysLow frame; ok false: there are enough.
func low(c wire.KeyCount) (left uint32, ok bool) {
	left = min(c.OneTime, c.KyberOneTime)
	return left, left < LowWater
}

// Bundles hands out the bundles of an account's devices, or of one device.
// One requester cannot drain another's one-time keys.
func (k *Keys) Bundles(ctx context.Context, caller wire.AccountID, r wire.BundleRequest) (wire.Bundles, error) {
	if !k.allowed(caller, r.Account) {
		return wire.Bundles{}, fault.New(fault.Exhausted, "hand out pre-keys", "too many keys were asked for: try again in a few minutes")
	}
	devices, err := k.Store.Devices(ctx, r.Account)
	if err != nil {
		return wire.Bundles{}, fmt.Errorf("find devices: %w", err)
	}
	var out wire.Bundles
	for _, d := range devices {
		if r.Device != 0 && r.Device != d {
			continue
		}
		b, err := k.take(ctx, wire.At(r.Account, d))
		if err != nil {
			return wire.Bundles{}, err
		}
		out.Bundles = append(out.Bundles, b)
	}
	if len(out.Bundles) == 0 {
		return wire.Bundles{}, fault.New(fault.NotFound, "hand out pre-keys", "there is no such device: look the number up again")
	}
	return out, nil
}

func (k *Keys) take(ctx context.Context, a wire.Address) (wire.Bundle, error) {
	b, err := k.Store.TakeBundle(ctx, a)
	if err != nil {
		return wire.Bundle{}, fmt.Errorf("hand out pre-keys: %w", err)
	}
	if k.OnLow == nil {
		return b, nil
	}
	if left, few, err := k.Low(ctx, a); err == nil && few {
		k.OnLow(a, left)
	}
	return b, nil
}

// maxLimiters bounds the limiters in memory; past it all start afresh.
const maxLimiters = 50_000

func (k *Keys) allowed(caller, target wire.AccountID) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.takers)+len(k.pairs) > maxLimiters {
		clear(k.takers)
		clear(k.pairs)
	}
	now := k.Clock.Now()
	return take(k.pairs, [2]wire.AccountID{caller, target}, k.Limits.PerTarget).AllowN(now, 1) &&
		take(k.takers, caller, k.Limits.PerRequester).AllowN(now, 1)
}

func take[K comparable](m map[K]*rate.Limiter, key K, perHour int) *rate.Limiter {
	l := m[key]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(float64(perHour)/3600), perHour)
		m[key] = l
	}
	return l
}
