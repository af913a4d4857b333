package walk

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"letterlock/internal/testkit"
)

//go:embed walk.js
var script string

// checker is the source of the accessibility checker, which .ci/setup installs.
func checker(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root(t), "internal", "testkit", "walk", "axe", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		testkit.Missing(t, "the accessibility checker axe-core is missing (.ci/setup installs it), no page was checked")
	}
	return string(b)
}

// tell gives the page the checker and the walk's own script. The protocol of
// the developer tools does that past the page's content policy, which stays as
// it is.
func (w *Walker) tell() {
	w.Helper()
	w.within(chromedp.Evaluate[chromedp.Void](checker(w.T)), chromedp.Evaluate[chromedp.Void](script))
}

// violation is one finding of the checker.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		Target []json.RawMessage
		Why    string
		HTML   string
	}
}

// check runs the checker and refuses what it finds serious or critical.
func (w *Walker) check(where string, p Page, only string) {
	w.Helper()
	off, _ := json.Marshal(p.Rules)
	if p.Rules == nil {
		off = []byte("[]")
	}
	found, err := run[[]violation](w, fmt.Sprintf("walk.check(%s, %q)", off, only))
	if err != nil {
		w.Fatalf("%s: the checker: %v", where, err)
	}
	w.Found.Looks++
	for _, v := range found {
		if v.Impact != "serious" && v.Impact != "critical" {
			w.Logf("%s: %s (%s): %s", where, v.ID, v.Impact, v.Help)
			continue
		}
		w.Found.Violations++
		var at []string
		for _, n := range v.Nodes {
			at = append(at, n.HTML+"  "+n.Why)
		}
		w.Errorf("%s: %s (%s): %s\n\t%s", where, v.ID, v.Impact, v.Help, strings.Join(at[:min(4, len(at))], "\n\t"))
	}
}

// run evaluates something on the page and waits for its promise.
func run[T any](w *Walker, js string) (T, error) {
	return chromedp.Run(w.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
}
