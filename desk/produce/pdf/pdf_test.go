package pdf_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"letterlock/desk/produce/pdf"
	"letterlock/internal/fault"
	"letterlock/internal/testkit"
)

var settings = pdf.Settings{Title: "A test", Author: "Nobody", Language: "en", Created: time.Date(2026, 11, 20, 14, 30, 0, 0, time.UTC), Running: "running foot"}

var body = pdf.Style{Cut: pdf.Serif, Size: 11, After: 6}

func write(t testing.TB, d *pdf.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := d.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func valid(t testing.TB, b []byte) {
	t.Helper()
	c := model.NewDefaultConfiguration()
	c.ValidationMode = model.ValidationStrict
	if err := api.Validate(bytes.NewReader(b), c); err != nil {
		t.Errorf("not a valid PDF: %v", err)
	}
}

// textOf has poppler get the text out of the page. A laptop without it skips,
// loudly; in CI that is a failure.
func textOf(t testing.TB, b []byte) string {
	t.Helper()
	tool := testkit.Program(t, "pdftotext")
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-enc", "UTF-8", file, "-").CombinedOutput()
	if err != nil {
		t.Fatalf("pdftotext: %v\n%s", err, out)
	}
	// Marks that steer direction are the tool's own addition.
	return regexp.MustCompile("[\u202a-\u202e\u200e\u200f]").ReplaceAllString(string(out), "")
}

func TestScriptsComeBackInReadingOrder(t *testing.T) {
	for script, text := range map[string]string{
		"Latin":             "Señor Łukasz Größe, 100 % — office",
		"Latin, stacked":    "Nguyễn Văn Tuấn, Ế",
		"Greek":             "Ελληνική Δημοκρατία ΐ",
		"Cyrillic":          "Съдебна заповед № 17 Ђорђе",
		"Arabic":            "محكمة الاستئناف",
		"Arabic ligature":   "السلام عليكم ولا",
		"Arabic, two words": "ليلى منصور",
		"Hebrew":            "בית המשפט העליון",
		"Persian":           "گزارش پلیس ژاله",
		"Armenian":          "Դատարան",
		"Georgian":          "სასამართლო",
	} {
		d := pdf.New(nil, settings)
		d.Paragraph(text, body)
		b := write(t, d)
		valid(t, b)
		if got := textOf(t, b); !strings.Contains(got, text) {
			t.Errorf("%s: wrote %q, read %q", script, text, strings.TrimSpace(got))
		}
	}
}

func TestMixedDirections(t *testing.T) {
	d := pdf.New(nil, settings)
	d.Paragraph("The name is ليلى منصور, the number +1 555 0100.", body)
	got := textOf(t, write(t, d))
	for _, want := range []string{"The name is", "ليلى منصور", "the number +1 555 0100."} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing from %q", want, got)
		}
	}
}

func TestEveryCutAndMarks(t *testing.T) {
	d := pdf.New(nil, settings)
	for _, c := range []pdf.Cut{pdf.Serif, pdf.SerifBold, pdf.SerifItalic, pdf.Sans, pdf.SansBold, pdf.Mono} {
		d.Paragraph(fmt.Sprintf("cut %d: مُحَمَّد שָׁלוֹם é", c), pdf.Style{Cut: c, Size: 10})
	}
	b := write(t, d)
	valid(t, b)
	if got := textOf(t, b); strings.Count(got, "cut ") != 6 || !strings.Contains(got, "é") {
		t.Errorf("read %q", got)
	}
}

func TestLinesFitThePage(t *testing.T) {
	d := pdf.New(nil, settings)
	d.Paragraph(strings.Repeat("supercalifragilistic ", 200)+strings.Repeat("f", 500), body)
	b := write(t, d)
	valid(t, b)
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		textOf(t, b) // skips
	}
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-bbox", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	words := 0
	for _, m := range regexp.MustCompile(`xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)"`).FindAllStringSubmatch(string(out), -1) {
		var x0, y0, x1, y1 float64
		fmt.Sscan(m[1], &x0)
		fmt.Sscan(m[2], &y0)
		fmt.Sscan(m[3], &x1)
		fmt.Sscan(m[4], &y1)
		words++
		if x0 < 67 || x1 > pdf.A4.Width-67 || y0 < 40 || y1 > pdf.A4.Height-20 {
			t.Errorf("a word lies outside the margins: %s", m[0])
		}
	}
	if words < 200 {
		t.Errorf("only %d words were found", words)
	}
}

func TestTablesGoOverPages(t *testing.T) {
	d := pdf.New(nil, settings)
	d.Heading(1, "A long table", pdf.Style{Cut: pdf.SansBold, Size: 14})
	var rows [][]string
	for i := range 150 {
		rows = append(rows, []string{fmt.Sprintf("row-%03d", i), strings.Repeat("word ", i%40)})
	}
	rows = append(rows, []string{"tall", strings.Repeat("a cell higher than a page ", 900)})
	d.Table([]pdf.Column{{Title: "Name", Share: 0.3, Style: body}, {Title: "Value", Share: 0.7, Style: body}}, rows)
	b := write(t, d)
	valid(t, b)
	got := textOf(t, b)
	for i := range 150 {
		if n := strings.Count(got, fmt.Sprintf("row-%03d", i)); n != 1 {
			t.Errorf("row %d stands there %d times", i, n)
		}
	}
	if n := strings.Count(got, "higher"); n != 900 {
		t.Errorf("of the tall cell %d of 900 parts are there", n)
	}
	pages := strings.Count(got, "\f")
	if heads := strings.Count(got, "Value"); heads < pages-1 {
		t.Errorf("%d pages, and the head of the table stands on %d", pages, heads)
	}
}

func TestStructureAndMetadata(t *testing.T) {
	d := pdf.New(nil, settings)
	d.Heading(1, "Title", pdf.Style{Cut: pdf.SansBold, Size: 14})
	d.Paragraph("Text", body)
	d.Table([]pdf.Column{{Title: "A", Share: 0.5, Style: body}, {Title: "B", Share: 0.5, Style: body}}, [][]string{{"1", "2"}})
	b := string(write(t, d))
	for _, want := range []string{"/S /H1", "/S /P", "/S /Table", "/S /TR", "/S /TH", "/S /TD", "/Scope /Column", "/Scope /Row", "/Marked true", "/Lang", "/ParentTree", "<dc:title>", "/DisplayDocTitle true"} {
		if !strings.Contains(b, want) {
			t.Errorf("the document has no %s", want)
		}
	}
}

func TestSameTextSameBytes(t *testing.T) {
	make := func() []byte {
		d := pdf.New(nil, settings)
		d.Paragraph("Text مع لغات שונות и разными", body)
		return write(t, d)
	}
	a := make()
	for range 5 {
		if !bytes.Equal(a, make()) {
			t.Fatal("the same text gave other bytes")
		}
	}
	if len(a) > 60_000 {
		t.Errorf("one line weighs %d bytes: the fonts are not cut down", len(a))
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	for text, want := range map[string]string{"नमस्ते": "Devanagari", "漢字": "Han", "한국": "Hangul", "ไทย": "Thai", "🔒": "symbols", "አማርኛ": "Ethiopic"} {
		d := pdf.New(nil, settings)
		d.Paragraph("before "+text, body)
		var b bytes.Buffer
		_, err := d.WriteTo(&b)
		if err == nil || b.Len() != 0 || !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), want) || !strings.Contains(fault.Say(err), "Noto") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestAnOperatorsFonts(t *testing.T) {
	const file = "/usr/share/fonts/truetype/noto/NotoSansDevanagari-Regular.ttf"
	font, err := os.ReadFile(file)
	if err != nil {
		testkit.Missing(t, "fonts-noto-core is not installed (.ci/setup installs it)")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "deva.ttf"), font, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := pdf.Builtin().With(dir)
	if err != nil {
		t.Fatal(err)
	}
	d := pdf.New(l, settings)
	d.Paragraph("नाम: आशा शर्मा क्षत्रिय", body)
	b := write(t, d)
	valid(t, b)
	if got := textOf(t, b); !strings.Contains(got, "आशा") || !strings.Contains(got, "क्षत्रिय") {
		t.Errorf("read %q", got)
	}
	if err := pdf.Builtin().Check("आ"); err == nil {
		t.Error("the fonts of one operator became everyone's")
	}
}

func TestFoldersThatHoldNoFonts(t *testing.T) {
	dir := t.TempDir()
	if _, err := pdf.Builtin().With(dir); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty folder: %v", err)
	}
	for _, bad := range [][]byte{nil, []byte("not a font"), bytes.Repeat([]byte{0, 1, 0, 0}, 500)} {
		if err := os.WriteFile(filepath.Join(dir, "a.ttf"), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := pdf.Builtin().With(dir); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad[:min(10, len(bad))], err)
		}
	}
}

func TestTextFromOutsideCannotTurnThePage(t *testing.T) {
	for in, want := range map[string]string{
		"a\u202Eb": "a[U+202E]b", "a\x00b": "a[U+0000]b", "a\nb": "a b", "\u2066x\u2069": "[U+2066]x[U+2069]",
		"a\uE000": "a[U+E000]", "a\U0010FFFF": "a[U+10FFFF]", "می\u200cخواهم": "می\u200cخواهم", "\u00ad": "[U+00AD]",
	} {
		if got := pdf.Plain(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
		d := pdf.New(nil, settings)
		d.Paragraph(pdf.Plain(in), body)
		valid(t, write(t, d))
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", "مع שלום и γ", "a\u202Eb", "\xff\xfe", strings.Repeat("x", 300), "é\u0301\u0301", "\u200f\u200e", "\n\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 400 {
			return
		}
		d := pdf.New(nil, settings)
		d.Paragraph(pdf.Plain(s), body)
		d.Table([]pdf.Column{{Title: "A", Share: 1, Style: body}}, [][]string{{pdf.Plain(s)}})
		var b bytes.Buffer
		if _, err := d.WriteTo(&b); err != nil {
			if !fault.Is(err, fault.Invalid) || b.Len() != 0 {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		valid(t, b.Bytes())
	})
}
