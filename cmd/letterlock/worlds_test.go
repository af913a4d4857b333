package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/disclosable/door"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/papers"
	"letterlock/law"
	"letterlock/messenger/holdings"
	"letterlock/storage"
)

// secrets are what names the sealed matters of the world that has them. In the
// world without, the same is asked for and was never there.
type secrets struct{ numbers, ids, hashes []string }

// outlook is all that can be seen of a world by those outside its sealed
// matters, by where it was seen.
type outlook map[string]string

// TestTwoWorldsThatDifferOnlyInSealedMatters lives the same six weeks twice, on
// the whole program with both halves and all its sites: once with sealed
// matters that are filed, refused, produced, fetched, withdrawn and kept secret,
// once without. Nothing that anybody outside sees may differ by a byte: pages,
// headers, cookies, downloads, ledgers, feeds, metrics, mails, the log, the rows
// and files of what is ordinary. No random number is normalised away: in both
// worlds each follows from what is done.
func TestTwoWorldsThatDifferOnlyInSealedMatters(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "it lives two worlds")
	}
	var known secrets
	var with, without outlook
	t.Run("with", func(t *testing.T) { with = live(newHouse(t), &known, true) })
	t.Run("without", func(t *testing.T) { without = live(newHouse(t), &known, false) })
	if t.Failed() {
		return
	}
	same(t, with, without)
	kinds := map[string]int{}
	for k := range with {
		kinds[strings.Fields(k)[0]]++
	}
	t.Logf("%d things compared: %v", len(with), kinds)
	for kind, least := range map[string]int{"portal": 300, "console": 800, "api": 60, "center": 80, "release": 10, "row": 100, "file": 30, "mail": 10, "log": 1, "metrics": 1, "report": 2} {
		if kinds[kind] < least {
			t.Errorf("only %d of %s were compared", kinds[kind], kind)
		}
	}
}

func same(t *testing.T, with, without outlook) {
	t.Helper()
	bad := map[string]int{} // by kind
	for _, k := range slices.Sorted(maps.Keys(with)) {
		kind := strings.Join(strings.Fields(k)[:min(2, len(strings.Fields(k)))], " ")
		if bad[kind] > 3 {
			continue
		}
		if other, ok := without[k]; !ok {
			bad[kind]++
			t.Errorf("%s is there only with sealed matters: %.300q", k, with[k])
		} else if other != with[k] {
			bad[kind]++
			t.Errorf("%s tells of sealed matters: %s", k, apart(with[k], other))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(without)) {
		if _, ok := with[k]; !ok {
			t.Errorf("%s is there only without sealed matters", k)
		}
	}
}

// apart is where two answers part.
func apart(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(s string) string { return s[min(len(s), max(0, i-120)):min(len(s), i+160)] }
	return fmt.Sprintf("\nwith    %q\nwithout %q", cut(a), cut(b))
}

// live lives the days, and looks at everything at their end.
func live(w *house, known *secrets, secret bool) outlook {
	for day := range 3 {
		w.ordinary(day)
		if secret {
			w.secret(day, known)
		}
		for range 4 { // signatures, release, package, and what follows them
			w.pass(3 * time.Minute)
			if secret {
				w.signed("sealed", w.halves.carrier.holdings.Cleared(), "Dana Moss", "Eli Roth")
			}
			w.pass(3 * time.Minute)
		}
		if secret {
			w.fetch(day, known)
		}
		w.pass(24 * time.Hour)
	}
	w.pass(8 * 24 * time.Hour)
	w.pass(time.Hour)
	w.failing(known, secret)
	w.pass(16 * 24 * time.Hour)
	w.pass(time.Date(2027, 1, 5, 9, 0, 0, 0, time.UTC).Sub(w.clock.Now())) // the half-year is over: its report can be made
	p := outlook{}
	w.look(p, known)
	w.shut(p)
	w.silent(known)
	return p
}

// demand is one in which nothing is wrong.
func (w *house) demand(process law.ProcessID, ref string) casefile.Demand {
	now := w.clock.Now()
	return casefile.Demand{Process: process, Reference: ref, CaseRef: "1:26-mj-" + ref, IssuingBody: "US District Court, D. Md.", IssuerRole: law.RoleMagistrate,
		Court: "US District Court, D. Md.", LegalBasis: "18 USC", Addressee: "Example Messenger", Signed: true, Language: "en", Issued: now.AddDate(0, 0, -3),
		From: now.AddDate(0, 0, -60), Until: now.AddDate(0, 0, -4), OfficerName: "Olivia Reyes", Phone: "+12025550101",
		Targets: []casefile.Target{{Kind: law.TargetPhone, Identifier: "+1 202 555 0142"}}, Wanted: []casefile.Item{"name", "service_start", "last_ip"},
		Answers: map[string]string{"judge": "Hon. A. Stone", "specific_and_articulable_facts_finding": "yes"}}
}

// nsl is a national security letter whose secrecy is certified.
func (w *house) nsl(ref string) casefile.Demand {
	d := w.demand(law.NSL, ref)
	d.Gag, d.Wanted = casefile.Gag{Asked: true}, []casefile.Item{"name", "service_start"}
	d.Answers = map[string]string{"gag_certification_2709c": "yes"}
	return d
}

func (w *house) file(officer string, d casefile.Demand) (casefile.Number, casefile.DraftID) {
	w.Helper()
	in, by, ctx := w.halves.desk.desk.Intake, w.force[officer].Actor(), w.Context()
	dr := got(in.Start(ctx, w.force[officer].ID, d.Process))(w)
	got(in.Save(ctx, by, dr.ID, d))(w)
	got(in.AddPaper(ctx, by, dr.ID, "order.pdf", "order", bytes.NewReader(onePage(d.Reference))))(w)
	got(in.Preview(ctx, by, dr.ID))(w)
	return got(in.File(ctx, by, dr.ID))(w), dr.ID
}

// ordinary is a day's work that both worlds have.
func (w *house) ordinary(day int) {
	w.Helper()
	w.seed("ordinary", day)
	n, _ := w.file("kim", w.demand("us.order.2703d", fmt.Sprint("HC-", day)))
	w.file("stone", w.demand("us.order.2703d", fmt.Sprint("BC-", day)))
	w.seed("work", day)
	w.work(n, "chief", "analyst", day == 0)
	w.seed("draft", day)
	got(w.halves.desk.desk.Intake.Start(w.Context(), w.force["kim"].ID, "us.subpoena.gj"))(w)
	w.pass(3 * time.Minute)
	w.signed("open", w.halves.carrier.holdings.Set, "Ines Okafor", "Sefa Yilmaz")
	w.pass(3 * time.Minute)
}

// work takes a case from its assignment to the key holders.
func (w *house) work(n casefile.Number, from, to string, propose bool) {
	w.Helper()
	r, ctx, me := w.halves.desk.desk.Review, w.Context(), w.team[to].ID
	w.ok(r.Assign(ctx, w.team[from].ID, n, me, "it is theirs to decide"))
	w.ok(r.NoTie(ctx, me, n, "I know none of them"))
	c := got(w.halves.desk.desk.Files.Load(ctx, n))(w)
	for _, p := range c.Unread() {
		got(r.ReadPaper(ctx, me, n, p.ID))(w)
	}
	for _, f := range c.Findings {
		if f.Blocks() {
			w.ok(r.AnswerFinding(ctx, me, n, f.ID, false, "checked"))
		}
	}
	got(r.Resolve(ctx, me, n, 0, "the request asks about it"))(w)
	o := got(r.Case(ctx, me, n))(w)
	var all []review.Choice
	for _, i := range c.Demand.Wanted {
		v, why := casefile.Decline, "the process does not reach it"
		if slices.Contains(o.Choices[i], casefile.Produce) {
			v, why = casefile.Produce, "the process reaches it"
		}
		all = append(all, review.Choice{Item: i, Verdict: v, Reason: why})
	}
	w.ok(r.Decide(ctx, me, n, all))
	if propose {
		w.ok(r.Propose(ctx, me, n, "what was decided is carried out"))
	}
}

// trained states a key holder's training of today, unless one counts.
func (w *house) trained(set *holdings.Set, name string) {
	w.Helper()
	ctx, now := w.Context(), w.clock.Now()
	if until := got(set.Trained(ctx, name))(w); !until.IsZero() {
		return
	}
	x := got(set.Statement(ctx, name, now, now))(w)
	w.ok(set.Train(ctx, name, now, now, got(w.holders[name].Sign(w.halves.carrier.site, x.Hash[:]))(w)))
}

// signed has two people sign all that waits for their set.
func (w *house) signed(kind string, set *holdings.Set, names ...string) {
	w.Helper()
	papers := got(set.Waiting(w.Context()))(w)
	for _, x := range papers {
		for _, name := range names {
			if slices.Contains(x.Signed, name) {
				continue
			}
			w.seed("sign", kind, x.Hash, name)
			w.trained(set, name)
			a := got(w.holders[name].Sign(w.halves.carrier.site, x.Hash[:]))(w)
			got(set.Sign(w.Context(), x.Hash, door.Word{NoTie: true}, a))(w)
		}
	}
}

// secret is what only one world has: a letter on the first day, one that is
// withdrawn before the carrier knows of it on the second, with an approval of a
// row that only a sealed matter needs; one that came on paper and waits for an
// answer on the third.
func (w *house) secret(day int, known *secrets) {
	w.Helper()
	w.seed("secret", day)
	d, ctx, noor := w.halves.desk.desk, w.Context(), w.team["noor"]
	by := w.force["reyes"].Actor()
	n, draft := w.file("reyes", w.nsl(fmt.Sprint("NSL-", day)))
	known.numbers, known.ids = append(known.numbers, string(n)), append(known.ids, string(draft))
	left := got(d.Intake.Start(ctx, w.force["reyes"].ID, law.NSL))(w)
	known.ids = append(known.ids, string(left.ID))
	switch day {
	case 0:
		w.ok(d.Tick(ctx)) // makes the notice to the Government
		w.work(n, "chief", "noor", true)
	case 1:
		w.work(n, "chief", "noor", true)
		w.ok(d.Intake.Withdraw(ctx, by, n, "sent to the wrong provider"))
		for _, row := range d.Law.Rows() {
			if casefile.SealedRow(row) && row.Certainty == law.Known && row.InForce(w.clock.Now()) {
				w.ok(d.ApproveRow(ctx, noor.ID, row.ID, row.Hash(), "read against the official text"))
			}
		}
	case 2:
		w.ok(d.Review.Assign(ctx, w.team["chief"].ID, n, noor.ID, "it is theirs to decide"))
		paper := got(d.Intake.StartPaper(ctx, noor.ID, w.bay.ID, law.ChannelMail, law.NSL))(w)
		got(d.Intake.Save(ctx, noor.Actor(), paper.ID, w.nsl("NSL-PAPER")))(w)
		got(d.Intake.AddPaper(ctx, noor.Actor(), paper.ID, "letter.pdf", "order", bytes.NewReader(onePage("NSL-PAPER"))))(w)
		p := got(d.Intake.File(ctx, noor.Actor(), paper.ID))(w)
		known.numbers, known.ids = append(known.numbers, string(p)), append(known.ids, string(paper.ID))
	}
	c := got(d.Files.Load(ctx, n))(w)
	for _, g := range c.Grants {
		known.hashes = append(known.hashes, g.Hash.String())
	}
	for _, p := range c.Demand.Papers {
		known.ids = append(known.ids, string(p.ID))
	}
	for _, l := range c.Secrecy.Letters {
		known.ids = append(known.ids, string(l.ID))
	}
}

// fetch has the officer collect the answer, and counsel send the letter.
func (w *house) fetch(day int, known *secrets) {
	w.Helper()
	w.seed("fetch", day)
	d, ctx := w.halves.desk.desk, w.Context()
	n := casefile.Number(known.numbers[day])
	c := got(d.Files.Load(ctx, n))(w)
	if day == 0 {
		if c.Phase() != casefile.Answered || !c.Disclosed() {
			w.Fatalf("the sealed matter stands at %s", c.Phase())
		}
		w.ok(d.Sealed.Sent(ctx, w.team["noor"].ID, n, c.Secrecy.Letters[0].ID, w.clock.Now(), "registered mail"))
	}
	for _, p := range c.Packages {
		known.ids = append(known.ids, string(p.ID))
		body, _, err := d.Intake.Collect(ctx, w.force["reyes"].Actor(), n, p.ID)
		w.ok(err)
		w.ok(body.Close())
	}
}

// failing takes the folder of sealed papers away, in both worlds: in one of them
// uploads, downloads, letters and duties now fail. The log has no line of it;
// those on the list read it on their page.
func (w *house) failing(known *secrets, secret bool) {
	w.Helper()
	dir := filepath.Join(w.base.conf.Data, "desk", "sealed-blobs")
	w.ok(os.Rename(dir, dir+".away"))
	w.ok(os.WriteFile(dir, []byte("not a folder"), 0o600))
	// That the officer and a cleared member sign in, and that the officer's system
	// calls, is seen in both worlds (docs/threat-model.md).
	portal := w.base.conf.Origin("portal")
	reyes, noor := w.visitor("portal", "portal", w.force["reyes"].Subject()), w.visitor("desk", "console", w.team["noor"].Subject())
	w.answer(reyes, "GET", portal+"/api/v1/items", nil, "Authorization", "Bearer "+w.keys["reyes"])
	w.answer(reyes, "GET", portal+"/api/v1/drafts", nil, "Authorization", "Bearer "+w.keys["reyes"])
	if secret {
		w.break500(known, reyes, noor)
	}
	for range 3 {
		w.pass(2 * time.Minute)
	}
	w.ok(os.Remove(dir))
	w.ok(os.Rename(dir+".away", dir))
	if !secret {
		return
	}
	all := got(w.halves.desk.desk.Troubles(w.Context(), w.team["noor"].ID))(w)
	text := fmt.Sprint(all)
	for _, want := range []string{"/requests/" + known.numbers[0] + "/download/", "/api/v1/", "duty gag", "/sealed/matters/"} {
		if !strings.Contains(text, want) {
			w.Errorf("those on the list do not read of %s: %.2000s", want, text)
		}
	}
	if _, err := w.halves.desk.desk.Troubles(w.Context(), w.team["lead"].ID); err == nil {
		w.Error("a lead who is not on the list reads what failed in sealed matters")
	}
}

func (w *house) break500(known *secrets, reyes, noor *http.Client) {
	w.Helper()
	w.seed("break")
	d, ctx := w.halves.desk.desk, w.Context()
	c := got(d.Files.Load(ctx, casefile.Number(known.numbers[0])))(w)
	portal, console := w.base.conf.Origin("portal"), w.base.conf.Origin("desk")
	for _, x := range []struct {
		who *http.Client
		at  string
		key string
	}{{reyes, portal + "/requests/" + known.numbers[0] + "/download/" + string(c.Packages[0].ID), ""},
		{reyes, portal + "/api/v1/requests/" + known.numbers[0] + "/packages/" + string(c.Packages[0].ID), w.keys["reyes"]},
		{noor, console + "/sealed/matters/" + known.numbers[0] + "/letters/" + string(c.Secrecy.Letters[0].ID), ""}} {
		var heads []string
		if x.key != "" {
			heads = []string{"Authorization", "Bearer " + x.key}
		}
		if text, _, _ := w.answer(x.who, "GET", x.at, nil, heads...); !strings.HasPrefix(text, "500") {
			w.Fatalf("%s does not fail: %.200s", x.at, text)
		}
	}
	// A letter of the last day has no notice to the Government yet: a duty fails.
	last := known.numbers[2]
	g := got(w.halves.desk.sealed.DutiesOf(ctx, casefile.Number(last)))(w)
	if !slices.ContainsFunc(g, func(d casefile.Duty) bool { return d.Kind == casefile.DutyGag }) {
		w.Fatal("the matter has no duty of secrecy")
	}
	w.gagAgain()
}

// gagAgain files a letter whose papers were taken while the folder was there.
func (w *house) gagAgain() {
	w.Helper()
	dir := filepath.Join(w.base.conf.Data, "desk", "sealed-blobs")
	w.ok(os.Rename(dir, dir+".file"))
	w.ok(os.Rename(dir+".away", dir))
	w.file("reyes", w.nsl("NSL-BROKEN"))
	w.ok(os.Rename(dir, dir+".away"))
	w.ok(os.Rename(dir+".file", dir))
}

// look is everything that anybody outside can ask for.
func (w *house) look(p outlook, known *secrets) {
	for _, name := range []string{"", "kim", "sorel", "cole", "pons", "stone"} {
		session, who := "portal", ""
		if name == "" {
			session = ""
		} else {
			who = w.force[name].Subject()
		}
		c := w.visitor("portal", session, who)
		w.crawl(p, "portal "+name, c, "portal", "/", "/requests", "/agency", "/new", "/find", "/account", "/cosign", "/open")
		w.probe(p, "portal "+name, c, "portal", "portal", known)
	}
	for _, name := range append([]string{""}, roleNames()...) {
		session, who := "console", ""
		if name == "" {
			session = ""
		} else {
			who = w.team[name].Subject()
		}
		c := w.visitor("desk", session, who)
		starts := []string{"/", "/?list=1", "/?list=1&lane=sealed", "/?list=1&process=us.nsl", "/?list=1&q=NSL-0", "/?list=1&q=%2B12025550142", "/?list=1&mine=yes", "/?list=1&open=yes", "/figures", "/figures.csv", "/acts", "/drills",
			"/team", "/law", "/law/row/us.nsl", "/agencies", "/systems", "/rules", "/clock", "/cuts", "/second", "/lent", "/papers", "/training", "/sealed", "/figures?sealed=1", "/figures?sealed=yes"}
		for _, m := range w.team {
			starts = append(starts, "/team/"+string(m.ID), "/?list=1&assigned="+string(m.ID))
		}
		slices.Sort(starts)
		w.crawl(p, "console "+name, c, "desk", starts...)
		w.probe(p, "console "+name, c, "desk", "console", known)
	}
	w.lookAPI(p, known)
	center := w.visitor("", "", "")
	w.crawl(p, "center", center, "", "/", "/stored.json", "/feed.xml", "/changes", "/trust.json", "/logs", "/healthz", "/reports", "/.well-known/security.txt", "/guidelines/us.nsl",
		"/ledger/desk/checkpoint", "/ledger/carrier/checkpoint", "/ledger/desk/leaves", "/ledger/carrier/leaves", "/ledger/desk/leaves?from=0", "/ledger/desk/leaves?from=64", "/ledger/carrier/leaves?from=64",
		"/ledger/desk/consistency?from=64", "/ledger/carrier/consistency?from=64", "/ledger/desk-sealed/checkpoint", "/ledger/carrier-sealed/checkpoint")
	for _, name := range []string{"", "Ines Okafor"} {
		c := w.visitor("release", "", "")
		if name != "" {
			c = w.holder(name)
		}
		w.crawl(p, "release "+name, c, "release", "/", "/grants", "/history", "/keys")
		for _, h := range known.hashes {
			for _, method := range []string{"GET /grants/%s", "POST /grants/%s/sign", "POST /grants/%s/refuse"} {
				m, at, _ := strings.Cut(fmt.Sprintf(method, h), " ")
				p["release "+name+" "+m+" "+at], _, _ = w.answer(c, m, w.base.conf.Origin("release")+at, form(m))
			}
		}
	}
	rec := httptest.NewRecorder()
	w.metrics.ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	p["metrics"] = fmt.Sprint(rec.Code, rec.Header(), rec.Body)
	w.lookMail(p)
	w.lookRows(p, "desk", w.halves.desk.db.DB)
	w.lookRows(p, "carrier", w.halves.carrier.db.DB)
	p["log"] = strings.Join(w.logs.all, "\n")
	next, _, _ := strings.Cut(string(got(w.halves.desk.db.NextNumber(w.Context(), 2026))(w)), " ")
	p["row next number"] = next
}

func roleNames() (out []string) {
	for _, r := range staff.Roles {
		out = append(out, string(r))
	}
	return out
}

// lookMail keeps what leaves by mail, to anybody: of a sealed matter none does,
// not even to the officer who filed it.
func (w *house) lookMail(p outlook) {
	for i, m := range w.mail.sent {
		p[fmt.Sprintf("mail %03d", i)] = m
	}
}

var (
	hrefs   = regexp.MustCompile(`(?:href|action)="(/[^"#]*)`)
	routesI = regexp.MustCompile(`"(GET|POST) (/[^"]*)"`)
	params  = regexp.MustCompile(`\{[a-z]+\}`)
)

// crawl asks for the addresses and for whatever they lead to.
func (w *house) crawl(p outlook, label string, c *http.Client, site string, starts ...string) {
	w.Helper()
	origin, asked, todo := w.base.conf.Origin(site), map[string]bool{}, starts
	for len(todo) > 0 && len(asked) < 400 {
		at := todo[0]
		todo = todo[1:]
		if asked[at] || strings.Contains(at, ".png") || strings.HasPrefix(at, "/signout") {
			continue
		}
		asked[at] = true
		text, body, to := w.answer(c, "GET", origin+at, nil)
		p[label+" GET "+at] = text
		if strings.HasPrefix(text, "429") || strings.HasPrefix(text, "500") {
			w.Fatalf("%s cannot look at %s: %.300s", label, at, text)
		}
		if strings.Contains(text, "Content-Type[text/html") {
			for _, m := range hrefs.FindAllStringSubmatch(body, -1) {
				todo = append(todo, html.UnescapeString(m[1]))
			}
		}
		if u, err := url.Parse(to); err == nil && to != "" && (u.Host == "" || strings.HasSuffix(origin, u.Host)) {
			todo = append(todo, u.RequestURI())
		}
	}
}

func form(method string) url.Values {
	if method == "GET" {
		return nil
	}
	v := url.Values{}
	for _, k := range []string{"to", "add", "note", "reason", "question", "why", "text", "until", "verdict", "withdraw", "answer", "member", "officer", "day", "move", "sent", "how", "from", "off"} {
		v.Set(k, "x")
	}
	return v
}

// probe sends everything that a site takes about a case, a draft or a letter,
// with the names of the sealed ones.
func (w *house) probe(p outlook, label string, c *http.Client, site, pkg string, known *secrets) {
	w.Helper()
	for _, r := range routesOf(w.T, pkg) {
		method, at := r[0], r[1]
		if !strings.Contains(at, "{n}") && !strings.Contains(at, "/drafts/{id}") {
			continue
		}
		for i, n := range known.numbers {
			id := known.ids[i%len(known.ids)]
			if strings.HasPrefix(at, "/drafts/{id}") {
				id = known.ids[i]
			}
			to := params.ReplaceAllString(strings.ReplaceAll(at, "{n}", n), id)
			p[label+" "+method+" "+to], _, _ = w.answer(c, method, w.base.conf.Origin(site)+to, form(method))
		}
	}
}

// routesOf are the addresses of a site, as its source has them.
func routesOf(t *testing.T, pkg string) (out [][2]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "web", pkg, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of %s: %v", pkg, err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range routesI.FindAllStringSubmatch(string(b), -1) {
			out = append(out, [2]string{m[1], m[2]})
		}
	}
	if len(out) < 20 {
		t.Fatalf("only %d addresses of %s were found", len(out), pkg)
	}
	return out
}

// lookAPI calls every operation of the API with a colleague's key, with that of
// another agency, and with none.
func (w *house) lookAPI(p outlook, known *secrets) {
	w.Helper()
	c, at := w.visitor("portal", "", ""), w.base.conf.Origin("portal")
	_, body, _ := w.answer(c, "GET", at+"/api/v1/openapi.json", nil)
	var doc struct{ Paths map[string]map[string]any }
	w.ok(json.Unmarshal([]byte(body), &doc))
	for _, name := range []string{"", "kim", "stone"} {
		var heads []string
		if name != "" {
			heads = []string{"Authorization", "Bearer " + w.keys[name]}
		}
		for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
			for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
				for i, n := range known.numbers {
					to := strings.NewReplacer("{request}", n, "{process}", "us.nsl", "{draft}", known.ids[i]).Replace(path)
					to = params.ReplaceAllString(to, known.ids[len(known.ids)-1-i])
					if !strings.HasPrefix(to, "/api") {
						to = "/api/v1" + to
					}
					more := append(slices.Clone(heads), "Idempotency-Key", "k-"+name+to)
					w.clock.Advance(time.Second) // a system's calls are limited
					p["api "+name+" "+method+" "+to], _, _ = w.answer(c, strings.ToUpper(method), at+to, nil, more...)
				}
			}
		}
	}
}

// lookRows is what a database holds: every row of every table.
func (w *house) lookRows(p outlook, label string, db *storage.DB) {
	w.Helper()
	w.ok(each(db, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`, func(row []any) {
		table := fmt.Sprint(row[0])
		n := 0
		w.ok(each(db, `SELECT rowid, * FROM "`+table+`" ORDER BY rowid`, func(v []any) {
			p[fmt.Sprintf("row %s %s %06d", label, table, n)] = fmt.Sprintf("%x", v)
			n++
		}))
		p["row "+label+" "+table+" count"] = fmt.Sprint(n)
	}))
	for _, pragma := range []string{"page_count", "freelist_count"} {
		w.ok(each(db, "PRAGMA "+pragma, func(v []any) { p["row "+label+" "+pragma] = fmt.Sprint(v...) }))
	}
}

func each(db *storage.DB, query string, f func([]any)) error {
	rows, err := db.SQL.Query(query)
	if err != nil {
		if strings.Contains(err.Error(), "no such column: rowid") {
			return each(db, strings.NewReplacer("rowid, ", "", " ORDER BY rowid", " ORDER BY 1, 2").Replace(query), f)
		}
		return fmt.Errorf("%s: %w", query, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		row, to := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			return err
		}
		f(row)
	}
	return rows.Err()
}

// shut ends the program and looks at what it leaves: its files, but for the
// places that are known to be of sealed matters, and the reports made of them.
func (w *house) shut(p outlook) {
	w.Helper()
	w.stop()
	w.ok(w.halves.close())
	w.halves.carrier, w.halves.desk = nil, nil
	sealed := regexp.MustCompile(`sealed`)
	w.ok(filepath.WalkDir(w.base.conf.Data, func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, w.base.conf.Data)
		switch {
		case err != nil:
			return err
		case sealed.MatchString(name) && d.IsDir():
			p["file "+name] = "a folder" // it is there in every house
			return filepath.SkipDir
		case sealed.MatchString(name):
			p["file "+name] = "is there"
			return nil
		case d.IsDir():
			p["file "+name] = "a folder"
			return nil
		}
		b, err := os.ReadFile(path)
		p["file "+name] = fmt.Sprintf("%d bytes, %x", len(b), sha256.Sum256(b))
		return err
	}))
	for _, bands := range []string{"", "1"} {
		conf, out := filepath.Join(w.TempDir(), "c.toml"), filepath.Join(w.TempDir(), "report")
		w.ok(os.WriteFile(conf, fmt.Appendf(nil, "name = %q\nreport_bands = %q\n", w.base.conf.Name, bands), 0o600))
		var said bytes.Buffer
		if err := run(w.Context(), []string{"report", "build", "--data", w.base.conf.Data, "--config", conf, "--period", "2026H2", "--out", out}, nil, &said, &said); err != nil {
			w.Fatalf("report: %v %s", err, &said)
		}
		w.ok(filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			p["report bands="+bands+" "+filepath.Base(path)] = string(b)
			return err
		}))
	}
}

// silent looks for the names of sealed matters, and of anybody, in the log.
func (w *house) silent(known *secrets) {
	w.Helper()
	for _, l := range w.logs.all {
		for _, x := range slices.Concat(known.numbers, known.ids, known.hashes, []string{"NSL", "+1202555", "12025550142", "@", "sealed"}) {
			if strings.Contains(l, x) {
				w.Errorf("a line of the log says %q: %s", x, l)
			}
		}
	}
}

// onePage is a small, whole PDF with one page.
func onePage(text string) []byte { return papers.Saying(text).Bytes() }
