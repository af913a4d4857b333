package signaltest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"letterlock/signal"
)

// Recording is what an official library sent in a conversation, with all that
// is needed to open it again without that library: a known answer. Each step
// stands alone, from the session as it was stored then; so a recording also
// holds this package to the records it once wrote.
type Recording struct {
	Library      string // which, and its version
	SPQROptional bool
	Ours, Theirs signal.Address
	Identity     []byte // our private keys
	Registration uint32
	Signed       []byte
	Kyber        []byte
	OneTime      [][]byte
	Steps        []Step
	Group        signal.Distribution
	Distribution []byte // of their chain
	GroupSteps   []Step
}

// Step is one message of theirs.
type Step struct {
	Session []byte // our record before it; empty: none
	Type    signal.MessageType
	Body    []byte
	Text    string
}

// Record begins a recording with a device's keys.
func Record(library string, optional bool, ours, theirs signal.Address, k Keys) Recording {
	r := Recording{Library: library, SPQROptional: optional, Ours: ours, Theirs: theirs, Identity: k.Identity.Serialize(), Registration: k.RegistrationID,
		Signed: k.Signed[0].Serialize(), Kyber: k.Kyber[0].Serialize()}
	for _, o := range k.OneTime {
		r.OneTime = append(r.OneTime, o.Serialize())
	}
	return r
}

func (r Recording) keys() (k Keys, err error) {
	k.RegistrationID = r.Registration
	if k.Identity, err = signal.ParseIdentityKeyPair(r.Identity); err != nil {
		return k, err
	}
	signed, err := signal.ParseSignedPreKey(r.Signed)
	if err != nil {
		return k, err
	}
	kyber, err := signal.ParseKyberPreKey(r.Kyber)
	if err != nil {
		return k, err
	}
	k.Signed, k.Kyber = append(k.Signed, signed), append(k.Kyber, kyber)
	for _, b := range r.OneTime {
		o, err := signal.ParsePreKey(b)
		if err != nil {
			return k, err
		}
		k.OneTime = append(k.OneTime, o)
	}
	return k, nil
}

// device is ours on a store of its own.
func (r Recording) device() (*signal.Device, *Memory, error) {
	k, err := r.keys()
	if err != nil {
		return nil, nil, err
	}
	m := NewMemory(k)
	d, err := signal.New(signal.Config{Local: r.Ours, Store: m, Now: time.Now, SPQROptional: r.SPQROptional})
	return d, m, err
}

// Replay opens everything again, and says which step does not open as it did.
func (r Recording) Replay(ctx context.Context) error {
	for i, s := range r.Steps {
		d, m, err := r.device()
		if err != nil {
			return err
		}
		if len(s.Session) > 0 {
			err = m.Update(ctx, r.Theirs, func(tx signal.Tx) error { return tx.StoreSession(r.Theirs, s.Session) })
			if err != nil {
				return err
			}
		}
		got, err := d.Decrypt(ctx, r.Theirs, signal.Message{Type: s.Type, Body: s.Body})
		if err := s.compare(got, err); err != nil {
			return fmt.Errorf("%s, message %d: %w", r.Library, i, err)
		}
	}
	d, _, err := r.device()
	if err != nil {
		return err
	}
	if _, err := d.AcceptDistribution(ctx, r.Theirs, r.Distribution); err != nil {
		return fmt.Errorf("%s, distribution: %w", r.Library, err)
	}
	for i, s := range r.GroupSteps {
		got, err := d.DecryptGroup(ctx, r.Theirs, signal.Message{Type: signal.TypeSenderKey, Body: s.Body})
		if err := s.compare(got, err); err != nil {
			return fmt.Errorf("%s, message %d to the group: %w", r.Library, i, err)
		}
	}
	return nil
}

func (s Step) compare(got []byte, err error) error {
	if err != nil {
		return err
	}
	if string(got) != s.Text {
		return fmt.Errorf("opened %q, recorded as %q", got, s.Text)
	}
	return nil
}

// ReadRecording reads what a Recording marshals to.
func ReadRecording(b []byte) (r Recording, err error) { return r, json.Unmarshal(b, &r) }
