package casefile

import "letterlock/desk/casefile/opened"

// Opening is an event of which some parts are shown, and of the others there is
// a hash (docs/protocol/openings.md).
type Opening = opened.Event

// OpenEvent shows the parts of an event that show says yes to.
func OpenEvent(event []byte, show func(part string) bool) (Opening, error) {
	return opened.Open(event, show)
}

// Mark is what the ledger records of an event: a hash that its random salt
// keeps from being guessed.
func Mark(event []byte) ([32]byte, error) {
	o, err := OpenEvent(event, func(string) bool { return false })
	if err != nil {
		return [32]byte{}, err
	}
	return o.Mark()
}
