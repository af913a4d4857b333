package holdings

import (
	"context"
	"fmt"
	"strings"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/ledger/proof"
	"letterlock/messenger"
	"letterlock/wire"
)

// traceOf is the trace that a notice tells of, when it has ended. There is none
// after a restore, because backups hold no trace: the notice then says what the
// order allowed.
func (h *Set) traceOf(ctx context.Context, g d.Grant) (*messenger.TraceState, error) {
	sheet, t, err := h.load(ctx, *g.Traced)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, forbid("the trace that the notice tells of was never proposed here")
	case err != nil:
		return nil, err
	case t.Kind != d.Trace || t.Account != g.Account || t.Case != g.Case || t.From != g.From || t.Until != g.Until:
		return nil, forbid("the notice tells of a trace of another account or case, or of other days")
	case sheet.State != Used:
		return nil, forbid("that trace was never started: there is nothing to tell")
	case h.Tracer == nil:
		return nil, fault.New(fault.Unavailable, "find trace", "this carrier carries out no trace")
	}
	st, err := h.Tracer.State(*g.Traced)
	switch {
	case fault.Is(err, fault.NotFound) && h.now().Unix() >= t.Until:
		return nil, nil
	case err != nil:
		return nil, err
	case st.Stopped.IsZero():
		return nil, forbid("the trace runs: the person is told of it when it has ended")
	}
	return &st, nil
}

// telling is what a notice says besides its grant.
type telling struct {
	ran     *messenger.TraceState // the trace that it tells of, if it was one and is known still
	receipt []byte
}

func (h *Set) with(ctx context.Context, g d.Grant, receipt []byte) (telling, error) {
	t := telling{receipt: receiptFor(g, receipt)}
	if g.Traced == nil {
		return t, nil
	}
	var err error
	t.ran, err = h.traceOf(ctx, g)
	return t, err
}

const maxReceipt = 16 << 10

// receiptFor is the receipt that goes with a notice: the proof that this very
// case was filed, and nothing else that a desk may want to say to a person. It
// names the country that asked, so it stays away where the asker does. A notice
// is never held up for it. The person checks it against the ledger's keys.
func receiptFor(g d.Grant, b []byte) []byte {
	if len(b) == 0 || len(b) > maxReceipt || g.Sealed || !g.Notice.Asker {
		return nil
	}
	p, err := proof.Parse(b)
	if err != nil {
		return nil
	}
	e, err := proof.ParseEntry(p.Opening.Entry)
	if err != nil || e.Kind != "case.filed" || e.Case != g.Case {
		return nil
	}
	return b
}

// wordsOfTrace says what a trace recorded, and what it did not.
func wordsOfTrace(n wire.Notice) string {
	return fmt.Sprintf("From %s until %s we recorded, for each message and call of your account, and handed out: %s. Nothing of what you wrote or said was recorded, and nothing after that time.\n\n",
		d.Minute(n.From), d.Minute(n.Until), strings.Join(n.Fields, "; "))
}
