// Package interop is a test and nothing else: it lets letterlock/signal talk to
// the official implementation, which runs in a Node process of its own (peer/)
// and is spoken to in lines of JSON. It knows both sides' keys, being a test;
// no program imports it.
//
// The peer is installed by `make test`, or by hand with
//
//	cd signal/interop/peer && npm ci --ignore-scripts
//
// Without node or the package the tests skip by name; with CI=true they fail.
package interop
