package room

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// The texts that the desk writes for the public. They are made from the case's
// own state: no sentence of a person goes into them but names of offices and
// texts of law, and those without anybody's data.

// Title is how the public calls a paper. The name that its file came under is
// never published.
func (s *Service) Title(c casefile.Case, x casefile.RoomChoice) string {
	switch x.Paper {
	case casefile.RoomDemand:
		return "The demand"
	case casefile.RoomAnswer:
		return "Our answer"
	case casefile.RoomObjections:
		return "Objections of those it is about"
	}
	for i, p := range c.Demand.Papers {
		if string(p.ID) == x.Paper {
			return fmt.Sprintf("Paper %d of the demand", i+1) + s.what(p)
		}
	}
	return "A paper"
}

func (s *Service) what(p casefile.Paper) string {
	if row, ok := s.Law.Particular(law.Particular(p.What)); ok {
		return " (" + row.Label + ")"
	}
	return ""
}

// Text is a paper that the desk writes, as the public will read it.
func (s *Service) Text(c casefile.Case, row law.Row, plan casefile.RoomPlan, paper string) (string, error) {
	k := s.known(c)
	p := page{known: k}
	switch paper {
	case casefile.RoomDemand:
		s.demand(&p, c, row, plan)
	case casefile.RoomAnswer:
		s.answer(&p, c, row)
	case casefile.RoomObjections:
		s.objections(&p, c)
	default:
		return "", noPaper()
	}
	text := p.b.String()
	if found := k.found(text); found != "" {
		return "", fault.New(fault.Conflict, "publish papers", "refusing to publish a text that holds a person's data: tell the operator of the program")
	}
	return text, nil
}

// page is a text of lines.
type page struct {
	b     strings.Builder
	known persons
}

func (p *page) head(s string) {
	fmt.Fprintf(&p.b, "%s\n%s\n\n", s, strings.Repeat("=", len([]rune(s))))
}
func (p *page) part(s string) {
	fmt.Fprintf(&p.b, "\n%s\n%s\n", s, strings.Repeat("-", len([]rune(s))))
}
func (p *page) say(format string, a ...any) { fmt.Fprintf(&p.b, format+"\n", a...) }
func (p *page) fact(label, value string) {
	if value != "" {
		p.say("%s: %s", label, value)
	}
}

// typed is a fact that somebody typed.
func (p *page) typed(label, value string) { p.fact(label, p.known.without(value)) }

func (s *Service) demand(p *page, c casefile.Case, row law.Row, plan casefile.RoomPlan) {
	d := c.Demand
	p.head("The demand")
	p.say("Written by the response desk from what was filed. Left out: accounts and")
	p.say("identifiers, names and numbers of persons, and the numbers of the case.")
	p.part("What it is")
	p.fact("Legal process", row.Name)
	p.fact("Text of the law", cited(row))
	p.fact("Place", s.Law.PlaceName(d.Jurisdiction))
	if plan.Agency {
		p.typed("Agency", d.AgencyName)
	} else {
		p.fact("Agency", leftOut)
	}
	if s.Officers {
		p.typed("Officer", d.OfficerName)
	}
	if plan.Typed {
		p.typed("Issued by", d.IssuingBody)
		if d.Court != d.IssuingBody {
			p.typed("Court", d.Court)
		}
		p.typed("Legal basis as cited", d.LegalBasis)
	}
	if !d.Issued.IsZero() {
		p.fact("Issued on", day(d.Issued.Unix()))
	}
	p.fact("Received on", day(c.Filed.Unix()))
	p.part("What was asked for")
	p.fact("Accounts or identifiers named", fmt.Sprint(len(d.Targets)))
	if from, until := d.From, d.Until; !from.IsZero() || !until.IsZero() {
		p.fact("Period", span(from.Unix(), until.Unix(), from.IsZero(), until.IsZero()))
	}
	for _, i := range d.Wanted {
		p.say("- %s", title(i))
	}
	p.part("Secrecy")
	switch {
	case !d.Gag.Asked && !d.Gag.Order:
		p.say("None was asked for.")
	case d.Gag.End.IsZero():
		p.say("%s, without an end.", asked(d.Gag))
	default:
		p.say("%s, until %s.", asked(d.Gag), day(d.Gag.End.Unix()))
	}
	if plan.Typed {
		p.typed("Basis", d.Gag.Basis)
	}
	p.part("Papers that came with it")
	p.say("%d. Pages that may be shown stand beside this text, as pictures.", len(d.Papers))
}

func cited(row law.Row) string {
	var out []string
	for _, c := range row.Citations {
		out = append(out, string(c))
	}
	return strings.Join(out, "; ")
}

func asked(g casefile.Gag) string {
	if g.Order {
		return "Ordered"
	}
	return "Asked for, without an order"
}

func span(from, until int64, open, endless bool) string {
	switch {
	case open:
		return "until " + day(until)
	case endless:
		return "from " + day(from)
	}
	return day(from) + " to " + day(until)
}

func title(i casefile.Item) string {
	if t := i.Title(); t != "" {
		return t
	}
	return "The demand as a whole"
}

func (s *Service) answer(p *page, c casefile.Case, row law.Row) {
	p.head("Our answer")
	p.say("Written by the response desk from what was decided. What was given is not")
	p.say("repeated: it is about a person.")
	p.part("Decided by people, item by item")
	for _, i := range c.Demand.Wanted {
		p.say("- %s: %s", title(i), s.decided(c, i))
	}
	p.part("What left the house")
	exist := 0
	for i := range c.Demand.Targets {
		if c.Resolutions[i].Exists {
			exist++
		}
	}
	p.fact("Accounts or identifiers named", fmt.Sprint(len(c.Demand.Targets)))
	p.fact("Of them with an account here", fmt.Sprint(exist))
	p.fact("Accounts of which records were given", fmt.Sprint(len(given(c))))
	if len(c.Packages) > 0 {
		p.fact("Answered on", day(c.Packages[0].Made.Unix()))
	}
	if c.Withdrawn {
		p.say("The agency withdrew the request.")
	}
	p.part("Telling the persons")
	s.told(p, c)
	p.fact("The rule of this process", row.NoticeRule.Text)
}

// decided is a verdict in words that tell no reason of a person: the finding's
// own sentence stands for it, unless only the team may see it.
func (s *Service) decided(c casefile.Case, i casefile.Item) string {
	d, ok := c.Decisions[i]
	why := ""
	if row, known := s.Law.Finding(d.Finding); known && !row.TeamOnly {
		why = ". " + row.Sentence
	}
	switch {
	case !ok || !d.Verdict.Final():
		return "not answered"
	case d.Verdict == casefile.Produce || d.Verdict == casefile.Narrow && len(d.Targets) > 0:
		if !c.Disclosed() {
			return "reached by the process; nothing was given"
		}
		if d.Verdict == casefile.Narrow {
			return fmt.Sprintf("given for %d of the accounts named", len(d.Targets)) + why
		}
		return "given, where there was a value"
	case d.Verdict == casefile.Narrow:
		return "refused, as too broad" + why
	case d.Verdict == casefile.Challenge:
		return "challenged" + why
	case d.Verdict == casefile.ReferMLAT:
		return "to be asked for by mutual legal assistance" + why
	case d.Verdict == casefile.Keep:
		return "preserved, and given to nobody"
	case i.Class() == law.Content || i.Class() == law.Traffic:
		return "does not exist here" + why
	}
	return "refused" + why
}

// given are the targets of whom records left the house.
func given(c casefile.Case) map[int]bool {
	out := map[int]bool{}
	for _, g := range c.Grants {
		if !g.Used.IsZero() && (g.Grant.Kind == disclosable.Produce || g.Grant.Kind == disclosable.Trace) {
			g.Reached(out)
		}
	}
	return out
}

func (s *Service) told(p *page, c casefile.Case) {
	days := map[time.Time]int{}
	for i := range c.Demand.Targets {
		if at := c.Told(i); !at.IsZero() {
			days[at.UTC().Truncate(24*time.Hour)]++
		}
	}
	for _, d := range slices.SortedFunc(maps.Keys(days), time.Time.Compare) {
		p.say("- %d told on %s", days[d], day(d.Unix()))
	}
}

func (s *Service) objections(p *page, c casefile.Case) {
	p.head("Objections of those it is about")
	p.say("What they wrote is theirs and is not published.")
	p.say("")
	for _, o := range c.Objections {
		switch {
		case o.Open():
			p.say("- %s: not closed.", day(o.At.Unix()))
		case o.Upheld:
			p.say("- %s: upheld on %s; nothing was released over it.", day(o.At.Unix()), day(o.Closed.Unix()))
		default:
			p.say("- %s: not upheld, on %s.", day(o.At.Unix()), day(o.Closed.Unix()))
		}
	}
}
