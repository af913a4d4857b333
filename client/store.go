package client

import (
	"context"
	"encoding/binary"
	"fmt"

	"letterlock/wire"
)

// KeyStore is where a device keeps its keys, sessions and messages. It is a
// plain ordered store: every rule is in this package. Implementations pass
// letterlock/client/keystoretest.
type KeyStore interface {
	// Update runs f while no other Update runs. What f changed is durable, all
	// of it, when Update returns nil; if f or the commit fails nothing changed,
	// and f's own error is returned as it is.
	Update(ctx context.Context, f func(Tx) error) error
	// View runs f, which only reads, on one state of the store.
	View(ctx context.Context, f func(Tx) error) error
	// Erase returns when nothing that was deleted or replaced by an Update that
	// has returned can be read from the store's files any more.
	Erase(ctx context.Context) error
	// Close erases and lets go of the store.
	Close() error
}

// Tx is one transaction. It is used by one goroutine and not after f returned.
// Keys have 1 to 200 bytes. Bytes passed in are copied or used up before the
// method returns; bytes returned belong to the caller.
type Tx interface {
	// Get returns nil without an error if there is no such entry.
	Get(b Bucket, key []byte) ([]byte, error)
	// Put adds or replaces. Value may be empty, and comes back as empty, not nil.
	Put(b Bucket, key, value []byte) error
	// Delete is no error if there is no such entry.
	Delete(b Bucket, key []byte) error
	// List returns entries in the order of their keys' bytes.
	List(b Bucket, r Range) ([]Pair, error)
}

// Range chooses entries. The zero Range is the whole bucket.
type Range struct {
	Prefix  []byte // keys that begin so
	After   []byte // and stand strictly behind this key (before it, if Reverse)
	Limit   int    // at most so many; 0: all
	Reverse bool   // from the last to the first
}

// Pair is one entry.
type Pair struct{ Key, Value []byte }

// Bucket names a kind of entry.
type Bucket string

// The buckets, with their keys. Numbers in keys are big endian.
const (
	BucketSelf     Bucket = "self"     // one entry: who this device is, with its secrets
	BucketCounter  Bucket = "counter"  // name -> last number given
	BucketPreKey   Bucket = "prekey"   // class, id -> pre-key (secret)
	BucketUsed     Bucket = "used"     // signed id, Kyber id, base key: set-ups seen
	BucketSession  Bucket = "session"  // address -> session record (secret)
	BucketSender   Bucket = "sender"   // address, distribution -> sender-key record (secret)
	BucketPeer     Bucket = "peer"     // address -> identity key and whether it was verified
	BucketContact  Bucket = "contact"  // phone -> account
	BucketKnown    Bucket = "known"    // account -> phone it claims or has
	BucketJournal  Bucket = "journal"  // seq -> Entry
	BucketTalk     Bucket = "talk"     // account or group, seq: what belongs to a conversation
	BucketUnread   Bucket = "unread"   // seq: not yet shown
	BucketSeen     Bucket = "seen"     // author's account, message id -> seq; 0: it is no longer here
	BucketGot      Bucket = "got"      // digest of an envelope -> when it was taken in
	BucketSent     Bucket = "sent"     // digest of an envelope -> the entry it carried
	BucketSaid     Bucket = "said"     // number -> a content that this person sends
	BucketOutbox   Bucket = "outbox"   // ref -> an envelope that waits to be sent
	BucketKept     Bucket = "kept"     // address, digest -> envelope that waits for the person's word
	BucketRepair   Bucket = "repair"   // address -> envelopes to ask for again
	BucketChat     Bucket = "chat"     // account -> what holds for the conversation
	BucketLater    Bucket = "later"    // author, message id, number -> a change of a message that is not here yet
	BucketOwed     Bucket = "owed"     // account, read or delivered, message id: receipts to send
	BucketEnding   Bucket = "ending"   // when (Unix ms), seq: messages that disappear
	BucketChoice   Bucket = "choice"   // one entry: what the person chose
	BucketGroup    Bucket = "group"    // group -> what it is, and the change that led there
	BucketGiven    Bucket = "given"    // group, address -> the distribution whose keys the device was given
	BucketFrom     Bucket = "from"     // address, distribution -> the group that it is of
	BucketDevice   Bucket = "device"   // account -> its devices, as it has signed them
	BucketTold     Bucket = "told"     // account -> the version of this person's list that it was told
	BucketAsk      Bucket = "ask"      // account: its list is to be asked for
	BucketSibling  Bucket = "sibling"  // device -> what this person calls a device of theirs
	BucketLink     Bucket = "link"     // one entry: a change of this person's devices, or number, that is not through
	BucketKnock    Bucket = "knock"    // group, account: who asked to be let in by a link
	BucketSince    Bucket = "since"    // group, account -> the change with which they came in
	BucketFreight  Bucket = "freight"  // seq -> a file of this person's that is on its way to the carrier
	BucketLetGo    Bucket = "letgo"    // number -> a file to remove, here or at the carrier
	BucketCard     Bucket = "card"     // account -> what they show this person
	BucketPortrait Bucket = "portrait" // account -> their photo as they show it, or one's own (JPEG)
	BucketShow     Bucket = "show"     // account: to be shown one's own card
	BucketShown    Bucket = "shown"    // account -> what of one's own card they were shown last
	BucketBook     Bucket = "book"     // phone -> a contact whom this person put into their list
	BucketVouched  Bucket = "vouched"  // account -> the identity key that a member of a group saw
)

func load[T any](tx Tx, b Bucket, key []byte) (v T, found bool, err error) {
	raw, err := tx.Get(b, key)
	if err != nil || raw == nil {
		return v, false, err
	}
	if err := wire.Unmarshal(raw, &v); err != nil {
		return v, false, fmt.Errorf("read a stored %s: %w", b, err)
	}
	return v, true, nil
}

func save(tx Tx, b Bucket, key []byte, v any) error {
	raw, err := wire.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode a %s: %w", b, err)
	}
	return tx.Put(b, key, raw)
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func parseNumber(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// next gives the following number of a counter, from 1.
func next(tx Tx, name string) (uint64, error) {
	raw, err := tx.Get(BucketCounter, []byte(name))
	if err != nil {
		return 0, err
	}
	n := parseNumber(raw) + 1
	return n, tx.Put(BucketCounter, []byte(name), number(n))
}

func addressKey(a wire.Address) []byte {
	return append(append([]byte{}, a.Account[:]...), byte(a.Device))
}

func parseAddress(b []byte) wire.Address {
	if len(b) < 17 {
		return wire.Address{}
	}
	return wire.At(wire.AccountID(b[:16]), wire.DeviceID(b[16]))
}
