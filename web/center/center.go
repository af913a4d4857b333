// Package center is the public site: what is stored and what is not, what each
// kind of legal process can reach, and the ledgers as anyone may read them. It
// shows what is public and has no way to anything else.
package center

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"letterlock/disclosable"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/ledger/proof"
	"letterlock/ledger/witness"
	"letterlock/web/kit"
	"letterlock/web/words"
)

//go:embed pages
var pages embed.FS

// Log is a public ledger. A sealed one is never given to this package.
type Log interface {
	Origin() string
	Keys() []string
	Public() (ledger.Public, error)
}

// Config is what the public site shows.
type Config struct {
	Owner   string
	Contact string
	Portal  string // address of the agencies' portal, empty if served elsewhere
	Origin  string // of this site, for feeds
	Reports fs.FS  // folder of published reports, a folder each; nil: none
	// Documents is the folder of the public document room; nil: the house has none.
	Documents fs.FS
	// ContactKeys are age or OpenPGP keys to seal mail to, as published.
	ContactKeys string
	Law         *law.Table
	Logs        map[string]Log // by the name in addresses: "carrier", "desk"
	// Witnesses co-sign the checkpoints; Cosigns answers other operators who ask
	// this house to co-sign theirs, nil if it does not.
	Witnesses []*witness.Client
	Cosigns   http.Handler
	// Trust is what the offline verifier takes as --trust, as of now.
	Trust  func(context.Context) (any, error)
	Build  string // SHA-256 of the running program, for comparison
	Secure bool
	Demo   bool
	// KeepDays is how long the data of persons stay in a closed request; 0: not said.
	KeepDays int
	Clock    clock.Clock
	Log      *slog.Logger
}

type center struct {
	c   Config
	kit *kit.Kit
	nav []kit.Link
}

// New is the site's handler.
func New(c Config) (http.Handler, error) {
	own, err := fs.Sub(pages, "pages")
	if err != nil {
		return nil, err
	}
	k, err := kit.New(kit.Config{Name: "Public centre", Owner: c.Owner, Mark: "center", Pages: own, Secure: c.Secure, Demo: c.Demo, Clock: c.Clock, Log: c.Log})
	if err != nil {
		return nil, err
	}
	s := &center{c: c, kit: k, nav: []kit.Link{{Text: "Start", URL: "/"}, {Text: "What is stored", URL: "/stored"},
		{Text: "Guidelines for agencies", URL: "/guidelines"}, {Text: "Reports", URL: "/reports"}, {Text: "Documents", URL: documents}, {Text: "Ledgers", URL: "/ledger"},
		{Text: "Privacy", URL: "/privacy"}, {Text: "Security", URL: "/security"}, {Text: "Contact", URL: "/contact"}}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", k.Handle(s.start))
	mux.HandleFunc("GET /stored", k.Handle(s.stored))
	mux.HandleFunc("GET /stored.json", k.Handle(s.storedJSON))
	mux.HandleFunc("GET /guidelines", k.Handle(s.guidelines))
	mux.HandleFunc("GET /guidelines/{id}", k.Handle(s.process))
	mux.HandleFunc("GET /reports", k.Handle(s.reports))
	mux.HandleFunc("GET /reports/{period}/{$}", k.Handle(s.reportFile))
	mux.HandleFunc("GET /reports/{period}/{file}", k.Handle(s.reportFile))
	mux.HandleFunc("GET /documents", k.Handle(s.documents))
	mux.HandleFunc("GET /documents/{id}/{$}", k.Handle(s.document))
	mux.HandleFunc("GET /documents/{id}/{file}", k.Handle(s.documentFile))
	mux.HandleFunc("GET /documents/counts.json", k.Handle(s.documentCounts))
	mux.HandleFunc("GET /feed.xml", k.Handle(s.feed))
	mux.HandleFunc("GET /changes", k.Handle(s.lawChanges))
	mux.HandleFunc("GET /logs", k.Handle(s.logs))
	mux.HandleFunc("GET /privacy", k.Handle(s.privacy))
	mux.HandleFunc("GET /security", k.Handle(s.security))
	mux.HandleFunc("GET /contact", k.Handle(s.contact))
	mux.HandleFunc("GET /.well-known/security.txt", k.Handle(s.securityTxt))
	mux.HandleFunc("GET /trust.json", k.Handle(s.trust))
	mux.HandleFunc("GET /ledger", k.Handle(s.ledgers))
	mux.HandleFunc("GET /ledger/{log}/checkpoint", k.Handle(s.checkpoint))
	mux.HandleFunc("GET /ledger/{log}/leaves", k.Handle(s.leaves))
	mux.HandleFunc("GET /ledger/{log}/consistency", k.Handle(s.consistency))
	mux.HandleFunc("GET /ledger/{log}/since/{leaves}", k.Handle(s.consistency))
	if c.Cosigns != nil {
		mux.Handle("POST /witness/add-checkpoint", c.Cosigns)
	}
	mux.HandleFunc("GET /", k.Handle(func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "public page", "There is no such page here.")
	}))
	return k.Protect(mux), nil
}

// guidelines is where agencies read what they can ask for.
const guidelines = "/guidelines"

func (s *center) page(w http.ResponseWriter, r *http.Request, name, title, lead string, data any) error {
	p := kit.Page{Title: title, Lead: lead, Nav: s.nav, Here: r.URL.Path, Wide: true, Data: data}
	if strings.HasPrefix(p.Here, guidelines+"/") { // a process is one of them
		p.Here, p.Trail = guidelines, []kit.Link{{Text: "Guidelines for agencies", URL: guidelines}}
	}
	if strings.HasPrefix(p.Here, documents+"/") {
		p.Here, p.Trail = documents, []kit.Link{{Text: "Documents", URL: documents}}
	}
	return s.kit.Page(w, r, http.StatusOK, name, p)
}

func (s *center) start(w http.ResponseWriter, r *http.Request) error {
	return s.page(w, r, "start.html", s.c.Owner, "A messenger whose operator cannot read what people write.", s.c)
}

type storedData struct {
	Fields, Technical, Absent kit.Table
	Hash, Build               kit.Code
}

func (s *center) stored(w http.ResponseWriter, r *http.Request) error {
	d := storedData{Hash: kit.Code(disclosable.InventoryHash().String()), Build: kit.Code(s.c.Build)}
	d.Fields = kit.Table{Caption: "Facts about an account", Columns: kit.Columns("Fact", "What it says", "Why it is kept", "How long", "Reached by")}
	for _, f := range disclosable.Fields() {
		d.Fields.Rows = append(d.Fields.Rows, []any{f.Title, f.Meaning, f.Purpose, f.Retention, words.Class(law.Class(f.Class))})
	}
	d.Technical = kit.Table{Caption: "Everything else in the databases", Columns: kit.Columns("Half", "Table", "Columns", "What it is for", "What it tells whoever holds the disk", "Until")}
	for _, t := range disclosable.Technicals() {
		d.Technical.Rows = append(d.Technical.Rows, []any{string(t.Half), t.Table, fmt.Sprint(t.Names), t.Why, t.Tells, t.Until})
	}
	d.Absent = kit.Table{Caption: "What does not exist here", Columns: kit.Columns("What", "Why not")}
	for _, a := range disclosable.Absents() {
		d.Absent.Rows = append(d.Absent.Rows, []any{a.What, a.Why})
	}
	return s.page(w, r, "stored.html", "What is stored", "The closed list. A column that is not on it fails the build of this service's software.", d)
}

func (s *center) storedJSON(w http.ResponseWriter, r *http.Request) error {
	return writeJSON(w, map[string]any{"hash": disclosable.InventoryHash(), "fields": disclosable.Fields(),
		"technical": disclosable.Technicals(), "absent": disclosable.Absents()})
}

// classes in the order of the ladder.
var classes = []law.Class{law.BSI, law.AccNC, law.AccW, law.DRAS, law.Content}

// region is the processes of one jurisdiction.
type region struct {
	Name string
	Rows []guide
}

// guide is a process as the guidelines list it.
type guide struct {
	Row       law.Row
	Citations string
	Certainty kit.Badge
	Reach     []any // in the order of ladder
}

// ladder are the classes that some process reaches, lowest first.
var ladder = []law.Class{law.BSI, law.AccNC, law.AccW, law.DRAS}

func (s *center) guidelines(w http.ResponseWriter, r *http.Request) error {
	var regions []region
	rows := s.c.Law.Rows()
	slices.SortStableFunc(rows, func(a, b law.Row) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(words.Place(a.Jurisdiction), words.Place(b.Jurisdiction)), strings.Compare(a.Name, b.Name))
	})
	for _, row := range rows {
		if !row.InForce(s.c.Clock.Now()) {
			continue
		}
		name := words.Place(row.Jurisdiction)
		if len(regions) == 0 || regions[len(regions)-1].Name != name {
			regions = append(regions, region{Name: name})
		}
		g := guide{Row: row, Citations: words.Citations(row.Citations), Certainty: words.Certainty(row.Certainty, row.CheckedOn)}
		for _, c := range ladder {
			g.Reach = append(g.Reach, reach(row, c))
		}
		last := &regions[len(regions)-1]
		last.Rows = append(last.Rows, g)
	}
	var heads []string
	for _, c := range ladder {
		heads = append(heads, words.Class(c))
	}
	return s.page(w, r, "guidelines.html", "Guidelines for agencies", "What you can ask for, with what, and what does not exist.", struct {
		Regions         []region
		Heads           []string
		Portal, Contact string
	}{regions, heads, s.c.Portal, s.c.Contact})
}

// place puts rows that hold anywhere after those of a jurisdiction.
func place(r law.Row) int {
	if r.Jurisdiction == "*" {
		return 1
	}
	return 0
}

func reach(row law.Row, c law.Class) any {
	if c == law.Content {
		return "does not exist"
	}
	return words.Reach(row, c)
}

func (s *center) process(w http.ResponseWriter, r *http.Request) error {
	row, ok := s.c.Law.Row(law.ProcessID(r.PathValue("id")), s.c.Clock.Now())
	if !ok {
		return fault.New(fault.NotFound, "public page", "There is no process of that name in force. See the guidelines for the list.")
	}
	facts := kit.Facts{{Label: "Text of the law", Value: words.Citations(row.Citations)}, {Label: "Certainty", Value: words.Certainty(row.Certainty, row.CheckedOn)}, {Label: "Source", Value: row.Source}}
	for _, c := range classes {
		facts = append(facts, kit.Fact{Label: words.Class(c), Value: reach(row, c)})
	}
	var issuers []string
	for _, i := range row.Issuers {
		issuers = append(issuers, i.Text)
	}
	var needs []string
	for _, p := range s.c.Law.ParticularsOf(row) {
		needs = append(needs, p.Label)
	}
	facts = append(facts, kit.Fact{Label: "Name in files and reports", Value: kit.Code(string(row.ID))}, kit.Fact{Label: "The person is told", Value: row.NoticeRule.Text}, kit.Fact{Label: "In reports", Value: row.Publication.Text})
	if row.Note != "" {
		facts = append(facts, kit.Fact{Label: "Note", Value: row.Note})
	}
	return s.page(w, r, "process.html", row.Name, s.c.Law.PlaceName(row.Jurisdiction)+". What it reaches here, who may issue it, and what it must show.", struct {
		Facts          kit.Facts
		Issuers, Needs []string
	}{facts, issuers, needs})
}

func (s *center) trust(w http.ResponseWriter, r *http.Request) error {
	t, err := s.c.Trust(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, t)
}

type logView struct {
	Name, Origin string
	Keys         []string
	Checkpoint   string
	Size         int64
	Signed       []string // names of all who have signed the newest checkpoint
}

// signers are the names in the signature lines of a checkpoint.
func signers(note []byte) (out []string) {
	_, lines, _ := strings.Cut(string(note), "\n\n")
	for line := range strings.Lines(lines) {
		if f := strings.Fields(line); len(f) == 3 {
			out = append(out, f[1])
		}
	}
	return out
}

// watcher is a witness as the page shows it.
type watcher struct {
	Name, Key string
	State     any
}

func (s *center) watchers() (out []watcher) {
	for _, w := range s.c.Witnesses {
		size, at, err := w.State()
		v := watcher{Name: w.Name(), Key: w.Key(), State: kit.Badge{Tone: kit.Warn, Text: "not asked yet"}}
		switch {
		case fault.Is(err, fault.Conflict):
			v.State = kit.Badge{Tone: kit.Bad, Text: "refuses: it has seen another past of this ledger"}
		case err != nil:
			v.State = kit.Badge{Tone: kit.Warn, Text: "cannot be reached"}
		case !at.IsZero():
			v.State = kit.Badge{Tone: kit.Good, Text: fmt.Sprintf("co-signed %d leaves on %s", size, at.UTC().Format("2006-01-02 15:04 UTC"))}
		}
		out = append(out, v)
	}
	return out
}

func (s *center) ledgers(w http.ResponseWriter, r *http.Request) error {
	var views []logView
	for name, l := range s.c.Logs {
		p, err := l.Public()
		if err != nil {
			return err
		}
		views = append(views, logView{name, l.Origin(), l.Keys(), string(p.Checkpoint()), p.Size(), signers(p.Checkpoint())})
	}
	slices.SortFunc(views, func(a, b logView) int { return strings.Compare(a.Name, b.Name) })
	return s.page(w, r, "ledger.html", "Ledgers", "Each act of the response team is a leaf; so are dummies, always the same number at the same times, so that nobody can count the acts.", struct {
		Logs     []logView
		Watchers []watcher
		Cosigns  bool
	}{views, s.watchers(), s.c.Cosigns != nil})
}

func (s *center) public(r *http.Request) (ledger.Public, error) {
	l, ok := s.c.Logs[r.PathValue("log")]
	if !ok {
		return ledger.Public{}, fault.New(fault.NotFound, "read ledger", "There is no ledger of that name.")
	}
	return l.Public()
}

func (s *center) checkpoint(w http.ResponseWriter, r *http.Request) error {
	p, err := s.public(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = w.Write(p.Checkpoint())
	return err
}

// maxLeaves bounds one answer.
const maxLeaves = 4096

func (s *center) leaves(w http.ResponseWriter, r *http.Request) error {
	p, err := s.public(r)
	if err != nil {
		return err
	}
	from, err1 := strconv.ParseInt(r.FormValue("from"), 10, 64)
	to, err2 := strconv.ParseInt(r.FormValue("to"), 10, 64)
	if err1 != nil || err2 != nil || from < 0 || to < from || to > p.Size() || to-from > maxLeaves {
		return fault.New(fault.Invalid, "read ledger", "Give from and to as leaf numbers up to %d, at most %d leaves at a time.", p.Size(), maxLeaves)
	}
	hashes, err := p.LeafHashes(from, to)
	if err != nil {
		return err
	}
	out := make([]string, len(hashes))
	for i, h := range hashes {
		out[i] = h.String()
	}
	return writeJSON(w, map[string]any{"from": from, "hashes": out})
}

// consistency proves that the ledger begins with so many leaves: asked for as a
// number in the form, or as the file that copies of the site keep.
func (s *center) consistency(w http.ResponseWriter, r *http.Request) error {
	p, err := s.public(r)
	if err != nil {
		return err
	}
	asked := cmp.Or(strings.TrimSuffix(r.PathValue("leaves"), ".json"), r.FormValue("from"))
	old, err := strconv.ParseInt(asked, 10, 64)
	if err != nil || old < 0 || old > p.Size() {
		return fault.New(fault.Invalid, "read ledger", "Give from as the size of an earlier checkpoint, at most %d.", p.Size())
	}
	path, err := p.Consistency(old)
	if err != nil {
		return err
	}
	return writeJSON(w, proof.NewContinuation(old, p.Size(), path, p.Checkpoint()))
}

func writeJSON(w http.ResponseWriter, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(append(b, '\n'))
	return err
}
