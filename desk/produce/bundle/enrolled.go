package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// EnrolKind is the ledger's record that a passkey may sign certificates.
const EnrolKind = "custodian.keyed"

// EnrolHash is the body of that record: whose passkey it is, and which. Each
// part follows its length, so that no two keys have one form.
func EnrolHash(h Holder) [32]byte {
	b := []byte("letterlock custodian key v1\x00")
	for _, part := range [][]byte{[]byte(h.Holder), h.ID, h.Public, []byte(h.RPID), []byte(h.Origin)} {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(part))), part...)
	}
	return sha256.Sum256(b)
}

// enrolment says what the ledger shows of the passkey that signed: that it was
// this custodian's before they signed, and not put there afterwards.
func (c *Certificate) enrolment(report *Report, trust Trust) {
	if len(c.Enrolled) == 0 {
		report.note("custodian-ledger", "No ledger proof shows when this passkey became the custodian's.")
		return
	}
	keys, rests := trust.Ledgers, ""
	if len(keys) == 0 {
		keys, rests = report.Manifest.LedgerKeys, " That it is the provider's ledger rests on the package."
	}
	v, err := c.inLedger(keys)
	if err != nil {
		report.fails("custodian-ledger", fmt.Sprintf("The ledger proof of the custodian's passkey does not hold: %s.", err))
		return
	}
	report.holds("custodian-ledger", fmt.Sprintf("The ledger %s shows that this passkey was enrolled for %s on %s, before the certificate was signed: leaf %d of %d, under the checkpoint of %s.%s",
		v.Checkpoint.Origin, c.Signer.Holder, day(v.Entry.Recorded), v.Index, v.Checkpoint.Size, day(v.Checkpoint.Time), rests))
}

func (c *Certificate) inLedger(keys []string) (proof.Verified, error) {
	var none proof.Verified
	k, err := proof.ParseKeys(keys...)
	if err != nil {
		return none, errors.New("the keys of the ledgers cannot be read")
	}
	p, err := proof.Parse(c.Enrolled)
	if err != nil {
		return none, said(err)
	}
	v, err := p.Verify(k)
	if err != nil {
		return none, said(err)
	}
	hash := EnrolHash(c.Signer)
	switch {
	case v.Entry.Kind != EnrolKind || !bytes.Equal(v.Entry.Body, hash[:]):
		return none, errors.New("it is about something else than this passkey")
	case v.Entry.Recorded.Truncate(time.Second).After(c.Statement.Signed):
		return none, fmt.Errorf("the passkey was enrolled on %s, after the certificate was signed", day(v.Entry.Recorded))
	}
	return v, nil
}

func said(err error) error { return errors.New(strings.TrimSuffix(fault.Say(err), ".")) }
