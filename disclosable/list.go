package disclosable

import (
	"fmt"
	"iter"
	"strings"
)

// Limits of a grant for several accounts. More than MaxOfTwo are released only
// if counsel has signed too, as a third person.
const (
	MaxList  = 10_000
	MaxOfTwo = 25
	// MaxGrant is more than the canonical bytes of any grant: a list of 10,000
	// identifiers of 40 bytes and as many accounts.
	MaxGrant = 1 << 20
)

// Listed is an identifier of the order and what it resolved to.
type Listed struct {
	_       struct{} `cbor:",toarray"`
	Asked   string
	Account Account // zero: no account had it when it was looked up
}

// Accounts are the identifiers that a grant names: its size as signers and
// limits see it, whether or not each has an account.
func (g Grant) Accounts() int {
	if len(g.List) > 0 {
		return len(g.List)
	}
	if g.Account.IsZero() {
		return 0
	}
	return 1
}

// Each are the accounts that a grant reaches.
func (g Grant) Each() iter.Seq[Account] {
	return func(yield func(Account) bool) {
		if !g.Account.IsZero() {
			yield(g.Account)
			return
		}
		for _, x := range g.List {
			if !x.Account.IsZero() && !yield(x.Account) {
				return
			}
		}
	}
}

// At is the grant for one place of its list: the same, for that account alone.
func (g Grant) At(place int) Grant {
	x := g.List[place]
	g.Asked, g.Account, g.List = x.Asked, x.Account, nil
	return g
}

// checkList wants one form of a list: in the order of the identifiers, none
// twice, no account twice, and none beside it.
func (g Grant) checkList(bad func(string, ...any) error) error {
	switch {
	case len(g.List) == 0:
		return nil
	case g.Kind != Produce && g.Kind != Notify:
		return bad("only records and notices are for a list of accounts")
	case g.Asked != "" || !g.Account.IsZero():
		return bad("it names an account beside its list")
	case g.Snapshot != nil || g.Keep != nil:
		return bad("a snapshot is of one account")
	case len(g.List) > MaxList:
		return bad("it lists %d accounts, and %d are the most", len(g.List), MaxList)
	}
	seen := make(map[Account]bool, len(g.List))
	for i, x := range g.List {
		switch {
		case x.Asked == "" || len(x.Asked) > 64:
			return bad("identifier %d of its list is empty or too long", i+1)
		case i > 0 && g.List[i-1].Asked >= x.Asked:
			return bad("its list is not in order, or names an identifier twice")
		case seen[x.Account]:
			return bad("its list names an account twice")
		}
		if !x.Account.IsZero() {
			seen[x.Account] = true
		}
	}
	if len(seen) == 0 {
		return bad("no identifier of its list has an account")
	}
	return nil
}

// ListHash names the list of a grant, for whoever compares two of them.
func (g Grant) ListHash() Hash {
	b, err := Marshal(g.List)
	if err != nil {
		panic(err) // texts and ids always encode
	}
	return hashOf("letterlock grant list v1\x00", b)
}

// listLines says of a list whom it is about: each of a few, of many how many.
func (g Grant) listLines() []Line {
	if len(g.List) == 0 {
		return []Line{{"Account", g.Asked + " (account " + g.Account.String() + ")"}}
	}
	none := 0
	var each []string
	for _, x := range g.List {
		if x.Account.IsZero() {
			none++
			each = append(each, x.Asked+" (no such account)")
			continue
		}
		each = append(each, x.Asked+" (account "+x.Account.String()+")")
	}
	l := []Line{{"Accounts", fmt.Sprintf("%d identifiers, of which %d have an account", len(g.List), len(g.List)-none)}}
	if len(each) > MaxOfTwo {
		return append(l, Line{"The list", fmt.Sprintf("from %s to %s, SHA-256 %s", g.List[0].Asked, g.List[len(g.List)-1].Asked, g.ListHash())})
	}
	return append(l, Line{"The list", strings.Join(each, "; ")})
}
