package room

import (
	"context"
	"fmt"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/transparency/room"
)

// set puts the papers of a publication onto its sheet. The same plan comes out
// as the same bytes.
func (s *Service) set(ctx context.Context, c casefile.Case, x casefile.RoomIssue) (room.Sum, error) {
	row, err := s.row(c)
	if err != nil {
		return room.Sum{}, err
	}
	sheet, err := s.Press.Begin(room.ID(x.ID))
	if err != nil {
		return room.Sum{}, err
	}
	m := room.Manifest{ID: room.ID(x.ID), Published: room.DayOf(x.At), ProcessID: string(row.ID), Process: row.Name,
		Place: s.Law.PlaceName(c.Demand.Jurisdiction), Objected: x.Plan.Objected()}
	if x.Plan.Agency {
		m.Agency = s.known(c).without(c.Demand.AgencyName)
	}
	for i, choice := range x.Plan.Choices {
		if !choice.Publish {
			continue
		}
		p := room.Paper{Title: s.Title(c, choice)}
		if choice.Attached {
			err = s.pages(ctx, sheet, c, i, choice, &p)
		} else {
			err = s.text(sheet, c, x.Plan, choice.Paper, &p)
		}
		if err != nil {
			return room.Sum{}, err
		}
		m.Papers = append(m.Papers, p)
	}
	return sheet.Bind(m)
}

func (s *Service) text(sheet *room.Sheet, c casefile.Case, plan casefile.RoomPlan, paper string, p *room.Paper) error {
	row, err := s.row(c)
	if err != nil {
		return err
	}
	text, err := s.Text(c, row, plan, paper)
	if err != nil {
		return err
	}
	p.Text = paper + ".txt"
	return sheet.Lay(p.Text, []byte(text))
}

func (s *Service) pages(ctx context.Context, sheet *room.Sheet, c casefile.Case, at int, choice casefile.RoomChoice, p *room.Paper) error {
	paper, ok := c.Paper(casefile.PaperID(choice.Paper))
	if !ok {
		return noPaper()
	}
	p.Total = paper.Pages
	for _, page := range choice.Kept() {
		png, err := s.drawn(ctx, paper, page.Page, page.Boxes)
		if err != nil {
			return fault.Wrap(fault.Unavailable, "publish papers", err, "page %d of “%s” cannot be drawn: withdraw the publication and withhold it", page.Page, s.Title(c, choice))
		}
		x := room.Page{Number: page.Page, File: fmt.Sprintf("paper-%02d-page-%04d.png", at, page.Page), Boxes: len(page.Boxes)}
		if err := sheet.Lay(x.File, png); err != nil {
			return err
		}
		x.Words = strings.TrimSuffix(x.File, ".png") + ".txt"
		if err := sheet.Lay(x.Words, []byte(page.Words+"\n")); err != nil {
			return err
		}
		p.Shown = append(p.Shown, x)
	}
	return nil
}
