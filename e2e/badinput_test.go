package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/e2e/story"
	"letterlock/internal/clock"
	"letterlock/internal/testkit/browser"
	"letterlock/storage/clientdb"
	"letterlock/wire"
)

// TestBadInput gives the real server what nobody should: each time a clear
// sentence, nothing changed, nothing lost. What a captured desk sends through
// the door is in TestACapturedDeskGetsNotOneField.
func TestBadInput(t *testing.T) {
	h := home(t, 48*time.Hour)
	before, err := h.w.Queue(h.analyst)
	h.ok(err)
	h.run("papers", (*house).badPapers)
	h.run("identifiers", (*house).tooMany)
	h.run("frames", (*house).badFrames)
	after, err := h.w.Queue(h.analyst)
	h.ok(err)
	if !slices.Equal(before, after) {
		t.Errorf("cases were %v and are %v", before, after)
	}
	h.run("one reviewer twice", (*house).oneReviewerTwice)
	h.run("a clock that goes back", (*house).clockBack)
	h.run("a grant that expired", (*house).expired)
	h.ok(h.w.Stop())
	h.checked()
}

// draft begins a request and returns its page for papers.
func (h *house) draft(change ...func(*story.Order)) *browser.Page {
	h.Helper()
	p, err := h.w.Draft(h.officer, h.order(change...))
	h.ok(err)
	return p
}

func (h *house) badPapers() {
	p := h.draft()
	whole, err := h.order().PDF()
	h.ok(err)
	for _, x := range []struct {
		what, name string
		data       []byte
		says       string
	}{
		{"26 MiB", "big.pdf", append(bytes.Clone(whole), make([]byte, 26<<20)...), "25"},
		{"another type", "note.pdf", []byte("Dear officer, this is a text."), "PDF"},
		{"another type by its name too", "note.txt", []byte("<html><script>alert(1)</script>"), "PDF"},
		{"a PDF in name only", "bad.pdf", []byte("%PDF-1.7\nnothing that a PDF has\n%%EOF"), "PDF"},
		{"a PDF cut in half", "half.pdf", whole[:len(whole)/2], "PDF"},
		{"nothing", "empty.pdf", nil, "empty"},
	} {
		f, err := p.Form("Upload")
		h.ok(err)
		got, err := f.Set("what", "order").File("file", x.name, "application/pdf", x.data).Press("Upload")
		h.ok(err)
		if got.Status < 400 || got.Status >= 500 || !strings.Contains(got.Text(), x.says) {
			h.Errorf("%s: %d %s", x.what, got.Status, got.Text())
		}
		h.Logf("%s: %d %s", x.what, got.Status, got.Alert())
	}
	h.cutUpload(p)
	again, err := h.officer.Browser.Get(p.URL.String())
	h.ok(err)
	h.says("the draft", again.Text(), "No paper is here yet")
	f, err := again.Form("Upload")
	h.ok(err)
	got, err := f.Set("what", "order").File("file", "order.pdf", "application/pdf", whole).Press("Upload")
	h.ok(err)
	h.says("the draft", got.Text(), "order.pdf")
}

// cutUpload breaks the connection in the middle of a file.
func (h *house) cutUpload(p *browser.Page) {
	h.Helper()
	body := "--x\r\nContent-Disposition: form-data; name=\"what\"\r\n\r\norder\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cut.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\n" + strings.Repeat("x", 4096)
	req, err := http.NewRequest(http.MethodPost, p.URL.String(), strings.NewReader(body))
	h.ok(err)
	for _, c := range h.officer.Browser.Client.Jar.Cookies(p.URL) {
		req.AddCookie(c)
	}
	req.ContentLength = int64(len(body)) + 100_000
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	req.Header.Set("Origin", "http://"+p.URL.Host)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	var head bytes.Buffer
	fmt.Fprintf(&head, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", p.URL.Path, p.URL.Host, req.ContentLength)
	h.ok(req.Header.Write(&head))
	c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", h.w.Port))
	h.ok(err)
	defer c.Close()
	_, err = io.WriteString(c, head.String()+"\r\n"+body)
	h.ok(err)
	h.ok(c.(*net.TCPConn).CloseWrite())
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	answer, _ := io.ReadAll(c)
	if status := string(answer[:min(len(answer), 15)]); !strings.HasPrefix(status, "HTTP/1.1 4") {
		h.Errorf("an upload that broke off was answered with %q", status)
	}
}

func (h *house) tooMany() {
	p, err := h.officer.Browser.Get(h.w.Site("portal") + "/requests")
	h.ok(err)
	drafts := len(p.Links("Court order for records"))
	var lines strings.Builder
	for i := range 10_001 {
		fmt.Fprintf(&lines, "+1%d\n", 2025550000+i)
	}
	_, err = h.w.Draft(h.officer, h.order(func(o *story.Order) { o.Target = lines.String() }))
	if err == nil || !strings.Contains(err.Error(), "names 10001") || !strings.Contains(err.Error(), "at most 10000 identifiers") {
		h.Errorf("10,001 identifiers: %.600v", err)
	}
	if p, err = h.officer.Browser.Get(h.w.Site("portal") + "/requests"); err != nil || p.Status != 200 {
		h.Fatal(p, err)
	}
	if n := len(p.Links("Court order for records")); n > drafts+1 {
		h.Errorf("%d drafts were %d", n, drafts)
	}
}

// tap is a device whose credential and connection the test holds.
type tap struct {
	*network
	as wire.Credential
}

func (n *tap) Call(ctx context.Context, as wire.Credential, path string, body []byte) (int, []byte, error) {
	if as != (wire.Credential{}) {
		n.as = as
	}
	return n.network.Call(ctx, as, path, body)
}

// device registers a number and returns the way in that it got.
func (h *house) device(phone string) *tap {
	h.Helper()
	n := &tap{network: &network{base: h.w.Site("")}}
	store, err := clientdb.Open(h.Context(), filepath.Join(h.TempDir(), phone))
	h.ok(err)
	h.Cleanup(func() { store.Close() })
	c, err := client.New(client.Config{Store: store, Transport: n, Clock: clock.System, Wait: soon})
	h.ok(err)
	h.ok(c.RequestCode(h.Context(), phone))
	_, err = c.Register(h.Context(), client.Registration{Server: h.w.Site(""), Phone: phone, Code: (&witness{t: h.T, Phone: phone, world: h.w}).code(), Name: "Device", DeviceType: "terminal"})
	h.ok(err)
	_, err = c.Export(h.Context()) // a call as this device, which shows the tap its credential
	h.ok(err)
	return n
}

// ask opens a socket, sends one frame as it stands and returns what came back
// until the connection ended or an answer came.
func (h *house) ask(d *tap, frame []byte) (answer wire.Frame) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), 10*time.Second)
	defer cancel()
	s, err := d.Dial(ctx, d.as)
	h.ok(err)
	defer s.Close()
	h.ok(s.Write(ctx, frame))
	for {
		b, err := s.Read(ctx)
		if err != nil {
			return answer
		}
		f, err := wire.ParseFrame(b)
		h.ok(err)
		switch f.(type) {
		case *wire.Goodbye, wire.Goodbye, *wire.Refused, wire.Refused, *wire.Sent, wire.Sent:
			return f
		}
	}
}

func (h *house) badFrames() {
	a, b := h.device("+12025550111"), h.device("+12025550112")
	send := func(body []byte) []byte {
		f, err := wire.AppendFrame(nil, wire.Send{Ref: 7, To: b.as.Address, Kind: wire.KindMessage, Body: body})
		h.ok(err)
		return f
	}
	good := send([]byte("not a real ciphertext, which the carrier cannot know"))
	other := bytes.Clone(good)
	other[0] = wire.Version + 1
	unknown := bytes.Clone(good)
	unknown[1] = 250
	for what, x := range map[string]struct {
		frame []byte
		says  string
	}{
		"another version":          {other, "version"},
		"an unknown frame":         {unknown, ""},
		"cut after ten bytes":      {good[:10], ""},
		"cut before the last byte": {good[:len(good)-1], ""},
		"more than the frame":      {append(bytes.Clone(good), 0), ""},
		"one byte":                 {good[:1], ""},
		"noise":                    {bytes.Repeat([]byte{0xff}, 300), ""},
		"an oversized envelope":    {send(make([]byte, wire.MaxEnvelope+1)), ""},
		"an oversized frame":       {send(make([]byte, wire.MaxFrame+1)), ""},
		"an empty envelope":        {send(nil), ""},
	} {
		got := h.ask(a, x.frame)
		said := fmt.Sprintf("%+v", got)
		if strings.Contains(fmt.Sprintf("%T", got), "Sent") || got == nil {
			h.Errorf("%s: %T %s", what, got, said)
		}
		if !sentence.MatchString(said) || !strings.Contains(said, x.says) {
			h.Errorf("%s is answered without a sentence: %T %s", what, got, said)
		}
		h.Logf("%s: %T %s", what, got, said)
	}
	if got := fmt.Sprintf("%T", h.ask(a, good)); !strings.Contains(got, "Sent") {
		h.Errorf("after all that a good frame is answered with %s", got)
	}
	h.ok(h.ana.Send(h.Context(), h.ben, "still here"))
	h.ok(h.ben.Expect(h.Context(), "still here", 5*time.Second))
}

var sentence = regexp.MustCompile(`[a-z]+ [a-z]+`)

// oneReviewerTwice: one person's two signatures are one.
func (h *house) oneReviewerTwice() {
	number, _ := h.file(secret)
	h.ok(h.w.Review(h.analyst, number))
	for range 2 {
		_, err := h.w.Sign(h.holders[0])
		h.ok(err)
	}
	time.Sleep(2500 * time.Millisecond) // the desk looks at the signatures each second
	p, err := h.w.CasePage(h.analyst, number)
	h.ok(err)
	h.says("the case", p.Text(), h.holders[0].Name+" has signed; a second person must")
	h.silent("the case", p.Text(), "The package File")
	_, err = h.w.Sign(h.holders[1])
	h.ok(err)
	h.says("records.csv", h.collect(number).text("records.csv"), "Ana Ruiz")
}

// clockBack: with a clock that went back nothing is released; once it is right
// again the same grant works.
func (h *house) clockBack() {
	h.ok(h.w.Leap(-24*time.Hour, h.lead, h.analyst))
	h.ok(h.w.SignInOfficer(h.Context(), h.officer))
	number, _ := h.file(secret)
	h.ok(h.w.Review(h.analyst, number))
	h.ok(h.w.Later(-25 * time.Hour))
	h.sign()
	time.Sleep(2500 * time.Millisecond) // the desk looks at what is due each second
	h.ok(h.w.SignIn(h.analyst))
	p, err := h.w.CasePage(h.analyst, number)
	h.ok(err)
	h.says("the case", p.Text(), "The clock is held", "back")
	h.silent("the case", p.Text(), "The package File")
	h.ok(h.w.Later(-24 * time.Hour))
	h.ok(h.w.SignInOfficer(h.Context(), h.officer)) // a session of the future is none
	h.ok(h.w.SignIn(h.analyst))
	h.sign() // what could not be signed while the grant lay in the future
	h.says("records.csv", h.collect(number).text("records.csv"), "Ana Ruiz")
}

// expired: a grant that got its second signature too late gives nothing, and a
// new one can be proposed.
func (h *house) expired() {
	number, _ := h.file(secret)
	h.ok(h.w.Review(h.analyst, number))
	_, err := h.w.Sign(h.holders[0])
	h.ok(err)
	h.ok(h.w.Leap(31*24*time.Hour, h.lead, h.analyst))
	h.ok(h.w.Until(h.analyst, number, "two signatures did not come in time", 10*time.Second))
	p, err := h.w.CasePage(h.analyst, number)
	h.ok(err)
	if _, err := p.Form("Propose the grants"); err != nil {
		h.Error(err)
	}
	h.silent("the case", p.Text(), "The package File")
}
