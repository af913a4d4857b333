package holdings

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/ledger"
	"letterlock/wire"
)

func unix(s int64) time.Time { return time.Unix(s, 0).UTC() }

// Redeem is the door's, within this set. It is the one place where a record leaves.
//
// A grant is used once: the mark is durable before a record leaves. If
// anything fails after the mark, nothing leaves and the grant is spent; two
// people sign a new one. See docs/decisions/0010-used-once.md.
func (h *Set) Redeem(ctx context.Context, hash d.Hash) (door.Release, error) {
	return h.redeem(ctx, hash, nil)
}

// redeem takes today's record, or with half a key a snapshot.
func (h *Set) redeem(ctx context.Context, hash d.Hash, half *[32]byte) (door.Release, error) {
	// Step 1: the grant as it was proposed, found by its hash alone.
	sheet, g, err := h.load(ctx, hash)
	if err != nil {
		return door.Release{}, h.refuse(subject{op: "redeem", sealed: h.vault, act: act{Op: "redeem", Grant: hash}}, err)
	}
	about := h.of("redeem", hash, g)

	// Step 2: everything that must hold, checked anew.
	keys, err := h.mayUse(ctx, sheet, g, d.Produce)
	if err == nil && len(g.List) > 0 {
		err = forbid("the grant lists many accounts: it is drawn batch by batch")
	}
	if err == nil {
		err = h.mayOpen(ctx, g, half)
	}
	if err != nil {
		return door.Release{}, h.refuse(about, err)
	}
	about.By = holders(keys)

	// Step 3: the intent, durable. No record, no act.
	if _, err := h.append(ctx, kindIntent, about); err != nil {
		return door.Release{}, err
	}

	// Step 4: the records, in memory only.
	records, err := h.records(ctx, g, half)
	if err != nil {
		h.void(about, err)
		return door.Release{}, err
	}

	// Step 5: the mark, durable. From here the grant is spent.
	at := h.now()
	if err := h.Store.Use(ctx, hash, at); err != nil {
		h.void(about, err)
		return door.Release{}, err
	}

	// Step 6: the outcome, durable, and only then the records.
	about.Count, about.Records = len(records), sumOf(records)
	receipt, err := h.append(ctx, kindDone, about)
	if err != nil {
		h.void(about, err)
		return door.Release{}, fault.Wrap(fault.Unavailable, "redeem", err, "the release could not be recorded: nothing was handed out and the grant is spent; have a new one signed")
	}
	return door.Release{Grant: signed(sheet), Keys: keys, Records: records, At: at, Entry: entryOf(about.sealed, receipt)}, nil
}

// mayUse checks a grant for use now and returns the keys of its signatures.
func (h *Set) mayUse(ctx context.Context, s Sheet, g d.Grant, kind d.GrantKind) ([]door.ReleaseKey, error) {
	now := h.now()
	if g.Kind != kind {
		return nil, forbid("a grant of kind %q cannot be used for this", g.Kind)
	}
	if err := usable(s); err != nil {
		return nil, err
	}
	if err := h.steady(now, g); err != nil {
		return nil, err
	}
	if now.Unix() < g.NotYet {
		return nil, forbid("the grant may be used from %s on, not before", d.Minute(g.NotYet))
	}
	if err := h.examine(ctx, g); err != nil {
		return nil, err
	}
	keys, err := h.twoPeople(ctx, s, g, now)
	if err != nil {
		return nil, err
	}
	return keys, h.ofPeriod(ctx, g)
}

func usable(s Sheet) error {
	switch s.State {
	case Open:
		return nil
	case Used:
		return fault.New(fault.Conflict, "use grant", "the grant was used on %s; a grant works once", d.Minute(s.Ended.Unix()))
	case Withdrawn:
		return fault.New(fault.Conflict, "use grant", "the grant was withdrawn")
	}
	return forbid("a key holder refused the grant: %s", s.Reason)
}

// steady refuses a clock that cannot be believed. One that went back could
// revive what has expired; one that leapt ahead while the process ran could
// bring a first day nearer.
func (h *Set) steady(now time.Time, g d.Grant) error {
	switch j := h.Ledger.CheckClock(now); {
	case j.Kind == ledger.Back:
		return fault.New(fault.Unavailable, "check clock", "the carrier's clock went back; nothing is released until people have looked at it")
	case j.Kind == ledger.Ahead && !j.Restart && g.NotYet != 0 && !h.Site.Demo: // the demo moves its clock on purpose
		return fault.New(fault.Unavailable, "check clock", "the carrier's clock leapt ahead; a grant with a first day waits until people have looked at it")
	}
	return nil
}

// twoPeople verifies the signatures anew, against the keys as they are now,
// and wants two different people, whatever number of keys they have. A key
// retired since counts no more, except for telling a person years later. Where a
// case reaches many accounts, it wants counsel among three. Whoever was not
// trained when they signed, or has declared a tie since, counts for nobody.
func (h *Set) twoPeople(ctx context.Context, s Sheet, g d.Grant, now time.Time) ([]door.ReleaseKey, error) {
	f, err := h.fitness(ctx)
	if err != nil {
		return nil, err
	}
	ties, err := h.Store.Ties(ctx, s.Hash)
	if err != nil {
		return nil, fmt.Errorf("read ties: %w", err)
	}
	var out []door.ReleaseKey
	people, counsel := map[string]bool{}, false
	for _, m := range s.Marks {
		k, ok := keyOf(f.keys, m.Signature.KeyID)
		if !ok || !f.at(k.Holder, m.At) || tied(ties, k.Holder) || !k.Usable(m.At) || (g.Kind != d.Notify && !k.Usable(now)) || (k.Pass.Demo && !h.Site.Demo) {
			continue
		}
		if _, err := passkey.VerifyAssertion(k.Pass.Public, h.Site.ID, h.Site.Origin, s.Hash[:], passkey.Assertion(m.Signature)); err != nil {
			continue
		}
		people[person(k.Holder)] = true
		counsel = counsel || k.Counsel
		out = append(out, door.ReleaseKey{Holder: k.Holder, ID: k.Pass.ID, Public: k.Pass.Public, RPID: h.Site.ID, Origin: h.Site.Origin, Demo: k.Pass.Demo, Counsel: k.Counsel})
	}
	if len(people) < 2 {
		return nil, forbid("two different people must sign; %d did", len(people))
	}
	needs, err := h.forCounsel(ctx, s.Hash, g)
	if err == nil && needs && (len(people) < 3 || !counsel) {
		err = forbid("for more than %d accounts of one case three different people must sign, counsel among them", d.MaxOfTwo)
	}
	return out, err
}

// forCounsel: by its own list, or with the other grants of its case, a grant
// reaches more accounts than two people release alone. A long list is not
// signed in parts.
func (h *Set) forCounsel(ctx context.Context, hash d.Hash, g d.Grant) (bool, error) {
	if g.Accounts() > d.MaxOfTwo {
		return true, nil
	}
	if g.Kind != d.Produce {
		return false, nil
	}
	others, err := h.Store.CaseAccounts(ctx, g.Case, hash, h.now())
	if err != nil {
		return false, fmt.Errorf("count accounts of a case: %w", err)
	}
	return others+g.Accounts() > d.MaxOfTwo, nil
}

// lacksCounsel: nobody has signed yet whose key is counsel's.
func (h *Set) lacksCounsel(ctx context.Context, s Sheet) (bool, error) {
	keys, err := h.Store.Keys(ctx)
	if err != nil {
		return false, fmt.Errorf("read release keys: %w", err)
	}
	return !slices.ContainsFunc(s.Marks, func(m Mark) bool {
		k, ok := keyOf(keys, m.Signature.KeyID)
		return ok && k.Counsel
	}), nil
}

// person is whom a name means: the same however it is spelt.
func person(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

func keyOf(all []Key, id []byte) (Key, bool) {
	i := slices.IndexFunc(all, func(k Key) bool { return slices.Equal(k.Pass.ID, id) })
	if i < 0 {
		return Key{}, false
	}
	return all[i], true
}

func holders(keys []door.ReleaseKey) []string {
	var out []string
	for _, k := range keys {
		out = append(out, k.Holder)
	}
	return out
}

// read takes the grant's fields from the extractor and lets nothing else
// through.
func (h *Set) read(ctx context.Context, g d.Grant) ([]d.Record, error) {
	ask := g.Fields
	if slices.Contains(ask, "last_ip") && !slices.Contains(ask, "last_seen") {
		ask = append(slices.Clone(ask), "last_seen") // tells whether the address is of the period
	}
	all, err := h.Records.Records(ctx, wire.AccountID(g.Account), ask)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return within(g, all), nil
}

func (h *Set) void(s subject, err error) {
	s.Kind, s.Say = fault.KindOf(err).String(), fault.Say(err)
	h.journal(kindVoid, s)
}

func sumOf(records []d.Record) d.Hash {
	b, err := d.Marshal(records)
	if err != nil {
		panic(err) // plain strings always encode
	}
	return sha256.Sum256(b)
}

func signed(s Sheet) d.SignedGrant {
	g := d.SignedGrant{Grant: s.Grant}
	for _, m := range s.Marks {
		g.Signatures = append(g.Signatures, m.Signature)
	}
	return g
}
