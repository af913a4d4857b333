package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
)

// fresh is what a page draws anew for each answer and rests on nothing else.
var fresh = regexp.MustCompile(`nonce-?="?[A-Za-z0-9+/=_-]+|name="csrf" value="[^"]*"|challenge&#34;:&#34;[^&]*`)

// seen is everything of an answer that a visitor gets: status, headers, bytes.
func (w *world) seen(m *member, method, path string, form url.Values) string {
	p := w.send(m.b.Client, method, path, form)
	var head []string
	for k, v := range p.Header {
		if !slices.Contains([]string{"Date", "Set-Cookie"}, k) {
			head = append(head, fmt.Sprint(k, v))
		}
	}
	slices.Sort(head)
	return fresh.ReplaceAllString(fmt.Sprintln(p.Status, head, len(p.Header["Set-Cookie"]))+string(p.Body), "x")
}

// walkable are the console's addresses to read, with what exists in this world
// in their places.
func (w *world) walkable(t *testing.T, n casefile.Number) []string {
	var out []string
	for _, a := range addresses(t) {
		if a.method != http.MethodGet {
			continue
		}
		at := strings.NewReplacer("{$}", "", "{n}", string(n)).Replace(a.path)
		switch {
		case strings.HasPrefix(at, "/team/{"):
			for _, m := range []*member{w.analyst, w.lead, w.cleared} {
				out = append(out, inPath.ReplaceAllString(at, string(m.id)))
			}
			continue
		case strings.HasPrefix(at, "/agencies/{"):
			at = inPath.ReplaceAllString(at, string(w.harbor.ID))
		case strings.HasPrefix(at, "/officers/{"):
			at = inPath.ReplaceAllString(at, string(w.reyes.ID))
		case strings.HasPrefix(at, "/law/row/{"):
			out = append(out, "/law/row/us.nsl")
			at = "/law/row/us.order.2703d"
		}
		out = append(out, inPath.ReplaceAllString(at, "0123456789abcdef0123456789abcdef"))
	}
	return append(out, "/?list=1", "/?list=1&lane=sealed", "/?list=1&open=yes", "/?list=1&agency="+string(w.harbor.ID), "/?q="+string(n), "/?list=1&q=+12025550142",
		"/?list=1&process=us.nsl", "/?list=1&mine=yes", "/healthz", "/nowhere")
}

// workSealed is a sealed matter's whole life up to the key holders.
func (w *world) workSealed(t *testing.T, ref string) casefile.Number {
	t.Helper()
	ctx, me := t.Context(), w.cleared.id
	n := w.file(w.nsl(ref))
	w.ok(w.desk.Tick(ctx))
	w.ok(w.desk.Review.Assign(ctx, me, n, me, "it is theirs to decide"))
	w.ok(w.desk.Review.NoTie(ctx, me, n, "I know none of them"))
	c := w.load(n)
	for _, p := range c.Unread() {
		must(w.desk.Review.ReadPaper(ctx, me, n, p.ID))(w)
	}
	for _, f := range c.Findings {
		if f.Blocks() {
			w.ok(w.desk.Review.AnswerFinding(ctx, me, n, f.ID, false, "checked"))
		}
	}
	must(w.desk.Review.Resolve(ctx, me, n, 0, "the request asks about it"))(w)
	var all []review.Choice
	for _, i := range c.Demand.Wanted {
		all = append(all, review.Choice{Item: i, Verdict: casefile.Produce, Reason: "the letter reaches it"})
	}
	w.ok(w.desk.Review.Decide(ctx, me, n, all))
	w.ok(w.desk.Review.Propose(ctx, me, n, "what was decided is carried out"))
	w.ok(w.door.SignAll("Ines Okafor", "Sefa Yilmaz"))
	w.ok(w.desk.Tick(ctx))
	return n
}

// TestNoByteOfTheConsoleTellsOfASealedMatter reads every address of the site as
// every kind of member who is not on the list, before and after three sealed
// matters were worked on: each status, header and byte is the same. Then it
// sends every form there is for one of them and for a number that never was.
func TestNoByteOfTheConsoleTellsOfASealedMatter(t *testing.T) {
	w := newWorld(t)
	plain := w.file(w.order())
	people := map[string]*member{"analyst": w.analyst, "untrained": w.untrained, "tied": w.tied, "counsel": w.counsel}
	for _, r := range staff.Roles {
		people[string(r)] = w.join(strings.ToUpper(string(r[:1]))+string(r[1:])+" Person", true, false, r)
	}
	w.ok(w.desk.Tick(t.Context()))
	pages := w.walkable(t, plain)
	before := map[string]string{}
	for who, m := range people {
		for _, p := range pages {
			before[who+" "+p] = w.seen(m, "GET", p, nil)
		}
	}
	var secret []casefile.Number
	for i := range 3 {
		secret = append(secret, w.workSealed(t, fmt.Sprint("NSL-SECRET-", i)))
	}
	read := 0
	for who, m := range people {
		for _, p := range pages {
			if got := w.seen(m, "GET", p, nil); got != before[who+" "+p] {
				t.Errorf("%s reads on %s that there are sealed matters: %s", who, p, between(before[who+" "+p], got))
			}
			read++
		}
	}
	t.Logf("%d answers compared", read)
	if read < 200 {
		t.Errorf("only %d answers were compared", read)
	}
	n, ghost := string(secret[0]), "LL-2026-987654321098"
	form := url.Values{}
	for _, k := range []string{"to", "add", "note", "reason", "question", "why", "text", "until", "verdict", "withdraw", "answer", "member"} {
		form.Set(k, "x")
	}
	sent := 0
	for _, a := range addresses(t) {
		if !strings.Contains(a.path, "{n}") {
			continue
		}
		at := inPath.ReplaceAllString(strings.ReplaceAll(a.path, "{n}", "NUMBER"), "0")
		for who, m := range people {
			real := w.seen(m, a.method, strings.ReplaceAll(at, "NUMBER", n), form)
			none := w.seen(m, a.method, strings.ReplaceAll(at, "NUMBER", ghost), form)
			if strings.ReplaceAll(real, n, "N") != strings.ReplaceAll(none, ghost, "N") {
				t.Errorf("%s can tell by %s %s: %s", who, a.method, at, between(none, real))
			}
			sent++
		}
	}
	if sent < 50 {
		t.Errorf("only %d forms were sent", sent)
	}
	for _, m := range w.mail.sent {
		if strings.Contains(m.Subject+m.Text, "NSL-SECRET") || strings.Contains(m.Subject+m.Text, n) {
			t.Errorf("a mail tells of it: %s", m.Subject)
		}
	}
}

// between is where two answers part.
func between(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(s string) string { return s[max(0, i-80):min(len(s), i+120)] }
	return fmt.Sprintf("\n%q\n%q", cut(a), cut(b))
}
