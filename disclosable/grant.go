package disclosable

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"letterlock/internal/fault"
)

// GrantKind says what a grant unlocks.
type GrantKind string

// The kinds.
const (
	Produce  GrantKind = "produce"
	Preserve GrantKind = "preserve"
	Trace    GrantKind = "trace"
	Notify   GrantKind = "notify"
	// KeyChange enrols or retires a release key: also signed by two.
	KeyChange GrantKind = "key-change"
)

// GrantVersion is the version of the canonical bytes.
const GrantVersion = 1

// MaxFields bounds a grant; the inventory has far fewer.
const MaxFields = 64

// Grant is what two people sign with their release keys. The messenger acts on
// its bytes and on nothing else. Times are Unix seconds, UTC; 0 is absent.
type Grant struct {
	Version int       `cbor:"v"`
	Kind    GrantKind `cbor:"kind"`
	Nonce   [16]byte  `cbor:"nonce"`
	Case    string    `cbor:"case"`
	Process string    `cbor:"process"`       // id of the law row
	LawRow  Hash      `cbor:"law"`           // hash of that row as the desk read it
	Agency  string    `cbor:"agency"`        // who asked
	Officer string    `cbor:"officer"`       // who will receive
	Ref     string    `cbor:"ref,omitempty"` // the agency's own reference
	Asked   string    `cbor:"asked"`         // the identifier as the order gives it, e.g. a number
	Account Account   `cbor:"account"`       // what it resolved to
	// List, in the place of Asked and Account, are the accounts of a grant for
	// several, in the order of their identifiers.
	List    []Listed   `cbor:"list,omitempty"`
	Fields  []FieldID  `cbor:"fields"` // sorted, without repetition
	From    int64      `cbor:"from,omitempty"`
	Until   int64      `cbor:"until,omitempty"` // the period the order covers
	Issued  int64      `cbor:"issued"`
	NotYet  int64      `cbor:"not_yet,omitempty"` // no earlier than this
	Expires int64      `cbor:"expires"`
	Notice  NoticePlan `cbor:"notice"`
	Sealed  bool       `cbor:"sealed,omitempty"` // national security: to the sealed ledger
	// Keep is of a Preserve grant; Snapshot names the Preserve grant whose
	// snapshot a Produce grant opens instead of today's record.
	Keep     *Keeping `cbor:"keep,omitempty"`
	Snapshot *Hash    `cbor:"snapshot,omitempty"`
	// Tap is the case's public key, to which each event of a Trace is sealed.
	Tap []byte `cbor:"tap,omitempty"`
	// Traced, of a Notify grant, is the Trace that the person is told of. The
	// carrier tells them only when that trace has ended.
	Traced *Hash `cbor:"traced,omitempty"`
	// Key is the subject of a KeyChange and absent otherwise.
	Key *ReleaseKeyChange `cbor:"key,omitempty"`
}

// NoticeTiming says when the person is told.
type NoticeTiming string

// The timings: each case has exactly one.
const (
	ToldBefore    NoticeTiming = "before"    // before disclosure; the person may object
	ToldAfter     NoticeTiming = "after"     // after it, on the day given
	ToldWithheld  NoticeTiming = "withheld"  // not until the day given, when it is looked at again
	ToldAuthority NoticeTiming = "authority" // the law has the authority tell
)

// NoticePlan is the case's notice decision, part of what the reviewers sign.
type NoticePlan struct {
	Timing NoticeTiming `cbor:"timing"`
	Day    int64        `cbor:"day,omitempty"`   // when told (before, after) or reviewed (withheld)
	Basis  string       `cbor:"basis"`           // the rule or reason
	Asker  bool         `cbor:"asker,omitempty"` // may the person be told who asked
}

// ReleaseKeyChange is what a KeyChange grant does.
type ReleaseKeyChange struct {
	Retire bool   `cbor:"retire,omitempty"`
	Holder string `cbor:"holder"` // the person's name
	// Counsel: the person signs as counsel, without whom no long list is released.
	Counsel bool   `cbor:"counsel,omitempty"`
	KeyID   []byte `cbor:"id"`     // WebAuthn credential id
	Public  []byte `cbor:"public"` // COSE key
}

// NewNonce draws a grant's nonce.
func NewNonce() (n [16]byte) {
	rand.Read(n[:])
	return n
}

// Bytes are the canonical bytes; a grant that Check refuses has none.
func (g Grant) Bytes() ([]byte, error) {
	if err := g.Check(); err != nil {
		return nil, err
	}
	return Marshal(g)
}

// ParseGrant reads canonical bytes and refuses any other encoding of the same
// grant, so that one grant has one hash.
func ParseGrant(b []byte) (Grant, error) {
	var g Grant
	if err := Unmarshal(b, &g); err != nil {
		return Grant{}, fault.Wrap(fault.Invalid, "parse grant", err, "this is not a grant")
	}
	again, err := g.Bytes()
	if err != nil {
		return Grant{}, err
	}
	if !bytes.Equal(again, b) {
		return Grant{}, fault.New(fault.Invalid, "parse grant", "the grant is not in its canonical form")
	}
	return g, nil
}

// GrantHash is what names a grant and what the passkeys sign as their challenge.
func GrantHash(b []byte) Hash { return hashOf("letterlock grant v1\x00", b) }

// Check tells what is wrong with a grant by itself, without any state.
func (g Grant) Check() error {
	bad := func(format string, a ...any) error {
		return fault.New(fault.Invalid, "check grant", "the grant cannot stand: %s", fmt.Sprintf(format, a...))
	}
	switch {
	case g.Version != GrantVersion:
		return bad("version %d is unknown", g.Version)
	case !slices.Contains([]GrantKind{Produce, Preserve, Trace, Notify, KeyChange}, g.Kind):
		return bad("kind %q is unknown", g.Kind)
	case g.Nonce == [16]byte{}:
		return bad("it has no nonce")
	case g.Issued <= 0 || g.Expires <= g.Issued:
		return bad("it must expire after it is issued")
	case g.Expires-g.Issued > int64(g.maxLife()/time.Second):
		return bad("it may live %d days at most", g.maxLife()/(24*time.Hour))
	case g.NotYet != 0 && (g.NotYet < g.Issued || g.NotYet >= g.Expires):
		return bad("its first day is outside its life")
	case g.From < 0 || g.Until < 0 || (g.Until != 0 && g.Until < g.From):
		return bad("its period ends before it begins")
	}
	if g.Kind == KeyChange {
		return g.checkKeyChange(bad)
	}
	return g.checkAccount(bad)
}

// MaxLife bounds a grant's life: the seven days of notice before disclosure
// (duty D6) and three weeks of margin for an objection.
const MaxLife = 28 * 24 * time.Hour

// MaxNotifyLife bounds a grant that only tells the person: signed with the
// disclosure, it waits for the day on which a secrecy order ends.
const MaxNotifyLife = 6 * 366 * 24 * time.Hour

func (g Grant) maxLife() time.Duration {
	if g.Kind == Notify {
		return MaxNotifyLife
	}
	return MaxLife
}

func (g Grant) checkKeyChange(bad func(string, ...any) error) error {
	k := g.Key
	switch {
	case k == nil || k.Holder == "" || len(k.KeyID) == 0 || (!k.Retire && len(k.Public) == 0):
		return bad("it does not say which key")
	case !g.Account.IsZero() || len(g.List) > 0 || len(g.Fields) > 0 || g.Asked != "" || g.Keep != nil || g.Snapshot != nil || g.Tap != nil || g.Traced != nil:
		return bad("a change of keys reaches no account")
	}
	return nil
}

func (g Grant) checkAccount(bad func(string, ...any) error) error {
	switch {
	case g.Key != nil:
		return bad("only a change of keys names a key")
	case g.Case == "" || g.Process == "" || g.Agency == "" || g.Asked == "" && len(g.List) == 0:
		return bad("case, process, agency and identifier must be given")
	case g.Account.IsZero() && len(g.List) == 0:
		return bad("it names no account")
	case len(g.Fields) == 0 && g.Kind != Trace && g.Traced == nil || len(g.Fields) > MaxFields:
		return bad("it names no field")
	case !slices.IsSorted(g.Fields) || len(slices.Compact(slices.Clone(g.Fields))) != len(g.Fields):
		return bad("its fields are not sorted, or repeat")
	case !slices.Contains([]NoticeTiming{ToldBefore, ToldAfter, ToldWithheld, ToldAuthority}, g.Notice.Timing) || g.Notice.Basis == "":
		return bad("it does not say when the person is told, and why then")
	}
	for _, f := range g.Fields {
		if _, ok := FieldByID(f); !ok {
			return bad("field %q does not exist", f)
		}
	}
	if err := g.checkList(bad); err != nil {
		return err
	}
	if err := g.checkTrace(bad); err != nil {
		return err
	}
	return g.checkSnapshot(bad)
}

// Signature is one reviewer's WebAuthn assertion over GrantHash.
type Signature struct {
	KeyID             []byte `cbor:"id"`
	AuthenticatorData []byte `cbor:"auth"`
	ClientData        []byte `cbor:"client"`
	Signature         []byte `cbor:"sig"`
}

// SignedGrant is a grant's bytes as signed and the signatures over them.
type SignedGrant struct {
	Grant      []byte      `cbor:"grant"`
	Signatures []Signature `cbor:"sigs"`
}
