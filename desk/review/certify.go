package review

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/law"
)

// Certifier writes what a custodian signs, and puts it around the package.
type Certifier interface {
	// Text is what a custodian of this name certifies at this moment, and the
	// challenge that their passkey signs.
	Text(statement []byte, name string, at time.Time) (text string, challenge [32]byte, err error)
	// Enrolled sees to it that the custodians' passkeys are in the ledger.
	Enrolled(ctx context.Context) error
	// Certify writes the package with its certificate, closed to whom it is for.
	Certify(ctx context.Context, w io.Writer, s casefile.Sealing, c casefile.Certificate, passphrase casefile.Secret, sealed func(io.Writer) error) error
}

// CertifyWithin is how long a sealed package waits for a custodian before the
// team is alarmed, and again each time.
const CertifyWithin = 24 * time.Hour

// Certified reports a package that leaves only with a certificate if it holds
// records.
func (j Job) Certified() bool {
	return j.Row.Certified() && j.Batch == nil && !j.Case.Number.Sealed() && len(j.Releases)+len(j.Lists) > 0
}

func certified(j Job, made Made) bool { return j.Certified() && made.Records > 0 }

// waits is the plan for a package that is sealed and has to be certified. The
// records themselves are gone with it.
func (s *Service) waits(d casefile.Duty, pkg casefile.Package, made Made) casefile.Plan {
	return casefile.One(casefile.Event{Kind: casefile.KSealedUp, Certify: &casefile.CertifyAct{Sealing: &casefile.Sealing{Package: pkg, Statement: made.Statement}}},
		s.Files.Done(d), casefile.Duty{Kind: casefile.DutyCertify, Due: pkg.Made.Add(CertifyWithin)})
}

// Uncertified is a package in a custodian's list.
type Uncertified struct {
	Number  casefile.Number
	Package casefile.Package
	Agency  string
	Process law.ProcessID
}

// ToCertify are the packages that wait for a custodian, the oldest first.
func (s *Service) ToCertify(ctx context.Context, by casefile.MemberID) ([]Uncertified, error) {
	if _, err := s.Team.May(ctx, by, casefile.Certify, ""); err != nil {
		return nil, err
	}
	waiting, err := s.Files.Public.Store.Waiting(ctx, casefile.DutyCertify, "", 500)
	if err != nil {
		return nil, fmt.Errorf("find packages to certify: %w", err)
	}
	var out []Uncertified
	for _, d := range waiting {
		c, err := s.Files.Load(ctx, d.Case)
		if err != nil {
			return nil, err
		}
		if c.Uncertified() {
			out = append(out, Uncertified{c.Number, c.Sealing.Package, c.Demand.AgencyName, c.Demand.Process})
		}
	}
	slices.SortFunc(out, func(a, b Uncertified) int { return a.Package.Made.Compare(b.Package.Made) })
	return out, nil
}

// ToSign is what a custodian reads before they sign.
type ToSign struct {
	Uncertified
	Text string
	Hash [32]byte // the challenge
	At   time.Time
	Keys []passkey.Key
	By   casefile.Actor
}

// ReadCertificate is the text that a custodian may sign, as of a moment.
func (s *Service) ReadCertificate(ctx context.Context, by casefile.MemberID, n casefile.Number, at time.Time) (ToSign, error) {
	if _, err := s.Team.May(ctx, by, casefile.Certify, ""); err != nil {
		return ToSign{}, err
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return ToSign{}, err
	}
	if !c.Uncertified() {
		return ToSign{}, casefile.NoCase() // to a custodian a case is nothing but its certificate
	}
	x := ToSign{Uncertified: Uncertified{n, c.Sealing.Package, c.Demand.AgencyName, c.Demand.Process}, At: at.UTC().Truncate(time.Second)}
	if x.By, x.Keys, err = s.Team.MayCertify(ctx, by, c); err != nil {
		return ToSign{}, err
	}
	if err := s.Certifier.Enrolled(ctx); err != nil { // before anything is signed with one
		return ToSign{}, fault.Wrap(fault.Unavailable, "certify", err, "the ledger cannot be written, and without a record nothing is signed; try again later")
	}
	x.Text, x.Hash, err = s.Certifier.Text(c.Sealing.Statement, x.By.Name, x.At)
	return x, err
}

// Certify takes a passkey's answer over the text as of the moment it was shown.
// The package goes out with it.
func (s *Service) Certify(ctx context.Context, by casefile.MemberID, n casefile.Number, shown time.Time, answer []byte) error {
	now := s.Files.Clock.Now()
	if err := casefile.StillShown(now, shown); err != nil {
		return err
	}
	x, err := s.ReadCertificate(ctx, by, n, shown)
	if err != nil {
		return err
	}
	sig, k, err := s.Site.Signed(x.Keys, x.Hash, answer)
	if err != nil {
		return err
	}
	if err := s.Team.KeyUsed(ctx, by, k); err != nil {
		return err
	}
	out := casefile.Certificate{Package: x.Package.ID, Member: by, Name: x.By.Name, Text: x.Text, Hash: x.Hash, At: x.At, Signature: sig}
	_, err = s.Files.Act(ctx, n, x.By, func(casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KCertified, Certify: &casefile.CertifyAct{Certificate: &out}}, casefile.Duty{Kind: casefile.DutyPack, Due: now}), nil
	})
	return err
}

// join puts the certificate around the sealed package, which then leaves.
func (s *Service) join(ctx context.Context, d casefile.Duty, c casefile.Case) error {
	shelf := s.Files.Shelf(c.Number.Sealed())
	pkg, pass := c.Sealing.Package, casefile.Secret{}
	if b, err := shelf.Store.Stash(ctx, c.Number, casefile.PassphraseKey(pkg.ID)); err == nil {
		pass = casefile.NewSecret(string(b))
	} else if !fault.Is(err, fault.NotFound) {
		return fmt.Errorf("read passphrase: %w", err)
	}
	sealed := func(w io.Writer) error {
		in, err := shelf.Blobs.Open(ctx, pkg.Sum)
		if err != nil {
			return err
		}
		defer in.Close()
		_, err = io.Copy(w, in)
		return err
	}
	sum, size, err := piped(ctx, shelf.Blobs, func(w io.Writer) error { return s.Certifier.Certify(ctx, w, *c.Sealing, *c.Certificate, pass, sealed) })
	if fault.Is(err, fault.Unavailable) {
		return nil // the record of the custodian's passkey is not in the tree yet
	}
	if err != nil {
		return fmt.Errorf("certify package: %w", err)
	}
	pkg.Sum, pkg.Size = sum, size
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		p := s.leaves(d, pkg)
		p.Duties = append(p.Duties, s.certifyDone(ctx, c.Number)...)
		if c.MoreThan(pkg) { // came while the certificate was waited for
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyPack, Due: s.Files.Clock.Now()})
		}
		return p, nil
	})
	if err != nil {
		return err // tried again: the same certificate, sealed anew
	}
	return shelf.Blobs.Remove(ctx, c.Sealing.Package.Sum)
}

// piped keeps what write writes.
func piped(ctx context.Context, blobs casefile.Blobs, write func(io.Writer) error) (casefile.Sum, int64, error) {
	r, w := io.Pipe()
	var wrong error
	done := make(chan struct{})
	go func() {
		defer close(done)
		wrong = write(w)
		w.CloseWithError(wrong)
	}()
	sum, size, err := blobs.Put(ctx, r, MaxPackage)
	r.CloseWithError(err)
	<-done
	if wrong != nil {
		err = wrong
	}
	return sum, size, err
}

// certifyDone ends the watch over the signature.
func (s *Service) certifyDone(ctx context.Context, n casefile.Number) []casefile.Duty {
	all, err := s.Files.Shelf(n.Sealed()).Store.DutiesOf(ctx, n)
	if err != nil {
		return nil // it ends by itself when it is due
	}
	var out []casefile.Duty
	for _, d := range all {
		if d.Kind == casefile.DutyCertify && d.Done.IsZero() {
			out = append(out, s.Files.Done(d))
		}
	}
	return out
}

// removeBlobs removes a package's bytes, and what of it waited for its
// certificate.
func (s *Service) removeBlobs(ctx context.Context, c casefile.Case, p casefile.Package) error {
	blobs := s.Files.Shelf(c.Number.Sealed()).Blobs
	for _, x := range c.SealedFor(p.ID) {
		if err := blobs.Remove(ctx, x.Package.Sum); err != nil {
			return err
		}
	}
	return blobs.Remove(ctx, p.Sum)
}

// uncertified looks after a package that waits: it alarms the team every day,
// and at the package's end destroys what nobody certified.
func (s *Service) uncertified(ctx context.Context, d casefile.Duty) error {
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return err
	}
	now := s.Files.Clock.Now()
	switch {
	case !c.Uncertified():
		return s.finish(ctx, d)
	case now.Before(c.Sealing.Package.Expires):
		d.Due = now.Add(CertifyWithin)
		_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
			return casefile.Plan{Events: c.Alarm("the package waits for a custodian's certificate"), Duties: []casefile.Duty{d}, Stop: true}, nil
		})
		return err
	case s.Guard.Held(ctx):
		return nil
	}
	if err := s.removeBlobs(ctx, c, c.Sealing.Package); err != nil {
		return err
	}
	return s.gaveUp(ctx, d, c)
}

// gaveUp records that a package was destroyed. Of a list that had only begun,
// nothing more is asked for under the same signatures, unless some of it left.
func (s *Service) gaveUp(ctx context.Context, d casefile.Duty, c casefile.Case) error {
	pkg, first := c.Sealing.Package, len(c.Packages) == 0
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		if !c.Uncertified() {
			return casefile.Nothing, nil
		}
		p := casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}, Stash: []casefile.Stash{{Key: casefile.PassphraseKey(pkg.ID)}},
			Events: []casefile.Event{{Kind: casefile.KUncertified, Why: "no custodian certified the package before its end"}}}
		if first {
			p.Events = append(p.Events, casefile.Event{Kind: casefile.KAlarm, Alarm: "a package was destroyed because nobody certified it: its records need new grants"})
			p.Stash = append(p.Stash, stashesOf(c)...)
			for _, g := range c.GrantsOf(disclosable.Produce) {
				if g.Begun() { // it ends at the carrier too
					p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutySign, Key: g.Hash.String(), Due: s.Files.Clock.Now()})
				}
			}
			return p, nil
		}
		p.Events = append(p.Events, casefile.Event{Kind: casefile.KAlarm, Alarm: "a later package was destroyed because nobody certified it: what was in it needs a request of its own"})
		if c.MoreThan(pkg) {
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyPack, Due: s.Files.Clock.Now()})
		}
		return p, nil
	})
	return err
}

// stashesOf is all that a case keeps of its lists.
func stashesOf(c casefile.Case) (out []casefile.Stash) {
	for _, g := range c.GrantsOf(disclosable.Produce) {
		if !g.IsList() {
			continue
		}
		out = append(out, casefile.Stash{Key: halfKey(g.Hash)}, casefile.Stash{Key: nextKey(g.Hash)})
		for seq := g.List.Packed + 1; seq <= g.List.Seq; seq++ {
			out = append(out, casefile.Stash{Key: BatchKey(g.Hash, seq)})
		}
	}
	return out
}
