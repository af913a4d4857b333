package content

// What a person's devices say about the person, to contacts and to each other.

// Devices is the sender's list of devices, signed by the account's identity key.
type Devices struct {
	_         struct{} `cbor:",toarray"`
	List      []byte
	Signature []byte
}

// Moved says that the sender has another number from now on. It is a claim, as
// every number is, until the carrier confirms it.
type Moved struct {
	_     struct{} `cbor:",toarray"`
	Phone string
}

// Sent is what the person sent from another device of theirs: the very content,
// and to whom. Only a device of the recipient's own account is believed.
type Sent struct {
	_       struct{} `cbor:",toarray"`
	To      [16]byte
	Phone   string // under which the person knows them; may be empty
	Content []byte
}

// Seen names messages that the person saw on another device of theirs.
type Seen struct {
	_    struct{} `cbor:",toarray"`
	Refs []Ref
}

// Share is what one device of a person hands to another: names of devices,
// contacts, groups, history. Its form is the client's own.
type Share struct {
	_    struct{} `cbor:",toarray"`
	Data []byte
}

// Limits of the bodies above.
const (
	MaxSeen  = 50        // messages of one Seen
	MaxShare = 120 << 10 // bytes
	MaxSent  = 150 << 10 // bytes
)

func (*Devices) kind() Type { return TypeDevices }
func (*Moved) kind() Type   { return TypeMoved }
func (*Sent) kind() Type    { return TypeSent }
func (*Seen) kind() Type    { return TypeSeen }
func (*Share) kind() Type   { return TypeShare }

func (d *Devices) check() error {
	if len(d.List) == 0 || len(d.List) > 4<<10 || len(d.Signature) != 64 {
		return bad("a list of devices of a wrong length")
	}
	return nil
}

func (m *Moved) check() error {
	if !phone(m.Phone) {
		return bad("not a phone number")
	}
	return nil
}

func (s *Sent) check() error {
	if s.To == [16]byte{} || len(s.Content) < headerSize || len(s.Content) > MaxSent || (s.Phone != "" && !phone(s.Phone)) {
		return bad("it was sent to nobody, or is of a wrong length")
	}
	return nil
}

func (s *Seen) check() error {
	if len(s.Refs) == 0 || len(s.Refs) > MaxSeen {
		return bad("1 to %d messages were seen", MaxSeen)
	}
	for _, r := range s.Refs {
		if err := r.check(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Share) check() error {
	if len(s.Data) == 0 || len(s.Data) > MaxShare {
		return bad("a share has 1 to %d bytes", MaxShare)
	}
	return nil
}
