package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/email"
	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
	"letterlock/desk/produce/pdf"
	"letterlock/desk/staff"
	"letterlock/disclosable/door"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/law"
	"letterlock/ledger/witness"
	"letterlock/storage/blob"
	"letterlock/storage/deskdb"
	"letterlock/web/api"
	"letterlock/web/console"
	"letterlock/web/kit"
	"letterlock/web/portal"
)

// deskHalf is the half that answers governments. It reaches the carrier by the
// door and by nothing else.
type deskHalf struct {
	db, sealed      *deskdb.DB
	ledgers         ledgers
	desk            *desk.Desk
	portal, console http.Handler
	production      bundle.PublicKey
	consoleSite     passkey.Site
	runs            []func(context.Context)
}

// openDesk opens what the desk keeps. c is nil if the carrier runs elsewhere.
func openDesk(ctx context.Context, b base, c *carrier) (_ *deskHalf, err error) {
	d := &deskHalf{}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.ledgers, err = openLedgers(b.conf, "desk", b.clock, b.log); err != nil {
		return nil, err
	}
	if d.db, err = deskdb.Open(ctx, b.database("desk", b.conf.DeskDatabase)); err != nil {
		return nil, fmt.Errorf("open the desk's database: %w", err)
	}
	if d.sealed, err = deskdb.Open(ctx, b.sealedDatabase()); err != nil {
		return nil, fmt.Errorf("open the database of sealed cases: %w", err)
	}
	conf, err := d.config(b, c)
	if err != nil {
		return nil, err
	}
	d.desk, d.consoleSite = desk.New(conf), conf.ConsoleSite
	d.runs = append(d.runs, d.tick(b), d.ledgers.witnessed(b.clock), func(ctx context.Context) { d.ledgers.sealed.Run(ctx) })
	return d, d.sites(b)
}

// carrierDoor is the carrier in this process, or the way to it.
func carrierDoor(conf Config, c *carrier) (door.Door, error) {
	if c != nil {
		return c.holdings, nil
	}
	if _, ok := doorPath(conf); ok {
		return door.Dial(conf.Door, nil)
	}
	t, err := door.MutualTLS(conf.DoorCert, conf.DoorKey, conf.DoorCA)
	if err != nil {
		return nil, err
	}
	return door.Dial(conf.Door, t)
}

func (d *deskHalf) config(b base, c *carrier) (conf desk.Config, err error) {
	conf = desk.Config{Book: b.book, Agencies: d.db, Staff: d.db, Links: d.db, Marks: d.db, SealedMarks: d.sealed, Ledger: d.ledgers.public, Vault: d.ledgers.sealed,
		Portal: d.sessions("portal"), Console: d.sessions("console"), CarrierOrigin: b.conf.Host + "/carrier",
		Clock: b.clock, Log: b.log, Law: b.law, Approvals: law.Approvals{Counsel: b.counsel}, SealedApprovals: law.Approvals{Counsel: b.cleared}, House: law.House{Entities: []string{b.conf.Name}},
		Mail: deskMail{b.mail}, MailTrust: email.Checker{Resolver: net.DefaultResolver, Relays: listed(b.conf.MailRelays), Servers: listed(b.conf.MailServers)}, Demo: b.conf.Demo, Second: b.conf.Second,
		Provider:    produce.Provider{Name: b.conf.Name, Address: lines(b.conf.Postal), Contact: b.conf.Contact},
		Signer:      produce.Signer{Name: "Response team", Title: "Custodian of records"},
		PortalSite:  b.site("portal", "portal"),
		ConsoleSite: b.site("desk", "desk"),
		PortalLink:  func(token string) string { return b.conf.Origin("portal") + "/link/" + token },
		ConsoleLink: func(token string) string { return b.conf.Origin("desk") + "/enrol/" + token },
		LedgerKeys: func() []string {
			keys := slices.Concat(d.ledgers.public.Keys(), witness.Keys(d.ledgers.witnesses))
			if c != nil {
				keys = append(keys, c.ledgers.public.Keys()...)
			}
			return keys
		}}
	warm, err := b.conf.papers(&conf, b.log)
	if err != nil {
		return conf, err
	}
	d.runs = append(d.runs, warm)
	if conf.Public, err = d.shelf(b, d.db, "blobs"); err != nil {
		return conf, err
	}
	if conf.Sealed, err = d.shelf(b, d.sealed, "sealed-blobs"); err != nil {
		return conf, err
	}
	if conf.Door, err = carrierDoor(b.conf, c); err != nil {
		return conf, err
	}
	key, err := productionKey(b.keys("desk"))
	if err != nil {
		return conf, err
	}
	d.production = key.Public()
	fonts := pdf.Builtin()
	if b.conf.Fonts != "" {
		if fonts, err = fonts.With(b.conf.Fonts); err != nil {
			return conf, err
		}
	}
	if b.conf.Courses != "" {
		if conf.Courses, err = staff.ReadCourses(os.DirFS(b.conf.Courses)); err != nil {
			return conf, fault.Wrap(fault.Invalid, "read courses", err, "%v", err)
		}
	}
	conf.KeepDays = b.conf.KeepDays
	conf.Room, conf.RoomDays, conf.RoomNames = b.conf.room(), b.conf.DocumentDays, b.conf.DocumentNames
	conf.Produce = &produce.Packer{Key: key, Fonts: fonts, Spool: filepath.Join(b.conf.Data, "desk", "spool")}
	conf.Build, err = produce.RunningBuild()
	return conf, err
}

func (d *deskHalf) sessions(site string) deskdb.Sessions {
	return deskdb.Sessions{DB: d.db, Site: site}
}

func (d *deskHalf) shelf(b base, db *deskdb.DB, folder string) (casefile.Shelf, error) {
	blobs, err := blob.Open(filepath.Join(b.conf.Data, "desk", folder))
	return casefile.Shelf{Store: db, Blobs: blobs}, err
}

// listed are the entries of a list with commas.
func listed(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ", ")
}

// tick does what is due, and has the halves vouch for each other, until the
// context ends.
func (d *deskHalf) tick(b base) func(context.Context) {
	return func(ctx context.Context) {
		clock.Every(ctx, time.Second, func(ctx context.Context) {
			err := errors.Join(d.ledgers.public.Tick(ctx), d.desk.Tick(ctx), d.desk.Cosign(ctx))
			if err != nil && ctx.Err() == nil {
				b.log.Warn("the desk could not do all that is due", "err", err)
			}
		})
	}
}

func (d *deskHalf) sites(b base) (err error) {
	secure := b.conf.Secure()
	d.portal, err = portal.New(portal.Config{Agency: d.desk.Agencies, Intake: d.desk.Intake, Urgent: d.desk.Urgent, Law: b.law, Approvals: d.desk.PublicApprovals, Book: b.book, Sessions: kitSessions{d.sessions("portal")},
		Site: b.site("portal", "portal"), Owner: b.conf.Name, Contact: b.conf.Contact, Center: b.conf.Origin(""), Opener: folder(b.conf.Opener), Secure: secure, Demo: b.conf.Demo, Clock: b.clock, Log: b.log, Aside: d.aside})
	if err != nil {
		return err
	}
	if err := d.api(b, secure); err != nil {
		return err
	}
	d.console, err = console.New(console.Config{Desk: d.desk, Sessions: kitSessions{d.sessions("console")},
		Site: b.site("desk", "console"), Owner: b.conf.Name, Release: b.conf.Origin("release"), Center: b.conf.Origin(""), Secure: secure, Demo: b.conf.Demo, Clock: b.clock, Log: b.log})
	return err
}

// aside takes failures of sealed matters from the log.
func (d *deskHalf) aside(r *http.Request, what error) bool {
	return d.desk.Aside(r.Context(), r.URL.Path, what)
}

// api puts the API beside the portal, on its host.
func (d *deskHalf) api(b base, secure bool) error {
	doors, err := api.New(api.Config{Owner: b.conf.Name, Origin: b.conf.Origin("portal"), Center: b.conf.Origin(""), Agency: d.desk.Agencies, Intake: d.desk.Intake, Law: b.law,
		Secure: secure, Demo: b.conf.Demo, Clock: b.clock, Log: b.log, Aside: d.aside})
	if err != nil {
		return err
	}
	proxies, err := b.conf.Proxies()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", d.portal)
	mux.Handle("/api", doors)
	mux.Handle("/api/", doors)
	d.portal = behind(proxies, mux)
	return nil
}

// folder is a folder's files, nil for none.
func folder(dir string) fs.FS {
	if dir == "" {
		return nil
	}
	return os.DirFS(dir)
}

// firstLink is the one-time link of the first lead, empty once there is one.
func (d *deskHalf) firstLink(ctx context.Context, b base) (string, error) {
	link, err := d.desk.Staff.FirstLink(ctx)
	if fault.Is(err, fault.NotFound) { // the team exists
		return "", nil
	}
	return link, err
}

func (d *deskHalf) close() error {
	var errs []error
	for _, db := range []*deskdb.DB{d.db, d.sealed} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if d.ledgers.public != nil {
		errs = append(errs, d.ledgers.close())
	}
	return errors.Join(errs...)
}

// kitSessions are the desk's sessions as the pages know them.
type kitSessions struct{ deskdb.Sessions }

// PutSession stores one.
func (s kitSessions) PutSession(ctx context.Context, x kit.Session) error {
	return s.Sessions.PutSession(ctx, casefile.Session(x))
}

// Session reads one.
func (s kitSessions) Session(ctx context.Context, token [32]byte) (kit.Session, error) {
	x, err := s.Sessions.Session(ctx, token)
	return kit.Session(x), err
}
