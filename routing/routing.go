// Package routing finds the connection of a device and hands it what arrives.
// It knows opaque keys and opaque goods: no person, no envelope, no store.
package routing

// Key names a destination: a device's address as plain bytes.
type Key [17]byte

// Router hands goods to the one receiver attached under a key. It is safe for
// concurrent use.
type Router[G any] interface {
	// Attach makes r the receiver of a key. The receiver that it takes the
	// place of is told by Replaced, once, before Attach returns; from then on
	// it is handed nothing. The returned function detaches r and does nothing
	// once r was replaced.
	Attach(k Key, r Receiver[G]) (detach func())
	// Route hands over one good; false when nobody is attached or the receiver
	// does not take it. Goods routed one after the other arrive in that order.
	Route(k Key, g G) bool
}

// Receiver is a connection's end.
type Receiver[G any] interface {
	// Take must not block and must not call the router. False: not now.
	Take(g G) bool
	// Replaced says that another receiver took this one's place. It must not
	// call the router.
	Replaced()
}
