// Package chat_test looks at the browser client's page as source: what it says
// is said in each language, and it is built the same twice.
package chat_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"letterlock/internal/testkit"
)

// source is all files of a kind below a folder, one after the other.
func source(t *testing.T, root, suffix string) string {
	t.Helper()
	var b bytes.Buffer
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, suffix) || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := os.ReadFile(path)
		b.Write(f)
		return err
	})
	if err != nil || b.Len() == 0 {
		t.Fatalf("%s: nothing read: %v", root, err)
	}
	return b.String()
}

var (
	saidOne  = regexp.MustCompile(`\b(?:t|said)\("((?:[^"\\]|\\.)*)"`)
	saidMany = regexp.MustCompile(`\bn\([^"]*?, "((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\)`)
	hole     = regexp.MustCompile(`\{\w+\}`)
)

// TestEverythingThePageSaysIsTranslated: each text of the source stands in each
// catalogue with the same holes, each catalogue holds nothing else, and has the
// plurals that its language needs.
func TestEverythingThePageSaysIsTranslated(t *testing.T) {
	page := source(t, "face/src", ".ts")
	core := source(t, "../../client", ".go") + source(t, "vault", ".go") + source(t, "core", ".go")
	keys, many := map[string]bool{}, map[string]bool{}
	for _, m := range saidOne.FindAllStringSubmatch(page, -1) {
		keys[m[1]] = true
	}
	for _, m := range saidMany.FindAllStringSubmatch(page, -1) {
		many[m[2]] = true
	}
	for _, unit := range []string{"week", "day", "hour", "minute"} {
		delete(keys, "{n} "+unit)
		delete(keys, "{n} "+unit+"s")
		many["{n} "+unit+"s"] = true
	}
	if len(keys) < 180 || len(many) < 8 {
		t.Fatalf("%d texts and %d plurals found: is the form still the same?", len(keys), len(many))
	}
	for lang, forms := range map[string][]string{"es": {"one", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"}} {
		raw, err := os.ReadFile("face/words/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var book map[string]any
		if err := json.Unmarshal(raw, &book); err != nil {
			t.Fatal(err)
		}
		for k := range keys {
			s, ok := book[k].(string)
			if !ok || s == "" {
				t.Errorf("%s does not say %q", lang, k)
			} else if want, got := holes(k), holes(s); !slices.Equal(want, got) {
				t.Errorf("%s says %q with %v, not %v", lang, k, got, want)
			}
		}
		for k := range many {
			f, _ := book[k].(map[string]any)
			for _, form := range forms {
				if s, _ := f[form].(string); s == "" {
					t.Errorf("%s lacks the form %s of %q", lang, form, k)
				}
			}
		}
		for k := range book {
			if !keys[k] && !many[k] && !strings.Contains(core, `"`+k) {
				t.Errorf("%s says %q, which nobody says in English", lang, k)
			}
		}
	}
}

func holes(s string) []string {
	h := hole.FindAllString(s, -1)
	slices.Sort(h)
	return h
}

// TestThePageIsPlain: no text becomes an element, nothing comes from elsewhere,
// and what may be started is named.
func TestThePageIsPlain(t *testing.T) {
	page := source(t, "face/src", ".ts") + source(t, "face", ".html") + source(t, "face", ".css")
	for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "style=", "onclick=\"", "http:", "https:", "//cdn", "@import", "url("} {
		if strings.Contains(strings.ReplaceAll(page, `"http://www.w3.org/2000/svg"`, ""), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}

// TestTheFolderIsBuiltTheSameTwice builds it in two places and compares every
// byte that the list names.
func TestTheFolderIsBuiltTheSameTwice(t *testing.T) {
	if _, err := os.Stat("face/node_modules/esbuild"); err != nil {
		testkit.Missing(t, "esbuild is missing (.ci/setup installs it): the browser client was not built")
	}
	var lists [2][]byte
	for i := range lists {
		dir := filepath.Join(t.TempDir(), "chat")
		if out, err := exec.Command("node", "face/build.mjs", "--fast", "--out", dir).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		lists[i] = sums
		placeless(t, dir)
	}
	if !bytes.Equal(lists[0], lists[1]) {
		t.Errorf("two builds differ:\n%s\n%s", lists[0], lists[1])
	}
}

// placeless fails if a file names the folder in which it was built.
func placeless(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 10 {
		t.Fatalf("%d files: %v", len(entries), err)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(here)) {
			t.Errorf("%s names the folder in which it was built", e.Name())
		}
	}
}
