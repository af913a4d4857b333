package api_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"letterlock/law"
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
	_, secret, err := w.desk.Agencies.Rotate(w.ctx, w.lead.Actor(), x.ID, 24*time.Hour*300, 48*time.Hour, "the first one ran out")
	w.ok(err)
	fresh := secret.Reveal()
	for _, k := range []string{old, fresh} {
		caller{w, k}.send("GET", api.Base+"/drafts", nil).is(200)
	}
	w.clock.Advance(49 * time.Hour)
	caller{w, old}.send("GET", api.Base+"/drafts", nil).is(401)
	caller{w, fresh}.send("GET", api.Base+"/drafts", nil).is(200)
	w.ok(w.desk.Agencies.RevokeKey(w.ctx, w.lead.Actor(), x.ID, fresh[:12], "it was in a mail"))
	caller{w, fresh}.send("GET", api.Base+"/drafts", nil).is(401)
	if _, _, err := w.desk.Agencies.Rotate(w.ctx, w.lead.Actor(), x.ID, 367*24*time.Hour, 0, "the first one ran out"); err == nil {
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

// TestAnEmergencyTravelsWhole: all fields of the form by the API, back again as
// they came, and the officer finds them in the draft.
func TestAnEmergencyTravelsWhole(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	by := caller{w, key}
	e := map[string]any{"address": "1 Court Street, Harbor", "agency_number": "MD0012300", "rank": "Det.", "badge": "4711", "extension": "12",
		"supervisor": map[string]any{"name": "L. Moreau", "rank": "Sgt.", "phone": "+12025550100"}, "incident": "26-00118", "nature": "kidnapping", "in_danger": "a child of nine",
		"harm": "death", "when": "tonight", "why_now": "he wrote so", "deadline": "2026-11-23T15:00:00Z", "too_slow": "no judge before morning", "needed": "the last address",
		"averts": "leads a patrol there", "confidential": true, "confidential_why": "he would flee", "legal_process_follows": true}
	m := map[string]any{"process": "us.emergency", "reference": "E-1", "phone": "+12025550101", "wanted": []any{"last_ip"}, "targets": []any{map[string]any{"kind": "phone", "identifier": "+12025550142"}}, "emergency": e}
	id := by.json("POST", api.Base+"/drafts", m, "Idempotency-Key", "emergency-1").is(201).text("draft")
	var got struct {
		Demand struct{ Emergency map[string]any }
	}
	w.ok(json.Unmarshal(by.send("GET", api.Base+"/drafts/"+id, nil).is(200).Body.Bytes(), &got))
	if !reflect.DeepEqual(got.Demand.Emergency, e) {
		t.Fatalf("came back as %v", got.Demand.Emergency)
	}
	d := ok(w.desk.Intake.Drafts(w.ctx, w.reyes.ID))(w)[0].Demand
	for _, l := range d.EmergencyLines() {
		if strings.TrimSpace(l.Value) == "" || l.Value == "none known" || l.Value == "not given" {
			t.Errorf("%s is not stated: %q", l.Label, l.Value)
		}
	}
	by.send("POST", api.Base+"/drafts/"+id+"/send", nil, "Idempotency-Key", "emergency-send").is(403, "/api#person")
	refuse := func(k string, v any, says string) {
		t.Helper()
		bad := maps.Clone(e)
		bad[k] = v
		by.json("PUT", api.Base+"/drafts/"+id, with(maps.Clone(m), "emergency", bad)).is(400, says)
	}
	refuse("harm", "loss of money", "/emergency/harm")
	refuse("attested", true, "attested")
	refuse("deadline", "3000-01-01T00:00:00Z", "/emergency/deadline")
	by.json("POST", api.Base+"/drafts", with(order(), "emergency", e), "Idempotency-Key", "emergency-2").is(400, "/emergency")
}

// TestTheSameDemandIsFoundWhateverWayItCame: by the portal, by the API and on
// paper; each names the earlier ones, and only the team those of others.
func TestTheSameDemandIsFoundWhateverWayItCame(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	by := caller{w, key}
	first := by.file("a", order())
	demand := ok(w.desk.Files.Load(w.ctx, ok(parse(first))(w)))(w).Demand
	demand.Papers = nil
	portal := ok(w.desk.Intake.Start(w.ctx, w.reyes.ID, "us.order.2703d"))(w)
	ok(w.desk.Intake.Save(w.ctx, w.reyes.Actor(), portal.ID, demand))(w)
	ok(w.desk.Intake.AddPaper(w.ctx, w.reyes.Actor(), portal.ID, "b.pdf", "order", bytes.NewReader(pdf("b"))))(w)
	seen := ok(w.desk.Intake.Preview(w.ctx, w.reyes.Actor(), portal.ID))(w)
	if !seen.Same || len(seen.Twins) != 1 || string(seen.Twins[0].Number) != first {
		t.Fatalf("portal after API: %+v", seen)
	}
	on := ok(w.desk.Intake.StartPaper(w.ctx, w.analyst.ID, w.harbor.ID, law.ChannelMail, "us.order.2703d"))(w)
	ok(w.desk.Intake.Save(w.ctx, w.analyst.Actor(), on.ID, demand))(w)
	ok(w.desk.Intake.AddPaper(w.ctx, w.analyst.Actor(), on.ID, "c.pdf", "order", bytes.NewReader(pdf("c"))))(w)
	n := ok(w.desk.Intake.File(w.ctx, w.analyst.Actor(), on.ID))(w)
	if c := ok(w.desk.Files.Load(w.ctx, n))(w); len(c.Twins) != 1 || string(c.Twins[0].Number) != first {
		t.Fatalf("paper after API: %+v", c.Twins)
	}
	id := by.draft("d", order())
	by.send("GET", api.Base+"/drafts/"+id+"/findings", nil).is(200, "FORM.DUPLICATE", first)
}

// TestAnOrderNamesTheCaseThatPreserved: the number travels both ways, and only
// a number.
func TestAnOrderNamesTheCaseThatPreserved(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	by := caller{w, key}
	m := with(order(), "preserved", "LL-2026-000017")
	id := by.json("POST", api.Base+"/drafts", m, "Idempotency-Key", "preserved-1").is(201).text("draft")
	if d := ok(w.desk.Intake.Drafts(w.ctx, w.reyes.ID))(w)[0].Demand; d.Preserved != "LL-2026-000017" {
		t.Errorf("the desk has %q", d.Preserved)
	}
	var got struct{ Demand struct{ Preserved string } }
	w.ok(json.Unmarshal(by.send("GET", api.Base+"/drafts/"+id, nil).is(200).Body.Bytes(), &got))
	if got.Demand.Preserved != "LL-2026-000017" {
		t.Errorf("came back as %q", got.Demand.Preserved)
	}
	by.json("POST", api.Base+"/drafts", with(order(), "preserved", "the case of June"), "Idempotency-Key", "preserved-2").is(400, "/preserved")
}
