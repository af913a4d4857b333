package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"letterlock/desk/retain"
	"letterlock/internal/fault"
)

// Config is every setting there is. The tags are the documentation that
// `letterlock config --help` prints, so a setting cannot go undocumented.
type Config struct {
	Data   string `toml:"data" help:"Folder for everything this process keeps." default:"-"`
	Listen string `toml:"listen" help:"Address and port for people, officers and the team." default:"127.0.0.1:8080"`
	Role   string `toml:"role" help:"all, carrier or desk: which halves this process runs." default:"all"`

	Name    string `toml:"name" help:"The operator's name, as letters and pages show it." default:"Letterlock"`
	Postal  string `toml:"postal" help:"The operator's postal address, as letters show it." default:"-"`
	Contact string `toml:"contact" help:"How agencies reach the response team (e-mail or telephone)." default:"-"`

	Host   string `toml:"host" help:"Public host name. The carrier and the public pages answer here; portal., desk. and release. before it serve officers, team and key holders." default:"localhost"`
	Public string `toml:"public_port" help:"Port in public addresses, if not the one listened on (a proxy in front)." default:"-"`

	TLSCert       string `toml:"tls_cert" help:"Certificate file (PEM, with chain). Without it and without acme, only loopback is served." default:"-"`
	TLSKey        string `toml:"tls_key" help:"Key file of the certificate." default:"-"`
	ACME          bool   `toml:"acme" help:"Get certificates by ACME (needs port 443 of all four host names)." default:"false"`
	ACMEDirectory string `toml:"acme_directory" help:"Directory of another certificate authority than Let's Encrypt." default:"-"`
	ACMEEmail     string `toml:"acme_email" help:"Contact given to the certificate authority." default:"-"`

	TrustProxy string `toml:"trust_proxy" help:"Networks of the proxies in front that end TLS and set X-Forwarded-For, separated by commas, such as 10.0.0.0/8. From anyone else that header is not believed." default:"-"`

	Database     string `toml:"database" help:"Carrier's database: empty for SQLite in the data folder, or postgres://..." default:"-"`
	DeskDatabase string `toml:"desk_database" help:"Desk's database, never the carrier's: empty for SQLite, or postgres://..." default:"-"`

	SealedDatabase string `toml:"sealed_database" help:"Database of the desk's sealed cases, shared with nothing: empty for SQLite, or postgres://..." default:"-"`
	KeyHolders     string `toml:"key_holders" help:"Names of the three people who first hold release keys, separated by commas. Read at first start only." default:"First key holder, Second key holder, Third key holder"`

	SealedHolders         string `toml:"sealed_key_holders" help:"Names of the people who first hold release keys for sealed matters, separated by commas: people cleared for them, with passkeys of their own for it. Read at first start only." default:"First cleared key holder, Second cleared key holder, Third cleared key holder"`
	SealedCarrierDatabase string `toml:"sealed_carrier_database" help:"Carrier's database of sealed grants and their key holders, shared with nothing: empty for SQLite, or postgres://..." default:"-"`

	SMS         string `toml:"sms" help:"How registration codes leave: webhook:URL, or outbox:DIR (a file per message; loopback only)." default:"outbox:DATA/sms"`
	Mail        string `toml:"mail" help:"How links and notices leave by e-mail: smtp://user:password@host:port, or outbox:DIR (loopback only)." default:"outbox:DATA/mail"`
	MailRelays  string `toml:"mail_relays" help:"The operator's own mail servers as they name themselves after 'by' in Received lines, and the networks over which they reach each other, separated by commas. Only their lines are believed when the sender of an e-mail file is checked." default:"-"`
	MailServers string `toml:"mail_servers" help:"Names under which the operator's mail servers write Authentication-Results, separated by commas. They must remove such lines that come from outside." default:"-"`
	From        string `toml:"mail_from" help:"Sender of e-mail." default:"-"`

	Door     string `toml:"door" help:"Where the desk reaches the carrier when they run apart: unix:PATH or https://HOST:PORT." default:"unix:DATA/door.sock"`
	DoorCert string `toml:"door_cert" help:"This half's certificate for the door (mutual TLS)." default:"-"`
	DoorKey  string `toml:"door_key" help:"Key of that certificate." default:"-"`
	DoorCA   string `toml:"door_ca" help:"Authority that signed the other half's certificate." default:"-"`

	PeerKeys string `toml:"peer_keys" help:"File with the other half's ledger keys ('letterlock ledger keys' prints them); needed when the halves run apart." default:"-"`

	Witnesses  string `toml:"witnesses" help:"File of witnesses elsewhere that co-sign this half's public checkpoints, so that nobody can be shown two histories: a line for each, verifier key and address (C2SP tlog-witness)." default:"-"`
	WitnessFor string `toml:"witness_for" help:"File with verifier keys of other operators' ledgers whose checkpoints this half co-signs at /witness/add-checkpoint, one a line." default:"-"`

	LedgerEvery time.Duration `toml:"ledger_every" help:"How often a batch of leaves enters the ledger, and a checkpoint is signed." default:"1m0s"`
	LedgerBatch int           `toml:"ledger_batch" help:"Leaves in each batch, real and dummy together." default:"64"`

	LawFile       string `toml:"law_file" help:"The operator's own law rows and counsel's approvals (TOML), the same file for both halves. A row that is wider than the program's own, or added to them and giving anything, informs and never unlocks." default:"-"`
	SealedLawFile string `toml:"sealed_law_file" help:"Counsel's approvals of rows of sealed matters (TOML), the same file for both halves, readable to cleared people only. It holds approvals of such rows and nothing else." default:"-"`
	LangDir       string `toml:"lang_dir" help:"Folder with catalogues of messages of your own: adds languages to the officers' pages and letters, or changes sentences. See docs/translating.md; 'letterlock lang check DIR' checks it." default:"-"`
	Reports       string `toml:"reports" help:"Folder with the published transparency reports, a folder each; the public site shows them." default:"-"`
	Documents     string `toml:"document_room" help:"Folder of the public document room, which the public site shows; off: none, and no duty of it." default:"DATA/documents"`
	KeepDays      int    `toml:"keep_days" help:"Days after which the data of persons leave a closed case, counted from the day on which it and all its duties ended: 30 to 36500. The figure is the house's own and no law's; counsel sets another where one asks for it." default:"1095"`
	DocumentDays  int    `toml:"document_room_days" help:"Days that counsel has, once nobody withholds them any more, to publish the papers of a case or to object in writing." default:"14"`
	DocumentNames bool   `toml:"document_room_officers" help:"Name officers in what the document room publishes. Accounts, and everybody else, are never named." default:"false"`
	ContactKeys   string `toml:"contact_keys" help:"File with age or OpenPGP public keys, shown beside the contact." default:"-"`
	ReportBands   string `toml:"report_bands" help:"Structure of the national-security bands in reports, 1 to 4 of 50 USC 1874(a); empty: nothing of them is published." default:"-"`
	Fonts         string `toml:"fonts" help:"Folder with further fonts (.ttf) for letters." default:"-"`
	Second        int    `toml:"second_reviews" help:"Of a hundred decisions, how many are drawn for a second review: 5 to 100." default:"5"`
	Courses       string `toml:"courses" help:"Folder with the operator's own courses for the team (.toml); one of the same id replaces a shipped one." default:"-"`
	Opener        string `toml:"opener" help:"Folder with verify.html, the page in which an officer opens a package ('make page' builds it into bin/)." default:"-"`

	Chat string `toml:"chat" help:"Folder of the browser client ('make chat' builds it), served on the host chat. before the carrier's. Empty: not served. No program of the operator holds it." default:"-"`

	Clamd          string `toml:"clamd" help:"Malware scanner for uploads, a ClamAV daemon: unix:PATH or tcp:HOST:PORT. While it cannot be reached, no file is taken. Empty: uploads are not scanned." default:"-"`
	SignatureRoots string `toml:"signature_roots" help:"File with certificates (PEM) of the authorities that are believed when they vouch for the signer of a paper. Empty: none is, and signers' certificates are shown as of an unknown authority." default:"-"`

	Media      string `toml:"media" help:"Where people's sealed files lie until they are fetched: folder:DIR, or s3://KEY:SECRET@HOST/BUCKET[/PREFIX]?region=REGION (a bucket without versioning; the secret written as in a URL, %2F for /; &tls=no for a server without TLS on this machine)." default:"folder:DATA/carrier/files"`
	MediaQuota int    `toml:"media_quota" help:"GiB of files that an account may send in a day. How much it has sent is kept in memory only." default:"10"`
	AbuseKey   string `toml:"abuse_key" help:"Public key, from 'letterlock abuse key', to which reports of abuse are sealed. Its private half is kept off the server. Empty: none are taken." default:"-"`
	MediaSpace int    `toml:"media_space" help:"GiB that all files together may take." default:"100"`

	Push        string `toml:"push" help:"Wake browsers that are away by Web Push, with a message that says nothing: on or off. The push service of the browser's maker learns that something waits for a browser, and when. See docs/threat-model.md." default:"on"`
	PushContact string `toml:"push_contact" help:"How a push service reaches the operator: mailto:ADDRESS or https://... Empty: the public address." default:"-"`

	Elide    time.Duration `toml:"elide" help:"How long an envelope for a connected device may wait in memory for its acknowledgement before it is written." default:"250ms"`
	Metrics  string        `toml:"metrics" help:"Address and port for metrics (no people in them); empty: none." default:"-"`
	LogLevel string        `toml:"log_level" help:"debug, info, warn or error." default:"info"`

	CodesPerAddress    int     `toml:"codes_per_address" help:"Registration codes that one network address may ask for in an hour." default:"20"`
	TriesPerAddress    int     `toml:"tries_per_address" help:"Registrations that one network address may try in an hour." default:"60"`
	CallsPerAddress    float64 `toml:"calls_per_address" help:"Calls a second from one network address." default:"50"`
	EnvelopesPerDevice float64 `toml:"envelopes_per_device" help:"Envelopes a second from one device." default:"50"`

	LinkedDevices  int `toml:"linked_devices" help:"Devices that a person may link beside the one their number was registered with; at most 11." default:"5"`
	LookupsPerDay  int `toml:"lookups_per_day" help:"Numbers a new account may learn in a day." default:"20"`
	ResolvesPerDay int `toml:"resolves_per_day" help:"Identifiers the desk may look up in a day, over all cases." default:"200"`

	Demo      bool   `toml:"demo" help:"Demo mode: software keys (marked DEMO) are accepted. Loopback only." default:"false"`
	ClockFile string `toml:"clock_file" help:"File with an offset (such as 168h) added to the clock. Demo mode only." default:"-"`
}

// DefaultConfig reads the defaults from the tags.
func DefaultConfig() Config {
	var c Config
	v, t := reflect.ValueOf(&c).Elem(), reflect.TypeFor[Config]()
	for i := range t.NumField() {
		setDefault(v.Field(i), t.Field(i).Tag.Get("default"))
	}
	return c
}

func setDefault(v reflect.Value, s string) {
	if s == "-" {
		return
	}
	switch p := v.Addr().Interface().(type) {
	case *string:
		*p = s
	case *bool:
		*p = s == "true"
	case *int:
		fmt.Sscan(s, p)
	case *float64:
		fmt.Sscan(s, p)
	case *time.Duration:
		*p, _ = time.ParseDuration(s)
	}
}

// LoadConfig reads a file over the defaults. Unknown keys are refused.
func LoadConfig(path string) (Config, error) {
	c := DefaultConfig()
	if path == "" {
		return c, nil
	}
	md, err := toml.DecodeFile(path, &c)
	if err != nil {
		return Config{}, fault.Wrap(fault.Invalid, "read configuration", err, "%s cannot be read: %v", path, err)
	}
	if u := md.Undecoded(); len(u) > 0 {
		return Config{}, fault.New(fault.Invalid, "read configuration", "%s has a setting that does not exist: %q. See 'letterlock config --help'", path, u[0])
	}
	return c, nil
}

// Finish fills what depends on the data folder and refuses what cannot be.
func (c *Config) Finish() error {
	bad := func(format string, a ...any) error {
		return fault.New(fault.Invalid, "check configuration", "%s", fmt.Sprintf(format, a...))
	}
	if c.Data == "" {
		return bad("no data folder is set: give --data DIR")
	}
	for _, p := range []*string{&c.SMS, &c.Mail, &c.Door, &c.Media, &c.Documents} {
		*p = strings.Replace(*p, "DATA", filepath.Clean(c.Data), 1)
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return bad("listen must be HOST:PORT, not %q", c.Listen)
	}
	if c.Public == "" {
		c.Public = port
	}
	loop := loopback(host)
	switch {
	case c.Role != "all" && c.Role != "carrier" && c.Role != "desk":
		return bad("role must be all, carrier or desk, not %q", c.Role)
	case c.Second < 5 || c.Second > 100:
		return bad("second_reviews must be 5 to 100, not %d", c.Second)
	case c.KeepDays < retain.LeastDays || c.KeepDays > 36500:
		return bad("keep_days must be %d to 36500, not %d", retain.LeastDays, c.KeepDays)
	case c.DocumentDays < 1 || c.DocumentDays > 90:
		return bad("document_room_days must be 1 to 90, not %d", c.DocumentDays)
	case c.Demo && !loop:
		return bad("refusing demo mode on %s: it accepts software keys; listen on 127.0.0.1", host)
	case c.ClockFile != "" && !c.Demo:
		return bad("refusing clock_file outside demo mode: duties end by the clock")
	case strings.HasPrefix(c.SMS, "outbox:") && !loop && c.Role != "desk":
		return bad("refusing sms = outbox on %s: anyone with the folder could take over numbers; use webhook:URL", host)
	case strings.HasPrefix(c.Mail, "outbox:") && !loop:
		return bad("refusing mail = outbox on %s: anyone with the folder could sign in as an officer; use smtp://...", host)
	case !loop && !c.TLS() && c.TrustProxy == "":
		return bad("refusing to listen on %s without TLS: set tls_cert and tls_key, or acme, or trust_proxy behind one that ends TLS", host)
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return bad("tls_cert and tls_key go together")
	case c.MediaQuota < 1 || c.MediaSpace < 1 || c.MediaQuota > 1<<10 || c.MediaSpace > 1<<30:
		return bad("media_quota and media_space are GiB: 1 and more")
	case c.LedgerEvery < time.Second || c.LedgerBatch < 8:
		return bad("ledger_every must be at least 1s and ledger_batch at least 8")
	case c.Role == "all" && c.Database != "" && c.Database == c.DeskDatabase:
		return bad("refusing one database for both halves: give the desk its own")
	case c.SealedDatabase != "" && (c.SealedDatabase == c.DeskDatabase || c.SealedDatabase == c.Database):
		return bad("refusing to keep sealed cases in a database with others: give sealed_database one of its own")
	case c.SealedCarrierDatabase != "" && (c.SealedCarrierDatabase == c.Database || c.SealedCarrierDatabase == c.DeskDatabase || c.SealedCarrierDatabase == c.SealedDatabase):
		return bad("refusing to keep sealed grants in a database with others: give sealed_carrier_database one of its own")
	}
	return nil
}

// TLS reports whether this process ends TLS itself.
func (c Config) TLS() bool { return c.ACME || c.TLSCert != "" }

// Secure reports whether people reach the sites over https.
func (c Config) Secure() bool { return c.TLS() || c.TrustProxy != "" }

// Proxies are the networks of trust_proxy.
func (c Config) Proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for s := range strings.SplitSeq(c.TrustProxy, ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "check configuration", err, "trust_proxy: %q is no network such as 10.0.0.0/8", s)
		}
		out = append(out, p)
	}
	return out, nil
}

// Carrier reports whether this process runs the carrier's half.
func (c Config) Carrier() bool { return c.Role != "desk" }

// Desk reports whether this process runs the desk's half.
func (c Config) Desk() bool { return c.Role != "carrier" }

// Origin is the address of one of the sites as people type it: "" is the
// carrier's own, then portal, desk and release.
func (c Config) Origin(site string) string {
	u := url.URL{Scheme: "http", Host: c.SiteHost(site)}
	secure := c.Secure()
	if secure {
		u.Scheme = "https"
	}
	if (secure && c.Public != "443") || (!secure && c.Public != "80") {
		u.Host = net.JoinHostPort(u.Host, c.Public)
	}
	return u.String()
}

// SiteHost is the host name of a site, which is also its WebAuthn RP ID: the
// exact host and never a suffix of another site's.
func (c Config) SiteHost(site string) string {
	if site == "" {
		return c.Host
	}
	return site + "." + c.Host
}

// loopbackOnly reports whether nobody beyond this machine can connect.
func (c Config) loopbackOnly() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && loopback(host)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// DocumentConfig writes every setting, its default and what it does, indented
// so that it is shown line by line.
func DocumentConfig(w io.Writer) error {
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		g := t.Field(i).Tag
		head := g.Get("toml")
		if def := g.Get("default"); def != "-" {
			head += " = " + def
		}
		if _, err := fmt.Fprintf(w, "\t%s\n%s\n", head, wrap(g.Get("help"), "\t    ", 72)); err != nil {
			return err
		}
	}
	return nil
}

// wrap breaks a text into indented lines of about a width.
func wrap(text, indent string, width int) string {
	var b strings.Builder
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			b.WriteString(indent + line + "\n")
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return b.String() + indent + line + "\n"
}

// makeData creates the data folder for its owner alone.
func makeData(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(fault.Invalid, "make data folder", err, "the data folder %s cannot be made: %v", dir, errors.Unwrap(err))
	}
	return nil
}

// Print writes the settings in force as a configuration file would have them.
// What may hold a password is not printed.
func (c Config) Print(w io.Writer) error {
	v, t := reflect.ValueOf(c), reflect.TypeFor[Config]()
	for i := range t.NumField() {
		val := v.Field(i).Interface()
		if s, ok := val.(string); ok && strings.Contains(s, "@") && strings.Contains(s, "://") {
			val = "(set, not shown: it may hold a password)"
		}
		if d, ok := val.(time.Duration); ok {
			val = d.String()
		}
		if _, err := fmt.Fprintf(w, "%s = %#v\n", t.Field(i).Tag.Get("toml"), val); err != nil {
			return err
		}
	}
	return nil
}
