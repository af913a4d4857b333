package content

import (
	"unicode"
	"unicode/utf8"
)

// The types. A number is never given to another body.
const (
	TypeText     Type = 1
	TypeRepair   Type = 2
	TypeEdit     Type = 3
	TypeDelete   Type = 4
	TypeReaction Type = 5
	TypeReceipt  Type = 6
	TypeTyping   Type = 7
	TypeTimer    Type = 8
	TypeKeys     Type = 9
	TypeChange   Type = 10
	TypeWelcome  Type = 11
	TypeRemoved  Type = 12
	TypeKnock    Type = 13
	TypeBehind   Type = 14
	TypePresence Type = 30
	TypeDevices  Type = 20
	TypeMoved    Type = 21
	TypeSent     Type = 22
	TypeSeen     Type = 23
	TypeShare    Type = 24
	TypeFile     Type = 40
	TypePlace    Type = 50
	TypeStep     Type = 51
	TypeStatus   Type = 52
	TypeProfile  Type = 53
)

// Body is one of the structs below.
type Body interface {
	kind() Type
	check() error
}

// empty is a body to decode into; nil for a type that is not known here.
func empty(t Type) Body {
	switch t {
	case TypeText:
		return new(Text)
	case TypeFile:
		return new(File)
	case TypePlace:
		return new(Place)
	case TypeStatus:
		return new(Status)
	case TypeProfile:
		return new(Profile)
	case TypeStep:
		return new(Step)
	case TypeRepair:
		return new(Repair)
	case TypeEdit:
		return new(Edit)
	case TypeDelete:
		return new(Delete)
	case TypeReaction:
		return new(Reaction)
	case TypeReceipt:
		return new(Receipt)
	case TypeTyping:
		return new(Typing)
	case TypePresence:
		return new(Presence)
	case TypeTimer:
		return new(Timer)
	case TypeKeys:
		return new(Keys)
	case TypeChange:
		return new(Change)
	case TypeWelcome:
		return new(Welcome)
	case TypeRemoved:
		return new(Removed)
	case TypeKnock:
		return new(Knock)
	case TypeBehind:
		return new(Behind)
	case TypeDevices:
		return new(Devices)
	case TypeMoved:
		return new(Moved)
	case TypeSent:
		return new(Sent)
	case TypeSeen:
		return new(Seen)
	case TypeShare:
		return new(Share)
	}
	return nil
}

// Limits, in bytes unless said otherwise.
const (
	MaxText     = 64 << 10
	MaxPhone    = 16 // "+" and fifteen digits, ITU-T E.164
	MaxRepair   = 16 // envelopes of one Repair
	DigestSize  = 16 // of a SHA-256
	MaxReceipt  = 10 // messages of one Receipt: it is as long as a short text
	MaxReaction = 32
	MaxTimer    = 366 * 24 * 3600 // seconds
)

// Ref names a message of a conversation by its author's account and its ID.
type Ref struct {
	_      struct{} `cbor:",toarray"`
	Author [16]byte
	ID     ID
}

func (r Ref) check() error {
	if r.Author == [16]byte{} || r.ID == (ID{}) {
		return bad("it names no message")
	}
	return nil
}

// Text is what somebody wrote. Phone is the number under which the sender says
// to be known; the recipient checks it with the carrier before believing it.
// Timer is for how many seconds the recipient may keep it once it was shown; 0:
// for good.
type Text struct {
	_     struct{} `cbor:",toarray"`
	Text  string
	Phone string
	Style []Span
	Reply *Ref // what it answers, by name: a quotation would outlive its original
	Timer uint32
}

// Repair says that envelopes could not be opened, and asks to have them again
// in the session that this very content came in. Each is named by its digest.
type Repair struct {
	_       struct{} `cbor:",toarray"`
	Digests [][]byte
}

// Edit puts another text in the place of the sender's own.
type Edit struct {
	_      struct{} `cbor:",toarray"`
	Target ID
	Text   string
	Style  []Span
}

// Delete takes the sender's own message away from everybody.
type Delete struct {
	_      struct{} `cbor:",toarray"`
	Target ID
}

// Reaction is one emoji of the sender at a message; "" takes it back.
type Reaction struct {
	_      struct{} `cbor:",toarray"`
	Target Ref
	Emoji  string
}

// Receipt says what became of the recipient's messages.
type Receipt struct {
	_    struct{} `cbor:",toarray"`
	Read bool     // shown to the person; false: on their device
	IDs  []ID
}

// Timer sets after how many seconds new messages of the conversation
// disappear; 0: they stay.
type Timer struct {
	_       struct{} `cbor:",toarray"`
	Seconds uint32
}

func (*Text) kind() Type     { return TypeText }
func (*Repair) kind() Type   { return TypeRepair }
func (*Edit) kind() Type     { return TypeEdit }
func (*Delete) kind() Type   { return TypeDelete }
func (*Reaction) kind() Type { return TypeReaction }
func (*Receipt) kind() Type  { return TypeReceipt }
func (*Timer) kind() Type    { return TypeTimer }

func (t *Text) check() error {
	if err := words(t.Text, t.Style); err != nil {
		return err
	}
	if !phone(t.Phone) {
		return bad("not a phone number")
	}
	if t.Reply != nil {
		if err := t.Reply.check(); err != nil {
			return err
		}
	}
	return (&Timer{Seconds: t.Timer}).check()
}

func (r *Repair) check() error {
	if len(r.Digests) == 0 || len(r.Digests) > MaxRepair {
		return bad("a repair names 1 to %d envelopes", MaxRepair)
	}
	for _, d := range r.Digests {
		if len(d) != DigestSize {
			return bad("a digest has %d bytes", DigestSize)
		}
	}
	return nil
}

func (e *Edit) check() error {
	if e.Target == (ID{}) {
		return bad("it names no message")
	}
	return words(e.Text, e.Style)
}

func (d *Delete) check() error {
	if d.Target == (ID{}) {
		return bad("it names no message")
	}
	return nil
}

func (r *Reaction) check() error {
	if err := r.Target.check(); err != nil {
		return err
	}
	if len(r.Emoji) > MaxReaction || !utf8.ValidString(r.Emoji) {
		return bad("a reaction has at most %d bytes of UTF-8", MaxReaction)
	}
	for _, c := range r.Emoji {
		if unicode.IsLetter(c) || unicode.IsSpace(c) || unicode.IsControl(c) {
			return bad("a reaction is an emoji, not a text")
		}
	}
	return nil
}

func (r *Receipt) check() error {
	if len(r.IDs) == 0 || len(r.IDs) > MaxReceipt {
		return bad("a receipt names 1 to %d messages", MaxReceipt)
	}
	for _, id := range r.IDs {
		if id == (ID{}) {
			return bad("it names no message")
		}
	}
	return nil
}

func (t *Timer) check() error {
	if t.Seconds > MaxTimer {
		return bad("messages disappear after a year at most")
	}
	return nil
}

// phone accepts "+" and 3 to 15 digits: that it exists is the carrier's word.
func phone(s string) bool {
	if len(s) < 4 || len(s) > MaxPhone || s[0] != '+' {
		return false
	}
	for _, r := range s[1:] {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
