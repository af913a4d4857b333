package casefile

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"letterlock/disclosable"
	"letterlock/law"
)

// Limits of one request.
const (
	MaxTargets   = disclosable.MaxList
	MaxPapers    = 20
	MaxPaper     = 25 << 20 // bytes of one paper
	MaxText      = 20_000   // bytes of one answer
	MaxItems     = 64
	MaxReference = 200
)

// Item is one thing asked for: a field of the inventory, or a class of the law
// table that no field is of (law.Content, law.Traffic, law.DRAS, ...).
type Item string

// WholeDemand is the item of a demand that asks for no data, such as one to
// weaken the system: it is answered too.
const WholeDemand Item = "DEMAND"

// FieldItem is a field of the inventory as an item.
func FieldItem(f disclosable.FieldID) Item { return Item(f) }

// Field returns the item's field, if it is one.
func (i Item) Field() (disclosable.Field, bool) {
	return disclosable.FieldByID(disclosable.FieldID(i))
}

// Class is the law's class of the item.
func (i Item) Class() law.Class {
	if f, ok := i.Field(); ok {
		return law.Class(f.Class)
	}
	if i == WholeDemand {
		return law.None
	}
	return law.Class(i)
}

// Valid reports an item that can be asked for.
func (i Item) Valid() bool {
	if _, ok := i.Field(); ok {
		return true
	}
	return i == WholeDemand || slices.Contains(AskableClasses, law.Class(i))
}

// Title is the item as people read it.
func (i Item) Title() string {
	if f, ok := i.Field(); ok {
		return f.Title
	}
	return map[law.Class]string{law.Class(WholeDemand): "The demand as a whole", law.Content: "Content of messages", law.Traffic: "Records of who wrote to whom",
		law.DRAS: "Future signalling (pen register, trap and trace)", law.Contacts: "Data about the account's contacts",
		law.PreserveOnly: "Preservation of records", law.Gag: "Secrecy"}[law.Class(i)]
}

// AskableClasses may be asked for although no field of the inventory is of
// them: the truthful answer is part of the duty (D10).
var AskableClasses = []law.Class{law.Content, law.Traffic, law.DRAS, law.Contacts, law.PreserveOnly}

// Target is one identifier as the paper gives it.
type Target struct {
	Kind       law.TargetKind `cbor:"kind"`
	Identifier string         `cbor:"id"`           // E.164 or an account id after intake normalised it
	At         time.Time      `cbor:"at,omitempty"` // for an IP address
}

// Gag is the secrecy asked for.
type Gag struct {
	Asked   bool      `cbor:"asked,omitempty"`
	Order   bool      `cbor:"order,omitempty"` // by order or certification, not by letter
	Start   time.Time `cbor:"start,omitempty"`
	End     time.Time `cbor:"end,omitempty"`
	Grounds []string  `cbor:"grounds,omitempty"`
	Basis   string    `cbor:"basis,omitempty"`
}

// Demand is what an agency asks, as it was filed or corrected.
type Demand struct {
	Process      law.ProcessID     `cbor:"process"`
	Jurisdiction law.Jurisdiction  `cbor:"jurisdiction"`
	Agency       AgencyID          `cbor:"agency"`
	AgencyName   string            `cbor:"agency_name"`
	Officer      OfficerID         `cbor:"officer,omitempty"` // empty for a paper that no enrolled officer filed
	OfficerName  string            `cbor:"officer_name,omitempty"`
	Mailbox      string            `cbor:"mailbox,omitempty"`
	Phone        string            `cbor:"phone,omitempty"`
	Reference    string            `cbor:"reference,omitempty"` // the agency's own
	CaseRef      string            `cbor:"case_ref,omitempty"`  // docket or warrant number
	IssuingBody  string            `cbor:"issuing_body,omitempty"`
	IssuerRole   law.Role          `cbor:"issuer_role,omitempty"`
	Court        string            `cbor:"court,omitempty"`
	Validator    string            `cbor:"validator,omitempty"`
	ValidRole    law.Role          `cbor:"validator_role,omitempty"`
	LegalBasis   string            `cbor:"legal_basis,omitempty"`
	Addressee    string            `cbor:"addressee,omitempty"`
	Signed       bool              `cbor:"signed,omitempty"`
	Language     string            `cbor:"language,omitempty"`
	Translation  bool              `cbor:"translation,omitempty"`
	Issued       time.Time         `cbor:"issued,omitempty"`
	Return       time.Time         `cbor:"return,omitempty"`
	ExecuteBy    time.Time         `cbor:"execute_by,omitempty"`
	From         time.Time         `cbor:"from,omitempty"`
	Until        time.Time         `cbor:"until,omitempty"`
	KeepUntil    time.Time         `cbor:"keep_until,omitempty"`
	Preserved    Number            `cbor:"preserved,omitempty"` // the preservation that this one renews, or whose snapshot is asked for
	Targets      []Target          `cbor:"targets,omitempty"`
	Wanted       []Item            `cbor:"wanted,omitempty"`
	Answers      map[string]string `cbor:"answers,omitempty"` // law.Particular -> text; "yes" for a check
	Offence      law.Offence       `cbor:"offence,omitempty"`
	Gag          Gag               `cbor:"gag,omitempty"`
	Emergency    Emergency         `cbor:"emergency,omitempty"`
	Text         string            `cbor:"text,omitempty"` // the words of the demand
	Channel      law.Channel       `cbor:"channel"`
	Papers       []Paper           `cbor:"papers,omitempty"`
	Mail         *Email            `cbor:"mail,omitempty"` // the e-mail it came in
}

// Classes is what is asked for, as classes of the law's ladder.
func (d Demand) Classes() []law.Class {
	var out []law.Class
	for _, i := range d.Wanted {
		if c := i.Class(); i != WholeDemand && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// Asks reports whether an item of the class is wanted.
func (d Demand) Asks(c law.Class) bool { return slices.Contains(d.Classes(), c) }

// SameAs is the fingerprint by which the same demand is found again, whoever
// files it and by whatever way: process, docket and targets.
func (d Demand) SameAs() Sum {
	ids := make([]string, 0, len(d.Targets))
	for _, t := range d.Targets {
		ids = append(ids, string(t.Kind)+" "+strings.ToLower(t.Identifier))
	}
	slices.Sort(ids)
	ref := d.CaseRef
	if ref == "" {
		ref = d.Reference
	}
	h := sha256.New()
	for _, s := range append([]string{"letterlock demand v2", string(d.Process), string(d.Agency), Docket(ref)}, slices.Compact(ids)...) {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return Sum(hex.EncodeToString(h.Sum(nil)))
}

// TargetSums are hashes of the identifiers, by which the same account asked for
// elsewhere is found.
func (d Demand) TargetSums() []Sum {
	var out []Sum
	for _, t := range d.Targets {
		out = append(out, SumOf([]byte("letterlock target v1\x00"+string(t.Kind)+"\x00"+strings.ToLower(t.Identifier))))
	}
	return out
}

// Paper is a file that came with a request. Its bytes lie in the blob store
// under their hash.
type Paper struct {
	ID   PaperID   `cbor:"id"`
	Name string    `cbor:"name"`
	Sum  Sum       `cbor:"sum"`
	Size int64     `cbor:"size"`
	Type string    `cbor:"type"` // by content: application/pdf
	At   time.Time `cbor:"at"`
	What string    `cbor:"what,omitempty"` // which particular it is: "order", "particularity_attachments_A_B", ...
	Looked
}
