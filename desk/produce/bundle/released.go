package bundle

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"letterlock/disclosable"
	"letterlock/ledger/proof"
)

// release is what the carrier's ledger says about one: the grant it used and
// the hash of the records that left.
type release struct {
	Grant   disclosable.Hash `cbor:"grant"`
	Records disclosable.Hash `cbor:"records"`
	List    []listed         `cbor:"list"` // of a batch of a list: what came of each account
}

// listed is one account of a batch.
type listed struct {
	_       struct{} `cbor:",toarray"`
	Place   int
	Outcome string
	Records disclosable.Hash
}

// place is one account of one list.
type place struct {
	grant disclosable.Hash
	at    int
}

// releaseKind is the carrier's record of a release that has happened.
const releaseKind = "release.done"

// recordsHash is how the carrier hashes what it hands out.
func recordsHash(records []disclosable.Record) (disclosable.Hash, error) {
	b, err := disclosable.Marshal(records)
	return sha256.Sum256(b), err
}

// released ties a ledger's record to a grant in the package and, through it, to
// the records: they are the very ones that left the carrier.
func (n *inside) released(e proof.Entry, ledger string) error {
	if e.Kind == tracedKind {
		return n.started(e, ledger)
	}
	if e.Kind != releaseKind {
		return nil
	}
	if !ofCarrier(ledger) {
		return fmt.Errorf("a release is recorded by the carrier, and %s is not its ledger", ledger)
	}
	var r release
	if err := cbor.Unmarshal(e.Body, &r); err != nil {
		return errors.New("its record of the release cannot be read")
	}
	account, ok := n.accounts[r.Grant]
	if g, is := n.lists[r.Grant]; is {
		return n.batch(g, r)
	}
	if !ok {
		return fmt.Errorf("it is about grant %s, which is not in the package", r.Grant)
	}
	if n.proven[r.Grant] {
		return errors.New("the same grant is used twice")
	}
	n.proven[r.Grant] = true
	return n.ofAccount(account, r.Records)
}

func (n *inside) ofAccount(account disclosable.Account, records disclosable.Hash) error {
	n.wanted[account] = append(n.wanted[account], records)
	if len(n.grantsOf[account]) > 1 {
		return nil // their records lie together: see together
	}
	return n.sameRecords(account, records)
}

// batch ties a batch of a list to its accounts: each came once, and its records
// are the very ones.
func (n *inside) batch(g disclosable.Grant, r release) error {
	n.proven[r.Grant] = true
	for _, x := range r.List {
		at := place{r.Grant, x.Place}
		if x.Place < 0 || x.Place >= len(g.List) || n.placed[at] {
			return fmt.Errorf("it is about account %d of the list, which is not there or came before", x.Place+1)
		}
		n.placed[at] = true
		if x.Outcome != "given" {
			continue
		}
		if err := n.ofAccount(g.List[x.Place].Account, x.Records); err != nil {
			return err
		}
	}
	return nil
}

// listsProven finds an account of a list whose records are here while no proof
// tells of them.
func (n *inside) listsProven() error {
	if len(n.lists) == 0 || n.records == nil {
		return nil
	}
	for account := range n.records.result.sums {
		if len(n.wanted[account]) == 0 {
			return fmt.Errorf("nothing shows that the records of account %s were released", account)
		}
	}
	return nil
}

// ofCarrier tells the carrier's ledgers by their names, HOST/carrier and
// HOST/carrier-sealed. The desk, which packs, keeps ledgers too, and its keys
// are in the provider's key file as well.
func ofCarrier(ledger string) bool {
	half := ledger[strings.LastIndex(ledger, "/")+1:]
	return half == "carrier" || half == "carrier-sealed"
}

func (n *inside) sameRecords(account disclosable.Account, want disclosable.Hash) error {
	sums := n.records.result.sums[account]
	if len(sums) == 0 {
		for _, none := range [][]disclosable.Record{nil, {}} {
			if h, err := recordsHash(none); err == nil && h == want {
				return nil
			}
		}
		return fmt.Errorf("records of account %s were released and are not in the package", account)
	}
	if len(sums) != 1 || sums[0] != want {
		return fmt.Errorf("the records of account %s are not the ones that the carrier released", account)
	}
	return nil
}

// together checks the accounts for which there are several grants: one after
// another, their records must be what the carrier released under each.
func (n *inside) together() error {
	if err := n.listsProven(); err != nil {
		return err
	}
	for account, grants := range n.grantsOf {
		if len(grants) < 2 {
			continue
		}
		want := map[disclosable.Hash]int{}
		for _, sum := range n.wanted[account] {
			want[sum]++
		}
		for _, none := range [][]disclosable.Record{nil, {}} { // grants that released no value
			if h, err := recordsHash(none); err == nil {
				delete(want, h)
			}
		}
		if !splits(n.records.result.kept[account], want) {
			return fmt.Errorf("the records of account %s are not the ones that the carrier released under its %d grants", account, len(grants))
		}
	}
	return nil
}

// splits says whether the records fall, in order, into pieces with these hashes
// and nothing is left of either. That a hash fits two pieces does not happen, so
// the first that fits is the one.
func splits(records []disclosable.Record, want map[disclosable.Hash]int) bool {
	for at := 0; at < len(records); {
		size := 0
		for n := 1; at+n <= len(records) && n <= disclosable.MaxFields*maxOfField && size == 0; n++ {
			h, err := recordsHash(records[at : at+n])
			if err == nil && want[h] > 0 {
				want[h]--
				size = n
			}
		}
		if size == 0 {
			return false
		}
		at += size
	}
	for _, left := range want {
		if left > 0 {
			return false
		}
	}
	return true
}

// maxOfField bounds how many records of one field one grant releases, such as
// an account's devices.
const maxOfField = 16

// unproven is a grant whose release no ledger shows, if there is one.
func (n *inside) unproven() (disclosable.Hash, bool) {
	for h := range n.accounts {
		if !n.proven[h] {
			return h, true
		}
	}
	return disclosable.Hash{}, false
}

// group collects the records of one account while they come one after another.
type group struct {
	account disclosable.Account
	records []disclosable.Record
}

// add takes a record and, when the account changes, sums up the one before.
func (r *recordResult) add(one disclosable.Record) error {
	if len(r.group.records) > 0 && r.group.account != one.Account {
		if err := r.sum(); err != nil {
			return err
		}
	}
	r.group.account = one.Account
	r.group.records = append(r.group.records, one)
	return nil
}

func (r *recordResult) sum() error {
	if len(r.group.records) == 0 {
		return nil
	}
	if a := r.group.account; r.several[a] {
		r.kept[a] = append(r.kept[a], r.group.records...)
	}
	h, err := recordsHash(r.group.records)
	r.sums[r.group.account] = append(r.sums[r.group.account], h)
	clear(r.group.records)
	r.group.records = r.group.records[:0]
	return err
}
