package intake

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

func sortFiled(h []casefile.Head) {
	slices.SortFunc(h, func(a, b casefile.Head) int { return b.Filed.Compare(a.Filed) })
}

// Collect hands out a package. The officer it was made for collects it; a
// package for a paper that no enrolled officer filed is collected by a member
// and sent the way the paper came. Each download is recorded before the first
// byte, and how far it came when it is closed.
func (s *Service) Collect(ctx context.Context, by casefile.Actor, n casefile.Number, id casefile.PackageID) (io.ReadCloser, casefile.Package, error) {
	p, err := s.Collectable(ctx, by, n, id)
	if err != nil {
		return nil, casefile.Package{}, err
	}
	r, err := s.CollectPart(ctx, by, n, p, casefile.Part{Size: p.Size})
	return r, p, err
}

// Collectable is a package that may be collected now; nothing is handed out.
func (s *Service) Collectable(ctx context.Context, by casefile.Actor, n casefile.Number, id casefile.PackageID) (casefile.Package, error) {
	c, err := s.may(ctx, by, n, casefile.ShareDownload)
	if err != nil {
		return casefile.Package{}, err
	}
	return s.collectable(ctx, by, c, id)
}

// CollectPart hands out a piece of a package, for a download that goes on where
// it broke off. Who may collect it is asked again for each piece.
func (s *Service) CollectPart(ctx context.Context, by casefile.Actor, n casefile.Number, p casefile.Package, part casefile.Part) (io.ReadCloser, error) {
	p, err := s.Collectable(ctx, by, n, p.ID)
	if err != nil {
		return nil, err
	}
	if part.From < 0 || part.Size < 0 || part.From+part.Size > p.Size {
		return nil, fault.New(fault.Invalid, "collect package", "the package has no such piece")
	}
	r, err := s.Files.Shelf(n.Sealed()).Blobs.Open(ctx, p.Sum)
	if err != nil {
		return nil, err
	}
	// What lies before is read too: so the hash of the whole is checked by a
	// piece that goes to the end.
	if _, err = io.CopyN(io.Discard, r, part.From); err == nil {
		_, err = s.Files.Act(ctx, n, by, func(c casefile.Case) (casefile.Plan, error) {
			now, err := s.collectable(ctx, by, c, p.ID)
			if err == nil {
				err = now.TooManyParts(by, part.From)
			}
			return casefile.One(casefile.Event{Kind: casefile.KDownloaded, PackageID: p.ID, Part: &part}), err
		})
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return &handing{r: r, ctx: context.WithoutCancel(ctx), s: s, by: by, n: n, id: p.ID, part: part, whole: p.Size}, nil
}

// handing is a package on its way to who collects it. It knows how much of it
// was taken, which is recorded in the end whether or not the ledger has room.
type handing struct {
	r     io.ReadCloser
	ctx   context.Context
	s     *Service
	by    casefile.Actor
	n     casefile.Number
	id    casefile.PackageID
	part  casefile.Part
	whole int64
	sent  int64
}

// Read gives the piece; at the end of the whole file, the file must have been whole.
func (h *handing) Read(b []byte) (int, error) {
	n, err := h.next(b)
	h.sent += int64(n)
	return n, err
}

func (h *handing) next(b []byte) (int, error) {
	left := h.part.Size - h.sent
	if left == 0 {
		if h.part.From+h.part.Size == h.whole {
			return h.r.Read(make([]byte, 1)) // the end, or that the file is damaged
		}
		return 0, io.EOF
	}
	n, err := h.r.Read(b[:min(int64(len(b)), left)])
	if err == io.EOF && int64(n) < left {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// WriteTo counts what the other side took, not what was read for it.
func (h *handing) WriteTo(w io.Writer) (total int64, err error) {
	b := make([]byte, 64<<10)
	for {
		n, end := h.next(b)
		m, err := w.Write(b[:n])
		h.sent, total = h.sent+int64(m), total+int64(m)
		switch {
		case err != nil:
			return total, err
		case end == io.EOF:
			return total, nil
		case end != nil:
			return total, end
		}
	}
}

// Close records how far it came.
func (h *handing) Close() error {
	part := casefile.Part{From: h.part.From, Size: h.sent}
	_, err := h.s.Files.Act(h.ctx, h.n, h.by, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stop: true, Events: []casefile.Event{{Kind: casefile.KSent, PackageID: h.id, Part: &part}}}, nil
	})
	return errors.Join(err, h.r.Close())
}

func (s *Service) collectable(ctx context.Context, by casefile.Actor, c casefile.Case, id casefile.PackageID) (casefile.Package, error) {
	if by.MemberID() != "" {
		if _, err := s.Team.May(ctx, by.MemberID(), casefile.HandPackages, c.Number); err != nil {
			return casefile.Package{}, err
		}
	}
	if by.MemberID() != "" && c.Demand.Officer != "" {
		return casefile.Package{}, fault.New(fault.Forbidden, "collect package", "this package is sealed to the officer, and only they collect it")
	}
	if err := held(c, s.Files.Clock.Now()); err != nil {
		return casefile.Package{}, err
	}
	i := slices.IndexFunc(c.Packages, func(p casefile.Package) bool { return p.ID == id })
	if i < 0 {
		return casefile.Package{}, fault.New(fault.NotFound, "collect package", "there is no such package")
	}
	if !c.Packages[i].There(s.Files.Clock.Now()) {
		return casefile.Package{}, fault.New(fault.Expired, "collect package", "the time to download this package is over and our copy is gone; ask us if you need it again")
	}
	return c.Packages[i], nil
}

// held refuses to hand out a package whose sender may have been somebody else,
// or against which something was found after it was made. What that is, the
// team's page says.
func held(c casefile.Case, now time.Time) error {
	switch {
	case c.OnHold():
		return fault.New(fault.Forbidden, "collect package", "this package is held while the request is looked at again; call the response team")
	case c.PackageHeld(now) != nil:
		return fault.New(fault.Forbidden, "collect package", "this package is held: something came up after it was made, and it is not handed out until the response team has settled it; call them if it is urgent")
	}
	return nil
}

// Passphrase shows a package's passphrase, once, to whoever may collect it.
func (s *Service) Passphrase(ctx context.Context, by casefile.Actor, n casefile.Number, id casefile.PackageID) (casefile.Secret, error) {
	c, err := s.mine(ctx, by, n)
	if err != nil {
		return casefile.Secret{}, err
	}
	if _, err := s.collectable(ctx, by, c, id); err != nil {
		return casefile.Secret{}, err
	}
	if by.OfficerID() != c.Demand.Officer {
		return casefile.Secret{}, fault.New(fault.Forbidden, "show passphrase", "it is shown once, and to the officer whose request it is")
	}
	var secret casefile.Secret
	_, err = s.Files.Act(ctx, n, by, func(casefile.Case) (casefile.Plan, error) {
		b, err := s.Files.Shelf(n.Sealed()).Store.Stash(ctx, n, casefile.PassphraseKey(id))
		if fault.Is(err, fault.NotFound) {
			return casefile.Nothing, fault.New(fault.Expired, "show passphrase", "the passphrase was shown already and is kept nowhere; ask us to seal the package anew")
		}
		if err != nil {
			return casefile.Nothing, err
		}
		secret = casefile.NewSecret(string(b))
		p := casefile.One(casefile.Event{Kind: casefile.KNote, Why: "the package's passphrase was shown, once"})
		p.Stash = []casefile.Stash{{Key: casefile.PassphraseKey(id)}}
		return p, nil
	})
	if err != nil {
		return casefile.Secret{}, err
	}
	return secret, nil
}
