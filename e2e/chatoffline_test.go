package e2e_test

import (
	"cmp"
	"html"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"letterlock/e2e/story"
)

// TestThePageWorksOfflineAndTakesNoOtherFile: once installed the program starts
// without a network, catches up when it is back, and does not take a file that
// is not on its list, whoever offers it.
func TestThePageWorksOfflineAndTakesNoOtherFile(t *testing.T) {
	w := chatWorld(t)
	ana, ben := browse(t, w, w.Person("Ana", phone(0))), w.Person("Ben", phone(1))
	ana.register()
	must(t, ben.Register(t.Context()))
	ana.until("navigator.serviceWorker.controller")
	ana.chat(ben.Phone)
	ana.write("before the server went")
	must(t, ben.Expect(t.Context(), "before the server went", 30*time.Second))
	must(t, ben.Send(t.Context(), ana.person, "it has come"))
	ana.has("it has come")

	w.Server.Kill()
	must(t, ben.Offline(t.Context(), ana.person, "sent while she was away"))
	ana.open()
	ana.fill("Passphrase", passphrase)
	ana.press("Unlock")
	ana.into("Ben")
	ana.has("before the server went")
	ana.write("written while the server was away")
	start(t, w)
	must(t, ben.Expect(t.Context(), "written while the server was away", 60*time.Second))
	ana.has("sent while she was away")

	// A folder of another version with one file swapped: the list with which the
	// program was installed holds.
	must(t, w.Stop())
	other := filepath.Join(t.TempDir(), "chat")
	must(t, os.CopyFS(other, os.DirFS(chatDir(t))))
	app := filepath.Join(other, "app.js")
	b, err := os.ReadFile(app)
	must(t, err)
	must(t, os.WriteFile(app, append(b, []byte("\ndocument.title='reads along';")...), 0o644))
	hostile(t, w, other)
	ana.open()
	ana.says("Unlock")
	if title := eval[string](ana, "document.title"); strings.Contains(title, "reads along") {
		t.Fatal("the page runs a file that is not on its list")
	}
	got := eval[string](ana, `caches.keys().then(async (k) => { await caches.delete(k[0]); return fetch("app.js").then(async (r) => r.status + " " + (await r.text()).includes("reads along")); })`)
	if got != "502 false" {
		t.Errorf("with an empty cache the server's other file comes as %q", got)
	}
	if got := eval[int](ana, `fetch("stranger.js").then((r) => r.status)`); got != 404 {
		t.Errorf("a file that is on no list: %d", got)
	}
}

// hostile is a server in the place of the world's that hands out a folder
// without looking at its list.
func hostile(t *testing.T, w *story.World, dir string) {
	t.Helper()
	s := &http.Server{Addr: "127.0.0.1:" + w.Port, Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			http.Error(rw, "no", http.StatusBadGateway)
			return
		}
		rw.Header().Set("Cache-Control", "no-store")
		name := cmp.Or(strings.TrimPrefix(r.URL.Path, "/"), "index.html")
		f, err := os.Open(filepath.Join(dir, filepath.Base(name)))
		if err != nil {
			http.NotFound(rw, r)
			return
		}
		defer f.Close()
		http.ServeContent(rw, r, name, time.Time{}, f)
	})}
	go s.ListenAndServe()
	t.Cleanup(func() { s.Close() })
	for range 100 {
		if r, err := http.Get("http://" + s.Addr + "/SHA256SUMS"); err == nil {
			r.Body.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the other server does not answer")
}

// TestTheFolderIsServedAsItIsListed: types, policy, what is refused.
func TestTheFolderIsServedAsItIsListed(t *testing.T) {
	w := chatWorld(t)
	get := func(path string, head ...string) *http.Response {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:"+w.Port+path, nil)
		must(t, err)
		req.Host = "chat.localhost:" + w.Port
		for i := 0; i+1 < len(head); i += 2 {
			req.Header.Set(head[i], head[i+1])
		}
		r, err := http.DefaultTransport.RoundTrip(req)
		must(t, err)
		t.Cleanup(func() { r.Body.Close() })
		return r
	}
	for path, kind := range map[string]string{"/": "text/html; charset=utf-8", "/app.js": "text/javascript; charset=utf-8", "/core.wasm": "application/wasm", "/sw.js": "text/javascript; charset=utf-8",
		"/manifest.webmanifest": "application/manifest+json", "/SHA256SUMS": "text/plain; charset=utf-8"} {
		r := get(path)
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", path, r.StatusCode, r.Header.Get("Content-Type"))
		}
		if p := r.Header.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe-inline") || strings.Contains(p, "http") {
			t.Errorf("%s has the policy %q", path, p)
		}
	}
	if r := get("/core.wasm", "Accept-Encoding", "br"); r.Header.Get("Content-Encoding") != "br" {
		t.Error("the core is not packed")
	}
	tag := get("/app.js").Header.Get("ETag")
	if r := get("/app.js", "If-None-Match", tag); r.StatusCode != http.StatusNotModified {
		t.Errorf("what the browser has comes again: %d", r.StatusCode)
	}
	for _, path := range []string{"/app.js.br", "/letterlock.toml", "/stored", "/.git", "/core.wasm/"} {
		if r := get(path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	info, err := io.ReadAll(get("/v1/info").Body)
	if err != nil || len(info) == 0 {
		t.Errorf("the device calls do not answer beside the page: %v", err)
	}

	// Whoever checks sees that it is as listed, as built, and in the ledger.
	letter := func(args ...string) (string, error) {
		return story.Run(t.Context(), "", story.Program(w.Bin, "letter"), append([]string{"--dir", t.TempDir(), "webcheck"}, args...)...)
	}
	list := filepath.Join(chatDir(t), "SHA256SUMS")
	key := ledgerKey(t, w)
	var said string
	for range 60 { // the record enters the tree with the next batch
		if said, err = letter(w.Site("chat"), "--list", list, "--key", key); err == nil {
			break
		}
		time.Sleep(time.Second / 2)
	}
	if err != nil || !strings.Contains(said, "It is what your list names.") || !strings.Contains(said, "The list is in the ledger since") {
		t.Errorf("webcheck: %v\n%s", err, said)
	}
	other := filepath.Join(t.TempDir(), "other")
	raw, err := os.ReadFile(list)
	must(t, err)
	must(t, os.WriteFile(other, []byte(strings.Replace(string(raw), "app.js", "apq.js", 1)), 0o600))
	if said, err := letter(w.Site("chat"), "--list", other); err == nil || !strings.Contains(err.Error(), "DIFFERENT") {
		t.Errorf("another list passes: %s", said)
	}
	swapped := filepath.Join(t.TempDir(), "chat")
	must(t, os.CopyFS(swapped, os.DirFS(chatDir(t))))
	must(t, os.WriteFile(filepath.Join(swapped, "worker.js"), []byte("postMessage(1)"), 0o644))
	must(t, w.Stop())
	if out, err := story.Run(t.Context(), "", story.Program(w.Bin, "letterlock"), "serve", "--config", filepath.Join(w.Dir, "letterlock.toml"), "--data", filepath.Join(w.Dir, "data"), "--listen", "127.0.0.1:"+w.Port, "--demo", "--chat", swapped); err == nil || !strings.Contains(err.Error(), "worker.js") {
		t.Errorf("a folder that is not what its list says is served: %v %s", err, out)
	}
	hostile(t, w, swapped)
	if said, err := letter(w.Site("chat")); err == nil || !strings.Contains(err.Error(), "DIFFERENT: /worker.js") {
		t.Errorf("a swapped file passes: %v\n%s", err, said)
	}
}

// ledgerKey is the key of the carrier's ledger, as its public page shows it.
func ledgerKey(t *testing.T, w *story.World) string {
	t.Helper()
	r, err := http.Get(w.Site("") + "/ledger")
	must(t, err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	must(t, err)
	m := regexp.MustCompile(`<code>([^<]*carrier\+[0-9a-f]{8}\+[^<]+)</code>`).FindStringSubmatch(html.UnescapeString(string(b)))
	if m == nil {
		t.Fatalf("no key of the carrier's ledger on its page:\n%s", b)
	}
	return m[1]
}
