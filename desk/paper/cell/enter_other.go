//go:build !linux || !(amd64 || arm64)

package cell

// Whole reports that this system can close a cell entirely. Here it cannot: a
// paper may be looked into, within limits, but is not drawn.
const Whole = false

// Enter takes what this system can take: see limit.
func Enter(l Limits) error { return limit(l) }
