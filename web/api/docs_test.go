package api_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"letterlock/internal/testkit"
)

// TestTheExamplesWork runs each command of docs/api.md, in order, as it stands.
func TestTheExamplesWork(t *testing.T) {
	testkit.Program(t, "curl")
	doc, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	_, key := w.system(w.reyes)
	srv := httptest.NewServer(w.h)
	defer srv.Close()
	file := filepath.Join(t.TempDir(), "order.pdf")
	w.ok(os.WriteFile(file, pdf("example"), 0o600))
	env := append(os.Environ(), "PORTAL="+srv.URL, "KEY="+key, "PDF="+file)
	all := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(doc), -1)
	made := regexp.MustCompile(`"(draft|request)":"([^"]+)"`)
	for i, m := range all {
		cmd := exec.Command("sh", "-c", strings.Replace(m[1], "curl -sS", "curl -sS --fail-with-body", 1))
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("example %d: %v\n%s\n%s", i+1, err, m[1], out)
		}
		for _, x := range made.FindAllStringSubmatch(string(out), -1) {
			env = append(env, strings.ToUpper(x[1])+"="+x[2])
		}
	}
	if len(all) < 5 || w.cases() != 1 {
		t.Fatalf("%d examples made %d cases", len(all), w.cases())
	}
}
