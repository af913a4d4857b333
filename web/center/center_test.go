package center_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/disclosable"
	"letterlock/internal/clock"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/web/center"
)

func site(t *testing.T) (http.Handler, *ledger.Ledger, *clock.Manual) {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC))
	dir := filepath.Join(t.TempDir(), "l")
	if err := ledger.Create(dir, ledger.Default("example.org/desk"), c, nil); err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(dir, ledger.Options{Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	h, err := center.New(center.Config{Owner: "Example Messenger", Contact: "desk@example.org", Law: law.Default(),
		Logs: map[string]center.Log{"desk": l}, Trust: func(context.Context) (any, error) { return map[string]any{"keys": []string{}}, nil }, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	return h, l, c
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestEveryPublicPage(t *testing.T) {
	h, l, c := site(t)
	if _, err := l.Append(context.Background(), ledger.Record{Kind: "case.filed", Case: "LL-2026-secret-17", Body: []byte("Ana +15550100123")}); err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Minute)
	if err := l.Tick(context.Background()); err != nil {
		t.Fatal(err)
	}
	for path, must := range map[string][]string{
		"/":                                {"Example Messenger", "verify build"},
		"/stored":                          {"Last seen date", "Not a time.", "Content of messages", disclosable.InventoryHash().String()},
		"/stored.json":                     {disclosable.InventoryHash().String(), "last_ip"},
		"/guidelines":                      {"Search warrant", "18 USC 2703(d)", "cannot be produced", "uncertain: informs only"},
		"/guidelines/us.order.2703d":       {"Court order", "Non-content account records"},
		"/ledger":                          {"example.org/desk", "64"},
		"/ledger/desk/checkpoint":          {"example.org/desk\n64\n"},
		"/ledger/desk/leaves?from=0&to=64": {"hashes"},
		"/ledger/desk/consistency?from=0":  {"proof"},
		"/trust.json":                      {"keys"},
	} {
		w := get(h, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		for _, s := range must {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("%s does not say %q", path, s)
			}
		}
		for _, s := range []string{"LL-2026-secret", "5550100", "Ana"} {
			if strings.Contains(w.Body.String(), s) {
				t.Errorf("%s says %q", path, s)
			}
		}
		if strings.Contains(w.Header().Get("Content-Type"), "html") && !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: no strict CSP", path)
		}
	}
}

func TestBadQuestionsGetClearAnswers(t *testing.T) {
	h, _, _ := site(t)
	for path, status := range map[string]int{
		"/none": 404, "/guidelines/xx": 404, "/ledger/sealed/checkpoint": 404, "/ledger/desk/leaves": 400, "/ledger/desk/leaves?from=0&to=99999": 400,
		"/ledger/desk/leaves?from=-1&to=0": 400, "/ledger/desk/consistency?from=9": 400, "/ledger/desk/consistency?from=x": 400,
	} {
		if w := get(h, path); w.Code != status {
			t.Errorf("%s: %d, want %d", path, w.Code, status)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/stored", nil))
	if w.Code < 400 {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestAllLeavesLookAlike(t *testing.T) {
	h, l, c := site(t)
	l.Append(context.Background(), ledger.Record{Kind: "case.filed", Case: "LL-1"})
	c.Advance(time.Minute)
	if err := l.Tick(context.Background()); err != nil {
		t.Fatal(err)
	}
	var got struct{ Hashes []string }
	if err := json.Unmarshal(get(h, "/ledger/desk/leaves?from=0&to=64").Body.Bytes(), &got); err != nil || len(got.Hashes) != 64 {
		t.Fatal(len(got.Hashes), err)
	}
	seen := map[string]bool{}
	for _, x := range got.Hashes {
		if seen[x] || len(x) != len(got.Hashes[0]) {
			t.Fatal("a leaf stands out")
		}
		seen[x] = true
	}
}
