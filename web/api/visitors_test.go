package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"letterlock/web/api"
)

// TestEveryAddressAndEveryVisitor: who gets what at each address that names
// something of an agency's. What is another's looks exactly like what is not
// there.
func TestEveryAddressAndEveryVisitor(t *testing.T) {
	w := newWorld(t)
	system, key := w.system(w.reyes)
	_, foreign := w.system(w.stone)
	_, far := w.system(w.reyes, "198.51.100.0/24")
	ended, endedKey := w.system(w.reyes)
	w.ok(w.desk.Agencies.EndSystem(w.ctx, w.lead.Actor(), ended.ID, "replaced"))
	owner := caller{w, key}
	n, id := owner.file("a", order()), owner.draft("b", order())
	w.question(n)
	pkg := w.pack(n)
	paper := ok(w.desk.Files.Load(w.ctx, "LL-2026-000001"))(w).Demand.Papers[0].ID
	type route struct {
		method, path, absent string
		body                 any
		status               int
	}
	demand := order()
	routes := []route{
		{"GET", "/drafts/" + id, "/drafts/none", nil, 200},
		{"PUT", "/drafts/" + id, "/drafts/none", demand, 200},
		{"POST", "/drafts/" + id + "/papers?name=x.pdf", "/drafts/none/papers?name=x.pdf", []byte("%PDF-1.4 nonsense"), 400},
		{"DELETE", "/drafts/" + id + "/papers/none", "/drafts/none/papers/none", nil, 404},
		{"GET", "/drafts/" + id + "/findings", "/drafts/none/findings", nil, 200},
		{"GET", "/requests/" + n, "/requests/LL-2026-999999", nil, 200},
		{"PUT", "/requests/" + n, "/requests/LL-2026-999999", map[string]any{"why": "x", "demand": demand}, 409},
		{"POST", "/requests/" + n + "/papers?name=x.pdf", "/requests/LL-2026-999999/papers?name=x.pdf", []byte("%PDF-1.4 nonsense"), 400},
		{"POST", "/requests/" + n + "/questions/q1/answer", "/requests/LL-2026-999999/questions/q1/answer", map[string]any{"text": "x"}, 204},
		{"GET", "/requests/" + n + "/packages", "/requests/LL-2026-999999/packages", nil, 200},
		{"GET", "/requests/" + n + "/packages/" + pkg, "/requests/LL-2026-999999/packages/" + pkg, nil, 200},
		{"POST", "/requests/" + n + "/packages/" + pkg + "/passphrase", "/requests/LL-2026-999999/packages/" + pkg + "/passphrase", nil, 403},
		{"POST", "/requests/" + n + "/withdrawal", "/requests/LL-2026-999999/withdrawal", map[string]any{"why": "x"}, 204},
		{"POST", "/drafts/" + id + "/send", "/drafts/none/send", nil, 201},
	}
	_ = paper
	visit := func(key string, r route, path string) answer {
		heads := []string{"Idempotency-Key", "visit-" + casefileID(path)}
		var body []byte
		switch b := r.body.(type) {
		case []byte:
			body, heads = b, append(heads, "Content-Type", "application/pdf")
		case nil:
		default:
			body = ok(json.Marshal(b))(t)
		}
		w.clock.Advance(2 * time.Second) // no limit is met
		return caller{w, key}.send(r.method, api.Base+path, body, heads...)
	}
	for _, r := range routes {
		name := r.method + " " + r.path
		for who, k := range map[string]string{"nobody": "", "a key that was never": "llk_aaaaaaaa_" + strings.Repeat("b", 52), "a key cut short": key[:20], "a revoked key": endedKey, "from a foreign network": far} {
			a := visit(k, r, r.path)
			if a.Code != 401 || a.Header().Get("WWW-Authenticate") == "" || strings.Contains(a.Body.String(), n) {
				t.Errorf("%s, %s: %d %s", name, who, a.Code, a.Body)
			}
		}
		other, none := visit(foreign, r, r.path), visit(foreign, r, r.absent)
		if other.Code != 404 || other.Body.String() != none.Body.String() || none.Code != 404 || len(other.Header()) != len(none.Header()) {
			t.Errorf("%s: another agency's %d %s differs from none %d %s", name, other.Code, other.Body, none.Code, none.Body)
		}
		if a := visit(key, r, r.path); a.Code != r.status {
			t.Errorf("%s, the owner: %d %s", name, a.Code, a.Body)
		}
		if a := visit(key, r, r.path+sep(r.path)+"key="+key); a.Code != 400 || !strings.Contains(a.Body.String(), "never part of an address") || strings.Contains(a.Body.String(), key[14:]) {
			t.Errorf("%s, the key in the address: %d %s", name, a.Code, a.Body)
		}
	}
	for _, p := range []string{"/drafts", "/requests"} {
		if a := visit(foreign, route{method: "GET"}, p); a.Code != 200 || strings.Contains(a.Body.String(), n) || strings.Contains(a.Body.String(), id) {
			t.Errorf("the list %s shows another agency's: %s", p, a.Body)
		}
	}
	if a := (caller{w, key}).send("PATCH", api.Base+"/drafts/"+id, nil); a.Code != 405 || a.Header().Get("Allow") == "" {
		t.Errorf("another method: %d", a.Code)
	}
	x := ok(w.desk.Agencies.System(w.ctx, system.ID))(w)
	if x.Keys[0].Used != "2026-11-23" {
		t.Errorf("of its use the key tells %q", x.Keys[0].Used)
	}
}

func sep(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}

func casefileID(path string) string {
	return strings.NewReplacer("?", "-", "&", "-", "=", "-").Replace(path)
}

// TestAKeyIsNeverMoreThanItsOfficer: whatever ends the officer or the agency
// ends the key, at once.
func TestAKeyIsNeverMoreThanItsOfficer(t *testing.T) {
	for name, end := range map[string]func(*world){
		"the officer is disabled": func(w *world) { w.ok(w.desk.Agencies.Disable(w.ctx, w.lead.Actor(), w.reyes.ID, "left")) },
		"the agency is closed":    func(w *world) { w.ok(w.desk.Agencies.Close(w.ctx, w.lead.Actor(), w.harbor.ID, "dissolved")) },
		"the key has expired":     func(w *world) { w.clock.Advance(91 * 24 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, key := w.system(w.reyes)
			caller{w, key}.send("GET", api.Base+"/requests", nil).is(200)
			end(w)
			caller{w, key}.send("GET", api.Base+"/requests", nil).is(401, "opens nothing")
		})
	}
}

func TestAKeyIsReplacedWithAnOverlap(t *testing.T) {
	w := newWorld(t)
	x, old := w.system(w.reyes)
	_, secret, err := w.desk.Agencies.Rotate(w.ctx, w.lead.Actor(), x.ID, 24*time.Hour*300, 48*time.Hour)
	w.ok(err)
	fresh := secret.Reveal()
	for _, k := range []string{old, fresh} {
		caller{w, k}.send("GET", api.Base+"/drafts", nil).is(200)
	}
	w.clock.Advance(49 * time.Hour)
	caller{w, old}.send("GET", api.Base+"/drafts", nil).is(401)
	caller{w, fresh}.send("GET", api.Base+"/drafts", nil).is(200)
	w.ok(w.desk.Agencies.RevokeKey(w.ctx, w.lead.Actor(), x.ID, fresh[:12]))
	caller{w, fresh}.send("GET", api.Base+"/drafts", nil).is(401)
	if _, _, err := w.desk.Agencies.Rotate(w.ctx, w.lead.Actor(), x.ID, 367*24*time.Hour, 0); err == nil {
		t.Error("a key for more than a year was made")
	}
}

func TestASystemThatCallsTooOftenIsToldWhen(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	_, other := w.system(w.stone)
	for range 60 {
		caller{w, key}.send("GET", api.Base+"/drafts", nil).is(200)
	}
	a := caller{w, key}.send("GET", api.Base+"/drafts", nil).is(http.StatusTooManyRequests, "/api#too-many")
	if a.Header().Get("Retry-After") == "" {
		t.Error("it is not told when to come again")
	}
	caller{w, other}.send("GET", api.Base+"/drafts", nil).is(200)
	for range 30 {
		caller{w, ""}.send("GET", api.Base+"/drafts", nil)
	}
	caller{w, "llk_aaaaaaaa_" + strings.Repeat("b", 52)}.send("GET", api.Base+"/drafts", nil).is(429)
}

// TestWhatNeedsAPersonIsNotDoneByAKey: an emergency stays a draft, which the
// officer finds in the portal.
func TestWhatNeedsAPersonIsNotDoneByAKey(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	by := caller{w, key}
	id := by.json("POST", api.Base+"/drafts", map[string]any{"process": "us.emergency", "reference": "E-1", "wanted": []any{"name"}, "targets": []any{map[string]any{"kind": "phone", "identifier": "+12025550142"}}}, "Idempotency-Key", "emergency-1").is(201).text("draft")
	a := by.send("POST", api.Base+"/drafts/"+id+"/send", nil, "Idempotency-Key", "emergency-send").is(403, "/api#person", "passkey")
	if a.text("where") != "https://portal.test/drafts/"+id+"/review" {
		t.Error("it is not said where the officer does it", a.Body)
	}
	by.json("POST", api.Base+"/drafts", map[string]any{"process": "us.emergency", "attested": true}, "Idempotency-Key", "emergency-2").is(400, "/attested")
	all := ok(w.desk.Intake.Drafts(w.ctx, w.reyes.ID))(w)
	if len(all) != 1 || string(all[0].ID) != id {
		t.Fatal("the officer does not find the draft", all)
	}
	if n := ok(w.desk.Intake.Cases(w.ctx, w.reyes.ID))(w); len(n) != 0 {
		t.Fatal("an emergency was filed by a key")
	}
}

func TestTheCaseSaysThatItCameByTheAPI(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	n := caller{w, key}.file("a", order())
	c := ok(w.desk.Files.Load(w.ctx, ok(parse(n))(w)))(w)
	if c.Demand.Channel != "api" || c.FiledBy.Name != "Olivia Reyes (by Records system)" || c.FiledBy.OfficerID() != w.reyes.ID {
		t.Fatal(c.Demand.Channel, c.FiledBy)
	}
	for _, f := range c.Findings {
		if f.ID == "FORM.CHANNEL" || f.ID == "SND.DOMAIN" {
			t.Error("the API is an accepted way, and its officer is known:", f.ID)
		}
	}
}
