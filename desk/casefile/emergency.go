package casefile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"letterlock/disclosable"
	"letterlock/law"
)

// Harm is what somebody is in danger of.
// law: 18 USC 2702(b)(8)
type Harm string

// The harms for which the law opens this way; there is no other.
const (
	Death  Harm = "death"
	Injury Harm = "serious_injury"
)

// InWords is the harm as people read it.
func (h Harm) InWords() string {
	return map[Harm]string{Death: "death", Injury: "serious physical injury"}[h]
}

// Person is somebody of the agency who is named and need not be enrolled.
type Person struct {
	Name  string `cbor:"name,omitempty"`
	Rank  string `cbor:"rank,omitempty"`
	Phone string `cbor:"phone,omitempty"`
}

// InWords is the person on one line.
func (p Person) InWords() string {
	return strings.TrimSpace(strings.Join(nonEmpty(strings.TrimSpace(p.Rank+" "+p.Name), p.Phone), ", "))
}

// Emergency is what an emergency request states besides what every request
// does: agency, officer, mailbox and telephone, accounts, what is asked for and
// the period stand in Demand. The numbers are those of the form.
type Emergency struct {
	Address      string    `cbor:"address,omitempty"`       // 1: where the agency sits, no post box
	AgencyNumber string    `cbor:"agency_number,omitempty"` // 1: ORI or another official id
	Rank         string    `cbor:"rank,omitempty"`          // 2
	Badge        string    `cbor:"badge,omitempty"`         // 2
	Extension    string    `cbor:"extension,omitempty"`     // 3: behind the switchboard
	Supervisor   Person    `cbor:"supervisor,omitempty"`    // 4
	CoSigner     OfficerID `cbor:"co_signer,omitempty"`     // 4: the supervisor's enrolment, who signs too
	Incident     string    `cbor:"incident,omitempty"`      // 5
	Nature       string    `cbor:"nature,omitempty"`        // 6
	InDanger     string    `cbor:"in_danger,omitempty"`     // 7
	Harm         Harm      `cbor:"harm,omitempty"`          // 7
	When         string    `cbor:"when,omitempty"`          // 8
	WhyNow       string    `cbor:"why_now,omitempty"`       // 8
	Deadline     time.Time `cbor:"deadline,omitempty"`      // 8: zero: none is known
	TooSlow      string    `cbor:"too_slow,omitempty"`      // 9
	Needed       string    `cbor:"needed,omitempty"`        // 10
	Averts       string    `cbor:"averts,omitempty"`        // 11
	Quiet        bool      `cbor:"quiet,omitempty"`         // 12: confidentiality wanted; silence means that the person is told
	QuietWhy     string    `cbor:"quiet_why,omitempty"`     // 12
	Follows      bool      `cbor:"follows,omitempty"`       // 14: undertakes to send legal process
}

// Promised is how long after the disclosure the legal process must be here,
// and Reminded when the officer is reminded of it.
// law: Cal. Penal Code 1546.1(h)
const (
	Promised = 48 * time.Hour
	Reminded = 24 * time.Hour
)

// statement is what officer and supervisor sign, after the facts. It
// is one text in one language: a signature over a translation would be one over
// something else.
const statement = "I attest in writing, as an officer of the agency named above and knowing that a false statement may be an offence, that what stands above is true, that I believe in good faith that a danger of death or serious physical injury to a person requires disclosure without delay of the data asked for, and that nothing I know to matter is left out."

// shown are the particulars that the emergency states.
func (e Emergency) shown() []law.Particular {
	var out []law.Particular
	if e == (Emergency{}) {
		return nil
	}
	out = append(out, "date_time_tz") // the moment is set when it is signed
	for _, x := range []struct {
		id law.Particular
		ok bool
	}{{"nature", e.Nature != ""}, {"who_is_in_danger", e.InDanger != "" && e.Harm.InWords() != ""}, {"imminence", e.When != "" && e.WhyNow != ""},
		{"why_normal_process_too_slow", e.TooSlow != ""}, {"data_needed", e.Needed != ""}, {"how_data_helps", e.Averts != ""}} {
		if x.ok {
			out = append(out, x.id)
		}
	}
	return out
}

// Short are its fields of one line, Long those of several.
func (e Emergency) Short() []string {
	return []string{e.Address, e.AgencyNumber, e.Rank, e.Badge, e.Extension, e.Supervisor.Name, e.Supervisor.Rank, e.Supervisor.Phone, e.Incident, string(e.Harm)}
}

// Long are its fields that may have several lines.
func (e Emergency) Long() []string {
	return []string{e.Nature, e.InDanger, e.When, e.WhyNow, e.TooSlow, e.Needed, e.Averts, e.QuietWhy}
}

// EmergencyLine is one field of the form in its order.
type EmergencyLine struct{ Label, Value string }

// EmergencyLines are the fourteen fields as they are read and signed.
func (d Demand) EmergencyLines() []EmergencyLine {
	e := d.Emergency
	deadline := "none known"
	if !e.Deadline.IsZero() {
		deadline = disclosable.Minute(e.Deadline.Unix())
	}
	quiet := "not wanted: the person is told once the danger has passed"
	if e.Quiet {
		quiet = "wanted: " + e.QuietWhy
	}
	follows := "not given"
	if e.Follows {
		follows = "legal process follows within 48 hours of the disclosure"
	}
	return []EmergencyLine{
		{"Agency", commas(d.AgencyName, e.Address, named("agency number", e.AgencyNumber))},
		{"Officer", commas(strings.TrimSpace(e.Rank+" "+d.OfficerName), named("badge", e.Badge))},
		{"Mailbox and telephone", commas(d.Mailbox, d.Phone, named("extension", e.Extension))},
		{"Supervisor", e.Supervisor.InWords()},
		{"Incident number", e.Incident},
		{"Nature of the emergency", e.Nature},
		{"In danger", commas(e.InDanger, named("feared:", e.Harm.InWords()))},
		{"When, and why now", commas(e.When, e.WhyNow, "deadline: "+deadline)},
		{"Why ordinary process is too slow", e.TooSlow},
		{"Data needed", d.dataNeeded()},
		{"How the data avert the harm", e.Averts},
		{"Confidentiality", quiet},
		{"Attestation", "the statement at the end, signed with the officer's key"},
		{"Undertaking", follows},
	}
}

// named is a value after what it is; without a value there is nothing.
func named(what, s string) string {
	if s == "" {
		return ""
	}
	return what + " " + s
}

// dataNeeded is which data, of which accounts, of which window.
func (d Demand) dataNeeded() string {
	var items, ids []string
	for _, i := range d.Wanted {
		items = append(items, i.Title())
	}
	for _, t := range d.Targets {
		ids = append(ids, t.Identifier)
	}
	window := ""
	if !d.From.IsZero() || !d.Until.IsZero() {
		window = "from " + dayOrOpen(d.From) + " to " + dayOrOpen(d.Until)
	}
	return commas(strings.Join(items, "; "), "of "+strings.Join(ids, "; "), window, d.Emergency.Needed)
}

func dayOrOpen(t time.Time) string {
	if t.IsZero() {
		return "open"
	}
	return disclosable.Day(t.Unix())
}

func nonEmpty(s ...string) []string {
	return slices.DeleteFunc(s, func(x string) bool { return strings.TrimSpace(x) == "" })
}

func commas(s ...string) string { return strings.Join(nonEmpty(s...), ", ") }

// Urgent reports a request that rests on an emergency.
func (c Case) Urgent() bool { return c.Demand.Process == law.Emergency }

// stated is the entry of the history in which the demand was last stated.
func (c Case) stated() int {
	for _, e := range slices.Backward(c.Events) {
		if e.Kind == KFiled || e.Kind == KCorrected {
			return e.Seq
		}
	}
	return 0
}

// AttestationText is exactly what an officer or a supervisor of the request
// reads and signs at a moment. Another word, case or minute is another text.
func (c Case) AttestationText(role Signer, who string, at time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Emergency disclosure request %s, as stated in entry %d of its history\n\n", c.Number, c.stated())
	for i, l := range c.Demand.EmergencyLines() {
		fmt.Fprintf(&b, "%d. %s: %s\n", i+1, l.Label, oneLine(l.Value))
	}
	b.WriteString("\n" + statement + "\n")
	if role == AsSupervisor {
		b.WriteString("I am the supervisor of the officer named above, have read the request, and confirm it.\n")
	} else {
		b.WriteString("I undertake that legal process for what is disclosed follows within 48 hours of the disclosure. I know that the person is told.\n")
	}
	fmt.Fprintf(&b, "\nSigned by %s, %s, on %s\n", who, role.InWords(), at.UTC().Format("2006-01-02 15:04:05 UTC"))
	return b.String()
}

// oneLine keeps a text from looking like other lines of what is signed.
func oneLine(s string) string {
	if s = strings.Join(strings.Fields(s), " "); s == "" {
		return "(not stated)"
	}
	return s
}

// locating are the fields that locate or identify a person: the reach of an
// emergency.
// law: 18 USC 2702(c)(4)
var locating = []disclosable.FieldID{"phone", "name", "last_seen", "last_ip", "email"}

// Locating reports a field that locates or identifies.
func Locating(f disclosable.FieldID) bool { return slices.Contains(locating, f) }
