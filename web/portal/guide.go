package portal

import (
	"cmp"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/lang"
	"letterlock/law"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// offered is one process as the portal offers it.
type offered struct {
	Row       law.Row
	Reaches   string // in words
	Does      string // what the team does with it
	Certainty kit.Badge
	Chosen    bool
}

// region is the processes of one jurisdiction.
type region struct {
	Name  string
	Where law.Jurisdiction
	Own   bool // some process of it can come from the officer's own country
	Rows  []offered
}

// regions are the processes in force, by jurisdiction: the officer's own and
// its union's first, then those of the United States, then by name.
func (p *portal) regions(t *lang.Tongue, own law.Jurisdiction, chosen law.ProcessID) []region {
	var out []region
	for _, row := range p.c.Law.Rows() {
		if !row.InForce(p.c.Clock.Now()) {
			continue
		}
		i := slices.IndexFunc(out, func(g region) bool { return g.Where == row.Jurisdiction })
		if i < 0 {
			i, out = len(out), append(out, region{Name: t.T(words.Place(row.Jurisdiction)), Where: row.Jurisdiction})
		}
		out[i].Own = out[i].Own || own != "" && row.Jurisdiction != "*" && p.c.Law.Binds(row, own)
		row = row.In(t)
		out[i].Rows = append(out[i].Rows, offered{row, reachesWords(t, row), t.T(stanceWords(row.Stance)), certainty(t, row), row.ID == chosen})
	}
	slices.SortStableFunc(out, func(a, b region) int { return cmp.Or(a.rank()-b.rank(), strings.Compare(a.Name, b.Name)) })
	for _, g := range out { // a life in danger comes first
		slices.SortStableFunc(g.Rows, func(a, b offered) int { return urgent(a.Row) - urgent(b.Row) })
	}
	return out
}

func (g region) rank() int {
	switch {
	case g.Own:
		return 0
	case g.Where == "US":
		return 1
	case g.Where == "*":
		return 3
	}
	return 2
}

// urgent orders what an officer looks for: a life in danger, then the papers
// of every day, then the rest.
func urgent(r law.Row) int {
	switch {
	case r.ID == law.Emergency:
		return 0
	case r.Stance == law.StanceReview:
		return 1
	case r.Stance == law.StanceSnapshot:
		return 2
	case r.Stance == law.StanceTap:
		return 3
	}
	return 4
}

func (p *portal) start(w http.ResponseWriter, r *http.Request) error {
	t := p.kit.Tongue(r)
	return p.open(w, r, http.StatusOK, "start.html", kit.Page{Title: "Ask for account data", Here: "/", Wide: true,
		Lead: "For officers of public authorities. What you can get with which paper is answered here, before you begin.",
		Data: struct {
			Regions []region
			Fields  []disclosable.Field
			Absent  []disclosable.Absent
			Contact string
		}{p.regions(t, "", ""), inventory(t), absents(t), p.c.Contact}})
}

// inventory is all that is stored, in a language.
func inventory(t *lang.Tongue) []disclosable.Field {
	out := disclosable.Fields()
	for i := range out {
		out[i] = out[i].In(t)
	}
	return out
}

// absents is what does not exist, in a language.
func absents(t *lang.Tongue) []disclosable.Absent {
	out := disclosable.Absents()
	for i := range out {
		out[i] = out[i].In(t)
	}
	return out
}

// need is one thing that a process must show.
type need struct{ Label, Help string }

func (p *portal) process(w http.ResponseWriter, r *http.Request) error {
	row, ok := p.c.Law.Row(law.ProcessID(r.PathValue("id")), p.c.Clock.Now())
	if !ok {
		return fault.New(fault.NotFound, "show process", "there is no process of that name in force")
	}
	pending, err := p.pending(r.Context(), row) // of the row as counsel reads it, in English
	if err != nil {
		return err
	}
	t := p.kit.Tongue(r)
	row = row.In(t)
	facts := kit.Facts{{Label: "Text of the law", Value: t.T(words.Citations(row.Citations))}, {Label: "How sure we are of this row", Value: certainty(t, row)}}
	facts = append(facts, approvalFact(row, pending)...)
	facts = append(facts, kit.Facts{{Label: "What we do with it", Value: kit.Words(stanceWords(row.Stance))}, {Label: "The person is told", Value: row.NoticeRule.Text}}...)
	for _, c := range row.Clocks {
		facts = append(facts, kit.Fact{Label: clockName(c.Kind), Value: clockWords(t, c)})
	}
	return p.open(w, r, http.StatusOK, "process.html", kit.Page{Title: row.Name, Lead: words.Place(row.Jurisdiction), Here: "/", Trail: []kit.Link{{Text: "What can be asked", URL: "/"}},
		Data: struct {
			Row    law.Row
			Facts  kit.Facts
			Table  kit.Table
			Issuer []law.Issuer
			Needs  []need
			Listed kit.Table
		}{row, facts, reachTable(t, row), row.Issuers, p.needs(t, row), listedTable(t, row)}})
}

// listedTable is the list of offences for which the process is given.
func listedTable(l *lang.Tongue, row law.Row) kit.Table {
	t := kit.Table{Caption: "Offences for which it is given", Columns: kit.Columns("Offence or ground", "Highest penalty, at least", "Text of the law", "How sure we are")}
	for _, e := range row.Threshold.Listed {
		years := "–"
		if e.MaxPenaltyYears > 0 {
			years = l.N(e.MaxPenaltyYears, "%d year of imprisonment", "%d years of imprisonment")
		}
		t.Rows = append(t.Rows, []any{e.Text, years, string(e.Citation), words.Certainty(e.Certainty, e.CheckedOn)})
	}
	return t
}

// reachTable says for every field and class what this process gets.
func reachTable(l *lang.Tongue, row law.Row) kit.Table {
	t := kit.Table{Caption: "What this process gets", Columns: []kit.Column{{Title: "Data"}, {Title: "Reached"}, {Title: "What it is"}}}
	for _, f := range inventory(l) {
		t.Rows = append(t.Rows, []any{f.Title, reachBadge(row, f), f.Meaning})
	}
	for _, a := range absents(l)[:2] {
		t.Rows = append(t.Rows, []any{a.What, kit.Badge{Tone: kit.Plain, Text: "does not exist"}, a.Why})
	}
	return t
}

func (p *portal) opening(w http.ResponseWriter, r *http.Request) error {
	return p.open(w, r, http.StatusOK, "open.html", kit.Page{Title: "How to open and check a package", Here: "/open",
		Lead: "A package opens on your own device, without a network. Prosecutor, defence and court can check it the same way.",
		Data: struct {
			Files           []string
			Center, Contact string
		}{p.openers(), p.c.Center, p.c.Contact}})
}

// openers are the files by which a package can be opened, the page first.
func (p *portal) openers() []string {
	if p.c.Opener == nil {
		return nil
	}
	var out []string
	list, _ := fs.ReadDir(p.c.Opener, ".") // an absent folder offers nothing
	for _, e := range list {
		if e.Type().IsRegular() {
			out = append(out, e.Name())
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return first(a) - first(b) })
	return out
}

func first(name string) int {
	if path.Ext(name) == ".html" {
		return 0
	}
	return 1
}

// opener hands out a way to open packages, to be kept and used offline.
func (p *portal) opener(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	if !slices.Contains(p.openers(), name) {
		return fault.New(fault.NotFound, "hand out opener", "there is no such file")
	}
	b, err := fs.ReadFile(p.c.Opener, name)
	if err != nil {
		return err
	}
	attach(w, name, "application/octet-stream")
	_, err = w.Write(b)
	return err
}

func attach(w http.ResponseWriter, name, kind string) {
	clean := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || strings.ContainsRune(`"\/`, r) {
			return '_'
		}
		return r
	}, name)
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", `attachment; filename="`+clean+`"`)
}
