package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"letterlock/internal/fault"
	"letterlock/messenger"
	"letterlock/wire"
)

// Phone checks a number and writes it as E.164. It must begin with "+": a
// number without its country would be guessed.
func Phone(s string) (string, error) {
	bad := fault.New(fault.Invalid, "read number", "this is not a phone number: write it with its country, like +14155550123")
	s = strings.TrimSpace(s)
	if len(s) > 32 || !strings.HasPrefix(s, "+") {
		return "", bad
	}
	n, err := phonenumbers.Parse(s, "ZZ")
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", bad
	}
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if again, err := phonenumbers.Parse(e164, "ZZ"); err != nil || phonenumbers.Format(again, phonenumbers.E164) != e164 {
		return "", bad // a row of zeros, of which each reading takes one off: it would have two forms
	}
	return e164, nil
}

// RequestCode sends a code by text message. It says the same whether or not
// the number has an account.
func (a *Accounts) RequestCode(ctx context.Context, r wire.CodeRequest, from netip.Addr) error {
	phone, err := Phone(r.Phone)
	if err != nil {
		return err
	}
	now := a.Clock.Now()
	if wait, ok := a.codes.take(from, now); !ok {
		return tooMany("request code", "too many codes were asked for from this network address", wait)
	}
	code := newCode()
	if err := a.keepCode(ctx, phone, code, now); err != nil {
		return err
	}
	text := fmt.Sprintf("%s code: %s. Valid %d minutes. Nobody will ever ask you for it.", a.Name, code, int(a.Limits.CodeLife.Minutes()))
	if err := a.Texter.Text(ctx, phone, text); err != nil {
		return fault.Wrap(fault.Unavailable, "send code", err, "the text message could not be sent: try again in a minute")
	}
	return nil
}

func (a *Accounts) keepCode(ctx context.Context, phone, code string, now time.Time) error {
	subject := a.subject(phone)
	old, had, err := a.Store.Code(ctx, subject)
	if err != nil {
		return fmt.Errorf("read code: %w", err)
	}
	row := CodeRow{Code: a.mac("code", phone, code), Tries: a.Limits.Tries, Expires: now.Add(a.Limits.CodeLife).Unix(), Sent: 1, Since: now.Unix()}
	var was *CodeRow
	if had {
		was = &old
		if end := time.Unix(old.Since, 0).Add(window); now.Before(end) {
			if old.Sent >= a.Limits.CodesPerNumber {
				return tooMany("request code", "too many codes were sent to this number", end.Sub(now))
			}
			row.Sent, row.Since = old.Sent+1, old.Since
		}
	}
	return a.Store.PutCode(ctx, subject, was, row)
}

// Wait is how long a refusal lasts; the gateway puts it into RetryAfter.
type Wait struct{ For time.Duration }

func (w Wait) Error() string { return "retry after " + w.For.String() }

func tooMany(op, what string, wait time.Duration) error {
	wait = max(wait.Round(time.Second), time.Second)
	return fault.Wrap(fault.Exhausted, op, Wait{wait}, "%s: try again in %s", what, inWords(wait))
}

func inWords(d time.Duration) string {
	if d < 2*time.Minute {
		return fmt.Sprintf("%d seconds", int((d+time.Second-1)/time.Second))
	}
	return fmt.Sprintf("%d minutes", int((d+time.Minute-1)/time.Minute))
}

// newCode draws six digits without bias.
func newCode() string {
	const codes = 1_000_000
	for {
		var b [4]byte
		rand.Read(b[:])
		if v := binary.BigEndian.Uint32(b[:]); v < 1<<32-1<<32%codes {
			return fmt.Sprintf("%06d", v%codes)
		}
	}
}

func (a *Accounts) mac(use string, parts ...string) (out [32]byte) {
	m := hmac.New(sha256.New, a.Secret.key[:])
	m.Write([]byte("letterlock " + use + " v1\x00" + strings.Join(parts, "\x00")))
	m.Sum(out[:0])
	return out
}

func (a *Accounts) subject(phone string) Subject { return Subject(a.mac("subject", phone)) }

// Register checks the code and makes the account with its first device. The
// former account of the number, if any, is closed in the same transaction.
func (a *Accounts) Register(ctx context.Context, r wire.Register, from netip.Addr) (wire.Registered, error) {
	n, err := a.newAccount(r, from)
	if err != nil {
		return wire.Registered{}, err
	}
	if wait, ok := a.tries.take(from, a.Clock.Now()); !ok {
		return wire.Registered{}, tooMany("register", "too many registrations were tried from this network address", wait)
	}
	if n.Code, err = a.checkCode(ctx, n.Phone, r.Code); err != nil {
		return wire.Registered{}, err
	}
	if err := a.unlock(ctx, "register", n.Phone, r.PIN); err != nil {
		return wire.Registered{}, err
	}
	token := make([]byte, 32)
	rand.Read(token)
	n.Subject, n.Device.Token = a.subject(n.Phone), TokenHash(sha256.Sum256(token))
	former, err := a.Store.Create(ctx, n)
	if err != nil {
		return wire.Registered{}, err
	}
	a.closed(ctx, former)
	return wire.Registered{Account: n.Device.Address.Account, Device: n.Device.Address.Device, Token: token}, nil
}

func (a *Accounts) newAccount(r wire.Register, from netip.Addr) (NewAccount, error) {
	phone, err := Phone(r.Phone)
	if err != nil {
		return NewAccount{}, err
	}
	name, err := line("name", r.Name, wire.MaxName)
	if err != nil {
		return NewAccount{}, err
	}
	d, err := a.newDevice(wire.DeviceJoin{Account: wire.NewAccountID(), Device: wire.Primary, DeviceType: r.DeviceType,
		RegistrationID: r.RegistrationID, IdentityKey: r.IdentityKey, MailboxKey: r.MailboxKey, Keys: r.Keys})
	return NewAccount{Phone: phone, Name: name, Created: d.Added, LastIP: plainIP(from), Keys: r.Keys, Device: d}, err
}

// newDevice checks what a device brings of its own.
func (a *Accounts) newDevice(r wire.DeviceJoin) (Device, error) {
	kind, err := line("device type", r.DeviceType, 40)
	if err != nil {
		return Device{}, err
	}
	if err := messenger.CheckKeys(r.Keys, true); err != nil {
		return Device{}, err
	}
	bad := func(what string) (Device, error) {
		return Device{}, fault.New(fault.Invalid, "register", "this registration is not complete: %s", what)
	}
	switch {
	case len(r.IdentityKey) != 33 || r.IdentityKey[0] != 0x05:
		return bad("the identity key has a wrong shape")
	case len(r.MailboxKey) != 32:
		return bad("the mailbox key has a wrong shape")
	case r.RegistrationID == 0 || r.RegistrationID > 0x3fff:
		return bad("the registration id is not between 1 and 16383")
	}
	if _, err := wire.NewSealer(wire.Address{}, r.MailboxKey); err != nil {
		return bad("the mailbox key is not an X25519 key")
	}
	return Device{Address: wire.At(r.Account, r.Device), Type: kind, Added: DayOf(a.Clock.Now()), RegistrationID: r.RegistrationID,
		IdentityKey: r.IdentityKey, MailboxKey: r.MailboxKey, Mailbox: newMailbox()}, nil
}

// newMailbox draws the number of a device's mailbox: 63 random bits.
func newMailbox() int64 {
	var b [8]byte
	rand.Read(b[:])
	return int64(binary.BigEndian.Uint64(b[:])>>1) | 1
}

// checkCode takes a try first and compares after, so that no two guesses share
// a try.
func (a *Accounts) checkCode(ctx context.Context, phone, code string) (mac [32]byte, err error) {
	row, ok, err := a.Store.TryCode(ctx, a.subject(phone), a.Clock.Now().Unix())
	if err != nil {
		return mac, fmt.Errorf("try code: %w", err)
	}
	if !ok {
		return mac, fault.New(fault.Expired, "register", "there is no valid code for this number: ask for a new one")
	}
	mac = a.mac("code", phone, strings.TrimSpace(code))
	if subtle.ConstantTimeCompare(mac[:], row.Code[:]) == 1 {
		return mac, nil
	}
	if row.Tries == 0 {
		return mac, fault.New(fault.Invalid, "register", "this is not the code, and there are no tries left: ask for a new one")
	}
	return mac, fault.New(fault.Invalid, "register", "this is not the code: tries left: %d", row.Tries)
}

// Authenticate checks a device's token and notes the day and the address, which
// overwrite the former ones. Every refusal reads the same.
func (a *Accounts) Authenticate(ctx context.Context, c wire.Credential, from netip.Addr) error {
	who := fault.New(fault.Unauthenticated, "authenticate", "this device is not registered (any more): register again")
	l, err := a.Store.Login(ctx, c.Address)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return fmt.Errorf("authenticate: %w", err)
	}
	sum := sha256.Sum256(c.Token())
	if subtle.ConstantTimeCompare(sum[:], l.Token[:]) != 1 || err != nil {
		return who
	}
	day, ip := DayOf(a.Clock.Now()), plainIP(from)
	if ip == "" {
		ip = l.LastIP
	}
	if day == l.LastSeen && ip == l.LastIP {
		return nil
	}
	if err := a.Store.Seen(ctx, c.Address.Account, day, ip); err != nil {
		return fmt.Errorf("note last day: %w", err)
	}
	a.overwrote.Store(true)
	return nil
}

// line checks a short text that other people's screens will show.
func line(what, s string, most int) (string, error) {
	s = strings.TrimSpace(s)
	if len(s) > most {
		return "", fault.New(fault.TooLarge, "read "+what, "the %s is too long: %d bytes at most", what, most)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", fault.New(fault.Invalid, "read "+what, "the %s has characters that cannot be shown", what)
	}
	return s, nil
}
