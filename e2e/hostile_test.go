package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/paper"
	"letterlock/internal/testkit/browser"
	"letterlock/internal/testkit/papers"
)

// uploads is one draft in the portal and one of a system, to which hostile
// files are sent.
type uploads struct {
	*house
	page    *browser.Page
	key     string
	draft   string
	slowest time.Duration
	slow    string
}

// TestHostileUploads gives the real server, in the portal and by the API, every
// file that nobody should send: bombs, several types at once, archives with
// slips, scripts, locked and damaged ones, scans that are too long or too
// heavy. Each is answered in time, with a sentence that says what it is; none
// is kept; and an honest scan of 300 pages is taken by the same form.
func TestHostileUploads(t *testing.T) {
	h := home(t, 48*time.Hour)
	key, err := h.w.EnrolSystem(h.analyst, h.officer, "Records system")
	h.ok(err)
	u := &uploads{house: h, page: h.draft(), key: key}
	status, made := u.api("POST", "/drafts", "application/json", []byte(`{"process":"us.order.2703d","reference":"hostile"}`))
	if status != http.StatusCreated {
		t.Fatalf("%d %v", status, made)
	}
	u.draft, _ = made["draft"].(string)
	all := append(papers.Hostile(casefile.MaxPaper, paper.MaxPages), papers.Bombs()...)
	for _, x := range append(all, heavyScan()) {
		u.refused(x)
	}
	u.empty()
	u.names()
	u.taken("an honest scan of 300 pages", papers.Order(300).Bytes())
	t.Logf("%d files, each sent both ways; the slowest answer, to %s, took %s", len(all)+1, u.slow, u.slowest.Round(10*time.Millisecond))
}

// heavyScan is a scan of 300 pages, each a picture, as a scanner makes it.
func heavyScan() papers.Upload {
	m := papers.Order(300)
	for i := range 300 {
		m, _ = m.Plus(papers.Stream("/Type /XObject /Subtype /Image /Width 1240 /Height 1754 /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /DCTDecode", bytes.Repeat([]byte{byte(i)}, 100<<10)))
	}
	return papers.Upload{Name: "a scan of 300 pages and 30 MiB", File: m.Bytes(), Says: "split"}
}

func (u *uploads) api(method, path, kind string, body []byte) (status int, answer map[string]any) {
	u.Helper()
	req, err := http.NewRequestWithContext(u.Context(), method, u.w.Site("portal")+"/api/v1"+path, bytes.NewReader(body))
	u.ok(err)
	req.Header.Set("Authorization", "Bearer "+u.key)
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Idempotency-Key", "hostile-upload")
	resp, err := browser.New().Client.Do(req)
	u.ok(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	u.ok(err)
	if err := json.Unmarshal(b, &answer); err != nil {
		u.Fatalf("%s %s answers what is no JSON: %s", method, path, b)
	}
	return resp.StatusCode, answer
}

// in reports how long an answer took; a look and the trial drawing after it have
// ten seconds each.
func (u *uploads) in(began time.Time, what string) {
	u.Helper()
	took := time.Since(began)
	if took > u.slowest {
		u.slowest, u.slow = took, what
	}
	if took > 2*paper.Wall+5*time.Second {
		u.Errorf("%s was answered after %s", what, took)
	}
}

// refused sends a file both ways and reads what the officer and the system are
// told.
func (u *uploads) refused(x papers.Upload) {
	u.Helper()
	f, err := u.page.Form("Upload")
	u.ok(err)
	began := time.Now()
	got, err := f.Set("what", "order").File("file", "order.pdf", "application/pdf", x.File).Press("Upload")
	u.ok(err)
	u.in(began, x.Name)
	says := x.Says
	if len(x.File) == 0 {
		says = "is empty"
	}
	if got.Status < 400 || got.Status >= 500 || !strings.Contains(got.Alert(), says) || !strings.Contains(got.Alert(), "order.pdf") && len(x.File) <= casefile.MaxPaper {
		u.Errorf("%s in the portal: %d %q, want a sentence with %q", x.Name, got.Status, got.Alert(), says)
	}
	began = time.Now()
	status, answer := u.api("POST", "/drafts/"+u.draft+"/papers?name=order.pdf&what=order", "application/pdf", x.File)
	u.in(began, x.Name)
	if detail, _ := answer["detail"].(string); status < 400 || status >= 500 || !strings.Contains(detail, x.Says) {
		u.Errorf("%s by the API: %d %v, want a sentence with %q", x.Name, status, answer, x.Says)
	}
}

// empty wants nothing kept of what was refused.
func (u *uploads) empty() {
	u.Helper()
	p, err := u.officer.Browser.Get(u.page.URL.String())
	u.ok(err)
	u.says("the draft", p.Text(), "No paper is here yet")
	_, d := u.api("GET", "/drafts/"+u.draft, "", nil)
	if kept, _ := d["papers"].([]any); len(kept) != 0 {
		u.Errorf("kept by the API: %v", kept)
	}
}

// names sends an honest paper under names that lead elsewhere. They are shown
// as text, without a folder.
func (u *uploads) names() {
	u.Helper()
	for i, name := range []string{"../../../etc/cron.d/a.pdf", `..\..\a.pdf`, "<script>alert(1)</script>.pdf", "a\u202efdp.exe", strings.Repeat("n", 240) + ".pdf"} {
		f, err := u.page.Form("Upload")
		u.ok(err)
		b := papers.Order(i + 1).Bytes()
		got, err := f.Set("what", "other").File("file", name, "application/pdf", b).Press("Upload")
		u.ok(err)
		if got.Status >= 500 || strings.Contains(string(got.Body), "<script>alert") || strings.Contains(got.Text(), "../") || strings.Contains(got.Text(), `..\`) || strings.Contains(got.Text(), "\u202e") {
			u.Errorf("a paper named %q: %d %s", name, got.Status, got.Text())
		}
	}
}

func (u *uploads) taken(what string, b []byte) {
	u.Helper()
	f, err := u.page.Form("Upload")
	u.ok(err)
	began := time.Now()
	got, err := f.Set("what", "order").File("file", "scan.pdf", "application/pdf", b).Press("Upload")
	u.ok(err)
	u.in(began, what)
	if got.Status != http.StatusOK || !got.Has("scan.pdf") {
		u.Errorf("%s in the portal: %d %s", what, got.Status, got.Alert())
	}
	if status, answer := u.api("POST", "/drafts/"+u.draft+"/papers?name=scan.pdf&what=order", "application/pdf", b); status != http.StatusCreated {
		u.Errorf("%s by the API: %d %v", what, status, answer)
	}
}
