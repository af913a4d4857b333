package casefile

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"letterlock/disclosable"
	"letterlock/law"
)

// AccountState is where one account of a request stands.
type AccountState struct {
	Number   int // in the request, from 1
	Kind     law.TargetKind
	Name     string    // as the request has it
	Looked   time.Time // zero: not looked up
	Exists   bool
	Left     []Item // items that the decision does not produce for it
	Came     Came   // of its release; empty: nothing yet
	Released time.Time
	Packed   bool // it lies in a package
	Told     time.Time
}

// Account is that state in one word.
type Account string

// The words, the last that is true of an account.
const (
	AccountOpen     Account = "not looked up"
	AccountFound    Account = "has an account"
	AccountNone     Account = "has no account"
	AccountNarrowed Account = "left out by the decision"
	AccountReleased Account = "records released"
	AccountNothing  Account = "released: nothing was there"
	AccountLost     Account = "released, and destroyed unread"
)

// Accounts are all of them, for whoever filters by one.
var Accounts = []Account{AccountOpen, AccountFound, AccountNone, AccountNarrowed, AccountReleased, AccountNothing, AccountLost}

// Word is where the account stands; wanted is how many items were asked for.
func (a AccountState) Word(wanted int) Account {
	switch {
	case a.Came == CameGiven:
		return AccountReleased
	case a.Came == CameLost:
		return AccountLost
	case a.Came != "":
		return AccountNothing
	case !a.Looked.IsZero() && !a.Exists:
		return AccountNone
	case len(a.Left) > 0 && len(a.Left) == wanted:
		return AccountNarrowed
	case a.Looked.IsZero():
		return AccountOpen
	}
	return AccountFound
}

// AccountStates are the accounts of a request and where each stands. A list of
// 10,000 is gone through once for each grant and each narrowed item.
func (c Case) AccountStates() []AccountState {
	out := make([]AccountState, len(c.Demand.Targets))
	for i, t := range c.Demand.Targets {
		r := c.Resolutions[i]
		out[i] = AccountState{Number: i + 1, Kind: t.Kind, Name: t.Identifier, Looked: r.At, Exists: r.Exists}
	}
	for _, item := range c.Demand.Wanted {
		d, decided := c.Decisions[item]
		if !decided || d.Verdict != Narrow {
			continue
		}
		kept := map[int]bool{}
		for _, t := range d.Targets {
			kept[t] = true
		}
		for i := range out {
			if !kept[i] {
				out[i].Left = append(out[i].Left, item)
			}
		}
	}
	for _, g := range c.Grants {
		g.accounts(out, c.Packages)
	}
	return out
}

func (g GrantState) accounts(out []AccountState, packages []Package) {
	if g.Grant.Kind != disclosable.Produce && g.Grant.Kind != disclosable.Notify {
		return
	}
	set := func(target int, came Came, at time.Time, packed bool) {
		switch a := &out[target]; {
		case came == "":
		case g.Grant.Kind == disclosable.Produce:
			a.Came, a.Released, a.Packed = came, at, packed
		case came == CameGiven:
			a.Told = at
		}
	}
	if g.IsList() {
		for place, t := range g.List.Targets {
			set(t, g.List.Came[place], g.List.At[place], g.List.In[place] <= g.List.Packed)
		}
		return
	}
	if !g.Used.IsZero() {
		set(g.Target, CameGiven, g.Used, slices.ContainsFunc(packages, func(p Package) bool { return !p.Made.Before(g.Used) }))
	}
}

// ForAgency is what the agency may see of it: what lies in a package that was
// made for it, and that there is no account once it was answered; before that,
// not even whether one exists.
func (a AccountState) ForAgency(answered bool) AccountState {
	a.Told = time.Time{}
	if answered && (a.Packed || a.Came == "" && !a.Exists && !a.Looked.IsZero()) {
		return a
	}
	left := a.Left
	if !answered {
		left = nil
	}
	return AccountState{Number: a.Number, Kind: a.Kind, Name: a.Name, Left: left}
}

// Fits reports an account whose identifier, or place in the request, was asked
// for. Spaces and dashes hide nothing.
func (a AccountState) Fits(find string) bool {
	plain := func(s string) string {
		return strings.ToLower(strings.Map(func(r rune) rune {
			if strings.ContainsRune(" -().\u00a0\u2011", r) {
				return -1
			}
			return r
		}, s))
	}
	return strings.Contains(plain(a.Name), plain(find)) || "#"+strconv.Itoa(a.Number) == strings.TrimSpace(find)
}

// WriteAccounts writes them as CSV, one by one.
func WriteAccounts(out io.Writer, all []AccountState, say func(AccountState) string, heads ...string) error {
	w := csv.NewWriter(out)
	if err := w.Write(heads); err != nil {
		return err
	}
	for _, a := range all {
		at := ""
		if !a.Released.IsZero() {
			at = a.Released.UTC().Format(time.RFC3339)
		}
		if err := w.Write([]string{strconv.Itoa(a.Number), a.Name, say(a), at}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
