package client

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// Contacts: names and numbers that the person put here. They stay on the
// person's devices, sealed between them. Only if the person turns it on
// (Choices.AskContacts) the carrier is asked, number by number and few a day,
// who of them is here: it then sees each number in that moment, and keeps a
// count.

// Contact is one entry of the list.
type Contact struct {
	Phone   string         `cbor:"phone"`
	Name    string         `cbor:"name,omitempty"`
	Account wire.AccountID `cbor:"account"`         // zero: not known to be here
	Asked   int64          `cbor:"asked,omitempty"` // when the carrier was asked (Unix seconds); 0: never
}

// Bounds of a list.
const (
	MaxContacts     = 5000
	maxContactFile  = 8 << 20
	maxContactName  = 120
	contactsADay    = 8              // of the 20 numbers that an account may ask for
	contactAskAgain = 30 * 24 * 3600 // seconds after which who was not here is asked for again
)

// ReadContacts reads a vCard file, or a list with a name and a number on each
// line. skipped counts numbers that are not in international form.
func ReadContacts(from io.Reader) (out []Contact, skipped int, err error) {
	b, err := io.ReadAll(io.LimitReader(from, maxContactFile+1))
	if err != nil || len(b) > maxContactFile || !utf8.Valid(b) {
		return nil, 0, fault.Wrap(fault.Invalid, "read contacts", err, "this is no list of contacts: give a vCard file, or a text with a name and a number on each line, of at most %d MiB", maxContactFile>>20)
	}
	lines := strings.Split(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
	if bytes.Contains(bytes.ToUpper(b[:min(len(b), 1024)]), []byte("BEGIN:VCARD")) {
		out, skipped = readCards(unfold(lines))
	} else {
		out, skipped = readList(lines)
	}
	if len(out) > MaxContacts {
		return nil, 0, fault.New(fault.TooLarge, "read contacts", "a list has at most %d numbers", MaxContacts)
	}
	return out, skipped, nil
}

// unfold joins the lines of a vCard that go on with a space (RFC 6350, 3.2).
func unfold(lines []string) (out []string) {
	var whole strings.Builder
	for i, l := range lines {
		if i > 0 && (strings.HasPrefix(l, " ") || strings.HasPrefix(l, "\t")) {
			whole.WriteString(l[1:])
			continue
		}
		if i > 0 {
			whole.WriteByte('\n')
		}
		whole.WriteString(l)
	}
	return strings.Split(whole.String(), "\n")
}

func readCards(lines []string) (out []Contact, skipped int) {
	name, numbers := "", []string(nil)
	for _, l := range lines {
		head, value, _ := strings.Cut(l, ":")
		field, _, _ := strings.Cut(strings.ToUpper(head), ";")
		if _, after, grouped := strings.Cut(field, "."); grouped {
			field = after
		}
		switch strings.TrimSpace(field) {
		case "BEGIN":
			name, numbers = "", nil
		case "FN":
			name = strings.NewReplacer(`\,`, ",", `\;`, ";", `\n`, " ", `\N`, " ", `\\`, `\`).Replace(value)
		case "TEL":
			value = strings.TrimSpace(value)
			if len(value) > 4 && strings.EqualFold(value[:4], "tel:") {
				value, _, _ = strings.Cut(value[4:], ";")
			}
			numbers = append(numbers, value)
		case "END":
			for _, n := range numbers {
				out, skipped = with(out, skipped, name, n)
			}
			numbers = nil
		}
	}
	return out, skipped
}

// readList takes the last run of a line that looks like a number for one.
func readList(lines []string) (out []Contact, skipped int) {
	for _, l := range lines {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		at := strings.LastIndexAny(l, "+")
		if at < 0 {
			skipped++
			continue
		}
		out, skipped = with(out, skipped, strings.TrimRight(l[:at], " \t,;:"), l[at:])
	}
	return out, skipped
}

func with(out []Contact, skipped int, name, number string) ([]Contact, int) {
	phone, err := Phone(strings.TrimSpace(number))
	if err != nil {
		return out, skipped + 1
	}
	return append(out, Contact{Phone: phone, Name: contactName(name)}), skipped
}

func contactName(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s))
	for len(s) > maxContactName {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

func (s *state) contactOf(phone string) (Contact, bool, error) {
	return load[Contact](s, BucketBook, []byte(phone))
}

// inBook reports whether an account is that of a contact.
func (s *state) inBook(id wire.AccountID) (bool, error) {
	k, found, err := load[known](s, BucketKnown, id[:])
	if err != nil || !found || !k.Checked {
		return false, err
	}
	_, found, err = s.contactOf(k.Phone)
	return found, err
}

// AddContacts puts people into the list, or gives them another name. The
// carrier learns nothing of it.
func (c *Client) AddContacts(ctx context.Context, people ...Contact) error {
	_, err := c.update(ctx, func(s *state) error {
		have, err := s.List(BucketBook, Range{})
		if err != nil {
			return err
		}
		if len(have)+len(people) > MaxContacts {
			return fault.New(fault.TooLarge, "add contacts", "a list has at most %d numbers", MaxContacts)
		}
		for i, p := range people {
			if people[i].Phone, err = Phone(p.Phone); err != nil {
				return err
			}
			people[i].Name = contactName(p.Name)
		}
		if err := s.putContacts(people); err != nil {
			return err
		}
		return s.shareContacts(people, nil)
	})
	if err != nil {
		return err
	}
	c.stir()
	return c.showDue(ctx)
}

// putContacts keeps contacts; what is known of a number stays.
func (s *state) putContacts(people []Contact) error {
	for _, p := range people {
		was, _, err := s.contactOf(p.Phone)
		if err != nil {
			return err
		}
		at, known, err := load[contact](s, BucketContact, []byte(p.Phone))
		if err != nil {
			return err
		}
		if p.Account, p.Asked = was.Account, max(p.Asked, was.Asked); known {
			p.Account = at.Account
		}
		if p.Name == "" {
			p.Name = was.Name
		}
		if err := save(s, BucketBook, []byte(p.Phone), p); err != nil {
			return err
		}
		if !p.Account.IsZero() { // as a contact they may see more
			if err := s.Put(BucketShow, p.Account[:], nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// shareContacts tells this person's other devices, in parts that fit.
func (s *state) shareContacts(put []Contact, drop []string) error {
	for part := range slices.Chunk(put, 400) {
		if err := s.share(shared{Book: part}); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(drop, 2000) {
		if err := s.share(shared{Unbook: part}); err != nil {
			return err
		}
	}
	return nil
}

// ForgetContacts takes numbers out of the list, on all of this person's devices;
// none: the whole list, and the carrier is asked for nobody any more.
func (c *Client) ForgetContacts(ctx context.Context, phones ...string) error {
	all := len(phones) == 0
	_, err := c.update(ctx, func(s *state) error {
		drop := phones
		if all {
			have, err := s.List(BucketBook, Range{})
			if err != nil {
				return err
			}
			for _, p := range have {
				drop = append(drop, string(p.Key))
			}
		}
		if err := s.dropContacts(drop); err != nil {
			return err
		}
		return s.shareContacts(nil, drop)
	})
	if err != nil {
		return err
	}
	if all {
		k, err := c.Choices(ctx)
		if err == nil && k.AskContacts {
			k.AskContacts = false
			err = c.Choose(ctx, k)
		}
		if err != nil {
			return err
		}
	}
	c.stir()
	if err := c.showDue(ctx); err != nil {
		return err
	}
	return c.store.Erase(ctx)
}

func (s *state) dropContacts(phones []string) error {
	for _, n := range phones {
		was, found, err := s.contactOf(n)
		if err != nil {
			return err
		}
		if found && !was.Account.IsZero() {
			if err := s.Put(BucketShow, was.Account[:], nil); err != nil {
				return err
			}
		}
		if n == "" {
			continue
		}
		if err := s.Delete(BucketBook, []byte(n)); err != nil {
			return err
		}
	}
	return nil
}

// Contacts is the list, by name.
func (c *Client) Contacts(ctx context.Context) (out []Contact, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		out = nil
		all, err := tx.List(BucketBook, Range{})
		if err != nil {
			return err
		}
		for _, p := range all {
			var k Contact
			if err := wire.Unmarshal(p.Value, &k); err != nil {
				return err
			}
			out = append(out, k)
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Contact) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
	return out, err
}

// askContacts asks the carrier who of the list is here, if the person wants it:
// a few numbers a day, each by itself.
func (c *Client) askContacts(ctx context.Context) error {
	for {
		phone, err := c.nextContact(ctx)
		if err != nil || phone == "" {
			return err
		}
		got, err := c.lookup(ctx, phone)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return c.soft(err) // the network, or the day's budget is spent: another time
		}
		changed, fail := c.update(ctx, func(s *state) error {
			if err == nil {
				if _, err := s.learn(phone, got); err != nil {
					return err
				}
			}
			k, found, err := s.contactOf(phone)
			if err != nil || !found {
				return err
			}
			k.Asked = c.clock.Now().Unix()
			return s.putContacts([]Contact{k})
		})
		if fail != nil {
			return fail
		}
		c.tell(changed...)
	}
}

// nextContact is the number to ask for next, which counts as asked for today.
func (c *Client) nextContact(ctx context.Context) (phone string, err error) {
	_, err = c.update(ctx, func(s *state) error {
		phone = ""
		choices, _, err := load[Choices](s, BucketChoice, choiceKey)
		if err != nil || !choices.AskContacts {
			return err
		}
		all, err := s.List(BucketBook, Range{})
		if err != nil {
			return err
		}
		now := c.clock.Now().Unix()
		for _, p := range all {
			var k Contact
			if err := wire.Unmarshal(p.Value, &k); err != nil {
				return err
			}
			if k.Account.IsZero() && now-k.Asked > contactAskAgain {
				phone = k.Phone
				break
			}
		}
		if phone == "" {
			return nil
		}
		key := []byte("contacts " + s.today())
		had, err := s.Get(BucketCounter, key)
		if err != nil {
			return err
		}
		if parseNumber(had) >= contactsADay {
			phone = ""
			return nil
		}
		return s.Put(BucketCounter, key, number(parseNumber(had)+1))
	})
	return phone, err
}

// handContacts brings a new device the list.
func (s *state) handContacts(d wire.DeviceID) error {
	all, err := s.List(BucketBook, Range{})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(all, 400) {
		x := shared{Book: make([]Contact, len(part))}
		for i, p := range part {
			if err := wire.Unmarshal(p.Value, &x.Book[i]); err != nil {
				return err
			}
		}
		if err := s.shareWith(d, x); err != nil {
			return err
		}
	}
	return nil
}
