package e2e_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"letterlock/e2e/story"
)

var documentLink = regexp.MustCompile(`href="/documents/([0-9a-f]{16})/"`)

// TestThePapersOfARequestReachThePublic: after the secrecy the person is told,
// counsel and the lead publish, anybody exports and checks the document, nobody
// is in it, and what a court has taken out leaves its hash.
func TestThePapersOfARequestReachThePublic(t *testing.T) {
	h := home(t, 61*aDay)
	number, _ := h.file(secret)
	h.ok(h.w.Review(h.analyst, number))
	h.sign()
	h.collect(number)
	if p, err := h.w.Public("/documents"); err != nil || !p.Has("No paper has been published yet.") {
		t.Fatalf("%v %s", err, p.Text())
	}
	h.ok(h.w.Leap(time.Minute, h.lead, h.analyst))
	h.ok(h.w.SignIn(h.counsel))
	h.noticeAbout(number)
	h.ok(h.w.PapersWait(h.counsel, number, 30*time.Second))
	h.ok(h.w.Publish(h.counsel, h.lead, number))
	id := h.document("Court order for records")

	dir := h.exported("site")
	said, err := h.verified(dir, id)
	if err != nil || strings.Contains(said, "FAILS") || !strings.Contains(said, "holds the hash of this list") {
		t.Fatalf("%v\n%s", err, said)
	}
	h.namesNobody(filepath.Join(dir, "documents"), number)
	feed, err := os.ReadFile(filepath.Join(dir, "feed.xml"))
	if err != nil || !bytes.Contains(feed, []byte("/documents/"+id+"/")) {
		t.Errorf("the feed does not tell of it: %v", err)
	}
	demand := filepath.Join(dir, "documents", id, "demand.txt")
	h.ok(os.WriteFile(demand, []byte("Nothing was demanded.\n"), 0o644))
	if said, err := h.verified(dir, id); err == nil {
		t.Errorf("a changed paper holds:\n%s", said)
	}

	h.ok(h.w.TakeOut(h.counsel, number, "The court has sealed its file."))
	h.until("/documents/"+id+"/", "The court has sealed its file.")
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(500 * time.Millisecond) { // until the ledger has it
		dir = h.exported("after")
		if said, err = h.verified(dir, id); err == nil || time.Now().After(end) {
			break
		}
		h.ok(os.RemoveAll(dir))
	}
	if err != nil || !strings.Contains(said, "holds the hash of what was published") {
		t.Errorf("%v\n%s", err, said)
	}
	if _, err := os.Stat(filepath.Join(dir, "documents", id, "demand.txt")); err == nil {
		t.Error("a paper that was taken out is still public")
	}
	h.ok(h.w.Stop())
}

// document waits for the one document of the room and returns its id.
func (h *house) document(says string) string {
	h.Helper()
	h.until("/documents", says)
	p, err := h.w.Public("/documents")
	h.ok(err)
	m := documentLink.FindSubmatch(p.Body)
	if m == nil {
		h.Fatalf("no document is listed: %s", p.Text())
	}
	return string(m[1])
}

// until waits for words on a public page.
func (h *house) until(path, says string) {
	h.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(300 * time.Millisecond) {
		p, err := h.w.Public(path)
		if err == nil && p.Has(says) {
			return
		}
		if time.Now().After(end) {
			h.Fatalf("%s does not come to say %q: %v", path, says, err)
		}
	}
}

// exported is the public site as files.
func (h *house) exported(name string) string {
	h.Helper()
	dir := filepath.Join(h.w.Dir, name)
	said, err := story.Run(h.Context(), "", story.Program(h.w.Bin, "letterlock"), "site", "--from", h.w.Site(""), "--out", dir)
	if err != nil {
		h.Fatalf("%v\n%s", err, said)
	}
	return dir
}

func (h *house) verified(dir, id string) (string, error) {
	h.Helper()
	trust, err := h.w.Trust()
	h.ok(err)
	return story.Run(h.Context(), "", story.Program(h.w.Bin, "verify"), append([]string{"document", filepath.Join(dir, "documents", id)}, trust...)...)
}

// namesNobody searches every byte of the exported room.
func (h *house) namesNobody(dir, number string) {
	h.Helper()
	files := 0
	h.ok(filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		for _, s := range []string{"2025550142", "Ana Ruiz", "Olivia", "Reyes", "2025550190", number, "26-mc-00001", "Whitfield", "Brandt", "Lindqvist", "%PDF"} {
			if bytes.Contains(b, []byte(s)) {
				h.Errorf("%s holds %q", path, s)
			}
		}
		return err
	}))
	if files < 6 {
		h.Errorf("only %d files were searched", files)
	}
}
