package holdings

import (
	"context"
	"fmt"
	"strings"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/messenger"
	"letterlock/wire"
)

// Tracer runs traces: messenger/trace.
type Tracer interface {
	Start(ctx context.Context, t messenger.Trace) error
	Stop(ctx context.Context, grant d.Hash, reason string) error
	State(grant d.Hash) (messenger.TraceState, error)
	Collect(ctx context.Context, grant d.Hash, after uint64) (messenger.TraceState, []messenger.Caught, error)
	// Resume takes up what ran before a restart, but for what a ledger says has
	// ended, for the reason given.
	Resume(ctx context.Context, ended map[d.Hash]string) error
}

// mayTrace is what a trace must meet by the carrier's own law.
// law: 18 USC 3121(a), 3123(c)(1), 3125(b)
func (h *Set) mayTrace(ctx context.Context, g d.Grant, now time.Time) error {
	if h.Tracer == nil {
		return fault.New(fault.Unavailable, "check grant", "this carrier carries out no trace")
	}
	row, err := h.row(g, now)
	if err != nil {
		return err
	}
	if !row.Prospective || !row.Reaches(law.DRAS) {
		return forbid("%s does not reach who an account will communicate with", row.Name)
	}
	if g.From > g.Expires || now.Unix() >= g.Until {
		return forbid("the trace would be over before it begins")
	}
	last, ok := law.Longest(row, unix(max(g.From, g.Issued)))
	if !ok {
		return forbid("%s sets no end to a trace", row.Name)
	}
	if g.Until > last.Unix() {
		return forbid("%s ends on %s at the latest; another order begins another trace", row.Name, d.Minute(last.Unix()))
	}
	return h.sameAccount(ctx, g)
}

// Trace is the door's, within this set. The grant is spent before anything is
// recorded of anybody: whatever fails after that, two people sign a new one.
func (h *Set) Trace(ctx context.Context, hash d.Hash) (door.Traced, error) {
	sheet, g, err := h.load(ctx, hash)
	if err != nil {
		return door.Traced{}, h.refuse(subject{op: "trace", sealed: h.vault, act: act{Op: "trace", Grant: hash}}, err)
	}
	about := h.of("trace", hash, g)
	keys, err := h.mayUse(ctx, sheet, g, d.Trace)
	if err == nil && h.now().Unix() < g.From {
		err = forbid("the order begins on %s, not before", d.Minute(g.From))
	}
	if err != nil {
		return door.Traced{}, h.refuse(about, err)
	}
	about.By = holders(keys)
	receipt, err := h.append(ctx, kindTraced, about)
	if err != nil {
		return door.Traced{}, err
	}
	now := h.now()
	if err := h.Store.Use(ctx, hash, now); err != nil {
		h.void(about, err)
		return door.Traced{}, err
	}
	t := messenger.Trace{Grant: hash, Account: wire.AccountID(g.Account), Key: g.Tap, Start: now, End: unix(g.Until), Vault: h.vault}
	if err := h.Tracer.Start(ctx, t); err != nil {
		h.void(about, err)
		return door.Traced{}, err
	}
	return door.Traced{Until: t.End, Entry: entryOf(about.sealed, receipt), Grant: signed(sheet), Keys: keys}, nil
}

// ofTrace is a grant to trace that lies here.
func (h *Set) ofTrace(ctx context.Context, op string, hash d.Hash) (subject, error) {
	_, g, err := h.load(ctx, hash)
	if err == nil && g.Kind != d.Trace {
		err = forbid("a grant of kind %q cannot be used for this", g.Kind)
	}
	if err == nil && h.Tracer == nil {
		err = fault.New(fault.Unavailable, "find trace", "this carrier carries out no trace")
	}
	if err != nil {
		return subject{}, h.refuse(subject{op: op, sealed: h.vault, act: act{Op: op, Grant: hash}}, err)
	}
	return h.of(op, hash, g), nil
}

// Collect is the door's, within this set.
func (h *Set) Collect(ctx context.Context, q door.Collect) (door.Catch, error) {
	about, err := h.ofTrace(ctx, "collect", q.Grant)
	if err != nil {
		return door.Catch{}, err
	}
	st, events, err := h.Tracer.Collect(ctx, q.Grant, q.After)
	if err != nil {
		return door.Catch{}, h.refuse(about, err)
	}
	out := door.Catch{Traced: traced(st)}
	for _, e := range events {
		out.Events = append(out.Events, door.SealedEvent(e))
	}
	return out, nil
}

func traced(st messenger.TraceState) door.Traced {
	return door.Traced{Until: st.End, Stopped: st.Stopped, Reason: st.Reason, Last: st.Last}
}

// StopTrace is the door's, within this set.
func (h *Set) StopTrace(ctx context.Context, s door.StopTrace) (door.Traced, error) {
	about, err := h.ofTrace(ctx, "stop-trace", s.Grant)
	if err != nil {
		return door.Traced{}, err
	}
	if strings.TrimSpace(s.Reason) == "" || len(s.Reason) > maxText || strings.ContainsFunc(s.Reason, unseen) {
		return door.Traced{}, h.refuse(about, fault.New(fault.Invalid, "stop trace", "a trace is stopped for a reason of at most %d bytes", maxText))
	}
	if err := h.Tracer.Stop(ctx, s.Grant, s.Reason); err != nil {
		return door.Traced{}, h.refuse(about, err)
	}
	st, err := h.Tracer.State(s.Grant)
	return traced(st), err
}

// TraceEnded records that a trace ended, whoever ended it: with how many events
// and why. It never waits.
func (h *Holdings) TraceEnded(e messenger.TraceEnd) {
	s := h.kind(e.Vault)
	about := subject{op: "trace", sealed: e.Vault, act: act{Op: "trace", Grant: e.Grant}}
	if _, g, err := s.load(context.Background(), e.Grant); err == nil {
		about = s.of("trace", e.Grant, g)
	}
	about.Count, about.Say = int(e.Count), e.Reason
	s.journal(kindTraceEnd, about)
}

// resume starts again what may still run.
func (h *Holdings) resume(ctx context.Context) error {
	if h.Tracer == nil {
		return nil
	}
	ended, began := map[d.Hash]string{}, map[d.Hash]bool{}
	for _, s := range h.sets() {
		for o, err := range h.ledgerFor(s.vault).Openings(1, 0) {
			if err != nil {
				return fmt.Errorf("read ledger: %w", err)
			}
			var b act
			switch {
			case o.Entry.Kind != kindTraced && o.Entry.Kind != kindTraceEnd || d.Unmarshal(o.Entry.Body, &b) != nil:
			case o.Entry.Kind == kindTraced:
				began[b.Grant] = s.vault
			default:
				ended[b.Grant] = b.Say
			}
		}
	}
	if err := h.Tracer.Resume(ctx, ended); err != nil {
		return err
	}
	for grant, vault := range began { // after a restore: backups hold no trace
		_, had := ended[grant]
		if _, err := h.Tracer.State(grant); !had && fault.Is(err, fault.NotFound) {
			h.TraceEnded(messenger.TraceEnd{Grant: grant, Vault: vault, At: h.now(), Reason: "the service was restored from a backup, and backups hold no trace"})
		}
	}
	return nil
}

// Trace is the door's.
func (h *Holdings) Trace(ctx context.Context, hash d.Hash) (door.Traced, error) {
	s, err := h.having(ctx, hash)
	if err != nil {
		return door.Traced{}, err
	}
	return s.Trace(ctx, hash)
}

// Collect is the door's.
func (h *Holdings) Collect(ctx context.Context, q door.Collect) (door.Catch, error) {
	s, err := h.having(ctx, q.Grant)
	if err != nil {
		return door.Catch{}, err
	}
	return s.Collect(ctx, q)
}

// StopTrace is the door's.
func (h *Holdings) StopTrace(ctx context.Context, q door.StopTrace) (door.Traced, error) {
	s, err := h.having(ctx, q.Grant)
	if err != nil {
		return door.Traced{}, err
	}
	return s.StopTrace(ctx, q)
}
