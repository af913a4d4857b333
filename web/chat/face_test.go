// Package chat_test looks at the browser client's page as source: what it says
// is said in each language, and it is built the same twice.
package chat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
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
	refused := refusals(t, "../../client", "core", "vault", "../../messenger")
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
			if !keys[k] && !many[k] && !strings.Contains(core, `"`+k) && !slices.Contains(refused, k) {
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
	for i, how := range [][]string{{}, {"--fast"}} {
		dir := filepath.Join(t.TempDir(), "chat")
		if out, err := exec.Command("node", append([]string{"face/build.mjs", "--out", dir}, how...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if i == 0 {
			fits(t, dir)
			icons(t, dir)
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

// budget is how large the core may be, packed, in bytes: what somebody on a
// slow line waits for before the page shows anything.
const budget = 1_500_000

func fits(t *testing.T, dir string) {
	t.Helper()
	core, err := os.Stat(filepath.Join(dir, "core.wasm.br"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the core is %d bytes, packed", core.Size())
	if core.Size() > budget {
		t.Errorf("the core is %d bytes, packed: %d over its budget. What brought them: GOOS=js GOARCH=wasm go list -deps ./web/chat/core", core.Size(), core.Size()-budget)
	}
}

// icons fails unless each picture that the manifest names is there, of the kind
// and size that it says.
func icons(t *testing.T, dir string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.webmanifest"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Icons []struct{ Src, Sizes, Type, Purpose string }
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, icon := range manifest.Icons {
		b, err := os.ReadFile(filepath.Join(dir, icon.Src))
		if err != nil {
			t.Error(err)
			continue
		}
		if icon.Type != "image/png" {
			continue
		}
		is, err := png.DecodeConfig(bytes.NewReader(b))
		if size := fmt.Sprintf("%dx%d", is.Width, is.Height); err != nil || size != icon.Sizes {
			t.Errorf("%s is %s, %v: the manifest says %s", icon.Src, size, err, icon.Sizes)
		}
		found[icon.Purpose+" "+icon.Sizes] = true
	}
	for _, want := range []string{"any 192x192", "any 512x512", "maskable 192x192", "maskable 512x512"} {
		if !found[want] {
			t.Errorf("there is no PNG for %q", want)
		}
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
