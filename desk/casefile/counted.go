package casefile

import (
	"slices"
	"time"
)

// Counted is the part of a ledger record that reports are counted from
// (docs/protocol/report.md says what each key means). The event itself is there
// only as a salted hash, and no key is about a person.
type Counted struct {
	Event    [32]byte       `cbor:"event"`
	Seq      int            `cbor:"seq"`
	Process  string         `cbor:"process"`
	Country  string         `cbor:"country,omitempty"`
	Lane     string         `cbor:"lane"`
	Accounts int            `cbor:"accounts"`
	Records  int            `cbor:"records,omitempty"`
	Outcome  string         `cbor:"outcome,omitempty"`
	Gag      *CountedGag    `cbor:"gag,omitempty"`
	Verdicts map[string]int `cbor:"verdicts,omitempty"`
	Told     string         `cbor:"told,omitempty"`
	People   int            `cbor:"people,omitempty"` // who were told by this act; absent: one
}

// CountedGag is secrecy as it was asked for: its days, 0 if no end was stated.
type CountedGag struct {
	Days int `cbor:"days"`
}

// counted says what is counted of an event; c is the case after it.
func counted(c Case, e Event, mark [32]byte) Counted {
	n := Counted{Event: mark, Seq: e.Seq, Process: string(c.Demand.Process), Country: string(c.Demand.Jurisdiction), Lane: string(c.Lane),
		Accounts: len(c.Demand.Targets), Records: e.Count, Outcome: outcomeOf(c, e)}
	switch e.Kind {
	case KFiled, KCorrected:
		n.Gag = countedGag(c.Demand, e.At)
	case KDecided:
		n.Verdicts = map[string]int{}
		for _, d := range c.Decided() {
			n.Verdicts[string(d.Verdict)]++
		}
	case KTold, KToldSome:
		n.Told, n.People = told(c, e)
	}
	return n
}

// told says when the people of an act were told, and how many they are. The
// people of a list are counted with their batches, not again at its end.
func told(c Case, e Event) (when string, people int) {
	when = "before"
	if c.Disclosed() {
		when = "after"
	}
	if e.Kind == KTold {
		if g, ok := c.Grant(*e.Grant); ok && g.IsList() {
			return "", 0
		}
		return when, 0
	}
	for _, came := range e.Batch.Came {
		if came == CameGiven {
			people++
		}
	}
	if people == 0 {
		return "", 0
	}
	return when, people
}

// countedGag is the secrecy that was asked for, from its start or the filing on.
func countedGag(d Demand, filed time.Time) *CountedGag {
	switch {
	case !d.Gag.Asked && !d.Gag.Order:
		return nil
	case d.Gag.End.IsZero():
		return &CountedGag{}
	}
	start := d.Gag.Start
	if start.IsZero() {
		start = filed
	}
	return &CountedGag{Days: max(1, int(d.Gag.End.Sub(start)/day))}
}

// outcomeOf is how a request was answered, said when the package is made; of a
// trace, with each part that is packed, by what was seen so far.
func outcomeOf(c Case, e Event) string {
	given, refused := c.Disclosed(), false
	switch e.Kind {
	case KPacked:
	case KTapped:
		given = slices.ContainsFunc(c.Taps, func(t Tap) bool { return t.Events() > 0 })
	default:
		return ""
	}
	for _, d := range c.Decided() {
		if d.Verdict != Produce && d.Verdict != Keep {
			refused = true
		}
	}
	for _, o := range c.Objections { // what an objection holds was not given
		refused = refused || o.Upheld || o.Open() && c.OfOne(o)
	}
	switch {
	case len(c.Kept) > 0:
		return "kept" // disclosed to nobody
	case given && refused:
		return "part"
	case given:
		return "all"
	case refused:
		return "refused"
	}
	return "no data"
}
