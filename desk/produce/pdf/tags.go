package pdf

import (
	"fmt"
	"strings"
)

// element is a node of the document's structure: what a screen reader tells.
// spec: ISO 32000-1 14.7
type element struct {
	kind   string // "P", "H1", "Table", "TR", "TH", "TD"
	scope  string // of a TH: "Row" or "Column"
	kids   []*element
	marks  []mark
	object int
}

// mark is a stretch of a page's operators that belongs to an element.
type mark struct{ page, id int }

func (e *element) child(kind string) *element {
	c := &element{kind: kind}
	e.kids = append(e.kids, c)
	return c
}

// begin opens a stretch of the present page for an element.
func (d *Document) begin(e *element) {
	p := d.page()
	fmt.Fprintf(&p.out, "/%s <</MCID %d>> BDC\n", e.kind, len(p.marks))
	e.marks = append(e.marks, mark{len(d.pages) - 1, len(p.marks)})
	p.marks = append(p.marks, e)
}

func (d *Document) end() { d.page().out.WriteString("EMC\n") }

// writeTree writes the structure and the way back from each page's marks.
func (d *Document) writeTree(f *file, pages []int) int {
	root := f.reserve()
	number(f, d.tree)
	d.writeElement(f, d.tree, root, pages)
	var back strings.Builder
	for i, p := range d.pages {
		var list strings.Builder
		for _, e := range p.marks {
			fmt.Fprintf(&list, "%d 0 R ", e.object)
		}
		fmt.Fprintf(&back, "%d %d 0 R ", i, f.add("[%s]", list.String()))
	}
	parents := f.add("<</Nums [%s]>>", back.String())
	f.put(root, "<</Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d>>", d.tree.object, parents, len(d.pages))
	return root
}

func number(f *file, e *element) {
	e.object = f.reserve()
	for _, k := range e.kids {
		number(f, k)
	}
}

func (d *Document) writeElement(f *file, e *element, parent int, pages []int) {
	var kids strings.Builder
	for _, m := range e.marks {
		fmt.Fprintf(&kids, "<</Type /MCR /Pg %d 0 R /MCID %d>> ", pages[m.page], m.id)
	}
	for _, k := range e.kids {
		fmt.Fprintf(&kids, "%d 0 R ", k.object)
	}
	more := ""
	if e.scope != "" {
		more = " /A <</O /Table /Scope /" + e.scope + ">>"
	}
	f.put(e.object, "<</Type /StructElem /S /%s /P %d 0 R /K [%s]%s>>", e.kind, parent, kids.String(), more)
	for _, k := range e.kids {
		d.writeElement(f, k, e.object, pages)
	}
}
