package console_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/internal/testkit/browser"
	soft "letterlock/internal/testkit/passkey"
)

// path is the address of a case.
func path(n casefile.Number) string { return "/cases/" + string(n) }

// study assigns a case to a member, and has them read the papers, answer the
// findings and look the accounts up, all on the page.
func (m *member) study(n casefile.Number) *browser.Page {
	m.w.Helper()
	p := m.press(m.get(path(n)), "Assign", "to", string(m.id), "why-assign", "it is theirs to decide")
	says(m.w.T, p, 200, "Assigned.", "with "+m.name, "Have you a tie with this case?")
	silent(m.w.T, p, "Record the decision")
	says(m.w.T, m.press(p, "I have no tie"), 200, "Recorded: you have no tie")
	for _, x := range m.w.load(n).Unread() {
		got := m.press(m.get(path(n)), "Read "+x.Name)
		says(m.w.T, got, 200, x.Name, "Page 1 of ")
	}
	for _, f := range m.w.load(n).Findings {
		if f.Blocks() {
			p = m.post(path(n)+"/finding/"+string(f.ID), "finding-"+string(f.ID), "checked against the paper: met", "holds", "no")
			says(m.w.T, p, 303)
		}
	}
	for range m.w.load(n).Demand.Targets {
		p = m.press(m.get(path(n)), "Look up")
		says(m.w.T, p, 200, "That is all the carrier says")
	}
	return m.get(path(n))
}

// decideAll produces what exists and declines the rest.
func (m *member) decideAll(n casefile.Number) *browser.Page {
	m.w.Helper()
	pairs := []string{"reason", "the order reaches it"}
	for _, i := range m.w.load(n).Demand.Wanted {
		if _, ok := i.Field(); ok {
			pairs = append(pairs, "verdict-"+string(i), "produce")
		} else {
			pairs = append(pairs, "verdict-"+string(i), "decline", "reason-"+string(i), "it does not exist here")
		}
	}
	return m.press(m.get(path(n)), "Record the decision", pairs...)
}

func TestFromTheQueueToTheAnswer(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	w.custodianJoins()
	w.approve("us.order.2703d")
	a := w.analyst
	p := a.get("/")
	says(t, p, 200, string(n), "Harbor County Sheriff", "With nobody yet", "Ines Okafor · analyst · trained until")
	silent(t, p, "Sealed")
	p = must(p.Follow(string(n)))(w)
	says(t, p, 200, "18 USC 2703(d)", "called the switchboard (Ines Okafor", "+1 202 555 0100", reference, "UTC", "unread")
	p = a.study(n)
	says(t, p, 200, "has an account", "first by Ines Okafor")
	silent(t, p, "Ana Ruiz", "203.0.113.7") // existence, and nothing more
	p = a.decideAll(n)
	says(t, p, 200, "Decided: 4 items", "Propose the grants")
	p = a.press(p, "Propose the grants")
	says(t, p, 200, "The grants are before the key holders", "nobody has signed; two people must")
	if l := p.Links("Open the signing page"); len(l) == 0 || !strings.Contains(l[0], "/grants/") {
		t.Fatalf("no way to the signing page: %v", l)
	}
	h := w.door.Open(disclosable.Produce)[0]
	w.ok(w.door.Sign(h, "Sefa Yilmaz"))
	says(t, a.get(path(n)), 200, "Sefa Yilmaz has signed; a second person must")
	w.ok(w.door.SignAll("Sefa Yilmaz", "Miriam Adler"))
	w.pass(10 * time.Minute)   // the desk sees the signatures, and the person is told
	w.pass(8 * 24 * time.Hour) // their seven days
	w.pass(10 * time.Minute)
	w.pass(10 * time.Minute)
	w.lead.signIn()
	p = w.lead.get(path(n))
	says(t, p, 200, "The package", "The officer collects it on the portal", "had the person told", "made the package", "Told")
	silent(t, p, "Download the package", "Ana Ruiz", "203.0.113.7")
	if w.door.Used(disclosable.Produce) != 1 || w.door.Used(disclosable.Notify) != 1 {
		t.Errorf("used: %d to produce, %d to tell", w.door.Used(disclosable.Produce), w.door.Used(disclosable.Notify))
	}
}

// signIn begins a new session with the member's passkey.
func (m *member) signIn() *browser.Page {
	m.w.Helper()
	p := m.ceremony(m.get("/signin"))
	says(m.w.T, p, 200, "Queue", m.name)
	return p
}

func TestAskedAndAnsweredAndAnsweredWithoutRecords(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	a := w.analyst
	a.study(n)
	p := a.press(a.get(path(n)), "Ask", "question", "Which of the two counties?")
	says(t, p, 200, "The clock stands still", "Which of the two counties?", "no answer yet")
	w.ok(w.desk.Intake.Answer(t.Context(), w.reyes.Actor(), n, w.load(n).Questions[0].ID, "Harbor."))
	pairs := []string{"reason", "beyond what the order names"}
	for _, i := range w.load(n).Demand.Wanted {
		pairs = append(pairs, "verdict-"+string(i), "decline")
	}
	p = a.press(a.get(path(n)), "Record the decision", pairs...)
	says(t, p, 200, "Decided: 4 items", "Answer without records")
	silent(t, p, "Propose the grants")
	p = a.press(p, "Answer without records")
	says(t, p, 200, "is being made")
	w.pass(10 * time.Minute)
	says(t, a.get(path(n)), 200, "The package", "answered")
}

func TestARefusalKeepsWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	a := w.analyst
	says(t, a.press(a.get(path(n)), "Assign", "to", string(a.id)), 200, "Assigned.")
	a.press(a.get(path(n)), "I have no tie")
	p := a.press(a.get(path(n)), "Record the decision", "verdict-name", "produce", "reason-name", "a long and careful reason")
	if p.Status < 400 || p.Alert() == "" && !p.Has("Please look at this") {
		t.Fatalf("produced with an unread paper: %d %s", p.Status, p.Text())
	}
	f, err := p.Form("Record the decision")
	w.ok(err)
	if got := strings.TrimSpace(f.Value("reason-name")); got != "a long and careful reason" || f.Value("verdict-name") != "produce" {
		t.Errorf("lost what was typed: %q, %q", got, f.Value("verdict-name"))
	}
	if len(w.load(n).Decisions) != 0 {
		t.Error("something was decided all the same")
	}
	p = a.press(a.get(path(n)), "Record the decision", "verdict-name", "decline")
	says(t, p, 400, "“Name” needs a reason")
	says(t, a.press(a.get(path(n)), "Record the decision"), 400, "Nothing was changed")
}

func TestAConflictOfInterestIsRefusedWithItsReason(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	p := w.lead.press(w.lead.get(path(n)), "Assign", "to", string(w.tied.id))
	says(t, p, 403, "Tomas Lind declared a conflict of interest here", "worked there until 2025")
	p = w.lead.press(w.lead.get(path(n)), "Assign", "to", string(w.untrained.id))
	says(t, p, 403, "Jonas Brandt has no current training")
	if w.load(n).Assigned.ID != "" {
		t.Error("assigned all the same")
	}
}

func TestAnOrderToWeakenHasNoVerdictThatComplies(t *testing.T) {
	w := newWorld(t)
	d := w.order()
	d.Process, d.Wanted, d.Targets, d.Text = "any.weaken", nil, nil, "Build a way in."
	n := w.file(d)
	a := w.analyst
	says(t, a.press(a.get(path(n)), "Assign", "to", string(a.id)), 200)
	p := a.press(a.get(path(n)), "I have no tie")
	says(t, p, 200, "There is no verdict that complies", "The demand as a whole", "Decline", "Challenge")
	for _, v := range []string{`value="produce"`, `value="narrow"`, `value="ask"`, `value="escalate"`, `value="refer_mlat"`} {
		if strings.Contains(string(p.Body), v) {
			t.Errorf("the page offers %s", v)
		}
	}
	got := a.post(path(n)+"/decide", "verdict-DEMAND", "produce", "reason-DEMAND", "because")
	if got.Status != 403 || len(w.load(n).Decisions) != 0 {
		t.Errorf("a forged form complied: %d", got.Status)
	}
	says(t, a.press(p, "Record the decision", "verdict-DEMAND", "challenge", "reason-DEMAND", "we do not weaken the system"), 200, "Decided: 1 item")
}

func TestAnObjectionHoldsUntilCounselCloses(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	w.approve("us.order.2703d")
	a := w.analyst
	a.study(n)
	a.press(a.decideAll(n), "Propose the grants")
	w.ok(w.door.SignAll("Sefa Yilmaz", "Miriam Adler"))
	w.pass(10 * time.Minute)
	w.door.Object(string(n), "I was abroad: this is not my number.")
	w.pass(10 * time.Minute)
	p := a.get(path(n))
	says(t, p, 200, "The person objected", "I was abroad", "held until counsel", "Alarm")
	silent(t, p, "Uphold: nothing is released")
	if got := a.post(path(n)+"/objection/1", "objection-1", "fine", "uphold", "no"); got.Status != 403 {
		t.Errorf("an analyst closed an objection: %d", got.Status)
	}
	says(t, w.counsel.get("/?list=1&counsel=yes"), 200, string(n))
	p = w.counsel.press(w.counsel.get(path(n)), "Uphold", "objection-1", "the number changed hands")
	says(t, p, 200, "Upheld", "the number changed hands")
	w.pass(10 * time.Minute)
	if w.door.Used(disclosable.Produce) != 0 {
		t.Error("released against an upheld objection")
	}
	says(t, a.press(a.get(path(n)), "I have seen it", "alarm-0", "told counsel"), 200, "Noted that you saw it")
}

func TestGrantsAreTakenBackAndSecrecyPlanned(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	w.approve("us.order.2703d")
	a := w.analyst
	a.study(n)
	p := a.press(a.get(path(n)), "Record it", "exception", "threat_to_life", "except", "the person holds a child", "review", "2026-12-20")
	says(t, p, 200, "recorded", "threat to life: the person holds a child", "is not told now")
	a.press(a.decideAll(n), "Propose the grants")
	p = a.press(a.get(path(n)), "Take them back", "withdraw", "decided too fast")
	says(t, p, 200, "can be decided anew", "withdrawn")
	if len(w.door.Open(disclosable.Produce)) != 0 {
		t.Error("the carrier still holds the grant")
	}
	says(t, a.get(path(n)), 200, "Record the decision")
}

func TestTwoPeopleLookAtTheClock(t *testing.T) {
	w := newWorld(t)
	says(t, w.analyst.get("/clock"), 200, "in order", "can be written", "Leaves in the tree")
	w.clock.Advance(50 * time.Minute)
	says(t, w.analyst.get("/"), 200, "The clock is held", "ahead by 50 minutes")
	if p := w.untrained.post("/clock", "why", "x"); p.Status != 403 {
		t.Errorf("an untrained member confirmed the clock: %d", p.Status)
	}
	says(t, w.analyst.press(w.analyst.get("/clock"), "I confirm", "why", "compared with a telephone"), 200, "A second person has to look")
	if p := w.analyst.post("/clock", "why", "x"); p.Status != 403 {
		t.Errorf("one person confirmed twice: %d", p.Status)
	}
	p := w.counsel.get("/clock")
	says(t, p, 200, "Ines Okafor (one of two): compared with a telephone")
	says(t, w.counsel.press(p, "I confirm", "why", "so does the radio"), 200, "in order", "compared with a telephone", "so does the radio")
}

func TestAPaperThatCameByPost(t *testing.T) {
	w := newWorld(t)
	a := w.untrained // enters, and does not decide
	p := a.press(a.get("/papers"), "Go on", "agency", string(w.harbor.ID), "channel", "other_mail", "process", "us.order.2703d")
	says(t, p, 200, "Harbor County Sheriff, by post", "18 USC 2703(d)")
	f, err := p.Form("Go on to the papers")
	w.ok(err)
	f.Set("officer_name", "Lt. Perez").Set("reference", "P-1").Set("case_ref", "26-9").Set("issuer_role", "judge").Set("targets", "+12").Check("want_BSI", "name")
	p = must(f.Press("Go on to the papers"))(w)
	f, err = p.Form("Go on to the papers")
	w.ok(err)
	p = must(f.Set("targets", "+1 202 555 0142").Press("Go on to the papers"))(w)
	says(t, p, 200, "No scan is here yet")
	f, err = p.Form("Upload")
	w.ok(err)
	p = must(f.Set("what", "order").File("file", "scan.pdf", "application/pdf", []byte("not a pdf")).Press("Upload"))(w)
	says(t, p, 400, "not a PDF")
	f, err = p.Form("Upload")
	w.ok(err)
	p = must(f.Set("what", "order").File("file", "scan.pdf", "application/pdf", pdf("P-1")).Press("Upload"))(w)
	says(t, p, 200, "scan.pdf", "1 paper is with the draft")
	p = must(p.Follow("Go on: check and file"))(w)
	says(t, p, 200, "Lt. Perez", "reached by this process")
	p = a.press(p, "File it")
	says(t, p, 200, "Filed as", "entered by Jonas Brandt from a paper", "by post")
	n, err := casefile.ParseNumber(p.URL.Path[len("/cases/"):])
	w.ok(err)
	if c := w.load(n); c.FiledBy.Name != "Jonas Brandt" || c.Demand.OfficerName != "Lt. Perez" {
		t.Errorf("filed by %v for %q", c.FiledBy, c.Demand.OfficerName)
	}
	p = must(a.get(path(n)).Follow("Correct what was entered"))(w)
	says(t, a.press(p, "Correct it", "reference", "P-2"), 400, "Say in a few words what you corrected")
	p = a.press(p, "Correct it", "reference", "P-2", "why", "the reference was misread")
	says(t, p, 200, "Corrected.", "the reference was misread")
	if c := w.load(n); c.Demand.Reference != "P-2" || len(c.Demand.Papers) != 1 || c.Demand.OfficerName != "Lt. Perez" {
		t.Errorf("corrected to %q, %d papers, %q", c.Demand.Reference, len(c.Demand.Papers), c.Demand.OfficerName)
	}
	says(t, a.get(path(w.file(w.order()))+"/correct"), 403, "the officer who filed it corrects it")
	w.analyst.study(n)
	w.analyst.press(w.analyst.get(path(n)), "Ask", "question", "Which form?")
	says(t, w.analyst.press(w.analyst.get(path(n)), "Enter their answer", "reply-"+string(w.load(n).Questions[0].ID), "By telephone: the long one."), 200, "the long one")
	says(t, w.analyst.press(w.analyst.get(path(n)), "Record the decision", "verdict-name", "decline", "reason-name", "no"), 200, "Decided: 1 item")
	says(t, w.analyst.press(w.analyst.get(path(n)), "Answer without records"), 200)
	w.pass(10 * time.Minute)
	p = w.analyst.get(path(n))
	says(t, w.analyst.press(p, "Show the passphrase"), 200, "The passphrase, shown once")
	if again := w.analyst.press(p, "Show the passphrase"); again.Status != 410 {
		t.Errorf("the passphrase was shown twice: %d", again.Status)
	}
	got := w.analyst.press(p, "Download the package")
	if got.Status != 200 || !strings.HasPrefix(string(got.Body), "age-encryption.org/") || len(w.load(n).Packages[0].Downloads) != 1 {
		t.Errorf("the package: %d, %.40q", got.Status, got.Body)
	}
}

func TestASoftwareKeyIsForTheDemoOnly(t *testing.T) {
	for _, demo := range []bool{true, false} {
		w := empty(t, demo)
		m := w.stranger("Sefa Yilmaz")
		m.pk = soft.NewDemo()
		first := must(w.desk.Staff.FirstLink(t.Context()))(w)
		p := m.press(m.get(strings.TrimPrefix(first, w.url)), "Go on", "name", "Sefa Yilmaz")
		if offered := strings.Contains(string(p.Body), "DEMO software key"); offered != demo {
			t.Errorf("demo %v: the software key is offered: %v", demo, offered)
		}
		p = m.ceremony(p)
		if in := p.Status == 200 && p.Has("Welcome"); in != demo {
			t.Errorf("demo %v: %d %s", demo, p.Status, p.Text())
		}
	}
}

func TestBadInputGetsASentenceAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	a := w.analyst
	a.study(n)
	before := w.load(n).Version()
	long := strings.Repeat("x", 3<<20)
	for _, x := range []struct {
		path   string
		status int
		form   []string
	}{
		{"/decide", 413, []string{"verdict-name", "decline", "reason-name", long}},
		{"/decide", 400, []string{"verdict-name", "decline", "reason-name", long[:30_000]}},
		{"/decide", 403, []string{"verdict-name", "comply", "reason-name", "x"}},
		{"/decide", 400, []string{"verdict-name", "narrow", "reason-name", "x", "only-name", "9"}},
		{"/decide", 400, []string{"verdict-name", "decline", "reason-name", "x", "because-name", "NO.SUCH"}},
		{"/decide", 400, []string{"verdict-about", "produce", "reason-about", "was not asked for"}},
		{"/except", 400, []string{"exception", "boredom", "except", "x", "review", "2026-12-20"}},
		{"/except", 400, []string{"exception", "threat_to_life", "except", "x", "review", "soon"}},
		{"/except", 400, []string{"exception", "threat_to_life", "except", "x", "review", "2030-01-01"}},
		{"/finding", 400, []string{"add", "NO.SUCH", "note", "x"}},
		{"/finding/NO.SUCH", 409, []string{"finding-NO.SUCH", "x", "holds", "yes"}},
		{"/lookup/x", 404, nil},
		{"/alarm/99", 404, []string{"alarm-99", "x"}},
		{"/objection/x", 403, nil},
	} {
		if p := a.post(path(n)+x.path, x.form...); p.Status != x.status {
			t.Errorf("%s %.60q: %d, want %d: %s", x.path, x.form, p.Status, x.status, first(p))
		}
	}
	if got := w.load(n).Version(); got != before {
		t.Errorf("bad input made %d events", got-before)
	}
}

func TestWhoeverEnteredAPaperDoesNotDecideIt(t *testing.T) {
	w := newWorld(t)
	a, d := w.analyst, w.order()
	dr := must(w.desk.Intake.StartPaper(t.Context(), a.id, w.harbor.ID, "other_mail", d.Process))(w)
	me := casefile.Member(a.id, a.name)
	must(w.desk.Intake.Save(t.Context(), me, dr.ID, d))(w)
	must(w.desk.Intake.AddPaper(t.Context(), me, dr.ID, "order.pdf", "order", bytes.NewReader(pdf("by post"))))(w)
	n := must(w.desk.Intake.File(t.Context(), me, dr.ID))(w)
	w.approve(d.Process)
	a.study(n)
	p := a.press(a.get(path(n)), "Record the decision", "verdict-name", "produce", "reason-name", "x")
	says(t, p, 403, "you entered this paper: somebody else decides it")
}

func TestAMemberWhoLeavesIsOutAtOnce(t *testing.T) {
	w := newWorld(t)
	says(t, w.analyst.get("/"), 200, "Queue")
	p := w.lead.press(w.lead.get("/team/"+string(w.analyst.id)), "End it", "leaving", "another job")
	says(t, p, 200, "Their membership has ended")
	says(t, w.analyst.get("/"), 200, "Sign in")
	says(t, w.analyst.ceremony(w.analyst.get("/signin")), 401, "not enrolled here")
}
