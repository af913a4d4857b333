package console_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"testing"
	"time"

	"letterlock/desk/staff"
)

// TestWhatOutsideCounselGetsCarriesTheirMark: of a lent case they get pages as
// pictures with their mark on every part, at every zoom; no letter and no
// package comes to them by any address.
func TestWhatOutsideCounselGetsCarriesTheirMark(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	x := w.join("Dr. Vale", true, false, staff.Outside)
	w.ok(w.desk.Review.Lend(t.Context(), w.counsel.id, n, x.id, w.clock.Now().Add(48*time.Hour), "is the order final?"))
	paper := w.load(n).Demand.Papers[0].ID
	for _, m := range []*member{w.analyst, x} {
		_, err := w.desk.Review.ReadPaper(t.Context(), m.id, n, paper)
		w.ok(err)
	}
	for _, zoom := range []string{"page", "close"} {
		at := path(n) + "/papers/" + string(paper) + "/1.png?zoom=" + zoom
		team, theirs := w.picture(w.analyst, at), w.picture(x, at)
		if team.Bounds() != theirs.Bounds() {
			t.Fatalf("%v and %v", team.Bounds(), theirs.Bounds())
		}
		for part := range 4 {
			if n := reddish(team, part); n > 0 {
				t.Errorf("%s: %d marked points in part %d of the team's page", at, n, part)
			}
			if n := reddish(theirs, part); n < 200 {
				t.Errorf("%s: %d marked points in part %d of what outside counsel gets", at, n, part)
			}
		}
	}
	for _, at := range []string{"/download/x", "/passphrase/x"} {
		if p := x.post(path(n) + at); p.Status < 400 {
			t.Errorf("%s answers outside counsel %d", at, p.Status)
		}
	}
	w.ok(w.desk.Review.TakeBackLoan(t.Context(), w.counsel.id, n, x.id, "it is answered"))
	if p := x.get(path(n) + "/papers/" + string(paper) + "/1.png"); p.Status != http.StatusNotFound {
		t.Errorf("a page after the loan: %d", p.Status)
	}
}

// picture is a page of a paper as it comes to a member's browser.
func (w *world) picture(m *member, at string) image.Image {
	w.Helper()
	p := m.get(at)
	if p.Status != http.StatusOK {
		w.Fatalf("%s answers %s %d: %s", at, m.name, p.Status, p.Text())
	}
	got, err := png.Decode(bytes.NewReader(p.Body))
	w.ok(err)
	return got
}

// reddish counts the points of the mark's colour in a quarter of a page, from
// the top: papers of these tests are black on white.
func reddish(m image.Image, part int) (n int) {
	b := m.Bounds()
	for y := b.Min.Y + part*b.Dy()/4; y < b.Min.Y+(part+1)*b.Dy()/4; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, g, _, _ := m.At(x, y).RGBA(); r > g+0x1000 {
				n++
			}
		}
	}
	return n
}
