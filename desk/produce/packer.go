package produce

import "letterlock/desk/produce/pdf"

// Packer makes packages. It holds what stays the same from one to the next.
type Packer struct {
	Key   SigningKey
	Fonts *pdf.Library // nil: the fonts built in
	// Spool is a folder for what does not fit in memory while packing; what
	// is written there is sealed with a key that only this process has, and
	// removed. Empty: the system's.
	Spool string
}
