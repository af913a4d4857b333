package portal_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/testkit/browser"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/law"
	"letterlock/web/demand"
)

// TestWhatIsTypedWronglyIsSaidAndKept tries wrong details: a sentence beside
// the field, everything else still there, nothing kept.
func TestWhatIsTypedWronglyIsSaidAndKept(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.begin("us.order.2703d")
	var many strings.Builder
	for i := range 10_001 {
		fmt.Fprintf(&many, "+1202%07d\n", i)
	}
	for name, x := range map[string]struct{ field, value, says string }{
		"10,001 identifiers":     {"targets", many.String(), "at most 10000 identifiers, and this one names 10001"},
		"one bad line of three":  {"targets", "+12025550142\n12\n+12025550143", `Line 2: "12" is not a phone number`},
		"a number without code":  {"targets", "(202) 555-0142", `"(202) 555-0142" is not a phone number with its country code`},
		"an endless identifier":  {"targets", strings.Repeat("x", 500), "an identifier is at most 200 bytes"},
		"a date of words":        {"issued", "last Tuesday", "“last Tuesday” is not a day"},
		"a thirteenth month":     {"issued", "2026-13-01", "“2026-13-01” is not a day"},
		"a year of three digits": {"return", "0206-11-23", "is not a day"},
		"the period turned":      {"until", "2025-01-01", "The period ends before it begins"},
		"an IP without zone":     {"targets", "192.0.2.7 yesterday", "“yesterday” is not a moment"},
		"a reference in lines":   {"reference", "a\r\nBcc: x", "more than one line"},
		"a long reference":       {"reference", strings.Repeat("x", 201), "longer than 200 bytes"},
		"a long text":            {"text", strings.Repeat("x", 20_001), "longer than 20000 bytes"},
		"an unknown item":        {"want_none", "EVERYTHING", `"EVERYTHING" is not on the list`},
	} {
		t.Run(name, func(t *testing.T) {
			f := fill(p.Steps()).Set(x.field, x.value)
			got := v.through(f)
			says(t, got, http.StatusBadRequest, x.says, "Please look at this")
			if !strings.Contains(got.Alert(), strings.Fields(x.says)[0]) {
				t.Errorf("the alert says %q", got.Alert())
			}
			back := v.form(got, next)
			for field, want := range map[string]string{"case_ref": "26-MJ-0417", "issuer_role": "judge", "p_judge": "Hon. Ruth Alvarez", "want_BSI": "name", "signed": "yes", x.field: x.value} {
				if back.Has(field) && field != "want_none" && strings.TrimSpace(strings.ReplaceAll(back.Value(field), "\r", "")) != strings.TrimSpace(strings.ReplaceAll(want, "\r", "")) {
					t.Errorf("%s is lost: %.60q", field, back.Value(field))
				}
			}
			d, err := w.intake.Drafts(t.Context(), o.ID)
			row, _ := w.intake.Law.Row("us.order.2703d", w.clock.Now())
			if err != nil || len(d) != 1 || slices.Contains(demand.Values(d[0].Demand, row)[x.field], x.value) {
				t.Errorf("what was refused was kept: %+v %v", d, err)
			}
		})
	}
}

func TestForeignIdentifiersAreAFinding(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	f := fill(v.begin("us.order.2703d").Steps()).Set("targets", "@somebody\nx@mail.example\n192.0.2.7 2026-11-20 14:30 UTC\n2001:db8::1\n+44 20 7946 0000\n01020304-0506-0708-090a-0b0c0d0e0f10")
	p := v.through(f)
	says(t, p, http.StatusOK, "Step 6 of 7: Papers")
	d, err := w.intake.Drafts(t.Context(), o.ID)
	must(t, err)
	want := []casefile.Target{{Kind: law.TargetUsername, Identifier: "@somebody"}, {Kind: law.TargetEmail, Identifier: "x@mail.example"},
		{Kind: law.TargetIP, Identifier: "192.0.2.7", At: time.Date(2026, 11, 20, 14, 30, 0, 0, time.UTC)}, {Kind: law.TargetIP, Identifier: "2001:db8::1"},
		{Kind: law.TargetPhone, Identifier: "+442079460000"}, {Kind: law.TargetAccount, Identifier: "01020304-0506-0708-090a-0b0c0d0e0f10"}}
	for i, x := range d[0].Demand.Targets {
		if x.Kind != want[i].Kind || x.Identifier != want[i].Identifier || !x.At.Equal(want[i].At) {
			t.Errorf("%+v, want %+v", x, want[i])
		}
	}
	accounts := v.get("/drafts/" + string(d[0].ID) + "/step/accounts")
	again := v.form(accounts, next).Value("targets")
	if !strings.Contains(again, "192.0.2.7 2026-11-20 14:30:00 UTC") {
		t.Errorf("the moment is lost: %q", again)
	}
	says(t, v.through(accounts.Steps()), http.StatusOK, "Step 6 of 7: Papers")
	says(t, v.get("/drafts/"+string(d[0].ID)+"/review"), http.StatusOK, "identifier")
}

// TestWhatIsNoPaper uploads what must not become one.
func TestWhatIsNoPaper(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.through(fill(v.begin("us.order.2703d").Steps()))
	good := pdf("good")
	for name, x := range map[string]struct {
		file, kind string
		data       []byte
		says       string
	}{
		"a picture that says it is a PDF": {"order.pdf", "application/pdf", []byte("\x89PNG\r\n\x1a\n0000000000"), "and not a PDF, whatever its name says"},
		"a page of HTML":                  {"order.html", "text/html", []byte("<script>alert(1)</script>"), "and not a PDF"},
		"nothing":                         {"empty.pdf", "application/pdf", nil, "is empty"},
		"the beginning of a PDF":          {"half.pdf", "application/pdf", good[:len(good)/2], "the PDF is cut off: its end is missing"},
		"a PDF of rubbish":                {"rubbish.pdf", "application/pdf", append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{0xfe}, 4000)...), "the PDF is cut off: its end is missing"},
		"a PDF with a script":             {"script.pdf", "application/pdf", bytes.Replace(good, []byte("/Type /Catalog"), []byte("/Type /Catalog /OpenAction << /S /JavaScript /JS (x) >>"), 1), ""},
		"26 MiB":                          {"big.pdf", "application/pdf", append(append([]byte{}, good...), make([]byte, 26<<20)...), "“big.pdf”"},
	} {
		t.Run(name, func(t *testing.T) {
			got := v.press(v.form(p, "Upload").Set("what", "order").File("file", x.file, x.kind, x.data), "Upload")
			says(t, got, http.StatusBadRequest, x.says, "No paper is here yet")
			if v.form(got, "Upload").Value("what") != "order" {
				t.Error("what the paper is was lost")
			}
		})
	}
	got := v.press(v.form(p, "Upload"), "Upload")
	says(t, got, http.StatusBadRequest, "Choose a PDF file first")
	// Of two files the good one stays, and the other is named.
	got = v.press(v.form(p, "Upload").File("file", "good.pdf", "application/pdf", good).File("file", "bad.pdf", "application/pdf", []byte("x")), "Upload")
	says(t, got, http.StatusBadRequest, "“bad.pdf”", "good.pdf The order, warrant")
	got = v.press(v.form(got, "Upload").File("file", "again.pdf", "application/pdf", good), "Upload")
	says(t, got, http.StatusBadRequest, "this very file is with the request already")
	got = v.press(v.form(got, "Remove"), "Remove")
	says(t, got, http.StatusOK, "The paper is removed", "No paper is here yet")
	d, err := w.intake.Drafts(t.Context(), o.ID)
	if err != nil || len(d[0].Demand.Papers) != 0 || d[0].Demand.CaseRef != "26-MJ-0417" {
		t.Errorf("%+v %v", d, err)
	}
}

// TestAnUploadThatBreaksOff closes the connection in the middle of a file.
func TestAnUploadThatBreaksOff(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.through(fill(v.begin("us.order.2703d").Steps()))
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormFile("file", "order.pdf")
	must(t, err)
	part.Write(pdf("half"))
	// The closing boundary never comes: a proxy cut the body.
	req, err := http.NewRequest("POST", p.URL.String(), bytes.NewReader(body.Bytes()))
	must(t, err)
	req.Header.Set("Content-Type", m.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	got, err := v.b.Do(req)
	must(t, err)
	says(t, got, http.StatusBadRequest, "the upload broke off before its end")
	// The person closed the browser: nobody reads an answer.
	u, err := url.Parse(w.url)
	must(t, err)
	conn, err := net.Dial("tcp", "127.0.0.1:"+u.Port())
	must(t, err)
	var cookies []string
	for _, c := range v.b.Client.Jar.Cookies(u) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: %s\r\nContent-Length: 99999\r\n\r\n%s",
		p.URL.Path, u.Host, strings.Join(cookies, "; "), m.FormDataContentType(), body.Bytes())
	conn.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(conn)
	must(t, err)
	conn.Close()
	if !bytes.Contains(answer, []byte("400 Bad Request")) || !bytes.Contains(answer, []byte("broke off")) {
		t.Errorf("a truncated upload is answered %.200q", answer)
	}
	d, err := w.intake.Drafts(t.Context(), o.ID)
	if err != nil || len(d[0].Demand.Papers) != 0 {
		t.Errorf("half a file was kept: %+v %v", d, err)
	}
}

// TestTooMuchAtOnce sends more than a form may carry.
func TestTooMuchAtOnce(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	for path, size := range map[string]int{"/new": 65 << 10, "/enrol": 65 << 10, "/drafts/x": 1<<20 + 1} {
		req, err := http.NewRequest("POST", w.url+path, strings.NewReader("x="+strings.Repeat("y", size)))
		must(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		p, err := v.b.Do(req)
		must(t, err)
		says(t, p, http.StatusRequestEntityTooLarge, "was sent", "That is too large")
	}
}

func TestEnrolmentRefusesWhatItMust(t *testing.T) {
	w := newWorld(t, false)
	v := w.visitor()
	p := v.get("/enrol")
	for box, says1 := range map[string]string{"": "Give your official mailbox", "nonsense": "give your name and your official mailbox", "o.reyes@gmail.com": "free-mail provider",
		"o.reyes@police.elsewhere.example": "not in our directory yet", "Olga <o.reyes@sheriff.harbor.example>": "official mailbox"} {
		got := v.press(v.form(p, "Send me the link").Set("name", "Olga Reyes").Set("phone", "+1 202 555 0142").Set("mailbox", box), "Send me the link")
		says(t, got, http.StatusBadRequest, says1)
		if f := v.form(got, "Send me the link"); f.Value("name") != "Olga Reyes" || f.Value("mailbox") != box {
			t.Errorf("lost: %q %q", f.Value("name"), f.Value("mailbox"))
		}
	}
	if len(w.mail.all) != 0 {
		t.Fatalf("mail left: %+v", w.mail.all)
	}
	// A link works once and for a day.
	w2, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	used := w.lastLink()
	says(t, w2.get(used), http.StatusGone, "used up or too old")
	// Who is enrolled gets no second link, and nobody is told.
	n := len(w.mail.all)
	got := v.press(v.form(p, "Send me the link").Set("name", "Mallory").Set("phone", "+1").Set("mailbox", o.Mailbox), "Send me the link")
	says(t, got, http.StatusOK, "If this mailbox can be enrolled")
	if len(w.mail.all) != n {
		t.Error("an enrolled mailbox got a link")
	}
	late := w.visitor()
	f := late.form(late.get("/enrol"), "Send me the link")
	late.press(f.Set("name", "Late").Set("mailbox", "late@sheriff.harbor.example").Set("phone", "+1 202 555 0143"), "Send me the link")
	w.clock.Advance(25 * time.Hour)
	says(t, late.get(w.lastLink()), http.StatusGone, "used up or too old", "Start again")
}

// TestPasskeysThatMustNotRegisterOrSign plays with the ceremonies.
func TestPasskeysThatMustNotRegisterOrSign(t *testing.T) {
	w := newWorld(t, false)
	demo := w.visitor()
	demo.pk = soft.NewDemo()
	f := demo.form(demo.get("/enrol"), "Send me the link")
	demo.press(f.Set("name", "Dee").Set("mailbox", "dee@sheriff.harbor.example").Set("phone", "+1 202 555 0145"), "Send me the link")
	p := demo.get(w.lastLink())
	if p.Has("DEMO software key") {
		t.Error("the software key is offered outside the demo")
	}
	says(t, demo.ceremony(p), http.StatusBadRequest, "DEMO software key is not accepted here")
	stolen := w.visitor() // another browser answers the first one's page
	page := demo.get(w.lastLink())
	if got := (&visitor{w, demo.b, soft.New()}).ceremonyFrom(page, stolen); got.Status != http.StatusBadRequest {
		t.Errorf("another browser's answer is taken: %d %s", got.Status, got.Text())
	}
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	for name, spoil := range map[string]func(*soft.Authenticator){"another origin": func(a *soft.Authenticator) { a.Origin = "https://portal.evil.example" },
		"not verified": func(a *soft.Authenticator) { a.Unverified = true }, "another challenge": func(a *soft.Authenticator) { a.Challenge = make([]byte, 32) }, "framed": func(a *soft.Authenticator) { a.Framed = true }} {
		before := *v.pk
		spoil(v.pk)
		got := v.ceremony(v.get("/signin"))
		*v.pk = before
		if got.Status < 400 || got.Has("You have not sent") {
			t.Errorf("%s: signed in", name)
		}
	}
	says(t, v.ceremony(v.get("/signin")), http.StatusOK, "My requests")
}

// ceremonyFrom answers a page from another browser.
func (v *visitor) ceremonyFrom(p *browser.Page, other *visitor) *browser.Page {
	v.w.t.Helper()
	elsewhere := other.get(p.URL.Path)
	f, err := p.FormByAttr("data-passkey", "*")
	must(v.w.t, err)
	answer, err := v.pk.Create(v.w.url, optionsOf(f))
	must(v.w.t, err)
	g, err := elsewhere.FormByAttr("data-passkey", "*")
	must(v.w.t, err)
	return v.press(g.Set("answer", string(answer)), "")
}

func TestTheDemoOffersItsKey(t *testing.T) {
	w := newWorld(t, true)
	v := w.visitor()
	v.pk = soft.NewDemo()
	o := v.enrol("Dee", "dee@sheriff.harbor.example")
	if !o.Keys[0].Demo {
		t.Error("the demo key is not marked")
	}
	says(t, v.get("/signin"), http.StatusOK, "DEMO", "DEMO software key")
}
