// Package door is the only way from the desk to the messenger's holdings: the
// Door, which messenger/holdings implements, and the same over HTTP for when
// the two halves run apart (Handler, Dial). It carries grants and what they
// unlocked; it decides nothing.
package door

import (
	"context"
	"time"

	d "letterlock/disclosable"
)

// Door is everything the desk can ask of the messenger. Each call is in the
// carrier's ledger, refusals too. Errors are faults: Forbidden and Invalid for
// what the grant or its signatures do not carry, Conflict for a used grant,
// Expired, Exhausted for a spent budget, Unavailable when the ledger cannot be
// written or the carrier is away.
type Door interface {
	// Resolve says whether an identifier has an account, for a case, against
	// the daily budget. It says nothing else.
	Resolve(ctx context.Context, q Lookup) (Resolution, error)
	// Propose puts a grant before the key holders on the release pages. The
	// same bytes twice are one proposal.
	Propose(ctx context.Context, grant []byte) (Proposal, error)
	// Proposal tells how far a grant is.
	Proposal(ctx context.Context, grant d.Hash) (Proposal, error)
	// Withdraw takes back a proposal that was not used. It never waits for the ledger.
	Withdraw(ctx context.Context, grant d.Hash) error
	// Redeem uses a produce grant that two holders signed and returns exactly
	// its fields. It works once; the same grant again is a Conflict.
	Redeem(ctx context.Context, grant d.Hash) (Release, error)
	// Preserve uses a preserve grant: the carrier takes the snapshot, or keeps one
	// on, and seals it so that it opens only with the desk's half of the key. The
	// same call again is the same answer. It hands out nothing.
	Preserve(ctx context.Context, k Keep) (Kept, error)
	// OpenSnapshot is Redeem for a produce grant that names a snapshot.
	OpenSnapshot(ctx context.Context, k Keep) (Release, error)
	// Tell uses a notify grant: the carrier composes, signs and queues the notice.
	Tell(ctx context.Context, t Telling) (Told, error)
	// Proof is the ledger proof of a release's Entry; Unavailable until the
	// batch that holds it is in the tree.
	Proof(ctx context.Context, entry []byte) ([]byte, error)
	// Objections are what people answered to notices before disclosure, from
	// the given number on.
	Objections(ctx context.Context, after int64) ([]Objection, error)

	Tracing
	Listing

	// Law tells of each of these texts of law, by hash, whether the carrier has
	// it and would release under it. It says nothing of anybody and is in no
	// ledger.
	Law(ctx context.Context, rows []d.Hash) ([]LawState, error)

	// The two halves co-sign each other's ledgers; the desk does all the
	// calling. Seen and Cosign make a Door a ledger.Witness of the desk's ledger.
	Seen(ctx context.Context, origin string) (int64, error)
	Cosign(ctx context.Context, request []byte) ([]byte, error)
	// Witness is the carrier's request to co-sign its newest checkpoint, as an
	// extension of the seen leaves; Cosigned brings the desk's signature line.
	Witness(ctx context.Context, seen int64) (request []byte, err error)
	Cosigned(ctx context.Context, line []byte) error
}

// MaxLaw bounds how many rows are asked about at once.
const MaxLaw = 500

// LawState is what the carrier has of a row of law.
type LawState struct {
	Has     bool `cbor:"has"`     // the very text
	Unlocks bool `cbor:"unlocks"` // and approved there as far as it needs to be
	Sealed  bool `cbor:"sealed"`  // approved for sealed matters, whether or not for all to see
}

// Lookup asks whether an identifier has an account.
type Lookup struct {
	Case       string `cbor:"case"`
	Process    string `cbor:"process"`
	Identifier string `cbor:"identifier"` // E.164, or an account id
	Sealed     bool   `cbor:"sealed,omitempty"`
}

// Resolution answers it.
type Resolution struct {
	Exists  bool      `cbor:"exists"`
	Account d.Account `cbor:"account"`
}

// Proposal is a grant before the key holders.
type Proposal struct {
	Hash      d.Hash   `cbor:"hash"`
	Signed    []string `cbor:"signed"`  // holders who signed
	Refused   string   `cbor:"refused"` // a holder's reason for refusing, ends it
	Used      bool     `cbor:"used"`
	Withdrawn bool     `cbor:"withdrawn"`
	Expires   int64    `cbor:"expires"`
	URL       string   `cbor:"url"` // the release page of this grant
	// Counsel: its case reaches so many accounts that counsel has to sign too,
	// as a third person; Lacks: and has not.
	Counsel bool `cbor:"counsel,omitempty"`
	Lacks   bool `cbor:"lacks,omitempty"`
	Done    int  `cbor:"done,omitempty"` // accounts of its list that are done
}

// Ready reports that everyone has signed who must, and nothing ended it.
func (p Proposal) Ready() bool {
	return p.Full() && p.Refused == "" && !p.Used && !p.Withdrawn
}

// Need is how many different people must sign.
func (p Proposal) Need() int {
	if p.Counsel {
		return 3
	}
	return 2
}

// Full reports that everyone has signed who must.
func (p Proposal) Full() bool { return len(p.Signed) >= p.Need() && !p.Lacks }

// Release is what a produce grant unlocked.
type Release struct {
	Grant   d.SignedGrant `cbor:"grant"`
	Keys    []ReleaseKey  `cbor:"keys"` // of the signatures, for whoever verifies offline
	Records []d.Record    `cbor:"records"`
	At      time.Time     `cbor:"at"`
	// Entry is the carrier's ledger receipt of the release, to be proven once
	// its batch is in (Proof).
	Entry []byte `cbor:"entry"`
}

// ReleaseKey is a key holder's public key.
type ReleaseKey struct {
	Holder string `cbor:"holder"`
	ID     []byte `cbor:"id"`
	Public []byte `cbor:"public"` // COSE
	RPID   string `cbor:"rpid"`
	Origin string `cbor:"origin"`
	Demo   bool   `cbor:"demo,omitempty"` // a software key of the demo
	// Counsel: two people signed that this one signs as counsel.
	Counsel bool `cbor:"counsel,omitempty"`
}

// Telling is a notify grant to use, with the ledger's proof that the request was
// filed, for the person to check that it is counted; none of a sealed matter.
type Telling struct {
	Grant   d.Hash `cbor:"grant"`
	Receipt []byte `cbor:"receipt,omitempty"`
}

// Told is the outcome of a notice.
type Told struct {
	Notice [16]byte  `cbor:"notice"`
	At     time.Time `cbor:"at"`
	Queued int       `cbor:"queued"` // devices
	Mailed bool      `cbor:"mailed"`
}

// Objection is a person's answer to a notice before disclosure.
type Objection struct {
	Number int64     `cbor:"number"`
	Notice [16]byte  `cbor:"notice"`
	Case   string    `cbor:"case"`
	Text   string    `cbor:"text"`
	At     time.Time `cbor:"at"`
}
