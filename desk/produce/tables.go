package produce

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"letterlock/desk/produce/bundle"
	"letterlock/disclosable"
)

// stamp writes a time for programs; the absent time is empty.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// fieldsOf are the inventory's entries for the fields that occur in the
// records or the grants, in the inventory's order.
func fieldsOf(allowed reach) []disclosable.Field {
	var any fieldSet
	for _, fields := range allowed {
		any |= fields
	}
	var out []disclosable.Field
	for _, f := range disclosable.Fields() {
		if any&bits[f.ID] != 0 {
			out = append(out, f)
		}
	}
	return out
}

// conventions are what a reader of the files must know besides the fields.
var conventions = []string{
	"All dates and times are in UTC.",
	"A field that is listed in the grant and absent from the records holds no value for that account.",
	"In the CSV files a value that begins with = + - @ ' or a control character has an apostrophe put before it, so that spreadsheet programs show it as text. The JSON files hold every value exactly.",
	"CSV files are UTF-8, comma-separated, with lines ending in CR LF (RFC 4180).",
}

func writeTargets(w io.Writer, in Input) error {
	table := csv.NewWriter(w)
	table.UseCRLF = true
	rows := [][]string{{"asked", "account", "result"}}
	for _, t := range in.Targets {
		id, result := t.Account.String(), t.Note
		switch {
		case t.Account.IsZero() && result == "":
			id, result = "", "no account of this service"
		case t.Account.IsZero():
			id = ""
		case result == "":
			result = "account found"
		}
		rows = append(rows, []string{cell(t.Asked), id, cell(result)})
	}
	if err := table.WriteAll(rows); err != nil {
		return fmt.Errorf("write %s: %w", bundle.TargetsCSV, err)
	}
	return nil
}

func writeDictionaryCSV(w io.Writer, fields []disclosable.Field) error {
	table := csv.NewWriter(w)
	table.UseCRLF = true
	rows := [][]string{{"field", "title", "class", "meaning", "form", "kept_for", "kept_until"}}
	for _, f := range fields {
		rows = append(rows, []string{string(f.ID), f.Title, string(f.Class), f.Meaning, f.Form, f.Purpose, f.Retention})
	}
	if err := table.WriteAll(rows); err != nil {
		return fmt.Errorf("write %s: %w", bundle.DictionaryCSV, err)
	}
	return nil
}

// term is a field in data-dictionary.json.
type term struct {
	Field   string `json:"field"`
	Title   string `json:"title"`
	Class   string `json:"class"`
	Meaning string `json:"meaning"`
	Form    string `json:"form"`
	For     string `json:"kept_for"`
	Until   string `json:"kept_until"`
}

func writeDictionaryJSON(w io.Writer, fields []disclosable.Field) error {
	terms := make([]term, 0, len(fields))
	for _, f := range fields {
		terms = append(terms, term{string(f.ID), f.Title, string(f.Class), f.Meaning, f.Form, f.Purpose, f.Retention})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(struct {
		Format      string           `json:"format"`
		Inventory   disclosable.Hash `json:"inventory_sha256"`
		Conventions []string         `json:"conventions"`
		Fields      []term           `json:"fields"`
	}{"letterlock data dictionary 1", disclosable.InventoryHash(), conventions, terms})
	if err != nil {
		return fmt.Errorf("write %s: %w", bundle.DictionaryJSN, err)
	}
	return nil
}

// writeGrants puts every grant into plain words, from its signed bytes and
// never from what the desk says about it.
func writeGrants(w io.Writer, in Input) error {
	for i, g := range in.Grants {
		parsed, err := disclosable.ParseGrant(g.Signed.Grant)
		if err != nil {
			return fmt.Errorf("read grant %d: %w", i+1, err)
		}
		fmt.Fprintf(w, "Grant %d of %d\n", i+1, len(in.Grants))
		fmt.Fprintf(w, "  %-13s %s\n", "Hash", disclosable.GrantHash(g.Signed.Grant))
		for _, l := range parsed.InWords(g.LawName) {
			fmt.Fprintf(w, "  %-13s %s\n", l.Label, oneLine(l.Text))
		}
		for _, h := range g.Holders {
			fmt.Fprintf(w, "  %-13s %s, with key %x%s\n", "Signed by", oneLine(h.Holder), h.ID, demo(h))
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return fmt.Errorf("write %s: %w", bundle.GrantsText, err)
		}
	}
	return nil
}

func demo(h bundle.Holder) string {
	if h.Demo {
		return " (DEMO: a software key of a demonstration)"
	}
	return ""
}

// oneLine keeps a text that came from outside from looking like another line
// of the file.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return slices.Contains([]rune{'\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029'}, r)
	}), " / ")
}

// writeProofs puts the ledger proofs, as the ledgers gave them, in one file.
func writeProofs(w io.Writer, in Input) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	list := make([]bundle.Proof, 0, len(in.Proofs))
	for _, p := range in.Proofs {
		d, err := bundle.Describe(p.About, p.Bytes)
		if err != nil {
			return err
		}
		list = append(list, d)
	}
	if err := e.Encode(bundle.Proofs{Format: bundle.ProofFormat, Proofs: list}); err != nil {
		return fmt.Errorf("write %s: %w", bundle.ProofName, err)
	}
	return nil
}
