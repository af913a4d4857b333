package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"letterlock/internal/clock"
	"letterlock/internal/lang"
	"letterlock/internal/passkey"
	"letterlock/law"
	"letterlock/messenger"
	"letterlock/messenger/abuse"
	"letterlock/messenger/account"
	"letterlock/messenger/account/texter"
	"letterlock/messenger/gateway"
	"letterlock/messenger/holdings"
	"letterlock/messenger/mailbox"
	"letterlock/messenger/media"
	"letterlock/messenger/prekey"
	"letterlock/messenger/push"
	"letterlock/messenger/trace"
	"letterlock/messenger/turn"
	"letterlock/routing/inproc"
	"letterlock/storage"
	"letterlock/storage/messengerdb"
	"letterlock/web/release"
	"letterlock/wire"
)

// carrier is the half that carries messages, keeps the account facts, and
// serves the pages on which two people sign.
type carrier struct {
	db       *messengerdb.DB
	vault    *messengerdb.DB // grants and key holders of sealed matters, and nothing else
	ledgers  ledgers
	accounts *account.Accounts
	boxes    *mailbox.Mailboxes
	tracer   *trace.Tracer
	files    *media.Media
	pusher   *push.Pusher // nil: nobody is woken
	gateway  *gateway.Gateway
	holdings *holdings.Holdings
	release  http.Handler
	chat     http.Handler // nil: not served
	site     passkey.Site // of the release pages
	notice   ed25519.PublicKey
	runs     []func(context.Context) // until the context ends
}

// base is what both halves are given.
type base struct {
	book    *lang.Book
	conf    Config
	clock   clock.Clock
	log     *slog.Logger
	law     *law.Table
	counsel []law.Approval // of rows written from knowledge, in the operator's law file
	cleared []law.Approval // of rows of sealed matters, in a file of their own
	metrics *prometheus.Registry
	mail    mailer
}

func (b base) keys(half string) string { return filepath.Join(b.conf.Data, half, "keys") }

// database is a half's database: the given one, or a file of its own.
func (b base) database(half, given string) storage.Config {
	if given == "" {
		given = filepath.Join(b.conf.Data, half, half+".db")
	}
	return storage.Config{Database: given}
}

func (b base) site(name, title string) passkey.Site {
	return passkey.Site{ID: b.conf.SiteHost(name), Origin: b.conf.Origin(name), Name: b.conf.Name + " " + title, Demo: b.conf.Demo}
}

// openCarrier opens what the carrier keeps. Close it whatever else fails.
func openCarrier(ctx context.Context, b base) (_ *carrier, err error) {
	c := &carrier{}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	if c.ledgers, err = openLedgers(b.conf, "carrier", b.clock, b.log); err != nil {
		return nil, err
	}
	if c.db, err = messengerdb.Open(ctx, b.database("carrier", b.conf.Database)); err != nil {
		return nil, fmt.Errorf("open the carrier's database: %w", err)
	}
	if c.vault, err = messengerdb.Open(ctx, b.carrierVault()); err != nil {
		return nil, fmt.Errorf("open the carrier's database of sealed grants: %w", err)
	}
	notice, err := noticeKey(b.keys("carrier"))
	if err != nil {
		return nil, err
	}
	c.notice = notice.Public().(ed25519.PublicKey)
	if c.files, err = openFiles(ctx, b, c.db); err != nil {
		return nil, err
	}
	if err := c.openPush(ctx, b); err != nil {
		return nil, err
	}
	if err := c.openMessages(b); err != nil {
		return nil, err
	}
	if err := c.openHoldings(ctx, b, notice); err != nil {
		return nil, err
	}
	return c, c.openChat(ctx, b)
}

// openMessages wires walk 1.
func (c *carrier) openMessages(b base) error {
	conf := b.conf
	raw, err := secretFile(b.keys("carrier"), "secret")
	if err != nil {
		return err
	}
	secret, err := account.NewSecret(raw)
	if err != nil {
		return err
	}
	sms, err := texter.New(conf.SMS, conf.loopbackOnly())
	if err != nil {
		return err
	}
	metrics := gateway.NewMetrics(b.metrics)
	c.tracer = trace.New(trace.Config{Store: c.db.Traces(), Sealed: c.vault.Traces(), Clock: b.clock, Log: b.log,
		Ended: func(e messenger.TraceEnd) { c.holdings.TraceEnded(e) }})
	c.boxes = mailbox.New(mailbox.Config{Tap: c.tracer, Waker: c.waker(), Store: c.db, Router: inproc.New[*mailbox.Letter](), Clock: b.clock, Elide: conf.Elide, Count: metrics, Log: b.log})
	c.accounts = account.New(account.Config{Store: c.db, Clock: b.clock, Texter: sms, Secret: secret, Post: posts{c.boxes, c.tracer}, Log: b.log, Name: conf.Name,
		Limits: account.Limits{CodesPerAddress: conf.CodesPerAddress, TriesPerAddress: conf.TriesPerAddress, Lookups: conf.LookupsPerDay, Linked: conf.LinkedDevices}})
	keys := prekey.New(prekey.Config{Store: c.db, Clock: b.clock, OnLow: c.low})
	turns := turn.New(turn.Config{Store: c.db, Clock: b.clock, Log: b.log})
	info := wire.Info{Name: conf.Name, NoticeKey: c.notice}
	var reports gateway.Reports
	if conf.AbuseKey != "" {
		if info.AbuseKey, err = abuse.ReadKey(conf.AbuseKey); err != nil {
			return err
		}
		box := abuse.New(abuse.Config{Store: c.db, Clock: b.clock, Key: info.AbuseKey, Log: b.log})
		c.runs, reports = append(c.runs, box.Run), box
	}
	proxies, err := conf.Proxies()
	if err != nil {
		return err
	}
	pusher := c.wakes(&info)
	c.gateway = gateway.New(gateway.Config{Pusher: pusher, Accounts: c.accounts, Keys: keys, Turns: turns, Files: c.files, Mail: c.boxes, Objector: objector{c}, Reacher: objector{c}, Reports: reports, Clock: b.clock, Metrics: metrics, Log: b.log, Proxies: proxies,
		Info:   info,
		Limits: gateway.Limits{CallsPerAddress: conf.CallsPerAddress, SendsPerDevice: conf.EnvelopesPerDevice}})
	c.runs = append(c.runs, c.boxes.Run, c.accounts.Run, c.tracer.Run, turns.Run, c.files.Run)
	return nil
}

// posts are those who must know that an account is gone.
type posts struct {
	*mailbox.Mailboxes
	tracer *trace.Tracer
}

func (p posts) Gone(ctx context.Context, c account.Closed) {
	p.tracer.Gone(ctx, c.Account)
	p.Mailboxes.Gone(ctx, c)
}

// low tells a connected device that its one-time keys run out.
func (c *carrier) low(a wire.Address, left uint32) { c.boxes.Tell(a, wire.KeysLow{Left: left}) }

// Reach hands a person's question to the holdings.
func (o objector) Reach(ctx context.Context, id wire.AccountID) (wire.Reach, error) {
	return o.c.holdings.Reach(ctx, id)
}

// objector hands a person's objection to the holdings, which exist only after
// the gateway.
type objector struct{ c *carrier }

func (o objector) Object(ctx context.Context, id wire.AccountID, x wire.Objection) error {
	return o.c.holdings.Object(ctx, id, x)
}

// openHoldings wires the door and the release pages.
func (c *carrier) openHoldings(ctx context.Context, b base, notice ed25519.PrivateKey) (err error) {
	site := b.site("release", "release")
	c.site = site
	snapshots, err := secretFile(b.keys("carrier"), "snapshots")
	if err != nil {
		return err
	}
	c.holdings, err = holdings.New(holdings.Config{Site: site, Clock: b.clock, Law: b.law, Counsel: b.counsel, SealedCounsel: b.cleared, Records: c.accounts, Notices: c.boxes, Tracer: c.tracer,
		Mail: b.mail, Ledger: c.ledgers.public, Sealed: c.ledgers.sealed, Store: c.db.Holdings(), SealedStore: c.vault.Holdings(), NoticeKey: notice, SnapshotKey: snapshots, Operator: b.conf.Name, Resolves: b.conf.ResolvesPerDay, Log: b.log})
	if err != nil {
		return err
	}
	// After a restore the database may be older than the ledger: no used grant
	// comes back to life.
	if err := c.holdings.Reconcile(ctx); err != nil {
		return err
	}
	c.release, err = release.New(release.Config{Holdings: c.holdings, Sealed: c.holdings.Cleared(), Law: b.law, Site: site, Owner: b.conf.Name, Secure: b.conf.Secure(), Clock: b.clock, Log: b.log})
	c.runs = append(c.runs, c.holdings.Run, func(ctx context.Context) { c.ledgers.public.Run(ctx) }, c.ledgers.witnessed(b.clock), func(ctx context.Context) { c.ledgers.sealed.Run(ctx) })
	return err
}

func (c *carrier) close() error {
	var errs []error
	for _, db := range []*messengerdb.DB{c.db, c.vault} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if c.ledgers.public != nil {
		errs = append(errs, c.ledgers.close())
	}
	return errors.Join(errs...)
}
