package signal

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"

	"letterlock/signal/internal/spqr"
)

// maxArchived is how many former sessions with one device are kept.
//
// spec: deployed 3.4
const maxArchived = 40

const (
	recordFormat = 1
	stateFormat  = 2
)

// record is all sessions with one device, each still as stored bytes: what is
// read from them is a copy, and only a success replaces them.
type record struct {
	veil
	current  []byte   // nil if there is none
	archived [][]byte // newest first
	loaded   []byte   // what the store gave; the others may be parts of it
}

// parseRecord reads what bytes wrote; nil is an empty record. The parts alias
// the input.
func parseRecord(b []byte) (record, error) {
	if len(b) == 0 {
		return record{}, nil
	}
	r := reader{rest: b}
	if r.byte() != recordFormat {
		return record{}, ErrInvalidRecord
	}
	rec := record{loaded: b}
	if current := r.blob(); len(current) > 0 {
		rec.current = current
	}
	for range r.count(maxArchived) {
		rec.archived = append(rec.archived, r.blob())
	}
	if !r.done() {
		return record{}, ErrInvalidRecord
	}
	return rec, nil
}

func (r record) bytes() []byte {
	w := writer{recordFormat}
	w.blob(r.current)
	w.number(uint32(len(r.archived)))
	for _, a := range r.archived {
		w.blob(a)
	}
	return w
}

// load makes a copy of the current state to work on.
func (r record) load() (*state, error) {
	if r.current == nil {
		return nil, ErrNoSession
	}
	return parseState(r.current)
}

// promote makes s the current state and archives the former one at the front.
// Archived, a state has no pending set-up: it sends plain messages if it is
// ever promoted again.
//
// spec: sesame 3
// spec: deployed 3.5
func (r *record) promote(s *state) error {
	if err := r.archive(); err != nil {
		return err
	}
	r.current = s.bytes()
	return nil
}

func (r *record) archive() error {
	if r.current == nil {
		return nil
	}
	former, err := parseState(r.current)
	if err != nil {
		return err
	}
	defer former.wipe()
	former.pending = nil
	r.archived = slices.Insert(r.archived, 0, former.bytes())
	if len(r.archived) > maxArchived {
		r.archived = r.archived[:maxArchived]
	}
	r.current = nil
	return nil
}

// find returns a copy of the state that was set up with base, having taken it
// out of the archive if it stood there.
func (r *record) find(base PublicKey) (*state, bool, error) {
	if r.current != nil && bytes.Equal(stateBase(r.current), base.encoded[:]) {
		s, err := parseState(r.current)
		return s, true, err
	}
	for i, a := range r.archived {
		if bytes.Equal(stateBase(a), base.encoded[:]) {
			s, err := parseState(a)
			if err != nil {
				return nil, false, err
			}
			r.archived = slices.Delete(slices.Clone(r.archived), i, i+1)
			return s, false, r.archive()
		}
	}
	return nil, false, nil
}

// stateBase peeks at the base key of stored state bytes.
func stateBase(b []byte) []byte {
	const at = 2
	if len(b) < at+PublicKeySize {
		return nil
	}
	return b[at : at+PublicKeySize]
}

// The flags of a stored state.
const (
	flagInitiator = 1 << iota
	flagPending
	flagPreKey
	flagsKnown = flagInitiator | flagPending | flagPreKey
)

func (s *state) flags() (f byte) {
	if s.initiator {
		f |= flagInitiator
	}
	if s.pending != nil {
		f |= flagPending
		if s.pending.preKey != nil {
			f |= flagPreKey
		}
	}
	return f
}

// bytes writes the state. The form is canonical: equal states, equal bytes.
func (s *state) bytes() []byte {
	w := make(writer, 0, 512)
	w = append(w, stateFormat, s.flags())
	w.octets(s.base.encoded[:], s.local.encoded[:], s.remote.encoded[:])
	w.number(s.localNumber)
	w.number(s.remoteNumber)
	w.octets(s.root[:], s.ratchet.private.k.get()[:], s.ratchet.public.encoded[:])
	w.chain(s.sending)
	w.number(s.previous)
	w.number(uint32(len(s.receiving)))
	for _, r := range s.receiving {
		w.receiver(r)
	}
	w.blob(s.spqr.Bytes())
	if s.pending != nil {
		w.pending(*s.pending)
	}
	return w
}

// parseState reads what bytes wrote, into memory of its own.
func parseState(b []byte) (*state, error) {
	r := reader{rest: b}
	if r.byte() != stateFormat {
		return nil, ErrInvalidRecord
	}
	flags := r.byte()
	s := &state{initiator: flags&flagInitiator != 0}
	s.base, s.local, s.remote = r.public(), r.public(), r.public()
	s.localNumber, s.remoteNumber = r.number(), r.number()
	s.root = r.key()
	private := r.key()
	s.ratchet = keyPair{private: PrivateKey{k: hide(&private)}, public: r.public()}
	s.sending = r.chain()
	s.previous = r.number()
	for range r.count(maxReceiving) {
		s.receiving = append(s.receiving, r.receiver())
	}
	s.spqr = r.spqr()
	if flags&flagPending != 0 {
		s.pending = r.pending(flags&flagPreKey != 0)
	}
	if !r.done() || flags&^flagsKnown != 0 || flags&(flagPending|flagPreKey) == flagPreKey {
		return nil, ErrInvalidRecord
	}
	return s, nil
}

// writer appends fixed-width fields.
type writer []byte

func (w *writer) octets(parts ...[]byte) {
	for _, p := range parts {
		*w = append(*w, p...)
	}
}
func (w *writer) number(v uint32) { *w = binary.BigEndian.AppendUint32(*w, v) }
func (w *writer) blob(b []byte) {
	w.number(uint32(len(b)))
	w.octets(b)
}
func (w *writer) chain(c chain) {
	w.octets(c.key[:])
	w.number(c.index)
}
func (w *writer) receiver(r receiver) {
	w.octets(r.ratchet.encoded[:])
	w.chain(r.chain)
	w.number(uint32(len(r.skipped)))
	for _, k := range r.skipped {
		w.number(k.index)
		w.octets(k.seed[:])
	}
}
func (w *writer) pending(p pending) {
	*w = binary.BigEndian.AppendUint64(*w, uint64(p.created.Unix()))
	if p.preKey != nil {
		w.number(*p.preKey)
	}
	w.number(p.signedPreKey)
	w.number(p.kyberPreKey)
	w.octets(p.ciphertext)
}

// reader takes the fields off again; after the first failure it yields zeros.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) take(n int) []byte {
	if r.failed || n > len(r.rest) {
		r.failed = true
		return make([]byte, min(n, KEMCiphertextSize))
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) done() bool       { return !r.failed && len(r.rest) == 0 }
func (r *reader) byte() byte       { return r.take(1)[0] }
func (r *reader) number() uint32   { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) key() [32]byte    { return [32]byte(r.take(32)) }
func (r *reader) chain() (c chain) { c.key, c.index = r.key(), r.number(); return c }

// count reads how many parts follow, and fails beyond limit.
func (r *reader) count(limit uint32) uint32 {
	n := r.number()
	if r.failed || n > limit {
		r.failed = true
		return 0
	}
	return n
}

func (r *reader) blob() []byte {
	n := r.number()
	if uint64(n) > uint64(len(r.rest)) {
		r.failed = true
		return nil
	}
	return r.take(int(n))
}

func (r *reader) public() PublicKey {
	k, err := ParsePublicKey(r.take(PublicKeySize))
	if err != nil {
		r.failed = true
	}
	return k
}

func (r *reader) spqr() *spqr.State {
	s, err := spqr.Parse(r.blob())
	if err != nil {
		r.failed = true
		return &spqr.State{}
	}
	return s
}

func (r *reader) receiver() receiver {
	v := receiver{ratchet: r.public(), chain: r.chain()}
	n := r.count(maxSkipped)
	if uint64(n)*36 > uint64(len(r.rest)) {
		r.failed = true
		return v
	}
	v.skipped = make([]skipped, n)
	for i := range v.skipped {
		v.skipped[i] = skipped{r.number(), r.key()}
	}
	return v
}

func (r *reader) pending(withPreKey bool) *pending {
	p := &pending{created: time.Unix(int64(binary.BigEndian.Uint64(r.take(8))), 0)}
	if withPreKey {
		id := r.number()
		p.preKey = &id
	}
	p.signedPreKey, p.kyberPreKey = r.number(), r.number()
	p.ciphertext = bytes.Clone(r.take(KEMCiphertextSize))
	if checkKEMCiphertext(p.ciphertext) != nil {
		r.failed = true
	}
	return p
}
