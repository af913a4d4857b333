package interop_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"letterlock/signal"
)

// TestSignaturesBothWays: forty random keys, about half of which have the sign
// bit that the paper would have forced to zero.
func TestSignaturesBothWays(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := official(t)
		signs := map[byte]int{}
		for i := range 40 {
			own, err := signal.GenerateIdentity(nil)
			must(t, err)
			message := []byte(fmt.Sprintf("message %d", i))
			signature, err := own.Sign(nil, message)
			must(t, err)
			signs[signature[63]&0x80]++
			if !p.verifies(t, own.Public(), message, signature) {
				t.Fatalf("key %d: they refuse our signature", i)
			}
			flipped := bytes.Clone(signature)
			flipped[63] ^= 0x80
			if p.verifies(t, own.Public(), message, flipped) || own.Public().Verify(message, flipped) {
				t.Fatalf("key %d: the sign bit does not matter", i)
			}

			var theirs struct{ Signature, Key []byte }
			must(t, p.call("sign", values{"privateKey": own.Serialize(), "message": message}, &theirs))
			if !own.Public().Verify(message, theirs.Signature) {
				t.Fatalf("key %d: we refuse their signature", i)
			}
			if own.Public().Verify(append(message, '!'), theirs.Signature) {
				t.Fatalf("key %d: their signature fits another message", i)
			}
			must(t, p.call("publicKey", values{"privateKey": own.Serialize()}, &theirs))
			if !bytes.Equal(theirs.Key, own.Public().Bytes()) {
				t.Fatalf("key %d: other public key", i)
			}
		}
		if signs[0] == 0 || signs[0x80] == 0 {
			t.Fatalf("forty keys with one sign bit: %v", signs)
		}
	})
}

func (p *process) verifies(t testing.TB, key signal.PublicKey, message, signature []byte) bool {
	t.Helper()
	var v struct{ OK bool }
	must(t, p.call("verify", values{"key": key.Bytes(), "message": message, "signature": signature}, &v))
	return v.OK
}

func TestSafetyNumbers(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := official(t)
		for i := range 5 {
			a, err := signal.GenerateIdentity(nil)
			must(t, err)
			b, err := signal.GenerateIdentity(nil)
			must(t, err)
			left := signal.SafetyParty{Key: a.Public(), Identifier: []byte(fmt.Sprint("alice", i))}
			right := signal.SafetyParty{Key: b.Public(), Identifier: bytes.Repeat([]byte{byte(i)}, 16)}
			ours, err := signal.NewSafety(left, right)
			must(t, err)
			var theirs struct {
				Digits string
				Code   []byte
			}
			must(t, p.call("safety", safetyArgs(left, right), &theirs))
			if ours.Digits() != theirs.Digits || !bytes.Equal(ours.Code(), theirs.Code) {
				t.Fatalf("ours %s %x\ntheirs %s %x", ours.Digits(), ours.Code(), theirs.Digits, theirs.Code)
			}
			var other struct {
				Digits string
				Code   []byte
			}
			must(t, p.call("safety", safetyArgs(right, left), &other))
			if other.Digits != ours.Digits() {
				t.Fatal("the two sides show different digits")
			}
			if ok, err := ours.Matches(other.Code); err != nil || !ok {
				t.Fatalf("their code does not match: %v %v", ok, err)
			}
			if ok, err := ours.Matches(theirs.Code); err != nil || ok {
				t.Fatalf("our own code matches: %v %v", ok, err)
			}
			var scan struct{ OK bool }
			args := safetyArgs(right, left)
			args["code"] = ours.Code()
			must(t, p.call("scan", args, &scan))
			if !scan.OK {
				t.Fatal("they do not accept our code")
			}
		}
	})
}

func TestSafetyCodeOfAnotherVersion(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := official(t)
		a, err := signal.GenerateIdentity(nil)
		must(t, err)
		left := signal.SafetyParty{Key: a.Public(), Identifier: []byte("alice")}
		safety, err := signal.NewSafety(left, left)
		must(t, err)
		args := safetyArgs(left, left)
		args["version"] = 1
		var old struct{ Code []byte }
		must(t, p.call("safety", args, &old))
		if _, err := safety.Matches(old.Code); !errors.Is(err, signal.ErrCodeVersion) {
			t.Fatalf("a code of version 1: %v", err)
		}
	})
}

func safetyArgs(local, remote signal.SafetyParty) values {
	return values{
		"iterations": 5200, "version": 2,
		"localID": local.Identifier, "localKey": local.Key.Bytes(),
		"remoteID": remote.Identifier, "remoteKey": remote.Key.Bytes(),
	}
}
