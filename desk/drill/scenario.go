package drill

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/law"
)

// Scenario is a story that can be put into the queue.
type Scenario struct {
	ID      string
	Title   string
	Tells   string // what gives it away; for the trainer, and for everybody when it is over
	Answers string // what the trainer says as the switchboard
	Genuine bool
	change  func(*story)
}

// Scenarios are all of them.
func Scenarios() []Scenario { return append([]Scenario(nil), scenarios...) }

// ScenarioByID finds one.
func ScenarioByID(id string) (Scenario, bool) {
	for _, s := range scenarios {
		if s.ID == id {
			return s, true
		}
	}
	return Scenario{ID: id, Title: id}, false
}

// story is a scenario with the names, numbers and dates of one telling.
type story struct {
	mark   casefile.Drill
	demand casefile.Demand
	facts  casefile.Facts
	by     casefile.Actor // who filed it, as the history will say
	signed []casefile.Signer
	paper  []byte
	now    time.Time
}

// The frauds are told after those that were published: FBI notification of
// 4 November 2024 on compromised government mailboxes; the emergency requests
// with forged orders of 2021 and 2022.
var scenarios = []Scenario{
	{ID: "compromised_mailbox", Title: "Compromised government mailbox", Answers: "The officer exists and is on leave. Nobody knows of this incident.",
		Tells:  "A real agency's mailbox, an enrolment of three days, no supervisor who signs, a telephone that is not the agency's. The switchboard knows of no such incident.",
		change: mailbox},
	{ID: "cloned_domain", Title: "Cloned domain", Answers: "Our mail ends in the county's domain. We have no such officer.",
		Tells:  "A domain one letter away from the agency's, by mail and not through the portal, and nothing signed. The switchboard knows no such officer.",
		change: clonedDomain},
	{ID: "forged_order", Title: "Forged order", Answers: "The officer exists. We have sent no order and know of no emergency.",
		Tells:  "An order that the emergency does not need, under a paragraph that does not exist, in a form used before. The court does not know it, nor does the switchboard.",
		change: forgedOrder},
	{ID: "stolen_session", Title: "Stolen session", Answers: "The officer is here and has filed nothing today.",
		Tells:  "A known officer who files from an open session and does not sign: whoever has the session does not have the key.",
		change: stolenSession},
	{ID: "no_facts", Title: "Urgency without facts", Answers: "Yes, that officer is ours and has sent a request. I do not know what it is about.",
		Tells:  "All signatures are there, and no fact is: who is in danger, of what, and why now. The law asks for facts and not for urgency.",
		change: noFacts},
	{ID: "genuine", Title: "Genuine emergency (control)", Genuine: true, Answers: "Yes, the officer filed it tonight, incident and child are as stated; the sergeant has confirmed it.",
		Tells:  "Everything is as it should be. Somebody's life depends on its being answered within the hour.",
		change: func(*story) {}},
}

func pick[T any](of ...T) T {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(of))))
	if err != nil {
		panic(err) // the system's randomness does not fail
	}
	return of[n.Int64()]
}

func digits(n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(pick([]byte("0123456789")...))
	}
	return b.String()
}

// tell makes a story out of a scenario: a genuine emergency, changed into what
// the scenario is about.
func (s Scenario) tell(now time.Time, phone string) story {
	county := pick("Alder", "Bristow", "Carver", "Dunmore", "Eastlake", "Fairmont", "Granby", "Holcomb")
	domain := "sheriff." + strings.ToLower(county) + "county.example"
	first, last := pick("Anna", "Mark", "Lena", "Paul", "Rita", "Tom", "Nadia", "Luis"), pick("Keller", "Boyd", "Santos", "Ng", "Marsh", "Okoro", "Lind", "Pratt")
	boss := pick("Sandoval", "Whitaker", "Osei", "Farrow")
	st := story{now: now, signed: []casefile.Signer{casefile.AsOfficer, casefile.AsSupervisor}}
	agency := casefile.DrillParty{Name: county + " County Sheriff's Office", Domains: []string{domain}, Phone: phone, Source: "county directory, printed edition"}
	officer := casefile.DrillParty{Name: first + " " + last, Rank: pick("Det.", "Sgt.", "Inv."), Mailbox: strings.ToLower(last) + "@" + domain, Phone: "+1 202 555 01" + digits(2)}
	id := casefile.OfficerID(casefile.NewID())
	st.mark = casefile.Drill{Agency: agency, Officer: officer, Since: now.AddDate(-1, -2, 0)}
	st.facts = casefile.Facts{DomainVerified: true, OfficerSince: st.mark.Since}
	st.by = casefile.Officer(id, officer.Name)
	child := pick("a girl of eight", "a boy of eleven", "a girl of fourteen")
	st.demand = casefile.Demand{Process: law.Emergency, Jurisdiction: "US", Agency: casefile.AgencyID(casefile.NewID()), AgencyName: agency.Name, Officer: id, OfficerName: officer.Name,
		Mailbox: officer.Mailbox, Phone: officer.Phone, Reference: fmt.Sprintf("%s-%02d-%s", strings.ToUpper(county[:2]), now.Year()%100, digits(4)), IssuingBody: agency.Name,
		IssuerRole: law.RolePolice, LegalBasis: "18 USC 2702(c)(4)", Channel: law.ChannelPortal, Wanted: []casefile.Item{"name", "last_seen", "last_ip"},
		Targets: []casefile.Target{{Kind: law.TargetPhone, Identifier: "+1202555" + digits(4)}},
		Emergency: casefile.Emergency{Address: digits(3) + " Court Street, " + county, AgencyNumber: "XX" + digits(7), Rank: officer.Rank, Badge: digits(4), Extension: digits(3),
			Supervisor: casefile.Person{Name: pick("J.", "M.", "C.") + " " + boss, Rank: "Lt.", Phone: phone}, Incident: fmt.Sprintf("%02d-%s", now.Year()%100, digits(5)),
			Nature: "Abduction of " + child + " by a man who met her online", InDanger: child, Harm: casefile.Death,
			When: "Taken at 01:40 UTC; he wrote that it ends before daylight", WhyNow: "Last seen on a bus station's camera 40 minutes ago, he has a weapon",
			Deadline: now.Add(4 * time.Hour), TooSlow: "No judge can be reached before 08:00", Needed: "the last address of his account, today", Averts: "It leads a patrol to the place from which he is online", Follows: true}}
	s.change(&st)
	return st
}

func mailbox(s *story) {
	s.mark.Since, s.facts.OfficerSince, s.facts.First = s.now.AddDate(0, 0, -3), s.now.AddDate(0, 0, -3), true
	s.demand.Emergency.Supervisor = casefile.Person{}
	s.demand.Emergency.Extension = ""
	s.demand.Emergency.Nature, s.demand.Emergency.When = "Threat to shoot at a school", "Today, the hour is not known"
	s.signed = []casefile.Signer{casefile.AsOfficer}
}

func clonedDomain(s *story) {
	real := s.mark.Agency.Domains[0]
	clone := strings.Replace(real, "county.", "countv.", 1)
	s.demand.Mailbox = strings.Replace(s.demand.Mailbox, real, clone, 1)
	s.mark.Officer.Mailbox = s.demand.Mailbox
	s.demand.Officer, s.demand.Channel = "", law.ChannelMailbox
	s.by = casefile.Member(casefile.MemberID(casefile.NewID()), "Intake")
	s.facts.DomainVerified = false
	s.signed = nil
}

func forgedOrder(s *story) {
	s.facts.FileElsewhere = true
	s.demand.LegalBasis = "18 USC 2702(b)(11)"
	s.demand.Emergency.Supervisor.Phone = s.demand.Phone
	s.demand.Text = "The attached emergency order compels immediate disclosure."
	s.paper = onePage("EMERGENCY ORDER "+s.demand.Reference, "IN THE SUPERIOR COURT OF THE DISTRICT", "The provider is ORDERED under 18 USC 2702(b)(11) to disclose at once.", "By order: Hon. "+pick("R. Alvarez", "T. Stone", "W. Park"), "Dated "+s.now.AddDate(0, 0, 1).Format("2 January 2006"))
	s.signed = []casefile.Signer{casefile.AsOfficer}
}

func stolenSession(s *story) {
	s.facts.RequestsToday = 25
	s.demand.Phone = "+1 202 555 01" + digits(2)
	s.demand.Emergency.WhyNow = "He moves on at once"
	s.signed = nil
}

func noFacts(s *story) {
	e := &s.demand.Emergency
	e.Nature, e.InDanger, e.Harm, e.When, e.WhyNow, e.Deadline = "Urgent matter of public safety", "", "", "As soon as possible", "It is an emergency", time.Time{}
	e.TooSlow, e.Averts = "This is urgent", "The data are needed for the investigation"
}

// onePage is a small, whole PDF.
func onePage(lines ...string) []byte {
	var b, text strings.Builder
	var at []int
	obj := func(s string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), s)
	}
	text.WriteString("BT /F1 14 Tf 72 720 Td 22 TL")
	for _, l := range lines {
		fmt.Fprintf(&text, " (%s) Tj T*", strings.NewReplacer("(", `\(`, ")", `\)`, `\`, `\\`).Replace(l))
	}
	text.WriteString(" ET")
	b.WriteString("%PDF-1.4\n")
	obj("<< /Type /Catalog /Pages 2 0 R >>")
	obj("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	obj("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>")
	obj(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()))
	obj("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, o := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return []byte(b.String())
}
