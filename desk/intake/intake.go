// Package intake takes requests in: drafts, papers, findings before sending,
// filing, correction, withdrawal, answers, and handing out the answer's
// package. It knows who sends and nothing about who decides.
package intake

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Sender is an officer or agency as intake needs it.
type Sender struct {
	Actor          casefile.Actor
	Agency         casefile.AgencyID
	AgencyName     string
	Country        law.Jurisdiction
	Mailbox, Phone string
	Rank, Address  string // as the directory has them
	AgencyNumber   string
	Since          time.Time
	Role           casefile.AgencyRole // within the agency
	Unready        error               // why they may not send a request now; nil: they may
}

// Directory says who may send. Unauthenticated is for an officer who may not
// act now.
type Directory interface {
	Sender(ctx context.Context, id casefile.OfficerID) (Sender, error)
	Agency(ctx context.Context, id casefile.AgencyID) (name string, country law.Jurisdiction, err error)
}

// Watch is the rules about senders: what they raise holds a request for a
// person's look. It looks at the shelf that the case lies on and at no other,
// so that nothing of a sealed matter shows on an ordinary case.
type Watch interface {
	Signals(ctx context.Context, shelf casefile.Shelf, d casefile.Demand, self casefile.Number) ([]law.Signal, error)
}

// Team says which members may enter a paper and see a case.
type Team interface {
	May(ctx context.Context, id casefile.MemberID, p casefile.Permission, n casefile.Number) (casefile.Actor, error)
	MaySeal(ctx context.Context, id casefile.MemberID) (bool, error)
}

// Inspector looks into a PDF, in a process of its own that may crash, and says
// what it found. Invalid and TooLarge are for a file that is none, hides
// something or is out of all measure.
type Inspector interface {
	Inspect(ctx context.Context, pdf []byte) (casefile.Looked, error)
}

// Scanner looks for known malware and names what it found, empty for nothing.
// If it cannot tell, that is an error and never nothing.
type Scanner interface {
	Scan(ctx context.Context, file []byte) (found string, err error)
}

// Service takes requests in.
type Service struct {
	Files     *casefile.Files
	Directory Directory
	Team      Team
	Inspector Inspector
	Scanner   Scanner // nil: the operator has none
	Acts      casefile.Acts
	Law       *law.Table
	Approved  func(context.Context) ([]law.ListApproval, error) // of lists, at the desk; nil: none
	House     law.House
	Watch     Watch // nil: none
	PerHour   int   // requests an officer may file in an hour; 0 is DefaultPerHour

	filing sync.Mutex
	calls  sync.Map // calls being worked on, by their id
}

// DefaultPerHour limits an officer before anything reaches the ledger.
const DefaultPerHour = 20

// DraftLife is how long an untouched draft is kept.
const DraftLife = 30 * 24 * time.Hour

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "take request", format, args...)
}

// Start opens a draft for an officer.
func (s *Service) Start(ctx context.Context, by casefile.OfficerID, p law.ProcessID) (casefile.Draft, error) {
	who, err := s.Directory.Sender(ctx, by)
	if err != nil {
		return casefile.Draft{}, err
	}
	d := casefile.Demand{Process: p, Jurisdiction: who.Country, Agency: who.Agency, AgencyName: who.AgencyName,
		Officer: by, OfficerName: who.Actor.Name, Mailbox: who.Mailbox, Phone: who.Phone, IssuingBody: who.AgencyName, Channel: law.ChannelPortal}
	if p == law.Emergency {
		d.Emergency = casefile.Emergency{Address: who.Address, AgencyNumber: who.AgencyNumber, Rank: who.Rank}
	}
	return s.newDraft(ctx, who.Actor, d)
}

// StartPaper opens a draft for a request that came on paper or by mail, which
// a member enters for an agency of the directory.
func (s *Service) StartPaper(ctx context.Context, by casefile.MemberID, a casefile.AgencyID, ch law.Channel, p law.ProcessID) (casefile.Draft, error) {
	who, err := s.Team.May(ctx, by, casefile.EnterPapers, "")
	if err != nil {
		return casefile.Draft{}, err
	}
	name, country, err := s.Directory.Agency(ctx, a)
	if err != nil {
		return casefile.Draft{}, err
	}
	if !slices.Contains([]law.Channel{law.ChannelAgent, law.ChannelMailbox, law.ChannelMail, law.ChannelPhone, law.ChannelSocial}, ch) {
		return casefile.Draft{}, invalid("say how the paper came")
	}
	return s.newDraft(ctx, who, casefile.Demand{Process: p, Jurisdiction: country, Agency: a, AgencyName: name, IssuingBody: name, Channel: ch})
}

func (s *Service) newDraft(ctx context.Context, owner casefile.Actor, d casefile.Demand) (casefile.Draft, error) {
	sealed, err := s.sealed(ctx, owner, d.Process)
	if err != nil {
		return casefile.Draft{}, err
	}
	dr := casefile.Draft{ID: casefile.DraftID(casefile.NewID()), Owner: owner, Demand: d, Touched: s.Files.Clock.Now()}
	return dr, s.Files.Shelf(sealed).Store.SaveDraft(ctx, dr)
}

// sealed says on which shelf a process lies. A member who is not on the list
// cannot enter a sealed matter: for them the process does not exist.
func (s *Service) sealed(ctx context.Context, owner casefile.Actor, p law.ProcessID) (bool, error) {
	row, ok := s.Law.Row(p, s.Files.Clock.Now())
	if !ok {
		return false, invalid("choose the kind of process that your paper is")
	}
	if !casefile.SealedRow(row) {
		return false, nil
	}
	if id := owner.MemberID(); id != "" {
		if may, err := s.Team.MaySeal(ctx, id); err != nil || !may {
			return false, invalid("choose the kind of process that your paper is")
		}
	}
	return true, nil
}

// Draft finds a draft of its owner; anyone else is told nothing.
func (s *Service) Draft(ctx context.Context, by casefile.Actor, id casefile.DraftID) (casefile.Draft, error) {
	d, _, err := s.draft(ctx, by, id)
	return d, err
}

func (s *Service) draft(ctx context.Context, by casefile.Actor, id casefile.DraftID) (casefile.Draft, casefile.Shelf, error) {
	if err := s.present(ctx, by); err != nil {
		return casefile.Draft{}, casefile.Shelf{}, err
	}
	for _, shelf := range s.Files.Shelves() {
		d, err := shelf.Store.Draft(ctx, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return casefile.Draft{}, casefile.Shelf{}, err
		}
		if d.Owner.Kind == by.Kind && d.Owner.ID == by.ID {
			return d, shelf, nil
		}
	}
	return casefile.Draft{}, casefile.Shelf{}, fault.New(fault.Withheld, "find draft", "not found")
}

// present refuses whoever may not act now, whatever their session says.
func (s *Service) present(ctx context.Context, by casefile.Actor) error {
	if id := by.OfficerID(); id != "" {
		_, err := s.Directory.Sender(ctx, id)
		return err
	}
	_, err := s.Team.May(ctx, by.MemberID(), casefile.EnterPapers, "")
	return err
}

// Drafts are the owner's drafts, the latest first.
func (s *Service) Drafts(ctx context.Context, by casefile.OfficerID) ([]casefile.Draft, error) {
	var out []casefile.Draft
	for _, shelf := range s.Files.Shelves() {
		d, err := shelf.Store.Drafts(ctx, by)
		if err != nil {
			return nil, err
		}
		out = append(out, d...)
	}
	slices.SortFunc(out, func(a, b casefile.Draft) int { return b.Touched.Compare(a.Touched) })
	return out, nil
}

// Save stores what the owner typed. Who they are, the channel and the papers
// stay what they were; identifiers are brought to their one form.
func (s *Service) Save(ctx context.Context, by casefile.Actor, id casefile.DraftID, d casefile.Demand) (casefile.Draft, error) {
	return s.save(ctx, by, id, d, "")
}

// SaveStep stores what the owner typed into a step of the form, and that they
// have been through it: whoever comes back goes on after it.
func (s *Service) SaveStep(ctx context.Context, by casefile.Actor, id casefile.DraftID, d casefile.Demand, step string) (casefile.Draft, error) {
	return s.save(ctx, by, id, d, step)
}

func (s *Service) save(ctx context.Context, by casefile.Actor, id casefile.DraftID, d casefile.Demand, step string) (casefile.Draft, error) {
	old, shelf, err := s.draft(ctx, by, id)
	if err != nil {
		return casefile.Draft{}, err
	}
	d, err = s.tidy(keepIdentity(d, old.Demand), s.Files.Clock.Now())
	if err != nil {
		return casefile.Draft{}, err
	}
	sealed, err := s.sealed(ctx, by, d.Process)
	if err != nil {
		return casefile.Draft{}, err
	}
	if d.Process != old.Demand.Process {
		old.Done = nil // another process asks other questions
	}
	if step != "" && !slices.Contains(old.Done, step) {
		old.Done = append(slices.Clone(old.Done), step)
	}
	old.Demand, old.Touched = d, s.Files.Clock.Now()
	if to := s.Files.Shelf(sealed); to != shelf {
		return old, move(ctx, old, shelf, to)
	}
	return old, shelf.Store.SaveDraft(ctx, old)
}

func keepIdentity(d, old casefile.Demand) casefile.Demand {
	d.Jurisdiction, d.Agency, d.AgencyName, d.Officer, d.Mailbox = old.Jurisdiction, old.Agency, old.AgencyName, old.Officer, old.Mailbox
	if old.Officer != "" {
		d.OfficerName = old.OfficerName
	}
	d.Channel, d.Papers, d.Mail = old.Channel, old.Papers, old.Mail
	return d
}

// move takes a draft and its papers to the other shelf, so that nothing of a
// sealed matter stays on the open one.
func move(ctx context.Context, d casefile.Draft, from, to casefile.Shelf) error {
	for _, p := range d.Demand.Files() {
		r, err := from.Blobs.Open(ctx, p.Sum)
		if err != nil {
			return err
		}
		_, _, err = to.Blobs.Put(ctx, r, casefile.MaxPaper)
		r.Close()
		if err != nil {
			return err
		}
	}
	if err := to.Store.SaveDraft(ctx, d); err != nil {
		return err
	}
	if err := from.Store.DropDraft(ctx, d.ID); err != nil {
		return err
	}
	return dropBlobs(ctx, from, d.Demand.Files())
}

// dropBlobs removes papers that nothing on the shelf needs any more.
func dropBlobs(ctx context.Context, shelf casefile.Shelf, papers []casefile.Paper) error {
	for _, p := range papers {
		used, err := shelf.Store.BlobUsed(ctx, p.Sum)
		if err != nil {
			return err
		}
		if used {
			continue
		}
		if err := shelf.Blobs.Remove(ctx, p.Sum); err != nil {
			return err
		}
	}
	return nil
}

// Drop throws a draft away.
func (s *Service) Drop(ctx context.Context, by casefile.Actor, id casefile.DraftID) error {
	d, shelf, err := s.draft(ctx, by, id)
	if err != nil {
		return err
	}
	if err := shelf.Store.DropDraft(ctx, id); err != nil {
		return err
	}
	return dropBlobs(ctx, shelf, d.Demand.Files())
}

// DropOld throws away drafts that nobody has touched for DraftLife.
func (s *Service) DropOld(ctx context.Context) error {
	if err := s.dropOld(ctx, s.Files.Sealed); err != nil {
		s.Files.PutAside(ctx, err)
	}
	return s.dropOld(ctx, s.Files.Public)
}

func (s *Service) dropOld(ctx context.Context, shelf casefile.Shelf) error {
	if err := shelf.Store.DropCalls(ctx, s.Files.Clock.Now().Add(-casefile.CallLife)); err != nil {
		return err
	}
	old, err := shelf.Store.DropDrafts(ctx, s.Files.Clock.Now().Add(-DraftLife))
	if err != nil {
		return err
	}
	for _, d := range old {
		if err := dropBlobs(ctx, shelf, d.Demand.Files()); err != nil {
			return err
		}
	}
	return nil
}

// tidy brings a demand to its one form and refuses what is over a limit.
func (s *Service) tidy(d casefile.Demand, on time.Time) (casefile.Demand, error) {
	if len(d.Targets) > casefile.MaxTargets {
		return d, fault.New(fault.TooLarge, "take request", "a request names at most %d identifiers, and this one names %d: file separate requests.", casefile.MaxTargets, len(d.Targets))
	}
	targets, seen := make([]casefile.Target, 0, len(d.Targets)), map[casefile.Target]bool{}
	for _, t := range d.Targets {
		n, err := t.Normal()
		if err != nil {
			return d, err
		}
		if !seen[n] {
			seen[n] = true
			targets = append(targets, n)
		}
	}
	d.Targets = targets
	if err := tidyWanted(&d); err != nil {
		return d, err
	}
	if err := short(d); err != nil {
		return d, err
	}
	row, _ := s.Law.Row(d.Process, on)
	if whole := len(d.Wanted) == 0 || row.MustChallenge(); whole && !slices.Contains(d.Wanted, casefile.WholeDemand) && Whole(row) {
		d.Wanted = append(d.Wanted, casefile.WholeDemand)
	}
	return d, nil
}

// Whole: such a process asks for no data, and is answered as a whole.
func Whole(r law.Row) bool {
	switch r.Stance {
	case law.StanceChallenge, law.StanceChallengeIfZG, law.StanceDecline, law.StanceReject, law.StanceMLAT, law.StanceTrack, law.StanceTrackChallenge,
		law.StanceVoluntaryDecline, law.StanceNoKeyHeld, law.StanceNotData, law.StanceSelfExport:
		return true
	}
	return false
}

func tidyWanted(d *casefile.Demand) error {
	if len(d.Wanted) > casefile.MaxItems {
		return fault.New(fault.TooLarge, "take request", "at most %d items can be asked for", casefile.MaxItems)
	}
	for _, i := range d.Wanted {
		if !i.Valid() {
			return invalid("%q is not on the list of what can be asked for", i)
		}
	}
	order := func(i casefile.Item) int {
		return slices.IndexFunc(disclosable.Fields(), func(f disclosable.Field) bool { return casefile.FieldItem(f.ID) == i })
	}
	d.Wanted = slices.Clone(d.Wanted)
	slices.SortStableFunc(d.Wanted, func(a, b casefile.Item) int {
		x, y := order(a), order(b)
		if (x < 0) != (y < 0) { // fields first, in the inventory's order
			return y - x
		}
		if x != y {
			return x - y
		}
		return strings.Compare(string(a), string(b))
	})
	d.Wanted = slices.Compact(d.Wanted)
	return nil
}

func short(d casefile.Demand) error {
	for _, t := range append(d.Emergency.Short(), d.Reference, d.CaseRef, d.IssuingBody, d.Court, d.Validator, d.LegalBasis, d.Addressee, d.OfficerName, d.Phone, d.Language, d.Gag.Basis) {
		if !casefile.Plain(t, casefile.MaxReference) {
			return fault.New(fault.TooLarge, "take request", "one of the short fields is longer than %d bytes, has more than one line or holds characters that cannot be seen", casefile.MaxReference)
		}
	}
	if len(d.Answers) > 64 || len(d.Text) > casefile.MaxText || len(d.Gag.Grounds) > 16 || len(d.Offence.Text) > casefile.MaxText {
		return fault.New(fault.TooLarge, "take request", "an answer is longer than %d bytes", casefile.MaxText)
	}
	for _, t := range d.Emergency.Long() {
		if len(t) > casefile.MaxText {
			return fault.New(fault.TooLarge, "take request", "an answer is longer than %d bytes", casefile.MaxText)
		}
	}
	for k, v := range d.Answers {
		if len(k) > 80 || len(v) > casefile.MaxText {
			return fault.New(fault.TooLarge, "take request", "an answer is longer than %d bytes", casefile.MaxText)
		}
	}
	if !d.From.IsZero() && !d.Until.IsZero() && d.Until.Before(d.From) {
		return invalid("the period ends before it begins")
	}
	return nil
}
