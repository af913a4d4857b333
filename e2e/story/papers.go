package story

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"letterlock/internal/testkit/browser"
)

var paperLink = regexp.MustCompile(`/room/papers/([0-9a-f]{32})"`)

// Publish brings the papers of a case to the public: counsel keeps the first
// page of each paper with a box over its upper half and words for those who do not see it, a second person agrees.
func (w *World) Publish(counsel, second *Visitor, number string) error {
	at := w.Site("desk") + "/cases/" + number + "/room"
	p, err := counsel.open(at)
	if err != nil {
		return err
	}
	papers := paperLink.FindAllStringSubmatch(string(p.Body), -1)
	if len(papers) == 0 {
		return fmt.Errorf("no paper stands on the page: %s", p.Text())
	}
	for _, m := range papers {
		paper := at + "/papers/" + m[1]
		q, err := counsel.open(paper)
		q, err = press(q, err, "Look at its pages", nil)
		q, err = press(q, err, "Black it out", func(f *browser.Form) { f.Set("top", "0").Set("bottom", "50").Set("left", "0").Set("right", "100") })
		q, err = press(q, err, "These are its words", func(f *browser.Form) { f.Set("words", "The upper half of the page is blacked out.") })
		if _, err = press(q, err, "Keep page 1", nil); err != nil {
			return err
		}
		q, err = counsel.open(paper)
		if _, err = press(q, err, "Publish the pages that are kept", nil); err != nil {
			return err
		}
	}
	for _, text := range []string{"demand", "answer"} {
		q, err := counsel.open(at + "/papers/" + text)
		if _, err = press(q, err, "Publish this text", nil); err != nil {
			return err
		}
	}
	p, err = counsel.open(at)
	if _, err = press(p, err, "Put it before a second person", func(f *browser.Form) { f.Set("why", "everybody was told") }); err != nil {
		return err
	}
	for range papers {
		p, err = second.open(at + "/preview")
		if _, err = press(p, err, "Look at its pages", nil); err != nil {
			return err
		}
	}
	p, err = second.open(at + "/preview")
	_, err = press(p, err, "Agree: publish it", func(f *browser.Form) { f.Set("why", "looked at each page") })
	return err
}

// TakeOut takes a case's document out of the room again.
func (w *World) TakeOut(counsel *Visitor, number, words string) error {
	p, err := counsel.open(w.Site("desk") + "/cases/" + number + "/room")
	_, err = press(p, err, "Take it out", func(f *browser.Form) { f.Set("reason", "court").Set("words", words) })
	return err
}

// PapersWait waits until the papers of a case are before counsel.
func (w *World) PapersWait(counsel *Visitor, number string, limit time.Duration) error {
	for end := time.Now().Add(limit); ; time.Sleep(200 * time.Millisecond) {
		p, err := counsel.open(w.Site("desk") + "/room")
		if err != nil {
			return err
		}
		if strings.Contains(string(p.Body), "/cases/"+number+"/room") {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("the papers of %s do not come to counsel: %s", number, space.ReplaceAllString(p.Text(), " "))
		}
	}
}

// Public is a page of the public site.
func (w *World) Public(path string) (*browser.Page, error) {
	return NewVisitor("somebody").open(w.desk().Site("") + path)
}
