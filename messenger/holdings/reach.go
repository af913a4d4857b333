package holdings

import (
	"context"

	d "letterlock/disclosable"
	"letterlock/wire"
)

// Reach tells a person what each kind of legal process would yield about them
// today: the rows in force, held against the very rules of a release, and read
// by the extractor of a release. What is still to come (a trace) and what does
// not exist is in no row's facts.
func (h *Holdings) Reach(ctx context.Context, id wire.AccountID) (wire.Reach, error) {
	now := h.now()
	out := wire.Reach{Time: now.UnixMilli()}
	for _, row := range h.Set.Law.Rows() {
		if !row.InForce(now) || row.Prospective {
			continue
		}
		p := wire.ReachedBy{Process: string(row.ID), Name: row.Name, Place: h.Set.Law.PlaceName(row.Jurisdiction)}
		if u := row.Unlocks(h.approvals(), now); !u.OK {
			p.Locked = u.Why
		}
		var fields []d.FieldID
		for _, f := range d.Fields() {
			if reaches(row, f.ID) {
				fields = append(fields, f.ID)
			}
		}
		records, err := h.read(ctx, d.Grant{Account: d.Account(id), Fields: fields})
		if err != nil {
			return wire.Reach{}, err
		}
		for _, r := range records {
			f, _ := d.FieldByID(r.Field)
			p.Facts = append(p.Facts, wire.Fact{Field: string(f.ID), Title: f.Title, Value: r.Value, Class: string(f.Class)})
		}
		out.Processes = append(out.Processes, p)
	}
	return out, nil
}
