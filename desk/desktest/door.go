// Package desktest is a carrier for the desk's tests: a Door with the promises
// of the real one (two signatures, once, exactly those fields, on its own
// ledger), accounts that a test plants, and ways to fail at every step. It
// knows the door and no part of the desk.
package desktest

import (
	"context"
	"crypto/sha256"
	"slices"
	"sync"

	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/ledger"

	"letterlock/internal/passkey"
)

// Site is where the fake carrier's key holders sign.
var Site = passkey.Site{ID: "release.localhost", Origin: "https://release.localhost", Name: "release"}

// Account is a planted account.
type Account struct {
	ID     disclosable.Account
	Fields map[disclosable.FieldID]string
}

// Door is the fake carrier.
type Door struct {
	Clock    clock.Clock
	Ledger   *ledger.Ledger
	Accounts map[string]Account // by identifier
	Pages    string             // where its signing pages are served, if a test serves them

	mu         sync.Mutex
	holders    map[string]*holder
	grants     map[disclosable.Hash]*state
	objections []door.Objection
	snapshots  map[disclosable.Hash]*snapshot
	taps       map[disclosable.Hash]*tapped
	// Fail is asked before ("before:redeem") and after ("after:redeem") each
	// act: an error after it means that the answer was lost.
	Fail     func(point string) error
	Lookups  []door.Lookup
	Laws     map[disclosable.Hash]door.LawState // the carrier's law
	Tellers  []disclosable.Hash                 // every notice that went out, in order
	Receipts [][]byte                           // that went with them
	Counsel  string                             // the holder who signs as counsel
	Batch    int                                // accounts in a batch; 0: as many as are asked for
}

type holder struct {
	auth *soft.Authenticator
	key  passkey.Key
}

type state struct {
	bytes    []byte
	grant    disclosable.Grant
	proposal door.Proposal
	sigs     []disclosable.Signature
	keys     []door.ReleaseKey
	drawn    *drawn // of a list
}

// New is a carrier with three key holders.
func New(c clock.Clock, l *ledger.Ledger, holders ...string) (*Door, error) {
	d := &Door{Clock: c, Ledger: l, Accounts: map[string]Account{}, holders: map[string]*holder{}, grants: map[disclosable.Hash]*state{}, snapshots: map[disclosable.Hash]*snapshot{},
		Fail: func(string) error { return nil }}
	for _, name := range holders {
		a := soft.New()
		k, err := a.Enrol(Site, name)
		if err != nil {
			return nil, err
		}
		d.holders[name] = &holder{a, k}
	}
	return d, nil
}

var _ door.Door = (*Door)(nil)

func refused(k fault.Kind, say string) error { return fault.New(k, "fake carrier", "%s", say) }

// Resolve is door.Door's.
func (d *Door) Resolve(_ context.Context, q door.Lookup) (door.Resolution, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:resolve"); err != nil {
		return door.Resolution{}, err
	}
	d.Lookups = append(d.Lookups, q)
	a, ok := d.Accounts[q.Identifier]
	return door.Resolution{Exists: ok, Account: a.ID}, d.Fail("after:resolve")
}

// Propose is door.Door's.
func (d *Door) Propose(_ context.Context, b []byte) (door.Proposal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:propose"); err != nil {
		return door.Proposal{}, err
	}
	g, err := disclosable.ParseGrant(b)
	if err != nil {
		return door.Proposal{}, err
	}
	h := disclosable.GrantHash(b)
	if d.grants[h] == nil {
		d.grants[h] = &state{bytes: b, grant: g, proposal: door.Proposal{Hash: h, Expires: g.Expires, URL: d.pages() + "/grants/" + h.String()}}
		d.grants[h].counsel()
	}
	return d.grants[h].proposal, d.Fail("after:propose")
}

// Proposal is door.Door's.
func (d *Door) Proposal(_ context.Context, h disclosable.Hash) (door.Proposal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:proposal"); err != nil {
		return door.Proposal{}, err
	}
	s := d.grants[h]
	if s == nil {
		return door.Proposal{}, refused(fault.NotFound, "no such grant")
	}
	return s.proposal, nil
}

// Withdraw is door.Door's.
func (d *Door) Withdraw(_ context.Context, h disclosable.Hash) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:withdraw"); err != nil {
		return err
	}
	s := d.grants[h]
	if s == nil {
		return refused(fault.NotFound, "no such grant")
	}
	if s.proposal.Used {
		return refused(fault.Conflict, "this grant is used")
	}
	s.proposal.Withdrawn = true
	return nil
}

// Sign has a key holder sign a grant, as on the release page.
func (d *Door) Sign(h disclosable.Hash, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, who := d.grants[h], d.holders[name]
	if s == nil || who == nil {
		return refused(fault.NotFound, "no such grant or holder")
	}
	if slices.Contains(s.proposal.Signed, name) {
		return refused(fault.Forbidden, "one person signs once")
	}
	a, err := who.auth.Sign(Site, h[:])
	if err != nil {
		return err
	}
	s.sign(name, who.key, Site, a)
	s.keys[len(s.keys)-1].Counsel = name == d.Counsel
	s.counsel()
	return nil
}

// Keys are the key holders' public keys.
func (d *Door) Keys() (out []door.ReleaseKey) {
	for name, h := range d.holders {
		out = append(out, door.ReleaseKey{Holder: name, ID: h.key.ID, Public: h.key.Public, RPID: Site.ID, Origin: Site.Origin, Counsel: name == d.Counsel})
	}
	return out
}

// SignAll has two people sign everything that waits.
func (d *Door) SignAll(names ...string) error {
	d.mu.Lock()
	var open []disclosable.Hash
	for h, s := range d.grants {
		if p := s.proposal; !p.Used && !p.Withdrawn && p.Refused == "" && !p.Ready() {
			open = append(open, h)
		}
	}
	d.mu.Unlock()
	for _, h := range open {
		for _, n := range names {
			if err := d.Sign(h, n); err != nil && !fault.Is(err, fault.Forbidden) {
				return err
			}
		}
	}
	return nil
}

// Refuse has a key holder refuse a grant.
func (d *Door) Refuse(h disclosable.Hash, why string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.grants[h].proposal.Refused = why
}

// use checks all that the real carrier checks of a signed grant, and uses it up.
func (d *Door) use(ctx context.Context, h disclosable.Hash, k disclosable.GrantKind) (*state, ledger.Receipt, error) {
	s, now := d.grants[h], d.Clock.Now().Unix()
	switch {
	case s == nil:
		return nil, ledger.Receipt{}, refused(fault.NotFound, "no such grant")
	case s.grant.Kind != k:
		return nil, ledger.Receipt{}, refused(fault.Forbidden, "not this kind of grant")
	case s.proposal.Used || s.proposal.Withdrawn || s.proposal.Refused != "":
		return nil, ledger.Receipt{}, refused(fault.Conflict, "this grant is used or ended")
	case !s.proposal.Ready():
		return nil, ledger.Receipt{}, refused(fault.Forbidden, "two people have to sign")
	case now >= s.grant.Expires:
		return nil, ledger.Receipt{}, refused(fault.Expired, "this grant has expired")
	case s.grant.NotYet != 0 && now < s.grant.NotYet:
		return nil, ledger.Receipt{}, refused(fault.Forbidden, "its day has not come")
	}
	records := d.records(s.grant)
	if s.grant.Snapshot != nil {
		records = d.opened(s.grant)
	}
	done := outcome{Grant: h, Records: sumOf(records)}
	body, err := disclosable.Marshal(done)
	if err != nil {
		return nil, ledger.Receipt{}, err
	}
	r, err := d.Ledger.Append(ctx, ledger.Record{Kind: kinds[k], Case: s.grant.Case, Body: body})
	if err != nil {
		return nil, r, err
	}
	s.proposal.Used = true
	return s, r, nil
}

// kinds are the carrier's records of a grant's use.
var kinds = map[disclosable.GrantKind]string{disclosable.Produce: "release.done", disclosable.Notify: "notice.done", disclosable.Preserve: "snapshot.done", disclosable.Trace: "trace.started"}

// outcome is the body of such a record.
type outcome struct {
	Grant   disclosable.Hash `cbor:"grant"`
	Records disclosable.Hash `cbor:"records"`
}

func sumOf(r []disclosable.Record) disclosable.Hash {
	b, err := disclosable.Marshal(r)
	if err != nil {
		panic(err) // plain strings always encode
	}
	return sha256.Sum256(b)
}

// records are exactly the grant's fields.
func (d *Door) records(g disclosable.Grant) (out []disclosable.Record) {
	for _, f := range g.Fields {
		if v, ok := d.Accounts[g.Asked].Fields[f]; ok {
			out = append(out, disclosable.Record{Account: g.Account, Field: f, Value: v})
		}
	}
	return out
}

// Redeem is door.Door's.
func (d *Door) Redeem(ctx context.Context, h disclosable.Hash) (door.Release, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:redeem"); err != nil {
		return door.Release{}, err
	}
	s, receipt, err := d.use(ctx, h, disclosable.Produce)
	if err != nil {
		return door.Release{}, err
	}
	out := door.Release{Grant: disclosable.SignedGrant{Grant: s.bytes, Signatures: s.sigs}, Keys: s.keys, At: d.Clock.Now(), Records: d.records(s.grant)}
	out.Entry = entryOf(receipt)
	return out, d.Fail("after:redeem")
}

func entryOf(r ledger.Receipt) []byte {
	b, err := disclosable.Marshal(r.Seq)
	if err != nil {
		panic(err) // a number always encodes
	}
	return b
}

// Tell is door.Door's.
func (d *Door) Tell(ctx context.Context, t door.Telling) (door.Told, error) {
	h := t.Grant
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:tell"); err != nil {
		return door.Told{}, err
	}
	if s := d.grants[h]; s != nil && s.grant.Traced != nil {
		if t := d.taps[*s.grant.Traced]; t == nil || d.running(t) {
			return door.Told{}, refused(fault.Forbidden, "the trace has not ended")
		}
	}
	if _, _, err := d.use(ctx, h, disclosable.Notify); err != nil {
		return door.Told{}, err
	}
	d.Tellers, d.Receipts = append(d.Tellers, h), append(d.Receipts, t.Receipt)
	return door.Told{Notice: [16]byte(h[:16]), At: d.Clock.Now(), Queued: 1}, d.Fail("after:tell")
}

// Proof is door.Door's.
func (d *Door) Proof(_ context.Context, entry []byte) ([]byte, error) {
	if err := d.Fail("before:proof"); err != nil {
		return nil, err
	}
	var seq uint64
	if err := disclosable.Unmarshal(entry, &seq); err != nil {
		return nil, err
	}
	r, err := d.Ledger.Receipt(seq)
	if err != nil {
		return nil, err
	}
	p, err := d.Ledger.Proof(r)
	if err != nil {
		return nil, err
	}
	return p.Bytes(), nil
}

// Object has the person of a notice answer it.
func (d *Door) Object(caseNumber, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.objections = append(d.objections, door.Objection{Number: int64(len(d.objections) + 1), Case: caseNumber, Text: text, At: d.Clock.Now()})
}

// Objections is door.Door's.
func (d *Door) Objections(_ context.Context, after int64) ([]door.Objection, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:objections"); err != nil {
		return nil, err
	}
	var out []door.Objection
	for _, o := range d.objections {
		if o.Number > after {
			out = append(out, o)
		}
	}
	return out, nil
}

// Law is door.Door's.
func (d *Door) Law(_ context.Context, rows []disclosable.Hash) ([]door.LawState, error) {
	if err := d.Fail("before:law"); err != nil {
		return nil, err
	}
	out := make([]door.LawState, len(rows))
	for i, x := range rows {
		out[i] = d.Laws[x]
	}
	return out, nil
}

// Seen, Cosign, Witness and Cosigned are door.Door's, on the carrier's ledger.
func (d *Door) Seen(ctx context.Context, origin string) (int64, error) {
	return d.Ledger.Seen(ctx, origin)
}

// Cosign is door.Door's.
func (d *Door) Cosign(ctx context.Context, request []byte) ([]byte, error) {
	return d.Ledger.Cosign(ctx, request)
}

// gathering plays the desk as a witness of the carrier's ledger: Gather asks
// it, it shows what was asked and hands in what the desk answered.
type gathering struct {
	seen    int64
	request []byte
	line    []byte
}

var errOnlyAsked = fault.New(fault.Unavailable, "witness", "only asked")

func (g *gathering) Seen(context.Context, string) (int64, error) { return g.seen, nil }
func (g *gathering) Cosign(_ context.Context, request []byte) ([]byte, error) {
	g.request = request
	if g.line == nil {
		return nil, errOnlyAsked
	}
	return g.line, nil
}

// Witness is door.Door's.
func (d *Door) Witness(ctx context.Context, seen int64) ([]byte, error) {
	g := &gathering{seen: seen}
	if err := d.Ledger.Gather(ctx, g); g.request == nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return g.request, nil
}

// Cosigned is door.Door's.
func (d *Door) Cosigned(ctx context.Context, line []byte) error {
	return d.Ledger.Gather(ctx, &gathering{line: line})
}

// Used reports how many grants of a kind have been used.
func (d *Door) Used(k disclosable.GrantKind) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.grants {
		if s.grant.Kind == k && s.proposal.Used {
			n++
		}
	}
	return n
}

// Open are the grants of a kind that can still be used.
func (d *Door) Open(k disclosable.GrantKind) (out []disclosable.Hash) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for h, s := range d.grants {
		if p := s.proposal; s.grant.Kind == k && !p.Used && !p.Withdrawn && p.Refused == "" {
			out = append(out, h)
		}
	}
	return out
}
