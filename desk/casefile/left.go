package casefile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"letterlock/internal/fault"
	"letterlock/law"
)

// A case that is over keeps the data of persons for a term. Then they leave:
// of each event there stay its kind, its time and the hashes that the ledger
// recorded; of the case its number, process, country, days and outcome.

// The events by which the persons' data stay or leave.
const (
	KLeft          Kind = "persons.left"
	KLegalHold     Kind = "hold.set"     // counsel needs the case for litigation
	KLegalHoldEnds Kind = "hold.ended"   // by counsel, or on the day that counsel gave it
	KLegalHoldLook Kind = "hold.renewed" // counsel looked at it again and gave it another day
)

// DutyLegalHold is due on the day of a hold: it ends then, or a person looks
// at it again. Its key is the hold's id.
const DutyLegalHold DutyKind = "legal-hold"

// LegalHold keeps the data of a closed case beyond their term.
type LegalHold struct {
	ID    string    `cbor:"id"`
	Day   time.Time `cbor:"day"`            // on which it ends, or is looked at again
	Ends  bool      `cbor:"ends,omitempty"` // by itself on that day
	Why   string    `cbor:"why,omitempty"`
	By    Actor     `cbor:"by,omitempty"`
	At    time.Time `cbor:"at,omitempty"`
	Ended time.Time `cbor:"ended,omitempty"`
}

// Open reports a hold that still stops the data from leaving.
func (h LegalHold) Open() bool { return h.Ended.IsZero() }

// Left says what became of a case whose persons' data have left. No word of it
// is about a person.
type Left struct {
	Rule     string           `cbor:"rule"`
	Ended    time.Time        `cbor:"ended"` // the term ran from here
	Process  law.ProcessID    `cbor:"process"`
	Country  law.Jurisdiction `cbor:"country,omitempty"`
	Lane     Lane             `cbor:"lane"`
	Accounts int              `cbor:"accounts"`
	Records  int              `cbor:"records"`
	Answered time.Time        `cbor:"answered,omitempty"` // the first package
	Outcome  string           `cbor:"outcome"`
	Public   *LeftPublic      `cbor:"public,omitempty"` // what of it stands in the public document room
}

// LeftPublic is a publication that outlives the case: it can still be taken out.
type LeftPublic struct {
	Issue string    `cbor:"issue"`
	Sum   Sum       `cbor:"sum"`
	Shown time.Time `cbor:"shown"`
}

// afterLeft are the only acts on a case whose persons' data have left.
var afterLeft = []Kind{KRoomTaken}

// onlyAfter refuses any other.
func (c Case) onlyAfter(p Plan) error {
	for _, e := range p.Events {
		if !slices.Contains(afterLeft, e.Kind) {
			return ErrLeft(c)
		}
	}
	return nil
}

// AsLeft is the event by which the persons' data of a case leave.
func (c Case) AsLeft(rule string) Event {
	l := Left{Rule: rule, Ended: c.Ended(), Process: c.Demand.Process, Country: c.Demand.Jurisdiction, Lane: c.Lane, Accounts: len(c.Demand.Targets)}
	for _, p := range c.Packages {
		l.Records += p.Records
	}
	if len(c.Packages) > 0 {
		l.Answered = c.Packages[0].Made
	}
	if x, stands := c.Room.Current(); stands {
		l.Public = &LeftPublic{x.ID, x.Sum, x.Shown}
	}
	switch {
	case c.Withdrawn:
		l.Outcome = "withdrawn"
	case len(c.Taps) > 0:
		l.Outcome = outcomeOf(c, Event{Kind: KTapped})
	default:
		l.Outcome = outcomeOf(c, Event{Kind: KPacked})
	}
	return Event{Kind: KLeft, By: TheClock, Left: &l}
}

func init() {
	folds[KLegalHold], folds[KLegalHoldEnds], folds[KLegalHoldLook], folds[KLeft] = foldLegalHold, foldLegalHoldEnds, foldLegalHoldLook, foldLeft
	saysOf[KLegalHold] = func(_ Case, e Event) string {
		return "put a litigation hold on the persons' data, " + e.LegalHold.until()
	}
	saysOf[KLegalHoldLook] = func(_ Case, e Event) string {
		return "looked at the litigation hold again; it goes on, " + e.LegalHold.until()
	}
	saysOf[KLegalHoldEnds] = func(Case, Event) string { return "ended the litigation hold" }
	saysOf[KLeft] = func(_ Case, e Event) string {
		return "persons' data left on " + e.At.UTC().Format("2 January 2006") + " under the rule: " + e.Left.Rule
	}
}

func (h LegalHold) until() string {
	return map[bool]string{true: "until ", false: "to be looked at again on "}[h.Ends] + h.Day.UTC().Format("2 January 2006")
}

func foldLegalHold(c *Case, e Event) error {
	switch {
	case e.LegalHold == nil || e.LegalHold.ID == "" || strings.TrimSpace(e.Why) == "" || !e.LegalHold.Day.After(e.At):
		return errParticulars
	case slices.ContainsFunc(c.LegalHolds, func(h LegalHold) bool { return h.ID == e.LegalHold.ID }):
		return conflict("this hold is there already")
	}
	h := *e.LegalHold
	h.Why, h.By, h.At = e.Why, e.By, e.At
	c.LegalHolds = append(slices.Clone(c.LegalHolds), h)
	return nil
}

// openHold finds a hold that is open, in a list of the case's own.
func (c *Case) openHold(e Event) (*LegalHold, error) {
	if e.LegalHold == nil {
		return nil, errParticulars
	}
	c.LegalHolds = slices.Clone(c.LegalHolds)
	i := slices.IndexFunc(c.LegalHolds, func(h LegalHold) bool { return h.ID == e.LegalHold.ID && h.Open() })
	if i < 0 {
		return nil, conflict("this litigation hold has ended already")
	}
	return &c.LegalHolds[i], nil
}

func foldLegalHoldEnds(c *Case, e Event) error {
	h, err := c.openHold(e)
	if err == nil {
		h.Ended = e.At
	}
	return err
}

func foldLegalHoldLook(c *Case, e Event) error {
	h, err := c.openHold(e)
	if err != nil {
		return err
	}
	if strings.TrimSpace(e.Why) == "" || !e.LegalHold.Day.After(e.At) {
		return errParticulars
	}
	h.Day, h.Ends, h.Why = e.LegalHold.Day, e.LegalHold.Ends, e.Why
	return nil
}

// foldLeft leaves of a case what may stay. The events before it are taken away
// by whoever stores it (Files).
func foldLeft(c *Case, e Event) error {
	if e.Left == nil {
		return errParticulars
	}
	if c.Left != nil {
		return conflict("the persons' data have left already")
	}
	if !slices.ContainsFunc(c.Events, func(x Event) bool { return x.Rest != nil }) && c.Ended().IsZero() {
		return conflict("the persons' data cannot leave yet: %s", strings.Join(c.Stays(), "; "))
	}
	*c = Case{Number: c.Number, Filed: c.Events[0].At, Since: c.Events[0].At, Events: c.Events, Lane: e.Left.Lane, Left: e.Left, LeftAt: e.At, Withdrawn: e.Left.Outcome == "withdrawn",
		Demand: Demand{Process: e.Left.Process, Jurisdiction: e.Left.Country}}
	if p := e.Left.Public; p != nil {
		c.Room = Room{Done: true, Issues: []RoomIssue{{ID: p.Issue, Sum: p.Sum, Shown: p.Shown}}}
	}
	return nil
}

// remain are the parts of an event that stay. None of them is about a person.
var remain = []string{"seq", "at", "kind", "by.Kind", "lane", "due", "demand.process", "demand.jurisdiction"}

// remains is all that stays of an event.
func (e Event) remains() (Event, error) {
	b, err := e.Bytes()
	if err != nil {
		return Event{}, err
	}
	o, err := OpenEvent(b, func(part string) bool { return slices.Contains(remain, part) })
	return Event{Seq: e.Seq, At: e.At, Kind: e.Kind, By: Actor{Kind: e.By.Kind}, Rest: &o}, err
}

// restLine is such an event in the timeline: who did what kind of thing, and
// the beginning of the hash that the ledger has.
func (e Event) restLine() Line {
	who := map[ActorKind]string{ByOfficer: "the agency", ByMember: ResponseTeam, ByClock: TheClock.Name, ByCarrier: "the carrier"}[e.By.Kind]
	l := Line{At: e.At, Who: who, What: strings.ReplaceAll(string(e.Kind), ".", ", ")}
	if m, err := e.Rest.Mark(); err == nil {
		l.What += fmt.Sprintf(" (hash %x)", m[:6])
	}
	return l
}

// bare takes the persons' data out of a case that has just lost them.
func (c Case) bare() (Case, []Event, error) {
	last := len(c.Events) - 1
	rest := make([]Event, last)
	for i, e := range c.Events[:last] {
		var err error
		if rest[i], err = e.remains(); err != nil {
			return Case{}, nil, err
		}
	}
	c.Events = append(slices.Clone(rest), c.Events[last])
	return c, rest, nil
}

// blobs are the files that any event of the case names.
func (c Case) blobs() (out []Sum) {
	for _, e := range c.Events {
		if e.Demand != nil {
			for _, p := range e.Demand.Files() {
				out = append(out, p.Sum)
			}
		}
		if e.Paper != nil {
			out = append(out, e.Paper.Sum)
		}
		if e.GagAct != nil && e.GagAct.Letter != nil {
			out = append(out, e.GagAct.Letter.Sum)
		}
		if e.Package != nil {
			out = append(out, e.Package.Sum)
		}
		if e.Certify != nil && e.Certify.Sealing != nil {
			out = append(out, e.Certify.Sealing.Package.Sum)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s Sum) bool { return s == "" })
}

// ErrLeft refuses an act on a case whose persons' data have left.
func ErrLeft(c Case) error {
	return fault.New(fault.Expired, "act on case", "the persons' data of this case left on %s: nothing more is done under it; what is asked now needs a request of its own", c.LeftAt.UTC().Format("2 January 2006"))
}

// idle are events that do not make the term begin anew: otherwise whoever looks
// at a case could keep it for ever.
var idle = []Kind{KPaperRead, KNote, KAlarm, KAlarmSeen, KNoTie, KAdvice, KLent, KLentEnded, KLegalHold, KLegalHoldEnds, KLegalHoldLook, KViewed, KAssigned}

// Ended is when the last thing of a case came to its end, and the term of its
// persons' data begins: zero while anything is open. A limit of the law and an
// end of secrecy that lie later are waited for.
func (c Case) Ended() (last time.Time) {
	if c.Left != nil || c.Drill != nil || len(c.Stays()) > 0 {
		return time.Time{}
	}
	for _, e := range c.Events {
		if !slices.Contains(idle, e.Kind) && e.At.After(last) {
			last = e.At
		}
	}
	for _, at := range []time.Time{c.Due, c.Demand.Gag.End, c.Demand.KeepUntil, c.Secrecy.Ended()} {
		if at.After(last) && !c.Withdrawn {
			last = at
		}
	}
	return last
}

// Stays says why the persons' data of a case do not leave, whatever the day.
// What the clock still has to do is besides in its duties.
func (c Case) Stays() (why []string) {
	if p := c.Phase(); p != Closed && p != Withdrawn {
		why = append(why, "the case is not closed")
	}
	for _, x := range []struct {
		open bool
		say  string
	}{
		{slices.ContainsFunc(c.Packages, func(p Package) bool { return p.Destroyed.IsZero() }), "a package is still there"},
		{slices.ContainsFunc(c.Objections, Objection.Open), "an objection is open"},
		{slices.ContainsFunc(c.Seconds, func(s Second) bool { return s.Given.IsZero() || len(s.Differs) > 0 && s.Closed.IsZero() }), "a second review is open"},
		{slices.ContainsFunc(c.Kept, func(k Kept) bool { return k.Renews == "" && k.Ended.IsZero() }), "a snapshot is preserved"},
		{slices.ContainsFunc(c.Taps, Tap.Runs), "a trace runs"},
		{slices.ContainsFunc(c.Filings, Filing.Open), "a challenge is before a court"},
		{c.Held.Cut != "" && (c.Held.Outcome == "" || c.Held.Draft != "" && c.Held.Released.IsZero()), "its sender may have been somebody else, and that is not settled"},
		{c.Emergency.Promise.Open(), "the legal process that an emergency promised has not come"},
		{c.Number.Sealed() && c.Demand.Gagged() && c.Secrecy.Ended().IsZero(), "its secrecy has not ended"},
	} {
		if x.open {
			why = append(why, x.say)
		}
	}
	for _, h := range c.LegalHolds {
		if h.Open() {
			why = append(why, fmt.Sprintf("a litigation hold by %s, %s", h.By.Name, h.until()))
		}
	}
	return why
}
