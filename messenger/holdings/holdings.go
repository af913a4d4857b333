// Package holdings is the only door to an account's records. It implements
// door.Door for the desk and serves the release pages, where two people sign.
// It believes neither: it checks each grant against its own keys, its own law
// and its own ledger, and returns the grant's fields and no others. It knows
// accounts through one extractor and messages not at all.
package holdings

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/clock"
	"letterlock/internal/note"
	"letterlock/internal/passkey"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/ledger/proof"
	"letterlock/wire"
)

// Records reads the facts of accounts: messenger/account.
type Records interface {
	// Records are the values that exist of the fields.
	Records(ctx context.Context, id wire.AccountID, fields []d.FieldID) ([]d.Record, error)
	Find(ctx context.Context, phone string) (id wire.AccountID, ok bool, err error)
	Exists(ctx context.Context, id wire.AccountID) (bool, error)
}

// Notices keeps a signed notice for each device until it has it:
// messenger/mailbox.
type Notices interface {
	PutNotice(ctx context.Context, id wire.AccountID, signed []byte) (devices int, err error)
}

// Mailer sends plain text.
type Mailer interface {
	Mail(ctx context.Context, to, subject, text string) error
}

// Ledger is what holdings needs of a *ledger.Ledger.
type Ledger interface {
	Append(ctx context.Context, r ledger.Record) (ledger.Receipt, error)
	Journal(r ledger.Record) ledger.Kept
	Proof(r ledger.Receipt) (proof.Proof, error)
	Openings(from, to uint64) iter.Seq2[ledger.Opened, error]
	CheckClock(now time.Time) ledger.Jump
	Origin() string
	Seen(ctx context.Context, origin string) (int64, error)
	Cosign(ctx context.Context, request []byte) ([]byte, error)
	Gather(ctx context.Context, w ledger.Witness) error
}

var _ Ledger = (*ledger.Ledger)(nil)

// Config is what Holdings works with.
type Config struct {
	// Site is where people sign: the exact host and origin of the release pages.
	Site    passkey.Site
	Clock   clock.Clock
	Law     *law.Table
	Counsel []law.Approval // counsel's, for rows written from knowledge
	// SealedCounsel are approvals that only the sealed set goes by: that
	// somebody needed one would tell of a sealed matter.
	SealedCounsel []law.Approval
	Records       Records
	Notices       Notices
	Tracer        Tracer // nil: no trace is carried out
	Mail          Mailer // nil: no e-mail leaves
	Ledger        Ledger
	Sealed        Ledger // national-security acts; nil: none are taken
	Store         Store
	// SealedStore keeps the grants of sealed matters and the keys of those who
	// sign them, in a database of its own. It comes with Sealed or not at all.
	SealedStore Store
	// NoticeKey signs service notices; clients pinned its public half.
	NoticeKey ed25519.PrivateKey
	// SnapshotKey is the carrier's half of the keys of snapshots, from outside
	// the database.
	SnapshotKey []byte
	Operator    string // as notices name the service
	Resolves    int    // identifiers the desk may look up in a day; 0: 200
	Lists       int    // identifiers it may look up in lists in a day; 0: 10,000
	Log         *slog.Logger
}

// Holdings is the door. It is safe for concurrent use. What it is by itself, it
// is for ordinary matters; those of sealed ones lie in a Set of their own.
type Holdings struct {
	*Set
	sealed *Set    // nil: no sealed matter is taken
	asked  request // of the carrier's own checkpoint, waiting for its co-signature
}

// Set is the key holders of one kind of matter and the grants before them.
// There are two, ordinary and sealed, in stores that share nothing: neither
// tells of the other's people, grants, numbers or limits.
type Set struct {
	Config                      // Store is this set's
	vault    bool               // of sealed matters
	attempts map[bool]*attempts // by sealed
	kept     SnapshotStore      // of all snapshots: those of sealed matters are ordinary
	gone     *destroyed
}

var _ door.Door = (*Holdings)(nil)

// Limits of what the desk may leave with the carrier.
const (
	MaxWaiting   = 500            // grants before the holders at one time
	maxText      = 200            // bytes of a name or reference in a grant
	linkLife     = 72 * time.Hour // of an enrolment link
	KeyDelay     = 24 * time.Hour // between the second signature and a key's first use
	skew         = 2 * time.Minute
	zones        = 36 * time.Hour       // a day named in an order has begun somewhere on Earth
	remember     = 400 * 24 * time.Hour // ended grants and used marks
	keyGrantLife = 14 * 24 * time.Hour
)

// New refuses a configuration that would leave a check without its means.
func New(c Config) (*Holdings, error) {
	switch {
	case c.Site.ID == "" || c.Site.Origin == "":
		return nil, fmt.Errorf("holdings: the release site needs a host and an origin")
	case c.Clock == nil || c.Law == nil || c.Records == nil || c.Notices == nil || c.Ledger == nil || c.Store == nil:
		return nil, fmt.Errorf("holdings: clock, law, records, notices, ledger and store are needed")
	case (c.Sealed == nil) != (c.SealedStore == nil):
		return nil, fmt.Errorf("holdings: a sealed ledger and a sealed store go together")
	case len(c.NoticeKey) != ed25519.PrivateKeySize:
		return nil, fmt.Errorf("holdings: a notice key is needed")
	case len(c.SnapshotKey) != 32:
		return nil, fmt.Errorf("holdings: a snapshot key of 32 bytes is needed")
	}
	if c.Resolves == 0 {
		c.Resolves = 200
	}
	if c.Lists == 0 {
		c.Lists = d.MaxList
	}
	if c.Operator == "" {
		c.Operator = "Letterlock"
	}
	if c.Log == nil {
		c.Log = note.Discard()
	}
	tries := map[bool]*attempts{false: {}, true: {}}
	h := &Holdings{Set: &Set{Config: c, attempts: tries, kept: c.Store, gone: &destroyed{}}}
	if c.SealedStore != nil {
		own := c
		own.Store, own.Counsel = c.SealedStore, slices.Concat(c.Counsel, c.SealedCounsel)
		h.sealed = &Set{Config: own, vault: true, attempts: tries, kept: c.Store, gone: h.gone}
	}
	return h, nil
}

// Run records refusals that were only counted, and forgets what ended long
// ago, until the context ends.
func (h *Holdings) Run(ctx context.Context) {
	clock.Every(ctx, time.Minute, func(ctx context.Context) {
		h.Flush()
		if err := h.Destroy(ctx); err != nil && ctx.Err() == nil {
			h.Log.Error("destroy snapshots", "err", err)
		}
		for _, s := range h.sets() {
			if err := s.Store.Forget(ctx, h.Clock.Now().Add(-remember)); err != nil && ctx.Err() == nil {
				h.Log.Error("forget ended grants", "err", err)
			}
		}
	})
	h.Flush()
}

// Reconcile marks as used every grant that the ledger says was used, and takes
// up the traces that ran. After a restore the database may be older than the
// ledger, and no grant and no trace may come back to life.
func (h *Holdings) Reconcile(ctx context.Context) error {
	for _, s := range h.sets() {
		if err := s.reconcile(ctx); err != nil {
			return err
		}
	}
	return h.resume(ctx)
}

func (h *Set) reconcile(ctx context.Context) error {
	var used []d.Hash
	for o, err := range h.ledgerFor(h.vault).Openings(1, 0) {
		if err != nil {
			return fmt.Errorf("read ledger: %w", err)
		}
		var b act
		if (o.Entry.Kind == kindIntent || o.Entry.Kind == kindNotice || o.Entry.Kind == kindKey || o.Entry.Kind == kindTraced) && d.Unmarshal(o.Entry.Body, &b) == nil {
			used = append(used, b.Grant)
		}
		if err := h.recallBatch(ctx, o.Entry.Kind, o.Entry.Body); err != nil {
			return err
		}
		if err := h.recall(ctx, o.Entry.Kind, o.Entry.Body); err != nil {
			return err
		}
	}
	if err := h.Store.MarkUsed(ctx, used, h.Clock.Now()); err != nil {
		return fmt.Errorf("mark used grants: %w", err)
	}
	return nil
}

func (h *Set) now() time.Time { return h.Clock.Now().Truncate(time.Second) }

// ledgerFor is the sealed one for national-security matters.
func (h *Set) ledgerFor(sealed bool) Ledger {
	if sealed {
		return h.Sealed
	}
	return h.Ledger
}
