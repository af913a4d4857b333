package wire_test

import (
	"bufio"
	"bytes"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"letterlock/internal/testkit"
	"letterlock/wire"
)

// What opens a row is not in the memory of the program that sealed it; the key
// for the next row is, and shows that the search sees.
func TestAKeyDiesWithItsRow(t *testing.T) {
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	to := wire.At(wire.NewAccountID(), 1)
	s, err := wire.NewSealer(to, private.PublicKey().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	const rows = 20
	var last []byte
	for range rows {
		if last, err = s.Seal(wire.Letter{From: to, Kind: wire.KindMessage, Body: make([]byte, 500)}); err != nil {
			t.Fatal(err)
		}
	}
	mem := ownMemory(t) // before this test itself computes the keys
	chain := firstChain(t, private, last)
	for i := range rows {
		row := mac(chain, 1)
		for what, k := range map[string][]byte{"chain key": chain, "key": row, "HMAC pad of the chain key": padded(chain)} {
			if n := bytes.Count(mem, k); n > 0 {
				t.Errorf("the %s of row %d stands %d times in memory", what, i, n)
			}
		}
		chain = mac(chain, 2)
	}
	if !bytes.Contains(mem, chain) {
		t.Error("the search is blind: the key for the next row is not found")
	}
	runtime.KeepAlive(s)
}

func firstChain(t *testing.T, private *ecdh.PrivateKey, row []byte) []byte {
	k, err := hpke.NewDHKEMPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := hpke.NewRecipient(row[1:33], k, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("letterlock mailbox v1"))
	if err != nil {
		t.Fatal(err)
	}
	chain, err := ctx.Export("letterlock mailbox chain v1", 32)
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

func mac(key []byte, label byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte{label})
	return m.Sum(nil)
}

func padded(key []byte) []byte {
	out := make([]byte, len(key))
	for i := range key {
		out[i] = key[i] ^ 0x36
	}
	return out
}

// unseen is loud, and in CI a failure.
func unseen(t *testing.T, err error) {
	t.Helper()
	testkit.Missing(t, "this system does not show a program its memory: %v", err)
}

// ownMemory is everything in this process that can be written.
func ownMemory(t *testing.T) []byte {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		unseen(t, err)
	}
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		unseen(t, err)
	}
	defer mem.Close()
	var out bytes.Buffer
	for l := bufio.NewScanner(bytes.NewReader(maps)); l.Scan(); {
		var from, to int64
		if !strings.Contains(l.Text(), " rw-p ") {
			continue
		}
		if _, err := fmt.Sscanf(l.Text(), "%x-%x", &from, &to); err != nil {
			t.Fatal(err)
		}
		io.Copy(&out, io.NewSectionReader(mem, from, min(to-from, 64<<20)))
	}
	return out.Bytes()
}
