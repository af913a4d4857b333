// Package agency is the directory of authorities that may ask, and of their
// officers: who they are, how that was established, and the keys they sign in
// and receive with. It knows no case; that an officer is cut off at once is
// its promise.
package agency

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/internal/lang"
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
	Checked     Word              `cbor:"checked"`     // when the number was last looked up anew; zero: not since it changed
	NumberBy    casefile.Actor    `cbor:"number_by"`   // who entered the number; somebody else checks it
	Sponsor     Word              `cbor:"sponsor"`     // who of the team vouches for it, and why
	Contact     Contact           `cbor:"contact"`     // the agency's single point of contact
	Number      string            `cbor:"number"`      // ORI or another official id
	Zone        string            `cbor:"zone"`        // IANA time zone of its office hours; empty: by country
	Address     []string          `cbor:"address"`     // for letters, and where it sits
	AddedBy     casefile.Actor    `cbor:"added_by"`    //
	Added       time.Time         `cbor:"added"`       //
	Closed      string            `cbor:"closed"`      // reason; empty: open
	Changes     []Change          `cbor:"changes"`     // oldest first
}

// Word is what somebody of the team said, and when.
type Word struct {
	By  casefile.Actor `cbor:"by"`
	At  time.Time      `cbor:"at"`
	Why string         `cbor:"why"`
}

// Contact is an agency's single point of contact: an office or a person.
type Contact struct {
	Name    string `cbor:"name"`
	Mailbox string `cbor:"mailbox"`
	Phone   string `cbor:"phone"`
}

// Store keeps the directory. A missing thing is NotFound; an officer's mailbox
// and each passkey are unique (Conflict).
type Store interface {
	SystemStore
	PutAgency(ctx context.Context, a Agency) error
	Agency(ctx context.Context, id casefile.AgencyID) (Agency, error)
	Agencies(ctx context.Context) ([]Agency, error)
	PutOfficer(ctx context.Context, o Officer) error
	Officer(ctx context.Context, id casefile.OfficerID) (Officer, error)
	OfficerByMailbox(ctx context.Context, mailbox string) (Officer, error)
	OfficerByKey(ctx context.Context, key []byte) (Officer, error)
	Officers(ctx context.Context) ([]Officer, error)
	// PutCut writes a use of the compromise switch over itself.
	PutCut(ctx context.Context, c casefile.Cut) error
	// Cuts are all, the newest first.
	Cuts(ctx context.Context) ([]casefile.Cut, error)
	// CutsOf are those about these agencies, domains or officers, over or not.
	CutsOf(ctx context.Context, what ...string) ([]casefile.Cut, error)
	// Unworked are those whose cases are not all held yet.
	Unworked(ctx context.Context) ([]casefile.Cut, error)
}

// Team says who of the team keeps the directory.
type Team interface {
	May(ctx context.Context, id casefile.MemberID, p casefile.Permission, n casefile.Number) (casefile.Actor, error)
}

// keeps reports a member of the team who keeps the directory.
func (s *Service) keeps(ctx context.Context, by casefile.Actor) bool {
	if by.MemberID() == "" {
		return false
	}
	_, err := s.Team.May(ctx, by.MemberID(), casefile.KeepDirectory, "")
	return err == nil
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
	Book     *lang.Book                // languages of mails; nil: those that the program brings

	Team Team

	writing sync.Mutex // an officer is read, changed and written by one at a time
}

// freeMail are domains anyone can get a mailbox at: never an authority's.
var freeMail = []string{"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com", "icloud.com",
	"me.com", "mac.com", "aol.com", "gmx.com", "gmx.de", "gmx.net", "web.de", "mail.com", "mail.ru", "yandex.ru", "yandex.com", "proton.me",
	"protonmail.com", "tutanota.com", "tuta.com", "zoho.com", "qq.com", "163.com", "126.com", "naver.com", "rediffmail.com", "fastmail.com", "hey.com"}

// FreeMail reports a domain of a free-mail provider.
func FreeMail(domain string) bool { return slices.Contains(freeMail, strings.ToLower(domain)) }

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "keep directory", format, args...)
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
