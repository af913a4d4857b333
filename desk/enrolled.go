package desk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/produce/bundle"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
)

// enrolments keep in the ledger which passkeys may sign certificates, from
// their enrolment on: a certificate carries the proof, so that a court sees that
// no key was put in afterwards. The record is a hash, and the ledger shows only
// a salted one of it.
type enrolments struct {
	conf  Config
	mu    sync.Mutex
	last  time.Time
	noted map[string]bool
}

// lookEvery is how often the clock looks for passkeys that are not on record.
const lookEvery = time.Minute

// Note records what is new, if the last look is some time ago.
func (e *enrolments) Note(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.conf.Clock.Now()
	if since := now.Sub(e.last); since >= 0 && since < lookEvery {
		return nil
	}
	if err := e.note(ctx, now); err != nil {
		return err
	}
	e.last = now
	return nil
}

// Now records what is new: a custodian is about to sign.
func (e *enrolments) Now(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.note(ctx, e.conf.Clock.Now())
}

func (e *enrolments) note(ctx context.Context, now time.Time) error {
	keys, err := staff.CustodianKeys(ctx, e.conf.Staff)
	if err != nil {
		return err
	}
	for _, k := range keys {
		hash := bundle.EnrolHash(bundle.Holder{Holder: strings.TrimSpace(k.Name), ID: k.Key.ID, Public: k.Key.Public, RPID: e.conf.ConsoleSite.ID, Origin: e.conf.ConsoleSite.Origin})
		name := enrolMark(hash)
		if e.noted[name] {
			continue
		}
		_, err := e.conf.Marks.Mark(ctx, name)
		if fault.Is(err, fault.NotFound) {
			err = e.keep(ctx, name, casefile.Record{Kind: bundle.EnrolKind, At: now, Body: hash[:]})
		}
		if err != nil {
			return err
		}
		if e.noted == nil {
			e.noted = map[string]bool{}
		}
		e.noted[name] = true
	}
	return nil
}

func (e *enrolments) keep(ctx context.Context, name string, r casefile.Record) error {
	receipt, err := Recorder{Public: e.conf.Ledger, Sealed: e.conf.Vault}.Keep(ctx, r)
	if err != nil {
		return err
	}
	return e.conf.Marks.SetMark(ctx, name, receipt)
}

func enrolMark(hash [32]byte) string { return "custodian-key:" + hex.EncodeToString(hash[:]) }

// proof is the ledger's proof for a passkey. Unavailable until the record is in
// the tree.
func (e *enrolments) proof(ctx context.Context, h bundle.Holder) ([]byte, error) {
	b, err := e.conf.Marks.Mark(ctx, enrolMark(bundle.EnrolHash(h)))
	if fault.Is(err, fault.NotFound) {
		return nil, errors.New("the custodian's passkey is not in the ledger")
	}
	if err != nil {
		return nil, fmt.Errorf("read the receipt of a passkey: %w", err)
	}
	return proofOf(e.conf.Ledger, b)
}
