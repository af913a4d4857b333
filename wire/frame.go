package wire

import "fmt"

// FrameType is the second byte of a frame; the CBOR body follows.
type FrameType uint8

// The frames. Below 64 they come from a device, from 64 on from the carrier.
const (
	TypeSend    FrameType = 1
	TypeAck     FrameType = 2
	TypeHint    FrameType = 3
	TypeHello   FrameType = 64
	TypeDeliver FrameType = 65
	TypeSealed  FrameType = 66
	TypeSent    FrameType = 67
	TypeRefused FrameType = 68
	TypeEmpty   FrameType = 69
	TypeKeysLow FrameType = 70
	TypeGoodbye FrameType = 71
	TypeHinted  FrameType = 72
)

// Frame is any of the structs below.
type Frame interface{ Type() FrameType }

// Send asks the carrier to take an envelope. Ref is the device's own number
// for the answer (Sent or Refused); it is forgotten with the answer.
type Send struct {
	_    struct{} `cbor:",toarray"`
	Ref  uint64
	To   Address
	Kind EnvelopeKind
	Body []byte
}

// Ack says that the device holds what was delivered under these numbers; the
// carrier forgets it.
type Ack struct {
	_    struct{} `cbor:",toarray"`
	Seqs []uint64
}

// Hint is of use now or never: that somebody is writing, is here, has moved. It
// goes to a device that is connected, or nowhere; nothing keeps it, nothing
// answers it, and nobody is told whether it arrived.
type Hint struct {
	_    struct{} `cbor:",toarray"`
	To   Address
	Kind EnvelopeKind
	Body []byte
}

// Hello is the carrier's first frame.
type Hello struct {
	_    struct{} `cbor:",toarray"`
	Time int64    // the carrier's clock, Unix milliseconds
}

// Deliver is an envelope that came while the device was connected and that
// never touched a disk.
type Deliver struct {
	_    struct{} `cbor:",toarray"`
	Seq  uint64   // acknowledge with this
	From Address
	At   int64 // when the carrier took it, Unix milliseconds
	Kind EnvelopeKind
	Body []byte
}

// Sealed is a row of the mailbox: a Letter that only the device's mailbox key
// opens (OpenRow).
type Sealed struct {
	_   struct{} `cbor:",toarray"`
	Seq uint64
	Row []byte
}

// Sent says that the recipient's device has the envelope, or that it is durable.
type Sent struct {
	_   struct{} `cbor:",toarray"`
	Ref uint64
}

// Code is why an envelope was refused.
type Code uint8

// The codes. Blocked senders get Sent, not a code: a block does not show.
const (
	CodeInvalid   Code = 1 // wrong kind, wrong address, empty
	CodeTooLarge  Code = 2 // over MaxEnvelope
	CodeGone      Code = 3 // no such device: look the number up again, fetch keys again
	CodeFull      Code = 4 // the recipient's queue is full: try again later
	CodeSlowDown  Code = 5 // over the sender's rate: try again after RetryAfter
	CodeTemporary Code = 6 // the carrier cannot store now: try again
)

// Refused says that an envelope was not taken.
type Refused struct {
	_          struct{} `cbor:",toarray"`
	Ref        uint64
	Code       Code
	Say        string // for people
	RetryAfter uint32 // seconds, 0: at will
}

// Empty says that everything that waited has been delivered.
type Empty struct {
	_ struct{} `cbor:",toarray"`
}

// KeysLow asks for more one-time pre-keys.
type KeysLow struct {
	_    struct{} `cbor:",toarray"`
	Left uint32
}

// Goodbye is the carrier's last frame before it closes, with the reason.
type Goodbye struct {
	_   struct{} `cbor:",toarray"`
	Say string
}

// Hinted is a Hint as it comes to its device. It is not acknowledged.
type Hinted struct {
	_    struct{} `cbor:",toarray"`
	From Address
	Kind EnvelopeKind
	Body []byte
}

// The types of the frames.
func (Send) Type() FrameType    { return TypeSend }
func (Ack) Type() FrameType     { return TypeAck }
func (Hello) Type() FrameType   { return TypeHello }
func (Deliver) Type() FrameType { return TypeDeliver }
func (Sealed) Type() FrameType  { return TypeSealed }
func (Sent) Type() FrameType    { return TypeSent }
func (Refused) Type() FrameType { return TypeRefused }
func (Empty) Type() FrameType   { return TypeEmpty }
func (KeysLow) Type() FrameType { return TypeKeysLow }
func (Goodbye) Type() FrameType { return TypeGoodbye }
func (Hint) Type() FrameType    { return TypeHint }
func (Hinted) Type() FrameType  { return TypeHinted }

// AppendFrame appends the bytes of a frame.
func AppendFrame(b []byte, f Frame) ([]byte, error) {
	body, err := Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode frame %d: %w", f.Type(), err)
	}
	return append(append(b, Version, byte(f.Type())), body...), nil
}

// ParseFrame reads one frame and nothing else. On error no frame is returned.
func ParseFrame(b []byte) (Frame, error) {
	switch {
	case len(b) < 3:
		return nil, fmt.Errorf("%w: %d bytes are too few", ErrFrame, len(b))
	case len(b) > MaxFrame:
		return nil, fmt.Errorf("%w: over %d bytes", ErrFrame, MaxFrame)
	case b[0] != Version:
		return nil, fmt.Errorf("%w: version %d, this side speaks %d", ErrFrame, b[0], Version)
	}
	switch FrameType(b[1]) {
	case TypeSend:
		return parse[Send](b[2:])
	case TypeAck:
		return parse[Ack](b[2:])
	case TypeHint:
		return parse[Hint](b[2:])
	case TypeHello:
		return parse[Hello](b[2:])
	case TypeDeliver:
		return parse[Deliver](b[2:])
	case TypeSealed:
		return parse[Sealed](b[2:])
	case TypeSent:
		return parse[Sent](b[2:])
	case TypeRefused:
		return parse[Refused](b[2:])
	case TypeEmpty:
		return parse[Empty](b[2:])
	case TypeKeysLow:
		return parse[KeysLow](b[2:])
	case TypeHinted:
		return parse[Hinted](b[2:])
	case TypeGoodbye:
		return parse[Goodbye](b[2:])
	}
	return nil, fmt.Errorf("%w: unknown type %d", ErrFrame, b[1])
}

func parse[T Frame](b []byte) (Frame, error) {
	var v T
	if err := Unmarshal(b, &v); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFrame, err)
	}
	return v, nil
}
