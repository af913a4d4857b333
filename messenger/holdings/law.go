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
		out[i] = door.LawState{Has: ok, Unlocks: ok && row.Usable(now) && row.Unlocks(h.approvals(), lastDay(row, now)).OK}
	}
	return out, nil
}
