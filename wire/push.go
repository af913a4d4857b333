package wire

// PathPush says where a device is woken while it is away.
const PathPush = "/v1/push" // Push -> Nothing

// Sizes of what a browser gives for Web Push (RFC 8291).
const (
	MaxPushEndpoint = 1024
	PushKeySize     = 65 // P-256, uncompressed
	PushAuthSize    = 16
)

// Push is a device's subscription at the push service of its browser's maker.
// No endpoint: the device does not want to be woken any more.
type Push struct {
	Endpoint string `cbor:"endpoint"`
	Key      []byte `cbor:"key"`
	Auth     []byte `cbor:"auth"`
}
