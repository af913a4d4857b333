package wire

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// The calls about an account's devices. PathLink* and PathDeviceJoin carry no
// credential: whoever makes them has no device yet. PathDevices carries none
// either, so that a device which was removed can still see why.
const (
	PathLinkOpen     = "/v1/link/open"     // Nothing -> LinkOpened
	PathLinkPut      = "/v1/link/put"      // LinkPut -> Nothing
	PathLinkGet      = "/v1/link/get"      // LinkGet -> LinkGot
	PathDevices      = "/v1/devices"       // PersonRequest -> SignedDevices
	PathDeviceAdd    = "/v1/device/add"    // DeviceAdd -> Nothing
	PathDeviceJoin   = "/v1/device/join"   // DeviceJoin -> Registered
	PathDeviceRemove = "/v1/device/remove" // DeviceRemove -> Nothing
	PathLock         = "/v1/lock"          // Lock -> Nothing
	PathNumber       = "/v1/number"        // Number -> Nothing
)

// Primary is the device that an account was registered with. Its identity key
// is the account's, and it alone says which other devices there are.
const Primary DeviceID = 1

// Limits of devices and of what two devices say to each other while one is
// being linked.
const (
	MaxDevices  = 12      // of one account, as the protocol allows; an operator sets fewer
	MaxLink     = 8 << 10 // bytes of one message over a link's address
	MaxLinkMail = 4       // messages in each direction
	MaxPIN      = 20      // digits of a registration lock
	MinPIN      = 4
)

// DeviceList says which devices an account has. Version grows by one with each
// change; an account that never linked a device has no list, which stands for
// version 0 with the primary alone.
type DeviceList struct {
	_       struct{} `cbor:",toarray"`
	Account AccountID
	Version uint64
	At      int64          // when the primary made it, Unix milliseconds
	Devices []ListedDevice // in the order of their numbers; the first is the primary
}

// ListedDevice is one device and its identity key.
type ListedDevice struct {
	_      struct{} `cbor:",toarray"`
	Device DeviceID
	Key    []byte // 33 bytes
}

// SignedDevices is a list as it travels; absent (no bytes) where an account
// never linked a device. The carrier compares its numbers and cannot sign one.
type SignedDevices struct {
	List      []byte `cbor:"list,omitempty"`
	Signature []byte `cbor:"sig,omitempty"` // XEdDSA with the account's identity key, over SignedBytes
}

// Absent reports the list of an account that never linked a device.
func (s SignedDevices) Absent() bool { return len(s.List) == 0 }

// SignedBytes is what the signature is over.
func (s SignedDevices) SignedBytes() []byte {
	return append([]byte("letterlock device list v1\x00"), s.List...)
}

// ErrDevices is wrapped by every refusal of a device list.
var ErrDevices = errors.New("bad device list")

// Read decodes a list and checks its shape; who signed it is not checked here.
func (s SignedDevices) Read() (DeviceList, error) {
	var l DeviceList
	if err := Unmarshal(s.List, &l); err != nil || len(s.Signature) != 64 {
		return DeviceList{}, fmt.Errorf("%w: it does not decode", ErrDevices)
	}
	again, err := Marshal(l)
	if err != nil || !bytes.Equal(again, s.List) {
		return DeviceList{}, fmt.Errorf("%w: it is not in its one encoding", ErrDevices)
	}
	return l, l.Check()
}

// Check reports what is wrong with the shape of a list.
func (l DeviceList) Check() error {
	switch {
	case l.Account.IsZero() || l.Version == 0 || l.At < 0:
		return fmt.Errorf("%w: of no account or no version", ErrDevices)
	case len(l.Devices) == 0 || len(l.Devices) > MaxDevices || l.Devices[0].Device != Primary:
		return fmt.Errorf("%w: 1 to %d devices, the primary first", ErrDevices, MaxDevices)
	}
	for i, d := range l.Devices {
		if !d.Device.Valid() || len(d.Key) != 33 || d.Key[0] != 0x05 || (i > 0 && d.Device <= l.Devices[i-1].Device) {
			return fmt.Errorf("%w: a device without a number of its own or a key", ErrDevices)
		}
	}
	return nil
}

// Key is the identity key of a device; nil: the list does not name it.
func (l DeviceList) Key(d DeviceID) []byte {
	i := slices.IndexFunc(l.Devices, func(x ListedDevice) bool { return x.Device == d })
	if i < 0 {
		return nil
	}
	return l.Devices[i].Key
}

// Numbers are the devices of a list.
func (l DeviceList) Numbers() []DeviceID {
	out := make([]DeviceID, len(l.Devices))
	for i, d := range l.Devices {
		out[i] = d.Device
	}
	return out
}

// LinkID names the place, kept in memory for a few minutes, at which two
// devices of a person leave sealed messages for each other.
type LinkID [16]byte

// LinkOpened answers PathLinkOpen.
type LinkOpened struct {
	ID LinkID `cbor:"id"`
}

// LinkPut leaves a message; ToPrimary is its direction.
type LinkPut struct {
	ID        LinkID `cbor:"id"`
	ToPrimary bool   `cbor:"to_primary"`
	Body      []byte `cbor:"body"`
}

// LinkGet asks for the messages of a direction after the first Have.
type LinkGet struct {
	ID        LinkID `cbor:"id"`
	ToPrimary bool   `cbor:"to_primary"`
	Have      int    `cbor:"have"`
}

// LinkGot answers a LinkGet; none yet is an empty answer.
type LinkGot struct {
	Bodies [][]byte `cbor:"bodies,omitempty"`
}

// DeviceAdd lets one more device join within ten minutes: the one that shows
// what Ticket is the SHA-256 of. List names it. Only the primary may ask.
type DeviceAdd struct {
	Device DeviceID      `cbor:"device"`
	List   SignedDevices `cbor:"list"`
	Ticket [32]byte      `cbor:"ticket"`
}

// DeviceJoin makes the device and publishes the list that names it.
type DeviceJoin struct {
	Account        AccountID `cbor:"account"`
	Device         DeviceID  `cbor:"device"`
	Ticket         []byte    `cbor:"ticket"` // 32 bytes
	DeviceType     string    `cbor:"device_type"`
	RegistrationID uint32    `cbor:"registration_id"`
	IdentityKey    []byte    `cbor:"identity_key"`
	MailboxKey     []byte    `cbor:"mailbox_key"`
	Keys           KeyUpload `cbor:"keys"`
}

// DeviceRemove removes a device and everything that waits for it. The primary
// removes any other and gives the list without it; another device removes
// itself and gives none.
type DeviceRemove struct {
	Device DeviceID      `cbor:"device"`
	List   SignedDevices `cbor:"list"`
}

// Lock sets the PIN without which the number cannot be registered anew; ""
// takes it away. Only the primary may ask.
type Lock struct {
	PIN string `cbor:"pin"`
}

// Number moves the account to another number, to which Code was sent. PIN is
// that of the account which the number had, if it is locked.
type Number struct {
	Phone string `cbor:"phone"`
	Code  string `cbor:"code"`
	PIN   string `cbor:"pin,omitempty"`
}
