package paper_test

import (
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/paper"
	"letterlock/internal/fault"
	"letterlock/internal/testkit/papers"
)

func TestWhatIsNoPaperIsRefusedWithASentence(t *testing.T) {
	for _, x := range papers.Hostile(casefile.MaxPaper, paper.MaxPages) {
		_, err := paper.Check(x.File, nil, now)
		if k := fault.KindOf(err); err == nil || k != fault.Invalid && k != fault.TooLarge || !strings.Contains(fault.Say(err), x.Says) {
			t.Errorf("%s: %v (%q), want a sentence with %q", x.Name, err, fault.Say(err), x.Says)
		}
	}
}

func TestAnHonestPaperIsTaken(t *testing.T) {
	good := papers.Order(1)
	for name, b := range map[string][]byte{
		"plain":                    good.Bytes(),
		"line ends behind its end": append(good.Bytes(), "\r\n\r\n"...),
		"a link to a web page":     good.With(4, "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://court.example) >> >>]").Bytes(),
		"opens at its first page":  good.With(1, "/OpenAction [4 0 R /Fit]").Bytes(),
		"revised before it came":   papers.Update(good.Bytes(), map[int]string{5: papers.Stream("", []byte("BT ET"))}),
		"a scan of 300 pages":      papers.Order(300).Bytes(),
		"as many pages as may be":  papers.Order(paper.MaxPages).Bytes(),
	} {
		got, err := paper.Check(b, nil, now)
		if err != nil || got.Pages < 1 {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

// FuzzCheck: whatever comes, the sender gets a sentence or the paper is taken.
func FuzzCheck(f *testing.F) {
	f.Add(papers.Order(1).Bytes())
	f.Add(unsigned(1, detached))
	f.Add(papers.Archive("../x"))
	f.Add(papers.Order(1).With(1, "/OpenAction << /S /JavaScript /JS (1) >>").Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := paper.Check(b, nil, now)
		if k := fault.KindOf(err); err != nil && k != fault.Invalid && k != fault.TooLarge {
			t.Errorf("no sentence: %v", err)
		}
		if err == nil && (got.Pages < 1 || got.Pages > paper.MaxPages) {
			t.Errorf("taken with %d pages", got.Pages)
		}
	})
}
