package breach

import (
	"context"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/internal/fault"
)

// Item is one case that a cut holds, as its page lists it.
type Item struct {
	Number    casefile.Number
	Filed     time.Time
	Officer   string
	Phase     casefile.Phase
	Hold      casefile.Hold
	Accounts  int // whose records were disclosed
	Fetched   int // downloads of its packages
	Told      int // accounts told since the notice was released
	Fields    []disclosable.FieldID
	Disclosed time.Time
}

// Progress is how far the looking back of one cut is. Sealed matters are in it
// for those on their list; for all others no number tells of them.
type Progress struct {
	Cut                        casefile.Cut
	Items                      []Item
	Reviewed                   map[casefile.Outcome]int
	Left                       int // nobody has looked at them again
	Accounts                   int // whose records were disclosed
	Drafted, Released, Unclear int // notices
}

// NotifyWithin is how long the operator has to tell the authority for data
// protection of a breach, from when it became aware.
// law: GDPR art. 33(1)
const NotifyWithin = 72 * time.Hour

// Deadline is the last moment for that.
func (p Progress) Deadline() time.Time { return p.Cut.At.Add(NotifyWithin) }

// Done reports that nothing is left to do but to give the access back.
func (p Progress) Done() bool {
	return !p.Cut.Worked.IsZero() && p.Left == 0 && p.Unclear == 0 && p.Drafted == 0
}

// Progress looks at every case of a cut.
func (s *Service) Progress(ctx context.Context, by casefile.MemberID, id casefile.CutID) (Progress, error) {
	may, err := s.Team.MaySeal(ctx, by)
	if err != nil {
		return Progress{}, err
	}
	cut, err := s.Directory.CutOf(ctx, id)
	if err != nil {
		return Progress{}, err
	}
	p := Progress{Cut: cut, Reviewed: map[casefile.Outcome]int{}}
	shelves := []casefile.Shelf{s.Files.Public}
	if may {
		shelves = s.Files.Shelves()
	}
	for _, shelf := range shelves {
		heads, err := shelf.Store.FiledBy(ctx, cut.Agency, time.Time{})
		if err != nil {
			return Progress{}, err
		}
		for _, h := range heads {
			if h.Filed.Before(cut.From) && !h.Ended.IsZero() && h.Ended.Before(cut.At) {
				continue
			}
			c, err := s.Files.Load(ctx, h.Number)
			if err != nil {
				return Progress{}, err
			}
			if i, ok := item(cut, c); ok {
				p.add(i)
			}
		}
	}
	return p, nil
}

// item is a case that this cut holds, or held before a later one did.
func item(cut casefile.Cut, c casefile.Case) (Item, bool) {
	h, ok := holdOf(cut.ID, c)
	if !ok {
		return Item{}, false
	}
	i := Item{Number: c.Number, Filed: c.Filed, Officer: c.FiledBy.Name, Phase: c.Phase(), Hold: h}
	if c.Disclosed() {
		i.Disclosed = disclosedOn(c)
	}
	for _, t := range h.Targets {
		i.Accounts++
		i.Fields = append(i.Fields, c.Fields(t)...)
		if !h.Released.IsZero() && slices.ContainsFunc(c.Grants, func(g casefile.GrantState) bool {
			return g.Grant.Kind == disclosable.Notify && g.Of(t) && g.Phase == casefile.GrantUsed && g.Used.After(h.Released)
		}) {
			i.Told++
		}
	}
	for _, x := range c.Packages {
		i.Fetched += len(x.Downloads)
	}
	return i, true
}

// holdOf is what the cut did to the case, from its own history.
func holdOf(id casefile.CutID, c casefile.Case) (casefile.Hold, bool) {
	if c.Held.Cut == id {
		return c.Held, true
	}
	var h casefile.Hold
	for i := range c.Events {
		if c.Events[i].Kind != casefile.KHeld && c.Events[i].Kind != casefile.KReviewedAgain && c.Events[i].Kind != casefile.KBreachDrafted {
			continue
		}
		if s := c.Events[i].Suspect; s != nil && s.Cut == id {
			if past, err := casefile.Fold(c.Number, c.Events[:i+1]); err == nil {
				h = past.Held
			}
		}
	}
	if h.Outcome == "" && h.Cut != "" { // the word on a later one is the word on this
		h.Outcome, h.By, h.Reviewed, h.Why = c.Held.Outcome, c.Held.By, c.Held.Reviewed, c.Held.Why
	}
	return h, h.Cut != ""
}

func (p *Progress) add(i Item) {
	p.Items = append(p.Items, i)
	p.Accounts += i.Accounts
	switch i.Hold.Outcome {
	case "":
		p.Left++
	default:
		p.Reviewed[i.Hold.Outcome]++
	}
	if i.Hold.Outcome == casefile.Unclear {
		p.Unclear++
	}
	if i.Hold.Draft != "" {
		switch {
		case !i.Hold.Released.IsZero():
			p.Released += i.Accounts
		case i.Hold.Outcome != casefile.Genuine:
			p.Drafted += i.Accounts
		}
	}
}

// Letter is what the lead and the officer for data protection need for the
// authority: what happened, whose data, of what kind, when, and by when to
// tell. It names no account holder.
// law: GDPR art. 33(3)
type Letter struct {
	Progress
	Cases, Disclosing int // held; of these with records that left
	Fields            []disclosable.FieldID
	First, Last       time.Time // disclosures
	Fetched           int       // packages that were downloaded, by anybody
}

// Letter gathers it anew each time it is read.
func (s *Service) Letter(ctx context.Context, by casefile.MemberID, id casefile.CutID) (Letter, error) {
	p, err := s.Progress(ctx, by, id)
	if err != nil {
		return Letter{}, err
	}
	l := Letter{Progress: p, Cases: len(p.Items)}
	for _, i := range p.Items {
		if i.Accounts == 0 || i.Hold.Outcome == casefile.Genuine {
			continue
		}
		l.Disclosing++
		l.Fields = append(l.Fields, i.Fields...)
		if i.Fetched > 0 {
			l.Fetched++
		}
		if !i.Disclosed.IsZero() && (l.First.IsZero() || i.Disclosed.Before(l.First)) {
			l.First = i.Disclosed
		}
		if i.Disclosed.After(l.Last) {
			l.Last = i.Disclosed
		}
	}
	slices.Sort(l.Fields)
	l.Fields = slices.Compact(l.Fields)
	return l, nil
}

// Hold is a case's hold for a member who may see the case; NotFound if none.
func (s *Service) Hold(ctx context.Context, by casefile.MemberID, n casefile.Number) (casefile.Case, casefile.Cut, error) {
	if _, err := s.Team.MayTouch(ctx, by, n); err != nil {
		return casefile.Case{}, casefile.Cut{}, err
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return c, casefile.Cut{}, err
	}
	if c.Held.Cut == "" {
		return c, casefile.Cut{}, fault.New(fault.NotFound, "look back", "no compromise concerns this case")
	}
	if c.Blind(by) {
		return casefile.Case{}, casefile.Cut{}, casefile.NotYetSeen()
	}
	cut, err := s.Directory.CutOf(ctx, c.Held.Cut)
	return c, cut, err
}
