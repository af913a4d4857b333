package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/e2e/story"
)

// TestARealReceiptIsCountedInARealReport: the officer's package carries
// receipt.proof; the half-year ends; the operator's program builds the report
// from the desk's own ledger, and anyone sees by the file that this very
// request is counted in it, and by a changed file that it is not. The person
// whom it was about sees the same by the receipt in their notice.
func TestARealReceiptIsCountedInARealReport(t *testing.T) {
	h := home(t, 0)
	number, _ := h.file(secret) // so that the answer does not wait for seven days of notice
	h.ok(h.w.Review(h.analyst, number))
	h.sign()
	p := h.collect(number)
	h.says("the verifier", p.said, "Ravi Menon, a custodian of records at Example Messenger, signed", "receipt.proof shows that this request was filed")

	var ends time.Time // of this half-year
	if ends = time.Date(time.Now().Year(), time.July, 1, 0, 0, 0, 0, time.UTC); !time.Now().Before(ends) {
		ends = ends.AddDate(0, 6, 0)
	}
	period := map[bool]string{true: ends.AddDate(0, 0, -1).Format("2006") + "H1", false: ends.AddDate(0, 0, -1).Format("2006") + "H2"}[ends.Month() == time.July]
	h.ok(h.w.Leap(max(time.Until(ends), 61*24*time.Hour)+24*time.Hour, h.lead, h.analyst))
	trust, err := h.w.Trust()
	h.ok(err)
	time.Sleep(3 * time.Second) // the ledger writes a checkpoint each second
	report, program := filepath.Join(h.w.Dir, "report"), story.Program(h.w.Bin, "letterlock")
	said, err := story.Run(t.Context(), "", program, "report", "build", "--data", filepath.Join(h.w.Dir, "data"), "--config", filepath.Join(h.w.Dir, "letterlock.toml"), "--period", period, "--out", report)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	verify := func(receipt string) (string, error) {
		return story.Run(t.Context(), "", program, append([]string{"report", "verify", report, "--receipt", receipt}, trust...)...)
	}
	receipt := filepath.Join(p.dir, "receipt.proof")
	said, err = verify(receipt)
	if err != nil || strings.Contains(said, "NOT") || !strings.Contains(said, "The receipt's case is counted in the total") {
		t.Errorf("the request is not counted: %v\n%s", err, said)
	}
	h.noticeAbout(number) // the secrecy is over: the person has the same proof
	h.ok(h.ana.SaveReceipts(t.Context(), h.w.Dir))
	said, err = verify(filepath.Join(h.w.Dir, number+".proof"))
	if err != nil || strings.Contains(said, "NOT") || !strings.Contains(said, "The receipt's case is counted in the total") {
		t.Errorf("by the person's receipt their case is not counted: %v\n%s", err, said)
	}
	b, err := os.ReadFile(receipt)
	h.ok(err)
	b[len(b)/2] ^= 1
	forged := filepath.Join(h.w.Dir, "forged.proof")
	h.ok(os.WriteFile(forged, b, 0o600))
	if said, err := verify(forged); err == nil {
		t.Errorf("a changed receipt counts:\n%s", said)
	}
	h.ok(h.w.Stop())
}
