package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// Witness co-signs checkpoints. A *Ledger is one; so is a client of the other
// half's, wherever it runs.
type Witness interface {
	// Seen is the size of the last checkpoint of this ledger that the witness
	// holds, 0 for none.
	Seen(ctx context.Context, origin string) (int64, error)
	// Cosign verifies a proof.Request, remembers its checkpoint durably and
	// returns a signature line. Conflict means that the checkpoint
	// contradicts one the witness has seen.
	Cosign(ctx context.Context, request []byte) ([]byte, error)
}

// Named is a witness whose co-signatures carry a name that is known.
type Named interface{ Name() string }

// Stale is a witness's answer to a request that does not begin where its memory
// of the ledger ends.
type Stale struct{ Size int64 }

func (s Stale) Error() string { return fmt.Sprintf("the witness has seen %d leaves", s.Size) }

// Trust adds verifier keys of other ledgers and witnesses. One name has one
// key: a second is refused.
func (l *Ledger) Trust(vkeys ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := map[string]string{}
	for name, k := range l.trusted {
		all[name] = k
	}
	var list []string
	for _, k := range vkeys {
		name, _, _ := strings.Cut(k, "+")
		if old, ok := all[name]; ok && old != k {
			return fault.New(fault.Conflict, "trust key", "refusing a second key for %s.", name)
		}
		all[name] = k
	}
	for _, k := range all {
		list = append(list, k)
	}
	keys, err := proof.ParseKeys(list...)
	if err != nil {
		return err
	}
	l.trusted, l.keys = all, keys
	return nil
}

func (l *Ledger) trustedKeys() (proof.Keys, map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keys, l.trusted
}

const witnessedHead = "letterlock witnessed v1 "

func witnessedName(origin string) string {
	h := sha256.Sum256([]byte(origin))
	return filepath.Join(dirWitnessed, hex.EncodeToString(h[:16]))
}

// witnessed is the last checkpoint of another ledger, with the key it came under.
type witnessed struct {
	key string
	proof.Signed
}

func (w witnessed) file() []byte { return append([]byte(witnessedHead+w.key+"\n\n"), w.Note...) }

func parseWitnessed(b []byte) (witnessed, error) {
	head, note, ok := strings.Cut(string(b), "\n\n")
	key, ok2 := strings.CutPrefix(head, witnessedHead)
	if !ok || !ok2 || !exactNote([]byte(note)) {
		return witnessed{}, errors.New("not a witnessed checkpoint")
	}
	keys, err := proof.ParseKeys(key)
	if err != nil {
		return witnessed{}, err
	}
	s, err := proof.OpenCheckpoint([]byte(note), keys)
	return witnessed{key, s}, err
}

func (l *Ledger) readWitnessed(origin string) (witnessed, error) {
	b, err := readAll(l.disk, witnessedName(origin))
	if notThere(err) {
		return witnessed{}, fault.New(fault.NotFound, "read witnessed checkpoint", "no checkpoint of that ledger was ever seen here.")
	}
	if err != nil {
		return witnessed{}, fault.Wrap(fault.Unavailable, "read witnessed checkpoint", err, "the ledger cannot be read.")
	}
	w, err := parseWitnessed(b)
	if err != nil || w.Origin != origin {
		return witnessed{}, fault.Wrap(fault.Conflict, "read witnessed checkpoint", err, "refusing to go on: what was seen of the other ledger is damaged. Run a ledger check.")
	}
	return w, nil
}

// Witnessed is the last checkpoint of another ledger that this one co-signed:
// what the other half must show again after a restore.
func (l *Ledger) Witnessed(origin string) ([]byte, error) {
	w, err := l.readWitnessed(origin)
	return w.Note, err
}

// Seen is part of Witness.
func (l *Ledger) Seen(_ context.Context, origin string) (int64, error) {
	w, err := l.readWitnessed(origin)
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	return w.Size, err
}

// Cosign is part of Witness: it co-signs a checkpoint of a trusted ledger if
// it continues the one co-signed before, and remembers it first. A ledger that
// shrank, forked or changed its key is refused.
func (l *Ledger) Cosign(_ context.Context, request []byte) ([]byte, error) {
	req, err := proof.ParseRequest(request)
	if err != nil {
		return nil, err
	}
	keys, names := l.trustedKeys()
	s, err := proof.OpenCheckpoint(req.Note, keys)
	if err != nil {
		return nil, err
	}
	if s.Origin == l.set.Origin {
		return nil, fault.New(fault.Invalid, "co-sign", "a ledger does not vouch for itself.")
	}
	l.witness.Lock()
	defer l.witness.Unlock()
	if l.isClosed() {
		return nil, errClosed()
	}
	if err := l.follows(req, s, names[s.Origin]); err != nil {
		return nil, err
	}
	note, err := ownNote(s, names[s.Origin])
	if err != nil {
		return nil, err
	}
	w := witnessed{names[s.Origin], proof.Signed{Note: note}}
	if err := replace(l.disk, witnessedName(s.Origin), w.file()); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "co-sign", err, "the checkpoint cannot be remembered, so it is not co-signed; free space on the ledger's disk and try again.")
	}
	return []byte(proof.CosignLine(witnessName(l.set.Origin), l.sec.witness, s.Text(), l.clock.Now())), nil
}

// ownNote is the checkpoint with no signature but its own ledger's.
func ownNote(s proof.Signed, key string) ([]byte, error) {
	_, sigs, _ := strings.Cut(string(s.Note), "\n\n")
	for line := range strings.Lines(sigs) {
		note := []byte(s.Text() + "\n" + line)
		if _, err := parseWitnessed(witnessed{key, proof.Signed{Note: note}}.file()); err == nil {
			return note, nil
		}
	}
	return nil, fault.New(fault.Invalid, "co-sign", "the checkpoint's signature is not in its one exact form.")
}

// follows refuses whatever contradicts what was seen.
func (l *Ledger) follows(req proof.Request, s proof.Signed, key string) error {
	last, err := l.readWitnessed(s.Origin)
	if fault.Is(err, fault.NotFound) {
		if req.Old != 0 || len(req.Path) != 0 {
			return fault.New(fault.Conflict, "co-sign", "nothing of that ledger was seen before: begin with old size 0.")
		}
		return nil
	}
	if err != nil {
		return err
	}
	if last.key != key {
		return fault.New(fault.Conflict, "co-sign", "refusing to co-sign: %s used another key before.", s.Origin)
	}
	if err := proof.Consistent(last.Checkpoint, s.Checkpoint, req.Path); err != nil {
		return fault.Wrap(fault.Conflict, "co-sign", err, "refusing to co-sign %s at %d leaves after having seen %d: %s", s.Origin, s.Size, last.Size, fault.Say(err))
	}
	if req.Old != last.Size {
		return fault.New(fault.Conflict, "co-sign", "the last checkpoint seen has %d leaves, the request begins at %d.", last.Size, req.Old)
	}
	return nil
}

// Gather has a witness co-sign the latest checkpoint, if that is new, and
// keeps the co-signature. Conflict means that the witness has seen another
// past: somebody put an older or a changed ledger in place.
func (l *Ledger) Gather(ctx context.Context, w Witness) error {
	l.mu.Lock()
	h, vouched := l.best(), l.vouched
	l.mu.Unlock()
	seen, err := w.Seen(ctx, l.set.Origin)
	if err != nil {
		return err
	}
	if seen == h.Size && vouched.note != nil && vouched.Size == seen && l.signedBy(vouched, w) {
		return nil
	}
	line, err := l.ask(ctx, w, h, seen)
	var stale Stale
	if errors.As(err, &stale) { // it remembers more, or less, than we knew
		line, err = l.ask(ctx, w, h, stale.Size)
	}
	if err != nil {
		return err
	}
	return l.keepCosigned(h, line)
}

// signedBy reports whether the witness's signature is kept already.
func (l *Ledger) signedBy(h head, w Witness) bool {
	n, named := w.(Named)
	if !named {
		return true
	}
	keys, _ := l.trustedKeys()
	s, err := proof.OpenCheckpoint(h.note, keys)
	return err == nil && s.CosignedBy(n.Name())
}

func (l *Ledger) ask(ctx context.Context, w Witness, h head, seen int64) ([]byte, error) {
	if seen > h.Size {
		return nil, fault.New(fault.Conflict, "gather co-signature", "refusing to go on: the witness has seen %d leaves and this ledger has %d, so it is an older copy.", seen, h.Size)
	}
	path, err := consistency(l.tree, seen, h.Size)
	if err != nil {
		return nil, err
	}
	return w.Cosign(ctx, proof.Request{Old: seen, Path: path, Note: h.note}.Bytes())
}

func (l *Ledger) keepCosigned(h head, line []byte) error {
	keys, _ := l.trustedKeys()
	note := append(h.note[:len(h.note):len(h.note)], line...)
	s, err := proof.OpenCheckpoint(note, keys)
	if err != nil {
		return err
	}
	if len(s.Cosigners) == 0 || !exactNote(note) || strings.Count(string(line), "\n") != 1 {
		return fault.New(fault.Invalid, "gather co-signature", "the witness's answer is no co-signature by a trusted key.")
	}
	l.write.Lock()
	defer l.write.Unlock()
	if h.Size < l.vouchedSize() || l.isClosed() {
		return nil // a newer one came first
	}
	if note, s, err = l.joined(h, note, line, s); err != nil || note == nil {
		return err
	}
	if err := l.cosigned.append(append(note[:len(note):len(note)], '\n')); err != nil {
		return unavailable("keep co-signature", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.vouched = head{h.Checkpoint, note}
	return nil
}

// joined puts the line to what other witnesses have signed of the same
// checkpoint meanwhile; nothing if this one's is there already.
func (l *Ledger) joined(h head, note, line []byte, s proof.Signed) ([]byte, proof.Signed, error) {
	l.mu.Lock()
	v := l.vouched
	l.mu.Unlock()
	if v.note == nil || v.Size != h.Size {
		return note, s, nil
	}
	keys, _ := l.trustedKeys()
	before, err := proof.OpenCheckpoint(v.note, keys)
	if err != nil {
		return nil, s, err
	}
	note = append(v.note[:len(v.note):len(v.note)], line...)
	if s, err = proof.OpenCheckpoint(note, keys); err != nil || len(s.Cosigners) == len(before.Cosigners) {
		return nil, s, err
	}
	return note, s, nil
}

func (l *Ledger) vouchedSize() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.vouched.Size
}

// CheckAgainst refuses a ledger that is older than, or another past than, a
// checkpoint of it that somebody holds: what a restore asks first.
func (l *Ledger) CheckAgainst(note []byte) error {
	cp, err := l.ownCheckpoint(note)
	if err != nil {
		return err
	}
	l.mu.Lock()
	h := l.head
	l.mu.Unlock()
	if cp.Size > h.Size {
		return fault.New(fault.Conflict, "check against checkpoint", "refusing to go on: this ledger ends at %d leaves (%s), the other half has seen %d (%s). Restore a newer backup.",
			h.Size, h.Time.Format("2006-01-02 15:04:05 MST"), cp.Size, cp.Time.Format("2006-01-02 15:04:05 MST"))
	}
	root, err := l.tree.root(cp.Size)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "check against checkpoint", err, "the ledger cannot be read.")
	}
	if root != cp.Root {
		return fault.New(fault.Conflict, "check against checkpoint", "refusing to go on: this ledger's first %d leaves are not those the other half has seen.", cp.Size)
	}
	return nil
}

// OpenTrusted opens a checkpoint of another ledger. known tells whether a key of
// that ledger's name is trusted at all.
func (l *Ledger) OpenTrusted(note []byte) (s proof.Signed, known bool, err error) {
	keys, names := l.trustedKeys()
	origin, _, _ := strings.Cut(string(note), "\n")
	if _, known = names[origin]; !known || origin == l.set.Origin {
		return s, false, nil
	}
	s, err = proof.OpenCheckpoint(note, keys)
	return s, true, err
}
