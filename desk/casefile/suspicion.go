package casefile

// Suspicion is what a compromise does to a case.
type Suspicion struct {
	Cut     CutID   `cbor:"cut"`
	Outcome Outcome `cbor:"outcome,omitempty"` // of a second review
	Draft   string  `cbor:"draft,omitempty"`   // of a breach notice
	Targets []int   `cbor:"targets,omitempty"` // whose data were disclosed
}

// Outcome is what a second review found.
type Outcome string

// The outcomes.
const (
	Genuine    Outcome = "genuine"
	Fraudulent Outcome = "fraudulent"
	Unclear    Outcome = "cannot tell"
)
