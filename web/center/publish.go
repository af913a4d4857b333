package center

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"letterlock/internal/fault"
	"letterlock/transparency"
)

// report is a published report in the list.
type report struct {
	*transparency.Report
	URL string
}

// published are the reports in the folder that the operator publishes, the
// newest first. A folder that holds no whole report is left out.
func (s *center) published() (out []report) {
	if s.c.Reports == nil {
		return nil
	}
	folders, err := fs.ReadDir(s.c.Reports, ".")
	if err != nil {
		return nil
	}
	for _, d := range folders {
		b, err := fs.ReadFile(s.c.Reports, path.Join(d.Name(), transparency.FileJSON))
		if err != nil {
			continue
		}
		if r, err := transparency.Read(b); err == nil && r.Period.String() == d.Name() {
			out = append(out, report{r, "/reports/" + d.Name() + "/"})
		}
	}
	slices.SortFunc(out, func(a, b report) int { return strings.Compare(b.Period.String(), a.Period.String()) })
	return out
}

func (s *center) reports(w http.ResponseWriter, r *http.Request) error {
	return s.page(w, r, "reports.html", "Transparency reports", "Twice a year, counted from the ledger by one command, signed, and to be checked by anyone.", s.published())
}

// kinds are the types of a report's files; any other name does not exist.
var kinds = map[string]string{
	transparency.FileHTML: "text/html; charset=utf-8", transparency.FileJSON: "application/json", transparency.FileCSV: "text/csv; charset=utf-8",
	transparency.FileSchema: "application/schema+json", transparency.FileSignature: "text/plain; charset=utf-8",
}

// reportFile serves a file of a report as it was signed.
func (s *center) reportFile(w http.ResponseWriter, r *http.Request) error {
	gone := fault.New(fault.NotFound, "public page", "There is no such report here.")
	period, err := transparency.ParsePeriod(r.PathValue("period"))
	name := r.PathValue("file")
	if name == "" {
		name = transparency.FileHTML
	}
	kind, ok := kinds[name]
	if err != nil || !ok || s.c.Reports == nil {
		return gone
	}
	b, err := fs.ReadFile(s.c.Reports, path.Join(period.String(), name))
	if errors.Is(err, fs.ErrNotExist) {
		return gone
	}
	if err != nil {
		return err
	}
	if name == transparency.FileHTML { // it carries its own style, and nothing else
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src '"+transparency.StyleHash()+"'; base-uri 'none'; frame-ancestors 'none'")
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
	return nil
}

// news is one entry of the feed.
type news struct {
	ID      string `xml:"id"`
	Title   string `xml:"title"`
	Updated string `xml:"updated"`
	Link    struct {
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Summary string `xml:"summary,omitempty"`
}

type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Author  struct {
		Name string `xml:"name"`
	} `xml:"author"`
	Entries []news `xml:"entry"`
}

// feed tells of reports, of documents and of changes of the law table.
func (s *center) feed(w http.ResponseWriter, _ *http.Request) error {
	f := feed{ID: s.c.Origin + "/feed.xml", Title: s.c.Owner + ": public centre"}
	f.Author.Name = s.c.Owner
	add := func(id, title, summary string, at time.Time) {
		n := news{ID: s.c.Origin + id, Title: title, Updated: at.UTC().Format(time.RFC3339), Summary: summary}
		n.Link.Href = s.c.Origin + id
		f.Entries = append(f.Entries, n)
	}
	for _, r := range s.published() {
		add(r.URL, "Transparency report, "+r.Period.InWords(), "", r.Counted.Time)
	}
	s.documentNews(add)
	for _, c := range s.changes() {
		add("/changes#"+string(c.Row.ID), c.Row.Name+": "+c.What, c.Row.Source, c.On)
	}
	slices.SortStableFunc(f.Entries, func(a, b news) int { return strings.Compare(b.Updated, a.Updated) })
	f.Updated = time.Unix(0, 0).UTC().Format(time.RFC3339)
	if len(f.Entries) > 0 {
		f.Updated = f.Entries[0].Updated
	}
	b, err := xml.MarshalIndent(f, "", " ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	_, err = w.Write(append([]byte(xml.Header), b...))
	return err
}
