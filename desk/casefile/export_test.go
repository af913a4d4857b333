package casefile

import (
	"maps"
	"slices"
)

// AgencyKinds are the events that an agency sees.
func AgencyKinds() []Kind { return slices.Sorted(maps.Keys(forAgency)) }

// Kinds are all that can be folded.
func Kinds() []Kind { return slices.Sorted(maps.Keys(folds)) }
