package signal_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"letterlock/signal"
	"letterlock/signal/signaltest"
)

// newDevice is a device with keys and a store; a program has a database there.
func newDevice(name string) (*signal.Device, signaltest.Keys) {
	keys, err := signaltest.NewKeys(1000, 10)
	if err != nil {
		log.Fatal(err)
	}
	d, err := signal.New(signal.Config{Local: signal.Address{Name: name, Device: 1}, Store: signaltest.NewMemory(keys), Now: time.Now})
	if err != nil {
		log.Fatal(err)
	}
	return d, keys
}

// Two devices begin a session and answer each other.
func Example() {
	ctx := context.Background()
	ana, _ := newDevice("ana")
	ben, keys := newDevice("ben")
	toAna, toBen := signal.Address{Name: "ana", Device: 1}, signal.Address{Name: "ben", Device: 1}

	// Ana gets Ben's bundle from whoever keeps it, and seals at once.
	if err := ana.ProcessBundle(ctx, toBen, keys.Bundle(1, &keys.OneTime[0])); err != nil {
		log.Fatal(err)
	}
	m, err := ana.Encrypt(ctx, toBen, []byte("hello, Ben"))
	if err != nil {
		log.Fatal(err)
	}
	text, err := ben.Decrypt(ctx, toAna, m)
	fmt.Printf("%s %v\n", text, err)

	answer, err := ben.Encrypt(ctx, toAna, []byte("hello, Ana"))
	if err != nil {
		log.Fatal(err)
	}
	text, err = ana.Decrypt(ctx, toBen, answer)
	fmt.Printf("%s %v\n", text, err)

	_, err = ana.Decrypt(ctx, toBen, answer)
	fmt.Println(err == signal.ErrDuplicate)
	// Output:
	// hello, Ben <nil>
	// hello, Ana <nil>
	// true
}

// A device gives its chain to each member, inside their sessions, and then
// seals once for all of them.
func ExampleDevice_EncryptGroup() {
	ctx := context.Background()
	ana, _ := newDevice("ana")
	ben, _ := newDevice("ben")
	choir := signal.Distribution{1, 2, 3}

	chain, err := ana.Distribute(ctx, choir) // travels inside a message of the session with each member
	if err != nil {
		log.Fatal(err)
	}
	if _, err := ben.AcceptDistribution(ctx, signal.Address{Name: "ana", Device: 1}, chain); err != nil {
		log.Fatal(err)
	}
	m, err := ana.EncryptGroup(ctx, choir, []byte("at nine"))
	if err != nil {
		log.Fatal(err)
	}
	text, err := ben.DecryptGroup(ctx, signal.Address{Name: "ana", Device: 1}, m)
	fmt.Printf("%s %v\n", text, err)
	// Output: at nine <nil>
}

// Both sides compute the same digits, which people compare.
func ExampleNewSafety() {
	_, ana := newDevice("ana")
	_, ben := newDevice("ben")
	a := signal.SafetyParty{Key: ana.Identity.Public(), Identifier: []byte("ana")}
	b := signal.SafetyParty{Key: ben.Identity.Public(), Identifier: []byte("ben")}
	here, err := signal.NewSafety(a, b)
	if err != nil {
		log.Fatal(err)
	}
	there, err := signal.NewSafety(b, a)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(here.Digits()), here.Digits() == there.Digits())
	// Output: 60 true
}
