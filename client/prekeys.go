package client

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
)

const (
	// wantedKeys is how many one-time pre-keys of a kind the carrier should hold.
	wantedKeys = wire.MaxOneTime
	// rotation is the life of a signed and of a last-resort pre-key. The shorter,
	// the less a stolen key opens; a week is what deployed clients use.
	rotation = 7 * 24 * time.Hour
	// keptKeys is how long a replaced pre-key still opens: the carrier keeps an
	// envelope for 30 days, and a sender may hold a bundle for some days before.
	keptKeys = 45 * 24 * time.Hour
	// maxSpent bounds the one-time keys whose upload was never answered.
	maxSpent = 2000
)

// class separates the kinds of pre-keys in one bucket.
type class byte

const (
	classOneTime    class = 'o'
	classSigned     class = 's'
	classKyber      class = 'k'
	classLastResort class = 'l'
)

type storedKey struct {
	Key      []byte `cbor:"key"`
	Made     int64  `cbor:"made"`               // Unix seconds
	Live     bool   `cbor:"live,omitempty"`     // signed and last resort: the carrier confirmed that it has it
	Replaced int64  `cbor:"replaced,omitempty"` // 0: in use
}

func preKeyKey(c class, id uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{byte(c)}, id)
}

// ids are the next free numbers: curve keys, signed keys, Kyber keys.
type ids struct{ oneTime, signed, kyber uint32 }

// firstIDs start at random, so that a number does not tell how many keys a
// person has used.
func firstIDs() ids { return ids{random(1 << 20), random(1 << 20), random(1 << 20)} }

// keySet is what one upload brings.
type keySet struct {
	signed     *signal.SignedPreKey
	lastResort *signal.KyberPreKey
	oneTime    []signal.PreKey
	kyber      []signal.KyberPreKey
	next       ids
}

func newKeySet(id signal.IdentityKeyPair, at ids) (*keySet, error) {
	k := &keySet{next: at}
	if err := k.rotate(id); err != nil {
		return nil, err
	}
	return k, k.fill(id, wantedKeys, wantedKeys)
}

func (k *keySet) rotate(id signal.IdentityKeyPair) error {
	signed, err := signal.GenerateSignedPreKey(nil, k.next.signed, id)
	if err != nil {
		return err
	}
	last, err := signal.GenerateKyberPreKey(nil, k.next.kyber, id)
	if err != nil {
		return err
	}
	k.signed, k.lastResort = &signed, &last
	k.next.signed++
	k.next.kyber++
	return nil
}

func (k *keySet) fill(id signal.IdentityKeyPair, curve, kyber int) error {
	for range curve {
		key, err := signal.GeneratePreKey(nil, k.next.oneTime)
		if err != nil {
			return err
		}
		k.oneTime = append(k.oneTime, key)
		k.next.oneTime++
	}
	for range kyber {
		key, err := signal.GenerateKyberPreKey(nil, k.next.kyber, id)
		if err != nil {
			return err
		}
		k.kyber = append(k.kyber, key)
		k.next.kyber++
	}
	return nil
}

func (k *keySet) upload() wire.KeyUpload {
	var u wire.KeyUpload
	if k.signed != nil {
		p := k.signed.Public()
		u.Signed = &wire.PreKey{ID: p.ID, Key: p.Key.Bytes(), Signature: p.Signature}
	}
	if k.lastResort != nil {
		p := wireKyber(*k.lastResort)
		u.LastResort = &p
	}
	for _, key := range k.oneTime {
		p := key.Public()
		u.OneTime = append(u.OneTime, wire.PreKey{ID: p.ID, Key: p.Key.Bytes()})
	}
	for _, key := range k.kyber {
		u.KyberOneTime = append(u.KyberOneTime, wireKyber(key))
	}
	return u
}

func wireKyber(k signal.KyberPreKey) wire.PreKey {
	p := k.Public()
	return wire.PreKey{ID: p.ID, Key: p.Key.Bytes(), Signature: p.Signature}
}

// keep stores the private halves. It comes before the upload: a key that
// somebody may use must be here.
func (k *keySet) keep(s *state, now time.Time) error {
	put := func(c class, id uint32, key []byte) error {
		return save(s, BucketPreKey, preKeyKey(c, id), storedKey{Key: key, Made: now.Unix()})
	}
	if k.signed != nil {
		if err := put(classSigned, k.signed.ID(), k.signed.Serialize()); err != nil {
			return err
		}
		if err := put(classLastResort, k.lastResort.ID(), k.lastResort.Serialize()); err != nil {
			return err
		}
	}
	for _, key := range k.oneTime {
		if err := put(classOneTime, key.ID(), key.Serialize()); err != nil {
			return err
		}
	}
	for _, key := range k.kyber {
		if err := put(classKyber, key.ID(), key.Serialize()); err != nil {
			return err
		}
	}
	return k.next.save(s)
}

func (n ids) save(s *state) error {
	for name, v := range map[string]uint32{"prekey": n.oneTime, "signed": n.signed, "kyber": n.kyber} {
		if err := s.Put(BucketCounter, []byte(name), number(uint64(v))); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) ids() (n ids, err error) {
	for name, v := range map[string]*uint32{"prekey": &n.oneTime, "signed": &n.signed, "kyber": &n.kyber} {
		raw, err := s.Get(BucketCounter, []byte(name))
		if err != nil {
			return n, err
		}
		*v = uint32(parseNumber(raw))
	}
	return n, nil
}

// Refill brings the carrier's pre-keys up to the wanted number, and new signed
// and last-resort keys when theirs have served their week. An upload whose
// answer was lost is never repeated with the same keys: one of them may have
// been handed out already, and a key handed out twice loses a message.
func (c *Client) Refill(ctx context.Context) error {
	c.refill.Lock()
	defer c.refill.Unlock()
	var have wire.KeyCount
	if err := c.own(ctx, wire.PathKeys, wire.KeyUpload{}, &have); err != nil {
		return err
	}
	curve, kyber := missing(have.OneTime), missing(have.KyberOneTime)
	set, err := c.makeKeys(ctx, curve, kyber)
	if err != nil || set == nil {
		return err
	}
	if err := c.own(ctx, wire.PathKeys, set.upload(), &have); err != nil {
		return err
	}
	if set.signed == nil {
		return nil
	}
	_, err = c.update(ctx, func(s *state) error { return s.confirm(set) })
	return err
}

// missing tops up only below three quarters, so that a refill is worth a call.
func missing(have uint32) int {
	if have > wantedKeys*3/4 {
		return 0
	}
	return wantedKeys - int(have)
}

// makeKeys returns nil if nothing is due.
func (c *Client) makeKeys(ctx context.Context, curve, kyber int) (set *keySet, err error) {
	_, err = c.update(ctx, func(s *state) error {
		due, err := s.rotationDue()
		if err != nil || (!due && curve+kyber == 0) {
			return err
		}
		id, err := s.Identity()
		if err != nil {
			return err
		}
		at, err := s.ids()
		if err != nil {
			return err
		}
		set = &keySet{next: at}
		if due {
			if err := set.rotate(id); err != nil {
				return err
			}
		}
		if err := set.fill(id, curve, kyber); err != nil {
			return err
		}
		return set.keep(s, c.clock.Now())
	})
	if err != nil {
		return nil, err
	}
	return set, nil
}

// rotationDue looks for a signed pre-key that the carrier has and that is young
// enough.
func (s *state) rotationDue() (bool, error) {
	due := true
	err := s.eachKey(classSigned, func(_ []byte, k storedKey) error {
		age := s.c.clock.Now().Sub(time.Unix(k.Made, 0))
		if k.Live && k.Replaced == 0 && age < rotation {
			due = false
		}
		return nil
	})
	return due, err
}

func (s *state) eachKey(c class, f func(key []byte, k storedKey) error) error {
	pairs, err := s.List(BucketPreKey, Range{Prefix: []byte{byte(c)}})
	if err != nil {
		return err
	}
	for _, p := range pairs {
		var k storedKey
		if err := wire.Unmarshal(p.Value, &k); err != nil {
			return fmt.Errorf("read a stored pre-key: %w", err)
		}
		if err := f(p.Key, k); err != nil {
			return err
		}
	}
	return nil
}

// confirm records that the carrier has the set's signed and last-resort keys:
// it marks those that they replaced, and deletes those replaced long enough
// ago together with their records of use.
func (s *state) confirm(set *keySet) error {
	now := s.c.clock.Now().Unix()
	for c, current := range map[class]uint32{classSigned: set.signed.ID(), classLastResort: set.lastResort.ID()} {
		err := s.eachKey(c, func(key []byte, k storedKey) error {
			id := binary.BigEndian.Uint32(key[1:])
			switch {
			case id == current:
				k.Live = true
				return save(s, BucketPreKey, key, k)
			case k.Replaced == 0:
				k.Replaced = now
				return save(s, BucketPreKey, key, k)
			case now-k.Replaced < int64(keptKeys/time.Second):
				return nil
			}
			return s.forgetKey(c, key)
		})
		if err != nil {
			return err
		}
	}
	if err := s.trim(classOneTime); err != nil {
		return err
	}
	return s.trim(classKyber)
}

func (s *state) forgetKey(c class, key []byte) error {
	if c == classSigned {
		used, err := s.List(BucketUsed, Range{Prefix: key[1:]})
		if err != nil {
			return err
		}
		for _, u := range used {
			if err := s.Delete(BucketUsed, u.Key); err != nil {
				return err
			}
		}
	}
	return s.Delete(BucketPreKey, key)
}

// trim keeps the newest one-time keys of a class.
func (s *state) trim(c class) error {
	all, err := s.List(BucketPreKey, Range{Prefix: []byte{byte(c)}})
	if err != nil {
		return err
	}
	for _, p := range all[:max(0, len(all)-maxSpent)] {
		if err := s.Delete(BucketPreKey, p.Key); err != nil {
			return err
		}
	}
	return nil
}

// bundle fetches what starts a session with a device.
func (c *Client) bundle(ctx context.Context, to wire.Address) (signal.Bundle, error) {
	var got wire.Bundles
	err := c.own(ctx, wire.PathBundle, wire.BundleRequest{Account: to.Account, Device: to.Device}, &got)
	if err != nil {
		return signal.Bundle{}, err
	}
	for _, b := range got.Bundles {
		if b.Device == to.Device {
			return parseBundle(b)
		}
	}
	return signal.Bundle{}, fault.New(fault.NotFound, "fetch keys", "this device is not there any more")
}

// parseBundle reads keys strictly; their signatures are checked when they are
// used.
func parseBundle(b wire.Bundle) (out signal.Bundle, err error) {
	bad := func(err error) (signal.Bundle, error) {
		return signal.Bundle{}, fault.Wrap(fault.Unavailable, "read keys", err, "the server handed out keys that are not valid: nothing was sent")
	}
	out.RegistrationID, out.DeviceID = b.RegistrationID, uint32(b.Device)
	if out.Identity, err = signal.ParsePublicKey(b.IdentityKey); err != nil {
		return bad(err)
	}
	out.SignedPreKey = signal.SignedPreKeyPublic{ID: b.Signed.ID, Signature: b.Signed.Signature}
	if out.SignedPreKey.Key, err = signal.ParsePublicKey(b.Signed.Key); err != nil {
		return bad(err)
	}
	out.KyberPreKey = signal.KyberPreKeyPublic{ID: b.Kyber.ID, Signature: b.Kyber.Signature}
	if out.KyberPreKey.Key, err = signal.ParseKEMPublicKey(b.Kyber.Key); err != nil {
		return bad(err)
	}
	if b.OneTime != nil {
		k, err := signal.ParsePublicKey(b.OneTime.Key)
		if err != nil {
			return bad(err)
		}
		out.PreKey = &signal.PreKeyPublic{ID: b.OneTime.ID, Key: k}
	}
	return out, nil
}
