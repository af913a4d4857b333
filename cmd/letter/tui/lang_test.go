package tui_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"letterlock/internal/lang"
)

// acts are the words of what happens to a group, which come from the client.
var acts = []string{"began", "added", "removed", "left", "changed the role of", "handed the group over to", "named it", "changed the link",
	"was asked to let in", "let in", "turned away"}

// said are the texts of this package: true for those that count.
func said(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, a := range acts {
		out[a] = false
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := c.Fun.(*ast.SelectorExpr)
			if !ok || (s.Sel.Name != "T" && s.Sel.Name != "N") {
				return true
			}
			at := map[string]int{"T": 0, "N": 2}[s.Sel.Name]
			if l, ok := c.Args[at].(*ast.BasicLit); ok {
				text, err := strconv.Unquote(l.Value)
				if err != nil {
					t.Fatal(err)
				}
				out[text] = s.Sel.Name == "N"
			}
			return true
		})
	}
	return out
}

// Every text of the screen is said in every language that can be chosen, with
// the verbs of its English.
func TestTheScreenSpeaksEachLanguageWhole(t *testing.T) {
	keys := said(t)
	if len(keys) < 250 {
		t.Fatalf("only %d texts: the test does not see what the screen says", len(keys))
	}
	book, err := lang.Load(os.DirFS("words"))
	if err != nil {
		t.Fatal(err)
	}
	for _, trouble := range book.Check(keys) {
		if trouble.What != "unused" {
			t.Errorf("%+v", trouble)
		}
	}
}
