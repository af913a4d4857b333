package group_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"letterlock/client/internal/group"
	"letterlock/signal"
	"letterlock/wire"
)

type person struct {
	account wire.AccountID
	key     signal.IdentityKeyPair
}

func people(t testing.TB, n int) (out []person) {
	t.Helper()
	for range n {
		key, err := signal.GenerateIdentity(nil)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, person{wire.NewAccountID(), key})
	}
	return out
}

func (p person) as(r group.Role) group.Member {
	return group.Member{Account: p.account, Role: r, Key: p.key.Public().Bytes()}
}

func members(r group.Role, ps ...person) (out []group.Member) {
	for _, p := range ps {
		out = append(out, p.as(r))
	}
	return out
}

// sorted is the order of a state.
func sorted(ms []group.Member) []group.Member {
	slices.SortFunc(ms, func(a, b group.Member) int { return slices.Compare(a.Account[:], b.Account[:]) })
	return ms
}

// begin makes a group that the first owns and the others are in.
func begin(t testing.TB, ps ...person) (group.Signed, group.State) {
	t.Helper()
	all := sorted(append(members(group.Plain, ps[1:]...), ps[0].as(group.Owner)))
	c, s, err := group.Make(group.State{}, group.Change{Group: group.ID{1}, By: ps[0].account, Act: group.Create, Name: "Choir", Members: all}, ps[0].key, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

func TestEveryActLeadsToTheSameGroup(t *testing.T) {
	ps := people(t, 5)
	o, a, b, c, d := ps[0], ps[1], ps[2], ps[3], ps[4]
	first, mine := begin(t, o, a, b)
	theirs, _, err := group.Apply(group.State{}, first)
	if err != nil || !reflect.DeepEqual(mine, theirs) {
		t.Fatalf("%+v, %v", theirs, err)
	}
	link := &group.Link{Secret: make([]byte, 16), Approval: true}
	for i, step := range []struct {
		by person
		group.Change
		say string // part of the refusal; "" when it works
	}{
		{a, group.Change{Act: group.Rename, Name: "Band"}, "only an admin"},
		{o, group.Change{Act: group.Rename, Name: "Band"}, ""},
		{a, group.Change{Act: group.SetRole, Members: members(group.Admin, a)}, "only the owner"},
		{o, group.Change{Act: group.SetRole, Members: members(group.Admin, a)}, ""},
		{o, group.Change{Act: group.SetRole, Members: members(group.Owner, b)}, "cannot be given"},
		{a, group.Change{Act: group.Remove, Members: members(group.Owner, o)}, "removed by the owner"},
		{a, group.Change{Act: group.Add, Members: members(group.Plain, c)}, ""},
		{a, group.Change{Act: group.Add, Members: members(group.Plain, c)}, "member already"},
		{a, group.Change{Act: group.Add, Members: members(group.Admin, d)}, "with a role"},
		{c, group.Change{Act: group.Add, Members: members(group.Plain, d)}, "only an admin"},
		{d, group.Change{Act: group.Rename, Name: "Mine"}, "only an admin"},
		{a, group.Change{Act: group.LetIn, Members: members(group.Plain, d)}, "link is closed"},
		{a, group.Change{Act: group.SetLink, Link: link}, ""},
		{a, group.Change{Act: group.Ask, Members: members(group.Plain, d)}, ""},
		{a, group.Change{Act: group.Ask, Members: members(group.Plain, d)}, "asks twice"},
		{a, group.Change{Act: group.TurnAway, Members: members(group.Plain, d)}, ""},
		{a, group.Change{Act: group.LetIn, Members: members(group.Plain, d)}, ""},
		{o, group.Change{Act: group.Leave}, "hands over"},
		{o, group.Change{Act: group.HandOver, Members: members(group.Owner, b)}, ""},
		{o, group.Change{Act: group.Leave}, ""},
		{b, group.Change{Act: group.Remove, Members: members(group.Plain, a, c)}, ""},
		{b, group.Change{Act: group.SetTimer, Timer: 60}, ""},
		{b, group.Change{Act: group.SetTimer, Timer: 60, Name: "x"}, "name"},
		{b, group.Change{Act: group.SetLink}, ""},
		{d, group.Change{Act: group.Leave}, ""},
		{b, group.Change{Act: group.Leave}, "last member"},
		{b, group.Change{Act: 99}, "does not exist"},
	} {
		step.Change.By = step.by.account
		signed, after, err := group.Make(mine, step.Change, step.by.key, nil)
		if step.say != "" {
			if !errors.Is(err, group.ErrChange) || !contains(err.Error(), step.say) {
				t.Fatalf("step %d: %v, want %q", i, err, step.say)
			}
			continue
		}
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		before := theirs
		theirs, _, err = group.Apply(theirs, signed)
		if err != nil || !reflect.DeepEqual(after, theirs) || reflect.DeepEqual(before, theirs) {
			t.Fatalf("step %d: %+v, %v", i, theirs, err)
		}
		mine = after
	}
	if len(mine.Members) != 1 || mine.Owner() != b.account || mine.Name != "Band" || mine.Timer != 60 {
		t.Fatalf("%+v", mine)
	}
}

func contains(s, part string) bool {
	for i := range len(s) - len(part) + 1 {
		if s[i:i+len(part)] == part {
			return true
		}
	}
	return false
}

// Nobody but a member with the right can change a group, and no change can be
// bent, left out or put elsewhere.
func TestForgedChangesAreRefused(t *testing.T) {
	ps := people(t, 5)
	o, a, b, x, y := ps[0], ps[1], ps[2], ps[3], ps[4]
	first, s := begin(t, o, a, b)
	second, s2, err := group.Make(s, group.Change{By: o.account, Act: group.Rename, Name: "Band"}, o.key, nil)
	if err != nil {
		t.Fatal(err)
	}
	third, _, err := group.Make(s2, group.Change{By: o.account, Act: group.Remove, Members: members(group.Plain, b)}, o.key, nil)
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(what string, from group.State, c group.Signed) {
		t.Helper()
		if got, _, err := group.Apply(from, c); !errors.Is(err, group.ErrChange) || !reflect.DeepEqual(got, group.State{}) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range second.Change {
		bent := group.Signed{Change: slices.Clone(second.Change), Signature: second.Signature}
		bent.Change[i] ^= 1
		refuse(fmt.Sprintf("bit of byte %d", i), s, bent)
	}
	for i := range second.Signature {
		bent := group.Signed{Change: second.Change, Signature: slices.Clone(second.Signature)}
		bent.Signature[i] ^= 1
		refuse(fmt.Sprintf("signature byte %d", i), s, bent)
	}
	refuse("left out", s, third)
	refuse("twice", s2, second)
	refuse("again from the start", s, first)
	other := s
	other.ID = group.ID{2}
	refuse("in another group", other, second)
	// A server, or a stranger, that signs with a key of its own.
	for _, by := range []person{{o.account, x.key}, {x.account, x.key}} {
		c, _, err := group.Make(asOwner(s, by), group.Change{By: by.account, Act: group.Add, Members: members(group.Plain, y)}, by.key, nil)
		if err != nil {
			t.Fatal(err)
		}
		refuse("a member added unseen", s, c)
	}
	// Whoever was removed changes nothing any more, not even from before.
	gone, _, err := group.Apply(s2, third)
	if err != nil {
		t.Fatal(err)
	}
	late, _, err := group.Make(s2, group.Change{By: b.account, Act: group.Leave}, b.key, nil)
	if err != nil {
		t.Fatal(err)
	}
	refuse("a fork by who was removed", gone, late)
}

// asOwner is a lie about a state, in which a person may do everything.
func asOwner(s group.State, p person) group.State {
	s.Members = slices.Clone(s.Members)
	for i := range s.Members {
		if s.Members[i].Role == group.Owner {
			s.Members[i] = p.as(group.Owner)
		}
	}
	sorted(s.Members)
	return s
}

func TestANewMemberSeesThroughAFalseWelcome(t *testing.T) {
	ps := people(t, 4)
	o, a, n, x := ps[0], ps[1], ps[2], ps[3]
	_, s := begin(t, o, a)
	add, s, err := group.Make(s, group.Change{By: o.account, Act: group.Add, Members: members(group.Plain, n)}, o.key, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := group.Welcome(s, add, n.account); err != nil {
		t.Fatal(err)
	}
	for what, bend := range map[string]func(*group.State){
		"a member more":   func(s *group.State) { s.Members = sorted(append(slices.Clone(s.Members), x.as(group.Plain))) },
		"a member less":   func(s *group.State) { s.Members = s.Members[:len(s.Members)-1] },
		"another name":    func(s *group.State) { s.Name = "Other" },
		"another head":    func(s *group.State) { s.Head[0] ^= 1 },
		"another number":  func(s *group.State) { s.Seq++ },
		"a link":          func(s *group.State) { s.Link = &group.Link{Secret: make([]byte, 16)} },
		"another key":     func(s *group.State) { s.Members = slices.Clone(s.Members); s.Members[0].Key = x.key.Public().Bytes() },
		"another role":    func(s *group.State) { s.Members = slices.Clone(s.Members); s.Members[0].Role ^= 1 },
		"nobody in it":    func(s *group.State) { s.Members = nil },
		"disappears soon": func(s *group.State) { s.Timer = 1 },
	} {
		bent := s
		bend(&bent)
		if _, err := group.Welcome(bent, add, n.account); !errors.Is(err, group.ErrChange) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := group.Welcome(s, add, x.account); !errors.Is(err, group.ErrChange) {
		t.Error("somebody who is no member was welcome")
	}
}

// Whatever members try, all who follow the same changes have the same group,
// with one owner, and nobody without the right has changed it.
func TestRandomChangesKeepTheGroupWhole(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	ps := people(t, 8)
	first, s := begin(t, ps[:4]...)
	other, _, err := group.Apply(group.State{}, first)
	if err != nil {
		t.Fatal(err)
	}
	allowed := 0
	for range 5000 {
		by := ps[r.IntN(len(ps))]
		c := group.Change{By: by.account, Act: group.Act(1 + r.IntN(13))}
		if r.IntN(4) > 0 {
			c.Members = members(group.Role(1+r.IntN(3)), ps[r.IntN(len(ps))])
		}
		switch c.Act {
		case group.Rename:
			c.Name, c.Members = fmt.Sprint("name ", r.IntN(10)), nil
		case group.SetLink:
			c.Link, c.Members = &group.Link{Secret: make([]byte, 16)}, nil
		case group.SetTimer:
			c.Timer, c.Members = r.Uint32N(100), nil
		}
		role := group.Role(0)
		if m, found := s.Member(by.account); found {
			role = m.Role
		}
		signed, after, err := group.Make(s, c, by.key, nil)
		if err != nil {
			continue
		}
		allowed++
		if role < group.Admin && c.Act != group.Leave || role < group.Owner && (c.Act == group.SetRole || c.Act == group.HandOver) {
			t.Fatalf("role %d did act %d", role, c.Act)
		}
		if other, _, err = group.Apply(other, signed); err != nil || !reflect.DeepEqual(other, after) {
			t.Fatalf("%v", err)
		}
		s = after
		if s.Owner().IsZero() {
			t.Fatal("no owner")
		}
	}
	if allowed < 40 {
		t.Fatalf("only %d changes were allowed: the test does not test", allowed)
	}
}

func FuzzApply(f *testing.F) {
	ps := people(f, 3)
	first, s := begin(f, ps...)
	f.Add(first.Change, first.Signature)
	next, _, err := group.Make(s, group.Change{By: ps[0].account, Act: group.Rename, Name: "x"}, ps[0].key, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(next.Change, next.Signature)
	f.Fuzz(func(t *testing.T, change, signature []byte) {
		for _, from := range []group.State{{}, s} {
			after, _, err := group.Apply(from, group.Signed{Change: change, Signature: signature})
			if err != nil && !reflect.DeepEqual(after, group.State{}) {
				t.Fatal("a state came with an error")
			}
			if err == nil && from.Seq > 0 && string(change) != string(next.Change) {
				t.Fatalf("a change that nobody signed: %x", change)
			}
		}
	})
}
