package review

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
)

// PackageLife is how long a package can be downloaded; then our copy goes.
const PackageLife = 30 * 24 * time.Hour

// MaxPackage bounds a package file.
const MaxPackage = 1 << 30

// Packer makes the sealed file that answers a request.
type Packer interface {
	Pack(ctx context.Context, w io.Writer, j Job) (Made, error)
}

// Job is all that a package says.
type Job struct {
	Case      casefile.Case
	Row       law.Row
	Package   casefile.PackageID
	Created   time.Time
	Collected time.Time // when the records were read; Created if none
	Expires   time.Time
	Releases  []Released
	Lists     []List
	Batch     *Batch // of a trace
	Filed     []byte // the ledger's proof that the request was filed; nil: a sealed matter
}

// Released is what one grant unlocked, with the carrier's proof of it.
type Released struct {
	Target  int
	Release door.Release
	Proof   []byte
}

// Made is what the desk keeps of a package.
type Made struct {
	Name       string
	SealedTo   string
	Records    int
	Passphrase casefile.Secret // empty unless sealed with one
	Statement  []byte          // what a custodian could certify of it
}

// Handlers are the duties that review carries out.
func (s *Service) Handlers() map[casefile.DutyKind]func(context.Context, casefile.Duty) error {
	return map[casefile.DutyKind]func(context.Context, casefile.Duty) error{
		casefile.DutySign: s.sign, casefile.DutyRelease: s.release, casefile.DutyPack: s.pack, casefile.DutyDestroy: s.destroy,
		casefile.DutyKeep: s.keepSnapshot, casefile.DutyKeepSoon: s.keepSoon, casefile.DutyKeepEnd: s.keepEnd, casefile.DutyTrace: s.trace,
		casefile.DutyAsked: s.asked, casefile.DutyFiling: s.filing, casefile.DutyLent: s.lentEnds,
		casefile.DutyLookUp: s.lookUps, casefile.DutyWord: s.word, casefile.DutyCertify: s.uncertified,
	}
}

// sign looks how far a grant is at the carrier, and puts it there if it is not.
func (s *Service) sign(ctx context.Context, d casefile.Duty) error {
	c, g, err := s.grantOf(ctx, d)
	if err != nil {
		return err
	}
	switch {
	case c.Withdrawn && pending(g) && !c.Disclosed():
		return s.end(ctx, d, g, casefile.GrantWithdrawn, "the request was withdrawn")
	case upheld(c) && pending(g) && g.Grant.Kind == disclosable.Produce:
		return s.end(ctx, d, g, casefile.GrantWithdrawn, "counsel upheld the person's objection")
	case g.Phase.Dead():
		if err := s.takeBack(ctx, g); err != nil {
			return err
		}
		return s.finish(ctx, d)
	case g.Phase != casefile.GrantSigning:
		return s.finish(ctx, d)
	}
	p, err := s.Door.Propose(ctx, g.Bytes)             // the same bytes twice are one proposal
	if refusal(err) || fault.Is(err, fault.Conflict) { // conflict: spent before, and the carrier remembers no more of it
		return s.end(ctx, d, g, casefile.GrantRefused, "the carrier: "+fault.Say(err))
	}
	if err != nil {
		return err
	}
	return s.signed(ctx, d, g, p)
}

// refusal: the carrier says no, rather than not now.
func refusal(err error) bool {
	return fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Invalid) || fault.Is(err, fault.Expired)
}

func (s *Service) signed(ctx context.Context, d casefile.Duty, g casefile.GrantState, p door.Proposal) error {
	now := s.Files.Clock.Now()
	switch {
	case p.Refused != "":
		return s.end(ctx, d, g, casefile.GrantRefused, p.Refused)
	case p.Withdrawn:
		return s.end(ctx, d, g, casefile.GrantWithdrawn, "withdrawn at the carrier")
	case p.Used:
		return s.end(ctx, d, g, casefile.GrantLost, "the carrier says this grant is used, and the desk did not use it")
	case now.Unix() >= g.Grant.Expires:
		return s.end(ctx, d, g, casefile.GrantExpired, "two signatures did not come in time")
	case !p.Ready():
		return nil
	}
	next := casefile.Duty{Kind: casefile.DutyRelease, Key: d.Key, Due: now}
	if g.Grant.Kind == disclosable.Preserve {
		next.Kind = casefile.DutyKeep
	}
	if g.Grant.Kind == disclosable.Notify {
		next.Kind = casefile.DutyTell
	}
	if g.Grant.Kind == disclosable.Trace {
		next.Kind = casefile.DutyTrace
	}
	if t := time.Unix(g.Grant.NotYet, 0); g.Grant.NotYet != 0 && t.After(now) {
		next.Due = t
	}
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KSignedOff, Grant: &g.Hash, Signed: p.Signed}, next, s.Files.Done(d)), nil
	})
	return err
}

// end ends a grant here first, then at the carrier.
func (s *Service) end(ctx context.Context, d casefile.Duty, g casefile.GrantState, how casefile.GrantPhase, why string) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		if now, ok := c.Grant(g.Hash); !ok || !pending(now) {
			return casefile.Nothing, nil
		}
		p := casefile.Plan{Events: []casefile.Event{{Kind: casefile.KGrantEnded, Grant: &g.Hash, Phase: how, Why: why}}, Stop: true}
		if how != casefile.GrantWithdrawn {
			p.Events = append(p.Events, casefile.Event{Kind: casefile.KAlarm, Alarm: "a grant ended: " + why})
		}
		return p, nil
	})
	if err != nil {
		return err
	}
	if err := s.takeBack(ctx, g); err != nil {
		return err
	}
	return s.finish(ctx, d)
}

// StashKey is where a release lies until it is packed.
func StashKey(h disclosable.Hash) string { return "release:" + h.String() }

// release redeems a grant when everything before it is done.
//
// Step 1: refuse on doubt: withdrawn, objected to, not told, too early.
// Step 2: record the intent. Step 3: redeem. Step 4: store the outcome.
//
// A crash before 3 repeats it. A crash between 3 and 4 cannot be mended: the
// grant works once, its records are gone, and two people sign a new one.
func (s *Service) release(ctx context.Context, d casefile.Duty) error {
	c, g, err := s.grantOf(ctx, d)
	if err != nil {
		return err
	}
	if g.Phase == casefile.GrantUsed || g.Phase.Dead() {
		return s.finish(ctx, d)
	}
	if g.Phase == casefile.GrantReady {
		if c.Withdrawn || upheld(c) {
			return s.sign(ctx, d) // ends the grant, here and at the carrier
		}
		if c.Objected() || c.SecondHolds() || c.Hindered() != nil {
			return nil // held for a person
		}
		if s.Files.Clock.Now().Unix() >= g.Grant.Expires {
			return s.end(ctx, d, g, casefile.GrantExpired, "the grant expired before its day came")
		}
		wait, err := s.notYet(ctx, c, g, d)
		if err != nil || wait {
			return err
		}
		_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
			return casefile.One(casefile.Event{Kind: casefile.KReleasing, Grant: &g.Hash}), nil
		})
		if err != nil {
			return err
		}
	}
	if g.IsList() {
		return s.draw(ctx, d, g)
	}
	r, err := s.redeem(ctx, c, g)
	if err == nil {
		return s.keep(ctx, d, g, r)
	}
	if !refusal(err) && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
		return err // the carrier is away or cannot record: try again
	}
	return s.refused(ctx, d, g, err)
}

// Again is how long the desk waits before it asks the carrier again for what
// it refused: each refusal is in the carrier's ledger.
const Again = 10 * time.Minute

// refused: a grant that is spent or over is lost; one that is not may have come
// a second too early by the carrier's clock, and is tried again later.
func (s *Service) refused(ctx context.Context, d casefile.Duty, g casefile.GrantState, cause error) error {
	p, err := s.Door.Proposal(ctx, g.Hash)
	now := s.Files.Clock.Now()
	switch {
	case fault.Is(err, fault.NotFound), err == nil && (p.Used || p.Withdrawn || p.Refused != ""), now.Unix() >= g.Grant.Expires:
		return s.lost(ctx, d, g, cause)
	case err != nil:
		return err
	}
	d.Due, d.Note = now.Add(Again), fault.Say(cause)
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Events: c.Alarm("the carrier refuses a signed grant: " + fault.Say(cause)), Duties: []casefile.Duty{d}, Stop: true}, nil
	})
	return err
}

// notYet holds a release until the person has been told for as long as the
// reviewers signed, and moves the duty to that moment.
func (s *Service) notYet(ctx context.Context, c casefile.Case, g casefile.GrantState, d casefile.Duty) (bool, error) {
	now := s.Files.Clock.Now()
	due := now
	if t := time.Unix(g.Grant.NotYet, 0); g.Grant.NotYet != 0 && t.After(due) {
		due = t
	}
	if g.Grant.Notice.Timing == disclosable.ToldBefore {
		told := c.LastTold(g)
		if told.IsZero() {
			return true, nil
		}
		lead := time.Duration(max(0, g.Grant.NotYet-g.Grant.Issued)) * time.Second
		if t := told.Add(lead); t.After(due) {
			due = t
		}
	}
	if !due.After(now) {
		return false, nil
	}
	d.Due = due
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Duties: []casefile.Duty{d}}, nil
	})
	return true, err
}

func (s *Service) lost(ctx context.Context, d casefile.Duty, g casefile.GrantState, cause error) error {
	why := "the carrier did not honour the grant: " + fault.Say(cause)
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}, Events: []casefile.Event{
			{Kind: casefile.KLost, Grant: &g.Hash, Why: why},
			{Kind: casefile.KAlarm, Alarm: "nothing was received under a signed grant; compose a new one"}}}, nil
	})
	return err
}

// keep stores what was released until it is packed. The records have left the
// carrier: that is recorded whether or not the ledger has room.
func (s *Service) keep(ctx context.Context, d casefile.Duty, g casefile.GrantState, r door.Release) error {
	body, err := disclosable.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep release: %w", err)
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}, Stash: []casefile.Stash{{Key: StashKey(g.Hash), Body: body}},
			Events: []casefile.Event{{Kind: casefile.KReleased, Grant: &g.Hash, Entry: r.Entry, Count: len(r.Records)}}}
		if c.Urgent() {
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyChase, Due: s.Files.Clock.Now().Add(casefile.Reminded)})
		}
		for _, o := range c.GrantsOf(disclosable.Produce) {
			if o.Hash != g.Hash && o.Phase != casefile.GrantUsed {
				return p, nil // the package waits for the others
			}
		}
		p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyPack, Due: s.Files.Clock.Now()})
		return p, nil
	})
	return err
}

// pack makes the answer's package, once the carrier's proofs are there.
func (s *Service) pack(ctx context.Context, d casefile.Duty) error {
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return err
	}
	switch {
	case len(c.Packages) > 0 && !c.Unpacked() && !c.ToJoin() || c.Withdrawn || c.Uncertified():
		return s.finish(ctx, d)
	case c.ToJoin():
		return s.join(ctx, d, c)
	}
	j, err := s.job(ctx, c)
	if fault.Is(err, fault.Unavailable) {
		return nil // the batch with the proof is not in the tree yet
	}
	if err != nil {
		return err
	}
	blobs := s.Files.Shelf(c.Number.Sealed()).Blobs
	pkg, made, err := s.write(ctx, blobs, j)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		p := s.leaves(d, pkg)
		if certified(j, made) {
			p = s.waits(d, pkg, made)
		}
		for _, r := range j.Releases {
			p.Stash = append(p.Stash, casefile.Stash{Key: StashKey(disclosable.GrantHash(r.Release.Grant.Grant))})
		}
		for _, l := range j.Lists {
			for seq := l.Grant.List.Packed + 1; seq <= l.Until; seq++ {
				p.Stash = append(p.Stash, casefile.Stash{Key: BatchKey(l.Grant.Hash, seq)})
			}
		}
		if text := made.Passphrase.Reveal(); text != "" {
			p.Stash = append(p.Stash, casefile.Stash{Key: casefile.PassphraseKey(pkg.ID), Body: []byte(text)})
		}
		return p, nil
	})
	if err != nil { // nobody will ever ask for these bytes
		return errors.Join(err, blobs.Remove(ctx, pkg.Sum))
	}
	return nil
}

// leaves is the plan for a package that can be collected from now on.
func (s *Service) leaves(d casefile.Duty, pkg casefile.Package) casefile.Plan {
	return casefile.One(casefile.Event{Kind: casefile.KPacked, Package: &pkg}, s.Files.Done(d),
		casefile.Duty{Kind: casefile.DutyDestroy, Key: string(pkg.ID), Due: pkg.Expires}, casefile.Duty{Kind: casefile.DutyWord, Key: string(pkg.ID), Due: s.Files.Clock.Now()})
}

func (s *Service) job(ctx context.Context, c casefile.Case) (Job, error) {
	row, err := s.row(c)
	if err != nil {
		return Job{}, err
	}
	now := s.Files.Clock.Now()
	j := Job{Case: c, Row: row, Package: casefile.PackageID(casefile.NewID()), Created: now, Collected: now, Expires: now.Add(PackageLife)}
	if j.Filed, err = s.Filed(ctx, c.Number); err != nil {
		return Job{}, err
	}
	for _, g := range c.GrantsOf(disclosable.Produce) {
		if g.IsList() {
			if err := s.list(ctx, c.Number, g, &j); err != nil {
				return Job{}, err
			}
			continue
		}
		if len(c.Packages) > 0 {
			continue // packed before: this package is of what counsel let go since
		}
		b, err := s.Files.Shelf(c.Number.Sealed()).Store.Stash(ctx, c.Number, StashKey(g.Hash))
		if err != nil {
			return Job{}, fmt.Errorf("read release: %w", err)
		}
		r := Released{Target: g.Target}
		if err := disclosable.Unmarshal(b, &r.Release); err != nil {
			return Job{}, fmt.Errorf("read release: %w", err)
		}
		if r.Proof, err = s.Door.Proof(ctx, r.Release.Entry); err != nil {
			return Job{}, err
		}
		j.Collected = r.Release.At
		j.Releases = append(j.Releases, r)
	}
	return j, nil
}

func (s *Service) write(ctx context.Context, blobs casefile.Blobs, j Job) (casefile.Package, Made, error) {
	var made Made
	sum, size, err := piped(ctx, blobs, func(w io.Writer) (err error) {
		made, err = s.Packer.Pack(ctx, w, j)
		return err
	})
	if err != nil {
		return casefile.Package{}, made, fmt.Errorf("make package: %w", err)
	}
	var served []casefile.Served
	for _, l := range j.Lists {
		served = append(served, casefile.Served{Grant: l.Grant.Hash, Seq: l.Until})
	}
	return casefile.Package{Served: served, ID: j.Package, Name: made.Name, Sum: sum, Size: size, Records: made.Records, SealedTo: made.SealedTo, Made: j.Created, Expires: j.Expires}, made, nil
}

// destroy removes our copy of a package when its time is over. It waits while
// the clock is in doubt: what is gone is gone.
func (s *Service) destroy(ctx context.Context, d casefile.Duty) error {
	if s.Guard.Held(ctx) {
		return nil
	}
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return err
	}
	for _, p := range c.Packages {
		if string(p.ID) != d.Key || !p.Destroyed.IsZero() {
			continue
		}
		if err := s.removeBlobs(ctx, c, p); err != nil {
			return err
		}
		_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
			return casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}, Stash: []casefile.Stash{{Key: casefile.PassphraseKey(p.ID)}},
				Events: []casefile.Event{{Kind: casefile.KDestroyed, PackageID: p.ID}}}, nil
		})
		return err
	}
	return s.finish(ctx, d)
}
