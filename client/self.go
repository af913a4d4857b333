package client

import (
	"context"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
)

// Self is who this device is, as far as others may see.
type Self struct {
	Account wire.AccountID
	Device  wire.DeviceID
	Phone   string
	Server  string // as given to Register
}

// self is the stored form, with the secrets. It never prints.
type self struct {
	Account        wire.AccountID `cbor:"account"`
	Device         wire.DeviceID  `cbor:"device"`
	Token          []byte         `cbor:"token"`
	Phone          string         `cbor:"phone"`
	Server         string         `cbor:"server"`
	NoticeKey      []byte         `cbor:"notice_key"` // pinned at registration
	RegistrationID uint32         `cbor:"registration_id"`
	Identity       []byte         `cbor:"identity"`
	Mailbox        []byte         `cbor:"mailbox"`
	AccountKey     []byte         `cbor:"account_key,omitempty"` // of a linked device: the account's public identity key
	Certificate    []byte         `cbor:"certificate,omitempty"` // of a linked device: with it, it acts for the account
}

const notShown = "client: not shown"

func (self) String() string               { return notShown }
func (self) GoString() string             { return notShown }
func (self) Format(f fmt.State, _ rune)   { io.WriteString(f, notShown) }
func (self) MarshalJSON() ([]byte, error) { return []byte(`"` + notShown + `"`), nil }

var selfKey = []byte("self")

func (s *self) address() wire.Address { return wire.At(s.Account, s.Device) }

func (s *self) credential() wire.Credential {
	c, err := wire.NewCredential(s.address(), s.Token)
	if err != nil {
		return wire.Credential{} // the carrier then answers that it does not know us
	}
	return c
}

// accountKey is the account's public identity key, the one of safety numbers.
func (s *self) accountKey() ([]byte, error) {
	if s.AccountKey != nil {
		return s.AccountKey, nil
	}
	id, err := s.identity()
	if err != nil {
		return nil, err
	}
	return id.Public().Bytes(), nil
}

func (s *self) mailboxKey() (*ecdh.PrivateKey, error) {
	k, err := ecdh.X25519().NewPrivateKey(s.Mailbox)
	if err != nil {
		return nil, errors.New("the stored mailbox key is damaged")
	}
	return k, nil
}

func (s *self) identity() (signal.IdentityKeyPair, error) {
	return signal.ParseIdentityKeyPair(s.Identity)
}

// readSelf returns nil if nobody is registered in the store.
func readSelf(ctx context.Context, store KeyStore) (me *self, err error) {
	err = store.View(ctx, func(tx Tx) error {
		s, found, err := load[self](tx, BucketSelf, selfKey)
		if found {
			me = &s
		}
		return err
	})
	return me, err
}

// ReadSelf says who is registered in a store, before there is a transport.
func ReadSelf(ctx context.Context, store KeyStore) (Self, bool, error) {
	me, err := readSelf(ctx, store)
	if err != nil || me == nil {
		return Self{}, false, err
	}
	return Self{me.Account, me.Device, me.Phone, me.Server}, true, nil
}

// Registration is what a person gives to register.
type Registration struct {
	Server     string // kept, so that the next start knows where to go
	Phone      string
	Code       string
	PIN        string // of the registration lock, if the number has one
	Name       string // profile name, may be empty
	DeviceType string // "terminal", "browser"
}

// RequestCode asks the carrier to send a code to the number by text message.
func (c *Client) RequestCode(ctx context.Context, phone string) error {
	phone, err := Phone(phone)
	if err != nil {
		return err
	}
	return c.call(ctx, wire.Credential{}, wire.PathCode, wire.CodeRequest{Phone: phone}, nil)
}

// Register makes keys and an account. A store holds one account for life: who
// wants another takes another store. If the answer gets lost, nothing is kept
// here, and a new code starts over: the carrier then closes the account that
// nobody holds the token of.
func (c *Client) Register(ctx context.Context, r Registration) (Self, error) {
	phone, err := Phone(r.Phone)
	if err != nil {
		return Self{}, err
	}
	r.Phone = phone
	if me, err := readSelf(ctx, c.store); err != nil {
		return Self{}, err
	} else if me != nil {
		return Self{}, fault.New(fault.Conflict, "register", "%s is already registered here: use another folder for another number", me.Phone)
	}
	info, err := c.info(ctx)
	if err != nil {
		return Self{}, err
	}
	return c.register(ctx, r, info)
}

func (c *Client) info(ctx context.Context) (info wire.Info, err error) {
	if err := c.call(ctx, wire.Credential{}, wire.PathInfo, nil, &info); err != nil {
		return info, err
	}
	if info.Version != wire.Version || len(info.NoticeKey) != ed25519.PublicKeySize {
		return info, fault.New(fault.Unavailable, "register", "the server speaks another version of the protocol: update this program")
	}
	return info, nil
}

func (c *Client) register(ctx context.Context, r Registration, info wire.Info) (Self, error) {
	id, err := newIdentity()
	if err != nil {
		return Self{}, err
	}
	me := &self{Phone: r.Phone, Server: r.Server, NoticeKey: info.NoticeKey, Identity: id.identity.Serialize(),
		RegistrationID: id.registration, Mailbox: id.mailbox.Bytes()}
	set, err := newKeySet(id.identity, firstIDs())
	if err != nil {
		return Self{}, err
	}
	var got wire.Registered
	err = c.call(ctx, wire.Credential{}, wire.PathRegister, wire.Register{
		Phone: r.Phone, Code: r.Code, PIN: r.PIN, Name: r.Name, DeviceType: r.DeviceType, RegistrationID: id.registration,
		IdentityKey: id.identity.Public().Bytes(), MailboxKey: id.mailbox.PublicKey().Bytes(), Keys: set.upload(),
	}, &got)
	if err != nil {
		return Self{}, err
	}
	me.Account, me.Device, me.Token = got.Account, got.Device, got.Token
	if _, err := wire.NewCredential(me.address(), me.Token); err != nil {
		return Self{}, fault.Wrap(fault.Unavailable, "register", err, "the server's answer cannot be read: try again")
	}
	_, err = c.update(ctx, func(s *state) error {
		if err := set.keep(s, c.clock.Now()); err != nil {
			return err
		}
		if err := s.confirm(set); err != nil {
			return err
		}
		if err := s.Delete(BucketSelf, unlinkedKey); err != nil {
			return err
		}
		if err := s.putSibling(me.Device, sibling{Type: r.DeviceType}); err != nil {
			return err
		}
		return save(s, BucketSelf, selfKey, me)
	})
	if err != nil {
		return Self{}, fmt.Errorf("keep the new account: %w", err)
	}
	return Self{me.Account, me.Device, me.Phone, me.Server}, nil
}

type identity struct {
	identity     signal.IdentityKeyPair
	mailbox      *ecdh.PrivateKey
	registration uint32
}

func newIdentity() (identity, error) {
	id, err := signal.GenerateIdentity(nil)
	if err != nil {
		return identity{}, err
	}
	mailbox, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return identity{}, err
	}
	return identity{id, mailbox, random(1 << 14)}, nil
}

// random is 1 to max-1 for a power of two; the bias of the fold is below 2^-17.
func random(max uint32) uint32 {
	var b [4]byte
	rand.Read(b[:])
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	return n%(max-1) + 1
}

// Phone brings a number into the form "+" and digits, without judging whether
// it exists: that is the carrier's word.
func Phone(s string) (string, error) {
	out := make([]rune, 0, len(s))
	for i, r := range s {
		switch {
		case r == '+' && i == 0, r >= '0' && r <= '9':
			out = append(out, r)
		case r == ' ' || r == '-' || r == '(' || r == ')' || r == '.' || r == '/':
		default:
			return "", badPhone()
		}
	}
	if len(out) < 8 || len(out) > 16 || out[0] != '+' || out[1] == '0' {
		return "", badPhone()
	}
	return string(out), nil
}

func badPhone() error {
	return fault.New(fault.Invalid, "read a phone number", "give the number in international form, such as +441632960011")
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}
