package law

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// Threshold is the gravity an offence must have: a maximum penalty, or a place
// on the list of the process's law, or the latter alone.
type Threshold struct {
	MaxPenaltyYears int             `toml:"max_penalty_years" json:"max_penalty_years,omitempty"` // the offence's maximum must be at least this
	OnlyListed      bool            `toml:"only_listed" json:"only_listed,omitempty"`             // no penalty suffices: the offence must be on the list
	Text            string          `toml:"text" json:"text,omitempty"`
	Listed          []ListedOffence `toml:"listed" json:"listed,omitempty"`
}

// ListedOffence is one entry of such a list: an offence, an instrument that
// defines offences, or another ground that the law lists beside them.
type ListedOffence struct {
	ID              string    `toml:"id" json:"id"`
	Text            string    `toml:"text" json:"text"`
	Citation        Citation  `toml:"citation" json:"citation"`
	Provisions      string    `toml:"provisions" json:"provisions,omitempty"`               // those that define the offence, as the list names them
	MaxPenaltyYears int       `toml:"max_penalty_years" json:"max_penalty_years,omitempty"` // the entry's own threshold
	Source          string    `toml:"source" json:"source"`
	Certainty       Certainty `toml:"certainty" json:"certainty"`
	CheckedOn       Date      `toml:"checked_on" json:"checked_on,omitempty"`
	Note            string    `toml:"note" json:"note,omitempty"`
}

// OtherOffence is what a demand says instead of an entry: none of them.
const OtherOffence = "other"

// Entry is the entry of that id.
func (th Threshold) Entry(id string) (ListedOffence, bool) {
	i := slices.IndexFunc(th.Listed, func(e ListedOffence) bool { return e.ID == id })
	if i < 0 {
		return ListedOffence{}, false
	}
	return th.Listed[i], true
}

// Penal reports whether a penalty counts anywhere in the threshold.
func (th Threshold) Penal() bool {
	return th.MaxPenaltyYears > 0 || slices.ContainsFunc(th.Listed, func(e ListedOffence) bool { return e.MaxPenaltyYears > 0 })
}

// read reports whether every entry's text was read: only then is what the list
// does not hold known not to be on it.
func (th Threshold) read() bool {
	return !slices.ContainsFunc(th.Listed, func(e ListedOffence) bool { return e.Certainty != Seen })
}

// Lack is a threshold that a demand does not show: a sentence, and the text of
// the law that fills it.
type Lack struct {
	Form string `cbor:"form" json:"form"`
	Text string `cbor:"text" json:"text"`
}

// In is the lack in a language; of none it is empty.
func (l Lack) In(t Tongue) string {
	if l.Form == "" {
		return ""
	}
	return t.T(l.Form, t.T(l.Text))
}

// The sentences of a Lack.
const (
	lackPenalty = "The penalty that is stated is below what this process asks for: %s."
	lackListed  = "The offence is not shown to be on the list of this process. It asks for %s."
	lackEntry   = "The entry of the list that was chosen asks for a higher penalty than is stated: %s."
	lackUnread  = "We have not read the text of the entry that was chosen; a person compares it with the law: %s."
)

// short is what the offence lacks, and whether the machine decides that it
// does; a list that nobody has read decides nothing.
func (th Threshold) short(o Offence) (lack Lack, decided, short bool) {
	enough := !th.OnlyListed && o.MaxPenaltyYears > 0 && o.MaxPenaltyYears >= th.MaxPenaltyYears
	e, listed := th.Entry(o.Entry)
	switch {
	case enough || o.MaxPenaltyYears == 0 && o.Entry == "" && !th.OnlyListed:
		return Lack{}, false, false
	case listed && o.MaxPenaltyYears < e.MaxPenaltyYears:
		return Lack{lackEntry, e.Text}, true, true
	case listed && e.Certainty != Seen:
		return Lack{lackUnread, e.Text}, false, true
	case listed:
		return Lack{}, false, false
	case th.OnlyListed || o.Entry != "" && len(th.Listed) > 0:
		return Lack{lackListed, th.Text}, o.Entry != "" && th.read(), true
	}
	return Lack{lackPenalty, th.Text}, o.MaxPenaltyYears > 0, th.MaxPenaltyYears > 0
}

// threshold judges the gravity of the offence.
// law: Reg. (EU) 2023/1543 art. 5(4); CPP art. 60-1-2; StPO s. 100a(2); IT Rules 2021 r. 4(2)
func (j *judgement) threshold() {
	if j.row.Threshold.Text == "" {
		return
	}
	lack, decided, short := j.row.Threshold.short(j.d.Offence)
	if !short {
		return
	}
	f := j.raise("RIGHTS.THRESHOLD", "offence")
	f.Decided, f.Lack, f.Note = decided, lack, lack.In(english{})
}

// gravity reports whether the demand states how grave the offence is.
func (o Offence) gravity() bool { return o.MaxPenaltyYears > 0 || o.Entry != "" }

var entryForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

func (th Threshold) check() error {
	switch {
	case th.MaxPenaltyYears < 0:
		return errors.New("a number is below zero")
	case th.OnlyListed && (len(th.Listed) == 0 || th.MaxPenaltyYears > 0):
		return errors.New("only_listed needs a list, and no max_penalty_years beside it")
	case th.Text == "" && (th.MaxPenaltyYears > 0 || len(th.Listed) > 0):
		return errors.New("a threshold needs its text")
	}
	for i, e := range th.Listed {
		if err := e.check(); err != nil {
			return fmt.Errorf("listed offence %q: %w", e.ID, err)
		}
		if slices.ContainsFunc(th.Listed[:i], func(x ListedOffence) bool { return x.ID == e.ID }) {
			return fmt.Errorf("listed offence %q is there twice", e.ID)
		}
	}
	return nil
}

func (e ListedOffence) check() error {
	switch {
	case !entryForm.MatchString(e.ID) || e.ID == OtherOffence:
		return errors.New("the id is of small letters, digits and hyphens, and is not \"other\"")
	case e.Text == "" || e.Citation == "" || e.Source == "":
		return errors.New("text, citation and source are required")
	case e.MaxPenaltyYears < 0:
		return errors.New("a number is below zero")
	case (e.Certainty == Seen) != (e.CheckedOn != ""):
		return errors.New("checked_on is the day on which the text of an entry of certainty S was read, and of no other")
	}
	return errors.Join(checkMark(e.Certainty), e.CheckedOn.check())
}

// lesser reports whether b takes an offence that a does not, or takes one on
// another word than a does.
func (b Threshold) lesser(a Threshold) bool {
	if a.OnlyListed && !b.OnlyListed || b.MaxPenaltyYears < a.MaxPenaltyYears && !b.OnlyListed {
		return true
	}
	for _, e := range b.Listed {
		old, ok := a.Entry(e.ID)
		old.Note, e.Note, old.Source, e.Source, old.CheckedOn, e.CheckedOn = "", "", "", "", "", ""
		if certaintyRank[e.Certainty] <= certaintyRank[old.Certainty] && e.MaxPenaltyYears >= old.MaxPenaltyYears {
			e.Certainty, e.MaxPenaltyYears = old.Certainty, old.MaxPenaltyYears
		}
		if a.asks() && (!ok || e != old) {
			return true
		}
	}
	return false
}

// asks reports whether there is a threshold at all: a list where there was
// none narrows.
func (th Threshold) asks() bool { return th.OnlyListed || th.MaxPenaltyYears > 0 || len(th.Listed) > 0 }
