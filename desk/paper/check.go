package paper

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Check looks into a PDF. It is meant to run in a cell: a hostile file may make
// the library that reads it eat memory or never end.
func Check(b []byte, roots Roots, now time.Time) (seen casefile.Looked, err error) {
	if len(b) > casefile.MaxPaper {
		return seen, fault.New(fault.TooLarge, "inspect paper", "a paper is at most %d MiB; split it or make it smaller", casefile.MaxPaper>>20)
	}
	if err := kindOf(b); err != nil {
		return seen, err
	}
	if err := twoInOne(b); err != nil {
		return seen, err
	}
	defer func() {
		if p := recover(); p != nil {
			seen, err = casefile.Looked{}, damaged(fmt.Errorf("the PDF library panicked: %v", p))
		}
	}()
	doc, err := read(b)
	if err != nil {
		return seen, err
	}
	if err := doc.shape(); err != nil {
		return seen, err
	}
	if err := doc.active(); err != nil {
		return seen, err
	}
	if err := spelledOut(b); err != nil {
		return seen, err
	}
	seen.Pages = doc.PageCount
	seen.Signed, seen.Signatures = doc.signatures(b, roots, now)
	return seen, nil
}

func damaged(cause error) error {
	return fault.Wrap(fault.Invalid, "inspect paper", cause, "the PDF is damaged or not a real PDF; save or scan it again and upload the new file")
}

// document is a PDF as read, with every dictionary that is in it.
type document struct {
	*model.Context
	dicts []types.Dict
}

func read(b []byte) (*document, error) {
	api.DisableConfigDir() // the library would otherwise write into the home folder
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	conf.Offline = true
	c, err := api.ReadContext(bytes.NewReader(b), conf)
	if err != nil && bytes.Contains(b, []byte("/Encrypt")) || err == nil && c.Encrypt != nil {
		return nil, fault.Wrap(fault.Invalid, "inspect paper", err, "the PDF is encrypted or locked with a password; save it without one, or print it to a new PDF, and upload that")
	}
	if err != nil {
		return nil, damaged(err)
	}
	d := &document{Context: c}
	for _, e := range c.Table { // before the library mends and drops what it does not like
		if e == nil || e.Object == nil {
			continue
		}
		if err := d.collect(e.Object, 0); err != nil {
			return nil, err
		}
	}
	if err := api.ValidateContext(c); err != nil {
		return nil, damaged(err)
	}
	if err := c.EnsurePageCount(); err != nil || c.PageCount == 0 {
		return nil, damaged(errors.Join(err, errors.New("no pages")))
	}
	return d, nil
}

// maxNested is how deep objects of a paper lie in each other; a real one needs
// fewer than ten.
const maxNested = 100

func (d *document) collect(o types.Object, deep int) error {
	if deep > maxNested {
		return invalid("the PDF is nested deeper than any paper; print it to a new PDF and upload that")
	}
	switch o := o.(type) {
	case types.Array:
		for _, x := range o {
			if err := d.collect(x, deep+1); err != nil {
				return err
			}
		}
	case types.Dict:
		d.dicts = append(d.dicts, o)
		for _, x := range o {
			if err := d.collect(x, deep+1); err != nil {
				return err
			}
		}
	case types.StreamDict:
		return d.collect(o.Dict, deep)
	case *types.StreamDict:
		return d.collect(o.Dict, deep)
	}
	return nil
}

// shape refuses what no page or picture of a paper measures.
func (d *document) shape() error {
	if d.PageCount > MaxPages {
		return fault.New(fault.TooLarge, "inspect paper", "the PDF has %d pages, and a paper has at most %d; split it", d.PageCount, MaxPages)
	}
	for _, x := range d.dicts {
		for _, box := range []string{"MediaBox", "CropBox"} {
			if side, ok := d.side(x, box); ok && side*d.unit(x) > MaxSide {
				return fault.New(fault.TooLarge, "inspect paper", "a page of the PDF is %.0f m long; print it to a page of a usual size", side*d.unit(x)/72*0.0254)
			}
		}
		w, h := d.number(x, "Width"), d.number(x, "Height")
		if d.name(x, "Subtype") == "Image" && (w > MaxPixels || h > MaxPixels || w*h > MaxPixels) {
			return fault.New(fault.TooLarge, "inspect paper", "a picture in the PDF has over %d million points; scan at 300 dots per inch", MaxPixels/1_000_000)
		}
	}
	return nil
}

func (d *document) side(x types.Dict, box string) (float64, bool) {
	o, ok := x.Find(box)
	if !ok {
		return 0, false
	}
	a, err := d.DereferenceArray(o)
	if err != nil || len(a) != 4 {
		return 0, false
	}
	var n [4]float64
	for i := range n {
		n[i] = d.float(a[i])
	}
	return max(n[2]-n[0], n[0]-n[2], n[3]-n[1], n[1]-n[3]), true
}

func (d *document) unit(x types.Dict) float64 { return max(1, d.number(x, "UserUnit")) }

func (d *document) number(x types.Dict, key string) float64 {
	o, _ := x.Find(key)
	return d.float(o)
}

func (d *document) float(o types.Object) float64 {
	o, _ = d.Dereference(o)
	switch n := o.(type) {
	case types.Integer:
		return float64(n)
	case types.Float:
		return float64(n)
	}
	return 0
}

func (d *document) name(x types.Dict, key string) string {
	o, _ := x.Find(key)
	o, _ = d.Dereference(o)
	n, ok := o.(types.Name)
	if !ok {
		return ""
	}
	s, err := types.DecodeName(string(n))
	if err != nil {
		return string(n)
	}
	return s
}

var (
	activeKeys    = []string{"JavaScript", "JS", "XFA", "EmbeddedFiles", "EF", "RichMediaContent", "RichMediaSettings", "Collection", "AF"}
	activeTypes   = []string{"EmbeddedFile"}
	activeNotes   = []string{"RichMedia", "Movie", "Sound", "Screen", "3D", "FileAttachment"}
	activeActions = []string{"JavaScript", "Launch", "GoToR", "GoToE", "SubmitForm", "ImportData", "Movie", "Sound", "Rendition", "RichMediaExecute", "GoTo3DView"}
)

// active refuses a PDF that would run, fetch, send or unpack something when it
// is opened or clicked. A link to a web page is no such thing: nobody here can
// click it, since pages are shown as pictures.
func (d *document) active() error {
	for _, x := range d.dicts {
		if what := d.activeIn(x); what != "" {
			return invalid("the PDF carries scripts, embedded files or programs (%s); print it to a plain PDF and upload that", what)
		}
	}
	return nil
}

// spelledOut finds active content by its plain words in the whole file, for what
// the library mends or drops and another reader would not.
func spelledOut(b []byte) error {
	for _, key := range []string{"/JavaScript", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA", "/SubmitForm", "/ImportData"} {
		for rest := b; ; {
			i := bytes.Index(rest, []byte(key))
			if i < 0 {
				break
			}
			rest = rest[i+len(key):]
			if len(rest) > 0 && bytes.IndexByte([]byte(" \t\r\n\x00\f/<>[](){}%"), rest[0]) >= 0 {
				return invalid("the PDF carries scripts, embedded files or programs (%s); print it to a plain PDF and upload that", key[1:])
			}
		}
	}
	return nil
}

func (d *document) activeIn(x types.Dict) string {
	for key := range x {
		if k, err := types.DecodeName(key); err == nil && slices.Contains(activeKeys, k) {
			return k
		}
	}
	if t := d.name(x, "Type"); slices.Contains(activeTypes, t) {
		return t
	}
	if t := d.name(x, "Subtype"); slices.Contains(activeNotes, t) && d.has(x, "Rect") {
		return t
	}
	if s := d.name(x, "S"); slices.Contains(activeActions, s) && d.name(x, "Type") != "StructElem" {
		return s
	}
	return d.onOpening(x)
}

func (d *document) has(x types.Dict, key string) bool { _, ok := x.Find(key); return ok }

// onOpening: what happens by itself may show a page of this paper and do
// nothing else.
func (d *document) onOpening(x types.Dict) string {
	if d.name(x, "Type") == "Catalog" || d.has(x, "Pages") {
		o, _ := x.Find("OpenAction")
		o, _ = d.Dereference(o)
		if a, ok := o.(types.Dict); ok && d.name(a, "S") != "GoTo" && d.name(a, "S") != "" {
			return "OpenAction"
		}
	}
	o, _ := x.Find("AA")
	o, _ = d.Dereference(o)
	if a, ok := o.(types.Dict); ok && len(a) > 0 {
		return "AA"
	}
	return ""
}
