package console_test

import (
	"net/url"
	"strings"
	"testing"

	"letterlock/desk/casefile"
)

// nsl is a national security letter whose secrecy is certified.
func (w *world) nsl(ref string) casefile.Demand {
	d := w.order()
	d.Process, d.Reference, d.Wanted, d.Gag = "us.nsl", ref, []casefile.Item{"name", "service_start"}, casefile.Gag{Asked: true}
	d.Answers = map[string]string{"gag_certification_2709c": "yes"}
	return d
}

// TestClearedMembersKeepTheSecrecyOnAPageOfItsOwn walks it as counsel and lead
// who are on the list.
func TestClearedMembersKeepTheSecrecyOnAPageOfItsOwn(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.nsl("NSL-7"))
	w.ok(w.desk.Tick(t.Context()))
	list := w.cleared.get("/sealed")
	says(t, list, 200, string(n), "ready, not sent", "Who is on the list", "secrecy looked at again after three years")
	at := "/sealed/matters/" + string(n)
	page := w.cleared.get(at)
	says(t, page, 200, "notice-to-the-government.pdf", "18 USC 3511(b)(1)", "the days count from the letter", "S: the text was read")
	id := string(must(w.desk.Files.Load(t.Context(), n))(w).Secrecy.Letters[0].ID)
	if p := w.cleared.get(at + "/letters/" + id); p.Status != 200 || !strings.HasPrefix(string(p.Body), "%PDF-") {
		t.Errorf("the letter: %d", p.Status)
	}
	w.ok(w.desk.Staff.Clear(t.Context(), w.lead.id, w.counsel.id, true, "cleared"))
	sent := w.send(w.counsel.b.Client, "POST", at+"/letters/"+id+"/sent", url.Values{"sent": {"2026-11-23"}, "how": {"registered mail"}})
	if sent.Status != 303 && sent.Status != 200 {
		t.Fatalf("record that it left: %d %s", sent.Status, sent.Text())
	}
	says(t, w.counsel.get(at), 200, "review asked for", "registered mail", "the Government must have applied to a court")
	wrong := w.send(w.counsel.b.Client, "POST", at+"/step", url.Values{"move": {"applied"}, "day": {"soon"}, "why": {"docket 12"}})
	says(t, wrong, 400, "Give the day, such as 2026-11-23.", "docket 12")
}

// TestTheSealedPagesAreNowhereForOthers compares every address of them with an
// address that never was.
func TestTheSealedPagesAreNowhereForOthers(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.nsl("NSL-7"))
	w.ok(w.desk.Tick(t.Context()))
	id := string(must(w.desk.Files.Load(t.Context(), n))(w).Secrecy.Letters[0].ID)
	real, ghost := "/sealed/matters/"+string(n), "/sealed/matters/LL-2026-987654321098"
	for _, m := range []*member{w.analyst, w.counsel} {
		for _, tail := range []string{"", "/letters/" + id} {
			a, b := m.get(real+tail), m.get(ghost+tail)
			if a.Status != 404 || main(a) != main(b) {
				t.Errorf("%s can tell %s from none: %d", m.name, real+tail, a.Status)
			}
		}
		for _, tail := range []string{"/step", "/known", "/letters/" + id + "/sent"} {
			f := url.Values{"move": {"applied"}, "day": {"2026-11-23"}, "why": {"x"}, "sent": {"2026-11-23"}, "how": {"x"}, "begun": {"2026-01-01"}, "from": {"x"}}
			a, b := w.send(m.b.Client, "POST", real+tail, f), w.send(m.b.Client, "POST", ghost+tail, f)
			if a.Status < 400 || a.Status != b.Status || main(a) != main(b) {
				t.Errorf("%s can tell %s from none: %d, %d", m.name, real+tail, a.Status, b.Status)
			}
		}
		if p := m.get("/sealed"); p.Status != 404 {
			t.Errorf("%s opens the page of sealed matters: %d", m.name, p.Status)
		}
		silent(t, m.get("/"), "Sealed matters")
		silent(t, m.get("/team/"+string(w.cleared.id)), "Sealed", "sealed")
	}
	if got := must(w.desk.Files.Load(t.Context(), n))(w).Secrecy; len(got.Steps) != 0 || !got.Sent().IsZero() {
		t.Errorf("somebody who is not on the list changed it: %+v", got)
	}
}
