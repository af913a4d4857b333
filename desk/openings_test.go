package desk_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"letterlock/desk"
	"letterlock/desk/casefile"
	auditfile "letterlock/desk/casefile/opened"
	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// pile is a file of openings taken apart, so that a forger can put it together
// in another way.
type pile struct {
	statement auditfile.Statement
	rows      []auditfile.Row
}

func (p pile) bytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := auditfile.Begin(&b, p.statement); err != nil {
		t.Fatal(err)
	}
	w := auditfile.NewWriter(&b)
	for _, r := range p.rows {
		if err := w.Row(r); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func takenApart(t testing.TB, file []byte) (p pile) {
	t.Helper()
	d := cbor.NewDecoder(bytes.NewReader(file[len(auditfile.Intro):]))
	if err := d.Decode(&p.statement); err != nil {
		t.Fatal(err)
	}
	for d.NumBytesRead() < len(file)-len(auditfile.Intro) {
		var r auditfile.Row
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		p.rows = append(p.rows, r)
	}
	return p
}

// openings are given by counsel about what two cases were, and taken by the auditor.
func (w *world) openings(o desk.Openings) (desk.Given, []byte) {
	w.Helper()
	g := must(w.desk.GiveOpenings(w.ctx, w.counsel.ID, o))(w)
	w.pass(2 * time.Minute)
	auditor := w.auditor(w.desk)
	var b bytes.Buffer
	w.ok(must(w.desk.HandOpenings(w.ctx, auditor.ID, g.Manifest.ID))(w)(&b))
	return g, b.Bytes()
}

func (w *world) keys() proof.Keys {
	return must(proof.ParseKeys(append(w.ledger.Keys(), w.carrier.Keys()...)...))(w)
}

// audited is a world in which one case was answered and another one filed.
func audited(t testing.TB) (*world, []casefile.Number) {
	w, _ := keeps(t.(*testing.T), "sqlite")
	n := w.needled()
	d := w.order()
	d.Reference = "HC-OTHER"
	other := w.file(d)
	w.pass(2 * time.Minute)
	return w, []casefile.Number{n, other}
}

// TestAnAuditorChecksEveryActOfACase: counsel gives openings with a reason, the
// auditor takes them, and every act of both cases is there and holds, offline,
// by the public keys alone; whom it is about stands nowhere in it.
func TestAnAuditorChecksEveryActOfACase(t *testing.T) {
	w, cases := audited(t)
	before := w.load(cases[0])
	g, file := w.openings(desk.Openings{From: start, Until: start.AddDate(0, 0, 60), Why: "the yearly audit"})
	var rows []auditfile.Checked
	r := auditfile.Verify(bytes.NewReader(file), w.keys(), func(c auditfile.Checked) error { rows = append(rows, c); return nil })
	if !r.OK() || r.Why != "the yearly audit" || g.Manifest.Held != 2 {
		t.Fatalf("%+v", r)
	}
	of := map[string]int{}
	for _, c := range rows {
		if c.Done {
			of[c.Case]++
		}
	}
	for _, n := range cases {
		if of[string(n)] != w.load(n).Version() {
			t.Errorf("%s: %d of %d acts", n, of[string(n)], w.load(n).Version())
		}
	}
	if before.Version() < 15 {
		t.Fatalf("the case has %d acts", before.Version())
	}
	for _, needle := range []string{"the number asked about", "a number without account", "the reference", "the docket", "the judge", "the demand's words", "a paper's name", "a question", "an answer", "an objection", "the identity of the account"} {
		if bytes.Contains(file, []byte(needles[needle])) {
			t.Errorf("%s stands in what an auditor is given", needle)
		}
	}
	for _, word := range []string{"Olivia", "Reyes", "sheriff.harbor"} {
		if bytes.Contains(file, []byte(word)) {
			t.Errorf("%q stands in what an auditor is given", word)
		}
	}
	if !bytes.Contains(file, []byte(needles["a reason"])) || !bytes.Contains(file, []byte(w.analyst.Name)) {
		t.Error("what is not redacted is not shown")
	}
	if n := slices.IndexFunc(w.ledgerKinds(), func(k string) bool { return k == "openings.handed" }); n < 0 {
		t.Error("that the file was taken is not in the ledger")
	}
}

func (w *world) ledgerKinds() (out []string) {
	for o, err := range w.ledger.Openings(1, 0) {
		w.ok(err)
		out = append(out, o.Entry.Kind)
	}
	return out
}

// TestWhatIsRedactedIsNotThere: each group alone, and all of them.
func TestWhatIsRedactedIsNotThere(t *testing.T) {
	w, cases := audited(t)
	for _, hidden := range [][]casefile.Group{{casefile.GroupTeam, casefile.GroupDecisions, casefile.GroupReasons}, {casefile.GroupRequest}, casefile.Groups} {
		g := must(w.desk.GiveOpenings(w.ctx, w.lead.ID, desk.Openings{Cases: cases[:1], Hidden: hidden, Why: "a sample"}))(t)
		w.pass(2 * time.Minute)
		var b bytes.Buffer
		w.ok(must(w.desk.HandOpenings(w.ctx, w.lead.ID, g.Manifest.ID))(w)(&b))
		var shown []string
		r := auditfile.Verify(&b, w.keys(), func(c auditfile.Checked) error {
			for _, p := range c.Parts {
				shown = append(shown, p.Part)
			}
			return nil
		})
		if !r.OK() {
			t.Errorf("%v: %+v", hidden, r.Lines)
		}
		for part, group := range map[string]casefile.Group{"by.Name": casefile.GroupTeam, "decisions": casefile.GroupDecisions, "why": casefile.GroupReasons, "demand.wanted": casefile.GroupRequest} {
			if slices.Contains(shown, part) == slices.Contains(hidden, group) {
				t.Errorf("hidden %v: %s shown %v", hidden, part, slices.Contains(shown, part))
			}
		}
		if slices.ContainsFunc(shown, func(p string) bool { return strings.Contains(p, "target") || p == "demand.text" || p == "objection" }) {
			t.Errorf("shown: %v", shown)
		}
	}
}

// TestAForgedFileOfOpeningsIsFound: a changed byte anywhere, a missing row, one
// twice, rows of another file, a redacted part filled in again, another
// statement, another ledger's keys.
func TestAForgedFileOfOpeningsIsFound(t *testing.T) {
	w, cases := audited(t)
	_, file := w.openings(desk.Openings{Cases: cases, Hidden: []casefile.Group{casefile.GroupTeam, casefile.GroupReasons}, Why: "the yearly audit"})
	holds := func(b []byte) bool { return auditfile.Verify(bytes.NewReader(b), w.keys(), nil).OK() }
	if !holds(file) || !holds(takenApart(t, file).bytes(t)) {
		t.Fatal("the file itself does not hold")
	}
	for i := 0; i < len(file); i += max(1, len(file)/400) {
		b := bytes.Clone(file)
		b[i] ^= 1
		if holds(b) {
			t.Fatalf("byte %d of %d can be changed", i, len(file))
		}
	}
	other := w.file(w.order())
	w.pass(2 * time.Minute)
	second := must(w.desk.GiveOpenings(w.ctx, w.lead.ID, desk.Openings{Cases: []casefile.Number{other}, Why: "another"}))(t)
	w.pass(2 * time.Minute)
	var b bytes.Buffer
	w.ok(must(w.desk.HandOpenings(w.ctx, w.lead.ID, second.Manifest.ID))(w)(&b))
	strange := takenApart(t, b.Bytes())
	refill := func(part string, value any) func(*pile) {
		return func(p *pile) {
			e := *p.rows[0].Event
			v, err := casefile.Encode(value)
			if err != nil {
				t.Fatal(err)
			}
			e.Hidden = e.Hidden[1:]
			e.Shown = append(slices.Clone(e.Shown), auditfile.Shown{Part: part, Salt: bytes.Repeat([]byte{7}, 32), Value: v})
			p.rows[0].Event = &e
		}
	}
	for what, forge := range map[string]func(*pile){
		"the first row missing":      func(p *pile) { p.rows = p.rows[1:] },
		"the last row missing":       func(p *pile) { p.rows = p.rows[:len(p.rows)-1] },
		"a row missing between":      func(p *pile) { p.rows = slices.Delete(p.rows, 3, 4) },
		"a row twice":                func(p *pile) { p.rows = append(p.rows, p.rows[2]) },
		"rows in another order":      func(p *pile) { p.rows[1], p.rows[2] = p.rows[2], p.rows[1] },
		"a whole case missing":       func(p *pile) { p.rows = p.rows[:w.load(cases[0]).Version()] },
		"a row of another file":      func(p *pile) { p.rows = append(p.rows, strange.rows[0]) },
		"another statement":          func(p *pile) { p.statement = strange.statement },
		"another act":                func(p *pile) { p.statement.Act = strange.statement.Act },
		"an event hidden altogether": func(p *pile) { p.rows[1].Event = nil },
		"a reason filled in":         refill("why", "because we wished to"),
		"a name filled in":           refill("by.Name", "Nobody"),
		"a target filled in":         refill("demand.targets", []string{"+12025550142"}),
		"a value changed": func(p *pile) {
			e := *p.rows[0].Event
			e.Shown = slices.Clone(e.Shown)
			for i := range e.Shown {
				if e.Shown[i].Part == "demand.process" {
					e.Shown[i].Value, _ = casefile.Encode("us.warrant")
				}
			}
			p.rows[0].Event = &e
		},
		"one more part redacted": func(p *pile) {
			e := p.rows[0].Event.Redact(func(s string) bool { return s != "at" })
			p.rows[0].Event = &e
		},
	} {
		p := takenApart(t, file)
		forge(&p)
		if holds(p.bytes(t)) {
			t.Errorf("%s: still holds", what)
		}
	}
	if r := auditfile.Verify(bytes.NewReader(file), must(proof.ParseKeys(w.vault.Keys()...))(t), nil); r.OK() {
		t.Error("it holds by the keys of another ledger")
	}
}

// TestWhoMayGiveOpenings: counsel or a lead, with a reason; never about a sealed
// matter; the auditor takes and does not choose.
func TestWhoMayGiveOpenings(t *testing.T) {
	w, cases := audited(t)
	sealed := w.file(w.letter(1))
	auditor := w.auditor(w.desk)
	give := func(who casefile.MemberID, o desk.Openings) error {
		_, err := w.desk.GiveOpenings(w.ctx, who, o)
		return err
	}
	w.refused(give(w.analyst.ID, desk.Openings{Cases: cases, Why: "x"}), fault.Forbidden, "an analyst")
	w.refused(give(auditor.ID, desk.Openings{Cases: cases, Why: "x"}), fault.Forbidden, "the auditor")
	w.refused(give(w.counsel.ID, desk.Openings{Cases: cases}), fault.Invalid, "no reason")
	w.refused(give(w.counsel.ID, desk.Openings{Why: "x"}), fault.Invalid, "nothing chosen")
	w.refused(give(w.lead.ID, desk.Openings{Cases: []casefile.Number{sealed}, Why: "x"}), fault.Withheld, "a sealed matter, by whoever may know of it")
	w.refused(give(w.counsel.ID, desk.Openings{Cases: []casefile.Number{"LL-2026-123456789012"}, Why: "x"}), fault.Withheld, "a sealed number that is none")
	w.refused(give(w.counsel.ID, desk.Openings{Cases: []casefile.Number{"LL-2026-000999"}, Why: "x"}), fault.NotFound, "no such case")
	w.refused(give(w.counsel.ID, desk.Openings{From: start.AddDate(1, 0, 0), Until: start.AddDate(1, 1, 0), Why: "x"}), fault.NotFound, "an empty period")
	w.refused(give(w.counsel.ID, desk.Openings{Cases: cases, Hidden: []casefile.Group{"targets"}, Why: "x"}), fault.Invalid, "no such group")
	if all := must(w.desk.GivenOpenings(w.ctx, auditor.ID))(t); len(all) != 0 {
		t.Fatalf("a refusal left %d openings", len(all))
	}
	if _, err := w.desk.GivenOpenings(w.ctx, w.analyst.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an analyst sees openings: %v", err)
	}
	g := must(w.desk.GiveOpenings(w.ctx, w.counsel.ID, desk.Openings{Cases: cases, Why: "x"}))(t)
	_, err := w.desk.HandOpenings(w.ctx, auditor.ID, g.Manifest.ID)
	w.refused(err, fault.Unavailable, "before the act is in the tree")
	_, err = w.desk.HandOpenings(w.ctx, auditor.ID, "none")
	w.refused(err, fault.NotFound, "openings that nobody gave")
}

// TestOpeningsOfACaseWhosePersonsLeft: what was given before can no longer be
// shown; what is given now shows what stayed, and holds.
func TestOpeningsOfACaseWhosePersonsLeft(t *testing.T) {
	w, _ := keeps(t, "sqlite")
	n := w.needled()
	g, _ := w.openings(desk.Openings{Cases: []casefile.Number{n}, Why: "before"})
	w.pass(w.closes(n).Sub(w.clock.Now()) + 10*time.Minute)
	if w.load(n).Left == nil {
		t.Fatal("the data are still there")
	}
	w.pass(2 * time.Minute)
	_, err := w.desk.HandOpenings(w.ctx, w.counsel.ID, g.Manifest.ID)
	w.refused(err, fault.Expired, "what has left")
	again := must(w.desk.GiveOpenings(w.ctx, w.counsel.ID, desk.Openings{Cases: []casefile.Number{n}, Why: "after"}))(t)
	w.pass(2 * time.Minute)
	var b bytes.Buffer
	w.ok(must(w.desk.HandOpenings(w.ctx, w.counsel.ID, again.Manifest.ID))(w)(&b))
	rows := 0
	r := auditfile.Verify(bytes.NewReader(b.Bytes()), w.keys(), func(c auditfile.Checked) error {
		if rows++; slices.ContainsFunc(c.Parts, func(p auditfile.Shown) bool { return p.Part == "why" || p.Part == "by.Name" }) && c.Kind != "case.persons.left" {
			t.Errorf("act %d shows what has left", c.Seq)
		}
		return nil
	})
	if !r.OK() || rows < w.load(n).Version() {
		t.Errorf("%d rows, %+v", rows, r.Lines)
	}
}
