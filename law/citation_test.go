package law_test

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"letterlock/law"
)

var citationLine = regexp.MustCompile("^- `([^`]+)`: .+ \\[[SKU]\\]$")

// listedCitations reads docs/law/citations.md.
func listedCitations(t *testing.T) map[string]bool {
	t.Helper()
	b, err := os.ReadFile("../docs/law/citations.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, line := range strings.Split(string(b), "\n") {
		if !strings.HasPrefix(line, "-") {
			continue
		}
		m := citationLine.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("citations.md: not of the form: %s", line)
			continue
		}
		if out[m[1]] {
			t.Errorf("citations.md: %s is listed twice", m[1])
		}
		out[m[1]] = true
	}
	return out
}

func TestEveryCitationOfTheTableIsListed(t *testing.T) {
	listed := listedCitations(t)
	for _, r := range law.Default().Rows() {
		cited := append([]law.Citation{r.NoticeRule.Basis}, r.Citations...)
		for _, c := range r.Clocks {
			cited = append(cited, c.Citation)
		}
		for _, e := range r.Threshold.Listed {
			if !begins(string(e.Citation), listed) {
				t.Errorf("%s lists an offence by %s, which docs/law/citations.md does not list", r.ID, e.Citation)
			}
		}
		for _, c := range cited {
			if c != "" && !listed[string(c)] {
				t.Errorf("%s cites %s, which docs/law/citations.md does not list", r.ID, c)
			}
		}
	}
	for _, id := range []law.CalendarID{"us.federal", "eu.common"} {
		if c := law.CalendarOf(id).Citation; !listed[string(c)] {
			t.Errorf("calendar %s cites %s, which is not listed", id, c)
		}
	}
}

// lawComment is a comment that cites a text where the code acts on it:
// "// law: 18 USC 2702(b)(8); 18 USC 2702(c)(4)". A sentence that goes on after
// the word "law:" is not one.
var lawComment = regexp.MustCompile(`//\s*law:\s*([A-Z0-9].*)$`)

func TestEveryCitationInTheCodeIsListed(t *testing.T) {
	listed := listedCitations(t)
	found := 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(name, ".go") && name != filepath.Join("..", "law", "citation_test.go") {
			found += checkComments(t, name, listed)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 10 {
		t.Errorf("only %d citations found in the code: the search does not work", found)
	}
}

func checkComments(t *testing.T, name string, listed map[string]bool) (found int) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		m := lawComment.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		for _, part := range strings.Split(m[1], ";") {
			found++
			if !begins(strings.TrimSpace(part), listed) {
				t.Errorf("%s:%d: %q does not begin with a text that docs/law/citations.md lists", name, n, part)
			}
		}
	}
	return found
}

// begins reports whether the words begin with a listed citation; what follows
// it may explain, but not continue the citation itself.
func begins(words string, listed map[string]bool) bool {
	for c := range listed {
		if rest, ok := strings.CutPrefix(words, c); ok && !continues(rest) {
			return true
		}
	}
	return false
}

func continues(rest string) bool {
	for _, r := range rest {
		return r == '(' || unicode.IsDigit(r) || unicode.IsLetter(r)
	}
	return false
}

func TestTheSearchForCitationsFindsWhatIsNotListed(t *testing.T) {
	listed := map[string]bool{"18 USC 2703": true, "18 USC 2703(c)(2)": true}
	for words, want := range map[string]bool{"18 USC 2703(c)(2)": true, "18 USC 2703(c)(2), as policy": true, "18 USC 2703": true,
		"18 USC 2703(c)": false, "18 USC 27031": false, "19 USC 1": false, "": false} {
		if begins(words, listed) != want {
			t.Errorf("%q listed: %v, want %v", words, !want, want)
		}
	}
}
