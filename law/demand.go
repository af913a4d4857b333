package law

import "time"

// Demand is what a paper asks, stated neutrally: it belongs to no case and
// names no table. Zero values mean "not stated"; what is not stated is either
// found missing, where the process needs it, or not judged.
type Demand struct {
	Renewal      int       // preservation: the how manieth renewal this would be; 0: none
	RenewedFrom  time.Time // preservation: the end of what is renewed
	Now          time.Time // the moment of judging; Dates.Received when zero
	LawOn        time.Time // the day whose law it is judged by, when that is not Dates.Received: of a correction, the day of the request
	Process      ProcessID
	Jurisdiction Jurisdiction // of the issuer
	Issuer       IssuedBy
	LegalBasis   string
	CaseRef      string
	Addressee    string // the company the paper is addressed to
	Signed       bool   // the issuing person's signature is on the paper
	Language     string // BCP 47, such as "en"
	Translation  bool   // a translation is attached
	Channel      Channel
	Contact      Contact
	Dates        Dates
	Targets      []Target
	Classes      []Class // what is asked for, as classes of the ladder
	Particulars  []Particular
	Attachments  []Attachment
	Offence      Offence
	Gag          GagAsk
	Emergency    EmergencyAsk
	Sender       Sender
	Seen         Seenness
	Conflict     Tri    // the sender or reader says another law forbids compliance
	Text         string // the words of the demand, for the phrase lists
	House        House
}

// Tri is a fact that may not have been established.
type Tri int8

const (
	NotKnown Tri = iota
	Yes
	No
)

// IssuedBy is who issued the paper, and who validated it if someone had to.
type IssuedBy struct {
	Body          string
	Role          Role
	Court         string
	Validator     string
	ValidatorRole Role
}

// Contact is the officer to answer.
type Contact struct{ Name, Mailbox, Phone string }

// Dates are what stands on the paper and when it arrived. A date without a
// time is midnight of its day and lasts to the end of it.
type Dates struct {
	Issued, Received, Served, Return, ExecuteBy time.Time
	Start, End                                  time.Time // the period of the data asked for
	KeepUntil                                   time.Time // preservation: how long it is asked for
}

// Channel is the way a demand came.
type Channel string

const (
	ChannelPortal  Channel = "portal"
	ChannelAPI     Channel = "api"
	ChannelAgent   Channel = "agent_for_service"
	ChannelMailbox Channel = "declared_mailbox"
	ChannelMail    Channel = "other_mail"
	ChannelPhone   Channel = "phone"
	ChannelSocial  Channel = "social"
)

// TargetKind is how a target is named.
type TargetKind string

const (
	TargetPhone    TargetKind = "phone"
	TargetAccount  TargetKind = "account"
	TargetUsername TargetKind = "username"
	TargetEmail    TargetKind = "email"
	TargetIP       TargetKind = "ip"
	TargetName     TargetKind = "name"
	TargetPicture  TargetKind = "picture"
	TargetGroup    TargetKind = "group"
	TargetArea     TargetKind = "area"
	TargetCell     TargetKind = "cell"
)

// Target is one identifier, already parsed by the caller: the law table does
// not parse telephone numbers and need not hold them.
type Target struct {
	Kind         TargetKind
	WellFormed   bool      // E.164 with country code, our id format, ...
	At           time.Time // IP address: the exact moment, with zone
	Found        Tri       // set only after the desk resolved it
	ServiceStart time.Time // of the account found
	ReRegistered time.Time // when the number last changed hands, if it did
}

// Attachment is a paper that the demand names or carries.
type Attachment struct {
	Name      string
	Named     bool // the demand's text names it
	Uploaded  bool
	Signature SignatureState
}

// SignatureState is the outcome of checking an electronic signature.
type SignatureState int8

const (
	SignatureNone SignatureState = iota
	SignatureValid
	SignatureInvalid
)

// Offence is what is being investigated.
type Offence struct {
	Text            string
	MaxPenaltyYears int    // 0: not stated
	Entry           string // of the list of the process's law, or OtherOffence; empty: not stated
}

// GagAsk is the secrecy that is asked for.
type GagAsk struct {
	Asked            bool
	Order            bool // by a court's order or a statute's certification, not by letter
	Start, End       time.Time
	Grounds          []string // such as "2705(b)(1)"
	Renewed          bool
	Notified         bool      // the person has been told
	ReciprocalNotice time.Time // NSL: when we asked for review last
}

// EmergencyAsk holds what only an emergency has.
type EmergencyAsk struct {
	Claimed     bool
	Attested    bool // written attestation, signed
	DisclosedAt time.Time
	FollowedUp  bool // the legal process promised has come
}

// CallBack is the result of calling the agency's published switchboard.
type CallBack int8

const (
	CallBackNotDone CallBack = iota
	CallBackConfirmed
	CallBackDenied
	CallBackUnreachable
)

// Sender is what is known about whoever sends.
type Sender struct {
	DomainVerified     Tri
	FreeMail           bool
	Since              time.Time // when the officer's account began; zero: not by account
	FirstRequest       bool
	CallBack           CallBack
	Supervisor         Tri // a second officer of the agency confirmed
	MailAuth           Tri // SPF, DKIM and DMARC together
	LookAlike          bool
	Compromised        bool
	Signals            []Signal // what the risk rules saw
	RequestsToday      int
	EmergenciesToday   int
	ForgerySigns       []string // what the document checks saw
	AttachmentHashSeen bool     // a paper was used before by somebody else
}

// Signal is what a rule about senders saw: it raises a finding of that group,
// so that a person looks.
type Signal struct {
	Rule    string
	Finding FindingID
	Note    string
}

// Seenness says whether the demand came before.
type Seenness struct {
	SameDemand bool // same case reference, target and process
	SameFile   bool
}

// House is what the operator says about itself.
type House struct {
	Entities  []string // our legal entities; empty: addressee not judged
	Languages []string // languages we declared; empty: language not judged
}
