package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"letterlock/web/api"
)

// contract is the document as a program that reads it has it.
type contract struct {
	t     testing.TB
	doc   map[string]any
	comp  *jsonschema.Compiler
	ops   map[string]map[string]any // by operationId
	paths map[string]string         // operationId -> METHOD path
}

const home = "https://portal.test/openapi.json"

func (w *world) contract() *contract {
	w.Helper()
	raw := caller{w: w}.send("GET", api.Base+"/openapi.json", nil).is(200).Body.Bytes()
	v := ok(jsonschema.UnmarshalJSON(bytes.NewReader(raw)))(w)
	c := &contract{t: w, doc: v.(map[string]any), comp: jsonschema.NewCompiler(), ops: map[string]map[string]any{}, paths: map[string]string{}}
	c.comp.AssertFormat()
	w.ok(c.comp.AddResource(home, v))
	for path, methods := range c.doc["paths"].(map[string]any) {
		for m, o := range methods.(map[string]any) {
			op := o.(map[string]any)
			id := op["operationId"].(string)
			c.ops[id], c.paths[id] = op, strings.ToUpper(m)+" "+path
		}
	}
	return c
}

func pointer(parts ...string) string {
	for i, p := range parts {
		parts[i] = strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(p)
	}
	return home + "#/" + strings.Join(parts, "/")
}

// valid checks an answer against the schema that the document gives for it.
func (c *contract) valid(id string, a answer) {
	c.t.Helper()
	op := c.ops[id]
	if op == nil {
		c.t.Fatalf("the document has no %s", id)
	}
	method, path, _ := strings.Cut(c.paths[id], " ")
	code := strconv.Itoa(a.Code)
	if _, has := op["responses"].(map[string]any)[code]; !has {
		code = "default"
		if a.Code < 400 {
			c.t.Fatalf("%s answers %d, which the document does not know", id, a.Code)
		}
	}
	content, _ := op["responses"].(map[string]any)[code].(map[string]any)["content"].(map[string]any)
	kind := a.Header().Get("Content-Type")
	if len(content) == 0 {
		if a.Body.Len() > 0 {
			c.t.Fatalf("%s answers a body where the document has none: %s", id, a.Body)
		}
		return
	}
	if content[kind] == nil {
		c.t.Fatalf("%s answers %q, which the document does not know", id, kind)
	}
	if !strings.HasSuffix(kind, "json") {
		return
	}
	s := ok(c.comp.Compile(pointer("paths", path, strings.ToLower(method), "responses", code, "content", kind, "schema")))(c.t)
	v := ok(jsonschema.UnmarshalJSON(bytes.NewReader(a.Body.Bytes())))(c.t)
	if err := s.Validate(v); err != nil {
		c.t.Fatalf("%s (%d): the answer is not as the document says: %v\n%s", id, a.Code, err, a.Body)
	}
}

// sends checks a body against the schema that the document gives for it.
func (c *contract) sends(id string, body []byte) {
	c.t.Helper()
	method, path, _ := strings.Cut(c.paths[id], " ")
	s := ok(c.comp.Compile(pointer("paths", path, strings.ToLower(method), "requestBody", "content", "application/json", "schema")))(c.t)
	if err := s.Validate(ok(jsonschema.UnmarshalJSON(bytes.NewReader(body)))(c.t)); err != nil {
		c.t.Fatalf("%s: the document refuses what the handler takes: %v", id, err)
	}
}

// step is one call of a walk through every operation.
type step struct {
	id     string
	vars   []string // of the path, in order
	query  string
	body   any // JSON, or []byte for a PDF
	status int
}

func (c *contract) call(by caller, s step) answer {
	c.t.Helper()
	method, path, known := strings.Cut(c.paths[s.id], " ")
	if !known {
		c.t.Fatalf("the document has no %s", s.id)
	}
	for _, v := range s.vars {
		i, j := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:i] + v + path[j+1:]
	}
	heads := []string{"Idempotency-Key", "walk-" + s.id}
	var body []byte
	switch b := s.body.(type) {
	case []byte:
		body, heads = b, append(heads, "Content-Type", "application/pdf")
	case nil:
	default:
		body = ok(json.Marshal(b))(c.t)
		c.sends(s.id, body)
	}
	a := by.send(method, path+s.query, body, heads...).is(s.status)
	c.valid(s.id, a)
	return a
}

// TestEveryOperationOfTheDocument calls each operation that the document has
// and checks every answer against it; an operation that is not called fails.
func TestEveryOperationOfTheDocument(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	c, by := w.contract(), caller{w, key}
	called := map[string]bool{}
	do := func(s step) answer { t.Helper(); called[s.id] = true; return c.call(by, s) }
	do(step{"document", nil, "", nil, 200})
	do(step{"listProcesses", nil, "", nil, 200}).is(200, "us.order.2703d", "18 USC 2703(d)")
	do(step{"getProcess", []string{"us.order.2703d"}, "", nil, 200})
	do(step{"listItems", nil, "", nil, 200}).is(200, "last_ip", "CONTENT")
	id := do(step{"createDraft", nil, "", order(), 201}).text("draft")
	do(step{"changeDraft", []string{id}, "", with(order(), "secrecy", map[string]any{"asked": "order", "until": "2027-02-01", "grounds": []any{"2705(b)(3)"}}), 200}).is(200, "2027-02-01", "+12025550142")
	p := do(step{"addDraftPaper", []string{id}, "?name=order.pdf&what=order", pdf("order"), 201}).text("id")
	do(step{"removeDraftPaper", []string{id, p}, "", nil, 204})
	do(step{"addDraftPaper", []string{id}, "?name=order.pdf&what=order", pdf("order"), 201})
	do(step{"getDraft", []string{id}, "", nil, 200}).is(200, "order.pdf")
	do(step{"listSupervisors", nil, "", nil, 200})
	do(step{"listDrafts", nil, "", nil, 200}).is(200, id)
	do(step{"previewDraft", []string{id}, "", nil, 200}).is(200, `"exists":true`)
	n := do(step{"sendDraft", []string{id}, "", nil, 201}).text("request")
	do(step{"listRequests", nil, "", nil, 200}).is(200, n)
	do(step{"addPaper", []string{n}, "?name=better.pdf", pdf("better"), 201})
	w.question(n)
	do(step{"getRequest", []string{n}, "", nil, 200}).is(200, "Which county?", `"phase":"asked"`)
	do(step{"answerQuestion", []string{n, "q1"}, "", map[string]any{"text": "Harbor County"}, 204})
	do(step{"correctRequest", []string{n}, "", map[string]any{"why": "the period was wrong", "demand": with(order(), "until", "2026-11-18")}, 200}).is(200, "2026-11-18")
	pkg := w.pack(n)
	do(step{"listPackages", []string{n}, "", nil, 200}).is(200, pkg)
	got := do(step{"downloadPackage", []string{n, pkg}, "", nil, 200})
	if got.Body.String() != "sealed bytes" || got.Header().Get("Content-Digest") == "" {
		t.Fatal("the package is not what was sealed", got.Header())
	}
	do(step{"listPackages", []string{n}, "", nil, 200}).is(200, "Olivia Reyes (by Records system)")
	do(step{"showPassphrase", []string{n, pkg}, "", nil, 403}).is(403, "https://portal.test/requests/"+n, "/api#person")
	other := by.file("second", with(order(), "case_ref", "2:26-mj-77"))
	for _, none := range []string{`{}`, `{"why":" "}`} {
		by.send("POST", api.Base+"/requests/"+other+"/withdrawal", []byte(none)).is(400, "/why", "give the reason")
	}
	do(step{"withdrawRequest", []string{other}, "", map[string]any{"why": "the person was found"}, 204})
	gone := by.draft("third", order())
	do(step{"deleteDraft", []string{gone}, "", nil, 204})
	for id := range c.ops {
		if !called[id] {
			t.Errorf("the document has %s, and nothing here calls it", id)
		}
	}
	if len(called) != len(c.ops) || len(called) < 20 {
		t.Errorf("%d operations were called and the document has %d", len(called), len(c.ops))
	}
}

// TestEveryProblemIsAsTheDocumentSays: each operation with a key that opens
// nothing, and with what is not there, answers a problem of that form.
func TestEveryProblemIsAsTheDocumentSays(t *testing.T) {
	w := newWorld(t)
	_, key := w.system(w.reyes)
	c := w.contract()
	for id, at := range c.paths {
		method, path, _ := strings.Cut(at, " ")
		path = strings.NewReplacer("{request}", "LL-2026-999999", "{draft}", "none", "{paper}", "none", "{package}", "none", "{question}", "none", "{process}", "none").Replace(path)
		a := caller{w, "llk_aaaaaaaa_" + strings.Repeat("a", 52)}.send(method, path, nil)
		if _, locked := c.ops[id]["security"]; locked {
			a.is(http.StatusUnauthorized)
			c.valid(id, a)
		}
		if strings.Contains(at, "{") && method == "GET" {
			a = caller{w, key}.send(method, path, nil).is(404)
			c.valid(id, a)
		}
		w.clock.Advance(2e9)
	}
}
