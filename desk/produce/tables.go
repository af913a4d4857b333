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
	"letterlock/internal/lang"
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
func conventions(t *lang.Tongue) []string {
	return []string{
		bare(t, "All dates and times are in UTC."),
		bare(t, "A field that is listed in the grant and absent from the records holds no value for that account."),
		bare(t, "In the CSV files a value that begins with = + - @ ' or a control character has an apostrophe put before it, so that spreadsheet programs show it as text. The JSON files hold every value exactly."),
		bare(t, "CSV files are UTF-8, comma-separated, with lines ending in CR LF (RFC 4180)."),
	}
}

// bare says a text for a file that programs read.
func bare(t *lang.Tongue, text string) string { return lang.Bare(t.T(text)) }

func writeTargets(w io.Writer, in Input) error {
	table := csv.NewWriter(w)
	table.UseCRLF = true
	rows := [][]string{{"asked", "account", "result"}}
	for _, t := range in.Targets {
		id, result := t.Account.String(), lang.Bare(t.Note.In(in.Tongue))
		switch {
		case t.Account.IsZero() && result == "":
			id, result = "", bare(in.Tongue, "no account of this service")
		case t.Account.IsZero():
			id = ""
		case result == "":
			result = bare(in.Tongue, "account found")
		}
		rows = append(rows, []string{cell(t.Asked), id, cell(result)})
	}
	if err := table.WriteAll(rows); err != nil {
		return fmt.Errorf("write %s: %w", bundle.TargetsCSV, err)
	}
	return nil
}

// words are a field in the words of one language.
type words struct {
	Title   string `json:"title"`
	Meaning string `json:"meaning"`
	Form    string `json:"form"`
	For     string `json:"kept_for"`
	Until   string `json:"kept_until"`
}

func wordsOf(t *lang.Tongue, f disclosable.Field) words {
	return words{bare(t, f.Title), bare(t, f.Meaning), bare(t, f.Form), bare(t, f.Purpose), bare(t, f.Retention)}
}

// writeDictionaryCSV writes what the fields mean in the officer's language and,
// where that is another one, in English, which governs.
func writeDictionaryCSV(w io.Writer, t *lang.Tongue, fields []disclosable.Field) error {
	table := csv.NewWriter(w)
	table.UseCRLF = true
	head := []string{"field", "title", "class", "meaning", "form", "kept_for", "kept_until"}
	translated := t.Code() != lang.English
	if translated {
		head = append(head, "title_en", "meaning_en", "form_en", "kept_for_en", "kept_until_en")
	}
	rows := [][]string{head}
	for _, f := range fields {
		x := wordsOf(t, f)
		row := []string{string(f.ID), x.Title, string(f.Class), x.Meaning, x.Form, x.For, x.Until}
		if translated {
			row = append(row, f.Title, f.Meaning, f.Form, f.Purpose, f.Retention)
		}
		rows = append(rows, row)
	}
	if err := table.WriteAll(rows); err != nil {
		return fmt.Errorf("write %s: %w", bundle.DictionaryCSV, err)
	}
	return nil
}

// term is a field in data-dictionary.json.
type term struct {
	Field string `json:"field"`
	Class string `json:"class"`
	words
	English *words `json:"english,omitempty"` // of a translation
}

func writeDictionaryJSON(w io.Writer, t *lang.Tongue, fields []disclosable.Field) error {
	terms := make([]term, 0, len(fields))
	for _, f := range fields {
		x := term{Field: string(f.ID), Class: string(f.Class), words: wordsOf(t, f)}
		if t.Code() != lang.English {
			english := wordsOf(nil, f)
			x.English = &english
		}
		terms = append(terms, x)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(struct {
		Format      string           `json:"format"`
		Language    string           `json:"language"`
		Inventory   disclosable.Hash `json:"inventory_sha256"`
		Conventions []string         `json:"conventions"`
		Fields      []term           `json:"fields"`
	}{"letterlock data dictionary 1", t.Code(), disclosable.InventoryHash(), conventions(t), terms})
	if err != nil {
		return fmt.Errorf("write %s: %w", bundle.DictionaryJSN, err)
	}
	return nil
}

// writeGrants puts every grant into plain words, from its signed bytes and
// never from what the desk says about it.
func writeGrants(w io.Writer, in Input) error {
	if in.Tongue.Code() != lang.English && len(in.Grants) > 0 {
		fmt.Fprintf(w, "%s\n\n", in.Tongue.T("What two people signed, in the English words in which they read it. The letter tells in your language what was released."))
	}
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
		d, err := bundle.Describe(say(in.Tongue, p.About), p.Bytes)
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
