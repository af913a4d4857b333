// Package casefile is a request from arrival to its last duty: its nouns, the
// list of events that is its history, and the present state as their fold. The
// parts of the desk meet here and do not know each other. It must not know who
// may do what, how a page looks, or which database keeps it.
package casefile

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"letterlock/internal/fault"
)

// Number names a case to everyone who may know of it. Ordinary numbers count
// up within a year; those of sealed matters are drawn from a range of their
// own, so that no ordinary number, gap or total tells of one.
type Number string

var numberForm = regexp.MustCompile(`^LL-(\d{4})-(\d{6}|[1-9]\d{11}|X\d{6})$`)

// ParseNumber reads a case number and no other spelling of one.
func ParseNumber(s string) (Number, error) {
	if !numberForm.MatchString(s) {
		return "", fault.New(fault.Invalid, "parse case number", "a case number looks like LL-2026-000017")
	}
	return Number(s), nil
}

// Sealed reports whether the number is of the range of sealed matters.
func (n Number) Sealed() bool { return len(n) == len("LL-2026-123456789012") }

// LogValue keeps numbers out of logs, sealed or not: what stands there for a
// sealed case must not differ from what stands there for any other.
func (Number) LogValue() slog.Value { return slog.StringValue("[case]") }

// Ordinary is the number of the nth ordinary case of a year.
func Ordinary(year, n int) Number { return Number(fmt.Sprintf("LL-%04d-%06d", year, n)) }

func (n Number) retired() bool { return len(n) == len("LL-2026-X123456") }

// Retired is the number under which an exercise that is over is kept.
func Retired(year int, random io.Reader) (Number, error) {
	v, err := rand.Int(random, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("draw exercise number: %w", err)
	}
	return Number(fmt.Sprintf("LL-%04d-X%06d", year, v)), nil
}

// SealedNumber draws a number of the sealed range.
func SealedNumber(year int, random io.Reader) (Number, error) {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("draw case number: %w", err)
	}
	var v uint64
	for _, x := range b {
		v = v<<8 | uint64(x)
	}
	const low, span = 100_000_000_000, 900_000_000_000
	return Number(fmt.Sprintf("LL-%04d-%012d", year, low+v%span)), nil
}

// Ids. All are random and say nothing.
type (
	AgencyID   string
	OfficerID  string
	MemberID   string
	PaperID    string
	QuestionID string
	PackageID  string
	DraftID    string
	SystemID   string // of an agency's software
)

// NewID draws 16 random bytes as 32 hex digits.
func NewID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Sum is a SHA-256 in hex.
type Sum string

// SumOf hashes bytes.
func SumOf(b []byte) Sum { s := sha256.Sum256(b); return Sum(hex.EncodeToString(s[:])) }

// Valid reports whether it is 64 hex digits.
func (s Sum) Valid() bool {
	b, err := hex.DecodeString(string(s))
	return err == nil && len(b) == sha256.Size && strings.ToLower(string(s)) == string(s)
}

// ActorKind says what kind of person, or clock, did something.
type ActorKind string

// The kinds.
const (
	ByOfficer ActorKind = "officer"
	ByMember  ActorKind = "member"
	ByClock   ActorKind = "clock"
	ByCarrier ActorKind = "carrier" // a key holder or an account holder, told through the door
)

// Actor is who did something. Name is as the timeline shows it.
type Actor struct {
	Kind ActorKind
	ID   string
	Name string
}

// TheClock is the actor of what happens by itself.
var TheClock = Actor{Kind: ByClock, Name: "the clock"}

// Member is a team member as an actor.
func Member(id MemberID, name string) Actor { return Actor{ByMember, string(id), name} }

// Officer is an agency's officer as an actor.
func Officer(id OfficerID, name string) Actor { return Actor{ByOfficer, string(id), name} }

// MemberID is the member's id, empty for anyone else.
func (a Actor) MemberID() MemberID {
	if a.Kind != ByMember {
		return ""
	}
	return MemberID(a.ID)
}

// OfficerID is the officer's id, empty for anyone else.
func (a Actor) OfficerID() OfficerID {
	if a.Kind != ByOfficer {
		return ""
	}
	return OfficerID(a.ID)
}

// Lane is the queue a case waits in.
type Lane string

// The lanes, most urgent first.
const (
	LaneEmergency    Lane = "emergency"
	LaneStatutory    Lane = "statutory"
	LaneOrdinary     Lane = "ordinary"
	LanePreservation Lane = "preservation"
	LaneSealed       Lane = "sealed"
)

// Lanes is all of them, in the order of the console.
var Lanes = []Lane{LaneEmergency, LaneStatutory, LaneOrdinary, LanePreservation, LaneSealed}

// Phase is where a case stands.
type Phase string

// The phases.
const (
	Waiting   Phase = "waiting"   // filed, nobody assigned
	InReview  Phase = "review"    // assigned
	Asked     Phase = "asked"     // a question to the agency is open
	Decided   Phase = "decided"   // every item decided, nothing to sign
	Signing   Phase = "signing"   // grants are before the key holders
	Notice    Phase = "notice"    // signed; the person's days run, or an objection holds it
	Packing   Phase = "packing"   // released or refused; the package is being made
	Tracing   Phase = "tracing"   // a trace runs, or its last part is not packed
	Answered  Phase = "answered"  // the package is there
	Closed    Phase = "closed"    // downloads ended; duties of notice may still run
	Withdrawn Phase = "withdrawn" // by the agency
)

// Over reports a phase in which nobody reviews any more.
func (p Phase) Over() bool { return p == Answered || p == Closed || p == Withdrawn }

// InWords is the phase as an officer reads it.
func (p Phase) InWords() string {
	return map[Phase]string{Waiting: "received, waiting for review", InReview: "being reviewed", Asked: "waiting for your answer",
		Decided: "decided, answer being prepared", Signing: "decided, waiting for two signatures", Notice: "decided, waiting for its day",
		Packing: "answer being prepared", Answered: "answered", Closed: "closed", Withdrawn: "withdrawn"}[p]
}

// Plain reports text of one line that shows all it holds: what the key holders
// sign must not look like something else.
func Plain(s string, max int) bool {
	return len(s) <= max && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
	})
}

// day is used by rules that count whole days of 24 hours.
const day = 24 * time.Hour
