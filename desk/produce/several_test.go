package produce_test

import (
	"slices"
	"testing"

	"letterlock/desk/produce"
	"letterlock/disclosable"
	"letterlock/internal/lang"
)

// twice is a production under two grants for one account: what each released is
// in the carrier's ledger by itself.
func twice(t *testing.T, c *cast, first, second []disclosable.Record, packed ...disclosable.Record) produce.Input {
	t.Helper()
	in := c.input(t)
	in.Grants = []produce.Grant{c.grant(t, 1, "name", "phone"), c.grant(t, 1, "last_seen", "service_start")}
	in.Records, in.Proofs = list(packed...), nil
	for i, released := range [][]disclosable.Record{first, second} {
		in.Proofs = append(in.Proofs, produce.Proof{About: lang.Say("the release by the carrier"),
			Bytes: c.proofOf(t, caseNumber, release(t, in.Grants[i].Signed.Grant, released))})
	}
	return in
}

func TestSeveralGrantsForOneAccountAreEachHeldAgainstTheLedger(t *testing.T) {
	c := newCast(t)
	rec := func(f disclosable.FieldID, v string) disclosable.Record {
		return disclosable.Record{Account: account(1), Field: f, Value: v}
	}
	phone, name, seen, since := rec("phone", number(1)), rec("name", "Ana"), rec("last_seen", "2026-11-19"), rec("service_start", "2024-03-07")
	one, two := []disclosable.Record{phone, name}, []disclosable.Record{since, seen}
	if r := c.verify(c.opened(t, twice(t, c, one, two, phone, name, since, seen))); !r.OK() {
		t.Errorf("what was released does not hold:\n%s", text(r))
	}
	if r := c.verify(c.opened(t, twice(t, c, one, nil, phone, name))); !r.OK() {
		t.Errorf("a grant that released nothing:\n%s", text(r))
	}
	for what, packed := range map[string][]disclosable.Record{
		"another value":        {phone, rec("name", "Ben"), since, seen},
		"one left out":         {phone, name, since},
		"one twice":            {phone, name, name, since, seen},
		"moved between grants": {phone, since, name, seen},
		"a whole grant gone":   {phone, name},
	} {
		t.Run(what, func(t *testing.T) {
			fails(t, c.verify(c.opened(t, twice(t, c, one, two, slices.Clone(packed)...))), "ledger", "not the ones that the carrier released")
		})
	}
}
