package media

import (
	"context"
	"time"

	"letterlock/wire"
)

// sweepEvery is how often what is over is looked for.
const sweepEvery = 10 * time.Minute

// Run counts what is stored, and removes what is over until the context ends.
func (m *Media) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	if err := m.lost(ctx); err != nil && ctx.Err() == nil {
		m.Log.Error("look for files without a row", "err", err)
	}
	for {
		if err := m.Sweep(ctx); err != nil && ctx.Err() == nil {
			m.Log.Error("remove files that are over", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Sweep removes the blobs whose days are over, and those that nobody waits for
// and a crash left behind.
func (m *Media) Sweep(ctx context.Context) error {
	for {
		over, err := m.Store.OverMedia(ctx, m.day(0))
		if err != nil {
			return err
		}
		for _, r := range over {
			if err := m.remove(ctx, r); err != nil {
				return err
			}
		}
		if len(over) == 0 {
			break
		}
	}
	used, err := m.Store.MediaSpace(ctx)
	if err == nil {
		m.used.Store(used)
	}
	return err
}

// lost removes pieces whose row is not there: after the database came back from
// a backup, which holds no files.
func (m *Media) lost(ctx context.Context) error {
	return m.Blobs.Each(ctx, func(id wire.MediaID) error {
		_, found, err := m.Store.Media(ctx, id)
		if err != nil || found {
			return err
		}
		return m.Blobs.Remove(ctx, id)
	})
}
