package produce

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"letterlock/desk/produce/bundle"
	"letterlock/disclosable"
	"letterlock/internal/fault"
)

// shown is how many records the letter itself lists; of more it gives counts
// and points to the files.
const shown = 120

// reach is what the grants allow: for each account, its fields.
type reach map[disclosable.Account]fieldSet

// fieldSet has a bit for each field of the inventory, in the inventory's order.
type fieldSet uint64

var bits = func() map[disclosable.FieldID]fieldSet {
	m := map[disclosable.FieldID]fieldSet{}
	for i, f := range disclosable.Fields() {
		m[f.ID] = 1 << i
	}
	return m
}()

func (r reach) allows(a disclosable.Account, f disclosable.FieldID) bool { return r[a]&bits[f] != 0 }

// tally is what passed through while the records were written.
type tally struct {
	total int
	dated bool                 // some records are of a snapshot: each says as of when it is
	first []disclosable.Record // the first that the letter lists
	count map[disclosable.FieldID]int
	asked map[disclosable.Account]string
	title map[disclosable.FieldID]string // in the officer's language
}

// row is a record as records.json holds it.
type row struct {
	Account string `json:"account"`
	Asked   string `json:"asked"`
	Field   string `json:"field"`
	Title   string `json:"title"`
	Class   string `json:"class"`
	Value   string `json:"value"`
	AsOf    string `json:"as_of,omitempty"` // of a snapshot: when it was taken
}

// writeRecords runs through the records once and writes them as CSV and as
// JSON. A field that no signed grant names for that account stops it: the desk
// should have nothing else, and if it does, that must not leave.
func writeRecords(in Input, allowed reach, csvOut, jsonOut io.Writer) (*tally, error) {
	t := &tally{count: map[disclosable.FieldID]int{}, asked: map[disclosable.Account]string{}, title: map[disclosable.FieldID]string{}}
	for _, f := range disclosable.Fields() {
		t.title[f.ID] = bare(in.Tongue, f.Title)
	}
	for _, target := range in.Targets {
		if !target.Account.IsZero() {
			t.asked[target.Account] = target.Asked
		}
	}
	table := csv.NewWriter(csvOut)
	table.UseCRLF = true // spec: RFC 4180 2
	head := []string{"account", "asked", "field", "title", "class", "value"}
	if t.dated = opensSnapshot(in.Grants); t.dated {
		head = append(head, "as_of")
	}
	if err := table.Write(head); err != nil {
		return nil, err
	}
	list, err := beginJSON(jsonOut, in)
	if err != nil {
		return nil, err
	}
	for r, err := range in.Records {
		if err != nil {
			return nil, fmt.Errorf("read record %d: %w", t.total+1, err)
		}
		if err := t.write(r, allowed, table, list); err != nil {
			return nil, err
		}
	}
	table.Flush()
	if err := table.Error(); err != nil {
		return nil, fmt.Errorf("write %s: %w", bundle.RecordsCSV, err)
	}
	return t, list.end(t.total)
}

func (t *tally) write(r disclosable.Record, allowed reach, table *csv.Writer, list *jsonList) error {
	f, known := disclosable.FieldByID(r.Field)
	if !known {
		return fault.New(fault.Invalid, "pack records", "refusing to pack the field %q, which is not in the published list", r.Field)
	}
	if !allowed.allows(r.Account, r.Field) {
		return fault.New(fault.Forbidden, "pack records", "refusing to pack the field %q of an account: no signed grant in this package names it", r.Field)
	}
	t.total++
	t.count[r.Field]++
	if len(t.first) < shown {
		t.first = append(t.first, r)
	}
	line := row{r.Account.String(), t.asked[r.Account], string(r.Field), t.title[r.Field], string(f.Class), r.Value, r.AsOf}
	cells := []string{line.Account, cell(line.Asked), line.Field, line.Title, line.Class, cell(line.Value)}
	if t.dated {
		cells = append(cells, r.AsOf)
	}
	if err := table.Write(cells); err != nil {
		return fmt.Errorf("write %s: %w", bundle.RecordsCSV, err)
	}
	return list.add(line)
}

// cell keeps a spreadsheet program from running a value as a formula: what a
// person wrote about themselves must not act on an officer's machine. JSON has
// the value exactly; the data dictionary says so.
func cell(v string) string {
	if v != "" && strings.ContainsRune("=+-@\t\r\n'", rune(v[0])) {
		return "'" + v
	}
	return v
}

// jsonList writes {"head": ..., "records": [one on each line], "count": n}
// without holding it.
type jsonList struct {
	w     io.Writer
	comma string
}

func beginJSON(w io.Writer, in Input) (*jsonList, error) {
	head, err := marshal(map[string]string{
		"format": "letterlock records 1", "package": in.Package, "case": in.Case,
		"time_zone": "UTC", "collected": stamp(in.Collected),
	})
	if err == nil {
		_, err = fmt.Fprintf(w, "{\"head\":%s,\n\"records\":[", head)
	}
	return &jsonList{w: w, comma: "\n"}, err
}

func (l *jsonList) add(r row) error {
	b, err := marshal(r)
	if err != nil {
		return fmt.Errorf("write %s: %w", bundle.RecordsJSON, err)
	}
	_, err = fmt.Fprintf(l.w, "%s%s", l.comma, b)
	l.comma = ",\n"
	return err
}

func (l *jsonList) end(n int) error {
	_, err := fmt.Fprintf(l.w, "\n],\"count\":%d}\n", n)
	return err
}

// marshal writes JSON on one line, with < and & as they are: it goes into
// files, not into pages.
func marshal(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}
