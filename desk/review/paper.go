package review

import (
	"context"
	"fmt"
	"io"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Pictures draws a page of a PDF, from 1, as PNG. The team sees papers in no
// other form.
type Pictures interface {
	Page(ctx context.Context, pdf io.Reader, page int, z casefile.Zoom) ([]byte, error)
}

// Mark writes a line across the picture of a page.
type Mark func(png []byte, line string) ([]byte, error)

// outside reports outside counsel: what they see carries their name.
func (s *Service) outside(ctx context.Context, by casefile.MemberID) (casefile.Actor, bool) {
	me, err := s.Team.May(ctx, by, casefile.SeeLent, "")
	return me, err == nil
}

// ReadPaper records that a member reads a paper, once for each of them; its
// pages may then be shown to them.
func (s *Service) ReadPaper(ctx context.Context, by casefile.MemberID, n casefile.Number, id casefile.PaperID) (casefile.Paper, error) {
	me, err := s.Team.May(ctx, by, casefile.ReadPapers, n)
	if err != nil {
		return casefile.Paper{}, err
	}
	var p casefile.Paper
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		var ok bool
		if p, ok = c.Paper(id); !ok {
			return casefile.Nothing, noPaper()
		}
		if c.ReadBy(id, by) {
			return casefile.Nothing, nil
		}
		e := casefile.Event{Kind: casefile.KPaperRead, PaperID: id}
		if _, out := s.outside(ctx, by); out {
			e.Role = casefile.ReadOutside
		}
		return casefile.One(e), nil
	})
	return p, err
}

func noPaper() error { return fault.New(fault.NotFound, "read paper", "there is no such paper") }

// OpenPaper is a paper that a member may see the pages of, and whether their
// reading is on record: before that no page is shown.
func (s *Service) OpenPaper(ctx context.Context, by casefile.MemberID, n casefile.Number, id casefile.PaperID) (casefile.Paper, bool, error) {
	if _, err := s.Team.May(ctx, by, casefile.ReadPapers, n); err != nil {
		return casefile.Paper{}, false, err
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return casefile.Paper{}, false, err
	}
	p, ok := c.Paper(id)
	if !ok {
		return casefile.Paper{}, false, noPaper()
	}
	return p, c.ReadBy(id, by), nil
}

// PaperPage is the picture of one page, drawn anew each time and kept nowhere.
func (s *Service) PaperPage(ctx context.Context, by casefile.MemberID, n casefile.Number, id casefile.PaperID, page int, z casefile.Zoom) ([]byte, error) {
	p, read, err := s.OpenPaper(ctx, by, n, id)
	if err != nil {
		return nil, err
	}
	if !read {
		return nil, fault.New(fault.Conflict, "show page", "open the paper with its “Read” button first: that somebody reads it is recorded")
	}
	if page < 1 || page > p.Pages {
		return nil, fault.New(fault.NotFound, "show page", "the paper has no such page")
	}
	r, err := s.Files.Shelf(n.Sealed()).Blobs.Open(ctx, p.Sum)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	picture, err := s.Pictures.Page(ctx, r, page, z)
	if me, out := s.outside(ctx, by); err == nil && out {
		if s.Mark == nil {
			return nil, forbidden("a page without a watermark is not shown outside")
		}
		return s.Mark(picture, fmt.Sprintf("%s (%.8s), %s, %s", me.Name, me.ID, n, s.Files.Clock.Now().UTC().Format("2 January 2006, 15:04 UTC")))
	}
	return picture, err
}
