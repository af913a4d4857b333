package signal_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"letterlock/signal"
)

// forger reads the keys of the sender's next message out of its store.
func (p *person) forger(t *testing.T, peer *person) signal.Forger {
	t.Helper()
	f, err := signal.NewForger(p.store.Session(peer.address))
	must(t, err)
	return f
}

// fields are the fields of a plain message, to be put in any order.
func fields(f signal.Forger, ciphertext []byte) [][]byte {
	return [][]byte{
		signal.AppendOctets(nil, 1, f.Ratchet.Bytes()),
		signal.AppendNumber(nil, 2, f.Counter),
		signal.AppendNumber(nil, 3, 0),
		signal.AppendOctets(nil, 4, ciphertext),
	}
}

func body(first byte, parts ...[]byte) []byte {
	return append([]byte{first}, bytes.Join(parts, nil)...)
}

// The MAC is over the bytes received, whatever their order and whatever else
// is among them.
func TestOddButAuthenticMessages(t *testing.T) {
	odd := map[string]func(f signal.Forger) []byte{
		"unknown field 99": func(f signal.Forger) []byte {
			return body(0x44, append(fields(f, f.Seal([]byte("odd"))), signal.AppendOctets(nil, 99, []byte("?")))...)
		},
		"field 5 twice, the last counts": func(f signal.Forger) []byte {
			return body(0x44, append(fields(f, f.Seal([]byte("odd"))), signal.AppendOctets(nil, 5, []byte{1, 2, 3}))...)
		},
		"backwards": func(f signal.Forger) []byte {
			p := fields(f, f.Seal([]byte("odd")))
			return body(0x44, p[3], p[2], p[1], p[0])
		},
		"without field 3": func(f signal.Forger) []byte {
			p := fields(f, f.Seal([]byte("odd")))
			return body(0x44, p[0], p[1], p[3])
		},
		"field 4 twice, the last counts": func(f signal.Forger) []byte {
			p := fields(f, f.Seal([]byte("odd")))
			return body(0x44, p[0], p[1], signal.AppendOctets(nil, 4, make([]byte, 32)), p[3])
		},
		"its own addresses": func(f signal.Forger) []byte {
			return body(0x44, append(fields(f, f.Seal([]byte("odd"))), signal.AppendOctets(nil, 6, addresses))...)
		},
	}
	for name, make := range odd {
		t.Run(name, func(t *testing.T) {
			a, b := met(t)
			f := a.forger(t, b)
			b.opens(t, a, f.Finish(make(f)), "odd")
		})
	}
}

// addresses bind a message from Alice's device 1 to Bob's device 1.
var addresses = bytes.Join([][]byte{{0}, uuid(aliceName), {1, 0}, uuid(bobName), {1}}, nil)

func uuid(name string) []byte {
	var b []byte
	name = strings.ReplaceAll(name, "-", "")
	for i := 0; i < len(name); i += 2 {
		b = append(b, byte(strings.IndexByte("0123456789abcdef", name[i])<<4|strings.IndexByte("0123456789abcdef", name[i+1])))
	}
	return b
}

// TestMaliciousMessages: whoever knows the keys still cannot make a message
// that breaks the receiver, and the state stays fit for the genuine one.
func TestMaliciousMessages(t *testing.T) {
	bad := map[string]func(f signal.Forger) []byte{
		"no ciphertext":   func(f signal.Forger) []byte { return body(0x44, fields(f, nil)...) },
		"15 bytes":        func(f signal.Forger) []byte { return body(0x44, fields(f, make([]byte, 15))...) },
		"17 bytes":        func(f signal.Forger) []byte { return body(0x44, fields(f, make([]byte, 17))...) },
		"padding of 0":    func(f signal.Forger) []byte { return padded(f, 0, 0) },
		"padding of 17":   func(f signal.Forger) []byte { return padded(f, 17, 17) },
		"padding of 255":  func(f signal.Forger) []byte { return padded(f, 255, 255) },
		"uneven padding":  func(f signal.Forger) []byte { return padded(f, 1, 4) },
		"version 0x4F":    func(f signal.Forger) []byte { return body(0x4f, fields(f, f.Seal(nil))...) },
		"version 3":       func(f signal.Forger) []byte { return body(0x33, fields(f, f.Seal(nil))...) },
		"version 0x34":    func(f signal.Forger) []byte { return body(0x34, fields(f, f.Seal(nil))...) },
		"version 5":       func(f signal.Forger) []byte { return body(0x54, fields(f, f.Seal(nil))...) },
		"without key":     func(f signal.Forger) []byte { return body(0x44, fields(f, f.Seal(nil))[1:]...) },
		"without counter": func(f signal.Forger) []byte { p := fields(f, f.Seal(nil)); return body(0x44, p[0], p[2], p[3]) },
		"empty key":       func(f signal.Forger) []byte { return body(0x44, append(fields(f, f.Seal(nil)), []byte{0x0a, 0})...) },
		"counter too big": func(f signal.Forger) []byte {
			return withCounter(f, protowire.AppendVarint([]byte{0x10}, 1<<32|uint64(f.Counter)))
		},
		"counter 2^32-1":     func(f signal.Forger) []byte { return withCounter(f, []byte{0x10, 0xff, 0xff, 0xff, 0xff, 0x0f}) },
		"counter of bytes":   func(f signal.Forger) []byte { return withCounter(f, []byte{0x12, 1, 0}) },
		"no addresses in it": func(f signal.Forger) []byte { return bound(f, []byte{}) },
		"addresses short":    func(f signal.Forger) []byte { return bound(f, addresses[:35]) },
		"addresses long":     func(f signal.Forger) []byte { return bound(f, append(bytes.Clone(addresses), 0)) },
		"other sender":       func(f signal.Forger) []byte { return bound(f, flipped(addresses, 5, 1)) },
		"other sender kind":  func(f signal.Forger) []byte { return bound(f, flipped(addresses, 0, 1)) },
		"other device":       func(f signal.Forger) []byte { return bound(f, flipped(addresses, 17, 2)) },
		"other recipient":    func(f signal.Forger) []byte { return bound(f, flipped(addresses, 25, 1)) },
	}
	for name, make := range bad {
		t.Run(name, func(t *testing.T) {
			a, b := met(t)
			f := a.forger(t, b)
			m := f.Finish(make(f))
			b.refuses(t, a, m, signal.ErrInvalidMessage)
			a.says(t, b, "genuine")
			b.says(t, a, "and back")
		})
	}
}

// padded is one block whose last byte says last and whose others say fill.
func padded(f signal.Forger, fill, last byte) []byte {
	block := bytes.Repeat([]byte{fill}, 16)
	block[15] = last
	return body(0x44, fields(f, f.Blocks(block))...)
}

func withCounter(f signal.Forger, counter []byte) []byte {
	p := fields(f, f.Seal(nil))
	return body(0x44, p[0], counter, p[3])
}

func bound(f signal.Forger, addresses []byte) []byte {
	return body(0x44, append(fields(f, f.Seal(nil)), signal.AppendOctets(nil, 6, addresses))...)
}

// TestAlteredMessages alters each byte of each kind of message; the store stays
// as it was, the one-time pre-key too, and the genuine message opens.
func TestAlteredMessages(t *testing.T) {
	a, b := alice(t), bob(t)
	a.begin(t, b)
	first := a.seals(t, b, "set-up")
	b.refusesEachFlip(t, a, first, 7)
	if b.store.OneTime() != 100 {
		t.Fatal("a forgery used up a one-time pre-key")
	}
	b.opens(t, a, first, "set-up")
	if b.store.OneTime() != 99 {
		t.Fatal("the one-time pre-key outlived its use")
	}
	answer := b.seals(t, a, "answer")
	a.refusesEachFlip(t, b, answer, 1)
	a.opens(t, b, answer, "answer")
	plain := a.seals(t, b, "plain")
	b.refusesEachFlip(t, a, plain, 1)
	b.opens(t, a, plain, "plain")
}

// refusesEachFlip flips one bit in every step-th byte. With step 7 none of them
// falls on the registration id of a set-up, which nothing authenticates.
func (p *person) refusesEachFlip(t *testing.T, from *person, m signal.Message, step int) {
	t.Helper()
	before := p.store.Fingerprint()
	for i := 0; i < len(m.Body); i += step {
		bad := signal.Message{Type: m.Type, Body: flipped(m.Body, i, 1)}
		text, err := p.Decrypt(ctx, from.address, bad)
		if err == nil || text != nil {
			t.Fatalf("altered at byte %d of %d: %v", i, len(m.Body), err)
		}
		if p.store.Fingerprint() != before {
			t.Fatalf("altered at byte %d of %d, it changed the store", i, len(m.Body))
		}
	}
}

func TestTruncatedMessages(t *testing.T) {
	a, b := alice(t), bob(t)
	a.begin(t, b)
	first := a.seals(t, b, "set-up")
	for n := range first.Body {
		b.refuses(t, a, signal.Message{Type: first.Type, Body: first.Body[:n]}, signal.ErrInvalidMessage)
	}
	for _, kind := range []signal.MessageType{0, 1, 7, 8, 255} {
		b.refuses(t, a, signal.Message{Type: kind, Body: first.Body}, signal.ErrInvalidMessage)
	}
	b.refuses(t, a, signal.Message{Type: signal.TypeSignal, Body: first.Body}, signal.ErrInvalidMessage)
	b.opens(t, a, first, "set-up")
}

// A field appended to a set-up message replaces it: the last one counts.
func TestAlteredSetUp(t *testing.T) {
	stranger := newPerson(t, "c0c0c0c0-dada-4d11-975f-74d61598733f", 1)
	for name, c := range map[string]struct {
		field []byte
		want  error
	}{
		"another base key":       {signal.AppendOctets(nil, 2, stranger.keys.Identity.Public().Bytes()), signal.ErrInvalidMessage},
		"base key of low order":  {signal.AppendOctets(nil, 2, append([]byte{5, 1}, make([]byte, 31)...)), signal.ErrInvalidMessage},
		"another identity":       {signal.AppendOctets(nil, 3, stranger.keys.Identity.Public().Bytes()), signal.ErrInvalidMessage},
		"unknown one-time key":   {signal.AppendNumber(nil, 1, 4000), signal.ErrUnknownPreKey},
		"other one-time key":     {signal.AppendNumber(nil, 1, 7), signal.ErrInvalidMessage},
		"unknown signed key":     {signal.AppendNumber(nil, 6, 9), signal.ErrUnknownPreKey},
		"unknown Kyber key":      {signal.AppendNumber(nil, 7, 9), signal.ErrUnknownPreKey},
		"Kyber ciphertext short": {signal.AppendOctets(nil, 8, make([]byte, 1568)), signal.ErrInvalidMessage},
		"Kyber type 0x0A":        {signal.AppendOctets(nil, 8, append([]byte{0x0a}, make([]byte, 1568)...)), signal.ErrInvalidMessage},
		"other Kyber ciphertext": {signal.AppendOctets(nil, 8, append([]byte{0x08}, make([]byte, 1568)...)), signal.ErrInvalidMessage},
		"empty inner message":    {signal.AppendOctets(nil, 4, nil), signal.ErrInvalidMessage},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := alice(t), bob(t)
			a.begin(t, b)
			m := a.seals(t, b, "set-up")
			b.refuses(t, a, signal.Message{Type: m.Type, Body: append(bytes.Clone(m.Body), c.field...)}, c.want)
			if b.store.OneTime() != 100 {
				t.Error("a one-time pre-key is gone")
			}
			b.opens(t, a, m, "set-up")
		})
	}
}

// A base key with a component of small order is refused before any agreement.
func TestBaseKeyWithTorsion(t *testing.T) {
	a, b := alice(t), bob(t)
	a.begin(t, b)
	m := a.seals(t, b, "set-up")
	h, err := signal.HeaderOf(m)
	must(t, err)
	bad, ok := signal.Torsioned(h.Base)
	if !ok {
		t.Fatal("no such key")
	}
	b.refuses(t, a, signal.Message{Type: m.Type, Body: append(bytes.Clone(m.Body), signal.AppendOctets(nil, 2, bad.Bytes())...)}, signal.ErrInvalidMessage)
	b.opens(t, a, m, "set-up")
}

// Bundles that their owner signed, with keys that agree on nothing.
func TestSignedButUselessBundles(t *testing.T) {
	one, err := signal.ParsePublicKey(append([]byte{5, 1}, make([]byte, 31)...))
	must(t, err)
	a, b := alice(t), bob(t)
	sign := func(m []byte) []byte { s, err := b.keys.Identity.Sign(nil, m); must(t, err); return s }
	for name, spoil := range map[string]func(*signal.Bundle){
		"signed key of low order":   func(x *signal.Bundle) { x.SignedPreKey.Key, x.SignedPreKey.Signature = one, sign(one.Bytes()) },
		"one-time key of low order": func(x *signal.Bundle) { x.PreKey = &signal.PreKeyPublic{ID: 1, Key: one} },
		"no one-time key in it":     func(x *signal.Bundle) { x.PreKey = &signal.PreKeyPublic{ID: 1} },
		"no Kyber key":              func(x *signal.Bundle) { x.KyberPreKey = signal.KyberPreKeyPublic{} },
		"no signed key":             func(x *signal.Bundle) { x.SignedPreKey = signal.SignedPreKeyPublic{} },
		"no identity":               func(x *signal.Bundle) { x.Identity = signal.PublicKey{} },
		"nothing":                   func(x *signal.Bundle) { *x = signal.Bundle{DeviceID: 1} },
	} {
		bundle := b.bundle()
		spoil(&bundle)
		before := a.store.Fingerprint()
		if err := a.ProcessBundle(ctx, b.address, bundle); !errors.Is(err, signal.ErrInvalidKey) {
			t.Errorf("%s: %v", name, err)
		}
		if a.store.Fingerprint() != before {
			t.Errorf("%s changed the store", name)
		}
	}
	a.begin(t, b)
	a.says(t, b, "the genuine bundle works")
}

func TestHostileBundles(t *testing.T) {
	a, b := alice(t), bob(t)
	mallory := newPerson(t, "c0c0c0c0-dada-4d11-975f-74d61598733f", 1)
	bare := func(m []byte) []byte { s, err := b.keys.Identity.Sign(nil, m[1:]); must(t, err); return s }
	for name, c := range map[string]struct {
		spoil func(*signal.Bundle)
		want  error
	}{
		"signature altered":       {func(x *signal.Bundle) { x.SignedPreKey.Signature = flipped(x.SignedPreKey.Signature, 3, 1) }, signal.ErrInvalidSignature},
		"sign bit altered":        {func(x *signal.Bundle) { x.SignedPreKey.Signature = flipped(x.SignedPreKey.Signature, 63, 0x80) }, signal.ErrInvalidSignature},
		"no signature":            {func(x *signal.Bundle) { x.SignedPreKey.Signature = nil }, signal.ErrInvalidSignature},
		"Kyber signature altered": {func(x *signal.Bundle) { x.KyberPreKey.Signature = flipped(x.KyberPreKey.Signature, 40, 1) }, signal.ErrInvalidSignature},
		"no Kyber signature":      {func(x *signal.Bundle) { x.KyberPreKey.Signature = nil }, signal.ErrInvalidSignature},
		"bare key signed":         {func(x *signal.Bundle) { x.SignedPreKey.Signature = bare(x.SignedPreKey.Key.Bytes()) }, signal.ErrInvalidSignature},
		"bare Kyber key signed":   {func(x *signal.Bundle) { x.KyberPreKey.Signature = bare(x.KyberPreKey.Key.Bytes()) }, signal.ErrInvalidSignature},
		"another's signed key":    {func(x *signal.Bundle) { x.SignedPreKey = mallory.keys.Signed[0].Public() }, signal.ErrInvalidSignature},
		"another's Kyber key":     {func(x *signal.Bundle) { x.KyberPreKey = mallory.keys.Kyber[0].Public() }, signal.ErrInvalidSignature},
		"another's identity":      {func(x *signal.Bundle) { x.Identity = mallory.keys.Identity.Public() }, signal.ErrInvalidSignature},
		"another device":          {func(x *signal.Bundle) { x.DeviceID = 2 }, signal.ErrInvalidAddress},
		"no device":               {func(x *signal.Bundle) { x.DeviceID = 0 }, signal.ErrInvalidAddress},
	} {
		bundle := b.bundle()
		c.spoil(&bundle)
		before := a.store.Fingerprint()
		if err := a.ProcessBundle(ctx, b.address, bundle); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if a.store.Fingerprint() != before {
			t.Errorf("%s changed the store", name)
		}
	}
	a.begin(t, b)
	a.says(t, b, "the genuine bundle works")
}

// A repeated set-up cannot bring another identity with it, even to a store
// that would trust any.
func TestRepeatedSetUpWithAnotherIdentity(t *testing.T) {
	a, b := alice(t), bob(t)
	mallory := newPerson(t, "c0c0c0c0-dada-4d11-975f-74d61598733f", 1)
	a.begin(t, b)
	a.says(t, b, "first")
	m := a.seals(t, b, "second")
	b.store.ForgetIdentity(a.address)
	other := signal.AppendOctets(nil, 3, mallory.keys.Identity.Public().Bytes())
	b.refuses(t, a, signal.Message{Type: m.Type, Body: append(bytes.Clone(m.Body), other...)}, signal.ErrInvalidMessage)
	b.opens(t, a, m, "second")
}

// A session that has the post-quantum ratchet does not go on without it, even
// if every other key is known.
func TestNoDowngrade(t *testing.T) {
	for what, change := range map[string]func(f []byte) []byte{
		"no field 5":        func([]byte) []byte { return nil },
		"an empty field 5":  func([]byte) []byte { return []byte{} },
		"version 0":         func([]byte) []byte { return []byte{0} },
		"version 2":         func(f []byte) []byte { return append([]byte{2}, f[1:]...) },
		"no key, index 0":   func([]byte) []byte { return []byte{1, 1, 0, 0} },
		"an epoch to come":  func([]byte) []byte { return []byte{1, 9, 1, 0} },
		"half of the field": func(f []byte) []byte { return f[:len(f)/2] },
	} {
		a, b := met(t)
		a.says(t, b, "with it")
		f := a.forger(t, b)
		p := fields(f, f.Seal([]byte("without")))
		forged := f.FinishWith(body(0x44, p...), change(bytes.Clone(header(t, a.seals(t, b, "lost")).SPQR)))
		before := b.store.Fingerprint()
		if _, err := b.Decrypt(ctx, a.address, forged); !errors.Is(err, signal.ErrInvalidMessage) {
			t.Errorf("%s: %v", what, err)
		}
		if b.store.Fingerprint() != before {
			t.Errorf("%s changed the store", what)
		}
		a.says(t, b, "and on")
	}
}
