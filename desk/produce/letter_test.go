package produce_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
	"letterlock/disclosable"
	"letterlock/internal/testkit"
)

var update = flag.Bool("update", false, "write the golden texts anew; then read them")

// page is a page of the package as a person reads it.
func (c *cast) page(t *testing.T, in produce.Input, name string) string {
	t.Helper()
	files := kept{}
	if r := bundle.Verify(bytes.NewReader(c.opened(t, in)), bundle.Options{Trust: c.trust(), Now: now, Sink: files}); !r.OK() {
		t.Fatal(text(r))
	}
	return tidy(printed(t, name, files[name].Bytes()), c)
}

// printed is the text of a valid PDF.
func printed(t *testing.T, name string, b []byte) string {
	t.Helper()
	strictly := model.NewDefaultConfiguration()
	strictly.ValidationMode = model.ValidationStrict
	if err := api.Validate(bytes.NewReader(b), strictly); err != nil {
		t.Errorf("%s is not a valid PDF: %v", name, err)
	}
	tool := testkit.Program(t, "pdftotext")
	file := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(file, b, 0o600))
	out, err := exec.Command(tool, "-layout", "-enc", "UTF-8", file, "-").Output()
	must(t, err)
	return string(out)
}

// tidy takes out what differs from run to run (keys, hashes of grants) and the
// spaces that only make columns.
func tidy(s string, c *cast) string {
	s = regexp.MustCompile("[\u202a-\u202e\u200e\u200f]").ReplaceAllString(s, "")
	s = strings.ReplaceAll(s, c.key.Public().ID(), "<key>")
	s = strings.ReplaceAll(s, disclosable.InventoryHash().String(), "<inventory>")
	s = regexp.MustCompile(`[ \t]+`).ReplaceAllString(s, " ")
	s = regexp.MustCompile(`\n\s*\n+`).ReplaceAllString(s, "\n\n")
	return strings.TrimSpace(s) + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if got != string(want) {
		t.Errorf("%s changed (go test -update writes it anew):\n%s", name, got)
	}
}

func TestTheLetterSays(t *testing.T) {
	c := newCast(t)
	golden(t, "letter.txt", c.page(t, c.input(t), bundle.LetterName))
}

func TestTheSheetSays(t *testing.T) {
	c := newCast(t)
	got := c.page(t, c.input(t), bundle.SheetPDF)
	build := sha256.Sum256([]byte("program"))
	for _, want := range []string{"Content cannot be produced", "the content of all messages sent and received in the period", "SHA-256 <inventory>",
		"SHA-256 " + bundle.Digest(build).String(), "letterlock/cmd/letterlock", "verify build"} {
		if !strings.Contains(got, want) {
			t.Errorf("the sheet does not say %q:\n%s", want, got)
		}
	}
	for _, f := range disclosable.Fields() {
		if !strings.Contains(got, f.Title) {
			t.Errorf("the sheet does not name the field %q", f.Title)
		}
	}
	files := kept{}
	bundle.Verify(bytes.NewReader(c.opened(t, c.input(t))), bundle.Options{Trust: c.trust(), Now: now, Sink: files})
	plain := files[bundle.SheetText].String()
	if !strings.Contains(plain, disclosable.InventoryHash().String()) || !strings.Contains(plain, bundle.Digest(build).String()) {
		t.Errorf("the plain text lacks the hashes:\n%s", plain)
	}
}

func TestManyRecordsAreCountedInTheLetter(t *testing.T) {
	c := newCast(t)
	got := c.page(t, proven(t, c, c.many(t, 200)), bundle.LetterName)
	for _, want := range []string{"1,600 records of 200 accounts", "All 200 identifiers, these and 160 more, are in the file targets.csv"} {
		if !strings.Contains(strings.ReplaceAll(got, "\n", " "), want) {
			t.Errorf("the letter does not say %q:\n%s", want, got)
		}
	}
}

func TestALetterCannotBeForgedThroughAName(t *testing.T) {
	c := newCast(t)
	in := c.input(t)
	in.Records = list(disclosable.Record{Account: account(1), Field: "name", Value: "Bob\n\nWhat was asked for\u202Edeveirter\x07"})
	got := c.page(t, proven(t, c, in), bundle.LetterName)
	if !strings.Contains(got, "Bob What was asked for[U+202E]deveirter[U+0007]") {
		t.Errorf("the name acts on the page:\n%s", got)
	}
}

func TestTheRunningBuild(t *testing.T) {
	b, err := produce.RunningBuild()
	must(t, err)
	self, err := os.Executable()
	must(t, err)
	data, err := os.ReadFile(self)
	must(t, err)
	if b.SHA256 != sha256.Sum256(data) || !strings.HasPrefix(b.Go, "go1.") {
		t.Errorf("%+v is not this program", b)
	}
}
