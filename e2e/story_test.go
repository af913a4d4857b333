package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/e2e/story"
	"letterlock/internal/testkit/browser"
)

// TestTheRequestStoryWithItsHalvesApart: two processes, two folders, two
// databases, one socket.
func TestTheRequestStoryWithItsHalvesApart(t *testing.T) {
	a, err := story.FoundApart(t.Context(), t.TempDir(), binaries(t))
	must(t, err)
	t.Cleanup(func() { a.StopBoth() })
	h := furnish(t, a.World)
	h.requestStory()
	h.ok(a.StopBoth())
	h.checked()
}

// TestTheRequestStoryOnPostgreSQL: each half has a database of its own.
func TestTheRequestStoryOnPostgreSQL(t *testing.T) {
	w := onPostgres(t).found(t)
	start(t, w)
	h := furnish(t, w)
	h.requestStory()
	h.ok(w.Stop())
	h.checked()
}

// requestStory: file, findings, review, two signatures, a package verified
// offline, and the person told on the day the secrecy ends, not before.
func (h *house) requestStory() {
	h.Helper()
	const text = "Dinner at eight? Bring the blue folder."
	h.ok(h.ana.Send(h.Context(), h.ben, text))
	number, findings := h.file(secret, func(o *story.Order) { o.Fields = append(o.Fields, "none:CONTENT") })
	h.says("the page before sending", findings, "Content of messages")
	h.ok(h.w.Review(h.analyst, number))
	read := h.sign()
	h.says("the signing page", read, h.ana.Phone, agencyName, "Name", "Linked devices")
	h.silent("the signing page", read, "Ana Ruiz", "About text, Name")
	p := h.collect(number)
	h.says("records.csv", p.text("records.csv"), "Ana Ruiz", "last_seen", "devices", h.ana.Phone)
	h.silent("records.csv", p.text("records.csv"), "about", "last_ip", text, h.ben.Phone)
	h.says("cannot-be-produced.txt", p.text("cannot-be-produced.txt"), "sealed")
	h.ok(h.w.Unseen(text))
	if n := h.notices(number); len(n) > 0 {
		h.Fatalf("Ana was told while the order forbids it: %v", n)
	}
	h.ok(h.w.Leap(59*24*time.Hour, h.lead, h.analyst))
	time.Sleep(3 * time.Second) // the desk looks at what is due each second
	if n := h.notices(number); len(n) > 0 {
		h.Fatalf("Ana was told a day early: %v", n)
	}
	h.ok(h.w.Leap(61*24*time.Hour, h.lead, h.analyst))
	n := h.noticeAbout(number)["notice"].(map[string]any)
	h.says("the notice", n["text"].(string), agencyName, "18 USC 2703(d)", number, "Name", "an order forbids notice")
	h.silent("the notice", n["text"].(string), "Olivia Reyes", "About")
	time.Sleep(2 * time.Second)
	if all := h.notices(number); len(all) != 1 {
		h.Errorf("Ana was told %d times", len(all))
	}
	h.ok(h.ben.Expect(h.Context(), text, 10*time.Second)) // 61 days later it is still there
}

// TestTheTurnsARequestCanTake plays them in one house, one after the other.
func TestTheTurnsARequestCanTake(t *testing.T) {
	h := home(t, 9*24*time.Hour)
	h.run("content only", (*house).contentOnly)
	h.run("a request that obliges to nothing", (*house).obligesToNothing)
	h.run("a paper that came by post", (*house).byPost)
	h.run("a question, a correction, a withdrawal", (*house).secondThoughts)
	h.run("withdrawn while it waits for the second signature", (*house).withdrawnInTime)
	h.run("told before, objected, and cleared or upheld", (*house).toldBefore)
	h.ok(h.w.Stop())
	h.checked()
}

// contentOnly: what does not exist is answered with a signed sheet, and nobody
// signs anything.
func (h *house) contentOnly() {
	number, findings := h.file(func(o *story.Order) { o.Fields = []string{"none:CONTENT"} })
	h.says("the page before sending", findings, "locked on people's devices and we cannot produce them", "You will receive a sheet")
	h.ok(h.w.Study(h.analyst, number))
	h.ok(h.w.Refuse(h.analyst, number))
	p := h.collect(number)
	sheet := p.text("cannot-be-produced.txt")
	h.says("the sheet", sheet, "SHA-256")
	if !p.has("cannot-be-produced.pdf") || !p.has("letter.pdf") {
		h.Error("the sheet or the letter is missing")
	}
	for _, f := range []string{"records.csv", "records.json", "grant.cbor"} {
		if p.has(f) && strings.Contains(p.text(f), "Ana") {
			h.Errorf("%s is in an answer without records", f)
		}
	}
	if n := h.notices(number); len(n) > 0 {
		h.Errorf("told of nothing: %v", n)
	}
}

// obligesToNothing: under a row that gives no obligation the only verdicts are
// to decline and to challenge, and a forged form gives no other.
func (h *house) obligesToNothing() {
	number, findings := h.file(func(o *story.Order) { o.Process, o.Basis = "us.eo12333", "Executive Order 12333" })
	h.says("the page before sending", findings, "places no duty on a company")
	h.ok(h.w.Study(h.analyst, number))
	var item string
	h.ok(h.w.Act(h.analyst, number, "Record the decision", func(f *browser.Form) {
		for _, name := range f.Names("verdict-") {
			item = strings.TrimPrefix(name, "verdict-")
			for _, v := range []string{"produce", "narrow", "ask", "escalate", "refer_mlat"} {
				if slices.Contains(f.Options(name), v) {
					h.Errorf("%s offers %s", name, v)
				}
			}
			f.Set(name, "decline")
		}
		f.Set("reason", "The order directs agencies; nothing obliges us.")
	}))
	err := h.w.Act(h.analyst, number, "Record the decision", func(f *browser.Form) { f.Set("verdict-"+item, "produce").Set("reason-"+item, "forged") })
	if err == nil || !strings.Contains(err.Error(), "403") {
		h.Errorf("a forged verdict: %v", err)
	}
	h.ok(h.w.Act(h.analyst, number, "Answer without records", nil))
	p := h.collect(number)
	if p.has("records.csv") && strings.Contains(p.text("records.csv"), "Ana") {
		h.Error("records came out")
	}
}

// byPost: whoever enters a paper does not decide it; the package is sealed to
// a passphrase that is shown once.
func (h *house) byPost() {
	number, err := h.w.EnterPaper(h.lead, agencyName, "Lt. Perez", h.order(secret))
	h.ok(err)
	if err := h.w.Review(h.lead, number); err == nil {
		h.Error("whoever entered the paper decided it")
	}
	h.ok(h.w.Review(h.analyst, number))
	h.sign()
	passphrase, sealed, err := h.w.CollectPaper(h.analyst, number)
	h.ok(err)
	said, dir, err := h.w.Verify(h.Context(), number, sealed, "--passphrase-file", h.secretFile(passphrase))
	if err != nil {
		h.Log(said)
	}
	h.ok(err)
	h.says("records.csv", opened{h, said, dir}.text("records.csv"), "Ana Ruiz")
	if _, _, err := h.w.Verify(h.Context(), number+"-wrong", sealed, "--passphrase-file", h.secretFile("wrong "+passphrase)); err == nil {
		h.Error("another passphrase opens it")
	}
}

// secondThoughts: the team asks, the officer answers, corrects, and at last
// takes it back; nothing goes on then.
func (h *house) secondThoughts() {
	number, _ := h.file(secret)
	h.ok(h.w.Study(h.analyst, number))
	h.ok(h.w.Ask(h.analyst, number, "Which of the two counties is it?"))
	h.ok(h.w.Reply(h.officer, number, "The one at the harbor."))
	h.ok(h.w.Until(h.analyst, number, "The one at the harbor.", 5*time.Second))
	h.ok(h.w.Correct(h.officer, number, "a digit was wrong", func(f *browser.Form) { f.Set("targets", h.ben.Phone) }))
	h.ok(h.w.Until(h.analyst, number, "a digit was wrong", 5*time.Second))
	h.ok(h.w.Until(h.analyst, number, h.ben.Phone, 5*time.Second))
	h.ok(h.w.Withdraw(h.officer, number, "the person was found"))
	h.ok(h.w.Until(h.analyst, number, "The agency took this request back", 5*time.Second))
	for _, button := range []string{"Record the decision", "Propose the grants", "Ask"} {
		if err := h.w.Act(h.analyst, number, button, nil); err == nil {
			h.Errorf("after the withdrawal the page offers %q", button)
		}
	}
	if err := h.w.Withdraw(h.officer, number, "again"); err == nil {
		h.Error("withdrawn twice")
	}
}

// withdrawnInTime: a grant that one person signed is taken back at the carrier,
// and a second signature on the page that was opened before comes too late.
func (h *house) withdrawnInTime() {
	number, _ := h.file(secret)
	h.ok(h.w.Review(h.analyst, number))
	read, err := h.w.Sign(h.holders[0])
	h.ok(err)
	h.says("the signing pages", strings.Join(read, ""), number)
	opened := h.waiting(h.holders[1], number)
	if len(opened) == 0 {
		h.Fatal("nothing waits for the second signature")
	}
	h.ok(h.w.Withdraw(h.officer, number, "the person was found"))
	for end := time.Now().Add(10 * time.Second); len(h.waiting(h.holders[1], number)) > 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			h.Fatal("the grant still waits for a signature")
		}
	}
	for _, page := range opened {
		if err := h.w.SignOne(h.holders[1], page); err == nil || !strings.Contains(err.Error(), "the grant was withdrawn") {
			h.Errorf("signed after the withdrawal: %v", err)
		}
	}
}

// waiting is the pages of a case's grants that one key holder may sign now. A
// grant that goes between the list and its page does not wait.
func (h *house) waiting(holder *story.Visitor, number string) (open []*browser.Page) {
	h.Helper()
	pages, err := h.w.Waiting(holder)
	h.ok(err)
	for _, p := range pages {
		if _, err := p.FormByAttr("data-passkey", "*"); err == nil && strings.Contains(p.Text(), number) {
			open = append(open, p)
		}
	}
	return open
}

// toldBefore: without secrecy the person is told first and may object; counsel
// clears one objection and upholds another; a week later the first is released.
func (h *house) toldBefore() {
	cleared, _ := h.file()
	upheld, _ := h.file(func(o *story.Order) { o.Fields = []string{"BSI:name"} })
	for _, n := range []string{cleared, upheld} {
		h.ok(h.w.Review(h.analyst, n))
		h.sign()
		told := h.noticeAbout(n)
		body := told["notice"].(map[string]any)
		if body["before"] != true {
			h.Errorf("the notice does not say that it comes before: %v", body)
		}
		h.says("the notice", body["text"].(string), agencyName, n, dayOf(h.now().Add(7*24*time.Hour)))
		h.ok(h.ana.Object(h.Context(), told["id"].(string), "I was abroad then: it cannot be me."))
		h.ok(h.w.Until(h.analyst, n, "I was abroad then", 10*time.Second))
		if err := h.w.CloseObjection(h.analyst, n, false, "not mine to close"); err == nil {
			h.Error("an analyst closed an objection")
		}
	}
	h.ok(h.w.CloseObjection(h.counsel, upheld, true, "The account changed hands before the period."))
	h.ok(h.w.Leap(0, h.lead, h.analyst)) // nine days later
	h.ok(h.w.SignInOfficer(h.Context(), h.officer))
	time.Sleep(3 * time.Second) // the desk looks at what is due each second
	if _, err := h.w.Packed(h.officer.Visitor, h.w.Site("portal")+"/requests/"+cleared, 0); err == nil {
		h.Fatal("released while the objection was open")
	}
	h.ok(h.w.SignIn(h.counsel))
	h.ok(h.w.CloseObjection(h.counsel, cleared, false, "The period was checked: it covers the days at home."))
	h.says("records.csv", h.collect(cleared).text("records.csv"), "Ana Ruiz", "devices")
	h.ok(h.w.Act(h.analyst, upheld, "Answer without records", nil))
	p := h.collect(upheld)
	if p.has("records.csv") && strings.Contains(p.text("records.csv"), "Ana") {
		h.Error("released against an upheld objection")
	}
	for _, n := range []string{cleared, upheld} {
		if all := h.notices(n); len(all) != 1 {
			h.Errorf("Ana was told %d times about %s", len(all), n)
		}
	}
}

func dayOf(t time.Time) string { return t.UTC().Format("2 January 2006") }
