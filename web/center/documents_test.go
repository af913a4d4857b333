package center_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/ledger/proof"
	"letterlock/transparency/room"
	"letterlock/web/center"
)

// leaf is a page with a black box.
func leaf(t *testing.T) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 600, 780))
	draw.Draw(m, m.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(80, 90, 400, 120), image.NewUniform(color.Black), image.Point{}, draw.Src)
	var b bytes.Buffer
	check(t, png.Encode(&b, m))
	return b.Bytes()
}

// printed puts a document into the room, as the desk does: its hash enters the
// ledger first.
func printed(t *testing.T, p *room.Press, l *ledger.Ledger, c *clock.Manual, id room.ID) {
	t.Helper()
	s, err := p.Begin(id)
	check(t, err)
	check(t, s.Lay("demand.txt", []byte("The demand\n\nWhat was asked for: records.\n")))
	check(t, s.Lay("paper-01-page-0001.png", leaf(t)))
	check(t, s.Lay("paper-01-page-0003.png", leaf(t)))
	check(t, s.Lay("paper-01-page-0001.txt", []byte("The order's first page.\n")))
	check(t, s.Lay("paper-01-page-0003.txt", []byte("The judge's signature.\n")))
	sum, err := s.Bind(room.Manifest{ID: id, Published: "2026-11-20", ProcessID: "us.order.2703d", Process: "Court order", Place: "United States", Agency: "Harbor County Sheriff's Office",
		Papers: []room.Paper{{Title: "The demand", Text: "demand.txt"}, {Title: "Paper 1 of the demand", Total: 3,
			Shown: []room.Page{{Number: 1, File: "paper-01-page-0001.png", Words: "paper-01-page-0001.txt"}, {Number: 3, File: "paper-01-page-0003.png", Words: "paper-01-page-0003.txt", Boxes: 2}}}}})
	check(t, err)
	check(t, p.Issue(id, sum, proved(t, l, c, room.KindPublished, sum)))
}

func proved(t *testing.T, l *ledger.Ledger, c *clock.Manual, kind string, sum room.Sum) []byte {
	t.Helper()
	r, err := l.Append(context.Background(), ledger.Record{Kind: kind, Body: sum[:]})
	check(t, err)
	c.Advance(time.Minute)
	check(t, l.Tick(context.Background()))
	got, err := l.Proof(r)
	check(t, err)
	return got.Bytes()
}

// documents is a room with a document, one that was taken out, and one that is
// still being set.
func documents(t *testing.T, l *ledger.Ledger, c *clock.Manual) fs.FS {
	t.Helper()
	p := &room.Press{Dir: filepath.Join(t.TempDir(), "room")}
	printed(t, p, l, c, "00000000000000aa")
	check(t, os.WriteFile(filepath.Join(p.Dir, "00000000000000aa", "secret.txt"), []byte("not for the public"), 0o644))
	printed(t, p, l, c, "00000000000000bb")
	gone, err := room.Read(p.FS(), "00000000000000bb")
	check(t, err)
	sum, err := p.Withdraw(room.Tombstone{ID: "00000000000000bb", Manifest: gone.Sum.String(), Published: gone.Published, Withdrawn: "2026-11-21", Why: room.ByCourt, Words: "The file is sealed."})
	check(t, err)
	check(t, p.Prove("00000000000000bb", sum, proved(t, l, c, room.KindWithdrawn, sum), nil))
	s, err := p.Begin("00000000000000cc")
	check(t, err)
	check(t, s.Lay("demand.txt", []byte("being set")))
	check(t, p.Count(room.Counts{Objected: 3, Overdue: 1, AsOf: "2026-11-23"}))
	return p.FS()
}

// TestAnExportedDocumentCanBeChecked: what anybody hosts is what the ledger
// holds, and a changed file is refused by the site and found by the check.
func TestAnExportedDocumentCanBeChecked(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC))
	dir := filepath.Join(t.TempDir(), "l")
	check(t, ledger.Create(dir, ledger.Default("example.org/desk"), c, nil))
	l, err := ledger.Open(dir, ledger.Options{Clock: c})
	check(t, err)
	t.Cleanup(func() { l.Close() })
	p := &room.Press{Dir: filepath.Join(t.TempDir(), "room")}
	printed(t, p, l, c, "00000000000000aa")
	h, err := center.New(center.Config{Owner: "Example Messenger", Documents: p.FS(), Logs: map[string]center.Log{"desk": l}, Clock: c,
		Trust: func(context.Context) (any, error) { return map[string]any{}, nil }, Law: law.Default()})
	check(t, err)
	s := httptest.NewServer(h)
	defer s.Close()
	out := t.TempDir()
	_, err = center.Export(context.Background(), s.Client(), s.URL, out)
	check(t, err)
	keys, err := proof.ParseKeys(l.Keys()...)
	check(t, err)
	folder := filepath.Join(out, "documents", "00000000000000aa")
	if lines := room.Check(os.DirFS(folder), keys); !room.Holds(lines) {
		t.Fatalf("the exported document does not hold: %+v", lines)
	}
	for _, dir := range []string{folder, filepath.Join(p.Dir, "00000000000000aa")} {
		check(t, os.WriteFile(filepath.Join(dir, "demand.txt"), []byte("Nothing was demanded.\n"), 0o644))
	}
	if room.Holds(room.Check(os.DirFS(folder), keys)) {
		t.Error("a changed paper holds")
	}
	for _, at := range []string{"/documents/00000000000000aa/demand.txt", "/documents/00000000000000aa/"} {
		if w := get(h, at); w.Code != http.StatusConflict || strings.Contains(w.Body.String(), "Nothing was demanded") {
			t.Errorf("%s shows a changed paper: %d", at, w.Code)
		}
	}
}

// A house without a document room says so, and no address of it leads anywhere.
func TestAHouseWithoutARoom(t *testing.T) {
	h, _, _ := site(t)
	if w := get(h, "/documents"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "No document room is served under this address") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, at := range []string{"/documents/00000000000000aa/", "/documents/00000000000000aa/demand.txt", "/documents/counts.json"} {
		if w := get(h, at); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", at, w.Code)
		}
	}
}
