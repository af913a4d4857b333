package chat_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What the core refuses is said by the form of its sentence (fault.Form), which
// is its key in the catalogues.

// text is a string as the source writes it: a literal, a sum, a constant.
func text(e ast.Expr, consts map[string]string) string {
	switch x := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(x.Value)
		return s
	case *ast.BinaryExpr:
		return text(x.X, consts) + text(x.Y, consts)
	case *ast.Ident:
		return consts[x.Name]
	}
	return ""
}

// parsed are the files of a folder and those below, without tests.
func parsed(t *testing.T, root string) (files []*ast.File, consts map[string]string) {
	t.Helper()
	consts = map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "carriertest" || d.Name() == "keystoretest") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		files = append(files, f)
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", root, len(files), err)
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				for i := range min(len(v.Names), len(v.Values)) {
					consts[v.Names[i].Name] = text(v.Values[i], consts)
				}
			}
			return true
		})
	}
	return files, consts
}

var verb = regexp.MustCompile(`%%|%[-+# 0]*[\d.]*[a-zA-Z]`)

// formOf is fault.Form of a format.
func formOf(format string) string {
	n := 0
	return verb.ReplaceAllStringFunc(format, func(v string) string {
		if v == "%%" {
			return "%"
		}
		n++
		return "{" + strconv.Itoa(n) + "}"
	})
}

// refusals are the forms of what is said by fault.New and fault.Wrap below some
// folders. What is internal is said by its cause, which is in no catalogue.
func refusals(t *testing.T, roots ...string) []string {
	t.Helper()
	var out []string
	for _, root := range roots {
		files, consts := parsed(t, root)
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				if form := refusal(n, consts); form != "" {
					out = append(out, form)
				}
				return true
			})
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func refusal(n ast.Node, consts map[string]string) string {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	of, _ := f.X.(*ast.Ident)
	at := map[string]int{"New": 2, "Wrap": 3}[f.Sel.Name]
	if of == nil || of.Name != "fault" || at == 0 || len(call.Args) <= at {
		return ""
	}
	if kind, ok := call.Args[0].(*ast.SelectorExpr); ok && kind.Sel.Name == "Internal" {
		return ""
	}
	return formOf(text(call.Args[at], consts))
}

// toPrograms are sentences of the carrier and of the client that no person reads
// in a browser: they tell a program that it speaks wrongly.
var toPrograms = []string{"{1}", "{1}: try again in {2}", "the list of devices cannot be read: update this program", "the list does not name every device of the account: look at them, then try again",
	"the list still names the device: update this program", "this is more than linking a device takes: show a new link", "there are not so many messages", "nothing was deleted: confirm with your own account id",
	"this registration is not complete: {1}", "this is not an e-mail address: write it like name@example.org"}

// TestRefusalsAreTranslated: each sentence with which the core, the client, the
// store or the carrier's accounts refuse something stands in each catalogue, with
// the same holes; so do the reasons that stand in a conversation.
func TestRefusalsAreTranslated(t *testing.T) {
	forms := refusals(t, "../../client", "core", "vault", "../../messenger/account")
	if len(forms) < 110 {
		t.Fatalf("%d sentences were found: is the form still the same?", len(forms))
	}
	for _, lang := range []string{"es", "ar"} {
		raw, err := os.ReadFile("face/words/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var book map[string]any
		if err := json.Unmarshal(raw, &book); err != nil {
			t.Fatal(err)
		}
		for _, form := range append(forms, reasons(t)...) {
			s, _ := book[form].(string)
			if slices.Contains(toPrograms, form) {
				continue
			}
			if want, got := holes(form), holes(s); s == "" || !slices.Equal(want, got) {
				t.Errorf("%s does not say %q (%q)", lang, form, s)
			}
		}
	}
}

// reasons are what the client writes into a conversation: why something could
// not be opened or sent, what is wrong with a group, and what the carrier shows of somebody that cannot be true.
func reasons(t *testing.T) (out []string) {
	t.Helper()
	files, consts := parsed(t, "../../client")
	for name, s := range consts {
		if strings.HasPrefix(name, "doubt") {
			out = append(out, s)
		}
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"unopened", "forged", "again", "fail"}, f.Sel.Name) {
				for _, a := range call.Args {
					if s := text(a, consts); s != "" {
						out = append(out, s)
					}
				}
			}
			return true
		})
	}
	if len(out) < 22 {
		t.Fatalf("%d reasons were found: is their form still the same?", len(out))
	}
	return out
}
