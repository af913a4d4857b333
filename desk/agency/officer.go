package agency

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// State is how far an officer's enrolment is.
type State string

// The states.
const (
	Invited  State = "invited"  // the link was sent to the official mailbox
	Keyed    State = "keyed"    // a passkey is registered; two of the team have to confirm
	Active   State = "active"   //
	Lost     State = "lost"     // every passkey was lost; two of the team have to confirm before a new link
	Disabled State = "disabled" // left or ended
)

// Officer is a person of an agency.
type Officer struct {
	ID        casefile.OfficerID  `cbor:"id"`
	Agency    casefile.AgencyID   `cbor:"agency"`
	Name      string              `cbor:"name"`
	Rank      string              `cbor:"rank"`
	Mailbox   string              `cbor:"mailbox"` // lower case
	Phone     string              `cbor:"phone"`
	Role      casefile.AgencyRole `cbor:"role"` // within the agency
	State     State               `cbor:"state"`
	Keys      []passkey.Key       `cbor:"keys"`
	KeyAdded  time.Time           `cbor:"key_added"` // when the newest passkey came
	Recipient string              `cbor:"recipient"` // age public key; empty: a passphrase per package
	Language  string              `cbor:"language"`  // of pages, mails and letters; empty: not chosen
	Since     time.Time           `cbor:"since"`
	Begun     []Word              `cbor:"begun"`     // confirmations of the round that is open
	Confirmed []Word              `cbor:"confirmed"` // the two of the last round, oldest first
	Networks  []Network           `cbor:"networks"`  // where they signed in from, blurred
	Strange   time.Time           `cbor:"strange"`   // the last sign-in from a network not seen before
	Ended     time.Time           `cbor:"ended"`
	EndedBy   casefile.Actor      `cbor:"ended_by"`
	Reason    string              `cbor:"reason"` // of the end, or of the loss
	Given     Word                `cbor:"given"`  // who gave the role, and why; zero: the first one
}

// Actor is the officer as the doer of something.
func (o Officer) Actor() casefile.Actor { return casefile.Officer(o.ID, o.Name) }

// Subject is how a session names the officer.
func (o Officer) Subject() string { return string(o.ID) }

// MinKeys and MaxKeys are how many passkeys an officer has before they may send
// a request, so that one lost device does not lock them out, and at most.
const (
	MinKeys = 2
	MaxKeys = 4
)

// Confirmation holds for a year; the last month of it asks for the next.
const (
	ConfirmedFor  = 365 * 24 * time.Hour
	ConfirmNotice = 30 * 24 * time.Hour
)

// LinkLife is how long an enrolment link works.
const LinkLife = 24 * time.Hour

// ConfirmedUntil is when the officer has to be confirmed again.
func (o Officer) ConfirmedUntil() time.Time {
	if len(o.Confirmed) == 0 {
		return time.Time{}
	}
	return o.Confirmed[len(o.Confirmed)-1].At.Add(ConfirmedFor)
}

// ConfirmDue reports that a round of confirmation is open, or has to be soon.
func (o Officer) ConfirmDue(now time.Time) bool {
	switch o.State {
	case Keyed:
		return true
	case Lost:
		return len(o.Confirmed) == 0
	case Active:
		return !now.Before(o.ConfirmedUntil().Add(-ConfirmNotice))
	}
	return false
}

// MaySend says in a sentence why an active officer may not send a request now;
// nil if they may.
func (o Officer) MaySend(now time.Time) error {
	switch {
	case len(o.Keys) < MinKeys:
		return fault.New(fault.Conflict, "send request", "register a second passkey first, under “My keys”: an officer has two, so that a lost device locks nobody out")
	case !now.Before(o.ConfirmedUntil()):
		return fault.New(fault.Conflict, "send request", "your enrolment has to be confirmed again: two of the team call your agency's switchboard; ask them to")
	}
	return nil
}

// Enrolment is what an officer gives to begin.
type Enrolment struct {
	Name, Rank, Mailbox, Phone string
	Language                   string // of pages, mails and letters; empty: not chosen
}

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
	return s.sendLink(ctx, o, "Confirm your mailbox", "Open this link within 24 hours, on the device whose passkey you will use, to finish your enrolment:\n\n%s\n\nIf you did not ask for this, do nothing.")
}

// invite keeps who wants to enrol; no officer if the mailbox is enrolled.
func (s *Service) invite(ctx context.Context, e Enrolment, a Agency, box string) (Officer, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Store.OfficerByMailbox(ctx, box)
	switch {
	case fault.Is(err, fault.NotFound):
		o = Officer{ID: casefile.OfficerID(casefile.NewID()), Agency: a.ID, Mailbox: box, Role: casefile.Requester, Since: s.Acts.Clock.Now()}
	case err != nil:
		return Officer{}, err
	case o.State != Invited:
		return Officer{}, nil
	}
	if err := s.uncut(ctx, o); err != nil {
		return Officer{}, err
	}
	if s.tongues().Tongue(e.Language) != nil {
		o.Language = e.Language
	}
	o.Name, o.Rank, o.Phone, o.State = strings.TrimSpace(e.Name), e.Rank, e.Phone, Invited
	if err := s.Acts.Keep(ctx, "officer.invited", o.Actor(), string(o.ID), "", o); err != nil {
		return Officer{}, err
	}
	return o, s.Store.PutOfficer(ctx, o)
}

func (s *Service) sendLink(ctx context.Context, o Officer, subject, form string) error {
	token, err := s.Links.New(ctx, string(o.ID))
	if err != nil {
		return err
	}
	return s.Mail.Send(ctx, casefile.NewMail(o.Mailbox, subject, form, s.URL(token)))
}

func (s *Service) agencyOf(ctx context.Context, mailbox string) (Agency, error) {
	domain := casefile.DomainOf(mailbox)
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
	o, err := s.Store.Officer(ctx, casefile.OfficerID(id))
	if err != nil {
		return Officer{}, err
	}
	return o, s.uncut(ctx, o)
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
	switch {
	case o.State == Invited:
		o.State = Keyed
	case o.State == Lost && len(o.Confirmed) > 0: // two people called back before the link was sent
		o.State, o.Reason = Active, ""
	}
	o.Keys, o.KeyAdded = append(slices.Clone(o.Keys), k), s.Acts.Clock.Now()
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
	case o.State == Disabled || o.State == Lost && len(o.Confirmed) == 0:
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

// Active is an officer who may act now; anyone else is Unauthenticated. Every
// act of an officer asks it, so that a cut works at once.
func (s *Service) Active(ctx context.Context, id casefile.OfficerID) (Officer, error) {
	o, err := s.Store.Officer(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && o.State != Active {
		return Officer{}, fault.New(fault.Unauthenticated, "find officer", "this enrolment is not active; two members of the team have to confirm it, or it has ended")
	}
	if err != nil {
		return Officer{}, err
	}
	return o, s.open(ctx, o)
}

// open refuses whose agency is closed or who is cut.
func (s *Service) open(ctx context.Context, o Officer) error {
	a, err := s.Store.Agency(ctx, o.Agency)
	if err != nil {
		return err
	}
	if a.Closed != "" {
		return fault.New(fault.Unauthenticated, "find officer", "this agency's access has ended")
	}
	return s.uncut(ctx, o)
}

// ByKey finds the officer and the passkey of a sign-in. The officer may be
// waiting for confirmation: their page says so.
func (s *Service) ByKey(ctx context.Context, keyID []byte) (Officer, passkey.Key, error) {
	o, err := s.Store.OfficerByKey(ctx, keyID)
	if err == nil && o.State != Disabled {
		if err := s.uncut(ctx, o); err != nil {
			return Officer{}, passkey.Key{}, err
		}
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
