package holdings

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/wire"
)

// A grant that lists many accounts is drawn in batches. Each account is spent
// by itself, and a batch is kept, sealed, until the desk asks for the next: see
// docs/decisions/0044-lists-are-drawn.md.

// Draws is how far a list is: which places are spent, the number of the last
// batch, and that batch as it was given, sealed with half of its key elsewhere.
type Draws struct {
	Seq   int
	Spent []byte
	Batch []byte
	Entry []byte // ledger receipt of that batch; empty: not recorded yet
}

// Mark1 marks a place of a list, one bit each.
func Mark1(spent []byte, place int) []byte {
	for len(spent) <= place/8 {
		spent = append(spent, 0)
	}
	spent[place/8] |= 1 << (place % 8)
	return spent
}

// Is reports a place that is spent.
func (x Draws) Is(place int) bool {
	return place/8 < len(x.Spent) && x.Spent[place/8]&(1<<(place%8)) != 0
}

// Count is how many places are spent.
func (x Draws) Count() (n int) {
	for _, b := range x.Spent {
		n += bits.OnesCount8(b)
	}
	return n
}

// with is the next state, with more places spent. It leaves x as it is.
func (x Draws) with(places []int) Draws {
	next := Draws{Seq: x.Seq + 1, Spent: slices.Clone(x.Spent)}
	for _, p := range places {
		next.Spent = Mark1(next.Spent, p)
	}
	return next
}

// fits refuses places that are not of the list, not in order or too many.
func fits(g d.Grant, places []int, most int) error {
	if len(places) > most {
		return fault.New(fault.TooLarge, "use list", "at most %d accounts are asked for at once", most)
	}
	for i, p := range places {
		if p < 0 || p >= len(g.List) || i > 0 && places[i-1] >= p {
			return fault.New(fault.Invalid, "use list", "ask for places of the list, in order")
		}
	}
	return nil
}

// part is one account in the ledger's record of a batch.
type part struct {
	_       struct{} `cbor:",toarray"`
	Place   int
	Outcome door.Outcome
	Records d.Hash
}

// Draw is the door's, within this set. With Redeem it is the only place where a
// record leaves.
func (h *Set) Draw(ctx context.Context, q door.Draw) (door.Drawn, error) {
	// Step 1: the grant as it was proposed, found by its hash alone.
	sheet, g, err := h.load(ctx, q.Grant)
	if err != nil {
		return door.Drawn{}, h.refuse(subject{op: "draw", sealed: h.vault, act: act{Op: "draw", Grant: q.Grant}}, err)
	}
	about := h.of("draw", q.Grant, g)
	about.Seq = q.Seq
	had, err := h.Store.Draws(ctx, q.Grant)
	if err != nil {
		return door.Drawn{}, fmt.Errorf("read draws: %w", err)
	}

	// Step 2: a batch whose answer was lost is given again, as it was.
	if q.Seq == had.Seq && len(had.Batch) > 0 && len(q.Places) > 0 {
		out, err := h.drawnAgain(ctx, sheet, about, q, had)
		if err != nil && !fault.Is(err, fault.Unavailable) {
			err = h.refuse(about, err)
		}
		return out, err
	}

	// Step 3: everything that must hold, checked anew for each batch.
	keys, err := h.mayDraw(ctx, sheet, g, q, had)
	if err != nil {
		return door.Drawn{}, h.refuse(about, err)
	}
	about.By = holders(keys)
	if len(q.Places) == 0 {
		return h.endDraws(ctx, about, q, had)
	}

	// Step 4: the intent, durable. No record, no act.
	about.Count = len(q.Places)
	if _, err := h.append(ctx, kindDrawing, about); err != nil {
		return door.Drawn{}, err
	}

	// Step 5: the records, in memory only, and sealed.
	out := door.Drawn{Seq: q.Seq, At: h.now(), Signatures: signed(sheet).Signatures, Keys: keys}
	if out.Given, err = h.batch(ctx, g, q.Places); err != nil {
		h.void(about, err)
		return door.Drawn{}, err
	}
	next := had.with(placesOf(out.Given))
	if next.Batch, err = h.lock(batchKey(q), q.Half, q.Grant[:], out); err != nil {
		return door.Drawn{}, err
	}

	// Step 6: the marks, durable, with the sealed batch. From here these accounts
	// are spent, and this batch is all that there will ever be of them.
	if err := h.Store.PutDraw(ctx, q.Grant, next, out.At); err != nil {
		h.void(about, err)
		return door.Drawn{}, err
	}

	// Step 7: the outcome, durable, and only then the records.
	return h.handOver(ctx, about, q, out)
}

func batchKey(q door.Draw) string {
	return "letterlock list batch v1\x00" + string(q.Grant[:]) + string(binary.BigEndian.AppendUint64(nil, uint64(q.Seq)))
}

func placesOf(given []door.Given) (out []int) {
	for _, g := range given {
		out = append(out, g.Place)
	}
	return out
}

func (h *Set) mayDraw(ctx context.Context, sheet Sheet, g d.Grant, q door.Draw, had Draws) ([]door.ReleaseKey, error) {
	switch {
	case len(g.List) == 0:
		return nil, forbid("the grant lists no accounts: it is redeemed as a whole")
	case q.Seq != had.Seq+1:
		return nil, fault.New(fault.Conflict, "draw", "%d batches were given under this grant, and each is given once; batch %d cannot follow", had.Seq, q.Seq)
	}
	if err := fits(g, q.Places, door.MaxBatch); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(q.Places, had.Is); i >= 0 {
		return nil, fault.New(fault.Conflict, "draw", "account %d of the list was given; each is given once", q.Places[i]+1)
	}
	return h.mayUse(ctx, sheet, g, d.Produce)
}

// batch reads the accounts one after another until the batch is full.
func (h *Set) batch(ctx context.Context, g d.Grant, places []int) (out []door.Given, err error) {
	size := 0
	for _, p := range places {
		x, err := h.given(ctx, g.At(p))
		if err != nil {
			return nil, err
		}
		x.Place = p
		for _, r := range x.Records {
			size += len(r.Value) + 64
		}
		if out = append(out, x); size > door.BatchBytes {
			break
		}
	}
	return out, nil
}

// given is what leaves of one account. What has changed since people signed
// holds back that account and no other.
func (h *Set) given(ctx context.Context, one d.Grant) (x door.Given, err error) {
	if one.Account.IsZero() {
		return door.Given{Outcome: door.OutcomeNone}, nil
	}
	if err := h.sameAccount(ctx, one); fault.Is(err, fault.Forbidden) {
		return door.Given{Outcome: door.OutcomeMoved}, nil
	} else if err != nil {
		return x, err
	}
	if err := h.ofPeriod(ctx, one); fault.Is(err, fault.Forbidden) {
		return door.Given{Outcome: door.OutcomeYoung}, nil
	} else if err != nil {
		return x, err
	}
	x.Outcome = door.OutcomeGiven
	x.Records, err = h.read(ctx, one)
	return x, err
}

// handOver records what leaves, account by account, and lets it go.
func (h *Set) handOver(ctx context.Context, about subject, q door.Draw, out door.Drawn) (door.Drawn, error) {
	about.Count, about.Accounts = 0, 0
	for _, g := range out.Given {
		about.List = append(about.List, part{Place: g.Place, Outcome: g.Outcome, Records: sumOf(g.Records)})
		about.Count += len(g.Records)
		if g.Outcome == door.OutcomeGiven {
			about.Accounts++
		}
	}
	receipt, err := h.append(ctx, kindDone, about)
	if err != nil {
		return door.Drawn{}, fault.Wrap(fault.Unavailable, "draw", err, "the release of a batch could not be recorded: it was not handed out; ask for the same batch again")
	}
	out.Entry = entryOf(about.sealed, receipt)
	if err := h.Store.PutEntry(ctx, q.Grant, q.Seq, out.Entry); err != nil {
		return door.Drawn{}, err
	}
	return out, nil
}

// drawnAgain opens the batch that waits, which takes the desk's half of its
// key. Nothing is read anew: asked a hundred times, it says what it said.
func (h *Set) drawnAgain(ctx context.Context, sheet Sheet, about subject, q door.Draw, had Draws) (out door.Drawn, err error) {
	if sheet.State == Withdrawn || sheet.State == Refused {
		return out, usable(sheet)
	}
	if err := h.unlock(batchKey(q), q.Half, q.Grant[:], had.Batch, &out); err != nil {
		return door.Drawn{}, err
	}
	if given := placesOf(out.Given); len(q.Places) < len(given) || !slices.Equal(q.Places[:len(given)], given) {
		return door.Drawn{}, fault.New(fault.Conflict, "draw", "batch %d was given, of other accounts", q.Seq)
	}
	out.At = out.At.UTC()
	about.By = holders(out.Keys)
	if len(had.Entry) == 0 { // the crash came before the record
		return h.handOver(ctx, about, q, out)
	}
	out.Entry = had.Entry
	return out, nil
}

// endDraws closes a list: what is not spent by now never leaves under it.
func (h *Set) endDraws(ctx context.Context, about subject, q door.Draw, had Draws) (door.Drawn, error) {
	at := h.now()
	if err := h.Store.EndDraws(ctx, q.Grant, at); err != nil {
		return door.Drawn{}, h.refuse(about, err)
	}
	about.Accounts = had.Count()
	h.journal(kindEnded, about)
	return door.Drawn{Seq: q.Seq, At: at}, nil
}

// ResolveAll is the door's, within this set.
func (h *Set) ResolveAll(ctx context.Context, q door.Lookups) ([]door.Resolution, error) {
	s := subject{op: "resolve", sealed: q.Sealed, caseRef: clip(q.Case), act: act{Op: "resolve", Process: clip(q.Process), Count: len(q.Identifiers)}}
	row, ok := h.Law.LastRow(law.ProcessID(q.Process), h.Clock.Now())
	if err := h.mayLookUp(&s, row, ok, q); err != nil {
		return nil, h.refuse(s, err)
	}
	s.priority = isEmergency(row)
	ok, err := h.Store.Spend(ctx, h.Clock.Now().Format(time.DateOnly)+" lists", len(q.Identifiers), h.Lists)
	if err != nil {
		return nil, fmt.Errorf("spend look-up budget: %w", err)
	}
	if !ok {
		return nil, h.refuse(s, fault.New(fault.Exhausted, "resolve", "the day's %d look-ups for lists are spent; more from midnight UTC", h.Lists))
	}
	if _, err := h.append(ctx, kindResolve, s); err != nil {
		return nil, err
	}
	out := make([]door.Resolution, len(q.Identifiers))
	for i, id := range q.Identifiers {
		a, found, err := h.find(ctx, id)
		if err != nil && !fault.Is(err, fault.Invalid) { // what is no number has no account
			return nil, err
		}
		if found {
			out[i] = door.Resolution{Exists: true, Account: a}
		}
	}
	return out, nil
}

func (h *Set) mayLookUp(s *subject, row law.Row, known bool, q door.Lookups) error {
	switch {
	case q.Case == "" || len(q.Case) > maxText:
		return fault.New(fault.Invalid, "resolve", "a look-up needs the case that it is for")
	case !known:
		return forbid("no law row of that name is in force today")
	case q.Sealed != special(row):
		s.sealed = true
		return forbid("only national-security matters are sealed, and they always are")
	case len(q.Identifiers) == 0 || len(q.Identifiers) > door.MaxLookups:
		return fault.New(fault.TooLarge, "resolve", "look up between one and %d identifiers at once", door.MaxLookups)
	case slices.ContainsFunc(q.Identifiers, func(id string) bool { return len(id) > 64 }):
		return fault.New(fault.Invalid, "resolve", "one of them is no telephone number and no account id")
	}
	return nil
}

// TellSome is the door's, within this set. As with Tell, a notice is queued
// before it is marked: it must not be lost, and a second one has its number.
func (h *Set) TellSome(ctx context.Context, q door.Places) (door.ToldSome, error) {
	sheet, g, err := h.load(ctx, q.Grant)
	if err != nil {
		return door.ToldSome{}, h.refuse(subject{op: "tell", sealed: h.vault, act: act{Op: "tell", Grant: q.Grant}}, err)
	}
	about := h.of("tell", q.Grant, g)
	had, err := h.Store.Draws(ctx, q.Grant)
	if err != nil {
		return door.ToldSome{}, fmt.Errorf("read draws: %w", err)
	}
	keys, err := h.mayTellSome(ctx, sheet, g, q)
	if err != nil {
		return door.ToldSome{}, h.refuse(about, err)
	}
	about.By, about.Count = holders(keys), len(q.Places)
	if _, err := h.append(ctx, kindTelling, about); err != nil {
		return door.ToldSome{}, err
	}
	out := door.ToldSome{At: h.now()}
	for _, p := range q.Places {
		one, err := h.tellOne(ctx, q, g, p, had.Is(p))
		if err != nil {
			h.void(about, err)
			return door.ToldSome{}, err
		}
		about.List = append(about.List, part{Place: p, Outcome: one.Outcome})
		out.Told = append(out.Told, one)
	}
	return out, h.markTold(ctx, about, q, g, had, out)
}

func (h *Set) mayTellSome(ctx context.Context, sheet Sheet, g d.Grant, q door.Places) ([]door.ReleaseKey, error) {
	if len(g.List) == 0 || len(q.Places) == 0 {
		return nil, forbid("say whom of a list of accounts to tell")
	}
	if err := fits(g, q.Places, door.MaxTold); err != nil {
		return nil, err
	}
	if sheet.State == Used {
		sheet.State = Open // everybody was told: the answer may be given again
	}
	keys, err := h.mayUse(ctx, sheet, g, d.Notify)
	if err == nil && h.now().Unix() < g.Notice.Day {
		err = forbid("the person is told on %s, not before", d.Day(g.Notice.Day))
	}
	return keys, err
}

// tellOne queues one notice; who was told is not told or mailed again.
func (h *Set) tellOne(ctx context.Context, q door.Places, g d.Grant, place int, before bool) (door.ToldOne, error) {
	one := g.At(place)
	x := door.ToldOne{Place: place, Outcome: door.OutcomeGiven}
	if one.Account.IsZero() {
		x.Outcome = door.OutcomeNone
		return x, nil
	}
	there, err := h.Records.Exists(ctx, wire.AccountID(one.Account))
	if err != nil || !there {
		x.Outcome = door.OutcomeGone
		return x, err
	}
	x.Notice = noticeID(placeHash(q.Grant, place))
	if before {
		return x, nil
	}
	told, err := h.send(ctx, placeHash(q.Grant, place), one, telling{receipt: receiptFor(one, q.Receipt)})
	if err != nil {
		return x, err
	}
	x.Queued = told.Queued
	h.mail(ctx, one)
	return x, nil
}

// placeHash names one place of a list, as a grant's hash names a grant.
func placeHash(hash d.Hash, place int) d.Hash {
	return sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte("letterlock place of a list v1\x00"), hash[:]...), uint64(place)))
}

func (h *Set) markTold(ctx context.Context, about subject, q door.Places, g d.Grant, had Draws, out door.ToldSome) error {
	if slices.IndexFunc(q.Places, func(p int) bool { return !had.Is(p) }) < 0 {
		return nil // asked again
	}
	next := had.with(q.Places)
	if err := h.Store.PutDraw(ctx, q.Grant, next, out.At); err != nil {
		return err
	}
	about.Accounts = len(out.Told)
	h.journal(kindTold, about)
	if next.Count() < len(g.List) {
		return nil
	}
	about.List = nil
	if _, err := h.append(ctx, kindNotice, about); err != nil {
		return nil // everyone is told; the grant stays open until it expires
	}
	return h.Store.EndDraws(ctx, q.Grant, out.At)
}

// recallBatch brings a restored database up to the ledger: what was given stays
// given. A batch that is known here stays as it is, so that its answer can
// still be given again.
func (h *Set) recallBatch(ctx context.Context, kind string, body []byte) error {
	var a act
	if kind != kindDone || d.Unmarshal(body, &a) != nil || a.Seq == 0 {
		return nil
	}
	var places []int
	for _, p := range a.List {
		places = append(places, p.Place)
	}
	if err := h.Store.MarkDrawn(ctx, a.Grant, a.Seq, places, h.now()); err != nil {
		return fmt.Errorf("mark drawn accounts: %w", err)
	}
	return nil
}
