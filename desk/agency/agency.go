// Package agency is the directory of authorities that may ask, and of their
// officers: who they are, how that was established, and the keys they sign in
// and receive with. It knows no case; that an officer is cut off at once is
// its promise.
package agency

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"time"

	"filippo.io/age"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/law"
)

// Agency is an authority in the directory.
type Agency struct {
	ID          casefile.AgencyID `cbor:"id"`
	Name        string            `cbor:"name"`
	Country     law.Jurisdiction  `cbor:"country"`     // "US", "US-CA", "DE"
	Domains     []string          `cbor:"domains"`     // official mail domains, lower case
	Switchboard string            `cbor:"switchboard"` // published number for call-backs
	Source      string            `cbor:"source"`      // where the number was found
	Address     []string          `cbor:"address"`     // for letters
	AddedBy     casefile.Actor    `cbor:"added_by"`    //
	Added       time.Time         `cbor:"added"`       //
	Closed      string            `cbor:"closed"`      // reason; empty: open
}

// State is how far an officer's enrolment is.
type State string

// The states.
const (
	Invited  State = "invited"  // the link was sent to the official mailbox
	Keyed    State = "keyed"    // a passkey is registered; a team member has to confirm
	Active   State = "active"   //
	Disabled State = "disabled" // left, lost or compromised
)

// Officer is a person of an agency.
type Officer struct {
	ID        casefile.OfficerID `cbor:"id"`
	Agency    casefile.AgencyID  `cbor:"agency"`
	Name      string             `cbor:"name"`
	Rank      string             `cbor:"rank"`
	Mailbox   string             `cbor:"mailbox"` // lower case
	Phone     string             `cbor:"phone"`
	State     State              `cbor:"state"`
	Keys      []passkey.Key      `cbor:"keys"`
	Recipient string             `cbor:"recipient"` // age public key; empty: a passphrase per package
	Since     time.Time          `cbor:"since"`
	Confirmed casefile.Actor     `cbor:"confirmed"` // the team member who confirmed
	How       string             `cbor:"how"`       // how they established who it is
	Ended     time.Time          `cbor:"ended"`
	Reason    string             `cbor:"reason"` // of the end
}

// Actor is the officer as the doer of something.
func (o Officer) Actor() casefile.Actor { return casefile.Officer(o.ID, o.Name) }

// Subject is how a session names the officer.
func (o Officer) Subject() string { return string(o.ID) }

// Store keeps the directory. A missing thing is NotFound; an officer's mailbox
// and each passkey are unique (Conflict).
type Store interface {
	PutAgency(ctx context.Context, a Agency) error
	Agency(ctx context.Context, id casefile.AgencyID) (Agency, error)
	Agencies(ctx context.Context) ([]Agency, error)
	PutOfficer(ctx context.Context, o Officer) error
	Officer(ctx context.Context, id casefile.OfficerID) (Officer, error)
	OfficerByMailbox(ctx context.Context, mailbox string) (Officer, error)
	OfficerByKey(ctx context.Context, key []byte) (Officer, error)
	Officers(ctx context.Context) ([]Officer, error)
}

// Service keeps the directory's rules.
type Service struct {
	Store    Store
	Links    casefile.Links
	Mail     casefile.Mailer
	Sessions casefile.Sessions // of the portal
	Acts     casefile.Acts
	URL      func(token string) string // the page of a one-time link
	Demo     bool                      // accepts the demo's software key

	writing sync.Mutex // an officer is read, changed and written by one at a time
}

// LinkLife is how long an enrolment link works.
const LinkLife = 24 * time.Hour

// MaxKeys is how many passkeys an officer may have: one lost key must not lock
// them out, and a handful is enough.
const MaxKeys = 4

// freeMail are domains anyone can get a mailbox at: never an authority's.
var freeMail = []string{"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com", "icloud.com",
	"me.com", "mac.com", "aol.com", "gmx.com", "gmx.de", "gmx.net", "web.de", "mail.com", "mail.ru", "yandex.ru", "yandex.com", "proton.me",
	"protonmail.com", "tutanota.com", "tuta.com", "zoho.com", "qq.com", "163.com", "126.com", "naver.com", "rediffmail.com", "fastmail.com", "hey.com"}

// FreeMail reports a domain of a free-mail provider.
func FreeMail(domain string) bool { return slices.Contains(freeMail, strings.ToLower(domain)) }

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "keep directory", format, args...)
}

// AddAgency puts an authority into the directory.
func (s *Service) AddAgency(ctx context.Context, by casefile.Actor, a Agency) (Agency, error) {
	for i, d := range a.Domains {
		a.Domains[i] = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(d), "@"))
	}
	switch {
	case by.MemberID() == "":
		return Agency{}, fault.New(fault.Forbidden, "add agency", "only the team keeps the directory")
	case strings.TrimSpace(a.Name) == "" || !casefile.Plain(a.Name, casefile.MaxReference) || a.Country == "":
		return Agency{}, invalid("an agency has a name and a country")
	case len(a.Domains) == 0 || slices.ContainsFunc(a.Domains, func(d string) bool { return !strings.Contains(d, ".") || strings.ContainsAny(d, " @/") }):
		return Agency{}, invalid("give the agency's official mail domains, such as sheriff.harbor.example")
	case slices.ContainsFunc(a.Domains, FreeMail):
		return Agency{}, invalid("a free-mail domain is no agency's")
	case a.Switchboard != "" && strings.TrimSpace(a.Source) == "":
		return Agency{}, invalid("say where the switchboard number was found: it must not come from a request")
	}
	all, err := s.Store.Agencies(ctx)
	if err != nil {
		return Agency{}, err
	}
	for _, o := range all {
		if o.Closed == "" && slices.ContainsFunc(a.Domains, func(d string) bool { return slices.Contains(o.Domains, d) }) {
			return Agency{}, fault.New(fault.Conflict, "add agency", "one of these domains belongs to %s already", o.Name)
		}
	}
	a.ID, a.AddedBy, a.Added = casefile.AgencyID(casefile.NewID()), by, s.Acts.Clock.Now()
	if err := s.Acts.Keep(ctx, "agency.added", by, string(a.ID), a.Source, a); err != nil {
		return Agency{}, err
	}
	return a, s.Store.PutAgency(ctx, a)
}

// Enrolment is what an officer gives to begin.
type Enrolment struct{ Name, Rank, Mailbox, Phone string }

// Enrol sends a one-time link to an official mailbox. The domain must be a
// known agency's. A mailbox that is enrolled already gets no link, and whoever
// asks is told the same.
func (s *Service) Enrol(ctx context.Context, e Enrolment) error {
	addr, err := mail.ParseAddress(strings.TrimSpace(e.Mailbox))
	if err != nil || addr.Name != "" || strings.TrimSpace(e.Name) == "" || !casefile.Plain(e.Name, 120) || !casefile.Plain(e.Rank, 120) || !casefile.Plain(e.Phone, 40) {
		return invalid("give your name and your official mailbox, such as name@agency.example")
	}
	box := strings.ToLower(addr.Address)
	a, err := s.agencyOf(ctx, box)
	if err != nil {
		return err
	}
	o, err := s.invite(ctx, e, a, box)
	if err != nil || o.ID == "" {
		return err // nobody is told that a mailbox is enrolled already: its owner knows
	}
	return s.sendLink(ctx, o, "Confirm your mailbox", "Open this link within 24 hours, on the device whose passkey you will use, to finish your enrolment:")
}

// invite keeps who wants to enrol; no officer if the mailbox is enrolled.
func (s *Service) invite(ctx context.Context, e Enrolment, a Agency, box string) (Officer, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Store.OfficerByMailbox(ctx, box)
	switch {
	case fault.Is(err, fault.NotFound):
		o = Officer{ID: casefile.OfficerID(casefile.NewID()), Agency: a.ID, Mailbox: box, Since: s.Acts.Clock.Now()}
	case err != nil:
		return Officer{}, err
	case o.State != Invited:
		return Officer{}, nil
	}
	o.Name, o.Rank, o.Phone, o.State = strings.TrimSpace(e.Name), e.Rank, e.Phone, Invited
	if err := s.Acts.Keep(ctx, "officer.invited", o.Actor(), string(o.ID), "", o); err != nil {
		return Officer{}, err
	}
	return o, s.Store.PutOfficer(ctx, o)
}

func (s *Service) sendLink(ctx context.Context, o Officer, subject, text string) error {
	token, err := s.Links.New(ctx, string(o.ID))
	if err != nil {
		return err
	}
	return s.Mail.Send(ctx, casefile.Mail{To: o.Mailbox, Subject: subject, Text: text + "\n\n" + s.URL(token) + "\n\nIf you did not ask for this, do nothing."})
}

func (s *Service) agencyOf(ctx context.Context, mailbox string) (Agency, error) {
	_, domain, _ := strings.Cut(mailbox, "@")
	if FreeMail(domain) {
		return Agency{}, invalid("%s is a free-mail provider; use your agency's official mailbox", domain)
	}
	all, err := s.Store.Agencies(ctx)
	if err != nil {
		return Agency{}, err
	}
	for _, a := range all {
		if a.Closed == "" && slices.Contains(a.Domains, domain) {
			return a, nil
		}
	}
	return Agency{}, invalid("the domain %s is not in our directory yet; write to us from it on paper and we will add your agency", domain)
}

// Open says whose link it is, without using it up.
func (s *Service) Open(ctx context.Context, token string) (Officer, error) {
	id, err := s.Links.Look(ctx, token)
	if err != nil {
		return Officer{}, err
	}
	return s.Store.Officer(ctx, casefile.OfficerID(id))
}

// RegisterKey uses the link up and gives the officer the passkey that the page
// has verified (passkey.Site.Register).
func (s *Service) RegisterKey(ctx context.Context, token string, k passkey.Key) (Officer, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Open(ctx, token)
	if err != nil {
		return Officer{}, err
	}
	if err := s.keyFits(o, k); err != nil {
		return Officer{}, err
	}
	if o.State == Invited {
		o.State = Keyed
	}
	o.Keys = append(slices.Clone(o.Keys), k)
	if err := s.Acts.Keep(ctx, "officer.keyed", o.Actor(), string(o.ID), "", o); err != nil {
		return Officer{}, err
	}
	if _, err := s.Links.Take(ctx, token); err != nil {
		return Officer{}, err
	}
	return o, s.Store.PutOfficer(ctx, o)
}

func (s *Service) keyFits(o Officer, k passkey.Key) error {
	switch {
	case o.State == Disabled:
		return fault.New(fault.Forbidden, "register key", "this enrolment has ended; ask the team")
	case len(k.ID) == 0 || len(k.Public) == 0:
		return invalid("the passkey is incomplete")
	case k.Demo && !s.Demo:
		return fault.New(fault.Forbidden, "register key", "this is the demo's software key; use a passkey of your own")
	case len(o.Keys) >= MaxKeys:
		return fault.New(fault.Exhausted, "register key", "you have %d passkeys already; have one removed first", MaxKeys)
	}
	return nil
}

// Confirm makes an officer active. How says how the member established who it
// is, such as a call to the switchboard.
func (s *Service) Confirm(ctx context.Context, by casefile.Actor, id casefile.OfficerID, how string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Store.Officer(ctx, id)
	switch {
	case err != nil:
		return err
	case by.MemberID() == "":
		return fault.New(fault.Forbidden, "confirm officer", "only the team confirms officers")
	case o.State != Keyed:
		return fault.New(fault.Conflict, "confirm officer", "only an officer who has registered a passkey can be confirmed")
	case strings.TrimSpace(how) == "":
		return invalid("say how you established who this is")
	}
	o.State, o.Confirmed, o.How = Active, by, how
	if err := s.Acts.Keep(ctx, "officer.confirmed", by, string(id), how, o); err != nil {
		return err
	}
	return s.Store.PutOfficer(ctx, o)
}

// Disable cuts an officer off at once: sessions, links and keys. It never
// waits for the ledger.
func (s *Service) Disable(ctx context.Context, by casefile.Actor, id casefile.OfficerID, reason string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Store.Officer(ctx, id)
	switch {
	case err != nil:
		return err
	case by.MemberID() == "" && by.OfficerID() != id:
		return fault.New(fault.Forbidden, "disable officer", "only the team, or the officer, ends an enrolment")
	case strings.TrimSpace(reason) == "":
		return invalid("give the reason")
	}
	o.State, o.Reason, o.Ended, o.Keys = Disabled, reason, s.Acts.Clock.Now(), nil
	s.Acts.Journal("officer.disabled", by, string(id), reason, o)
	if err := s.Store.PutOfficer(ctx, o); err != nil {
		return err
	}
	if err := s.Links.Store.DropLinks(ctx, s.Links.Kind, string(id)); err != nil {
		return err
	}
	return s.Sessions.DropSessions(ctx, o.Subject())
}

// SetRecipient stores the age key that packages are sealed to; empty means a
// passphrase shown once for each package.
func (s *Service) SetRecipient(ctx context.Context, id casefile.OfficerID, recipient string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Active(ctx, id)
	if err != nil {
		return err
	}
	recipient = strings.TrimSpace(recipient)
	if err := recipientFits(recipient); err != nil {
		return err
	}
	o.Recipient = recipient
	if err := s.Acts.Keep(ctx, "officer.recipient", o.Actor(), string(id), "", o); err != nil {
		return err
	}
	return s.Store.PutOfficer(ctx, o)
}

func recipientFits(r string) (err error) {
	switch {
	case r == "":
		return nil
	case strings.HasPrefix(r, "age1pq1"):
		_, err = age.ParseHybridRecipient(r)
	default:
		_, err = age.ParseX25519Recipient(r)
	}
	if err != nil {
		return invalid("this is not an age key; it begins with age1 and is printed by \"verify keygen\"")
	}
	return nil
}

// Active is an officer who may act now; anyone else is Unauthenticated.
func (s *Service) Active(ctx context.Context, id casefile.OfficerID) (Officer, error) {
	o, err := s.Store.Officer(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && o.State != Active {
		return Officer{}, fault.New(fault.Unauthenticated, "find officer", "this enrolment is not active; a team member has to confirm it, or it has ended")
	}
	if err != nil {
		return Officer{}, err
	}
	a, err := s.Store.Agency(ctx, o.Agency)
	if err == nil && a.Closed != "" {
		return Officer{}, fault.New(fault.Unauthenticated, "find officer", "this agency's access has ended")
	}
	return o, err
}

// ByKey finds the officer and the passkey of a sign-in. The officer may be
// waiting for confirmation: their page says so.
func (s *Service) ByKey(ctx context.Context, keyID []byte) (Officer, passkey.Key, error) {
	o, err := s.Store.OfficerByKey(ctx, keyID)
	if err == nil && o.State != Disabled {
		for _, k := range o.Keys {
			if string(k.ID) == string(keyID) {
				return o, k, nil
			}
		}
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Officer{}, passkey.Key{}, err
	}
	return Officer{}, passkey.Key{}, fault.New(fault.Unauthenticated, "find passkey", "this passkey is not enrolled here")
}

// KeyUsed stores a passkey's new counter after a sign-in.
func (s *Service) KeyUsed(ctx context.Context, id casefile.OfficerID, k passkey.Key) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Store.Officer(ctx, id)
	if err != nil {
		return err
	}
	o.Keys = slices.Clone(o.Keys)
	for i := range o.Keys {
		if string(o.Keys[i].ID) == string(k.ID) {
			o.Keys[i] = k
			return s.Store.PutOfficer(ctx, o)
		}
	}
	return fault.New(fault.Unauthenticated, "use passkey", "this passkey is not enrolled here")
}

// Agency finds an agency.
func (s *Service) Agency(ctx context.Context, id casefile.AgencyID) (Agency, error) {
	return s.Store.Agency(ctx, id)
}

// Agencies is the directory.
func (s *Service) Agencies(ctx context.Context) ([]Agency, error) { return s.Store.Agencies(ctx) }

// Officer finds an officer in any state.
func (s *Service) Officer(ctx context.Context, id casefile.OfficerID) (Officer, error) {
	return s.Store.Officer(ctx, id)
}

// Officers is everyone, those who wait for confirmation first.
func (s *Service) Officers(ctx context.Context) ([]Officer, error) {
	all, err := s.Store.Officers(ctx)
	slices.SortStableFunc(all, func(a, b Officer) int {
		if (a.State == Keyed) != (b.State == Keyed) {
			if a.State == Keyed {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all, err
}
