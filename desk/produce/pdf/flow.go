package pdf

import "fmt"

// drawAt draws one line of a block with its baseline at y.
func (d *Document) drawAt(p *page, b *block, x, y float64, line int) {
	if line >= len(b.lines) {
		return
	}
	fmt.Fprintf(&p.out, "%s g\n", num(b.style.Gray))
	foreign := d.foreign(b.style)
	if foreign {
		fmt.Fprintf(&p.out, "/Span <</Lang %s>> BDC\n", text(b.style.Language))
	}
	for _, run := range b.lines[line] {
		d.font(run.Face).show(&p.out, run, b, x, y)
		x += b.points(run.Advance)
	}
	if foreign {
		p.out.WriteString("EMC\n")
	}
}

// foreign says whether a text is in another language than the document.
func (d *Document) foreign(s Style) bool {
	return s.Language != "" && s.Language != d.settings.Language
}

// mirrored says whether a text begins at the right for the document's sake: one
// in another language goes its own way.
func (d *Document) mirrored(s Style) bool { return d.settings.Mirrored && !d.foreign(s) }

// column is a stack of blocks in a strip of the page.
type column struct {
	x, width float64
	blocks   []*block
	tag      *element
	next     int  // the line that is drawn next, over all blocks
	left     bool // stays at the left in a mirrored document
}

func (c *column) lines() (n int) {
	for _, b := range c.blocks {
		n += max(1, len(b.lines))
	}
	return n
}

// lead is the height of the column's lines.
func (c *column) lead() float64 { return c.blocks[0].style.lead() }

// height of all that is still to be drawn.
func (c *column) height() float64 { return float64(c.lines()-c.next) * c.lead() }

// draw draws up to n lines from the top y down.
func (d *Document) draw(c *column, top float64, n int) {
	if c.next >= c.lines() || n <= 0 {
		return
	}
	d.begin(c.tag)
	defer d.end()
	skip := c.next
	y := top - c.blocks[0].style.Size*0.95 - (c.lead()-c.blocks[0].style.Size)/2
	for _, b := range c.blocks {
		for line := range max(1, len(b.lines)) {
			if skip > 0 {
				skip--
				continue
			}
			if n == 0 {
				return
			}
			x := c.x
			if (b.right || d.mirrored(b.style) && !c.left) && line < len(b.lines) {
				x += c.width - b.advance(line)
			}
			d.drawAt(d.page(), b, x, y, line)
			y -= c.lead()
			c.next++
			n--
		}
	}
}

// Paragraph sets a text over the whole width. Lines of the text itself stay
// lines.
func (d *Document) Paragraph(text string, s Style) { d.flow("P", text, s, marginSide, d.Width()) }

// Indented sets a paragraph further in, with a sign before it.
func (d *Document) Indented(sign, text string, s Style) {
	const in = 16
	if !d.check(sign, text) {
		return
	}
	d.need(2 * s.lead())
	at, textAt := float64(marginSide), float64(marginSide+in)
	if d.mirrored(s) {
		at, textAt = marginSide+d.Width()-in+4, marginSide
	}
	d.page().out.WriteString("/Artifact BMC\n")
	d.drawAt(d.page(), d.setter.line(sign, s, in), at, d.y-s.Size*0.95-(s.lead()-s.Size)/2, 0)
	d.page().out.WriteString("EMC\n")
	d.flow("P", text, s, textAt, d.Width()-in)
}

func (d *Document) flow(kind, text string, s Style, x, width float64) {
	if !d.check(text) {
		return
	}
	c := &column{x: x, width: width, blocks: d.setter.set(text, s, width), tag: d.tree.child(kind)}
	if c.lines() > 1 {
		d.need(2 * s.lead()) // no first line alone at the foot of a page
	}
	for c.next < c.lines() {
		d.need(s.lead())
		n := min(c.lines()-c.next, int(d.left()/s.lead()+0.001))
		top := d.y
		d.draw(c, top, n)
		d.y -= float64(n) * s.lead()
	}
	d.Space(s.After)
}

// Heading sets a heading of level 1 to 6; it stays with what follows.
func (d *Document) Heading(level int, text string, s Style) {
	if d.y < d.settings.Paper.Height-marginTop {
		d.Space(s.Size * 0.5)
	}
	d.need(s.lead() + 4*14)
	d.flow(fmt.Sprintf("H%d", level), text, s, marginSide, d.Width())
}

// Rule draws a line over the whole width. It is ornament.
func (d *Document) Rule(weight, gray float64) {
	fmt.Fprintf(&d.page().out, "/Artifact BMC %s G %s w %s %s m %s %s l S EMC\n", num(gray), num(weight),
		num(marginSide), num(d.y), num(d.settings.Paper.Width-marginSide), num(d.y))
}

// Beside sets two texts side by side: the first at the left, the second at the
// right, aligned to the right edge.
func (d *Document) Beside(left string, ls Style, right string, rs Style) {
	if !d.check(left, right) {
		return
	}
	half := d.Width() * 0.56
	a := &column{x: marginSide, width: half, blocks: d.setter.set(left, ls, half), tag: d.tree.child("P")}
	b := &column{x: marginSide + half, width: d.Width() - half, blocks: d.setter.set(right, rs, d.Width()-half), tag: d.tree.child("P")}
	for _, bl := range b.blocks {
		bl.right = true
	}
	if d.settings.Mirrored {
		a.x, b.x, b.left = marginSide+d.Width()-half, marginSide, true
		for _, bl := range b.blocks {
			bl.right = false
		}
	}
	d.need(max(a.height(), b.height()))
	top, high := d.y, max(a.height(), b.height())
	d.draw(a, top, a.lines())
	d.draw(b, top, b.lines())
	d.y = top - high
}
