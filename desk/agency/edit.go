package agency

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Change is one line of an agency's history in the directory.
type Change struct {
	At   time.Time      `cbor:"at"`
	By   casefile.Actor `cbor:"by"`
	What []string       `cbor:"what"` // "switchboard: +1 202 555 0100, now +1 202 555 0111"
	Why  string         `cbor:"why"`
}

// CheckEvery is how long a switchboard number is believed after somebody
// looked it up: a number that has moved is a hole in the call-back.
const CheckEvery = 180 * 24 * time.Hour

// NumberDue reports that the switchboard number has to be looked up again,
// from a source of our own.
func (a Agency) NumberDue(now time.Time) bool {
	return a.Closed == "" && (a.Checked.At.IsZero() || now.Sub(a.Checked.At) >= CheckEvery)
}

// Location is the time zone of the agency's office hours, nil if neither the
// agency nor its country tells.
func (a Agency) Location() *time.Location {
	zone := a.Zone
	if zone == "" {
		country, _, _ := strings.Cut(string(a.Country), "-")
		zone = countryZones[country]
	}
	if zone == "" {
		return nil
	}
	at, err := time.LoadLocation(zone)
	if err != nil {
		return nil
	}
	return at
}

// countryZones are countries that keep one time.
var countryZones = map[string]string{"AT": "Europe/Vienna", "BE": "Europe/Brussels", "CH": "Europe/Zurich", "CZ": "Europe/Prague", "DE": "Europe/Berlin",
	"DK": "Europe/Copenhagen", "FI": "Europe/Helsinki", "FR": "Europe/Paris", "GB": "Europe/London", "GR": "Europe/Athens", "HU": "Europe/Budapest",
	"IE": "Europe/Dublin", "IL": "Asia/Jerusalem", "IN": "Asia/Kolkata", "IT": "Europe/Rome", "JP": "Asia/Tokyo", "KR": "Asia/Seoul", "NL": "Europe/Amsterdam",
	"NO": "Europe/Oslo", "PL": "Europe/Warsaw", "RO": "Europe/Bucharest", "SE": "Europe/Stockholm", "SG": "Asia/Singapore", "TR": "Europe/Istanbul", "ZA": "Africa/Johannesburg"}

// AddAgency puts an authority into the directory. Whoever adds it vouches for
// it and says why.
func (s *Service) AddAgency(ctx context.Context, by casefile.Actor, a Agency) (Agency, error) {
	if !s.keeps(ctx, by) {
		return Agency{}, fault.New(fault.Forbidden, "add agency", "only the team keeps the directory")
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	a = tidy(a)
	if err := s.fits(ctx, a); err != nil {
		return Agency{}, err
	}
	now := s.Acts.Clock.Now()
	why := strings.TrimSpace(a.Sponsor.Why)
	if why == "" {
		return Agency{}, invalid("say why you vouch for this agency: it stands in the record with your name")
	}
	a.ID, a.AddedBy, a.Added, a.Closed = casefile.AgencyID(casefile.NewID()), by, now, ""
	a.Sponsor, a.Checked, a.NumberBy = Word{by, now, why}, Word{by, now, a.Source}, by
	a.Changes = []Change{{At: now, By: by, What: []string{"added to the directory"}, Why: why}}
	if err := s.Acts.Keep(ctx, "agency.added", by, string(a.ID), why, a); err != nil {
		return Agency{}, err
	}
	return a, s.Store.PutAgency(ctx, a)
}

func tidy(a Agency) Agency {
	a.Name, a.Source, a.Number, a.Zone = strings.TrimSpace(a.Name), strings.TrimSpace(a.Source), strings.TrimSpace(a.Number), strings.TrimSpace(a.Zone)
	var domains []string
	for _, d := range a.Domains {
		if d = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(d), "@")); !slices.Contains(domains, d) {
			domains = append(domains, d)
		}
	}
	a.Domains = domains
	return a
}

// fits refuses what the directory must not say.
func (s *Service) fits(ctx context.Context, a Agency) error {
	switch {
	case a.Name == "" || !casefile.Plain(a.Name, casefile.MaxReference) || a.Country == "":
		return invalid("an agency has a name and a country")
	case len(a.Domains) == 0 || slices.ContainsFunc(a.Domains, func(d string) bool { return !strings.Contains(d, ".") || strings.ContainsAny(d, " @/") }):
		return invalid("give the agency's official mail domains, such as sheriff.harbor.example")
	case slices.ContainsFunc(a.Domains, FreeMail):
		return invalid("a free-mail domain is no agency's")
	case a.Switchboard != "" && a.Source == "":
		return invalid("say where the switchboard number was found: it must not come from a request")
	case a.Contact.Mailbox != "" && !plainMailbox(a.Contact.Mailbox):
		return invalid("the mailbox of the single point of contact looks like office@agency.example")
	case a.Zone != "" && a.Location() == nil:
		return invalid("%q is no time zone; one looks like Europe/Berlin", a.Zone)
	}
	for _, t := range append([]string{a.Switchboard, a.Source, a.Number, a.Contact.Name, a.Contact.Mailbox, a.Contact.Phone, a.Sponsor.Why}, a.Address...) {
		if !casefile.Plain(t, casefile.MaxReference) {
			return invalid("one of the fields is longer than %d bytes, has more than one line or holds characters that cannot be seen", casefile.MaxReference)
		}
	}
	all, err := s.Store.Agencies(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.ID != a.ID && o.Closed == "" && slices.ContainsFunc(a.Domains, func(d string) bool { return slices.Contains(o.Domains, d) }) {
			return fault.New(fault.Conflict, "keep directory", "one of these domains belongs to %s already", o.Name)
		}
	}
	return nil
}

func plainMailbox(s string) bool {
	addr, err := mail.ParseAddress(s)
	return err == nil && addr.Name == "" && addr.Address == s
}

// Edit replaces what the directory says about an agency; the reason and every
// changed line stay in its history. A number or source that changed counts as
// unchecked until somebody else has looked it up.
func (s *Service) Edit(ctx context.Context, by casefile.Actor, id casefile.AgencyID, to Agency, why string) (Agency, error) {
	return s.change(ctx, by, id, "agency.edited", why, func(a *Agency) ([]string, error) {
		was := *a
		to = tidy(to)
		a.Name, a.Country, a.Domains, a.Switchboard, a.Source = to.Name, to.Country, to.Domains, to.Switchboard, to.Source
		a.Contact, a.Number, a.Zone, a.Address = to.Contact, to.Number, to.Zone, to.Address
		if w := strings.TrimSpace(to.Sponsor.Why); w != "" && w != was.Sponsor.Why {
			a.Sponsor = Word{by, s.Acts.Clock.Now(), w}
		}
		if a.Switchboard != was.Switchboard || a.Source != was.Source {
			a.Checked, a.NumberBy = Word{}, by
		}
		what := differences(was, *a)
		if len(what) == 0 {
			return nil, invalid("nothing was changed")
		}
		return what, s.fits(ctx, *a)
	})
}

func differences(was, is Agency) []string {
	var out []string
	for _, f := range []struct{ name, was, is string }{{"name", was.Name, is.Name}, {"country", string(was.Country), string(is.Country)},
		{"mail domains", strings.Join(was.Domains, ", "), strings.Join(is.Domains, ", ")}, {"switchboard", was.Switchboard, is.Switchboard}, {"source", was.Source, is.Source},
		{"sponsor", was.Sponsor.By.Name + ": " + was.Sponsor.Why, is.Sponsor.By.Name + ": " + is.Sponsor.Why}, {"agency id", was.Number, is.Number}, {"time zone", was.Zone, is.Zone},
		{"contact", was.Contact.words(), is.Contact.words()}, {"address", strings.Join(was.Address, ", "), strings.Join(is.Address, ", ")}} {
		if f.was != f.is {
			out = append(out, fmt.Sprintf("%s: %s, now %s", f.name, orNone(f.was), orNone(f.is)))
		}
	}
	return out
}

func (c Contact) words() string {
	return strings.Join(slices.DeleteFunc([]string{c.Name, c.Mailbox, c.Phone}, func(s string) bool { return s == "" }), ", ")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// Check records that somebody looked the switchboard number up again. A number
// that was just entered is checked by somebody else.
func (s *Service) Check(ctx context.Context, by casefile.Actor, id casefile.AgencyID, where string) (Agency, error) {
	return s.change(ctx, by, id, "agency.checked", where, func(a *Agency) ([]string, error) {
		switch {
		case a.Switchboard == "":
			return nil, invalid("there is no number to check: enter it first, with its source")
		case a.Checked.At.IsZero() && a.NumberBy == by:
			return nil, fault.New(fault.Forbidden, "check number", "you entered this number: somebody else looks it up")
		}
		a.Checked = Word{by, s.Acts.Clock.Now(), strings.TrimSpace(where)}
		return []string{"switchboard looked up again: " + a.Switchboard}, nil
	})
}

// Close ends an agency's access at once: none of its officers may act, and
// their sessions are gone. It never waits for the ledger.
func (s *Service) Close(ctx context.Context, by casefile.Actor, id casefile.AgencyID, why string) error {
	_, err := s.changed(ctx, by, id, why, func(a Agency) error { s.Acts.Journal("agency.closed", by, string(id), why, a); return nil }, func(a *Agency) ([]string, error) {
		if a.Closed != "" {
			return nil, fault.New(fault.Conflict, "close agency", "this agency is closed already")
		}
		a.Closed = strings.TrimSpace(why)
		return []string{"closed"}, nil
	})
	if err != nil {
		return err
	}
	return s.dropSessions(ctx, func(o Officer) bool { return o.Agency == id })
}

// Reopen gives a closed agency its access back.
func (s *Service) Reopen(ctx context.Context, by casefile.Actor, id casefile.AgencyID, why string) error {
	_, err := s.change(ctx, by, id, "agency.reopened", why, func(a *Agency) ([]string, error) {
		if a.Closed == "" {
			return nil, fault.New(fault.Conflict, "reopen agency", "this agency is open")
		}
		a.Closed = ""
		return []string{"reopened"}, s.fits(ctx, *a)
	})
	return err
}

// change is an act of the team on an agency, recorded before it is stored.
func (s *Service) change(ctx context.Context, by casefile.Actor, id casefile.AgencyID, kind, why string, f func(*Agency) ([]string, error)) (Agency, error) {
	return s.changed(ctx, by, id, why, func(a Agency) error { return s.Acts.Keep(ctx, kind, by, string(id), why, a) }, f)
}

func (s *Service) changed(ctx context.Context, by casefile.Actor, id casefile.AgencyID, why string, record func(Agency) error, f func(*Agency) ([]string, error)) (Agency, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	a, err := s.Store.Agency(ctx, id)
	switch {
	case err != nil:
		return Agency{}, err
	case !s.keeps(ctx, by):
		return Agency{}, fault.New(fault.Forbidden, "keep directory", "only the team keeps the directory")
	case strings.TrimSpace(why) == "" || !casefile.Plain(why, casefile.MaxReference):
		return Agency{}, invalid("give the reason on one line of at most %d bytes", casefile.MaxReference)
	}
	a.Changes = slices.Clone(a.Changes)
	what, err := f(&a)
	if err != nil {
		return Agency{}, err
	}
	a.Changes = append(a.Changes, Change{At: s.Acts.Clock.Now(), By: by, What: what, Why: strings.TrimSpace(why)})
	if err := record(a); err != nil {
		return Agency{}, err
	}
	return a, s.Store.PutAgency(ctx, a)
}

// dropSessions signs officers out.
func (s *Service) dropSessions(ctx context.Context, which func(Officer) bool) error {
	all, err := s.Store.Officers(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if which(o) {
			if err := s.Sessions.DropSessions(ctx, o.Subject()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Find narrows the directory: words are looked for in names, domains and
// numbers, and the country is exact.
func (a Agency) Find(words string, country law.Jurisdiction) bool {
	if country != "" && a.Country != country && !strings.HasPrefix(string(a.Country), string(country)+"-") {
		return false
	}
	in := strings.ToLower(strings.Join(append([]string{a.Name, a.Switchboard, a.Number, a.Contact.words()}, a.Domains...), " "))
	for _, w := range strings.Fields(strings.ToLower(words)) {
		if !strings.Contains(in, w) {
			return false
		}
	}
	return true
}
