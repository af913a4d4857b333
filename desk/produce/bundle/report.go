package bundle

import "time"

// State is what a check came to.
type State string

// The states. A note is something to know that does not speak against the
// package.
const (
	Holds State = "holds"
	Fails State = "fails"
	Note  State = "note"
)

// Line is one check in plain words.
type Line struct {
	Check string `json:"check"` // a short fixed name, for programs
	State State  `json:"state"`
	Text  string `json:"text"`
}

// Report is every check of a package, in the order they were made.
type Report struct {
	Lines    []Line    `json:"lines"`
	Manifest *Manifest `json:"manifest,omitempty"` // nil: none could be read

	manifest Digest // of its bytes
}

// OK says that nothing failed and that the checks ran to their end.
func (r *Report) OK() bool {
	done := false
	for _, l := range r.Lines {
		if l.State == Fails {
			return false
		}
		done = done || l.Check == "files"
	}
	return done
}

func (r *Report) add(s State, check, text string) {
	r.Lines = append(r.Lines, Line{check, s, text})
}

func (r *Report) holds(check, text string) { r.add(Holds, check, text) }
func (r *Report) fails(check, text string) { r.add(Fails, check, text) }
func (r *Report) note(check, text string)  { r.add(Note, check, text) }

// day writes a time as people read it in a letter.
func day(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }
