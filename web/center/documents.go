package center

import (
	"bytes"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"letterlock/internal/fault"
	"letterlock/transparency/room"
	"letterlock/web/kit"
)

// documents is where the public reads the papers of requests.
const documents = "/documents"

func documentURL(id room.ID) string { return documents + "/" + string(id) + "/" }

// documentRow is a publication in the list.
type documentRow struct {
	Day                    room.Day
	Process, Place, Agency string
	Says                   string
	Link                   kit.Link
}

func rowOf(d room.Document) documentRow {
	r := documentRow{Day: d.Published, Process: d.Process, Place: d.Place, Agency: d.Agency, Link: kit.Link{Text: "Document " + string(d.ID), URL: documentURL(d.ID)}}
	if d.Gone != nil {
		r.Says = "taken out on " + dayOf(d.Gone.Withdrawn)
		return r
	}
	if r.Agency == "" {
		r.Agency = "left out"
	}
	shown, withheld := pagesOf(d.Manifest)
	r.Says = kit.Plural(len(d.Papers), "paper", "papers") + ", " + kit.Plural(shown, "page", "pages") + " shown"
	if withheld > 0 {
		r.Says += fmt.Sprintf(", %d withheld", withheld)
	}
	return r
}

func pagesOf(m room.Manifest) (shown, withheld int) {
	for _, p := range m.Papers {
		shown += len(p.Shown)
		withheld += p.Withheld()
	}
	return shown, withheld
}

func (s *center) documents(w http.ResponseWriter, r *http.Request) error {
	t := kit.Table{Caption: "Documents, the newest first", Columns: kit.Columns("Published", "Document", "Legal process", "Place", "Agency", "What is there"), Empty: "No paper has been published yet."}
	for _, d := range room.List(s.c.Documents) {
		x := rowOf(d)
		t.Rows = append(t.Rows, []any{dayOf(x.Day), x.Link, orNothing(x.Process), orNothing(x.Place), orNothing(x.Agency), x.Says})
	}
	counts, counted := room.ReadCounts(s.c.Documents)
	return s.page(w, r, "documents.html", "Documents", "What authorities demanded and what was answered, in the papers themselves, once nobody and nothing withholds them.", struct {
		Kept    bool
		Table   kit.Table
		Counted bool
		Counts  room.Counts
		AsOf    string
	}{s.c.Documents != nil, t, counted, counts, dayOf(counts.AsOf)})
}

func dayOf(d room.Day) string { return kit.Day(d.Time()) }

func orNothing(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// paperView is a paper as its page shows it.
type paperView struct {
	room.Paper
	Words string // of a text
	Pages []pageView
	At    string // of its files
}

// pageView is a page, and what it shows in words.
type pageView struct {
	room.Page
	Says string
}

type documentView struct {
	room.Document
	Facts  kit.Facts
	Papers []paperView
	At     string
	ID     string
	Sum    kit.Code
}

func (s *center) opened(r *http.Request) (room.Document, error) {
	id, err := room.ParseID(r.PathValue("id"))
	if err != nil || s.c.Documents == nil {
		return room.Document{}, fault.New(fault.NotFound, "open document", "There is no such document here.")
	}
	return room.Read(s.c.Documents, id)
}

func (s *center) document(w http.ResponseWriter, r *http.Request) error {
	d, err := s.opened(r)
	if err != nil {
		return err
	}
	v := documentView{Document: d, At: documentURL(d.ID), ID: string(d.ID), Sum: kit.Code(d.Sum.String())}
	if g := d.Gone; g != nil {
		v.Sum = kit.Code(g.Manifest)
		v.Facts = kit.Facts{{Label: "Published", Value: dayOf(g.Published)}, {Label: "Taken out", Value: dayOf(g.Withdrawn)}, {Label: "Why", Value: g.Why.InWords()}, {Label: "Hash of what was published", Value: v.Sum}}
		return s.page(w, r, "documentgone.html", "A document that was taken out", "It was published and is not any more. The ledger keeps its hash.", v)
	}
	x := rowOf(d)
	v.Facts = kit.Facts{{Label: "Legal process", Value: d.Process}, {Label: "Place", Value: d.Place}, {Label: "Agency", Value: x.Agency}, {Label: "Published", Value: dayOf(d.Published)},
		{Label: "Papers of the case that counsel objected to publishing", Value: d.Objected}, {Label: "Hash in the ledger", Value: v.Sum}}
	for _, p := range d.Manifest.Papers {
		y := paperView{Paper: p, At: v.At}
		if p.Text != "" {
			b, err := room.Open(s.c.Documents, d.ID, p.Text)
			if err != nil {
				return err
			}
			y.Words = string(b)
		}
		for _, page := range p.Shown {
			b, err := room.Open(s.c.Documents, d.ID, page.Words)
			if err != nil {
				return err
			}
			y.Pages = append(y.Pages, pageView{page, string(b)})
		}
		v.Papers = append(v.Papers, y)
	}
	return s.page(w, r, "document.html", d.Process+", "+d.Place, x.Says+".", v)
}

// documentKinds are the types of a publication's files.
var documentKinds = map[string]string{".json": "application/json", ".txt": "text/plain; charset=utf-8", ".png": "image/png", ".proof": "application/octet-stream"}

// documentFile serves a file whose bytes are those of the list, and no other.
func (s *center) documentFile(w http.ResponseWriter, r *http.Request) error {
	d, err := s.opened(r)
	if err != nil {
		return err
	}
	name := r.PathValue("file")
	b, err := room.Open(s.c.Documents, d.ID, name)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", documentKinds[path.Ext(name)])
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
	return nil
}

// documentCounts is what is said of papers that are not here, for programs.
func (s *center) documentCounts(w http.ResponseWriter, _ *http.Request) error {
	c, ok := room.ReadCounts(s.c.Documents)
	if !ok {
		return fault.New(fault.NotFound, "open document", "There are no such figures here.")
	}
	return writeJSON(w, c)
}

// documentNews tells the feed of what was published and what was taken out.
func (s *center) documentNews(add func(id, title, summary string, at time.Time)) {
	for _, d := range room.List(s.c.Documents) {
		if d.Gone != nil {
			add(documentURL(d.ID), "A document was taken out", d.Gone.Why.InWords()+". "+d.Gone.Words, d.Gone.Withdrawn.Time())
			continue
		}
		x := rowOf(d)
		add(documentURL(d.ID), "Document: "+d.Process+", "+d.Place, strings.Join(slices.DeleteFunc([]string{x.Agency, x.Says}, func(s string) bool { return s == "" }), "; "), d.Published.Time())
	}
}
