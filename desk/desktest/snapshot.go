package desktest

import (
	"context"
	"time"

	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
)

// snapshot is one that the fake carrier keeps.
type snapshot struct {
	half    [32]byte
	at      time.Time
	until   time.Time
	account disclosable.Account
	records []disclosable.Record
	under   disclosable.Hash // the grant that took or last renewed it
}

// Preserve is door.Door's.
func (d *Door) Preserve(ctx context.Context, k door.Keep) (door.Kept, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:preserve"); err != nil {
		return door.Kept{}, err
	}
	taken := k.Grant
	if k.Taken != (disclosable.Hash{}) {
		taken = k.Taken
	}
	had := d.snapshots[taken]
	if had != nil && had.half == k.Half && had.under == k.Grant {
		return door.Kept{At: had.at, Until: had.until}, nil
	}
	s, _, err := d.use(ctx, k.Grant, disclosable.Preserve)
	if err != nil {
		return door.Kept{}, err
	}
	until := time.Unix(s.grant.Keep.Until, 0).UTC()
	if s.grant.Keep.Renews != nil {
		if had == nil || had.half != k.Half || had.account != s.grant.Account {
			return door.Kept{}, refused(fault.Forbidden, "no such snapshot")
		}
		had.until, had.under = until, k.Grant
		return door.Kept{At: had.at, Until: until}, d.Fail("after:preserve")
	}
	now := d.Clock.Now().UTC().Truncate(time.Second)
	d.snapshots[k.Grant] = &snapshot{half: k.Half, at: now, until: until, account: s.grant.Account, records: d.records(s.grant), under: k.Grant}
	return door.Kept{At: now, Until: until}, d.Fail("after:preserve")
}

// OpenSnapshot is door.Door's.
func (d *Door) OpenSnapshot(ctx context.Context, k door.Keep) (door.Release, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:redeem"); err != nil {
		return door.Release{}, err
	}
	g := d.grants[k.Grant]
	if g == nil || g.grant.Snapshot == nil {
		return door.Release{}, refused(fault.Forbidden, "the grant opens no snapshot")
	}
	had := d.snapshots[*g.grant.Snapshot]
	if had == nil || !d.Clock.Now().Before(had.until) || had.half != k.Half || had.account != g.grant.Account {
		return door.Release{}, refused(fault.Forbidden, "no such snapshot")
	}
	s, receipt, err := d.use(ctx, k.Grant, disclosable.Produce)
	if err != nil {
		return door.Release{}, err
	}
	out := door.Release{Grant: disclosable.SignedGrant{Grant: s.bytes, Signatures: s.sigs}, Keys: s.keys, At: d.Clock.Now(), Records: d.opened(s.grant)}
	out.Entry = entryOf(receipt)
	return out, d.Fail("after:redeem")
}

// opened are the grant's fields out of its snapshot.
func (d *Door) opened(g disclosable.Grant) (out []disclosable.Record) {
	had := d.snapshots[*g.Snapshot]
	for _, f := range g.Fields {
		for _, r := range had.records {
			if r.Field == f {
				r.AsOf = had.at.Format(time.RFC3339)
				out = append(out, r)
			}
		}
	}
	return out
}

// Snapshots are how many the fake carrier took and still keeps.
func (d *Door) Snapshots() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.snapshots {
		if d.Clock.Now().Before(s.until) {
			n++
		}
	}
	return n
}
