package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// maxInside bounds what is held in memory of one small file.
const maxInside = 4 << 20

// inside looks into the files that say who allowed what, while they pass, and
// judges them once all are known to be the signed ones.
type inside struct {
	report  *Report
	trust   Trust
	pending *bytes.Buffer // the file that is passing
	name    string

	grants  [][]byte
	signed  [][]byte
	proofs  []byte
	traced  []byte                                 // trace.json
	traces  map[disclosable.Hash]disclosable.Grant // grants to trace
	receipt []byte                                 // nil: there is none
	records *recordReader

	accounts map[disclosable.Hash]disclosable.Account   // of each grant
	grantsOf map[disclosable.Account][]disclosable.Hash // grants of each account
	wanted   map[disclosable.Account][]disclosable.Hash // sums of what was released of each account, by the ledger
	lists    map[disclosable.Hash]disclosable.Grant     // grants that list accounts
	placed   map[place]bool                             // of lists: what a proof told of already
	proven   map[disclosable.Hash]bool                  // grants whose release a ledger shows
}

// look returns what a file is to be copied to, or nil.
func (n *inside) look(e Entry) io.Writer {
	n.take()
	n.name = e.Name
	switch {
	case e.Name == RecordsJSON:
		n.records = readRecords(n.several())
		return n.records
	case (e.Name == ProofName || e.Name == ReceiptName || e.Name == TraceJSON || isGrant(e.Name) || isSignatures(e.Name)) && e.Size <= maxInside:
		n.pending = new(bytes.Buffer)
		return n.pending
	}
	return nil
}

func isSignatures(name string) bool { return strings.HasSuffix(name, "-signatures.cbor") }
func isGrant(name string) bool      { return strings.HasSuffix(name, ".cbor") && !isSignatures(name) }

// several are the accounts that more than one of the grants so far names. The
// grants stand before the records; whether they hold is judged later.
func (n *inside) several() map[disclosable.Account]bool {
	seen, out := map[disclosable.Account]bool{}, map[disclosable.Account]bool{}
	for _, raw := range n.grants {
		if g, err := disclosable.ParseGrant(raw); err == nil && g.Kind == disclosable.Produce {
			for a := range g.Each() {
				out[a] = out[a] || seen[a]
				seen[a] = true
			}
		}
	}
	return out
}

// take puts the file that has passed where it belongs.
func (n *inside) take() {
	if n.pending == nil {
		return
	}
	b := n.pending.Bytes()
	n.pending = nil
	switch {
	case n.name == ProofName:
		n.proofs = b
	case n.name == TraceJSON:
		n.traced = b
	case n.name == ReceiptName:
		n.receipt = b
	case isSignatures(n.name):
		n.signed = append(n.signed, b)
	default:
		n.grants = append(n.grants, b)
	}
}

func (n *inside) close() {
	n.take()
	if n.records != nil {
		n.records.close()
	}
}

// judge makes the checks that need the contents.
func (n *inside) judge() {
	allowed := n.judgeGrants()
	n.judgeRecords(allowed)
	n.judgeTrace()
	n.judgeProofs()
}

// permission is one field of one account.
type permission struct {
	account disclosable.Account
	field   disclosable.FieldID
}

// judgeGrants checks that each grant is for this case and that two different
// people signed it.
func (n *inside) judgeGrants() map[permission]bool {
	allowed := map[permission]bool{}
	n.traces = map[disclosable.Hash]disclosable.Grant{}
	n.accounts, n.proven = map[disclosable.Hash]disclosable.Account{}, map[disclosable.Hash]bool{}
	n.grantsOf, n.wanted = map[disclosable.Account][]disclosable.Hash{}, map[disclosable.Account][]disclosable.Hash{}
	n.lists, n.placed = map[disclosable.Hash]disclosable.Grant{}, map[place]bool{}
	if len(n.grants) != len(n.signed) {
		n.report.fails("grants", fmt.Sprintf("There are %d grants and %d files of signatures.", len(n.grants), len(n.signed)))
		return allowed
	}
	if len(n.grants) == 0 {
		n.report.note("grants", "The package holds no grant, because no record was released.")
		return allowed
	}
	var people []string
	for i, raw := range n.grants {
		g, who, err := n.grant(raw, n.signed[i])
		if err != nil {
			n.report.fails("grants", fmt.Sprintf("Grant %d of %d does not hold: %s.", i+1, len(n.grants), err))
			return map[permission]bool{}
		}
		h := disclosable.GrantHash(raw)
		n.accounts[h] = g.Account
		if g.Kind == disclosable.Trace {
			n.traces[h] = g
		} else {
			for a := range g.Each() {
				n.grantsOf[a] = append(n.grantsOf[a], h)
			}
		}
		if len(g.List) > 0 {
			n.lists[h] = g
		}
		for a := range g.Each() {
			for _, f := range g.Fields {
				allowed[permission{a, f}] = true
			}
		}
		for _, h := range who {
			name := h.Holder
			if h.Demo {
				name += " (DEMO key)"
			}
			if !slices.Contains(people, name) {
				people = append(people, name)
			}
		}
	}
	n.grantsHold(people)
	return allowed
}

func (n *inside) grantsHold(people []string) {
	slices.Sort(people)
	what := "The release was signed"
	if len(n.grants) > 1 {
		what = fmt.Sprintf("Each of the %d releases was signed", len(n.grants))
	}
	n.report.holds("grants", fmt.Sprintf("%s, field by field, by two different people with their own passkeys: %s.", what, strings.Join(people, ", ")))
	if len(n.trust.Holders) == 0 {
		n.report.note("reviewers", "That these are the provider's reviewers rests on the package: the key file given does not name any.")
	}
}

func (n *inside) grant(raw, sigs []byte) (disclosable.Grant, []Holder, error) {
	g, err := disclosable.ParseGrant(raw)
	if err != nil {
		return g, nil, errors.New(fault.Say(err))
	}
	if g.Kind != disclosable.Produce && g.Kind != disclosable.Trace || g.Case != n.report.Manifest.Case {
		return g, nil, fmt.Errorf("it is not for producing in case %s", n.report.Manifest.Case)
	}
	who, err := twoSigned(raw, sigs)
	if err == nil {
		err = listSigned(g, who)
	}
	if err != nil {
		return g, nil, err
	}
	for _, h := range who {
		if len(n.trust.Holders) > 0 && !slices.ContainsFunc(n.trust.Holders, h.same) {
			return g, nil, fmt.Errorf("%s is not one of the reviewers that the key file names", h.Holder)
		}
	}
	return g, who, nil
}

// judgeRecords checks that nothing was handed out that was not signed for.
func (n *inside) judgeRecords(allowed map[permission]bool) {
	m := n.report.Manifest
	if n.records == nil {
		n.report.fails("records", fmt.Sprintf("There is no %s.", RecordsJSON))
		return
	}
	r := n.records.result
	switch {
	case r.err != nil:
		n.report.fails("records", fmt.Sprintf("%s cannot be read: %s.", RecordsJSON, r.err))
	case r.head.Package != m.Package || r.head.Case != m.Case:
		n.report.fails("records", "The records are of another package.")
	case r.count != m.Records || r.stated != m.Records:
		n.report.fails("records", fmt.Sprintf("The manifest speaks of %d records, and there are %d.", m.Records, r.count))
	default:
		for p := range r.seen {
			if !allowed[p] {
				n.report.fails("records", fmt.Sprintf("The field %q of account %s was handed out, and no signed grant names it.", p.field, p.account))
				return
			}
		}
		if m.Records == 0 {
			n.report.holds("records", "It holds no record, as its manifest says.")
			return
		}
		if m.Records == 1 {
			n.report.holds("records", "The one record lies within the fields and the account that were signed for.")
			return
		}
		n.report.holds("records", fmt.Sprintf("All %d records lie within the fields and accounts that were signed for, and no other.", m.Records))
	}
}

// judgeProofs checks that the release is in a ledger.
func (n *inside) judgeProofs() {
	var p Proofs
	if err := strict(n.proofs, &p); err != nil || p.Format != ProofFormat {
		n.report.fails("ledger", fmt.Sprintf("%s cannot be read.", ProofName))
		return
	}
	if len(p.Proofs) == 0 {
		if n.report.Manifest.Records > 0 {
			n.report.fails("ledger", "Records were handed out, and nothing shows that this is in the provider's ledger.")
		} else {
			n.report.note("ledger", "The package holds no ledger proof, because no record was released.")
		}
		return
	}
	keys, trusted := n.ledgerKeys()
	k, err := proof.ParseKeys(keys...)
	if err != nil {
		n.report.fails("ledger", "The keys of the ledgers cannot be read.")
		return
	}
	told := ""
	for _, one := range p.Proofs {
		if told, err = n.proof(one, k); err != nil {
			n.report.fails("ledger", fmt.Sprintf("The proof for %q does not hold: %s.", one.About, err))
			return
		}
		if len(p.Proofs) <= spelled {
			n.report.holds("ledger", told)
		}
	}
	if n.receipt != nil && !slices.ContainsFunc(p.Proofs, n.filing) {
		n.report.fails("receipt", fmt.Sprintf("%s is not the proof that this request was filed.", ReceiptName))
		return
	}
	if h, missing := n.unproven(); missing {
		n.report.fails("ledger", fmt.Sprintf("Nothing shows that the release under grant %s is in the provider's ledger.", h))
		return
	}
	if err := n.together(); err != nil {
		n.report.fails("ledger", fmt.Sprintf("The proofs do not fit the records: %s.", err))
		return
	}
	if len(p.Proofs) > spelled {
		n.report.holds("ledger", fmt.Sprintf("All %d acts are in the ledger. The last: %s", len(p.Proofs), told))
	}
	if !trusted {
		n.report.note("ledger-keys", "That this is the provider's ledger rests on the package: the key file given names no ledger.")
	}
}

// spelled is how many proofs get a line of their own.
const spelled = 3

// filing reports the proof that receipt.proof repeats: the request was filed,
// so the transparency report must count it.
func (n *inside) filing(p Proof) bool {
	if p.Kind != "case.filed" || p.Case != n.report.Manifest.Case || !bytes.Equal(p.Bytes, n.receipt) {
		return false
	}
	n.report.holds("receipt", fmt.Sprintf("%s shows that this request was filed: the provider's transparency report must count it.", ReceiptName))
	return true
}

func (n *inside) ledgerKeys() (keys []string, trusted bool) {
	if len(n.trust.Ledgers) > 0 {
		return n.trust.Ledgers, true
	}
	return n.report.Manifest.LedgerKeys, false
}

// proof verifies one proof, and that its words say what it proves.
func (n *inside) proof(p Proof, keys proof.Keys) (string, error) {
	parsed, err := proof.Parse(p.Bytes)
	if err != nil {
		return "", errors.New(strings.TrimSuffix(fault.Say(err), "."))
	}
	v, err := parsed.Verify(keys)
	if err != nil {
		return "", errors.New(strings.TrimSuffix(fault.Say(err), "."))
	}
	words, err := Describe(p.About, p.Bytes)
	if err != nil || !sameWords(words, p) {
		return "", errors.New("its words do not say what it proves")
	}
	if !n.names(v.Entry) {
		return "", errors.New("it proves something about another case")
	}
	if err := n.released(v.Entry, v.Checkpoint.Origin); err != nil {
		return "", err
	}
	text := fmt.Sprintf("%s is in the ledger %s: record %q of %s, leaf %d of %d, under the checkpoint of %s",
		capital(p.About), v.Checkpoint.Origin, v.Entry.Kind, day(v.Entry.Recorded), v.Index, v.Checkpoint.Size, day(v.Checkpoint.Time))
	if who := v.Checkpoint.Cosigners; len(who) > 0 {
		text += ", co-signed by " + who[0].Name
	}
	return text + ".", nil
}

// names says whether a ledger's record is about this case or one of the grants.
func (n *inside) names(e proof.Entry) bool {
	if e.Case != "" {
		return e.Case == n.report.Manifest.Case
	}
	return slices.ContainsFunc(n.grants, func(g []byte) bool {
		h := disclosable.GrantHash(g)
		return bytes.Contains(e.Body, h[:]) || bytes.Contains(e.Body, []byte(h.String()))
	})
}

func sameWords(a, b Proof) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}

func capital(s string) string {
	if s == "" {
		return "An act"
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
