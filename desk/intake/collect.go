package intake

import (
	"context"
	"io"
	"slices"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

func sortFiled(h []casefile.Head) {
	slices.SortFunc(h, func(a, b casefile.Head) int { return b.Filed.Compare(a.Filed) })
}

// Collect hands out a package. The officer it was made for collects it; a
// package for a paper that no enrolled officer filed is collected by a member
// and sent the way the paper came. Each download is recorded before the first
// byte.
func (s *Service) Collect(ctx context.Context, by casefile.Actor, n casefile.Number, id casefile.PackageID) (io.ReadCloser, casefile.Package, error) {
	c, err := s.may(ctx, by, n, casefile.ShareDownload)
	if err != nil {
		return nil, casefile.Package{}, err
	}
	p, err := s.collectable(ctx, by, c, id)
	if err != nil {
		return nil, casefile.Package{}, err
	}
	r, err := s.Files.Shelf(n.Sealed()).Blobs.Open(ctx, p.Sum)
	if err != nil {
		return nil, casefile.Package{}, err
	}
	_, err = s.Files.Act(ctx, n, by, func(casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KDownloaded, PackageID: id}), nil
	})
	if err != nil {
		r.Close()
		return nil, casefile.Package{}, err
	}
	return r, p, nil
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
	if c.OnHold() {
		return casefile.Package{}, fault.New(fault.Forbidden, "collect package", "this package is held while the request is looked at again; call the response team")
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
