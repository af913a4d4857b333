package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// AddPaper puts a PDF with a draft. What says which particular it is, such as
// "order"; it may be empty.
func (s *Service) AddPaper(ctx context.Context, by casefile.Actor, id casefile.DraftID, name, what string, r io.Reader) (casefile.Paper, error) {
	d, shelf, err := s.draft(ctx, by, id)
	if err != nil {
		return casefile.Paper{}, err
	}
	if len(d.Demand.Papers) >= casefile.MaxPapers {
		return casefile.Paper{}, fault.New(fault.Exhausted, "add paper", "a request carries at most %d papers", casefile.MaxPapers)
	}
	p, err := s.take(ctx, shelf, by, name, what, r)
	if err != nil {
		return casefile.Paper{}, err
	}
	if slices.ContainsFunc(d.Demand.Papers, func(o casefile.Paper) bool { return o.Sum == p.Sum }) {
		return casefile.Paper{}, fault.New(fault.Conflict, "add paper", "this very file is with the request already")
	}
	d.Demand.Papers, d.Touched = append(slices.Clone(d.Demand.Papers), p), s.Files.Clock.Now()
	return p, shelf.Store.SaveDraft(ctx, d)
}

// RemovePaper takes a paper off a draft.
func (s *Service) RemovePaper(ctx context.Context, by casefile.Actor, id casefile.DraftID, paper casefile.PaperID) error {
	d, shelf, err := s.draft(ctx, by, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.Demand.Papers, func(p casefile.Paper) bool { return p.ID == paper })
	if i < 0 {
		return fault.New(fault.NotFound, "remove paper", "there is no such paper")
	}
	gone := d.Demand.Papers[i]
	d.Demand.Papers = slices.Delete(slices.Clone(d.Demand.Papers), i, i+1)
	if err := shelf.Store.SaveDraft(ctx, d); err != nil {
		return err
	}
	return dropBlobs(ctx, shelf, []casefile.Paper{gone})
}

// PaperDrafts are the papers that a member has begun to enter, the latest first.
func (s *Service) PaperDrafts(ctx context.Context, by casefile.MemberID) ([]casefile.Draft, error) {
	if _, err := s.Team.May(ctx, by, casefile.EnterPapers, ""); err != nil {
		return nil, err
	}
	may, err := s.Team.MaySeal(ctx, by)
	if err != nil {
		return nil, err
	}
	var out []casefile.Draft
	for i, shelf := range s.Files.Shelves() {
		if i > 0 && !may {
			break
		}
		all, err := shelf.Store.Drafts(ctx, "")
		if err != nil {
			return nil, err
		}
		for _, d := range all {
			if d.Owner.MemberID() == by {
				out = append(out, d)
			}
		}
	}
	return out, nil
}

// AddCasePaper adds a paper to a filed case: a renewal of the secrecy, the
// legal process that an emergency promised, a better copy. It is unread, and
// so holds the case's notice until somebody of the team has read it.
func (s *Service) AddCasePaper(ctx context.Context, by casefile.Actor, n casefile.Number, name, what string, r io.Reader) (casefile.Paper, error) {
	c, err := s.may(ctx, by, n, casefile.ShareCorrect)
	if err != nil {
		return casefile.Paper{}, err
	}
	if len(c.Demand.Papers) >= casefile.MaxPapers {
		return casefile.Paper{}, fault.New(fault.Exhausted, "add paper", "a request carries at most %d papers", casefile.MaxPapers)
	}
	p, err := s.take(ctx, s.Files.Shelf(n.Sealed()), by, name, what, r)
	if err != nil {
		return casefile.Paper{}, err
	}
	_, err = s.Files.Act(ctx, n, by, func(casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KPaperAdded, Paper: &p}), nil
	})
	return p, err
}

// take reads a file, has it checked, and only then keeps it: one that does not
// pass never reaches the disk.
func (s *Service) take(ctx context.Context, shelf casefile.Shelf, by casefile.Actor, name, what string, r io.Reader) (casefile.Paper, error) {
	b, err := io.ReadAll(io.LimitReader(r, casefile.MaxPaper+1))
	if err != nil {
		return casefile.Paper{}, fmt.Errorf("receive paper: %w", err)
	}
	if len(b) > casefile.MaxPaper {
		return casefile.Paper{}, fault.New(fault.TooLarge, "take paper", "the file is over %d MiB; split it or make it smaller", casefile.MaxPaper>>20)
	}
	if err := s.scan(ctx, shelf, by, b); err != nil {
		return casefile.Paper{}, err
	}
	seen, err := s.Inspector.Inspect(ctx, b)
	if err != nil {
		return casefile.Paper{}, err
	}
	sum, size, err := shelf.Blobs.Put(ctx, bytes.NewReader(b), casefile.MaxPaper)
	if err != nil {
		return casefile.Paper{}, err
	}
	return casefile.Paper{ID: casefile.PaperID(casefile.NewID()), Name: fileName(name), Sum: sum, Size: size, Type: "application/pdf", At: s.Files.Clock.Now(), What: what, Looked: seen}, nil
}

// scan asks the malware scanner, if there is one. What it finds is refused and
// recorded by its hash; what it cannot check is refused too.
func (s *Service) scan(ctx context.Context, shelf casefile.Shelf, by casefile.Actor, b []byte) error {
	if s.Scanner == nil {
		return nil
	}
	found, err := s.Scanner.Scan(ctx, b)
	if err != nil || found == "" {
		return err
	}
	acts := s.Acts
	acts.Sealed = shelf == s.Files.Sealed // of a sealed matter nothing is in the public ledger
	acts.Journal("paper.malware", by, fmt.Sprintf("%x", sha256.Sum256(b)), found, nil)
	return fault.New(fault.Invalid, "scan paper", "the malware scanner found %s in this file, and it was not kept; have your computer checked, and send the paper as a new scan from another one", found)
}

// fileName is a name that can be shown and saved anywhere.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`/:*?"<>|`, r) {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 80 {
		name = string(runes[:76]) + ".pdf"
	}
	if name == "" || name == "." || name == ".." {
		return "paper.pdf"
	}
	return name
}
