package pdf

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-text/typesetting/font"
)

// Paper is a size of page, in points.
type Paper struct{ Width, Height float64 }

// The papers.
var (
	A4     = Paper{595.28, 841.89}
	Letter = Paper{612, 792}
)

// Settings are what a document says about itself.
type Settings struct {
	Title    string
	Author   string
	Language string // BCP 47, of the document's own words
	Mirrored bool   // written from the right: columns begin there
	Created  time.Time
	Paper    Paper                  // zero: A4
	Running  string                 // the line at the foot of each page, beside its number
	Page     func(n, of int) string // the number itself, in words; nil: in English
}

// Document is a text being set. Add to it from top to bottom, then write it.
// The first error is kept and returned by WriteTo.
type Document struct {
	settings Settings
	setter   *setter
	fonts    map[*font.Face]*embedded
	order    []*embedded
	pages    []*page
	tree     *element
	y        float64 // of the next line's top, from below
	err      error
}

// The margins, in points.
const (
	marginSide   = 68
	marginTop    = 62
	marginBottom = 66
)

// page is the operators of one page and the elements its marks belong to.
type page struct {
	out   strings.Builder
	marks []*element
}

// New begins a document.
func New(l *Library, s Settings) *Document {
	if l == nil {
		l = Builtin()
	}
	if s.Paper == (Paper{}) {
		s.Paper = A4
	}
	d := &Document{settings: s, setter: newSetter(l), fonts: map[*font.Face]*embedded{}, tree: &element{kind: "Document"}}
	d.setter.rtl = s.Mirrored
	d.err = l.Check(s.Running)
	d.breakPage()
	return d
}

// Width is how wide a line may be.
func (d *Document) Width() float64 { return d.settings.Paper.Width - 2*marginSide }

// left is how much room the page still has.
func (d *Document) left() float64 { return d.y - marginBottom }

func (d *Document) breakPage() {
	d.pages = append(d.pages, &page{})
	d.y = d.settings.Paper.Height - marginTop
}

func (d *Document) page() *page { return d.pages[len(d.pages)-1] }

// need begins a new page if the room is less than that.
func (d *Document) need(points float64) {
	full := d.settings.Paper.Height - marginTop - marginBottom
	if d.left() < min(points, full) {
		d.breakPage()
	}
}

// Space leaves room between what stands above and below.
func (d *Document) Space(points float64) { d.y = max(d.y-points, marginBottom) }

// NewPage goes on at the top of the next page.
func (d *Document) NewPage() { d.breakPage() }

func (d *Document) check(texts ...string) bool {
	for _, t := range texts {
		if d.err == nil {
			d.err = d.setter.library.Check(t)
		}
	}
	return d.err == nil
}

// font is the document's own record of a font.
func (d *Document) font(face *font.Face) *embedded {
	if e, ok := d.fonts[face]; ok {
		return e
	}
	e := &embedded{face: face, name: fmt.Sprintf("F%d", len(d.order)+1), codes: map[drawn]int{}}
	for src, f := range d.setter.faces {
		if f == face {
			e.src = src
		}
	}
	e.table = e.src.sfnt
	e.code(drawn{}) // the first code is the sign for what is missing
	d.fonts[face] = e
	d.order = append(d.order, e)
	return e
}

// WriteTo sets the feet of the pages and writes the document.
func (d *Document) WriteTo(w io.Writer) (int64, error) {
	if d.err != nil {
		return 0, d.err
	}
	for i := range d.pages {
		d.foot(i)
	}
	f := newFile()
	fonts := d.writeFonts(f)
	root := d.writePages(f, fonts)
	s := d.settings
	info := f.add("<</Title %s /Author %s /Producer (Letterlock) /CreationDate %s /ModDate %s>>",
		text(s.Title), text(s.Author), date(s.Created), date(s.Created))
	if err := f.writeTo(w, root, info); err != nil {
		return 0, fmt.Errorf("write document: %w", err)
	}
	return int64(f.buf.Len()), nil
}

var footStyle = Style{Cut: Sans, Size: 7.5, Gray: 0.35}

// footNumber is the room for the page's number beside the running line.
const footNumber = 80

// foot writes the running line and the page's number. It is no part of the
// text: a screen reader passes over it.
func (d *Document) foot(i int) {
	p := d.pages[i]
	p.out.WriteString("/Artifact <</Type /Pagination /Subtype /Footer>> BDC\n")
	fmt.Fprintf(&p.out, "0.7 G 0.5 w %d %d m %s %d l S\n", marginSide, marginBottom-20, num(d.settings.Paper.Width-marginSide), marginBottom-20)
	words := d.settings.Page
	if words == nil {
		words = func(n, of int) string { return fmt.Sprintf("page %d of %d", n, of) }
	}
	number := d.setter.line(words(i+1, len(d.pages)), footStyle, footNumber)
	running := d.setter.line(d.settings.Running, footStyle, d.Width()-footNumber)
	left, right := running, number
	if d.settings.Mirrored {
		left, right = number, running
	}
	d.drawAt(p, left, marginSide, marginBottom-32, 0)
	d.drawAt(p, right, d.settings.Paper.Width-marginSide-right.advance(0), marginBottom-32, 0)
	p.out.WriteString("EMC\n")
}

func (d *Document) writeFonts(f *file) string {
	var out strings.Builder
	for i, e := range d.order {
		fmt.Fprintf(&out, "/%s %d 0 R ", e.name, d.writeFont(f, e, i))
	}
	return out.String()
}

// writeFont embeds the glyphs that were used, as a composite font.
// spec: ISO 32000-1 9.7
func (d *Document) writeFont(f *file, e *embedded, i int) int {
	glyphs := make([]int, len(e.used))
	var widths strings.Builder
	for code, u := range e.used {
		glyphs[code] = int(u.glyph)
		fmt.Fprintf(&widths, "%d ", e.table.width(int(u.glyph)))
	}
	data := e.table.subset(glyphs)
	embedded := f.stream(fmt.Sprintf("/Length1 %d", len(data)), data)
	name := fmt.Sprintf("%c%c%c%c%c%c+%s", 'L', 'O', 'C', 'K', 'A'+rune(i/26%26), 'A'+rune(i%26), e.src.name)
	ext, _ := e.face.FontHExtents()
	scale := 1000 / float64(e.table.unitsPer)
	up, down := float64(ext.Ascender)*scale, float64(ext.Descender)*scale
	descriptor := f.add("<</Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [-1000 %s 2000 %s] /ItalicAngle 0 /Ascent %s /Descent %s /CapHeight 700 /StemV 80 /FontFile2 %d 0 R>>",
		name, num(down), num(up), num(up), num(down), embedded)
	cid := f.add("<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /DW 0 /W [0 [%s]] /CIDToGIDMap /Identity>>",
		name, descriptor, strings.TrimSpace(widths.String()))
	unicode := f.stream("", []byte(e.toUnicode()))
	return f.add("<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>", name, cid, unicode)
}

// writePages writes pages, structure and catalogue and returns the last.
func (d *Document) writePages(f *file, fonts string) int {
	resources := f.add("<</Font <<%s>>>>", fonts)
	parent := f.reserve()
	ids := make([]int, len(d.pages))
	var kids strings.Builder
	for i, p := range d.pages {
		content := f.stream("", []byte(p.out.String()))
		ids[i] = f.add("<</Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Resources %d 0 R /Contents %d 0 R /StructParents %d /Tabs /S>>",
			parent, num(d.settings.Paper.Width), num(d.settings.Paper.Height), resources, content, i)
		fmt.Fprintf(&kids, "%d 0 R ", ids[i])
	}
	f.put(parent, "<</Type /Pages /Kids [%s] /Count %d>>", kids.String(), len(ids))
	structure := d.writeTree(f, ids)
	meta := f.raw("/Type /Metadata /Subtype /XML", []byte(metadata(d.settings)))
	return f.add("<</Type /Catalog /Pages %d 0 R /Lang %s /MarkInfo <</Marked true>> /StructTreeRoot %d 0 R /Metadata %d 0 R /ViewerPreferences <</DisplayDocTitle true>>>>",
		parent, text(d.settings.Language), structure, meta)
}
