package transparency

import (
	"encoding/json"
	"slices"
	"time"
)

// Group is where a process is counted.
type Group string

// The groups. Legal process and emergencies make up the totals; the others are
// counted apart from them, and some not at all.
const (
	Legal        Group = "legal"
	Emergency    Group = "emergency"
	Preservation Group = "preservation"
	Civil        Group = "civil"
	Weaken       Group = "weaken" // demands to weaken the system, and gags about them
	Informal     Group = "informal"
	Banded       Group = "national" // only in the bands of 50 USC 1874
	Barred       Group = "barred"   // may not be published
)

// Process is what the report must know of a process of the law table.
type Process struct {
	Title        string
	Group        Group
	Bucket       string
	Jurisdiction string // "US", "EU", "*"
}

// Input is what a report is made of. The same input gives the same bytes.
type Input struct {
	Provider  string
	Period    Period
	Entries   []Entry // of the desk's public ledger, in its order
	Sealed    []Entry // of its sealed one
	Structure Structure
	// Process looks a process up in the law table, as it read on a day.
	Process func(id string, on time.Time) (Process, bool)
	// Country is the name of a country.
	Country func(id string) string
	Members []string  // of the European Union
	Earlier []*Report // published before, for restatements
	Head    Head
}

// Head is the checkpoint up to which the ledger was counted.
type Head struct {
	Origin string    `json:"origin"`
	Time   time.Time `json:"time"`
	Note   string    `json:"note"` // signed
}

// Report is all that is published of a period.
type Report struct {
	Schema     string     `json:"schema"`
	Provider   string     `json:"provider"`
	Period     Period     `json:"period"`
	From       time.Time  `json:"from"`
	Until      time.Time  `json:"until"`
	Counted    Head       `json:"counted"`
	Total      Row        `json:"total"`
	Split      *Split     `json:"split,omitempty"` // absent if a part would be small
	Countries  []Row      `json:"countries"`
	Processes  []Row      `json:"processes"`
	US         []Row      `json:"united_states"`
	Outcomes   Outcomes   `json:"outcomes"`
	Secrecy    Secrecy    `json:"secrecy"`
	Notices    Notices    `json:"notices"`
	Challenges Challenges `json:"challenges"`
	Apart      []Aside    `json:"apart"`
	Preserved  *Preserved `json:"preservations,omitempty"` // absent if an outcome would be small
	DSA        DSA        `json:"dsa"`
	National   *National  `json:"national,omitempty"`
	Restated   []Change   `json:"restated"`
}

// Schema names the form of a report.
const Schema = "letterlock.report.v1"

// Split is legal process and emergencies.
type Split struct {
	Legal     Row `json:"legal"`
	Emergency Row `json:"emergency"`
	Followed  int `json:"emergencies_followed_by_process"`
}

// Outcomes is how the requests of the totals were answered.
type Outcomes struct {
	All       int `json:"all"`
	Part      int `json:"part"`
	Refused   int `json:"refused"`
	NoData    int `json:"no_data"`
	Withdrawn int `json:"withdrawn"`
	Pending   int `json:"pending"`
}

// Secrecy is how often the person was not to be told.
type Secrecy struct {
	Asked      int  `json:"asked"`
	OpenEnded  int  `json:"open_ended"`
	MedianDays *int `json:"median_days"` // of those with an end
}

// Notices are the people told about requests of this period so far.
type Notices struct {
	Before int `json:"before"`
	After  int `json:"after"`
}

// Challenges are the requests of which something was challenged or narrowed.
type Challenges struct {
	Challenged int `json:"challenged"`
	Narrowed   int `json:"narrowed"`
}

// Aside is a group that is in no total.
type Aside struct {
	Group    Group  `json:"group"`
	Name     string `json:"name"`
	Requests Figure `json:"requests"`
	Accounts Figure `json:"accounts"`
}

// Preserved is how requests to preserve were answered. Nothing is disclosed
// under them, so none of it is among the outcomes of the totals.
type Preserved struct {
	Kept      int `json:"kept"`
	Refused   int `json:"refused"`
	NoAccount int `json:"no_account"`
	Withdrawn int `json:"withdrawn"`
	Pending   int `json:"pending"`
}

// DSA is what article 15(1)(a) of Regulation (EU) 2022/2065 asks for.
type DSA struct {
	Orders      []Row `json:"orders_by_member_state"`
	Content     []Row `json:"orders_by_type_of_content"`
	ReceiptHrs  *int  `json:"median_hours_to_inform_of_receipt"`
	EffectHours *int  `json:"median_hours_to_give_effect"`
}

// Change is a figure of an earlier report that is now another.
type Change struct {
	Period Period `json:"period"`
	Table  string `json:"table"`
	Row    string `json:"row"`
	Column string `json:"column"`
	Was    int    `json:"was"`
	Is     int    `json:"is"`
}

// Build counts.
func Build(in Input) (*Report, error) {
	if in.Head.Time.Before(in.Period.Until()) {
		return nil, invalid("the ledger is counted up to %s and the period %s ends on %s: build the report after its end", in.Head.Time.UTC().Format(time.DateOnly), in.Period,
			in.Period.Until().AddDate(0, 0, -1).Format(time.DateOnly))
	}
	if err := oneStructure(in.Structure, in.Period, in.Earlier); err != nil {
		return nil, err
	}
	all, err := fold(in.Entries)
	if err != nil {
		return nil, err
	}
	sealed, err := fold(in.Sealed)
	if err != nil {
		return nil, err
	}
	r := in.count(in.Period, all)
	r.National = national(in.Structure, in.Period, append(sealed, in.of(all, Banded)...), in.bucket)
	for _, old := range in.Earlier {
		if old.Period != in.Period {
			r.Restated = append(r.Restated, changes(old, in.count(old.Period, all))...)
		}
	}
	return r, nil
}

func (in Input) process(f facts) Process {
	p, ok := in.Process(f.process, f.filed)
	if !ok {
		return Process{Title: "Process that is in the table no more", Group: Legal, Bucket: other}
	}
	return p
}

func (in Input) bucket(f facts) string { return in.process(f).Bucket }

// of are the requests of some groups.
func (in Input) of(all []facts, groups ...Group) (out []facts) {
	for _, f := range all {
		if slices.Contains(groups, in.process(f).Group) {
			out = append(out, f)
		}
	}
	return out
}

// count makes the tables of one period, without what is published in bands.
func (in Input) count(p Period, all []facts) *Report {
	var held []facts
	for _, f := range all {
		if p.Holds(f.filed) {
			held = append(held, f)
		}
	}
	main := in.of(held, Legal, Emergency)
	r := &Report{Schema: Schema, Provider: in.Provider, Period: p, From: p.From(), Until: p.Until(), Counted: in.Head, Total: sum(main), Restated: []Change{}}
	r.Total.ID, r.Total.Name = "total", "All requests"
	in.tables(r, main)
	r.US = in.us(r.Processes, main)
	r.Outcomes, r.Secrecy, r.Notices, r.Challenges = outcomes(main), secrecy(main), notices(main), challenges(main)
	for _, g := range []struct {
		Group
		name string
	}{{Preservation, "Preservation of records"}, {Civil, "Civil matters"}, {Weaken, "Demands to weaken the system"}, {Informal, "Requests without legal force"}} {
		s := sum(in.of(held, g.Group))
		r.Apart = append(r.Apart, Aside{g.Group, g.name, Figure{s.Requests}, Figure{s.Accounts}})
	}
	r.Preserved = preserved(in.of(held, Preservation))
	r.DSA = in.dsa(held, r.Countries)
	return r
}

// tables makes the tables of countries and processes, and hides row after row
// until the audit finds nothing: processes first, then the split, then
// countries.
func (in Input) tables(r *Report, main []facts) {
	c := cellsOf(main, func(f facts) string { return f.country }, in.bucket)
	countries := table(main, func(f facts) (string, string) { return f.country, in.Country(f.country) }, "Other countries")
	processes := table(main, func(f facts) (string, string) { p := in.process(f); return p.Bucket, p.Title }, "Other processes")
	r.Split = in.split(main)
	emergency := map[string]bool{}
	for _, f := range in.of(main, Emergency) {
		emergency[in.bucket(f)] = true
	}
	sets := func() []set {
		all := append(countries.sets(c, func(id string) func(string, string) bool { return func(in, _ string) bool { return in == id } }),
			processes.sets(c, func(id string) func(string, string) bool { return func(_, in string) bool { return in == id } })...)
		all = append(all, c.set(func(string, string) bool { return true }))
		if r.Split != nil {
			all = append(all, c.set(func(_, p string) bool { return emergency[p] }), c.set(func(_, p string) bool { return !emergency[p] }))
		}
		return all
	}
	for c.leaks(sets()) {
		switch {
		case processes.hidden < len(processes.rows):
			processes.hide()
		case r.Split != nil:
			r.Split = nil
		case countries.hidden < len(countries.rows):
			countries.hide()
		default: // the total is all there is
			r.Countries, r.Processes = []Row{}, []Row{}
			return
		}
	}
	r.Countries, r.Processes = orEmpty(countries.shown()), orEmpty(processes.shown())
}

func orEmpty(rows []Row) []Row {
	if rows == nil {
		return []Row{}
	}
	return rows
}

// us are the rows of United States processes as they stand in the table of all
// processes: the very same figures, so that the two have no difference.
func (in Input) us(rows []Row, main []facts) []Row {
	out := []Row{}
	american := map[string]bool{}
	for _, f := range main {
		if p := in.process(f); country(p.Jurisdiction) == "US" {
			american[p.Bucket] = true
		}
	}
	for _, r := range rows {
		if american[r.ID] {
			out = append(out, r)
		}
	}
	return out
}

// split shows emergencies apart only if neither part is small.
func (in Input) split(main []facts) *Split {
	s := &Split{Legal: sum(in.of(main, Legal)), Emergency: sum(in.of(main, Emergency))}
	s.Legal.ID, s.Legal.Name, s.Emergency.ID, s.Emergency.Name = "legal", "Legal process", "emergency", "Emergencies"
	for _, n := range []int{s.Legal.Requests, s.Emergency.Requests} {
		if n > 0 && n < Small {
			return nil
		}
	}
	for _, f := range in.of(main, Emergency) {
		if f.followed {
			s.Followed++
		}
	}
	return s
}

func outcomes(main []facts) (o Outcomes) {
	for _, f := range main {
		switch {
		case f.withdrawn:
			o.Withdrawn++
		case f.outcome == "all":
			o.All++
		case f.outcome == "part":
			o.Part++
		case f.outcome == "refused":
			o.Refused++
		case f.answered():
			o.NoData++
		default:
			o.Pending++
		}
	}
	return o
}

// preserved tells the outcomes of preservations apart only if none is small.
func preserved(all []facts) *Preserved {
	var p Preserved
	for _, f := range all {
		switch {
		case f.withdrawn:
			p.Withdrawn++
		case f.outcome == "kept":
			p.Kept++
		case f.outcome == "refused":
			p.Refused++
		case f.answered():
			p.NoAccount++
		default:
			p.Pending++
		}
	}
	for _, n := range []int{p.Kept, p.Refused, p.NoAccount, p.Withdrawn, p.Pending} {
		if n > 0 && n < Small {
			return nil
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &p
}

func secrecy(main []facts) (s Secrecy) {
	var days []int
	for _, f := range main {
		if f.gag == nil {
			continue
		}
		s.Asked++
		if f.gag.Days > 0 {
			days = append(days, f.gag.Days)
		} else {
			s.OpenEnded++
		}
	}
	s.MedianDays = medianDays(days)
	return s
}

func notices(main []facts) (n Notices) {
	for _, f := range main {
		n.Before, n.After = n.Before+f.toldBefore, n.After+f.toldLate
	}
	return n
}

func challenges(main []facts) (c Challenges) {
	for _, f := range main {
		if f.challenged {
			c.Challenged++
		}
		if f.narrowed {
			c.Narrowed++
		}
	}
	return c
}

// dsa counts the orders of Member States. Its rows are those of the table of
// countries: the very same figures, so that the two have no difference.
//
// law: Reg. (EU) 2022/2065 art. 15(1)(a)
func (in Input) dsa(held []facts, shown []Row) DSA {
	var receipt, effect []time.Duration
	for _, f := range in.of(held, Legal, Emergency) {
		if !slices.Contains(in.Members, f.country) {
			continue
		}
		if !f.taken.IsZero() {
			receipt = append(receipt, f.taken.Sub(f.filed))
		}
		if f.answered() {
			effect = append(effect, f.packed.Sub(f.filed))
		}
	}
	d := DSA{Orders: []Row{}, Content: []Row{}, ReceiptHrs: medianHours(receipt), EffectHours: medianHours(effect)}
	for _, row := range shown {
		if slices.Contains(in.Members, row.ID) {
			d.Orders = append(d.Orders, row)
		}
	}
	d.Content = orEmpty(in.content(held, d.Orders).shown())
	return d
}

// content groups the orders of the Member States that are shown by the type of
// content they are about.
func (in Input) content(held []facts, states []Row) *merged {
	var orders []facts
	for _, f := range in.of(held, Legal, Emergency) {
		if slices.ContainsFunc(states, func(r Row) bool { return r.ID == f.country }) {
			orders = append(orders, f)
		}
	}
	return table(orders, func(f facts) (string, string) {
		if f.offence == "" {
			return "unstated", "Not stated"
		}
		return f.offence, f.offence
	}, "Other types")
}

// changes are the figures of rows that both countings show and that differ.
func changes(old, now *Report) (out []Change) {
	for _, t := range []struct {
		name     string
		was, are []Row
	}{{"total", []Row{old.Total}, []Row{now.Total}}, {"countries", old.Countries, now.Countries}, {"processes", old.Processes, now.Processes}} {
		for _, w := range t.was {
			i := slices.IndexFunc(t.are, func(r Row) bool { return r.ID == w.ID })
			if i < 0 {
				continue
			}
			a := t.are[i]
			for _, c := range []Change{{Column: "requests", Was: w.Requests, Is: a.Requests}, {Column: "accounts", Was: w.Accounts, Is: a.Accounts},
				{Column: "answered", Was: w.Answered, Is: a.Answered}, {Column: "some_data", Was: w.SomeData, Is: a.SomeData}} {
				if c.Was != c.Is {
					c.Period, c.Table, c.Row = old.Period, t.name, w.ID
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// JSON is the report as it is published.
func (r *Report) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(r, "", "  ")
	return append(b, '\n'), err
}
