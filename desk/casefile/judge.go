package casefile

import (
	"slices"
	"strings"
	"time"

	"letterlock/law"
)

// Facts is what the desk knows about a demand besides its words.
type Facts struct {
	Now, Received    time.Time
	LawOn            time.Time // the day whose law counts; zero: that of receipt
	House            law.House
	DomainVerified   bool
	FreeMail         bool
	OfficerSince     time.Time
	First            bool
	RequestsToday    int
	EmergenciesToday int
	SameDemand       bool
	SameFile         bool            // or the same e-mail, of the same agency
	FileElsewhere    bool            // the same file came from another agency
	MailAuth         law.Tri         // SPF, DKIM and DMARC together
	LookAlike        bool            // of an official domain
	Signals          []law.Signal    // what the rules about senders saw
	PromiseSince     time.Time       // the oldest emergency for which this agency still owes legal process
	Renewal          int             // of a preservation: the how manieth this would be; 0: none
	RenewedFrom      time.Time       // the end of what is renewed
	Found            map[int]law.Tri // by target, after resolving
}

// ForLaw states the demand neutrally, as the law table judges it.
func (d Demand) ForLaw(f Facts) law.Demand {
	out := law.Demand{Renewal: f.Renewal, RenewedFrom: f.RenewedFrom, Now: f.Now, Process: d.Process, Jurisdiction: d.Jurisdiction,
		Issuer:     law.IssuedBy{Body: d.IssuingBody, Role: d.IssuerRole, Court: d.Court, Validator: d.Validator, ValidatorRole: d.ValidRole},
		LegalBasis: d.LegalBasis, CaseRef: d.CaseRef, Addressee: d.Addressee, Signed: d.Signed, Language: d.Language, Translation: d.Translation,
		Channel: d.Channel, Contact: law.Contact{Name: d.OfficerName, Mailbox: d.Mailbox, Phone: d.Phone},
		LawOn:   f.LawOn,
		Dates:   law.Dates{Issued: d.Issued, Received: f.Received, Return: d.Return, ExecuteBy: d.ExecuteBy, Start: d.From, End: d.Until, KeepUntil: d.KeepUntil},
		Classes: d.Classes(), Particulars: d.shown(), Offence: d.Offence, Text: d.Text, House: f.House,
		Gag:       law.GagAsk{Asked: d.Gag.Asked, Order: d.Gag.Order, Start: d.Gag.Start, End: d.Gag.End, Grounds: d.Gag.Grounds},
		Emergency: law.EmergencyAsk{Claimed: d.Process == law.Emergency, DisclosedAt: f.PromiseSince},
		Sender: law.Sender{DomainVerified: tri(f.DomainVerified), FreeMail: f.FreeMail, Since: f.OfficerSince, FirstRequest: f.First,
			RequestsToday: f.RequestsToday, EmergenciesToday: f.EmergenciesToday, Signals: f.Signals, AttachmentHashSeen: f.FileElsewhere, MailAuth: f.MailAuth, LookAlike: f.LookAlike},
		Seen: law.Seenness{SameDemand: f.SameDemand, SameFile: f.SameFile},
	}
	if d.Emergency.Supervisor.Name != "" {
		out.Sender.Supervisor = law.Yes
	}
	for i, t := range d.Targets {
		out.Targets = append(out.Targets, law.Target{Kind: t.Kind, WellFormed: t.Identifier != "", At: t.At, Found: f.Found[i]})
	}
	for _, p := range d.Papers {
		out.Attachments = append(out.Attachments, law.Attachment{Name: p.Name, Uploaded: true, Signature: p.Signed.Law()})
	}
	return out
}

func tri(b bool) law.Tri {
	if b {
		return law.Yes
	}
	return law.No
}

// shown are the particulars that the officer stated or attached.
func (d Demand) shown() []law.Particular {
	var out []law.Particular
	for k, v := range d.Answers {
		if strings.TrimSpace(v) != "" {
			out = append(out, law.Particular(k))
		}
	}
	for _, p := range d.Papers {
		if p.What != "" {
			out = append(out, law.Particular(p.What))
		}
	}
	out = append(out, d.Emergency.shown()...)
	slices.Sort(out)
	return slices.Compact(out)
}

// FindingsOf keeps what the law found, as the case records it. Findings that a
// person added before stay; what was answered was answered to other words.
func FindingsOf(found []law.Finding, before []FindingState) []FindingState {
	var out []FindingState
	for _, f := range found {
		out = append(out, FindingState{ID: f.ID, Decided: f.Decided, Where: f.Where, Missing: f.Missing, Note: f.Note, Lack: f.Lack, Informs: f.Informs})
	}
	for _, b := range before {
		if b.ByPerson != (Actor{}) && !slices.ContainsFunc(out, func(f FindingState) bool { return f.ID == b.ID }) {
			b.Answer = nil
			out = append(out, b)
		}
	}
	return out
}

// SealedRow reports a process whose cases may not even be counted: those that
// are published in bands only, and those that may not be named at all.
// law: 50 USC 1874; Investigatory Powers Act 2016 s. 255(8)
func SealedRow(r law.Row) bool {
	return r.Stance == law.StanceSpecial || r.Publication.Kind != law.Exact
}

// LaneOf is the lane a demand waits in.
func LaneOf(r law.Row, statutory bool) Lane {
	switch {
	case SealedRow(r):
		return LaneSealed
	case r.ID == law.Emergency:
		return LaneEmergency
	case r.Stance == law.StanceSnapshot:
		return LanePreservation
	case statutory:
		return LaneStatutory
	}
	return LaneOrdinary
}

// What the desk sets itself where neither law nor paper gives a limit.
const (
	OrdinaryDue  = 30 * day
	EmergencyDue = time.Hour
)

// DueOf is when the answer to a demand received at the given time is due, and
// whether the law or the paper says so.
func DueOf(r law.Row, d Demand, received time.Time) (due time.Time, statutory bool) {
	when := law.Ordinary
	if r.ID == law.Emergency {
		when = law.InEmergency
	}
	due, ok := law.DueIn(r, law.ClockResponse, when, received)
	if !ok && when == law.InEmergency {
		due, ok = law.DueIn(r, law.ClockResponse, law.Ordinary, received)
	}
	if c, has := r.Clock(law.ClockResponse, when); ok && has {
		statutory = !c.Policy
	}
	if !d.Return.IsZero() && d.Return.After(received) && (!ok || d.Return.Before(due)) {
		return d.Return, true
	}
	if ok {
		return due, statutory
	}
	if when == law.InEmergency {
		return received.Add(EmergencyDue), false
	}
	return received.Add(OrdinaryDue), false
}
