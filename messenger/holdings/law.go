package holdings

import (
	"context"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Law implements door.Door: what this half's own table and law file say of
// texts that the desk has. An officer of the desk learns by it that a grant
// would be refused before anybody signs one.
func (h *Holdings) Law(_ context.Context, rows []d.Hash) ([]door.LawState, error) {
	if len(rows) > door.MaxLaw {
		return nil, fault.New(fault.TooLarge, "compare law", "ask about at most %d rows at once", door.MaxLaw)
	}
	out := make([]door.LawState, len(rows))
	now := h.Clock.Now()
	for i, x := range rows {
		row, ok := h.Config.Law.RowByHash(law.RowHash(x))
		usable := ok && row.Usable(now)
		out[i] = door.LawState{Has: ok, Unlocks: usable && row.Unlocks(h.approvals(), lastDay(row, now)).OK,
			Sealed: usable && h.sealed != nil && special(row) && row.Unlocks(h.sealed.approvals(), lastDay(row, now)).OK}
	}
	return out, nil
}
