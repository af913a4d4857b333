package holdings

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/wire"
)

// Snapshot is one as the store has it.
type Snapshot struct {
	ID      d.Hash
	Sealed  []byte
	Until   time.Time
	Renewed int
}

// SnapshotStore keeps snapshots. It knows no account.
type SnapshotStore interface {
	// PutSnapshot uses up the grant, removes it with its marks and keeps the
	// snapshot; with renew it is one that is there and was renewed once less.
	PutSnapshot(ctx context.Context, grant d.Hash, at time.Time, s Snapshot, renew bool) error
	Snapshot(ctx context.Context, id d.Hash) (Snapshot, error)
	// SnapshotsDue are those whose time is over, the oldest first.
	SnapshotsDue(ctx context.Context, now time.Time, limit int) ([]Snapshot, error)
	// Prolong moves the end of one that was renewed less often than given.
	Prolong(ctx context.Context, id d.Hash, until time.Time, renewed int) error
	// DropSnapshot removes one; none is no error.
	DropSnapshot(ctx context.Context, id d.Hash) error
}

// kept is what is sealed: the records as they were, and why they are kept.
type kept struct {
	Account d.Account   `cbor:"account"`
	Asked   string      `cbor:"asked"`
	Process string      `cbor:"process"`
	Agency  string      `cbor:"agency"`
	At      int64       `cbor:"at"`
	Until   int64       `cbor:"until"`
	Fields  []d.FieldID `cbor:"fields"`
	Records []d.Record  `cbor:"records"`
	// Grants are the grant it was taken under and those that renewed it.
	Grants []d.SignedGrant `cbor:"grants"`
}

func (k kept) under(grant d.Hash) bool {
	return slices.ContainsFunc(k.Grants, func(g d.SignedGrant) bool { return d.GrantHash(g.Grant) == grant })
}

// block is what the length of a snapshot is rounded up to, so that it does not
// tell how long somebody's block list is.
const block = 4096

// idOf names a snapshot on the disk. Without the key outside the database
// nobody tells which grant, and so which account, it is of.
func (h *Set) idOf(grant d.Hash) (id d.Hash) {
	m := hmac.New(sha256.New, h.SnapshotKey)
	m.Write([]byte("letterlock snapshot id v1\x00"))
	m.Write(grant[:])
	m.Sum(id[:0])
	return id
}

// keyInfo is what a snapshot's own key is derived for.
func keyInfo(id d.Hash) string { return "letterlock snapshot key v1\x00" + string(id[:]) }

func (h *Set) seal(id d.Hash, half [32]byte, k kept) ([]byte, error) {
	return h.lock(keyInfo(id), half, id[:], k)
}

func (h *Set) unseal(s Snapshot, half [32]byte) (k kept, err error) {
	return k, h.unlock(keyInfo(s.ID), half, s.ID[:], s.Sealed, &k)
}

// keptUnder is a snapshot that is kept; one whose time is over is none, whether or
// not the clock has come to it.
func (h *Set) keptUnder(ctx context.Context, grant d.Hash) (Snapshot, error) {
	s, err := h.kept.Snapshot(ctx, h.idOf(grant))
	if err == nil && !h.now().Before(s.Until) || fault.Is(err, fault.NotFound) {
		return Snapshot{}, forbid("no snapshot is kept under that grant: its time is over, or none was taken")
	}
	return s, err
}

func (h *Set) isKept(ctx context.Context, grant d.Hash) error {
	_, err := h.keptUnder(ctx, grant)
	return err
}

// mayKeep is what a grant to preserve must fulfil: a row that preserves each
// field, no longer than it gives, of the account that the identifier means.
func (h *Set) mayKeep(ctx context.Context, g d.Grant, now time.Time) error {
	row, err := h.row(g, now)
	if err != nil {
		return err
	}
	if row.Stance != law.StanceSnapshot || !row.AutoDelete {
		return forbid("%s preserves nothing", row.Name)
	}
	for _, id := range g.Fields {
		if f, _ := d.FieldByID(id); !row.Preserves(law.Class(f.Class)) {
			return forbid("%s does not preserve the field %q", row.Name, f.Title)
		}
	}
	if g.Keep.Until <= now.Unix() {
		return forbid("the time to keep it for is over")
	}
	if g.Keep.Renews != nil {
		return h.mayRenew(ctx, g, row)
	}
	if last, ok := law.Longest(row, unix(g.Keep.Received)); !ok || g.Keep.Until > last.Unix() {
		return forbid("%s lets it be kept until %s at the longest", row.Name, d.Minute(last.Unix()))
	}
	return h.sameAccount(ctx, g)
}

// mayRenew: as often, and as long, as the row says.
func (h *Set) mayRenew(ctx context.Context, g d.Grant, row law.Row) error {
	s, err := h.keptUnder(ctx, *g.Keep.Renews)
	if err != nil {
		return err
	}
	c, ok := row.Clock(law.ClockRenewal, law.Ordinary)
	last, has := law.Renewed(row, s.Until)
	switch {
	case !ok || !has:
		return forbid("%s cannot be renewed", row.Name)
	case c.Times > 0 && s.Renewed >= c.Times:
		return forbid("%s is renewed %d times at most, and this one was", row.Name, c.Times)
	case g.Keep.Until > last.Unix() || g.Keep.Until <= s.Until.Unix():
		return forbid("the renewal runs until %s at the longest, from %s", d.Minute(last.Unix()), d.Minute(s.Until.Unix()))
	}
	return nil
}

// Preserve is the door's, within this set.
//
// Step 1: an answer that was lost is given again. Step 2: everything that must
// hold. Step 3: the intent, durable. Step 4: the records, sealed at once. Step
// 5: one transaction uses up the grant and keeps the snapshot.
func (h *Set) Preserve(ctx context.Context, k door.Keep) (door.Kept, error) {
	if out, ok := h.again(ctx, k); ok {
		return out, nil
	}
	sheet, g, err := h.load(ctx, k.Grant)
	if err != nil {
		return door.Kept{}, h.refuse(subject{op: "preserve", sealed: h.vault, act: act{Op: "preserve", Grant: k.Grant}}, err)
	}
	about := h.of("preserve", k.Grant, g)
	keys, err := h.mayUse(ctx, sheet, g, d.Preserve)
	if err != nil {
		return door.Kept{}, h.refuse(about, err)
	}
	about.By = holders(keys)
	s, what, err := h.take(ctx, g, k, sheet)
	if err != nil {
		return door.Kept{}, h.refuse(about, err)
	}
	about.Snapshot, about.Until, about.Renewed = &s.ID, s.Until.Unix(), s.Renewed
	if _, err := h.append(ctx, kindKeeping, about); err != nil {
		return door.Kept{}, err
	}
	if err := h.kept.PutSnapshot(ctx, k.Grant, h.now(), s, s.Renewed > 0); err != nil {
		h.void(about, err)
		return door.Kept{}, err
	}
	h.journal(kindKept, about)
	return door.Kept{At: unix(what.At), Until: s.Until}, nil
}

// again is the answer to a call whose answer was lost. It takes the desk's half
// of the key, so that nobody learns by asking what is kept.
func (h *Set) again(ctx context.Context, k door.Keep) (door.Kept, bool) {
	taken := k.Grant
	if k.Taken != (d.Hash{}) {
		taken = k.Taken
	}
	s, err := h.keptUnder(ctx, taken)
	if err != nil {
		return door.Kept{}, false
	}
	had, err := h.unseal(s, k.Half)
	if err != nil || !had.under(k.Grant) {
		return door.Kept{}, false
	}
	return door.Kept{At: unix(had.At), Until: s.Until}, true
}

// dating are read with every snapshot: they tell whether a value lies in the
// period of the process that opens it. They leave only as fields of their own.
var dating = []d.FieldID{"last_seen", "service_start"}

// take reads the records and seals them, or seals a snapshot anew for longer.
func (h *Set) take(ctx context.Context, g d.Grant, k door.Keep, sheet Sheet) (Snapshot, kept, error) {
	s := Snapshot{ID: h.idOf(k.Grant), Until: unix(g.Keep.Until)}
	what := kept{Account: g.Account, Asked: g.Asked, Process: g.Process, Agency: g.Agency, At: h.now().Unix(), Fields: g.Fields}
	if g.Keep.Renews != nil {
		had, err := h.keptUnder(ctx, *g.Keep.Renews)
		if err == nil {
			what, err = h.unseal(had, k.Half)
		}
		if err != nil {
			return s, what, err
		}
		if what.Account != g.Account || what.Process != g.Process || what.Agency != g.Agency || !slices.Equal(what.Fields, g.Fields) {
			return s, what, forbid("the grant renews a snapshot of another account, agency, process or other fields")
		}
		s.ID, s.Renewed = had.ID, had.Renewed+1
	} else {
		wide := g
		wide.Fields = append(slices.Clone(g.Fields), dating...)
		all, err := h.Records.Records(ctx, wire.AccountID(g.Account), wide.Fields)
		if err != nil {
			return s, what, fmt.Errorf("read records: %w", err)
		}
		what.Records = within(wide, all)
	}
	what.Until = g.Keep.Until
	what.Grants = append(what.Grants, signed(sheet))
	var err error
	s.Sealed, err = h.seal(s.ID, k.Half, what)
	return s, what, err
}

// OpenSnapshot is the door's, within this set.
func (h *Set) OpenSnapshot(ctx context.Context, k door.Keep) (door.Release, error) {
	return h.redeem(ctx, k.Grant, &k.Half)
}

// mayOpen: a grant that names a snapshot opens that one and no record of today,
// any other no snapshot.
func (h *Set) mayOpen(ctx context.Context, g d.Grant, half *[32]byte) error {
	switch {
	case half == nil && g.Snapshot == nil:
		return nil
	case half == nil:
		return forbid("the grant opens a snapshot, and only with the other half of its key")
	case g.Snapshot == nil:
		return forbid("the grant is for today's record and opens no snapshot")
	}
	_, err := h.fromSnapshot(ctx, g, *half)
	return err
}

func (h *Set) records(ctx context.Context, g d.Grant, half *[32]byte) ([]d.Record, error) {
	if half == nil {
		return h.read(ctx, g)
	}
	return h.fromSnapshot(ctx, g, *half)
}

// fromSnapshot is the grant's fields out of the snapshot that it names: of the
// same account, within what was kept and the period.
func (h *Set) fromSnapshot(ctx context.Context, g d.Grant, half [32]byte) ([]d.Record, error) {
	s, err := h.keptUnder(ctx, *g.Snapshot)
	if err != nil {
		return nil, err
	}
	k, err := h.unseal(s, half)
	if err != nil {
		return nil, err
	}
	switch {
	case k.Account != g.Account || g.Asked != k.Asked && g.Asked != k.Account.String():
		return nil, forbid("the snapshot is of another account than the grant")
	case slices.ContainsFunc(g.Fields, func(f d.FieldID) bool { return !slices.Contains(k.Fields, f) }):
		return nil, forbid("the grant names a field that was not preserved")
	}
	began := slices.IndexFunc(k.Records, func(r d.Record) bool { return r.Field == "service_start" })
	if g.Until != 0 && began >= 0 && k.Records[began].Value > unix(g.Until).Format(time.DateOnly) {
		return nil, forbid("the account began after the period: in the period the identifier was nobody's or somebody else's")
	}
	out := within(g, k.Records)
	for i := range out {
		out[i].AsOf = unix(k.At).Format(time.RFC3339)
	}
	return out, nil
}

// destroyed are the snapshots that the ledger has as destroyed, so that one
// whose removal failed is not recorded twice.
type destroyed struct {
	mu  sync.Mutex
	ids map[d.Hash]bool
}

func (x *destroyed) first(id d.Hash) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ids[id] {
		return false
	}
	if x.ids == nil {
		x.ids = map[d.Hash]bool{}
	}
	x.ids[id] = true
	return true
}

// Destroy removes the snapshots whose time is over. The record comes first: a
// crash before the removal leaves one that recall removes at the next start.
// While the clock is in doubt nothing is destroyed: what is gone is gone.
func (h *Holdings) Destroy(ctx context.Context) error {
	now := h.now()
	if j := h.Ledger.CheckClock(now); j.Kind == ledger.Back || j.Kind == ledger.Ahead && !j.Restart && !h.Site.Demo {
		return nil
	}
	due, err := h.kept.SnapshotsDue(ctx, now, 1000)
	if err != nil {
		return fmt.Errorf("read snapshots: %w", err)
	}
	for _, s := range due {
		if h.gone.first(s.ID) {
			h.journal(kindGone, subject{op: "destroy", act: act{Op: "destroy", Snapshot: &s.ID, Until: s.Until.Unix()}})
		}
		if err := h.kept.DropSnapshot(ctx, s.ID); err != nil {
			return fmt.Errorf("destroy snapshot: %w", err)
		}
	}
	return nil
}

// recall brings a restored database up to the ledger: what was destroyed stays
// destroyed, what was renewed keeps its time and is not renewed again.
func (h *Set) recall(ctx context.Context, kind string, body []byte) error {
	var a act
	if kind != kindGone && kind != kindKept || d.Unmarshal(body, &a) != nil || a.Snapshot == nil {
		return nil
	}
	if kind == kindGone {
		h.gone.first(*a.Snapshot)
		return h.kept.DropSnapshot(ctx, *a.Snapshot)
	}
	if err := h.Store.MarkUsed(ctx, []d.Hash{a.Grant}, h.Clock.Now()); err != nil {
		return fmt.Errorf("mark used grants: %w", err)
	}
	return h.kept.Prolong(ctx, *a.Snapshot, unix(a.Until), a.Renewed)
}
