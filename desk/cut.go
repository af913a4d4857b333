package desk

import (
	"context"
	"log/slog"

	"letterlock/desk/casefile"
	"letterlock/internal/note"
)

// Cut is the compromise switch. The access ends first, by one act; holding the
// cases follows at once, and the clock repeats what could not be done.
func (d *Desk) Cut(ctx context.Context, by casefile.MemberID, kind casefile.CutKind, what, why string) (casefile.Cut, error) {
	me, err := d.Staff.May(ctx, by, casefile.CutAccess, "")
	if err != nil {
		return casefile.Cut{}, err
	}
	c, err := d.Agencies.Cut(ctx, me, kind, what, why)
	if err != nil {
		return c, err
	}
	if err := d.Breach.Work(ctx); err != nil {
		d.log().Warn("not every case of a compromise is held yet; it is tried again", "err", err)
	}
	return c, nil
}

// Restore is one of two people's word for giving access back.
func (d *Desk) Restore(ctx context.Context, by casefile.MemberID, id casefile.CutID, why string) error {
	me, err := d.Staff.May(ctx, by, casefile.RestoreAccess, "")
	if err != nil {
		return err
	}
	return d.Agencies.Restore(ctx, me, id, why)
}

func (d *Desk) log() *slog.Logger {
	if d.conf.Log == nil {
		return note.Discard()
	}
	return d.conf.Log
}
