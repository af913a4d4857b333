package disclosable

// Keeping says how long a Preserve grant has its snapshot kept.
type Keeping struct {
	Received int64 `cbor:"received"` // when the request came: its time runs from then
	Until    int64 `cbor:"until"`    // destroyed then
	// Renews is the Preserve grant whose snapshot is kept on; nothing new is read.
	Renews *Hash `cbor:"renews,omitempty"`
}

// checkSnapshot: a snapshot is of what is there when it is taken. A period
// would make it prospective or a history, and there is neither.
func (g Grant) checkSnapshot(bad func(string, ...any) error) error {
	switch k := g.Keep; {
	case (k != nil) != (g.Kind == Preserve):
		return bad("a grant to preserve, and no other, says how long")
	case g.Snapshot != nil && g.Kind != Produce:
		return bad("only a grant to produce opens a snapshot")
	case k == nil:
		return nil
	case k.Received <= 0 || k.Received > g.Issued || k.Until <= g.Issued:
		return bad("it keeps nothing: its time is over before it is issued, or begins after")
	case g.From != 0 || g.Until != 0:
		return bad("a snapshot is of what is there when it is taken, not of a period")
	case g.NotYet != 0:
		return bad("a snapshot is taken at once")
	}
	return nil
}

func (g Grant) snapshotLines() (l []Line) {
	if k := g.Keep; k != nil {
		l = append(l, Line{"Kept until", Minute(k.Until) + ", then destroyed; the request came on " + Minute(k.Received)})
		if k.Renews != nil {
			l = append(l, Line{"Renews", "the snapshot taken under grant " + k.Renews.String() + "; nothing new is read"})
		}
	}
	if g.Snapshot != nil {
		l = append(l, Line{"Source", "the snapshot taken under grant " + g.Snapshot.String() + ", not today's record"})
	}
	return l
}
