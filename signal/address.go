package signal

import (
	"encoding/hex"
	"strings"
)

// bindAddresses is what ties a message to the devices it goes between, or nil
// if one of the names is not a service id.
//
// spec: deployed 3.3
func bindAddresses(sender, recipient Address) []byte {
	from, ok := serviceID(sender.Name)
	if !ok {
		return nil
	}
	to, ok := serviceID(recipient.Name)
	if !ok {
		return nil
	}
	b := append(from, byte(sender.Device))
	b = append(b, to...)
	return append(b, byte(recipient.Device))
}

// serviceID is a kind byte and a UUID: 0 for a plain one, 1 after "PNI:".
func serviceID(name string) ([]byte, bool) {
	var kind byte
	if rest, ok := strings.CutPrefix(name, "PNI:"); ok {
		kind, name = 1, rest
	}
	if len(name) != 36 {
		return nil, false
	}
	for _, i := range []int{8, 13, 18, 23} {
		if name[i] != '-' {
			return nil, false
		}
	}
	uuid, err := hex.DecodeString(strings.ReplaceAll(name, "-", ""))
	if err != nil || len(uuid) != 16 {
		return nil, false
	}
	return append([]byte{kind}, uuid...), true
}
