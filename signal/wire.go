package signal

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// fieldLimit is one more than the highest field number of any message here.
const fieldLimit = 9

// kind is what a known field must be; 0 is a field nobody knows.
type kind uint8

const (
	unknown kind = iota
	number       // uint32
	octets       // bytes
)

// shape says which fields a protobuf message has.
type shape [fieldLimit]kind

// fields is a protobuf message taken apart. The bytes are parts of the input.
type fields struct {
	present [fieldLimit]bool
	numbers [fieldLimit]uint32
	bytes   [fieldLimit][]byte
}

// parseFields reads a protobuf message: fields in any order, the last of a
// repeated one counts, unknown ones are skipped, a known one of another type or
// a number beyond uint32 is an error.
//
// spec: deployed 3.2
func parseFields(b []byte, s shape) (fields, error) {
	var f fields
	for len(b) > 0 {
		n, t, size := protowire.ConsumeTag(b)
		if size < 0 {
			return fields{}, ErrInvalidMessage
		}
		b = b[size:]
		size = f.take(b, n, t, s)
		if size < 0 {
			return fields{}, ErrInvalidMessage
		}
		b = b[size:]
	}
	return f, nil
}

// take consumes one field's value and returns its length, or less than zero.
func (f *fields) take(b []byte, n protowire.Number, t protowire.Type, s shape) int {
	if n >= fieldLimit || s[n] == unknown {
		return protowire.ConsumeFieldValue(n, t, b)
	}
	f.present[n] = true
	if s[n] == number {
		v, size := protowire.ConsumeVarint(b)
		if t != protowire.VarintType || v > math.MaxUint32 {
			return -1
		}
		f.numbers[n] = uint32(v)
		return size
	}
	v, size := protowire.ConsumeBytes(b)
	if t != protowire.BytesType {
		return -1
	}
	f.bytes[n] = v
	return size
}

func appendNumber(b []byte, n protowire.Number, v uint32) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), uint64(v))
}

func appendOctets(b []byte, n protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
}
