package spqr

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	mrand "math/rand/v2"
	"testing"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// k is the input of the known answers: 00 to 1f.
func k() []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func starts(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	w, err := hex.DecodeString(want)
	must(t, err)
	if !bytes.HasPrefix(got, w) {
		t.Errorf("%s is %x, should start %s", what, got, want)
	}
}

// The answers were computed by another implementation that talks to the
// official one.
func TestKnownAnswers(t *testing.T) {
	a, b := newChains(k(), true), newChains(k(), false)
	starts(t, "chain root", a.root[:], "cecef8bfcf6f9248e22dbcaf")
	starts(t, "A to B", a.epochs[0].sending.key[:], "cf242eedd7fba9a7092aa6a0")
	starts(t, "B to A", b.epochs[0].sending.key[:], "c6aa9194504352d146ac7f6a")
	m, i, err := a.send(0)
	must(t, err)
	starts(t, "A to B, index 1", m[:], "4e95e19749223cd40e0790a3")
	if i != 1 {
		t.Errorf("the first index is %d", i)
	}
	must(t, a.add(1, k()))
	m, _, err = a.send(1)
	must(t, err)
	starts(t, "A to B of epoch 1, index 1", m[:], "7defd5544468f6ace3915059")

	auth := authenticate(k())
	starts(t, "authenticator's root", auth.root[:], "eae875be1b0c8ce16b6c7b67")
	starts(t, "authenticator's key", auth.mac[:], "0d54710b71cef4864e833947")
	starts(t, "header code", auth.header(1, make([]byte, 64)), "4ec9e6363528afc4f93805f3")
	starts(t, "epoch secret", epochSecret(k(), 1), "52def81f0514130c29c964f8")
	if p := multiply(0x1234, 0x5678); p != 0x6324 {
		t.Errorf("product %04x", p)
	}
	if v := invert(2); v != 0x8805 {
		t.Errorf("inverse %04x", v)
	}
	object := make([]byte, 96)
	for i := range object {
		object[i] = byte(i)
	}
	three, last := chunkOf(object, 3), chunkOf(object, 65535)
	starts(t, "chunk 3", three.data[:], "606162636465666768696a6b")
	starts(t, "chunk 65535", last.data[:], "cde1cfe3c9e5cbe7c5e9c7eb")
}

// Any N different chunks rebuild an object, and fewer do not.
func TestAnyChunksRebuild(t *testing.T) {
	random := mrand.New(mrand.NewPCG(3, 4))
	for _, n := range []int{headerChunks, ct2Chunks, ct1Chunks, vectorChunks} {
		object := make([]byte, n*chunkSize)
		rand.Read(object)
		for range 10 {
			var g gathered
			for len(g) < n {
				if g.object(n) != nil {
					t.Fatal("rebuilt from too few")
				}
				g.add(chunkOf(object, uint16(random.Uint32())), n)
			}
			if !bytes.Equal(g.object(n), object) {
				t.Fatalf("%d chunks: another object", n)
			}
		}
	}
}

// Two pieces of a ciphertext, made apart, are the ciphertext of the standard
// library's ML-KEM-768.
func TestPiecesAreMLKEM(t *testing.T) {
	for range 20 {
		seed := make([]byte, seedSize)
		rand.Read(seed)
		private, header, vector, err := keyOf(seed)
		must(t, err)
		e, secret, err := encapsulate(rand.Reader, header)
		must(t, err)
		ct2, err := e.complete(vector)
		must(t, err)
		got, err := private.Decapsulate(append(bytes.Clone(e.ct1), ct2...))
		must(t, err)
		if !bytes.Equal(got, secret) {
			t.Fatal("other secrets")
		}
		bad := bytes.Clone(vector)
		bad[7] ^= 1
		if _, err := e.complete(bad); err == nil {
			t.Fatal("took a vector that the header does not name")
		}
	}
}

// A vector whose coefficients are not reduced is refused even if the header
// names it.
func TestUnreducedVectorIsRefused(t *testing.T) {
	vector := bytes.Repeat([]byte{0xff}, vectorSize)
	header := headerOf(append(bytes.Clone(vector), make([]byte, rhoSize)...))
	e, _, err := encapsulate(rand.Reader, header)
	must(t, err)
	if _, err := e.complete(vector); err == nil {
		t.Fatal("took coefficients beyond the modulus")
	}
}

// side is one end that keeps its state as bytes, as a store does.
type side struct {
	stored []byte
	used   map[[32]byte]bool
}

func met(required bool) (a, b *side) {
	return &side{New(k(), true, required).Bytes(), map[[32]byte]bool{}}, &side{New(k(), false, required).Bytes(), map[[32]byte]bool{}}
}

type sent struct{ field, key []byte }

func (s *side) send(t testing.TB) sent {
	t.Helper()
	st, err := Parse(s.stored)
	must(t, err)
	field, mixed, err := st.Send(rand.Reader)
	must(t, err)
	s.stored = st.Bytes()
	if mixed != nil {
		if s.used[[32]byte(mixed)] {
			t.Fatal("one key for two messages")
		}
		s.used[[32]byte(mixed)] = true
	}
	return sent{field, mixed}
}

func (s *side) receive(t testing.TB, m sent) {
	t.Helper()
	st, err := Parse(s.stored)
	must(t, err)
	mixed, err := st.Receive(m.field, Limit)
	must(t, err)
	if !bytes.Equal(mixed, m.key) {
		t.Fatalf("another key for %x", m.field)
	}
	s.stored = st.Bytes()
	if again, err := Parse(s.stored); err != nil || !bytes.Equal(again.Bytes(), s.stored) {
		t.Fatalf("what is stored does not read back: %v", err)
	}
}

func (s *side) refuses(t testing.TB, what string, field []byte) {
	t.Helper()
	st, err := Parse(s.stored)
	must(t, err)
	if _, err := st.Receive(field, Limit); err == nil {
		t.Errorf("took %s", what)
	}
}

func (s *side) epoch(t testing.TB) uint64 {
	t.Helper()
	st, err := Parse(s.stored)
	must(t, err)
	return st.braid.epoch
}

func TestEpochsGoOn(t *testing.T) {
	a, b := met(true)
	for range 200 {
		b.receive(t, a.send(t))
		a.receive(t, b.send(t))
	}
	if e := a.epoch(t); e < 4 || e > 6 {
		t.Errorf("epoch %d after 200 round trips; one takes 43 or 44", e)
	}
}

// Lost, late and repeated messages never give two sides two keys, and the
// exchange goes on.
func TestBadNetwork(t *testing.T) {
	for seed := range uint64(8) {
		random := mrand.New(mrand.NewPCG(seed, 9))
		a, b := met(true)
		var way [2][]sent
		lost := 0
		for range 1500 {
			from, to := a, b
			if random.IntN(2) == 1 {
				from, to = b, a
			}
			d := 0
			if from == b {
				d = 1
			}
			way[d] = append(way[d], from.send(t))
			if random.IntN(3) == 0 { // lost
				way[d], lost = way[d][:len(way[d])-1], lost+1
			}
			for len(way[d]) > 4 {
				i := random.IntN(len(way[d]))
				m := way[d][i]
				way[d] = append(way[d][:i:i], way[d][i+1:]...)
				to.receive(t, m)
				to.refuses(t, "a key twice", m.field)
			}
		}
		if a.epoch(t) < 4 || lost < 300 {
			t.Errorf("seed %d: epoch %d with %d lost", seed, a.epoch(t), lost)
		}
	}
}

func TestNegotiation(t *testing.T) {
	// A peer that has it too: settled by the first message, and no way back.
	a, b := met(false)
	first := a.send(t)
	if first.key != nil {
		t.Error("mixed a key in before the peer has shown that it can")
	}
	b.receive(t, first)
	b.refuses(t, "a message without the ratchet after one with it", nil)
	answer := b.send(t)
	if answer.key == nil {
		t.Error("an answer without a key")
	}
	a.receive(t, answer)
	if a.send(t).key == nil {
		t.Error("still no key")
	}
	a.refuses(t, "a downgrade", nil)
	a.refuses(t, "version 2", append([]byte{2}, answer.field[1:]...))

	// A peer that has none.
	a, _ = met(false)
	a.send(t)
	a.receive(t, sent{})
	if m := a.send(t); m.field != nil || m.key != nil {
		t.Error("the ratchet goes on with a peer that has none")
	}
	a.receive(t, sent{field: []byte{1, 2, 3}}) // ignored, for good

	// Required: no peer without it, and no message without a key.
	a, b = met(true)
	b.refuses(t, "no ratchet where it is required", nil)
	b.refuses(t, "version 0 where it is required", []byte{0})
	b.refuses(t, "a message without a key where one is required", first.field)
	if a.send(t).key == nil {
		t.Error("required, and no key in the first message")
	}
}

func TestLimits(t *testing.T) {
	a, b := met(true)
	var late []sent
	for range Limit {
		late = append(late, a.send(t))
	}
	b.refuses(t, "an index too far", a.send(t).field)
	b.receive(t, late[Limit-1])
	b.receive(t, late[Limit-1-keptIndexes+1])
	b.refuses(t, "an index too old", late[Limit-2-keptIndexes].field)
}

// A late message is opened while its epoch's keys are kept, and not after.
func TestOldEpochs(t *testing.T) {
	a, b := met(true)
	late := [3]sent{a.send(t), a.send(t), a.send(t)}
	sending := func(s *side) uint64 { return s.epoch(t) - 1 }
	opened := map[uint64]bool{}
	for sending(b) < 3 {
		b.receive(t, a.send(t))
		m := b.send(t)
		a.receive(t, m)
		switch e := sending(b); {
		case e == 1 && !opened[1]:
			opened[1] = true
			b.receive(t, late[1])
		case e == 2 && !opened[2]:
			opened[2] = true
			b.refuses(t, "a message of an epoch long over", late[2].field)
		}
	}
	if !opened[1] || !opened[2] {
		t.Error("the epochs were not reached")
	}
}

func TestMalformed(t *testing.T) {
	a, b := met(true)
	good := a.send(t).field
	for n := 1; n < len(good); n++ {
		b.refuses(t, "a part of a message", good[:n])
	}
	number := func(v uint64) []byte { return binary.AppendUvarint(nil, v) }
	for what, bad := range map[string][]byte{
		"epoch 0":         {1, 0, 1, 0},
		"a future epoch":  {1, 2, 1, 0},
		"an unknown kind": {1, 1, 1, 7},
		"a huge index":    append(append([]byte{1, 1}, number(1<<32)...), 0),
		"a huge chunk":    append(append([]byte{1, 1, 1, 1}, number(65536)...), make([]byte, 32)...),
		"index 0":         {1, 1, 0, 0},
	} {
		b.refuses(t, what, bad)
	}
	forged := bytes.Clone(good)
	for i := range 3 { // a header whose code is wrong
		m, err := parse(forged)
		must(t, err)
		m.chunk.index, m.index = uint16(i), uint32(i+1)
		if i < 2 {
			st, _ := Parse(b.stored)
			if _, err := st.Receive(m.bytes(), Limit); err != nil {
				t.Fatal(err)
			}
			b.stored = st.Bytes()
			continue
		}
		b.refuses(t, "a forged header", m.bytes())
	}
}

func FuzzReceive(f *testing.F) {
	a, b := met(true)
	for range 3 {
		f.Add(a.send(f).field, b.stored)
	}
	f.Fuzz(func(t *testing.T, field, stored []byte) {
		st, err := Parse(stored)
		if err != nil {
			st, _ = Parse(b.stored)
		} else if !bytes.Equal(st.Bytes(), stored) {
			again, err := Parse(st.Bytes())
			if err != nil || !bytes.Equal(again.Bytes(), st.Bytes()) {
				t.Fatal("a state that changes by being stored")
			}
		}
		if _, err := st.Receive(field, Limit); err != nil {
			return
		}
		if _, err := Parse(st.Bytes()); err != nil {
			t.Fatalf("a message broke the state: %v", err)
		}
		st.Send(rand.Reader)
	})
}

func TestSecrets(t *testing.T) {
	a, b := met(true)
	for range 60 {
		b.receive(t, a.send(t))
		a.receive(t, b.send(t))
	}
	st, err := Parse(a.stored)
	must(t, err)
	found := st.Secrets()
	next := a.send(t).key
	has := false
	for _, s := range found {
		has = has || bytes.Equal(s, next)
		if bytes.Equal(s, make([]byte, len(s))) {
			t.Error("an empty value among the secrets")
		}
	}
	if !has {
		t.Error("the key of the next message is missing")
	}
	none := &State{version: agreed0}
	if len(none.Secrets()) != 0 {
		t.Error("secrets of nothing")
	}
}
