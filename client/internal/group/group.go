// Package group is what a group is and who may change it: members, roles, name,
// link. Every change is signed by the member who makes it and names the change
// before it and the state after it, so that all members come to the same group
// or notice that they do not. It knows keys and bytes; it must not know where
// changes come from, nor how they are sealed.
package group

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"letterlock/wire"
)

// ID names a group: 16 random bytes, known to its members alone.
type ID [16]byte

// IsZero reports the absent group.
func (id ID) IsZero() bool { return id == ID{} }

// Place is where the carrier keeps the order of the group's changes; only who
// was ever a member can compute it.
func (id ID) Place() Hash { return hashOf("letterlock group place v1\x00", id[:]) }

// Token lets a member make the change after this one.
func (h Hash) Token() Hash { return hashOf("letterlock group token v1\x00", h[:]) }

// Hash is a SHA-256.
type Hash [32]byte

// Limits.
const (
	MaxMembers  = 1024
	MaxName     = 100 // bytes
	MaxRequests = 100
	MaxChange   = 200 // people in one change: it fits an envelope together with the largest state
)

// Role is what a member may do.
type Role uint8

// The roles. Every group has exactly one owner.
const (
	Plain Role = 1 // writes, leaves
	Admin Role = 2 // adds, removes, names, lets in
	Owner Role = 3 // and makes admins; hands over before leaving
)

// Member is one account of a group. Key is the identity key that whoever added
// them saw: what the server says later is compared with it.
type Member struct {
	_       struct{} `cbor:",toarray"`
	Account wire.AccountID
	Role    Role
	Key     []byte // 33 bytes
}

// Link is how somebody may ask to come in: whoever knows the secret.
type Link struct {
	_        struct{} `cbor:",toarray"`
	Secret   []byte   // 16 bytes
	Approval bool     // an admin must say yes to each
}

// State is a group at one moment. Members are in the order of their accounts.
type State struct {
	_        struct{} `cbor:",toarray"`
	ID       ID
	Seq      uint64 // of the last change, from 1
	Head     Hash   // of the last change; zero before the first
	Name     string
	Members  []Member
	Link     *Link
	Requests []Member // who asked to come in and waits, oldest first
	Timer    uint32   // seconds after which new messages disappear; 0: they stay
}

// Member finds an account in the group.
func (s State) Member(id wire.AccountID) (Member, bool) {
	at, found := s.find(id)
	if !found {
		return Member{}, false
	}
	return s.Members[at], true
}

func (s State) find(id wire.AccountID) (int, bool) {
	return slices.BinarySearchFunc(s.Members, id, func(m Member, id wire.AccountID) int {
		return slices.Compare(m.Account[:], id[:])
	})
}

// may reports whether an account has at least a role.
func (s State) may(id wire.AccountID, r Role) bool {
	m, found := s.Member(id)
	return found && m.Role >= r
}

// Owner is who owns the group.
func (s State) Owner() wire.AccountID {
	for _, m := range s.Members {
		if m.Role == Owner {
			return m.Account
		}
	}
	return wire.AccountID{}
}

// hash is what a change commits to: everything but the name of the change
// itself, which is not made yet.
func (s State) hash() (Hash, error) {
	s.Head = Hash{}
	b, err := wire.Marshal(s)
	return hashOf("letterlock group state v1\x00", b), err
}

func hashOf(context string, b []byte) Hash {
	h := sha256.New()
	h.Write([]byte(context))
	h.Write(b)
	return Hash(h.Sum(nil))
}

// ErrChange is wrapped by every refusal of a change.
var ErrChange = errors.New("bad change of a group")

func bad(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrChange, fmt.Sprintf(format, a...))
}

func (s State) check() error {
	if s.ID.IsZero() || len(s.Members) == 0 || len(s.Members) > MaxMembers || len(s.Requests) > MaxRequests {
		return bad("a group has 1 to %d members", MaxMembers)
	}
	if err := name(s.Name); err != nil {
		return err
	}
	owners := 0
	for i, m := range s.Members {
		if err := m.check(); err != nil {
			return err
		}
		if i > 0 && slices.Compare(s.Members[i-1].Account[:], m.Account[:]) >= 0 {
			return bad("members are not in order")
		}
		if m.Role == Owner {
			owners++
		}
	}
	if owners != 1 {
		return bad("a group has one owner")
	}
	for i, r := range s.Requests {
		if err := r.check(); err != nil || r.Role != Plain {
			return bad("a request cannot stand")
		}
		if _, found := s.find(r.Account); found || slices.ContainsFunc(s.Requests[:i], func(o Member) bool { return o.Account == r.Account }) {
			return bad("somebody asks twice, or is in already")
		}
	}
	if s.Link != nil && len(s.Link.Secret) != 16 {
		return bad("a link has a secret of 16 bytes")
	}
	return nil
}

func (m Member) check() error {
	if m.Account.IsZero() || m.Role < Plain || m.Role > Owner || len(m.Key) != 33 {
		return bad("a member has an account, a role and a key")
	}
	return nil
}

func name(s string) error {
	if s == "" || len(s) > MaxName || !utf8.ValidString(s) || containsControl(s) {
		return bad("a name has 1 to %d bytes that can be shown", MaxName)
	}
	return nil
}

func containsControl(s string) bool {
	return slices.ContainsFunc([]rune(s), unicode.IsControl)
}
