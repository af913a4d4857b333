package casefile

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Mail is a message to an official mailbox: never a word about a case.
type Mail struct {
	To, Subject, Text string

	form string // the text before its arguments were filled in
	args []any
}

// NewMail is a mail whose subject and text can be said in its reader's
// language: form is the English with %s where the arguments go.
func NewMail(to, subject, form string, args ...any) Mail {
	return Mail{To: to, Subject: subject, Text: fmt.Sprintf(form, args...), form: form, args: args}
}

// In is the mail in a language. What was not made by NewMail stays as it is.
func (m Mail) In(t law.Tongue) Mail {
	if m.form == "" {
		return m
	}
	m.Subject, m.Text = t.T(m.Subject), t.T(m.form, m.args...)
	m.Text = addresses.ReplaceAllString(m.Text, "$1") // a link in a mail is nothing but the link
	return m
}

// addresses are links that a language written from the right set apart.
var addresses = regexp.MustCompile("\u2068(https?://[^\u2069\\s]*)\u2069")

// Mailer sends mail. A nil error means that it left the house.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// Session is one person signed in with one browser. Only the token's hash is
// kept.
type Session struct {
	Token [32]byte
	Who   string
	Begun time.Time
	Seen  time.Time
}

// Sessions keeps the sessions of one site. A missing one is NotFound.
type Sessions interface {
	PutSession(ctx context.Context, s Session) error
	Session(ctx context.Context, token [32]byte) (Session, error)
	SeeSession(ctx context.Context, token [32]byte, at time.Time) error
	DropSession(ctx context.Context, token [32]byte) error
	DropSessions(ctx context.Context, who string) error
}

// Link is a one-time link as stored.
type Link struct {
	Hash    [32]byte // of the token
	Kind    string
	Subject string
	Expires time.Time
}

// LinkStore keeps links. A missing one is NotFound.
type LinkStore interface {
	PutLink(ctx context.Context, l Link) error
	Link(ctx context.Context, hash [32]byte) (Link, error)
	// TakeLink returns a link and removes it; of two takers one gets it.
	TakeLink(ctx context.Context, hash [32]byte) (Link, error)
	// DropLinks removes the links of a kind and subject.
	DropLinks(ctx context.Context, kind, subject string) error
}

// Links gives out links that work once.
type Links struct {
	Store LinkStore
	Clock clock.Clock
	Kind  string
	Life  time.Duration
}

// New makes a link for a subject; earlier ones of the same subject end.
func (l Links) New(ctx context.Context, subject string) (token string, err error) {
	if err := l.Store.DropLinks(ctx, l.Kind, subject); err != nil {
		return "", err
	}
	var raw [32]byte
	rand.Read(raw[:])
	token = base64.RawURLEncoding.EncodeToString(raw[:])
	return token, l.Store.PutLink(ctx, Link{sha256.Sum256([]byte(token)), l.Kind, subject, l.Clock.Now().Add(l.Life)})
}

// Look says whose link it is, without using it up.
func (l Links) Look(ctx context.Context, token string) (subject string, err error) {
	return l.check(l.Store.Link(ctx, sha256.Sum256([]byte(token))))
}

// Take uses a link up.
func (l Links) Take(ctx context.Context, token string) (subject string, err error) {
	return l.check(l.Store.TakeLink(ctx, sha256.Sum256([]byte(token))))
}

func (l Links) check(got Link, err error) (string, error) {
	if fault.Is(err, fault.NotFound) || err == nil && (got.Kind != l.Kind || !l.Clock.Now().Before(got.Expires)) {
		return "", fault.New(fault.Expired, "open link", "this link is used up or too old; ask for a new one")
	}
	return got.Subject, err
}

// Acts records acts that belong to no case: enrolments, training, rules.
type Acts struct {
	Ledger Recorder
	Clock  clock.Clock
	Sealed bool // to the sealed ledger
}

type act struct {
	By    Actor  `cbor:"by"`
	Whom  string `cbor:"whom"`
	Why   string `cbor:"why,omitempty"`
	Salt  []byte `cbor:"salt"`
	State []byte `cbor:"state,omitempty"`
}

func (a Acts) record(kind string, by Actor, whom, why string, state any) (r Record, body []byte, err error) {
	b, err := Encode(state)
	if err != nil {
		return Record{}, nil, err
	}
	if body, err = Encode(act{By: by, Whom: whom, Why: why, Salt: []byte(rand.Text()), State: b}); err != nil {
		return Record{}, nil, err
	}
	mark := sha256.Sum256(append([]byte("letterlock act v1\x00"), body...))
	return Record{Kind: kind, Sealed: a.Sealed, At: a.Clock.Now(), Body: mark[:]}, body, nil
}

// Keep records an act before it happens, or refuses it: also if it owes a
// reason and says none (ActReasons).
func (a Acts) Keep(ctx context.Context, kind string, by Actor, whom, why string, state any) error {
	_, err := a.KeepProof(ctx, kind, by, whom, why, state)
	return err
}

// KeptAct proves an act: what was recorded, and the ledger's receipt of its hash.
type KeptAct struct {
	Body    []byte `cbor:"body"`
	Receipt []byte `cbor:"receipt"`
}

// KeepProof is Keep for an act that is shown to somebody.
func (a Acts) KeepProof(ctx context.Context, kind string, by Actor, whom, why string, state any) (k KeptAct, err error) {
	if err := actReasoned(kind, by, why); err != nil {
		return k, err
	}
	r, body, err := a.record(kind, by, whom, why, state)
	if err != nil {
		return k, err
	}
	if k.Receipt, err = a.Ledger.Keep(ctx, r); err != nil {
		return k, notRecorded(err)
	}
	k.Body = body
	return k, nil
}

// Journal records an act that stops or locks out; it never waits. Whoever calls
// it has refused what owes a reason and says none.
func (a Acts) Journal(kind string, by Actor, whom, why string, state any) {
	if r, _, err := a.record(kind, by, whom, why, state); err == nil {
		r.Priority = true
		a.Ledger.Journal(r)
	}
}
