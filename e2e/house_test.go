package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/e2e/story"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/pg"
)

// house is a world with the people of the request story enrolled.
type house struct {
	*testing.T
	w                      *story.World
	ana, ben               story.Person
	holders                []*story.Visitor
	lead, analyst, counsel *story.Visitor
	officer                *story.Officer
	dockets                int
	ago                    time.Duration // how far the world's clock is behind the machine's
}

// in is the house seen from a subtest.
func (h *house) in(t *testing.T) *house {
	c := *h
	c.T = t
	return &c
}

// run runs a part of the story as a subtest.
func (h *house) run(name string, f func(*house)) {
	h.T.Run(name, func(t *testing.T) {
		c := h.in(t)
		f(c)
		h.dockets = c.dockets
	})
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		for _, w := range []string{h.w.Dir, filepath.Join(filepath.Dir(h.w.Dir), "desk")} {
			if log, err := os.ReadFile(filepath.Join(w, "server.log")); err == nil {
				h.Logf("%s:\n%s", w, tail(log, 2000))
			}
		}
		h.Fatal(err)
	}
}

// furnish enrols everybody; the server runs.
func furnish(t *testing.T, w *story.World) *house {
	t.Helper()
	h := &house{T: t, w: w, ana: w.Person("Ana Ruiz", "+12025550142"), ben: w.Person("Ben Cole", "+12025550167")}
	for _, p := range []story.Person{h.ana, h.ben} {
		h.ok(p.Register(t.Context()))
	}
	h.staff()
	return h
}

// staff enrols who works at the desk and for the agency.
func (h *house) staff() {
	h.Helper()
	w := h.w
	h.lead, h.analyst, h.counsel = story.NewVisitor("Sefa Yilmaz"), story.NewVisitor("Jonas Brandt"), story.NewVisitor("Tove Lindqvist")
	for _, name := range story.Holders[:2] {
		v := story.NewVisitor(name)
		h.ok(w.EnrolHolder(v))
		h.holders = append(h.holders, v)
	}
	h.ok(w.EnrolLead(h.lead))
	h.ok(w.SignIn(h.lead))
	h.ok(w.Train(h.lead, h.lead.Name))
	for v, role := range map[*story.Visitor]string{h.analyst: "analyst", h.counsel: "counsel"} {
		h.ok(w.Invite(h.lead, v, role+"@messenger.example", role))
		h.ok(w.Train(h.lead, v.Name))
		h.ok(w.SignIn(v))
	}
	w.Custodian = story.NewVisitor("Ravi Menon")
	h.ok(w.EnrolCustodian(h.lead, w.Custodian))
	h.ok(w.AddAgency(h.analyst, agencyName, "US", "sheriff.harbor.example", "+1 202 555 0100", "county web site"))
	h.officer = &story.Officer{Visitor: story.NewVisitor("Olivia Reyes"), Rank: "Detective", Mailbox: "reyes@sheriff.harbor.example", Phone: "+12025550190"}
	h.ok(w.EnrolOfficer(h.officer))
	h.ok(w.Confirm(h.analyst, h.officer.Name))
	h.ok(w.Confirm(h.lead, h.officer.Name))
	h.ok(w.SignInOfficer(h.Context(), h.officer))
}

const agencyName = "Harbor County Sheriff's Office"

// home is a furnished house in one process, on SQLite. Its clock is behind the
// machine's: a package that is made after a leap to today is not made in the
// future, which the verifier would not believe.
func home(t *testing.T, ago time.Duration) *house {
	t.Helper()
	w := engine{name: "sqlite"}.found(t)
	must(t, w.Later(-ago))
	start(t, w)
	h := furnish(t, w)
	h.ago = ago
	return h
}

// order is a court order for what it reaches, open to the person.
func (h *house) order(change ...func(*story.Order)) story.Order {
	h.dockets++
	o := story.Order{Process: "us.order.2703d", Docket: fmt.Sprintf("26-mc-%05d", h.dockets), Court: "Superior Court of Harbor County",
		Judge: "Hon. R. Whitfield", Target: h.ana.Phone, Fields: []string{"BSI:name", "BSI:last_seen", "ACC_NC:devices", "ACC_W:about"}, Issued: h.now()}
	for _, f := range change {
		f(&o)
	}
	return o
}

const aDay = 24 * time.Hour

// leap moves the world's clock on, to so long ago.
func (h *house) leap(ago time.Duration) {
	h.Helper()
	h.ago = ago
	h.ok(h.w.Leap(-ago, h.lead, h.analyst))
	h.ok(h.w.SignInOfficer(h.Context(), h.officer))
}

// now is the world's time.
func (h *house) now() time.Time { return time.Now().Add(-h.ago).UTC() }

// secret has the order forbid notice for 60 days.
func secret(o *story.Order) { o.GagEnd = o.Issued.AddDate(0, 0, 60) }

// file files an order and returns the case's number and the findings shown.
func (h *house) file(change ...func(*story.Order)) (number, findings string) {
	h.Helper()
	number, findings, err := h.w.File(h.officer, h.order(change...))
	h.ok(err)
	return number, findings
}

// sign has both key holders sign all that waits, and returns what they read.
func (h *house) sign() (read string) {
	h.Helper()
	for _, v := range h.holders {
		pages, err := h.w.Sign(v)
		h.ok(err)
		read = strings.Join(pages, "\n")
	}
	return read
}

// opened is what a verified package holds.
type opened struct {
	h    *house
	said string
	dir  string
}

func (o opened) text(name string) string {
	o.h.Helper()
	b, err := os.ReadFile(filepath.Join(o.dir, name))
	o.h.ok(err)
	return string(b)
}

func (o opened) has(name string) bool {
	_, err := os.Stat(filepath.Join(o.dir, name))
	return err == nil
}

// collect downloads, opens and verifies the answer.
func (h *house) collect(number string) opened {
	h.Helper()
	said, dir, err := h.w.Collect(h.Context(), h.officer, number, time.Minute)
	if err != nil {
		h.Log(said)
	}
	h.ok(err)
	return opened{h, said, dir}
}

// noticeAbout waits for a notice about a case.
func (h *house) noticeAbout(number string) story.Received {
	h.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		_, err := h.ana.Receive(h.Context(), time.Second)
		h.ok(err)
		if n := h.notices(number); len(n) > 0 {
			return n[0]
		}
	}
	h.Fatalf("no notice came about %s", number)
	return nil
}

func (h *house) notices(number string) (about []story.Received) {
	h.Helper()
	all, err := h.ana.Notices(h.Context())
	h.ok(err)
	for _, n := range all {
		if body, ok := n["notice"].(map[string]any); ok && body["case"] == number {
			about = append(about, n)
		}
	}
	return about
}

// says wants texts in a text.
func (h *house) says(where, text string, want ...string) {
	h.Helper()
	for _, s := range want {
		if !strings.Contains(text, s) {
			h.Errorf("%s does not say %q:\n%s", where, s, text)
		}
	}
}

// silent wants texts nowhere in a text.
func (h *house) silent(where, text string, never ...string) {
	h.Helper()
	for _, s := range never {
		if strings.Contains(text, s) {
			h.Errorf("%s says %q:\n%s", where, s, text)
		}
	}
}

// checked verifies every ledger anew.
func (h *house) checked() {
	h.Helper()
	said, err := h.w.CheckLedgers(h.Context())
	h.ok(err)
	if said != "Everything holds." {
		h.Error(said)
	}
}

// secretFile keeps a passphrase as the person who got it would.
func (h *house) secretFile(text string) string {
	h.Helper()
	name := filepath.Join(h.TempDir(), "passphrase")
	h.ok(os.WriteFile(name, []byte(text), 0o600))
	return name
}

// onPostgres is an engine with a PostgreSQL of its own.
func onPostgres(t *testing.T) engine {
	t.Helper()
	c, err := pg.Start()
	if err != nil {
		testkit.Missing(t, "no PostgreSQL on this machine: %v", err)
	}
	t.Cleanup(c.Stop)
	return engine{"postgres", c}
}
