package law

// ParticularRow describes one particular for the officer's form and says
// which finding its absence raises.
type ParticularRow struct {
	ID      Particular `toml:"id" json:"id"`
	Label   string     `toml:"label" json:"label"`
	Help    string     `toml:"help" json:"help"`
	Kind    FieldKind  `toml:"kind" json:"kind"`
	Finding FindingID  `toml:"finding" json:"finding"`
	Derived bool       `toml:"derived" json:"derived"` // read from another input of the demand, not asked for by itself
	ByTeam  bool       `toml:"by_team" json:"by_team"` // established by the team, not by the officer
}

// FieldKind is how a form asks for a particular.
type FieldKind string

const (
	FieldText   FieldKind = "text"
	FieldLong   FieldKind = "long_text"
	FieldDate   FieldKind = "date"
	FieldCheck  FieldKind = "check"  // "the paper states this"
	FieldPaper  FieldKind = "paper"  // an attachment
	FieldTarget FieldKind = "target" // identifiers
)
