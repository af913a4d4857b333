package casefile

import (
	"strings"
	"time"

	"letterlock/law"
)

// CheckResult is the outcome of a check of who sent an e-mail.
type CheckResult string

// The outcomes. What could not be checked is never a pass.
const (
	CheckPass    CheckResult = "pass"
	CheckFail    CheckResult = "fail"
	CheckNone    CheckResult = "none"    // the sender's domain offers nothing to check
	CheckUnknown CheckResult = "unknown" // it could not be checked here
)

// MailCheck is one check and what it was about.
type MailCheck struct {
	Result CheckResult `cbor:"result"`
	Domain string      `cbor:"domain,omitempty"` // whose word it is
	Says   string      `cbor:"says"`             // in one sentence
}

// EmailPart is a file that came with an e-mail.
type EmailPart struct {
	Name    string  `cbor:"name"`
	Size    int64   `cbor:"size"`
	Paper   PaperID `cbor:"paper,omitempty"`   // taken over as this paper
	Refused string  `cbor:"refused,omitempty"` // or why not
}

// Email is the e-mail that a demand came in. The file itself lies with the
// papers under Sum and is a record: it is served to nobody.
type Email struct {
	Sum       Sum         `cbor:"sum"`
	Size      int64       `cbor:"size"`
	MessageID string      `cbor:"message_id,omitempty"`
	From      string      `cbor:"from"` // the address
	FromName  string      `cbor:"from_name,omitempty"`
	To        string      `cbor:"to,omitempty"`
	Subject   string      `cbor:"subject,omitempty"`
	Date      time.Time   `cbor:"date,omitempty"` // as the sender's clock had it
	Text      string      `cbor:"text,omitempty"`
	Parts     []EmailPart `cbor:"parts,omitempty"`
	DKIM      MailCheck   `cbor:"dkim"`
	SPF       MailCheck   `cbor:"spf"`
	DMARC     MailCheck   `cbor:"dmarc"`
	Auth      law.Tri     `cbor:"auth,omitempty"`  // the three together
	Warnings  []string    `cbor:"warn,omitempty"`  // look-alike domains and names
	Official  bool        `cbor:"official"`        // From is of an official domain of the agency chosen
	Free      bool        `cbor:"free,omitempty"`  // From is of a free-mail provider
	At        time.Time   `cbor:"at"`              // when it was brought in
	Notes     []string    `cbor:"notes,omitempty"` // what was left out, and why
}

// messageMark is what a Message-ID is found again by.
func messageMark(id string) Sum {
	return SumOf([]byte("letterlock message-id v1\x00" + strings.TrimSpace(id)))
}

// Files are all files that belong to a demand: its papers, and the e-mail.
func (d Demand) Files() []Paper {
	out := append([]Paper(nil), d.Papers...)
	if d.Mail != nil {
		out = append(out, Paper{ID: "mail", Sum: d.Mail.Sum})
	}
	return out
}

// Marks are the hashes by which a demand's files and e-mail are found again.
func (d Demand) Marks() []Paper {
	out := d.Files()
	if d.Mail != nil && d.Mail.MessageID != "" {
		out = append(out, Paper{ID: "message-id", Sum: messageMark(d.Mail.MessageID)})
	}
	return out
}

// TwinKind says in what two cases are alike.
type TwinKind string

// The kinds.
const (
	TwinDemand  TwinKind = "demand"  // process, docket and targets
	TwinFile    TwinKind = "file"    // a paper, byte by byte
	TwinMessage TwinKind = "message" // the e-mail
)

// InWords is the kind as people read it.
func (k TwinKind) InWords() string {
	switch k {
	case TwinFile:
		return "the same file"
	case TwinMessage:
		return "the same e-mail"
	}
	return "the same demand"
}

// Twin is an earlier case that this one repeats. It is shown and never acted
// on by itself.
type Twin struct {
	Number Number   `cbor:"number"`
	How    TwinKind `cbor:"how"`
	Other  bool     `cbor:"other,omitempty"` // of another agency
}
