package room

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/transparency/room"
)

// draftKey is where counsel's word lies while it is being given.
const draftKey = "room:draft"

// Sight is a case as those see it who decide on its papers.
type Sight struct {
	Case     casefile.Case
	Row      law.Row
	Plan     casefile.RoomPlan // before a second person, else as counsel has it so far
	Put      bool              // it is before a second person
	Withheld string            // why nothing may be public now
}

// See opens the papers of a case for the public.
func (s *Service) See(ctx context.Context, by casefile.MemberID, n casefile.Number) (Sight, error) {
	if _, err := s.Team.May(ctx, by, casefile.AgreePapers, n); err != nil {
		return Sight{}, err
	}
	if s.Press == nil || n.Sealed() {
		return Sight{}, errNoRoom()
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return Sight{}, err
	}
	return s.sight(ctx, c)
}

func (s *Service) sight(ctx context.Context, c casefile.Case) (x Sight, err error) {
	x.Case = c
	if x.Row, err = s.row(c); err != nil {
		return x, err
	}
	if x.Withheld, _, err = s.withheld(c); err != nil {
		return x, err
	}
	if c.Room.Plan != nil {
		x.Plan, x.Put = *c.Room.Plan, true
		return x, nil
	}
	x.Plan, err = s.draft(ctx, c)
	return x, err
}

// draft is counsel's word so far, with every paper that the case has now. The
// papers of a publication that was taken out begin as they were in it.
func (s *Service) draft(ctx context.Context, c casefile.Case) (casefile.RoomPlan, error) {
	saved := casefile.RoomPlan{Agency: true}
	if n := len(c.Room.Issues); n > 0 {
		saved = c.Room.Issues[n-1].Plan
	}
	b, err := s.Files.Public.Store.Stash(ctx, c.Number, draftKey)
	if err == nil {
		saved = casefile.RoomPlan{}
		err = casefile.Decode(b, &saved)
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return saved, fmt.Errorf("read what counsel said so far: %w", err)
	}
	out := casefile.RoomPlan{Agency: saved.Agency, Typed: saved.Typed}
	for _, p := range c.RoomPapers() {
		if x, ok := saved.Choice(p.Paper); ok {
			p = x
		}
		out.Choices = append(out.Choices, p)
	}
	return out, nil
}

// counsel lets counsel change the draft of a case.
func (s *Service) counsel(ctx context.Context, by casefile.MemberID, n casefile.Number, change func(casefile.Case, casefile.Actor, *casefile.RoomPlan) (casefile.Plan, error)) error {
	me, err := s.Team.May(ctx, by, casefile.SetPapers, n)
	if err != nil {
		return err
	}
	if s.Press == nil || n.Sealed() {
		return errNoRoom()
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.MayDecide(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		switch {
		case c.Room.Plan != nil:
			return casefile.Nothing, fault.New(fault.Conflict, "publish papers", "the papers are before a second person: they can give them back")
		case !c.Room.Open():
			return casefile.Nothing, fault.New(fault.Conflict, "publish papers", "the papers of this case do not wait for counsel")
		}
		d, err := s.draft(ctx, c)
		if err != nil {
			return casefile.Nothing, err
		}
		return change(c, me, &d)
	})
	return err
}

// SayNames is counsel's word on two things that stand in the demand's text: the
// agency's name, and what the agency typed of court, office and legal basis.
func (s *Service) SayNames(ctx context.Context, by casefile.MemberID, n casefile.Number, agency, typed bool) error {
	return s.counsel(ctx, by, n, func(_ casefile.Case, _ casefile.Actor, d *casefile.RoomPlan) (casefile.Plan, error) {
		d.Agency, d.Typed = agency, typed
		return drafted(d)
	})
}

// drafted keeps a draft. It is no act yet: nothing is recorded.
func drafted(d *casefile.RoomPlan) (casefile.Plan, error) {
	b, err := casefile.Encode(d)
	return casefile.Plan{Stop: true, Stash: []casefile.Stash{{Key: draftKey, Body: b}}}, err
}

// edit changes the word on one paper.
func (s *Service) edit(ctx context.Context, by casefile.MemberID, n casefile.Number, paper string, change func(casefile.Case, *casefile.RoomChoice) error) error {
	return s.counsel(ctx, by, n, func(c casefile.Case, _ casefile.Actor, d *casefile.RoomPlan) (casefile.Plan, error) {
		i := slices.IndexFunc(d.Choices, func(x casefile.RoomChoice) bool { return x.Paper == paper })
		if i < 0 {
			return casefile.Nothing, noPaper()
		}
		d.Choices = slices.Clone(d.Choices)
		if err := change(c, &d.Choices[i]); err != nil {
			return casefile.Nothing, err
		}
		return drafted(d)
	})
}

func noPaper() error {
	return fault.New(fault.NotFound, "publish papers", "the case has no such paper")
}

// SayPaper is counsel's word on a paper: it is published, or counsel objects.
func (s *Service) SayPaper(ctx context.Context, by casefile.MemberID, n casefile.Number, paper string, publish bool, reason string) error {
	reason = strings.TrimSpace(reason)
	switch {
	case !publish && reason == "":
		return invalid("give the reason for which you object: it stands on record, and is not published")
	case len(reason) > casefile.MaxText:
		return invalid("the reason is too long")
	}
	if publish {
		reason = ""
	}
	return s.edit(ctx, by, n, paper, func(c casefile.Case, x *casefile.RoomChoice) error {
		if publish && x.Attached && len(x.Kept()) == 0 {
			return invalid("every page of this paper is withheld: look at its pages and keep at least one, or object")
		}
		x.Said, x.Publish, x.Reason = true, publish, reason
		return nil
	})
}

// SayPage is counsel's word on a page that they looked at.
func (s *Service) SayPage(ctx context.Context, by casefile.MemberID, n casefile.Number, paper string, page int, keep bool) error {
	return s.page(ctx, by, n, paper, page, func(p *casefile.RoomPage) error {
		p.Keep = keep
		return nil
	})
}

// AddBox blacks a part of a page out.
func (s *Service) AddBox(ctx context.Context, by casefile.MemberID, n casefile.Number, paper string, page int, b casefile.Box) error {
	return s.page(ctx, by, n, paper, page, func(p *casefile.RoomPage) error {
		switch {
		case !b.Valid():
			return invalid("a box goes from left to right and from top to bottom, from 0 to 100 percent of the page")
		case len(p.Boxes) >= casefile.MaxBoxes:
			return invalid("a page takes at most %d boxes: withhold it", casefile.MaxBoxes)
		}
		p.Boxes, p.Heard = append(slices.Clone(p.Boxes), b), false // the words may hold what is under it
		return nil
	})
}

// DropBox takes a box away again.
func (s *Service) DropBox(ctx context.Context, by casefile.MemberID, n casefile.Number, paper string, page, box int) error {
	return s.page(ctx, by, n, paper, page, func(p *casefile.RoomPage) error {
		if box < 0 || box >= len(p.Boxes) {
			return fault.New(fault.NotFound, "publish papers", "there is no such box")
		}
		p.Boxes, p.Heard = slices.Delete(slices.Clone(p.Boxes), box, box+1), false
		return nil
	})
}

// SayWords is what counsel writes of a page, or confirms, for those who do not
// see it. It is kept or refused as it is: nothing is added from the file.
func (s *Service) SayWords(ctx context.Context, by casefile.MemberID, n casefile.Number, paper string, page int, words string) error {
	words = strings.TrimSpace(strings.ReplaceAll(words, "\r\n", "\n"))
	switch {
	case words == "":
		return invalid("write what the page shows, for those who do not see it")
	case len(words) > casefile.MaxWords:
		return invalid("the words may be %d bytes long: say what the page is about", casefile.MaxWords)
	}
	return s.pageOf(ctx, by, n, paper, page, func(c casefile.Case, p *casefile.RoomPage) error {
		if found := s.known(c).found(words); found != "" {
			return invalid("the words name somebody or something that is never published (%s): leave it out, as it is blacked out", found)
		}
		p.Words, p.Heard = words, true
		return nil
	})
}

func (s *Service) page(ctx context.Context, by casefile.MemberID, n casefile.Number, paper string, page int, change func(*casefile.RoomPage) error) error {
	return s.pageOf(ctx, by, n, paper, page, func(_ casefile.Case, p *casefile.RoomPage) error { return change(p) })
}

func (s *Service) pageOf(ctx context.Context, by casefile.MemberID, n casefile.Number, paper string, page int, change func(casefile.Case, *casefile.RoomPage) error) error {
	return s.edit(ctx, by, n, paper, func(c casefile.Case, x *casefile.RoomChoice) error {
		p, ok := c.Paper(casefile.PaperID(paper))
		switch {
		case !ok || page < 1 || page > p.Pages:
			return fault.New(fault.NotFound, "publish papers", "the paper has no such page")
		case !c.ReadBy(p.ID, by):
			return fault.New(fault.Conflict, "publish papers", "look at the pages first: that you read the paper is recorded")
		}
		now, said := x.Page(page)
		if err := change(c, &now); err != nil {
			return err
		}
		x.Pages = slices.Clone(x.Pages)
		if said {
			x.Pages[slices.IndexFunc(x.Pages, func(o casefile.RoomPage) bool { return o.Page == page })] = now
		} else {
			x.Pages = append(x.Pages, now)
			slices.SortFunc(x.Pages, func(a, b casefile.RoomPage) int { return a.Page - b.Page })
		}
		if len(x.Kept()) == 0 && x.Publish { // nothing is left to show: say it anew
			x.Said, x.Publish = false, false
		}
		return nil
	})
}

// Put puts counsel's word before a second person. If counsel objects to every
// paper, that is the end of it.
func (s *Service) Put(ctx context.Context, by casefile.MemberID, n casefile.Number, why string) error {
	err := s.counsel(ctx, by, n, func(c casefile.Case, me casefile.Actor, d *casefile.RoomPlan) (casefile.Plan, error) {
		if err := s.mayShow(c); err != nil {
			return casefile.Nothing, err
		}
		for _, x := range d.Choices {
			if !x.Said {
				return casefile.Nothing, fault.New(fault.Invalid, "publish papers", "say of each paper what becomes of it: “%s” is open", s.Title(c, x))
			}
			if page, ok := x.Unheard(); ok && x.Publish {
				return casefile.Nothing, fault.New(fault.Invalid, "publish papers", "write what page %d of “%s” shows, for those who do not see it, or confirm it after a box was changed", page, s.Title(c, x))
			}
		}
		d.By = me
		p := casefile.One(casefile.Event{Kind: casefile.KRoomPut, Why: why, Room: &casefile.RoomAct{Plan: d}})
		p.Stash = []casefile.Stash{{Key: draftKey}}
		if len(d.Publishes()) == 0 {
			p.Duties = append(p.Duties, s.waited(ctx, n)...)
		}
		return p, nil
	})
	s.changed()
	return err
}

// waited ends the wait for counsel.
func (s *Service) waited(ctx context.Context, n casefile.Number) (out []casefile.Duty) {
	all, err := s.Files.Public.Store.DutiesOf(ctx, n)
	if err != nil {
		return nil // it ends by itself when it is due
	}
	for _, d := range all {
		if d.Kind == casefile.DutyRoom && d.Done.IsZero() {
			out = append(out, s.Files.Done(d))
		}
	}
	return out
}

func (s *Service) mayShow(c casefile.Case) error {
	why, never, err := s.withheld(c)
	if err == nil && (never || why != "") {
		err = fault.New(fault.Conflict, "publish papers", "these papers may not be public now: %s", why)
	}
	return err
}

// Return gives the papers back to counsel.
func (s *Service) Return(ctx context.Context, by casefile.MemberID, n casefile.Number, why string) error {
	if strings.TrimSpace(why) == "" {
		return invalid("say what should be otherwise")
	}
	return s.second(ctx, by, n, func(c casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Stop: true, Events: []casefile.Event{{Kind: casefile.KRoomReturned, Why: why}}}
		if c.Room.Plan != nil { // counsel goes on from what they said
			d := *c.Room.Plan
			d.By = casefile.Actor{}
			b, err := casefile.Encode(d)
			if err != nil {
				return casefile.Nothing, err
			}
			p.Stash = []casefile.Stash{{Key: draftKey, Body: b}}
		}
		return p, nil
	})
}

// Agree is the second person's word to exactly the plan with this sum. The clock
// then sets and shows the papers.
func (s *Service) Agree(ctx context.Context, by casefile.MemberID, n casefile.Number, sum casefile.Sum, why string) error {
	defer s.changed()
	return s.second(ctx, by, n, func(c casefile.Case) (casefile.Plan, error) {
		if err := s.mayShow(c); err != nil {
			return casefile.Nothing, err
		}
		if c.Room.Plan != nil {
			for _, x := range c.Room.Plan.Publishes() {
				if x.Attached && !c.ReadBy(casefile.PaperID(x.Paper), by) {
					return casefile.Nothing, fault.New(fault.Conflict, "publish papers", "look at every page that is shown first: “%s” you have not opened", s.Title(c, x))
				}
			}
		}
		id := casefile.NewID()[:16]
		p := casefile.One(casefile.Event{Kind: casefile.KRoomAgreed, Why: why, Room: &casefile.RoomAct{Issue: id, Sum: sum}},
			casefile.Duty{Kind: casefile.DutyShow, Key: id, Due: s.Files.Clock.Now()})
		p.Duties = append(p.Duties, s.waited(ctx, n)...)
		return p, nil
	})
}

func (s *Service) second(ctx context.Context, by casefile.MemberID, n casefile.Number, plan func(casefile.Case) (casefile.Plan, error)) error {
	me, err := s.Team.May(ctx, by, casefile.AgreePapers, n)
	if err != nil {
		return err
	}
	if s.Press == nil || n.Sealed() {
		return errNoRoom()
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.MayDecide(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		return plan(c)
	})
	return err
}

// Picture is a page as it would be shown, with lines at every tenth of it if it
// is ruled.
func (s *Service) Picture(ctx context.Context, by casefile.MemberID, n casefile.Number, paper string, page int, ruled bool) ([]byte, error) {
	x, err := s.See(ctx, by, n)
	if err != nil {
		return nil, err
	}
	p, ok := x.Case.Paper(casefile.PaperID(paper))
	choice, known := x.Plan.Choice(paper)
	said, _ := choice.Page(page)
	switch {
	case !ok || !known || page < 1 || page > p.Pages:
		return nil, fault.New(fault.NotFound, "show page", "the paper has no such page")
	case !x.Case.ReadBy(p.ID, by):
		return nil, fault.New(fault.Conflict, "show page", "look at the pages first: that you read the paper is recorded")
	}
	png, err := s.drawn(ctx, p, page, said.Boxes)
	if err == nil && ruled {
		return s.Ruler(png)
	}
	return png, err
}

// drawn is one page as the public sees it: pixels and nothing else.
func (s *Service) drawn(ctx context.Context, p casefile.Paper, page int, boxes []casefile.Box) ([]byte, error) {
	r, err := s.Files.Public.Blobs.Open(ctx, p.Sum)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	png, err := s.Pictures.Page(ctx, r, page, casefile.ZoomPage)
	if err != nil {
		return nil, err
	}
	return s.Blacken(png, boxes)
}

// Withdraw takes a publication out again, at once: what stops waits for nobody.
// What stands in its place says why, and the ledger keeps its hash.
func (s *Service) Withdraw(ctx context.Context, by casefile.MemberID, n casefile.Number, why room.Why, words string) error {
	me, err := s.Team.May(ctx, by, casefile.SetPapers, n)
	words = strings.TrimSpace(words)
	switch {
	case err != nil:
		return err
	case s.Press == nil || n.Sealed():
		return errNoRoom()
	case why.InWords() == "" || words == "" || len(words) > casefile.MaxText:
		return invalid("say why it is taken out, in words that the public reads")
	}
	var taken casefile.RoomIssue
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		x, ok := c.Room.Current()
		if !ok {
			return casefile.Nothing, fault.New(fault.Conflict, "withdraw papers", "nothing of this case is public")
		}
		if found := s.known(c).found(words); found != "" {
			return casefile.Nothing, invalid("the words name somebody or something that is never published (%s): leave it out", found)
		}
		taken = x
		taken.Taken, taken.Why, taken.Words = s.Files.Clock.Now(), string(why), words
		return casefile.Plan{Stop: true, Events: []casefile.Event{{Kind: casefile.KRoomTaken, Room: &casefile.RoomAct{Issue: x.ID, Why: string(why), Words: words}}},
			Duties: []casefile.Duty{{Kind: casefile.DutyShow, Key: x.ID, Due: s.Files.Clock.Now()}}}, nil
	})
	if err != nil {
		return err
	}
	_, err = s.bury(taken) // the clock does it again, should it fail here
	return err
}

// bury takes an issue's files out; zero if none of it was ever in the ledger.
func (s *Service) bury(x casefile.RoomIssue) (room.Sum, error) {
	if x.Sum == "" {
		return room.Sum{}, s.Press.Drop(room.ID(x.ID))
	}
	day := x.At
	if day.IsZero() { // of a case whose persons' data have left
		day = x.Shown
	}
	return s.Press.Withdraw(room.Tombstone{ID: room.ID(x.ID), Manifest: string(x.Sum), Published: room.DayOf(day), Withdrawn: room.DayOf(x.Taken), Why: room.Why(x.Why), Words: x.Words})
}

// Shown is a document of the room and the case that it is of.
type Shown struct {
	room.Document
	Case casefile.Number
}

func ofMark(id room.ID) string { return "room:" + string(id) }

// Published are the documents that stand, or stood.
func (s *Service) Published(ctx context.Context, by casefile.MemberID) (out []Shown, err error) {
	if _, err := s.Team.May(ctx, by, casefile.AgreePapers, ""); err != nil {
		return nil, err
	}
	if s.Press == nil {
		return nil, errNoRoom()
	}
	for _, d := range room.List(s.Press.FS()) {
		b, err := s.Marks.Mark(ctx, ofMark(d.ID))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, fmt.Errorf("find the case of a document: %w", err)
		}
		out = append(out, Shown{d, casefile.Number(b)})
	}
	return out, nil
}

// Why and Whys are the reasons for which a publication is taken out, for pages
// that do not know the room's format.
type Why = room.Why

// Whys are all of them.
func Whys() []Why { return room.Whys }
