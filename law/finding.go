package law

// FindingID names a finding, such as "FORM.UNSIGNED".
type FindingID string

// Degree says who decides: the machine, a person on the machine's proposal,
// or a person alone.
type Degree string

const (
	Auto   Degree = "auto"
	Assist Degree = "assist"
	Human  Degree = "human"
)

// Level is how grave a finding is.
type Level string

const (
	Block Level = "block"
	Warn  Level = "warn"
	Info  Level = "info"
)

// Action is what the desk does about it unless a person decides otherwise.
type Action string

const (
	ActClarify   Action = "clarify"
	ActReject    Action = "reject"
	ActRedirect  Action = "redirect"
	ActHold      Action = "hold"
	ActNarrow    Action = "narrow"
	ActEscalate  Action = "escalate"
	ActDecline   Action = "decline"
	ActChallenge Action = "challenge"
	ActNotify    Action = "notify"
)

// FindingRow is a finding as the table states it. Those of degree Human are
// listed so that an analyst can add them.
type FindingRow struct {
	ID       FindingID `toml:"id" json:"id"`
	Group    string    `toml:"group" json:"group"`
	Title    string    `toml:"title" json:"title"`
	Degree   Degree    `toml:"detect" json:"detect"`
	Level    Level     `toml:"level" json:"level"`
	Action   Action    `toml:"action" json:"action"`
	TeamOnly bool      `toml:"team_only" json:"team_only"` // never shown to the sender
	Rule     string    `toml:"rule" json:"rule"`
	Basis    string    `toml:"basis" json:"basis"`
	Sentence string    `toml:"sentence" json:"sentence"` // what the officer reads
}

// Finding is one finding about one demand.
type Finding struct {
	FindingRow
	Decided bool         // false: proposed, a person decides
	Where   []string     // the inputs it comes from, such as "issuer.role"
	Missing []Particular // the particulars that are missing, if it is about those
	Note    string       // what the machine saw, such as the phrase it met
	Lack    Lack         // of RIGHTS.THRESHOLD: which threshold is not shown
	Informs bool         // from a list that nobody has approved: it informs and stands in no way
}

// Judge returns the findings that a demand raises against the table, in the
// order of the findings table. It is a pure function: the same table and
// demand give the same findings. A nil table is the default one.
func Judge(t *Table, d Demand) []Finding {
	if t == nil {
		t = Default()
	}
	j := newJudgement(t, d)
	j.run()
	return j.findings()
}

// ForSender leaves out what only the team may see.
func ForSender(all []Finding) []Finding {
	var out []Finding
	for _, f := range all {
		if !f.TeamOnly {
			out = append(out, f)
		}
	}
	return out
}

// Blocks reports whether any decided finding blocks.
func Blocks(all []Finding) bool {
	for _, f := range all {
		if f.Decided && f.Level == Block {
			return true
		}
	}
	return false
}

// MustChallenge reports a finding about the system itself, or about silence on
// that: a demand to weaken, trace, scan, add a ghost, hand over keys or ship a
// special build (duty D8).
func (f FindingRow) MustChallenge() bool {
	return f.Group == "system" && f.Action == ActChallenge || f.ID == "GAG.WEAKEN"
}

// ForCounsel reports a finding on rights that counsel alone answers.
func (f FindingRow) ForCounsel() bool { return f.Group == "rights" && f.Action == ActEscalate }
