package pdf

import "fmt"

// Column is a column of a table.
type Column struct {
	Title string
	Share float64 // of the width; the shares of all columns make 1
	Style Style
}

const (
	cellSide = 4.5
	cellTop  = 3
)

var titleStyle = Style{Cut: SansBold, Size: 8}

// Cell is a cell's text, in parts that begin on a line of their own.
type Cell []Part

// Part is a text and its language; empty, the document's.
type Part struct{ Text, Language string }

// Table sets a table with a head that is repeated on each page. The first cell
// of a row is the row's own head.
func (d *Document) Table(columns []Column, rows [][]string) {
	out := make([][]Cell, len(rows))
	for i, r := range rows {
		out[i] = cellsOf(r)
	}
	d.Cells(columns, out)
}

func cellsOf(texts []string) []Cell {
	out := make([]Cell, len(texts))
	for i, s := range texts {
		out[i] = Cell{{Text: s}}
	}
	return out
}

// Cells is Table for cells that are not all in the document's language.
func (d *Document) Cells(columns []Column, rows [][]Cell) {
	table := d.tree.child("Table")
	head := make([]string, len(columns))
	titles := make([]Column, len(columns))
	for i, c := range columns {
		head[i] = c.Title
		titles[i] = Column{Share: c.Share, Style: titleStyle}
	}
	if !d.check(head...) {
		return
	}
	d.need(70)
	d.row(table.child("TR"), titles, head, rowHead)
	for _, r := range rows {
		if !d.checkCells(r) {
			return
		}
		cells := d.cells(table.child("TR"), columns, r, rowBody)
		high := tallest(cells)
		if d.left() < min(high, 8*14) && d.left() < d.settings.Paper.Height/2 {
			d.breakPage()
			d.repeat(titles, head)
		}
		for !d.cellsOnPage(cells, rowBody) {
			d.breakPage()
			d.repeat(titles, head)
		}
	}
	d.Space(10)
}

func (d *Document) checkCells(r []Cell) bool {
	for _, c := range r {
		for _, p := range c {
			if !d.check(p.Text) {
				return false
			}
		}
	}
	return true
}

// Facts sets names and what they stand for, without lines: the head of a letter.
func (d *Document) Facts(share float64, name, value Style, rows [][2]string) {
	table := d.tree.child("Table")
	columns := []Column{{Share: share, Style: name}, {Share: 1 - share, Style: value}}
	for _, r := range rows {
		if !d.check(r[:]...) {
			return
		}
		cells := d.cells(table.child("TR"), columns, cellsOf(r[:]), rowFact)
		d.need(min(tallest(cells), 60))
		for !d.cellsOnPage(cells, rowFact) {
			d.breakPage()
		}
	}
	d.Space(6)
}

// rowKind is how a row looks and what it is to a reader.
type rowKind uint8

const (
	rowHead rowKind = iota
	rowBody
	rowFact
)

// pads of a cell: sides and top.
func (k rowKind) pads() (side, top float64) {
	if k == rowFact {
		return 0, 1
	}
	return cellSide, cellTop
}

func (d *Document) row(tr *element, columns []Column, texts []string, kind rowKind) {
	cells := d.cells(tr, columns, cellsOf(texts), kind)
	d.need(tallest(cells))
	d.cellsOnPage(cells, kind)
}

// repeat draws the head again, as ornament: a reader heard it already.
func (d *Document) repeat(columns []Column, head []string) {
	p := d.page()
	cells := d.cells(&element{}, columns, cellsOf(head), rowHead)
	high := tallest(cells)
	d.shade(d.y, high)
	p.out.WriteString("/Artifact BMC\n")
	for _, c := range cells {
		for _, b := range c.blocks {
			for line := range b.lines {
				d.drawAt(p, b, d.from(c, b, line), d.y-cellTop-titleStyle.Size*0.95-(titleStyle.lead()-titleStyle.Size)/2-float64(line)*titleStyle.lead(), line)
			}
		}
	}
	p.out.WriteString("EMC\n")
	d.y -= high
}

func (d *Document) cells(tr *element, columns []Column, texts []Cell, kind rowKind) []*column {
	side, _ := kind.pads()
	x := float64(marginSide)
	var out []*column
	for i, c := range columns {
		width := c.Share * d.Width()
		at := x
		if d.mirrored(columns[0].Style) {
			at = 2*marginSide + d.Width() - x - width
		}
		cell := &column{x: at + side, width: width - 2*side, tag: tr.child("TD")}
		switch {
		case kind == rowHead:
			cell.tag.kind, cell.tag.scope = "TH", "Column"
		case i == 0:
			cell.tag.kind, cell.tag.scope = "TH", "Row"
		}
		if len(texts[i]) == 0 {
			texts[i] = Cell{{}}
		}
		for _, p := range texts[i] {
			style := c.Style
			if p.Language != "" {
				style.Language = p.Language
			}
			cell.blocks = append(cell.blocks, d.setter.set(p.Text, style, cell.width)...)
		}
		out = append(out, cell)
		x += width
	}
	return out
}

func tallest(cells []*column) (high float64) {
	for _, c := range cells {
		high = max(high, c.height())
	}
	return high + 2*cellTop
}

// cellsOnPage draws as much of a row as the page has room for and says whether
// that was all.
func (d *Document) cellsOnPage(cells []*column, kind rowKind) bool {
	_, pad := kind.pads()
	room := d.left() - 2*pad
	used, all := 0.0, true
	if kind == rowHead {
		d.shade(d.y, tallest(cells))
	}
	for _, c := range cells {
		from := c.next
		d.draw(c, d.y-pad, min(c.lines()-c.next, int(room/c.lead()+0.001)))
		used = max(used, float64(c.next-from)*c.lead())
		all = all && c.next >= c.lines()
	}
	d.y -= used + 2*pad
	if kind == rowBody {
		d.Rule(0.4, 0.75)
	}
	return all
}

func (d *Document) shade(top, high float64) {
	fmt.Fprintf(&d.page().out, "/Artifact BMC 0.92 g %s %s %s %s re f EMC\n", num(marginSide), num(top-high), num(d.Width()), num(high))
}

// from is where a line of a block begins.
func (d *Document) from(c *column, b *block, line int) float64 {
	if b.right || d.settings.Mirrored {
		return c.x + c.width - b.advance(line)
	}
	return c.x
}
