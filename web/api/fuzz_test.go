package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"letterlock/web/api"
)

// FuzzBodies: whatever is sent as a demand, the answer is JSON, never a failure
// on our side, and nothing is kept of what is refused.
func FuzzBodies(f *testing.F) {
	f.Add(`{"process":"us.order.2703d"}`)
	f.Add(string(must(json.Marshal(order()))))
	f.Add(`{"process":"us.order.2703d","process":"any.weaken"}`)
	f.Add(`{"targets":[{"kind":"ip","identifier":"::1","at":"2026-11-23T03:15:00Z"}],"process":"us.subpoena.gj"}`)
	f.Add(strings.Repeat("[", 100))
	w := newWorld(f)
	_, key := w.system(w.reyes)
	f.Fuzz(func(t *testing.T, body string) {
		w.TB = t
		w.clock.Advance(1e9)
		a := caller{w, key}.send("POST", api.Base+"/drafts", []byte(body), "Idempotency-Key", "fuzz-"+string(casefileSum(body)))
		var v map[string]any
		if err := json.Unmarshal(a.Body.Bytes(), &v); err != nil || a.Code >= 500 {
			t.Fatalf("%d %s", a.Code, a.Body)
		}
		if a.Code != http.StatusCreated && a.Header().Get("Content-Type") != "application/problem+json" {
			t.Fatalf("%d %v", a.Code, a.Header())
		}
		if a.Code == http.StatusCreated {
			id, _ := v["draft"].(string)
			got := caller{w, key}.send("GET", api.Base+"/drafts/"+id, nil)
			again := demandOf(t, got)
			w.clock.Advance(1e9)
			if b := (caller{w, key}).json("PUT", api.Base+"/drafts/"+id, again); b.Code != 200 || !bytes.Equal(must(json.Marshal(demandOf(t, b))), must(json.Marshal(again))) {
				t.Fatalf("what is shown is not what is taken: %d %s", b.Code, b.Body)
			}
			caller{w, key}.send("DELETE", api.Base+"/drafts/"+id, nil)
		}
	})
}

func demandOf(t *testing.T, a answer) any {
	var v map[string]any
	if err := json.Unmarshal(a.Body.Bytes(), &v); err != nil || a.Code != 200 {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	return v["demand"]
}

// FuzzRepeating: any header as a key, any digest, any address.
func FuzzRepeating(f *testing.F) {
	f.Add("key-number-1", "sha-256=:AAAA:", "/drafts")
	f.Add(`"quoted key"`, "", "/requests/LL-2026-000001")
	f.Add("\x00\x7f", "md5=:x:", "/drafts/%2e%2e/papers?name=x")
	w := newWorld(f)
	_, key := w.system(w.reyes)
	f.Fuzz(func(t *testing.T, once, digest, path string) {
		w.TB = t
		w.clock.Advance(2e9)
		r, err := http.NewRequest("POST", "http://portal.test"+api.Base+path, strings.NewReader("{}"))
		if err != nil {
			return
		}
		heads := []string{"Idempotency-Key", once, "Content-Digest", digest, "Content-Type", "application/pdf"}
		if a := (caller{w, key}).sendTo(r.URL.RequestURI(), heads...); a != nil && a.Code >= 500 {
			t.Fatalf("%d %s", a.Code, a.Body)
		}
	})
}

// FuzzLaterBodies: whatever is sent about a request that was filed, to correct
// it, to answer a question or to withdraw it, the answer is a problem or the
// thing itself, and the request can be read afterwards.
func FuzzLaterBodies(f *testing.F) {
	f.Add("PUT", "", string(must(json.Marshal(map[string]any{"why": "a letter was wrong", "demand": order()}))))
	f.Add("POST", "/questions/q1/answer", `{"text":"Harbor County."}`)
	f.Add("POST", "/withdrawal", `{"why":"served on another"}`)
	f.Add("POST", "/questions/../withdrawal", `{"why":null}`)
	f.Add("PUT", "", `{"why":"x","demand":{"targets":[{"kind":"phone","identifier":"+1"}]},"demand":{}}`)
	w := newWorld(f)
	_, key := w.system(w.reyes)
	n := caller{w, key}.file("fuzz", order())
	w.question(n)
	f.Fuzz(func(t *testing.T, method, path, body string) {
		w.TB = t
		w.clock.Advance(1e9)
		r, err := http.NewRequest(method, "http://portal.test"+api.Base+"/requests/"+n+path, nil)
		if err != nil || !strings.HasPrefix(r.URL.Path, api.Base+"/requests/") {
			return
		}
		a := caller{w, key}.send(method, r.URL.RequestURI(), []byte(body))
		if a.Code >= 500 || a.Code >= 400 && a.Header().Get("Content-Type") != "application/problem+json" {
			t.Fatalf("%d %v %s", a.Code, a.Header(), a.Body)
		}
		if got := (caller{w, key}).send("GET", api.Base+"/requests/"+n, nil).is(200, n); strings.Contains(got.Body.String(), `"phase":"withdrawn"`) {
			w.clock.Advance(time.Hour) // an officer files twenty in an hour
			n = caller{w, key}.file(n, with(order(), "case_ref", n))
			w.question(n)
		}
	})
}
