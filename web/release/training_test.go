package release_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheReleasePagesAskForTrainingAndTies(t *testing.T) {
	w := newWorld(t)
	at := "/grants/" + w.grant.String()
	w.trained = time.Time{}
	if p := w.ada.get(at); !strings.Contains(p, "You cannot sign now") || strings.Contains(p, "data-passkey") {
		t.Fatalf("the page offers a signature to the untrained: %s", p)
	}
	for _, day := range []string{"", "yesterday"} {
		if r := w.ada.post("/training", url.Values{"day": {day}}); r.Code != http.StatusBadRequest {
			t.Errorf("the day %q: %d", day, r.Code)
		}
	}
	r := w.ada.post("/training", url.Values{"day": {"2026-11-20"}})
	if r.Code != http.StatusOK || !strings.Contains(r.Body.String(), "Ada Okafor was trained on 2026-11-20") {
		t.Fatalf("no statement to sign: %d %s", r.Code, r.Body)
	}
	form := url.Values{"day": {"2026-11-20"}, "at": {"1795764600"}, "answer": {w.ada.answer(r.Body.String())}}
	if r := w.ada.post("/training/sign", url.Values{"day": {"x"}, "at": {"x"}, "answer": form["answer"]}); r.Code != http.StatusBadRequest {
		t.Errorf("a statement without its day: %d", r.Code)
	}
	if r := w.ada.post("/training/sign", form); r.Code != http.StatusSeeOther || !slices.Contains(w.acts, "train Ada Okafor") {
		t.Fatalf("%d %v", r.Code, w.acts)
	}
	p := w.ada.get(at)
	if !strings.Contains(p, "I have no tie: sign this grant") || !strings.Contains(p, "Det. O. Reyes") {
		t.Fatalf("the page does not ask about ties: %s", p)
	}
	if r := w.ada.post(at+"/sign", url.Values{"answer": {w.ada.answer(p)}}); r.Code != http.StatusForbidden {
		t.Errorf("signed without a word about ties: %d", r.Code)
	}
	if r := w.ada.post(at+"/tie", url.Values{}); r.Code != http.StatusBadRequest {
		t.Errorf("a tie without a word: %d", r.Code)
	}
	if r := w.ada.post(at+"/tie", url.Values{"tie": {"my brother"}}); r.Code != http.StatusSeeOther || !slices.Contains(w.acts, "tie Ada Okafor: my brother") {
		t.Errorf("%d %v", r.Code, w.acts)
	}
}
