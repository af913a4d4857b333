package produce_test

import (
	"archive/tar"
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
	"letterlock/disclosable"
	"letterlock/internal/lang"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/english"
	"letterlock/law"
)

// sentence is what the law table says to an officer under a finding.
func sentence(t *testing.T, id law.FindingID) string {
	t.Helper()
	row, ok := law.Default().Finding(id)
	if !ok {
		t.Fatalf("there is no finding %s", id)
	}
	return row.Sentence
}

// ordinary is a letter as the desk writes it: the process by its row, the
// notice from the plan.
func (c *cast) ordinary(t *testing.T, tongue *lang.Tongue) produce.Input {
	in := c.input(t)
	row, ok := law.Default().Row("us.order.2703d", now)
	if !ok {
		t.Fatal("the row is not in force")
	}
	in.Tongue, in.Process = tongue, produce.Process{ID: string(row.ID), Name: row.Name, Citation: "18 USC 2703(d)"}
	in.Notice = disclosable.NoticePlan{Timing: disclosable.ToldAfter, Day: now.AddDate(0, 3, 0).Unix(), Basis: "18 USC 2705(b)"}.In(tongue)
	in.Content.Asked, in.Content.About = "", lang.Say("Content of messages of %s", number(1))
	in.Refused = []produce.Refusal{{Field: "about", FindingID: "REACH.PROCESS_TOO_LOW", Reason: sentence(t, "SCOPE.RANGE_WIDE")}}
	return in
}

// bare is a letter without records: why stands in what is refused.
func (c *cast) bare(t *testing.T, tongue *lang.Tongue, refused ...produce.Refusal) produce.Input {
	in := c.ordinary(t, tongue)
	in.Grants, in.Proofs, in.Records, in.Content, in.NotHeld, in.Refused = nil, nil, list(), nil, nil, refused
	in.Targets = []produce.Target{{Asked: number(1), Note: lang.Say("not looked up")}, {Asked: "Ana Ruiz", Note: lang.Say("an account cannot be found by this kind of identifier")}}
	in.Notice = tongue.T("No record was disclosed, so there is nothing to tell the account holder.")
	return in
}

// kinds are the letters that an officer can get.
var kinds = map[string]func(*cast, *testing.T, *lang.Tongue) produce.Input{
	"production": func(c *cast, t *testing.T, l *lang.Tongue) produce.Input {
		in := c.ordinary(t, l)
		in.Refused, in.NotHeld, in.Content = nil, nil, nil
		return in
	},
	"partial": func(c *cast, t *testing.T, l *lang.Tongue) produce.Input {
		in := c.ordinary(t, l)
		in.Refused = append(in.Refused, produce.Refusal{Field: "devices", FindingID: "SCOPE.RANGE_WIDE", Reason: sentence(t, "SCOPE.RANGE_WIDE"), More: []lang.Text{lang.Say("It is produced for some of the identifiers only.")}})
		return in
	},
	"decline": func(c *cast, t *testing.T, l *lang.Tongue) produce.Input {
		return c.bare(t, l, produce.Refusal{Field: "name", FindingID: "FORM.NO_LEGAL_BASIS", Reason: sentence(t, "FORM.NO_LEGAL_BASIS")},
			produce.Refusal{What: lang.Say("The records as a whole"), Reason: sentence(t, "FORM.NO_LEGAL_BASIS")})
	},
	"content": func(c *cast, t *testing.T, l *lang.Tongue) produce.Input {
		in := c.bare(t, l, produce.Refusal{What: lang.Say("Content of messages"), FindingID: "SCOPE.CONTENT_NONE", Reason: sentence(t, "SCOPE.CONTENT_NONE")})
		in.NotHeld = produce.MissingOf(disclosable.Absents()...)
		in.Content = &produce.Content{About: lang.Say("Content of messages of %s", number(1)), Build: produce.Build{Program: "letterlock/cmd/letterlock", Go: "go1.26.8", Commit: "0123456789abcdef"}}
		return in
	},
	"referral": func(c *cast, t *testing.T, l *lang.Tongue) produce.Input {
		form, place, authority := law.Default().Treaty("US")
		return c.bare(t, l, produce.Refusal{Field: "name", FindingID: "FORM.WRONG_JURISDICTION", Reason: sentence(t, "FORM.WRONG_JURISDICTION"),
			More: []lang.Text{lang.Say(form, lang.Say(place), authority)}})
	},
	"narrowed period": func(c *cast, t *testing.T, l *lang.Tongue) produce.Input {
		in := c.ordinary(t, l)
		in.Refused = []produce.Refusal{{What: lang.Say("Records outside %s to %s (UTC)", lang.Day(now.AddDate(0, 0, -7)), lang.Day(now)), FindingID: "SCOPE.RANGE_WIDE", Reason: sentence(t, "SCOPE.RANGE_WIDE")}}
		return in
	},
	"preservation": func(c *cast, t *testing.T, l *lang.Tongue) produce.Input {
		in := c.bare(t, l)
		in.Kept = []produce.Kept{{Asked: number(1), Fields: []disclosable.FieldID{"name", "phone", "last_ip"}, At: now, Until: now.AddDate(0, 0, 90), Renews: "LL-2026-000017"}}
		return in
	},
	"from a snapshot": func(c *cast, t *testing.T, l *lang.Tongue) produce.Input {
		in := c.ordinary(t, l)
		in.Targets = []produce.Target{{Asked: number(1), Account: account(1), Note: lang.Say("From the snapshot of %s, preserved in case %s: the records are as of then.", now, "LL-2026-000017")}}
		return in
	},
	"trace": func(c *cast, t *testing.T, l *lang.Tongue) produce.Input {
		in := c.bare(t, l, produce.Refusal{What: lang.Say("Content of messages"), Reason: sentence(t, "SCOPE.CONTENT_NONE")})
		in.Trace = &produce.Trace{Account: account(1), First: 1, Last: 2, Stopped: now, Why: "its end has come",
			Events: []disclosable.TraceEvent{{Seq: 1, At: now.UnixMilli(), Kind: "envelope", Other: account(2), Sent: true}, {Seq: 2, At: now.UnixMilli(), Kind: "envelope", Other: account(2)}}}
		return in
	},
}

// packed is the files of a package, without a check.
func (c *cast) packed(t *testing.T, in produce.Input) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for r := tar.NewReader(bytes.NewReader(c.opened(t, in))); ; {
		h, err := r.Next()
		if err == io.EOF {
			return out
		}
		must(t, err)
		b, err := io.ReadAll(r)
		must(t, err)
		out[h.Name] = b
	}
}

// read is what a PDF says.
func read(t *testing.T, pdf []byte) string {
	t.Helper()
	tool := testkit.Program(t, "pdftotext")
	file := filepath.Join(t.TempDir(), "page.pdf")
	must(t, os.WriteFile(file, pdf, 0o600))
	out, err := exec.Command(tool, "-enc", "UTF-8", file, "-").Output()
	must(t, err)
	return string(out)
}

// TestNoLetterSpeaksEnglishToWhoReadsAnotherLanguage sets every kind of letter
// with its sheet and tables in each language and looks for English of the
// catalogues. LETTERS names a folder that gets the pages, to be looked at.
func TestNoLetterSpeaksEnglishToWhoReadsAnotherLanguage(t *testing.T) {
	c := newCast(t)
	for name, kind := range kinds {
		for _, code := range []string{"en", "es", "ar"} {
			t.Run(name+"/"+code, func(t *testing.T) {
				tongue := lang.Default().Tongue(code)
				files := c.packed(t, kind(c, t, tongue))
				all := []string{read(t, files[bundle.LetterName]), string(files[bundle.TargetsCSV]), own(t, files[bundle.DictionaryCSV])}
				if sheet, ok := files[bundle.SheetPDF]; ok {
					first, _, _ := strings.Cut(string(files[bundle.SheetText]), strings.Repeat("-", 72))
					all = append(all, read(t, sheet), first)
				}
				if dir := os.Getenv("LETTERS"); dir != "" {
					must(t, os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+"-"+code+".pdf"), files[bundle.LetterName], 0o600))
					must(t, os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+"-"+code+"-sheet.pdf"), files[bundle.SheetPDF], 0o600))
				}
				if text := strings.Join(all, "\n"); strings.Contains(text, "[U+") || strings.Contains(text, "%!") {
					t.Errorf("a mark of direction or a missing argument is written out:\n%s", text)
				}
				reads := tongue
				if code == "en" {
					reads = lang.Default().Tongue("es")
				}
				found := english.In(strings.Join(all, "\n"), reads, "United States of America") // in the address, and the text of 28 USC 1746
				switch {
				case code == "en" && len(found) < 12:
					t.Errorf("in the English letter only %d texts are found: the test has lost its way: %q", len(found), found)
				case code != "en" && len(found) > 0:
					t.Errorf("it says in English %q", found)
				}
			})
		}
	}
}

// own is the columns of a dictionary that are in the reader's language.
func own(t *testing.T, dictionary []byte) string {
	rows, err := csv.NewReader(bytes.NewReader(dictionary)).ReadAll()
	must(t, err)
	var out []string
	for _, r := range rows[1:] {
		out = append(out, r[1], r[3], r[4], r[5], r[6])
	}
	return strings.Join(out, "\n")
}

// TestTheLetterNamesTheNarrowedPeriod and why, under its finding.
func TestTheLetterNamesTheNarrowedPeriod(t *testing.T) {
	c := newCast(t)
	for code, want := range map[string]string{
		"en": "Records outside 13 November 2026 to 20 November 2026 (UTC)",
		"es": "Registros fuera del período del 13 de noviembre de 2026 al 20 de noviembre de 2026 (UTC)",
		"ar": "السجلات الواقعة خارج المدة",
	} {
		tongue := lang.Default().Tongue(code)
		in := kinds["narrowed period"](c, t, tongue)
		in.Grants, in.Proofs, in.Records, in.Content, in.NotHeld = nil, nil, list(), nil, nil
		got := strings.Join(strings.Fields(c.page(t, in, bundle.LetterName)), " ")
		row := strings.Join(strings.Fields(tongue.T(sentence(t, "SCOPE.RANGE_WIDE"))), " ")
		words := strings.Fields(want)
		for _, w := range append(words[:3:3], strings.Fields(lang.Bare(row))[0], "SCOPE.RANGE_WIDE") {
			if !strings.Contains(strings.ReplaceAll(got, " ", ""), strings.ReplaceAll(w, " ", "")) {
				t.Errorf("%s: the letter does not say %q:\n%s", code, w, got)
			}
		}
	}
}

// TestTheDictionaryHasBothLanguages: the officer's, and English, which governs.
func TestTheDictionaryHasBothLanguages(t *testing.T) {
	c := newCast(t)
	in := c.ordinary(t, lang.Default().Tongue("ar"))
	files := c.packed(t, in)
	for name, b := range map[string][]byte{bundle.DictionaryCSV: files[bundle.DictionaryCSV], bundle.DictionaryJSN: files[bundle.DictionaryJSN]} {
		for _, want := range []string{"رقم الهاتف", "Phone number", "until the account is deleted"} {
			if !strings.Contains(string(b), want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
		if strings.ContainsAny(string(b), "\u2066\u2067\u2068\u2069") {
			t.Errorf("%s, which programs read, holds marks of direction", name)
		}
	}
	r := bundle.Verify(bytes.NewReader(c.opened(t, in)), bundle.Options{Trust: c.trust(), Now: now})
	if !r.OK() || r.Manifest.Language != "ar" {
		t.Errorf("the manifest names the language %q: %s", r.Manifest.Language, text(r))
	}
}
