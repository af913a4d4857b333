package console_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/desktest"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/passkey"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/internal/testkit/walk"
	"letterlock/law"
	"letterlock/web/release"
)

// hands is a person of the team who has a keyboard and no mouse, in a browser
// of their own.
type hands struct {
	*walk.Walker
	w    *world
	name string
	id   casefile.MemberID
}

// keyboard invites somebody who enrols, signs out and signs in by keyboard.
func (w *world) keyboard(name string, roles ...staff.Role) *hands {
	w.Helper()
	must(w.desk.Staff.Invite(w.Context(), w.lead.id, staff.Invitation{Why: "the team needs them", Name: name, Mailbox: "keys@letterlock.example", Roles: roles}))(w)
	h := &hands{Walker: walk.Start(w.T, w.url, "console"), w: w, name: name}
	h.Open("/enrol/" + w.token())
	h.Says(name)
	h.Tabs("Register a passkey for " + name)
	h.Enter("")
	h.Says("Welcome")
	h.Enters("Sign out", "Sign in")
	h.Enters("Sign in with your passkey", "")
	h.Says(name)
	m := w.stranger(name)
	m.found()
	h.id = m.id
	return h
}

// trained is such a member whose training is recorded.
func (w *world) trained(name string, roles ...staff.Role) *hands {
	w.Helper()
	h := w.keyboard(name, roles...)
	w.ok(w.desk.Staff.Train(w.Context(), w.lead.id, h.id, policy, 92, "taught in the house"))
	return h
}

// silent fails if the page says it.
func (h *hands) silent(words string) {
	h.Helper()
	if strings.Contains(h.Text(), words) {
		h.Errorf("the page says %q:\n%s", words, h.Text())
	}
}

// finds opens the queue, filters it and opens the case that it shows.
func (h *hands) finds(n casefile.Number, lane casefile.Lane) {
	h.Helper()
	h.Open("/")
	h.Opens("Search and filter")
	h.Chooses("lane", string(lane))
	h.Chooses("with", "nobody")
	h.Ticks("open")
	h.Presses("Show the list", string(n))
	h.Enters(string(n), string(n))
}

// takes assigns the case to themselves and says that there is no tie.
func (h *hands) takes(n casefile.Number) {
	h.Helper()
	h.Presses("I have no tie", "you have no tie")
	h.Chooses("to", string(h.id))
	h.Presses("Assign", "Assigned.")
	if got := h.w.load(n).Assigned.Name; got != h.name {
		h.Fatalf("with %q", got)
	}
}

// reads opens every paper in its tab, and looks the accounts up.
func (h *hands) reads(n casefile.Number) {
	h.Helper()
	for _, p := range h.w.load(n).Unread() {
		h.Beside("Read "+p.Name, "Page 1 of ")
	}
	if left := h.w.load(n).Unread(); len(left) > 0 {
		h.Fatalf("%d papers are unread", len(left))
	}
	h.Presses("Look up", "It has an account")
}

// answers goes through the findings that a person answers.
func (h *hands) answers(n casefile.Number) {
	h.Helper()
	for _, f := range h.w.load(n).Findings {
		if f.Blocks() && !casefile.ByRecord(f.ID) {
			h.Types("finding-"+string(f.ID), "Compared with the paper: it is met.")
			h.Presses("It does not stand in the way", "The finding is answered")
		}
	}
}

// verdict decides one item in the form of the case page.
func (h *hands) verdict(i casefile.Item, v casefile.Verdict, reason string) {
	h.Helper()
	h.Chooses("verdict-"+string(i), string(v))
	if reason != "" {
		h.Types("reason-"+string(i), reason)
	}
}

// signing serves the carrier's signing pages for two key holders, each of whom
// enrols a release key by keyboard.
func (w *world) signing(holders ...*hands) {
	w.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	w.ok(err)
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	site := passkey.Site{ID: "release.localhost", Origin: "http://release.localhost:" + port, Name: "Release"}
	w.door.Pages = site.Origin
	s := &desktest.Signers{Door: w.door, Site: site, Links: map[string]string{}}
	pages, err := release.New(release.Config{Holdings: s, Law: law.Default(), Site: site, Owner: "Example Messenger", Clock: w.clock})
	w.ok(err)
	srv := &httptest.Server{Listener: ln, Config: &http.Server{Handler: pages}}
	srv.Start()
	w.Cleanup(srv.Close)
	for i, h := range holders {
		token := string(rune('a' + i))
		s.Links[token] = h.name
		h.Open(site.Origin + "/enrol/" + token)
		h.Tabs("Enrol a passkey for " + h.name)
		h.Enter("Sign in")
		h.Says("Your release key is enrolled")
	}
}

// signs goes from the case to the carrier's page, signs in there and signs.
func (h *hands) signs(n casefile.Number, after string) {
	h.Helper()
	h.Open("/")
	h.Opens("Search and filter")
	h.Types("text", string(n))
	h.Enters("Show the list", string(n))
	h.Enters("Open the signing page", "Sign in")
	h.Enters("Sign in with your release key", "Hand out records")
	h.Says("+12025550142")
	h.Enters("I have no tie: sign this grant", "Hand out records")
	h.Says(after)
}

// TestACaseByKeyboardAlone goes from signing in to the two signatures with no
// mouse: an analyst finds, takes and decides a case, counsel looks a second
// time, two people sign, and the case waits for its day.
func TestACaseByKeyboardAlone(t *testing.T) {
	w := newWorld(t)
	n := w.night()
	w.approve("us.order.2703d")
	rosa, vera, otto := w.trained("Rosa Keller", staff.Analyst), w.trained("Vera Holm", staff.Counsel), w.trained("Otto Brandt", staff.Lead)
	w.signing(vera, otto)
	rosa.finds(n, casefile.LaneOrdinary)
	rosa.takes(n)
	rosa.reads(n)
	rosa.answers(n)
	rosa.verdict("name", casefile.Produce, "Within the order of 20 November, paragraph 2.")
	rosa.verdict("last_ip", casefile.Narrow, "The order names the subscriber and no address of the network.")
	rosa.verdict("service_start", casefile.Produce, "Within paragraph 2 too.")
	rosa.verdict("CONTENT", casefile.Decline, "It does not exist here in a form that anybody could open.")
	rosa.Presses("Record the decision", "Decided: 4 items")
	if d := w.load(n).Decisions; d["last_ip"].Verdict != casefile.Narrow || d["CONTENT"].Verdict != casefile.Decline || d["name"].By.Name != "Rosa Keller" {
		t.Fatalf("decided: %+v", d)
	}
	rosa.Opens("Ask for a second review")
	rosa.Types("second", "The first order of this court.")
	rosa.Presses("Ask for it", "second review")
	vera.second(n)
	rosa.Again()
	rosa.Presses("Propose the grants", "before the key holders")
	vera.signs(n, "A second person must sign too")
	otto.signs(n, "signed by two")
	w.ok(w.desk.Tick(t.Context()))
	if got := w.load(n).Phase(); got != casefile.Notice {
		t.Errorf("the case stands at %s", got)
	}
	rosa.Again()
	rosa.Says("Vera Holm and Otto Brandt")
}

// second gives a second review of a case, without having seen the first.
func (h *hands) second(n casefile.Number) {
	h.Helper()
	h.Open("/")
	h.Enters("Second reviews", "Second reviews")
	h.Presses("I have no tie: take it", "Second review of "+string(n))
	h.verdict("name", casefile.Produce, "Paragraph 2.")
	h.verdict("last_ip", casefile.Narrow, "Not named.")
	h.verdict("service_start", casefile.Produce, "Paragraph 2.")
	h.verdict("CONTENT", casefile.Decline, "There is none.")
	h.Presses("Give the second review", "Now you see the first decision")
}

// TestAnEmergencyByKeyboardAlone: one member takes it in and decides, another
// calls the agency back and proposes the grants, and the two key holders sign.
func TestAnEmergencyByKeyboardAlone(t *testing.T) {
	w := newWorld(t)
	n := w.signedEmergency()
	rosa, vera, otto := w.trained("Rosa Keller", staff.Analyst), w.trained("Vera Holm", staff.Counsel), w.trained("Otto Brandt", staff.Lead)
	w.signing(vera, otto)
	rosa.finds(n, casefile.LaneEmergency)
	rosa.takes(n)
	rosa.Says("You took this request in: somebody else makes the call.")
	vera.calls(n)
	rosa.Again()
	rosa.reads(n)
	rosa.answers(n)
	rosa.verdict("name", casefile.Decline, "It locates nobody.")
	rosa.verdict("last_ip", casefile.Produce, "It leads a patrol to him.")
	rosa.Presses("Record the decision", "Decided: 2 items")
	vera.Again()
	vera.Presses("Propose the grants", "before the key holders")
	vera.signs(n, "A second person must sign too")
	otto.signs(n, "signed by two")
	w.ok(w.desk.Tick(t.Context()))
	w.ok(w.desk.Tick(t.Context()))
	if w.door.Used(disclosable.Produce) != 1 {
		t.Errorf("the case stands at %s and nothing was released", w.load(n).Phase())
	}
	rosa.Again()
	rosa.Says("every barrier is met")
}

// calls opens an emergency from the board, calls the agency back by the number
// of the directory, and records the call.
func (h *hands) calls(n casefile.Number) {
	h.Helper()
	h.Open("/")
	h.Enters(string(n), string(n))
	h.Presses("I have no tie", "you have no tie")
	h.Opens("Record the call")
	h.Types("spoke", "Sgt. Moreau, watch desk")
	h.Ticks("supervisor")
	h.Types("said", "The officer filed it tonight; the incident is known.")
	h.Chooses("outcome", string(casefile.CallConfirmed))
	h.Presses("Record the call", "The call is on record")
	if c := h.w.load(n).Emergency.Calls; len(c) != 1 || c[0].By.Name != h.name || c[0].Outcome != casefile.CallConfirmed {
		h.Fatalf("calls: %+v", c)
	}
}

// signedEmergency files one that the officer and a supervisor have signed.
func (w *world) signedEmergency() casefile.Number {
	w.Helper()
	d := w.order()
	d.Process, d.Reference, d.LegalBasis, d.IssuerRole, d.Court, d.IssuingBody = law.Emergency, "HC-26-E4", "18 USC 2702(c)(4)", law.RolePolice, "", "Harbor County Sheriff"
	d.Answers, d.CaseRef, d.Wanted, d.Emergency = nil, "", []casefile.Item{"name", "last_ip"}, siren()
	n := w.file(d)
	w.ok(w.desk.Agencies.Enrol(w.Context(), agency.Enrolment{Name: "Dana Kim", Rank: "Lt.", Mailbox: "kim@sheriff.harbor.example", Phone: "+12025550177"}))
	boss := must(w.desk.Agencies.RegisterKey(w.Context(), w.token(), w.passkey("kim")))(w)
	for _, m := range []*member{w.analyst, w.lead} {
		w.ok(w.desk.Agencies.Confirm(w.Context(), casefile.Member(m.id, m.name), boss.ID, "called the switchboard: "+m.name))
	}
	w.ok(w.desk.Agencies.SetRole(w.Context(), casefile.Member(w.lead.id, w.lead.name), boss.ID, casefile.Supervisor, "their office"))
	w.attests(w.reyes, n)
	w.attests(boss, n)
	return n
}

// attests has an officer read the attestation and sign it with a new key.
func (w *world) attests(o agency.Officer, n casefile.Number) {
	w.Helper()
	a := soft.New()
	must(w.desk.Agencies.AddKey(w.Context(), o.ID, must(a.Enrol(portalSite, string(o.ID)))(w)))(w)
	x := must(w.desk.Urgent.Read(w.Context(), o.ID, n, w.clock.Now()))(w)
	w.ok(w.desk.Urgent.Sign(w.Context(), o.ID, n, x.At, must(a.Get(portalSite.Origin, portalSite.Get(x.Hash[:])))(w)))
}
