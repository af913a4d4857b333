package emergency

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// ToRead is what somebody of the agency reads before they sign.
type ToRead struct {
	Case casefile.Number
	As   casefile.Signer
	Text string
	Hash [32]byte // the challenge
	At   time.Time
	Keys [][]byte
	Done bool // signed already, as it stands
}

// Read is the text that an officer may sign, as of a moment. They see it if
// the request is theirs, or if they may be its supervisor.
func (s *Service) Read(ctx context.Context, who casefile.OfficerID, n casefile.Number, at time.Time) (ToRead, error) {
	o, c, as, err := s.signer(ctx, who, n)
	if err != nil {
		return ToRead{}, err
	}
	x := ToRead{Case: n, As: as, At: at.UTC().Truncate(time.Second)}
	x.Text = c.AttestationText(as, o.Name, x.At)
	x.Hash = casefile.AttestationHash(x.Text)
	for _, k := range o.Keys {
		x.Keys = append(x.Keys, k.ID)
	}
	x.Done = as == casefile.AsOfficer && c.Emergency.Attested != nil || as == casefile.AsSupervisor && c.Emergency.CoSigned != nil
	return x, nil
}

// signer finds as what an officer may sign. A case that is not theirs to sign
// does not exist for them.
func (s *Service) signer(ctx context.Context, who casefile.OfficerID, n casefile.Number) (Officer, casefile.Case, casefile.Signer, error) {
	o, err := s.Directory.Officer(ctx, who)
	if err != nil {
		return Officer{}, casefile.Case{}, "", err
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return Officer{}, casefile.Case{}, "", err
	}
	switch {
	case !c.Urgent() || c.Drill != nil || c.Demand.Officer == "":
		return Officer{}, casefile.Case{}, "", casefile.NoCase()
	case c.Demand.Officer == who:
		return o, c, casefile.AsOfficer, nil
	case !waitsFor(c, o):
		return Officer{}, casefile.Case{}, "", casefile.NoCase()
	}
	return o, c, casefile.AsSupervisor, s.Directory.MayCoSign(ctx, who)
}

// waitsFor: the request is of the officer's agency and names them, or nobody,
// as its supervisor.
func waitsFor(c casefile.Case, o Officer) bool {
	named := c.Demand.Emergency.CoSigner
	return c.Demand.Agency == o.Agency && c.Demand.Officer != o.ID && (named == "" || named == o.ID)
}

// Sign takes a passkey's answer over the text as of the moment it was shown.
func (s *Service) Sign(ctx context.Context, who casefile.OfficerID, n casefile.Number, shown time.Time, answer []byte) error {
	if err := casefile.StillShown(s.Files.Clock.Now(), shown); err != nil {
		return err
	}
	x, err := s.Read(ctx, who, n, shown)
	if err != nil {
		return err
	}
	if x.Done {
		return fault.New(fault.Conflict, "sign attestation", "this is signed already")
	}
	o, err := s.Directory.Officer(ctx, who)
	if err != nil {
		return err
	}
	sig, err := s.proven(ctx, o, x, answer)
	if err != nil {
		return err
	}
	out := casefile.Attestation{As: x.As, Officer: who, Name: o.Name, Text: x.Text, At: x.At, Signature: sig}
	c, err := s.Files.Act(ctx, n, casefile.Officer(who, o.Name), func(casefile.Case) (casefile.Plan, error) {
		return one(casefile.KAttested, "", casefile.UrgentAct{Attestation: &out}), nil
	})
	if err != nil {
		return err
	}
	if x.As == casefile.AsOfficer {
		s.askSupervisor(ctx, c)
	}
	return nil
}

// proven checks the answer with a key that is the officer's now.
func (s *Service) proven(ctx context.Context, o Officer, x ToRead, answer []byte) (passkey.Signature, error) {
	sig, k, err := s.Site.Signed(o.Keys, x.Hash, answer)
	if err != nil {
		return sig, err
	}
	return sig, s.Directory.KeyUsed(ctx, o.ID, k)
}

// askSupervisor tells the supervisor that something waits, or every colleague
// who may sign if nobody is named. A letter that does not leave holds nothing:
// the request stands in their list.
func (s *Service) askSupervisor(ctx context.Context, c casefile.Case) {
	all, err := s.Directory.Colleagues(ctx, c.Demand.Agency)
	if err != nil {
		s.Log.Warn("supervisors cannot be found", slog.Any("error", err))
		return
	}
	for _, o := range all {
		if !waitsFor(c, o) || s.Directory.MayCoSign(ctx, o.ID) != nil {
			continue
		}
		m := casefile.NewMail(o.Mailbox, "A signature of yours is needed at once",
			"A colleague has filed an emergency request, and it waits for your signature. Nothing is disclosed before you have read and signed it. Sign in here:\n\n%s\n\nIf you know of no emergency, sign nothing and call us.", s.Site.Origin+"/cosign")
		if err := s.Mail.Send(ctx, m); err != nil {
			s.Log.Warn("a supervisor was not told by mail", slog.Any("error", err))
		}
	}
}

// Waiting is a request in a supervisor's list.
type Waiting struct {
	Number  casefile.Number
	Officer string
	Filed   time.Time
}

// ToCoSign are the requests of the agency that wait for this officer's
// co-signature, the oldest first.
func (s *Service) ToCoSign(ctx context.Context, who casefile.OfficerID) ([]Waiting, error) {
	o, err := s.Directory.Officer(ctx, who)
	if err != nil {
		return nil, err
	}
	if s.Directory.MayCoSign(ctx, who) != nil {
		return nil, nil
	}
	heads, err := s.Files.Public.Store.Queue(ctx, casefile.Filter{Agency: o.Agency, Lane: casefile.LaneEmergency, Open: true, Limit: 500})
	if err != nil {
		return nil, err
	}
	var out []Waiting
	for _, h := range heads {
		c, err := s.Files.Load(ctx, h.Number)
		if err != nil {
			return nil, err
		}
		if c.Drill == nil && waitsFor(c, o) && c.Emergency.Attested != nil && c.Emergency.CoSigned == nil {
			out = append(out, Waiting{h.Number, c.Demand.OfficerName, c.Filed})
		}
	}
	slices.SortFunc(out, func(a, b Waiting) int { return a.Filed.Compare(b.Filed) })
	return out, nil
}
