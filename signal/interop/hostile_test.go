package interop_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"letterlock/signal"
)

// TestForgedMessages alters every third byte of a message, delivers each
// forgery, and then the genuine one, which must open; so on both sides.
func TestForgedMessages(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		eachBeginning(t, func(t *testing.T, p pair, weBegan bool) {
			for i := range 3 {
				for _, ours := range []bool{weBegan, !weBegan} {
					text := fmt.Sprint("genuine ", i)
					m := p.seal(ours, text)
					p.forge(ours, m)
					p.open(ours, m, text)
				}
			}
		})
	})
}

// forge delivers altered copies of m, none of which may be opened, and none of
// which may change what we store.
func (p pair) forge(ours bool, m signal.Message) {
	p.t.Helper()
	_, to, from, _ := p.side(ours)
	for i := 0; i < len(m.Body); i += 3 {
		if m.Type == signal.TypePreKey && unbound(ours, m.Body, i) {
			continue
		}
		for _, flip := range []byte{0x01, 0x80} {
			bad := signal.Message{Type: m.Type, Body: bytes.Clone(m.Body)}
			bad.Body[i] ^= flip
			before := p.us.store.Fingerprint()
			if _, err := to.Decrypt(ctx, from, bad); err == nil {
				p.t.Fatalf("a message altered at byte %d of %d was opened (ours: %v)", i, len(m.Body), ours)
			}
			if !ours && p.us.store.Fingerprint() != before {
				p.t.Fatalf("a forgery at byte %d changed our store", i)
			}
		}
	}
}

// unbound tells whether byte i of a set-up belongs to what nothing
// authenticates: the registration id and, where they receive, the version byte,
// whose low half they tolerate.
func unbound(ours bool, body []byte, i int) bool {
	if ours && i == 0 {
		return true
	}
	id := bytes.LastIndex(body, []byte{0x30, 0x01, 0x38, 0x01}) // fields 6 and 7
	return id > 0 && i >= id-3 && i < id
}

func TestHostileBundles(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		good := func(t *testing.T) (pair, bundleJSON) {
			p := newPair(t)
			return p, asJSON(p.us.bundle(true))
		}
		low := append([]byte{5}, make([]byte, 32)...)
		one := append([]byte{5, 1}, make([]byte, 31)...)
		for name, spoil := range hostileBundles(low, one) {
			t.Run(name, func(t *testing.T) {
				p, j := good(t)
				spoil(&j)
				if err := p.them.begin(ourAddress, j); err == nil {
					t.Log("the official library takes this one")
				}
				theirs := asJSON(p.them.bundle(t, true))
				spoil(&theirs)
				p.refuseBundle(theirs)
			})
		}
	})
}

func (p pair) refuseBundle(j bundleJSON) {
	p.t.Helper()
	before := p.us.store.Fingerprint()
	b, err := j.parse()
	if err == nil {
		err = p.us.ProcessBundle(ctx, theirAddress, b)
	}
	if !errors.Is(err, signal.ErrInvalidKey) && !errors.Is(err, signal.ErrInvalidSignature) && !errors.Is(err, signal.ErrInvalidAddress) {
		p.t.Fatalf("a hostile bundle: %v", err)
	}
	if p.us.store.Fingerprint() != before {
		p.t.Fatal("a hostile bundle changed the store")
	}
	if has, err := p.us.HasSession(ctx, theirAddress); err != nil || has {
		p.t.Fatalf("a hostile bundle left a session: %v %v", has, err)
	}
}

func hostileBundles(low, one []byte) map[string]func(*bundleJSON) {
	return map[string]func(*bundleJSON){
		"signed key's signature flipped": func(j *bundleJSON) { j.SignedSignature[5] ^= 1 },
		"Kyber signature flipped":        func(j *bundleJSON) { j.KyberSignature[5] ^= 1 },
		"sign bit flipped":               func(j *bundleJSON) { j.SignedSignature[63] ^= 0x80 },
		"signatures swapped":             func(j *bundleJSON) { j.SignedSignature, j.KyberSignature = j.KyberSignature, j.SignedSignature },
		"signature empty":                func(j *bundleJSON) { j.SignedSignature = []byte{} },
		"signature short":                func(j *bundleJSON) { j.SignedSignature = j.SignedSignature[:63] },
		"one-time key of zeros":          func(j *bundleJSON) { j.PreKey = low },
		"one-time key of low order":      func(j *bundleJSON) { j.PreKey = one },
		"one-time key short":             func(j *bundleJSON) { j.PreKey = j.PreKey[:20] },
		"one-time key long":              func(j *bundleJSON) { j.PreKey = append(j.PreKey, 0) },
		"one-time key empty":             func(j *bundleJSON) { j.PreKey = []byte{} },
		"signed key replaced":            func(j *bundleJSON) { j.SignedKey = j.PreKey },
		"signed key of low order":        func(j *bundleJSON) { j.SignedKey = one },
		"identity replaced":              func(j *bundleJSON) { j.Identity = j.PreKey },
		"identity of low order":          func(j *bundleJSON) { j.Identity = one },
		"identity of another type":       func(j *bundleJSON) { j.Identity[0] = 6 },
		"Kyber key flipped":              func(j *bundleJSON) { j.KyberKey[100] ^= 1 },
		"Kyber key of type 0x0A":         func(j *bundleJSON) { j.KyberKey[0] = 0x0a },
		"Kyber key of type 0x07":         func(j *bundleJSON) { j.KyberKey[0] = 0x07 },
		"Kyber key short":                func(j *bundleJSON) { j.KyberKey = j.KyberKey[:1568] },
		"Kyber key empty":                func(j *bundleJSON) { j.KyberKey = []byte{} },
		"another device":                 func(j *bundleJSON) { j.Device = 2 },
	}
}

// TestSignatureOverBareKeys: a bundle whose signatures cover the keys without
// their type bytes is refused by both.
func TestSignatureOverBareKeys(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		j := asJSON(p.us.bundle(true))
		var err error
		j.SignedSignature, err = p.us.keys.Identity.Sign(nil, j.SignedKey[1:])
		must(t, err)
		if err := p.them.begin(ourAddress, j); !refused(err, "signature") {
			t.Fatalf("they: %v", err)
		}
		p.refuseBundle(j)
		j = asJSON(p.us.bundle(true))
		j.KyberSignature, err = p.us.keys.Identity.Sign(nil, j.KyberKey[1:])
		must(t, err)
		if err := p.them.begin(ourAddress, j); !refused(err, "signature") {
			t.Fatalf("they: %v", err)
		}
		p.refuseBundle(j)
	})
}

// TestHostileBytes throws 20,000 mutations of genuine messages from the
// official library at us. None may panic, none that is not genuine may open,
// and at the end the conversation goes on.
func TestHostileBytes(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		p.theyBegin(true)
		first := p.seal(false, "set-up, kept back")
		p.say(false, "opening")
		p.say(true, "answer")
		plain := p.seal(false, "kept back")
		random := rand.New(rand.NewPCG(3, 4))
		opened := 0
		for i := range 20_000 {
			genuine := []signal.Message{first, plain}[i%2]
			m := signal.Message{Type: genuine.Type, Body: mutate(random, genuine.Body)}
			if random.IntN(10) == 0 {
				m.Type = signal.MessageType(random.IntN(10))
			}
			if bytes.Equal(m.Body, genuine.Body) {
				continue
			}
			if text, err := p.us.Decrypt(ctx, theirAddress, m); err == nil {
				opened++
				if string(text) != "set-up, kept back" {
					t.Fatalf("mutation %d opened as something else", i)
				}
			}
		}
		if opened > 1 { // at most once, by a change in what nothing authenticates
			t.Fatalf("%d mutations opened", opened)
		}
		p.open(false, plain, "kept back")
		p.say(true, "and on")
		p.say(false, "and on")
	})
}

// mutate returns an altered copy: flipped bits, cut, grown, spliced or random.
func mutate(random *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	switch random.IntN(6) {
	case 0:
		for range 1 + random.IntN(8) {
			b[random.IntN(len(b))] ^= byte(1 << random.IntN(8))
		}
	case 1:
		b = b[:random.IntN(len(b))]
	case 2:
		b = append(b, byte(random.Uint32()))
	case 3:
		i, j := random.IntN(len(b)), random.IntN(len(b))
		b = append(b[:min(i, j)], b[max(i, j):]...)
	case 4:
		i := random.IntN(len(b))
		b[i] = []byte{0x00, 0x7f, 0x80, 0xff}[random.IntN(4)]
	case 5:
		b = make([]byte, random.IntN(120))
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		if len(b) > 0 {
			b[0] = 0x44
		}
	}
	return b
}
