package api_test

import (
	"strings"
	"testing"
)

// TestThePageForPeopleShowsEveryOperation: and nothing of it comes from elsewhere.
func TestThePageForPeopleShowsEveryOperation(t *testing.T) {
	w := newWorld(t)
	c := w.contract()
	a := caller{w: w}.send("GET", "/api", nil).is(200, "Before the first call", "/api#person")
	for id, at := range c.paths {
		method, path, _ := strings.Cut(at, " ")
		if !strings.Contains(a.Body.String(), `id="op-`+id+`"`) || !strings.Contains(a.Body.String(), method+" "+path) {
			t.Errorf("the page does not show %s, %s", id, at)
		}
	}
	for _, bad := range []string{"http://", "<script>", " style="} {
		if strings.Contains(a.Body.String(), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if !strings.Contains(a.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("the page has no policy")
	}
}
