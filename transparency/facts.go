package transparency

import (
	"sort"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// Entry is a record of the desk's ledger as its opening shows it.
type Entry struct {
	Kind string
	Case string
	Time time.Time
	Body []byte
}

// Counted is what a record of a case says for counting; docs/protocol/report.md
// says what each means. The record's other particulars are not read.
type Counted struct {
	Seq      int            `cbor:"seq"`
	Process  string         `cbor:"process"`
	Country  string         `cbor:"country"`
	Lane     string         `cbor:"lane"`
	Accounts int            `cbor:"accounts"`
	Records  int            `cbor:"records"`
	Outcome  string         `cbor:"outcome"`
	Offence  string         `cbor:"offence"`
	Gag      *Gag           `cbor:"gag"`
	Verdicts map[string]int `cbor:"verdicts"`
	Told     string         `cbor:"told"`
	People   int            `cbor:"people"`
}

// Gag is secrecy as it was asked for: its days, 0 if no end was stated.
type Gag struct {
	Days int `cbor:"days"`
}

// facts is one request, folded from its records.
type facts struct {
	number               string
	process, country     string
	offence              string
	accounts             int
	filed, taken, packed time.Time
	outcome              string // of the package: all, part, refused, no data, kept
	withdrawn            bool
	gag                  *Gag
	challenged, narrowed bool
	toldBefore, toldLate int
	followed             bool // the legal process that an emergency promised arrived
}

// answered reports a request with its answer made.
func (f facts) answered() bool { return !f.packed.IsZero() }

func (f facts) some() bool { return f.outcome == "all" || f.outcome == "part" }

// Kinds of record that are counted.
const prefix = "case."

// act is a record of a case.
type act struct {
	kind string
	at   time.Time
	Counted
}

// fold reads the records of all cases, in the order of the ledger.
func fold(entries []Entry) ([]facts, error) {
	byCase := map[string][]act{}
	for _, e := range entries {
		kind, ok := strings.CutPrefix(e.Kind, prefix)
		if !ok || e.Case == "" {
			continue
		}
		a := act{kind: kind, at: e.Time}
		if err := cbor.Unmarshal(e.Body, &a.Counted); err != nil {
			return nil, invalid("a record of the ledger cannot be read: %v", err)
		}
		byCase[e.Case] = append(stand(byCase[e.Case], a), a)
	}
	out := make([]facts, 0, len(byCase))
	for number, acts := range byCase {
		f := facts{number: number, filed: acts[0].at}
		for _, a := range acts {
			f.take(a.kind, a.at, a.Counted)
		}
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].number < out[j].number })
	return out, nil
}

// stand are the acts that stand once the next one is recorded. An act is recorded
// before it is stored: where the desk stopped between the two, the next act has
// the place of the one that was lost, and often is the same, done again.
func stand(acts []act, next act) []act {
	if next.Seq == 0 {
		return acts
	}
	for len(acts) > 0 && acts[len(acts)-1].Seq >= next.Seq {
		acts = acts[:len(acts)-1]
	}
	return acts
}

func (f *facts) take(kind string, at time.Time, c Counted) {
	switch kind {
	case "filed", "corrected":
		f.process, f.country, f.offence, f.accounts, f.gag = c.Process, country(c.Country), c.Offence, c.Accounts, c.Gag
	case "assigned":
		if f.taken.IsZero() {
			f.taken = at
		}
	case "decided":
		f.challenged, f.narrowed = f.challenged || c.Verdicts["challenge"] > 0, c.Verdicts["narrow"] > 0
	case "package.made", "trace.batch":
		if f.packed.IsZero() {
			f.packed = at
		}
		f.outcome = c.Outcome
	case "notice.outcome", "notice.batch":
		switch people := max(1, c.People); c.Told {
		case "before":
			f.toldBefore += people
		case "after":
			f.toldLate += people
		}
	case "emergency.process.came":
		f.followed = true
	case "withdrawn":
		f.withdrawn = true
	}
}

// country is a jurisdiction without its part: US-CA is the United States.
func country(s string) string {
	c, _, _ := strings.Cut(s, "-")
	return c
}
