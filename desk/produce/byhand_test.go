package produce_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"letterlock/internal/testkit"
)

// byHand is the script that the description of the format gives, without its
// first line: that one opens the seal with the program age.
func byHand(t *testing.T) string {
	doc, err := os.ReadFile("../../docs/protocol/production.md")
	must(t, err)
	_, section, ok := strings.Cut(string(doc), "\n## 6. By hand\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var script strings.Builder
	for line := range strings.Lines(section) {
		if code, is := strings.CutPrefix(line, "    "); is && !strings.HasPrefix(code, "age ") {
			script.WriteString(code)
		}
	}
	if !ok || !strings.Contains(script.String(), "openssl pkeyutl -verify") {
		t.Fatal("the description gives no script")
	}
	return script.String()
}

func TestByHandAsDescribed(t *testing.T) {
	for _, tool := range []string{"bash", "tar", "openssl", "jq", "xxd", "sha256sum", "basenc"} {
		testkit.Program(t, tool)
	}
	c := newCast(t)
	dir := t.TempDir()
	trust, err := json.Marshal(c.trust())
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "provider.json"), trust, 0o600))
	in := func(b []byte) (string, error) {
		must(t, os.RemoveAll(filepath.Join(dir, "case")))
		must(t, os.WriteFile(filepath.Join(dir, "package.tar"), b, 0o600))
		cmd := exec.Command("bash", "-e", "-o", "pipefail", "-c", byHand(t))
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	good := c.opened(t, c.input(t))
	out, err := in(good)
	if err != nil || !strings.Contains(out, "Signature Verified Successfully") || !strings.Contains(out, "records.json: OK") {
		t.Errorf("a good package: %v\n%s", err, out)
	}
	// The grant's hash is printed first and then stands in both challenges.
	hash := regexp.MustCompile(`(?m)^[A-Za-z0-9_-]{43}$`).FindString(out)
	if hash == "" || strings.Count(out, `"challenge":"`+hash+`"`) != 2 {
		t.Errorf("the grant's hash %q is not in both signatures:\n%s", hash, out)
	}
	bad := strings.Replace(string(good), `"case": "LL-2026-004217"`, `"case": "LL-2026-004218"`, 1)
	if out, err := in([]byte(bad)); err == nil {
		t.Errorf("a changed manifest:\n%s", out)
	}
	bad = strings.Replace(string(good), "+15550000101", "+15550000102", -1)
	if out, err := in([]byte(bad)); err == nil {
		t.Errorf("changed records:\n%s", out)
	}
}
