package door_test

import (
	"context"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
)

func (h house) Trace(_ context.Context, x d.Hash) (door.Traced, error) {
	return door.Traced{Until: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Last: 4, Entry: []byte{1}, Grant: d.SignedGrant{Grant: []byte{2}},
		Keys: []door.ReleaseKey{{Holder: "A", ID: []byte{3}, Public: []byte{4}}}}, h.hash(x)
}

func (h house) Collect(_ context.Context, q door.Collect) (door.Catch, error) {
	return door.Catch{Traced: door.Traced{Stopped: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Reason: "r", Last: q.After + 1},
		Events: []door.SealedEvent{{Seq: q.After + 1, Sealed: []byte("sealed")}}}, h.hash(q.Grant)
}

func (h house) StopTrace(_ context.Context, s door.StopTrace) (door.Traced, error) {
	return door.Traced{Reason: s.Reason}, h.hash(s.Grant)
}
