package group

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"slices"

	"letterlock/client/internal/roster"
	"letterlock/signal"
	"letterlock/wire"
)

// Act is what a change does.
type Act uint8

// The acts.
const (
	Create   Act = 1  // By begins a group with Members
	Add      Act = 2  // an admin adds Members
	Remove   Act = 3  // an admin removes plain members, the owner also admins
	Leave    Act = 4  // By goes; an owner hands over first
	SetRole  Act = 5  // the owner makes Members admins or plain again
	HandOver Act = 6  // the owner makes another member the owner, and is an admin then
	Rename   Act = 7  // an admin gives another name
	SetLink  Act = 8  // an admin makes, replaces or closes the link
	Ask      Act = 9  // an admin notes who asked by the link and waits
	LetIn    Act = 10 // an admin lets Members in who asked by the link
	TurnAway Act = 11 // an admin refuses who asked
	SetTimer Act = 12 // an admin lets new messages disappear
)

var acts = map[Act]string{Create: "began", Add: "added", Remove: "removed", Leave: "left", SetRole: "changed the role of", HandOver: "handed the group over to",
	Rename: "named it", SetLink: "changed the link", Ask: "was asked to let in", LetIn: "let in", TurnAway: "turned away", SetTimer: "let messages"}

// String is the act in words.
func (a Act) String() string { return acts[a] }

// Change is one step of a group. What does not belong to its act is empty.
type Change struct {
	_       struct{} `cbor:",toarray"`
	Group   ID
	Seq     uint64
	Prev    Hash // of the change before; zero for the first
	By      wire.AccountID
	At      int64 // by their clock, Unix milliseconds
	Act     Act
	Members []Member
	Name    string
	Link    *Link
	Timer   uint32
	After   Hash     // of the state that follows
	Nonce   [16]byte // so that whoever is not given the change cannot compute its hash
}

// Signed is a change as it travels.
type Signed struct {
	_         struct{} `cbor:",toarray"`
	Change    []byte   // the one encoding of a Change
	Signature []byte   // XEdDSA with the identity key of By, over signedBytes
	Device    []byte   // the certificate of By's linked device whose key signed instead; empty: none
}

func (s Signed) bytes() []byte { return append([]byte("letterlock group change v1\x00"), s.Change...) }

// Hash names a change.
func (s Signed) Hash() Hash { return hashOf("letterlock group change v1\x00", s.Change) }

// Read decodes a change without believing it.
func (s Signed) Read() (Change, error) {
	var c Change
	if err := wire.Unmarshal(s.Change, &c); err != nil {
		return Change{}, bad("it does not decode")
	}
	again, err := wire.Marshal(c)
	if err != nil || !bytes.Equal(again, s.Change) {
		return Change{}, bad("it is not in its one encoding")
	}
	return c, nil
}

// Make completes a change to follow a state and signs it; a change that the
// rules do not allow is refused.
// device is the certificate of the linked device whose key it is; nil: the key is
// the account's.
func Make(s State, c Change, key signal.IdentityKeyPair, device []byte) (Signed, State, error) {
	c.Seq, c.Prev = s.Seq+1, s.Head
	if c.Act == Create {
		s = State{ID: c.Group}
	}
	c.Group = s.ID
	after, err := s.step(c)
	if err != nil {
		return Signed{}, State{}, err
	}
	rand.Read(c.Nonce[:])
	if c.After, err = after.hash(); err != nil {
		return Signed{}, State{}, err
	}
	raw, err := wire.Marshal(c)
	if err != nil {
		return Signed{}, State{}, err
	}
	out := Signed{Change: raw, Device: device}
	if out.Signature, err = key.Sign(nil, out.bytes()); err != nil {
		return Signed{}, State{}, err
	}
	after.Head = out.Hash()
	return out, after, nil
}

// Apply follows a change from a state, which it leaves as it is: the zero State
// for the first change. The signer's key is the one that the state has of them.
func Apply(s State, signed Signed) (State, Change, error) {
	c, err := signed.Read()
	if err != nil {
		return State{}, Change{}, err
	}
	if c.Act == Create && s.Seq == 0 {
		s = State{ID: c.Group}
	}
	if c.Group != s.ID || c.Seq != s.Seq+1 || c.Prev != s.Head {
		return State{}, Change{}, bad("it does not follow the last one")
	}
	if err := verify(signed, c, s); err != nil {
		return State{}, Change{}, err
	}
	after, err := s.step(c)
	if err != nil {
		return State{}, Change{}, err
	}
	if h, err := after.hash(); err != nil || h != c.After {
		return State{}, Change{}, bad("it does not lead to the state that it says")
	}
	after.Head = signed.Hash()
	return after, c, nil
}

func verify(signed Signed, c Change, s State) error {
	by, found := s.Member(c.By)
	if c.Act == Create {
		i := slices.IndexFunc(c.Members, func(m Member) bool { return m.Account == c.By })
		if found = i >= 0; found {
			by = c.Members[i]
		}
	}
	if !found {
		return bad("whoever made it is no member")
	}
	key, err := signal.ParsePublicKey(by.Key)
	if err == nil && len(signed.Device) > 0 {
		key, err = roster.Speaker(signed.Device, by.Account, key)
	}
	if err != nil || !key.Verify(signed.bytes(), signed.Signature) {
		return bad("it is not signed by who is said to have made it")
	}
	return nil
}

// Welcome checks what a new member is given: the state and the change that led
// to it. The change must be signed by a member of that state, and let in or
// name the newcomer.
func Welcome(s State, signed Signed, me wire.AccountID) (Change, error) {
	c, err := signed.Read()
	if err != nil {
		return Change{}, err
	}
	if err := s.check(); err != nil {
		return Change{}, err
	}
	if c.Group != s.ID || c.Seq != s.Seq || s.Head != signed.Hash() {
		return Change{}, bad("state and change are not of one group")
	}
	if err := verify(signed, c, s); err != nil {
		return Change{}, err
	}
	if h, err := s.hash(); err != nil || h != c.After {
		return Change{}, bad("it does not lead to the state that it says")
	}
	if _, in := s.Member(me); !in {
		return Change{}, bad("this person is no member")
	}
	return c, nil
}

// step applies the rules of an act.
func (s State) step(c Change) (State, error) {
	s.Members, s.Requests = slices.Clone(s.Members), slices.Clone(s.Requests)
	err := s.act(c)
	if err != nil {
		return State{}, err
	}
	s.Seq = c.Seq
	return s, s.check()
}

func (s *State) act(c Change) error {
	if err := c.only(); err != nil {
		return err
	}
	switch c.Act {
	case Create:
		return s.create(c)
	case Leave:
		return s.leave(c.By)
	case SetRole, HandOver:
		if !s.may(c.By, Owner) {
			return bad("only the owner may do this")
		}
		return s.roles(c)
	}
	if !s.may(c.By, Admin) {
		return bad("only an admin may do this")
	}
	switch c.Act {
	case Add, LetIn:
		return s.add(c)
	case Remove:
		return s.remove(c)
	case Rename:
		s.Name = c.Name
	case SetLink:
		s.Link, s.Requests = c.Link, nil
	case Ask:
		s.Requests = append(s.Requests, c.Members...)
	case TurnAway:
		return s.turnAway(c.Members)
	case SetTimer:
		s.Timer = c.Timer
	default:
		return bad("an act that does not exist")
	}
	return nil
}

// only refuses what does not belong to the act, so that equal changes have
// equal bytes and nothing travels unread.
func (c Change) only() error {
	people := c.Act == Create || c.Act == Add || c.Act == Remove || c.Act == SetRole || c.Act == HandOver || c.Act == Ask || c.Act == LetIn || c.Act == TurnAway
	switch {
	case len(c.Members) > MaxChange:
		return bad("a change names at most %d people", MaxChange)
	case people != (len(c.Members) > 0) || (c.Members != nil && len(c.Members) == 0):
		return bad("it names people where it should not, or nobody")
	case (c.Act == Create || c.Act == Rename) != (c.Name != ""):
		return bad("a name is missing or too many")
	case c.Act != SetLink && c.Link != nil:
		return bad("a link where none belongs")
	case c.Act != SetTimer && c.Timer != 0:
		return bad("a timer where none belongs")
	}
	return nil
}

func (s *State) create(c Change) error {
	if s.Seq != 0 || c.Seq != 1 || c.Prev != (Hash{}) {
		return bad("the group is there already")
	}
	s.Name, s.Members = c.Name, slices.Clone(c.Members)
	if s.Owner() != c.By {
		return bad("whoever begins a group owns it")
	}
	return nil
}

func (s *State) leave(who wire.AccountID) error {
	at, found := s.find(who)
	if !found || (s.Members[at].Role == Owner && len(s.Members) > 1) {
		return bad("an owner hands over before leaving")
	}
	if s.Members[at].Role == Owner {
		return bad("the last member does not leave: the group ends with them")
	}
	s.Members = slices.Delete(s.Members, at, at+1)
	return nil
}

func (s *State) roles(c Change) error {
	for _, m := range c.Members {
		at, found := s.find(m.Account)
		if !found || m.Account == c.By || !bytes.Equal(s.Members[at].Key, m.Key) {
			return bad("they are no member, or the owner themselves")
		}
		if c.Act == SetRole && m.Role != Plain && m.Role != Admin {
			return bad("a role that cannot be given")
		}
		s.Members[at].Role = m.Role
	}
	if c.Act == SetRole {
		return nil
	}
	if len(c.Members) != 1 || c.Members[0].Role != Owner {
		return bad("a group is handed over to one member")
	}
	at, _ := s.find(c.By)
	s.Members[at].Role = Admin
	return nil
}

func (s *State) add(c Change) error {
	for _, m := range c.Members {
		at, found := s.find(m.Account)
		if found || m.Role != Plain {
			return bad("they are a member already, or come with a role")
		}
		asked := slices.IndexFunc(s.Requests, func(r Member) bool { return r.Account == m.Account })
		if c.Act == LetIn && s.Link == nil {
			return bad("the link is closed")
		}
		if asked >= 0 {
			s.Requests = slices.Delete(s.Requests, asked, asked+1)
		}
		s.Members = slices.Insert(s.Members, at, m)
	}
	return nil
}

func (s *State) remove(c Change) error {
	for _, m := range c.Members {
		at, found := s.find(m.Account)
		if !found || m.Account == c.By {
			return bad("they are no member, or themselves")
		}
		if have := s.Members[at].Role; have == Owner || (have == Admin && !s.may(c.By, Owner)) {
			return bad("an admin is removed by the owner, the owner by nobody")
		}
		s.Members = slices.Delete(s.Members, at, at+1)
	}
	return nil
}

func (s *State) turnAway(who []Member) error {
	for _, m := range who {
		at := slices.IndexFunc(s.Requests, func(r Member) bool { return r.Account == m.Account })
		if at < 0 {
			return bad("they did not ask")
		}
		s.Requests = slices.Delete(s.Requests, at, at+1)
	}
	return nil
}

// Knows reports whether a secret is that of the group's link.
func (s State) Knows(secret []byte) bool {
	return s.Link != nil && subtle.ConstantTimeCompare(s.Link.Secret, secret) == 1
}
