package agency

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// System is an agency's own software that files by the API. It acts for one
// officer and is never more than that officer: when they, or their agency, may
// not act, its keys are dead.
type System struct {
	ID       casefile.SystemID  `cbor:"id"`
	Agency   casefile.AgencyID  `cbor:"agency"`
	Officer  casefile.OfficerID `cbor:"officer"` // who answers for what it files
	Name     string             `cbor:"name"`
	Networks []string           `cbor:"networks"` // where it may call from; none: anywhere
	Keys     []SystemKey        `cbor:"keys"`     // the newest last
	AddedBy  casefile.Actor     `cbor:"added_by"`
	Added    time.Time          `cbor:"added"`
	Ended    time.Time          `cbor:"ended"`
	Reason   string             `cbor:"reason"` // of the end
	Changes  []Change           `cbor:"changes"`
}

// SystemKey is an API key as kept: what it begins with, and the hash of it.
type SystemKey struct {
	Prefix  string    `cbor:"prefix"` // such as llk_k3v9xq2m
	Hash    [32]byte  `cbor:"hash"`   // SHA-256 of the whole key
	Made    time.Time `cbor:"made"`
	Expires time.Time `cbor:"expires"` // sooner once another key replaces it
	Used    string    `cbor:"used"`    // the last day, UTC; never the hour or from where
}

// Live reports a key that opens something at this time.
func (k SystemKey) Live(now time.Time) bool { return now.Before(k.Expires) }

// Actor is the officer, named with the system that acts for them.
func (x System) Actor(o Officer) casefile.Actor {
	return casefile.Officer(o.ID, o.Name+" (by "+x.Name+")")
}

// SystemStore keeps the systems. A missing one is NotFound; a key's prefix is
// unique (Conflict).
type SystemStore interface {
	PutSystem(ctx context.Context, x System) error
	System(ctx context.Context, id casefile.SystemID) (System, error)
	SystemByKey(ctx context.Context, prefix string) (System, error)
	Systems(ctx context.Context) ([]System, error)
}

// Limits of API keys.
const (
	MaxKeyLife        = 366 * 24 * time.Hour
	MaxOverlap        = 30 * 24 * time.Hour
	maxSystemNetworks = 16
)

var keyForm = regexp.MustCompile(`^(llk_[a-z2-7]{8})_[a-z2-7]{52}$`)

// Enlisting is what the team gives to enrol a system.
type Enlisting struct {
	Name     string
	Officer  casefile.OfficerID
	Networks []string
	Life     time.Duration // of the first key
	Why      string
}

// AddSystem enrols a system and makes its first key, which is shown once.
func (s *Service) AddSystem(ctx context.Context, by casefile.Actor, e Enlisting) (System, casefile.Secret, error) {
	if !s.keeps(ctx, by) {
		return System{}, casefile.Secret{}, fault.New(fault.Forbidden, "add system", "only the team enrols an agency's system")
	}
	if strings.TrimSpace(e.Name) == "" || !casefile.Plain(e.Name, 120) {
		return System{}, casefile.Secret{}, invalid("give the system a name of one line, such as Records system")
	}
	nets, err := networks(e.Networks)
	if err != nil {
		return System{}, casefile.Secret{}, err
	}
	o, err := s.Active(ctx, e.Officer)
	if err != nil {
		return System{}, casefile.Secret{}, invalid("choose an active officer who answers for what the system files")
	}
	x := System{ID: casefile.SystemID(casefile.NewID()), Agency: o.Agency, Officer: o.ID, Name: strings.TrimSpace(e.Name), Networks: nets, AddedBy: by, Added: s.Acts.Clock.Now()}
	return s.newKey(ctx, "system.added", by, x, e.Life, e.Why)
}

func networks(all []string) ([]string, error) {
	var out []string
	for _, n := range all {
		if n = strings.TrimSpace(n); n == "" {
			continue
		}
		p, err := netip.ParsePrefix(n)
		if a, aerr := netip.ParseAddr(n); err != nil && aerr == nil {
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			return nil, invalid("%q is no network; write it as 192.0.2.0/24 or as one address", n)
		}
		out = append(out, p.Masked().String())
	}
	if len(out) > maxSystemNetworks {
		return nil, invalid("at most %d networks can be given", maxSystemNetworks)
	}
	return out, nil
}

// newKey gives a system another key. It is recorded before it exists.
func (s *Service) newKey(ctx context.Context, kind string, by casefile.Actor, x System, life time.Duration, why string) (System, casefile.Secret, error) {
	if life <= 0 || life > MaxKeyLife {
		return System{}, casefile.Secret{}, invalid("a key lives for at most a year")
	}
	if !said(why) {
		return System{}, casefile.Secret{}, invalid("say in one line why it gets a key")
	}
	prefix := "llk_" + strings.ToLower(rand.Text()[:8])
	key := prefix + "_" + strings.ToLower(rand.Text()+rand.Text())
	now := s.Acts.Clock.Now()
	x.Keys = append(slices.Clone(x.Keys), SystemKey{Prefix: prefix, Hash: sha256.Sum256([]byte(key)), Made: now, Expires: now.Add(life)})
	x.note(now, by, "key "+prefix+" made", why)
	if err := s.Acts.Keep(ctx, kind, by, string(x.ID), strings.TrimSpace(why), x); err != nil {
		return System{}, casefile.Secret{}, err
	}
	return x, casefile.NewSecret(key), s.Store.PutSystem(ctx, x)
}

// note puts a change into the system's history.
func (x *System) note(at time.Time, by casefile.Actor, what, why string) {
	x.Changes = append(slices.Clone(x.Changes), Change{At: at, By: by, What: []string{what}, Why: strings.TrimSpace(why)})
}

// Rotate makes a new key; the earlier ones end after the overlap.
func (s *Service) Rotate(ctx context.Context, by casefile.Actor, id casefile.SystemID, life, overlap time.Duration, why string) (System, casefile.Secret, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	x, err := s.liveSystem(ctx, by, id)
	if err != nil {
		return System{}, casefile.Secret{}, err
	}
	if overlap < 0 || overlap > MaxOverlap {
		return System{}, casefile.Secret{}, invalid("the earlier key can go on for at most 30 days")
	}
	now := s.Acts.Clock.Now()
	x.Keys = slices.DeleteFunc(slices.Clone(x.Keys), func(k SystemKey) bool { return !k.Live(now) })
	for i := range x.Keys {
		if end := now.Add(overlap); end.Before(x.Keys[i].Expires) {
			x.Keys[i].Expires = end
		}
	}
	return s.newKey(ctx, "system.rotated", by, x, life, why)
}

func (s *Service) liveSystem(ctx context.Context, by casefile.Actor, id casefile.SystemID) (System, error) {
	x, err := s.Store.System(ctx, id)
	switch {
	case err != nil:
		return System{}, err
	case !s.keeps(ctx, by):
		return System{}, fault.New(fault.Forbidden, "change system", "only the team changes an agency's system")
	case !x.Ended.IsZero():
		return System{}, fault.New(fault.Conflict, "change system", "this system's access has ended; enrol it anew")
	}
	return x, nil
}

// EndSystem revokes all keys of a system at once. It never waits for the ledger.
func (s *Service) EndSystem(ctx context.Context, by casefile.Actor, id casefile.SystemID, why string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	x, err := s.liveSystem(ctx, by, id)
	if err != nil {
		return err
	}
	if strings.TrimSpace(why) == "" || len(why) > casefile.MaxText {
		return invalid("give the reason")
	}
	x.Ended, x.Reason, x.Keys = s.Acts.Clock.Now(), why, nil
	x.note(x.Ended, by, "access ended", why)
	s.Acts.Journal("system.ended", by, string(id), why, x)
	return s.Store.PutSystem(ctx, x)
}

// RevokeKey ends one key at once, for a reason.
func (s *Service) RevokeKey(ctx context.Context, by casefile.Actor, id casefile.SystemID, prefix, why string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	x, err := s.liveSystem(ctx, by, id)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(x.Keys), func(k SystemKey) bool { return k.Prefix == prefix })
	if len(left) == len(x.Keys) {
		return fault.New(fault.NotFound, "revoke key", "there is no such key")
	}
	if !said(why) {
		return invalid("say in one line why the key is revoked")
	}
	x.Keys = left
	x.note(s.Acts.Clock.Now(), by, "key "+prefix+" revoked", why)
	s.Acts.Journal("system.key.revoked", by, string(id), strings.TrimSpace(why), x)
	return s.Store.PutSystem(ctx, x)
}

// BySecret finds who calls with a key. Whatever is wrong with it, the answer is
// the same: a stolen key is not told how it failed.
func (s *Service) BySecret(ctx context.Context, key casefile.Secret, peer netip.Addr) (System, Officer, error) {
	m := keyForm.FindStringSubmatch(key.Reveal())
	if m == nil {
		return System{}, Officer{}, deadKey()
	}
	x, err := s.Store.SystemByKey(ctx, m[1])
	if err != nil && !fault.Is(err, fault.NotFound) {
		return System{}, Officer{}, err
	}
	now, sum, found := s.Acts.Clock.Now(), sha256.Sum256([]byte(key.Reveal())), -1
	for i, k := range x.Keys {
		if subtle.ConstantTimeCompare(k.Hash[:], sum[:]) == 1 && k.Live(now) {
			found = i
		}
	}
	if found < 0 || !x.Ended.IsZero() || !allowed(x.Networks, peer) {
		return System{}, Officer{}, deadKey()
	}
	o, err := s.Active(ctx, x.Officer)
	if fault.Is(err, fault.Unauthenticated) || err == nil && o.Agency != x.Agency {
		return System{}, Officer{}, deadKey()
	}
	if err != nil {
		return System{}, Officer{}, err
	}
	return x, o, s.keySeen(ctx, x.ID, x.Keys[found], now)
}

func deadKey() error {
	return fault.New(fault.Unauthenticated, "find API key", "this key opens nothing: it is unknown, has expired or was revoked, calls from a network it is not meant for, or its officer or agency may not act now; ask the response team")
}

func allowed(nets []string, peer netip.Addr) bool {
	return len(nets) == 0 || slices.ContainsFunc(nets, func(n string) bool {
		p, err := netip.ParsePrefix(n)
		return err == nil && p.Contains(peer.Unmap())
	})
}

// keySeen notes the day on which a key was used, once a day.
func (s *Service) keySeen(ctx context.Context, id casefile.SystemID, k SystemKey, now time.Time) error {
	day := now.UTC().Format(time.DateOnly)
	if k.Used == day {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	x, err := s.Store.System(ctx, id) // as it is now: it may have been revoked meanwhile
	if err != nil {
		return err
	}
	i := slices.IndexFunc(x.Keys, func(y SystemKey) bool { return y.Prefix == k.Prefix })
	if i < 0 {
		return deadKey()
	}
	x.Keys = slices.Clone(x.Keys)
	x.Keys[i].Used = day
	return s.Store.PutSystem(ctx, x)
}

// System finds one, ended or not.
func (s *Service) System(ctx context.Context, id casefile.SystemID) (System, error) {
	return s.Store.System(ctx, id)
}

// Systems are all, by name.
func (s *Service) Systems(ctx context.Context) ([]System, error) { return s.Store.Systems(ctx) }
