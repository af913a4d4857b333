package shelf_test

import (
	"crypto/sha256"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/web/chat/shelf"
)

// TestOneServerOfMapsIsAllThatAFolderMayAdd: a folder that was built with
// another policy is handed out only if that adds pictures from one server.
func TestOneServerOfMapsIsAllThatAFolderMayAdd(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(shelf.Policy(), old, new, 1) }
	images := "img-src 'self'"
	for policy, good := range map[string]bool{
		shelf.Policy(): true,
		with(images, images+" https://tiles.example.org"):                        true,
		with(images, images+" https://tiles.example.org:8443"):                   true,
		with(images, images+" http://127.0.0.1:8000"):                            true,
		with(images, images+" http://tiles.example.org"):                         false,
		with(images, images+" https://a.example https://b.example"):              false,
		with(images, images+" *"):                                                false,
		with(images, images+" https://*.example.org"):                            false,
		with(images, images+" https://a.example; script-src 'unsafe-inline'"):    false,
		with("connect-src 'self'", "connect-src 'self' https://a.example"):       false,
		with("script-src 'self'", "script-src 'self' https://tiles.example.org"): false,
		with("; require-trusted-types-for 'script'", ""):                         false,
		"": false,
	} {
		s, err := shelf.Open(folder(t, policy), false)
		if good != (err == nil) {
			t.Errorf("%q: %v", policy, err)
			continue
		}
		if !good {
			continue
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := w.Header().Get("Content-Security-Policy"); got != policy {
			t.Errorf("the header says %q", got)
		}
	}
}

// folder is a built one with a policy.
func folder(t *testing.T, policy string) string {
	t.Helper()
	dir, sums := t.TempDir(), ""
	for _, f := range [][2]string{{"index.html", "a page"}, {"policy.txt", policy}} {
		if err := os.WriteFile(filepath.Join(dir, f[0]), []byte(f[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		sums += fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(f[1])), f[0])
	}
	if err := os.WriteFile(filepath.Join(dir, shelf.List), []byte(sums), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
