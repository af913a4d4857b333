package console_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/produce/bundle"
	"letterlock/desk/staff"
	"letterlock/disclosable"
)

// custodianJoins gives the world a custodian of records, who signs whatever
// waits as time goes by.
func (w *world) custodianJoins() {
	w.Helper()
	w.custodian = w.join("Ravi Menon", true, false, staff.Custodian)
}

func (w *world) certifies() {
	w.Helper()
	if w.custodian == nil {
		return
	}
	waiting := must(w.desk.Review.ToCertify(w.Context(), w.custodian.id))(w)
	for _, x := range waiting {
		c := w.custodian
		says(w.T, c.ceremony(c.get("/signin")), 200, "Certificates")
		says(w.T, c.ceremony(c.get("/certificates/"+string(x.Number))), 200, "Signed.")
	}
	if len(waiting) > 0 {
		w.ok(w.desk.Tick(w.Context()))
	}
}

// sealedUp is a case whose package waits for its certificate.
func (w *world) sealedUp() casefile.Number {
	w.Helper()
	n := w.file(w.order())
	w.approve("us.order.2703d")
	a := w.analyst
	a.study(n)
	a.press(a.decideAll(n), "Propose the grants")
	w.ok(w.door.SignAll("Sefa Yilmaz", "Miriam Adler"))
	w.pass(10 * time.Minute)
	w.pass(8 * 24 * time.Hour)
	for range 3 {
		w.pass(10 * time.Minute)
	}
	if !w.load(n).Uncertified() || w.door.Used(disclosable.Produce) == 0 {
		w.Fatalf("no package waits: %s, %+v", w.load(n).Phase(), w.load(n).Alarms)
	}
	return n
}

func TestACustodianReadsAndSigns(t *testing.T) {
	w := newWorld(t)
	n := w.sealedUp()
	w.analyst.signIn()
	says(t, w.analyst.get(path(n)), 200, "look for the custodian")
	says(t, w.analyst.get("/certificates/"+string(n)), 403, "that is for custodian")
	c := w.join("Ravi Menon", true, false, staff.Custodian)
	p := c.get("/certificates")
	says(t, p, 200, "Packages that wait for a certificate", string(n), "Harbor County Sheriff", "Ravi Menon · custodian")
	silent(t, p, "2025550142", "Ana Ruiz")
	says(t, c.get(path(n)), 403, "your role may not")
	if at := c.get("/"); at.URL.Path != "/certificates" {
		t.Errorf("a custodian begins at %s", at.URL.Path)
	}
	p = c.get("/certificates/" + string(n))
	says(t, p, 200, "I am Ravi Menon, a custodian of records at Example Messenger", "902(11) and 902(13)", "I have not read the records", "manifest.json, which names every file", "penalty of perjury")
	silent(t, p, "2025550142", "Ana Ruiz", "203.0.113.7")
	says(t, must(p.Follow("declare it"))(w), 200, "Ravi Menon")
	says(t, c.get("/certificates/LL-2026-000077"), 404, "Not found")

	// A passkey that checks nobody signs nothing; the page says so and stays.
	c.pk.Unverified = true
	says(t, c.ceremony(p), http.StatusUnauthorized, "did not check who you are", "What you sign")
	c.pk.Unverified = false
	says(t, c.post("/certificates/"+string(n), "answer", "{}", "shown", "yesterday"), 400, "the page was not whole")
	if !w.load(n).Uncertified() {
		t.Fatal("one of them counted")
	}
	says(t, c.ceremony(c.get("/certificates/"+string(n))), 200, "Signed. The package leaves with your certificate.", "No package waits for a certificate.")
	w.pass(time.Minute)
	if x := w.load(n); len(x.Packages) != 1 || x.Certificate.Name != "Ravi Menon" || !strings.Contains(x.Certificate.Text, "I am Ravi Menon") {
		t.Fatalf("%+v", x.Packages)
	}
	says(t, w.analyst.get(path(n)), 200, "certified the records of the package, with their passkey", "made the package")
}

// waits is another case whose package waits for its certificate, put there
// without its history.
func (w *world) waits() casefile.Number {
	w.Helper()
	n, now := w.file(w.order()), w.clock.Now()
	c := w.load(n)
	id := casefile.PackageID("3R7KQ2VX9M")
	b := must(json.Marshal(bundle.Statement{Provider: "Example Messenger", Title: "a custodian of records", Case: string(n), Reference: c.Demand.Reference, Process: "Court order, 18 USC 2703(d)",
		Package: string(id), Collected: now, Records: 4, Files: []bundle.Entry{{Name: bundle.RecordsCSV, Size: 412}, {Name: bundle.RecordsJSON, Size: 903}}, Size: 81_920}))(w)
	pkg := casefile.Package{ID: id, Name: string(n) + ".tar.age", Sum: casefile.SumOf(b), Size: 81_920, Records: 4, SealedTo: "passphrase", Made: now, Expires: now.Add(30 * 24 * time.Hour)}
	must(w.desk.Files.Act(w.Context(), n, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KSealedUp, Certify: &casefile.CertifyAct{Sealing: &casefile.Sealing{Package: pkg, Statement: b}}},
			casefile.Duty{Kind: casefile.DutyCertify, Due: now.Add(24 * time.Hour)}), nil
	}))(w)
	return n
}
